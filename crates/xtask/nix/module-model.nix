# `lib.evalModules`, small enough to be checked by reading: as much of it as systems
# need that have a kernel. What the embedded `lib` has natively, under another Nix.
#
# Options merge by the name of their type: lists are joined, sets merge by name,
# submodules are evaluated, of anything else there is one definition.
{ lib, model }:
let
  inherit (builtins)
    attrNames
    concatMap
    filter
    foldl'
    head
    isAttrs
    isFunction
    isList
    listToAttrs
    ;

  inherit (model) pushDown;

  isOption = value: isAttrs value && value._type or null == "option";

  evaluate =
    { modules, specialArgs }:
    let
      # A module and all it imports.
      collect =
        written:
        let
          value =
            if isFunction written then
              called written
            else if isAttrs written then
              written
            else
              collectable (import written);
          collectable = value: if isFunction value then called value else value;
          called =
            function:
            function (
              if lib.functionArgs function == { } then
                arguments
              else
                builtins.mapAttrs (name: _: arguments.${name} or config._module.args.${name}) (
                  lib.functionArgs function
                )
            );
          isStructured = value ? config || value ? options;
        in
        [
          {
            options = value.options or { };
            config =
              if isStructured then
                value.config or { }
              else
                removeAttrs value [
                  "_file"
                  "key"
                  "imports"
                  "disabledModules"
                ];
          }
        ]
        ++ concatMap collect (value.imports or [ ]);

      arguments = {
        inherit config lib options;
        extendModules =
          { modules }: extended modules;
      }
      // specialArgs;
      # The later, the earlier in lists.
      collected = lib.reverseList (concatMap collect modules);
      extended =
        more:
        evaluate {
          inherit specialArgs;
          modules = modules ++ more;
        };

      # Options of several modules in one tree.
      join =
        left: right:
        left
        // builtins.mapAttrs (
          name: value:
          if left ? ${name} && !isOption value && !isOption left.${name} then
            join left.${name} value
          else
            value
        ) right;
      declared = foldl' join { } (map (module: module.options) collected);
      configs = concatMap (module: pushDown module.config) collected;

      level =
        declared: sets:
        let
          names = attrNames (
            declared // foldl' (all: set: all // set) { } (map (builtins.mapAttrs (_: _: null)) sets)
          );
          given = name: map (set: set.${name}) (filter (set: set ? ${name}) sets);
        in
        listToAttrs (
          map (name: {
            inherit name;
            value =
              if !(declared ? ${name}) then
                undeclared (given name)
              else if isOption declared.${name} then
                valueOf declared.${name} (given name)
              else
                level declared.${name} (concatMap pushDown (given name));
          }) names
        );

      config = level declared configs;
      options = declared;
    in
    {
      inherit config options;
      extendModules = { modules }: extended modules;
      # What a submodule option makes of definitions.
      type = {
        name = "evaluated";
        value = definitions: (extended definitions).config;
      };
      _module.args = { };
    };

  undeclared =
    definitions:
    let
      effective = model.effective definitions;
    in
    if lib.all isAttrs effective && !(lib.any lib.isDerivation effective) then
      builtins.mapAttrs (_: undeclared) (lib.zipAttrs (concatMap pushDown definitions))
    else if lib.all isList effective then
      builtins.concatLists effective
    else
      head effective;

  valueOf =
    option: definitions:
    let
      value =
        if model.effective definitions == [ ] then option.default else merge option.type definitions;
    in
    if option ? apply then option.apply value else value;

  merge =
    type: definitions:
    if type.name == "listOf" then
      concatMap (entry: model.effective [ entry ]) (model.listOption definitions)
    else if type.name == "attrsOf" || type.name == "lazyAttrsOf" then
      builtins.mapAttrs (_: merge type.nestedTypes.elemType) (
        lib.zipAttrs (concatMap pushDown definitions)
      )
    else if type.name == "submodule" then
      (evaluate {
        specialArgs = { };
        modules = type.getSubModules ++ definitions;
      }).config
    else if type.name == "evaluated" then
      type.value definitions
    else
      head (model.effective definitions);
in
{
  modules,
  specialArgs ? { },
  ...
}:
evaluate { inherit modules specialArgs; }
