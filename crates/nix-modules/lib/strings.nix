# Strings.
{ lib }:
let
  inherit (builtins)
    concatStringsSep elem elemAt filter fromJSON genList head isAttrs isBool isInt isList isPath
    isString length listToAttrs map match replaceStrings split stringLength substring tail toJSON
    typeOf
    ;

  printable = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
  lower = "abcdefghijklmnopqrstuvwxyz";
  upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  characters = text: genList (i: substring i 1 text) (stringLength text);

  # Codes of the printable ASCII characters, and of the white space among the
  # control characters.
  codes =
    listToAttrs (lib.imap0 (i: name: { inherit name; value = i + 32; }) (characters printable))
    // {
      "\t" = 9;
      "\n" = 10;
      "\r" = 13;
    };
  hexByte = code: lib.fixedWidthString 2 "0" (lib.toHexString code);

  # A path as first argument is nearly always a mistake, and would be copied to
  # the store. `effect` says what the function does then.
  warnOfPath =
    function: effect: argument:
    lib.warnIf (isPath argument) (pathMessage function effect argument);
  pathMessage = function: effect: argument: ''
    lib.strings.${function}: The first argument (${toString argument}) is a path value, but only strings are supported.
        There is almost certainly a bug in the calling code, since this function ${effect} in such a case.
        This function also copies the path to the Nix store, which may not be what you want.
        This behavior is deprecated and will throw an error in the future.'';
  isFalse = "always returns `false`";

  startsWith = prefix: text: substring 0 (stringLength prefix) text == prefix;
  endsWith =
    suffix: text:
    let
      start = stringLength text - stringLength suffix;
    in
    start >= 0 && substring start (-1) text == suffix;

  # An assertion's failure says no more than where it is, hence separate ones.
  definition =
    name: value:
    assert isString name;
    assert isString value;
    "-D${name}=${value}";

  # How many of the first (or last) characters `a` and `b` share.
  sharedEnd =
    pick: a: b:
    let
      limit = lib.min (stringLength a) (stringLength b);
      count = n: if n < limit && pick n a == pick n b then count (n + 1) else n;
    in
    count 0;
