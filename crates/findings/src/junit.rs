//! `JUnit`'s XML: what was looked at is a suite, each finding in it a case that failed. Cells of a
//! matrix are suites of their own.

use std::collections::BTreeMap;
use std::io;

use quick_xml::Writer;
use quick_xml::events::BytesText;

use crate::finding::{Finding, Severity};
use crate::format::Report;
use crate::location::Root;
use crate::xml;

pub(crate) fn render(report: &Report<'_>) -> String {
    let root = Root::here();
    let inputs = report.inputs.iter().map(|input| root.relative(input));
    let cells = report.cells.iter().map(|cell| cell.name.clone());
    let mut suites: BTreeMap<String, Vec<&Finding>> = if report.cells.is_empty() {
        inputs.map(|input| (input, Vec::new())).collect()
    } else {
        cells.map(|cell| (cell, Vec::new())).collect()
    };
    for finding in report.findings {
        if !finding.cells.is_empty() {
            for cell in &finding.cells {
                suites.entry(cell.clone()).or_default().push(finding);
            }
            continue;
        }
        let file = finding
            .anchor()
            .map(|label| root.relative(label.source.name()));
        let suite = file.unwrap_or_else(|| report.command.to_owned());
        suites.entry(suite).or_default().push(finding);
    }
    let failures = |findings: &[&Finding]| findings.iter().filter(|it| is_failure(it)).count();
    let tests: usize = suites.values().map(|findings| findings.len().max(1)).sum();
    let failed: usize = suites.values().map(|findings| failures(findings)).sum();
    xml::document(|writer| {
        writer
            .create_element("testsuites")
            .with_attribute(("name", format!("nix-kconfig {}", report.command).as_str()))
            .with_attribute(("tests", tests.to_string().as_str()))
            .with_attribute(("failures", failed.to_string().as_str()))
            .write_inner_content(|writer| {
                for (name, findings) in &suites {
                    writer
                        .create_element("testsuite")
                        .with_attribute(("name", &*xml::allowed(name)))
                        .with_attribute(("tests", findings.len().max(1).to_string().as_str()))
                        .with_attribute(("failures", failures(findings).to_string().as_str()))
                        .write_inner_content(|writer| suite(writer, &root, name, findings))?;
                }
                Ok(())
            })?;
        Ok(())
    })
}

/// Notes are told, and fail nothing.
fn is_failure(finding: &Finding) -> bool {
    finding.severity > Severity::Note
}

fn suite(
    writer: &mut Writer<Vec<u8>>,
    root: &Root,
    name: &str,
    findings: &[&Finding],
) -> io::Result<()> {
    if findings.is_empty() {
        writer
            .create_element("testcase")
            .with_attribute(("name", "nothing found"))
            .with_attribute(("classname", &*xml::allowed(name)))
            .write_empty()?;
    }
    for finding in findings {
        let place = finding.anchor().map(|label| root.locate(label));
        let at = place.map_or_else(String::new, |place| {
            format!(" ({}:{})", place.start.line, place.start.column)
        });
        let case = format!("{}{at}", finding.code);
        let text = finding
            .notes
            .iter()
            .map(|note| note.text.as_str())
            .chain(finding.help.as_deref())
            .collect::<Vec<_>>()
            .join("\n");
        writer
            .create_element("testcase")
            .with_attribute(("name", &*xml::allowed(&case)))
            .with_attribute(("classname", &*xml::allowed(name)))
            .write_inner_content(|writer| {
                let element = if is_failure(finding) {
                    "failure"
                } else {
                    "system-out"
                };
                let mut element = writer.create_element(element);
                if is_failure(finding) {
                    element = element
                        .with_attribute(("type", finding.severity.name()))
                        .with_attribute(("message", &*xml::allowed(&finding.message)));
                }
                let text = if is_failure(finding) {
                    text
                } else {
                    format!("{}\n{text}", finding.message)
                };
                element.write_text_content(BytesText::new(&xml::allowed(&text)))?;
                Ok(())
            })?;
    }
    Ok(())
}
