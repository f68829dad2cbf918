//! Numbers.

use super::{Builtin, argument};
use crate::error::{ErrorKind, EvalError, Result};
use crate::evaluator::Evaluator;
use crate::expr::ArithmeticOperator;
use crate::operators::add_ints;
use crate::print::format_float;
use crate::source::Span;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "add",
        arity: 2,
        code: add,
    },
    Builtin {
        name: "bitAnd",
        arity: 2,
        code: bit_and,
    },
    Builtin {
        name: "bitOr",
        arity: 2,
        code: bit_or,
    },
    Builtin {
        name: "bitXor",
        arity: 2,
        code: bit_xor,
    },
    Builtin {
        name: "ceil",
        arity: 1,
        code: ceil,
    },
    Builtin {
        name: "div",
        arity: 2,
        code: div,
    },
    Builtin {
        name: "floor",
        arity: 1,
        code: floor,
    },
    Builtin {
        name: "lessThan",
        arity: 2,
        code: less_than,
    },
    Builtin {
        name: "mul",
        arity: 2,
        code: mul,
    },
    Builtin {
        name: "sub",
        arity: 2,
        code: sub,
    },
];

fn add<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    const FIRST: &str = "while evaluating the first argument of the addition";
    const SECOND: &str = "while evaluating the second argument of the addition";
    let left = evaluator.force(args[0], span)?;
    let right = evaluator.force(args[1], span)?;
    if matches!(left, Value::Float(_)) || matches!(right, Value::Float(_)) {
        let left = evaluator.expect_float(left.into(), Span::NONE, FIRST)?;
        let right = evaluator.expect_float(right.into(), Span::NONE, SECOND)?;
        return Ok(Value::Float(left + right));
    }
    let left = evaluator.expect_int(left.into(), Span::NONE, FIRST)?;
    let right = evaluator.expect_int(right.into(), Span::NONE, SECOND)?;
    add_ints(left, right, Span::NONE)
}

fn arithmetic<'h>(
    evaluator: &mut Evaluator<'h>,
    operator: ArithmeticOperator,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    let left = evaluator.force(args[0], span)?;
    let right = evaluator.force(args[1], span)?;
    evaluator.arithmetic(operator, left, right)
}

fn sub<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    arithmetic(evaluator, ArithmeticOperator::Sub, args, span)
}

fn mul<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    arithmetic(evaluator, ArithmeticOperator::Mul, args, span)
}

fn div<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    arithmetic(evaluator, ArithmeticOperator::Div, args, span)
}

fn less_than<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    let left = evaluator.force(args[0], span)?;
    let right = evaluator.force(args[1], span)?;
    evaluator.less(left, right, Span::NONE).map(Value::Bool)
}

fn bit_and<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let left = evaluator.expect_int(args[0], Span::NONE, argument!("first", "bitAnd"))?;
    let right = evaluator.expect_int(args[1], Span::NONE, argument!("second", "bitAnd"))?;
    Ok(Value::Int(left & right))
}

fn bit_or<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let left = evaluator.expect_int(args[0], Span::NONE, argument!("first", "bitOr"))?;
    let right = evaluator.expect_int(args[1], Span::NONE, argument!("second", "bitOr"))?;
    Ok(Value::Int(left | right))
}

fn bit_xor<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let left = evaluator.expect_int(args[0], Span::NONE, argument!("first", "bitXor"))?;
    let right = evaluator.expect_int(args[1], Span::NONE, argument!("second", "bitXor"))?;
    Ok(Value::Int(left ^ right))
}

fn ceil<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    round(evaluator, args, f64::ceil, argument!("first", "ceil"))
}

fn floor<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    round(evaluator, args, f64::floor, argument!("first", "floor"))
}

fn round<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    rounding: fn(f64) -> f64,
    what: &str,
) -> Result<Value<'h>> {
    let number = evaluator.expect_float(args[0], Span::NONE, what)?;
    let integer = match evaluator.force(args[0], Span::NONE)? {
        Value::Int(integer) => Some(integer),
        _ => None,
    };
    let rounded = rounding(number);
    // Both bounds are doubles exactly; the upper one is the first too large.
    let is_in_range = rounded >= -(2f64.powi(63)) && rounded < 2f64.powi(63);
    let problem = match integer {
        _ if is_in_range && integer.is_none_or(|integer| integer == rounded as i64) => {
            return Ok(Value::Int(rounded as i64));
        }
        Some(integer) if is_in_range => format!(
            "a loss of precision occurred in previous Nix versions because the NixInt argument \
             {integer} was rounded to {}",
            rounded as i64
        ),
        Some(integer) => format!(
            "the NixInt argument {integer} caused undefined behavior in previous Nix versions"
        ),
        None => {
            return Err(EvalError::new(
                ErrorKind::Other,
                Span::NONE,
                format!(
                    "NixFloat argument {} is not in the range of NixInt",
                    format_float(number)
                ),
            ));
        }
    };
    Err(EvalError::new(
        ErrorKind::Other,
        Span::NONE,
        format!(
            "Due to a bug (see https://github.com/NixOS/nix/issues/12899) {problem}.\n\tFuture Nix \
             versions might implement the correct behavior."
        ),
    ))
}
