# Flake references.
{ lib }:
{
  inherit (builtins) flakeRefToString parseFlakeRef;
}
