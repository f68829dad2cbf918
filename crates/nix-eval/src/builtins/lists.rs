//! Lists.

use rustc_hash::FxHashSet;

use super::{Builtin, argument};
use crate::attrs::Attr;
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::value::{Lazy, List, ThunkState, Value};

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
        name: "genericClosure",
        arity: 1,
        code: generic_closure,
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
        name: "sort",
        arity: 2,
        code: sort,
    },
    Builtin {
        name: "tail",
        arity: 1,
        code: tail,
    },
];

fn length<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    let list = evaluator.expect_list(args[0], Span::NONE, argument!("first", "length"))?;
    Ok(Value::Int(list.items.len() as i64))
}

fn head<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    let list = evaluator.expect_list(args[0], Span::NONE, argument!("first", "head"))?;
    match list.items.first() {
        Some(&item) => evaluator.force(item, span),
        None => Err(on_empty_list("head")),
    }
}

fn tail<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let list = evaluator.expect_list(args[0], Span::NONE, argument!("first", "tail"))?;
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

fn elem_at<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    let list = evaluator.expect_list(args[0], Span::NONE, argument!("first", "elemAt"))?;
    let index = evaluator.expect_int(args[1], Span::NONE, argument!("second", "elemAt"))?;
    let item = usize::try_from(index)
        .ok()
        .and_then(|index| list.items.get(index));
    match item {
        Some(&item) => evaluator.force(item, span),
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

fn elem<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "elem"))?;
    for &item in list.items {
        if evaluator
            .equal_elements(args[0], item, span)
            .traced(Span::NONE, || {
                "while searching for the presence of the given element in the list".to_owned()
            })?
        {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn map<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "map"))?;
    if list.items.is_empty() {
        return Ok(Value::List(list));
    }
    let function = evaluator.expect_function(args[0], Span::NONE, argument!("first", "map"))?;
    let function: &'h Lazy<'h> = evaluator.heap().alloc(function.into());
    let items = evaluator
        .heap()
        .alloc_slice_fill_with(list.items.len(), |index| {
            evaluator.new_thunk(ThunkState::Apply(function, &list.items[index]))
        });
    Ok(evaluator.list_in_heap(items))
}

fn filter<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    const WHAT: &str =
        "while evaluating the return value of the filtering function passed to builtins.filter";
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "filter"))?;
    if list.items.is_empty() {
        return Ok(Value::List(list));
    }
    let function = evaluator.expect_function(args[0], Span::NONE, argument!("first", "filter"))?;
    let mut kept = Vec::with_capacity(list.items.len());
    for &item in list.items {
        if call_predicate(evaluator, function, item, Span::NONE, WHAT)? {
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
    span: Span,
    what: &str,
) -> Result<bool> {
    let result = evaluator
        .apply(function, &[item], span)
        .traced(span, || what.to_owned())?;
    evaluator.expect_bool(result.into(), span, what)
}

fn any_or_all<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
    decisive: bool,
    what: [&str; 3],
) -> Result<Value<'h>> {
    let function = evaluator.expect_function(args[0], span, what[0])?;
    let list = evaluator.expect_list(args[1], span, what[1])?;
    for &item in list.items {
        if call_predicate(evaluator, function, item, span, what[2])? == decisive {
            return Ok(Value::Bool(decisive));
        }
    }
    Ok(Value::Bool(!decisive))
}

fn any<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    let what = [
        argument!("first", "any"),
        argument!("second", "any"),
        "while evaluating the return value of the function passed to builtins.any",
    ];
    any_or_all(evaluator, args, span, true, what)
}

fn all<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    let what = [
        argument!("first", "all"),
        argument!("second", "all"),
        "while evaluating the return value of the function passed to builtins.all",
    ];
    any_or_all(evaluator, args, span, false, what)
}

fn foldl_strict<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    let function =
        evaluator.expect_function(args[0], Span::NONE, argument!("first", "foldlStrict"))?;
    let list = evaluator.expect_list(args[2], Span::NONE, argument!("third", "foldlStrict"))?;
    let mut accumulator = args[1];
    for &item in list.items {
        accumulator = evaluator
            .apply(function, &[accumulator, item], span)?
            .into();
    }
    evaluator.force(accumulator, span)
}

fn concat_lists<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    const WHAT: &str = "while evaluating a value of the list passed to builtins.concatLists";
    let lists = evaluator.expect_list(args[0], Span::NONE, argument!("first", "concatLists"))?;
    let mut parts = Vec::with_capacity(lists.items.len());
    for &item in lists.items {
        parts.push(evaluator.expect_list(item, Span::NONE, WHAT)?);
    }
    concat(evaluator, &parts, span)
}

