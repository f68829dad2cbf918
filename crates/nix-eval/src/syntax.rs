//! From text to Nix's abstract syntax.
//!
//! [`rnix`] turns the text into a lossless tree; `build` (over `green`) turns that into
//! the tree that Nix's own parser would have built, and rejects what Nix rejects; `show`
//! prints it as `nix-instantiate --parse` does. Which error it is that a text has,
//! `errors` finds out: with Nix's tokens (`token`, `lexer`), Nix's grammar (`grammar`)
//! and the automaton that Bison makes of it (`lalr`).

pub(crate) mod ast;
pub(crate) mod attrs;
pub(crate) mod build;
mod cuts;
mod errors;
mod grammar;
mod green;
mod lalr;
mod lexer;
pub(crate) mod show;
mod strings;
mod token;

#[cfg(test)]
mod tests;

use rnix::ParseError;

use crate::error::Result;
use crate::source::SourceFile;
use ast::Ast;
use build::{Builder, Failure};
use green::Node;
use lexer::Lexer;
use token::TokenKind;

/// How deeply brackets and operators may nest, and how many operators may follow each
/// other: what comes after the parser recurses, too.
pub(crate) const MAX_NESTING: usize = 20_000;

pub(crate) use cuts::Cuts;
pub(crate) use errors::too_deep;

/// Less native stack than this left: a new piece is added.
pub(crate) const RED_ZONE: usize = 128 * 1024;

/// The size of an added piece of stack.
pub(crate) const STACK_PIECE: usize = 4 * 1024 * 1024;

/// Runs `f`, which may recurse once, on enough stack.
#[inline]
pub(crate) fn on_enough_stack<T>(f: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(RED_ZONE, STACK_PIECE, f)
}

/// Stack for one level of nesting, with room to spare: measured for a debug
/// build at the deepest nesting.
const STACK_PER_LEVEL: usize = 6 * 1024;

/// rnix itself stops at 512 nested expressions, each a tower of calls.
const STACK_AT_LEAST: usize = 4 * 1024 * 1024;

/// Runs `f` on a stack that is large enough to parse `text`.
fn with_parser_stack<T>(text: &str, f: impl FnOnce() -> T) -> T {
    let levels = text.len().min(MAX_NESTING);
    let wanted = STACK_AT_LEAST + levels * STACK_PER_LEVEL;
    stacker::maybe_grow(wanted, wanted, f)
}

/// rnix's tokenizer looks ahead over everything that could belong to a path, from
/// every token on. So many bytes in all it may look at: a fraction of a second.
const MAX_LOOKAHEAD: usize = 20_000_000;

/// Texts without a longer run of such bytes are never slow.
const HARMLESS_RUN: usize = 4096;

/// The abstract syntax of the builder's text.
///
/// # Errors
/// The first thing that Nix's parser complains about.
pub(crate) fn parse<'a>(mut builder: Builder<'_, 'a, '_>) -> Result<Ast<'a>> {
    let (source, features) = (builder.source, builder.features);
    with_parser_stack(source.text(), || {
        check_structure_of(source)?;
        let parsed = rnix::Root::parse(source.text());
        let problem = match parsed.errors() {
            [] => match builder.root(Node::root(parsed.syntax().green())) {
                Ok(ast) => return Ok(ast),
                Err(Failure::Told(error)) => return Err(error),
                Err(Failure::Syntax) => None,
            },
            [problem, ..] => Some(problem),
        };
        if let Some((tree, cuts)) = cuts::read(source) {
            builder.cuts = cuts;
            match builder.root(Node::root(&tree)) {
                Ok(ast) => return Ok(ast),
                Err(Failure::Told(error)) => return Err(error),
                Err(Failure::Syntax) => {}
            }
        }
        Err(match problem {
            Some(ParseError::RecursionLimitExceeded) => {
                let end = source.text().len();
                errors::too_deep(source.span(end, end))
            }
            _ => errors::syntax_error(source, features),
        })
    })
}

