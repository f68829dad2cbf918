//! Telling what was found: of one kernel, or of many side by side.

use std::collections::HashMap;
use std::path::Path;

use findings::{Cell, CellOutcome, Finding, Format, Report, Severity, Style};

use super::Args;
use super::cells::Checked;
use super::matrix::Matrix;
use crate::output;
use crate::paint::Paint;
use crate::table::Table;

type Outcome<T> = Result<T, Box<Finding>>;

/// Tells what was found of one kernel.
pub(super) fn one(args: &Args, findings: &[Finding]) -> Outcome<()> {
    tell(args, &args.kernels, &[], findings, || {
        let count = |severity| {
            let found = findings.iter().filter(|found| found.severity == severity);
            found.count()
        };
        match (count(Severity::Error), count(Severity::Warning)) {
            (0, 0) => "everything composes, and every answer is reached\n".to_owned(),
            (errors, warnings) => format!(
                "{}, {}\n",
                counted(errors, "error"),
                counted(warnings, "warning")
            ),
        }
    })
}

/// Tells what was found of many.
pub(super) fn many(
    args: &Args,
    matrix: &Matrix,
    cells: &[Cell],
    findings: &[Finding],
) -> Outcome<()> {
    let mut inputs: Vec<String> = Vec::new();
    for kernel in matrix.cells.iter().filter_map(|cell| cell.kernel.as_ref()) {
        if !inputs.contains(kernel) {
            inputs.push(kernel.clone());
        }
    }
    tell(args, &inputs, cells, findings, || table(cells, findings))
}

fn tell(
    args: &Args,
    inputs: &[String],
    cells: &[Cell],
    findings: &[Finding],
    end: impl FnOnce() -> String,
) -> Outcome<()> {
    let report = Report {
        command: "check",
        version: env!("CARGO_PKG_VERSION"),
        inputs,
        rules: &[],
        findings,
        cells,
    };
    let mut text = args.format.render(&report, Style::of_stdout());
    if args.format == Format::People {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&end());
    }
    output::write(Path::new("-"), text.as_bytes())
}

/// Findings of all cells, those that several have in common once.
pub(super) fn side_by_side(matrix: &Matrix, checked: Vec<Checked>) -> (Vec<Cell>, Vec<Finding>) {
    let mut cells = Vec::new();
    let mut findings: Vec<Finding> = Vec::new();
    let mut by_message: HashMap<String, Vec<usize>> = HashMap::new();
    for (
        cell,
        Checked {
            system,
            findings: found,
        },
    ) in matrix.cells.iter().zip(checked)
    {
        let tree = &matrix.trees[cell.tree].name;
        let name = format!("{}/{tree}/{system}", cell.kernel_name);
        for mut finding in found.unwrap_or_else(|failure| vec![*failure]) {
            let alike = by_message.entry(finding.message.clone()).or_default();
            let same = alike.iter().copied().find(|&index| {
                let other = &mut findings[index];
                finding.cells.clone_from(&other.cells);
                *other == finding
            });
            if let Some(index) = same {
                findings[index].cells.push(name.clone());
            } else {
                finding.cells = vec![name.clone()];
                alike.push(findings.len());
                findings.push(finding);
            }
        }
        cells.push(Cell {
            coordinates: vec![
                ("kernel", cell.kernel_name.clone()),
                ("tree", tree.clone()),
                ("system", system),
            ],
            name,
        });
    }
    (cells, findings)
}

/// What came of every cell, for people.
fn table(cells: &[Cell], findings: &[Finding]) -> String {
    let paint = Paint::of_output(Path::new("-"));
    // An axis with one value says nothing.
    let axes: Vec<usize> = (0..3)
        .filter(|&axis| {
            let values: Vec<_> = cells
                .iter()
                .map(|cell| cell.coordinates.get(axis))
                .collect();
            axis == 0 || values.windows(2).any(|pair| pair[0] != pair[1])
        })
        .collect();
    let value = |cell: &Cell, axis: usize| cell.coordinates.get(axis).cloned().unwrap_or_default();
    let mut table = Table::new();
    if let Some(cell) = cells.first() {
        let heads = axes.iter().map(|&axis| value(cell, axis).0.to_uppercase());
        table.head(heads.chain(["RESULT".to_owned()]));
    }
    let (mut good, mut bad, mut failed) = (0, 0, 0);
    for cell in cells {
        let outcome = cell.outcome(findings);
        let said = match outcome {
            CellOutcome { failed: true, .. } => {
                failed += 1;
                paint.bad("could not be checked")
            }
            CellOutcome {
                errors: 0,
                warnings,
                ..
            } => {
                good += 1;
                match warnings {
                    0 => paint.good("ok"),
                    _ => format!("{}, {}", paint.good("ok"), counted(warnings, "warning")),
                }
            }
            CellOutcome {
                errors, warnings, ..
            } => {
                bad += 1;
                let errors = paint.bad(&counted(errors, "error"));
                match warnings {
                    0 => errors,
                    _ => format!("{errors}, {}", counted(warnings, "warning")),
                }
            }
        };
        let values = axes.iter().map(|&axis| value(cell, axis).1);
        table.row(values.chain([said]));
    }
    let mut parts = vec![format!("{good} of {} are as asked", cells.len())];
    if bad > 0 {
        parts.push(format!("{bad} with errors"));
    }
    if failed > 0 {
        parts.push(format!("{failed} could not be checked"));
    }
    let gap = if findings.is_empty() { "" } else { "\n" };
    format!("{gap}{}{}\n", table.render(paint), parts.join(", "))
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
