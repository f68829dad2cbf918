{
  description = "What a NixOS kernel's configuration will be, before anything is built";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;

      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      forAllSystems = f: lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});

      workspace = (lib.importTOML ./Cargo.toml).workspace.package;

      # What the build reads: a change elsewhere rebuilds nothing.
      source = lib.fileset.toSource {
        root = ./.;
        fileset = lib.fileset.unions [
          ./.cargo
          ./Cargo.lock
          ./Cargo.toml
          ./crates
          ./fixtures
          ./rustfmt.toml
        ];
      };

      nix-kconfig =
        { rustPlatform }:
        rustPlatform.buildRustPackage {
          pname = "nix-kconfig";
          inherit (workspace) version;
          src = source;
          cargoLock.lockFile = ./Cargo.lock;
          cargoBuildFlags = [
            "--package"
            "nix-kconfig"
          ];
          cargoTestFlags = [ "--workspace" ];
          meta = {
            description = "Merges, resolves, checks and explains NixOS kernel configurations";
            license = lib.licenses.mit;
            mainProgram = "nix-kconfig";
            platforms = systems;
          };
        };

      # A derivation that is built where a kernel's configuration composes and all its answers are
      # reached, and fails with what is the matter where not.
      #
      #   src      the folder that holds the kernel's file, the patches' and what they import
      #   kernel   the kernel's file, relative to src
      #   patches  files of patches, relative to src
      #   source   the kernel's source: a folder, or a tarball such as pkgs.linux_6_12.src
      #   system   the system that the kernel is for
      #   args     further arguments of `nix-kconfig check`
      checkKernel =
        {
          pkgs,
          src,
          kernel,
          patches ? [ ],
          source,
          system ? pkgs.stdenv.hostPlatform.system,
          args ? [ ],
          name ? lib.removeSuffix ".nix" (baseNameOf kernel),
        }:
        pkgs.runCommand "kernel-configuration-${name}-${system}"
          {
            nativeBuildInputs = [ self.packages.${pkgs.stdenv.hostPlatform.system}.default ];
            arguments =
              [
                kernel
                "--source=${source}"
                "--system=${system}"
                "--no-cache"
              ]
              ++ map (patch: "--patches=${patch}") patches
              ++ args;
            inherit src;
            __structuredAttrs = true;
          }
          ''
            cd "$src"
            if ! nix-kconfig check "''${arguments[@]}" > "''${outputs[out]}"; then
              cat "''${outputs[out]}" >&2
              exit 1
            fi
          '';

      # One such derivation for each of `kernels` (arguments of checkKernel, by name) on each of
      # `systems`, so that Hydra and remote builders spread them.
      checkMatrix =
        {
          pkgs,
          kernels,
          systems ? [ pkgs.stdenv.hostPlatform.system ],
        }:
        lib.listToAttrs (
          lib.concatMap (
            system:
            lib.mapAttrsToList (
              name: kernel:
              lib.nameValuePair "${name}-${system}" (checkKernel ({ inherit pkgs name system; } // kernel))
            ) kernels
          ) systems
        );
    in
    {
      lib = { inherit checkKernel checkMatrix; };

      overlays.default = final: _: {
        nix-kconfig = final.callPackage nix-kconfig { };
      };

      packages = forAllSystems (
        pkgs:
        let
          package = pkgs.callPackage nix-kconfig { };
        in
        {
          nix-kconfig = package;
          default = package;
        }
      );

      apps = forAllSystems (
        pkgs:
        let
          app = {
            type = "app";
            program = lib.getExe self.packages.${pkgs.stdenv.hostPlatform.system}.default;
            meta.description = "Merges, resolves, checks and explains NixOS kernel configurations";
          };
        in
        {
          nix-kconfig = app;
          default = app;
        }
      );

      # With what the reference run compares against, where it exists.
      devShells = forAllSystems (pkgs: {
        default = pkgs.mkShell {
          packages = [
            pkgs.cargo
            pkgs.clippy
            pkgs.rust-analyzer
            pkgs.rustc
            pkgs.rustfmt
            pkgs.bc
            pkgs.bison
            pkgs.flex
            pkgs.gnumake
          ]
          ++ lib.optional pkgs.stdenv.hostPlatform.isLinux pkgs.valgrind;
        };
      });

      # The package's own check phase runs the tests.
      checks = forAllSystems (pkgs: {
        package = self.packages.${pkgs.stdenv.hostPlatform.system}.default;
        formatting =
          pkgs.runCommand "nix-kconfig-formatting"
            {
              nativeBuildInputs = [
                pkgs.cargo
                pkgs.nixfmt
                pkgs.rustfmt
              ];
            }
            ''
              cargo fmt --manifest-path ${source}/Cargo.toml --all --check
              nixfmt --check ${./flake.nix}
              touch $out
            '';
      });

      formatter = forAllSystems (pkgs: pkgs.nixfmt-tree);
    };
}
