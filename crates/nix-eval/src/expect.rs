//! Values of the type that a place wants, and the errors if they are not.

use crate::attrs::Attrs;
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::string::NixString;
use crate::value::{Lazy, List, Value};

/// A frame for the error of evaluating the value.
macro_rules! evaluation_error {
    (framed, $error:expr, $span:expr, $what:expr) => {
        Err($error.traced($span, || $what.to_owned()))
    };
    (plain, $error:expr, $span:expr, $what:expr) => {
        Err($error)
    };
}

/// Where the error of a wrong type is.
macro_rules! type_error_span {
    (framed, $span:expr) => {
        $span
    };
    (plain, $span:expr) => {
        Span::NONE
    };
}

macro_rules! expect {
    ($(#[$doc:meta])* $name:ident, $type:literal, $frame:ident, $result:ty, $pattern:pat => $value:expr) => {
        $(#[$doc])*
        #[inline]
        pub fn $name(&mut self, value: Lazy<'h>, span: Span, what: &str) -> Result<$result> {
            if let Lazy::Ready($pattern) = value {
                return Ok($value);
            }
            match self.force(value, span) {
                Ok($pattern) => Ok($value),
                Ok(other) => Err(self
                    .type_error($type, other, type_error_span!($frame, span))
                    .traced(span, || what.to_owned())),
                Err(error) => evaluation_error!($frame, error, span, what),
            }
        }
    };
}

/// Each of these forces a value and insists on its type. `what` is the step of
/// the trace if that fails: "while evaluating the first argument passed to
/// builtins.map". As in Nix, an error of evaluating what should be a set or a
/// list has no such step.
impl<'h> Evaluator<'h> {
    expect!(
        /// An attribute set.
        expect_attrs, "a set", plain, &'h Attrs<'h>, Value::Attrs(attrs) => attrs
    );
    expect!(
        /// A list.
        expect_list, "a list", plain, &'h List<'h>, Value::List(list) => list
    );
    expect!(
        /// A string, with whatever context.
        expect_string, "a string", framed, &'h NixString<'h>, Value::String(string) => string
    );
    expect!(
        /// A Boolean.
        expect_bool, "a Boolean", framed, bool, Value::Bool(value) => value
    );
    expect!(
        /// An integer.
        expect_int, "an integer", framed, i64, Value::Int(value) => value
    );
    expect!(
        /// A function of any kind that is not a set with a `__functor`.
        expect_plain_function, "a function", framed, Value<'h>,
        value @ (Value::Closure(_) | Value::Primop(_) | Value::PrimopApp(_)) => value
    );

    /// A function, or a set with a `__functor`.
    pub fn expect_function(
        &mut self,
        value: Lazy<'h>,
        span: Span,
        what: &str,
    ) -> Result<Value<'h>> {
        if let Lazy::Ready(value @ (Value::Closure(_) | Value::Primop(_) | Value::PrimopApp(_))) =
            value
        {
            return Ok(value);
        }
        match self.force(value, span) {
            Ok(value) if value.is_function() => Ok(value),
            Ok(Value::Attrs(attrs)) if attrs.get(self.names.functor).is_some() => {
                Ok(Value::Attrs(attrs))
            }
            Ok(other) => Err(self
                .type_error("a function", other, span)
                .traced(span, || what.to_owned())),
            Err(error) => Err(error.traced(span, || what.to_owned())),
        }
    }

    /// A number of either kind, as a double.
    pub fn expect_float(&mut self, value: Lazy<'h>, span: Span, what: &str) -> Result<f64> {
        match self.force(value, span) {
            Ok(Value::Float(value)) => Ok(value),
            Ok(Value::Int(value)) => Ok(value as f64),
            Ok(other) => Err(self
                .type_error("a float", other, span)
                .traced(span, || what.to_owned())),
            Err(error) => Err(error.traced(span, || what.to_owned())),
        }
    }

    /// The text of a string that must not have a context.
    pub fn expect_plain_string(
        &mut self,
        value: Lazy<'h>,
        span: Span,
        what: &str,
    ) -> Result<&'h [u8]> {
        Ok(self.expect_string_without_context(value, span, what)?.text)
    }

    /// The same, as a string.
    pub(crate) fn expect_string_without_context(
        &mut self,
        value: Lazy<'h>,
        span: Span,
        what: &str,
    ) -> Result<&'h NixString<'h>> {
        let string = self.expect_string(value, span, what)?;
        if let Some(first) = string.context.first() {
            let text = String::from_utf8_lossy(string.text);
            let path = first.to_string();
            return Err(EvalError::new(
                ErrorKind::Type,
                span,
                format!(
                    "the string '{text}' is not allowed to refer to a store path (such as '{path}')"
                ),
            )
            .traced(span, || what.to_owned()));
        }
        Ok(string)
    }

    /// "expected … but found …: value"
    #[cold]
    pub fn type_error(&mut self, wanted: &str, found: Value<'h>, span: Span) -> Box<EvalError> {
        let shown = self.show_in_message(found);
        EvalError::new(
            ErrorKind::Type,
            span,
            format!(
                "expected {wanted} but found {}: {shown}",
                found.type_with_article()
            ),
        )
    }
}
