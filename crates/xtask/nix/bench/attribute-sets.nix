let
  names = builtins.genList (index: "name-${toString index}") 200000;
  set = builtins.listToAttrs (map (name: { inherit name; value = name; }) names);
  mapped = builtins.mapAttrs (name: value: name + value) set;
  updated = set // mapped // { more = 1; };
in
builtins.length (builtins.attrNames updated) + builtins.stringLength updated.name-500
