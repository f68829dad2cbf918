//! Merged settings of the fixture kernels: those that Nix comes to, those that are
//! expected, and ours.
//!
//! Nix merges with a small model written for this (`nix/merge-model.nix`) and,
//! where a nixpkgs' `lib` is given, with its `evalModules`. Our side is asked for a
//! configuration fragment.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::Reference;
use super::cases::Case;
use super::nix::{Nix, error_message};
use crate::process::Run;
use crate::report::{Check, Outcome, same_text};
use crate::workspace::Workspace;

/// What `nix/evaluate-kernel.nix` gives.
#[derive(Deserialize)]
pub(crate) struct Merged {
    /// The kernel's version.
    pub(crate) version: String,
    /// The base configuration that the kernel asks for.
    pub(crate) defconfig: Option<String>,
    /// Options that cannot be merged, as `settings.NAME.part`.
    conflicts: Vec<String>,
    settings: BTreeMap<String, Item>,
}

/// One merged option.
#[derive(Deserialize)]
struct Item {
    tristate: Option<String>,
    freeform: Option<String>,
    optional: bool,
}

impl Merged {
    /// Merges a case under Nix: with the model, or with a real `lib`.
    pub(crate) fn by_nix(
        nix: &Nix,
        workspace: &Workspace,
        case: &Case,
        real_lib: Option<&Path>,
    ) -> Result<std::result::Result<Self, String>> {
        let patches: Vec<String> = case.patches().map(|patch| nix_path(&patch)).collect();
        let mut run = nix
            .instantiate()
            .args(["--eval", "--strict", "--json"])
            .arg(workspace.path("crates/xtask/nix/evaluate-kernel.nix"))
            .args(["--arg", "kernel", &nix_path(&case.kernel())])
            .args(["--arg", "patches", &format!("[ {} ]", patches.join(" "))])
            .args(["--argstr", "system", &case.system])
            .args(["--argstr", "tristate", &case.tristate])
            .args(["--argstr", "embeddedLib"])
            .arg(workspace.path("crates/nix-modules/lib"));
        if let Some(lib) = real_lib {
            run = run.args(["--argstr", "realLib"]).arg(lib);
        }
        let finished = run.finish()?;
        if !finished.status.success() {
            return Ok(Err(error_message(&finished)));
        }
        let merged = serde_json::from_slice(&finished.stdout)
            .context("evaluate-kernel.nix gives something else than is read here")?;
        Ok(Ok(merged))
    }

    /// Whether every option could be merged.
    pub(crate) fn composes(&self) -> bool {
        self.conflicts.is_empty()
    }

    /// As the expected files have it: the conflicts, or nixpkgs' intermediate text.
    fn text(&self) -> String {
        if !self.composes() {
            let conflicts = self.conflicts.iter();
            return lines(conflicts.map(|option| format!("{CONFLICT}{option}")));
        }
        lines(self.settings.iter().filter_map(|(name, item)| {
            let answer = item.freeform.as_ref().or(item.tristate.as_ref())?;
            let mark = if item.optional { "?" } else { "" };
            Some(format!("{name}{mark} {answer}"))
        }))
    }
}

/// What stands before an option in an expected file where merging it fails.
const CONFLICT: &str = "conflict: ";

/// Compares all cases.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    let cases = match Case::all(&reference.workspace) {
        Ok(cases) => cases,
        Err(error) => return vec![Check::new("settings", Err(error))],
    };
    let mut checks = Vec::new();
    for case in &cases {
        let name = |side: &str| format!("settings/{} ({side})", case.name);
        checks.push(Check::new(name("model"), model(reference, case)));
        if let Some(lib) = &reference.real_lib {
            checks.push(Check::new(name("lib"), module_system(reference, case, lib)));
        }
        checks.push(Check::new(name("nix-kconfig"), ours(reference, case)));
    }
    checks
}

fn model(reference: &Reference, case: &Case) -> Result<Outcome> {
    let merged = match Merged::by_nix(&reference.nix, &reference.workspace, case, None)? {
        Ok(merged) => merged.text(),
        Err(message) => bail!("{message}"),
    };
    if reference.bless {
        fs::create_dir_all(case.expected().parent().unwrap_or(Path::new(".")))?;
        fs::write(case.expected(), &merged)?;
    }
    Ok(same_text(
        ("expected", &expected(case)?),
        ("Nix, with the model", &merged),
    ))
}

fn module_system(reference: &Reference, case: &Case, lib: &Path) -> Result<Outcome> {
    let expected = expected(case)?;
    match Merged::by_nix(&reference.nix, &reference.workspace, case, Some(lib))? {
        Ok(merged) => Ok(same_text(
            ("expected", &expected),
            ("Nix, with its module system", &merged.text()),
        )),
        // It stops at the first conflict that it meets.
        Err(message) => {
            let met = conflicts(&expected)
                .any(|option| message.contains(&format!("`{option}' has conflicting definition")));
            Ok(if met {
                Outcome::Passed
            } else {
                Outcome::Failed(format!("Nix, with its module system: {message}"))
            })
        }
    }
}

