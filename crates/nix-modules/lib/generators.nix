# Texts in other programs' formats. Each generator takes its settings first, so
# that `generator settings` is a plain function of a value.
{ lib }:
let
  inherit (builtins)
    attrNames attrValues concatMap concatStringsSep elem filter isAttrs isBool isFloat isInt isList
    isPath isString length mapAttrs replaceStrings toJSON typeOf
    ;
  # These two know sets with `__functor`.
  inherit (lib.trivial) functionArgs isFunction;
  inherit (lib) isDerivation mapAttrsToList;

  splitLines = text: filter isString (builtins.split "\n" text);
  escapeBrackets = lib.escape [ "[" "]" ];
  subsections = value: isAttrs value && !isDerivation value;

  # { a.b.c = 1; } → { "a.b".c = 1; }: Git knows sections and subsections only.
  flattenSections =
    sections:
    let
      deep = lib.filterAttrs (_: section: isAttrs section && builtins.any subsections (attrValues section)) sections;
      leaves =
        path: value:
        if subsections value then
          concatMap (name: leaves (path ++ [ name ]) value.${name}) (attrNames value)
        else
          [ { inherit path value; } ];
      place =
        done: { path, value }:
        lib.recursiveUpdate done (
          lib.setAttrByPath (
            if length path == 1 then path else [ (concatStringsSep "." (lib.init path)) (lib.last path) ]
          ) value
        );
    in
    removeAttrs sections (attrNames deep) // builtins.foldl' place { } (leaves [ ] deep);
