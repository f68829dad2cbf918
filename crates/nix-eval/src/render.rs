//! Errors as Nix prints them.

use std::fmt::Write;

use rustc_hash::FxHashSet;

use crate::error::{EvalError, Frame, Shown};
use crate::source::{Pos, SourceFile, Sources};

/// A trace longer than this is cut unless it is asked for.
const SHORT_TRACE: usize = 3;

/// So many repetitions in a row are printed rather than counted.
const FEW_REPETITIONS: usize = 5;

/// Renders an error as Nix does on its standard error, without colours and with
/// a newline at its end (`showErrorInfo` in Nix).
pub fn render_plain(error: &EvalError, sources: &Sources, show_trace: bool) -> String {
    let mut body = String::new();
    let shown = |frame: &&Frame| show_trace || frame.shown != Shown::FullTrace;
    if error.trace.iter().any(|frame| shown(&frame)) {
        Trace {
            sources,
            out: &mut body,
            count: 0,
            seen: FxHashSet::default(),
            repeated: Vec::new(),
        }
        .write(error, show_trace);
        body.push_str("\nerror: ");
    }
    body.push_str(&error.message);
    body.push('\n');
    if let Some(help) = &error.help {
        body.push_str(help);
        body.push('\n');
    }
    write_position(&mut body, sources, error.span.start, "");
    if !error.suggestions.is_empty() {
        let _ = writeln!(body, "Did you mean {}?", suggestions(&error.suggestions));
    }
    let mut out = labelled("error:", &body);
    out.push('\n');
    out
}

/// Renders a warning about a place in a source text, without a newline at its end.
pub(crate) fn render_warning(message: &str, source: &SourceFile, pos: Pos) -> String {
    let mut body = format!("{message}\n");
    write_excerpt(&mut body, source, source.offset(pos), "");
    labelled("warning:", &body)
}

/// A message behind a label, indented by the length of that. One that says nothing has no
/// label, either.
pub(crate) fn labelled(label: &str, body: &str) -> String {
    let body = body.trim_end();
    if body.is_empty() {
        return String::new();
    }
    let mut out = label.to_owned();
    for (index, line) in body.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let line = line.trim_end();
        if !line.is_empty() {
            let indent = if index == 0 { 1 } else { label.len() + 1 };
            out.push_str(&" ".repeat(indent));
            out.push_str(line);
        }
    }
    out
}

/// "a", or "one of a, b or c".
fn suggestions(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("one of {} or {last}", first.join(", ")),
    }
}

struct Trace<'r> {
    sources: &'r Sources,
    out: &'r mut String,
    /// How many lines of trace there are, a position counting as one.
    count: usize,
    seen: FxHashSet<(&'r str, Pos)>,
    repeated: Vec<(&'r str, Pos)>,
}

impl<'r> Trace<'r> {
    fn write(mut self, error: &'r EvalError, show_trace: bool) {
        let mut truncated = false;
        for frame in error.trace.iter().rev() {
            let hidden = frame.shown == Shown::FullTrace && !show_trace;
            if frame.message.is_empty() || hidden {
                continue;
            }
            truncated |= !show_trace && self.count > SHORT_TRACE;
            if truncated && frame.shown != Shown::Always {
                continue;
            }
            let frame = (frame.message.as_str(), frame.span.start);
            if !self.seen.insert(frame) {
                self.repeated.push(frame);
                continue;
            }
            self.flush_repeated();
            self.count += 1;
            self.frame(frame);
        }
        self.flush_repeated();
        if truncated {
            self.out.push_str(
                "\n(stack trace truncated; use '--show-trace' to show the full, detailed trace)\n",
            );
        }
    }

    fn frame(&mut self, (message, pos): (&str, Pos)) {
        let _ = writeln!(self.out, "\n… {message}");
        if write_position(self.out, self.sources, pos, "  ") {
            self.count += 1;
        }
    }

    fn flush_repeated(&mut self) {
        if self.repeated.len() > FEW_REPETITIONS {
            let _ = writeln!(
                self.out,
                "\n({} duplicate frames omitted)",
                self.repeated.len()
            );
            self.repeated.clear();
            self.seen.clear();
        } else {
            for frame in std::mem::take(&mut self.repeated) {
                self.frame(frame);
            }
        }
    }
}

/// Writes where something is, with the line and its neighbours; whether there is
/// such a place.
fn write_position(out: &mut String, sources: &Sources, pos: Pos, indent: &str) -> bool {
    let Some((file, offset)) = sources.locate(pos) else {
        return false;
    };
    write_excerpt(out, file, offset, indent);
    true
}

fn write_excerpt(out: &mut String, file: &SourceFile, offset: usize, indent: &str) {
    let at = file.line_column(offset);
    let _ = writeln!(out, "{indent}at {}:{}:{}:", file.name(), at.line, at.column);
    let line_number = at.line as usize;
    let text = file.text();
    // Of a text that is empty Nix has no lines.
    if text.is_empty() {
        return;
    }
    let mut lines = text
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line));
    let before = line_number
        .checked_sub(2)
        .and_then(|index| lines.nth(index));
    let (line, after) = (lines.next(), lines.next());
    if let Some(before) = before {
        let _ = writeln!(out, " {:>5}| {before}", line_number - 1);
    }
    if let Some(line) = line {
        let _ = writeln!(out, " {line_number:>5}| {line}");
        let _ = writeln!(out, "      |{}^", " ".repeat(at.column as usize));
    }
    if let Some(after) = after {
        let _ = writeln!(out, " {:>5}| {after}", line_number + 1);
    }
}
