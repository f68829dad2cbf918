# The arguments of `buildLinux` that a kernel file comes to, whichever its shape:
# a function for `callPackage`, a set of arguments, or a kernel package.
{ pkgs, version }:
written:
let
  inherit (pkgs) lib;
  built = if lib.isFunction written then pkgs.callPackage written { } else written;
  arguments =
    if !builtins.isAttrs built then
      throw "A kernel file gives a set of arguments for `buildLinux', a kernel package, or a function that ends in `buildLinux { … }'; this one gives a value of type ${builtins.typeOf built}."
    else
      built.nixKconfigArguments or (removeAttrs built [
        "override"
        "overrideDerivation"
      ]);
in
lib.optionalAttrs (version != null) { inherit version; } // arguments
