//! The cases of `fixtures/lib/modules`: each attribute of a program, under Nix with
//! a nixpkgs' own `lib`, and under ours with that same `lib`. Whether the embedded
//! `lib` agrees is among the tests of `nix-modules`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rayon::prelude::*;

use super::Reference;
use super::nix::error_message;
use crate::process::{Finished, Run};
use crate::report::{Check, Outcome, same_text};

/// What the folder of the cases is called in expectations.
const HERE: &str = "$DIR";

/// Compares all cases, or writes their expectations.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    let Some(lib) = &reference.real_lib else {
        let reason = "no --lib was given".to_owned();
        return vec![Check {
            name: "lib".to_owned(),
            outcome: Outcome::Skipped(reason),
        }];
    };
    let folder = reference.workspace.path("fixtures/lib/modules");
    let files = match programs(&folder) {
        Ok(files) => files,
        Err(error) => return vec![Check::new("lib", Err(error))],
    };
    files
        .iter()
        .flat_map(|file| match compare_file(reference, lib, file) {
            Ok(checks) => checks,
            Err(error) => vec![Check::new(format!("lib/{}", stem(file)), Err(error))],
        })
        .collect()
}

fn programs(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))? {
        let file = entry?.path();
        if file.extension().is_some_and(|found| found == "nix") {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn stem(file: &Path) -> String {
    file.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn compare_file(reference: &Reference, lib: &Path, file: &Path) -> Result<Vec<Check>> {
    let call = format!(
        "(import {} {{ lib = import {}; }})",
        file.display(),
        lib.display()
    );
    let names = reference
        .nix
        .instantiate()
        .args(["--eval", "--strict", "--json", "-E"])
        .arg(format!("builtins.attrNames {call}"))
        .succeed()?;
    let names: Vec<String> = serde_json::from_slice(&names.stdout)?;
    let evaluate = |run: Run, name: &str| -> Result<String> {
        let finished = run
            .args(["--eval", "--strict", "-E"])
            .arg(format!("{call}.\"{name}\""))
            .finish()?;
        Ok(said(&finished, file))
    };
    let results: Vec<(Result<String>, Result<String>)> = names
        .par_iter()
        .map(|name| {
            let nix = evaluate(reference.nix.instantiate(), name);
            let ours = evaluate(Run::new(&reference.program).arg("instantiate"), name);
            (nix, ours)
        })
        .collect();
    let expectations = file.with_extension("exp");
    if reference.bless {
        let mut text = String::new();
        for (name, (nix, _)) in names.iter().zip(&results) {
            let said = nix.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))?;
            text.push_str(&format!("## {name}\n{said}\n\n"));
        }
        fs::write(&expectations, text)?;
    }
    let expected = fs::read_to_string(&expectations).unwrap_or_default();
    Ok(names
        .iter()
        .zip(results)
        .map(|(name, (nix, ours))| {
            let expected = expectation(&expected, name).unwrap_or("no expectation");
            let outcome = nix.and_then(|nix| {
                let outcome = same_text(("expected", expected), ("Nix", &nix));
                Ok(match outcome {
                    Outcome::Passed => same_text(("expected", expected), ("nix-kconfig", &ours?)),
                    other => other,
                })
            });
            Check::new(format!("lib/{}/{name}", stem(file)), outcome)
        })
        .collect())
}

/// What stands below a case's name.
fn expectation<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.split("## ").find_map(|case| {
        let (found, said) = case.split_once('\n')?;
        (found == name).then(|| said.trim_end())
    })
}

/// Warnings and traces, a line each, and then the value or the error's message.
/// Blanks at the ends of lines are left out, and so are excerpts of source texts.
pub(crate) fn said(finished: &Finished, file: &Path) -> String {
    let mut lines: Vec<String> = finished
        .stderr
        .lines()
        .filter(|line| line.starts_with("evaluation warning: ") || line.starts_with("trace: "))
        .map(str::to_owned)
        .collect();
    if finished.status.success() {
        lines.push(finished.text());
    } else {
        let message = error_message(finished);
        let message = message.lines().take_while(|line| !is_position(line));
        let message: Vec<&str> = message.map(str::trim_end).collect();
        lines.push(format!("error: {}", message.join("\n").trim()));
    }
    let folder = file.parent().unwrap_or(Path::new("/")).display();
    lines
        .join("\n")
        .trim_end()
        .replace(&folder.to_string(), HERE)
}

/// Whether a line says where: `at FILE:LINE:COLUMN:`.
fn is_position(line: &str) -> bool {
    line.trim_start().starts_with("at ")
        && line.ends_with(':')
        && line
            .trim_end_matches(':')
            .rsplit(':')
            .take(2)
            .all(|part| !part.is_empty() && part.chars().all(|digit| digit.is_ascii_digit()))
}
