# `linuxKernel`: the kernels of nixpkgs by name, and what goes with each.
#
# Which point release a nixpkgs has is not known here, nor what it configures
# beside its common configuration: a variant says so in `nixKconfigLacks`.
{
  lib,
  native,
  package,
  opaque,
  pkgs,
}:
let
  kernelPatches = import ./kernel-patches.nix { inherit lib opaque; };
  usual = [
    kernelPatches.bridge_stp_helper
    kernelPatches.request_key_helper
  ];

  lines =
    lib.genAttrs [ "4.4" "4.9" "4.14" "4.19" ] (_: null)
    // lib.listToAttrs (
      lib.concatMap
        (
          { major, last }:
          map (minor: lib.nameValuePair "${major}.${toString minor}" null) (lib.range 0 last)
        )
        [
          {
            major = "5";
            last = 19;
          }
          {
            major = "6";
            last = 19;
          }
          {
            major = "7";
            last = 9;
          }
        ]
    );
  underscored = lib.replaceStrings [ "." ] [ "_" ];

  # As a kernel's file in nixpkgs: its arguments pass through to `buildLinux`, and
  # `argsOverride` has the last word.
  kernelFile =
    own:
    {
      buildLinux,
      argsOverride ? { },
      ...
    }@args:
    let
      before = removeAttrs args [ "argsOverride" ] // own;
    in
    buildLinux (before // lib.toFunction argsOverride before);

  call = own: pkgs.callPackage (kernelFile own) { kernelPatches = usual; };

  mainline =
    line:
    call {
      version = line;
      modDirVersion = lib.versions.pad 3 line;
      src = opaque "linux-${line}.tar.xz";
      extraMeta.branch = line;
    };

  # One whose version depends on the nixpkgs.
  unversioned =
    name: own:
    call (
      {
        src = opaque "${name}.tar.xz";
        pname = name;
      }
      // own
    );
  variant =
    name: own:
    unversioned name (own // { nixKconfigLacks = [ "what nixpkgs configures for ${name}" ]; });
  hardened =
    base:
    base.override {
      isHardened = true;
      nixKconfigLacks = [ "what nixpkgs configures for hardened kernels" ];
    };

  named = {
    linux_default = unversioned "linux" { };
    linux_latest = unversioned "linux" { };
    linux_testing = unversioned "linux" { };
    linux_zen = variant "linux-zen" { isZen = true; };
    linux_lqx = variant "linux-lqx" { isZen = true; };
    linux_xanmod = variant "linux-xanmod" { };
    linux_xanmod_stable = variant "linux-xanmod" { };
    linux_xanmod_latest = variant "linux-xanmod" { };
    linux_libre = variant "linux-libre" { isLibre = true; };
    linux_latest_libre = variant "linux-libre" { isLibre = true; };
    linux_hardened = hardened named.linux_default;
    linux_rpi1 = variant "linux-rpi" { };
    linux_rpi2 = variant "linux-rpi" { };
    linux_rpi3 = variant "linux-rpi" { };
    linux_rpi4 = variant "linux-rpi" { };
    linux_rt_5_4 = variant "linux-rt" { version = "5.4"; };
    linux_rt_5_10 = variant "linux-rt" { version = "5.10"; };
    linux_rt_5_15 = variant "linux-rt" { version = "5.15"; };
    linux_rt_6_1 = variant "linux-rt" { version = "6.1"; };
    linux_rt_6_6 = variant "linux-rt" { version = "6.6"; };
  };

  kernels =
    named
    // lib.mapAttrs' (line: _: lib.nameValuePair "linux_${underscored line}" (mainline line)) lines
    // lib.mapAttrs' (
      line: _: lib.nameValuePair "linux_${underscored line}_hardened" (hardened (mainline line))
    ) lines;

  modules = [
    "acpi_call"
    "bbswitch"
    "bcc"
    "broadcom_sta"
    "cpupower"
    "cryptodev"
    "ddcci-driver"
    "evdi"
    "it87"
    "nvidia_x11"
    "nvidia_x11_beta"
    "openrazer"
    "perf"
    "rtl8812au"
    "rtl88xxau-aircrack"
    "system76"
    "tp_smapi"
    "turbostat"
    "v4l2loopback"
    "vendor-reset"
    "virtualbox"
    "virtualboxGuestAdditions"
    "wireguard"
    "xpadneo"
    "zenpower"
    "zfs"
    "zfs_2_2"
    "zfs_2_3"
    "zfs_unstable"
  ];

  packagesFor =
    kernel:
    lib.makeExtensible (
      self:
      {
        inherit kernel;
        callPackage = pkgs.newScope self;
        kernelOlder = self.kernel.kernelOlder;
        kernelAtLeast = self.kernel.kernelAtLeast;
        stdenv = self.kernel.stdenv;
        isZen = self.kernel.isZen;
        isLTS = self.kernel.isLTS;
        isLibre = self.kernel.isLibre;
        isHardened = self.kernel.isHardened;
        recurseForDerivations = true;
        nvidiaPackages = lib.genAttrs [
          "stable"
          "production"
          "latest"
          "beta"
          "vulkan_beta"
        ] (name: opaque "nvidia-x11-${name}");
      }
      // lib.genAttrs modules opaque
    );

  packages = lib.mapAttrs (_: packagesFor) kernels;

  manualConfig = import ./manual-config.nix {
    inherit lib native opaque;
    inherit (pkgs) stdenv;
  };
  customPackage =
    {
      version,
      src,
      modDirVersion ? lib.versions.pad 3 version,
      configfile,
      ...
    }@args:
    packagesFor (manualConfig (args // { inherit modDirVersion; }));
in
{
  inherit
    customPackage
    kernelPatches
    kernels
    manualConfig
    packages
    packagesFor
    ;
  vanillaPackages = lib.filterAttrs (name: _: builtins.match "linux_[0-9]+_[0-9]+" name != null) packages;
  packageAliases = {
    linux_default = packages.linux_default;
    linux_latest = packages.linux_latest;
    linux_mptcp = packages.linux_default;
  };
  hardenedKernelFor = base: overrides: hardened (base.override overrides);

  # The configuration that a target of the kernel's makefile makes.
  linuxConfig =
    {
      makeTarget ? "defconfig",
      ...
    }@args:
    package (
      removeAttrs args [ "makeTarget" ]
      // {
        name = "linux-config";
        inherit makeTarget;
      }
    );

  # What stands at the top of the package set: `linux_6_12`, `linuxPackages_6_12`.
  top =
    kernels
    // lib.mapAttrs' (
      name: lib.nameValuePair (lib.replaceStrings [ "linux_" ] [ "linuxPackages_" ] name)
    ) packages
    // {
      linux = kernels.linux_default;
      linuxPackages = packages.linux_default;
    };
}
