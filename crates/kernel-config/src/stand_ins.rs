//! The files that stand in for nixpkgs: a package set as far as kernels need one, and
//! NixOS as far as it has to do with kernels.

use std::path::PathBuf;

use nix_eval::{Io, OverlayIo};
use nix_modules::{EMBEDDED_NIXPKGS, EmbeddedFile};

fn files() -> Vec<EmbeddedFile> {
    macro_rules! files {
        ($($name:literal),* $(,)?) => {
            vec![$((
                PathBuf::from($name),
                include_bytes!(concat!("../nix/", $name)).as_slice(),
            )),*]
        };
    }
    files![
        "build-linux.nix",
        "call-flake.nix",
        "call-package.nix",
        "configured.nix",
        "default.nix",
        "flake.nix",
        "kernel-options.nix",
        "kernel-package.nix",
        "kernel-patches.nix",
        "kernels.nix",
        "linux-kernel.nix",
        "manual-config.nix",
        "nixos-options.nix",
        "nixos.nix",
        "opaque.nix",
        "read.nix",
    ]
}

/// Modules of NixOS that machines' configurations import and that have nothing to do
/// with kernels: without nixpkgs they are empty.
const EMPTY_MODULES: [&str; 5] = [
    "installer/scan/not-detected.nix",
    "profiles/headless.nix",
    "profiles/minimal.nix",
    "profiles/perlless.nix",
    "profiles/qemu-guest.nix",
];

fn empty_modules() -> impl Iterator<Item = EmbeddedFile> {
    EMPTY_MODULES.iter().map(|name| {
        let path = PathBuf::from("nixos/modules").join(name);
        (path, b"{ }".as_slice())
    })
}

/// Puts the embedded package set and `lib` in front of `inner`, as `<nixpkgs>`
/// finds them.
pub fn with_embedded_nixpkgs<I: Io>(inner: I) -> OverlayIo<I> {
    let files = nix_modules::lib_files()
        .into_iter()
        .chain(files())
        .chain(empty_modules());
    OverlayIo::new(inner, EMBEDDED_NIXPKGS, files)
}
