//! The module sets of `fixtures/modules`, under Nix with a nixpkgs' own `lib`. Whether
//! ours agrees is among the tests of the program.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use super::Reference;
use crate::report::{Check, Outcome, same_text};

/// What Nix makes of one configuration.
#[derive(Deserialize)]
struct Evaluated {
    /// Messages of assertions that do not hold.
    failed: Vec<String>,
    /// The part that is wanted, unless something failed.
    value: Value,
}

/// Compares all configurations, or writes what is expected of them.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    let Some(lib) = &reference.real_lib else {
        return vec![Check {
            name: "modules".to_owned(),
            outcome: Outcome::Skipped("no --lib was given".to_owned()),
        }];
    };
    match cases(&reference.workspace.path("fixtures/modules")) {
        Ok(cases) => cases
            .iter()
            .map(|(set, case)| {
                let name = format!("modules/{}", case.display());
                Check::new(name, compare_case(reference, lib, set, case))
            })
            .collect(),
        Err(error) => vec![Check::new("modules", Err(error))],
    }
}

/// The folder of each module set with each configuration for it.
fn cases(folder: &Path) -> Result<Vec<(PathBuf, PathBuf)>> {
    let list = |folder: &Path| -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).with_context(|| format!("no {}", folder.display()))? {
            paths.push(entry?.path());
        }
        paths.sort();
        Ok(paths)
    };
    let mut cases = Vec::new();
    for set in list(folder)? {
        if !set.is_dir() {
            continue;
        }
        for file in list(&set)? {
            let is_case = file.extension().is_some_and(|found| found == "nix")
                && file.file_name().is_some_and(|name| name != "default.nix");
            if is_case {
                cases.push((set.clone(), file));
            }
        }
    }
    Ok(cases)
}

fn compare_case(reference: &Reference, lib: &Path, set: &Path, case: &Path) -> Result<Outcome> {
    let attribute = fs::read_to_string(set.join("attribute"))?;
    let evaluate = reference
        .workspace
        .path("crates/nix-kconfig/src/commands/modules/evaluate.nix");
    let packages = reference.workspace.path("fixtures/modules/packages.nix");
    let expression = format!(
        "let found = import {} {{ lib = import {}; libFolder = \"\"; modules = [ {} {} {} ]; \
         sets = [ ]; specialArgs = {{ }}; pkgs = throw \"no packages\"; }}; in {{ inherit (found) \
         failed; value = if found.failed == [ ] then found.config.{} else null; }}",
        evaluate.display(),
        lib.display(),
        packages.display(),
        set.display(),
        case.display(),
        attribute.trim()
    );
    let finished = reference
        .nix
        .instantiate()
        .args(["--eval", "--strict", "--json", "-E", &expression])
        .succeed()?;
    let evaluated: Evaluated = serde_json::from_slice(&finished.stdout)?;
    let said = if evaluated.failed.is_empty() {
        serde_json::to_string_pretty(&evaluated.value)?
    } else {
        evaluated.failed.join("\n")
    };
    let said = format!("{said}\n");
    let expectation = case.with_extension("exp");
    if reference.bless {
        fs::write(&expectation, &said)?;
    }
    let expected = fs::read_to_string(&expectation).unwrap_or_default();
    Ok(same_text(("expected", &expected), ("Nix", &said)))
}
