//! Questions about the type of a value.

use super::Builtin;
use crate::error::Result;
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "isAttrs",
        arity: 1,
        code: is_attrs,
    },
    Builtin {
        name: "isBool",
        arity: 1,
        code: is_bool,
    },
    Builtin {
        name: "isFloat",
        arity: 1,
        code: is_float,
    },
    Builtin {
        name: "isFunction",
        arity: 1,
        code: is_function,
    },
    Builtin {
        name: "isInt",
        arity: 1,
        code: is_int,
    },
    Builtin {
        name: "isList",
        arity: 1,
        code: is_list,
    },
    Builtin {
        name: "isNull",
        arity: 1,
        code: is_null,
    },
    Builtin {
        name: "isPath",
        arity: 1,
        code: is_path,
    },
    Builtin {
        name: "isString",
        arity: 1,
        code: is_string,
    },
    Builtin {
        name: "typeOf",
        arity: 1,
        code: type_of,
    },
];

macro_rules! question {
    ($name:ident, $pattern:pat) => {
        fn $name<'h>(
            evaluator: &mut Evaluator<'h>,
            args: &[Lazy<'h>],
            _: Span,
        ) -> Result<Value<'h>> {
            let value = evaluator.force(args[0], Span::NONE)?;
            Ok(Value::Bool(matches!(value, $pattern)))
        }
    };
}

question!(is_attrs, Value::Attrs(_));
question!(is_bool, Value::Bool(_));
question!(is_float, Value::Float(_));
question!(
    is_function,
    Value::Closure(_) | Value::Primop(_) | Value::PrimopApp(_)
);
question!(is_int, Value::Int(_));
question!(is_list, Value::List(_));
question!(is_null, Value::Null);
question!(is_path, Value::Path(_));
question!(is_string, Value::String(_));

fn type_of<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let value = evaluator.force(args[0], Span::NONE)?;
    Ok(evaluator.string(value.type_name()))
}
