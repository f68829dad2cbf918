# Command lines from attribute sets.
{ lib }:
let
  inherit (builtins) concatLists concatMap isBool isList stringLength;
  plainArgument = lib.generators.mkValueStringDefault { };
  deprecated =
    old: new:
    lib.warnIf (lib.oldestSupportedReleaseIsAtLeast 2511) "lib.cli.${old} is deprecated, please use lib.cli.${new} or lib.cli.toCommandLineShellGNU instead.";
  forShell = render: style: options: lib.escapeShellArgs (render style options);
in
rec {
  # `style name` says how an option is spelled: `option`, `sep` (null: the
  # argument stands by itself), `explicitBool`, `formatArg`.
  toCommandLine =
    style:
    let
      render =
        name:
        let
          spelled =
            {
              option,
              sep,
              explicitBool,
              formatArg ? plainArgument,
            }:
            value:
            if value == null || (!explicitBool && value == false) then
              [ ]
            else if !explicitBool && value == true then
              [ option ]
            else if sep == null then
              [ option (formatArg value) ]
            else
              [ "${option}${sep}${formatArg value}" ];
        in
        spelled (style name);
      option =
        name: value:
        if name == "" then
          throw "lib.cli.toCommandLine only accepts non-empty option names."
        else if isList value then
          concatMap (render name) value
        else
          render name value;
    in
    options: concatLists (lib.mapAttrsToList option options);
  toCommandLineShell = forShell toCommandLine;

  toCommandLineGNU =
    {
      isLong ? name: stringLength name > 1,
      explicitBool ? false,
      formatArg ? plainArgument,
    }:
    toCommandLine (
      name:
      { inherit explicitBool formatArg; }
      // (if isLong name then { option = "--" + name; sep = "="; } else { option = "-" + name; sep = ""; })
    );
  toCommandLineShellGNU = forShell toCommandLineGNU;

  toGNUCommandLine = deprecated "toGNUCommandLine" "toCommandLine" (
    {
      mkOptionName ? name: (if stringLength name == 1 then "-" else "--") + name,
      mkBool ? name: value: lib.optional value (mkOptionName name),
      mkList ? name: concatMap (mkOption name),
      mkOption ?
        name: value:
        if value == null then
          [ ]
        else if optionValueSeparator == null then
          [ (mkOptionName name) (plainArgument value) ]
        else
          [ "${mkOptionName name}${optionValueSeparator}${plainArgument value}" ],
      optionValueSeparator ? null,
    }:
    let
      render =
        name: value:
        if isBool value then
          mkBool name value
        else if isList value then
          mkList name value
        else
          mkOption name value;
    in
    options: concatLists (lib.mapAttrsToList render options)
  );
  toGNUCommandLineShell = deprecated "toGNUCommandLineShell" "toCommandLineShell" (
    forShell toGNUCommandLine
  );
}
