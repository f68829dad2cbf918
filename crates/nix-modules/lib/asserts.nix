# Assertions that say what is wrong.
{ lib }:
let
  pretty = lib.generators.toPretty { };
in
rec {
  assertMsg = condition: message: condition || throw message;
  assertOneOf =
    name: value: valid:
    assertMsg (builtins.elem value valid) "${name} must be one of ${pretty valid}, but is: ${pretty value}";
  assertEachOneOf =
    name: values: valid:
    assertMsg (builtins.all (value: builtins.elem value valid) values)
      "each element in ${name} must be one of ${pretty valid}, but is: ${pretty values}";

  # What NixOS does with `assertions` and `warnings`.
  checkAssertWarn =
    assertions: warnings: value:
    let
      failed = map (a: a.message) (builtins.filter (a: !a.assertion) assertions);
    in
    if failed == [ ] then
      lib.showWarnings warnings value
    else
      throw "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (message: "- ${message}") failed}";
}
