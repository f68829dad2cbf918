//! Importing files.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::{Builtin, argument};
use crate::error::{Result, Traced};
use crate::evaluator::Evaluator;
use crate::path::canonical;
use crate::source::Span;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin { name: "import", arity: 1, code: import },
    Builtin { name: "scopedImport", arity: 2, code: scoped_import },
];

fn path_argument<'h>(
    evaluator: &mut Evaluator<'h>,
    arg: Lazy<'h>,
    span: Span,
    what: &str,
) -> Result<PathBuf> {
    let path = evaluator.coerce_to_path(arg, span, what)?;
    let path = canonical(b"/", path.text);
    Ok(PathBuf::from(OsStr::from_bytes(&path)))
}

fn import<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    let path = path_argument(evaluator, args[0], span, argument!("first", "import"))?;
    evaluator
        .import(&path, span)
        .traced(span, || format!("while evaluating the file '{}':", path.display()))
}

fn scoped_import<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    let scope = evaluator.expect_attrs(args[0], span, argument!("first", "scopedImport"))?;
    let path = path_argument(evaluator, args[1], span, argument!("second", "scopedImport"))?;
    evaluator.scoped_import(scope, &path, span)
}
