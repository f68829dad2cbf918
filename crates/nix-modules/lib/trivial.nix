# Small helpers that need no data structure: combinators, numbers, warnings,
# function signatures and the release this library stands for.
{ lib }:
let
  digits = "0123456789ABCDEF";

  # NIX_ABORT_ON_WARN turns warnings into failures; Nix before 2.23 knows
  # neither it nor `builtins.warn`.
  tracedWarn =
    message: value:
    assert builtins.isString message;
    if
      builtins.elem (builtins.getEnv "NIX_ABORT_ON_WARN") [
        "1"
        "true"
        "yes"
      ]
    then
      builtins.trace "evaluation warning: ${message}" (
        abort "NIX_ABORT_ON_WARN=true; warnings are treated as unrecoverable errors."
      )
    else
      builtins.trace "evaluation warning: ${message}" value;
in
rec {
  inherit (builtins)
    add bitAnd bitOr bitXor ceil deepSeq div floor genericClosure isBool isFloat isInt
    lessThan mul pathExists readFile seq sub
    ;

  id = value: value;
  const = value: _: value;
  flip = f: second: first: f first second;
  pipe = builtins.foldl' (value: step: step value);

  concat = front: back: front ++ back;
  mergeAttrs = base: extra: base // extra;

  "or" = p: q: p || q;
  and = p: q: p && q;
  xor = p: q: (!p) != (!q);
  bitNot = n: -1 - n;

  boolToString = flag: if flag then "true" else "false";
  boolToYesNo = flag: if flag then "yes" else "no";

  defaultTo = fallback: value: if value == null then fallback else value;
  mapNullable = f: value: if value == null then null else f value;

  # -- The release ---------------------------------------------------------

  release = "26.11";
  codeName = "Zokor";
  versionSuffix = "pre-git";
  version = lib.trivial.release + lib.trivial.versionSuffix;
  nixpkgsVersion = warn "lib.nixpkgsVersion is a deprecated alias of lib.version." lib.trivial.version;
  oldestSupportedRelease = 2511;
  oldestSupportedReleaseIsAtLeast = wanted: wanted <= lib.trivial.oldestSupportedRelease;
  isInOldestRelease = warnIf (lib.oldestSupportedReleaseIsAtLeast 2411) "lib.isInOldestRelease is deprecated. Use lib.oldestSupportedReleaseIsAtLeast instead." lib.oldestSupportedReleaseIsAtLeast;
  # An embedded library is no checkout: there is never a commit to name.
  revisionWithDefault = fallback: fallback;

  inNixShell = builtins.getEnv "IN_NIX_SHELL" != "";
  inPureEvalMode = !(builtins ? currentSystem);

  # -- Numbers and order ---------------------------------------------------

  min = a: b: if a < b then a else b;
  max = a: b: if b < a then a else b;
  mod = dividend: divisor: dividend - divisor * (builtins.div dividend divisor);
  compare = a: b: if a < b then -1 else if b < a then 1 else 0;
  splitByAndCompare =
    pred: whenBoth: whenNeither: a: b:
    if pred a then
      (if pred b then whenBoth a b else -1)
    else if pred b then
      1
    else
      whenNeither a b;

  toBaseDigits =
    base: number:
    let
      collect = rest: low: if rest < base then [ rest ] ++ low else collect (rest / base) ([ (mod rest base) ] ++ low);
    in
    assert isInt base;
    assert isInt number;
    assert base >= 2;
    assert number >= 0;
    collect number [ ];

  toHexString = number: builtins.concatStringsSep "" (map (d: builtins.substring d 1 digits) (toBaseDigits 16 number));

  fromHexString =
    text:
    let
      parts = builtins.match "(0x)?([0-7]?[0-9A-Fa-f]{1,15})" text;
      parse = hex: (builtins.fromTOML "v=0x${hex}").v;
    in
    if parts != null then
      parse (builtins.elemAt parts 1)
    else
      warn "fromHexString: ${lib.generators.toPretty { } text} is not a valid input and will be rejected in 26.05" (
        parse (lib.removePrefix "0x" (lib.toLower text))
      );

  # -- Reading data --------------------------------------------------------

  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);

  # -- Warnings and errors -------------------------------------------------

  warn = builtins.warn or tracedWarn;
  warnIf = condition: message: if condition then warn message else id;
  warnIfNot = condition: message: if condition then id else warn message;
  throwIf = condition: message: if condition then throw message else id;
  throwIfNot = condition: message: if condition then id else throw message;
  info = message: builtins.trace "INFO: ${message}";
  showWarnings = warnings: value: lib.foldr warn value warnings;

  checkListOfEnum =
    message: valid: given:
    let
      show = builtins.concatStringsSep ", ";
      unexpected = lib.subtractLists valid given;
    in
    throwIfNot (unexpected == [ ]) "${message}: ${show (map toString unexpected)} unexpected; valid ones: ${show (map toString valid)}";

  # -- Functions and their arguments ---------------------------------------
  # A set with `__functor` counts as a function; `__functionArgs` stands for
  # the formals that the wrapper hides.

  isFunction = f: builtins.isFunction f || (f ? __functor && builtins.isFunction (f.__functor f));
  toFunction = f: if isFunction f then f else _: f;
  functionArgs = f: if f ? __functor then f.__functionArgs or (functionArgs (f.__functor f)) else builtins.functionArgs f;
  setFunctionArgs = f: formals: {
    __functor = _: f;
    __functionArgs = formals;
  };
  mirrorFunctionArgs =
    model:
    let
      formals = functionArgs model;
    in
    f: setFunctionArgs f formals;
}
