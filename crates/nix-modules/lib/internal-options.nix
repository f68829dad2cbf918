# The options of the module system itself, below `_module`: what modules are
# called with and how strict an evaluation is.
{ lib }:
prefix: {
  args =
    lib.mkOption {
      # Lazy in its values: an argument that nobody uses is never evaluated.
      type = lib.types.lazyAttrsOf lib.types.raw;
      description = ''
        More arguments that each module is called with, beside `lib`, `config`,
        `options` and what `specialArgs` brings. A submodule is also given `name`,
        the attribute name it is bound to.
      '';
    }
    // lib.optionalAttrs (prefix != [ ]) { internal = true; };

  check = lib.mkOption {
    type = lib.types.bool;
    internal = true;
    default = true;
    description = "Whether every definition must have an option.";
  };

  freeformType = lib.mkOption {
    type = lib.types.nullOr lib.types.optionType;
    internal = true;
    default = null;
    description = ''
      The type that merges definitions without an option. Without one they are
      errors.
    '';
  };

  specialArgs = lib.mkOption {
    readOnly = true;
    internal = true;
    description = "The `specialArgs` that the evaluation was given.";
  };
}
