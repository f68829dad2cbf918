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

/// rnix's tokenizer looks ahead over everything that could belong to a path, from
/// every token on. So many bytes in all it may look at: a fraction of a second.
const MAX_LOOKAHEAD: usize = 20_000_000;

/// Texts without a longer run of such bytes are never slow.
const HARMLESS_RUN: usize = 4096;

/// rnix's tree of a text that has no syntax error.
pub(crate) fn parse(source: &SourceFile) -> Result<GreenNode> {
    let text = source.text();
    if text.len() > MAX_NESTING || has_long_run(text) {
        check_structure(text).map_err(|problem| match problem {
            Problem::TooDeep => errors::too_deep(source.span(0, text.len())),
            Problem::TooDense(at) => errors::too_dense(source.span(at, at)),
        })?;
    }
    let parsed = rnix::Root::parse(text);
    match errors::syntax_error(parsed.errors(), source) {
        Some(error) => Err(error),
        None => Ok(parsed.syntax().green().to_owned()),
    }
}

/// Whether a byte can belong to a path.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'.' | b'+' | b'-')
}

fn has_long_run(text: &str) -> bool {
    text.as_bytes()
        .chunk_by(|a, b| is_path_byte(*a) && is_path_byte(*b))
        .any(|run| run.len() > HARMLESS_RUN)
}

/// Why a text is not given to the parser.
enum Problem {
    TooDeep,
    /// Where it was given up.
    TooDense(usize),
}

/// Looks at the tokens of a text before it is parsed: how deeply the tree can
/// nest (open brackets, and the operators since the last place where a chain of
/// them must have ended), and how long reading it takes.
fn check_structure(text: &str) -> std::result::Result<(), Problem> {
    let mut open: Vec<usize> = Vec::new();
    // Operators and prefixes in the innermost bracket, and in all around it.
    let mut chain = 0;
    let mut around = 0;
    let mut offset = 0;
    let mut run_end = 0;
    let mut lookahead = 0;
    for (kind, token) in rnix::tokenize(text) {
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
        if around + chain > MAX_NESTING {
            return Err(Problem::TooDeep);
        }
        if run_end <= offset {
            let bytes = text.as_bytes()[offset..].iter();
            run_end = offset + bytes.take_while(|byte| is_path_byte(**byte)).count();
        }
        lookahead += run_end.saturating_sub(offset);
        if lookahead > MAX_LOOKAHEAD {
            return Err(Problem::TooDense(offset));
        }
        offset += token.len();
    }
    Ok(())
}
