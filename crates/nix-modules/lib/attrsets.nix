# Attribute sets.
{ lib }:
let
  inherit (builtins)
    attrNames attrValues catAttrs concatMap elemAt filter foldl' head isAttrs length listToAttrs
    mapAttrs removeAttrs
    ;

  # Follows `path` from `set`: `found depth value` at its end, `lost depth`
  # where the name at `depth` is not there.
  walk =
    path: found: lost:
    let
      end = length path;
      step =
        depth: value:
        if depth == end then
          found value
        else
          let
            name = elemAt path depth;
          in
          if value ? ${name} then step (depth + 1) value.${name} else lost depth;
    in
    step 0;

  # A set is left as it is once one of its outputs was chosen.
  outputChosen = pkg: pkg.outputSpecified or false;
in
rec {
  inherit (builtins)
    attrNames attrValues catAttrs getAttr hasAttr intersectAttrs isAttrs listToAttrs mapAttrs
    removeAttrs
    ;

  # -- Paths into nested sets ------------------------------------------------

  attrByPath = path: fallback: walk path (value: value) (_: fallback);
  hasAttrByPath = path: walk path (_: true) (_: false);
  longestValidPathPrefix = path: walk path (_: path) (depth: lib.take depth path);
  getAttrFromPath =
    path: walk path (value: value) (_: abort "cannot find attribute '${builtins.concatStringsSep "." path}'");
  setAttrByPath =
    path: value:
    let
      end = length path;
      nest = depth: if depth == end then value else { ${elemAt path depth} = nest (depth + 1); };
    in
    nest 0;
  showAttrPath =
    path:
    if path == [ ] then
      "<root attribute path>"
    else
      builtins.concatStringsSep "." (map lib.strings.escapeNixIdentifier path);

  updateManyAttrsByPath =
    let
      # `present` tells whether there is a `value` at this depth at all.
      apply =
        depth: present: value: updates:
        let
          byReach = builtins.partition (update: length update.path == depth) updates;
          here = byReach.right;
          deeper = byReach.wrong;
          below = builtins.groupBy (update: elemAt update.path depth) deeper;
          target =
            if deeper == [ ] then
              if present then
                value
              else
                throw "updateManyAttrsByPath: Path '${showAttrPath (head here).path}' does not exist in the given value, but the first update to this path tries to access the existing value."
            else if !present then
              mapAttrs (_: apply (depth + 1) false null) below
            else if isAttrs value then
              value // mapAttrs (name: apply (depth + 1) (value ? ${name}) value.${name}) below
            else
              let
                inherit (head deeper) path;
              in
              throw "updateManyAttrsByPath: Path '${showAttrPath path}' needs to be updated, but path '${showAttrPath (lib.take depth path)}' of the given value is not an attribute set, so we can't update an attribute inside of it.";
        in
        # Lazy in the accumulator: an update may ignore what it replaces.
        lib.foldl (old: update: update.update old) target here;
    in
    updates: value: apply 0 true value updates;

  # -- Selecting ---------------------------------------------------------------

  attrVals = names: set: map (name: set.${name}) names;
  getAttrs = names: set: listToAttrs (map (name: nameValuePair name set.${name}) names);
  filterAttrs = pred: set: removeAttrs set (filter (name: !pred name set.${name}) (attrNames set));
  filterAttrsRecursive =
    pred: set:
    mapAttrs (_: value: if isAttrs value then filterAttrsRecursive pred value else value) (filterAttrs pred set);
  optionalAttrs = condition: set: if condition then set else { };
  collect =
    pred: value:
    if pred value then
      [ value ]
    else if isAttrs value then
      concatMap (collect pred) (attrValues value)
    else
      [ ];
  matchAttrs =
    pattern: set:
    assert isAttrs pattern;
    builtins.all (
      name:
      set ? ${name}
      && (
        let
          wanted = pattern.${name};
          actual = set.${name};
        in
        if isAttrs wanted then isAttrs actual && matchAttrs wanted actual else wanted == actual
      )
    ) (attrNames pattern);

  # -- Making and mapping ------------------------------------------------------

  nameValuePair = name: value: { inherit name value; };
  genAttrs = names: f: listToAttrs (map (name: { inherit name; value = f name; }) names);
  genAttrs' = items: f: listToAttrs (map f items);
  mapAttrs' = f: set: listToAttrs (attrValues (mapAttrs f set));
  mapAttrsToList = f: set: attrValues (mapAttrs f set);
  attrsToList = mapAttrsToList nameValuePair;
  concatMapAttrs = f: set: mergeAttrsList (attrValues (mapAttrs f set));

  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);
  mapAttrsRecursiveCond =
    cond: f:
    let
      descend =
        path:
        mapAttrs (
          name: value:
          let
            here = path ++ [ name ];
          in
          if isAttrs value && cond value then descend here value else f here value
        );
    in
    descend [ ];
  mapAttrsToListRecursive = mapAttrsToListRecursiveCond (_: _: true);
  mapAttrsToListRecursiveCond =
    cond: f:
    let
      descend =
        path: set:
        concatMap (
          name:
          let
            here = path ++ [ name ];
            value = set.${name};
          in
          if isAttrs value && cond here value then descend here value else [ (f here value) ]
        ) (attrNames set);
    in
    descend [ ];

  cartesianProduct =
    choices:
    foldl' (
      partial: name: concatMap (set: map (choice: set // { ${name} = choice; }) choices.${name}) partial
    ) [ { } ] (attrNames choices);
  mapCartesianProduct = f: choices: map f (cartesianProduct choices);
  cartesianProductOfSets = lib.warn "lib.cartesianProductOfSets is a deprecated alias of lib.cartesianProduct." cartesianProduct;

  # -- Folding and zipping -----------------------------------------------------

  foldlAttrs = f: start: set: foldl' (acc: name: f acc name set.${name}) start (attrNames set);
  foldAttrs =
    op: start: sets:
    lib.foldr (
      set: acc: lib.foldr (name: done: done // { ${name} = op set.${name} (acc.${name} or start); }) acc (attrNames set)
    ) { } sets;
  zipAttrsWithNames =
    names: f: sets:
    listToAttrs (map (name: nameValuePair name (f name (catAttrs name sets))) names);
  zipAttrsWith = builtins.zipAttrsWith or (f: sets: zipAttrsWithNames (concatMap attrNames sets) f sets);
  zipAttrs = zipAttrsWith (_: values: values);
  zipWithNames = lib.warn "lib.zipWithNames is a deprecated alias of lib.zipAttrsWithNames." zipAttrsWithNames;

  # -- Merging -----------------------------------------------------------------

  # Halving keeps the copying at n log n where a fold would copy n² names.
  mergeAttrsList =
    sets:
    let
      merge =
        from: count:
        if count == 1 then
          elemAt sets from
        else
          let
            half = count / 2;
          in
          merge from half // merge (from + half) (count - half);
    in
    if sets == [ ] then { } else merge 0 (length sets);

  recursiveUpdateUntil =
    stop:
    let
      update =
        path: old: new:
        old
        // mapAttrs (
          name: value:
          let
            here = path ++ [ name ];
          in
          if !(old ? ${name}) || stop here old.${name} value then value else update here old.${name} value
        ) new;
    in
    update [ ];
  # Not by way of recursiveUpdateUntil: most callers want no path.
  recursiveUpdate =
    old: new:
    old
    // mapAttrs (
      name: value:
      if old ? ${name} && isAttrs old.${name} && isAttrs value then recursiveUpdate old.${name} value else value
    ) new;
  overrideExisting = old: new: mapAttrs (name: value: new.${name} or value) old;
  unionOfDisjoint =
    a: b:
    let
      shared = builtins.intersectAttrs a b;
      collisions = builtins.concatStringsSep " " (attrNames shared);
    in
    a // b // mapAttrs (name: _: throw "unionOfDisjoint: collision on ${name}; complete list: ${collisions}") shared;

  # -- Derivations and their outputs -------------------------------------------

  isDerivation = value: value.type or null == "derivation";
  toDerivation =
    path:
    let
      outPath = builtins.storePath path;
      drv = {
        type = "derivation";
        # A store path's base name: 32 characters of hash, a dash, the name.
        name = lib.strings.sanitizeDerivationName (builtins.substring 33 (-1) (baseNameOf outPath));
        inherit outPath;
        outputs = [ "out" ];
        outputName = "out";
        out = drv;
      };
    in
    drv;

  getOutput = output: pkg: if outputChosen pkg then pkg else pkg.${output} or pkg.out or pkg;
  getFirstOutput =
    candidates: pkg:
    let
      available = filter (output: pkg ? ${output}) candidates;
    in
    if outputChosen pkg || available == [ ] then pkg else pkg.${head available};
  getBin = getOutput "bin";
  getDev = getOutput "dev";
  getLib = getOutput "lib";
  getMan = getOutput "man";
  getStatic = getFirstOutput [ "static" "lib" "out" ];
  getInclude = getFirstOutput [ "include" "dev" "out" ];
  chooseDevOutputs = map getDev;

  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = set: set // { recurseForDerivations = false; };
}
