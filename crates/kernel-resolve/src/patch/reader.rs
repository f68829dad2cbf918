//! The lines of a patch as GNU patch reads them.

use std::borrow::Cow;
use std::ops::Range;

/// What is taken off the lines of a part.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Form {
    /// How far the part is indented, in columns.
    pub(super) indent: usize,
    /// Whether its lines end with CR and LF where the files' do not.
    pub(super) strips_cr: bool,
}

/// A line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line<'p> {
    /// Its place in the patch.
    pub(super) span: Range<usize>,
    /// Its number, from 1.
    pub(super) number: usize,
    /// What it says, with its end.
    pub(super) bytes: Cow<'p, [u8]>,
}

/// A place between two lines.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Position {
    at: usize,
    number: usize,
}

/// Reads a patch line by line. Lines that begin with `#` are comments. A last line without an end
/// is dropped.
pub(super) struct Reader<'p> {
    text: &'p [u8],
    position: Position,
}

impl<'p> Reader<'p> {
    pub(super) fn new(text: &'p [u8]) -> Self {
        Self {
            text,
            position: Position::default(),
        }
    }

    pub(super) fn position(&self) -> Position {
        self.position
    }

    pub(super) fn go_to(&mut self, position: Position) {
        self.position = position;
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.position.at >= self.text.len()
    }

    pub(super) fn is_at_start(&self) -> bool {
        self.position.at == 0
    }

    /// The number of the line that was read last.
    pub(super) fn line_number(&self) -> usize {
        self.position.number
    }

    /// The place of the line that was read last, for messages.
    pub(super) fn last_line(&self) -> Range<usize> {
        let end = self.position.at.min(self.text.len());
        let before = self.text.get(..end.saturating_sub(1)).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        start..end
    }

    pub(super) fn next(&mut self, form: Form) -> Option<Line<'p>> {
        loop {
            self.skip_indent(form.indent);
            let start = self.position.at;
            let rest = self.text.get(start..)?;
            let Some(newline) = memchr::memchr(b'\n', rest) else {
                self.position.at = self.text.len();
                return None;
            };
            let bytes = rest.get(..=newline)?;
            self.position.at += bytes.len();
            self.position.number += 1;
            if bytes.starts_with(b"#") {
                continue;
            }
            let bytes = match bytes.strip_suffix(b"\r\n") {
                Some(bare) if form.strips_cr => Cow::Owned([bare, b"\n"].concat()),
                _ => Cow::Borrowed(bytes),
            };
            return Some(Line {
                span: start..self.position.at,
                number: self.position.number,
                bytes,
            });
        }
    }

    /// Goes over the indentation of a line. Other characters in its place are lost.
    fn skip_indent(&mut self, indent: usize) {
        let mut column = 0;
        while column < indent {
            match self.text.get(self.position.at) {
                None => return,
                Some(b' ' | b'X') => column += 1,
                Some(b'\t') => column = (column + 8) & !7,
                Some(_) => {}
            }
            self.position.at += 1;
        }
    }

    /// Whether the line that follows says that the one before has no end. It is gone over then.
    pub(super) fn takes_incomplete_mark(&mut self) -> bool {
        let rest = self.text.get(self.position.at..).unwrap_or_default();
        if !rest.starts_with(b"\\") {
            return false;
        }
        let newline = memchr::memchr(b'\n', rest);
        self.position.at += newline.map_or(rest.len(), |newline| newline + 1);
        true
    }
}
