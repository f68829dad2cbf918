//! The small programs of `fixtures/nix`: what Nix prints, or says when it fails,
//! against what is expected of ours.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use rayon::prelude::*;

use super::Reference;
use super::nix::{Nix, error_message};
use crate::process::Finished;
use crate::report::{Check, Outcome, same_text};

/// The release of Nix that the programs were written for. Where an older one
/// differs from what is expected, nothing follows from it.
const WRITTEN_FOR: &str = "2.34";

/// How much is shown of what an older release says.
const SHOWN_CHARACTERS: usize = 100;

/// How long one program may take: they are small.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program of ours with its expectation.
struct Program {
    /// `ok/NAME` or `fail/NAME`.
    name: String,
    file: PathBuf,
    expected: String,
    succeeds: bool,
}

/// Compares all programs.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    let programs = match load(reference) {
        Ok(programs) => programs,
        Err(error) => return vec![Check::new("language", Err(error))],
    };
    programs
        .par_iter()
        .map(|program| {
            let outcome = compare_program(&reference.nix, program);
            Check::new(format!("language/{}", program.name), outcome)
        })
        .collect()
}

fn load(reference: &Reference) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for (kind, extension, succeeds) in [("ok", "exp", true), ("fail", "err", false)] {
        let folder = reference.workspace.path("fixtures/nix").join(kind);
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let file = entry?.path();
            if file.extension().is_some_and(|found| found == "nix") {
                let expectation = file.with_extension(extension);
                let expected = fs::read_to_string(&expectation)
                    .with_context(|| format!("cannot read {}", expectation.display()))?;
                let stem = file.file_stem().unwrap_or_default().to_string_lossy();
                programs.push(Program {
                    name: format!("{kind}/{stem}"),
                    expected: expected.trim_end_matches('\n').to_owned(),
                    succeeds,
                    file,
                });
            }
        }
    }
    programs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(programs)
}

fn compare_program(nix: &Nix, program: &Program) -> Result<Outcome> {
    let finished = nix
        .instantiate()
        .args(["--eval", "--strict"])
        .arg(&program.file)
        .timeout(PATIENCE)
        .finish();
    let (said, outcome) = match finished {
        Ok(finished) => (said(program, &finished), judge(program, &finished)),
        Err(error) => {
            let said = format!("{error:#}");
            (said.clone(), Outcome::Failed(said))
        }
    };
    if matches!(outcome, Outcome::Failed(_)) && nix.release < WRITTEN_FOR.parse()? {
        let said = said.lines().next().unwrap_or_default();
        return Ok(Outcome::Skipped(format!(
            "written for Nix {WRITTEN_FOR}, where {} says {}",
            nix.release,
            said.chars().take(SHOWN_CHARACTERS).collect::<String>()
        )));
    }
    Ok(outcome)
}

fn judge(program: &Program, finished: &Finished) -> Outcome {
    let said = said(program, finished);
    match (program.succeeds, finished.status.success()) {
        (true, false) => Outcome::Failed(format!("Nix fails: {said}")),
        (false, true) => Outcome::Failed(format!("Nix does not fail, but says {said}")),
        _ => same_text(("expected", &program.expected), ("Nix", &said)),
    }
}

/// The value that was printed, or the message of the failure, with the program's
/// folder called `$DIR`. A source excerpt may follow a message; it is left out.
fn said(program: &Program, finished: &Finished) -> String {
    if finished.status.success() {
        return finished.text().trim_end_matches('\n').to_owned();
    }
    let folder = program.file.parent().unwrap_or(Path::new("/"));
    let message = error_message(finished).replace(&format!("{}/", folder.display()), "$DIR/");
    let lines = if program.succeeds {
        1
    } else {
        program.expected.lines().count()
    };
    message.lines().take(lines).collect::<Vec<_>>().join("\n")
}
