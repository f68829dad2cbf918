//! Functions about functions.

use super::Builtin;
use crate::attrs::Attr;
use crate::error::{ErrorKind, EvalError, Result};
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[Builtin {
    name: "functionArgs",
    arity: 1,
    code: function_args,
}];

fn function_args<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let closure = match evaluator.force(args[0], Span::NONE)? {
        Value::Closure(closure) => closure,
        Value::Primop(_) | Value::PrimopApp(_) => return Ok(Value::Attrs(evaluator.empty_attrs)),
        _ => {
            return Err(EvalError::new(
                ErrorKind::Type,
                Span::NONE,
                "'functionArgs' requires a function",
            ));
        }
    };
    let Some(pattern) = closure.pattern() else {
        return Ok(Value::Attrs(evaluator.empty_attrs));
    };
    let entries: Vec<_> = pattern
        .formals
        .iter()
        .map(|formal| Attr {
            name: formal.name,
            pos: formal.span.start,
            value: Value::Bool(formal.has_default()).into(),
        })
        .collect();
    Ok(Value::Attrs(evaluator.attrs(entries)))
}
