//! Reading rnix's trees: names, strings, calls and scopes.

pub(crate) mod expr;
pub(crate) mod guard;
pub(crate) mod scope;
pub(crate) mod update;

use std::ops::Range;

use rnix::SyntaxNode;
use rnix::ast::{Attr, AttrpathValue, Ident, Str};
use rowan::NodeOrToken;
use rowan::ast::AstNode;

/// The bytes of a node.
pub(crate) fn range(node: &SyntaxNode) -> Range<usize> {
    let range = node.text_range();
    range.start().into()..range.end().into()
}

/// The name of a variable.
pub(crate) fn ident_name(ident: &Ident) -> Option<String> {
    Some(ident.ident_token()?.text().to_owned())
}

/// The name that an attribute has, if it can be read off.
pub(crate) fn attr_name(attr: &Attr) -> Option<String> {
    match attr {
        Attr::Ident(ident) => ident_name(ident),
        Attr::Str(text) => literal_text(text),
        Attr::Dynamic(_) => None,
    }
}

/// The names of an attribute's path, with each name's node; nothing where one is computed.
pub(crate) fn path_of(entry: &AttrpathValue) -> Option<Vec<(String, SyntaxNode)>> {
    let path = entry.attrpath()?;
    path.attrs()
        .map(|attr| Some((attr_name(&attr)?, attr.syntax().clone())))
        .collect()
}

/// The text of a string without interpolation and escapes.
pub(crate) fn literal_text(string: &Str) -> Option<String> {
    let mut text = String::new();
    for child in string.syntax().children_with_tokens() {
        match child {
            NodeOrToken::Token(token) => match token.kind() {
                rnix::SyntaxKind::TOKEN_STRING_CONTENT => text.push_str(token.text()),
                rnix::SyntaxKind::TOKEN_STRING_START | rnix::SyntaxKind::TOKEN_STRING_END => {}
                _ => return None,
            },
            NodeOrToken::Node(_) => return None,
        }
    }
    if is_indented(string) {
        (!text.contains("''") && !text.contains('\n')).then_some(text)
    } else {
        unescape(&text)
    }
}

/// Whether it is a string between two single quotes.
pub(crate) fn is_indented(string: &Str) -> bool {
    let first = string.syntax().first_token();
    first.is_some_and(|token| token.text() == "''")
}

/// What a string in double quotes says (Nix manual, "String literals").
fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        out.push(match characters.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            other => other,
        });
    }
    Some(out)
}
