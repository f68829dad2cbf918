# `callPackage` that never fails over a package it does not know: what a function
# asks for by name and is not in the set is opaque.
{ lib, opaque }:
packages: written: overrides:
let
  function = if lib.isFunction written then written else import written;
  wanted = lib.functionArgs function;
  arguments =
    builtins.mapAttrs (name: _: packages.${name} or (opaque name)) (
      lib.filterAttrs (name: optional: packages ? ${name} || !optional) wanted
    )
    // overrides;
in
if lib.isFunction function then lib.makeOverridable function arguments else function
