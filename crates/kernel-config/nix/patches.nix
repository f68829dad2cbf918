# The entries of `kernelPatches` that a patch file comes to, whichever its shape:
# a list, one entry, a function giving either, or a NixOS module that sets
# `boot.kernelPatches`.
{ pkgs, kernel }:
file: written:
let
  inherit (pkgs) lib;
  isModuleFunction =
    lib.isFunction written
    && (
      let
        wanted = lib.functionArgs written;
      in
      wanted ? config || wanted ? options || wanted ? modulesPath
    );
  # Of what a machine's configuration has beside kernel patches, nothing is
  # declared here: it is taken as it comes, and looked at only where a patch
  # depends on it.
  nixos = lib.evalModules {
    modules = [
      {
        _file = file;
        imports = [ written ];
      }
      {
        options.boot.kernelPatches = lib.mkOption {
          type = lib.types.listOf lib.types.raw;
          default = [ ];
        };
        options.boot.kernelPackages = lib.mkOption {
          type = lib.types.raw;
          default = pkgs.linuxPackagesFor kernel;
        };
        config._module = {
          freeformType = lib.types.lazyAttrsOf lib.types.anything;
          args.pkgs = pkgs;
        };
      }
    ];
    specialArgs.modulesPath = "/modulesPath";
  };
  isModule =
    value:
    builtins.isAttrs value
    && (
      value ? boot
      || value ? imports
      || value ? config
      || value ? options
      || (value._type or null) == "if"
      || (value._type or null) == "merge"
    );
  entries =
    value:
    if builtins.isList value then
      # `mkIf` as an item of a list is a common slip: it is an entry all the same.
      lib.concatMap (
        entry: map (definition: definition) (lib.modules.dischargeProperties entry)
      ) value
    else if isModule value then
      nixos.config.boot.kernelPatches
    else if builtins.isAttrs value then
      [ value ]
    else
      throw "A patch file gives a list of `kernelPatches' entries, one entry, or a NixOS module that sets `boot.kernelPatches'; this one gives a value of type ${builtins.typeOf value}.";
in
if isModuleFunction then
  nixos.config.boot.kernelPatches
else if lib.isFunction written then
  entries (pkgs.callPackage written { })
else
  entries written
