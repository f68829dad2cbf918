//! Checkstyle's XML: findings by file.

use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};
use crate::format::Report;
use crate::location::Root;
use crate::xml;

pub(crate) fn render(report: &Report<'_>) -> String {
    let root = Root::here();
    let mut by_file: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in report.findings {
        let file = finding
            .anchor()
            .map(|label| root.relative(label.source.name()));
        by_file
            .entry(file.unwrap_or_default())
            .or_default()
            .push(finding);
    }
    xml::document(|writer| {
        let whole = writer.create_element("checkstyle");
        whole
            .with_attribute(("version", "4.3"))
            .write_inner_content(|writer| {
                for (file, findings) in &by_file {
                    writer
                        .create_element("file")
                        .with_attribute(("name", &*xml::allowed(file)))
                        .write_inner_content(|writer| {
                            for finding in findings {
                                error(writer, &root, finding)?;
                            }
                            Ok(())
                        })?;
                }
                Ok(())
            })?;
        Ok(())
    })
}

fn error(
    writer: &mut quick_xml::Writer<Vec<u8>>,
    root: &Root,
    finding: &Finding,
) -> std::io::Result<()> {
    let severity = match finding.severity {
        Severity::Note => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let mut element = writer.create_element("error");
    if let Some(label) = finding.anchor() {
        let start = root.locate(label).start;
        element = element
            .with_attribute(("line", start.line.to_string().as_str()))
            .with_attribute(("column", start.column.to_string().as_str()));
    }
    let source = format!("nix-kconfig.{}", finding.code);
    element
        .with_attribute(("severity", severity))
        .with_attribute(("message", &*xml::allowed(&finding.message_with_cells())))
        .with_attribute(("source", source.as_str()))
        .write_empty()?;
    Ok(())
}
