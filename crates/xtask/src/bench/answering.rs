//! `cargo xtask bench answering`: nixpkgs' own way from a kernel's file to its `.config`, ours
//! beside the kernel's `conf` that is answered question by question.

use std::fs;

use anyhow::Result;
use clap::Args;

use super::Bench;
use super::measure::{Contender, alternate, table};
use crate::process::Run;
use crate::reference::answering::{Driven, USUAL};
use crate::reference::conf::Conf;
use crate::reference::kernel::{Arch, KernelTree};

/// Options of the benchmark.
#[derive(Args)]
pub(crate) struct AnsweringArgs {
    /// The kernel's release line
    #[arg(long, default_value = "6.12")]
    line: String,
}

/// The kernel, and its answers.
const CASE: &str = "workstation";
const SYSTEM: &str = "x86_64-linux";

/// Measures and gives the table.
pub(super) fn run(bench: &Bench, args: &AnsweringArgs) -> Result<String> {
    let tree = KernelTree::acquire(&bench.cache, &[], &args.line)?;
    let arch = Arch::of_system(SYSTEM)?;
    let fixtures = bench.workspace.path("fixtures");
    let driven = Driven {
        conf: Conf::acquire(&bench.cache, &tree, arch)?,
        marked: Conf::marked(&bench.cache, &tree, arch)?,
        source: None,
        answers: fixtures.join(format!("kernels/expected/{CASE}.txt")),
        manner: USUAL,
        driver: None,
    };
    let base = fs::read_to_string(tree.made_defconfig(arch)?)?;
    let folder = tempfile::tempdir()?;
    let contenders = [
        Contender {
            name: "the kernel's `conf`, answered twice over",
            run: Box::new(|| {
                fs::write(folder.path().join(".config"), &base)?;
                driven.run(folder.path())
            }),
        },
        Contender {
            name: "`nix-kconfig build`",
            run: Box::new(|| {
                Ok(Run::new(&bench.program)
                    .arg("build")
                    .arg(fixtures.join(format!("kernels/{CASE}.nix")))
                    .arg("--source")
                    .arg(&tree.source)
                    .args(["--system", SYSTEM, "-o"])
                    .arg(folder.path().join("ours")))
            }),
        },
    ];
    let measured = alternate(bench.runs, &contenders)?;
    Ok(format!(
        "Linux {}, {}; medians of {} runs in turn. Theirs begins with the `.config` of `make defconfig`, \
         ours with Nix files.\n\n{}",
        tree.version,
        arch.name,
        bench.runs,
        table(&contenders, &measured)
    ))
}
