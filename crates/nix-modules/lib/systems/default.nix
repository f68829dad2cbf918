# Platforms: what is known of a machine that builds or runs packages, from as
# little as its system's name.
{ lib }:
let
  inherit (builtins) isAttrs isList mapAttrs;
  inherit (lib) hasPrefix hasSuffix optional optionalString;
  inherit (lib.systems)
    architectures inspect parse platforms
    ;

  # Two platforms can be compared by all but these.
  functionNames = [ "canExecute" "emulator" "emulatorAvailable" "staticEmulatorAvailable" ];

  asAttrs = given: if isAttrs given then given else { system = given; };

  # -- Names that others have for a platform ----------------------------------------

  libcOf =
    platform:
    if platform.isDarwin then
      "libSystem"
    else if platform.isMsvc then
      "ucrt"
    else if platform.isMinGW then
      "msvcrt"
    else if platform.isCygwin then
      "cygwin"
    else if platform.isWasi then
      "wasilibc"
    else if platform.isWasm || platform.isGhcjs then
      null
    else if platform.isRedox then
      "relibc"
    else if platform.isMusl then
      "musl"
    else if platform.isUClibc then
      "uclibc"
    else if platform.isAndroid then
      "bionic"
    else if platform.isLinux then
      "glibc"
    else if platform.isFreeBSD then
      "fblibc"
    else if platform.isOpenBSD then
      "oblibc"
    else if platform.isNetBSD then
      "nblibc"
    else if platform.isAvr then
      "avrlibc"
    else if platform.isNone then
      "newlib"
    else
      "native/impure";

  # `arch/` in Linux, which has one directory for all widths of most.
  linuxArchOf =
    platform:
    if platform.isAarch32 then
      "arm"
    else if platform.isAarch64 then
      "arm64"
    else if platform.isx86_32 then
      "i386"
    else if platform.isx86_64 then
      "x86_64"
    else if platform.isMicroBlaze then
      "microblaze"
    else if platform.isMips32 || platform.isMips64 then
      "mips"
    else if platform.isPower then
      "powerpc"
    else if platform.isRiscV then
      "riscv"
    else if platform.isSh4 then
      "sh"
    else if platform.isS390 then
      "s390"
    else if platform.isLoongArch64 then
      "loongarch"
    else
      platform.parsed.cpu.name;

  qemuArchOf =
    platform:
    let
      little = optionalString platform.isLittleEndian "el";
    in
    if platform.isAarch32 then
      "arm"
    else if platform.isAarch64 then
      "aarch64${optionalString platform.isBigEndian "_be"}"
    else if platform.isS390 && !platform.isS390x then
      null
    else if platform.isx86_64 then
      "x86_64"
    else if platform.isx86 then
      "i386"
    else if platform.isMips64n32 then
      "mipsn32${little}"
    else if platform.isMips64 then
      "mips64${little}"
    else
      platform.uname.processor;

  efiArchOf =
    platform:
    if platform.isx86_32 then
      "ia32"
    else if platform.isx86_64 then
      "x64"
    else if platform.isAarch32 then
      "arm"
    else if platform.isAarch64 then
      "aa64"
    else
      platform.parsed.cpu.name;

  # As `uname` prints it there.
  unameOf = platform: {
    system =
      {
        cygwin = "CYGWIN_NT";
        darwin = "Darwin";
        freebsd = "FreeBSD";
        genode = "Genode";
        linux = "Linux";
        netbsd = "NetBSD";
        openbsd = "OpenBSD";
        redox = "Redox";
        wasi = "Wasi";
        windows = "Windows";
      }
      .${platform.parsed.kernel.name} or null;
    processor =
      let
        little = optionalString platform.isLittleEndian "le";
      in
      if platform.isPower64 then
        "ppc64${little}"
      else if platform.isPower then
        "ppc${little}"
      else if platform.isMips64 then
        "mips64"
      else if platform.isDarwin then
        platform.darwinArch
      else
        platform.parsed.cpu.name;
    # The kernel's, which a package must not depend on.
    release = null;
  };

  goOf = platform: {
    GOARCH =
      {
        aarch64 = "arm64";
        arm = "arm";
        armv5tel = "arm";
        armv6l = "arm";
        armv7l = "arm";
        i686 = "386";
        loongarch64 = "loong64";
        mips = "mips";
        mips64el = "mips64le";
        mipsel = "mipsle";
        powerpc64 = "ppc64";
        powerpc64le = "ppc64le";
        riscv64 = "riscv64";
        s390x = "s390x";
        wasm32 = "wasm";
        x86_64 = "amd64";
      }
      .${platform.parsed.cpu.name} or null;
    GOOS = if platform.isWasi then "wasip1" else platform.parsed.kernel.name;
    GOARM =
      let
        version = platform.parsed.cpu.version or "";
      in
      optionalString (builtins.elem version [ "5" "6" "7" ]) version;
  };

  nodeOf = platform: {
    arch =
      let
        wide = optionalString platform.is64bit "64";
      in
      if platform.isAarch then
        "arm${wide}"
      else if platform.isMips32 then
        "mips${optionalString platform.isLittleEndian "el"}"
      else if platform.isMips64 && platform.isLittleEndian then
        "mips64el"
      else if platform.isPower then
        "ppc${wide}"
      else if platform.isx86_64 then
        "x64"
      else if platform.isx86_32 then
        "ia32"
      else if platform.isS390x then
        "s390x"
      else if platform.isRiscV64 then
        "riscv64"
      else if platform.isLoongArch64 then
        "loong64"
      else
        null;
    platform =
      if platform.isAndroid then
        "android"
      else if platform.isDarwin then
        "darwin"
      else if platform.isFreeBSD then
        "freebsd"
      else if platform.isLinux then
        "linux"
      else if platform.isOpenBSD then
        "openbsd"
      else if platform.isSunOS then
        "sunos"
      else if platform.isWindows || platform.isCygwin then
        "win32"
      else
        null;
  };

  nimOf = platform: {
    cpu =
      if platform.isAarch32 then
        "arm"
      else if platform.isAarch64 then
        "arm64"
      else if platform.isAlpha then
        "alpha"
      else if platform.isAvr then
        "avr"
      else if platform.isMips32 then
        "mips"
      else if platform.isMips64 then
        "mips64"
      else if platform.isMsp430 then
        "msp430"
      else if platform.isPower then
        (if platform.is64bit then "powerpc64" else "powerpc")
      else if platform.isRiscV64 then
        "riscv64"
      else if platform.isSparc then
        "sparc"
      else if platform.isx86_32 then
        "i386"
      else if platform.isx86_64 then
        "amd64"
      else
        null;
    os =
      if platform.isAndroid then
        "Android"
      else if platform.isDarwin then
        "MacOSX"
      else if platform.isFreeBSD then
        "FreeBSD"
      else if platform.isGenode then
        "Genode"
      else if platform.isLinux then
        "Linux"
      else if platform.isNetBSD then
        "NetBSD"
      else if platform.isNone then
        "Standalone"
      else if platform.isOpenBSD then
        "OpenBSD"
      else if platform.isWindows then
        "Windows"
      else if platform.isiOS then
        "iOS"
      else
        null;
  };

  # Rust's target, which it has its own names for; `given` is what the platform
  # says itself, in one of two spellings.
  rustOf =
    platform: args:
    let
      given = args.rust or args.rustc or { };
      inherit (platform.parsed) abi cpu kernel vendor;

      # A target specification in JSON is a platform of its own.
      specified =
        given.platform or (
          if hasSuffix ".json" (given.rustcTargetSpec or "") then lib.importJSON given.rustcTargetSpec else { }
        );
      arch =
        if given ? platform then
          given.platform.arch
        else if platform.isAarch32 then
          "arm"
        else if platform.isMips64 then
          "mips64"
        else if platform.isPower64 then
          "powerpc64"
        else
          cpu.name;
      os =
        if given ? platform then
          given.platform.os or "none"
        else if platform.isDarwin then
          "macos"
        else if platform.isWasm && !platform.isWasi then
          "unknown"
        else
          kernel.name;
      families =
        args.rust.platform.target-family or (
          if args ? rustc.platform.target-family then
            lib.toList args.rustc.platform.target-family
          else
            optional platform.isUnix "unix" ++ optional platform.isWindows "windows" ++ optional platform.isWasm "wasm"
        );

      targetCpu =
        given.platform.arch or {
          armv5tel = "armv5te";
          armv6l = "arm";
          armv7a = "armv7";
          armv7l = "armv7";
          riscv32 = "riscv32gc";
          riscv64 = "riscv64gc";
        }
        .${cpu.name} or cpu.name;
      targetAbi = if hasPrefix "powerpc" cpu.name && hasPrefix "gnuabielfv" abi.name then "gnu" else abi.name;
      inferred =
        if platform.isWasi then
          "${targetCpu}-wasip1"
        else
          "${targetCpu}-${platform.rust.platform.vendor}-${kernel.name}${
            optionalString (abi.name != "unknown") "-${targetAbi}"
          }";
    in
    given
    // {
      platform = specified // {
        inherit arch os;
        target-family = families;
        vendor = given.platform.vendor or (if vendor.name == "w64" then "pc" else vendor.name);
      };
      rustcTargetSpec =
        args.rust.rustcTargetSpec or args.rustc.config or (
          if given ? platform then
            builtins.toFile ((given.rustcTarget or inferred) + ".json") (builtins.toJSON given.platform)
          else
            args.rust.rustcTarget or inferred
        );
      rustcTarget = given.rustcTarget or platform.rust.cargoShortTarget;
      cargoShortTarget = lib.removeSuffix ".json" (baseNameOf "${platform.rust.rustcTargetSpec}");
      cargoEnvVarTarget = lib.replaceString "-" "_" (lib.toUpper platform.rust.cargoShortTarget);
      isNoStdTarget = builtins.any (part: lib.hasInfix part platform.rust.rustcTarget) [
        "-none"
        "nvptx"
        "switch"
        "-uefi"
      ];
    };

  # The command in front of a program of `platform` on the machine that `pkgs`
  # are for; null where there is none.
  emulatorFor =
    platform: pkgs:
    let
      host = pkgs.stdenv.hostPlatform;
    in
    if host.canExecute platform then
      lib.getExe (pkgs.writeShellScriptBin "exec" ''exec "$@"'')
    else if platform.isWindows then
      "${(pkgs.winePackagesFor "wine${toString platform.parsed.cpu.bits}").minimal}/bin/wine"
    else if platform.isLinux && host.isLinux && platform.qemuArch != null then
      "${pkgs.qemu-user}/bin/qemu-${platform.qemuArch}"
    else if platform.isWasi then
      "${pkgs.wasmtime}/bin/wasmtime"
    else if platform.isGhcjs then
      "${pkgs.nodejs-slim}/bin/node"
    else if platform.isMmix then
      "${pkgs.mmixware}/bin/mmix"
    else
      null;

  # -- Elaborating ---------------------------------------------------------------

  # What follows from the parsed system and from `args`, before `args` override it.
  derived = platform: args: {
    system = parse.doubleFromSystem platform.parsed;
    config = parse.tripleFromSystem platform.parsed;

    useLLVM = platform.isFreeBSD || platform.isOpenBSD;
    useAndroidPrebuilt = false;
    useiOSPrebuilt = false;
    isStatic = platform.isWasi || platform.isRedox;
    hasSharedLibraries =
      !platform.isStatic
      && builtins.any (name: platform.${name}) [
        "isAndroid"
        "isGnu"
        "isMusl"
        "isDarwin"
        "isSunOS"
        "isOpenBSD"
        "isFreeBSD"
        "isNetBSD"
        "isCygwin"
        "isMinGW"
        "isWindows"
        "isWasm"
      ];
    libc = libcOf platform;
    linker =
      if platform.useLLVM then
        "lld"
      else if platform.isDarwin then
        "cctools"
      else
        "bfd";
    libDir =
      if !platform.isLinux then
        null
      else if platform.isx86_64 || platform.isMips64 || platform.isPower64 then
        "lib64"
      else
        "lib";
    extensions =
      let
        dos = platform.isWindows || platform.isCygwin;
        inherit (platform) extensions;
      in
      {
        staticLibrary = if platform.isWindows then ".lib" else ".a";
        library = if platform.isStatic then extensions.staticLibrary else extensions.sharedLibrary;
        executable = optionalString dos ".exe";
      }
      // lib.optionalAttrs platform.hasSharedLibraries {
        sharedLibrary =
          if platform.isDarwin then
            ".dylib"
          else if dos then
            ".dll"
          else
            ".so";
      };

    inherit ({ gcc = args.gcc or { }; } // platforms.select platform) gcc;
    rustc = args.rustc or { };

    uname = unameOf platform;
    linuxArch = linuxArchOf platform;
    # Das U-Boot has one directory for x86, and two for MIPS.
    ubootArch =
      if platform.isx86_32 then
        "x86"
      else if platform.isMips64 then
        "mips64"
      else
        platform.linuxArch;
    qemuArch = qemuArchOf platform;
    efiArch = efiArchOf platform;

    darwinArch = parse.darwinArch platform.parsed.cpu;
    darwinPlatform =
      if platform.isMacOS then
        "macos"
      else if platform.isiOS then
        "ios"
      else
        null;
    darwinSdkVersion = platform.sdkVer or "14.4";
    darwinMinVersion = "14.0";
    darwinMinVersionVariable =
      if platform.isMacOS then
        "MACOSX_DEPLOYMENT_TARGET"
      else if platform.isiOS then
        "IPHONEOS_DEPLOYMENT_TARGET"
      else
        null;
    androidSdkVersion = null;
    androidNdkVersion = null;

    # Whether this platform runs programs of `other` without help.
    canExecute =
      other:
      platform.isAndroid == other.isAndroid
      && parse.isCompatible platform.parsed.cpu other.parsed.cpu
      && platform.parsed.kernel == other.parsed.kernel
      && (
        platform.parsed.cpu != other.parsed.cpu
        || !(other ? gcc.arch)
        || (platform ? gcc.arch && architectures.canExecute platform.gcc.arch other.gcc.arch)
      );
    emulatorAvailable = pkgs: emulatorFor platform pkgs != null;
    staticEmulatorAvailable =
      pkgs: platform.emulatorAvailable pkgs && (platform.isLinux || platform.isWasi || platform.isMmix);
    emulator =
      pkgs:
      if platform.emulatorAvailable pkgs then
        emulatorFor platform pkgs
      else
        throw "Don't know how to run ${platform.config} executables.";
  };

  elaborate =
    given:
    let
      all = asAttrs given;
      # These follow from the others, also where an elaborated platform is
      # elaborated again.
      args = removeAttrs all [ "_withoutFunctions" "parsed" "system" ];
      platform =
        {
          _withoutFunctions = removeAttrs platform (functionNames ++ [ "_withoutFunctions" ]);
          parsed = parse.mkSystemFromString (args.config or all.system);
        }
        // derived platform args
        // mapAttrs (_: is: is platform.parsed) inspect.predicates
        // mapAttrs (_: has: has (platform.gcc.arch or "default")) architectures.predicates
        // args
        // {
          rust = rustOf platform args;
          go = goOf platform;
          node = nodeOf platform;
          nim = nimOf platform;
        };
      sound = builtins.all (
        { assertion, message }: assertion platform || throw message
      ) (platform.parsed.abi.assertions or [ ]);
    in
    assert
      args ? linux-kernel
      -> throw "lib.systems.elaborate: linux-kernel has been removed; see the 26.11 release notes";
    assert platform.useAndroidPrebuilt -> platform.isAndroid;
    assert sound;
    platform;
