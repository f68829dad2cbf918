# What a package's source is, for `meta.sourceProvenance`.
{ lib }:
let
  sourceType = isSource: shortName: { inherit isSource shortName; };
in
lib.genAttrs [
  "binaryBytecode"
  "binaryFirmware"
  "binaryNativeCode"
  "obfuscatedCode"
] (sourceType false)
// {
  fromSource = sourceType true "fromSource";
}
