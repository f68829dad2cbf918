# A kernel's settings and those of its patches, merged by a lib's module system: no
# more than has to be done for it.
{
  lib,
  # Files that hold `{ lib }: settings`.
  settings,
}:
builtins.mapAttrs (_: item: { inherit (item) freeform optional tristate; })
  (lib.evalModules {
    modules = [
      (import ./kernel-options.nix {
        inherit lib;
        answers = [
          "y"
          "m"
          "n"
        ];
      })
    ]
    ++ map (file: { settings = import file { inherit lib; }; }) settings;
  }).config.settings
