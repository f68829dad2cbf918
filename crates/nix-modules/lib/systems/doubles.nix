# The systems that packages may name in `meta.platforms`, and groups of them.
{ lib }:
let
  inherit (lib.systems.inspect) predicates;
  inherit (lib.systems) parse;

  cpusByKernel = [
    [ "cygwin" "i686 x86_64" ]
    [ "darwin" "x86_64 aarch64" ]
    [ "freebsd" "i686 x86_64 aarch64" ]
    [ "genode" "aarch64 i686 x86_64" ]
    [ "solaris" "x86_64" ]
    [ "ghcjs" "javascript" ]
    [
      "linux"
      "aarch64 arc armv5tel armv6l armv7a armv7l i686 loongarch64 m68k sh4 microblaze microblazeel mips mips64 mips64el mipsel powerpc powerpc64 powerpc64le riscv32 riscv64 s390 s390x x86_64"
    ]
    [ "mmixware" "mmix" ]
    [
      "netbsd"
      "aarch64 armv6l armv7a armv7l i686 m68k mipsel powerpc riscv32 riscv64 x86_64"
    ]
    [
      "none"
      "aarch64_be aarch64 arm armv6l avr i686 microblaze microblazeel mips mips64 msp430 or1k m68k powerpc powerpcle riscv32 riscv64 rx s390 s390x vc4 x86_64"
    ]
    [ "openbsd" "i686 x86_64" ]
    [ "redox" "x86_64" ]
    [ "wasi" "wasm64 wasm32" ]
    [ "windows" "aarch64 x86_64 i686" ]
    [ "uefi" "aarch64 x86_64" ]
  ];
  all = lib.concatMap (
    row: map (cpu: "${cpu}-${builtins.elemAt row 0}") (lib.splitString " " (builtins.elemAt row 1))
  ) cpusByKernel;

  parsed = map (name: { inherit name; system = parse.mkSystemFromString name; }) all;
  where = pred: map (entry: parse.doubleFromSystem entry.system) (builtins.filter (entry: pred entry.system) parsed);
in
builtins.mapAttrs (_: predicate: where predicates.${predicate}) {
  arm = "isAarch32";
  armv7 = "isArmv7";
  aarch = "isAarch";
  aarch64 = "isAarch64";
  x86 = "isx86";
  i686 = "isi686";
  x86_64 = "isx86_64";
  microblaze = "isMicroBlaze";
  mips = "isMips";
  mmix = "isMmix";
  power = "isPower";
  riscv = "isRiscV";
  riscv32 = "isRiscV32";
  riscv64 = "isRiscV64";
  rx = "isRx";
  vc4 = "isVc4";
  or1k = "isOr1k";
  m68k = "isM68k";
  arc = "isArc";
  sh4 = "isSh4";
  s390 = "isS390";
  s390x = "isS390x";
  loongarch64 = "isLoongArch64";
  js = "isJavaScript";
  bigEndian = "isBigEndian";
  littleEndian = "isLittleEndian";
  cygwin = "isCygwin";
  darwin = "isDarwin";
  freebsd = "isFreeBSD";
  genode = "isGenode";
  illumos = "isSunOS";
  linux = "isLinux";
  netbsd = "isNetBSD";
  openbsd = "isOpenBSD";
  redox = "isRedox";
  uefi = "isUefi";
  unix = "isUnix";
  wasi = "isWasi";
  windows = "isWindows";
  embedded = "isNone";
}
// {
  inherit all;
  none = [ ];
  # In the order of these ABIs.
  gnu = lib.concatMap (abi: where (system: predicates.isLinux system && system.abi.name == abi)) [
    "gnu"
    "gnueabi"
    "gnueabihf"
    "gnuabin32"
    "gnuabi64"
    "gnuabielfv1"
    "gnuabielfv2"
  ];
}
