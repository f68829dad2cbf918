//! One JSON document.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::finding::Label;
use crate::format::{CellOutcome, Report};
use crate::location::Root;
use crate::source::LineColumn;

/// Grows when something is removed or changes its meaning.
const FORMAT_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    command: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cells: Vec<JsonCell<'a>>,
    findings: Vec<JsonFinding<'a>>,
}

#[derive(Serialize)]
struct JsonCell<'a> {
    name: &'a str,
    #[serde(flatten)]
    coordinates: BTreeMap<&'a str, &'a str>,
    /// `ok`, `findings`, or `failed` where it could not be looked at.
    outcome: &'static str,
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct JsonFinding<'a> {
    code: &'a str,
    severity: &'a str,
    message: &'a str,
    locations: Vec<JsonLocation<'a>>,
    notes: Vec<JsonNote<'a>>,
    help: Option<&'a str>,
    fix: Option<JsonFix<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    cells: &'a [String],
}

#[derive(Serialize)]
struct JsonNote<'a> {
    message: &'a str,
    location: Option<JsonLocation<'a>>,
}

#[derive(Serialize)]
struct JsonLocation<'a> {
    file: String,
    start: Place,
    end: Place,
    message: &'a str,
    primary: bool,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
    offset: usize,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    title: &'a str,
    applicability: &'a str,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    file: String,
    start: Place,
    end: Place,
    replacement: &'a str,
}

impl Place {
    fn new(at: LineColumn, offset: usize) -> Self {
        Self {
            line: at.line,
            column: at.column,
            offset,
        }
    }
}

pub(crate) fn render(report: &Report<'_>) -> String {
    let root = Root::here();
    let location = |label| location(&root, label);
    let findings = report.findings.iter().map(|finding| JsonFinding {
        code: finding.code,
        severity: finding.severity.name(),
        message: &finding.message,
        locations: finding.labels.iter().map(location).collect(),
        notes: finding
            .notes
            .iter()
            .map(|note| JsonNote {
                message: &note.text,
                location: note.label.as_ref().map(location),
            })
            .collect(),
        help: finding.help.as_deref(),
        fix: finding.fix.as_ref().map(|fix| JsonFix {
            title: &fix.title,
            applicability: fix.applicability.name(),
            edits: fix
                .edits
                .iter()
                .map(|edit| JsonEdit {
                    file: root.relative(edit.source.name()),
                    start: Place::new(edit.source.line_column(edit.range.start), edit.range.start),
                    end: Place::new(edit.source.line_column(edit.range.end), edit.range.end),
                    replacement: &edit.replacement,
                })
                .collect(),
        }),
        cells: &finding.cells,
    });
    let cells = report.cells.iter().map(|cell| {
        let CellOutcome {
            failed,
            errors,
            warnings,
        } = cell.outcome(report.findings);
        let coordinates = cell.coordinates.iter();
        JsonCell {
            name: &cell.name,
            coordinates: coordinates
                .map(|(axis, value)| (*axis, value.as_str()))
                .collect(),
            outcome: match (failed, errors + warnings) {
                (true, _) => "failed",
                (false, 0) => "ok",
                (false, _) => "findings",
            },
            errors,
            warnings,
        }
    });
    pretty(&Document {
        version: FORMAT_VERSION,
        command: report.command,
        cells: cells.collect(),
        findings: findings.collect(),
    })
}

fn location<'a>(root: &Root, label: &'a Label) -> JsonLocation<'a> {
    let located = root.locate(label);
    JsonLocation {
        file: located.file,
        start: Place::new(located.start, label.span.start),
        end: Place::new(located.end, label.span.end),
        message: &label.text,
        primary: label.primary,
    }
}

/// A document with a line's end behind it.
pub(crate) fn pretty(document: &impl Serialize) -> String {
    // Texts, numbers, lists and records of them are all that is ever in one.
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}
