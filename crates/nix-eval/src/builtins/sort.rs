//! Sorting.

use super::{Builtin, argument};
use crate::error::{Result, Traced};
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[Builtin {
    name: "sort",
    arity: 2,
    code: sort,
}];

fn sort<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "sort"))?;
    if list.items.is_empty() {
        return Ok(Value::List(list));
    }
    let function = evaluator.expect_function(args[0], Span::NONE, argument!("first", "sort"))?;
    let mut items = Vec::with_capacity(list.items.len());
    for &item in list.items {
        // Numbers and texts are compared often: not through their thunks.
        items.push(match evaluator.force(item, Span::NONE)? {
            value @ (Value::Int(_) | Value::Float(_) | Value::String(_)) => value.into(),
            _ => item,
        });
    }
    let by_order = matches!(function, Value::Primop(primop) if primop.name == "lessThan");
    let less = |evaluator: &mut Evaluator<'h>, left: Lazy<'h>, right: Lazy<'h>| {
        if by_order {
            let left = evaluator.force(left, Span::NONE)?;
            let right = evaluator.force(right, Span::NONE)?;
            return evaluator
                .less(left, right, Span::NONE)
                .traced(Span::NONE, || {
                    "while evaluating the ordering function passed to builtins.sort".to_owned()
                });
        }
        let result = evaluator.apply(function, &[left, right], Span::NONE)?;
        evaluator.expect_bool(
            result.into(),
            Span::NONE,
            "while evaluating the return value of the sorting function passed to builtins.sort",
        )
    };
    let sorted = merge_sort(items, &mut |left, right| less(evaluator, left, right))?;
    Ok(evaluator.list(&sorted))
}

/// Runs of this length are sorted by insertion before they are merged.
const RUN: usize = 8;

/// A stable sort whose comparison may fail, which `slice::sort_by` cannot stop at.
fn merge_sort<'h>(
    items: Vec<Lazy<'h>>,
    less: &mut impl FnMut(Lazy<'h>, Lazy<'h>) -> Result<bool>,
) -> Result<Vec<Lazy<'h>>> {
    let mut sorted = items;
    for run in sorted.chunks_mut(RUN) {
        for end in 1..run.len() {
            let mut at = end;
            while at > 0 && less(run[at], run[at - 1])? {
                run.swap(at, at - 1);
                at -= 1;
            }
        }
    }
    let mut merged = Vec::with_capacity(sorted.len());
    let mut width = RUN;
    while width < sorted.len() {
        merged.clear();
        for pair in sorted.chunks(2 * width) {
            let (left, right) = pair.split_at(width.min(pair.len()));
            let (mut left, mut right) = (left, right);
            while let ([first_left, rest_left @ ..], [first_right, rest_right @ ..]) = (left, right)
            {
                if less(*first_right, *first_left)? {
                    merged.push(*first_right);
                    right = rest_right;
                } else {
                    merged.push(*first_left);
                    left = rest_left;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(&mut sorted, &mut merged);
        width *= 2;
    }
    Ok(sorted)
}
