//! What a rule is.

use findings::{Finding, Severity};

use crate::file::File;
use crate::kernel::{EvaluatedKernel, ResolvedKernel};

/// How much a rule counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Its findings are not told.
    Allow,
    /// Told, and no reason to fail.
    Note,
    /// A warning: the exit status is 1.
    Warn,
    /// An error: the exit status is 1.
    Deny,
}

impl Level {
    /// As users name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }

    /// The severity of findings, if they are told.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Allow => None,
            Self::Note => Some(Severity::Note),
            Self::Warn => Some(Severity::Warning),
            Self::Deny => Some(Severity::Error),
        }
    }
}

/// What a rule looks at.
#[derive(Clone, Copy)]
pub(crate) enum Check {
    /// The text of a file.
    Syntax(fn(&File<'_>, &mut Vec<Finding>)),
    /// What a kernel evaluates to.
    Kernel(fn(&EvaluatedKernel<'_>, &mut Vec<Finding>)),
    /// What a kernel comes to on a source tree.
    Tree(fn(&ResolvedKernel<'_>, &mut Vec<Finding>)),
    /// Found by whatever reads files.
    Reader,
    /// Found by whatever evaluates kernels.
    Evaluator,
}

/// One rule.
pub struct Rule {
    /// Its stable name, in lower case with hyphens: the code of its findings.
    pub name: &'static str,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Why that is bad and what to write instead, in Markdown.
    pub documentation: &'static str,
    /// How much it counts where nobody says otherwise.
    pub level: Level,
    pub(crate) check: Check,
}

impl Rule {
    /// What it needs besides a file's text, for people.
    pub fn needs(&self) -> &'static str {
        match self.check {
            Check::Syntax(_) | Check::Reader => "the text of a file",
            Check::Evaluator => "a kernel",
            Check::Kernel(_) => "a kernel that can be evaluated",
            Check::Tree(_) => "a kernel that can be evaluated, and a source tree (`--source`)",
        }
    }

    /// Whether it looks at a file's text alone.
    pub fn is_syntactic(&self) -> bool {
        matches!(self.check, Check::Syntax(_) | Check::Reader)
    }

    /// A finding of this rule.
    pub(crate) fn finding(&self, message: impl Into<String>) -> Finding {
        let severity = self.level.severity().unwrap_or(Severity::Warning);
        Finding::new(self.name, severity, message)
    }
}