fn ours(reference: &Reference, case: &Case) -> Result<Outcome> {
    let expected = expected(case)?;
    let finished = build(reference, case).finish()?;
    let missed: Vec<&str> = conflicts(&expected)
        .filter(|option| !finished.stderr.contains(option_name(option)))
        .collect();
    if conflicts(&expected).next().is_some() {
        return Ok(if finished.status.code() == Some(1) && missed.is_empty() {
            Outcome::Passed
        } else {
            Outcome::Failed(format!(
                "{}, where exit status 1 and these conflicts are expected: {}\n{}",
                finished.status,
                expected.trim_end().replace('\n', ", "),
                finished.stderr
            ))
        });
    }
    if !finished.status.success() {
        return Ok(Outcome::Failed(format!(
            "{}\n{}",
            finished.status, finished.stderr
        )));
    }
    Ok(same_text(
        ("expected", &fragment(&expected)),
        ("nix-kconfig", &answers_of(&finished.text())),
    ))
}

/// `nix-kconfig build` for a case, to standard output; without a source tree: the
/// merged answers.
pub(crate) fn build(reference: &Reference, case: &Case) -> Run {
    let mut run = Run::new(&reference.program)
        .arg("build")
        .arg(case.kernel())
        .args(["--system", &case.system])
        .args(["--tristate", &case.tristate])
        .args(["-o", "-"]);
    for patch in case.patches() {
        run = run.arg("--patches").arg(patch);
    }
    run
}

fn expected(case: &Case) -> Result<String> {
    let file = case.expected();
    fs::read_to_string(&file).with_context(|| {
        format!(
            "{} is not there (`--bless` writes what Nix says)",
            file.display()
        )
    })
}

fn conflicts(expected: &str) -> impl Iterator<Item = &str> {
    expected
        .lines()
        .filter_map(|line| line.strip_prefix(CONFLICT))
}

/// `NAME` of `settings.NAME.part`.
fn option_name(option: &str) -> &str {
    option.split('.').nth(1).unwrap_or(option)
}

/// The configuration lines of an intermediate text, sorted.
fn fragment(intermediate: &str) -> String {
    sorted(intermediate.lines().map(|line| {
        let (name, answer) = line.split_once(' ').unwrap_or((line, ""));
        let name = name.trim_end_matches('?');
        match answer {
            "n" => format!("# CONFIG_{name} is not set"),
            "y" | "m" => format!("CONFIG_{name}={answer}"),
            number if is_number(number) => format!("CONFIG_{name}={number}"),
            text => {
                let text = text.replace('\\', "\\\\").replace('"', "\\\"");
                format!("CONFIG_{name}=\"{text}\"")
            }
        }
    }))
}

/// The answers in a configuration, sorted: no comments, no blank lines.
fn answers_of(config: &str) -> String {
    sorted(
        config
            .lines()
            .filter(|line| {
                line.starts_with("CONFIG_")
                    || (line.starts_with("# CONFIG_") && line.ends_with(" is not set"))
            })
            .map(str::to_owned),
    )
}

fn sorted(unsorted: impl Iterator<Item = String>) -> String {
    let mut sorted: Vec<String> = unsorted.collect();
    sorted.sort();
    lines(sorted.into_iter())
}

/// A text of lines, each with its end.
fn lines(lines: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn is_number(text: &str) -> bool {
    let decimal = text.strip_prefix('-').unwrap_or(text);
    let all = |digits: &str, wanted: fn(&char) -> bool| {
        !digits.is_empty() && digits.chars().all(|c| wanted(&c))
    };
    all(decimal, char::is_ascii_digit)
        || text
            .strip_prefix("0x")
            .is_some_and(|digits| all(digits, char::is_ascii_hexdigit))
}

/// A path as a Nix expression, whatever characters are in it.
fn nix_path(path: &Path) -> String {
    let text = path.display().to_string();
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace("${", "\\${");
    format!("(/. + \"{escaped}\")")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intermediate_text_becomes_configuration_lines() {
        let intermediate = "B n\nA? y\nN 0x10\nI -5\nS say \"hi\"\nE \nM m\nV 6.12\n";
        assert_eq!(
            fragment(intermediate),
            "# CONFIG_B is not set\nCONFIG_A=y\nCONFIG_E=\"\"\nCONFIG_I=-5\nCONFIG_M=m\n\
             CONFIG_N=0x10\nCONFIG_S=\"say \\\"hi\\\"\"\nCONFIG_V=\"6.12\"\n"
        );
    }

    #[test]
    fn only_answers_are_taken_from_a_configuration() {
        let config = "# heading\n\nCONFIG_B=m\n# CONFIG_A is not set\n# CONFIG_X says nothing\n";
        assert_eq!(answers_of(config), "# CONFIG_A is not set\nCONFIG_B=m\n");
    }
}
