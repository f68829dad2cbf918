# Files and directories, read at evaluation.
{ lib }:
let
  inherit (builtins)
    attrNames filter match pathExists readDir
    ;

  # `builtins.readFileType` came with Nix 2.14.
  typeOfPath =
    builtins.readFileType or (
      path:
      if !pathExists path then
        abort "lib.filesystem.pathType: Path ${toString path} does not exist."
      else if dirOf path == path then
        "directory"
      else
        (readDir (dirOf path)).${baseNameOf path}
    );
in
rec {
  inherit (builtins)
    baseNameOf dirOf hashFile isPath readDir
    ;
  readFileType = typeOfPath;
  pathType = typeOfPath;
  pathIsDirectory = path: pathExists path && typeOfPath path == "directory";
  pathIsRegularFile = path: pathExists path && typeOfPath path == "regular";

  # The directories in `root` that hold a Cabal file of their own name.
  haskellPathsInDir =
    root:
    lib.filterAttrs (name: path: pathExists (path + "/${name}.cabal")) (
      builtins.mapAttrs (name: _: root + "/${name}") (readDir root)
    );

  # The nearest directory, from `file` upwards, with a name that matches.
  locateDominatingFile =
    pattern: file:
    let
      search =
        path:
        let
          matches = filter (found: found != null) (map (match pattern) (attrNames (readDir path)));
        in
        if matches != [ ] then
          { inherit path matches; }
        else if toString path == "/" then
          null
        else
          search (dirOf path);
      parent = dirOf file;
      isDirectory = toString file == "/" || (readDir parent).${baseNameOf file} or null == "directory";
    in
    search (if isDirectory then file else parent);

  listFilesRecursive =
    directory:
    builtins.concatLists (
      lib.mapAttrsToList (
        name: type:
        let
          path = directory + "/${name}";
        in
        if type == "directory" then listFilesRecursive path else [ path ]
      ) (readDir directory)
    );

  # `package.nix` makes a directory a package; else its Nix files are, and its
  # directories are sets of such.
  packagesFromDirectoryRecursive =
    {
      callPackage,
      newScope ? throw "lib.packagesFromDirectoryRecursive: newScope wasn't passed in args",
      directory,
    }@arguments:
    let
      package = directory + "/package.nix";
      entries =
        context:
        lib.concatMapAttrs (
          name: type:
          let
            path = directory + "/${name}";
          in
          if type == "directory" then
            { ${name} = packagesFromDirectoryRecursive (context // { directory = path; }); }
          else if type != "regular" then
            throw ''
              lib.filesystem.packagesFromDirectoryRecursive: Unsupported file type ${type} at path ${toString path}
            ''
          else if lib.hasSuffix ".nix" name then
            { ${lib.removeSuffix ".nix" name} = context.callPackage path { }; }
          else
            { }
        ) (readDir directory);
    in
    if pathExists package then
      callPackage package { }
    else if arguments ? newScope then
      lib.recurseIntoAttrs (
        lib.makeScope newScope (scope: entries (arguments // { inherit (scope) callPackage newScope; }))
      )
    else
      entries arguments;

  # As `import` finds a directory's file.
  resolveDefaultNix =
    value:
    if pathIsDirectory value then
      value + "/default.nix"
    else if builtins.isString value && lib.hasSuffix "/" value then
      value + "default.nix"
    else
      value;
}
