# `linuxManualConfig`: a kernel package with a whole configuration file. Structured
# configuration, its own or of patches, has no part in it.
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

  # `CONFIG_… = "y"` for each option that a configuration file enables.
  readConfig =
    file:
    lib.listToAttrs (
      lib.concatMap (
        line:
        let
          found = builtins.match "(CONFIG_[^=]+)=([ym])" line;
        in
        lib.optional (found != null) (lib.nameValuePair (lib.head found) (lib.elemAt found 1))
      ) (lib.splitString "\n" (builtins.readFile file))
    );
in
lib.makeOverridable (
  arguments:
  let
    inherit (arguments) configfile;
    patches = arguments.kernelPatches or [ ];
    # A configuration that `linuxConfig` would make has a target in place of a text.
    isText = builtins.isPath configfile || builtins.isString configfile || configfile ? text;
    file = configfile.file or configfile;
  in
  makePackage {
    inherit arguments configfile;
    features =
      if arguments.features or null != null then
        arguments.features
      else
        {
          efiBootStub = true;
          netfilterRPFilter = true;
          ia32Emulation = true;
        };
    config = import ./configured.nix (
      arguments.config or (lib.optionalAttrs isText (readConfig file))
    );
    description = {
      inherit arguments;
      kind = "linuxManualConfig";
      inherit (stdenv.hostPlatform) system;
      kernelPatches = patches;
      lacks = arguments.nixKconfigLacks or [ ];
      configfile = if isText then file else null;
      configText = configfile.text or null;
      defconfig = configfile.makeTarget or null;
      kernelArch = stdenv.hostPlatform.linuxArch;
    };
  }
)