in
rec {
  inherit (builtins)
    appendContext compareVersions concatStringsSep elem elemAt filter fromJSON genList head isAttrs
    isInt isList isPath isString match parseDrvName readFile replaceStrings split storeDir
    stringLength substring tail toJSON typeOf unsafeDiscardStringContext
    ;

  # -- Joining -----------------------------------------------------------------

  join = concatStringsSep;
  concatStrings = concatStringsSep "";
  concatMapStrings = f: list: concatStringsSep "" (map f list);
  concatImapStrings = f: list: concatStringsSep "" (lib.imap1 f list);
  concatMapStringsSep = separator: f: list: concatStringsSep separator (map f list);
  concatImapStringsSep = separator: f: list: concatStringsSep separator (lib.imap1 f list);
  concatMapAttrsStringSep = separator: f: set: concatStringsSep separator (lib.mapAttrsToList f set);
  concatLines = lines: if lines == [ ] then "" else concatStringsSep "\n" lines + "\n";
  intersperse =
    separator: list:
    if length list < 2 then
      list
    else
      genList (
        i:
        let
          half = i / 2;
        in
        if half * 2 == i then elemAt list half else separator
      ) (2 * length list - 1);
  replicate = n: text: concatStringsSep "" (genList (_: text) n);
  optionalString = condition: text: if condition then text else "";

  makeSearchPath =
    directory: roots:
    concatStringsSep ":" (map (root: root + "/" + directory) (filter (root: root != null) roots));
  makeSearchPathOutput =
    output: directory: packages:
    makeSearchPath directory (map (lib.getOutput output) packages);
  makeLibraryPath = makeSearchPathOutput "lib" "lib";
  makeIncludePath = makeSearchPathOutput "dev" "include";
  makeBinPath = makeSearchPathOutput "bin" "bin";

  # -- Looking inside ----------------------------------------------------------

  hasPrefix =
    prefix: text:
    lib.warnIf (isPath prefix) ''
      ${pathMessage "hasPrefix" isFalse prefix}
          You might want to use `lib.path.hasPrefix` instead, which correctly supports paths.'' (startsWith prefix text);
  hasSuffix = suffix: text: warnOfPath "hasSuffix" isFalse suffix (endsWith suffix text);
  hasInfix =
    infix: text:
    warnOfPath "hasInfix" isFalse infix (
      let
        haystack = "${text}";
      in
      # Taking the infix out is one pass, and no pattern need be compiled.
      "${infix}" == "" || replaceStrings [ "${infix}" ] [ "" ] haystack != haystack
    );
  stringToCharacters = characters;
  stringAsChars = f: text: concatStringsSep "" (map f (characters text));
  charToInt = character: codes.${character};

  commonPrefixLength = sharedEnd (n: substring n 1);
  commonSuffixLength = sharedEnd (n: text: substring (stringLength text - n - 1) 1 text);

  # -- Taking apart and trimming -----------------------------------------------

  addContextFrom = source: target: substring 0 0 source + target;
  splitString =
    separator: text:
    map (addContextFrom text) (filter isString (split (escapeRegex (toString separator)) (toString text)));

  # Splits before each character for which `pred previous character` holds; the
  # character itself starts the next part, or is dropped.
  splitStringBy =
    pred: keep: text:
    let
      count = stringLength text;
      at = i: if i < 0 then "" else substring i 1 text;
      cuts = filter (i: pred (at (i - 1)) (at i)) (genList (i: i) count);
      starts = [ 0 ] ++ (if keep then cuts else map (i: i + 1) cuts);
      ends = cuts ++ [ count ];
    in
    map (addContextFrom text) (lib.zipListsWith (start: end: substring start (end - start) text) starts ends);

  removePrefix =
    prefix: text:
    warnOfPath "removePrefix" "never removes any prefix" prefix (
      if startsWith prefix text then substring (stringLength prefix) (-1) text else text
    );
  removeSuffix =
    suffix: text:
    warnOfPath "removeSuffix" "never removes any suffix" suffix (
      if endsWith suffix text then substring 0 (stringLength text - stringLength suffix) text else text
    );
  trim = trimWith {
    start = true;
    end = true;
  };
  trimWith =
    {
      start ? false,
      end ? false,
    }:
    let
      blanks = " \t\r\n";
      leading = if start then "[${blanks}]*" else "";
      body = if end then "(.*[^${blanks}])[${blanks}]*" else "(.*)";
    in
    text:
    let
      kept = match (leading + body) text;
    in
    # With `end`, all blanks is no match: nothing is left.
    if kept == null then "" else head kept;
  normalizePath =
    text:
    lib.warnIf (isPath text)
      ''
        lib.strings.normalizePath: The argument (${toString text}) is a path value, but only strings are supported.
            Path values are always normalised in Nix, so there's no need to call this function on them.
            This function also copies the path to the Nix store and returns the store path, the same as "''${path}" will, which may not be what you want.
            This behavior is deprecated and will throw an error in the future.''
      (
        builtins.foldl' (done: c: if c == "/" && endsWith "/" done then done else done + c) "" (characters text)
      );

  # -- Replacing and escaping --------------------------------------------------

  replaceString = from: to: replaceStrings [ from ] [ to ];
  escape = list: replaceStrings list (map (c: "\\" + c) list);
  escapeC = list: replaceStrings list (map (c: "\\x" + toLower (hexByte codes.${c})) list);
  escapeRegex = escape (characters "\\[{()^$?*+|.");
  escapeURL =
    let
      reserved = removeAttrs codes (characters (upper + lower + "0123456789-_.~"));
    in
    replaceStrings (builtins.attrNames reserved) (map (code: "%" + hexByte code) (builtins.attrValues reserved));
  escapeXML = replaceStrings [ "&" "<" ">" "\"" "'" ] [ "&amp;" "&lt;" "&gt;" "&quot;" "&apos;" ];
  escapeNixString = text: replaceStrings [ "$" ] [ "\\$" ] (toJSON text);
  escapeNixIdentifier =
    let
      keywords = [ "assert" "else" "if" "in" "inherit" "let" "or" "rec" "then" "with" ];
    in
    text:
    if match "[a-zA-Z_][a-zA-Z0-9_'-]*" text != null && !elem text keywords then
      text
    else
      escapeNixString text;

  escapeShellArg =
    argument:
    let
      text = toString argument;
    in
    if match "[[:alnum:],._+:@%/-]+" text == null then "'${replaceString "'" "'\\''" text}'" else text;
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  isValidPosixName = name: match "[a-zA-Z_][a-zA-Z0-9_]*" name != null;
  toShellVar =
    name: value:
    lib.throwIfNot (isValidPosixName name) "toShellVar: ${name} is not a valid shell variable name" (
      if isAttrs value && !isStringLike value then
        "declare -A ${name}=(${
          concatMapAttrsStringSep " " (key: item: "[${escapeShellArg key}]=${escapeShellArg item}") value
        })"
      else if isList value then
        "declare -a ${name}=(${escapeShellArgs value})"
      else
        "${name}=${escapeShellArg value}"
    );
  toShellVars = concatMapAttrsStringSep "\n" toShellVar;

  # -- Letter case -------------------------------------------------------------

  lowerChars = characters lower;
  upperChars = characters upper;
  toLower = replaceStrings upperChars lowerChars;
  toUpper = replaceStrings lowerChars upperChars;
  toSentenceCase =
    text:
    lib.throwIfNot (isString text) "toSentenceCase does only accepts string values, but got ${typeOf text}" (
      addContextFrom text (toUpper (substring 0 1 text) + toLower (substring 1 (-1) text))
    );
  toCamelCase =
    text:
    lib.throwIfNot (isString text) "toCamelCase does only accepts string values, but got ${typeOf text}" (
      let
        humps = splitStringBy (before: c: match "[a-z]" before != null && match "[A-Z]" c != null) true;
        words = builtins.concatMap humps (splitStringBy (_: c: elem c [ "-" "_" " " ]) false text);
      in
      addContextFrom text (toLower (head words) + concatMapStrings toSentenceCase (tail words))
    );

  # -- Versions and names ------------------------------------------------------

  versionOlder = version: than: builtins.compareVersions version than < 0;
  versionAtLeast = version: least: builtins.compareVersions version least >= 0;
  getName = x: if isString x then (builtins.parseDrvName x).name else x.pname or (builtins.parseDrvName x.name).name;
  getVersion = x: if isString x then (builtins.parseDrvName x).version else x.version or (builtins.parseDrvName x.name).version;
  nameFromURL =
    url: separator:
    let
      file = lib.last (splitString "/" url);
      name = head (splitString separator file);
    in
    assert name != file;
    name;
  sanitizeDerivationName =
    text:
    let
      longest = 207;
      plain = builtins.unsafeDiscardStringContext text;
      dotless = head (match "\\.*(.*)" plain);
      dashed = concatMapStrings (part: if isList part then "-" else part) (split "[^[:alnum:]+._?=-]+" dotless);
      cut = substring (lib.max 0 (stringLength dashed - longest)) (-1) dashed;
    in
    if stringLength text <= longest && match "[[:alnum:]+_?=-][[:alnum:]+._?=-]*" text != null then
      plain
    else if cut == "" then
      "unknown"
    else
      cut;

  # -- Build flags -------------------------------------------------------------

  cmakeOptionType =
    type: name: value:
    assert elem (toUpper type) [ "BOOL" "FILEPATH" "PATH" "STRING" "INTERNAL" "LIST" ];
    assert isString name;
    definition "${name}:${toUpper type}" value;
  cmakeBool =
    name: flag:
    assert isString name;
    assert isBool flag;
    definition "${name}:BOOL" (if flag then "TRUE" else "FALSE");
  cmakeFeature =
    name: value:
    assert isString name;
    definition "${name}:STRING" value;
  mesonOption = definition;
  mesonBool =
    name: flag:
    assert isString name;
    assert isBool flag;
    definition name (lib.boolToString flag);
  mesonEnable =
    name: flag:
    assert isString name;
    assert isBool flag;
    definition name (if flag then "enabled" else "disabled");
  enableFeature =
    flag: name:
    assert isBool flag;
    # A package in place of its name is a common slip.
    assert isString name;
    "--${if flag then "enable" else "disable"}-${name}";
  enableFeatureAs = flag: name: value: enableFeature flag name + optionalString flag "=${value}";
  withFeature =
    flag: name:
    assert isString name;
    "--${if flag then "with" else "without"}-${name}";
  withFeatureAs = flag: name: value: withFeature flag name + optionalString flag "=${value}";

  # -- Numbers -----------------------------------------------------------------

  fixedWidthString =
    width: filler: text:
    let
      missing = width - stringLength text;
    in
    assert lib.assertMsg (missing >= 0)
      "fixedWidthString: requested string length (${toString width}) must not be shorter than actual length (${toString (stringLength text)})";
    if missing == 0 then text else filler + fixedWidthString (width - stringLength filler) filler text;
  fixedWidthNumber = width: number: fixedWidthString width "0" (toString number);
  floatToString =
    number:
    let
      text = toString number;
    in
    lib.warnIf (fromJSON text != number) "Imprecise conversion from float to string ${text}" text;
  toInt =
    text:
    let
      digits = match "[[:space:]]*(-?[[:digit:]]+)[[:space:]]*" text;
      number = fromJSON (head digits);
      fail = throw "toInt: Could not convert ${escapeNixString text} to int.";
    in
    if digits == null then
      fail
    else if match "0[[:digit:]]+" (head digits) != null then
      throw "toInt: Ambiguity in interpretation of ${escapeNixString text} between octal and zero padded integer."
    else if isInt number then
      number
    else
      fail;
  toIntBase10 =
    text:
    let
      digits = match "[[:space:]]*0*(-?[[:digit:]]+)[[:space:]]*" text;
      number = fromJSON (head digits);
      fail = throw "toIntBase10: Could not convert ${escapeNixString text} to int.";
    in
    if digits == null then
      fail
    # Greedy zeros leave the last one.
    else if match "0+" (head digits) != null then
      0
    else if isInt number then
      number
    else
      fail;

  # -- Conversions -------------------------------------------------------------

  isStringLike = x: isString x || isPath x || x ? outPath || x ? __toString;
  isConvertibleWithToString =
    x:
    isStringLike x
    || elem (typeOf x) [ "null" "int" "float" "bool" ]
    || (isList x && builtins.all isConvertibleWithToString x);
  isStorePath =
    x:
    isStringLike x
    && (
      let
        text = toString x;
      in
      startsWith "/" text
      # The second form: content-addressed derivations before they are built.
      && (dirOf text == builtins.storeDir || match "/[0-9a-z]{52}" text != null)
    );
  fileContents = file: removeSuffix "\n" (builtins.readFile file);

  # -- Edit distance -----------------------------------------------------------

  # Row by row; only the last row is kept.
  levenshtein =
    a: b:
    let
      columns = characters b;
      nextRow =
        row: character:
        builtins.foldl' (
          done: j:
          let
            substituted = elemAt row j + (if elemAt columns j == character then 0 else 1);
            deleted = elemAt row (j + 1) + 1;
            inserted = elemAt done j + 1;
            least = lib.min substituted (lib.min deleted inserted);
          in
          builtins.seq least (done ++ [ least ])
        ) [ (head row + 1) ] (genList (j: j) (length columns));
    in
    lib.last (builtins.foldl' nextRow (lib.range 0 (length columns)) (characters a));

  levenshteinAtMost =
    most: a: b:
    let
      gap = stringLength a - stringLength b;
      prefix = commonPrefixLength a b;
      restOf = text: substring prefix (-1) text;
      suffix = commonSuffixLength (restOf a) (restOf b);
      middle = text: substring prefix (stringLength text - prefix - suffix) text;
    in
    if most <= 0 then
      a == b
    else
      gap <= most && -gap <= most && levenshtein (middle a) (middle b) <= most;
}
