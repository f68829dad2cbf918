//! Reading attributes of evaluated sets.

use nix_eval::{Attrs, Evaluator, Lazy, Result, Span, Value};

/// The attribute `name`, if it is there.
pub(crate) fn get<'h>(
    evaluator: &mut Evaluator<'h>,
    attrs: &'h Attrs<'h>,
    name: &str,
) -> Option<&'h nix_eval::Attr<'h>> {
    let name = evaluator.symbol(name)?;
    attrs.get(name)
}

/// The text of the attribute `name`, which may be absent or null.
pub(crate) fn text<'h>(
    evaluator: &mut Evaluator<'h>,
    attrs: &'h Attrs<'h>,
    name: &str,
) -> Result<Option<String>> {
    let Some(attr) = get(evaluator, attrs, name) else {
        return Ok(None);
    };
    let span = Span::at(attr.pos);
    match evaluator.force(attr.value, span)? {
        Value::Null => Ok(None),
        value => {
            let what = format!("while evaluating `{name}'");
            let string = evaluator.expect_string(Lazy::Ready(value), span, &what)?;
            Ok(Some(String::from_utf8_lossy(string.text).into_owned()))
        }
    }
}

/// The Boolean attribute `name`, which may be absent or null.
pub(crate) fn flag<'h>(
    evaluator: &mut Evaluator<'h>,
    attrs: &'h Attrs<'h>,
    name: &str,
) -> Result<Option<bool>> {
    let Some(attr) = get(evaluator, attrs, name) else {
        return Ok(None);
    };
    let span = Span::at(attr.pos);
    match evaluator.force(attr.value, span)? {
        Value::Null => Ok(None),
        value => {
            let what = format!("while evaluating `{name}'");
            Ok(Some(evaluator.expect_bool(
                Lazy::Ready(value),
                span,
                &what,
            )?))
        }
    }
}

/// The attribute `name`, a list; empty where it is absent.
pub(crate) fn list<'h>(
    evaluator: &mut Evaluator<'h>,
    attrs: &'h Attrs<'h>,
    name: &str,
) -> Result<&'h [Lazy<'h>]> {
    let Some(attr) = get(evaluator, attrs, name) else {
        return Ok(&[]);
    };
    let what = format!("while evaluating `{name}'");
    Ok(evaluator
        .expect_list(attr.value, Span::at(attr.pos), &what)?
        .items)
}
