//! SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/>), as far as findings need it.

use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;

use crate::finding::{Finding, Label, Severity};
use crate::fix::{Applicability, Edit, Fix};
use crate::format::Report;
use crate::json::pretty;
use crate::location::Root;
use crate::source::LineColumn;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// What may not stand in the path of a URI (RFC 3986, 3.3).
const NOT_IN_PATHS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    column_kind: &'static str,
    results: Vec<SarifResult<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    version: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rules: Vec<Descriptor<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor<'a> {
    id: &'a str,
    short_description: Text<'a>,
    help: Help<'a>,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Help<'a> {
    text: &'a str,
    markdown: &'a str,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Text<'a> {
    text: std::borrow::Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<SarifFix<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Properties<'a>>,
}

/// What SARIF has no word for.
#[derive(Serialize)]
struct Properties<'a> {
    cells: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifFix<'a> {
    description: Text<'a>,
    artifact_changes: Vec<ArtifactChange<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange<'a> {
    artifact_location: ArtifactLocation,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: Region,
    inserted_content: Text<'a>,
}

pub(crate) fn render(report: &Report<'_>) -> String {
    let root = Root::here();
    let rules = report.rules.iter().map(|rule| Descriptor {
        id: rule.code,
        short_description: text(rule.summary),
        help: Help {
            text: rule.documentation,
            markdown: rule.documentation,
        },
        default_configuration: Configuration {
            level: level(rule.severity),
        },
    });
    let results = report.findings.iter().map(|finding| {
        let rule_index = report
            .rules
            .iter()
            .position(|rule| rule.code == finding.code);
        result(&root, finding, rule_index)
    });
    pretty(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "nix-kconfig",
                    version: report.version,
                    rules: rules.collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            results: results.collect(),
        }],
    })
}

fn result<'a>(root: &Root, finding: &'a Finding, rule_index: Option<usize>) -> SarifResult<'a> {
    let main = finding.anchor();
    let others = finding
        .labels
        .iter()
        .filter(|label| main.is_some_and(|main| !std::ptr::eq(main, *label)))
        .map(|label| location(root, label, &label.text));
    let notes = finding.notes.iter().filter_map(|note| {
        let label = note.label.as_ref()?;
        Some(location(root, label, &note.text))
    });
    let message = finding.message_with_cells();
    let message = match &finding.help {
        Some(help) => format!("{message}\n{help}").into(),
        None => message,
    };
    SarifResult {
        rule_id: finding.code,
        rule_index,
        level: level(finding.severity),
        message: Text { text: message },
        locations: main
            .map(|label| location(root, label, &label.text))
            .into_iter()
            .collect(),
        related_locations: others.chain(notes).collect(),
        fixes: finding
            .fix
            .iter()
            .filter(|fix| fix.applicability == Applicability::Safe)
            .map(|fix| sarif_fix(root, fix))
            .collect(),
        properties: (!finding.cells.is_empty()).then_some(Properties {
            cells: &finding.cells,
        }),
    }
}

fn sarif_fix<'a>(root: &Root, fix: &'a Fix) -> SarifFix<'a> {
    let changes = fix.edits.chunk_by(|a, b| a.source == b.source);
    let changes = changes.filter_map(|edits| {
        let source = &edits.first()?.source;
        Some(ArtifactChange {
            artifact_location: artifact(&root.relative(source.name())),
            replacements: edits.iter().map(replacement).collect(),
        })
    });
    SarifFix {
        description: text(&fix.title),
        artifact_changes: changes.collect(),
    }
}

fn replacement(edit: &Edit) -> Replacement<'_> {
    Replacement {
        deleted_region: region(
            edit.source.line_column(edit.range.start),
            edit.source.line_column(edit.range.end),
        ),
        inserted_content: text(&edit.replacement),
    }
}

fn location<'a>(root: &Root, label: &'a Label, message: &'a str) -> Location<'a> {
    let located = root.locate(label);
    Location {
        physical_location: PhysicalLocation {
            artifact_location: artifact(&located.file),
            region: region(located.start, located.end),
        },
        message: (!message.is_empty()).then(|| text(message)),
    }
}

fn region(start: LineColumn, end: LineColumn) -> Region {
    Region {
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

fn artifact(file: &str) -> ArtifactLocation {
    let path = utf8_percent_encode(file, NOT_IN_PATHS);
    let uri = if Path::new(file).is_absolute() {
        format!("file://{path}")
    } else {
        path.to_string()
    };
    ArtifactLocation { uri }
}

fn text(text: &str) -> Text<'_> {
    Text { text: text.into() }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
