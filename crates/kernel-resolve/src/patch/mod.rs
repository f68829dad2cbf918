//! Patches on a source tree, applied in memory as GNU patch (`patch -p1`) applies them: which file
//! a part is for, offsets, fuzz, what is rejected, the extended headers of Git. Only files that
//! configuration is made from are looked at.
//!
//! What differs from GNU patch is told: context diffs, `ed` scripts and binary parts are not
//! applied. Nobody is asked anything, as in a build: where GNU patch would ask whether a part is
//! meant in reverse, it is left out.

mod apply;
mod files;
mod header;
mod hunk;
mod mismatch;
mod names;
mod place;
mod reader;
mod reject;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use mismatch::Mismatch;

use crate::error::Result;
use crate::source::Source;
use files::{Overlay, PatchedTree};

/// A part of a patch that could not be applied, or not wholly.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The file that it is about, if it names one.
    pub file: Option<String>,
    /// Where in the patch: the hunk, or the line that the part begins with.
    pub span: Range<usize>,
    /// Why.
    pub reason: Reason,
}

/// Why a part of a patch could not be applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The tree has none of the files that the part names.
    NoFile {
        /// The tree has it under the whole name: the patch is meant for `patch -p0`.
        without_strip: bool,
    },
    /// The part names no file.
    NoName,
    /// The tree has it already: the file to be made is there, the file to be removed is gone, or the
    /// first hunk fits only in reverse.
    Reversed,
    /// A hunk does not fit.
    Hunk {
        /// Which one of the part's hunks, from 1.
        number: usize,
        /// What the tree has in its place.
        mismatch: Mismatch,
    },
    /// A file is to be removed, and has more in it than the patch takes away.
    NotEmptied,
    /// Something that is not applied in memory.
    Unsupported(&'static str),
    /// The text is no patch from here on, and the rest of it is not applied.
    Malformed(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.as_deref().unwrap_or("a file");
        match &self.reason {
            Reason::NoFile { .. } => write!(out, "there is no {file} in the tree"),
            Reason::NoName => write!(out, "a part of it names no file"),
            Reason::Reversed => write!(out, "the tree has what it does to {file} already"),
            Reason::Hunk { number, mismatch } => write!(
                out,
                "hunk #{number} does not apply to {file}, at line {}",
                mismatch.line
            ),
            Reason::NotEmptied => {
                write!(out, "{file} is to be removed, and has other content")
            }
            Reason::Unsupported(what) => write!(out, "{what} is not applied to {file}"),
            Reason::Malformed(what) => write!(out, "{what}"),
        }
    }
}

/// A line of a patch that adds or removes the definition of an option.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OptionLine {
    /// The option.
    pub name: String,
    /// The file of the tree.
    pub file: String,
    /// Which one of the part's hunks, from 1.
    pub hunk: usize,
    /// The name's place in the patch.
    pub span: Range<usize>,
}

/// What came of a patch.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// What could not be applied; empty where GNU patch ends with success, as far as files of
    /// interest go.
    pub problems: Vec<Problem>,
    /// What GNU patch would write into `.rej` files, by the names of these files.
    pub rejects: BTreeMap<String, Vec<u8>>,
    /// Options that it defines.
    pub added: Vec<OptionLine>,
    /// Options whose definition it removes.
    pub removed: Vec<OptionLine>,
}

/// Applies patches to a tree, one after the other.
pub struct Patcher<'s> {
    source: &'s Source,
    overlay: Overlay,
}

impl<'s> Patcher<'s> {
    /// Begins with a tree as it is.
    pub fn new(source: &'s Source) -> Self {
        Self {
            source,
            overlay: Overlay::default(),
        }
    }

    /// Applies a patch.
    ///
    /// # Errors
    ///
    /// The tree cannot be read.
    pub fn apply(&mut self, patch: &[u8]) -> Result<Outcome> {
        apply::apply(self.source, &mut self.overlay, patch)
    }

    /// The tree with the patches.
    ///
    /// # Errors
    ///
    /// It is no kernel tree any more.
    pub fn finish(self) -> Result<Source> {
        if self.overlay.is_empty() {
            return Ok(self.source.clone());
        }
        let below = Arc::clone(self.source.files());
        let files = Arc::new(PatchedTree::new(below, self.overlay));
        Source::of_files(self.source.name(), self.source.location(), files)
    }
}

/// Whether a file bears on configuration.
fn is_of_interest(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_arch_makefile = name == "Makefile"
        && (path == "Makefile" || path.starts_with("arch/") && path.matches('/').count() == 2);
    is_kconfig(path) || path.contains("/configs/") || is_arch_makefile
}

/// Whether a file is one that defines options.
fn is_kconfig(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("Kconfig") || name.ends_with("Kconfig")
}
