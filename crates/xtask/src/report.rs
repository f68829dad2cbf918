//! What came of the comparisons: shown as it happens, counted at the end.

use std::time::Instant;

use similar::{ChangeTag, TextDiff};

/// Lines of a difference that are shown before the rest is only counted.
const SHOWN_LINES: usize = 40;

/// What one comparison came to.
pub(crate) enum Outcome {
    /// Both sides agree.
    Passed,
    /// They do not, or one side could not be had; with what there is to see.
    Failed(String),
    /// Not compared, and why.
    Skipped(String),
}

/// One comparison by its name.
pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
}

impl Check {
    /// A comparison that ended in an error of its own is a failed one.
    pub(crate) fn new(name: impl Into<String>, outcome: anyhow::Result<Outcome>) -> Self {
        Self {
            name: name.into(),
            outcome: outcome.unwrap_or_else(|error| Outcome::Failed(format!("{error:#}"))),
        }
    }

    /// Many trials under one name: passed where none disagrees, else failed once for each
    /// disagreement.
    pub(crate) fn of_trials(name: &str, disagreements: anyhow::Result<Vec<String>>) -> Vec<Self> {
        match disagreements {
            Ok(found) if found.is_empty() => vec![Self::new(name, Ok(Outcome::Passed))],
            Ok(found) => found
                .into_iter()
                .map(|text| Self::new(name, Ok(Outcome::Failed(text))))
                .collect(),
            Err(error) => vec![Self::new(name, Err(error))],
        }
    }
}

/// All comparisons of a run.
#[derive(Default)]
pub(crate) struct Report {
    verbose: bool,
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Report {
    /// A report that names what passed too, if `verbose`.
    pub(crate) fn new(verbose: bool) -> Self {
        Self {
            verbose,
            ..Self::default()
        }
    }

    /// Runs one group of comparisons and shows what came of each.
    pub(crate) fn group(&mut self, title: &str, checks: impl FnOnce() -> Vec<Check>) {
        println!("== {title}");
        let start = Instant::now();
        let before = (self.passed, self.failed, self.skipped);
        for check in checks() {
            self.record(check);
        }
        println!(
            "   {} passed, {} failed, {} skipped in {:.1} s",
            self.passed - before.0,
            self.failed - before.1,
            self.skipped - before.2,
            start.elapsed().as_secs_f64()
        );
    }

    fn record(&mut self, Check { name, outcome }: Check) {
        match outcome {
            Outcome::Passed => {
                self.passed += 1;
                if self.verbose {
                    println!("   ok    {name}");
                }
            }
            Outcome::Failed(detail) => {
                self.failed += 1;
                println!("   FAIL  {name}");
                for line in detail.lines() {
                    println!("         {line}");
                }
            }
            Outcome::Skipped(reason) => {
                self.skipped += 1;
                println!("   skip  {name}: {reason}");
            }
        }
    }

    /// Shows the counts and tells whether nothing failed. A run in which nothing
    /// was compared has shown nothing, and is no success.
    pub(crate) fn conclude(&self) -> bool {
        println!(
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        );
        self.failed == 0 && self.passed > 0
    }
}

/// Passed if both texts are the same, otherwise failed with the lines that differ.
pub(crate) fn same_text(expected: (&str, &str), actual: (&str, &str)) -> Outcome {
    if expected.1 == actual.1 {
        return Outcome::Passed;
    }
    let diff = TextDiff::from_lines(expected.1, actual.1);
    let mut changes = diff
        .iter_all_changes()
        .filter(|change| change.tag() != ChangeTag::Equal);
    let mut shown = vec![format!("- {}\n+ {}", expected.0, actual.0)];
    for change in changes.by_ref().take(SHOWN_LINES) {
        let index = change.old_index().or(change.new_index());
        let line = index.unwrap_or_default() + 1;
        let text = change.to_string_lossy();
        let text = text.trim_end_matches('\n');
        shown.push(format!("{}{line}: {text}", change.tag()));
    }
    let more = changes.count();
    if more > 0 {
        shown.push(format!("… and {more} more lines"));
    }
    Outcome::Failed(shown.join("\n"))
}
