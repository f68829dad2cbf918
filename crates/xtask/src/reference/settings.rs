//! Merged settings of the fixture kernels: those that Nix comes to, and those that
//! are expected. Whether ours are as expected is among the program's own tests.
//!
//! Nix merges with a small model written for this (`nix/merge-model.nix`) and,
//! where a nixpkgs' `lib` is given, with its `evalModules`.

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

/// A text of lines, each with its end.
fn lines(lines: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text
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
