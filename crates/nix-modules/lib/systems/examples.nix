# Platforms to compile for, by the names that `pkgsCross` has for them.
{ lib }:
let
  inherit (lib.systems) platforms;
  configs = extra: builtins.mapAttrs (_: config: { inherit config; } // extra);

  android = {
    androidSdkVersion = "35";
    androidNdkVersion = "27";
  };
  ios = platform: {
    darwinSdkVersion = "14.3";
    xcodeVer = "12.3";
    xcodePlatform = platform;
    useiOSPrebuilt = true;
  };
  efi = {
    libc = null;
    useLLVM = true;
    linker = "lld";
  };
  ucrtLlvm = cpu: {
    config = "${cpu}-w64-mingw32";
    libc = "ucrt";
    rust.rustcTarget = "${cpu}-pc-windows-gnullvm";
    useLLVM = true;
  };

  plain = configs { } {
    aarch64-multiplatform = "aarch64-unknown-linux-gnu";
    aarch64-multiplatform-musl = "aarch64-unknown-linux-musl";
    arc = "arc-unknown-linux-gnu";
    armv5tel-multiplatform = "armv5tel-unknown-linux-gnueabi";
    armv7l-hf-multiplatform = "armv7l-unknown-linux-gnueabihf";
    avr = "avr";
    ghcjs = "javascript-unknown-ghcjs";
    gnu32 = "i686-unknown-linux-gnu";
    gnu64 = "x86_64-unknown-linux-gnu";
    m68k = "m68k-unknown-linux-gnu";
    musl-power = "powerpc64le-unknown-linux-musl";
    musl32 = "i686-unknown-linux-musl";
    musl64 = "x86_64-unknown-linux-musl";
    powernv = "powerpc64le-unknown-linux-gnu";
    ppc64 = "powerpc64-unknown-linux-gnuabielfv2";
    ppc64-elfv1 = "powerpc64-unknown-linux-gnuabielfv1";
    ppc64-elfv2 = "powerpc64-unknown-linux-gnuabielfv2";
    riscv32 = "riscv32-unknown-linux-gnu";
    riscv64 = "riscv64-unknown-linux-gnu";
    riscv64-musl = "riscv64-unknown-linux-musl";
    s390 = "s390-unknown-linux-gnu";
    s390x = "s390x-unknown-linux-gnu";
    sh4 = "sh4-unknown-linux-gnu";
    x86_64-cygwin = "x86_64-pc-cygwin";
    x86_64-netbsd = "x86_64-unknown-netbsd";
  };

  withoutKernel = configs { libc = "newlib"; } {
    aarch64-embedded = "aarch64-none-elf";
    aarch64be-embedded = "aarch64_be-none-elf";
    arm-embedded = "arm-none-eabi";
    armhf-embedded = "arm-none-eabihf";
    i686-embedded = "i686-elf";
    microblaze-embedded = "microblazeel-none-elf";
    mips-embedded = "mips-none-elf";
    mips64-embedded = "mips64-none-elf";
    mmix = "mmix-unknown-mmixware";
    msp430 = "msp430-elf";
    or1k = "or1k-elf";
    ppc-embedded = "powerpc-none-eabi";
    ppcle-embedded = "powerpcle-none-eabi";
    riscv32-embedded = "riscv32-none-elf";
    riscv64-embedded = "riscv64-none-elf";
    rx-embedded = "rx-none-elf";
    vc4 = "vc4-elf";
    x86_64-embedded = "x86_64-elf";
  };

  withLlvm = configs { useLLVM = true; } {
    aarch64-freebsd = "aarch64-unknown-freebsd";
    aarch64-windows = "aarch64-pc-windows-msvc";
    wasi32 = "wasm32-unknown-wasi";
    x86_64-freebsd = "x86_64-unknown-freebsd";
    x86_64-netbsd-llvm = "x86_64-unknown-netbsd";
    x86_64-openbsd = "x86_64-unknown-openbsd";
    x86_64-windows = "x86_64-pc-windows-msvc";
  };

  withEfi = configs efi {
    aarch64-unknown-uefi = "aarch64-unknown-uefi";
    x86_64-unknown-uefi = "x86_64-unknown-uefi";
  };

  on =
    platform: builtins.mapAttrs (_: config: { inherit config; } // platforms.${platform});
  ofMachine =
    on "raspberrypi" { raspberryPi = "armv6l-unknown-linux-gnueabihf"; muslpi = "armv6l-unknown-linux-musleabihf"; }
    // on "bluefield2" { bluefield2 = "aarch64-unknown-linux-gnu"; }
    // on "zero-gravitas" { remarkable1 = "armv7l-unknown-linux-gnueabihf"; }
    // on "zero-sugar" { remarkable2 = "armv7l-unknown-linux-gnueabihf"; }
    // on "ben_nanonote" { ben-nanonote = "mipsel-unknown-linux-uclibc"; }
    // on "fuloong2f_n32" { fuloongminipc = "mipsel-unknown-linux-gnu"; }
    // on "gcc_mips32r2_o32" {
      mips-linux-gnu = "mips-unknown-linux-gnu";
      mipsel-linux-gnu = "mipsel-unknown-linux-gnu";
    }
    // on "gcc_mips64r2_n32" {
      mips64-linux-gnuabin32 = "mips64-unknown-linux-gnuabin32";
      mips64el-linux-gnuabin32 = "mips64el-unknown-linux-gnuabin32";
    }
    // on "gcc_mips64r2_64" {
      mips64-linux-gnuabi64 = "mips64-unknown-linux-gnuabi64";
      mips64el-linux-gnuabi64 = "mips64el-unknown-linux-gnuabi64";
    }
    // on "loongarch64-multiplatform" { loongarch64-linux = "loongarch64-unknown-linux-gnu"; };
