# `buildLinux`: a kernel package as far as configuration goes. Its arguments are
# kept as they were given, with the positions of their attributes; the program
# reads them from there.
{ lib, hostPlatform }:
lib.makeOverridable (
  args:
  let
    patches = args.kernelPatches or [ ];
    # Patches may add to features; the kernel's own count first.
    features = lib.foldr (patch: sofar: (patch.features or { }) // sofar) (
      {
        efiBootStub = true;
        netfilterRPFilter = true;
        ia32Emulation = true;
      }
      // args.features or { }
    ) patches;
    # What does not depend on patches or configuration: they may depend on it.
    self = {
      type = "derivation";
      pname = args.pname or "linux";
      inherit (args) version;
      name = "${self.pname}-${self.version}";
      modDirVersion = args.modDirVersion or (lib.versions.pad 3 args.version);
      src = args.src or null;
      meta = args.extraMeta or { };
      kernelPatches = patches;
      inherit features;
      kernelOlder = lib.versionOlder args.version;
      kernelAtLeast = lib.versionAtLeast args.version;
      nixKconfigArguments = args;
      passthru = {
        inherit features;
        kernelPatches = patches;
      }
      // args.extraPassthru or { };
      overrideAttrs = _: self;
      outPath = throw "A kernel's output path needs nixpkgs: give one with --nixpkgs DIR.";
      drvPath = throw "A kernel's derivation needs nixpkgs: give one with --nixpkgs DIR.";
    };
  in
  self
)
