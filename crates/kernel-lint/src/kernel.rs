//! Kernels that were evaluated, and resolved on a source tree.

use findings::{Label, Source};
use kconfig::Tree;
use kernel_config::{ItemDefinition, Place, Settings};
use kernel_resolve::{Answers, Fate};

/// A kernel that was evaluated.
pub struct EvaluatedKernel<'a> {
    /// Its merged settings.
    pub settings: &'a Settings,
    /// Whether they are all there is: nixpkgs' common configuration is part of them, or not
    /// wanted.
    pub is_whole: bool,
}

/// A kernel that was resolved on a source tree, in both ways of answering.
pub struct ResolvedKernel<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// What was wanted.
    pub answers: &'a Answers,
    /// Whether nixpkgs' driver takes its errors for warnings since the kernel says so.
    pub ignores_errors: bool,
    /// What became of answers in nixpkgs' way, if it came to an end.
    pub driver: Option<&'a [Fate]>,
    /// What became of them with `olddefconfig`.
    pub olddefconfig: &'a [Fate],
    /// The answers that change nothing ([`redundant_answers`](crate::redundant_answers)).
    pub redundant: &'a [String],
}

/// The file that a place is in.
pub(crate) fn source_of(place: &Place) -> Source {
    Source::new(place.file_name(), place.text().clone())
}

/// Where a definition was written.
pub(crate) fn label_of(definition: &ItemDefinition, text: impl Into<String>) -> Option<Label> {
    let place = definition.place.as_ref()?;
    let source = source_of(place);
    let span = place.offset()..place.offset() + place.length();
    Some(Label::primary(&source, span, text))
}
