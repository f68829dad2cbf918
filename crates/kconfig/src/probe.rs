//! `$(shell …)`: the commands by which a Kconfig tree asks about the toolchain.

use crate::environment::Environment;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{io, thread};

/// What a command wrote. Its exit status does not matter to the language.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ProbeOutput {
    /// Standard output, which becomes the value of `$(shell …)`.
    pub stdout: Vec<u8>,
    /// Standard error, which is passed on to the user.
    pub stderr: Vec<u8>,
}

/// Why a command has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The shell could not be started.
    #[error("cannot run `{command}`: {reason}")]
    Failed {
        /// The command.
        command: String,
        /// What the operating system said.
        reason: String,
    },
    /// Commands may not be run here.
    #[error("the Kconfig tree asks to run `{command}`, and running commands is not allowed here")]
    Refused {
        /// The command.
        command: String,
    },
    /// A recorded profile does not hold the command.
    #[error("the recorded toolchain has no answer to `{command}`")]
    NotRecorded {
        /// The command.
        command: String,
    },
}

/// Answers `$(shell …)`.
pub trait Prober {
    /// Runs the command, or answers as if it had been run.
    ///
    /// # Errors
    /// When there is no answer; parsing stops then.
    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError>;
}

impl<P: Prober + ?Sized> Prober for &mut P {
    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError> {
        (**self).run(command)
    }
}

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

/// How much of a command's standard output the language takes (`do_shell` in preprocess.c).
const OUTPUT_LIMIT: u64 = 4096;
/// How much of a command's standard error is kept.
const MESSAGE_LIMIT: u64 = 1 << 16;

impl HostShell {
    fn spawn(&self, command: &str) -> io::Result<ProbeOutput> {
        let mut child = Command::new("/bin/sh")
            .arg("-c")
            .arg(command)
            .env_clear()
            .envs(self.environment.iter())
            .current_dir(&self.folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let messages = child.stderr.take().map(|stderr| {
            thread::spawn(move || {
                let mut kept = Vec::new();
                let result = stderr.take(MESSAGE_LIMIT).read_to_end(&mut kept);
                result.map(|_| kept)
            })
        });
        let mut stdout = Vec::new();
        if let Some(pipe) = child.stdout.take() {
            // The pipe closes here, so that a command which writes without end is stopped.
            pipe.take(OUTPUT_LIMIT).read_to_end(&mut stdout)?;
        }
        child.wait()?;
        let stderr = match messages.map(thread::JoinHandle::join) {
            Some(Ok(kept)) => kept?,
            _ => Vec::new(),
        };
        Ok(ProbeOutput { stdout, stderr })
    }
}

impl Prober for HostShell {
    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError> {
        self.spawn(command).map_err(|error| ProbeError::Failed {
            command: command.to_owned(),
            reason: error.to_string(),
        })
    }
}

/// Refuses every command.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoShell;

impl Prober for NoShell {
    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError> {
        Err(ProbeError::Refused {
            command: command.to_owned(),
        })
    }
}

/// Answers from a list of commands and their outputs.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Replay {
    answers: BTreeMap<String, ProbeOutput>,
}

impl Replay {
    /// A list without answers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the standard output of a command.
    pub fn insert(&mut self, command: impl Into<String>, output: ProbeOutput) {
        self.answers.insert(command.into(), output);
    }

    /// All recorded commands with their answers.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ProbeOutput)> {
        self.answers.iter().map(|(k, v)| (k.as_str(), v))
    }
}

impl Prober for Replay {
    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError> {
        self.answers
            .get(command)
            .cloned()
            .ok_or_else(|| ProbeError::NotRecorded {
                command: command.to_owned(),
            })
    }
}

/// Passes commands on and keeps their answers, each distinct command once.
#[derive(Debug)]
pub struct Recorder<P> {
    inner: P,
    recorded: Replay,
}

impl<P: Prober> Recorder<P> {
    /// Records what `inner` answers.
    pub fn new(inner: P) -> Self {
        Self {
            inner,
            recorded: Replay::new(),
        }
    }

    /// The answers so far.
    pub fn into_recorded(self) -> Replay {
        self.recorded
    }
}

impl<P: Prober> Prober for Recorder<P> {
    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError> {
        if let Ok(answer) = self.recorded.run(command) {
            return Ok(answer);
        }
        let output = self.inner.run(command)?;
        self.recorded.insert(command, output.clone());
        Ok(output)
    }
}