/// One list of the items of several; the list itself if only one has any.
fn concat<'h>(
    evaluator: &mut Evaluator<'h>,
    lists: &[&'h List<'h>],
    span: Span,
) -> Result<Value<'h>> {
    let mut with_items = lists.iter().filter(|list| !list.items.is_empty());
    match (with_items.next(), with_items.next()) {
        (None, _) => return Ok(Value::List(evaluator.empty_list)),
        (Some(only), None) => return Ok(Value::List(only)),
        _ => {}
    }
    let total: usize = lists.iter().map(|list| list.items.len()).sum();
    evaluator.reserve(total.saturating_mul(size_of::<Lazy<'_>>()), span)?;
    let mut items = lists.iter().flat_map(|list| list.items);
    let items = evaluator
        .heap()
        .alloc_slice_fill_with(total, |_| match items.next() {
            Some(&item) => item,
            None => Lazy::Ready(Value::Null),
        });
    Ok(evaluator.list_in_heap(items))
}

fn concat_map<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    const WHAT: &str =
        "while evaluating the return value of the function passed to builtins.concatMap";
    let function =
        evaluator.expect_function(args[0], Span::NONE, argument!("first", "concatMap"))?;
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "concatMap"))?;
    let mut parts = Vec::with_capacity(list.items.len());
    for &item in list.items {
        let part = evaluator
            .apply(function, &[item], span)
            .traced(Span::NONE, || WHAT.to_owned())?;
        parts.push(evaluator.expect_list(part.into(), Span::NONE, WHAT)?);
    }
    concat(evaluator, &parts, span)
}

fn gen_list<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    let count = evaluator.expect_int(args[1], Span::NONE, argument!("second", "genList"))?;
    let Ok(count) = usize::try_from(count) else {
        return Err(EvalError::new(
            ErrorKind::Other,
            span,
            format!("cannot create list of size {count}"),
        ));
    };
    // An item is its place in the list, its thunk and its index.
    evaluator.reserve(count.saturating_mul(16 + 24 + 16), span)?;
    let function = evaluator.expect_function(args[0], Span::NONE, argument!("first", "genList"))?;
    let function: &'h Lazy<'h> = evaluator.heap().alloc(function.into());
    let indices = evaluator
        .heap()
        .alloc_slice_fill_with(count, |index| Lazy::Ready(Value::Int(index as i64)));
    let indices: &'h [Lazy<'h>] = indices;
    let items = evaluator.heap().alloc_slice_fill_with(count, |index| {
        evaluator.new_thunk(ThunkState::Apply(function, &indices[index]))
    });
    Ok(evaluator.list_in_heap(items))
}

fn partition<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    const WHAT: &str =
        "while evaluating the return value of the partition function passed to builtins.partition";
    let function =
        evaluator.expect_function(args[0], Span::NONE, argument!("first", "partition"))?;
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "partition"))?;
    let mut right = Vec::new();
    let mut wrong = Vec::new();
    for &item in list.items {
        if call_predicate(evaluator, function, item, Span::NONE, WHAT)? {
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

fn group_by<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    const WHAT: &str =
        "while evaluating the return value of the grouping function passed to builtins.groupBy";
    let function = evaluator.expect_function(args[0], Span::NONE, argument!("first", "groupBy"))?;
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "groupBy"))?;
    let mut index_of = rustc_hash::FxHashMap::default();
    let mut groups: Vec<(crate::symbol::Symbol, Vec<Lazy<'h>>)> = Vec::new();
    for &item in list.items {
        let group = evaluator
            .apply(function, &[item], span)
            .traced(Span::NONE, || WHAT.to_owned())?;
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

fn sort<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "sort"))?;
    if list.items.is_empty() {
        return Ok(Value::List(list));
    }
    let function = evaluator.expect_function(args[0], Span::NONE, argument!("first", "sort"))?;
    for &item in list.items {
        evaluator.force(item, span)?;
    }
    let by_order = matches!(function, Value::Primop(primop) if primop.name == "lessThan");
    let less = |evaluator: &mut Evaluator<'h>, left: Lazy<'h>, right: Lazy<'h>| {
        if by_order {
            let left = evaluator.force(left, span)?;
            let right = evaluator.force(right, span)?;
            return evaluator.less(left, right, span).traced(Span::NONE, || {
                "while evaluating the ordering function passed to builtins.sort".to_owned()
            });
        }
        let result = evaluator.apply(function, &[left, right], span)?;
        evaluator.expect_bool(
            result.into(),
            span,
            "while evaluating the return value of the sorting function passed to builtins.sort",
        )
    };
    let sorted = merge_sort(list.items, &mut |left, right| less(evaluator, left, right))?;
    Ok(evaluator.list(&sorted))
}

/// Runs of this length are sorted by insertion before they are merged.
const RUN: usize = 8;

/// A stable sort whose comparison may fail, which `slice::sort_by` cannot stop at.
fn merge_sort<'h>(
    items: &[Lazy<'h>],
    less: &mut impl FnMut(Lazy<'h>, Lazy<'h>) -> Result<bool>,
) -> Result<Vec<Lazy<'h>>> {
    let mut sorted = items.to_vec();
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

