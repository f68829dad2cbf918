# The options of NixOS that a kernel's configuration depends on. `base` is the
# package set for a system that says nothing of its own.
{ base }:
{
  config,
  extendModules,
  lib,
  noUserModules,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  boot = config.boot;

  # What nobody declares: `anything`, but for sets, which are looked into only where
  # somebody asks. Conditions elsewhere may then depend on what is declared.
  undeclared = types.anything // {
    merge =
      loc: definitions:
      let
        isPlainSet = definition: lib.isAttrs definition.value && !(lib.isDerivation definition.value);
        type = if lib.all isPlainSet definitions then types.lazyAttrsOf undeclared else types.anything;
      in
      type.merge loc definitions;
  };
in
{
  _file = "nix-kconfig's options of NixOS";

  options = {
    boot.kernelPatches = mkOption {
      type = types.listOf types.raw;
      default = [ ];
      description = "Patches of the kernel, and what each configures.";
    };

    boot.kernelPackages = mkOption {
      type = types.raw;
      default = pkgs.linuxPackages;
      description = "The kernel, and the packages that go with it.";
      # As in NixOS: patches and features go on top of what the kernel has.
      apply =
        packages:
        packages.extend (
          _: prev: {
            kernel = prev.kernel.override (original: {
              randstructSeed = boot.kernel.randstructSeed;
              kernelPatches = (original.kernelPatches or [ ]) ++ boot.kernelPatches;
              features = lib.recursiveUpdate (original.features or { }) boot.kernel.features;
            });
          }
        );
    };

    boot.kernel.features = mkOption {
      type = types.attrsOf types.raw;
      default = { };
      description = "What the kernel is said to be able to do.";
    };

    boot.kernel.randstructSeed = mkOption {
      type = types.str;
      default = "";
      description = "The seed for randomised structures.";
    };

    nixpkgs = {
      overlays = mkOption {
        type = types.listOf types.raw;
        default = [ ];
        description = "Overlays of the package set.";
      };
      config = mkOption {
        type = types.lazyAttrsOf types.raw;
        default = { };
        description = "The configuration of the package set.";
      };
      hostPlatform = mkOption {
        type = types.raw;
        default = base.stdenv.hostPlatform.system;
        description = "What the system runs on.";
      };
      buildPlatform = mkOption {
        type = types.raw;
        default = config.nixpkgs.hostPlatform;
        description = "What the system is built on.";
      };
      system = mkOption {
        type = types.str;
        default = config.nixpkgs.hostPlatform.system or config.nixpkgs.hostPlatform;
        description = "The older name of the platform.";
      };
      pkgs = mkOption {
        type = types.raw;
        default =
          if base ? native then
            import ./. {
              inherit lib;
              inherit (base) native;
              inherit (config.nixpkgs) overlays config;
              localSystem =
                if builtins.isString config.nixpkgs.hostPlatform then
                  config.nixpkgs.system
                else
                  config.nixpkgs.hostPlatform;
            }
          else
            # Of a real nixpkgs without NixOS.
            lib.foldl' (packages: packages.extend) base config.nixpkgs.overlays;
        description = "The package set.";
      };
    };

    # Each is the same system with more configuration.
    specialisation = mkOption {
      default = { };
      description = "Variants of the system.";
      type = types.lazyAttrsOf (
        types.submodule (
          variant:
          let
            from = if variant.config.inheritParentConfig then extendModules else noUserModules.extendModules;
          in
          {
            options = {
              inheritParentConfig = mkOption {
                type = types.bool;
                default = true;
                description = "Whether the variant has what the system has.";
              };
              configuration = mkOption {
                default = { };
                description = "What the variant adds.";
                type = (from { modules = [ { specialisation = lib.mkOverride 0 { }; } ]; }).type;
              };
            };
          }
        )
      );
    };

    assertions = mkOption {
      type = types.listOf types.raw;
      default = [ ];
      description = "What must hold of the system; not checked.";
    };
    warnings = mkOption {
      type = types.listOf types.raw;
      default = [ ];
      description = "What the system says of itself; not shown.";
    };
    system.requiredKernelConfig = mkOption {
      type = types.listOf types.raw;
      default = [ ];
      description = "What modules ask of the kernel's configuration.";
    };
  };

  config._module = {
    freeformType = types.lazyAttrsOf undeclared;
    args.pkgs = lib.mkDefault config.nixpkgs.pkgs;
  };
}
