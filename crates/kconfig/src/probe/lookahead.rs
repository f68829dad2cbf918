//! Finds the commands that a tree will ask for before it asks.
//!
//! The tree is read once more, on a thread of its own, with a *hole* in place of each answer.
//! Answers are only ever put into texts, never read again, so that the text of a command is known
//! but for its holes; once their answers are there, it is known whole. Whatever else depends on
//! an answer (a variable's name, a file's) ends the looking.

use super::{ProbeError, ProbeOutput, Prober};

/// Encloses the number of a hole.
const OPEN: char = '\u{2}';
const CLOSE: char = '\u{3}';

/// The text that stands for an answer that is not there yet.
pub(super) fn hole(number: usize) -> String {
    format!("{OPEN}{number}{CLOSE}")
}

/// Whether there is a hole in a text.
pub(super) fn has_hole(text: &[u8]) -> bool {
    memchr::memchr(OPEN as u8, text).is_some()
}

/// The text with its holes filled; `None` where an answer is not known.
pub(super) fn fill(text: &str, mut answer: impl FnMut(usize) -> Option<String>) -> Option<String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let (number, after) = after.split_once(CLOSE)?;
        filled.push_str(before);
        filled.push_str(&answer(number.parse().ok()?)?);
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// What looking ahead gives its commands to; answers are text or holes.
pub(super) trait Foresight {
    /// Takes a command; `None` where nothing may be known of what comes behind it.
    fn foresee(&self, command: &str) -> Option<String>;
}

/// Reads a tree for its commands.
pub(super) struct Scout<F>(pub(super) F);

impl<F: Foresight> Prober for Scout<F> {
    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError> {
        match self.0.foresee(command) {
            Some(text) => Ok(ProbeOutput {
                stdout: text.into_bytes(),
                stderr: Vec::new(),
            }),
            None => Err(ProbeError::Refused {
                command: command.to_owned(),
            }),
        }
    }

    fn is_unknown(&self, text: &[u8]) -> bool {
        has_hole(text)
    }
}
