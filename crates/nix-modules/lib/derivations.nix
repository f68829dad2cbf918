# Derivations handled without being evaluated.
{ lib }:
let
  inherit (builtins) mapAttrs;
  brief = lib.generators.toPretty { multiline = false; };
  whereSet =
    name: set:
    let
      position = builtins.unsafeGetAttrPos name set;
    in
    lib.optionalString (
      position != null
    ) ",\n    at ${position.file}:${toString position.line}:${toString position.column}";
  whereDefined =
    drv:
    lib.optionalString (builtins.isString (drv.meta.position or null)) ",\n    defined at ${drv.meta.position}";
in
{
  inherit (builtins) addDrvOutputDependencies unsafeDiscardOutputDependency;

  # A derivation whose names are known before it is evaluated; only asking for
  # one of its values evaluates it.
  lazyDerivation =
    arguments@{
      derivation,
      meta ? null,
      passthru ? { },
      outputs ? [ "out" ],
    }:
    let
      evaluated =
        if derivation.type or null != "derivation" then
          throw "lazyDerivation: input must be a derivation."
        else if derivation.outputs != outputs then
          throw ''
            lib.lazyDerivation: The derivation ${derivation.name or "<unknown>"} has outputs that don't match the assumed outputs.

            Assumed outputs passed to lazyDerivation${whereSet "outputs" arguments}:
                ${brief outputs};

            Actual outputs of the derivation${whereDefined derivation}:
                ${brief derivation.outputs}

            Where the outputs are known beforehand, pass them as `outputs`, in the same order.
            Otherwise bind the package to a variable and pass that with its own `outputs`:
            the attributes are still trimmed, though no longer lazily.
          ''
        else
          derivation;
    in
    {
      type = "derivation";
      inherit (evaluated) drvPath name outPath outputName system;
      inherit outputs;
      meta = arguments.meta or evaluated.meta;
    }
    // lib.genAttrs outputs (output: evaluated.${output})
    // passthru;

  # null is no environment variable, and no dependency.
  optionalDrvAttr = condition: value: if condition then value else null;

  # Warns when the derivation is used, not when it is merely named.
  warnOnInstantiate =
    message: drv:
    let
      again = lib.derivations.warnOnInstantiate message;
      used = removeAttrs drv [ "meta" "name" "outputName" "type" ];
    in
    drv
    // mapAttrs (_: lib.warn message) used
    // lib.optionalAttrs (builtins.isFunction (drv.overrideAttrs or null)) {
      overrideAttrs = change: again (drv.overrideAttrs change);
    };
}
