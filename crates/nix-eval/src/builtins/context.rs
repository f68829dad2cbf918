//! String contexts. Nix manual, "String context".

use std::collections::BTreeMap;

use super::{Builtin, argument};
use crate::coerce::Coercion;
use crate::error::{ErrorKind, EvalError, Result};
use crate::evaluator::Evaluator;
use crate::print::write_attr_name;
use crate::source::Span;
use crate::string::ContextElement;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "addDrvOutputDependencies",
        arity: 1,
        code: add_drv_output_dependencies,
    },
    Builtin {
        name: "appendContext",
        arity: 2,
        code: append_context,
    },
    Builtin {
        name: "getContext",
        arity: 1,
        code: get_context,
    },
    Builtin {
        name: "hasContext",
        arity: 1,
        code: has_context,
    },
    Builtin {
        name: "unsafeDiscardOutputDependency",
        arity: 1,
        code: unsafe_discard_output_dependency,
    },
    Builtin {
        name: "unsafeDiscardStringContext",
        arity: 1,
        code: unsafe_discard_string_context,
    },
];

fn error(message: impl Into<String>) -> Box<EvalError> {
    EvalError::new(ErrorKind::Other, Span::NONE, message)
}

fn is_derivation(path: &[u8]) -> bool {
    path.ends_with(b".drv")
}

fn has_context<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let string = evaluator.expect_string(
        args[0],
        Span::NONE,
        "while evaluating the argument passed to builtins.hasContext",
    )?;
    Ok(Value::Bool(!string.context.is_empty()))
}

fn unsafe_discard_string_context<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let string = evaluator.coerce_to_string(
        args[0],
        Span::NONE,
        "while evaluating the argument passed to builtins.unsafeDiscardStringContext",
        Coercion::INTERPOLATION,
    )?;
    Ok(evaluator.string_in_heap(string.text, &[]))
}

fn unsafe_discard_output_dependency<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let string = evaluator.coerce_to_string(
        args[0],
        Span::NONE,
        "while evaluating the argument passed to builtins.unsafeDiscardOutputDependency",
        Coercion::INTERPOLATION,
    )?;
    let elements = string.context.iter().map(|element| match *element {
        ContextElement::DrvDeep(path) => ContextElement::Opaque(path),
        other => other,
    });
    let context = evaluator.context(elements.collect());
    Ok(evaluator.string_in_heap(string.text, context))
}

fn add_drv_output_dependencies<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let string = evaluator.coerce_to_string(
        args[0],
        Span::NONE,
        "while evaluating the argument passed to builtins.addDrvOutputDependencies",
        Coercion::INTERPOLATION,
    )?;
    let shown = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let deep = match string.context {
        [ContextElement::Opaque(path) | ContextElement::DrvDeep(path)] if is_derivation(path) => {
            ContextElement::DrvDeep(path)
        }
        [ContextElement::Opaque(path) | ContextElement::DrvDeep(path)] => {
            return Err(error(format!("path '{}' is not a derivation", shown(path))));
        }
        [ContextElement::Built { output, .. }] => {
            return Err(error(format!(
                "`addDrvOutputDependencies` can only act on derivations, not on a derivation \
                 output such as '{}'",
                shown(output)
            )));
        }
        elements => {
            return Err(error(format!(
                "context of string '{}' must have exactly one element, but has {}",
                shown(string.text),
                elements.len()
            )));
        }
    };
    let context = evaluator.context(vec![deep]);
    Ok(evaluator.string_in_heap(string.text, context))
}

/// How a string refers to one store path.
#[derive(Default)]
struct References<'h> {
    path: bool,
    all_outputs: bool,
    outputs: Vec<&'h [u8]>,
}

