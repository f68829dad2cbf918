# A NixOS system as far as its kernel goes: `boot.kernelPackages`,
# `boot.kernelPatches`, `nixpkgs.*` and `specialisation` are declared and mean what
# they mean in NixOS. Of what else a machine's configuration sets nothing is
# known: it is taken as it comes, and looked at only where the kernel depends on
# it.
{ lib, pkgs }:
{
  modules,
  specialArgs ? { },
}:
let
  evaluate =
    modules:
    lib.evalModules {
      class = "nixos";
      specialArgs = {
        modulesPath = toString ./nixos/modules;
        # Where a specialisation starts from that inherits nothing.
        noUserModules = evaluate [ ];
      }
      // specialArgs;
      modules = [ (import ./nixos-options.nix { base = pkgs; }) ] ++ modules;
    };
in
evaluate modules
