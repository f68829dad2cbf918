# What the compiler is told of machines, beyond their system.
{ lib }:
let
  gcc = settings: { gcc = settings; };
  mips = arch: abi: gcc { inherit abi arch; };
in
rec {
  # -- ARM -----------------------------------------------------------------------

  armv5tel-multiplatform = gcc { arch = "armv5te"; };
  raspberrypi = gcc { arch = "armv6kz"; fpu = "vfpv2"; };
  raspberrypi2 = armv7l-hf-multiplatform;
  armv7l-hf-multiplatform = gcc { arch = "armv7-a"; fpu = "vfpv3-d16"; };
  armv7a-android = gcc { arch = "armv7-a"; float-abi = "softfp"; fpu = "vfpv3-d16"; };
  zero-gravitas = gcc { cpu = "cortex-a9"; fpu = "neon"; };
  zero-sugar = gcc { cpu = "cortex-a7"; fpu = "neon-vfpv4"; float-abi = "hard"; };
  aarch64-multiplatform = gcc { arch = "armv8-a"; };
  bluefield2 = gcc { arch = "armv8-a+fp+simd+crc+crypto"; };
  apple-m1 = gcc {
    arch = "armv8.3-a+crypto+sha2+aes+crc+fp16+lse+simd+ras+rdm+rcpc";
    cpu = "apple-a13";
  };

  # -- MIPS ----------------------------------------------------------------------

  ben_nanonote = gcc { arch = "mips32"; float = "soft"; };
  fuloong2f_n32 = gcc { arch = "loongson2f"; abi = "n32"; float = "hard"; };
  gcc_mips32r2_o32 = mips "mips32r2" "32";
  gcc_mips32r6_o32 = mips "mips32r6" "32";
  gcc_mips64r2_n32 = mips "mips64r2" "n32";
  gcc_mips64r6_n32 = mips "mips64r6" "n32";
  gcc_mips64r2_64 = mips "mips64r2" "64";
  gcc_mips64r6_64 = mips "mips64r6" "64";

  # -- Others --------------------------------------------------------------------

  loongarch64-multiplatform = gcc { arch = "la64v1.0"; cmodel = "medium"; strict-align = false; };

  # What to assume of a platform that says nothing itself.
  select =
    platform:
    let
      version = platform.parsed.cpu.version or null;
    in
    if platform.isAarch32 then
      if version == null then
        { }
      else if lib.versionOlder version "6" then
        armv5tel-multiplatform
      else if lib.versionOlder version "7" then
        raspberrypi
      else
        armv7l-hf-multiplatform
    else if platform.isAarch64 then
      (if platform.isDarwin then apple-m1 else aarch64-multiplatform)
    else if platform.isLoongArch64 then
      loongarch64-multiplatform
    else if platform.parsed.cpu == lib.systems.parse.cpuTypes.mipsel then
      lib.systems.examples.mipsel-linux-gnu
    else
      { };
}
