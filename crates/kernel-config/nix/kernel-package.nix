# What every kernel package has, whichever function made it. `version` and the
# names of its attributes depend on neither patches nor configuration: these may
# depend on them.
{
  lib,
  native,
  opaque,
  stdenv,
}:
{
  arguments,
  configfile,
  config,
  features,
  # What the program reads a kernel's configuration from (see read.nix).
  description,
}:
let
  given = arguments;
  patches = given.kernelPatches or [ ];
  pname = given.pname or "linux";
  fallback = native.version or null;
  version =
    if given.version or null != null then
      given.version
    else if fallback != null then
      fallback
    else
      throw "The version of the kernel `${pname}' is not known without nixpkgs. Give it with --kernel-version VERSION, the kernel's tree with --source DIR, or a nixpkgs with --nixpkgs DIR.";
  baseVersion = lib.head (lib.splitString "-rc" version);
  modDirVersion =
    if given.modDirVersion or null == null then lib.versions.pad 3 version else given.modDirVersion;
  passthru = {
    inherit
      baseVersion
      config
      configfile
      features
      modDirVersion
      stdenv
      version
      ;
    kernelPatches = patches;
    structuredExtraConfig = given.structuredExtraConfig or { };
    extraMakeFlags = given.extraMakeFlags or [ ];
    kernelOlder = lib.versionOlder baseVersion;
    kernelAtLeast = lib.versionAtLeast baseVersion;
    isLTS = given.isLTS or false;
    isZen = given.isZen or false;
    isLibre = given.isLibre or false;
    isHardened = given.isHardened or false;
    isXen = true;
    isModular = config.isYes "MODULES";
    withRust = config.isYes "RUST";
    configEnv = opaque "configEnv";
    tests = { };
    nixKconfigKernel = description;
  }
  // given.extraPassthru or { };
  package =
    attrs:
    attrs
    // {
      overrideAttrs =
        change:
        let
          changed = (import ./opaque.nix { inherit lib; }).changed change (package attrs);
        in
        package (attrs // changed // changed.passthru or { });
    };
  self = opaque pname // {
    inherit pname version passthru;
    name = "${pname}-${version}";
    src = given.src or null;
    patches = lib.filter (patch: patch != null) (map (entry: entry.patch or null) patches);
    meta = {
      description = "The Linux kernel";
      branch = lib.versions.majorMinor version;
    }
    // given.extraMeta or { };
  };
in
package (self // passthru)
