//! Texts that Nix's grammar has and rnix does not read: operators in front of an operand that
//! binds more strongly (`1 + !x`), look-up paths right behind a division, and expressions that
//! nest deeper than rnix goes.
//!
//! Such a text is cut into pieces that rnix does read. Where a piece is cut out, an empty
//! list as long as it stands in its place, so that every offset stays what it is.

use rowan::GreenNode;
use rustc_hash::FxHashMap;

use super::errors::AUTOMATON;
use super::lalr::Reduction;
use super::lexer::Lexer;
use crate::source::SourceFile;

/// Pieces nest no deeper than this: a fraction of what rnix reads.
const HEIGHT: usize = 100;

/// What stands in the place of a piece, but for blanks behind it.
const PLACEHOLDER: &[u8] = b"[]";

/// A piece that was cut out.
pub(crate) struct Piece {
    pub(super) start: u32,
    pub(super) tree: GreenNode,
}

/// The pieces that were cut out of a text, by where they start. Of those that start at the same
/// place the outermost is the last.
#[derive(Default)]
pub(crate) struct Cuts(FxHashMap<u32, Vec<Piece>>);

impl Cuts {
    /// The piece that an empty list at `start` stands for, if it does. Each is asked for once.
    pub(super) fn take(&mut self, start: u32) -> Option<Piece> {
        self.0.get_mut(&start)?.pop()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is cut out: from one byte to before another.
#[derive(Clone, Copy)]
struct Range {
    start: usize,
    end: usize,
}

/// The text with its pieces cut out, as rnix reads it; none if that does not help.
pub(super) fn read(source: &SourceFile) -> Option<(GreenNode, Cuts)> {
    let text = source.text();
    let ranges = ranges(text)?;
    let mut cuts = Cuts::default();
    // Innermost first: what a piece leaves of the text is what those around it see.
    let mut left = text.as_bytes().to_vec();
    for range in ranges {
        let tree = parse(&left[range.start..range.end])?;
        let place = left.get_mut(range.start..range.end)?;
        // A slash before it would otherwise begin a path to rnix.
        let gap = usize::from(place.starts_with(b"<"));
        place.fill(b' ');
        place
            .get_mut(gap..gap + PLACEHOLDER.len())?
            .copy_from_slice(PLACEHOLDER);
        let start = u32::try_from(range.start).ok()?;
        let list = u32::try_from(range.start + gap).ok()?;
        cuts.0.entry(list).or_default().push(Piece { start, tree });
    }
    if cuts.is_empty() {
        return None;
    }
    Some((parse(&left)?, cuts))
}

fn parse(text: &[u8]) -> Option<GreenNode> {
    let parsed = rnix::Root::parse(std::str::from_utf8(text).ok()?);
    parsed
        .errors()
        .is_empty()
        .then(|| parsed.syntax().green().to_owned())
}

/// What is to be cut out, the innermost first; none if the text is not Nix.
fn ranges(text: &str) -> Option<Vec<Range>> {
    let mut lexer = Lexer::new(text.as_bytes());
    let mut ranges = Vec::new();
    let accepted = AUTOMATON.reduce(
        || {
            let token = lexer.next().ok()?;
            Some((token, u32::try_from(lexer.end()).ok()?))
        },
        |reduction: &mut Reduction| {
            let is_cut =
                reduction.is_unary || reduction.is_lookup_path || reduction.height >= HEIGHT;
            if reduction.is_expression && is_cut {
                ranges.push(Range {
                    start: reduction.start as usize,
                    end: reduction.end as usize,
                });
                reduction.height = 1;
            }
        },
    );
    accepted.then_some(ranges)
}
