//! `cargo xtask bench lint`: looking at a hundred files without a source tree, beside other linters
//! for Nix on the same files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::Bench;
use super::measure::{Contender, alternate, table};
use crate::process::Run;

/// Options of the benchmark.
#[derive(Args)]
pub(crate) struct LintArgs {
    /// How many files are looked at
    #[arg(long, default_value_t = 100)]
    files: usize,

    /// Another linter, with its arguments; may be repeated: `deadnix`, `statix check`
    #[arg(long, value_name = "COMMAND")]
    peer: Vec<String>,
}

/// Rules that look at texts alone are measured by themselves, as other linters do no more.
const NEEDS_EVALUATION: &str = "answer-is-default,force-drops-optional,force-without-effect,\
                                hidden-config-error,not-evaluated,option-on-mandatory,\
                                order-dependent-answer,redundant-definition,unknown-symbol";

/// Whatever is found is no failure.
const CONFIGURATION: &str = "[lint]\nnote = [\"all\"]\n";

/// Measures and gives the table.
pub(super) fn run(bench: &Bench, args: &LintArgs) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let files = folder.path().join("files");
    fs::create_dir(&files)?;
    let lines = fill(&files, &bench.workspace.path("fixtures"), args.files)?;
    let configuration = folder.path().join("nix-kconfig.toml");
    fs::write(&configuration, CONFIGURATION)?;
    let ours = || {
        Run::new(&bench.program)
            .args(["lint", "--system", "x86_64-linux", "--config"])
            .arg(&configuration)
            .dir(&files)
            .env("NIX_PATH", "")
    };
    let peers: Vec<(String, Vec<&str>)> = args
        .peer
        .iter()
        .map(|command| {
            let words: Vec<&str> = command.split_whitespace().collect();
            let program = words.first().context("an empty command")?;
            let name = program.rsplit('/').next().unwrap_or(program);
            Ok((format!("`{name}`"), words))
        })
        .collect::<Result<_>>()?;
    let mut contenders = vec![
        Contender {
            name: "`nix-kconfig lint`, kernels evaluated",
            run: Box::new(|| Ok(ours())),
        },
        Contender {
            name: "`nix-kconfig lint`, rules of texts",
            run: Box::new(|| Ok(ours().args(["--ignore", NEEDS_EVALUATION]))),
        },
    ];
    for (name, words) in &peers {
        contenders.push(Contender {
            name,
            run: Box::new(|| {
                let (program, arguments) = words.split_first().context("an empty command")?;
                Ok(Run::new(program).args(arguments).arg(".").dir(&files))
            }),
        });
    }
    let measured = alternate(bench.runs, &contenders)?;
    Ok(format!(
        "{} files with {lines} lines, from the fixtures; medians of {} runs in turn.\n\n{}",
        args.files,
        bench.runs,
        table(&contenders, &measured)
    ))
}

/// Puts so many files into a folder: kernels, patches and what rules are shown with, again under
/// other names if they are too few. How many lines that makes.
fn fill(folder: &Path, fixtures: &Path, count: usize) -> Result<usize> {
    let mut sources: Vec<PathBuf> = Vec::new();
    let mut open = ["kernels", "patches", "lint"]
        .map(|name| fixtures.join(name))
        .to_vec();
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "nix") {
                sources.push(path);
            }
        }
    }
    sources.sort();
    if sources.is_empty() {
        bail!("there are no fixtures in {}", fixtures.display());
    }
    let mut lines = 0;
    for (number, source) in sources.iter().cycle().take(count).enumerate() {
        let text = fs::read_to_string(source)?;
        lines += text.lines().count();
        fs::write(folder.join(format!("{number:04}.nix")), text)?;
    }
    Ok(lines)
}
