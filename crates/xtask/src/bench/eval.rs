//! `cargo xtask bench eval`: evaluating Nix, ours beside Nix itself.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use super::Bench;
use super::measure::{Contender, Measured, alternate};
use crate::process::Run;
use crate::reference::cases::Case;
use crate::reference::nix::Nix;
use crate::reference::settings::{stand_in, with_kernel};

/// Options of the benchmark.
#[derive(Args)]
pub(crate) struct EvalArgs {
    /// The `lib` folder of a nixpkgs: a kernel's settings are merged with its module
    /// system
    #[arg(long, value_name = "DIR")]
    lib: Option<PathBuf>,

    /// The fixture kernel whose settings are merged [default: the first]
    #[arg(long, value_name = "NAME", requires = "lib")]
    kernel: Option<String>,

    /// A folder of Nix files to parse, in place of this repository's own
    #[arg(long, value_name = "DIR")]
    sources: Option<PathBuf>,

    /// A nix-instantiate to compare with, in place of the newest that Debian has
    #[arg(long, value_name = "PROGRAM")]
    nix: Option<PathBuf>,
}

/// What is evaluated: a name for the table, and the arguments for both sides.
struct Program {
    name: String,
    arguments: Box<dyn Fn(Run) -> Run>,
}

/// The programs of `crates/xtask/nix/bench`, with what they are called in the table.
const PROGRAMS: [(&str, &str); 6] = [
    ("fib.nix", "(b) `fib 27`"),
    ("foldl.nix", "(b) `foldl'` over `genList` of 10⁶"),
    ("sort.nix", "(b) `sort` of 10⁵"),
    (
        "generic-closure.nix",
        "(b) `genericClosure` over 2·10⁴ keys",
    ),
    (
        "attribute-sets.nix",
        "(c) `listToAttrs`, `mapAttrs`, `//` over 2·10⁵ names",
    ),
    (
        "strings.nix",
        "(d) `split`, `match`, `replaceStrings` over 10⁶ characters",
    ),
];

/// As many files are parsed at most.
const MOST_FILES: usize = 500;

/// Measures and gives the table.
pub(super) fn run(bench: &Bench, args: &EvalArgs) -> Result<String> {
    let nix = match &args.nix {
        Some(program) => Nix::given(&bench.cache, program)?,
        None => Nix::fetch(&bench.cache)?,
    };
    let mut text = format!(
        "Nix {}; medians of {} runs in turn.\n\n\
         | program | Nix | ours | ratio | processor time | peak memory, Nix | ours | ratio |\n\
         | --- | --: | --: | --: | --: | --: | --: | --: |\n",
        nix.release, bench.runs
    );
    for program in programs(bench, args)? {
        let contenders = [
            Contender {
                name: "Nix",
                run: Box::new(|| Ok((program.arguments)(nix.instantiate()))),
            },
            Contender {
                name: "nix-kconfig",
                run: Box::new(|| {
                    let ours = Run::new(&bench.program).arg("instantiate");
                    Ok((program.arguments)(ours.env("NIX_PATH", "")))
                }),
            },
        ];
        let measured = alternate(bench.runs, &contenders)
            .with_context(|| format!("program {}", program.name))?;
        if let [theirs, ours] = measured[..] {
            text.push_str(&row(&program.name, theirs, ours));
        }
    }
    Ok(text)
}

fn row(name: &str, theirs: Measured, ours: Measured) -> String {
    let milliseconds = |measured: Measured| measured.elapsed.as_secs_f64() * 1e3;
    let megabytes = |measured: Measured| measured.peak as f64 / 1e6;
    format!(
        "| {name} | {:.1} ms | {:.1} ms | {:.1}× | {:.1}× | {:.0} MB | {:.0} MB | {:.1}× |\n",
        milliseconds(theirs),
        milliseconds(ours),
        milliseconds(theirs) / milliseconds(ours).max(1e-6),
        theirs.busy.as_secs_f64() / ours.busy.as_secs_f64().max(1e-9),
        megabytes(theirs),
        megabytes(ours),
        megabytes(theirs) / megabytes(ours).max(1e-6),
    )
}

fn programs(bench: &Bench, args: &EvalArgs) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    if let Some(lib) = &args.lib {
        programs.push(kernel(bench, lib, args.kernel.as_deref())?);
    }
    for (file, name) in PROGRAMS {
        let file = bench.workspace.path("crates/xtask/nix/bench").join(file);
        programs.push(Program {
            name: name.to_owned(),
            arguments: Box::new(move |run| run.args(["--eval", "--strict"]).arg(&file)),
        });
    }
    let root = match &args.sources {
        Some(folder) => folder.clone(),
        None => bench.workspace.path("crates"),
    };
    let files = nix_files(&root)?;
    programs.push(Program {
        name: format!("(e) parsing {} files", files.len()),
        arguments: Box::new(move |run| run.arg("--parse").args(&files)),
    });
    programs.push(Program {
        name: "(f) `1`".to_owned(),
        arguments: Box::new(|run| run.args(["--eval", "-E", "1"])),
    });
    Ok(programs)
}

/// A kernel's settings, merged with the module system of a real `lib`.
fn kernel(bench: &Bench, lib: &Path, name: Option<&str>) -> Result<Program> {
    let lib = lib
        .canonicalize()
        .with_context(|| format!("{} is not there", lib.display()))?;
    let mut cases = Case::all(&bench.workspace)?.into_iter();
    let case = match name {
        Some(name) => cases.find(|case| case.name == name),
        None => cases.next(),
    };
    let case = case.context("there is no such kernel in fixtures/kernels/cases.toml")?;
    let workspace = bench.workspace.clone();
    let nixpkgs = stand_in(&workspace)?;
    Ok(Program {
        name: format!("(a) settings of the kernel `{}`", case.name),
        arguments: Box::new(move |run| with_kernel(run, &workspace, &nixpkgs, &case, Some(&lib))),
    })
}

/// The Nix files below a folder, in order.
fn nix_files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "nix") {
                files.push(path);
            }
        }
    }
    files.sort();
    files.truncate(MOST_FILES);
    Ok(files)
}
