//! `cargo xtask bench kconfig`: whole runs of `conf`, ours beside the kernel's own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use super::Bench;
use super::measure::{Contender, alternate, table};
use crate::process::Run;
use crate::reference::answers::Answers;
use crate::reference::conf::Conf;
use crate::reference::kernel::{Arch, KernelTree};

/// Options of the benchmark.
#[derive(Args)]
pub(crate) struct KconfigArgs {
    /// The kernel's release line
    #[arg(long, default_value = "6.12")]
    line: String,

    /// The Nix system whose architecture is configured
    #[arg(long, default_value = "x86_64-linux")]
    system: String,
}

/// Measures and gives the table.
pub(super) fn run(bench: &Bench, args: &KconfigArgs) -> Result<String> {
    let tree = KernelTree::acquire(&bench.cache, &[], &args.line)?;
    let arch = Arch::of_system(&args.system)?;
    let conf = Conf::acquire(&bench.cache, &tree, arch)?;
    let kept_answers = format!("answers-{}-{}", tree.version, arch.name);
    let answers = Answers::open(&bench.cache, &bench.workspace, &kept_answers)?;
    let start = fs::read_to_string(arch.defconfig_in(&tree.source))?;
    let folder = tempfile::tempdir()?;
    let kept = tempfile::tempdir()?;
    let answers_alone = tempfile::tempdir()?;
    // Where a file is, nothing can be kept.
    fs::write(answers_alone.path().join("parsed"), "")?;
    let tokens = bench.workspace.build_example("tokens")?;
    let prepared = |program: &Path| -> Result<Run> {
        fs::write(folder.path().join(".config"), &start)?;
        Ok(conf.run(program, folder.path()))
    };
    let olddefconfig = ["--olddefconfig", "Kconfig"];
    let ours = || Ok::<_, anyhow::Error>(prepared(&bench.program)?.arg("conf").args(olddefconfig));
    let theirs: PathBuf = conf.program.clone();
    let list = folder.path().join("files");
    list_files(prepared(&theirs)?.args(olddefconfig), folder.path(), &list)?;
    let contenders = [
        Contender {
            name: "the kernel's `conf --olddefconfig`",
            run: Box::new(|| Ok(prepared(&theirs)?.args(olddefconfig))),
        },
        Contender {
            name: "the same, commands answered from memory",
            run: Box::new(|| Ok(answers.give(prepared(&theirs)?.args(olddefconfig)))),
        },
        Contender {
            name: "`nix-kconfig conf --olddefconfig`, cold cache of answers",
            run: Box::new(|| Ok(ours()?.env("NIX_KCONFIG_NO_CACHE", "1"))),
        },
        Contender {
            name: "the same, warm cache of answers, the tree read anew",
            run: Box::new(|| Ok(ours()?.env("NIX_KCONFIG_CACHE", answers_alone.path()))),
        },
        Contender {
            name: "the same, answers and parsed tree kept from the run before",
            run: Box::new(|| Ok(ours()?.env("NIX_KCONFIG_CACHE", kept.path()))),
        },
        Contender {
            name: "limit: reading the files and splitting them into tokens, once",
            run: Box::new(|| Ok(Run::new(&tokens).arg(&tree.source).arg(&list))),
        },
    ];
    let measured = alternate(bench.runs, &contenders)?;
    Ok(format!(
        "Linux {}, {}; medians of {} runs in turn.\n\n{}",
        tree.version,
        arch.name,
        bench.runs,
        table(&contenders, &measured)
    ))
}

/// Lists the Kconfig files that a run of `conf` in `folder` reads, as it notes them for `make`.
fn list_files(run: Run, folder: &Path, list: &Path) -> Result<()> {
    run.succeed()?;
    let noted = fs::read_to_string(folder.join("include/config/auto.conf.cmd"))?;
    let names: Vec<&str> = noted
        .lines()
        .filter_map(|line| line.strip_prefix('\t')?.strip_suffix(" \\"))
        .collect();
    fs::write(list, names.join("\n"))?;
    Ok(())
}
