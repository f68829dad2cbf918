//! Places as machines take them.

use std::path::{Path, PathBuf};

use crate::finding::Label;
use crate::source::LineColumn;

/// A place with its ends.
pub(crate) struct Location {
    /// The file, relative to the working directory where it lies below it.
    pub(crate) file: String,
    /// The first character.
    pub(crate) start: LineColumn,
    /// One behind the last.
    pub(crate) end: LineColumn,
}

/// The folder that names are relative to.
pub(crate) struct Root(Option<PathBuf>);

impl Root {
    /// The working directory.
    pub(crate) fn here() -> Self {
        Self(std::env::current_dir().ok())
    }

    /// A file's name, relative where it lies below.
    pub(crate) fn relative(&self, name: &str) -> String {
        let inside = self
            .0
            .as_deref()
            .and_then(|root| Path::new(name).strip_prefix(root).ok())
            .and_then(Path::to_str);
        match inside {
            Some(inside) if !inside.is_empty() => inside.to_owned(),
            _ => name.strip_prefix("./").unwrap_or(name).to_owned(),
        }
    }

    /// A place, with a relative file name.
    pub(crate) fn locate(&self, label: &Label) -> Location {
        Location {
            file: self.relative(label.source.name()),
            start: label.source.line_column(label.span.start),
            end: label.source.line_column(label.span.end),
        }
    }
}
