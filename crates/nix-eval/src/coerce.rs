//! Values as strings. Nix manual, "String interpolation" and `toString`.

use crate::attrs::Attrs;
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::string::{ContextElement, NixString};
use crate::value::{Lazy, Value};

/// Which values become strings, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Coercion {
    /// Numbers, Booleans, null and lists too, as `toString` does.
    pub more: bool,
    /// A path becomes the store path that its contents would be copied to.
    pub copy_paths: bool,
}

impl Coercion {
    /// As in `"${…}"`.
    pub const INTERPOLATION: Self = Self {
        more: false,
        copy_paths: true,
    };
    /// As `toString` does.
    pub const TO_STRING: Self = Self {
        more: true,
        copy_paths: false,
    };
    /// Strings, paths as they are, and sets that stand for one.
    pub const PLAIN: Self = Self {
        more: false,
        copy_paths: false,
    };
}

/// Puts a string together from pieces.
#[derive(Default)]
pub struct StringBuilder<'h> {
    /// The text so far.
    pub text: Vec<u8>,
    /// The context so far, in any order.
    pub context: Vec<ContextElement<'h>>,
}

impl<'h> StringBuilder<'h> {
    /// Adds a string with its context.
    pub fn push(&mut self, string: &NixString<'h>) {
        self.text.extend_from_slice(string.text);
        self.context.extend_from_slice(string.context);
    }

    /// The string, in the evaluator's arena.
    pub fn finish(self, evaluator: &Evaluator<'h>) -> &'h NixString<'h> {
        let context = evaluator.context(self.context);
        let text = evaluator.heap().alloc_slice_copy(&self.text);
        evaluator.heap().alloc(NixString { text, context })
    }
}

impl<'h> Evaluator<'h> {
    /// A context from its elements in any order.
    pub fn context(&self, mut elements: Vec<ContextElement<'h>>) -> &'h [ContextElement<'h>] {
        if elements.is_empty() {
            return &[];
        }
        elements.sort_unstable();
        elements.dedup();
        self.heap().alloc_slice_copy(&elements)
    }

    /// The string that a value stands for. `what` is the step of the trace if
    /// that fails.
    pub fn coerce_to_string(
        &mut self,
        value: Lazy<'h>,
        span: Span,
        what: &str,
        coercion: Coercion,
    ) -> Result<&'h NixString<'h>> {
        let value = self.force(value, span)?;
        if let Value::String(string) = value {
            return Ok(string);
        }
        self.coerce_other(value, span, what, coercion)
    }

    #[inline(never)]
    fn coerce_other(
        &mut self,
        value: Value<'h>,
        span: Span,
        what: &str,
        coercion: Coercion,
    ) -> Result<&'h NixString<'h>> {
        let plain = |evaluator: &Self, text: &'h [u8]| {
            let string: &'h NixString<'h> =
                evaluator.heap().alloc(NixString { text, context: &[] });
            Ok(string)
        };
        match value {
            Value::String(string) => Ok(string),
            Value::Path(path) if coercion.copy_paths => self.path_in_store(path, span),
            Value::Path(path) => plain(self, path.text),
            Value::Attrs(attrs) => self.with_stack(span, |evaluator| {
                evaluator.coerce_attrs(attrs, span, what, coercion)
            }),
            Value::Bool(true) if coercion.more => plain(self, b"1"),
            Value::Bool(false) | Value::Null if coercion.more => plain(self, b""),
            Value::Int(number) if coercion.more => {
                let text = self.heap().alloc_str(&number.to_string());
                plain(self, text.as_bytes())
            }
            Value::Float(number) if coercion.more => {
                let text = self.heap().alloc_str(&fixed_point(number));
                plain(self, text.as_bytes())
            }
            Value::List(list) if coercion.more => self.with_stack(span, |evaluator| {
                let mut result = StringBuilder::default();
                for (index, &item) in list.items.iter().enumerate() {
                    let string = evaluator
                        .coerce_to_string(
                            item,
                            span,
                            "while evaluating one element of the list",
                            coercion,
                        )
                        .traced(span, || what.to_owned())?;
                    result.push(string);
                    // An empty list inside adds no separator.
                    let empty = matches!(
                        evaluator.force(item, span)?,
                        Value::List(inner) if inner.items.is_empty()
                    );
                    if index + 1 < list.items.len() && !empty {
                        result.text.push(b' ');
                    }
                }
                Ok(result.finish(evaluator))
            }),
            other => Err(self.cannot_coerce(other).traced(span, || what.to_owned())),
        }
    }

    fn coerce_attrs(
        &mut self,
        attrs: &'h Attrs<'h>,
        span: Span,
        what: &str,
        coercion: Coercion,
    ) -> Result<&'h NixString<'h>> {
        if let Some(to_string) = attrs.get(self.names.to_string) {
            let function = self.force(to_string.value, span)?;
            let result = self.apply(function, &[Value::Attrs(attrs).into()], span)?;
            return self.coerce_to_string(
                result.into(),
                span,
                "while evaluating the result of the `__toString` attribute",
                coercion,
            );
        }
        if let Some(out_path) = attrs.get(self.names.out_path) {
            return self.coerce_to_string(out_path.value, span, what, coercion);
        }
        Err(self
            .cannot_coerce(Value::Attrs(attrs))
            .traced(span, || what.to_owned()))
    }

    #[cold]
    fn cannot_coerce(&mut self, value: Value<'h>) -> Box<EvalError> {
        let shown = self.show_in_message(value);
        EvalError::new(
            ErrorKind::Type,
            Span::NONE,
            format!(
                "cannot coerce {} to a string: {shown}",
                value.type_with_article()
            ),
        )
    }

    /// The absolute path that a value stands for, with its context. As in Nix, an error of
    /// evaluating it has a step of the trace.
    pub fn coerce_to_path(
        &mut self,
        value: Lazy<'h>,
        span: Span,
        what: &str,
    ) -> Result<&'h NixString<'h>> {
        let value = self.force(value, span).traced(span, || what.to_owned())?;
        if let Value::Attrs(attrs) = value
            && let Some(to_string) = attrs.get(self.names.to_string)
        {
            let function = self.force(to_string.value, span)?;
            let result = self.apply(function, &[value.into()], span)?;
            return self.with_stack(span, |evaluator| {
                evaluator.coerce_to_path(result.into(), span, what)
            });
        }
        let string = self.coerce_to_string(value.into(), span, what, Coercion::PLAIN)?;
        if string.text.first() != Some(&b'/') {
            let text = String::from_utf8_lossy(string.text);
            return Err(EvalError::new(
                ErrorKind::Type,
                Span::NONE,
                format!("string '{text}' doesn't represent an absolute path"),
            )
            .traced(span, || what.to_owned()));
        }
        Ok(string)
    }
}

/// A double as `std::to_string` writes it, which is what `toString` does.
fn fixed_point(number: f64) -> String {
    if number.is_nan() {
        return if number.is_sign_negative() {
            "-nan"
        } else {
            "nan"
        }
        .to_owned();
    }
    format!("{number:.6}")
}
