//! The project's flake: it parses, and its outputs evaluate where a stand-in for
//! nixpkgs is its input.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::Reference;
use crate::report::{Check, Outcome};

const SYSTEMS: [&str; 4] = [
    "aarch64-darwin",
    "aarch64-linux",
    "x86_64-darwin",
    "x86_64-linux",
];

/// Names of outputs, each with the name of what it is.
type Names = BTreeMap<String, String>;

/// What `nix/evaluate-flake.nix` gives.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outputs {
    packages: BTreeMap<String, Names>,
    apps: BTreeMap<String, Names>,
    dev_shells: BTreeMap<String, Names>,
    checks: BTreeMap<String, Names>,
    formatter: Names,
    overlay: String,
    /// What `nix-kconfig check` is called with, for each kernel and system.
    matrix: Names,
}

/// The checks of the matrix in `evaluate-flake.nix`.
const MATRIX: [(&str, &str); 4] = [
    (
        "board-aarch64-linux",
        "board.nix --source=/linux-6.12 --system=aarch64-linux --no-cache",
    ),
    (
        "board-x86_64-linux",
        "board.nix --source=/linux-6.12 --system=x86_64-linux --no-cache",
    ),
    (
        "desktop-aarch64-linux",
        "desktop.nix --source=/linux-6.12.tar.xz --system=aarch64-linux --no-cache \
         --patches=rt.nix --answering=olddefconfig",
    ),
    (
        "desktop-x86_64-linux",
        "desktop.nix --source=/linux-6.12.tar.xz --system=x86_64-linux --no-cache \
         --patches=rt.nix --answering=olddefconfig",
    ),
];

pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    vec![
        Check::new("flake/parses", parses(reference)),
        Check::new("flake/outputs", outputs(reference)),
    ]
}

fn parses(reference: &Reference) -> Result<Outcome> {
    reference
        .nix
        .instantiate()
        .arg("--parse")
        .arg(reference.workspace.path("flake.nix"))
        .succeed()?;
    Ok(Outcome::Passed)
}

fn outputs(reference: &Reference) -> Result<Outcome> {
    let workspace = &reference.workspace;
    let printed = reference
        .nix
        .instantiate()
        .args(["--eval", "--strict", "--json"])
        .arg(workspace.path("crates/xtask/nix/evaluate-flake.nix"))
        .args(["--argstr", "embeddedLib"])
        .arg(workspace.path("crates/nix-modules/lib"))
        .args(["--arg", "flake"])
        .arg(workspace.path("flake.nix"))
        .succeed()?
        .stdout;
    let outputs: Outputs = serde_json::from_slice(&printed)
        .context("evaluate-flake.nix gives something else than is read here")?;

    let package = concat!("nix-kconfig-", env!("CARGO_PKG_VERSION"));
    for (kind, by_system, wanted) in [
        (
            "packages",
            &outputs.packages,
            &["default", "nix-kconfig"][..],
        ),
        ("apps", &outputs.apps, &["default", "nix-kconfig"]),
        ("devShells", &outputs.dev_shells, &["default"]),
        ("checks", &outputs.checks, &["formatting", "package"]),
    ] {
        if !by_system.keys().eq(SYSTEMS) {
            bail!("{kind} are for {:?}", by_system.keys());
        }
        for (system, names) in by_system {
            if !names.keys().eq(wanted) {
                bail!("{kind}.{system} has {:?}", names.keys());
            }
        }
    }
    if !outputs.formatter.keys().eq(SYSTEMS) {
        bail!("formatter is for {:?}", outputs.formatter.keys());
    }
    let named = outputs.packages.values().flat_map(BTreeMap::values);
    for name in named.chain([&outputs.overlay]) {
        if name != package {
            bail!("the package is called {name}, where {package} is expected");
        }
    }
    let checks: Vec<(&str, &str)> = outputs
        .matrix
        .iter()
        .map(|(name, arguments)| (name.as_str(), arguments.as_str()))
        .collect();
    if checks != MATRIX {
        bail!("checkMatrix gives {checks:?}");
    }
    for program in outputs.apps.values().flat_map(BTreeMap::values) {
        if !program.ends_with("/bin/nix-kconfig") {
            bail!("an app runs {program}");
        }
    }
    Ok(Outcome::Passed)
}
