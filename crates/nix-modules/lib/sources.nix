# Source trees: what of a directory goes to the store, and under which name.
{ lib }:
let
  inherit (builtins)
    baseNameOf concatStringsSep elem elemAt filter head isList isString length match
    readFile split substring
    ;
  inherit (lib) hasPrefix hasSuffix removePrefix;

  versionControl = [ ".svn" "CVS" ".hg" ".jj" ".pijul" "_darcs" ];

  # A source is a path with a filter and a name; this reads either.
  asSource =
    src:
    if src ? _isLibCleanSourceWith then
      { inherit (src) origSrc filter name; }
    else
      {
        origSrc = src;
        filter = _: _: true;
        name = "source";
      };
  makeSource =
    { origSrc, filter, name }:
    {
      _isLibCleanSourceWith = true;
      inherit origSrc filter name;
      outPath = builtins.path {
        inherit filter name;
        path = origSrc;
      };
    };
  isRegular = lib.filesystem.pathIsRegularFile;

  # -- Git ---------------------------------------------------------------------

  # The commit that `reference` names in a Git directory: { value } or { error }.
  resolveReference =
    reference: path:
    let
      file = path + "/${reference}";
      packed = path + "/packed-refs";
      content = lib.fileContents file;
      symbolic = match "ref: (.*)" content;
      commits = filter (found: found != null) (
        map (line: match "([a-z0-9]+) ${reference}" line) (filter isString (split "\n" (readFile packed)))
      );
    in
    if isRegular path then
      resolveWorktree reference path
    # A branch that was just made has a file; `git pack-refs` gathers old ones.
    else if isRegular file then
      (if symbolic == null then { value = content; } else resolveReference (head symbolic) path)
    else if isRegular packed then
      if commits == [ ] then
        { error = "Could not find ${reference} in ${toString packed}"; }
      else
        { value = head (head commits); }
    else
      { error = "Not a .git directory: ${toString path}"; };

  # `.git` is a file in submodules and linked work trees.
  resolveWorktree =
    reference: path:
    let
      absolute =
        base: target:
        if hasPrefix "/" target then
          target
        else if hasPrefix "/" base then
          "${base}/${target}"
        else
          "/${base}/${target}";
      pointer = match "gitdir: (.*)" (lib.fileContents path);
      gitDir = absolute (toString (dirOf path)) (head pointer);
      commonFile = "${gitDir}/commondir";
      commonDir = absolute gitDir (
        lib.removeSuffix "/" (if isRegular commonFile then lib.fileContents commonFile else gitDir)
      );
    in
    if pointer == null then
      { error = "File contains no gitdir reference: ${toString path}"; }
    else
      resolveReference (removePrefix "${commonDir}/" "${gitDir}/${reference}") commonDir;

  # -- Globs -------------------------------------------------------------------

  pathParts = path: filter isString (split "/" path);
  # `**` is any number of directories, `*` anything within a name.
  globPart =
    text:
    if text == "**" then
      null
    else
      concatStringsSep "" (map (part: if isList part then "[^/]*" else lib.escapeRegex part) (split "\\*+" text));
  globMatcher =
    glob:
    let
      globs = map globPart (pathParts glob);
      count = length globs;
    in
    path: type:
    let
      names = pathParts path;
      fits = g: n: elemAt globs g == null || match (elemAt globs g) (elemAt names n) != null;
      from =
        g: n:
        if n == length names then
          # A directory stays in while something below it may match.
          g == count || type == "directory" || type == "symlink"
        else if g == count then
          false
        else if elemAt globs g != null then
          fits g n && from (g + 1) (n + 1)
        else if g + 1 == count then
          true
        else
          from (if fits (g + 1) n then g + 1 else g) (if fits (g + 1) n then n else n + 1);
    in
    from 0 0;
