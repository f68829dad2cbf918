//! Final configurations of the fixture kernels: what the kernel's own `conf
//! --olddefconfig` writes from base and fragment, and what we write, byte for byte.

use anyhow::{Context, Result, bail};

use super::Reference;
use super::cases::Case;
use super::kernel::{KernelTree, is_of_line, kernel_arch};
use super::settings::{Merged, build};
use crate::report::{Check, Outcome, same_text};

/// The release lines whose trees are compared with.
pub(crate) const LINES: [&str; 2] = ["6.12", "6.1"];

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
    for case in &cases {
        let merged = Merged::by_nix(&reference.nix, &reference.workspace, case, None)
            .and_then(|merged| merged.map_err(|message| anyhow::anyhow!(message)));
        let outcome = match merged {
            // Shown with its conflicts where settings are compared.
            Ok(merged) if !merged.composes() => continue,
            Ok(merged) => tree_for(&trees, &merged.version)
                .and_then(|tree| compare_case(reference, case, &merged, tree)),
            Err(error) => Err(error),
        };
        checks.push(Check::new(format!("configuration/{}", case.name), outcome));
    }
    checks
}

fn tree_for<'t>(trees: &'t [(&str, Result<KernelTree>)], version: &str) -> Result<&'t KernelTree> {
    let (line, tree) = trees
        .iter()
        .find(|(line, _)| is_of_line(version, line))
        .with_context(|| format!("no release line is set up for a kernel {version}"))?;
    match tree {
        Ok(tree) => Ok(tree),
        Err(error) => bail!("no sources of Linux {line}: {error:#}"),
    }
}

fn compare_case(
    reference: &Reference,
    case: &Case,
    merged: &Merged,
    tree: &KernelTree,
) -> Result<Outcome> {
    let arch = kernel_arch(&case.system)?;
    let target = merged.defconfig.as_deref().unwrap_or("defconfig");
    let fragment = build(reference, case).succeed()?.text();
    let start = format!("{}{fragment}", tree.base(arch, target)?);
    let theirs = tree.olddefconfig(arch, &start)?;

    let ours = build(reference, case)
        .arg("--source")
        .arg(&tree.source)
        .args(["--answering", "olddefconfig"])
        .finish()?;
    // 1 tells of answers that were not reached: the configuration is written.
    if !matches!(ours.status.code(), Some(0 | 1)) {
        bail!("nix-kconfig: {}\n{}", ours.status, ours.stderr);
    }
    Ok(same_text(("conf", &theirs), ("nix-kconfig", &ours.text())))
}
