//! One file, read.

use std::ops::Range;

use findings::{Applicability, Fix, Label, Source};
use kernel_config::Release;
use rnix::SyntaxNode;
use rowan::ast::AstNode;

use crate::edit;
use crate::facts::Facts;
use crate::syntax::guard;

/// What rules are told besides the text.
#[derive(Clone, Default, Debug)]
pub struct Context {
    /// The release of nixpkgs at hand, if it is known.
    pub release: Option<Release>,
    /// The versions of the kernels at hand, if they are known.
    pub versions: Vec<String>,
}

/// A file that Nix's parser accepts.
pub(crate) struct File<'a> {
    /// Its text.
    pub(crate) source: &'a Source,
    /// Its tree, with white space and comments.
    pub(crate) root: SyntaxNode,
    /// What it holds.
    pub(crate) facts: Facts,
    /// What else is known.
    pub(crate) context: &'a Context,
}

impl<'a> File<'a> {
    /// Reads a file; nothing where rnix cannot read what Nix can.
    pub(crate) fn new(source: &'a Source, context: &'a Context) -> Option<Self> {
        if guard::refusal(source.text()).is_some() {
            return None;
        }
        let parsed = rnix::Root::parse(source.text());
        if !parsed.errors().is_empty() {
            return None;
        }
        let root = parsed.tree().syntax().clone();
        Some(Self {
            facts: Facts::of(&root),
            source,
            root,
            context,
        })
    }

    /// A place in this file.
    pub(crate) fn label(&self, span: Range<usize>, text: impl Into<String>) -> Label {
        Label::primary(self.source, span, text)
    }

    /// The text of a place.
    pub(crate) fn text(&self, span: Range<usize>) -> &str {
        self.source.text().get(span).unwrap_or_default()
    }

    /// A fix that replaces one place.
    pub(crate) fn replace(
        &self,
        applicability: Applicability,
        span: Range<usize>,
        replacement: impl Into<String>,
    ) -> Fix {
        edit::replace(self.source, applicability, span, replacement)
    }

    /// The place of an entry of a set with what belongs to it: the line's break and indentation
    /// before, so that no empty line is left.
    pub(crate) fn with_line(&self, span: Range<usize>) -> Range<usize> {
        edit::with_line(self.source, span)
    }
}