in
rec {
  inherit (builtins) filterSource;

  # -- Filters -----------------------------------------------------------------

  # Drops version control, editors' backups, objects and `nix-build` results.
  cleanSourceFilter =
    path: type:
    let
      name = baseNameOf (toString path);
    in
    !(
      name == ".git"
      || (type == "directory" && elem name versionControl)
      || hasSuffix "~" name
      || match "\\.sw[a-z]|\\..*\\.sw[a-z]" name != null
      || hasSuffix ".o" name
      || hasSuffix ".so" name
      || (type == "symlink" && hasPrefix "result" name)
      || type == "unknown"
    );
  cleanSource = src: cleanSourceWith { inherit src; filter = cleanSourceFilter; };

  # Filters add up; so a source may be cleaned again.
  cleanSourceWith =
    {
      src,
      filter ? _: _: true,
      name ? null,
    }:
    let
      old = asSource src;
    in
    makeSource {
      inherit (old) origSrc;
      filter = path: type: filter path type && old.filter path type;
      name = if name == null then old.name else name;
    };

  sourceByRegex =
    src: regexes:
    let
      root = toString (asSource src).origSrc + "/";
    in
    cleanSourceWith {
      inherit src;
      filter =
        path: _:
        let
          relative = removePrefix root (toString path);
        in
        builtins.any (regex: match regex relative != null) regexes;
    };
  sourceFilesBySuffices =
    src: suffixes:
    cleanSourceWith {
      inherit src;
      filter =
        path: type:
        type == "directory" || builtins.any (suffix: hasSuffix suffix (baseNameOf path)) suffixes;
    };
  sourceByGlobs =
    src: globs:
    let
      root = toString src + "/";
      matchers = map globMatcher globs;
    in
    cleanSourceWith {
      inherit src;
      filter = path: type: builtins.any (matches: matches (removePrefix root path) type) matchers;
    };

  # Says of every file whether it goes in.
  trace =
    src:
    let
      source = asSource src;
    in
    makeSource (
      source
      // {
        filter =
          path: type:
          let
            kept = source.filter path type;
          in
          builtins.trace "${source.name}.filter ${path} = ${lib.boolToString kept}" kept;
      }
    )
    // {
      satisfiesSubpathInvariant = src.satisfiesSubpathInvariant or false;
    };

  # -- Repositories --------------------------------------------------------------

  pathIsGitRepo = path: resolveReference "HEAD" path ? value;
  commitIdFromGitRepo =
    path:
    let
      result = resolveReference "HEAD" path;
    in
    result.value or (throw result.error);

  pathHasContext = builtins.hasContext or (hasPrefix builtins.storeDir);
  # What is in the store already cannot be filtered once more.
  canCleanSource = src: src ? _isLibCleanSourceWith || !(pathHasContext (toString src));

  # -- Names of store paths --------------------------------------------------------

  urlToName =
    url:
    let
      base = baseNameOf (lib.removeSuffix "/" (lib.last (lib.splitString ":" (toString url))));
      bare =
        name:
        let
          inner = match "(.*)\\.(git|tar|zip|gz|tgz|bz|tbz|bz2|tbz2|lzma|txz|xz|zstd)" name;
        in
        if inner == null then name else bare (head inner);
    in
    bare base;
  shortRev =
    rev:
    let
      base = baseNameOf (toString rev);
      version = match "([A-Za-z]+[-_. ]?)*(v)?([0-9.]+.*)" base;
    in
    if match "[a-f0-9]+" base != null then
      substring 0 7 base
    else if version != null then
      lib.last version
    else
      base;
  revOrTag = rev: tag: if tag != null then tag else if rev != null then rev else "HEAD";
  repoRevToName =
    kind:
    let
      dashed = part: lib.optionalString (part != null) "-${part}";
      full = repo: rev: suffix: "${urlToName repo}${dashed (lib.mapNullable shortRev rev)}${dashed suffix}-source";
    in
    {
      source = _: _: _: "source";
      versioned = repo: rev: _: full repo rev null;
      inherit full;
    }
    .${kind} or (throw "repoRevToName: invalid kind");
}
