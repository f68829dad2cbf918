//! The formats of a report.

use std::str::FromStr;

use crate::finding::{FAILURE, Finding, Severity};
use crate::style::Style;
use crate::{checkstyle, github, json, junit, people, sarif};

/// A kind of finding, for formats that describe them.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'a> {
    /// Its code.
    pub code: &'a str,
    /// What it finds, in one line.
    pub summary: &'a str,
    /// All about it, in Markdown.
    pub documentation: &'a str,
    /// How bad it is where nobody says otherwise.
    pub severity: Severity,
}

/// What a command found.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The command: `lint`.
    pub command: &'a str,
    /// The program's version.
    pub version: &'a str,
    /// What was looked at, by the names that findings use.
    pub inputs: &'a [String],
    /// The kinds of findings there could have been.
    pub rules: &'a [Rule<'a>],
    /// What was found, in the order to tell it.
    pub findings: &'a [Finding],
    /// What was looked at side by side, where it was several things.
    pub cells: &'a [Cell],
}

/// One of several things that were looked at side by side: a cell of a matrix.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    /// Its name, which findings refer to.
    pub name: String,
    /// Where in the matrix it is: what is called how, such as `system` and `x86_64-linux`.
    pub coordinates: Vec<(&'static str, String)>,
}

/// What came of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CellOutcome {
    /// Whether it could not be looked at: its findings say why.
    pub failed: bool,
    /// How many errors there are in it.
    pub errors: usize,
    /// How many warnings.
    pub warnings: usize,
}

impl Cell {
    /// What came of it.
    pub fn outcome(&self, findings: &[Finding]) -> CellOutcome {
        let mut outcome = CellOutcome {
            failed: false,
            errors: 0,
            warnings: 0,
        };
        for finding in findings {
            if !finding.cells.contains(&self.name) {
                continue;
            }
            match finding.severity {
                _ if finding.code == FAILURE => outcome.failed = true,
                Severity::Error => outcome.errors += 1,
                Severity::Warning => outcome.warnings += 1,
                Severity::Note => {}
            }
        }
        outcome
    }
}

/// How a report is told.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Format {
    /// For people: source lines with what is wrong beneath.
    #[default]
    People,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub's workflows.
    Github,
    /// Checkstyle's XML.
    Checkstyle,
    /// `JUnit`'s XML.
    Junit,
}

/// A name that is none of a format.
#[derive(Debug, thiserror::Error)]
#[error("there is no format `{0}'; the formats are people, json, sarif, github, checkstyle, junit")]
pub struct UnknownFormat(String);

impl Format {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::People,
        Self::Json,
        Self::Sarif,
        Self::Github,
        Self::Checkstyle,
        Self::Junit,
    ];

    /// As users name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Checkstyle => "checkstyle",
            Self::Junit => "junit",
        }
    }

    /// The report in this format. `style` is for people.
    pub fn render(self, report: &Report<'_>, style: Style) -> String {
        match self {
            Self::People => report
                .findings
                .iter()
                .map(|finding| people::render(finding, style, report.cells.len()))
                .collect::<Vec<_>>()
                .join("\n"),
            Self::Json => json::render(report),
            Self::Sarif => sarif::render(report),
            Self::Github => github::render(report),
            Self::Checkstyle => checkstyle::render(report),
            Self::Junit => junit::render(report),
        }
    }
}

impl Finding {
    /// This finding alone, for people.
    pub fn render(&self, style: Style) -> String {
        people::render(self, style, 0)
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}
