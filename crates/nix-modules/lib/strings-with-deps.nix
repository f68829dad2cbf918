# Script fragments that name the fragments that must come before them.
{ lib }:
rec {
  # The texts of `wanted` (names in `known`, or entries) with all they depend
  # on, each name once, dependencies first.
  textClosureList =
    known: wanted:
    let
      visit =
        state: item:
        if builtins.isAttrs item then
          let
            before = builtins.foldl' visit state item.deps;
          in
          before // { texts = before.texts ++ [ item.text ]; }
        else if state.seen ? ${item} then
          state
        else
          visit (state // { seen = state.seen // { ${item} = true; }; }) known.${item};
    in
    (builtins.foldl' visit { seen = { }; texts = [ ]; } wanted).texts;
  textClosureMap = f: known: wanted: lib.concatMapStringsSep "\n" f (textClosureList known wanted);

  noDepEntry = text: fullDepEntry text [ ];
  fullDepEntry = text: deps: { inherit text deps; };
  packEntry = deps: fullDepEntry "" deps;
  stringAfter = deps: text: fullDepEntry text deps;
}
