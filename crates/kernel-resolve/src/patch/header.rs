//! What stands before the hunks of one file.

use std::ops::Range;

use super::names::{self, Named};
use super::reader::{Form, Position, Reader};

/// What a part of a patch is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Hunks of a unified diff, or none.
    Unified,
    /// Something that is not applied.
    Unsupported(&'static str),
}

/// What one side of a part says of whether there is a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub(super) enum Presence {
    /// There is one.
    #[default]
    There,
    /// There is none, or an empty one.
    Empty,
    /// There is none.
    Missing,
}

/// One side of a part.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub(super) struct Side {
    pub(super) name: Option<String>,
    /// What is written behind the name.
    pub(super) time: Vec<u8>,
    is_epoch: bool,
    pub(super) presence: Presence,
    /// The file's type and permissions, as Git writes them.
    pub(super) mode: Option<u32>,
    is_renamed: bool,
    is_copied: bool,
}

/// A part's header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) old: Side,
    pub(super) new: Side,
    /// The name behind `Index:`, where no other is given.
    pub(super) index: Option<String>,
    /// The names with their first parts.
    pub(super) unstripped: Vec<String>,
    pub(super) is_git: bool,
    pub(super) form: Form,
    /// The line that it ends with.
    pub(super) span: Range<usize>,
}

impl Header {
    pub(super) fn is_rename(&self) -> bool {
        self.old.is_renamed && self.new.is_renamed
    }

    pub(super) fn is_copy(&self) -> bool {
        self.old.is_copied && self.new.is_copied
    }

    /// All names that it gives: old, new, index.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let names = [&self.old.name, &self.new.name, &self.index];
        names.into_iter().filter_map(Option::as_deref)
    }
}

/// Headers while they are read. Names stand where GNU patch keeps them: those of `---` and
/// `+++` change places only when a hunk follows.
#[derive(Default)]
struct Draft {
    old: Side,
    new: Side,
    index: Option<String>,
    unstripped: Vec<String>,
    is_git: bool,
    has_extended_headers: bool,
    needs_header: bool,
    strips_cr: bool,
}

/// Reads on to the next part: its header, with the reader before its first hunk. Nothing where
/// there is no more.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Header> {
    let mut draft = Draft {
        needs_header: true,
        ..Draft::default()
    };
    let mut stars_before: Option<Position> = None;
    loop {
        let start = reader.position();
        let Some(line) = reader.next(Form::default()) else {
            return draft
                .has_extended_headers
                .then(|| draft.finish(Kind::Unified, Form::default(), reader.last_line()));
        };
        let bytes: &[u8] = &line.bytes;
        let has_cr = bytes.ends_with(b"\r\n");
        let (indent, text) = without_indent(bytes);
        let after_stars = stars_before.take();
        if after_stars.is_none() && text.starts_with(b"***") && is_blank(text.get(3)) {
            draft.take_old(text.get(4..).unwrap_or_default());
            draft.needs_header = false;
        } else if text.starts_with(b"+++") && is_blank(text.get(3)) {
            // Changes places below.
            draft.take_old(text.get(4..).unwrap_or_default());
            draft.needs_header = false;
            draft.strips_cr = has_cr;
        } else if let Some(name) = text.strip_prefix(b"Index:") {
            if let Some(Named::File { name, .. }) = names::read(name, false) {
                draft.index = Some(name);
            }
            draft.needs_header = false;
            draft.strips_cr = has_cr;
        } else if let Some(pair) = text.strip_prefix(b"diff --git ") {
            if draft.has_extended_headers {
                reader.go_to(start);
                return Some(draft.finish(Kind::Unified, Form::default(), line.span));
            }
            let (old, new) = names::read_pair(pair).unzip();
            draft.old.name = old;
            draft.new.name = new;
            draft.is_git = true;
            draft.needs_header = false;
        } else if draft.is_git && text.starts_with(b"GIT binary patch") {
            return Some(draft.finish(
                Kind::Unsupported("a binary part"),
                Form::default(),
                line.span,
            ));
        } else if draft.is_git && draft.extended(text) {
            draft.has_extended_headers = true;
        } else {
            let mut dashes = text;
            while let Some(rest) = dashes.strip_prefix(b"- ") {
                dashes = rest;
            }
            if dashes.starts_with(b"---") && is_blank(dashes.get(3)) {
                draft.take_new(dashes.get(4..).unwrap_or_default());
                draft.needs_header = false;
                draft.strips_cr = has_cr;
            }
        }
        if draft.needs_header {
            continue;
        }
        if let Some(ranges) = text.strip_prefix(b"@@ -") {
            draft.swap();
            draft.presence(ranges);
            let form = Form {
                indent,
                strips_cr: draft.strips_cr,
            };
            reader.go_to(start);
            return Some(draft.finish(Kind::Unified, form, line.span));
        }
        if after_stars.is_some() && text.starts_with(b"***") && is_blank(text.get(3)) {
            return Some(draft.finish(
                Kind::Unsupported("a context diff"),
                Form::default(),
                line.span,
            ));
        }
        if text.starts_with(b"********") {
            stars_before = Some(start);
        }
    }
}

impl Side {
    /// Takes what stands behind a keyword. Of what is no name, only that it says there is no
    /// file is kept.
    fn take(&mut self, text: &[u8]) {
        match names::read(text, true) {
            Some(Named::File {
                name,
                rest,
                is_epoch,
            }) => {
                self.name = Some(name);
                self.time = rest;
                self.is_epoch = is_epoch;
            }
            Some(Named::Nothing) => self.is_epoch = true,
            None => {}
        }
    }

