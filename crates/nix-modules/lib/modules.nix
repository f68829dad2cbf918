# What modules are written with: properties of definitions, and modules that
# rename, remove or alias options. Evaluating modules is native (see native.nix).
{ lib }:
let
  inherit (builtins) concatMap filter foldl' head isAttrs isBool isString length mapAttrs;
  inherit (lib)
    attrByPath getAttrFromPath mkOption optional optionalAttrs setAttrByPath showFiles showOption
    ;

  # A property wraps content; `isProperty kind` tells its kind.
  wrap = kind: payload: { _type = kind; } // payload;
  isProperty = kind: value: value._type or "" == kind;

  # The value of an option that was merged away and not set.
  unsetMarker = "_mkMergedOptionModule";

  # Moves a property of a whole set into its attributes.
  pushDown =
    value:
    let
      into = property: map (set: if isAttrs set then mapAttrs (_: property) set else set) (pushDown value.content);
    in
    if isProperty "merge" value then
      concatMap pushDown value.contents
    else if isProperty "if" value then
      into (mkIf value.condition)
    else if isProperty "override" value then
      into (mkOverride value.priority)
    else
      [ value ];

  # -- Properties --------------------------------------------------------------

  mkIf = condition: content: wrap "if" { inherit condition content; };
  mkMerge = contents: wrap "merge" { inherit contents; };
  mkOverride = priority: content: wrap "override" { inherit priority content; };
  mkOrder = priority: content: wrap "order" { inherit priority content; };
  defaultOverridePriority = 100;
  defaultOrderPriority = 1000;
