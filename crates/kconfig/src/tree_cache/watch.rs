//! Watches what a tree is parsed from, and what is said of it.

use super::pack::{Damaged, Reader, Unpacked, Writer};
use crate::diagnostics::{Diagnostic, Place, Reporter, Severity};
use crate::files::{FileSource, FileState};
use crate::parse::ParseOptions;
use crate::probe::{ProbeError, ProbeOutput, Prober};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

/// Files, and a note of each that was asked for.
pub(super) struct WatchedFiles<'a> {
    files: &'a dyn FileSource,
    seen: RefCell<Vec<(String, FileState)>>,
}

impl<'a> WatchedFiles<'a> {
    pub(super) fn new(files: &'a dyn FileSource) -> Self {
        Self {
            files,
            seen: RefCell::default(),
        }
    }

    /// The files that were asked for, as they were then.
    pub(super) fn into_seen(self) -> Vec<(String, FileState)> {
        self.seen.into_inner()
    }
}

impl FileSource for WatchedFiles<'_> {
    fn read(&self, name: &str) -> io::Result<Option<Arc<[u8]>>> {
        // Before it is read: what changes in between is seen the next time.
        let state = self.files.state(name)?;
        self.seen.borrow_mut().push((name.to_owned(), state));
        self.files.read(name)
    }

    fn state(&self, name: &str) -> io::Result<FileState> {
        self.files.state(name)
    }

    fn identity(&self) -> Vec<u8> {
        self.files.identity()
    }

    fn share(&self) -> Option<Arc<dyn FileSource + Send + Sync>> {
        self.files.share()
    }
}

/// A command and what it answered.
pub(super) struct Command {
    pub(super) text: String,
    pub(super) output: ProbeOutput,
}

impl Command {
    pub(super) fn write(&self, out: &mut Writer) {
        out.text(self.text.as_bytes());
        out.text(&self.output.stdout);
        out.text(&self.output.stderr);
    }

    pub(super) fn read(pack: &mut Reader<'_>) -> Unpacked<Self> {
        Ok(Self {
            text: pack.string()?,
            output: ProbeOutput {
                stdout: pack.text()?.to_vec(),
                stderr: pack.text()?.to_vec(),
            },
        })
    }
}

/// Answers that were got before the tree asked for them, in the order in which it will.
#[derive(Default)]
pub(super) struct Answered(VecDeque<Command>);

impl Answered {
    pub(super) fn push(&mut self, command: &str, output: ProbeOutput) {
        self.0.push_back(Command {
            text: command.to_owned(),
            output,
        });
    }

    fn take(&mut self, command: &str) -> Option<ProbeOutput> {
        if self.0.front()?.text != command {
            return None;
        }
        self.0.pop_front().map(|command| command.output)
    }
}

/// Answers commands, and notes what was answered.
pub(super) struct WatchedProber<'a> {
    prober: &'a mut dyn Prober,
    answered: Answered,
    pub(super) commands: Vec<Command>,
}

impl<'a> WatchedProber<'a> {
    /// A prober that has been told of the tree, and what it has answered since.
    pub(super) fn new(prober: &'a mut dyn Prober, answered: Answered) -> Self {
        Self {
            prober,
            answered,
            commands: Vec::new(),
        }
    }
}

impl Prober for WatchedProber<'_> {
    fn begin(&mut self, _: &ParseOptions<'_>, _: &dyn FileSource) {
        // It has been told.
    }

    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError> {
        let output = match self.answered.take(command) {
            Some(output) => output,
            None => self.prober.run(command)?,
        };
        self.commands.push(Command {
            text: command.to_owned(),
            output: output.clone(),
        });
        Ok(output)
    }

    fn is_unknown(&self, text: &[u8]) -> bool {
        self.prober.is_unknown(text)
    }
}

/// What was said while a tree was parsed.
pub(super) enum Message {
    Diagnostic(Diagnostic),
    Output(Vec<u8>),
}

impl Message {
    pub(super) fn repeat(&self, reporter: &mut dyn Reporter) {
        match self {
            Self::Diagnostic(diagnostic) => reporter.diagnostic(diagnostic.clone()),
            Self::Output(text) => reporter.output(text),
        }
    }

    pub(super) fn write(&self, out: &mut Writer) {
        match self {
            Self::Output(text) => {
                out.word(0);
                out.text(text);
            }
            Self::Diagnostic(diagnostic) => {
                out.word(match diagnostic.severity {
                    Severity::Warning => 1,
                    Severity::Error => 2,
                });
                out.list(diagnostic.place.iter(), |out, place| {
                    out.text(place.file.as_bytes());
                    out.word(place.line);
                    out.word(place.column);
                });
                out.text(diagnostic.message.as_bytes());
                out.text(&diagnostic.printed);
            }
        }
    }

    pub(super) fn read(pack: &mut Reader<'_>) -> Unpacked<Self> {
        let severity = match pack.word()? {
            0 => return Ok(Self::Output(pack.text()?.to_vec())),
            1 => Severity::Warning,
            2 => Severity::Error,
            _ => return Err(Damaged),
        };
        let mut places = pack.list(|pack| {
            Ok(Place {
                file: pack.string()?,
                line: pack.word()?,
                column: pack.word()?,
            })
        })?;
        Ok(Self::Diagnostic(Diagnostic {
            severity,
            place: places.pop(),
            message: pack.string()?,
            printed: pack.text()?.to_vec(),
        }))
    }
}

/// Passes messages on, and notes them.
pub(super) struct Recording<'a> {
    reporter: &'a mut dyn Reporter,
    pub(super) messages: Vec<Message>,
}

impl<'a> Recording<'a> {
    pub(super) fn new(reporter: &'a mut dyn Reporter) -> Self {
        Self {
            reporter,
            messages: Vec::new(),
        }
    }
}

impl Reporter for Recording<'_> {
    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.messages.push(Message::Diagnostic(diagnostic.clone()));
        self.reporter.diagnostic(diagnostic);
    }

    fn output(&mut self, text: &[u8]) {
        self.messages.push(Message::Output(text.to_vec()));
        self.reporter.output(text);
    }
}
