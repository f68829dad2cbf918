//! Source texts and positions in them.
//!
//! All texts of an evaluation share one 32-bit position space, so that a
//! position is four bytes in every attribute, and a line and column are
//! computed only when somebody asks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A byte in one of the source texts of an evaluation, or nowhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Pos(u32);

impl Pos {
    /// The position of things that no source text wrote.
    pub const NONE: Pos = Pos(0);

    /// Whether this is a place in a source text.
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }
}

/// A half-open range of bytes in one source text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Span {
    /// First byte.
    pub start: Pos,
    /// One past the last byte.
    pub end: Pos,
}

impl Span {
    /// The span of things that no source text wrote.
    pub const NONE: Span = Span {
        start: Pos::NONE,
        end: Pos::NONE,
    };

    /// How many bytes it covers.
    pub fn len(self) -> usize {
        (self.end.0 - self.start.0) as usize
    }

    /// Whether it covers nothing.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The span of so many bytes from a position on.
    pub(crate) fn with_length(start: Pos, length: u16) -> Self {
        Self {
            start,
            end: Pos(start.0 + u32::from(length)),
        }
    }

    /// The empty span at `pos`.
    pub fn at(pos: Pos) -> Self {
        Self {
            start: pos,
            end: pos,
        }
    }
}

/// Where a source text came from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A file, by its absolute path.
    File(PathBuf),
    /// `-E` on the command line, or an internal expression.
    String,
    /// Standard input.
    Stdin,
    /// A file that comes with the evaluator, by the path that Nix gives it.
    Internal(PathBuf),
}

/// One source text.
pub struct SourceFile {
    origin: Origin,
    text: Arc<str>,
    /// The bytes, where they are not the text's.
    bytes: Option<Box<[u8]>>,
    base: u32,
    /// Offsets of the first byte of each line.
    lines: std::sync::OnceLock<Vec<u32>>,
}

/// A position as people read it. `line` and `column` count from 1; the column
/// counts bytes, as Nix's does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1.
    pub column: u32,
}

impl SourceFile {
    /// A text that belongs to no evaluation, whose positions mean nothing.
    pub(crate) fn detached(text: &str) -> Self {
        Self {
            origin: Origin::String,
            text: text.into(),
            bytes: None,
            base: 1,
            lines: std::sync::OnceLock::new(),
        }
    }

    /// Where the text came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The file's path, if it is a file.
    pub fn path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(path) => Some(path),
            Origin::String | Origin::Stdin | Origin::Internal(_) => None,
        }
    }

    /// How Nix names the text in messages.
    pub fn name(&self) -> String {
        match &self.origin {
            Origin::File(path) => path.display().to_string(),
            Origin::String => "«string»".to_owned(),
            Origin::Stdin => "«stdin»".to_owned(),
            Origin::Internal(path) => format!("«nix-internal»{}", path.display()),
        }
    }

    /// The text. In place of every byte that is not UTF-8 there is a control character that
    /// Nix has no use for.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The bytes from one offset to another, as they were written.
    pub(crate) fn bytes(&self, start: usize, end: usize) -> &[u8] {
        let bytes = self.bytes.as_deref();
        let bytes = bytes.unwrap_or_else(|| self.text.as_bytes());
        bytes.get(start..end).unwrap_or_default()
    }

    /// The position of the byte at `offset`.
    pub fn pos(&self, offset: usize) -> Pos {
        Pos(self.base + offset as u32)
    }

    /// The offset of a position in this text.
    pub fn offset(&self, pos: Pos) -> usize {
        pos.0.saturating_sub(self.base) as usize
    }

    /// The span from one offset to another.
    pub fn span(&self, start: usize, end: usize) -> Span {
        Span {
            start: self.pos(start),
            end: self.pos(end),
        }
    }

    /// A position in this text as messages name it: `file:line:column`.
    pub fn describe(&self, pos: Pos) -> String {
        let LineColumn { line, column } = self.line_column(self.offset(pos));
        format!("{}:{line}:{column}", self.name())
    }

    /// Line and column of the byte at `offset`.
    pub fn line_column(&self, offset: usize) -> LineColumn {
        let lines = self.lines.get_or_init(|| {
            let newlines = memchr::memchr_iter(b'\n', self.text.as_bytes());
            std::iter::once(0)
                .chain(newlines.map(|at| at as u32 + 1))
                .collect()
        });
        let line = lines.partition_point(|&start| start as usize <= offset) - 1;
        LineColumn {
            line: line as u32 + 1,
            column: (offset - lines[line] as usize) as u32 + 1,
        }
    }
}

/// What stands for a byte that is not UTF-8: no token of Nix.
const NO_TEXT: char = '\u{1}';

/// The bytes as a text of the same length.
fn readable(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| NO_TEXT));
    }
    text
}

/// All source texts of an evaluation.
#[derive(Default)]
pub struct Sources {
    files: Vec<Arc<SourceFile>>,
}

/// The 32-bit position space is used up: over 4 GiB of Nix were read.
#[derive(Debug)]
pub struct SourcesFull;

impl Sources {
    /// Adds a text and gives it its range of positions.
    pub fn add(&mut self, origin: Origin, bytes: &[u8]) -> Result<Arc<SourceFile>, SourcesFull> {
        let (text, bytes): (Arc<str>, _) = match std::str::from_utf8(bytes) {
            Ok(text) => (text.into(), None),
            Err(_) => (readable(bytes).into(), Some(bytes.into())),
        };
        let base = match self.files.last() {
            None => 1,
            Some(last) => last.base as usize + last.text.len() + 1,
        };
        if base + text.len() >= u32::MAX as usize {
            return Err(SourcesFull);
        }
        let file = Arc::new(SourceFile {
            origin,
            text,
            bytes,
            base: base as u32,
            lines: std::sync::OnceLock::new(),
        });
        self.files.push(Arc::clone(&file));
        Ok(file)
    }

    /// All texts, in the order in which they were read.
    pub fn files(&self) -> impl Iterator<Item = &Arc<SourceFile>> {
        self.files.iter()
    }

    /// The text that holds `pos`, and the offset in it.
    pub fn locate(&self, pos: Pos) -> Option<(&Arc<SourceFile>, usize)> {
        if !pos.is_some() {
            return None;
        }
        let index = self.files.partition_point(|file| file.base <= pos.0);
        let file = self.files.get(index.checked_sub(1)?)?;
        Some((file, (pos.0 - file.base) as usize))
    }

    /// The text that holds `pos`, with line and column.
    pub fn line_column(&self, pos: Pos) -> Option<(&Arc<SourceFile>, LineColumn)> {
        let (file, offset) = self.locate(pos)?;
        Some((file, file.line_column(offset)))
    }
}
