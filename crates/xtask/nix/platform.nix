# Of `stdenv.hostPlatform`, what the fixtures ask: which platform it is.
system:
let
  parts = builtins.match "([^-]+)-linux" system;
  cpu =
    if parts == null then
      throw "platform.nix knows Linux systems only, not ${system}"
    else
      builtins.head parts;
in
{
  inherit system;
  isLinux = true;
  is64bit = true;
  is32bit = false;
  isx86 = cpu == "x86_64";
  isx86_64 = cpu == "x86_64";
  isAarch64 = cpu == "aarch64";
  isAarch32 = false;
  isRiscV64 = cpu == "riscv64";
}
