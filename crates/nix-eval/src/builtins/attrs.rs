//! Attribute sets.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Builtin, argument};
use crate::attrs::{Attr, Attrs};
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::position;
use crate::print::shown_name;
use crate::source::{Pos, Span};
use crate::symbol::Symbol;
use crate::value::{Lazy, MappedId, Over, ThunkState, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "attrNames",
        arity: 1,
        code: attr_names,
    },
    Builtin {
        name: "attrValues",
        arity: 1,
        code: attr_values,
    },
    Builtin {
        name: "catAttrs",
        arity: 2,
        code: cat_attrs,
    },
    Builtin {
        name: "getAttr",
        arity: 2,
        code: get_attr,
    },
    Builtin {
        name: "hasAttr",
        arity: 2,
        code: has_attr,
    },
    Builtin {
        name: "intersectAttrs",
        arity: 2,
        code: intersect_attrs,
    },
    Builtin {
        name: "listToAttrs",
        arity: 1,
        code: list_to_attrs,
    },
    Builtin {
        name: "mapAttrs",
        arity: 2,
        code: map_attrs,
    },
    Builtin {
        name: "removeAttrs",
        arity: 2,
        code: remove_attrs,
    },
    Builtin {
        name: "unsafeGetAttrPos",
        arity: 2,
        code: unsafe_get_attr_pos,
    },
    Builtin {
        name: "zipAttrsWith",
        arity: 2,
        code: zip_attrs_with,
    },
];

fn attr_names<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let attrs = evaluator.expect_attrs(
        args[0],
        Span::NONE,
        "while evaluating the argument passed to builtins.attrNames",
    )?;
    let sorted = evaluator.attrs_by_name(attrs);
    let items = evaluator
        .heap()
        .alloc_slice_fill_with(sorted.len(), |index| {
            Lazy::Ready(evaluator.symbol_string(sorted[index].name))
        });
    Ok(evaluator.list_in_heap(items))
}

fn attr_values<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let attrs = evaluator.expect_attrs(
        args[0],
        Span::NONE,
        "while evaluating the argument passed to builtins.attrValues",
    )?;
    let sorted = evaluator.attrs_by_name(attrs);
    let items = evaluator
        .heap()
        .alloc_slice_fill_with(sorted.len(), |index| sorted[index].value);
    Ok(evaluator.list_in_heap(items))
}

fn get_attr<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let name = evaluator.expect_plain_string(args[0], Span::NONE, argument!("first", "getAttr"))?;
    let attrs = evaluator.expect_attrs(args[1], Span::NONE, argument!("second", "getAttr"))?;
    let found = evaluator.symbol(name).and_then(|name| attrs.get(name));
    match found {
        Some(attr) => evaluator.force(attr.value, Span::NONE),
        None => {
            let name = shown_name(name);
            Err(EvalError::new(
                ErrorKind::MissingAttribute,
                Span::NONE,
                format!("attribute '{name}' missing"),
            )
            .traced(Span::NONE, || {
                "in the attribute set under consideration".to_owned()
            }))
        }
    }
}

fn has_attr<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let name = evaluator.expect_plain_string(args[0], Span::NONE, argument!("first", "hasAttr"))?;
    let attrs = evaluator.expect_attrs(args[1], Span::NONE, argument!("second", "hasAttr"))?;
    let found = evaluator
        .symbol(name)
        .is_some_and(|name| attrs.get(name).is_some());
    Ok(Value::Bool(found))
}

fn remove_attrs<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    const NAME: &str =
        "while evaluating the values of the second argument passed to builtins.removeAttrs";
    let attrs = evaluator.expect_attrs(args[0], Span::NONE, argument!("first", "removeAttrs"))?;
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "removeAttrs"))?;
    let mut removed = FxHashSet::default();
    for &name in list.items {
        let name = evaluator.expect_plain_string(name, Span::NONE, NAME)?;
        if let Some(name) = evaluator.symbol(name)
            && attrs.get(name).is_some()
        {
            removed.insert(name);
        }
    }
    if removed.is_empty() {
        return Ok(Value::Attrs(attrs));
    }
    let kept: Vec<_> = attrs
        .iter()
        .filter(|attr| !removed.contains(&attr.name))
        .copied()
        .collect();
    Ok(Value::Attrs(evaluator.attrs_from_sorted(&kept)))
}

