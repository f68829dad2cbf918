//! Flake references.

use super::Builtin;
use crate::error::{ErrorKind, EvalError, Result};
use crate::evaluator::Evaluator;
use crate::features::ExperimentalFeature;
use crate::flake_ref::{self, RefAttrs, RefValue};
use crate::source::Span;
use crate::store::store_error;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "flakeRefToString",
        arity: 1,
        code: flake_ref_to_string,
    },
    Builtin {
        name: "getFlake",
        arity: 1,
        code: get_flake,
    },
    Builtin {
        name: "parseFlakeRef",
        arity: 1,
        code: parse_flake_ref,
    },
];

fn parse_flake_ref<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let text = evaluator.expect_plain_string(
        args[0],
        Span::NONE,
        "while evaluating the argument passed to builtins.parseFlakeRef",
    )?;
    let attrs = flake_ref::parse(&String::from_utf8_lossy(text))?;
    require_flakes_for(evaluator, &attrs)?;
    let mut entries = Vec::with_capacity(attrs.len());
    for (name, value) in attrs {
        let value = match value {
            RefValue::Text(text) => evaluator.string(text),
            RefValue::Number(number) => Value::Int(number as i64),
            RefValue::Flag(flag) => Value::Bool(flag),
        };
        entries.push(evaluator.attr(name, value));
    }
    Ok(Value::Attrs(evaluator.attrs(entries)))
}

/// Some types of references are there only with flakes.
fn require_flakes_for(evaluator: &Evaluator<'_>, attrs: &RefAttrs) -> Result<()> {
    const OF_FLAKES: [&str; 5] = ["indirect", "path", "github", "gitlab", "sourcehut"];
    match attrs.get("type") {
        Some(RefValue::Text(kind)) if OF_FLAKES.contains(&kind.as_str()) => {
            let features = evaluator.options.features;
            features.require(ExperimentalFeature::Flakes)
        }
        _ => Ok(()),
    }
}

/// The attributes of a flake reference, as a set gives them.
pub(crate) fn reference_attrs<'h>(
    evaluator: &mut Evaluator<'h>,
    value: Lazy<'h>,
    what: &str,
) -> Result<RefAttrs> {
    let attrs = evaluator.expect_attrs(value, Span::NONE, what)?;
    let mut reference = RefAttrs::new();
    for attr in attrs.iter() {
        let name = evaluator.symbol_display(attr.name).into_owned();
        let value = match evaluator.force(attr.value, Span::NONE)? {
            Value::Int(number) => {
                let number = u64::try_from(number).map_err(|_| {
                    format!("negative value given for flake ref attr {name}: {number}")
                })?;
                RefValue::Number(number)
            }
            Value::Bool(flag) => RefValue::Flag(flag),
            Value::String(string) => {
                RefValue::Text(String::from_utf8_lossy(string.text).into_owned())
            }
            other => {
                return Err(store_error(format!(
                    "flake reference attribute sets may only contain integers, Booleans, and \
                     strings, but attribute '{name}' is {}",
                    other.type_with_article()
                )));
            }
        };
        reference.insert(name, value);
    }
    Ok(reference)
}

fn flake_ref_to_string<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let reference = reference_attrs(
        evaluator,
        args[0],
        "while evaluating the argument passed to builtins.flakeRefToString",
    )?;
    require_flakes_for(evaluator, &reference)?;
    let url = flake_ref::to_url(reference)?;
    Ok(evaluator.string(url))
}

fn get_flake<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let text = evaluator.expect_plain_string(
        args[0],
        Span::NONE,
        "while evaluating the argument passed to builtins.getFlake",
    )?;
    let text = String::from_utf8_lossy(text);
    flake_ref::parse(&text)?;
    let features = evaluator.options.features;
    features.require(ExperimentalFeature::Flakes)?;
    if evaluator.is_pure() {
        return Err(store_error(format!(
            "cannot call 'getFlake' on unlocked flake reference '{text}', at «none»:0 (use \
             --impure to override)"
        )));
    }
    let mut error = EvalError::new(
        ErrorKind::Other,
        Span::NONE,
        format!("cannot get the flake '{text}': flakes are not locked or fetched here"),
    );
    error.help = Some(format!(
        "put it on disk with 'nix flake prefetch {text}', and import what you need of it by its \
         path"
    ));
    Err(error)
}
