//! Printing of values: as `nix-instantiate --eval` prints its result, and as
//! messages show what they complain about.

mod message;

use rustc_hash::FxHashSet;

use crate::attrs::Attr;
use crate::error::{Result, Traced};
use crate::evaluator::Evaluator;
use crate::source::{Pos, Span};
use crate::symbol::Symbol;
use crate::value::{Lazy, ThunkState, Value};

/// Which elements of lists and sets are printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Elements {
    /// Those that were evaluated; the others are `<CODE>`.
    Evaluated,
    /// All: they were all evaluated.
    All,
}

/// What an element of a list or set is as far as it was evaluated.
///
/// A function that stands in its list or set without a thunk was put there
/// unevaluated as far as Nix is concerned.
pub(crate) fn evaluated(element: Lazy<'_>) -> Option<Value<'_>> {
    match element {
        Lazy::Ready(Value::Closure(_)) => None,
        Lazy::Ready(value) => Some(value),
        Lazy::Early(_) => None,
        Lazy::Thunk(thunk) => match thunk.0.get() {
            ThunkState::Done(value) => Some(value),
            _ => None,
        },
    }
}

/// What tells one list that is printed from another. As in Nix it is where the
/// list stands, not what it is: of `[ x x (f x) ]` only the second is a repetition.
/// Sets are told apart by what they are.
fn identity(element: Lazy<'_>) -> *const () {
    match element {
        Lazy::Thunk(thunk) => std::ptr::from_ref(thunk).cast(),
        Lazy::Ready(Value::List(list)) => std::ptr::from_ref(list).cast(),
        Lazy::Ready(_) | Lazy::Early(_) => std::ptr::null(),
    }
}

/// Writes a string as a literal, with its quotes.
pub fn write_string_literal(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for (index, &byte) in text.iter().enumerate() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'$' if text.get(index + 1) == Some(&b'{') => out.extend_from_slice(b"\\$"),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Words that are not variables, whatever they look like. `or` is one only in
/// some places, so that Nix prints it without quotes.
const KEYWORDS: [&[u8]; 9] = [
    b"if", b"then", b"else", b"assert", b"with", b"let", b"in", b"rec", b"inherit",
];

/// Writes the name of an attribute: quoted where it must be.
pub fn write_attr_name(out: &mut Vec<u8>, name: &[u8]) {
    let plain = matches!(name.first(), Some(b'a'..=b'z' | b'A'..=b'Z' | b'_'))
        && name.iter().all(
            |byte| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'\''),
        )
        && !KEYWORDS.contains(&name);
    if plain {
        out.extend_from_slice(name);
    } else {
        write_string_literal(out, name);
    }
}

/// The name of an attribute as messages show it.
pub(crate) fn shown_name(name: &[u8]) -> String {
    let mut shown = Vec::with_capacity(name.len());
    write_attr_name(&mut shown, name);
    String::from_utf8_lossy(&shown).into_owned()
}

/// A double as C++'s streams write it: `%g`.
pub(crate) fn format_float(number: f64) -> String {
    if number.is_nan() {
        return if number.is_sign_negative() {
            "-nan"
        } else {
            "nan"
        }
        .to_owned();
    }
    if number.is_infinite() {
        return if number < 0.0 { "-inf" } else { "inf" }.to_owned();
    }
    if number == 0.0 {
        return if number.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    // Six significant digits.
    let scientific = format!("{number:.5e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |digits: &str| {
        if digits.contains('.') {
            digits
                .trim_end_matches('0')
                .trim_end_matches('.')
                .to_owned()
        } else {
            digits.to_owned()
        }
    };
    if (-4..6).contains(&exponent) {
        let decimals = (5 - exponent).max(0) as usize;
        trim(&format!("{number:.decimals$}"))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
    }
}

impl<'h> Evaluator<'h> {
    /// Evaluates a value and all that is in it.
    pub fn force_deep(&mut self, value: Value<'h>, span: Span) -> Result<()> {
        self.force_deep_once(value, span, &mut FxHashSet::default())
    }

    fn force_deep_once(
        &mut self,
        value: Value<'h>,
        span: Span,
        seen: &mut FxHashSet<*const ()>,
    ) -> Result<()> {
        // Nix counts a level as a call.
        self.enter_call(span)?;
        let result = self.force_elements(value, span, seen);
        self.call_depth -= 1;
        result
    }

    fn force_elements(
        &mut self,
        value: Value<'h>,
        span: Span,
        seen: &mut FxHashSet<*const ()>,
    ) -> Result<()> {
        match value {
            Value::Attrs(attrs) if seen.insert(std::ptr::from_ref(attrs).cast()) => self
                .with_stack(span, |evaluator| {
                    for attr in attrs.iter() {
                        let at = Span::at(attr.pos);
                        let in_attribute = |evaluator: &Self| {
                            let name = evaluator.shown_name(attr.name);
                            format!("while evaluating the attribute '{name}'")
                        };
                        let forced =
                            evaluator.force(attr.value, evaluator.own_span(attr.value, at));
                        match forced.and_then(|value| evaluator.force_deep_once(value, at, seen)) {
                            Ok(()) => {}
                            Err(error) => {
                                return Err(error.traced(at, || in_attribute(evaluator)));
                            }
                        }
                    }
                    Ok(())
                }),
            Value::List(list) if seen.insert(std::ptr::from_ref(list).cast()) => {
                self.with_stack(span, |evaluator| {
                    for (index, &item) in list.items.iter().enumerate() {
                        evaluator
                            .force(item, evaluator.own_span(item, span))
                            .and_then(|value| evaluator.force_deep_once(value, span, seen))
                            .traced(Span::NONE, || {
                                format!("while evaluating list element at index {index}")
                            })?;
                    }
                    Ok(())
                })
            }
            _ => Ok(()),
        }
    }

    /// The value as `nix-instantiate --eval` prints it, as far as it was
    /// evaluated.
    pub fn show(&mut self, value: Value<'h>) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.print(
            &mut out,
            value,
            identity(value.into()),
            Elements::Evaluated,
            &mut FxHashSet::default(),
        )?;
        Ok(out)
    }

    /// The value as `nix-instantiate --eval --strict` prints it: evaluated with
    /// all that is in it.
    pub fn show_deep(&mut self, value: Value<'h>) -> Result<Vec<u8>> {
        self.force_deep(value, Span::NONE)?;
        let mut out = Vec::new();
        let at = identity(value.into());
        self.print(
            &mut out,
            value,
            at,
            Elements::All,
            &mut FxHashSet::default(),
        )?;
        Ok(out)
    }

    fn print(
        &mut self,
        out: &mut Vec<u8>,
        value: Value<'h>,
        at: *const (),
        elements: Elements,
        seen: &mut FxHashSet<*const ()>,
    ) -> Result<()> {
        match value {
            Value::Attrs(attrs) => {
                if !attrs.is_empty() && !seen.insert(std::ptr::from_ref(attrs).cast()) {
                    out.extend_from_slice("«repeated»".as_bytes());
                    return Ok(());
                }
                self.with_stack(Span::NONE, |evaluator| {
                    out.extend_from_slice(b"{ ");
                    for attr in evaluator.attrs_by_name(attrs) {
                        write_attr_name(out, evaluator.symbols.text(attr.name));
                        out.extend_from_slice(b" = ");
                        evaluator.print_element(out, attr.value, elements, seen)?;
                        out.extend_from_slice(b"; ");
                    }
                    out.push(b'}');
                    Ok(())
                })
            }
            Value::List(list) => {
                if !list.items.is_empty() && !seen.insert(at) {
                    out.extend_from_slice("«repeated»".as_bytes());
                    return Ok(());
                }
                self.with_stack(Span::NONE, |evaluator| {
                    out.extend_from_slice(b"[ ");
                    for &item in list.items {
                        evaluator.print_element(out, item, elements, seen)?;
                        out.push(b' ');
                    }
                    out.push(b']');
                    Ok(())
                })
            }
            Value::Closure(_) => {
                out.extend_from_slice(b"<LAMBDA>");
                Ok(())
            }
            Value::Primop(_) => {
                out.extend_from_slice(b"<PRIMOP>");
                Ok(())
            }
            Value::PrimopApp(_) => {
                out.extend_from_slice(b"<PRIMOP-APP>");
                Ok(())
            }
            scalar => {
                print_scalar(out, scalar);
                Ok(())
            }
        }
    }

    fn print_element(
        &mut self,
        out: &mut Vec<u8>,
        element: Lazy<'h>,
        elements: Elements,
        seen: &mut FxHashSet<*const ()>,
    ) -> Result<()> {
        let value = match (elements, element) {
            (Elements::All, Lazy::Ready(value)) => Some(value),
            (Elements::All, Lazy::Early(value)) => Some(Value::Int(value)),
            _ => evaluated(element),
        };
        match value {
            Some(value) => self.print(out, value, identity(element), elements, seen),
            // Nix evaluates it before anything else.
            None if self.is_derivation_function(element) => {
                out.extend_from_slice(b"<LAMBDA>");
                Ok(())
            }
            None => {
                out.extend_from_slice(b"<CODE>");
                Ok(())
            }
        }
    }

    fn is_derivation_function(&self, element: Lazy<'h>) -> bool {
        let derivation = self.symbol("derivation");
        let derivation = derivation.and_then(|name| self.globals.get(&name));
        match (derivation, element) {
            (Some(Lazy::Thunk(function)), Lazy::Thunk(element)) => std::ptr::eq(*function, element),
            _ => false,
        }
    }

    /// An attribute made by a builtin from a value that is already evaluated, in
    /// the sense that printing shows it.
    pub(crate) fn evaluated_attr(&self, name: Symbol, value: Value<'h>) -> Attr<'h> {
        Attr {
            name,
            pos: Pos::NONE,
            value: self.evaluated(value),
        }
    }

    /// The same for an element of a list, or for a value that is printed itself.
    pub fn evaluated(&self, value: Value<'h>) -> Lazy<'h> {
        match value {
            Value::Attrs(_) | Value::List(_) | Value::Closure(_) => {
                self.new_thunk(ThunkState::Done(value))
            }
            other => Lazy::Ready(other),
        }
    }
}

fn print_scalar(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Int(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::Float(number) => out.extend_from_slice(format_float(number).as_bytes()),
        Value::String(string) => write_string_literal(out, string.text),
        Value::Path(path) => out.extend_from_slice(path.text),
        Value::List(_)
        | Value::Attrs(_)
        | Value::Closure(_)
        | Value::Primop(_)
        | Value::PrimopApp(_) => unreachable!("not a scalar"),
    }
}

#[cfg(test)]
mod tests {
    use super::format_float;

    #[test]
    fn floats_have_six_significant_digits() {
        for (number, text) in [
            (0.1, "0.1"),
            (1.0 / 3.0, "0.333333"),
            (1.0, "1"),
            (123_456.0, "123456"),
            (1_234_567.0, "1.23457e+06"),
            (0.000_012_345, "1.2345e-05"),
            (-2.5e20, "-2.5e+20"),
            (999_999.9, "1e+06"),
            (0.000_1, "0.0001"),
        ] {
            assert_eq!(format_float(number), text);
        }
    }
}
