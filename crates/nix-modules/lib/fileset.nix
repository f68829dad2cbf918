# File sets: sets of local files that can be united, intersected and subtracted,
# and then made a source.
#
# A set is a base directory and a tree below it. A tree is
#   null                nothing,
#   "directory"         everything in a directory,
#   another string      a file, by its type as `builtins.readDir` says it,
#   an attribute set    a directory's entries, each a tree.
# The attributes' names and the version are those of nixpkgs, so that sets of
# one library can be passed to the other.
{ lib }:
let
  inherit (builtins)
    all attrNames attrValues elemAt filter foldl' head intersectAttrs isAttrs isPath isString length
    mapAttrs pathExists readDir substring stringLength tail trace typeOf
    ;
  inherit (lib.filesystem) pathType;
  inherit (lib.lists) commonPrefix findFirst findFirstIndex;
  inherit (lib.strings) isStringLike;

  version = 3;

  # -- Making sets -------------------------------------------------------------

  notEvaluable = throw ''
    lib.fileset: Directly evaluating a file set is not supported.
      To turn it into a usable source, use `lib.fileset.toSource`.
      To pretty-print the contents, use `lib.fileset.trace` or `lib.fileset.traceVal`.'';

  common = {
    _type = "fileset";
    _internalVersion = version;
    # Met when a set is evaluated as a whole, which is always a mistake.
    _noEval = notEvaluable;
  };
  empty = common // { _internalIsEmptyWithoutBase = true; };
  located =
    base:
    let
      inherit (lib.path.splitRoot base) root subpath;
    in
    {
      _internalBaseRoot = root;
      _internalBaseComponents = lib.path.subpath.components subpath;
    };
  make =
    base: tree:
    common
    // located base
    // {
      _internalIsEmptyWithoutBase = false;
      _internalBase = base;
      _internalTree = tree;
    };
  isEmpty = set: set._internalIsEmptyWithoutBase;
  componentsOf = set: set._internalBaseComponents;

  # Of a directory, `inDirectory path`; of a file, `inFile name type`.
  fromPath =
    inDirectory: inFile: path:
    let
      type = pathType path;
      name = baseNameOf path;
    in
    if type == "directory" then make path (inDirectory path) else make (dirOf path) { ${name} = inFile name type; };
  ofPath = fromPath (_: "directory") (_: type: type);

  # What each version changed, from version 0 on.
  migrations = [
    (set: set // located set._internalBase)
    (set: set)
    (set: set // { _internalIsEmptyWithoutBase = false; })
  ];
  migrate =
    set:
    foldl' (old: step: step old) set (lib.drop set._internalVersion migrations) // { _internalVersion = version; };

  # { value } or { error }.
  tryCoerce =
    context: value:
    if value._type or "" == "fileset" then
      if value._internalVersion > version then
        {
          error = ''
            ${context} is a file set created from a future version of the file set library with a different internal representation:
                - Internal version of the file set: ${toString value._internalVersion}
                - Internal version of the library: ${toString version}
                Make sure to update your Nixpkgs to have a newer version of `lib.fileset`.'';
        }
      else
        { value = if value._internalVersion == version then value else migrate value; }
    else if isPath value then
      if pathExists value then
        { value = ofPath value; }
      else
        {
          error = ''
            ${context} (${toString value}) is a path that does not exist.
                To create a file set from a path that may not exist, use `lib.fileset.maybeMissing`.'';
        }
    else if value ? _isLibCleanSourceWith then
      {
        error = ''
          ${context} is a `lib.sources`-based value, but it should be a file set or a path instead.
              To convert a `lib.sources`-based value to a file set you can use `lib.fileset.fromSource`.
              Note that this only works for sources created from paths.'';
      }
    else if isStringLike value then
      {
        error = ''
          ${context} ("${toString value}") is a string-like value, but it should be a file set or a path instead.
              Paths represented as strings are not supported by `lib.fileset`, use `lib.sources` or derivations instead.'';
      }
    else
      { error = "${context} is of type ${typeOf value}, but it should be a file set or a path instead."; };
  coerce =
    context: value:
    let
      result = tryCoerce context value;
    in
    result.value or (throw result.error);

  # Arguments of a function as sets, all below the same root.
  coerceAll =
    function: arguments:
    let
      sets = map ({ context, value }: coerce "${function}: ${context}" value) arguments;
      first = findFirst (set: !isEmpty set) null sets;
      root = first._internalBaseRoot;
      other = findFirstIndex (set: !isEmpty set && set._internalBaseRoot != root) null sets;
    in
    if first == null || other == null then
      sets
    else
      throw ''
        ${function}: Filesystem roots are not the same:
            ${(head arguments).context}: Filesystem root is "${toString root}"
            ${(elemAt arguments other).context}: Filesystem root is "${toString (elemAt sets other)._internalBaseRoot}"
            Different filesystem roots are not supported.'';
  coercePair =
    function: first: second:
    use: a: b:
    let
      sets = coerceAll function [
        { context = first; value = a; }
        { context = second; value = b; }
      ];
    in
    use (elemAt sets 0) (elemAt sets 1);

  # -- Trees -------------------------------------------------------------------

  isDirectory = tree: isAttrs tree || tree == "directory";
  # All entries of a directory, those that the tree leaves out as null.
  entries =
    path: tree: if tree == "directory" then readDir path else mapAttrs (_: _: null) (readDir path) // tree;
  descend = f: path: tree: mapAttrs (name: f (path + "/${name}")) (entries path tree);

  # For the store's filter: null where there is no file at all, so that empty
  # directories are left out, and whole directories as such.
  forFilter =
    path: tree:
    let
      below = descend forFilter path tree;
      subtrees = attrValues below;
    in
    if !isDirectory tree then
      tree
    else if all (subtree: subtree == null) subtrees then
      null
    else if all isString subtrees then
      "directory"
    else
      below;

  # For printing: as short as can be, which takes telling directories without
  # files ("emptyDir") from those of which no file is in the set.
  forPrinting =
    path: tree:
    let
      below = descend forPrinting path tree;
      subtrees = attrValues below;
    in
    if !isDirectory tree then
      tree
    else if all (subtree: subtree == "emptyDir") subtrees then
      "emptyDir"
    else if tree == "directory" || all isString subtrees then
      "directory"
    else if all (subtree: subtree == null || subtree == "emptyDir") subtrees then
      null
    else
      below;

  # Traces a line for each part, and returns null.
  print =
    set:
    let
      nothing = tree: tree == null || tree == "emptyDir";
      note =
        tree:
        if isAttrs tree then
          ""
        else if tree == "directory" then
          " (all files in directory)"
        else
          " (${tree})";
      # `before` has traced what comes above: the fold must be strict in its start.
      content =
        indent: before: tree:
        lib.foldl' (
          before: name:
          let
            subtree = tree.${name};
            line = trace "${indent}- ${name}${note subtree}" before;
          in
          if nothing subtree then
            before
          else if isAttrs subtree then
            content "${indent}  " line subtree
          else
            line
        ) before (attrNames tree);
      tree = forPrinting set._internalBase set._internalTree;
      title = trace "${toString set._internalBase}${note tree}" null;
    in
    if isEmpty set || nothing tree then
      trace "(empty)" null
    else if isAttrs tree then
      content "" title tree
    else
      title;

  # The tree as seen from a directory above its base, or from one below.
  fromAbove =
    components: set:
    let
      own = componentsOf set;
      nest = depth: if depth == length own then set._internalTree else { ${elemAt own depth} = nest (depth + 1); };
    in
    nest (length components);
  fromBelow =
    components: set:
    let
      enter =
        depth: tree:
        if isAttrs tree && depth < length components then
          enter (depth + 1) (tree.${elemAt components depth} or null)
        else
          tree;
    in
    enter (length (componentsOf set)) set._internalTree;

  # How the bases of two sets lie to each other.
  baseOrder =
    a: b:
    let
      shared = length (commonPrefix (componentsOf a) (componentsOf b));
    in
    if shared == length (componentsOf a) then
      "firstAbove"
    else if shared == length (componentsOf b) then
      "secondAbove"
    else
      "apart";

  # -- Operations --------------------------------------------------------------

  uniteTrees =
    trees:
    let
      whole = findFirst isString null trees;
      present = filter (tree: tree != null) trees;
    in
    if whole != null then
      whole
    else if present == [ ] then
      null
    else
      lib.zipAttrsWith (_: uniteTrees) present;
  unite =
    sets:
    let
      present = filter (set: !isEmpty set) sets;
      first = head present;
      components = foldl' (shared: set: commonPrefix shared (componentsOf set)) (componentsOf first) (tail present);
      base = lib.path.append first._internalBaseRoot (lib.path.subpath.join components);
    in
    if present == [ ] then empty else make base (uniteTrees (map (fromAbove components) present));

  intersectTrees =
    a: b:
    if isAttrs a && isAttrs b then
      mapAttrs (name: intersectTrees a.${name}) (intersectAttrs a b)
    else if a == null || isString b then
      a
    else
      b;
  intersect =
    a: b:
    let
      order = baseOrder a b;
      deeper = if order == "firstAbove" then b else a;
      seen = fromBelow (componentsOf deeper);
    in
    if isEmpty a || isEmpty b || order == "apart" then
      empty
    else
      make deeper._internalBase (intersectTrees (seen a) (seen b));

  subtractTrees =
    path: from: what:
    if from == null || isString what then
      null
    else if what == null then
      from
    else
      mapAttrs (name: subtree: subtractTrees (path + "/${name}") subtree (what.${name} or null)) (entries path from);
  subtract =
    from: what:
    let
      removed = {
        firstAbove = fromAbove (componentsOf from) what;
        secondAbove = fromBelow (componentsOf from) what;
        apart = null;
      };
    in
    if isEmpty from || isEmpty what then
      from
    else
      make from._internalBase (subtractTrees from._internalBase from._internalTree removed.${baseOrder from what});

  # -- Sources -----------------------------------------------------------------

  # As `builtins.path` calls it: with absolute paths as strings.
  storeFilter =
    set:
    let
      tree = forFilter set._internalBase set._internalTree;
      base = lib.concatMapStrings (name: "/" + name) (componentsOf set) + "/";
      within =
        names: tree:
        if !isAttrs tree then
          tree != null
        else
          names == [ ] || within (tail names) tree.${head names};
      included =
        path:
        let
          slashed = path + "/";
        in
        # The directories that lead to the base are needed to get there.
        lib.hasPrefix slashed base
        || (lib.hasPrefix base slashed && within (lib.splitString "/" (substring (stringLength base) (-1) path)) tree);
    in
    if isEmpty set || tree == null then
      _: _: false
    else
      path: type:
      included path
      && (
        type != "unknown"
        || throw ''
          lib.fileset.toSource: `fileset` contains a file that cannot be added to the store: ${path}
              This file is neither a regular file nor a symlink, the only file types supported by the Nix store.
              Therefore the file set cannot be added to the Nix store as is. Make sure to not include that file to avoid this error.''
      );

  toSource =
    { root, fileset }:
    let
      set = coerce "lib.fileset.toSource: `fileset`" fileset;
      rootOf = path: (lib.path.splitRoot path).root;
      filter = storeFilter set;
    in
    if !isPath root then
      if root ? _isLibCleanSourceWith then
        throw ''
          lib.fileset.toSource: `root` is a `lib.sources`-based value, but it should be a path instead.
              To use a `lib.sources`-based value, convert it to a file set using `lib.fileset.fromSource` and pass it as `fileset`.
              Note that this only works for sources created from paths.''
      else if isStringLike root then
        throw ''
          lib.fileset.toSource: `root` (${toString root}) is a string-like value, but it should be a path instead.
              Paths in strings are not supported by `lib.fileset`, use `lib.sources` or derivations instead.''
      else
        throw "lib.fileset.toSource: `root` is of type ${typeOf root}, but it should be a path instead."
    else if !isEmpty set && rootOf root != rootOf set._internalBase then
      throw ''
        lib.fileset.toSource: Filesystem roots are not the same for `fileset` and `root` (${toString root}):
            `root`: Filesystem root is "${toString (rootOf root)}"
            `fileset`: Filesystem root is "${toString (rootOf set._internalBase)}"
            Different filesystem roots are not supported.''
    else if !pathExists root then
      throw "lib.fileset.toSource: `root` (${toString root}) is a path that does not exist."
    else if pathType root != "directory" then
      throw ''
        lib.fileset.toSource: `root` (${toString root}) is a file, but it should be a directory instead. Potential solutions:
            - If you want to import the file into the store _without_ a containing directory, use string interpolation or `builtins.path` instead of this function.
            - If you want to import the file into the store _with_ a containing directory, set `root` to the containing directory, such as ${toString (dirOf root)}, and set `fileset` to the file path.''
    else if !isEmpty set && !lib.path.hasPrefix root set._internalBase then
      throw ''
        lib.fileset.toSource: `fileset` could contain files in ${toString set._internalBase}, which is not under the `root` (${toString root}). Potential solutions:
            - Set `root` to ${toString set._internalBase} or any directory higher up. This changes the layout of the resulting store path.
            - Set `fileset` to a file set that cannot contain files outside the `root` (${toString root}). This could change the files included in the result.''
    else
      # Errors of the set are better met here than halfway into copying.
      builtins.seq filter (
        lib.sources.cleanSourceWith {
          name = "source";
          src = root;
          inherit filter;
        }
      );

  # The set that a source's filter describes; it is called as Nix would.
  ofFilter =
    root: accepts:
    let
      entry =
        path: text: type:
        if !accepts text type then
          null
        else if type == "directory" then
          directory path text
        else
          type;
      directory = path: text: mapAttrs (name: entry (path + "/${name}") "${text}/${name}") (readDir path);
      # The base is taken as accepted.
      text = "/" + builtins.concatStringsSep "/" (lib.path.subpath.components (lib.path.splitRoot root).subpath);
    in
    fromPath (path: directory path text) (_: type: type) root;

  # -- Git ---------------------------------------------------------------------

  # The files that a checkout has, as files of the work tree it was made from.
  mirror =
    local: copy:
    let
      list = path: mapAttrs (name: type: if type == "directory" then list (path + "/${name}") else type) (readDir path);
    in
    make local (list copy);
  tracked =
    function: argument: options: path:
    let
      hasGit = pathExists (path + "/.git");
    in
    if !isPath path then
      throw "lib.fileset.${function}: Expected the ${argument} to be a path, but it's a ${typeOf path} instead."
    else if pathType path != "directory" then
      throw "lib.fileset.${function}: Expected the ${argument} (${toString path}) to be a directory, but it's a file instead."
    else if lib.path.hasStorePathPrefix path then
      # A flake, or another fetcher's result, has its tracked files only.
      if !hasGit then
        ofPath path
      else
        throw ''
          lib.fileset.${function}: The ${argument} (${toString path}) is a store path within a working tree of a Git repository.
              This indicates that a source directory was imported into the store using a method such as `import "''${./.}"` or `path:.`.
              This function currently does not support such a use case, since it currently relies on `builtins.fetchGit`.
              You could make this work by using a fetcher such as `fetchGit` instead of copying the whole repository.
              If you can't avoid copying the repo to the store, see https://github.com/NixOS/nix/issues/9292.''
    else if !hasGit then
      throw "lib.fileset.${function}: Expected the ${argument} (${toString path}) to point to a local working tree of a Git repository, but it's not."
    else
      mirror path (builtins.fetchGit ({ url = path; shallow = true; } // options)).outPath;
in
{
  inherit empty toSource;

  maybeMissing =
    path:
    if isPath path then
      (if pathExists path then ofPath path else empty)
    else if isStringLike path then
      throw "lib.fileset.maybeMissing: Argument (\"${toString path}\") is a string-like value, but it should be a path instead."
    else
      throw "lib.fileset.maybeMissing: Argument is of type ${typeOf path}, but it should be a path instead.";

  union = coercePair "lib.fileset.union" "First argument" "Second argument" (a: b: unite [ a b ]);
  unions =
    sets:
    if builtins.isList sets then
      unite (
        coerceAll "lib.fileset.unions" (lib.imap0 (i: value: { context = "Element ${toString i}"; inherit value; }) sets)
      )
    else
      throw "lib.fileset.unions: Argument is of type ${typeOf sets}, but it should be a list instead.";
  intersection = coercePair "lib.fileset.intersection" "First argument" "Second argument" intersect;
  difference = coercePair "lib.fileset.difference" "First argument (positive set)" "Second argument (negative set)" subtract;

  fileFilter =
    predicate: path:
    let
      file =
        name: type:
        if
          predicate {
            inherit name type;
            hasExt = extension: lib.hasSuffix ".${extension}" name;
            # Only a function that ignores attributes it does not know gets past.
            "lib.fileset.fileFilter: The predicate function passed as the first argument must be able to handle extra attributes for future compatibility. If you're using `{ name, file, hasExt }:`, use `{ name, file, hasExt, ... }:` instead." =
              null;
          }
        then
          type
        else
          null;
      directory =
        path:
        mapAttrs (name: type: if type == "directory" then directory (path + "/${name}") else file name type) (readDir path);
    in
    if !lib.isFunction predicate then
      throw "lib.fileset.fileFilter: First argument is of type ${typeOf predicate}, but it should be a function instead."
    else if !isPath path then
      if path._type or "" == "fileset" then
        throw ''
          lib.fileset.fileFilter: Second argument is a file set, but it should be a path instead.
              If you need to filter files in a file set, use `intersection fileset (fileFilter pred ./.)` instead.''
      else
        throw "lib.fileset.fileFilter: Second argument is of type ${typeOf path}, but it should be a path instead."
    else if !pathExists path then
      throw "lib.fileset.fileFilter: Second argument (${toString path}) is a path that does not exist."
    else
      fromPath directory file path;

  fromSource =
    source:
    let
      filtered = source ? _isLibCleanSourceWith;
      path = if filtered then source.origSrc else source;
    in
    if !isPath path then
      if isStringLike path then
        throw ''
          lib.fileset.fromSource: The source origin of the argument is a string-like value ("${toString path}"), but it should be a path instead.
              Sources created from paths in strings cannot be turned into file sets, use `lib.sources` or derivations instead.''
      else
        throw "lib.fileset.fromSource: The source origin of the argument is of type ${typeOf path}, but it should be a path instead."
    else if !pathExists path then
      throw "lib.fileset.fromSource: The source origin (${toString path}) of the argument is a path that does not exist."
    else if filtered then
      ofFilter path source.filter
    else
      ofPath path;

  gitTracked = tracked "gitTracked" "argument" { };
  gitTrackedWith =
    {
      recurseSubmodules ? false,
    }:
    if builtins.isBool recurseSubmodules then
      tracked "gitTrackedWith" "second argument" { submodules = recurseSubmodules; }
    else
      _:
      throw "lib.fileset.gitTrackedWith: Expected the attribute `recurseSubmodules` of the first argument to be a boolean, but it's a ${typeOf recurseSubmodules} instead.";

  toList =
    value:
    let
      set = coerce "lib.fileset.toList: Argument" value;
      files =
        path: tree:
        if tree == null then
          [ ]
        else if isDirectory tree then
          builtins.concatLists (
            lib.mapAttrsToList (name: files (path + "/${name}")) (if tree == "directory" then readDir path else tree)
          )
        else
          [ path ];
    in
    if isEmpty set then [ ] else files set._internalBase set._internalTree;

  isFileset = value: tryCoerce "" value ? value;

  trace = value: builtins.seq (print (coerce "lib.fileset.trace: Argument" value)) (result: result);
  traceVal =
    value:
    let
      set = coerce "lib.fileset.traceVal: Argument" value;
    in
    builtins.seq (print set) set;
}
