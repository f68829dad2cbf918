# Lists.
{ lib }:
let
  inherit (builtins)
    concatLists concatMap elem elemAt filter genList head isList length partition sort tail
    ;
  clampedMinus = total: n: if n > total then 0 else total - n;
in
rec {
  inherit (builtins)
    all any concatLists concatMap elem elemAt filter genList head isList length map partition sort
    tail
    ;

  # -- Making ------------------------------------------------------------------

  singleton = value: [ value ];
  toList = value: if isList value then value else [ value ];
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  range = first: last: if last < first then [ ] else genList (i: first + i) (last - first + 1);
  replicate = n: value: genList (_: value) n;

  # -- Folding -----------------------------------------------------------------

  # By index: a lazy `op` may stop early, and no tail is ever copied.
  foldr =
    op: end: list:
    let
      count = length list;
      from = i: if i == count then end else op (elemAt list i) (from (i + 1));
    in
    from 0;
  fold = lib.warn "fold has been deprecated, use foldr instead" foldr;
  foldl =
    op: start: list:
    let
      upTo = n: if n == 0 then start else op (upTo (n - 1)) (elemAt list (n - 1));
    in
    upTo (length list);
  # Strict in its start too, unlike the builtin.
  foldl' = op: start: builtins.seq start (builtins.foldl' op start);
  count = pred: builtins.foldl' (n: value: if pred value then n + 1 else n) 0;

  # -- Mapping -----------------------------------------------------------------

  forEach = list: f: map f list;
  imap0 = f: list: genList (i: f i (elemAt list i)) (length list);
  imap1 = f: list: genList (i: f (i + 1) (elemAt list i)) (length list);
  flatten = value: if isList value then concatMap flatten value else [ value ];
  zipListsWith =
    f: left: right:
    genList (i: f (elemAt left i) (elemAt right i)) (lib.min (length left) (length right));
  zipLists = zipListsWith (fst: snd: { inherit fst snd; });
  crossLists = f: foldl (partial: args: concatMap (g: map g args) partial) [ f ];
  concatAttrValues = set: concatLists (builtins.attrValues set);
  replaceElemAt =
    list: index: value:
    assert lib.assertMsg (index >= 0 && index < length list)
      "'lists.replaceElemAt' called with index ${toString index} on a list of size ${toString (length list)}";
    imap0 (i: old: if i == index then value else old) list;

  # -- Searching ---------------------------------------------------------------

  ifilter0 =
    pred: list: map (elemAt list) (filter (i: pred i (elemAt list i)) (genList (i: i) (length list)));
  remove = unwanted: filter (value: value != unwanted);
  findSingle =
    pred: none: many: list:
    let
      found = filter pred list;
    in
    if found == [ ] then
      none
    else if length found == 1 then
      head found
    else
      many;
  # The accumulator is the next index while searching, and a list once found:
  # a fold, since recursion would limit the length of the list.
  findFirstIndex =
    pred: none: list:
    let
      result = builtins.foldl' (
        state: value:
        if isList state then
          state
        else if pred value then
          [ state ]
        else
          state + 1
      ) 0 list;
    in
    if isList result then head result else none;
  findFirst =
    pred: none: list:
    let
      index = findFirstIndex pred null list;
    in
    if index == null then none else elemAt list index;

  # -- Parts -------------------------------------------------------------------

  sublist =
    start: count: list:
    let
      available = clampedMinus (length list) start;
    in
    genList (i: elemAt list (start + i)) (if count < available then count else available);
  take = sublist 0;
  takeEnd = n: list: drop (clampedMinus (length list) n) list;
  drop = n: list: sublist n (length list) list;
  dropEnd = n: list: sublist 0 (clampedMinus (length list) n) list;
  last =
    list:
    assert lib.assertMsg (list != [ ]) "lists.last: list must not be empty!";
    elemAt list (length list - 1);
  init =
    list:
    assert lib.assertMsg (list != [ ]) "lists.init: list must not be empty!";
    dropEnd 1 list;
  hasPrefix = prefix: list: take (length prefix) list == prefix;
  removePrefix =
    prefix: list:
    if hasPrefix prefix list then
      drop (length prefix) list
    else
      throw "lib.lists.removePrefix: First argument is not a list prefix of the second argument";
  commonPrefix =
    left: right:
    let
      differences = zipListsWith (a: b: a != b) left right;
    in
    take (findFirstIndex (differs: differs) (length differences) differences) left;

  # -- Order -------------------------------------------------------------------

  reverseList =
    list:
    let
      end = length list - 1;
    in
    genList (i: elemAt list (end - i)) (end + 1);
  sortOn =
    key: list:
    map (entry: entry.value) (
      sort (a: b: a.key < b.key) (map (value: { inherit value; key = key value; }) list)
    );
  compareLists =
    cmp: left: right:
    let
      from =
        i:
        if length left == i then
          (if length right == i then 0 else -1)
        else if length right == i then
          1
        else
          let
            order = cmp (elemAt left i) (elemAt right i);
          in
          if order == 0 then from (i + 1) else order;
    in
    from 0;
  naturalSort =
    list:
    let
      # Text and numbers alternate, so that like is compared with like.
      parts = text: map (part: if isList part then lib.toInt (head part) else part) (builtins.split "(0|[1-9][0-9]*)" text);
      keyed = map (value: { inherit value; key = parts value; }) list;
    in
    map (entry: entry.value) (sort (a: b: compareLists lib.compare a.key b.key < 0) keyed);

  # Depth first against `before`, to an element that none precedes, or to a
  # cycle.
  listDfs =
    stopOnCycles: before: list:
    let
      visit =
        current: visited: rest:
        let
          loops = filter (other: before other current) visited;
          ahead = partition (other: before other current) rest;
        in
        if stopOnCycles && loops != [ ] then
          { cycle = current; inherit loops visited rest; }
        else if ahead.right == [ ] then
          { minimal = current; inherit visited rest; }
        else
          visit (head ahead.right) ([ current ] ++ visited) (tail ahead.right ++ ahead.wrong);
    in
    visit (head list) [ ] (tail list);
  toposort =
    before: list:
    if length list < 2 then
      { result = list; }
    else
      let
        first = listDfs true before list;
        others = toposort before (first.visited ++ first.rest);
      in
      if first ? cycle then
        {
          cycle = reverseList ([ first.cycle ] ++ first.visited);
          inherit (first) loops;
        }
      else if others ? cycle then
        others
      else
        { result = [ first.minimal ] ++ others.result; };

  # -- Lists as sets -----------------------------------------------------------

  unique = builtins.foldl' (seen: value: if elem value seen then seen else seen ++ [ value ]) [ ];
  uniqueStrings = strings: builtins.attrNames (groupBy (string: string) strings);
  allUnique = list: length (unique list) == length list;
  intersectLists = wanted: filter (value: elem value wanted);
  subtractLists = unwanted: filter (value: !elem value unwanted);
  mutuallyExclusive = left: right: !(builtins.any (value: elem value right) left);
  groupBy =
    builtins.groupBy or (
      key:
      builtins.foldl' (
        groups: value:
        let
          name = key value;
        in
        groups // { ${name} = groups.${name} or [ ] ++ [ value ]; }
      ) { }
    );
  groupBy' = op: start: key: list: builtins.mapAttrs (_: foldl op start) (groupBy key list);
}