/// The keys that `genericClosure` has seen.
///
/// Keys of one closure must be comparable with each other, so all are numbers,
/// or strings, or paths, or lists. All but lists are found by hash.
enum SeenKeys<'h> {
    None,
    Numbers(FxHashSet<NumberKey>, Value<'h>),
    Texts(FxHashSet<&'h [u8]>, Value<'h>),
    /// In order.
    Others(Vec<Value<'h>>),
}

#[derive(PartialEq, Eq, Hash)]
enum NumberKey {
    Int(i64),
    /// The bits of a double that is no integer.
    Float(u64),
}

impl NumberKey {
    fn new(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Int(number) => Some(NumberKey::Int(number)),
            #[allow(clippy::float_cmp)]
            Value::Float(number) if number.trunc() == number && number.abs() < 2f64.powi(53) => {
                Some(NumberKey::Int(number as i64))
            }
            Value::Float(number) => Some(NumberKey::Float(number.to_bits())),
            _ => None,
        }
    }
}

impl<'h> SeenKeys<'h> {
    /// Adds a key; whether it is new.
    fn insert(
        &mut self,
        evaluator: &mut Evaluator<'h>,
        key: Value<'h>,
        span: Span,
    ) -> Result<bool> {
        match (&mut *self, key) {
            (SeenKeys::None, _) => {
                *self = match (NumberKey::new(key), key) {
                    (Some(number), _) => SeenKeys::Numbers(FxHashSet::from_iter([number]), key),
                    (None, Value::String(string)) => {
                        SeenKeys::Texts(FxHashSet::from_iter([string.text]), key)
                    }
                    (None, Value::Path(path)) => {
                        SeenKeys::Texts(FxHashSet::from_iter([path.text]), key)
                    }
                    _ => SeenKeys::Others(vec![key]),
                };
                Ok(true)
            }
            (SeenKeys::Numbers(seen, first), _) => match NumberKey::new(key) {
                Some(number) => Ok(seen.insert(number)),
                None => evaluator.less(key, *first, span),
            },
            (SeenKeys::Texts(seen, Value::String(_)), Value::String(string)) => {
                Ok(seen.insert(string.text))
            }
            (SeenKeys::Texts(seen, Value::Path(_)), Value::Path(path)) => {
                Ok(seen.insert(path.text))
            }
            // Not comparable: the comparison says so.
            (SeenKeys::Texts(_, first), _) => evaluator.less(key, *first, span),
            (SeenKeys::Others(seen), _) => {
                let (mut low, mut high) = (0, seen.len());
                while low < high {
                    let middle = usize::midpoint(low, high);
                    if evaluator.less(seen[middle], key, span)? {
                        low = middle + 1;
                    } else {
                        high = middle;
                    }
                }
                if low < seen.len() && !evaluator.less(key, seen[low], span)? {
                    return Ok(false);
                }
                seen.insert(low, key);
                Ok(true)
            }
        }
    }
}

fn generic_closure<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    const RESULT: &str =
        "while evaluating the return value of the `operator` passed to builtins.genericClosure";
    let argument =
        evaluator.expect_attrs(args[0], Span::NONE, argument!("first", "genericClosure"))?;
    let attribute = |evaluator: &Evaluator<'h>, name| {
        argument.get(name).copied().ok_or_else(|| {
            let name = evaluator.symbol_display(name);
            EvalError::new(
                ErrorKind::MissingAttribute,
                Span::NONE,
                format!("attribute '{name}' missing"),
            )
            .traced(Span::NONE, || {
                "in the attrset passed as argument to builtins.genericClosure".to_owned()
            })
        })
    };
    let start = attribute(evaluator, evaluator.names.start_set)?;
    let start = evaluator.expect_list(
        start.value,
        Span::NONE,
        "while evaluating the 'startSet' attribute passed as argument to builtins.genericClosure",
    )?;
    if start.items.is_empty() {
        return Ok(Value::List(start));
    }
    let operator = attribute(evaluator, evaluator.names.operator)?;
    let operator = evaluator.expect_function(
        operator.value,
        Span::NONE,
        "while evaluating the 'operator' attribute passed as argument to builtins.genericClosure",
    )?;
    let mut todo: std::collections::VecDeque<Lazy<'h>> = start.items.iter().copied().collect();
    let mut seen = SeenKeys::None;
    let mut result = Vec::new();
    while let Some(item) = todo.pop_front() {
        let attrs = evaluator.expect_attrs(
            item,
            Span::NONE,
            "while evaluating one of the elements generated by (or initially passed to) builtins.genericClosure",
        )?;
        let Some(key) = attrs.get(evaluator.names.key) else {
            return Err(EvalError::new(
                ErrorKind::MissingAttribute,
                Span::NONE,
                "attribute 'key' missing",
            )
            .traced(Span::NONE, || {
                "in one of the attrsets generated by (or initially passed to) builtins.genericClosure".to_owned()
            }));
        };
        let key = evaluator.force(key.value, Span::NONE)?;
        if !seen.insert(evaluator, key, span)? {
            continue;
        }
        result.push(item);
        let more = evaluator.apply(operator, &[item], Span::NONE)?;
        let more = evaluator.expect_list(more.into(), Span::NONE, RESULT)?;
        todo.extend(more.items);
    }
    Ok(evaluator.list(&result))
}
