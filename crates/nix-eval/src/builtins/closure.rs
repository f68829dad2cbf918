//! `genericClosure`.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::{Builtin, argument};
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::symbol::Symbol;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[Builtin {
    name: "genericClosure",
    arity: 1,
    code: generic_closure,
}];

fn generic_closure<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    const START: &str =
        "while evaluating the 'startSet' attribute passed as argument to builtins.genericClosure";
    const OPERATOR: &str =
        "while evaluating the 'operator' attribute passed as argument to builtins.genericClosure";
    let argument =
        evaluator.expect_attrs(args[0], Span::NONE, argument!("first", "genericClosure"))?;
    let attribute = |evaluator: &Evaluator<'h>, name| match argument.get(name) {
        Some(attr) => Ok(attr.value),
        None => Err(missing(evaluator, name).traced(Span::NONE, || {
            "in the attrset passed as argument to builtins.genericClosure".to_owned()
        })),
    };
    let start = attribute(evaluator, evaluator.names.start_set)?;
    let start = evaluator.expect_list(start, Span::NONE, START)?;
    if start.items.is_empty() {
        return Ok(Value::List(start));
    }
    let operator = attribute(evaluator, evaluator.names.operator)?;
    let operator = evaluator.expect_function(operator, Span::NONE, OPERATOR)?;
    let mut todo: VecDeque<Lazy<'h>> = start.items.iter().copied().collect();
    let mut seen = SeenKeys::None;
    let mut result = Vec::new();
    while let Some(element) = todo.pop_front() {
        let key = key_of(evaluator, element)?;
        if seen.insert(evaluator, Keyed { key, element })? {
            result.push(element);
            todo.extend(step(evaluator, operator, element)?);
        }
    }
    Ok(evaluator.list(&result))
}

fn missing(evaluator: &Evaluator<'_>, name: Symbol) -> Box<EvalError> {
    let name = evaluator.symbol_display(name);
    EvalError::new(
        ErrorKind::MissingAttribute,
        Span::NONE,
        format!("attribute '{name}' missing"),
    )
}

/// Adds which element was looked at.
fn traced_element<'h, T>(
    evaluator: &mut Evaluator<'h>,
    result: Result<T>,
    what: &str,
    element: Lazy<'h>,
) -> Result<T> {
    let error = match result {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let Ok(element) = evaluator.force(element, Span::NONE) else {
        return Err(error);
    };
    let shown = evaluator.show_in_message(element);
    Err(error.traced(Span::NONE, || format!("{what} {shown}")))
}

fn key_of<'h>(evaluator: &mut Evaluator<'h>, element: Lazy<'h>) -> Result<Value<'h>> {
    let value = evaluator.force(element, Span::NONE)?;
    let found = match value {
        Value::Attrs(attrs) => attrs
            .get(evaluator.names.key)
            .ok_or_else(|| missing(evaluator, evaluator.names.key)),
        other => Err(evaluator.type_error("a set", other, Span::NONE)),
    };
    let attr = traced_element(evaluator, found, "in genericClosure element", element)?;
    evaluator.force(attr.value, Span::NONE)
}

/// The elements that the operator finds from one.
fn step<'h>(
    evaluator: &mut Evaluator<'h>,
    operator: Value<'h>,
    element: Lazy<'h>,
) -> Result<&'h [Lazy<'h>]> {
    const RESULT: &str =
        "while evaluating the return value of the `operator` passed to builtins.genericClosure";
    let found = evaluator
        .apply(operator, &[element], Span::NONE)
        .and_then(|found| evaluator.expect_list(found.into(), Span::NONE, RESULT));
    let what = "while calling operator on genericClosure element";
    Ok(traced_element(evaluator, found, what, element)?.items)
}

/// A key and whose it is.
#[derive(Clone, Copy)]
struct Keyed<'h> {
    key: Value<'h>,
    element: Lazy<'h>,
}

/// The keys seen so far.
///
/// Keys of one closure must be comparable with each other, so all are numbers,
/// or strings, or paths, or lists. All but lists are found by hash.
enum SeenKeys<'h> {
    None,
    Numbers(FxHashMap<NumberKey, Keyed<'h>>),
    Strings(FxHashMap<&'h [u8], Keyed<'h>>),
    Paths(FxHashMap<&'h [u8], Keyed<'h>>),
    /// In order.
    Others(Vec<Keyed<'h>>),
}

/// A number, so that equal ones of both types are the same key.
#[derive(PartialEq, Eq, Hash)]
enum NumberKey {
    Int(i64),
    /// The bits of a double that is no integer.
    Float(u64),
}

/// Doubles up to this are integers exactly.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

impl NumberKey {
    fn new(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Int(number) => Some(NumberKey::Int(number)),
            Value::Float(number) if number.fract() == 0.0 && number.abs() < MAX_EXACT => {
                Some(NumberKey::Int(number as i64))
            }
            Value::Float(number) => Some(NumberKey::Float(number.to_bits())),
            _ => None,
        }
    }
}

impl<'h> SeenKeys<'h> {
    /// Adds a key; whether it is new.
    fn insert(&mut self, evaluator: &mut Evaluator<'h>, keyed: Keyed<'h>) -> Result<bool> {
        let key = keyed.key;
        if let SeenKeys::None = self {
            *self = match key {
                Value::Int(_) | Value::Float(_) => SeenKeys::Numbers(FxHashMap::default()),
                Value::String(_) => SeenKeys::Strings(FxHashMap::default()),
                Value::Path(_) => SeenKeys::Paths(FxHashMap::default()),
                _ => SeenKeys::Others(Vec::new()),
            };
        }
        match (self, key) {
            (SeenKeys::Strings(seen), Value::String(string)) => {
                Ok(seen.insert(string.text, keyed).is_none())
            }
            (SeenKeys::Paths(seen), Value::Path(path)) => {
                Ok(seen.insert(path.text, keyed).is_none())
            }
            (SeenKeys::Numbers(seen), _) => match NumberKey::new(key) {
                Some(number) => Ok(seen.insert(number, keyed).is_none()),
                None => incomparable(evaluator, keyed, seen.values().next()),
            },
            (SeenKeys::Strings(seen) | SeenKeys::Paths(seen), _) => {
                incomparable(evaluator, keyed, seen.values().next())
            }
            (SeenKeys::Others(seen), _) => insert_ordered(evaluator, seen, keyed),
            (SeenKeys::None, _) => Ok(true),
        }
    }
}

/// The error of comparing keys of different types.
fn incomparable<'h>(
    evaluator: &mut Evaluator<'h>,
    keyed: Keyed<'h>,
    other: Option<&Keyed<'h>>,
) -> Result<bool> {
    match other {
        Some(other) => less(evaluator, keyed, *other),
        None => Ok(true),
    }
}

fn less<'h>(evaluator: &mut Evaluator<'h>, left: Keyed<'h>, right: Keyed<'h>) -> Result<bool> {
    let compared = evaluator.less(left.key, right.key, Span::NONE);
    let compared = traced_element(evaluator, compared, "with element", right.element);
    traced_element(evaluator, compared, "while comparing element", left.element)
}

fn insert_ordered<'h>(
    evaluator: &mut Evaluator<'h>,
    seen: &mut Vec<Keyed<'h>>,
    keyed: Keyed<'h>,
) -> Result<bool> {
    let (mut low, mut high) = (0, seen.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        if less(evaluator, seen[middle], keyed)? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if low < seen.len() && !less(evaluator, keyed, seen[low])? {
        return Ok(false);
    }
    seen.insert(low, keyed);
    Ok(true)
}
