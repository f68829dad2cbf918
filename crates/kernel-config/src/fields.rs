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

/// The Boolean of the attribute `name`, which may be absent.
pub(crate) fn flag<'h>(
    evaluator: &mut Evaluator<'h>,
    attrs: &'h Attrs<'h>,
    name: &str,
) -> Result<Option<bool>> {
    let Some(attr) = get(evaluator, attrs, name) else {
        return Ok(None);
    };
    let what = format!("while evaluating `{name}'");
    let flag = evaluator.expect_bool(attr.value, Span::at(attr.pos), &what)?;
    Ok(Some(flag))
}
