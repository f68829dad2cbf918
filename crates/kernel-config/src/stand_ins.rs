//! The files that stand in for nixpkgs: a package set as far as kernels need one, and
//! NixOS as far as it has to do with kernels.

use include_dir::{Dir, include_dir};
use nix_eval::{Io, OverlayIo};
use nix_modules::EMBEDDED_NIXPKGS;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/nix");

/// Puts the embedded package set and `lib` in front of `inner`, as `<nixpkgs>`
/// finds them.
pub fn with_embedded_nixpkgs<I: Io>(inner: I) -> OverlayIo<I> {
    let files = nix_modules::lib_files()
        .into_iter()
        .chain(nix_modules::files_of(&FILES));
    OverlayIo::new(inner, EMBEDDED_NIXPKGS, files)
}