fn list_to_attrs<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    const ELEMENT: &str = "while evaluating an element of the list passed to builtins.listToAttrs";
    const NAME: &str = "while evaluating the `name` attribute of an element of the list passed to builtins.listToAttrs";
    let list = evaluator.expect_list(
        args[0],
        Span::NONE,
        "while evaluating the argument passed to builtins.listToAttrs",
    )?;
    let mut entries = Vec::with_capacity(list.items.len());
    // The names of the first `known` entries, if anybody needs them.
    let mut names: Option<FxHashSet<Symbol>> = None;
    let mut known = 0;
    let (name_symbol, value_symbol) = (evaluator.names.name, evaluator.names.value);
    for &item in list.items {
        let element = evaluator.expect_attrs(item, Span::NONE, ELEMENT)?;
        let missing = |which: &str| {
            EvalError::new(
                ErrorKind::MissingAttribute,
                Span::NONE,
                format!("attribute '{which}' missing"),
            )
            .traced(Span::NONE, || "in a {name=...; value=...;} pair".to_owned())
        };
        let Some(name) = element.get(name_symbol) else {
            return Err(missing("name"));
        };
        let at = Span::at(name.pos);
        let name = evaluator.expect_string_without_context(name.value, at, NAME)?;
        let symbol = evaluator.symbols.intern_string(name);
        let Some(value) = element.get(value_symbol) else {
            // Of several with the same name only the first is looked at.
            let names = names.get_or_insert_with(FxHashSet::default);
            names.extend(entries[known..].iter().map(|entry: &Attr<'h>| entry.name));
            known = entries.len();
            if names.contains(&symbol) {
                continue;
            }
            return Err(missing("value"));
        };
        entries.push(Attr {
            name: symbol,
            pos: value.pos,
            value: value.value,
        });
    }
    // Of several with the same name the first counts. New names are in order already.
    if !entries.is_sorted_by(|a, b| a.name < b.name) {
        entries.sort_by_key(|attr| attr.name);
        entries.dedup_by_key(|attr| attr.name);
    }
    Ok(Value::Attrs(evaluator.attrs_from_sorted(&entries)))
}

fn intersect_attrs<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let left = evaluator.expect_attrs(args[0], Span::NONE, argument!("first", "intersectAttrs"))?;
    let right =
        evaluator.expect_attrs(args[1], Span::NONE, argument!("second", "intersectAttrs"))?;
    let shared: Vec<_> = if left.len() < right.len() {
        left.iter()
            .filter_map(|attr| right.get(attr.name))
            .copied()
            .collect()
    } else {
        right
            .iter()
            .filter(|attr| left.get(attr.name).is_some())
            .copied()
            .collect()
    };
    Ok(Value::Attrs(evaluator.attrs_from_sorted(&shared)))
}

fn cat_attrs<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    const ELEMENT: &str =
        "while evaluating an element in the list passed as second argument to builtins.catAttrs";
    let name =
        evaluator.expect_plain_string(args[0], Span::NONE, argument!("first", "catAttrs"))?;
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "catAttrs"))?;
    let name = evaluator.intern(name);
    let mut found = Vec::with_capacity(list.items.len());
    for &item in list.items {
        let attrs = evaluator.expect_attrs(item, Span::NONE, ELEMENT)?;
        found.extend(attrs.get(name).map(|attr| attr.value));
    }
    Ok(evaluator.list(&found))
}

fn map_attrs<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let attrs = evaluator.expect_attrs(args[1], Span::NONE, argument!("second", "mapAttrs"))?;
    // Where the function is, Nix knows only once it was called.
    let mapped = evaluator.mapped(args[0], Over::Attrs(attrs), false);
    Ok(Value::Attrs(map_values(evaluator, mapped, attrs)))
}

/// The set of what a function makes of each attribute, on demand.
fn map_values<'h>(
    evaluator: &Evaluator<'h>,
    mapped: MappedId,
    attrs: &'h Attrs<'h>,
) -> &'h Attrs<'h> {
    let entries = evaluator
        .heap()
        .alloc_slice_fill_with(attrs.len(), |index| Attr {
            name: attrs.at(index).name,
            pos: Pos::NONE,
            value: evaluator.new_thunk(ThunkState::Apply {
                // No more than there are names.
                index: index as u32,
                mapped,
            }),
        });
    evaluator.attrs_in_heap(entries)
}

fn zip_attrs_with<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    const ELEMENT: &str =
        "while evaluating a value of the list passed as second argument to builtins.zipAttrsWith";
    let function =
        evaluator.expect_function(args[0], Span::NONE, argument!("first", "zipAttrsWith"))?;
    let list = evaluator.expect_list(args[1], Span::NONE, argument!("second", "zipAttrsWith"))?;
    let mut index_of: FxHashMap<Symbol, usize> = FxHashMap::default();
    let mut zipped: Vec<(Symbol, Pos, Vec<Lazy<'h>>)> = Vec::new();
    for &item in list.items {
        let attrs = evaluator.expect_attrs(item, Span::NONE, ELEMENT)?;
        for attr in attrs.iter() {
            let index = *index_of.entry(attr.name).or_insert_with(|| {
                zipped.push((attr.name, attr.pos, Vec::new()));
                zipped.len() - 1
            });
            zipped[index].2.push(attr.value);
        }
    }
    let lists: Vec<_> = zipped
        .into_iter()
        .map(|(name, pos, values)| {
            let values = evaluator.list(&values);
            Attr {
                name,
                pos,
                value: evaluator.evaluated(values),
            }
        })
        .collect();
    let lists = evaluator.attrs(lists);
    let mapped = evaluator.mapped(function.into(), Over::Attrs(lists), true);
    Ok(Value::Attrs(map_values(evaluator, mapped, lists)))
}

fn unsafe_get_attr_pos<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let name = evaluator.expect_plain_string(
        args[0],
        Span::NONE,
        argument!("first", "unsafeGetAttrPos"),
    )?;
    let attrs =
        evaluator.expect_attrs(args[1], Span::NONE, argument!("second", "unsafeGetAttrPos"))?;
    let Some(attr) = evaluator.symbol(name).and_then(|name| attrs.get(name)) else {
        return Ok(Value::Null);
    };
    let Some((file, _)) = evaluator.sources.locate(attr.pos) else {
        return Ok(Value::Null);
    };
    let file = std::sync::Arc::clone(file);
    Ok(position::describe(
        evaluator.heap(),
        &mut evaluator.symbols,
        &file,
        attr.pos,
    ))
}
