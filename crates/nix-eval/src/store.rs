//! Store paths.

use crate::error::{ErrorKind, EvalError, Result};
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::string::{NixPath, NixString};

impl<'h> Evaluator<'h> {
    /// The store path that a path would be copied to, with itself as context.
    pub(crate) fn path_in_store(
        &mut self,
        path: &'h NixPath<'h>,
        span: Span,
    ) -> Result<&'h NixString<'h>> {
        let text = String::from_utf8_lossy(path.text);
        Err(EvalError::new(
            ErrorKind::Other,
            span,
            format!("path '{text}' cannot be copied to the store"),
        ))
    }
}
