//! `$(shell …)`: the commands by which a Kconfig tree asks about the toolchain.
//!
//! [`Host`] has them answered by this machine's tools, [`Replay`] from a record. A command runs
//! as the shell would run it: [`words`] reads the part of the shell's language that kernels use,
//! [`plan`] makes of it what to do, [`direct`] does it; everything else goes to the shell.

mod cache;
mod dependencies;
mod direct;
mod forms;
mod host;
mod lookahead;
mod plan;
mod profile;
mod replay;
mod running;
mod search;
mod shell;
mod shipped;
#[cfg(test)]
mod tests;
mod tree_path;
mod words;

pub use host::Host;
pub use profile::{Profile, ProfileError, ProfileReplay};
pub use replay::{Recorder, Replay};
pub(crate) use search::{Search, Sought};
pub use shell::HostShell;

use crate::files::FileSource;
use crate::parse::ParseOptions;

/// What a command wrote. Its exit status does not matter to the language.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ProbeOutput {
    /// Standard output, which becomes the value of `$(shell …)`.
    pub stdout: Vec<u8>,
    /// Standard error, which is passed on to the user.
    pub stderr: Vec<u8>,
}

impl ProbeOutput {
    /// The value of `$(shell …)` (`do_shell` in preprocess.c): at most 4095 bytes of output;
    /// newlines at its end go, others become blanks.
    pub fn value(&self) -> Vec<u8> {
        let mut text = self.stdout.clone();
        text.truncate(4095);
        while text.last() == Some(&b'\n') {
            text.pop();
        }
        for byte in &mut text {
            if *byte == b'\n' {
                *byte = b' ';
            }
        }
        // The reference program keeps a C string.
        if let Some(end) = memchr::memchr(0, &text) {
            text.truncate(end);
        }
        text
    }
}

/// Why a command has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The command could not be run, or did not come to an end.
    #[error("cannot run `{command}`: {reason}")]
    Failed {
        /// The command.
        command: String,
        /// Why, as the operating system says it.
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

impl ProbeError {
    fn failed(command: &str, reason: &impl ToString) -> Self {
        Self::Failed {
            command: command.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// Answers `$(shell …)`.
pub trait Prober {
    /// Runs the command, or answers as if it had been run.
    ///
    /// # Errors
    /// When there is no answer; parsing stops then.
    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError>;

    /// Told which tree is about to be read, before anything is asked.
    fn begin(&mut self, _options: &ParseOptions<'_>, _files: &dyn FileSource) {}

    /// Whether a text depends on an answer that is not known yet. Only looking ahead has such
    /// answers.
    fn is_unknown(&self, _text: &[u8]) -> bool {
        false
    }
}

impl<P: Prober + ?Sized> Prober for &mut P {
    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError> {
        (**self).run(command)
    }

    fn begin(&mut self, options: &ParseOptions<'_>, files: &dyn FileSource) {
        (**self).begin(options, files);
    }

    fn is_unknown(&self, text: &[u8]) -> bool {
        (**self).is_unknown(text)
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
