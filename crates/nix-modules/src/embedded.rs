//! The `lib` that is part of this program, as files that the evaluator can read.

use std::path::{Path, PathBuf};

use include_dir::{Dir, DirEntry, include_dir};
use nix_eval::{Io, LookupPathEntry, OverlayIo};

static LIB: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/lib");

/// Where the embedded files seem to be. Nothing is ever written there, and files
/// of the machine at this place are not read.
pub const EMBEDDED_NIXPKGS: &str = "/nix-kconfig/nixpkgs";

/// A file by its path below [`EMBEDDED_NIXPKGS`], and its text.
pub type EmbeddedFile = (PathBuf, &'static [u8]);

/// The files of the embedded `lib`.
pub fn lib_files() -> Vec<EmbeddedFile> {
    let below_lib = |(path, text)| (Path::new("lib").join(path), text);
    files_of(&LIB).into_iter().map(below_lib).collect()
}

/// The files of an embedded folder, by their paths in it.
pub fn files_of(folder: &'static Dir<'static>) -> Vec<EmbeddedFile> {
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in folder.entries() {
            match entry {
                DirEntry::Dir(folder) => folders.push(folder),
                DirEntry::File(file) => files.push((file.path().to_owned(), file.contents())),
            }
        }
    }
    files
}

/// Puts the embedded `lib` in front of `inner`.
pub fn with_embedded_lib<I: Io>(inner: I) -> OverlayIo<I> {
    OverlayIo::new(inner, EMBEDDED_NIXPKGS, lib_files())
}

/// A look-up path in which `<nixpkgs>` is the embedded one where `given` knows
/// none.
pub fn look_up_path(mut given: Vec<LookupPathEntry>) -> Vec<LookupPathEntry> {
    given.push(LookupPathEntry {
        prefix: "nixpkgs".to_owned(),
        path: EMBEDDED_NIXPKGS.to_owned(),
    });
    given
}
