# Version strings.
{ lib }:
let
  inherit (builtins) concatStringsSep elemAt splitVersion;
in
{
  inherit (builtins) compareVersions splitVersion;
  major = version: elemAt (splitVersion version) 0;
  minor = version: elemAt (splitVersion version) 1;
  patch = version: elemAt (splitVersion version) 2;
  majorMinor = version: concatStringsSep "." (lib.take 2 (splitVersion version));

  # To exactly `n` components, of what stands before the first dash.
  pad =
    n: version:
    let
      numeric = builtins.head (lib.splitString "-" version);
    in
    concatStringsSep "." (lib.take n (splitVersion numeric ++ lib.replicate n "0"))
    + lib.removePrefix numeric version;
}
