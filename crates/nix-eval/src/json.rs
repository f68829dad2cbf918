//! JSON to the byte as Nix reads and writes it, which is as nlohmann's library
//! for C++ does: its numbers, its escapes and its messages.

mod grisu;
mod lexer;
mod number;
mod parser;
mod writer;

pub(crate) use parser::{Build, parse};
pub(crate) use writer::{write_float, write_string};

/// JSON as it would be written again: keys sorted, no spaces.
pub(crate) fn normalise(text: &[u8]) -> Result<Vec<u8>, String> {
    parse(text, &mut writer::Rewrite)
}
