//! `cargo xtask bench explain`: a question with a change that was tried, beside building the same
//! kernel, and beside kconfig-mcp, the nearest program that answers such questions.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::Bench;
use super::measure::{Contender, alternate, table};
use crate::process::Run;
use crate::reference::kernel::{Arch, KernelTree};

/// Options of the benchmark.
#[derive(Args)]
pub(crate) struct ExplainArgs {
    /// The kernel's release line
    #[arg(long, default_value = "6.12")]
    line: String,

    /// What is asked for
    #[arg(long, default_value = "DRM_NOUVEAU_BACKLIGHT=y")]
    question: String,

    /// A Python that has kconfig-mcp (`pip install kconfig-mcp`), to compare with
    #[arg(long, value_name = "PROGRAM")]
    peer: Option<PathBuf>,
}

const SYSTEM: &str = "x86_64-linux";

/// Loads a tree and a configuration, seeks a change and has it verified, as kconfig-mcp's tool
/// `kconfig_why_not` does.
const ASK_PEER: &str = r#"
import os, sys
sys.setrecursionlimit(20000)
tree, config, question = sys.argv[1:4]
from kconfig_mcp import engine, loader
first = os.popen("gcc --version").readline().strip()
tools = dict(CC="gcc", LD="ld", AR="ar", NM="nm", OBJCOPY="objcopy", RUSTC="rustc",
             BINDGEN="bindgen", PAHOLE="pahole", PYTHON3="python3")
session = loader.load(os.path.join(tree, "Kconfig"), config, dict(
    tools, ARCH="x86_64", SRCARCH="x86", srctree=tree, KERNELVERSION=sys.argv[4],
    CC_VERSION_TEXT=first, RUSTC_VERSION_TEXT="", CLANG_FLAGS=""), "run")
name, value = question.split("=")
symbol, need = session.kconf.syms[name], "nmy".index(value)
plans, _ = engine.plan_for(session.kconf, symbol, need)
found = engine.verify(session.kconf, symbol, need, plans)
print(found[0] if found else None)
"#;

/// Measures and gives the tables.
pub(super) fn run(bench: &Bench, args: &ExplainArgs) -> Result<String> {
    let tree = KernelTree::acquire(&bench.cache, &[], &args.line)?;
    let arch = Arch::of_system(SYSTEM)?;
    let kernel = bench.workspace.path("fixtures/kernels/workstation.nix");
    let folder = tempfile::tempdir()?;
    let ours = |command: &str| {
        Run::new(&bench.program)
            .arg(command)
            .arg("--source")
            .arg(&tree.source)
            .args(["--system", SYSTEM, "--output"])
            .arg(folder.path().join(command))
    };
    let of_kernel = [
        Contender {
            name: "`nix-kconfig build`",
            run: Box::new(|| Ok(ours("build").arg(&kernel))),
        },
        Contender {
            name: "`nix-kconfig explain X=y`",
            run: Box::new(|| Ok(ours("explain").arg(&args.question).arg(&kernel))),
        },
    ];
    let measured = alternate(bench.runs, &of_kernel)?;
    let mut text = format!(
        "Linux {}, {}; medians of {} runs in turn. Asked of the fixture workstation, nixpkgs' way: \
         {}.\n\n{}",
        tree.version,
        arch.name,
        bench.runs,
        args.question,
        table(&of_kernel, &measured)
    );
    if let Some(python) = &args.peer {
        let config = tree.made_defconfig(arch)?;
        let of_config = [
            Contender {
                name: "kconfig-mcp",
                run: Box::new(|| {
                    Ok(Run::new(python)
                        .args(["-c", ASK_PEER])
                        .arg(&tree.source)
                        .arg(&config)
                        .args([&args.question, &tree.version]))
                }),
            },
            Contender {
                name: "`nix-kconfig explain X=y --config`",
                run: Box::new(|| {
                    Ok(ours("explain")
                        .arg(&args.question)
                        .arg("--config")
                        .arg(&config))
                }),
            },
        ];
        let measured = alternate(bench.runs, &of_config)?;
        text += "\nThe same asked of what `make defconfig` writes:\n\n";
        text += &table(&of_config, &measured);
    }
    Ok(text)
}
