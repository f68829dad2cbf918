# Evaluates a kernel file with patches under real Nix: what `nix-kconfig` must
# agree with.
#
# `buildLinux` stands in for nixpkgs' and hands back its arguments, which is all
# that a configuration is made from. How definitions are merged is one of two:
#
# - `realLib` is the `lib` folder of a nixpkgs: its own `evalModules` merges, with
#   the options declared in `kernel-options.nix`;
# - `realLib` is null: `lib` is the one embedded in this project, read as plain
#   Nix, and `merge-model.nix` merges, since `evalModules` is native there.
{
  kernel,
  patches ? [ ],
  system,
  # "y,m,n" and the like: the best answer first; or "equal".
  tristate ? "y,m,n",
  realLib ? null,
  embeddedLib,
}:

let
  model = import ./merge-model.nix;
  lib = if realLib != null then import realLib else import ./plain-lib.nix { inherit embeddedLib; };

  answers =
    if tristate == "equal" then
      "equal"
    else
      builtins.filter builtins.isString (builtins.split "," tristate);

  hostPlatform =
    if realLib != null then lib.systems.elaborate system else import ./platform.nix system;

  opaque = name: { inherit name; };
  pkgs = available // {
    inherit lib;
  };
  available = {
    inherit lib;
    stdenv = {
      inherit hostPlatform;
      buildPlatform = hostPlatform;
      cc = {
        isGNU = true;
        isClang = false;
      };
    };
    buildLinux = arguments: arguments;
    fetchurl = opaque "source";
    fetchpatch = opaque "patch";
    fetchFromGitHub = opaque "source";
    config = { };
    inherit pkgs;
  };

  # As `callPackage` calls: with the arguments that are asked for by name.
  call =
    function:
    if builtins.isFunction function then
      function (builtins.intersectAttrs (builtins.functionArgs function) available)
    else
      function;

  built = call (import kernel);

  # The entries of a patch file, whichever its shape.
  entriesOf =
    file:
    let
      called = call (import file);
    in
    if builtins.isList called then
      called
    else if called ? boot || called ? config then
      entriesOfModule file called
    else
      [ called ];

  entriesOfModule =
    file: called:
    if realLib == null then
      model.listOption [ (called.config or called).boot.kernelPatches ]
    else
      (lib.evalModules {
        modules = [
          file
          {
            options.boot.kernelPatches = lib.mkOption {
              type = lib.types.listOf lib.types.raw;
              default = [ ];
            };
            config._module.args = { inherit pkgs; };
          }
        ];
      }).config.boot.kernelPatches;

  kernelPatches = (built.kernelPatches or [ ]) ++ builtins.concatMap entriesOf patches;

  definitions = [
    (built.structuredExtraConfig or { })
  ]
  ++ map (patch: patch.structuredExtraConfig or patch.extraStructuredConfig or { }) kernelPatches;

  merged =
    if realLib == null then
      model.settings { inherit answers definitions; }
    else
      {
        conflicts = [ ];
        settings =
          (lib.evalModules {
            modules = [
              (import ./kernel-options.nix { inherit lib answers; })
            ]
            ++ map (settings: { inherit settings; }) definitions;
          }).config.settings;
      };
in
{
  inherit (built) version;
  defconfig = built.defconfig or null;
  inherit (merged) conflicts;
  settings = builtins.mapAttrs (_: item: {
    inherit (item) tristate freeform optional;
  }) merged.settings;
}