in
rec {
  inherit
    defaultOrderPriority defaultOverridePriority mkIf mkMerge mkOrder mkOverride
    ;

  # The lower number wins: option defaults, modules' defaults, (100: plain
  # definitions), installation images, the user's last word, test machines.
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;

  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;

  mkAssert =
    assertion: message:
    mkIf (if assertion then true else throw "\nFailed assertion: ${message}");
  mkDefinition = definition@{ file, value, ... }: definition // { _type = "definition"; };
  mkFixStrictness = lib.warn "lib.mkFixStrictness has no effect and will be removed. It returns its argument unmodified, so you can just remove any calls." lib.id;

  mapDefinitionValue =
    f: value:
    let
      kind = value._type or null;
      inner = mapDefinitionValue f;
    in
    if kind == "merge" then
      value // { contents = map inner value.contents; }
    else if kind == "if" || kind == "override" || kind == "order" then
      value // { content = inner value.content; }
    else if kind == "definition" then
      value // { value = inner value.value; }
    else
      f value;

  # -- Definitions ---------------------------------------------------------------

  # An `attrsOf` option's attributes, each with the priority it is defined at.
  mergeAttrDefinitionsWithPrio =
    opt:
    let
      perAttribute =
        definition:
        concatMap (set: [ (mapAttrs (_: value: definition // { inherit value; }) set) ]) (pushDown definition.value);
      definitions = lib.zipAttrs (concatMap perAttribute opt.definitionsWithLocations);
    in
    assert opt.type.name == "attrsOf" || opt.type.name == "lazyAttrsOf";
    mapAttrs (
      name: defined:
      let
        merged = lib.mergeDefinitions (opt.loc ++ [ name ]) opt.type.nestedTypes.elemType defined;
      in
      {
        value = merged.mergedValue;
        inherit (merged.defsFinal') highestPrio;
      }
    ) definitions;

  # -- Definitions of one option as those of another -------------------------------

  mkAliasAndWrapDefinitions = f: option: mkIf option.isDefined (f (mkMerge option.definitions));
  mkAliasDefinitions = mkAliasAndWrapDefinitions lib.id;
  mkAliasAndWrapDefsWithPriority =
    f: option:
    let
      priority = option.highestPrio or defaultOverridePriority;
    in
    mkIf option.isDefined (f (mkMerge (map (mkOverride priority) option.definitions)));
  mkAliasIfDef = lib.warn "Usage of 'mkAliasIfDef' has been deprecated. Use 'mkIf option.isDefined' instead." (
    option: mkIf option.isDefined
  );
  mkDerivedConfig = option: f: mkOverride (option.highestPrio or defaultOverridePriority) (f option.value);

  # -- Modules that keep old option names working ------------------------------------

  doRename =
    {
      from,
      to,
      visible,
      warn,
      use,
      withPriority ? true,
      condition ? true,
    }:
    { config, options, ... }:
    let
      old = getAttrFromPath from options;
      target = attrByPath to { } options;
      current = attrByPath to (abort "Renaming error: option `${showOption to}' does not exist.");
      type = target.type or (lib.types.submodule { });
      forward = if withPriority then mkAliasAndWrapDefsWithPriority else mkAliasAndWrapDefinitions;
    in
    {
      options = setAttrByPath from (
        mkOption {
          inherit visible;
          description = "Alias of {option}`${showOption to}`.";
          apply = _: use (current config);
        }
        // optionalAttrs (type != null) { inherit type; }
      );
      config = mkIf condition (mkMerge [
        (optionalAttrs (options ? warnings) {
          warnings = optional (
            warn && old.isDefined
          ) "The option `${showOption from}' defined in ${showFiles old.files} has been renamed to `${showOption to}'.";
        })
        (forward (setAttrByPath to) old)
      ]);
    };
  mkAliasOptionModule =
    from: to:
    doRename {
      inherit from to;
      visible = true;
      warn = false;
      use = lib.id;
    };
  mkAliasOptionModuleMD = lib.warn "mkAliasOptionModuleMD is deprecated and will be removed in 26.05; please use mkAliasOptionModule." mkAliasOptionModule;
  mkRenamedOptionModule =
    from: to:
    doRename {
      inherit from to;
      visible = false;
      warn = true;
      use = builtins.trace "Obsolete option `${showOption from}' is used. It was renamed to `${showOption to}'.";
    };
  # Silent while a supported release still has the old name alone.
  mkRenamedOptionModuleWith =
    {
      from,
      to,
      sinceRelease,
    }:
    let
      warn = lib.oldestSupportedReleaseIsAtLeast sinceRelease;
    in
    doRename {
      inherit from to warn;
      visible = false;
      use = lib.warnIf warn "Obsolete option `${showOption from}' is used. It was renamed to `${showOption to}'.";
    };

  mkRemovedOptionModule =
    path: instead:
    { options, ... }:
    let
      option = getAttrFromPath path options;
    in
    {
      options = setAttrByPath path (mkOption {
        visible = false;
        apply = _: throw "The option `${showOption path}' can no longer be used since it's been removed. ${instead}";
      });
      config.assertions = [
        {
          assertion = !option.isDefined;
          message = ''
            The option definition `${showOption path}' in ${showFiles option.files} no longer has any effect; please remove it.
            ${instead}
          '';
        }
      ];
    };

  mkMergedOptionModule =
    from: to: merge:
    { config, options, ... }:
    let
      given = filter (path: getAttrFromPath path config != unsetMarker) from;
      warning =
        path:
        "The option `${showOption path}' defined in ${showFiles (getAttrFromPath path options).files} has been changed to `${showOption to}' that has a different type. Please read `${showOption to}' documentation and update your configuration accordingly.";
    in
    {
      options = foldl' lib.recursiveUpdate { } (
        map (
          path:
          setAttrByPath path (mkOption {
            visible = false;
            # Tells "not set" from every value that could be.
            default = unsetMarker;
          })
        ) from
      );
      config = {
        warnings = map warning given;
      }
      // setAttrByPath to (mkMerge (optional (given != [ ]) (merge config)));
    };
  mkChangedOptionModule = from: mkMergedOptionModule [ from ];

  # -- Modules from elsewhere --------------------------------------------------------

  setDefaultModuleLocation = file: module: {
    _file = file;
    imports = [ module ];
  };
  importApply = path: argument: setDefaultModuleLocation path (import path argument);
  importJSON = file: {
    _file = file;
    config = lib.importJSON file;
  };
  importTOML = file: {
    _file = file;
    config = lib.importTOML file;
  };
  fixMergeModules =
    modules: args:
    lib.evalModules {
      inherit modules args;
      check = false;
    };

  # What native evaluation declares below `_module` in every evaluation.
  internalOptions = import ./internal-options.nix { inherit lib; };
}
