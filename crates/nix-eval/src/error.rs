//! Evaluation errors.
//!
//! An error says what went wrong in the field's own wording, where, and on the
//! way to what. It is boxed, so that the result of an evaluation step stays
//! small. Rendering is the caller's.

use crate::source::Span;

/// The result of an evaluation step.
pub type Result<T> = std::result::Result<T, Box<EvalError>>;

/// What kind of error it is, as far as anything depends on that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// `throw`: caught by `tryEval`.
    Throw,
    /// A failed `assert`: caught by `tryEval`.
    Assertion,
    /// `abort`
    Abort,
    /// The text could not be parsed, or is rejected before evaluation.
    Syntax,
    /// A variable that no scope binds.
    UndefinedVariable,
    /// An attribute that is not there.
    MissingAttribute,
    /// A value of another type than the place wants.
    Type,
    /// A value that depends on itself.
    InfiniteRecursion,
    /// A limit on depth, memory or time was reached.
    Limit,
    /// A file could not be read.
    Io,
    /// Something that Nix calls a wrong use of its command line, wherever it comes from.
    Usage,
    /// Reading outside of what the user allowed.
    Restricted,
    /// Everything else.
    Other,
}

impl ErrorKind {
    /// Whether `builtins.tryEval` turns it into `success = false`.
    pub fn is_catchable(self) -> bool {
        matches!(self, ErrorKind::Throw | ErrorKind::Assertion)
    }
}

/// One step of the way to the error, outermost last.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What was being done: "while evaluating the attribute 'x'".
    pub message: String,
    /// Where.
    pub span: Span,
    /// Where it is shown.
    pub shown: Shown,
}

/// In which traces a frame is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// Even where the trace is cut short: it says what somebody wrote for people
    /// to read (`addErrorContext`).
    Always,
    /// In every trace.
    Trace,
    /// Only in a full trace (`--show-trace`): a call of a function.
    FullTrace,
}

/// An evaluation error.
#[derive(Clone, Debug)]
pub struct EvalError {
    /// Its kind.
    pub kind: ErrorKind,
    /// The message, without "error:".
    pub message: String,
    /// Where it happened.
    pub span: Span,
    /// Names that were perhaps meant ("Did you mean …?").
    pub suggestions: Vec<String>,
    /// What to do about it, if more can be said than the message does.
    pub help: Option<String>,
    /// The way to it, innermost first.
    pub trace: Vec<Frame>,
}

/// A deep recursion that fails would otherwise fill the memory with its trace.
const MAX_FRAMES: usize = 100_000;

/// Adds a step to the way to an error.
pub trait Traced {
    /// Adds a frame; `message` is only made if there is an error.
    #[must_use]
    fn traced(self, span: Span, message: impl FnOnce() -> String) -> Self;
}

impl EvalError {
    /// Adds a frame that only a full trace shows.
    #[must_use]
    pub(crate) fn traced_in_full(
        self: Box<Self>,
        span: Span,
        message: impl FnOnce() -> String,
    ) -> Box<Self> {
        let mut error = self.traced(span, message);
        if let Some(frame) = error.trace.last_mut() {
            frame.shown = Shown::FullTrace;
        }
        error
    }
}

impl Traced for Box<EvalError> {
    #[cold]
    fn traced(mut self, span: Span, message: impl FnOnce() -> String) -> Self {
        if self.trace.len() < MAX_FRAMES {
            self.trace.push(Frame {
                message: message(),
                span,
                shown: Shown::Trace,
            });
        }
        self
    }
}

impl<T> Traced for Result<T> {
    #[inline]
    fn traced(self, span: Span, message: impl FnOnce() -> String) -> Self {
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(error.traced(span, message)),
        }
    }
}

impl EvalError {
    /// An error of `kind` at `span`.
    pub fn new(kind: ErrorKind, span: Span, message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            kind,
            message: message.into(),
            span,
            suggestions: Vec::new(),
            help: None,
            trace: Vec::new(),
        })
    }
}
