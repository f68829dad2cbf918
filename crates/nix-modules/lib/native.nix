# The seam to what is native here. `builtins.nixKconfig` holds families of
# functions (`modules`, `options`, `types`), each as a function of the library that
# it belongs to; of what is in both, the native one counts. Another Nix has no such builtin: the names are there all the same, and
# asking for one says why it cannot be had.
let
  native = builtins.nixKconfig or { };
  onlyNative = {
    modules = [
      "applyModuleArgsIfFunction"
      "collectModules"
      "dischargeProperties"
      "evalModules"
      "evalOptionValue"
      "filterOverrides"
      "filterOverrides'"
      "fixupOptionType"
      "mergeDefinitions"
      "mergeModules"
      "mergeModules'"
      "mergeOptionDecls"
      "pushDownProperties"
      "sortProperties"
      "unifyModuleSyntax"
    ];
  };
  hole = family: name: {
    inherit name;
    value = throw "lib.${family}.${name} is part of nix-kconfig itself, and this library is being evaluated by another Nix: use nixpkgs' own lib there.";
  };
in
lib: family: own:
if native ? ${family} then
  own // native.${family} lib
else
  builtins.listToAttrs (map (hole family) (onlyNative.${family} or [ ])) // own
