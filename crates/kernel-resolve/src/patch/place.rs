//! Where a hunk goes in a file, and putting it there: GNU patch's offsets and fuzz.

use std::borrow::Cow;

use super::hunk::{Hunk, HunkLine, Mark};

/// How many lines of context may differ at each end of a hunk.
pub(super) const FUZZ_LIMIT: i64 = 2;

/// How many comparisons of lines a patch may take: a thousand times what a kernel's patches take.
const EFFORT: u64 = 1 << 30;

/// A file while hunks are put into it. Numbers of lines count from 1.
pub(super) struct Editing<'f> {
    lines: Vec<&'f [u8]>,
    output: Vec<u8>,
    /// Lines up to this one are done with.
    frozen: i64,
    /// How far from where it should be the last hunk was found.
    in_offset: i64,
    /// How many lines hunks have added so far.
    pub(super) out_offset: i64,
    /// Whether the output ends with a whole line.
    is_after_newline: bool,
    /// Comparisons that are left.
    effort: u64,
}

/// A hunk has no place, or not one that could be found with reasonable effort.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TooCostly;

impl<'f> Editing<'f> {
    pub(super) fn new(content: &'f [u8]) -> Self {
        Self {
            lines: content.split_inclusive(|&byte| byte == b'\n').collect(),
            output: Vec::with_capacity(content.len()),
            frozen: 0,
            in_offset: 0,
            out_offset: 0,
            is_after_newline: true,
            effort: EFFORT,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn lines(&self) -> &[&'f [u8]] {
        &self.lines
    }

    /// Where a hunk is looked for first.
    pub(super) fn guess(&self, hunk: &Hunk<'_>) -> i64 {
        hunk.old.first + self.in_offset
    }

    /// Looks for the place of a hunk's lines before the change, without so many lines of context.
    pub(super) fn locate(&mut self, hunk: &Hunk<'_>, fuzz: i64) -> Result<Option<i64>, TooCostly> {
        let guess = self.guess(hunk);
        let pattern = hunk.old.count();
        if pattern == 0 {
            return Ok(Some(guess));
        }
        let count = self.lines.len() as i64;
        let prefix = fuzz + hunk.leading - hunk.context();
        let suffix = fuzz + hunk.trailing - hunk.context();
        let last = count - (pattern - suffix) + 1;
        let first = self.frozen + 1;
        let furthest_down = last - guess;
        let furthest_up = (guess - first).min(guess - 1);
        // With less context on one side the hunk belongs to that end of the file.
        let found = if prefix < 0 && hunk.old.first <= 1 {
            if suffix < 0 && (pattern != count || hunk.leading < self.frozen) {
                return Ok(None);
            }
            let offset = 1 - guess;
            let can_be = self.frozen <= hunk.leading && offset <= furthest_down;
            (can_be && self.matches(hunk, 1, 0, suffix)?).then_some(1)
        } else if suffix < 0 {
            let at = count - pattern + 1;
            let can_be = guess - at <= furthest_up;
            (can_be && self.matches(hunk, at, prefix.max(0), 0)?).then_some(at)
        } else {
            self.nearest(
                hunk,
                guess,
                furthest_down,
                furthest_up,
                prefix.max(0),
                suffix,
            )?
        };
        if let Some(at) = found {
            self.in_offset += at - guess;
        }
        Ok(found)
    }

    /// The place nearest to `guess`, the later one first.
    fn nearest(
        &mut self,
        hunk: &Hunk<'_>,
        guess: i64,
        furthest_down: i64,
        furthest_up: i64,
        prefix: i64,
        suffix: i64,
    ) -> Result<Option<i64>, TooCostly> {
        let first = self.frozen + 1;
        // Below what is done with, GNU patch begins to look above it.
        let nearest = if furthest_down < 0 {
            -furthest_down
        } else if furthest_up < 0 {
            guess - first
        } else {
            0
        };
        let furthest = furthest_down.max(guess - first);
        for distance in nearest..=furthest {
            if distance <= furthest_down && self.matches(hunk, guess + distance, prefix, suffix)? {
                return Ok(Some(guess + distance));
            }
            if distance <= furthest_up && self.matches(hunk, guess - distance, prefix, suffix)? {
                return Ok(Some(guess - distance));
            }
        }
        Ok(None)
    }

    fn matches(
        &mut self,
        hunk: &Hunk<'_>,
        at: i64,
        prefix: i64,
        suffix: i64,
    ) -> Result<bool, TooCostly> {
        for index in prefix..hunk.old.count() - suffix {
            self.effort = self.effort.checked_sub(1).ok_or(TooCostly)?;
            let wanted = usize::try_from(index).ok();
            let wanted = wanted.and_then(|index| hunk.old.lines.get(index));
            let wanted = wanted.map_or(&b""[..], |line| &line.text);
            if self.line(at + index) != wanted {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A line; empty where there is none.
    fn line(&self, number: i64) -> &'f [u8] {
        let index = usize::try_from(number - 1).ok();
        index
            .and_then(|index| self.lines.get(index).copied())
            .unwrap_or_default()
    }

    /// Puts a hunk where it was found. Whether that was possible.
    pub(super) fn put(&mut self, hunk: &Hunk<'_>, at: i64) -> bool {
        let (mut old, mut new) = (0, 0);
        let before = at - 1;
        while let Some(line) = hunk.old.lines.get(old) {
            let upto = before + old as i64;
            if line.mark == Mark::Changed {
                if !self.copy_upto(upto) {
                    return false;
                }
                self.frozen += 1;
                old += 1;
                continue;
            }
            match hunk.new.lines.get(new) {
                None => break,
                Some(line) if line.mark == Mark::Changed => {
                    if !self.copy_upto(upto) {
                        return false;
                    }
                    self.write(line);
                    new += 1;
                }
                Some(_) => {
                    old += 1;
                    new += 1;
                }
            }
        }
        let rest = hunk.new.lines.get(new..).unwrap_or_default();
        let mut added = rest.iter().take_while(|line| line.mark == Mark::Changed);
        if let Some(first) = added.next() {
            if !self.copy_upto(before + old as i64) {
                return false;
            }
            for line in std::iter::once(first).chain(added) {
                self.end_line();
                self.write(line);
            }
        }
        self.out_offset += hunk.new.count() - hunk.old.count();
        true
    }

    /// Copies lines to the output. False where later ones have been copied already.
    fn copy_upto(&mut self, last: i64) -> bool {
        if self.frozen > last {
            return false;
        }
        while self.frozen < last {
            self.frozen += 1;
            let line = self.line(self.frozen);
            if line.is_empty() {
                // Behind the end of the file there is nothing more.
                self.frozen = last;
                break;
            }
            self.end_line();
            self.output.extend_from_slice(line);
            self.is_after_newline = line.ends_with(b"\n");
        }
        true
    }

    fn end_line(&mut self) {
        if !self.is_after_newline {
            self.output.push(b'\n');
        }
    }

    fn write(&mut self, line: &HunkLine<'_>) {
        let text: &Cow<'_, [u8]> = &line.text;
        self.output.extend_from_slice(text);
        self.is_after_newline = text.ends_with(b"\n");
    }

    /// The file with the hunks.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.copy_upto((self.lines.len() as i64).max(self.frozen));
        self.output
    }
}
