# What `<nixpkgs>` and `pkgs` are where no nixpkgs is: as much of a package set as
# a kernel's configuration depends on. A package that is not known here is opaque:
# it can be passed around, and says what it is when something wants its inside.
{
  system ? builtins.currentSystem,
  localSystem ? { inherit system; },
  crossSystem ? null,
  overlays ? [ ],
  crossOverlays ? [ ],
  config ? { },
  lib ? import ./lib,
  # What of the rules for kernels is native.
  native ? builtins.nixKconfig.kernel or { },
  ...
}@args:
let
  opaques = import ./opaque.nix { inherit lib; };
  inherit (opaques) fetcher opaque package;

  elaborated = lib.systems.elaborate (if crossSystem != null then crossSystem else localSystem);
  hostPlatform =
    elaborated
    // lib.optionalAttrs (native.hasLinuxKernel or false) {
      linux-kernel = import ./linux-kernel.nix elaborated;
    };
  buildPlatform = lib.systems.elaborate localSystem;

  compiler =
    {
      isClang,
      major ? null,
    }:
    opaque "cc"
    // lib.optionalAttrs (major != null) { version = toString major; }
    // {
      inherit isClang;
      isGNU = !isClang;
      targetPrefix = lib.optionalString (crossSystem != null) "${hostPlatform.config}-";
      bintools = opaque "bintools" // {
        isLLVM = isClang;
      };
    };
  makeStdenv =
    cc:
    let
      stdenv = opaque "stdenv" // {
        inherit
          buildPlatform
          cc
          hostPlatform
          ;
        inherit (hostPlatform) system;
        targetPlatform = hostPlatform;
        override = changes: stdenv // lib.toFunction changes stdenv;
        mkDerivation =
          attrs:
          let
            self = if lib.isFunction attrs then attrs self else attrs;
          in
          package self;
      }
      // lib.filterAttrs (name: _: lib.hasPrefix "is" name) hostPlatform;
    in
    stdenv;
  gccOf =
    major:
    makeStdenv (compiler {
      isClang = false;
      inherit major;
    });
  clangOf =
    major:
    makeStdenv (compiler {
      isClang = true;
      inherit major;
    });
  stdenv = gccOf null;
  clangStdenv = clangOf null;
  llvmOf =
    major:
    {
      stdenv = clangOf major;
      libcxxStdenv = clangOf major;
    }
    // lib.genAttrs [ "clang" "clang-unwrapped" "lld" "llvm" "bintools" "bintools-unwrapped" ] opaque;
  versions = lib.range 4 30;
  numbered =
    name: make:
    builtins.listToAttrs (map (n: lib.nameValuePair (name (toString n)) (make n)) versions);

  text =
    name: content:
    package {
      inherit name;
      text = content;
      file = builtins.toFile (lib.strings.sanitizeDerivationName name) content;
    };

  definition =
    final:
    let
      linuxKernel = import ./kernels.nix {
        inherit
          lib
          native
          opaque
          package
          ;
        pkgs = final;
      };
      callPackageIn = import ./call-package.nix { inherit lib opaque; };
    in
    {
      inherit
        buildPlatform
        clangStdenv
        config
        hostPlatform
        lib
        native
        stdenv
        ;
      inherit (hostPlatform) system;
      inherit (lib)
        dontRecurseIntoAttrs
        makeOverridable
        makeScope
        recurseIntoAttrs
        ;
      targetPlatform = hostPlatform;
      pkgs = final;
      path = ./.;

      # -- Calling and extending ----------------------------------------------------

      callPackage = callPackageIn final;
      callPackages = callPackageIn final;
      newScope = extra: callPackageIn (final // extra);
      extend = overlay: import ./. (args // { overlays = overlays ++ [ overlay ]; });
      appendOverlays = more: import ./. (args // { overlays = overlays ++ more; });
      nixos = import ./nixos.nix {
        inherit lib;
        pkgs = final;
      };
      buildPackages = final;
      targetPackages = final;
      __splicedPackages = final;
      pkgsCross = lib.mapAttrs (
        _: crossSystem: import ./. (args // { inherit crossSystem; })
      ) lib.systems.examples;

      # -- Building -----------------------------------------------------------------

      stdenvNoCC = stdenv;
      gccStdenv = stdenv;
      ccacheStdenv = stdenv;
      overrideCC = base: cc: base // { inherit cc; };
      llvmPackages = llvmOf null;
      llvmPackages_latest = llvmOf null;
      stdenvAdapters = {
        impureUseNativeOptimizations = lib.id;
        useMoldLinker = lib.id;
        withCFlags = _: lib.id;
        addAttrsToDerivation = _: lib.id;
      };
      runCommand = name: _: _: opaque name;
      runCommandLocal = name: _: _: opaque name;
      writeText = text;
      writeTextFile = { name, text, ... }: final.writeText name text;
      writeScript = text;
      writeShellScript = text;
      writeShellScriptBin = text;
      concatText = name: _: opaque name;
      emptyFile = text "empty-file" "";
      emptyDirectory = opaque "empty-directory";

      # -- Sources ------------------------------------------------------------------

      applyPatches =
        given:
        package (
          given
          // {
            name = given.name or "${lib.getName (given.src.name or "source")}-patched";
          }
        );

      # -- Kernels ------------------------------------------------------------------

      inherit linuxKernel;
      inherit (linuxKernel) kernelPatches linuxConfig;
      buildLinux = import ./build-linux.nix {
        inherit
          lib
          native
          opaque
          stdenv
          ;
      };
      linuxManualConfig = linuxKernel.manualConfig;
      linuxPackagesFor = linuxKernel.packagesFor;
      linuxPackages_custom = linuxKernel.customPackage;
      linuxHeaders = opaque "linux-headers";
    }
    // linuxKernel.top
    // lib.genAttrs [
      "fetchFromBitbucket"
      "fetchFromCodeberg"
      "fetchFromForgejo"
      "fetchFromGitHub"
      "fetchFromGitLab"
      "fetchFromGitea"
      "fetchFromSourcehut"
      "fetchgit"
      "fetchgitLocal"
      "fetchpatch"
      "fetchpatch2"
      "fetchsvn"
      "fetchtarball"
      "fetchurl"
      "fetchzip"
      "requireFile"
    ] fetcher
    // lib.genAttrs (lib.concatMap (n: [ "gcc${toString n}" ]) versions) opaque
    // numbered (n: "gcc${n}Stdenv") gccOf
    // numbered (n: "clang${n}Stdenv") clangOf
    // numbered (n: "llvmPackages_${n}") llvmOf;

  # Overlays see each other and the result, as in nixpkgs.
  packageOverrides = lib.optional (config ? packageOverrides) (_: prev: config.packageOverrides prev);
  extended = lib.foldl' (lib.flip lib.extends) definition (
    packageOverrides ++ overlays ++ lib.optionals (crossSystem != null) crossOverlays
  );
in
lib.fix extended
