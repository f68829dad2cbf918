//! Commands run by the shell.

use super::direct::{MESSAGE_LIMIT, OUTPUT_LIMIT};
use super::running::{Pipe, Running, TIME_LIMIT, stdin};
use super::{ProbeError, ProbeOutput, Prober};
use crate::environment::Environment;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Runs every command with `sh -c`, as `popen` does in the reference program.
#[derive(Debug, Clone)]
pub struct HostShell {
    environment: Environment,
    folder: PathBuf,
    time: Duration,
}

impl HostShell {
    /// Runs commands in `folder` with exactly the variables of `environment`. A command that takes
    /// longer than a minute is killed, and has no answer.
    pub fn new(environment: Environment, folder: impl Into<PathBuf>) -> Self {
        Self {
            environment,
            folder: folder.into(),
            time: TIME_LIMIT,
        }
    }

    /// The same with another limit for the time that a command may take.
    #[must_use]
    pub fn with_time_limit(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// The folder in which commands run.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Prober for HostShell {
    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError> {
        run(command, &self.environment, &self.folder, self.time)
            .map_err(|error| ProbeError::failed(command, &error))
    }
}

/// Has the shell run a command.
///
/// # Errors
/// When the shell cannot be started, what it writes cannot be read, or it takes too long.
pub(super) fn run(
    command: &str,
    environment: &Environment,
    folder: &Path,
    time: Duration,
) -> io::Result<ProbeOutput> {
    let mut running = Running::new(time);
    let child = running.spawn(
        Command::new("/bin/sh")
            .arg("-c")
            .arg(command)
            .env_clear()
            .envs(environment.iter())
            .current_dir(folder)
            .stdin(stdin())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    )?;
    let mut stdout = Pipe::of(child.stdout.take(), OUTPUT_LIMIT);
    let mut stderr = Pipe::of(child.stderr.take(), MESSAGE_LIMIT);
    running.read(&mut [&mut stdout, &mut stderr])?;
    running.wait()?;
    Ok(ProbeOutput {
        stdout: stdout.content,
        stderr: stderr.content,
    })
}
