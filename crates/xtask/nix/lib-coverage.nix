# How far one `lib` (`ours`) stands in for another (`real`): the names it lacks,
# and the results that differ on arguments drawn from pools of values.
{ ours, real }:

let
  inherit (builtins)
    attrNames
    concatMap
    elem
    filter
    foldl'
    isAttrs
    isFunction
    isList
    length
    listToAttrs
    mapAttrs
    ;

  # -- Names -------------------------------------------------------------------

  # People are not functions, and warn or fail where their list is not there.
  leftOut = [
    "maintainers"
    "teams"
  ];
  familyOf = lib: name: builtins.tryEval (isAttrs lib.${name} && !(lib.${name} ? __functor));
  families = filter (
    name:
    !(elem name leftOut)
    # Aliases that warn when they are looked at are no families.
    && !(elem name deprecated)
    && (
      let
        family = familyOf real name;
      in
      family.success && family.value
    )
  ) (attrNames real);
  deprecated = [
    "evalOptionValue"
    "fold"
    "isInOldestRelease"
    "mkAliasOptionModuleMD"
    "mkFixStrictness"
    "nixpkgsVersion"
  ];
  lacking = a: b: filter (name: !(b ? ${name})) (attrNames a);
  missing =
    lacking real ours
    ++ concatMap (family: map (name: "${family}.${name}") (lacking real.${family} (ours.${family} or { }))) families;

  # -- Arguments ---------------------------------------------------------------

  texts = [
    ""
    "a"
    "foo"
    "foo-bar_baz"
    "  padded\t\n"
    "a.b.c"
    "it's \${more} \"quoted\" \\"
    "Mixed Case"
    "/usr/lib//x/"
    "6.12.3-rc4"
    "007"
    "-12"
    "*[a](b){c}^$|?+"
    "if"
  ];
  sets = [
    { }
    { a = 1; }
    { a = 2; b = "x"; }
    { a = { b = { c = 1; }; }; d = [ 1 2 ]; }
    { "a.b" = null; z = true; a = { }; }
  ];
  lists = [
    [ ]
    [ 1 ]
    [ 3 1 2 ]
    [ 1 1 2 2 3 1 ]
    [ 10 9 8 7 6 5 4 3 2 1 0 ]
  ];
  pools = {
    text = texts;
    short = [ "" "a" "." "foo" "o" "/" ];
    texts = [ [ ] [ "a" ] [ "b" "a" "b" ] texts ];
    integer = [ (-7) (-1) 0 1 2 15 255 65536 ];
    natural = [ 0 1 2 5 20 ];
    base = [ 2 10 16 ];
    bool = [ true false ];
    numbers = lists;
    nested = [ [ ] [ 1 [ 2 [ [ 3 ] [ ] ] ] "a" ] 5 ];
    set = sets;
    flatSets = [ [ ] [ { a = 1; } ] [ { a = 1; } { a = 2; b = 3; } { b = 4; c = 5; } ] ];
    choices = [ { } { a = [ 1 2 ]; b = [ "x" "y" "z" ]; } { a = [ ]; b = [ 1 ]; } ];
    path = [ [ ] [ "a" ] [ "a" "b" ] [ "a" "b" "c" ] [ "a.b" ] [ "x" "y" ] ];
    any = [ null true 1 1.5 "text" [ 1 ] { a = 1; } { type = "derivation"; name = "x"; outPath = "/x"; } ];
    version = [ "6.12" "6.1" "5.15.100" "6.12-rc1" "1" "2.0pre" ];
    system = real.systems.doubles.all;
    subpath = [ "a" "./a/b/" "." "a//b/./c" "" "/a" ".." "a/../b" "..a" ];
    scalars = [ { } { a = 1; b = "x y"; c = true; } { "a=b" = null; x = 1.5; } ];
    sections = [ { } { s = { a = 1; b = "x"; }; "t[1]" = { c = true; }; } ];
    arguments = [ { } { a = true; b = "x y"; long = [ "p" "q" ]; n = null; off = false; i = 3; } ];
    positive = [ (n: n > 1) ];
    named = [ (name: _: name != "a") ];
    pairing = [ (a: b: [ a b ]) ];
    adding = [ (a: b: a + b) ];
    increasing = [ (n: n + 1) ];
    wrapping = [ (value: { inherit value; }) ];
    grouping = [ (n: if n > 1 then "many" else "few") ];
    marking = [ (text: "<${text}>") ];
    comparing = [ (a: b: if a < b then -1 else if a > b then 1 else 0) ];
    preceding = [ (a: b: a < b) ];
  };

  # What each function takes.
  signatures = {
    attrsets = {
      attrByPath = "path any set";
      attrsToList = "set";
      cartesianProduct = "choices";
      collect = "numeric set";
      concatMapAttrs = "renaming set";
      filterAttrs = "named set";
      filterAttrsRecursive = "named set";
      foldAttrs = "prepending emptyList flatSets";
      genAttrs = "texts marking";
      hasAttrByPath = "path set";
      isDerivation = "any";
      longestValidPathPrefix = "path set";
      mapAttrsRecursive = "pairing set";
      mapAttrsToList = "pairing set";
      mapAttrsToListRecursive = "pairing set";
      matchAttrs = "set set";
      mergeAttrsList = "flatSets";
      optionalAttrs = "bool set";
      overrideExisting = "set set";
      recursiveUpdate = "set set";
      setAttrByPath = "path any";
      showAttrPath = "path";
      unionOfDisjoint = "set set";
      zipAttrs = "flatSets";
      zipAttrsWithNames = "texts pairing flatSets";
    };
    lists = {
      allUnique = "numbers";
      commonPrefix = "numbers numbers";
      compareLists = "comparing numbers numbers";
      count = "positive numbers";
      drop = "natural numbers";
      dropEnd = "natural numbers";
      findFirst = "positive any numbers";
      findFirstIndex = "positive any numbers";
      findSingle = "positive any any numbers";
      flatten = "nested";
      foldl = "adding integer numbers";
      foldl' = "adding integer numbers";
      foldr = "adding integer numbers";
      groupBy = "grouping numbers";
      groupBy' = "adding integer grouping numbers";
      hasPrefix = "numbers numbers";
      imap0 = "pairing numbers";
      imap1 = "pairing numbers";
      init = "numbers";
      intersectLists = "numbers numbers";
      last = "numbers";
      mutuallyExclusive = "numbers numbers";
      naturalSort = "texts";
      partition = "positive numbers";
      range = "integer natural";
      remove = "natural numbers";
      removePrefix = "numbers numbers";
      replicate = "natural any";
      reverseList = "numbers";
      sortOn = "increasing numbers";
      sublist = "natural natural numbers";
      subtractLists = "numbers numbers";
      take = "natural numbers";
      takeEnd = "natural numbers";
      toList = "any";
      toposort = "preceding numbers";
      unique = "numbers";
      uniqueStrings = "texts";
      zipLists = "numbers numbers";
      zipListsWith = "adding numbers numbers";
    };
    strings = {
      commonPrefixLength = "text text";
      commonSuffixLength = "text text";
      concatLines = "texts";
      concatMapStrings = "marking texts";
      concatMapStringsSep = "short marking texts";
      concatStringsSep = "short texts";
      escape = "texts text";
      escapeNixIdentifier = "text";
      escapeNixString = "text";
      escapeRegex = "text";
      escapeShellArg = "text";
      escapeShellArgs = "texts";
      escapeURL = "text";
      escapeXML = "text";
      fixedWidthNumber = "natural natural";
      getName = "text";
      getVersion = "text";
      hasInfix = "short text";
      hasPrefix = "short text";
      hasSuffix = "short text";
      intersperse = "any numbers";
      isConvertibleWithToString = "any";
      isStorePath = "text";
      isStringLike = "any";
      isValidPosixName = "text";
      levenshtein = "text text";
      levenshteinAtMost = "natural text text";
      normalizePath = "text";
      optionalString = "bool text";
      removePrefix = "short text";
      removeSuffix = "short text";
      replaceString = "short text text";
      replicate = "natural text";
      sanitizeDerivationName = "text";
      splitString = "short text";
      stringToCharacters = "text";
      toCamelCase = "text";
      toInt = "text";
      toIntBase10 = "text";
      toLower = "text";
      toSentenceCase = "text";
      toUpper = "text";
      trim = "text";
      versionAtLeast = "version version";
      versionOlder = "version version";
    };
    trivial = {
      bitAnd = "integer integer";
      bitNot = "integer";
      bitOr = "integer integer";
      bitXor = "integer integer";
      boolToString = "bool";
      boolToYesNo = "bool";
      compare = "integer integer";
      defaultTo = "any any";
      max = "integer integer";
      min = "integer integer";
      mod = "integer base";
      toBaseDigits = "base natural";
      toHexString = "natural";
      xor = "bool bool";
    };
    versions = {
      majorMinor = "version";
      pad = "natural version";
      splitVersion = "version";
    };
    generators = {
      toDhall = "empty sections";
      toGitINI = "sections";
      toINI = "empty sections";
      toKeyValue = "empty scalars";
      toLua = "empty any";
      toPretty = "empty any";
    };
    cli.toCommandLineGNU = "empty arguments";
    kernel = {
      freeform = "text";
      option = "set";
    };
    modules = {
      mkAfter = "any";
      mkBefore = "any";
      mkDefault = "any";
      mkForce = "any";
      mkIf = "bool any";
      mkMerge = "numbers";
      mkOrder = "natural any";
      mkOverride = "natural any";
    };
    options = {
      literalExpression = "text";
      showFiles = "texts";
      showOption = "path";
    };
    systems.elaborate = "system";
  };
  morePools = pools // {
    empty = [ { } ];
    emptyList = [ [ ] ];
    numeric = [ builtins.isInt ];
    prepending = [ (item: acc: [ item ] ++ acc) ];
    renaming = [ (name: value: { ${name} = value; "${name}-twice" = [ value value ]; }) ];
  };
  subpathFunctions = [ "isValid" "normalise" "components" ];

  # -- Comparing ---------------------------------------------------------------

  tuples =
    kinds:
    foldl' (
      partial: kind: concatMap (tuple: map (value: tuple ++ [ value ]) morePools.${kind}) partial
    ) [ [ ] ] kinds;
  # Functions are never equal. Of platforms, what fails by itself in nixpkgs is
  # left out with them.
  data =
    value:
    if isFunction value then
      "<function>"
    else if isList value then
      map data value
    else if isAttrs value then
      mapAttrs (_: data) (removeAttrs value [ "_withoutFunctions" "extensions" "nim" ])
    else
      value;
  attempt =
    function: tuple:
    let
      value = data (foldl' (f: argument: f argument) function tuple);
      result = builtins.tryEval (builtins.deepSeq value value);
    in
    if result.success then { inherit (result) value; } else { fails = true; };

  compare =
    name: a: b: kinds:
    let
      all = tuples kinds;
      differing = filter (tuple: attempt a tuple != attempt b tuple) all;
    in
    {
      inherit name;
      compared = length all;
      differs = map (tuple: {
        arguments = data tuple;
        real = attempt a tuple;
        ours = attempt b tuple;
      }) differing;
    };
  words = text: filter builtins.isString (builtins.split " " text);
  inBoth = family: name: real ? ${family}.${name} && ours ? ${family}.${name};
in
{
  inherit missing;
  functions =
    concatMap (
      family:
      concatMap (
        name:
        if inBoth family name then
          [ (compare "${family}.${name}" real.${family}.${name} ours.${family}.${name} (words signatures.${family}.${name})) ]
        else
          [ ]
      ) (attrNames signatures.${family})
    ) (attrNames signatures)
    ++ map (
      name: compare "path.subpath.${name}" real.path.subpath.${name} ours.path.subpath.${name} [ "subpath" ]
    ) subpathFunctions;
}
