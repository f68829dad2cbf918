//! From text to Nix's abstract syntax.
//!
//! `lexer` cuts a text into tokens; `parser` (with `bindings` and `literals`) builds
//! the tree that Nix's own parser would have built, and rejects what Nix rejects;
//! `show` prints it as `nix-instantiate --parse` does. Which error it is that a text
//! has, `errors` finds out with Nix's grammar (`grammar`) and the automaton that
//! Bison makes of it (`lalr`).

pub(crate) mod ast;
pub(crate) mod attrs;
mod bindings;
mod errors;
mod grammar;
mod lalr;
mod lexer;
mod literals;
pub(crate) mod parser;
pub(crate) mod show;
mod strings;
mod token;

#[cfg(test)]
mod tests;

/// How deeply expressions may nest, and how many operators may follow each other:
/// what comes after the parser recurses, too.
pub(crate) const MAX_NESTING: usize = 50_000;

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
