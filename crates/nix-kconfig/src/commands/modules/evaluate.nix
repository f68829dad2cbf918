# A set of modules, evaluated for `nix-kconfig modules`.
{
  lib,
  # Where `lib` is: positions in it say nothing about a definition.
  libFolder,
  modules,
  # Values given on the command line.
  sets,
  specialArgs,
  # For modules that want it and are not given another.
  pkgs,
}:
let
  inherit (lib) mkOption types;

  given = lib.evalModules {
    inherit specialArgs;
    modules = modules ++ sets ++ [
      {
        _file = "nix-kconfig";
        _module.args.pkgs = lib.mkDefault pkgs;
      }
    ];
  };

  # What NixOS has in every system. Modules that come without it are given it.
  usual = {
    assertions = mkOption {
      type = types.listOf types.unspecified;
      internal = true;
      default = [ ];
      description = "Conditions that must hold, each with its message.";
    };
    warnings = mkOption {
      type = types.listOf types.str;
      internal = true;
      default = [ ];
      description = "What a user is to be told.";
    };
  };
  unchecked = given.extendModules { modules = [ { _module.check = lib.mkForce false; } ]; };
  missing = removeAttrs usual (builtins.attrNames unchecked.options);
  evaluation =
    if missing == { } then
      given
    else
      given.extendModules {
        modules = [
          {
            _file = "nix-kconfig";
            options = missing;
          }
        ];
      };

  isOption = value: value._type or null == "option";

  # The options at a path, which may lead into submodules.
  optionsAt =
    path: options:
    if path == [ ] then
      options
    else
      let
        name = builtins.head path;
        rest = builtins.tail path;
      in
      if !isOption options then
        optionsAt rest (
          options.${name} or (throw "There is no option `${name}' where the path leads to.")
        )
      else if options.valueMeta ? attrs.${name}.configuration then
        optionsAt rest options.valueMeta.attrs.${name}.configuration.options
      else if options.valueMeta ? configuration then
        optionsAt path options.valueMeta.configuration.options
      else
        options;

  optionsBelow =
    options:
    if isOption options then
      [ options ]
    else
      lib.concatMap optionsBelow (
        builtins.attrValues (removeAttrs options ([ "_module" ] ++ builtins.attrNames missing))
      );

  show =
    value:
    lib.generators.toPretty { multiline = false; } (
      lib.generators.withRecursion {
        depthLimit = 6;
        throwOnDepthLimit = false;
      } value
    );

  describe = option: {
    name = lib.showOption option.loc;
    type = option.type.description;
    priority = if option.isDefined then option.highestPrio else null;
    value = if option.isDefined || option.type.emptyValue ? value then show option.value else null;
    definitions = map (
      definition:
      let
        position = builtins.unsafeGetAttrPos "value" definition;
        known = position != null && !(lib.hasPrefix libFolder position.file);
      in
      {
        file = toString definition.file;
        value = show definition.value;
        position = if known then position else null;
      }
    ) option.definitionsWithLocations;
  };
in
{
  inherit (evaluation) config;
  inherit (evaluation.config) warnings;
  failed = map (assertion: assertion.message) (
    builtins.filter (assertion: !assertion.assertion) evaluation.config.assertions
  );
  definitions = path: map describe (optionsBelow (optionsAt path evaluation.options));
}
