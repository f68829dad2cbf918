# `lib.types`: what an option may hold, how its definitions become one value,
# and how the type describes itself in messages and manuals.
#
# A type is an attribute set made by `mkOptionType`. Two merge protocols live
# side by side, and every consumer has to speak both:
#
#   * v1: `merge = loc: defs: value`, valid only once `check` has accepted each
#     definition;
#   * v2: `merge.v2 = { loc, defs }: { headError, value, valueMeta }`, which
#     checks and merges in one go, so that a type such as `either` can try one
#     alternative and fall back to the other. `merge` stays callable the v1 way
#     through `__functor`.
#
# Names under `functor.type` go through `lib.types`, never through this file's
# own scope, so that a type replaced with `lib.extend` also replaces the result
# of merging two declarations.
{ lib }:

let
  inherit (builtins) toJSON typeOf unsafeGetAttrPos;

  inherit (lib)
    all
    any
    assertMsg
    attrNames
    boolToString
    concatMap
    concatMapStringsSep
    concatStringsSep
    elem
    elemAt
    filter
    filterAttrs
    foldl'
    functionArgs
    groupBy
    hasContext
    hasInfix
    head
    id
    imap1
    isAttrs
    isBool
    isDerivation
    isFloat
    isFunction
    isInt
    isList
    isPath
    isStorePath
    isString
    last
    length
    mapAttrs
    mapNullable
    min
    optionalAttrs
    optionalString
    removeSuffix
    sort
    tail
    throwIf
    toDerivation
    toList
    zipAttrsWith
    ;
  inherit (lib.strings) escapeNixIdentifier escapeNixString isStringLike;
  inherit (lib.options)
    getFiles
    getValues
    mergeDefaultOption
    mergeEqualOption
    mergeOneOption
    mergeUniqueOption
    showDefs
    showFiles
    showOption
    ;
  inherit (lib.modules)
    defaultOrderPriority
    defaultOverridePriority
    evalModules
    evalOptionValue
    fixupOptionType
    mergeDefinitions
    mergeOptionDecls
    mkDefinition
    mkOrder
    mkOverride
    setDefaultModuleLocation
    ;

  ## Types in general

  isType = tag: value: (value._type or "") == tag;

  setType = tag: value: value // { _type = tag; };

  isOptionType = isType "option-type";

  # The argument names are the public interface of every hand-written type.
  mkOptionType =
    {
      # The name of the function (or value) in `lib.types` this type comes from.
      name,
      # How the type reads in a sentence; `name` where nothing is given.
      description ? null,
      # What kind of phrase `description` is, which decides where it needs
      # parentheses: "noun", "conjunction", "composite" or
      # "nonRestrictiveClause". See `optionDescriptionPhrase`.
      descriptionClass ? null,
      # Whether a single definition can be of this type. Looks at the outermost
      # layer only: a deeper look would force values that may depend on the
      # very option being evaluated.
      check ? _value: true,
      # Either merge protocol, see the top of this file.
      merge ? mergeDefaultOption,
      # `{ value = …; }` if there is a value to use when nothing is defined.
      emptyValue ? { },
      # The options below one of this type, for manuals.
      getSubOptions ? _prefix: { },
      # The modules a submodule consists of, null for any other type, and the
      # same type built from other modules.
      getSubModules ? null,
      substSubModules ? _modules: null,
      # What `typeMerge` needs to know: { name, type, payload, binOp }, where
      # `type` makes a type from a payload and `binOp` combines two payloads,
      # or returns null if they cannot be combined.
      functor ? defaultFunctor name,
      # Another type's functor -> the type of both declarations together, or
      # null.
      typeMerge ? defaultTypeMerge functor,
      # Shown for each option that uses the type; null if it is not deprecated.
      deprecationMessage ? null,
      # The types this one is built from, by role.
      nestedTypes ? { },
    }:
    {
      _type = "option-type";
      description = if description == null then name else description;
      inherit
        name
        descriptionClass
        check
        merge
        emptyValue
        getSubOptions
        getSubModules
        substSubModules
        functor
        typeMerge
        deprecationMessage
        nestedTypes
        ;
    };

  # A type without parameters merges with itself only.
  defaultFunctor = name: {
    inherit name;
    type = lib.types.${name} or null;
    payload = null;
    binOp = _lhs: _rhs: null;
  };

  defaultTypeMerge =
    lhs: rhs:
    if lhs.name != rhs.name then
      null
    else
      assert (lhs.payload == null) == (rhs.payload == null);
      if lhs.payload == null then
        lhs.type
      else
        mapNullable lhs.type (lhs.binOp lhs.payload rhs.payload);

  mergeTypes =
    a: b:
    assert isOptionType a && isOptionType b;
    let
      merged = a.typeMerge b.functor;
    in
    if merged != null then merged else setType "merge-error" { error = "Cannot merge types"; };

  optionDescriptionPhrase =
    fitsBare: type:
    if fitsBare (type.descriptionClass or null) then type.description else "(${type.description})";

  # The phrase for a nested type whose description needs no parentheses when it
  # is of one of the given classes.
  phrase = classes: optionDescriptionPhrase (class: elem class classes);
  nounPhrase = phrase [ "noun" ];
  conjunctPhrase = phrase [
    "noun"
    "conjunction"
  ];
  elementPhrase = phrase [
    "noun"
    "composite"
  ];

  ## The second merge protocol

  v2Merge = v2: {
    inherit v2;
    __functor =
      self: loc: defs:
      (self.v2 { inherit loc defs; }).value;
  };

  # A predicate known to agree with the type's v2 merge. A `type // { check }`
  # loses the mark, which is how `requireCoherence` notices that the merge
  # would ignore the new check.
  coherentCheck = predicate: {
    __functor = _self: predicate;
    isV2MergeCoherent = true;
  };

  requireCoherence =
    loc: type: result:
    if type.check.isV2MergeCoherent or false then
      result
    else
      throw ''
        The option `${showOption loc}' has a type `${type.description}' that uses
        an ad-hoc `type // { check = ...; }' override, which is incompatible with
        the v2 merge mechanism.

        Please use `lib.types.addCheck` instead of `type // { check }' to add
        custom validation. For example:

          lib.types.addCheck baseType (value: /* your check */)

        instead of:

          baseType // { check = value: /* your check */; }
      '';

  # The `headError` for definitions that `check` rejects, null if there are none.
  headErrorOf =
    check: defs:
    let
      rejected = filter (def: !check def.value) defs;
    in
    if rejected == [ ] then null else { message = "Definition values: ${showDefs rejected}"; };

  mergeV2 = type: args@{ loc, ... }: requireCoherence loc type (type.merge.v2 args);

  # Merges by whichever protocol the type has, with a v2 result.
  checkAndMerge =
    type: args@{ loc, defs }:
    if type.merge ? v2 then
      mergeV2 type args
    else
      {
        headError = headErrorOf type.check defs;
        value = type.merge loc defs;
        valueMeta = { };
      };

  ## Types around one other type

  # The functor of a type whose only parameter is the type it wraps.
  elemTypeFunctor = name: rebuild: elemType: {
    inherit name;
    type = payload: rebuild payload.elemType;
    payload = { inherit elemType; };
    binOp = lhs: rhs: mapNullable (elemType: { inherit elemType; }) (mergeElemTypes lhs rhs);
  };

  mergeElemTypes = lhs: rhs: lhs.elemType.typeMerge rhs.elemType.functor;

  # What a type that wraps `elemType` passes on to it. `below` is the part of
  # an option path that stands for the elements.
  passingOn =
    {
      elemType,
      below ? [ ],
      rebuild,
    }:
    {
      inherit (elemType) getSubModules;
      getSubOptions = prefix: elemType.getSubOptions (prefix ++ below);
      substSubModules = modules: rebuild (elemType.substSubModules modules);
      nestedTypes = { inherit elemType; };
    };

  ## Types that take any value

  raw = mkOptionType {
    name = "raw";
    description = "raw value";
    descriptionClass = "noun";
    merge = mergeOneOption;
  };

  unspecified = mkOptionType {
    name = "unspecified";
    description = "unspecified value";
    descriptionClass = "noun";
  };

  anything = mkOptionType {
    name = "anything";
    description = "anything";
    descriptionClass = "noun";
    merge = mergeAnything;
  };

  mergeAnything =
    loc: defs:
    let
      # Packages are sets as well, but merging two of them attribute by
      # attribute would make something that is neither.
      kindOf =
        value: if isAttrs value && isStringLike value then "stringCoercibleSet" else typeOf value;
      kind = kindOf (head defs).value;
      merge =
        if any (def: kindOf def.value != kind) defs then
          throw "The option `${showOption loc}' has conflicting option types in ${showFiles (getFiles defs)}"
        else
          mergeByKind.${kind} or mergeEqualOption;
      mergeByKind = {
        set = (attrsOf anything).merge;
        stringCoercibleSet = mergeOneOption;
        lambda =
          loc: defs: arg:
          mergeAnything (loc ++ [ "<function body>" ]) (applyDefinitions arg defs);
      };
    in
    merge loc defs;

  applyDefinitions =
    arg:
    map (def: {
      inherit (def) file;
      value = def.value arg;
    });

  ## Booleans and numbers

  # A noun whose definitions may be repeated but not differ.
  scalar =
    attrs:
    mkOptionType (
      {
        descriptionClass = "noun";
        merge = mergeEqualOption;
      }
      // attrs
    );

  bool = scalar {
    name = "bool";
    description = "boolean";
    check = isBool;
  };

  boolByOr = scalar {
    name = "boolByOr";
    description = "boolean (merged using or)";
    check = isBool;
    merge = _loc: any (def: def.value);
  };

  int = scalar {
    name = "int";
    description = "signed integer";
    check = isInt;
  };

  float = scalar {
    name = "float";
    description = "floating point number";
    check = isFloat;
  };

  number = either int float;

  # The base type's functor stays: two declarations with different ranges merge
  # to the base type.
  refine =
    base: predicate: naming:
    addCheck base predicate // naming;

  # `name: description: …`, a refinement that explains itself after a comma.
  refineMeaning =
    base: name: description: predicate:
    refine base predicate {
      inherit name description;
      descriptionClass = "nonRestrictiveClause";
    };

  # `show` turns a bound into text.
  inclusiveRange =
    show: lowest: highest:
    "${show lowest} and ${show highest} (both inclusive)";

  betweenIn =
    { base, group, name, description, show }:
    lowest: highest:
    assert assertMsg (
      lowest <= highest
    ) "${group}.between: lowest must be smaller than highest";
    refine base (value: lowest <= value && value <= highest) {
      inherit name;
      description = "${description} between ${inclusiveRange show lowest highest}";
    };

  ints =
    let
      between = betweenIn {
        base = int;
        group = "ints";
        name = "intBetween";
        description = "integer";
        show = toString;
      };
      machineWord =
        { signed, bits, cardinality }:
        let
          lowest = if signed then 0 - cardinality / 2 else 0;
          highest = lowest + cardinality - 1;
          prefix = optionalString (!signed) "un";
        in
        between lowest highest
        // {
          name = "${prefix}signedInt${toString bits}";
          description = "${toString bits} bit ${prefix}signed integer; between ${inclusiveRange toString lowest highest}";
        };
      # No 64 bit words: an unsigned one has values that Nix integers lack.
      words = signed: {
        w8 = machineWord {
          inherit signed;
          bits = 8;
          cardinality = 256;
        };
        w16 = machineWord {
          inherit signed;
          bits = 16;
          cardinality = 65536;
        };
        w32 = machineWord {
          inherit signed;
          bits = 32;
          cardinality = 4294967296;
        };
      };
      unsignedWords = words false;
      signedWords = words true;
    in
    {
      inherit between;
      unsigned = refineMeaning int "unsignedInt" "unsigned integer, meaning >=0" (value: value >= 0);
      positive = refineMeaning int "positiveInt" "positive integer, meaning >0" (value: value > 0);
      u8 = unsignedWords.w8;
      u16 = unsignedWords.w16;
      u32 = unsignedWords.w32;
      s8 = signedWords.w8;
      s16 = signedWords.w16;
      s32 = signedWords.w32;
    };

  port = ints.u16;

  numbers = {
    between = betweenIn {
      base = number;
      group = "numbers";
      name = "numberBetween";
      description = "integer or floating point number";
      # `toString` would pad floats with zeros.
      show = toJSON;
    };
    nonnegative =
      refineMeaning number "numberNonnegative"
        "nonnegative integer or floating point number, meaning >=0"
        (value: value >= 0);
    positive =
      refineMeaning number "numberPositive" "positive integer or floating point number, meaning >0"
        (value: value > 0);
  };

  ## Strings

  str = scalar {
    name = "str";
    description = "string";
    check = isString;
  };

  nonEmptyStr = scalar {
    name = "nonEmptyStr";
    description = "non-empty string";
    check = value: isString value && builtins.match "[ \t\n]*" value == null;
  };

  strMatching =
    pattern:
    scalar {
      name = "strMatching ${escapeNixString pattern}";
      description = "string matching the pattern ${pattern}";
      check = value: isString value && builtins.match pattern value != null;
      functor = samePayloadFunctor "strMatching" { inherit pattern; } (
        payload: lib.types.strMatching payload.pattern
      );
    };

  # The functor of a type that merges with one of equal parameters only.
  samePayloadFunctor =
    name: payload: rebuild:
    defaultFunctor name
    // {
      inherit payload;
      type = rebuild;
      binOp = lhs: rhs: if lhs == rhs then lhs else null;
    };

  # A file's content often ends in a newline; that one is dropped on merging.
  singleLineStr = scalar {
    name = "singleLineStr";
    description = "(optionally newline-terminated) single-line string";
    inherit (strMatching "[^\n\r]*\n?") check;
    merge = loc: defs: removeSuffix "\n" (mergeEqualOption loc defs);
  };

  separatedString =
    sep:
    scalar {
      name = "separatedString";
      description = "strings concatenated with ${toJSON sep}";
      check = isString;
      merge = _loc: defs: concatStringsSep sep (getValues defs);
      functor = samePayloadFunctor "separatedString" { inherit sep; } (
        payload: lib.types.separatedString payload.sep
      );
    };

  lines = separatedString "\n";
  commas = separatedString ",";
  envVar = separatedString ":";

  passwdEntry =
    entryType:
    refineMeaning entryType "passwdEntry ${entryType.name}"
      "${nounPhrase entryType}, not containing newlines or colons"
      (value: !(hasInfix ":" value || hasInfix "\n" value));

  luaInline = scalar {
    name = "luaInline";
    description = "inline lua";
    check = value: value._type or null == "lua-inline";
  };

  ## Enumerations

  enum =
    values:
    mkOptionType {
      name = "enum";
      description = describeEnum values;
      descriptionClass = if length values < 2 then "noun" else "conjunction";
      check = value: elem value values;
      merge = mergeEqualOption;
      functor = defaultFunctor "enum" // {
        payload = { inherit values; };
        type = payload: lib.types.enum payload.values;
        binOp = lhs: rhs: { values = lib.lists.unique (lhs.values ++ rhs.values); };
      };
    };

  # An enum of no or one value is not a mistake: a module may declare an empty
  # one for others to extend, each by one value.
  describeEnum =
    values:
    let
      show =
        value:
        if isString value then
          "\"${value}\""
        else if isInt value then
          toString value
        else if isBool value then
          boolToString value
        else
          "<${typeOf value}>";
      count = length values;
    in
    if count == 0 then
      "impossible (empty enum)"
    else if count == 1 then
      "value ${show (head values)} (singular enum)"
    else
      "one of ${concatMapStringsSep ", " show values}";

  ## Files and packages

  pathWith =
    {
      inStore ? null,
      absolute ? null,
    }:
    let
      # How `wanted` reads when it is set.
      ifSet =
        wanted: whenTrue: whenFalse:
        if wanted == null then
          ""
        else if wanted then
          whenTrue
        else
          whenFalse;
      satisfies = wanted: actual: wanted == null || wanted == actual;

      # A path value that must not be in the store is refused outright: using
      # it would copy it there.
      hasRightForm = if inStore == false then isString else isStringLike;
      isInStore =
        value:
        lib.path.hasStorePathPrefix (
          # The path only serves to look at, so losing the context does no harm,
          # and a path value cannot have any.
          if isPath value then value else /. + builtins.unsafeDiscardStringContext value
        );
      isAbsolute = value: lib.substring 0 1 (toString value) == "/";
    in
    throwIf (inStore == true && absolute == false)
      "In pathWith, inStore means the path must be absolute"
      scalar
      {
        name = "path";
        description =
          ifSet absolute "absolute " "relative "
          + "path"
          + ifSet inStore " in the Nix store" " not in the Nix store";
        check =
          value:
          hasRightForm value
          && satisfies inStore (isInStore value)
          && satisfies absolute (isAbsolute value);
        functor = samePayloadFunctor "path" { inherit inStore absolute; } pathWith;
      };

  path = pathWith { absolute = true; };
  pathInStore = pathWith { inStore = true; };
  externalPath = pathWith {
    absolute = true;
    inStore = false;
  };

  fileset = mkOptionType {
    name = "fileset";
    description = "fileset";
    descriptionClass = "noun";
    check = lib.fileset.isFileset;
    merge = _loc: defs: lib.fileset.unions (getValues defs);
    emptyValue.value = lib.fileset.empty;
  };

  # A store path itself, not a path below one: a derivation or something like
  # it, or the path as a string or path value.
  package = mkOptionType {
    name = "package";
    descriptionClass = "noun";
    check = value: isDerivation value || isStorePath value;
    merge =
      loc: defs:
      let
        value = mergeOneOption loc defs;
        # Such a value does not make what uses it depend on the store path.
        lacksContext = isPath value || (isString value && !hasContext value);
      in
      if lacksContext then toDerivation value else value;
  };

  shellPackage = package // {
    check = value: isDerivation value && value ? shellPath;
  };

  pkgs = addCheck (
    unique { message = "A Nixpkgs pkgs set can not be merged with another pkgs set."; } attrs
    // {
      name = "pkgs";
      descriptionClass = "noun";
      description = "Nixpkgs package set";
    }
  ) (value: (value._type or null) == "pkgs");

  ## Lists

  listOf =
    elemType:
    let
      check = coherentCheck isList;
    in
    mkOptionType (
      {
        name = "listOf";
        description = "list of ${elementPhrase elemType}";
        descriptionClass = "composite";
        inherit check;
        merge = v2Merge (mergeListOf elemType check);
        emptyValue.value = [ ];
        functor = elemTypeFunctor "listOf" lib.types.listOf elemType;
      }
      // passingOn {
        inherit elemType;
        below = [ "*" ];
        rebuild = lib.types.listOf;
      }
    );

  # Each element is merged as an option of its own, so that `mkIf` and the like
  # work on elements and errors name the one they are about.
  mergeListOf =
    elemType: check:
    { loc, defs }:
    let
      evalElement =
        file: defNumber: entryNumber: value:
        mergeDefinitions
          (loc ++ [ "[definition ${toString defNumber}-entry ${toString entryNumber}]" ])
          elemType
          [ { inherit file value; } ];
      evals = filter (eval: eval.optionalValue ? value) (
        lib.concatLists (
          imap1 (defNumber: def: imap1 (evalElement def.file defNumber) def.value) defs
        )
      );
    in
    {
      headError = headErrorOf check defs;
      value = map (eval: eval.optionalValue.value) evals;
      valueMeta.list = map (eval: eval.checkedAndMerged.valueMeta) evals;
    };

  nonEmptyListOf =
    elemType:
    let
      list = addCheck (lib.types.listOf elemType) (value: value != [ ]);
    in
    list
    // {
      # "list of …" is a composite, hence the parentheses users see.
      description = "non-empty ${nounPhrase list}";
      emptyValue = { };
      substSubModules = modules: nonEmptyListOf (elemType.substSubModules modules);
    };

  ## Attribute sets

  attrs = mkOptionType {
    name = "attrs";
    description = "attribute set";
    check = isAttrs;
    merge = _loc: foldl' (merged: def: merged // def.value) { };
    emptyValue.value = { };
  };

  attrsOf = elemType: attrsWith { inherit elemType; };

  # Merging does not look whether an attribute's definitions are all disabled:
  # with `mkIf false` the attribute is still there, and its value is the
  # element type's empty value or an error.
  lazyAttrsOf =
    elemType:
    attrsWith {
      inherit elemType;
      lazy = true;
    };

  attrsWith =
    {
      elemType,
      lazy ? false,
      placeholder ? "name",
    }:
    let
      check = coherentCheck isAttrs;
    in
    mkOptionType (
      {
        name = if lazy then "lazyAttrsOf" else "attrsOf";
        description = "${optionalString lazy "lazy "}attribute set of ${elementPhrase elemType}";
        descriptionClass = "composite";
        inherit check;
        merge = v2Merge ((if lazy then mergeLazyAttrsOf else mergeAttrsOf) elemType check);
        emptyValue.value = { };
        functor = defaultFunctor "attrsWith" // {
          type = lib.types.attrsWith;
          payload = { inherit elemType lazy placeholder; };
          binOp = mergeAttrsWithPayloads;
        };
      }
      // passingOn {
        inherit elemType;
        below = [ "<${placeholder}>" ];
        rebuild = elemType: attrsWith { inherit elemType lazy placeholder; };
      }
    );

  # "name" is the placeholder nobody chose, so it gives way to any other.
  mergeAttrsWithPayloads =
    lhs: rhs:
    let
      elemType = mergeElemTypes lhs rhs;
      placeholder = if lhs.placeholder == "name" then rhs.placeholder else lhs.placeholder;
      placeholdersConflict = !elem rhs.placeholder [
        "name"
        placeholder
      ];
    in
    if elemType == null || lhs.lazy != rhs.lazy || placeholdersConflict then
      null
    else
      {
        inherit elemType placeholder;
        inherit (lhs) lazy;
      };

  # attribute name -> its definitions in all of `defs`, evaluated.
  evalAttrs =
    elemType: loc: defs:
    zipAttrsWith (name: mergeDefinitions (loc ++ [ name ]) elemType) (
      map (
        { file, value, ... }:
        mapAttrs (_name: value: { inherit file value; }) value
      ) defs
    );

  attrsMeta = mapAttrs (_name: eval: eval.checkedAndMerged.valueMeta);

  mergeAttrsOf =
    elemType: check:
    { loc, defs }:
    let
      evals = filterAttrs (_name: eval: eval.optionalValue ? value) (evalAttrs elemType loc defs);
    in
    {
      headError = headErrorOf check defs;
      value = mapAttrs (_name: eval: eval.optionalValue.value) evals;
      valueMeta.attrs = attrsMeta evals;
    };

  mergeLazyAttrsOf =
    elemType: check:
    { loc, defs }:
    let
      evals = evalAttrs elemType loc defs;
    in
    {
      headError = headErrorOf check defs;
      # `mergedValue` is there for its error: nothing is defined.
      value = mapAttrs (
        _name: eval: eval.optionalValue.value or elemType.emptyValue.value or eval.mergedValue
      ) evals;
      valueMeta.attrs = attrsMeta evals;
    };

  loaOf =
    elemType:
    lib.types.attrsOf elemType
    // {
      name = "loaOf";
      deprecationMessage =
        "Mixing lists with attribute values is no longer possible; "
        + "please use `types.attrsOf` instead. See"
        + " https://github.com/NixOS/nixpkgs/issues/1800 for the motivation.";
      nestedTypes = { inherit elemType; };
    };

  ## Attribute lists: attributes with an order, and names that may repeat

  attrListOf = elemType: attrListWith { inherit elemType; };

  attrListWith =
    {
      elemType,
      asAttrs ? false,
      mergeAttrValues ? _name: values: values,
    }:
    let
      description = "attribute list of ${elementPhrase elemType}";
      check = coherentCheck (value: isList value || isAttrs value);
    in
    mkOptionType (
      {
        name = "attrListOf";
        inherit description check;
        descriptionClass = "composite";
        merge = v2Merge (mergeAttrList {
          inherit
            elemType
            asAttrs
            mergeAttrValues
            description
            check
            ;
        });
        emptyValue.value = if asAttrs then { } else [ ];
        # Two declarations cannot be told to agree on `mergeAttrValues`.
        typeMerge = _functor: null;
      }
      // passingOn {
        inherit elemType;
        below = [ "*" ];
        rebuild = elemType: attrListWith { inherit elemType asAttrs mergeAttrValues; };
      }
    );

  mergeAttrList =
    {
      elemType,
      asAttrs,
      mergeAttrValues,
      description,
      check,
    }:
    { loc, defs }:
    let
      # Items in the order of definition: { file, key, value, order, priority }.
      items = concatMap (
        def:
        if isList def.value then
          map (itemOfElement def.file) def.value
        else
          map (key: itemOf def.file key def.value.${key}) (attrNames def.value)
      ) defs;

      itemOf = file: key: value: peelProperties value // { inherit file key; };

      # An element is a set of one attribute, which `mkOrder` may surround.
      itemOfElement =
        file: element:
        let
          ordered = isType "order" element;
          entry = if ordered then element.content else element;
          key = head (attrNames entry);
          keyCount = length (attrNames entry);
          reject =
            complaint:
            throw "A definition for option `${showOption loc}' is not of type `${description}'. Each list element must be ${complaint}.${
              showDefs [
                {
                  inherit file;
                  value = element;
                }
              ]
            }";
        in
        if !isAttrs entry then
          reject "an attribute set, but got ${typeOf entry}"
        else if keyCount != 1 then
          reject "a single-key attribute set, but got ${toString keyCount} keys"
        else
          itemOf file key entry.${key} // optionalAttrs ordered { order = element.priority; };

      # The normal priority takes part even where no item has it: a key defined
      # at a weaker priority only is left out.
      strongestPriority = mapAttrs (
        _key: foldl' (strongest: item: min strongest item.priority) defaultOverridePriority
      ) (groupBy (item: item.key) items);

      evals = filter (entry: entry.eval.optionalValue ? value) (
        map
          (
            { file, key, value, order, ... }:
            {
              inherit file key order;
              eval = mergeDefinitions (loc ++ [ key ]) elemType [ { inherit file value; } ];
            }
          )
          (
            sort (a: b: a.order < b.order) (
              filter (item: item.priority == strongestPriority.${item.key}) items
            )
          )
      );

      asSingleton = entry: { ${entry.key} = entry.eval.optionalValue.value; };
      attrListValue = map asSingleton evals;
    in
    {
      headError = headErrorOf check defs;
      value = if asAttrs then zipAttrsWith mergeAttrValues attrListValue else attrListValue;
      valueMeta = {
        attrList = map (entry: entry.eval.checkedAndMerged.valueMeta) evals;
        # The order, which `asAttrs` loses in the value.
        inherit attrListValue;
        # What to define another option of this type with.
        definitions = map (
          entry:
          mkDefinition {
            inherit (entry) file;
            value = mkOrder entry.order (asSingleton entry);
          }
        ) evals;
      };
    };

  # { value, order, priority } of a value in `mkOrder` and `mkOverride`, in any
  # nesting. The order is used up here; the override stays on the value for
  # `mergeDefinitions` to strip.
  peelProperties =
    value:
    let
      inner = peelProperties value.content;
    in
    if isType "order" value then
      inner // { order = value.priority; }
    else if isType "override" value then
      inner
      // {
        inherit (value) priority;
        value = mkOverride value.priority inner.value;
      }
    else
      {
        inherit value;
        order = defaultOrderPriority;
        priority = defaultOverridePriority;
      };

  ## Tagged unions

  attrTag =
    declaredTags:
    let
      tags = mapAttrs (taggedOption declaredTags) declaredTags;
      choices = concatMapStringsSep ", " escapeNixIdentifier (attrNames tags);
    in
    mkOptionType {
      name = "attrTag";
      description = "attribute-tagged union with choices: ${choices}";
      descriptionClass = "noun";
      check =
        value: isAttrs value && length (attrNames value) == 1 && tags ? ${head (attrNames value)};
      merge = mergeAttrTag { inherit tags choices; };
      getSubOptions = prefix: mapAttrs (tag: option: option // { loc = prefix ++ [ tag ]; }) tags;
      nestedTypes = tags;
      functor = defaultFunctor "attrTag" // {
        type = { tags, ... }: lib.types.attrTag tags;
        payload = { inherit tags; };
        binOp = lhs: rhs: {
          tags =
            lhs.tags
            // rhs.tags
            // mapAttrs (tag: mergeTaggedOptions tag lhs.tags.${tag}) (
              builtins.intersectAttrs lhs.tags rhs.tags
            );
        };
      };
    };

  # An option below a tag is in no module, so where it was declared has to be
  # taken from the attribute set given to `attrTag`.
  taggedOption =
    declaredTags: tag: option:
    let
      position = unsafeGetAttrPos tag declaredTags;
      whereDeclared =
        if position == null then
          ""
        else
          " at ${position.file}:${toString position.line}:${toString position.column}";
      actual =
        if !(option ? _type) then
          "was not."
        else if isOptionType option then
          "was a bare type, not wrapped in mkOption."
        else
          "was of type ${escapeNixString option._type}.";
    in
    builtins.addErrorContext
      "while checking that attrTag tag ${escapeNixIdentifier tag} is an option with a type${whereDeclared}"
      (
        throwIf (!isType "option" option)
          "In attrTag, each tag value must be an option, but tag ${escapeNixIdentifier tag} ${actual}"
          (
            {
              declarations = if position == null then [ ] else [ position.file ];
              declarationPositions = if position == null then [ ] else [ position ];
            }
            // option
          )
      );

  mergeAttrTag =
    { tags, choices }:
    loc: defs:
    let
      tagOf =
        def:
        assert length (attrNames def.value) == 1;
        head (attrNames def.value);
      files = showFiles (getFiles defs);
      tag = head (attrNames (head defs).value);
      untagged =
        def:
        if tagOf def != tag then
          throw "The option `${showOption loc}` is defined both as `${tag}` and `${tagOf def}`, in ${files}."
        else
          {
            inherit (def) file;
            value = def.value.${tag};
          };
    in
    if tags ? ${tag} then
      { ${tag} = (evalOptionValue (loc ++ [ tag ]) tags.${tag} (map untagged defs)).value; }
    else
      throw "The option `${showOption loc}` is defined as ${escapeNixIdentifier tag}, but ${escapeNixIdentifier tag} is not among the valid choices (${choices}). Value ${tag} was defined in ${files}.";

  mergeTaggedOptions =
    tag: lhs: rhs:
    let
      asModule = option: {
        _file = "<attrTag {...}>";
        pos = null;
        options = option;
      };
    in
    # Only the tag is known of the option's location. It is for messages, where
    # a relative one will do.
    mergeOptionDecls [ tag ] [ (asModule lhs) (asModule rhs) ]
    // {
      # `mergeOptionDecls` would name the stand-in file above.
      declarations = lhs.declarations ++ rhs.declarations;
      declarationPositions = lhs.declarationPositions ++ rhs.declarationPositions;
    };

  ## Uniqueness, null and functions

  uniq = unique { message = ""; };

  unique =
    { message }:
    type:
    mkOptionType (
      passingOn {
        elemType = type;
        rebuild = uniq;
      }
      // {
        name = "unique";
        inherit (type)
          description
          descriptionClass
          check
          emptyValue
          ;
        merge = mergeUniqueOption {
          inherit message;
          inherit (type) merge;
        };
        functor = elemTypeFunctor "unique" (lib.types.unique { inherit message; }) type;
      }
    );

  nullOr =
    elemType:
    mkOptionType (
      passingOn {
        inherit elemType;
        rebuild = lib.types.nullOr;
      }
      // {
        name = "nullOr";
        description = "null or ${conjunctPhrase elemType}";
        descriptionClass = "conjunction";
        check = value: value == null || elemType.check value;
        merge = mergeNullOr elemType;
        emptyValue.value = null;
        functor = elemTypeFunctor "nullOr" lib.types.nullOr elemType;
      }
    );

  mergeNullOr =
    elemType: loc: defs:
    let
      isNull = def: def.value == null;
    in
    if !any isNull defs then
      elemType.merge loc defs
    else if all isNull defs then
      null
    else
      throw "The option `${showOption loc}` is defined both null and not null, in ${showFiles (getFiles defs)}.";

  functionTo =
    elemType:
    let
      below = [ "<function body>" ];
    in
    mkOptionType (
      passingOn {
        inherit elemType below;
        rebuild = lib.types.functionTo;
      }
      // {
        name = "functionTo";
        description = "function that evaluates to a(n) ${elementPhrase elemType}";
        descriptionClass = "composite";
        check = isFunction;
        merge = loc: defs: {
          # The caller may leave out only what no definition insists on.
          __functionArgs = zipAttrsWith (_name: all id) (map functionArgs (getValues defs));
          __functor =
            _self: arg: (mergeDefinitions (loc ++ below) elemType (applyDefinitions arg defs)).mergedValue;
        };
        functor = elemTypeFunctor "functionTo" lib.types.functionTo elemType;
      }
    );

  ## Modules

  # A module as a value: a path stands for the file to import.
  isModuleLike = value: isAttrs value || isFunction value || path.check value;

  submodule =
    modules:
    submoduleWith {
      shorthandOnlyDefinesConfig = true;
      modules = toList modules;
    };

  submoduleWith =
    args@{
      modules,
      specialArgs ? { },
      shorthandOnlyDefinesConfig ? false,
      description ? null,
      class ? null,
    }:
    let
      base = evalModules {
        inherit class specialArgs;
        modules = [ namePlaceholderModule ] ++ modules;
      };
      # For manuals: checking what is configured would only get in the way.
      docsEval =
        extension: base.extendModules ({ modules = [ noCheckForDocsModule ]; } // extension);

      check = coherentCheck isModuleLike;
      inherit (base._module) freeformType;
    in
    mkOptionType {
      name = "submodule";
      description = if description != null then description else describeSubmodule (docsEval { });
      inherit check;
      merge = v2Merge (mergeSubmodule {
        inherit base check shorthandOnlyDefinesConfig;
      });
      emptyValue.value = base.config;
      getSubOptions =
        prefix:
        let
          eval = docsEval { inherit prefix; };
          inherit (eval._module) freeformType;
        in
        eval.options
        // optionalAttrs (freeformType != null) {
          # Any name will do that no option has.
          _freeformOptions = freeformType.getSubOptions prefix;
        };
      getSubModules = modules;
      substSubModules = modules: submoduleWith (args // { inherit modules; });
      nestedTypes = optionalAttrs (freeformType != null) { inherit freeformType; };
      functor = defaultFunctor "submodule" // {
        type = lib.types.submoduleWith;
        payload = {
          inherit
            modules
            specialArgs
            shorthandOnlyDefinesConfig
            description
            class
            ;
        };
        binOp = mergeSubmodulePayloads;
      };
    };

  # A submodule may use its own name, as in `attrsOf (submodule …)`, for a
  # default. Manuals have no name to give, and show these quotation marks, which
  # no markup takes for its own.
  namePlaceholderModule._module.args.name = lib.mkOptionDefault "‹name›";

  noCheckForDocsModule = {
    _file = "<built-in module that disables checks for the purpose of documentation generation>";
    config._module.check = lib.mkForce false;
  };

  describeSubmodule =
    eval:
    let
      inherit (eval._module) freeformType;
    in
    if freeformType ? description then
      "open submodule of ${elementPhrase freeformType}"
    else
      "submodule";

  mergeSubmodule =
    {
      base,
      check,
      shorthandOnlyDefinesConfig,
    }:
    { loc, defs }:
    let
      configuration = base.extendModules {
        prefix = loc;
        modules = [
          { _module.args.name = last loc; }
        ]
        ++ map (
          { value, file }:
          {
            _file = file;
          }
          // (
            if shorthandOnlyDefinesConfig && isAttrs value then
              { config = value; }
            else
              { imports = [ value ]; }
          )
        ) defs;
      };
    in
    {
      headError = headErrorOf check defs;
      value = configuration.config;
      valueMeta = { inherit configuration; };
    };

  mergeSubmodulePayloads =
    lhs: rhs:
    let
      declaredMultipleTimes =
        problem: throw "A submoduleWith option is declared multiple times with ${problem}";

      # Null where a declaration leaves the field to the other one.
      agreeOn =
        field: problem:
        let
          left = lhs.${field} or null;
          right = rhs.${field} or null;
        in
        if left == null then
          right
        else if right == null || left == right then
          left
        else
          declaredMultipleTimes problem;

      sharedArgs = builtins.intersectAttrs lhs.specialArgs rhs.specialArgs;
    in
    {
      modules = lhs.modules ++ rhs.modules;
      specialArgs =
        if sharedArgs == { } then
          lhs.specialArgs // rhs.specialArgs
        else
          declaredMultipleTimes "the same specialArgs \"${toString (attrNames sharedArgs)}\"";
      class = agreeOn "class" "conflicting class values \"${toString lhs.class}\" and \"${toString rhs.class}\".";
      shorthandOnlyDefinesConfig = agreeOn "shorthandOnlyDefinesConfig" "conflicting shorthandOnlyDefinesConfig values";
      description = agreeOn "description" "conflicting descriptions";
    };

  deferredModule = deferredModuleWith { };

  # A module for some other evaluation to import. `staticModules` are part of
  # each value, and their options are in the manual.
  deferredModuleWith =
    args@{
      staticModules ? [ ],
    }:
    mkOptionType {
      name = "deferredModule";
      description = "module";
      descriptionClass = "noun";
      check = isModuleLike;
      merge = loc: defs: {
        imports =
          staticModules
          ++ map (
            def: setDefaultModuleLocation "${def.file}, via option ${showOption loc}" def.value
          ) defs;
      };
      inherit (submoduleWith { modules = staticModules; }) getSubOptions getSubModules;
      substSubModules = modules: deferredModuleWith (args // { staticModules = modules; });
      functor = defaultFunctor "deferredModuleWith" // {
        type = lib.types.deferredModuleWith;
        payload = { inherit staticModules; };
        binOp = lhs: rhs: { staticModules = lhs.staticModules ++ rhs.staticModules; };
      };
    };

  ## Options and types as values

  optionDeclaration = mkOptionType {
    name = "optionDeclaration";
    description = "option declaration";
    descriptionClass = "noun";
    # An option that has been evaluated is no longer a declaration.
    check = value: isType "option" value && !(value ? value);
  };

  optionType = mkOptionType {
    name = "optionType";
    description = "optionType";
    descriptionClass = "noun";
    check = isOptionType;
    merge = mergeOptionTypes;
  };

  # Declares one option with each of the types: merging the declarations also
  # tells the types' submodules which files they come from.
  mergeOptionTypes =
    loc: defs:
    let
      declarations = map (
        { value, file }:
        {
          _file = file;
          # No option in a module, so no position to point at.
          pos = null;
          options = lib.mkOption { type = value; };
        }
      ) defs;
    in
    if length defs == 1 then
      (head defs).value
    else
      (fixupOptionType loc (mergeOptionDecls loc declarations)).type;

  ## One of several types

  either =
    left: right:
    let
      functor = defaultFunctor "either" // {
        type = lib.types.either;
        payload.elemType = [
          left
          right
        ];
        binOp = mergeEitherPayloads;
      };
    in
    mkOptionType {
      name = "either";
      description =
        # A clause after a comma has to end with one as well.
        if left.descriptionClass or null == "nonRestrictiveClause" then
          "${left.description}, or ${conjunctPhrase right}"
        else
          "${conjunctPhrase left} or ${
            phrase [
              "noun"
              "conjunction"
              "composite"
            ] right
          }";
      descriptionClass = "conjunction";
      check = coherentCheck (value: left.check value || right.check value);
      merge = v2Merge (mergeEither left right);
      typeMerge =
        other:
        if other.name != "either" then
          null
        else
          mapNullable (payload: functor.type (head payload.elemType) (elemAt payload.elemType 1)) (
            functor.binOp functor.payload other.payload
          );
      inherit functor;
      nestedTypes = { inherit left right; };
    };

  # Left with left and right with right, never crosswise.
  mergeEitherPayloads =
    lhs: rhs:
    let
      mergedAt = n: (elemAt lhs.elemType n).typeMerge (elemAt rhs.elemType n).functor;
      elemType = [
        (mergedAt 0)
        (mergedAt 1)
      ];
    in
    if elem null elemType then null else { inherit elemType; };

  # All definitions have to fit the same alternative.
  mergeEither =
    left: right: args@{ loc, defs }:
    let
      asLeft = checkAndMerge left args;
      asRight = checkAndMerge right args;
      headError.message = "The option `${showOption loc}` is neither a value of type `${left.description}` nor `${right.description}`, Definition values: ${showDefs defs}";
    in
    if asLeft.headError == null then
      asLeft
    else if asRight.headError == null then
      asRight
    else
      {
        inherit headError;
        valueMeta = { inherit headError; };
        # Only reached by those who take the value without looking at the error.
        value = lib.warn ''
          One or more definitions did not pass the type-check of the 'either' type.
          ${headError.message}
          If `either`, `oneOf` or similar is used in freeformType, ensure that it is preceded by an 'attrsOf' such as: `freeformType = types.attrsOf (types.either t1 t2)`.
          Otherwise consider using the correct type for the option `${showOption loc}`.  This will be an error in Nixpkgs 26.05.
        '' (mergeOneOption loc defs);
      };

  oneOf =
    types:
    if types == [ ] then
      throw "types.oneOf needs to get at least one type in its argument"
    else
      foldl' either (head types) (tail types);

  coercedTo =
    coercedType: coerce: finalType:
    assert assertMsg (
      coercedType.getSubModules == null
    ) "coercedTo: coercedType must not have submodules (it’s a ${coercedType.description})";
    let
      check = coherentCheck (
        value: (coercedType.check value && finalType.check (coerce value)) || finalType.check value
      );
    in
    mkOptionType {
      name = "coercedTo";
      description = "${nounPhrase finalType} or ${nounPhrase coercedType} convertible to it";
      inherit check;
      merge = v2Merge (mergeCoerced {
        inherit
          coercedType
          coerce
          finalType
          check
          ;
      });
      inherit (finalType) emptyValue getSubOptions getSubModules;
      substSubModules = modules: coercedTo coercedType coerce (finalType.substSubModules modules);
      # Functions cannot be compared, so neither can two coercions.
      typeMerge = _functor: null;
      nestedTypes = { inherit coercedType finalType; };
    };

  mergeCoerced =
    {
      coercedType,
      coerce,
      finalType,
      check,
    }:
    { loc, defs }:
    let
      needsCoercion =
        def:
        if coercedType.merge ? v2 then
          (mergeV2 coercedType {
            inherit loc;
            defs = [ def ];
          }).headError == null
        else
          coercedType.check def.value;
      finalDefs = map (
        def: def // { value = if needsCoercion def then coerce def.value else def.value; }
      ) defs;
      merged = checkAndMerge finalType {
        inherit loc;
        defs = finalDefs;
      };
    in
    if finalType.merge ? v2 then
      merged
    else
      # Complain about what was written, not about what it was turned into.
      merged // { headError = headErrorOf check defs; };

  addCheck =
    type: predicate:
    let
      check = value: type.check value && predicate value;
    in
    type
    // (
      if type.merge ? v2 then
        {
          check = coherentCheck check;
          merge = v2Merge (
            args@{ loc, defs }:
            let
              merged = mergeV2 type args;
            in
            merged
            // {
              headError =
                if merged.headError != null then merged.headError else headErrorOf predicate defs;
            }
          );
        }
      else
        { inherit check; }
    );

  ## Data formats

  # What a format can express; `typeName` is the format's name.
  serializableValueWith =
    {
      typeName,
      nullable ? true,
    }:
    let
      nonNull = oneOf [
        bool
        int
        float
        str
        path
        (attrsOf value)
        (listOf value)
      ];
      # The type contains itself, so it cannot be described by its parts.
      value = (if nullable then nullOr nonNull else nonNull) // {
        description = "${typeName} value";
      };
    in
    value;

  json = serializableValueWith { typeName = "JSON"; };

  toml = serializableValueWith {
    typeName = "TOML";
    nullable = false;
  };
in
{
  inherit
    addCheck
    anything
    attrListOf
    attrListWith
    attrTag
    attrs
    attrsOf
    attrsWith
    bool
    boolByOr
    coercedTo
    commas
    defaultFunctor
    defaultTypeMerge
    deferredModule
    deferredModuleWith
    either
    enum
    envVar
    externalPath
    fileset
    float
    functionTo
    int
    ints
    isOptionType
    isType
    json
    lazyAttrsOf
    lines
    listOf
    loaOf
    luaInline
    mergeTypes
    mkOptionType
    noCheckForDocsModule
    nonEmptyListOf
    nonEmptyStr
    nullOr
    number
    numbers
    oneOf
    optionDeclaration
    optionDescriptionPhrase
    optionType
    package
    passwdEntry
    path
    pathInStore
    pathWith
    pkgs
    port
    raw
    separatedString
    serializableValueWith
    setType
    shellPackage
    singleLineStr
    str
    strMatching
    submodule
    submoduleWith
    toml
    uniq
    unique
    unspecified
    ;

  inherit (lib) types;
}
