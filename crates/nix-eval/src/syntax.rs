//! From text to Nix's abstract syntax.
//!
//! [`rnix`] turns the text into a lossless tree; `build` turns that into the
//! tree that Nix's own parser would have built, and rejects what Nix rejects;
//! `show` prints it as `nix-instantiate --parse` does.

pub(crate) mod ast;
pub(crate) mod attrs;
pub(crate) mod build;
pub(crate) mod errors;
pub(crate) mod green;
pub(crate) mod show;
pub(crate) mod strings;

use rnix::SyntaxKind;
use rowan::GreenNode;

use crate::error::Result;
use crate::source::SourceFile;

/// How deeply brackets and operators may nest. Parser, builder and resolver
/// recurse, and what they can recurse into must fit on the stack that they get.
const MAX_NESTING: usize = 20_000;

/// Stack for one level of nesting, with room to spare: measured for a debug
/// build at the deepest nesting.
const STACK_PER_LEVEL: usize = 6 * 1024;

/// rnix itself stops at 512 nested expressions, each a tower of calls.
const STACK_AT_LEAST: usize = 4 * 1024 * 1024;

/// Runs `f` on a stack that is large enough to parse `text`.
pub(crate) fn with_parser_stack<T>(text: &str, f: impl FnOnce() -> T) -> T {
    let levels = text.len().min(MAX_NESTING);
    let wanted = STACK_AT_LEAST + levels * STACK_PER_LEVEL;
    stacker::maybe_grow(wanted, wanted, f)
}

/// rnix's tree of a text that has no syntax error.
pub(crate) fn parse(source: &SourceFile) -> Result<GreenNode> {
    let text = source.text();
    if text.len() > MAX_NESTING && nesting(text) > MAX_NESTING {
        return Err(errors::too_deep(source.span(0, text.len())));
    }
    let parsed = rnix::Root::parse(text);
    match errors::syntax_error(parsed.errors(), source) {
        Some(error) => Err(error),
        None => Ok(parsed.syntax().green().to_owned()),
    }
}

/// An upper bound on how deeply the tree of a text nests: open brackets, and the
/// operators since the last place where a chain of them must have ended.
fn nesting(text: &str) -> usize {
    let mut deepest = 0;
    let mut open: Vec<usize> = Vec::new();
    // Operators and prefixes in the innermost bracket, and in all around it.
    let mut chain = 0;
    let mut around = 0;
    for (kind, _) in rnix::tokenize(text) {
        match kind {
            SyntaxKind::TOKEN_L_BRACE
            | SyntaxKind::TOKEN_L_BRACK
            | SyntaxKind::TOKEN_L_PAREN
            | SyntaxKind::TOKEN_INTERPOL_START
            | SyntaxKind::TOKEN_STRING_START => {
                open.push(chain);
                around += chain + 1;
                chain = 0;
            }
            SyntaxKind::TOKEN_R_BRACE
            | SyntaxKind::TOKEN_R_BRACK
            | SyntaxKind::TOKEN_R_PAREN
            | SyntaxKind::TOKEN_INTERPOL_END
            | SyntaxKind::TOKEN_STRING_END => {
                if let Some(before) = open.pop() {
                    chain = before;
                    around -= before + 1;
                }
            }
            SyntaxKind::TOKEN_SEMICOLON | SyntaxKind::TOKEN_COMMA => chain = 0,
            SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT => {}
            _ => chain += 1,
        }
        deepest = deepest.max(around + chain);
    }
    deepest
}
