//! Equality and order. Nix manual, "Comparison" and "Equality".

use std::cmp::Ordering;

use crate::attrs::Attrs;
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::value::{Lazy, List, Value};

impl<'h> Evaluator<'h> {
    /// Whether two values are equal. Functions never are; but the items of lists
    /// and the attributes of sets are compared by where they are first, so that
    /// `[ f ] == [ f ]`.
    pub fn equal(&mut self, left: Lazy<'h>, right: Lazy<'h>, span: Span) -> Result<bool> {
        let left = self.force(left, span)?;
        let right = self.force(right, span)?;
        self.equal_values(left, right, span)
    }

    pub(crate) fn equal_values(
        &mut self,
        left: Value<'h>,
        right: Value<'h>,
        span: Span,
    ) -> Result<bool> {
        Ok(match (left, right) {
            (Value::Int(left), Value::Int(right)) => left == right,
            (Value::String(left), Value::String(right)) => left.text == right.text,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Null, Value::Null) => true,
            (Value::Attrs(left), Value::Attrs(right)) => {
                return self.with_stack(span, |evaluator| evaluator.equal_attrs(left, right, span));
            }
            (Value::List(left), Value::List(right)) => {
                return self.with_stack(span, |evaluator| evaluator.equal_lists(left, right, span));
            }
            (Value::Path(left), Value::Path(right)) => left.text == right.text,
            #[allow(clippy::float_cmp)]
            (Value::Float(left), Value::Float(right)) => left == right,
            #[allow(clippy::float_cmp)]
            (Value::Int(left), Value::Float(right)) => left as f64 == right,
            #[allow(clippy::float_cmp)]
            (Value::Float(left), Value::Int(right)) => left == right as f64,
            _ => false,
        })
    }

    fn equal_lists(&mut self, left: &'h List<'h>, right: &'h List<'h>, span: Span) -> Result<bool> {
        if left.items.len() != right.items.len() {
            return Ok(false);
        }
        for (&left, &right) in left.items.iter().zip(right.items) {
            if !self.equal_elements(left, right, span)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Elements of a list or set, which are equal if they are the same one.
    pub(crate) fn equal_elements(
        &mut self,
        left: Lazy<'h>,
        right: Lazy<'h>,
        span: Span,
    ) -> Result<bool> {
        let left_value = self.force(left, span)?;
        let right_value = self.force(right, span)?;
        if is_same(left, right) {
            return Ok(true);
        }
        self.equal_values(left_value, right_value, span)
    }

    fn equal_attrs(
        &mut self,
        left: &'h Attrs<'h>,
        right: &'h Attrs<'h>,
        span: Span,
    ) -> Result<bool> {
        if self.is_derivation(left)?
            && self.is_derivation(right)?
            && let (Some(left), Some(right)) = (
                left.get(self.names.out_path),
                right.get(self.names.out_path),
            )
        {
            return self.equal(left.value, right.value, span);
        }
        if left.len() != right.len() {
            return Ok(false);
        }
        for (left, right) in left.iter().zip(right.iter()) {
            if left.name != right.name || !self.equal_elements(left.value, right.value, span)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether a set is a derivation: `type = "derivation"`.
    pub fn is_derivation(&mut self, attrs: &'h Attrs<'h>) -> Result<bool> {
        let Some(attr) = attrs.get(self.names.r#type) else {
            return Ok(false);
        };
        Ok(matches!(
            self.force(attr.value, Span::NONE)?,
            Value::String(string) if string.text == b"derivation"
        ))
    }

    /// Whether `left < right`. Numbers, strings, paths, and lists of those have
    /// an order; `span` is for errors.
    pub fn less(&mut self, left: Value<'h>, right: Value<'h>, span: Span) -> Result<bool> {
        Ok(match (left, right) {
            (Value::Int(left), Value::Int(right)) => left < right,
            (Value::Float(left), Value::Float(right)) => left < right,
            (Value::Int(left), Value::Float(right)) => (left as f64) < right,
            (Value::Float(left), Value::Int(right)) => left < right as f64,
            (Value::String(left), Value::String(right)) => {
                left.text.cmp(right.text) == Ordering::Less
            }
            (Value::Path(left), Value::Path(right)) => left.text.cmp(right.text) == Ordering::Less,
            (Value::List(left), Value::List(right)) => {
                return self.with_stack(span, |evaluator| evaluator.less_lists(left, right, span));
            }
            _ => return Err(self.cannot_compare(left, right)),
        })
    }

    fn less_lists(&mut self, left: &'h List<'h>, right: &'h List<'h>, span: Span) -> Result<bool> {
        for (index, &item) in left.items.iter().enumerate() {
            let Some(&other) = right.items.get(index) else {
                return Ok(false);
            };
            if !self.equal_elements(item, other, span)? {
                let item = self.force(item, span)?;
                let other = self.force(other, span)?;
                return self.less(item, other, span).traced(Span::NONE, || {
                    "while comparing two list elements".to_owned()
                });
            }
        }
        Ok(left.items.len() < right.items.len())
    }

    #[cold]
    fn cannot_compare(&mut self, left: Value<'h>, right: Value<'h>) -> Box<EvalError> {
        let left_shown = self.show_in_message(left);
        let right_shown = self.show_in_message(right);
        let values = format!("values are {left_shown} and {right_shown}");
        let values = if left.type_name() == right.type_name() {
            format!("values of that type are incomparable ({values})")
        } else {
            values
        };
        let (left, right) = (left.type_with_article(), right.type_with_article());
        let message = format!("cannot compare {left} with {right}; {values}");
        EvalError::new(ErrorKind::Type, Span::NONE, message)
    }
}

/// Whether two elements are one and the same.
fn is_same<'h>(left: Lazy<'h>, right: Lazy<'h>) -> bool {
    match (left, right) {
        (Lazy::Thunk(left), Lazy::Thunk(right)) => std::ptr::eq(left, right),
        (Lazy::Ready(left), Lazy::Ready(right)) => match (left, right) {
            (Value::Closure(left), Value::Closure(right)) => std::ptr::eq(left, right),
            (Value::Primop(left), Value::Primop(right)) => std::ptr::eq(left, right),
            (Value::PrimopApp(left), Value::PrimopApp(right)) => std::ptr::eq(left, right),
            (Value::List(left), Value::List(right)) => std::ptr::eq(left, right),
            (Value::Attrs(left), Value::Attrs(right)) => std::ptr::eq(left, right),
            _ => false,
        },
        _ => false,
    }
}
