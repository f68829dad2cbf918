# Path values, and subpaths: relative paths in strings that stay below where
# they start.
{ lib }:
let
  inherit (builtins)
    concatStringsSep elemAt head isPath isString length match split substring typeOf
    ;

  needsPath =
    function: which: end: value:
    lib.throwIfNot (isPath value) "lib.path.${function}: ${which} is of type ${typeOf value}, but a path was expected${end}";

  # Why a value is no subpath; null where it is one.
  problem =
    value:
    if !isString value then
      "The given value is of type ${typeOf value}, but a string was expected"
    else if value == "" then
      "The given string is empty"
    else if substring 0 1 value == "/" then
      "The given string \"${value}\" starts with a `/`, representing an absolute path"
    else if match "(.*/)?\\.\\.(/.*)?" value != null then
      "The given string \"${value}\" contains a `..` component, which is not allowed in subpaths"
    else
      null;
  needsSubpath =
    message: value:
    let
      reason = problem value;
    in
    lib.throwIf (reason != null) "${message} is not a valid subpath string:\n    ${reason}";

  split' = subpath: builtins.filter (part: isString part && part != "" && part != ".") (split "/+" subpath);
  join' = parts: if parts == [ ] then "./." else "./${concatStringsSep "/" parts}";

  # A file system's root (there may be several: Nix can give sources roots of
  # their own) and the names below it.
  deconstruct =
    let
      climb =
        names: path:
        let
          parent = dirOf path;
        in
        if parent == path then
          {
            root = path;
            inherit names;
          }
        else
          climb ([ (baseNameOf path) ] ++ names) parent;
    in
    climb [ ];

  # What two functions begin with: arguments checked, of one root, taken apart.
  compareWith =
    function: end: use: first:
    let
      outer = deconstruct first;
    in
    needsPath function "First argument" end first (
      second:
      let
        inner = deconstruct second;
      in
      needsPath function "Second argument" end second (
        lib.throwIfNot (outer.root == inner.root) ''
          lib.path.${function}: Filesystem roots must be the same for both paths, but paths with different roots were given:
              first argument: "${toString first}" with root "${toString outer.root}"
              second argument: "${toString second}" with root "${toString inner.root}"'' (
          use {
            isPrefix = lib.take (length outer.names) inner.names == outer.names;
            rest = lib.drop (length outer.names) inner.names;
            inherit first second;
          }
        )
      )
    );

  storeNames = split' ("./" + builtins.storeDir);
in
{
  append =
    path: subpath:
    lib.throwIfNot (isPath path) "lib.path.append: The first argument is of type ${typeOf path}, but a path was expected" (
      needsSubpath "lib.path.append: Second argument" subpath (path + ("/" + subpath))
    );

  hasPrefix = compareWith "hasPrefix" "" (both: both.isPrefix);
  removePrefix = compareWith "removePrefix" "." (
    both:
    if both.isPrefix then
      join' both.rest
    else
      throw "lib.path.removePrefix: The first path argument \"${toString both.first}\" is not a component-wise prefix of the second path argument \"${toString both.second}\"."
  );

  splitRoot =
    path:
    let
      parts = deconstruct path;
    in
    needsPath "splitRoot" "Argument" "" path {
      inherit (parts) root;
      subpath = join' parts.names;
    };

  # Below an object of the store, or in a content-addressed placeholder.
  hasStorePathPrefix =
    path:
    let
      inherit (deconstruct path) root names;
      depth = length storeNames;
    in
    needsPath "hasStorePathPrefix" "Argument" "" path (
      lib.throwIfNot (root == /. && toString root == "/")
        "lib.path.hasStorePathPrefix: Argument has a filesystem root (${toString root}) that's not /, which is currently not supported."
        (
          (
            length names > depth
            && lib.take depth names == storeNames
            && match ".{32}-.+" (elemAt names depth) != null
          )
          || (names != [ ] && match "[0-9a-z]{52}" (head names) != null)
        )
    );

  subpath = {
    isValid = value: problem value == null;
    components = subpath: needsSubpath "lib.path.subpath.components: Argument" subpath (split' subpath);
    normalise = subpath: needsSubpath "lib.path.subpath.normalise: Argument" subpath (join' (split' subpath));
    join =
      subpaths:
      join' (
        builtins.concatLists (
          lib.imap0 (
            i: subpath: needsSubpath "lib.path.subpath.join: Element at index ${toString i}" subpath (split' subpath)
          ) subpaths
        )
      );
  };
}
