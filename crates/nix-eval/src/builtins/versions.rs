//! Versions and package names.

use std::cmp::Ordering;

use super::{Builtin, argument};
use crate::error::Result;
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::value::{Lazy, Value};
use crate::versions;

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "compareVersions",
        arity: 2,
        code: compare_versions,
    },
    Builtin {
        name: "parseDrvName",
        arity: 1,
        code: parse_drv_name,
    },
    Builtin {
        name: "splitVersion",
        arity: 1,
        code: split_version,
    },
];

fn compare_versions<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let left = evaluator.expect_plain_string(
        args[0],
        Span::NONE,
        argument!("first", "compareVersions"),
    )?;
    let right = evaluator.expect_plain_string(
        args[1],
        Span::NONE,
        argument!("second", "compareVersions"),
    )?;
    Ok(Value::Int(match versions::compare(left, right) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}

fn split_version<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let version =
        evaluator.expect_plain_string(args[0], Span::NONE, argument!("first", "splitVersion"))?;
    let components: Vec<Lazy<'h>> = versions::components(version)
        .map(|component| evaluator.string_in_heap(component, &[]).into())
        .collect();
    Ok(evaluator.list(&components))
}

fn parse_drv_name<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let full =
        evaluator.expect_plain_string(args[0], Span::NONE, argument!("first", "parseDrvName"))?;
    let (name, version) = versions::parse_derivation_name(full);
    let name = evaluator.string_in_heap(name, &[]);
    let version = evaluator.string_in_heap(version, &[]);
    let entries = vec![
        evaluator.attr("name", name),
        evaluator.attr("version", version),
    ];
    Ok(Value::Attrs(evaluator.attrs(entries)))
}
