//! The kernels' own `conf` on small trees, whatever they hold: with bounds on what it may write
//! and how long it may take, for some of them have no end.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use super::Reference;
use super::conf::Conf;
use super::configuration::LINES;
use super::kernel::{Arch, KernelTree};
use super::left::{Left, files_in};
use crate::process::Run;

/// What a file may hold that a run writes, standard output included, in blocks of 512 bytes.
const MOST_BLOCKS: u32 = 8192;

/// How long a run may take; those that end take milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads `RELEASE=PROGRAM`.
pub(crate) fn given(argument: &str) -> Result<(String, PathBuf)> {
    let (release, program) = argument
        .split_once('=')
        .context("a release and its conf, as in 5.15=path/to/conf")?;
    Ok((release.to_owned(), Path::new(program).canonicalize()?))
}

/// A kernel's `conf`, whose name is just `conf` in what it says.
pub(crate) struct SmallConf {
    /// The release line, such as `6.12`.
    pub(crate) line: String,
    program: PathBuf,
}

impl SmallConf {
    /// Those of Debian's kernels, and of each that was given.
    pub(crate) fn acquire_all(reference: &Reference) -> Result<Vec<Self>> {
        let mut trees = Vec::new();
        for line in LINES {
            trees.push(KernelTree::acquire(
                &reference.cache,
                &reference.kernel_sources,
                line,
            )?);
        }
        for source in &reference.kernel_sources {
            let tree = KernelTree::open(&reference.cache, source.clone())?;
            if !LINES.iter().any(|line| tree.is_of(line)) {
                trees.push(tree);
            }
        }
        let built = trees.iter().map(|tree| Self::of_tree(reference, tree));
        let given = reference.confs.iter().map(|(line, program)| {
            Ok(Self {
                line: line.clone(),
                program: program.clone(),
            })
        });
        built.chain(given).collect()
    }

    fn of_tree(reference: &Reference, tree: &KernelTree) -> Result<Self> {
        let conf = Conf::acquire(&reference.cache, tree, Arch::of_system("x86_64-linux")?)?;
        let mut numbers = tree.version.split('.');
        let line = numbers.by_ref().take(2).collect::<Vec<_>>().join(".");
        Ok(Self {
            line,
            program: conf.program,
        })
    }

    /// Runs it in a folder.
    pub(crate) fn run<'e>(
        &self,
        folder: &Path,
        args: &[String],
        env: impl IntoIterator<Item = (&'e str, &'e str)>,
        stdin: &[u8],
    ) -> Result<Left> {
        let printed = tempfile::tempdir()?;
        symlink(&self.program, printed.path().join("conf"))?;
        let path = std::env::var("PATH").unwrap_or_default();
        let mut run = Run::new("sh")
            .arg("-c")
            .arg(format!(
                "ulimit -f {MOST_BLOCKS}; out=$1; shift; PATH=$out:$PATH; \
                 exec conf \"$@\" >\"$out/stdout\" 2>\"$out/stderr\""
            ))
            .arg("sh")
            .arg(printed.path())
            .args(args)
            .dir(folder)
            .env("PATH", path)
            .timeout(PATIENCE);
        for (name, value) in env {
            run = run.env(name, value);
        }
        let status = run.input(stdin)?.finish()?.status;
        let text = |name: &str| -> Result<String> {
            let bytes = fs::read(printed.path().join(name))?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        Ok(Left {
            status: status
                .code()
                .unwrap_or_else(|| -status.signal().unwrap_or_default()),
            stdout: text("stdout")?,
            stderr: text("stderr")?,
            files: files_in(folder)?,
        })
    }
}
