# The options that a kernel's structured configuration is merged by, for those who
# evaluate modules with them (`configfile.module`). The program itself merges
# natively, with the strategies that the user asks for.
{ lib, config, ... }:
let
  inherit (lib) mkOption types;

  item = types.submodule {
    options = {
      tristate = mkOption {
        type = types.enum [
          "y"
          "m"
          "n"
          null
        ];
        default = null;
        description = "The answer to a question for yes, module or no.";
      };
      freeform = mkOption {
        type = types.nullOr types.str // {
          merge = lib.mergeEqualOption;
        };
        default = null;
        example = "32";
        description = "The answer to a question for text or a number.";
      };
      optional = mkOption {
        type = types.bool // {
          merge = _: definitions: lib.all (definition: definition.value) definitions;
        };
        default = false;
        description = "Whether the answer may go unused. Mandatory wins over optional.";
      };
    };
  };
in
{
  options = {
    settings = mkOption {
      type = types.attrsOf item;
      default = { };
      description = "The structured configuration of a kernel.";
    };
    intermediateNixConfig = mkOption {
      type = types.lines;
      readOnly = true;
      description = "The settings as lines `NAME answer`, `NAME? answer` where optional.";
    };
  };
  config.intermediateNixConfig = builtins.nixKconfig.kernel.intermediate config.settings;
}
