# The outputs of the project's flake, applied to a stand-in for its only input:
# enough of nixpkgs to evaluate every attribute, and strict about what it is given.
{
  flake,
  embeddedLib,
}:

let
  lib = import ./plain-lib.nix { inherit embeddedLib; };

  derivation = name: attributes: { inherit name attributes; type = "derivation"; };

  # Attributes must be known, so that a misspelt one does not pass unnoticed.
  only =
    what: known: attributes:
    let
      unknown = builtins.attrNames (removeAttrs attributes known);
    in
    if unknown == [ ] then attributes else throw "${what} does not take ${builtins.head unknown}";

  pkgsFor =
    system:
    let
      tool = name: derivation name { };
      pkgs = {
        inherit lib;
        stdenv.hostPlatform = {
          inherit system;
          isLinux = lib.hasSuffix "-linux" system;
        };
        callPackage =
          function: overrides:
          function (builtins.intersectAttrs (builtins.functionArgs function) pkgs // overrides);
        rustPlatform.buildRustPackage =
          arguments:
          derivation "${arguments.pname}-${arguments.version}" (
            only "buildRustPackage" [
              "pname"
              "version"
              "src"
              "cargoLock"
              "cargoBuildFlags"
              "cargoTestFlags"
              "meta"
            ] arguments
          )
          // {
            inherit (arguments) pname version meta;
            outPath = "/nix/store/00000000000000000000000000000000-${arguments.pname}";
          };
        mkShell = arguments: derivation "shell" (only "mkShell" [ "packages" ] arguments);
        runCommand =
          name: attributes: script:
          derivation name (attributes // { inherit script; });
      }
      // lib.genAttrs [
        "bc"
        "bison"
        "cargo"
        "clippy"
        "flex"
        "gnumake"
        "nixfmt"
        "nixfmt-tree"
        "rust-analyzer"
        "rustc"
        "rustfmt"
        "valgrind"
      ] tool;
    in
    pkgs;

  nixpkgs = {
    inherit lib;
    legacyPackages = lib.genAttrs [
      "x86_64-linux"
      "aarch64-linux"
      "x86_64-darwin"
      "aarch64-darwin"
    ] pkgsFor;
  };

  described = import flake;
  self = outputs // {
    inherit outputs;
  };
  outputs = described.outputs { inherit self nixpkgs; };

  # As a flake's consumer applies an overlay.
  overlaid =
    let
      final = pkgsFor "x86_64-linux" // outputs.overlays.default final { };
    in
    final.nix-kconfig;

  # Two kernels, one of them with patches, for two systems.
  matrix = outputs.lib.checkMatrix {
    pkgs = pkgsFor "x86_64-linux";
    systems = [
      "x86_64-linux"
      "aarch64-linux"
    ];
    kernels = {
      board = {
        src = "/kernels";
        kernel = "board.nix";
        source = "/linux-6.12";
      };
      desktop = {
        src = "/kernels";
        kernel = "desktop.nix";
        patches = [ "rt.nix" ];
        source = "/linux-6.12.tar.xz";
        args = [ "--answering=olddefconfig" ];
      };
    };
  };

  # What is there to be built or run, by its name; everything in it evaluated.
  names = builtins.mapAttrs (
    _: output: builtins.deepSeq (output.attributes or output) (output.name or output.program)
  );
in
assert builtins.attrNames described.inputs == [ "nixpkgs" ];
{
  packages = builtins.mapAttrs (_: names) outputs.packages;
  apps = builtins.mapAttrs (_: names) outputs.apps;
  devShells = builtins.mapAttrs (_: names) outputs.devShells;
  checks = builtins.mapAttrs (_: names) outputs.checks;
  formatter = names outputs.formatter;
  overlay = overlaid.name;
  matrix = builtins.mapAttrs (
    _: check: builtins.deepSeq check.attributes (lib.concatStringsSep " " check.attributes.arguments)
  ) matrix;
}
