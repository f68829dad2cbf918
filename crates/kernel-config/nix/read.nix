# What a kernel file and patch files come to, whichever their shape: the
# description of one kernel (`nixKconfigKernel`, see build-linux.nix), with the
# entries of `kernelPatches` that come on top.
{
  pkgs,
  # A system for modules: `{ modules, … }` to a set with `config` and `options`.
  nixos ? import ./nixos.nix {
    inherit pkgs;
    inherit (pkgs) lib;
  },
  # A variant of the system to take.
  specialisation ? null,
  # Modules from the command line.
  sets ? [ ],
  # Arguments from the command line for functions at the top of a file.
  given ? { },
}:
let
  inherit (pkgs) lib;
  inherit (builtins) attrNames isAttrs isPath;
  inherit (lib) functionArgs isDerivation isFunction;

  # As `tryEval`, and what is missing is no error either: not every package of an
  # overlay can be had here.
  attempt = builtins.nixKconfig.kernel.attempt or builtins.tryEval;

  # -- Telling shapes apart ------------------------------------------------------

  # Both modules and functions for `callPackage` may ask for `lib` and `pkgs`.
  ofModules = {
    config = null;
    options = null;
    modulesPath = null;
  };
  ofPackages = lib.genAttrs [
    "buildLinux"
    "callPackage"
    "crossSystem"
    "fetchFromGitHub"
    "fetchurl"
    "linuxKernel"
    "linuxManualConfig"
    "linuxPackagesFor"
    "localSystem"
    "overlays"
    "stdenv"
    "system"
  ] (_: null);
  isModuleFunction =
    value:
    let
      wanted = functionArgs value;
    in
    builtins.intersectAttrs ofModules wanted != { }
    && builtins.intersectAttrs ofPackages wanted == { };

  hasType = type: value: (value._type or null) == type;
  isModule =
    value:
    # A package set has a `config` of its own.
    !(value ? callPackage)
    && (
      value ? boot
      || value ? imports
      || value ? config
      || value ? options
      || value ? specialisation
      || value ? _module
      || hasType "if" value
      || hasType "merge" value
    );
  isSystem =
    value: value ? config && value ? options && (value ? extendModules || hasType "configuration" value);
  isKernel =
    value:
    isAttrs value
    && (
      value ? nixKconfigKernel
      || (isDerivation value && value ? configfile && value ? kernelPatches)
    );
  isPackages = value: value ? kernel && value ? extend && isKernel value.kernel;

  argumentNames = lib.genAttrs [
    "argsOverride"
    "autoModules"
    "defconfig"
    "enableCommonConfig"
    "extraConfig"
    "extraMeta"
    "extraStructuredConfig"
    "features"
    "ignoreConfigErrors"
    "kernelArch"
    "kernelPatches"
    "modDirVersion"
    "pname"
    "preferBuiltin"
    "src"
    "structuredExtraConfig"
    "version"
  ] (_: null);
  isArguments = value: value == { } || builtins.intersectAttrs argumentNames value != { };

  # A set from option to answer, as it stands in `structuredExtraConfig`.
  isAnswers =
    value:
    value != { }
    && lib.all (name: builtins.match "[A-Z0-9][A-Za-z0-9_]*" name != null) (attrNames value);

  # -- Calling -------------------------------------------------------------------

  call =
    function:
    let
      wanted = functionArgs function;
      # The package set has another thing of this name; nixpkgs calls its own kernels
      # with a list, too.
      arguments =
        lib.optionalAttrs (wanted ? kernelPatches) { kernelPatches = [ ]; }
        // builtins.intersectAttrs wanted given;
      # What asks for `pkgs` and for no package is no package's file: `override` of the
      # kernel that it gives is the kernel's own.
      isPackageFile = !(wanted ? pkgs) || builtins.intersectAttrs ofPackages wanted != { };
      inside = lib.setFunctionArgs (arguments: { value = function arguments; }) wanted;
    in
    if wanted == { } then
      function (pkgs // given)
    else if isPackageFile then
      pkgs.callPackage function arguments
    else
      (pkgs.callPackage inside arguments).value;

  # `override` comes from being called, and is no argument.
  plain =
    value:
    removeAttrs value [
      "override"
      "overrideDerivation"
    ];

  # One of the shapes below, as a set with one attribute that tells which.
  shape =
    value:
    if isPath value then
      shape (import value)
    else if isFunction value then
      if isModuleFunction value then { module = value; } else shapeOfResult value (call value)
    else
      shapeOfResult value value;

  shapeOfResult =
    written: value:
    if isFunction value then
      if isFunction written && functionArgs written == { } then
        { overlay = written; }
      else
        # A function for `callPackage` that gives another.
        shape value
    else if builtins.isList value then
      { list = value; }
    else if !isAttrs value then
      { other = value; }
    else if isSystem value then
      { system = value; }
    else if isKernel value then
      { kernel = value; }
    else if isPackages value then
      { kernel = value.kernel; }
    else if isDerivation value then
      { package = value; }
    else if isModule value then
      { module = written; }
    else if isArguments (plain value) then
      { arguments = plain value; }
    else if isAnswers (plain value) then
      { answers = plain value; }
    else
      { set = plain value; };

  # -- The kernel ------------------------------------------------------------------

  wanted = "A kernel file gives a set of arguments for `buildLinux', a kernel package, a NixOS module, or a function that ends in `buildLinux { … }'";

  # A real nixpkgs wants to be told what kernel it is.
  build =
    arguments:
    pkgs.buildLinux (
      lib.optionalAttrs (!(pkgs ? native)) { inherit (pkgs.linux) version src modDirVersion; }
      // arguments
    );

  # The one kernel of a set of packages; which attributes to look at is given.
  only =
    names: set:
    let
      isOne =
        name:
        let
          tried = attempt (
            let
              value = set.${name};
            in
            isKernel value || (isAttrs value && isPackages value)
          );
        in
        tried.success && tried.value;
      # What is called like a kernel is looked at first: other packages need not be
      # known here.
      called = lib.filter isOne (lib.filter (lib.hasPrefix "linux") names);
      found = if called != [ ] then called else lib.filter isOne names;
      kernels = lib.filter (name: isKernel set.${name}) found;
      chosen = if kernels == [ ] then found else kernels;
      listed = lib.concatStringsSep ", " found;
    in
    if builtins.length chosen == 1 then
      let
        value = set.${lib.head chosen};
      in
      if isKernel value then value else value.kernel
    else if chosen == [ ] then
      throw "${wanted}; this one gives a set with the attributes ${lib.concatStringsSep ", " names}, of which none is a kernel. Choose one with -A PATH."
    else
      throw "this file has more than one kernel: ${listed}. Choose one with -A PATH.";

  systemOf = modules: nixos { modules = sets ++ modules; };

  configOf =
    system:
    let
      variants = system.config.specialisation or { };
    in
    if specialisation == null then
      system.config
    else if variants ? ${specialisation} then
      variants.${specialisation}.configuration
    else
      throw "there is no specialisation `${specialisation}'; there ${
        if variants == { } then "are none" else "are ${lib.concatStringsSep ", " (attrNames variants)}"
      }";

  # A kernel or a system of one shape, before patches.
  source =
    file: value:
    let
      found = shape value;
    in
    if found ? module then
      {
        system = patches: systemOf (patches ++ [ (inFile file found.module) ]);
      }
    else if found ? system then
      {
        system = patches: if patches == [ ] && sets == [ ] then found.system else found.system.extendModules { modules = sets ++ patches; };
      }
    else
      {
        kernel =
          found.kernel or (
            if found ? arguments then
              build found.arguments
            else if found ? answers then
              build { structuredExtraConfig = found.answers; }
            else if found ? overlay then
              let
                extended = pkgs.extend found.overlay;
              in
              only (attrNames (found.overlay extended pkgs)) extended
            else if found ? package then
              throw "The package `${found.package.name or "without a name"}' is no kernel: it has neither `configfile' nor `kernelPatches'."
            else if found ? set then
              only (attrNames found.set) found.set
            else
              throw "${wanted}; this one gives a value of type ${builtins.typeOf (found.list or found.other)}."
          );
      };

  inFile = file: module: {
    _file = file;
    imports = [ module ];
  };

  # -- Patches -------------------------------------------------------------------

  # The entries of a file that is no module.
  entriesOf =
    found:
    if found ? list then
      # `mkIf` as an item of a list is fine in `boot.kernelPatches`, and such a
      # list is what this is.
      lib.concatMap discharged found.list
    else if found ? arguments then
      [ found.arguments ]
    else if found ? answers then
      [ { structuredExtraConfig = found.answers; } ]
    else if found ? set then
      [ found.set ]
    else
      throw "A patch file gives a list of `kernelPatches' entries, one entry, or a NixOS module that sets `boot.kernelPatches'; this one gives ${
        if found ? kernel then
          "a kernel"
        else if found ? package then
          "the package `${found.package.name or "without a name"}'"
        else if found ? other then
          "a value of type ${builtins.typeOf found.other}"
        else
          "something else"
      }.";

  discharged =
    entry:
    if hasType "if" entry then
      lib.optionals entry.condition (discharged entry.content)
    else if hasType "merge" entry then
      lib.concatMap discharged entry.contents
    else if hasType "override" entry then
      discharged entry.content
    else
      [ entry ];

  patchFile =
    { file, value }:
    let
      found = shape value;
    in
    {
      isModule = found ? module;
      entries = entriesOf found;
      module =
        if found ? module then
          inFile file found.module
        else
          {
            _file = file;
            boot.kernelPatches = entriesOf found;
          };
    };

  # -- Together ------------------------------------------------------------------

  withPatches =
    kernel: entries:
    let
      before = kernel.kernelPatches or [ ];
      patched = kernel.override (original: {
        kernelPatches = (original.kernelPatches or [ ]) ++ entries;
      });
      takesThem =
        kernel ? override
        && builtins.length patched.kernelPatches == builtins.length before + builtins.length entries;
    in
    if entries == [ ] then
      describe kernel
    else if takesThem then
      describe patched
    else
      dropping kernel (before ++ entries);

  # A kernel that does not take the patches that it is given, with them all the same.
  dropping =
    kernel: patches:
    removeAttrs (describe kernel) [ "realSettings" ]
    // {
      kernelPatches = patches;
      dropsPatches = true;
    };

  # What a kernel that real nixpkgs made says of itself.
  describe =
    kernel:
    kernel.nixKconfigKernel or (
      let
        inherit (kernel) configfile;
        isBuilt = kernel ? commonStructuredConfig || configfile ? structuredConfig;
        # Where its own merge fails, ours tells why, and where.
        text = builtins.tryEval (
          lib.removePrefix (configfile.moduleStructuredConfig.intermediateNixConfig or "") (
            configfile.kernelConfig or ""
          )
        );
      in
      {
        kind = if isBuilt then "buildLinux" else "linuxManualConfig";
        # With the positions that the kernel's attributes have.
        arguments = builtins.intersectAttrs argumentNames (
          removeAttrs kernel [
            "src"
            "features"
            "kernelPatches"
          ]
        );
        kernelPatches = kernel.kernelPatches or [ ];
        system = kernel.stdenv.hostPlatform.system or null;
        compiler = import ./compiler.nix lib (kernel.stdenv or { });
        common = kernel.commonStructuredConfig or null;
        lacks = [ ];
        ${if text.success then "extraText" else null} = text.value;
      }
      // (
        if isBuilt then
          {
            autoModules = configfile.autoModules or true;
            preferBuiltin = configfile.preferBuiltin or false;
            ignoreConfigErrors = configfile.ignoreConfigErrors or false;
            kernelArch = configfile.kernelArch or null;
            defconfig = configfile.kernelBaseConfig or null;
            ${if configfile ? structuredConfig then "realSettings" else null} = configfile.structuredConfig;
          }
        else
          { inherit configfile; }
      )
    );
