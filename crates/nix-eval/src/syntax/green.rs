//! Walking rnix's tree without its cursors: an element is a reference into the
//! tree with its offset in the text, so that reading a file allocates nothing
//! for navigation.

use rnix::{NixLanguage, SyntaxKind};
use rowan::{GreenNodeData, GreenTokenData, Language, NodeOrToken};

use crate::source::{SourceFile, Span};

/// A node and where it starts.
#[derive(Clone, Copy)]
pub(crate) struct Node<'t> {
    data: &'t GreenNodeData,
    offset: u32,
}

/// A token and where it starts.
#[derive(Clone, Copy)]
pub(crate) struct Token<'t> {
    data: &'t GreenTokenData,
    offset: u32,
}

/// A child of a node.
#[derive(Clone, Copy)]
pub(crate) enum Element<'t> {
    Node(Node<'t>),
    Token(Token<'t>),
}

impl<'t> Node<'t> {
    /// The root of a tree.
    pub(crate) fn root(data: &'t GreenNodeData) -> Self {
        Self { data, offset: 0 }
    }

    /// The root of the tree of a piece that starts at `offset`.
    pub(crate) fn root_at(data: &'t GreenNodeData, offset: u32) -> Self {
        Self { data, offset }
    }

    /// Where it starts.
    pub(crate) fn start(self) -> u32 {
        self.offset
    }

    pub(crate) fn kind(self) -> SyntaxKind {
        NixLanguage::kind_from_raw(self.data.kind())
    }

    pub(crate) fn span(self, source: &SourceFile) -> Span {
        source.span(
            self.offset as usize,
            self.offset as usize + usize::from(self.data.text_len()),
        )
    }

    /// All children, trivia included.
    pub(crate) fn children(self) -> impl Iterator<Item = Element<'t>> {
        let mut offset = self.offset;
        self.data.children().map(move |child| {
            let start = offset;
            match child {
                NodeOrToken::Node(data) => {
                    offset += u32::from(data.text_len());
                    Element::Node(Node {
                        data,
                        offset: start,
                    })
                }
                NodeOrToken::Token(data) => {
                    offset += u32::from(data.text_len());
                    Element::Token(Token {
                        data,
                        offset: start,
                    })
                }
            }
        })
    }

    /// The children that are nodes.
    pub(crate) fn nodes(self) -> impl Iterator<Item = Node<'t>> {
        self.children().filter_map(|child| match child {
            Element::Node(node) => Some(node),
            Element::Token(_) => None,
        })
    }

    /// Whether a string is one of `''…''`.
    pub(crate) fn is_indented_string(self) -> bool {
        self.tokens()
            .next()
            .is_some_and(|opening| opening.text() == "''")
    }

    /// The children that are tokens, without white space and comments.
    pub(crate) fn tokens(self) -> impl Iterator<Item = Token<'t>> {
        self.children().filter_map(|child| match child {
            Element::Token(token) if !token.kind().is_trivia() => Some(token),
            _ => None,
        })
    }
}

impl<'t> Token<'t> {
    pub(crate) fn kind(self) -> SyntaxKind {
        NixLanguage::kind_from_raw(self.data.kind())
    }

    /// The offset behind it.
    pub(crate) fn end(self) -> usize {
        self.offset as usize + self.data.text().len()
    }

    pub(crate) fn text(self) -> &'t str {
        self.data.text()
    }

    pub(crate) fn span(self, source: &SourceFile) -> Span {
        let start = self.offset as usize;
        source.span(start, start + self.data.text().len())
    }
}
