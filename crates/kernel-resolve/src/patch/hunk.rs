//! One hunk of a unified diff.

use std::borrow::Cow;
use std::ops::Range;

use super::reader::{Form, Reader};

/// What a line of a hunk is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mark {
    /// In the file before and after.
    Context,
    /// Taken away, on the side before; put in, on the side after.
    Changed,
}

/// A line of one side of a hunk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct HunkLine<'p> {
    pub(super) mark: Mark,
    /// What it says, with its end if it has one.
    pub(super) text: Cow<'p, [u8]>,
    /// Its place in the patch.
    pub(super) span: Range<usize>,
}

/// One side of a hunk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct HunkSide<'p> {
    /// The line that it is meant for, from 1.
    pub(super) first: i64,
    pub(super) lines: Vec<HunkLine<'p>>,
}

impl HunkSide<'_> {
    pub(super) fn count(&self) -> i64 {
        self.lines.len() as i64
    }
}

/// A hunk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Hunk<'p> {
    pub(super) old: HunkSide<'p>,
    pub(super) new: HunkSide<'p>,
    /// Lines of context before the first change.
    pub(super) leading: i64,
    /// Lines of context behind the last change.
    pub(super) trailing: i64,
    /// What stands behind the ranges, with the blank before it.
    pub(super) function: Vec<u8>,
    /// The place of the line with the ranges.
    pub(super) span: Range<usize>,
}

impl Hunk<'_> {
    pub(super) fn context(&self) -> i64 {
        self.leading.max(self.trailing)
    }

    /// The hunk that takes back what this one does.
    pub(super) fn reversed(&self) -> Self {
        Self {
            old: self.new.clone(),
            new: self.old.clone(),
            ..self.clone()
        }
    }
}

/// Where a text is no patch any more, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Malformed {
    pub(super) message: String,
    pub(super) span: Range<usize>,
}

/// So many lines of context at the end may be missing, if they are empty.
const CHOPPED: usize = 3;

/// Reads the next hunk; nothing where another part follows.
pub(super) fn read<'p>(reader: &mut Reader<'p>, form: Form) -> Result<Option<Hunk<'p>>, Malformed> {
    let start = reader.position();
    let head = match reader.next(form) {
        Some(line) if line.bytes.len() > 4 && line.bytes.starts_with(b"@@ -") => line,
        _ => {
            reader.go_to(start);
            return Ok(None);
        }
    };
    let wrong = |reader: &Reader<'_>| Malformed {
        message: format!("malformed patch at line {}", reader.line_number()),
        span: reader.last_line(),
    };
    let ranges = ranges(&head.bytes).ok_or_else(|| wrong(reader))?;
    let (old_count, new_count) = (ranges.old.1, ranges.new.1);
    let (mut old, mut new) = (Vec::new(), Vec::new());
    let (mut leading, mut context) = (None, 0);
    while old.len() < old_count || new.len() < new_count {
        let (bytes, span) = match reader.next(form) {
            Some(line) => (line.bytes, line.span),
            None if new_count.saturating_sub(new.len()) <= CHOPPED => {
                (Cow::Borrowed(&b" \n"[..]), reader.last_line())
            }
            None => {
                return Err(Malformed {
                    message: "the patch ends within a hunk".to_owned(),
                    span: head.span,
                });
            }
        };
        // The blank of a line of context may be lost.
        let (mark, mut text) = match bytes.first() {
            Some(b'\t' | b'\n') => (b' ', bytes),
            Some(&mark) => (mark, tail(bytes)),
            None => return Err(wrong(reader)),
        };
        if matches!(mark, b' ' | b'=') {
            if old.len() == old_count {
                return Err(wrong(reader));
            }
            context += 1;
            if old.len() + 1 == old_count && reader.takes_incomplete_mark() {
                text = shortened(text);
            }
            old.push(HunkLine {
                mark: Mark::Context,
                text: text.clone(),
                span: span.clone(),
            });
            if new.len() == new_count {
                return Err(wrong(reader));
            }
            if new.len() + 1 == new_count && reader.takes_incomplete_mark() {
                text = shortened(text);
            }
            new.push(HunkLine {
                mark: Mark::Context,
                text,
                span,
            });
            continue;
        }
        let (side, count) = match mark {
            b'-' => (&mut old, old_count),
            b'+' => (&mut new, new_count),
            _ => return Err(wrong(reader)),
        };
        if side.len() == count {
            return Err(wrong(reader));
        }
        if side.len() + 1 == count && reader.takes_incomplete_mark() {
            text = shortened(text);
        }
        side.push(HunkLine {
            mark: Mark::Changed,
            text,
            span,
        });
        leading = leading.or(Some(context));
        context = 0;
    }
    let leading = leading.ok_or_else(|| wrong(reader))?;
    // Where there is nothing before, the hunk belongs behind the line that is named.
    let behind = |(first, count): (i64, usize)| if count == 0 { first + 1 } else { first };
    Ok(Some(Hunk {
        old: HunkSide {
            first: behind(ranges.old),
            lines: old,
        },
        new: HunkSide {
            first: behind(ranges.new),
            lines: new,
        },
        leading,
        trailing: context,
        function: ranges.function,
        span: head.span,
    }))
}

/// A line without its mark.
fn tail(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(1..).unwrap_or_default()),
        Cow::Owned(bytes) => Cow::Owned(bytes.get(1..).unwrap_or_default().to_vec()),
    }
}

/// A line without its end.
fn shortened(bytes: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match bytes {
        Cow::Borrowed(bytes) => {
            Cow::Borrowed(bytes.split_last().map_or(bytes, |(_, before)| before))
        }
        Cow::Owned(mut bytes) => {
            bytes.pop();
            Cow::Owned(bytes)
        }
    }
}

struct Ranges {
    old: (i64, usize),
    new: (i64, usize),
    function: Vec<u8>,
}

/// The largest number of a line: beyond any file.
const MOST_LINES: i64 = i64::MAX / 8;

/// `@@ -FIRST,COUNT +FIRST,COUNT @@ FUNCTION`.
fn ranges(line: &[u8]) -> Option<Ranges> {
    let (old, rest) = range(line.strip_prefix(b"@@ -")?)?;
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let (new, rest) = range(rest.strip_prefix(b"+")?)?;
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let rest = rest.strip_prefix(b"@")?;
    let function = match rest.strip_prefix(b"@") {
        Some(rest) if rest.starts_with(b" ") => rest.strip_suffix(b"\n").unwrap_or(rest),
        _ => &[],
    };
    Some(Ranges {
        old,
        new,
        function: function.to_vec(),
    })
}

fn range(text: &[u8]) -> Option<((i64, usize), &[u8])> {
    let (first, rest) = number(text)?;
    match rest.strip_prefix(b",") {
        Some(rest) => {
            let (count, rest) = number(rest)?;
            Some(((first, usize::try_from(count).ok()?), rest))
        }
        None => Some(((first, 1), rest)),
    }
}

/// A number with blanks around it.
fn number(text: &[u8]) -> Option<(i64, &[u8])> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let blanks = text.iter().take_while(|byte| is_blank(byte)).count();
    let text = text.get(blanks..)?;
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(length)?;
    let number: i64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    // A blank that ends a range is looked for by the caller: one may be left out.
    let blanks = rest.iter().take_while(|byte| is_blank(byte)).count();
    let rest = rest.get(blanks..)?;
    (number <= MOST_LINES).then_some((number, rest))
}
