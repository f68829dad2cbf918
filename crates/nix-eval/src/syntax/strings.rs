//! The text of string literals: escapes and indentation. Nix manual, "String
//! literal"; what is said of tokens here is said of those of Nix's lexer.

use std::ops::Range;

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;

/// What a backslash makes of the byte after it.
fn escaped(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other => other,
    }
}

/// The text between the quotes of a `"…"` string. CR and CR LF count as LF.
pub(crate) fn unescape<'a>(heap: &'a Bump, raw: &[u8]) -> &'a [u8] {
    if memchr::memchr2(b'\\', b'\r', raw).is_none() {
        return heap.alloc_slice_copy(raw);
    }
    let mut text = BumpVec::with_capacity_in(raw.len(), heap);
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => text.extend(bytes.next().map(escaped)),
            b'\r' => {
                text.push(b'\n');
                bytes.next_if_eq(&b'\n');
            }
            _ => text.push(byte),
        }
    }
    text.into_bump_slice()
}

/// A piece of an indented string, as Nix's lexer cuts it.
pub(crate) enum IndentedPiece<'t, E> {
    /// Text as written, whose line starts count as indentation.
    Text(&'t [u8]),
    /// An escape: it ends the indentation of its line.
    Escape(&'static [u8]),
    /// `''\x` with a byte that stands for itself.
    EscapedByte(&'t [u8]),
    /// `${…}`
    Interpolation(E),
}

/// A piece of a string whose indentation was removed.
pub(crate) enum StrippedPiece<'a, E> {
    Text(&'a [u8]),
    Interpolation(E),
}

/// Cuts what stands between two interpolations of an indented string into
/// pieces, each with the bytes that it was written in.
pub(crate) fn indented_pieces<'t, E>(
    raw: &'t [u8],
    mut emit: impl FnMut(Range<usize>, IndentedPiece<'t, E>),
) {
    let mut at = 0;
    while at < raw.len() {
        let end = plain_text_end(raw, at);
        if end > at {
            emit(at..end, IndentedPiece::Text(&raw[at..end]));
            at = end;
            continue;
        }
        let rest = &raw[at..];
        let (piece, length) = if rest.starts_with(b"''$") {
            (IndentedPiece::Escape(b"$"), 3)
        } else if rest.starts_with(b"'''") {
            (IndentedPiece::Escape(b"''"), 3)
        } else if rest.starts_with(b"''\\") && rest.len() > 3 {
            match rest[3] {
                // As in a "…" string, CR counts as LF.
                b'n' | b'\r' => (IndentedPiece::Escape(b"\n"), 4),
                b'r' => (IndentedPiece::Escape(b"\r"), 4),
                b't' => (IndentedPiece::Escape(b"\t"), 4),
                _ => (IndentedPiece::EscapedByte(&rest[3..4]), 4),
            }
        } else {
            (IndentedPiece::EscapedByte(&rest[..1]), 1)
        };
        emit(at..at + length, piece);
        at += length;
    }
}

/// Where the longest piece of plain text from `at` on ends: Nix's
/// `([^\$\']|\$[^\{\']|\'[^\'\$])+`.
fn plain_text_end(raw: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = raw.get(at) {
        let next = raw.get(at + 1);
        at += match (byte, next) {
            (b'$', Some(b'{' | b'\'') | None) | (b'\'', Some(b'\'' | b'$') | None) => return at,
            (b'$' | b'\'', Some(_)) => 2,
            _ => 1,
        };
    }
    at
}

/// Removes the indentation that all lines share. Lines of spaces only do not
/// count, nor does a last line of spaces only. Each piece of the result comes with
/// the index of what it was made of.
pub(crate) fn strip_indentation<'a, E>(
    heap: &'a Bump,
    pieces: Vec<IndentedPiece<'_, E>>,
) -> Vec<(usize, StrippedPiece<'a, E>)> {
    let indentation = shared_indentation(&pieces);
    let mut stripped = Vec::with_capacity(pieces.len());
    let mut at_line_start = true;
    let mut dropped = 0;
    let last = pieces.len().saturating_sub(1);
    for (index, piece) in pieces.into_iter().enumerate() {
        let raw = match piece {
            IndentedPiece::Interpolation(expression) => {
                at_line_start = false;
                dropped = 0;
                stripped.push((index, StrippedPiece::Interpolation(expression)));
                continue;
            }
            IndentedPiece::Text(raw)
            | IndentedPiece::EscapedByte(raw)
            | IndentedPiece::Escape(raw) => raw,
        };
        let mut text = BumpVec::with_capacity_in(raw.len(), heap);
        for &byte in raw {
            if at_line_start {
                match byte {
                    b' ' => {
                        dropped += 1;
                        if dropped > indentation {
                            text.push(byte);
                        }
                        continue;
                    }
                    b'\n' => dropped = 0,
                    _ => {
                        at_line_start = false;
                        dropped = 0;
                    }
                }
            } else if byte == b'\n' {
                at_line_start = true;
            }
            text.push(byte);
        }
        if index == last
            && let Some(newline) = memchr::memrchr(b'\n', &text)
            && text[newline + 1..].iter().all(|&byte| byte == b' ')
        {
            text.truncate(newline + 1);
        }
        if !text.is_empty() {
            stripped.push((index, StrippedPiece::Text(text.into_bump_slice())));
        }
    }
    stripped
}

fn shared_indentation<E>(pieces: &[IndentedPiece<'_, E>]) -> usize {
    let mut shared = usize::MAX;
    let mut current = 0;
    let mut at_line_start = true;
    for piece in pieces {
        let IndentedPiece::Text(text) = piece else {
            if at_line_start {
                at_line_start = false;
                shared = shared.min(current);
            }
            continue;
        };
        for &byte in *text {
            match byte {
                b'\n' => {
                    at_line_start = true;
                    current = 0;
                }
                b' ' if at_line_start => current += 1,
                _ if at_line_start => {
                    at_line_start = false;
                    shared = shared.min(current);
                }
                _ => {}
            }
        }
    }
    shared
}
