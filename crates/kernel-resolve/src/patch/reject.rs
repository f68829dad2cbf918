//! Hunks that do not apply, as GNU patch writes them into a file `.rej`.

use super::header::{Header, Side};
use super::hunk::{Hunk, HunkLine, Mark};

/// Adds a hunk; the first one with the names of the files.
pub(super) fn write(
    out: &mut Vec<u8>,
    header: &Header,
    hunk: &Hunk<'_>,
    out_offset: i64,
    is_first: bool,
) {
    if is_first {
        if let Some(index) = &header.index {
            out.extend_from_slice(format!("Index: {index}\n").as_bytes());
        }
        name(out, "--- ", &header.old);
        name(out, "+++ ", &header.new);
    }
    let old = range(hunk.old.first + out_offset, hunk.old.count());
    let new = range(hunk.new.first + out_offset, hunk.new.count());
    out.extend_from_slice(format!("@@ -{old} +{new} @@").as_bytes());
    out.extend_from_slice(&hunk.function);
    out.push(b'\n');
    let mut old = hunk.old.lines.iter().peekable();
    let mut new = hunk.new.lines.iter().peekable();
    let is_changed = |line: &&HunkLine<'_>| line.mark == Mark::Changed;
    loop {
        while let Some(removed) = old.next_if(is_changed) {
            line(out, b'-', removed);
        }
        while let Some(added) = new.next_if(is_changed) {
            line(out, b'+', added);
        }
        let Some(context) = old.next() else { return };
        new.next();
        line(out, b' ', context);
    }
}

fn line(out: &mut Vec<u8>, mark: u8, line: &HunkLine<'_>) {
    out.push(mark);
    out.extend_from_slice(&line.text);
}

fn name(out: &mut Vec<u8>, keyword: &str, side: &Side) {
    let name = side.name.as_deref().unwrap_or("/dev/null");
    out.extend_from_slice(format!("{keyword}{name}").as_bytes());
    out.extend_from_slice(&side.time);
    out.push(b'\n');
}

fn range(first: i64, count: i64) -> String {
    match count {
        0 => format!("{},0", first - 1),
        1 => first.to_string(),
        _ => format!("{first},{count}"),
    }
}
