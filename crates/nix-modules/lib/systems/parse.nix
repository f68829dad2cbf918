# Systems as data: what processors, vendors, kernels and ABIs there are, and the
# two ways of writing a system, Nix's pairs (`x86_64-linux`) and GNU's tuples
# (`x86_64-unknown-linux-gnu`).
{ lib }:
let
  inherit (builtins)
    concatStringsSep elem elemAt head length mapAttrs match
    ;
  inherit (lib) hasPrefix optionalString;
  inherit (lib.systems.inspect) predicates;

  named = type: mapAttrs (name: value: { _type = type; inherit name; } // value);

  # -- Processors --------------------------------------------------------------

  significantBytes = named "significant-byte" {
    bigEndian = { };
    littleEndian = { };
  };
  cpu = significantByte: bits: family: { inherit bits family significantByte; };
  little = cpu significantBytes.littleEndian;
  big = cpu significantBytes.bigEndian;
  arm = bits: version: arch: little bits "arm" // { inherit arch version; };
  arm32 = arm 32;
  x86 = bits: arch: little bits "x86" // { inherit arch; };

  cpuTypes = named "cpu-type" {
    arm = little 32 "arm";
    armv5tel = arm32 "5" "armv5t";
    armv6m = arm32 "6" "armv6-m";
    armv6l = arm32 "6" "armv6";
    armv7a = arm32 "7" "armv7-a";
    armv7r = arm32 "7" "armv7-r";
    armv7m = arm32 "7" "armv7-m";
    armv7l = arm32 "7" "armv7";
    armv8a = arm32 "8" "armv8-a";
    armv8r = arm32 "8" "armv8-a";
    armv8m = arm32 "8" "armv8-m";
    aarch64 = arm 64 "8" "armv8-a";
    aarch64_be = arm 64 "8" "armv8-a" // { significantByte = significantBytes.bigEndian; };

    i386 = x86 32 "i386";
    i486 = x86 32 "i486";
    i586 = x86 32 "i586";
    i686 = x86 32 "i686";
    x86_64 = x86 64 "x86-64";

    alpha = little 64 "alpha";
    arc = little 32 "arc";
    # The one without an order of bytes.
    avr = { bits = 8; family = "avr"; };
    javascript = little 32 "javascript";
    loongarch64 = little 64 "loongarch";
    m68k = big 32 "m68k";
    microblaze = big 32 "microblaze";
    microblazeel = little 32 "microblaze";
    mips = big 32 "mips";
    mipsel = little 32 "mips";
    mips64 = big 64 "mips";
    mips64el = little 64 "mips";
    mmix = big 64 "mmix";
    msp430 = little 16 "msp430";
    or1k = big 32 "or1k";
    powerpc = big 32 "power";
    powerpcle = little 32 "power";
    powerpc64 = big 64 "power";
    powerpc64le = little 64 "power";
    riscv32 = little 32 "riscv";
    riscv64 = little 64 "riscv";
    rx = little 32 "rx";
    s390 = big 32 "s390";
    s390x = big 64 "s390";
    sh4 = little 32 "sh";
    sparc = big 32 "sparc";
    sparc64 = big 64 "sparc";
    vc4 = little 32 "vc4";
    wasm32 = little 32 "wasm";
    wasm64 = little 64 "wasm";
  } // { arm64 = cpuTypes.aarch64; };

  # What else runs the code of each: the next ones up.
  runsOn = mapAttrs (_: map (name: cpuTypes.${name})) {
    i386 = [ "i486" ];
    i486 = [ "i586" ];
    i586 = [ "i686" ];
    i686 = [ "x86_64" ];
    arm = [ "armv5tel" ];
    armv5tel = [ "armv6l" ];
    armv6m = [ "armv6l" ];
    armv6l = [ "armv7l" ];
    armv7l = [ "armv7a" "armv7r" ];
    armv7m = [ "armv7a" "armv7r" ];
    armv8a = [ "aarch64" ];
    powerpc = [ "powerpc64" ];
    powerpcle = [ "powerpc64le" ];
    mips = [ "mips64" ];
    mipsel = [ "mips64el" ];
    sparc = [ "sparc64" ];
  };

  # -- Vendors, kernels, ABIs ----------------------------------------------------

  vendors = named "vendor" {
    apple = { };
    knuth = { };
    none = { };
    pc = { };
    unknown = { };
    w64 = { };
  };
  execFormats = named "exec-format" {
    aout = { };
    elf = { };
    macho = { };
    pe = { };
    unknown = { };
    wasm = { };
  };
  # The type's name is nixpkgs' slip, and part of every kernel's value.
  kernelFamilies = named "exec-format" {
    bsd = { };
    darwin = { };
  };

  kernel = format: { execFormat = execFormats.${format}; families = { }; };
  ofFamily = family: format: kernel format // { families.${family} = kernelFamilies.${family}; };
  kernels =
    named "kernel" {
      macos = ofFamily "darwin" "macho" // { name = "darwin"; };
      ios = ofFamily "darwin" "macho";
      freebsd = ofFamily "bsd" "elf";
      netbsd = ofFamily "bsd" "elf";
      openbsd = ofFamily "bsd" "elf";
      genode = kernel "elf";
      linux = kernel "elf";
      redox = kernel "elf";
      solaris = kernel "elf";
      cygwin = kernel "pe";
      uefi = kernel "pe";
      windows = kernel "pe";
      wasi = kernel "wasm";
      ghcjs = kernel "unknown";
      mmixware = kernel "unknown";
      none = kernel "unknown";
    }
    // {
      darwin = kernels.macos;
      tvos = kernels.ios;
      watchos = kernels.ios;
      win32 = kernels.windows;
    };

  soft = { float = "soft"; eabi = true; };
  hard = { float = "hard"; eabi = true; };
  ambiguous = name: where: instead: assertion: {
    inherit assertion;
    message = "The \"${name}\" ABI ${where}. Use ${instead} instead.\n";
  };
  abis = named "abi" {
    unknown = { };
    elf = { };
    msvc = { };
    eabi = soft;
    eabihf = hard;
    androideabi = { eabi = true; };
    android.assertions = [
      (ambiguous "android" "is not for 32-bit ARM" "\"androideabi\"" (platform: !platform.isAarch32))
    ];
    gnu.assertions = [
      (ambiguous "gnu" "is ambiguous on 32-bit ARM" "\"gnueabi\" or \"gnueabihf\"" (platform: !platform.isAarch32))
      (ambiguous "gnu" "is ambiguous on big-endian 64-bit PowerPC" "\"gnuabielfv2\" or \"gnuabielfv1\"" (
        platform: !(platform.isPower64 && platform.isBigEndian)
      ))
    ];
    gnueabi = soft;
    gnueabihf = hard;
    gnuabi64.abi = "64";
    gnuabin32.abi = "n32";
    gnuabielfv1.abi = "elfv1";
    gnuabielfv2.abi = "elfv2";
    musl = { };
    musleabi = soft;
    musleabihf = hard;
    muslabi64.abi = "64";
    muslabin32.abi = "n32";
    uclibc = { };
    uclibceabi = soft;
    uclibceabihf = hard;
  };

  # -- Types -------------------------------------------------------------------

  open =
    name: description: check:
    lib.types.mkOptionType {
      inherit name description check;
      merge = lib.mergeOneOption;
    };
  anything = _: true;
  enumOf = set: lib.types.enum (builtins.attrValues set);
  types = {
    openSignificantByte = open "significant-byte" "Endianness" anything;
    significantByte = enumOf significantBytes;
    bitWidth = lib.types.enum [ 8 16 32 64 128 ];
    openCpuType = open "cpu-type" "instruction set architecture name and information" (
      value:
      types.bitWidth.check value.bits
      && (
        if value.bits > 8 then
          types.significantByte.check value.significantByte
        else
          !(value ? significantByte)
      )
    );
    cpuType = enumOf cpuTypes;
    openVendor = open "vendor" "vendor for the platform" anything;
    vendor = enumOf vendors;
    openExecFormat = open "exec-format" "executable container used by the kernel" anything;
    execFormat = enumOf execFormats;
    openKernelFamily = open "exec-format" "executable container used by the kernel" anything;
    kernelFamily = enumOf kernelFamilies;
    openKernel = open "kernel" "kernel name and information" (
      value:
      types.execFormat.check value.execFormat
      && builtins.all types.kernelFamily.check (builtins.attrValues value.families)
    );
    kernel = enumOf kernels;
    openAbi = open "abi" "binary interface for compiled code and syscalls" anything;
    abi = enumOf abis;
    parsedPlatform = open "system" "fully parsed representation of llvm- or nix-style platform tuple" (
      { cpu, vendor, kernel, abi }:
      types.cpuType.check cpu
      && types.vendor.check vendor
      && types.kernel.check kernel
      && types.abi.check abi
    );
  };

  # -- Reading -----------------------------------------------------------------

  # Which component is which, by how many there are and by what they say.
  skeleton =
    parts:
    let
      shown = "system string '${concatStringsSep "-" parts}'";
      count = length parts;
      first = head parts;
      second = elemAt parts 1;
      third = elemAt parts 2;
      bareMetal = vendor: kernel: abi: { cpu = first; inherit abi kernel vendor; };
      # In tuples of three, the kernel comes last after these.
      endsInKernel =
        second == "apple"
        || elem third [ "ghcjs" "mingw32" "mmixware" "redox" "uefi" ]
        || builtins.any (kernel: hasPrefix kernel third) [ "freebsd" "genode" "netbsd" "openbsd" ]
        || hasPrefix "wasm32" first;
    in
    if count == 1 then
      if first == "avr" then
        { cpu = first; kernel = "none"; abi = "unknown"; }
      else
        throw "${shown} with 1 component is ambiguous"
    else if count == 2 then
      if second == "cygwin" then
        skeleton [ first "pc" "cygwin" ]
      else if second == "windows" then
        { cpu = first; kernel = "windows"; abi = "msvc"; }
      else if second == "elf" then
        bareMetal "unknown" "none" "elf"
      else
        { cpu = first; kernel = second; }
    else if count == 3 then
      if second == "linux" || elem third [ "eabi" "eabihf" "elf" "gnu" ] then
        bareMetal "unknown" second third
      else if endsInKernel then
        {
          cpu = first;
          vendor = second;
          kernel = if third == "mingw32" then "windows" else third;
        }
      else if third == "cygwin" then
        { cpu = first; vendor = second; kernel = "cygwin"; }
      else
        throw "${shown} with 3 components is ambiguous"
    else if count == 4 then
      bareMetal second third (elemAt parts 3)
    else
      throw "${shown} has invalid number of hyphen-separated components";

  # "linuxeabi" and the like name the kernel first.
  kernelPart =
    text:
    let
      beforeAbi = match "(.*)e?abi.*" text;
    in
    if hasPrefix "darwin" text then
      "darwin"
    else if hasPrefix "netbsd" text then
      "netbsd"
    else if beforeAbi == null then
      text
    else
      head beforeAbi;

  defaultAbi =
    parsed:
    if !(predicates.isLinux parsed || predicates.isWindows parsed) then
      abis.unknown
    else if predicates.isAarch32 parsed then
      if lib.versionAtLeast (parsed.cpu.version or "0") "6" then abis.gnueabihf else abis.gnueabi
    else if predicates.isPower64 parsed && predicates.isBigEndian parsed then
      abis.gnuabielfv1
    else
      abis.gnu;
  defaultVendor =
    parsed:
    if predicates.isDarwin parsed then
      vendors.apple
    else if predicates.isWindows parsed || predicates.isCygwin parsed then
      vendors.pc
    else
      vendors.unknown;

  makeSystem = components: { _type = "system"; } // components;

  usesAout = cpu: cpu.bits == 32 && elem cpu.family [ "arm" "m68k" "sparc" "x86" ];
  netbsdFormat = cpu: if usesAout cpu then execFormats.aout else execFormats.elf;
