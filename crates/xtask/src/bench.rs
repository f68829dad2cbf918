//! `cargo xtask bench`: how fast the program is beside its reference, both
//! measured in the same run. Nothing here passes or fails: results are for
//! `docs/performance.md`.

mod answering;
mod eval;
mod explain;
mod kconfig;
mod lint;
mod measure;
mod modules;
mod page;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use crate::reference::Cache;
use crate::workspace::Workspace;

/// Options of the command.
#[derive(Args)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    benchmark: Benchmark,

    /// How often each side runs
    #[arg(long, global = true, default_value_t = 11)]
    runs: usize,

    /// Write the tables into docs/performance.md
    #[arg(long, global = true)]
    write: bool,

    /// A nix-kconfig to measure, in place of building a release
    #[arg(long, global = true, value_name = "PROGRAM")]
    program: Option<PathBuf>,

    /// Where reference programs are kept [default: reference/ in cargo's target
    /// folder]
    #[arg(long, global = true, value_name = "DIR")]
    cache: Option<PathBuf>,
}

/// What can be measured.
#[derive(Subcommand)]
enum Benchmark {
    /// Evaluating Nix, beside Nix itself
    Eval(eval::EvalArgs),
    /// The front ends of conf, beside the kernel's own
    Kconfig(kconfig::KconfigArgs),
    /// Merging a kernel's options, beside Nix with nixpkgs' module system
    Modules(modules::ModulesArgs),
    /// nixpkgs' own way, beside a conf answered question by question
    Answering(answering::AnsweringArgs),
    /// A question with a change that was tried, beside a build and beside kconfig-mcp
    Explain(explain::ExplainArgs),
    /// A hundred files without a tree, beside other linters for Nix
    Lint(lint::LintArgs),
}

/// What benchmarks are made with.
struct Bench {
    workspace: Workspace,
    cache: Cache,
    /// The program under measurement, as it is released.
    program: PathBuf,
    runs: usize,
}

/// Measures, prints the table and, where asked, writes it into the documentation.
///
/// # Errors
///
/// A reference program or the program itself cannot be had, or one of them fails.
pub(crate) fn run(args: BenchArgs) -> Result<bool> {
    let workspace = Workspace::find()?;
    let program = match &args.program {
        Some(program) => absolute(program)?,
        None => workspace.build_program(true)?,
    };
    let cache = match args.cache {
        Some(cache) => cache,
        None => workspace.target().join("reference"),
    };
    let bench = Bench {
        cache: Cache::open(&cache)?,
        workspace,
        program,
        runs: args.runs.max(1),
    };
    let (section, table) = match args.benchmark {
        Benchmark::Answering(args) => ("answering", answering::run(&bench, &args)?),
        Benchmark::Explain(args) => ("explain", explain::run(&bench, &args)?),
        Benchmark::Eval(args) => ("eval", eval::run(&bench, &args)?),
        Benchmark::Kconfig(args) => ("kconfig", kconfig::run(&bench, &args)?),
        Benchmark::Lint(args) => ("lint", lint::run(&bench, &args)?),
        Benchmark::Modules(args) => ("modules", modules::run(&bench, &args)?),
    };
    println!("{table}");
    if args.write {
        page::write_section(&bench.workspace, section, &table)?;
    }
    Ok(true)
}

fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize()
        .with_context(|| format!("{} is not there", path.display()))
}