fn get_context<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let string = evaluator.expect_string(
        args[0],
        Span::NONE,
        "while evaluating the argument passed to builtins.getContext",
    )?;
    let mut by_path: BTreeMap<&'h [u8], References<'h>> = BTreeMap::new();
    for element in string.context {
        match *element {
            ContextElement::Opaque(path) => by_path.entry(path).or_default().path = true,
            ContextElement::DrvDeep(path) => by_path.entry(path).or_default().all_outputs = true,
            ContextElement::Built { drv, output } => {
                by_path.entry(drv).or_default().outputs.push(output);
            }
        }
    }
    let mut entries = Vec::with_capacity(by_path.len());
    for (path, references) in by_path {
        let mut kinds = Vec::new();
        if references.path {
            kinds.push(evaluator.attr("path", Value::Bool(true)));
        }
        if references.all_outputs {
            kinds.push(evaluator.attr("allOutputs", Value::Bool(true)));
        }
        if !references.outputs.is_empty() {
            let names: Vec<Lazy<'h>> = references
                .outputs
                .into_iter()
                .map(|output| evaluator.string_in_heap(output, &[]).into())
                .collect();
            let names = evaluator.list(&names);
            let outputs = evaluator.intern("outputs");
            kinds.push(evaluator.evaluated_attr(outputs, names));
        }
        let kinds = Value::Attrs(evaluator.attrs(kinds));
        let path = evaluator.intern(path);
        entries.push(evaluator.evaluated_attr(path, kinds));
    }
    Ok(Value::Attrs(evaluator.attrs(entries)))
}

fn append_context<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let string =
        evaluator.expect_string(args[0], Span::NONE, argument!("first", "appendContext"))?;
    let added =
        evaluator.expect_attrs(args[1], Span::NONE, argument!("second", "appendContext"))?;
    let mut context = string.context.to_vec();
    for entry in evaluator.attrs_by_name(added) {
        let path = evaluator.symbol_text(entry.name);
        let shown = || {
            let mut name = Vec::new();
            write_attr_name(&mut name, path);
            String::from_utf8_lossy(&name).into_owned()
        };
        let at = |pos| Span {
            start: pos,
            end: pos,
        };
        if !evaluator.store_dir().is_store_path(path) {
            return Err(EvalError::new(
                ErrorKind::Other,
                at(entry.pos),
                format!("context key '{}' is not a store path", shown()),
            ));
        }
        let kinds = evaluator.expect_attrs(
            entry.value,
            at(entry.pos),
            "while evaluating the value of a string context",
        )?;
        let get = |name: &str| evaluator.symbol(name).and_then(|name| kinds.get(name));
        let (plain, deep, outputs) = (get("path"), get("allOutputs"), get("outputs"));
        if let Some(plain) = plain
            && evaluator.expect_bool(
                plain.value,
                at(plain.pos),
                "while evaluating the `path` attribute of a string context",
            )?
        {
            context.push(ContextElement::Opaque(path));
        }
        if let Some(deep) = deep
            && evaluator.expect_bool(
                deep.value,
                at(deep.pos),
                "while evaluating the `allOutputs` attribute of a string context",
            )?
        {
            if !is_derivation(path) {
                return Err(EvalError::new(
                    ErrorKind::Other,
                    at(entry.pos),
                    format!(
                        "tried to add all-outputs context of {}, which is not a derivation, to \
                         a string",
                        shown()
                    ),
                ));
            }
            context.push(ContextElement::DrvDeep(path));
        }
        if let Some(outputs) = outputs {
            let names = evaluator.expect_list(
                outputs.value,
                at(outputs.pos),
                "while evaluating the `outputs` attribute of a string context",
            )?;
            if !names.items.is_empty() && !is_derivation(path) {
                return Err(EvalError::new(
                    ErrorKind::Other,
                    at(entry.pos),
                    format!(
                        "tried to add derivation output context of {}, which is not a \
                         derivation, to a string",
                        shown()
                    ),
                ));
            }
            for &name in names.items {
                let output = evaluator.expect_plain_string(
                    name,
                    at(outputs.pos),
                    "while evaluating an output name within a string context",
                )?;
                context.push(ContextElement::Built { drv: path, output });
            }
        }
    }
    let context = evaluator.context(context);
    Ok(evaluator.string_in_heap(string.text, context))
}
