//! `builtins.fromTOML`

mod additions;

use toml::Value as Toml;

use additions::first_addition;

use super::Builtin;
use super::json::check_no_zero;
use crate::error::{ErrorKind, EvalError, Result};
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[Builtin {
    name: "fromTOML",
    arity: 1,
    code: from_toml,
}];

fn failed(problem: &str) -> Box<EvalError> {
    EvalError::new(
        ErrorKind::Other,
        Span::NONE,
        format!("while parsing TOML: {problem}"),
    )
}

fn from_toml<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    let text = evaluator.expect_plain_string(
        args[0],
        Span::NONE,
        "while evaluating the argument passed to builtins.fromTOML",
    )?;
    let text = std::str::from_utf8(text).map_err(|error| failed(&error.to_string()))?;
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| failed(error.to_string().trim_end()))?;
    if let Some((addition, line)) = first_addition(text) {
        return Err(failed(&format!(
            "line {line}: {addition} is TOML 1.1, and only TOML 1.0 is read"
        )));
    }
    let value = to_value(evaluator, Toml::Table(table))?;
    evaluator.force(value, span)
}

/// The parser bounds how deeply a value can nest.
fn to_value<'h>(evaluator: &mut Evaluator<'h>, toml: Toml) -> Result<Lazy<'h>> {
    let no_zero = |text: &str| {
        check_no_zero(text.as_bytes()).map_err(|problem| failed(&format!("error: {problem}")))
    };
    Ok(match toml {
        Toml::String(text) => {
            no_zero(&text)?;
            evaluator.string(text).into()
        }
        Toml::Integer(number) => Value::Int(number).into(),
        Toml::Float(number) => Value::Float(number).into(),
        Toml::Boolean(value) => Value::Bool(value).into(),
        Toml::Datetime(_) => return Err(failed("Dates and times are not supported")),
        Toml::Array(items) => {
            let mut values = Vec::with_capacity(items.len());
            for item in items {
                values.push(to_value(evaluator, item)?);
            }
            let list = evaluator.list(&values);
            evaluator.evaluated(list)
        }
        Toml::Table(entries) => {
            let mut attrs = Vec::with_capacity(entries.len());
            for (name, value) in entries {
                no_zero(&name)?;
                let value = to_value(evaluator, value)?;
                attrs.push(evaluator.attr(name, value));
            }
            let attrs = Value::Attrs(evaluator.attrs(attrs));
            evaluator.evaluated(attrs)
        }
    })
}
