# Tracing and small test suites.
{ lib }:
let
  inherit (builtins) deepSeq isAttrs isList trace;
  same = value: value;

  # The value down to `depth`; what lies deeper is printed as an ellipsis.
  abridge =
    depth: value:
    let
      ellipsis = text: {
        __pretty = _: text;
        val = value;
      };
    in
    if isList value then
      (if depth == 0 then ellipsis "[…]" else map (abridge (depth - 1)) value)
    else if isAttrs value then
      (if depth == 0 then ellipsis "{…}" else builtins.mapAttrs (_: abridge (depth - 1)) value)
    else
      value;
  prettier = lib.generators.toPretty { allowPrettyValues = true; };
in
rec {
  inherit (builtins) addErrorContext trace unsafeGetAttrPos;

  traceIf = condition: message: value: if condition then trace message value else value;
  traceVal = traceValFn same;
  traceValFn = f: value: trace (f value) value;
  traceSeq = shown: value: trace (deepSeq shown shown) value;
  traceSeqN = depth: shown: value: trace (prettier (abridge depth shown)) value;
  traceValSeq = traceValSeqFn same;
  traceValSeqFn = f: value: traceValFn f (deepSeq value value);
  traceValSeqN = traceValSeqNFn same;
  traceValSeqNFn = f: depth: value: traceSeqN depth (f value) value;
  traceFnSeqN =
    depth: name: f: argument:
    let
      result = f argument;
    in
    traceSeqN (depth + 1) {
      fn = name;
      from = argument;
      to = result;
    } result;

  # The tests that fail, of all named `test…` and those that `tests` names; where
  # `tests` names some, of those alone.
  runTests =
    tests:
    let
      only = tests.tests or [ ];
      chosen = name: if only == [ ] then builtins.substring 0 4 name == "test" else builtins.elem name only;
    in
    builtins.concatMap (
      name:
      let
        test = tests.${name};
      in
      if chosen name && test.expr != test.expected then
        [
          {
            inherit name;
            inherit (test) expected;
            result = test.expr;
          }
        ]
      else
        [ ]
    ) (builtins.attrNames tests);

  throwTestFailures =
    {
      failures,
      description ? "tests",
      ...
    }:
    let
      show = value: builtins.unsafeDiscardStringContext (prettier value);
      report = failure: ''
        FAIL ${show failure.name}:
        Expected:
        ${show failure.expected}
        Result:
        ${show failure.result}
      '';
      reported = builtins.foldl' (_: failure: traceVal (report failure)) null failures;
    in
    if failures == [ ] then
      null
    else
      throw (
        builtins.seq reported "${toString (builtins.length failures)} ${description} failed:\n- ${
          lib.concatMapStringsSep "\n- " (failure: failure.name) failures
        }\n\n${builtins.toJSON failures}"
      );

  testAllTrue = expr: {
    inherit expr;
    expected = map (_: true) expr;
  };
}
