//! What there is to tell about a kernel's configuration, and how each format tells it.
//!
//! A [`Finding`] has a code, a severity, a message, labelled places in source texts, notes, a
//! help text, and maybe a [`Fix`]. A [`Report`] holds the findings of a command and is rendered
//! in a [`Format`]: for people, or for one of the machines that collect findings. What the
//! findings are about (Nix, modules, Kconfig) is not known here.

mod checkstyle;
mod finding;
mod fix;
mod format;
mod github;
mod json;
mod junit;
mod location;
mod people;
mod sarif;
mod source;
mod style;
mod xml;

pub use finding::{FAILURE, Finding, Label, Note, Severity};
pub use fix::{Applicability, Edit, Fix, Overlap};
pub use format::{Cell, CellOutcome, Format, Report, Rule, UnknownFormat};
pub use source::{LineColumn, Source};
pub use style::Style;
