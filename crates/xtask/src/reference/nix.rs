//! Nix, the reference for the language: the newest that Debian has, in a folder
//! of its own.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail};

use super::cache::Cache;
use super::debian;
use crate::process::{Finished, Run, on_path, tail};

/// Debian's suite that has the newest Nix.
const NEWEST: &str = "sid";

/// A release of Nix, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Release {
    major: u32,
    minor: u32,
}

impl FromStr for Release {
    type Err = anyhow::Error;

    /// Reads `2.34`, `2.34.8`, `2.35pre20260101`.
    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.split('.').map(|part| {
            let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            part[..digits].parse()
        });
        match (parts.next(), parts.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Ok(Self { major, minor }),
            _ => bail!("`{text}` is no release of Nix"),
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A `nix-instantiate` that can be run.
pub(crate) struct Nix {
    /// The program and what comes before its own arguments.
    command: Vec<OsString>,
    pub(crate) release: Release,
    /// Holds its store and its home: nothing of the machine's is used.
    state: PathBuf,
}

impl Nix {
    /// A program given by its path or name.
    pub(crate) fn given(cache: &Cache, program: &Path) -> Result<Self> {
        Self::open(cache, vec![program.into()])
            .with_context(|| format!("{} is no nix-instantiate", program.display()))
    }

    /// The newest Nix that Debian has.
    pub(crate) fn fetch(cache: &Cache) -> Result<Self> {
        let root = cache.folder("nix", NEWEST, |folder| {
            println!("   fetching Nix from Debian {NEWEST}");
            debian::unpack_with_dependencies("nix-bin", NEWEST, folder)
        })?;
        Self::open(cache, unpacked_command(&root)?)
    }

    /// The Nix that is installed on this machine.
    pub(crate) fn installed(cache: &Cache) -> Result<Self> {
        if !on_path("nix-instantiate") {
            bail!("no nix-instantiate is installed (Debian has it in nix-bin)");
        }
        Self::open(cache, vec!["nix-instantiate".into()])
    }

    fn open(cache: &Cache, command: Vec<OsString>) -> Result<Self> {
        let mut nix = Self {
            command,
            release: Release { major: 0, minor: 0 },
            state: cache.state("nix-state")?,
        };
        let version = nix.run().arg("--version").succeed()?.text();
        nix.release = version
            .split_whitespace()
            .last()
            .with_context(|| format!("`{}` names no version", version.trim()))?
            .parse()?;
        nix.state = cache.state(&format!("nix-state-{}", nix.release))?;
        // The first to open a store creates its database. Processes that do so at the same
        // time can find it busy, and give up.
        nix.instantiate()
            .args(["--eval", "--expr", "1"])
            .succeed()?;
        Ok(nix)
    }

    /// The program and what comes before its own arguments.
    pub(crate) fn command(&self) -> &[OsString] {
        &self.command
    }

    /// Where its store and its home are.
    pub(crate) fn state(&self) -> &Path {
        &self.state
    }

    /// The program, to be given its arguments.
    fn run(&self) -> Run {
        Run::new(&self.command[0])
            .args(&self.command[1..])
            .env("HOME", self.state.join("home"))
            .env("NIX_PATH", "")
            .env("NIX_CONF_DIR", self.state.join("no-configuration"))
            .env("NIX_STATE_DIR", self.state.join("var"))
            .env("NIX_LOG_DIR", self.state.join("log"))
    }

    /// `nix-instantiate` with a store of its own, to be given what to evaluate.
    pub(crate) fn instantiate(&self) -> Run {
        let run = self.run().arg("--store").arg(self.state.join("store"));
        if self.release
            < (Release {
                major: 2,
                minor: 24,
            })
        {
            return run;
        }
        run.args([
            "--extra-experimental-features",
            "pipe-operators flakes fetch-tree",
        ])
    }
}

/// What stands before a message, and indents what follows its first line.
const ERROR: &str = "error:";
/// What it and the lines after it are indented by.
const INDENT: &str = "       ";

/// The message of a failed evaluation: what stands behind the last `error:`,
/// without the trace and the source excerpts before it.
pub(crate) fn error_message(finished: &Finished) -> String {
    let stderr = &finished.stderr;
    let lines: Vec<&str> = stderr.lines().collect();
    let starts = |line: &&str| line.trim_start().starts_with(ERROR);
    let Some(last) = lines.iter().rposition(starts) else {
        return tail(stderr, 5);
    };
    // A message may begin with an empty line.
    let first = lines[last]
        .trim_start()
        .trim_start_matches(ERROR)
        .trim_start();
    let rest = lines[last + 1..]
        .iter()
        .map(|line| line.strip_prefix(INDENT).unwrap_or(line));
    std::iter::once(first)
        .chain(rest)
        .collect::<Vec<_>>()
        .join("\n")
}

/// How to run the Nix unpacked below `root`: through its own loader and with its
/// own libraries, since this machine's may be too old for it.
fn unpacked_command(root: &Path) -> Result<Vec<OsString>> {
    let libraries = fs::read_dir(root.join("usr/lib"))?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|folder| folder.join("libc.so.6").is_file())
        .context("the packages of Nix hold no libc")?;
    let loader = fs::read_dir(&libraries)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("ld-linux"))
        })
        .context("the packages of Nix hold no loader")?;
    Ok(vec![
        loader.into(),
        "--argv0".into(),
        "nix-instantiate".into(),
        "--library-path".into(),
        libraries.into(),
        root.join("usr/bin/nix").into(),
    ])
}