/// Refuses a text that nests too deeply, or would take too long to read.
fn check_structure_of(source: &SourceFile) -> Result<()> {
    let text = source.text();
    if has_many_tokens(text) || has_long_run(text) {
        check_structure(text).map_err(|problem| match problem {
            Problem::TooDeep => errors::too_deep(source.span(0, text.len())),
            Problem::TooDense(at) => errors::too_dense(source.span(at, at)),
        })?;
    }
    Ok(())
}

/// Whether a byte can belong to a path.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'.' | b'+' | b'-')
}

/// Whether bytes that can belong to a path follow each other in a long run. One of every
/// `HARMLESS_RUN` bytes is in such a run.
fn has_long_run(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_in_run = |byte: &&u8| is_path_byte(**byte);
    (0..bytes.len()).step_by(HARMLESS_RUN).any(|at| {
        let (before, after) = bytes.split_at(at);
        let before = before.iter().rev().take(HARMLESS_RUN);
        let after = after.iter().take(HARMLESS_RUN + 1);
        let length = after.take_while(is_in_run).count();
        length > 0 && length + before.take_while(is_in_run).count() > HARMLESS_RUN
    })
}

/// Whether a text may have more tokens than things may nest: a bound that costs less than
/// to read the tokens. A token starts at every byte that is neither space nor inside a
/// word, or with a word; a word that starts with a digit may be two.
fn has_many_tokens(text: &str) -> bool {
    if text.len() <= MAX_NESTING {
        return false;
    }
    let mut tokens = 0;
    let mut inside = false;
    for byte in text.bytes() {
        let is_word = byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        if is_word {
            tokens += usize::from(!inside) + usize::from(!inside && byte.is_ascii_digit());
        } else {
            tokens += usize::from(!byte.is_ascii_whitespace());
        }
        inside = is_word;
    }
    tokens > MAX_NESTING
}

/// Why a text is not given to the parser.
enum Problem {
    TooDeep,
    /// Where it was given up.
    TooDense(usize),
}

/// Looks at the tokens of a text before it is parsed: how deeply the tree can
/// nest (open brackets, and what makes a chain since the last place where one must have
/// ended), and how long rnix would take to read it.
fn check_structure(text: &str) -> std::result::Result<(), Problem> {
    let mut lexer = Lexer::new(text.as_bytes());
    let mut inside = Bracket::default();
    let mut around: Vec<Bracket> = Vec::new();
    // The chains of all brackets around.
    let mut depth = 0;
    let mut run_end = 0;
    let mut lookahead = 0;
    // What is no token is the parser's to tell.
    while let Ok(token) = lexer.next() {
        match token.kind {
            TokenKind::EndOfFile | TokenKind::Invalid => break,
            TokenKind::BraceOpen
            | TokenKind::BracketOpen
            | TokenKind::ParenOpen
            | TokenKind::InterpolationStart => {
                depth += inside.chain + 1;
                around.push(inside);
                inside = Bracket {
                    chain: 0,
                    is_list: token.kind == TokenKind::BracketOpen,
                };
            }
            TokenKind::BraceClose | TokenKind::BracketClose | TokenKind::ParenClose => {
                if let Some(before) = around.pop() {
                    inside = before;
                    depth -= inside.chain + 1;
                }
            }
            TokenKind::Semicolon | TokenKind::Comma => inside.chain = 0,
            // Items of a list stand side by side.
            kind if inside.is_list && !kind.continues_selection() => inside.chain = 0,
            _ => inside.chain += 1,
        }
        if depth + inside.chain > MAX_NESTING {
            return Err(Problem::TooDeep);
        }
        let start = token.start as usize;
        if run_end <= start {
            let bytes = text.as_bytes()[start..].iter();
            run_end = start + bytes.take_while(|byte| is_path_byte(**byte)).count();
        }
        lookahead += run_end.saturating_sub(start);
        if lookahead > MAX_LOOKAHEAD {
            return Err(Problem::TooDense(start));
        }
    }
    Ok(())
}

/// What stands between two brackets.
#[derive(Default)]
struct Bracket {
    /// How many tokens there are that can each be around those before.
    chain: usize,
    is_list: bool,
}
