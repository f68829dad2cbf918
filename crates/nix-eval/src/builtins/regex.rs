//! Regular expressions.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::{Builtin, argument};
use crate::error::{ErrorKind, EvalError, Result};
use crate::evaluator::Evaluator;
use crate::regex::{Captures, Regex, RegexError};
use crate::source::Span;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "match",
        arity: 2,
        code: r#match,
    },
    Builtin {
        name: "split",
        arity: 2,
        code: split,
    },
];

/// How many compiled patterns are kept.
const MAX_KEPT: usize = 4096;

/// The patterns compiled so far.
#[derive(Default)]
pub(crate) struct RegexCache<'h> {
    compiled: FxHashMap<&'h [u8], Rc<Regex>>,
}

fn compile<'h>(evaluator: &mut Evaluator<'h>, pattern: &'h [u8]) -> Result<Rc<Regex>> {
    if let Some(regex) = evaluator.regexes.compiled.get(pattern) {
        return Ok(Rc::clone(regex));
    }
    let regex = Regex::new(pattern).map_err(|error| failed(error, pattern))?;
    let regex = Rc::new(regex);
    if evaluator.regexes.compiled.len() >= MAX_KEPT {
        evaluator.regexes.compiled.clear();
    }
    evaluator
        .regexes
        .compiled
        .insert(pattern, Rc::clone(&regex));
    Ok(regex)
}

fn failed(error: RegexError, pattern: &[u8]) -> Box<EvalError> {
    let pattern = String::from_utf8_lossy(pattern);
    let (kind, message) = match error {
        RegexError::Invalid => (
            ErrorKind::Other,
            format!("invalid regular expression '{pattern}'"),
        ),
        RegexError::TooBig => (
            ErrorKind::Limit,
            format!("memory limit exceeded by regular expression '{pattern}'"),
        ),
    };
    EvalError::new(kind, Span::NONE, message)
}

/// The groups of a match as a list of strings and nulls.
fn groups<'h>(evaluator: &Evaluator<'h>, text: &'h [u8], captures: &Captures) -> Value<'h> {
    let items = captures.groups.iter().map(|group| match *group {
        None => Lazy::Ready(Value::Null),
        Some((start, end)) => evaluator.string_in_heap(&text[start..end], &[]).into(),
    });
    let items = evaluator.heap().alloc_slice_fill_iter(items);
    evaluator.list_in_heap(items)
}

fn r#match<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let pattern =
        evaluator.expect_plain_string(args[0], Span::NONE, argument!("first", "match"))?;
    let regex = compile(evaluator, pattern)?;
    let string = evaluator.expect_string(args[1], Span::NONE, argument!("second", "match"))?;
    let found = regex
        .match_whole(string.text)
        .map_err(|error| failed(error, pattern))?;
    Ok(match found {
        None => Value::Null,
        Some(captures) => groups(evaluator, string.text, &captures),
    })
}

fn split<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let pattern =
        evaluator.expect_plain_string(args[0], Span::NONE, argument!("first", "split"))?;
    let regex = compile(evaluator, pattern)?;
    let string = evaluator.expect_string(args[1], Span::NONE, argument!("second", "split"))?;
    let no_groups = evaluator.evaluated(Value::List(evaluator.empty_list));
    let mut items: Vec<Lazy<'h>> = Vec::new();
    let mut end = 0;
    for found in regex.matches(string.text) {
        let found = found.map_err(|error| failed(error, pattern))?;
        let between = &string.text[end..found.start];
        items.push(evaluator.string_in_heap(between, &[]).into());
        if found.groups.is_empty() {
            items.push(no_groups);
        } else {
            let groups = groups(evaluator, string.text, &found);
            items.push(evaluator.evaluated(groups));
        }
        end = found.end;
    }
    if items.is_empty() {
        // Without a match the string stays what it is, with its context.
        items.push(Value::String(string).into());
    } else {
        items.push(evaluator.string_in_heap(&string.text[end..], &[]).into());
    }
    Ok(evaluator.list(&items))
}
