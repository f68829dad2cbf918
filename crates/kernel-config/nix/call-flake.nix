# The outputs of a flake in a folder, with its inputs as `flake.lock` has them
# (version 5 to 7). Inputs come from the store, from folders beside the flake, or
# from where the user says; nothing is fetched.
{
  folder,
  # Folders by the name of an input of the flake itself.
  overrides ? { },
}:
let
  read =
    folder: overrides:
    let
      lockFile = folder + "/flake.lock";
      lock =
        if builtins.pathExists lockFile then
          builtins.fromJSON (builtins.readFile lockFile)
        else
          {
            root = "root";
            nodes.root = { };
          };
      inherit (lock) nodes;

      # A lock names a node, or says from which input of another it follows.
      nodeOf = spec: if builtins.isList spec then follow lock.root spec else spec;
      follow =
        node: path:
        if path == [ ] then
          node
        else
          follow (nodeOf nodes.${node}.inputs.${builtins.head path}) (builtins.tail path);

      flakes = builtins.mapAttrs (name: node: flakeOf name node) nodes;

      inputsOf =
        name: builtins.mapAttrs (_: spec: flakes.${nodeOf spec}) (nodes.${name}.inputs or { });

      flakeOf =
        name: node:
        let
          locked = node.locked;
          # Relative to the flake that names it.
          isRelative = locked.type or "" == "path" && builtins.substring 0 1 (locked.path or "/") != "/";
          parent = if node.parent or [ ] == [ ] then folder else flakes.${follow lock.root node.parent}.outPath;
          tree =
            if isRelative then
              { outPath = parent + "/${locked.path}"; }
            else
              builtins.addErrorContext "while looking for the input `${name}' of the flake ${toString folder}: nothing is fetched; `nix flake archive' brings inputs into the store, and --override-input ${name} DIR takes a folder in place of it" (
                builtins.fetchTree (removeAttrs locked [ "dir" ])
              );
          source = tree.outPath + (if locked.dir or "" == "" then "" else "/${locked.dir}");
        in
        if node.flake or true then call tree source (inputsOf name) else tree // { sourceInfo = tree; };

      rootNode = nodes.${lock.root};
      ownInputs = inputsOf lock.root // builtins.mapAttrs (_: folder: read folder { }) overrides;
      wanted = builtins.functionArgs (import (folder + "/flake.nix")).outputs;
      missing = builtins.filter (name: name != "self" && !(ownInputs ? ${name}) && !wanted.${name}) (
        builtins.attrNames wanted
      );
      given =
        ownInputs
        // builtins.listToAttrs (
          map (name: {
            inherit name;
            value = throw "The input `${name}' of the flake ${toString folder} is not locked: run `nix flake lock', or give a folder with --override-input ${name} DIR.";
          }) missing
        );
    in
    assert lock.version or 7 >= 5 && lock.version or 7 <= 7 || throw "${toString lockFile} is of version ${toString lock.version}, and only versions 5 to 7 are known";
    call { outPath = folder; } folder given;

  # Calls the `outputs` of a flake.
  call =
    tree: source: inputs:
    let
      flake = import (source + "/flake.nix");
      outputs = flake.outputs (inputs // { self = result; });
      result =
        outputs
        // removeAttrs tree [ "outPath" ]
        // {
          outPath = source;
          inherit inputs outputs;
          sourceInfo = tree;
          _type = "flake";
        };
    in
    if !(builtins.isFunction flake.outputs) then
      throw "The flake ${toString source} has no function `outputs'."
    else
      result;
in
read folder overrides
