//! Importing files.

use super::{Builtin, argument};
use crate::error::Result;
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "import",
        arity: 1,
        code: import,
    },
    Builtin {
        name: "scopedImport",
        arity: 2,
        code: scoped_import,
    },
];

fn import<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let path = evaluator.realise_path(args[0])?;
    evaluator.import(&path, Span::NONE)
}

fn scoped_import<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let path = evaluator.realise_path(args[1])?;
    let scope = evaluator.expect_attrs(args[0], Span::NONE, argument!("first", "scopedImport"))?;
    evaluator.scoped_import(scope, &path)
}
