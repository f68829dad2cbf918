//! `nix-kconfig check`: whether kernels and their patches compose, and what of their configuration
//! the kernels' trees do not take.

mod cells;
mod manifest;
mod matrix;
mod requirements;
mod tell;

use std::path::PathBuf;
use std::process::ExitCode;

use findings::{Finding, Format, Severity};

use self::matrix::Matrix;
use crate::report;
use crate::subject::SubjectArgs;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Kernels: files, folders, or FLAKE#OUTPUT
    #[arg(
        value_name = "KERNEL",
        required_unless_present_any = ["answers", "matrix"],
        conflicts_with_all = ["answers", "matrix"]
    )]
    kernels: Vec<String>,
    /// A source tree, a folder or an archive; may be repeated: every kernel is checked on
    /// every tree
    #[arg(short, long, value_name = "TREE", required_unless_present = "matrix")]
    source: Vec<PathBuf>,
    /// Check for each of these systems
    #[arg(
        long,
        value_name = "SYSTEM",
        value_delimiter = ',',
        conflicts_with = "system"
    )]
    systems: Vec<String>,
    /// Check the kernels of a matrix, a file that names kernels, trees and systems
    /// (docs/check.md); --source and --systems take the place of its own
    #[arg(long, value_name = "FILE", conflicts_with = "answers")]
    matrix: Option<PathBuf>,
    /// The tree that the kernels were configured for before: what became of options that
    /// are unknown now
    #[arg(long, value_name = "TREE")]
    previous_source: Option<PathBuf>,
    /// What the final configuration must have: lines such as `CONFIG_X=y`,
    /// `CONFIG_X=y|m`, `CONFIG_X`, `# CONFIG_X is not set`, or such with `||` between;
    /// may be repeated
    #[arg(long, value_name = "FILE")]
    require: Vec<PathBuf>,
    /// How findings are told
    #[arg(long, value_name = "FORMAT", default_value = "people", value_parser = report::format_parser())]
    format: Format,
    #[command(flatten)]
    subject: SubjectArgs,
}

/// Checks; the exit status says whether there are errors.
pub(crate) fn main(args: &Args) -> ExitCode {
    match run(args) {
        Ok(code) => code,
        Err(failure) => super::exit(Err(failure)),
    }
}

type Outcome<T> = Result<T, Box<Finding>>;

fn run(args: &Args) -> Outcome<ExitCode> {
    let matrix = Matrix::of(args)?;
    let previous = match &args.previous_source {
        Some(path) => {
            let source = args.subject.open(path)?;
            Some(args.subject.parse_for(&source, None)?)
        }
        None => None,
    };
    let mut checked = cells::check(&matrix.cells, &matrix.trees, previous.as_ref());
    if let [_] = matrix.cells.as_slice()
        && let Some(only) = checked.pop()
    {
        let findings = only.findings?;
        tell::one(args, &findings)?;
        return Ok(super::exit(Ok(are_without_errors(&findings))));
    }
    let (cells, findings) = tell::side_by_side(&matrix, checked);
    tell::many(args, &matrix, &cells, &findings)?;
    let is_whole = findings
        .iter()
        .all(|finding| finding.code != findings::FAILURE);
    Ok(if is_whole {
        super::exit(Ok(are_without_errors(&findings)))
    } else {
        ExitCode::from(super::UNUSABLE)
    })
}

fn are_without_errors(findings: &[Finding]) -> bool {
    findings
        .iter()
        .all(|finding| finding.severity != Severity::Error)
}
