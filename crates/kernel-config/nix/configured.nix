# What NixOS modules ask a kernel's `config`: from the attributes `CONFIG_…` of a
# set (`manual-config.nix` in nixpkgs).
attributes:
let
  config = {
    isSet = name: attributes ? "CONFIG_${name}";
    getValue = name: attributes."CONFIG_${name}" or null;
    isYes = name: config.getValue name == "y";
    isNo = name: config.getValue name == "n";
    isModule = name: config.getValue name == "m";
    isEnabled = name: config.isModule name || config.isYes name;
    isDisabled = name: !config.isSet name || config.isNo name;
  }
  // attributes;
in
config
