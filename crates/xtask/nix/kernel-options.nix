# The options that a kernel's structured configuration is merged by, with the
# three strategies: equal, best answer, mandatory over optional.
{ lib, answers }:

let
  inherit (lib) mkOption types;

  # The best answer is the first of `answers` that anyone gave; no answer
  # (`unset`) is worse than any.
  mergeAnswer =
    _: definitions:
    let
      given = map (definition: definition.value) definitions;
    in
    lib.findFirst (answer: lib.elem answer given) null answers;

  item = types.submodule {
    options = {
      tristate = mkOption {
        type =
          types.enum [
            "y"
            "m"
            "n"
            null
          ]
          // lib.optionalAttrs (answers != "equal") { merge = mergeAnswer; };
        default = null;
      };
      freeform = mkOption {
        type = types.nullOr types.str // {
          merge = lib.mergeEqualOption;
        };
        default = null;
      };
      optional = mkOption {
        type = types.bool // {
          merge = _: definitions: lib.all (definition: definition.value) definitions;
        };
        default = false;
      };
    };
  };
in
{
  options.settings = mkOption {
    type = types.attrsOf item;
    default = { };
  };
}
