# Answers to a kernel's configuration questions, as `structuredExtraConfig`
# wants them.
{ lib }:
let
  tristate = answer: {
    tristate = answer;
    optional = false;
  };
in
{
  yes = tristate "y";
  module = tristate "m";
  no = tristate "n";
  # Neither answered nor left to a default: the question may not be there.
  unset = tristate null;

  # Strings and numbers.
  freeform = value: {
    freeform = value;
    optional = false;
  };

  # An answer that may go unused, where others must take effect.
  option = answer: answer // { optional = true; };

  # Conditions on a kernel's version; a range has its start and not its end.
  whenHelpers =
    version:
    let
      atLeast = lib.versionAtLeast version;
      older = lib.versionOlder version;
    in
    {
      whenAtLeast = from: lib.mkIf (atLeast from);
      whenOlder = to: lib.mkIf (older to);
      whenBetween = from: to: lib.mkIf (atLeast from && older to);
    };
}
