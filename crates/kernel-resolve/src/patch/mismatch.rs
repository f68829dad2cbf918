//! What a tree has where a hunk does not fit.

use std::ops::Range;
use std::sync::Arc;

use super::hunk::Hunk;
use super::place::Editing;

/// What a tree has where a hunk does not fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// The line that the hunk says it is for, from 1.
    pub line: usize,
    /// The file as it was before this part of the patch.
    pub content: Arc<[u8]>,
    /// The first line of the hunk that the file has not got: its place in the patch.
    pub wanted: Option<Range<usize>>,
    /// The line that the file has in its place: its bytes, empty at the file's end.
    pub found: Range<usize>,
}

/// So many lines are compared at most to find what is most like a hunk.
const EFFORT: usize = 1 << 22;

/// Finds what is most like the lines of a hunk, nearest to where they should be.
pub(super) fn find(editing: &Editing<'_>, content: &Arc<[u8]>, hunk: &Hunk<'_>) -> Mismatch {
    let lines = editing.lines();
    let wanted = &hunk.old.lines;
    let guess = usize::try_from(editing.guess(hunk) - 1).unwrap_or(0);
    let guess = guess.min(lines.len());
    let reach = EFFORT / wanted.len().max(1);
    let score = |at: usize| {
        let here = lines.get(at..).unwrap_or_default();
        let same = here.iter().zip(wanted).filter(|(a, b)| **a == &*b.text);
        // Lines that stand everywhere tell nothing.
        same.filter(|(line, _)| !line.trim_ascii().is_empty())
            .count()
    };
    let candidates = guess.saturating_sub(reach / 2)..lines.len().min(guess + reach / 2);
    let best = candidates
        .map(|at| (score(at), at))
        .max_by_key(|&(score, at)| (score, std::cmp::Reverse(at.abs_diff(guess))))
        .filter(|(score, _)| *score > 0)
        .map_or(guess, |(_, at)| at);
    let differs = (0..wanted.len()).find(|&index| {
        lines.get(best + index).copied() != wanted.get(index).map(|line| &*line.text)
    });
    let at = best + differs.unwrap_or(0);
    let start: usize = lines.iter().take(at).map(|line| line.len()).sum();
    let length = lines.get(at).map_or(0, |line| line.len());
    Mismatch {
        line: usize::try_from(hunk.old.first).unwrap_or(usize::MAX),
        content: Arc::clone(content),
        wanted: differs
            .and_then(|index| wanted.get(index))
            .map(|line| line.span.clone()),
        found: start..start + length,
    }
}
