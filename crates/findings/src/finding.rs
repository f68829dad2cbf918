//! One thing to tell.

use std::borrow::Cow;
use std::ops::Range;

use crate::fix::Fix;
use crate::source::Source;

/// The code of what is no finding, but the reason why nothing was found: input that cannot be
/// read or evaluated.
pub const FAILURE: &str = "failure";

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Perhaps not what is wanted.
    Warning,
    /// Not what was asked for.
    Error,
}

impl Severity {
    /// In lower case, for messages and machines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place that a finding is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// The text it is in.
    pub source: Source,
    /// Which bytes of it.
    pub span: Range<usize>,
    /// What is to say of it; may be empty.
    pub text: String,
    /// Whether the finding stands here, rather than having to do with it.
    pub primary: bool,
}

impl Label {
    /// Where a finding stands.
    pub fn primary(source: &Source, span: Range<usize>, text: impl Into<String>) -> Self {
        Self {
            source: source.clone(),
            span,
            text: text.into(),
            primary: true,
        }
    }

    /// What a finding has to do with.
    pub fn secondary(source: &Source, span: Range<usize>, text: impl Into<String>) -> Self {
        Self {
            primary: false,
            ..Self::primary(source, span, text)
        }
    }
}

/// Something more to say, with its own place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// What there is to say.
    pub text: String,
    /// Where.
    pub label: Option<Label>,
}

/// One thing to tell, with the places it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The kind of finding: a stable name in lower case with hyphens.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The places it is about; several may lie in one text.
    pub labels: Vec<Label>,
    /// What else there is to say.
    pub notes: Vec<Note>,
    /// What to do about it.
    pub help: Option<String>,
    /// What can be done about it by changing texts.
    pub fix: Option<Fix>,
    /// The names of the [`Cell`](crate::Cell)s that it was found in, where several were looked at.
    pub cells: Vec<String>,
}

impl Finding {
    /// A finding that stands nowhere yet.
    pub fn new(code: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            fix: None,
            cells: Vec::new(),
        }
    }

    /// An error.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// Why nothing could be found out.
    pub fn failure(message: impl Into<String>) -> Self {
        Self::new(FAILURE, Severity::Error, message)
    }

    /// The same with a place.
    #[must_use]
    pub fn with_label(mut self, label: Label) -> Self {
        self.labels.push(label);
        self
    }

    /// The same with something more to say.
    #[must_use]
    pub fn with_note(mut self, text: impl Into<String>, label: Option<Label>) -> Self {
        let text = text.into();
        self.notes.push(Note { text, label });
        self
    }

    /// The same with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with a fix.
    #[must_use]
    pub fn with_fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// The message, with the cells where there are some.
    pub(crate) fn message_with_cells(&self) -> Cow<'_, str> {
        if self.cells.is_empty() {
            Cow::Borrowed(&self.message)
        } else {
            Cow::Owned(format!("{} (in {})", self.message, self.cells.join(", ")))
        }
    }

    /// Where the finding stands: its first primary place, else its first one.
    pub fn place(&self) -> Option<&Label> {
        let primary = self.labels.iter().find(|label| label.primary);
        primary.or_else(|| self.labels.first())
    }

    /// Where the finding is put by a machine that puts every finding somewhere: where it stands, else
    /// where the first thing stands that there is to say besides (a definition, for one).
    pub fn anchor(&self) -> Option<&Label> {
        let of_notes = || self.notes.iter().find_map(|note| note.label.as_ref());
        self.place().or_else(of_notes)
    }
}