    fn is_empty_there(&mut self) {
        self.presence = if self.is_epoch {
            Presence::Missing
        } else {
            Presence::Empty
        };
    }
}

impl Draft {
    fn take_old(&mut self, text: &[u8]) {
        self.unstripped.extend(names::unstripped(text));
        self.old.take(text);
    }

    fn take_new(&mut self, text: &[u8]) {
        self.unstripped.extend(names::unstripped(text));
        self.new.take(text);
    }

    /// `---` and `+++` are read into the sides of a context diff.
    fn swap(&mut self) {
        std::mem::swap(&mut self.old.name, &mut self.new.name);
        std::mem::swap(&mut self.old.time, &mut self.new.time);
        std::mem::swap(&mut self.old.is_epoch, &mut self.new.is_epoch);
    }

    /// What the ranges of the first hunk say of whether there are files.
    fn presence(&mut self, ranges: &[u8]) {
        let is_zero = |text: &[u8]| {
            text.first() == Some(&b'0') && !text.get(1).is_some_and(u8::is_ascii_digit)
        };
        if is_zero(ranges) {
            self.old.is_empty_there();
        }
        let mut words = ranges.split(|&byte| byte == b' ' || byte == b'\n');
        words.next();
        let second = words.find(|word| !word.is_empty());
        if let Some(new) = second.and_then(|word| word.strip_prefix(b"+"))
            && is_zero(new)
        {
            self.new.is_empty_there();
        }
    }

    /// Takes one of Git's extended headers. Whether it is one.
    fn extended(&mut self, text: &[u8]) -> bool {
        let after = |keyword: &str| text.strip_prefix(keyword.as_bytes());
        if let Some(hashes) = after("index ") {
            let Some((old, new, rest)) = hash_pair(hashes) else {
                return false;
            };
            self.old.presence = presence_of_hash(old);
            self.new.presence = presence_of_hash(new);
            let rest = rest.trim_ascii_start();
            if !rest.is_empty() {
                self.old.mode = mode(rest);
                self.new.mode = mode(rest);
            }
        } else if let Some(text) = after("old mode ") {
            self.old.mode = mode(text);
        } else if let Some(text) = after("new mode ") {
            self.new.mode = mode(text);
        } else if let Some(text) = after("deleted file mode ") {
            self.old.mode = mode(text);
            self.new.presence = Presence::Missing;
        } else if let Some(text) = after("new file mode ") {
            self.new.mode = mode(text);
            self.old.presence = Presence::Missing;
        // The names behind these have no first part to take off: those of `diff --git' count.
        } else if after("rename from ").is_some() {
            self.old.is_renamed = true;
        } else if after("rename to ").is_some() {
            self.new.is_renamed = true;
        } else if after("copy from ").is_some() {
            self.old.is_copied = true;
        } else if after("copy to ").is_some() {
            self.new.is_copied = true;
        } else {
            return false;
        }
        true
    }

    fn finish(mut self, kind: Kind, form: Form, span: Range<usize>) -> Header {
        if self.old.name.is_some() || self.new.name.is_some() {
            self.index = None;
        }
        let is_link = |side: &Side| side.mode.is_some_and(|mode| mode >> 9 == 0o120);
        let kind = if is_link(&self.old) || is_link(&self.new) {
            Kind::Unsupported("a symbolic link")
        } else {
            kind
        };
        Header {
            kind,
            old: self.old,
            new: self.new,
            index: self.index,
            unstripped: self.unstripped,
            is_git: self.is_git,
            form,
            span,
        }
    }
}

/// A part may be indented by blanks, tabs and the letter X.
fn without_indent(line: &[u8]) -> (usize, &[u8]) {
    let mut indent = 0;
    let mut text = line;
    while let Some((first, rest)) = text.split_first() {
        match first {
            b'\t' => indent = (indent + 8) & !7,
            b' ' | b'X' => indent += 1,
            _ => break,
        }
        text = rest;
    }
    (indent, text)
}

fn is_blank(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b' ' | b'\t'))
}

/// `OLD..NEW`, and what follows.
fn hash_pair(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let digits = |text: &[u8]| {
        text.iter()
            .take_while(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(*byte))
            .count()
    };
    let (old, rest) = text.split_at_checked(digits(text))?;
    let rest = rest.strip_prefix(b"..")?;
    let (new, rest) = rest.split_at_checked(digits(rest))?;
    let ends = rest.first().is_none_or(u8::is_ascii_whitespace);
    (!old.is_empty() && !new.is_empty() && ends).then_some((old, new, rest))
}

/// The hash of an empty file in Git.
const EMPTY: &[u8] = b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

fn presence_of_hash(hash: &[u8]) -> Presence {
    if hash.iter().all(|&digit| digit == b'0') {
        Presence::Missing
    } else if EMPTY.starts_with(hash) {
        Presence::Empty
    } else {
        Presence::There
    }
}

/// A mode as Git writes it, if it is that of a file or of a symbolic link.
fn mode(text: &[u8]) -> Option<u32> {
    let text = text.trim_ascii_start();
    let (digits, rest) = text.split_at_checked(6)?;
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
    if !rest.starts_with(b"\n") {
        return None;
    }
    let mode = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()?;
    matches!(mode >> 9, 0o100 | 0o120).then_some(mode)
}
