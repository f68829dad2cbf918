//! The same answers to `$(shell …)` for the kernel's `conf` and for ours: run once by a
//! preloaded `popen` and kept as files, then read from there by both.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use kconfig::{ProbeError, ProbeOutput, Prober};

use super::cache::Cache;
use crate::process::Run;
use crate::workspace::Workspace;

/// The source of the preloaded library, from the top of the repository.
const SOURCE: &str = "crates/xtask/c/answered-popen.c";

/// Answers of one kernel's tree on this machine.
pub(crate) struct Answers {
    folder: PathBuf,
    library: PathBuf,
}

impl Answers {
    /// The answers kept under `name`, none at first.
    pub(crate) fn open(cache: &Cache, workspace: &Workspace, name: &str) -> Result<Self> {
        let source = workspace.path(SOURCE);
        let text = fs::read_to_string(&source)?;
        let library = cache.folder("answered-popen", &text, |folder| {
            Run::new("gcc")
                .args(["-O2", "-shared", "-fPIC", "-o"])
                .arg(folder.join("answered-popen.so"))
                .arg(&source)
                .arg("-ldl")
                .succeed()?;
            Ok(())
        })?;
        Ok(Self {
            folder: cache.state(name)?,
            library: library.join("answered-popen.so"),
        })
    }

    /// Has a run of the kernel's `conf` take these answers, and add those that are missing.
    pub(crate) fn give(&self, run: Run) -> Run {
        run.env("LD_PRELOAD", &self.library)
            .env("ANSWERS", &self.folder)
    }

    /// Answers for a run of ours.
    pub(crate) fn prober(&self) -> Recorded<'_> {
        Recorded {
            folder: &self.folder,
        }
    }

    /// That something was asked at all: a library that was not loaded would go unnoticed.
    pub(crate) fn require_some(&self) -> Result<()> {
        ensure!(
            fs::read_dir(&self.folder)?.next().is_some(),
            "no answer was recorded in {}",
            self.folder.display()
        );
        Ok(())
    }
}

/// Answers from files; a command that the kernel's `conf` did not run has none.
pub(crate) struct Recorded<'a> {
    folder: &'a Path,
}

impl Prober for Recorded<'_> {
    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError> {
        let file = self.folder.join(format!("{:016x}", fnv(command)));
        match fs::read(file) {
            Ok(stdout) => Ok(ProbeOutput {
                stdout,
                stderr: Vec::new(),
            }),
            Err(_) => Err(ProbeError::NotRecorded {
                command: command.to_owned(),
            }),
        }
    }
}

/// The hash by which the preloaded library names files (FNV-1a).
fn fnv(text: &str) -> u64 {
    text.bytes().fold(14_695_981_039_346_656_037, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(1_099_511_628_211)
    })
}
