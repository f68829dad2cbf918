/*
  `derivation`, in Nix.

  `derivationStrict` computes where the outputs of a derivation are. What this
  function gives is the set of attributes that it was called with, and around them
  what people expect of a derivation:

  - `outPath` and `drvPath`, computed when somebody asks for them;
  - `type`, by which a derivation is told from another set;
  - an attribute for each output, which is the same derivation with that output's
    `outPath` and `outputName`; the first output is what the function returns;
  - `all`, the list of them;
  - `drvAttrs`, the attributes as they were given.

  A message that leads here shows lines of this text. Nix has a file of this name
  for the same, and people know these lines from its messages; so each definition
  stands where Nix's messages say that it stands there.

  The order of definitions has no meaning otherwise: each is evaluated when it is
  needed, and none before.

  Nothing here is specific to this evaluator: whoever reads it learns what a
  derivation is.

  The formal argument `outputs` is the only one that is looked at. Everything else
  is passed through: it becomes an attribute of the result, and a variable of the
  environment that the builder runs in.

*/
drvAttrs@{
  outputs ? [ "out" ],
  ...
}:

let

  strict = derivationStrict drvAttrs;

  commonAttrs =
    drvAttrs
    // (builtins.listToAttrs outputsList)
    // {
      all = map (output: output.value) outputsList;
      inherit drvAttrs;
    };

  withOutput = outputName: {
    name = outputName;
    value = commonAttrs // {
      outPath = builtins.getAttr outputName strict;
      drvPath = strict.drvPath;
      type = "derivation";
      inherit outputName;
    };
  };

  outputsList = map withOutput outputs;

in
(builtins.head outputsList).value
