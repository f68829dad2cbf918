//! Messages: what `conf` prints, with the place it is about.

use std::fmt;

/// How grave a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// Work goes on.
    Warning,
    /// The files cannot be used.
    Error,
}

/// The place a message is about. Lines and columns count from 1; 0 where not known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file, as the tree names it.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The column, in bytes.
    pub column: u32,
}

/// A message about Kconfig files or about a `.config`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How grave it is.
    pub severity: Severity,
    /// The place it is about.
    pub place: Option<Place>,
    /// The message without its place.
    pub message: String,
    /// Exactly what `conf` prints on standard error, with the final newline.
    pub printed: Vec<u8>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(String::from_utf8_lossy(&self.printed).trim_end_matches('\n'))
    }
}

/// Takes messages while files are read and values are computed.
pub trait Reporter {
    /// A warning or an error, which `conf` prints on standard error.
    fn diagnostic(&mut self, diagnostic: Diagnostic);

    /// Text that `conf` prints on standard output: `$(info …)` and its like.
    fn output(&mut self, text: &[u8]);
}

/// Keeps all messages.
#[derive(Debug, Default, Clone)]
pub struct Messages {
    /// Warnings and errors in order.
    pub diagnostics: Vec<Diagnostic>,
    /// Text for standard output.
    pub output: Vec<u8>,
}

impl Reporter for Messages {
    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn output(&mut self, text: &[u8]) {
        self.output.extend_from_slice(text);
    }
}

/// How a message is joined to its place.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    /// `file:line: message`
    Plain,
    /// `file:line:warning: message`
    Warning,
    /// `file:line: error: message`
    Error,
}

impl Diagnostic {
    pub(crate) fn at(style: Style, severity: Severity, place: Place, message: &[u8]) -> Self {
        let lead = match style {
            Style::Plain => " ",
            Style::Warning => "warning: ",
            Style::Error => " error: ",
        };
        let mut printed = format!("{}:{}:{lead}", place.file, place.line).into_bytes();
        printed.extend_from_slice(message);
        printed.push(b'\n');
        Self {
            severity,
            place: Some(place),
            message: String::from_utf8_lossy(message).into_owned(),
            printed,
        }
    }

    /// A message that is printed as it stands, without its place.
    pub(crate) fn bare(severity: Severity, place: Option<Place>, text: Vec<u8>) -> Self {
        Self {
            severity,
            place,
            message: String::from_utf8_lossy(&text).trim().to_owned(),
            printed: text,
        }
    }
}
