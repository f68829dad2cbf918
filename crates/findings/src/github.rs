//! Annotations of GitHub's workflows: one line a finding
//! (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).

use crate::finding::Severity;
use crate::format::Report;
use crate::location::Root;

pub(crate) fn render(report: &Report<'_>) -> String {
    let root = Root::here();
    let mut out = String::new();
    for finding in report.findings {
        let command = match finding.severity {
            Severity::Note => "notice",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let mut properties = vec![("title", finding.code.to_owned())];
        if let Some(label) = finding.anchor() {
            let location = root.locate(label);
            properties.extend([
                ("file", location.file),
                ("line", location.start.line.to_string()),
                ("endLine", location.end.line.to_string()),
            ]);
            // Columns are taken only where the place is on one line.
            if location.start.line == location.end.line {
                properties.extend([
                    ("col", location.start.column.to_string()),
                    ("endColumn", location.end.column.to_string()),
                ]);
            }
        }
        let properties: Vec<String> = properties
            .into_iter()
            .map(|(name, value)| format!("{name}={}", escape_property(&value)))
            .collect();
        let mut message = finding.message_with_cells().into_owned();
        let notes = finding.notes.iter().map(|note| &note.text);
        for more in notes.chain(&finding.help) {
            message.push('\n');
            message.push_str(more);
        }
        out.push_str(&format!(
            "::{command} {}::{}\n",
            properties.join(","),
            escape(&message)
        ));
    }
    out
}

/// As the runner's own toolkit escapes data (`@actions/core`).
fn escape(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape(text).replace(':', "%3A").replace(',', "%2C")
}
