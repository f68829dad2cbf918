//! Lists.

use super::{Builtin, argument};
use crate::attrs::Attr;
use crate::error::{ErrorKind, EvalError, Result};
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::value::{Lazy, List, Over, ThunkState, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "all",
        arity: 2,
        code: all,
    },
    Builtin {
        name: "any",
        arity: 2,
        code: any,
    },
    Builtin {
        name: "concatLists",
        arity: 1,
        code: concat_lists,
    },
    Builtin {
        name: "concatMap",
        arity: 2,
        code: concat_map,
    },
    Builtin {
        name: "elem",
        arity: 2,
        code: elem,
    },
    Builtin {
        name: "elemAt",
        arity: 2,
        code: elem_at,
    },
    Builtin {
        name: "filter",
        arity: 2,
        code: filter,
    },
    Builtin {
        name: "foldl'",
        arity: 3,
        code: foldl_strict,
    },
    Builtin {
        name: "genList",
        arity: 2,
        code: gen_list,
    },
    Builtin {
        name: "groupBy",
        arity: 2,
        code: group_by,
    },
    Builtin {
        name: "head",
        arity: 1,
        code: head,
    },
    Builtin {
        name: "length",
        arity: 1,
        code: length,
    },
    Builtin {
        name: "map",
        arity: 2,
        code: map,
    },
    Builtin {
        name: "partition",
        arity: 2,
        code: partition,
    },
    Builtin {
        name: "tail",
        arity: 1,
        code: tail,
    },
];

fn length<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let list = evaluator.expect_list(args[0], Span::NONE, argument!("first", "length"))?;
    Ok(Value::Int(list.items.len() as i64))
}

fn head<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let list = evaluator.expect_list(
        args[0],
        Span::NONE,
        "while evaluating the first argument passed to 'builtins.head'",
    )?;
    match list.items.first() {
        Some(&item) => evaluator.force(item, Span::NONE),
        None => Err(on_empty_list("head")),
    }
}

fn tail<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let list = evaluator.expect_list(
        args[0],
        Span::NONE,
        "while evaluating the first argument passed to 'builtins.tail'",
    )?;
    match list.items.split_first() {
        Some((_, rest)) => Ok(evaluator.list_in_heap(rest)),
        None => Err(on_empty_list("tail")),
    }
}

fn on_empty_list(name: &str) -> Box<EvalError> {
    EvalError::new(
        ErrorKind::Other,
        Span::NONE,
        format!("'builtins.{name}' called on an empty list"),
    )
}

fn elem_at<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let index = evaluator.expect_int(
        args[1],
        Span::NONE,
        "while evaluating the second argument passed to 'builtins.elemAt'",
    )?;
    let list = evaluator.expect_list(
        args[0],
        Span::NONE,
        "while evaluating the first argument passed to 'builtins.elemAt'",
    )?;
    let item = usize::try_from(index)
        .ok()
        .and_then(|index| list.items.get(index));
    match item {
        Some(&item) => evaluator.force(item, Span::NONE),
        None => Err(EvalError::new(
            ErrorKind::Other,
            Span::NONE,
            format!(
                "'builtins.elemAt' called with index {index} on a list of size {}",
                list.items.len()
            ),
        )),
    }
}

fn elem<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "elem"))?;
    for &item in list.items {
        if evaluator.equal_elements(args[0], item, Span::NONE)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn map<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "map"))?;
    if list.items.is_empty() {
        return Ok(Value::List(list));
    }
    let function = evaluator.expect_function(args[0], Span::NONE, argument!("first", "map"))?;
    check_count(evaluator, list.items.len(), Span::NONE)?;
    let mapped = evaluator.mapped(function.into(), Over::Items(list), true);
    let items = evaluator
        .heap()
        .alloc_slice_fill_with(list.items.len(), |index| {
            let index = index as u32;
            evaluator.new_thunk(ThunkState::Apply { index, mapped })
        });
    Ok(evaluator.list_in_heap(items))
}

/// A thunk counts its item with 32 bits. A list with more takes 128 GiB.
fn check_count(evaluator: &Evaluator<'_>, count: usize, span: Span) -> Result<()> {
    if u32::try_from(count).is_ok() {
        return Ok(());
    }
    evaluator.reserve(usize::MAX, span)
}

fn filter<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    const WHAT: &str =
        "while evaluating the return value of the filtering function passed to builtins.filter";
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "filter"))?;
    if list.items.is_empty() {
        return Ok(Value::List(list));
    }
    let function = evaluator.expect_function(args[0], Span::NONE, argument!("first", "filter"))?;
    let mut kept = Vec::with_capacity(list.items.len());
    for &item in list.items {
        if call_predicate(evaluator, function, item, WHAT)? {
            kept.push(item);
        }
    }
    if kept.len() == list.items.len() {
        return Ok(Value::List(list));
    }
    Ok(evaluator.list(&kept))
}

fn call_predicate<'h>(
    evaluator: &mut Evaluator<'h>,
    function: Value<'h>,
    item: Lazy<'h>,
    what: &str,
) -> Result<bool> {
    let result = evaluator.apply(function, &[item], Span::NONE)?;
    evaluator.expect_bool(result.into(), Span::NONE, what)
}

fn any_or_all<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    decisive: bool,
    what: [&str; 3],
) -> Result<Value<'h>> {
    let function = evaluator.expect_function(args[0], Span::NONE, what[0])?;
    let list = evaluator.expect_list(args[1], Span::NONE, what[1])?;
    for &item in list.items {
        if call_predicate(evaluator, function, item, what[2])? == decisive {
            return Ok(Value::Bool(decisive));
        }
    }
    Ok(Value::Bool(!decisive))
}

