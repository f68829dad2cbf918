//! Merged settings of the fixture kernels: those that Nix comes to, and those that
//! are expected. Whether ours are as expected is among the program's own tests.
//!
//! Nix merges with small models written for this (`nix/merge-model.nix`,
//! `nix/module-model.nix`) and, where a nixpkgs' `lib` is given, with its `evalModules`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::Reference;
use super::cases::Case;
use super::nix::error_message;
use crate::process::Run;
use crate::report::{Check, Outcome, same_text};
use crate::workspace::Workspace;

/// What `nix/evaluate-kernel.nix` gives.
#[derive(Deserialize)]
pub(crate) struct Merged {
    /// The kernel's version, where it is known.
    pub(crate) version: Option<String>,
    /// The base configuration that the kernel asks for.
    pub(crate) defconfig: Option<String>,
    /// Options that cannot be merged, as `settings.NAME.part`.
    conflicts: Vec<String>,
    settings: BTreeMap<String, Item>,
    /// Legacy text, in order.
    text: Vec<String>,
}

/// One merged option.
#[derive(Deserialize)]
struct Item {
    tristate: Option<String>,
    freeform: Option<String>,
    optional: bool,
}

impl Merged {
    /// Merges a case under Nix: with the models, or with a real `lib`.
    pub(crate) fn by_nix(
        reference: &Reference,
        case: &Case,
        real_lib: Option<&Path>,
    ) -> Result<std::result::Result<Self, String>> {
        let stand_in = stand_in(&reference.workspace)?;
        let run = reference.nix.instantiate();
        let run = with_kernel(run, &reference.workspace, &stand_in, case, real_lib);
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

    /// nixpkgs' intermediate text: since 26.11 an empty answer is a bare name, before it was
    /// two quotes.
    pub(crate) fn intermediate(&self, late: bool) -> String {
        let empty = if late { "" } else { " \"\"" };
        lines(self.settings.iter().filter_map(|(name, item)| {
            let answer = item.freeform.as_ref().or(item.tristate.as_ref())?;
            let mark = if item.optional { "?" } else { "" };
            Some(match answer.as_str() {
                "" => format!("{name}{mark}{empty}"),
                answer => format!("{name}{mark} {answer}"),
            })
        }))
    }

    /// As the expected files have it: the conflicts, or nixpkgs' intermediate text.
    fn text(&self) -> String {
        if !self.composes() {
            let conflicts = self.conflicts.iter();
            return lines(conflicts.map(|option| format!("{CONFLICT}{option}")));
        }
        let mut answers: BTreeMap<&str, String> = BTreeMap::new();
        for (name, item) in &self.settings {
            if let Some(answer) = item.freeform.as_ref().or(item.tristate.as_ref()) {
                let mark = if item.optional { "?" } else { "" };
                answers.insert(name, format!("{name}{mark} {answer}"));
            }
        }
        // Of text, the last line for an option counts.
        for line in self.text.iter().flat_map(|text| text.lines()) {
            let line = line.split('#').next().unwrap_or_default().trim();
            if let Some((name, _)) = line.split_once(char::is_whitespace) {
                answers.insert(name.trim_end_matches('?'), line.to_owned());
            }
        }
        lines(answers.into_values())
    }
}

/// A run that merges a case: with the model, or with a real `lib`. `nixpkgs` is a
/// [`stand_in`].
pub(crate) fn with_kernel(
    run: Run,
    workspace: &Workspace,
    nixpkgs: &Path,
    case: &Case,
    real_lib: Option<&Path>,
) -> Run {
    let patches = case.patches().map(|patch| nix_path(&patch));
    let names = case.attribute.iter().flat_map(|path| path.split('.'));
    let mut lookup = OsString::from("nixpkgs=");
    lookup.push(nixpkgs);
    let mut run = run
        .args(["--eval", "--strict", "--json", "-I"])
        .arg(lookup)
        .arg(workspace.path("crates/xtask/nix/evaluate-kernel.nix"))
        .args(["--arg", "kernel", &nix_path(&case.kernel())])
        .args(["--arg", "patches", &nix_list(patches)])
        .args(["--argstr", "system", &case.system])
        .args(["--argstr", "tristate", &case.tristate])
        .args(["--arg", "attribute", &nix_list(names.map(nix_string))])
        .args([
            "--arg",
            "sets",
            &nix_list(case.set.iter().map(|set| nix_module(set))),
        ])
        .args(["--arg", "nixpkgs", &nix_path(nixpkgs)]);
    for (name, value) in [
        ("specialisation", &case.specialisation),
        ("version", &case.version),
    ] {
        if let Some(value) = value {
            run = run.args(["--argstr", name, value]);
        }
    }
    match real_lib {
        Some(lib) => run.args(["--argstr", "realLib"]).arg(lib),
        None => run,
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
    let merged = match Merged::by_nix(reference, case, None)? {
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
    match Merged::by_nix(reference, case, Some(lib))? {
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
    for (flag, value) in [
        ("--attr", &case.attribute),
        ("--specialisation", &case.specialisation),
        ("--kernel-version", &case.version),
    ] {
        if let Some(value) = value {
            run = run.args([flag, value]);
        }
    }
    for set in &case.set {
        run = run.args(["--set", set]);
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

/// The package set that is embedded in `nix-kconfig`, in one folder with its `lib`.
pub(crate) fn stand_in(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target().join("nixpkgs-stand-in");
    copy_folder(&workspace.path("crates/kernel-config/nix"), &folder)?;
    copy_folder(
        &workspace.path("crates/nix-modules/lib"),
        &folder.join("lib"),
    )?;
    Ok(folder)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn nix_list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    format!("[ {} ]", items.join(" "))
}

/// `option.path=EXPR` as a module.
fn nix_module(set: &str) -> String {
    let (path, expression) = set.split_once('=').unwrap_or((set, "null"));
    let path = nix_list(path.split('.').map(nix_string));
    format!(
        "({{ lib, pkgs, config, ... }}: {{ config = lib.setAttrByPath {path} (lib.mkForce \
         ({expression})); }})"
    )
}

/// A path as a Nix expression, whatever characters are in it.
fn nix_path(path: &Path) -> String {
    format!("(/. + {})", nix_string(&path.display().to_string()))
}

fn nix_string(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace("${", "\\${");
    format!("\"{escaped}\"")
}
