//! Errors, traces, and the order of evaluation.

use super::Builtin;
use crate::coerce::Coercion;
use crate::error::{ErrorKind, EvalError, Frame, Result, Shown};
use crate::evaluator::Evaluator;
use crate::render::labelled;
use crate::source::Span;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "abort",
        arity: 1,
        code: abort,
    },
    Builtin {
        name: "addErrorContext",
        arity: 2,
        code: add_error_context,
    },
    Builtin {
        name: "break",
        arity: 1,
        code: r#break,
    },
    Builtin {
        name: "deepSeq",
        arity: 2,
        code: deep_seq,
    },
    Builtin {
        name: "seq",
        arity: 2,
        code: seq,
    },
    Builtin {
        name: "throw",
        arity: 1,
        code: throw,
    },
    Builtin {
        name: "trace",
        arity: 2,
        code: trace,
    },
    Builtin {
        name: "traceVerbose",
        arity: 2,
        code: trace_verbose,
    },
    Builtin {
        name: "tryEval",
        arity: 1,
        code: try_eval,
    },
    Builtin {
        name: "warn",
        arity: 2,
        code: warn,
    },
];

fn throw<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let message = evaluator.coerce_to_string(
        args[0],
        Span::NONE,
        "while evaluating the error message passed to builtin.throw",
        Coercion::INTERPOLATION,
    )?;
    let message = String::from_utf8_lossy(message.text);
    Err(EvalError::new(ErrorKind::Throw, Span::NONE, message))
}

fn abort<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let message = evaluator.coerce_to_string(
        args[0],
        Span::NONE,
        "while evaluating the error message passed to builtins.abort",
        Coercion::INTERPOLATION,
    )?;
    let message = String::from_utf8_lossy(message.text);
    Err(EvalError::new(
        ErrorKind::Abort,
        Span::NONE,
        format!("evaluation aborted with the following error message: '{message}'"),
    ))
}

fn add_error_context<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let mut error = match evaluator.force(args[1], Span::NONE) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let context = evaluator.coerce_to_string(
        args[0],
        Span::NONE,
        "while evaluating the error message passed to builtins.addErrorContext",
        Coercion::PLAIN,
    )?;
    error.trace.push(Frame {
        message: String::from_utf8_lossy(context.text).into_owned(),
        span: Span::NONE,
        shown: Shown::Always,
    });
    Err(error)
}

fn r#break<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    // Without a debugger it is the identity.
    evaluator.force(args[0], Span::NONE)
}

fn seq<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    evaluator.force(args[0], Span::NONE)?;
    evaluator.force(args[1], Span::NONE)
}

fn deep_seq<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    let value = evaluator.force(args[0], Span::NONE)?;
    evaluator.force_deep(value, span)?;
    evaluator.force(args[1], Span::NONE)
}

fn trace<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let text = match evaluator.force(args[0], Span::NONE)? {
        Value::String(string) => String::from_utf8_lossy(string.text).into_owned(),
        other => evaluator.show_in_trace(other),
    };
    (evaluator.options.trace)(&format!("trace: {text}"));
    evaluator.force(args[1], Span::NONE)
}

fn trace_verbose<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    if evaluator.options.trace_verbose {
        return trace(evaluator, args, span);
    }
    evaluator.force(args[1], Span::NONE)
}

fn warn<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let message = evaluator.expect_string(
        args[0],
        Span::NONE,
        "while evaluating the first argument; the message passed to builtins.warn",
    )?;
    let message = String::from_utf8_lossy(message.text);
    (evaluator.options.trace)(&labelled("evaluation warning:", &message));
    if evaluator.options.abort_on_warn {
        return Err(EvalError::new(
            ErrorKind::Other,
            Span::NONE,
            "aborting to reveal stack trace of warning, as abort-on-warn is set",
        ));
    }
    evaluator.force(args[1], Span::NONE)
}

fn try_eval<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let (success, value) = match evaluator.force(args[0], Span::NONE) {
        Ok(value) => (true, value),
        Err(error) if error.kind.is_catchable() => (false, Value::Bool(false)),
        Err(error) => return Err(error),
    };
    let (success_name, value_name) = (evaluator.names.success, evaluator.names.value);
    let entries = vec![
        evaluator.evaluated_attr(success_name, Value::Bool(success)),
        evaluator.evaluated_attr(value_name, value),
    ];
    Ok(Value::Attrs(evaluator.attrs(entries)))
}
