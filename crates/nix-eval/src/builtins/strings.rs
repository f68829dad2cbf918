//! Strings.

use super::{Builtin, argument};
use crate::coerce::{Coercion, StringBuilder};
use crate::error::{ErrorKind, EvalError, Result};
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "concatStringsSep",
        arity: 2,
        code: concat_strings_sep,
    },
    Builtin {
        name: "replaceStrings",
        arity: 3,
        code: replace_strings,
    },
    Builtin {
        name: "stringLength",
        arity: 1,
        code: string_length,
    },
    Builtin {
        name: "substring",
        arity: 3,
        code: substring,
    },
    Builtin {
        name: "toString",
        arity: 1,
        code: to_string,
    },
];

fn to_string<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    evaluator
        .coerce_to_string(
            args[0],
            Span::NONE,
            argument!("first", "toString"),
            Coercion::TO_STRING,
        )
        .map(Value::String)
}

fn string_length<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let string = evaluator.coerce_to_string(
        args[0],
        Span::NONE,
        "while evaluating the argument passed to builtins.stringLength",
        Coercion::INTERPOLATION,
    )?;
    Ok(Value::Int(string.text.len() as i64))
}

fn substring<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let start = evaluator.expect_int(
        args[0],
        Span::NONE,
        "while evaluating the first argument (the start offset) passed to builtins.substring",
    )?;
    let Ok(start) = usize::try_from(start) else {
        return Err(EvalError::new(
            ErrorKind::Other,
            Span::NONE,
            "negative start position in 'substring'",
        ));
    };
    let length = evaluator.expect_int(
        args[1],
        Span::NONE,
        "while evaluating the second argument (the substring length) passed to builtins.substring",
    )?;
    let string = evaluator.coerce_to_string(
        args[2],
        Span::NONE,
        "while evaluating the third argument (the string) passed to builtins.substring",
        Coercion::INTERPOLATION,
    )?;
    let rest = string.text.get(start..).unwrap_or_default();
    // A negative length means all of the rest.
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let part = &rest[..length.min(rest.len())];
    Ok(evaluator.string_in_heap(part, string.context))
}

fn concat_strings_sep<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    let separator = evaluator.expect_string(
        args[0],
        Span::NONE,
        "while evaluating the first argument (the separator string) passed to \
         builtins.concatStringsSep",
    )?;
    let list = evaluator.expect_list(
        args[1],
        Span::NONE,
        "while evaluating the second argument (the list of strings to concat) passed to \
         builtins.concatStringsSep",
    )?;
    let mut result = StringBuilder::default();
    result.context.extend_from_slice(separator.context);
    for (index, &item) in list.items.iter().enumerate() {
        if index > 0 {
            result.text.extend_from_slice(separator.text);
        }
        let string = evaluator.coerce_to_string(
            item,
            Span::NONE,
            "while evaluating one element of the list of strings to concat passed to \
             builtins.concatStringsSep",
            Coercion::INTERPOLATION,
        )?;
        result.push(string);
        evaluator.reserve(result.text.len(), span)?;
    }
    Ok(Value::String(result.finish(evaluator)))
}

fn replace_strings<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    let from = evaluator.expect_list(args[0], Span::NONE, argument!("first", "replaceStrings"))?;
    let to = evaluator.expect_list(args[1], Span::NONE, argument!("second", "replaceStrings"))?;
    if from.items.len() != to.items.len() {
        return Err(EvalError::new(
            ErrorKind::Other,
            Span::NONE,
            "'from' and 'to' arguments passed to builtins.replaceStrings have different lengths",
        ));
    }
    let mut patterns = Vec::with_capacity(from.items.len());
    for &pattern in from.items {
        let pattern = evaluator.expect_string(
            pattern,
            Span::NONE,
            "while evaluating one of the strings to replace passed to builtins.replaceStrings",
        )?;
        patterns.push(pattern.text);
    }
    let string =
        evaluator.expect_string(args[2], Span::NONE, argument!("third", "replaceStrings"))?;

    let index = PatternIndex::new(&patterns);
    // A replacement is evaluated when its pattern is found for the first time.
    let mut replacements = vec![None; patterns.len()];
    let mut result = StringBuilder::default();
    result.context.extend_from_slice(string.context);
    let mut rest = string.text;
    loop {
        let Some((skipped, found)) = index.find(&patterns, rest) else {
            result.text.extend_from_slice(rest);
            break;
        };
        let replacement = if let Some(replacement) = replacements[found] {
            replacement
        } else {
            let replacement = evaluator.expect_string(
                to.items[found],
                Span::NONE,
                "while evaluating one of the replacement strings passed to \
                 builtins.replaceStrings",
            )?;
            result.context.extend_from_slice(replacement.context);
            replacements[found] = Some(replacement.text);
            replacement.text
        };
        result.text.extend_from_slice(&rest[..skipped]);
        result.text.extend_from_slice(replacement);
        evaluator.reserve(result.text.len(), span)?;
        rest = &rest[skipped..];
        if patterns[found].is_empty() {
            // The empty pattern matches before every byte and at the end.
            let Some((next, after)) = rest.split_first() else {
                break;
            };
            result.text.push(*next);
            rest = after;
        } else {
            rest = &rest[patterns[found].len()..];
        }
    }
    Ok(Value::String(result.finish(evaluator)))
}

/// Which patterns begin with a byte, so that most places in a text need no
/// comparison at all.
struct PatternIndex {
    /// For each byte the patterns that begin with it, and the empty ones, in
    /// their order.
    by_first_byte: Vec<Vec<usize>>,
    /// The first empty pattern.
    empty: Option<usize>,
}

impl PatternIndex {
    fn new(patterns: &[&[u8]]) -> Self {
        let mut by_first_byte = vec![Vec::new(); 256];
        for (index, pattern) in patterns.iter().enumerate() {
            match pattern.first() {
                Some(&first) => by_first_byte[usize::from(first)].push(index),
                None => {
                    for candidates in &mut by_first_byte {
                        candidates.push(index);
                    }
                }
            }
        }
        Self {
            by_first_byte,
            empty: patterns.iter().position(|pattern| pattern.is_empty()),
        }
    }

    /// The first place where a pattern matches, and the first pattern that does
    /// there.
    fn find(&self, patterns: &[&[u8]], text: &[u8]) -> Option<(usize, usize)> {
        for (at, &byte) in text.iter().enumerate() {
            let candidates = &self.by_first_byte[usize::from(byte)];
            let found = candidates
                .iter()
                .find(|&&index| text[at..].starts_with(patterns[index]));
            if let Some(&found) = found {
                return Some((at, found));
            }
        }
        self.empty.map(|empty| (text.len(), empty))
    }
}
