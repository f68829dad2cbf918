//! Final configurations of the fixture kernels: what the kernel's own `conf
//! --olddefconfig` writes from base and fragment, and what we write, byte for byte.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::Reference;
use super::cases::Case;
use super::kernel::{Arch, KernelTree, is_of_line};
use super::settings::{Merged, build};
use crate::report::{Check, Outcome, same_text};

/// The release lines whose trees are compared with.
pub(crate) const LINES: [&str; 2] = ["6.12", "6.1"];

/// The release line whose conf reads the small trees of `fixtures/kconfig`.
pub(crate) const SMALL_TREES_AS: &str = "6.12";

/// Compares every case that composes, on the tree of its kernel's release line.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    let cases = match Case::all(&reference.workspace) {
        Ok(cases) => cases,
        Err(error) => return vec![Check::new("configuration", Err(error))],
    };
    let trees: Vec<_> = LINES
        .map(|line| {
            let given = &reference.kernel_sources;
            (line, KernelTree::acquire(&reference.cache, given, line))
        })
        .into();
    let mut checks = Vec::new();
    for case in cases.iter().filter(|case| !case.settings_only) {
        let merged = Merged::by_nix(reference, case, None)
            .and_then(|merged| merged.map_err(|message| anyhow::anyhow!(message)));
        let mut check = |base: &str, outcome| {
            let name = format!("configuration/{} on {base}", case.name);
            checks.push(Check::new(name, outcome));
        };
        match merged {
            // Shown with its conflicts where settings are compared.
            Ok(merged) if !merged.composes() => {}
            Ok(_) if case.source().is_some() => {
                let tree = tree_for(&trees, Some(SMALL_TREES_AS));
                check(
                    "a small tree",
                    tree.and_then(|tree| on_small_tree(reference, case, tree)),
                );
            }
            Ok(merged) => {
                let tree = tree_for(&trees, merged.version.as_deref());
                check(
                    "its default configuration",
                    tree.and_then(|tree| on_default(reference, case, &merged, tree)),
                );
                let tree = tree_for(&trees, merged.version.as_deref());
                check(
                    "what `make defconfig` writes",
                    tree.and_then(|tree| on_made(reference, case, tree)),
                );
            }
            Err(error) => check("its default configuration", Err(error)),
        }
    }
    checks
}

fn tree_for<'t>(
    trees: &'t [(&str, Result<KernelTree>)],
    version: Option<&str>,
) -> Result<&'t KernelTree> {
    let version = version.context("the kernel's version is not known")?;
    let (line, tree) = trees
        .iter()
        .find(|(line, _)| is_of_line(version, line))
        .with_context(|| format!("no release line is set up for a kernel {version}"))?;
    match tree {
        Ok(tree) => Ok(tree),
        Err(error) => bail!("no sources of Linux {line}: {error:#}"),
    }
}

/// On the default configuration that we find ourselves.
fn on_default(
    reference: &Reference,
    case: &Case,
    merged: &Merged,
    tree: &KernelTree,
) -> Result<Outcome> {
    let arch = Arch::of_system(&case.system)?;
    let name = merged.defconfig.as_deref().unwrap_or("defconfig");
    let base = tree.default_configuration(arch, name)?;
    compare_on(reference, case, tree, &base, None)
}

/// On a complete configuration, given as the base.
fn on_made(reference: &Reference, case: &Case, tree: &KernelTree) -> Result<Outcome> {
    let base = tree.made_defconfig(Arch::of_system(&case.system)?)?;
    compare_on(reference, case, tree, &base, Some(&base))
}

/// On a small tree of our own: what is expected there, which the tests compare with.
fn on_small_tree(reference: &Reference, case: &Case, tree: &KernelTree) -> Result<Outcome> {
    let arch = Arch::of_system(&case.system)?;
    let source = case.source().context("the case has no source tree")?;
    let source = source.canonicalize()?;
    let fragment = build(reference, case).succeed()?.text();
    let start = format!(
        "{}{fragment}",
        fs::read_to_string(arch.defconfig_in(&source))?
    );
    let theirs = tree.olddefconfig_on(&source, arch, &start)?;
    let file = case.expected_configuration();
    if reference.bless {
        fs::write(&file, &theirs)?;
    }
    let expected = fs::read_to_string(&file)
        .with_context(|| format!("{} is not there (`--bless` writes it)", file.display()))?;
    Ok(same_text(("conf", &theirs), ("expected", &expected)))
}

/// `base` is where `conf` starts; `given` is what we are told of it.
fn compare_on(
    reference: &Reference,
    case: &Case,
    tree: &KernelTree,
    base: &Path,
    given: Option<&Path>,
) -> Result<Outcome> {
    let fragment = build(reference, case).succeed()?.text();
    let start = format!("{}{fragment}", fs::read_to_string(base)?);
    let theirs = tree.olddefconfig(Arch::of_system(&case.system)?, &start)?;

    let mut run = build(reference, case)
        .arg("--source")
        .arg(&tree.source)
        .args(["--answering", "olddefconfig"]);
    if let Some(base) = given {
        run = run.arg("--base").arg(base);
    }
    let ours = run.finish()?;
    // 1 tells of answers that were not reached: the configuration is written.
    if !matches!(ours.status.code(), Some(0 | 1)) {
        bail!("nix-kconfig: {}\n{}", ours.status, ours.stderr);
    }
    Ok(same_text(("conf", &theirs), ("nix-kconfig", &ours.text())))
}
