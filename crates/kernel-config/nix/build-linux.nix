# `buildLinux`: a kernel package as far as configuration goes. Its arguments are
# kept as they were given, with the positions of their attributes; the program
# reads them from there.
{
  lib,
  native,
  opaque,
  stdenv,
}:
let
  makePackage = import ./kernel-package.nix {
    inherit
      lib
      native
      opaque
      stdenv
      ;
  };
in
lib.makeOverridable (
  arguments:
  let
    inherit (arguments.stdenv or stdenv) hostPlatform;
    # Since 26.11 platforms do not say it themselves any more; what it is stayed.
    platform = hostPlatform.linux-kernel or (import ./linux-kernel.nix hostPlatform);
    patches = arguments.kernelPatches or [ ];
    # The kernel's own count first, then the last patch's.
    features = lib.foldr (patch: sofar: (patch.features or { }) // sofar) (
      {
        efiBootStub = true;
        netfilterRPFilter = true;
        ia32Emulation = true;
      }
      // arguments.features or { }
    ) patches;
    enableCommonConfig = arguments.enableCommonConfig or true;

    # The legacy lines of the platform: since 25.11 they go with the common
    # configuration.
    platformExtraConfig = lib.optionalString (
      enableCommonConfig || native.platformLinesAlways or false
    ) (platform.extraConfig or "");

    description = {
      inherit arguments enableCommonConfig platformExtraConfig;
      kind = "buildLinux";
      inherit (hostPlatform) system;
      compiler = import ./compiler.nix lib (arguments.stdenv or stdenv);
      kernelPatches = patches;
      lacks =
        lib.optional enableCommonConfig "the common configuration of nixpkgs"
        ++ arguments.nixKconfigLacks or [ ];
      autoModules = arguments.autoModules or platform.autoModules or true;
      preferBuiltin = arguments.preferBuiltin or platform.preferBuiltin or false;
      # Where nixpkgs' kernels are known to be configured without errors, they are
      # fatal.
      ignoreConfigErrors =
        arguments.ignoreConfigErrors or (
          !(
            hostPlatform.isx86
            || hostPlatform.isAarch64 && native.isStrictOnAarch64 or true
          )
        );
      kernelArch = arguments.kernelArch or hostPlatform.linuxArch;
      defconfig =
        if arguments.defconfig or null != null then
          arguments.defconfig
        else
          platform.baseConfig or null;
    };

    settings = native.settings or (_: { }) description;
    module = import ./kernel-options.nix;
    configfile = opaque "linux-config" // {
      inherit (description)
        autoModules
        ignoreConfigErrors
        kernelArch
        preferBuiltin
        ;
      inherit module;
      kernelBaseConfig = if description.defconfig == null then "defconfig" else description.defconfig;
      structuredConfig = settings;
      moduleStructuredConfig = {
        inherit settings;
        intermediateNixConfig = native.intermediate or (_: "") settings;
      };
      kernelConfig = native.kernelConfig or (_: "") description;
      extraMakeFlags = arguments.extraMakeFlags or [ ];
    };
  in
  makePackage {
    inherit
      arguments
      configfile
      description
      features
      ;
    # nixpkgs knows no more of a kernel before it is built.
    config = import ./configured.nix {
      CONFIG_MODULES = "y";
      CONFIG_FW_LOADER = "y";
      CONFIG_RUST = if ((settings.RUST or { }).tristate or null) == "y" then "y" else "n";
    };
  }
)
