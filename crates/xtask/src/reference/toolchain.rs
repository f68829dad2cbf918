//! Answers of the toolchain: asked for, kept from an earlier run, and recorded. Each way leads to
//! the configuration that the kernel's own `conf` writes with the tools themselves.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use kernel_config::Platform;
use kernel_resolve::{Source, environment};

use super::Reference;
use super::configuration::LINES;
use super::kernel::{Arch, KernelTree};
use crate::process::Run;
use crate::report::{Check, Outcome, same_text};

/// Systems that Debian's GCC compiles for here.
const SYSTEMS: [&str; 2] = ["x86_64-linux", "aarch64-linux"];

/// Compares on every release line and system.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    let mut checks = Vec::new();
    for line in LINES {
        let tree = KernelTree::acquire(&reference.cache, &reference.kernel_sources, line);
        for system in SYSTEMS {
            let name = format!("toolchain/{line} {system}");
            match tree.as_ref().map(|tree| on_tree(reference, tree, system)) {
                Ok(Ok(outcomes)) => checks.extend(
                    outcomes
                        .into_iter()
                        .map(|(way, outcome)| Check::new(format!("{name}, {way}"), Ok(outcome))),
                ),
                Ok(Err(error)) => checks.push(Check::new(name, Err(error))),
                Err(error) => checks.push(Check::new(name, Err(anyhow::anyhow!("{error:#}")))),
            }
        }
    }
    checks
}

type Ways = Vec<(&'static str, Outcome)>;

fn on_tree(reference: &Reference, tree: &KernelTree, system: &str) -> Result<Ways> {
    let arch = Arch::of_system(system)?;
    let platform = Platform::of(system).context("a system that kernels can be for")?;
    let base = fs::read_to_string(tree.default_configuration(arch, "defconfig")?)?;
    let expected = tree.olddefconfig(arch, &base)?;
    let scratch = tempfile::tempdir()?;
    let folder = scratch.path();
    Run::new(&reference.program)
        .args(["toolchain", "record", "--name", "here", "--system", system])
        .arg("--source")
        .arg(&tree.source)
        .arg("--output")
        .arg(folder)
        .succeed()?;
    let machine = system.trim_end_matches("-linux");
    let profile = folder.join(format!("here-{machine}.json"));
    let mut ways = Vec::new();

    // Where no program can be found, every answer is a recorded one.
    let recorded = conf(reference, folder)
        .env("srctree", &tree.source)
        .env("ARCH", platform.arch)
        .env("SRCARCH", platform.srcarch)
        .env("KERNELVERSION", &tree.version)
        .env("NIX_KCONFIG_TOOLCHAIN", &profile)
        .env("PATH", "/nowhere");
    ways.push(("recorded", outcome(recorded, folder, &base, &expected)?));

    let source = Source::open(&tree.source)?;
    let environment = environment::of(&source, platform, Some(&tree.version));
    for way in ["asked for", "kept"] {
        let mut live = conf(reference, folder).env("NIX_KCONFIG_CACHE", folder.join("cache"));
        for name in environment::tool_variables().chain(OF_TREE) {
            live = live.env(name, environment.get(name).unwrap_or_default());
        }
        ways.push((way, outcome(live, folder, &base, &expected)?));
    }
    Ok(ways)
}

/// What `make` says of the tree.
const OF_TREE: [&str; 5] = [
    "srctree",
    "ARCH",
    "SRCARCH",
    "KERNELVERSION",
    "RUSTC_BOOTSTRAP",
];

/// Our `conf --olddefconfig`.
fn conf(reference: &Reference, folder: &Path) -> Run {
    Run::new(&reference.program)
        .args(["conf", "--olddefconfig", "Kconfig"])
        .dir(folder)
}

/// Runs on a configuration, and compares what is written.
fn outcome(run: Run, folder: &Path, base: &str, expected: &str) -> Result<Outcome> {
    let file = folder.join(".config");
    fs::write(&file, base)?;
    run.succeed()?;
    let written = fs::read_to_string(&file)?;
    Ok(same_text(("conf", expected), ("nix-kconfig", &written)))
}
