//! Commands run by the shell.

use super::direct::{OUTPUT_LIMIT, read_messages};
use super::{ProbeError, ProbeOutput, Prober};
use crate::environment::Environment;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs every command with `sh -c`, as `popen` does in the reference program.
#[derive(Debug, Clone)]
pub struct HostShell {
    environment: Environment,
    folder: PathBuf,
}

impl HostShell {
    /// Runs commands in `folder` with exactly the variables of `environment`.
    pub fn new(environment: Environment, folder: impl Into<PathBuf>) -> Self {
        Self {
            environment,
            folder: folder.into(),
        }
    }

    /// The folder in which commands run.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Prober for HostShell {
    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError> {
        run(command, &self.environment, &self.folder).map_err(|error| ProbeError::Failed {
            command: command.to_owned(),
            reason: error.to_string(),
        })
    }
}

/// Has the shell run a command.
///
/// # Errors
/// When the shell cannot be started, or what it writes cannot be read.
pub(super) fn run(
    command: &str,
    environment: &Environment,
    folder: &Path,
) -> io::Result<ProbeOutput> {
    let mut child = Command::new("/bin/sh")
        .arg("-c")
        .arg(command)
        .env_clear()
        .envs(environment.iter())
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let messages = child.stderr.take().map(read_messages);
    let mut stdout = Vec::new();
    if let Some(pipe) = child.stdout.take() {
        // The pipe closes here, so that a command which writes without end is stopped.
        pipe.take(OUTPUT_LIMIT).read_to_end(&mut stdout)?;
    }
    child.wait()?;
    let stderr = match messages.map(std::thread::JoinHandle::join) {
        Some(Ok(kept)) => kept?,
        _ => Vec::new(),
    };
    Ok(ProbeOutput { stdout, stderr })
}