in
rec {
  inherit
    abis cpuTypes execFormats kernelFamilies kernels significantBytes types vendors
    ;

  # Whether `host` runs the code of `target`. Equality of the whole value:
  # programs may make processors of their own.
  isCompatible =
    host: target:
    host == target
    || builtins.any (isCompatible host) (
      let
        name = target.name or "";
      in
      if target == cpuTypes.${name} or null then runsOn.${name} or [ ] else [ ]
    );

  isSystem = value: value._type or "" == "system";
  mkSystem =
    components:
    assert lib.assertMsg (
      removeAttrs components [ "cpu" "vendor" "kernel" "abi" ] == { }
    ) "lib.systems.parse.mkSystem: a system has cpu, vendor, kernel and abi only";
    assert elem components.cpu (builtins.attrValues cpuTypes);
    assert elem components.vendor (builtins.attrValues vendors);
    assert elem components.kernel (builtins.attrValues kernels);
    assert elem components.abi.name (builtins.attrNames abis);
    makeSystem components;
  mkSkeletonFromList = skeleton;
  mkSystemFromSkeleton =
    {
      cpu,
      kernel,
      vendor ? null,
      abi ? null,
    }:
    let
      find = what: known: name: known.${name} or (throw "Unknown ${what}: ${name}");
      parsed = makeSystem {
        cpu = find "CPU type" cpuTypes cpu;
        kernel = find "kernel" kernels (kernelPart kernel);
        vendor = if vendor == null then defaultVendor parsed else find "vendor" vendors vendor;
        abi = if abi == null then defaultAbi parsed else find "ABI" abis abi;
      };
    in
    # An unknown name is better met here than by whoever asks for it first.
    builtins.foldl' (system: component: builtins.seq system.${component} system) parsed [
      "cpu"
      "vendor"
      "kernel"
      "abi"
    ];
  mkSystemFromString = text: mkSystemFromSkeleton (skeleton (lib.splitString "-" text));

  # -- Writing -----------------------------------------------------------------

  kernelName = kernel: kernel.name + toString (kernel.version or "");
  darwinArch = cpu: if cpu.name == "aarch64" then "arm64" else cpu.name;
  gnuNetBSDDefaultExecFormat = netbsdFormat;
  doubleFromSystem =
    { cpu, kernel, ... }:
    "${cpu.name}-${if kernel.families ? darwin then "darwin" else kernelName kernel}";
  tripleFromSystem =
    {
      cpu,
      vendor,
      kernel,
      abi,
      ...
    }@system:
    assert isSystem system;
    let
      processor = if kernel.families ? darwin then darwinArch cpu else cpu.name;
      format = optionalString (
        kernel.name == "netbsd" && netbsdFormat cpu != kernel.execFormat
      ) kernel.execFormat.name;
    in
    "${processor}-${vendor.name}-${kernelName kernel}${format}${
      optionalString (abi.name != "unknown") "-${abi.name}"
    }";

  # The same system on musl, float and address conventions kept.
  mkMuslSystem =
    parsed:
    let
      kept = match "(gnu|musl)(eabi|eabihf|abin32|abi64)" parsed.abi.name;
    in
    parsed // { abi = abis.${if kept == null then "musl" else "musl" + elemAt kept 1}; };
}