in
rec {
  # -- Keys and values -----------------------------------------------------------

  mkValueStringDefault =
    { }:
    value:
    let
      unsupported = what: shown: abort "generators.mkValueStringDefault: ${what} not supported: ${toPretty { } shown}";
    in
    if isString value then
      value
    else if isInt value || isDerivation value then
      toString value
    else if isBool value then
      lib.boolToString value
    else if value == null then
      "null"
    else if isFloat value then
      lib.strings.floatToString value
    else if isList value then
      unsupported "lists" value
    else if isAttrs value then
      unsupported "attrsets" value
    else if isFunction value then
      unsupported "functions" value
    else
      unsupported "this value is" (toString value);

  mkKeyValueDefault =
    {
      mkValueString ? mkValueStringDefault { },
    }:
    separator: key: value:
    "${lib.escape [ separator ] key}${separator}${mkValueString value}";

  toKeyValue =
    {
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
      indent ? "",
    }:
    let
      line = key: value: indent + mkKeyValue key value + "\n";
      lines =
        key: value:
        if listsAsDuplicateKeys && isList value then concatStringsSep "" (map (line key) value) else line key value;
    in
    set: concatStringsSep "" (mapAttrsToList lines set);

  # -- INI ---------------------------------------------------------------------

  toINI =
    {
      mkSectionName ? escapeBrackets,
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }:
    let
      body = toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; };
      section = name: content: "[${mkSectionName name}]\n${body content}";
    in
    sections: concatStringsSep "\n" (mapAttrsToList section sections);

  toINIWithGlobalSection =
    {
      mkSectionName ? escapeBrackets,
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }:
    {
      globalSection,
      sections ? { },
    }:
    lib.optionalString (globalSection != { }) (
      toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } globalSection + "\n"
    )
    + toINI { inherit mkSectionName mkKeyValue listsAsDuplicateKeys; } sections;

  toGitINI =
    let
      # `a.b.c` is [a "b.c"], unless the name brings its own quotes.
      mkSectionName =
        name:
        let
          parts = builtins.match "([^.]*)\\.(.*)" name;
        in
        if parts == null || lib.hasInfix "\"" name then
          name
        else
          "${builtins.elemAt parts 0} \"${builtins.elemAt parts 1}\"";
      quote = text: "\"${replaceStrings [ "\\" "\"" "\n" "\t" ] [ "\\\\" "\\\"" "\\n" "\\t" ] text}\"";
      assign = mkKeyValueDefault {
        mkValueString = value: if isString value then quote value else mkValueStringDefault { } value;
      } " = ";
      mkKeyValue = key: value: concatStringsSep "\n" (map (item: "\t" + assign key item) (lib.toList value));
      render = toINI { inherit mkKeyValue mkSectionName; };
    in
    sections: render (flattenSections sections);

  mkDconfKeyValue = mkKeyValueDefault { mkValueString = value: toString (lib.gvariant.mkValue value); } "=";
  toDconfINI = toINI { mkKeyValue = mkDconfKeyValue; };

  # -- JSON, and YAML as the superset it is ----------------------------------------

  toJSON = { }: builtins.toJSON;
  toYAML = { }: builtins.toJSON;

  # -- Nix, for people ---------------------------------------------------------

  # Cuts a value off at a depth, so that what prints it comes to an end.
  withRecursion =
    {
      depthLimit,
      throwOnDepthLimit ? true,
    }:
    assert isInt depthLimit;
    let
      # Calling these is up to the printer; they are no content.
      opaque = [ "__functor" "__functionArgs" "__toString" "__pretty" ];
      limited =
        depth: value:
        if depth <= depthLimit then
          value
        else if throwOnDepthLimit then
          throw "Exceeded maximum eval-depth limit of ${toString depthLimit} while trying to evaluate with `generators.withRecursion'!"
        else
          "<unevaluated>";
      walk =
        depth: value:
        let
          next = inner: walk (depth + 1) (limited (depth + 1) inner);
        in
        if isAttrs value then
          mapAttrs (name: inner: if elem name opaque then inner else next inner) value
        else if isList value then
          map next value
        else
          limited (depth + 1) value;
    in
    walk 0;

  toPretty =
    {
      allowPrettyValues ? false,
      multiline ? true,
      indent ? "",
    }:
    let
      escapeSingle = lib.escape [ "\\" "\"" "\${" ];
      escapeMulti = replaceStrings [ "\${" "''" ] [ "''\${" "'''" ];

      show =
        indent: value:
        let
          open = if multiline then "\n${indent}  " else " ";
          close = if multiline then "\n${indent}" else " ";
          inner = show (indent + "  ");
          block = start: items: end: start + open + concatStringsSep open items + close + end;

          formals = functionArgs value;
          text =
            let
              lines = splitLines value;
              escaped = map escapeMulti lines;
              final = lib.last escaped;
            in
            if multiline && length lines > 1 then
              "''"
              + open
              + concatStringsSep open (lib.init escaped)
              + (if final == "" then close else open + final)
              + "''"
            else
              "\"${concatStringsSep "\\n" (map escapeSingle lines)}\"";
        in
        if isString value then
          text
        else if isInt value || isPath value then
          toString value
        else if isFloat value then
          builtins.toJSON value
        else if isBool value then
          lib.boolToString value
        else if value == null then
          "null"
        else if isList value then
          (if value == [ ] then "[ ]" else block "[" (map inner value) "]")
        else if isFunction value then
          if formals == { } then
            "<function>"
          else
            "<function, args: {${
              concatStringsSep ", " (mapAttrsToList (name: optional: if optional then name + "?" else name) formals)
            }}>"
        else if isAttrs value then
          if allowPrettyValues && value ? __pretty && value ? val then
            value.__pretty value.val
          else if value == { } then
            "{ }"
          else if value.type or null == "derivation" then
            "<derivation ${value.name or "???"}>"
          else
            block "{" (mapAttrsToList (
              name: item:
              "${lib.strings.escapeNixIdentifier name} = ${
                builtins.addErrorContext "while evaluating an attribute `${name}`" (inner item)
              };"
            ) value) "}"
        else
          abort "generators.toPretty: should never happen (v = ${value})";
    in
    show indent;

  # -- Property lists ----------------------------------------------------------

  toPlist =
    {
      escape ? false,
    }:
    value:
    let
      text = if escape then lib.escapeXML else lib.id;
      element = tag: content: "<${tag}>${content}</${tag}>";
      # A list of lines, each with its indentation.
      container =
        indent: tag: content:
        [ "${indent}<${tag}>" ] ++ (if content == [ ] then [ "" ] else content) ++ [ "${indent}</${tag}>" ];
      lines =
        indent: item:
        if item == null then
          [ "" ]
        else if isBool item then
          [ (indent + (if item then "<true/>" else "<false/>")) ]
        else if isInt item then
          [ (indent + element "integer" (toString item)) ]
        else if isString item || isPath item then
          [ (indent + element "string" (text (toString item))) ]
        else if isFloat item then
          [ (indent + element "real" (toString item)) ]
        else if isList item then
          container indent "array" (concatMap (lines "${indent}\t") item)
        else if isAttrs item then
          container indent "dict" (
            concatMap (
              name:
              # `_module` comes along with a submodule's value.
              if name == "_module" || item.${name} == null then
                [ ]
              else
                [ "${indent}\t${element "key" (text name)}" ] ++ lines "${indent}\t" item.${name}
            ) (attrNames item)
          )
        else
          abort "generators.toPlist: should never happen (v = ${item})";
    in
    lib.warnIf (!escape && lib.oldestSupportedReleaseIsAtLeast 2505) "Using `lib.generators.toPlist` without `escape = true` is deprecated" (
      concatStringsSep "\n" (
        [
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
          "<!DOCTYPE plist PUBLIC \"-//Apple Computer//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">"
          "<plist version=\"1.0\">"
        ]
        ++ lines "" value
        ++ [ "</plist>" ]
      )
    );

  # -- Dhall -------------------------------------------------------------------

  toDhall =
    { }:
    let
      items = concatStringsSep ", ";
      show =
        value:
        if isAttrs value then
          "{ ${items (mapAttrsToList (name: item: "${name} = ${show item}") value)} }"
        else if isList value then
          "[ ${items (map show value)} ]"
        else if isInt value then
          (if value < 0 then "" else "+") + toString value
        else if isBool value then
          (if value then "True" else "False")
        else if isFunction value then
          abort "generators.toDhall: cannot convert a function to Dhall"
        else if value == null then
          abort "generators.toDhall: cannot convert a null to Dhall"
        else
          builtins.toJSON value;
    in
    show;

  # -- Lua ---------------------------------------------------------------------

  mkLuaInline = expr: {
    _type = "lua-inline";
    inherit expr;
  };
  toLua =
    {
      multiline ? true,
      indent ? "",
      asBindings ? false,
    }:
    let
      show =
        indent: value:
        let
          open = if multiline then "\n${indent}  " else " ";
          close = if multiline then "\n${indent}" else " ";
          inner = show "${indent}  ";
          table = items: if items == [ ] then "{}" else "{${open}${concatStringsSep ",${open}" items}${close}}";
        in
        if value == null then
          "nil"
        else if isInt value || isFloat value || isString value || isBool value then
          builtins.toJSON value
        else if isPath value || isDerivation value then
          builtins.toJSON "${value}"
        else if isList value then
          table (map inner value)
        else if value._type or null == "lua-inline" then
          "(${value.expr})"
        else if isAttrs value then
          table (mapAttrsToList (name: item: "[${builtins.toJSON name}] = ${inner item}") value)
        else
          abort "generators.toLua: type ${typeOf value} is unsupported";

      part = "[[:alpha:]_][[:alnum:]_]*";
      isVariable = name: builtins.match "${part}(\\.${part})*" name != null;
      bindings =
        set:
        let
          bad = filter (name: !isVariable name) (attrNames set);
        in
        assert lib.assertMsg (bad == [ ]) "Bad Lua var names: ${toPretty { } bad}";
        concatStringsSep "" (mapAttrsToList (name: value: "${indent}${name} = ${show indent value}\n") set);
    in
    if asBindings then bindings else show indent;
}
