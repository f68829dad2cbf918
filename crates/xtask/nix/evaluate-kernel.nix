# Evaluates a kernel file with patches under real Nix: what `nix-kconfig` must
# agree with.
#
# `nixpkgs` is a folder with the package set that is embedded in `nix-kconfig`, which
# is plain Nix: which arguments a kernel comes to is what it says. What is native
# there is one of two here:
#
# - `realLib` is the `lib` folder of a nixpkgs: its own `evalModules` evaluates modules
#   and merges settings, with the options declared in `kernel-options.nix`;
# - `realLib` is null: `lib` is the embedded one, read as plain Nix, `module-model.nix`
#   evaluates modules, and `merge-model.nix` merges settings.
{
  kernel,
  patches ? [ ],
  system,
  # "y,m,n" and the like: the best answer first; or "equal".
  tristate ? "y,m,n",
  realLib ? null,
  nixpkgs,
  # Names below what the kernel's file gives.
  attribute ? [ ],
  specialisation ? null,
  # Modules from the command line.
  sets ? [ ],
  version ? null,
}:

let
  model = import ./merge-model.nix;
  plainLib = import (nixpkgs + "/lib");
  lib =
    if realLib != null then
      import realLib
    else
      plainLib.extend (final: _: { evalModules = import ./module-model.nix { inherit model; lib = final; }; });

  answers =
    if tristate == "equal" then
      "equal"
    else
      builtins.filter builtins.isString (builtins.split "," tristate);

  definitionsOf =
    description:
    [ (description.arguments.structuredExtraConfig or { }) ]
    ++ map (
      patch: patch.structuredExtraConfig or patch.extraStructuredConfig or { }
    ) description.kernelPatches;

  merge =
    definitions:
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

  # What another kernel gets of one.
  reused = merged: builtins.mapAttrs (_: item: { inherit (item) tristate freeform optional; }) merged.settings;

  pkgs = import nixpkgs {
    inherit system lib;
    native = {
      inherit version;
      settings = description: reused (merge (definitionsOf description));
    };
  };
  read = import (nixpkgs + "/read.nix") { inherit pkgs sets specialisation; };

  file = toString kernel;
  written = import kernel;
  selected =
    if attribute == [ ] then
      written
    else
      builtins.foldl' (value: name: value.${name}) (read.root file written) attribute;
  description = read.kernel file selected (
    map (patch: {
      file = toString patch;
      value = import patch;
    }) patches
  );

  merged = merge (definitionsOf description);
in
{
  version = description.arguments.version or null;
  defconfig = description.defconfig or null;
  inherit (merged) conflicts;
  settings = reused merged;
  # Legacy text, in order.
  text =
    [ (description.arguments.extraConfig or "") (description.platformExtraConfig or "") ]
    ++ map (patch: patch.extraConfig or "") description.kernelPatches;
}
