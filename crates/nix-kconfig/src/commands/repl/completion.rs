//! Completion of variables and attributes.

use std::cell::{RefCell, RefMut};

use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper, Result};

use super::session::Session;

/// Completes what the session knows.
pub(super) struct Completions<'h> {
    session: RefCell<Session<'h>>,
    files: FilenameCompleter,
}

impl<'h> Completions<'h> {
    pub(super) fn new(session: Session<'h>) -> Self {
        Self {
            session: RefCell::new(session),
            files: FilenameCompleter::new(),
        }
    }

    pub(super) fn session(&mut self) -> RefMut<'_, Session<'h>> {
        self.session.borrow_mut()
    }
}

impl Completer for Completions<'_> {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        context: &Context<'_>,
    ) -> Result<(usize, Vec<Pair>)> {
        if line.starts_with(":l ") || line.starts_with(":load ") {
            return self.files.complete(line, pos, context);
        }
        let before = line.get(..pos).unwrap_or_default();
        let (start, subject, typed) = word(before);
        let mut session = self.session.borrow_mut();
        let names = match subject {
            Some(subject) => session.attributes(subject),
            None => session.variables(),
        };
        let candidates = names
            .into_iter()
            .filter(|name| name.starts_with(typed))
            .map(|name| Pair {
                display: name.clone(),
                replacement: name,
            });
        Ok((start, candidates.collect()))
    }
}

/// The name that ends a line: where it starts, what it is selected from, and as much
/// of it as is there.
fn word(before: &str) -> (usize, Option<&str>, &str) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\'' | '.' | '"');
    let start = before
        .char_indices()
        .rev()
        .take_while(|(_, c)| is_part(*c))
        .last()
        .map_or(before.len(), |(index, _)| index);
    let path = &before[start..];
    match path.rsplit_once('.') {
        Some((subject, typed)) => (before.len() - typed.len(), Some(subject), typed),
        None => (start, None, path),
    }
}

impl Hinter for Completions<'_> {
    type Hint = String;
}

impl Highlighter for Completions<'_> {}

impl Validator for Completions<'_> {}

impl Helper for Completions<'_> {}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn the_word_that_is_completed() {
        assert_eq!(word("builtins.le"), (9, Some("builtins"), "le"));
        assert_eq!(word("map (a.b.c"), (9, Some("a.b"), "c"));
        assert_eq!(word("1 + ma"), (4, None, "ma"));
        assert_eq!(word(""), (0, None, ""));
    }
}