fn any<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let what = [
        argument!("first", "any"),
        argument!("second", "any"),
        "while evaluating the return value of the function passed to builtins.any",
    ];
    any_or_all(evaluator, args, true, what)
}

fn all<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let what = [
        argument!("first", "all"),
        argument!("second", "all"),
        "while evaluating the return value of the function passed to builtins.all",
    ];
    any_or_all(evaluator, args, false, what)
}

fn foldl_strict<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let function =
        evaluator.expect_function(args[0], Span::NONE, argument!("first", "foldlStrict"))?;
    let list = evaluator.expect_list(args[2], Span::NONE, argument!("third", "foldlStrict"))?;
    let mut accumulator = args[1];
    for &item in list.items {
        accumulator = evaluator
            .apply(function, &[accumulator, item], Span::NONE)?
            .into();
    }
    evaluator.force(accumulator, Span::NONE)
}

fn concat_lists<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    const WHAT: &str = "while evaluating a value of the list passed to builtins.concatLists";
    let lists = evaluator.expect_list(args[0], Span::NONE, argument!("first", "concatLists"))?;
    let mut parts = Vec::with_capacity(lists.items.len());
    for &item in lists.items {
        parts.push(evaluator.expect_list(item, Span::NONE, WHAT)?);
    }
    concat(evaluator, &parts)
}

/// One list of the items of several; the list itself if only one has any.
fn concat<'h>(evaluator: &mut Evaluator<'h>, lists: &[&'h List<'h>]) -> Result<Value<'h>> {
    let mut with_items = lists.iter().filter(|list| !list.items.is_empty());
    match (with_items.next(), with_items.next()) {
        (None, _) => return Ok(Value::List(evaluator.empty_list)),
        (Some(only), None) => return Ok(Value::List(only)),
        _ => {}
    }
    let total: usize = lists.iter().map(|list| list.items.len()).sum();
    evaluator.reserve(total.saturating_mul(size_of::<Lazy<'_>>()), Span::NONE)?;
    let mut items = lists.iter().flat_map(|list| list.items);
    let items = evaluator
        .heap()
        .alloc_slice_fill_with(total, |_| match items.next() {
            Some(&item) => item,
            None => Lazy::Ready(Value::Null),
        });
    Ok(evaluator.list_in_heap(items))
}

fn concat_map<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    const WHAT: &str =
        "while evaluating the return value of the function passed to builtins.concatMap";
    let function =
        evaluator.expect_function(args[0], Span::NONE, argument!("first", "concatMap"))?;
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "concatMap"))?;
    let mut parts = Vec::with_capacity(list.items.len());
    for &item in list.items {
        let part = evaluator.apply(function, &[item], Span::NONE)?;
        let at = function.application_span(Span::NONE);
        parts.push(evaluator.expect_list(part.into(), at, WHAT)?);
    }
    concat(evaluator, &parts)
}

fn gen_list<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    let count = evaluator.expect_int(args[1], Span::NONE, argument!("second", "genList"))?;
    let Ok(count) = usize::try_from(count) else {
        return Err(EvalError::new(
            ErrorKind::Other,
            Span::NONE,
            format!("cannot create list of size {count}"),
        ));
    };
    // An item is its place in the list and its thunk.
    evaluator.reserve(count.saturating_mul(16 + 16), span)?;
    check_count(evaluator, count, span)?;
    let function = evaluator.expect_function(args[0], Span::NONE, argument!("first", "genList"))?;
    let mapped = evaluator.mapped(function.into(), Over::Indices, true);
    let items = evaluator.heap().alloc_slice_fill_with(count, |index| {
        let index = index as u32;
        evaluator.new_thunk(ThunkState::Apply { index, mapped })
    });
    Ok(evaluator.list_in_heap(items))
}

fn partition<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    const WHAT: &str =
        "while evaluating the return value of the partition function passed to builtins.partition";
    let function =
        evaluator.expect_function(args[0], Span::NONE, argument!("first", "partition"))?;
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "partition"))?;
    let mut right = Vec::new();
    let mut wrong = Vec::new();
    for &item in list.items {
        evaluator.force(item, Span::NONE)?;
        if call_predicate(evaluator, function, item, WHAT)? {
            right.push(item);
        } else {
            wrong.push(item);
        }
    }
    let (right, wrong) = (evaluator.list(&right), evaluator.list(&wrong));
    let (right_name, wrong_name) = (evaluator.names.right, evaluator.names.wrong);
    let entries = vec![
        evaluator.evaluated_attr(right_name, right),
        evaluator.evaluated_attr(wrong_name, wrong),
    ];
    Ok(Value::Attrs(evaluator.attrs(entries)))
}

fn group_by<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    const WHAT: &str =
        "while evaluating the return value of the grouping function passed to builtins.groupBy";
    let function = evaluator.expect_function(args[0], Span::NONE, argument!("first", "groupBy"))?;
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "groupBy"))?;
    let mut index_of = rustc_hash::FxHashMap::default();
    let mut groups: Vec<(crate::symbol::Symbol, Vec<Lazy<'h>>)> = Vec::new();
    for &item in list.items {
        let group = evaluator.apply(function, &[item], Span::NONE)?;
        let group = evaluator.expect_plain_string(group.into(), Span::NONE, WHAT)?;
        let name = evaluator.intern(group);
        let index = *index_of.entry(name).or_insert_with(|| {
            groups.push((name, Vec::new()));
            groups.len() - 1
        });
        groups[index].1.push(item);
    }
    let entries: Vec<Attr<'h>> = groups
        .into_iter()
        .map(|(name, items)| {
            let items = evaluator.list(&items);
            evaluator.evaluated_attr(name, items)
        })
        .collect();
    Ok(Value::Attrs(evaluator.attrs(entries)))
}
