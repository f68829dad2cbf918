let
  text = builtins.concatStringsSep "," (builtins.genList (index: "word${toString index}") 100000);
  parts = builtins.filter builtins.isString (builtins.split "," text);
  matching = builtins.filter (part: builtins.match "word([0-9]*)7" part != null) parts;
  replaced = builtins.replaceStrings [ "word" "1" ] [ "w" "one" ] text;
in
builtins.stringLength (builtins.concatStringsSep "" matching) + builtins.stringLength replaced
