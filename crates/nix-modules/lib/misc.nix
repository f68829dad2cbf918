# What nixpkgs keeps for old callers. New code has better ways for all of it.
{ lib }:
let
  inherit (builtins)
    attrNames concatMap elem filter foldl' genericClosure head isAttrs isBool isInt isList
    listToAttrs map mapAttrs tail
    ;
  zeros = n: builtins.concatStringsSep "" (builtins.genList (_: "0") n);
  propagated = pkg: pkg.propagatedBuildInputs or [ ] ++ pkg.propagatedNativeBuildInputs or [ ];
  mergers = merger: names: lib.genAttrs names (_: merger);
in
rec {
  # -- Placeholders for hashes that are not known yet ------------------------------

  fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  fakeSha256 = zeros 64;
  fakeSha512 = zeros 128;

  # -- Attributes --------------------------------------------------------------

  maybeEnv =
    name: fallback:
    let
      value = builtins.getEnv name;
    in
    if value == "" then fallback else value;
  maybeAttr = name: fallback: set: set.${name} or fallback;
  maybeAttrNullable = maybeAttr;
  nvs = name: value: { ${name} = value; };
  setAttr = set: name: value: set // { ${name} = value; };
  setAttrMerge = name: fallback: set: f: set // { ${name} = f (set.${name} or fallback); };

  # The value, or what is empty in its type.
  ifEnable =
    condition: value:
    if condition then
      value
    else if isList value then
      [ ]
    else if isAttrs value then
      { }
    else if isBool value then
      false
    else
      null;

  defaultMergeArg = old: change: if isAttrs change then change else change old;
  defaultMerge = old: change: old // defaultMergeArg old change;

  # A function whose result can be called again, with more arguments.
  foldArgs =
    merge: f: start: change:
    let
      given = defaultMergeArg start change;
      arguments = merge start given;
      result = f arguments;
      passthru = result.passthru or { };
      again = foldArgs merge f arguments;
    in
    result
    // {
      passthru = passthru // {
        function = again;
        args = passthru.args or { } // change;
      };
      override = again;
    };

  innerModifySumArgs =
    f: extra: sum: next:
    if next == null then f sum next // extra else innerModifySumArgs f extra (sum // next);
  modifySumArgs = f: extra: innerModifySumArgs f extra { };

  # -- Flags and requirements ------------------------------------------------------

  checkFlag =
    set: name:
    if name == "true" || name == "false" then
      name == "true"
    else
      elem name (set.flags or [ ]) || set.${name} or false;
  getValue =
    set: pairs: name:
    set.${name} or (
      if checkFlag set name then
        true
      else
        let
          found = filter (pair: head pair == name) pairs;
        in
        if found == [ ] then null else head (tail (head found))
    );
  checkReqs =
    set: pairs: requirements:
    let
      given =
        name:
        let
          value = getValue set pairs name;
        in
        value != null && value != false;
    in
    builtins.all (rule: checkFlag set (head rule) -> builtins.all given (tail rule)) requirements;
  condConcat =
    text: pairs: check:
    if pairs == [ ] then
      text
    else
      condConcat (if check (head pairs) then text + head (tail pairs) else text) (tail (tail pairs)) check;

  # -- Lists without duplicates ----------------------------------------------------

  uniqList =
    {
      inputList,
      acc ? [ ],
    }:
    let
      add =
        state: value:
        if elem value state.seen then
          state
        else
          {
            seen = [ value ] ++ state.seen;
            fresh = state.fresh ++ [ value ];
          };
    in
    (foldl' add { seen = acc; fresh = [ ]; } inputList).fresh;
  uniqListExt =
    {
      inputList,
      outputList ? [ ],
      getter ? (value: value),
      compare ? (a: b: a == b),
    }:
    foldl' (
      kept: value:
      if builtins.any (other: compare (getter other) (getter value)) kept then kept else kept ++ [ value ]
    ) outputList inputList;

  lazyGenericClosure =
    { startSet, operator }:
    let
      visit =
        todo: keys: done:
        if todo == [ ] then
          done
        else
          let
            item = head todo;
          in
          if elem item.key keys then
            visit (tail todo) keys done
          else
            visit (tail todo ++ operator item) ([ item.key ] ++ keys) ([ item ] ++ done);
    in
    visit startSet [ ] [ ];

  # -- Propagated inputs -----------------------------------------------------------

  innerClosePropagation =
    done: todo:
    if todo == [ ] then
      done
    else
      let
        pkg = head todo;
        closed = [ pkg ] ++ done;
        more = uniqList {
          inputList = propagated pkg ++ tail todo;
          acc = closed;
        };
      in
      if isAttrs pkg then innerClosePropagation closed more else innerClosePropagation done (tail todo);
  closePropagationSlow = packages: uniqList { inputList = innerClosePropagation [ ] packages; };
  closePropagationFast =
    packages:
    let
      items = list: map (pkg: { key = pkg.outPath; inherit pkg; }) (filter (pkg: pkg != null) list);
    in
    map (item: item.pkg) (genericClosure {
      startSet = items packages;
      operator = item: if isAttrs item.pkg then items (propagated item.pkg) else [ ];
    });
  closePropagation = closePropagationFast;

  # -- Merging by attribute ----------------------------------------------------------

  mergeAttrsWithFunc =
    f: set1: set2:
    # A name of the second set alone meets itself: callers have come to rely on it.
    set1 // mapAttrs (name: value: f (set1.${name} or value) value) set2;
  mergeAttrsConcatenateValues = mergeAttrsWithFunc (a: b: lib.toList a ++ lib.toList b);
  mergeAttrsNoOverride =
    {
      mergeLists ? [ "buildInputs" "propagatedBuildInputs" ],
      overrideSnd ? [ "buildPhase" ],
    }:
    set1: set2:
    set1
    // mapAttrs (
      name: value:
      if !(set1 ? ${name}) then
        value
      else if elem name mergeLists then
        value ++ set1.${name}
      else if elem name overrideSnd then
        set1.${name}
      else
        throw "error mergeAttrsNoOverride, attribute ${name} given in both attributes - no merge func defined"
    ) set2;

  # Sets that say themselves, in `mergeAttrBy`, how their attributes merge.
  mergeAttrByFunc =
    a: b:
    let
      rules = { mergeAttrBy = lib.mergeAttrs; } // a.mergeAttrBy or { } // b.mergeAttrBy or { };
      merge = name: rule: if a ? ${name} && b ? ${name} then rule a.${name} b.${name} else a.${name} or b.${name};
    in
    a // b // mapAttrs merge (lib.filterAttrs (name: _: a ? ${name} || b ? ${name}) rules);
  mergeAttrsByFuncDefaults = foldl' mergeAttrByFunc { inherit mergeAttrBy; };
  mergeAttrsByFuncDefaultsClean = sets: removeAttrs (mergeAttrsByFuncDefaults sets) [ "mergeAttrBy" ];
  mergeAttrBy =
    mergers lib.concat [
      "nativeBuildInputs"
      "buildInputs"
      "propagatedBuildInputs"
      "configureFlags"
      "prePhases"
      "postAll"
      "patches"
    ]
    // mergers lib.mergeAttrs [ "passthru" "meta" "cfg" "flags" ]
    // mergers (a: b: "${a}\n${b}") [ "preConfigure" "postInstall" ];

  # -- The rest ------------------------------------------------------------------

  nixType =
    value:
    if isAttrs value then
      (if value ? outPath then "derivation" else "attrs")
    else if lib.isFunction value then
      "function"
    else if isList value then
      "list"
    else if isBool value then
      "bool"
    else if value == null then
      "null"
    else if isInt value then
      "int"
    else
      "string";
  imap = lib.imap1;
  mdDoc = lib.warn "lib.mdDoc will be removed from nixpkgs in 24.11. Option descriptions are now in Markdown by default; you can remove any remaining uses of lib.mdDoc." (
    text: text
  );
  literalExample = lib.warn "lib.literalExample is deprecated, use lib.literalExpression instead, or use lib.literalMD for a non-Nix description." lib.literalExpression;
}
