# Questions about parsed systems. Each is a pattern, which `meta.platforms` can
# hold as data, and a predicate made of it.
{ lib }:
let
  inherit (builtins)
    attrNames concatMap filter intersectAttrs mapAttrs
    ;
  inherit (lib.systems.parse)
    cpuTypes execFormats kernelFamilies kernels significantBytes
    ;

  # Assertions hold functions, which are never equal.
  abis = mapAttrs (_: abi: removeAttrs abi [ "assertions" ]) lib.systems.parse.abis;
  anyAbi = map (name: { abi = abis.${name}; });

  family = name: { cpu.family = name; };
  wide = name: bits: { cpu = { family = name; inherit bits; }; };
  onKernel = name: { kernel = kernels.${name}; };
  inFamily = name: { kernel.families.${name} = kernelFamilies.${name}; };
  format = name: { kernel.execFormat = execFormats.${name}; };
  convention = name: { abi.abi = name; };
in
rec {
  patterns = rec {
    # Processors
    isi686.cpu = cpuTypes.i686;
    isx86 = family "x86";
    isx86_32 = wide "x86" 32;
    isx86_64 = wide "x86" 64;
    isAarch = family "arm";
    isAarch32 = wide "arm" 32;
    isAarch64 = wide "arm" 64;
    isArmv7 = map (name: { cpu = { inherit (cpuTypes.${name}) arch; }; }) (
      filter (name: lib.hasPrefix "armv7" (cpuTypes.${name}.arch or "")) (attrNames cpuTypes)
    );
    isAlpha = family "alpha";
    isArc = family "arc";
    isAvr = family "avr";
    isJavaScript.cpu = cpuTypes.javascript;
    isLoongArch64 = wide "loongarch" 64;
    isM68k = family "m68k";
    isMicroBlaze = family "microblaze";
    isMips = family "mips";
    isMips32 = wide "mips" 32;
    isMips64 = wide "mips" 64;
    isMips64n32 = isMips64 // convention "n32";
    isMips64n64 = isMips64 // convention "64";
    isMmix = family "mmix";
    isMsp430 = family "msp430";
    isOr1k = family "or1k";
    isPower = family "power";
    isPower64 = wide "power" 64;
    isRiscV = family "riscv";
    isRiscV32 = wide "riscv" 32;
    isRiscV64 = wide "riscv" 64;
    isRx = family "rx";
    isS390 = family "s390";
    isS390x = wide "s390" 64;
    isSh4 = family "sh";
    isSparc = family "sparc";
    isSparc64 = wide "sparc" 64;
    isVc4 = family "vc4";
    isWasm = family "wasm";

    is32bit.cpu.bits = 32;
    is64bit.cpu.bits = 64;
    isILP32 = [ (wide "wasm" 32) ] ++ map convention [ "n32" "ilp32" "x32" ];
    isBigEndian.cpu.significantByte = significantBytes.bigEndian;
    isLittleEndian.cpu.significantByte = significantBytes.littleEndian;

    # Kernels
    isBSD = inFamily "bsd";
    isDarwin = inFamily "darwin";
    isUnix = [ isBSD isDarwin isLinux isSunOS isCygwin isRedox ];
    isMacOS = onKernel "macos";
    isiOS = onKernel "ios";
    isLinux = onKernel "linux";
    isSunOS = onKernel "solaris";
    # By name, for versions in it.
    isFreeBSD.kernel.name = "freebsd";
    isNetBSD = onKernel "netbsd";
    isOpenBSD = onKernel "openbsd";
    isWindows = onKernel "windows";
    isCygwin = onKernel "cygwin";
    isMinGW = isWindows // { abi = abis.gnu; };
    isMsvc = isWindows // { abi = abis.msvc; };
    isWasi = onKernel "wasi";
    isRedox = onKernel "redox";
    isGhcjs = onKernel "ghcjs";
    isGenode = onKernel "genode";
    isNone = onKernel "none";
    isUefi = [ (onKernel "uefi") ];
    isElf = format "elf";
    isMacho = format "macho";
    isPE = format "pe";

    # ABIs
    isAbiElfv1 = convention "elfv1";
    isAbiElfv2 = [
      (convention "elfv2")
      (isPower64 // { abi.name = "musl"; })
    ];
    isAndroid = anyAbi [ "android" "androideabi" ];
    isGnu = anyAbi [ "gnuabi64" "gnuabin32" "gnu" "gnueabi" "gnueabihf" "gnuabielfv1" "gnuabielfv2" ];
    isMusl = anyAbi [ "musl" "musleabi" "musleabihf" "muslabin32" "muslabi64" ];
    isUClibc = anyAbi [ "uclibc" "uclibceabi" "uclibceabihf" ];
    isEabi.abi.eabi = true;

    # Firmware
    isEfi =
      map (version: { cpu = { family = "arm"; inherit version; }; }) [ "6" "7" "8" ]
      ++ map family [ "riscv" "x86" "loongarch" ];
  };

  # Of whole platforms rather than of what is parsed of them.
  platformPatterns.isStatic = {
    parsed = { };
    isStatic = true;
  };

  matchAnyAttrs =
    patterns:
    if builtins.isList patterns then
      set: builtins.any (pattern: lib.matchAttrs pattern set) patterns
    else
      lib.matchAttrs patterns;
  predicates = mapAttrs (_: matchAnyAttrs) patterns;

  # The patterns that match what both of two do.
  patternLogicalAnd =
    first: second:
    let
      unite = lib.recursiveUpdateUntil (
        path: a: b:
        if intersectAttrs a b == { } || a == b then
          true
        else
          throw ''
            pattern conflict at path ${toString path}:
              ${builtins.toJSON a}
              ${builtins.toJSON b}
          ''
      );
    in
    concatMap (a: map (unite a) (lib.toList second)) (lib.toList first);
}
