//! Answers from a list, and lists made of answers.

use super::{ProbeError, ProbeOutput, Prober};
use crate::files::FileSource;
use crate::parse::ParseOptions;
use std::collections::BTreeMap;

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

    /// Adds the output of a command.
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

    fn begin(&mut self, options: &ParseOptions<'_>, files: &dyn FileSource) {
        self.inner.begin(options, files);
    }
}