in
plain
// withoutKernel
// withLlvm
// withEfi
// ofMachine
// rec {
  ppc64-musl = { config = "powerpc64-unknown-linux-musl"; gcc.abi = "elfv2"; };
  ppc32 = {
    config = "powerpc-unknown-linux-gnu";
    rust.rustcTarget = "powerpc-unknown-linux-gnu";
  };
  loongarch64-linux-embedded = lib.recursiveUpdate ofMachine.loongarch64-linux {
    gcc = { arch = "loongarch64"; strict-align = true; };
  };
  arm-embedded-nano = withoutKernel.arm-embedded // { libc = "newlib-nano"; };
  armhf-embedded = withoutKernel.armhf-embedded // { gcc = { arch = "armv5t"; fpu = "vfp"; }; };
  aarch64-embedded = withoutKernel.aarch64-embedded // { rust.rustcTarget = "aarch64-unknown-none"; };

  armv7a-android-prebuilt = android // platforms.armv7a-android // {
    config = "armv7a-unknown-linux-androideabi";
    rust.rustcTarget = "armv7-linux-androideabi";
    useAndroidPrebuilt = true;
  };
  aarch64-android-prebuilt = android // {
    config = "aarch64-unknown-linux-android";
    rust.rustcTarget = "aarch64-linux-android";
    useAndroidPrebuilt = true;
  };
  aarch64-android = android // {
    config = "aarch64-unknown-linux-android";
    libc = "bionic";
    useAndroidPrebuilt = false;
    useLLVM = true;
  };

  iphone64 = ios "iPhoneOS" // { config = "arm64-apple-ios"; };
  iphone64-simulator = ios "iPhoneSimulator" // {
    config = "x86_64-apple-ios";
    darwinPlatform = "ios-simulator";
  };
  aarch64-darwin = { config = "arm64-apple-darwin"; xcodePlatform = "MacOSX"; platform = { }; };
  x86_64-darwin = { config = "x86_64-apple-darwin"; xcodePlatform = "MacOSX"; platform = { }; };

  # The C library is what tells these toolchains apart.
  mingw-msvcrt-i686 = { config = "i686-w64-mingw32"; libc = "msvcrt"; };
  mingw-msvcrt-x86_64 = { config = "x86_64-w64-mingw32"; libc = "msvcrt"; };
  mingw-ucrt-x86_64 = { config = "x86_64-w64-mingw32"; libc = "ucrt"; };
  mingw-ucrt-x86_64-llvm = ucrtLlvm "x86_64";
  mingw-ucrt-aarch64 = ucrtLlvm "aarch64";
  mingw32 = mingw-msvcrt-i686;
  mingwW64 = mingw-msvcrt-x86_64;
  ucrt64 = mingw-ucrt-x86_64;
  ucrtAarch64 = mingw-ucrt-aarch64;

  wasm32-unknown-none = {
    config = "wasm32-unknown-none";
    rust.rustcTarget = "wasm32-unknown-unknown";
    useLLVM = true;
  };
}