in
{
  architectures = import ./architectures.nix { inherit lib; };
  doubles = import ./doubles.nix { inherit lib; };
  examples = import ./examples.nix { inherit lib; };
  inspect = import ./inspect.nix { inherit lib; };
  parse = import ./parse.nix { inherit lib; };
  platforms = import ./platforms.nix { inherit lib; };

  inherit elaborate functionNames;
  systemToAttrs = asAttrs;
  equals = a: b: a._withoutFunctions == b._withoutFunctions;
  toLosslessStringMaybe =
    platform:
    if builtins.isString platform then
      platform
    else if lib.systems.equals platform (elaborate platform.system) then
      platform.system
    else
      null;

  # How far nixpkgs goes in keeping a system working.
  supported = rec {
    tier1 = [ "x86_64-linux" ];
    tier2 = [ "aarch64-linux" "x86_64-darwin" ];
    tier3 = [ "armv6l-linux" "armv7l-linux" "i686-linux" "mipsel-linux" ];
    hydra = tier1 ++ tier2 ++ tier3 ++ [ "aarch64-darwin" ];
  };
  # The systems that its flake has outputs for.
  flakeExposed = [
    "x86_64-linux"
    "aarch64-linux"
    "x86_64-darwin"
    "armv6l-linux"
    "armv7l-linux"
    "i686-linux"
    "aarch64-darwin"
    "powerpc64le-linux"
    "riscv64-linux"
    "x86_64-freebsd"
  ];
}
