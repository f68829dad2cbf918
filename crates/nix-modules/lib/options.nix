# `lib.options`: declaring options, merging the definitions of types that have
# no way of their own, and showing options in messages and manuals.
{ lib }:

let
  inherit (lib)
    all
    any
    collect
    concatLists
    concatMap
    concatMapStrings
    concatMapStringsSep
    concatStrings
    concatStringsSep
    filter
    findFirst
    foldl'
    head
    id
    isAttrs
    isBool
    isDerivation
    isFunction
    isInt
    isList
    isString
    isType
    last
    length
    mapAttrs
    mergeAttrs
    optional
    optionalAttrs
    optionals
    optionalString
    tail
    take
    toList
    ;
  inherit (lib.attrsets) attrByPath showAttrPath;
  inherit (lib.strings) escapeNixIdentifier;
  inherit (lib.generators) toPretty withRecursion;

  ## Declaring

  isOption = isType "option";

  # An attribute that is not given is absent, not null: modules tell "no
  # default" from "null by default" that way.
  mkOption =
    args@{
      default ? null,
      defaultText ? null,
      example ? null,
      description ? null,
      relatedPackages ? null,
      type ? null,
      apply ? null,
      internal ? null,
      visible ? null,
      readOnly ? null,
    }:
    args // { _type = "option"; };

  mkEnableOption =
    name:
    mkOption {
      type = lib.types.bool;
      default = false;
      example = true;
      description = "Whether to enable ${name}.";
    };

  mkPackageOption =
    pkgs: name:
    {
      nullable ? false,
      default ? name,
      example ? null,
      extraDescription ? "",
      pkgsText ? "pkgs",
    }:
    let
      inherit (lib.types) nullOr package;
      inPkgs = path: "${pkgsText}.${showAttrPath path}";
      displayName = last (toList name);

      defaultPath = toList default;
      defaults =
        if default != null then
          {
            default = attrByPath defaultPath (throw "${showAttrPath defaultPath} cannot be found in ${pkgsText}") pkgs;
            defaultText = literalExpression (inPkgs defaultPath);
          }
        else
          # Without `nullable`, null stands for "no default".
          optionalAttrs nullable { default = null; };
      examples = optionalAttrs (example != null) {
        example = literalExpression (if isList example then inPkgs example else example);
      };
    in
    mkOption (
      defaults
      // {
        type = if nullable then nullOr package else package;
        description = concatStringsSep " " (
          [ "The ${displayName} package to use." ] ++ optional (extraDescription != "") extraDescription
        );
      }
      // examples
    );

  # Lets a module define what another module set would declare, as long as
  # nobody reads it.
  mkSinkUndeclaredOptions =
    attrs:
    mkOption (
      {
        type = lib.mkOptionType {
          name = "sink";
          check = _value: true;
          merge = _loc: _defs: false;
        };
        default = false;
        apply = _value: throw "Option value is not readable because the option is not declared.";
        description = "Sink for option definitions.";
        internal = true;
        visible = false;
      }
      // attrs
    );

  ## Merging

  # For types that say nothing about merging: by what the values all are.
  mergeDefaultOption =
    loc: defs:
    let
      values = getValues defs;
      strategies = [
        {
          applies = isFunction;
          merge = functions: arg: mergeDefaultOption loc (map (function: function arg) functions);
        }
        {
          applies = isList;
          merge = concatLists;
        }
        {
          applies = isAttrs;
          merge = foldl' mergeAttrs { };
        }
        {
          applies = isBool;
          merge = any id;
        }
        {
          applies = isString;
          merge = concatStrings;
        }
        {
          applies = value: isInt value && value == head values;
          merge = head;
        }
      ];
      conflict =
        throw "Cannot merge definitions of `${showOption loc}'. Definition values:${showDefs defs}";
      strategy = findFirst (strategy: all strategy.applies values) conflict strategies;
    in
    if length values == 1 then head values else strategy.merge values;

  mergeOneOption = mergeUniqueOption { message = ""; };

  mergeUniqueOption =
    {
      message,
      merge ? _loc: defs: (head defs).value,
    }:
    loc: defs:
    if length defs == 1 then
      merge loc defs
    else
      assert length defs > 1;
      throw "The option `${showOption loc}' is defined multiple times while it's expected to be unique.\n${message}\nDefinition values:${showDefs defs}\n${prioritySuggestion}";

  mergeEqualOption =
    loc: defs:
    let
      first = head defs;
      requireEqual =
        agreed: def:
        if def.value == agreed.value then
          agreed
        else
          throw "The option `${showOption loc}' has conflicting definition values:${
            showDefs [
              agreed
              def
            ]
          }\n${prioritySuggestion}";
    in
    if defs == [ ] then
      abort "This case should never happen."
    else if length defs == 1 then
      # Not compared with anything, so this may be a function.
      first.value
    else
      (foldl' requireEqual first (tail defs)).value;

  prioritySuggestion = "Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions.\n";

  getValues = map (def: def.value);

  getFiles = map (def: def.file);

  ## Manuals

  optionAttrSetToDocList = optionAttrSetToDocList' [ ];

  # The prefix is for callers of old: each option knows its own location.
  optionAttrSetToDocList' = _prefix: options: concatMap docsOfOption (collect isOption options);

  docsOfOption =
    option:
    let
      visible = option.visible or true;
      # "shallow" hides what is below, "transparent" the option itself.
      selfVisible = if isBool visible then visible else visible == "shallow";
      belowVisible = if isBool visible then visible else visible == "transparent";
    in
    [ (docsOfOptionItself option selfVisible) ]
    ++ optionals belowVisible (optionAttrSetToDocList (option.type.getSubOptions option.loc));

  docsOfOptionItself =
    option: visible:
    let
      name = showOption option.loc;
      type = option.type or { };
      # What is in effect with nothing defined, unless a submodule's own
      # options tell.
      impliedDefault = type.emptyValue or { };
      hasDefault =
        option ? defaultText
        || option ? default
        || (impliedDefault ? value && type.getSubModules or null == null);
      render =
        what: value:
        builtins.addErrorContext "while evaluating the ${what} of option `${name}`" (
          renderOptionValue value
        );
    in
    {
      inherit name visible;
      inherit (option) loc;
      description = option.description or null;
      declarations = filter (file: file != unknownModule) option.declarations;
      internal = option.internal or false;
      readOnly = option.readOnly or false;
      type = type.description or "unspecified";
    }
    // optionalAttrs (option ? example) { example = render "example" option.example; }
    // optionalAttrs hasDefault {
      default = render (if option ? defaultText then "defaultText" else "default value") (
        option.defaultText or option.default or impliedDefault.value
      );
    }
    // optionalAttrs (option.relatedPackages or null != null) { inherit (option) relatedPackages; };

  # Superseded by `renderOptionValue`; still there for code outside nixpkgs.
  scrubOptionValue =
    value:
    if isDerivation value then
      {
        type = "derivation";
        inherit (value) name;
        drvPath = value.name;
        outPath = value.name;
      }
    else if isList value then
      map scrubOptionValue value
    else if isAttrs value then
      mapAttrs (_name: scrubOptionValue) (removeAttrs value [ "_args" ])
    else
      value;

  renderOptionValue =
    value:
    if value ? _type && value ? text then
      value
    else
      literalExpression (
        toPretty {
          multiline = true;
          allowPrettyValues = true;
        } value
      );

  literal =
    kind: text:
    if isString text then
      {
        _type = kind;
        inherit text;
      }
    else
      throw "${kind} expects a string.";

  literalExpression = literal "literalExpression";

  literalMD = literal "literalMD";

  literalCode =
    languageTag: text:
    literalMD ''
      ```${languageTag}
      ${text}
      ```
    '';

  ## Messages

  showOption =
    let
      # Placeholders, as in `users.<name>.*`, are no attribute names to quote.
      isPlaceholder = part: part == "*" || builtins.match "<(.*)>" part != null;
    in
    concatMapStringsSep "." (part: if isPlaceholder part then part else escapeNixIdentifier part);

  showFiles = concatMapStringsSep " and " (file: "`${file}'");

  showDefs = concatMapStrings (def: "\n- In `${def.file}'${excerpt def.value}");

  # The value's first lines after a colon, or nothing if it cannot be
  # evaluated: the message is about something else then.
  excerpt =
    value:
    let
      maxLines = 5;
      pretty = builtins.tryEval (
        toPretty { } (
          withRecursion {
            depthLimit = 10;
            throwOnDepthLimit = false;
          } value
        )
      );
      lines = filter isString (builtins.split "\n" pretty.value);
      shown = take maxLines lines ++ optional (length lines > maxLines) "...";
    in
    optionalString pretty.success (
      (if length lines > 1 then ":\n    " else ": ") + concatStringsSep "\n    " shown
    );

  showOptionWithDefLocs = option: ''
    ${showOption option.loc}, with values defined in:
    ${concatMapStringsSep "\n" (file: "  - ${file}") option.files}
  '';

  unknownModule = "<unknown-file>";
in
{
  inherit
    getFiles
    getValues
    isOption
    literalCode
    literalExpression
    literalMD
    mergeDefaultOption
    mergeEqualOption
    mergeOneOption
    mergeUniqueOption
    mkEnableOption
    mkOption
    mkPackageOption
    mkSinkUndeclaredOptions
    optionAttrSetToDocList
    optionAttrSetToDocList'
    renderOptionValue
    scrubOptionValue
    showDefs
    showFiles
    showOption
    showOptionWithDefLocs
    unknownModule
    ;
}
