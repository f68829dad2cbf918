# The stand-in for nixpkgs as a flake: what `--override-input nixpkgs embedded` is.
{
  outputs =
    { self }:
    let
      lib = import ./lib;
      packagesFor = system: import ./. { inherit system; };
    in
    {
      lib = lib.extend (
        _: _: {
          nixosSystem =
            {
              modules,
              specialArgs ? { },
              system ? null,
              pkgs ? null,
              ...
            }:
            import ./nixos.nix
              {
                inherit lib;
                pkgs = if pkgs != null then pkgs else packagesFor (if system != null then system else builtins.currentSystem);
              }
              {
                inherit specialArgs;
                modules = modules ++ lib.optional (pkgs != null) { _module.args.pkgs = pkgs; };
              };
        }
      );
      legacyPackages = lib.genAttrs lib.systems.flakeExposed packagesFor;
      nixosModules = { };
    };
}
