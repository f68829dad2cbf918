# What `<nixpkgs>` and `pkgs` are where no nixpkgs is: as much of a package set as
# a kernel's configuration depends on. A package that is not known here is opaque:
# it can be passed around, and says what it is when something wants its inside.
{
  system ? builtins.currentSystem,
  overlays ? [ ],
  config ? { },
  ...
}:
let
  lib = import ./lib;
  hostPlatform = lib.systems.elaborate system;

  opaque = name: {
    type = "derivation";
    inherit name;
    pname = name;
    version = "0";
    meta = { };
    outPath = throw "The package `${name}' is not known without nixpkgs, and its output path is needed. Give a nixpkgs with --nixpkgs DIR.";
    drvPath = throw "The package `${name}' is not known without nixpkgs, and its derivation is needed. Give a nixpkgs with --nixpkgs DIR.";
  };

  # A source that is fetched: what it was asked for is kept, nothing is fetched.
  fetcher =
    fetcher: args:
    opaque (
      if builtins.isAttrs args then
        args.name or (baseNameOf (args.url or args.repo or fetcher))
      else
        baseNameOf (toString args)
    )
    // {
      nixKconfigSource = {
        inherit fetcher args;
      };
    };

  definition =
    final:
    let
      callPackage = import ./call-package.nix { inherit lib opaque; } final;
    in
    {
      inherit lib config system callPackage hostPlatform;
      pkgs = final;
      stdenv = {
        inherit hostPlatform system;
        buildPlatform = hostPlatform;
        targetPlatform = hostPlatform;
        isLinux = hostPlatform.isLinux;
        isx86_64 = hostPlatform.isx86_64;
        isAarch64 = hostPlatform.isAarch64;
        isAarch32 = hostPlatform.isAarch32;
        cc = opaque "cc" // {
          isGNU = true;
          isClang = false;
          targetPrefix = "";
          bintools = opaque "bintools" // {
            isLLVM = false;
          };
        };
        mkDerivation = args: opaque ((if lib.isFunction args then { } else args).name or "package");
      };
      buildPackages = final;
      targetPackages = final;
      fetchurl = fetcher "fetchurl";
      fetchpatch = fetcher "fetchpatch";
      fetchpatch2 = fetcher "fetchpatch2";
      fetchzip = fetcher "fetchzip";
      fetchgit = fetcher "fetchgit";
      fetchFromGitHub = fetcher "fetchFromGitHub";
      fetchFromGitLab = fetcher "fetchFromGitLab";
      applyPatches = fetcher "applyPatches";
      buildLinux = import ./build-linux.nix { inherit lib hostPlatform; };
      linuxPackagesFor = kernel: {
        inherit kernel;
      };
    };

  # Overlays see each other and the result, as in nixpkgs.
  extend = lib.foldl' (lib.flip lib.extends) definition overlays;
in
lib.fix extend
