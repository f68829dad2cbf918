//! The regular expressions of `builtins.match` and `builtins.split`.
//!
//! Nix gives them to `std::regex` with the flag `extended`, and what they mean
//! is what libstdc++ makes of POSIX extended regular expressions, which is not
//! quite what POSIX says:
//!
//! - a match starts as far left as possible;
//! - a repetition takes as much as it can and gives back only when the rest
//!   would not match, as in Perl;
//! - of the alternatives of `|` both are tried, and the longer match wins, the
//!   left one if both are equally long.
//!
//! So `a*(ab)?` matches only `aa` of `aab`, and no automaton for the longest
//! match gives the same answer. libstdc++ gets there by trying, which takes
//! exponential time in bad cases. Here the pattern becomes a small decision
//! graph ([`program`]) that is walked in the same order ([`search`]), and once
//! a search has taken long, what was found out about a place in the graph at a
//! place in the text is remembered, which bounds the time by their product.
//!
//! Patterns and texts are bytes; `.` matches every byte but NUL, a newline
//! included; character classes are those of ASCII.

mod program;
mod search;
mod syntax;

use program::Program;
pub(crate) use search::{Captures, Matches};

/// Why a pattern cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RegexError {
    /// It is not a POSIX extended regular expression as libstdc++ reads it.
    Invalid,
    /// The pattern, or searching for it in this text, takes too much memory.
    TooBig,
}

/// A compiled pattern.
pub(crate) struct Regex {
    program: Program,
}

impl Regex {
    /// Compiles `pattern`.
    pub(crate) fn new(pattern: &[u8]) -> Result<Self, RegexError> {
        let automaton = syntax::parse(pattern)?;
        let program = Program::new(automaton)?;
        Ok(Self { program })
    }

    /// The groups, if `text` as a whole matches (`std::regex_match`).
    pub(crate) fn match_whole(&self, text: &[u8]) -> Result<Option<Captures>, RegexError> {
        search::match_whole(&self.program, text)
    }

    /// The matches in `text` from left to right (`std::regex_iterator`).
    pub(crate) fn matches<'r, 't>(&'r self, text: &'t [u8]) -> Matches<'r, 't> {
        Matches::new(&self.program, text)
    }
}

#[cfg(test)]
mod tests;