in
{
  # What attributes of a file are selected from: functions at its top are called.
  root =
    file: value:
    let
      found = shape value;
    in
    if found ? module then
      systemOf [ (inFile file found.module) ]
    else if found ? overlay then
      pkgs.extend found.overlay
    else
      found.set or found.system or found.arguments or found.answers or found.kernel or found.package
        or found.list or found.other;

  kernel =
    file: value: patches:
    let
      base = source file value;
      files = map patchFile patches;
      # Later modules stand first, and come first in lists: so that entries are in
      # the order of their files.
      modules = lib.reverseList (map (patch: patch.module) files);
      config = configOf (base.system modules);
      asModules = lib.any (patch: patch.isModule) files || sets != [ ];
      entries =
        if asModules then
          (configOf (
            systemOf (
              modules
              ++ [
                {
                  _file = "the kernel's file";
                  boot.kernelPackages = lib.mkOverride 10 (pkgs.linuxPackagesFor base.kernel);
                }
              ]
            )
          )).boot.kernelPatches
        else
          lib.concatMap (patch: patch.entries) files;
      kernel = config.boot.kernelPackages.kernel;
      known = builtins.length (kernel.kernelPatches or [ ]);
    in
    if base ? system then
      if known < builtins.length (config.boot.kernelPatches or [ ]) then
        dropping kernel (kernel.kernelPatches or [ ] ++ config.boot.kernelPatches)
      else
        describe kernel
    else
      withPatches base.kernel entries;
}
