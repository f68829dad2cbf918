//! The operators.

use crate::attrs::Attrs;
use crate::coerce::{Coercion, StringBuilder};
use crate::env::Env;
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::expr::{Arithmetic, ArithmeticOperator, Expr, Interpolation, Operands};
use crate::path::canonical;
use crate::source::Span;
use crate::value::{Lazy, Value};

impl ArithmeticOperator {
    /// The builtin that the operator is.
    pub(crate) fn builtin(self) -> &'static str {
        match self {
            ArithmeticOperator::Sub => "sub",
            ArithmeticOperator::Mul => "mul",
            ArithmeticOperator::Div => "div",
        }
    }

    /// The result for integers, unless there is none.
    #[inline]
    pub(crate) fn checked(self, left: i64, right: i64) -> Option<i64> {
        match self {
            ArithmeticOperator::Sub => left.checked_sub(right),
            ArithmeticOperator::Mul => left.checked_mul(right),
            ArithmeticOperator::Div => left.checked_div(right),
        }
    }

    /// Steps of the trace: which argument was evaluated.
    fn arguments(self) -> [&'static str; 2] {
        match self {
            ArithmeticOperator::Sub => [
                "while evaluating the first argument of the subtraction",
                "while evaluating the second argument of the subtraction",
            ],
            ArithmeticOperator::Mul => [
                "while evaluating the first argument of the multiplication",
                "while evaluating the second argument of the multiplication",
            ],
            ArithmeticOperator::Div => [
                "while evaluating the first operand of the division",
                "while evaluating the second operand of the division",
            ],
        }
    }
}

impl<'h> Evaluator<'h> {
    #[inline(never)]
    pub(crate) fn eval_add(
        &mut self,
        operands: &'h Operands<'h>,
        env: &'h Env<'h>,
    ) -> Result<Value<'h>> {
        let left = self.operand(&operands.left, env)?;
        match left {
            Value::Int(left) => match self.operand(&operands.right, env)? {
                Value::Int(right) => add_ints(left, right, operands.right_span),
                Value::Float(right) => Ok(Value::Float(left as f64 + right)),
                other => Err(cannot_add(other, "an integer", operands.right_span)),
            },
            Value::Float(left) => match self.eval(&operands.right, env)? {
                Value::Int(right) => Ok(Value::Float(left + right as f64)),
                Value::Float(right) => Ok(Value::Float(left + right)),
                other => Err(cannot_add(other, "a float", operands.right_span)),
            },
            Value::Path(left) => {
                let right = self.eval(&operands.right, env)?;
                let mut path = left.text.to_vec();
                self.push_path_segment(&mut path, right, operands.right_span)?;
                Ok(self.path(canonical(b"/", &path)))
            }
            other => {
                let left = self.coerce_to_string(
                    other.into(),
                    operands.left_span,
                    "while evaluating a path segment",
                    Coercion {
                        more: false,
                        copy_paths: matches!(other, Value::String(_)),
                    },
                )?;
                let right = self.eval(&operands.right, env)?;
                let right = self.coerce_to_string(
                    right.into(),
                    operands.right_span,
                    "while evaluating a path segment",
                    Coercion {
                        more: false,
                        copy_paths: matches!(other, Value::String(_)),
                    },
                )?;
                let text = self
                    .heap()
                    .alloc_slice_fill_iter(Joined(left.text.iter().chain(right.text)));
                let context = match (left.context, right.context) {
                    ([], context) | (context, []) => context,
                    (left, right) => self.context([left, right].concat()),
                };
                Ok(self.string_in_heap(text, context))
            }
        }
    }

    /// A string or path with interpolations (`ExprConcatStrings` in Nix).
    #[inline(never)]
    pub(crate) fn eval_interpolation(
        &mut self,
        node: &'h Interpolation<'h>,
        env: &'h Env<'h>,
    ) -> Result<Value<'h>> {
        let mut result = StringBuilder::default();
        let mut is_path = false;
        for (index, (part, span)) in node.parts.iter().enumerate() {
            let value = self.eval(part, env)?;
            if index == 0
                && !node.force_string
                && let Value::Path(path) = value
            {
                is_path = true;
                result.text.extend_from_slice(path.text);
                continue;
            }
            if is_path {
                self.push_path_segment(&mut result.text, value, *span)?;
                continue;
            }
            let string = match value {
                Value::String(string) => string,
                other => self.coerce_to_string(
                    other.into(),
                    *span,
                    "while evaluating a path segment",
                    Coercion::INTERPOLATION,
                )?,
            };
            result.push(string);
        }
        if is_path {
            return Ok(self.path(canonical(b"/", &result.text)));
        }
        Ok(Value::String(result.finish(self)))
    }

    fn push_path_segment(
        &mut self,
        path: &mut Vec<u8>,
        segment: Value<'h>,
        span: Span,
    ) -> Result<()> {
        let segment = self.coerce_to_string(
            segment.into(),
            span,
            "while evaluating a path segment",
            Coercion::PLAIN,
        )?;
        if !segment.context.is_empty() {
            return Err(EvalError::new(
                ErrorKind::Type,
                span,
                "a string that refers to a store path cannot be appended to a path",
            ));
        }
        path.extend_from_slice(segment.text);
        Ok(())
    }

    #[inline(never)]
    pub(crate) fn eval_arithmetic(
        &mut self,
        node: &'h Arithmetic<'h>,
        env: &'h Env<'h>,
    ) -> Result<Value<'h>> {
        let operands = &node.operands;
        self.enter_operator(operands.span)?;
        let result = self.arithmetic_of(node, env);
        self.call_depth -= 1;
        match result {
            Ok(value) => Ok(value),
            Err(error) => Err(unplaced(error, operands).traced(operands.span, || {
                format!("while calling the '{}' builtin", node.operator.builtin())
            })),
        }
    }

    #[inline]
    fn arithmetic_of(&mut self, node: &'h Arithmetic<'h>, env: &'h Env<'h>) -> Result<Value<'h>> {
        let left = self.operand(&node.operands.left, env)?;
        let right = self.operand(&node.operands.right, env)?;
        self.arithmetic(node.operator, left, right)
    }

    /// `__sub`, `__mul` or `__div` of two values.
    #[inline]
    pub(crate) fn arithmetic(
        &mut self,
        operator: ArithmeticOperator,
        left: Value<'h>,
        right: Value<'h>,
    ) -> Result<Value<'h>> {
        if let (Value::Int(left), Value::Int(right)) = (left, right) {
            return int_arithmetic(operator, left, right);
        }
        self.mixed_arithmetic(operator, left, right)
    }

    #[inline(never)]
    fn mixed_arithmetic(
        &mut self,
        operator: ArithmeticOperator,
        left: Value<'h>,
        right: Value<'h>,
    ) -> Result<Value<'h>> {
        let [first, second] = operator.arguments();
        if operator == ArithmeticOperator::Div {
            // The divisor is looked at first.
            let divisor = self.expect_float(right.into(), Span::NONE, second)?;
            if divisor == 0.0 {
                return Err(division_by_zero());
            }
        }
        if matches!(left, Value::Float(_)) || matches!(right, Value::Float(_)) {
            // A slip of the tongue that is Nix's own.
            let first = match operator {
                ArithmeticOperator::Mul => "while evaluating the first of the multiplication",
                _ => first,
            };
            let left = self.expect_float(left.into(), Span::NONE, first)?;
            let right = self.expect_float(right.into(), Span::NONE, second)?;
            return Ok(Value::Float(match operator {
                ArithmeticOperator::Sub => left - right,
                ArithmeticOperator::Mul => left * right,
                ArithmeticOperator::Div => left / right,
            }));
        }
        let left = self.expect_int(left.into(), Span::NONE, first)?;
        let right = self.expect_int(right.into(), Span::NONE, second)?;
        int_arithmetic(operator, left, right)
    }

    #[inline(never)]
    pub(crate) fn eval_less(
        &mut self,
        operands: &'h Operands<'h>,
        env: &'h Env<'h>,
    ) -> Result<Value<'h>> {
        self.enter_operator(operands.span)?;
        let less = self.less_of(operands, env);
        self.call_depth -= 1;
        match less {
            Ok(less) => Ok(Value::Bool(less)),
            Err(error) => Err(unplaced(error, operands).traced(operands.span, || {
                "while calling the 'lessThan' builtin".to_owned()
            })),
        }
    }

    #[inline]
    fn less_of(&mut self, operands: &'h Operands<'h>, env: &'h Env<'h>) -> Result<bool> {
        let left = self.operand(&operands.left, env)?;
        let right = self.operand(&operands.right, env)?;
        match (left, right) {
            (Value::Int(left), Value::Int(right)) => Ok(left < right),
            _ => self.less(left, right, Span::NONE),
        }
    }

    #[inline(never)]
    pub(crate) fn eval_equal(
        &mut self,
        operands: &'h Operands<'h>,
        env: &'h Env<'h>,
    ) -> Result<bool> {
        let left = self.operand(&operands.left, env)?;
        let right = self.operand(&operands.right, env)?;
        self.equal_values(left, right, operands.span)
    }

    #[inline(never)]
    pub(crate) fn eval_update(
        &mut self,
        operands: &'h Operands<'h>,
        env: &'h Env<'h>,
    ) -> Result<Value<'h>> {
        const LEFT: &str = "in the left operand of the update (//) operator";
        const RIGHT: &str = "in the right operand of the update (//) operator";
        // As in Nix, the right one comes first.
        let right = self.eval_set(&operands.right, env, operands.right_span, RIGHT)?;
        let left = self.eval_set(&operands.left, env, operands.left_span, LEFT)?;
        Ok(Value::Attrs(self.update(left, right)))
    }

    fn eval_set(
        &mut self,
        expr: &'h Expr<'h>,
        env: &'h Env<'h>,
        span: Span,
        what: &str,
    ) -> Result<&'h Attrs<'h>> {
        let error = match self.eval(expr, env) {
            Ok(Value::Attrs(attrs)) => return Ok(attrs),
            Ok(other) => self.type_error("a set", other, Span::NONE),
            Err(error) => error,
        };
        Err(error.traced(span, || what.to_owned()))
    }

    #[inline(never)]
    pub(crate) fn eval_concat_lists(
        &mut self,
        operands: &'h Operands<'h>,
        env: &'h Env<'h>,
    ) -> Result<Value<'h>> {
        const WHAT: &str = "while evaluating one of the elements to concatenate";
        let left = self.eval(&operands.left, env)?;
        let right = self.eval(&operands.right, env)?;
        let left = self.expect_list(left.into(), operands.span, WHAT)?;
        let right = self.expect_list(right.into(), operands.span, WHAT)?;
        if left.items.is_empty() {
            return Ok(Value::List(right));
        }
        if right.items.is_empty() {
            return Ok(Value::List(left));
        }
        let bytes = (left.items.len() + right.items.len()) * size_of::<Lazy<'_>>();
        self.reserve(bytes, operands.span)?;
        let split = left.items.len();
        let items =
            self.heap()
                .alloc_slice_fill_with(split + right.items.len(), |index| {
                    match index.checked_sub(split) {
                        None => left.items[index],
                        Some(index) => right.items[index],
                    }
                });
        Ok(self.list_in_heap(items))
    }
}

/// An error of an operator that Nix has as a builtin: where a variable is needed that needs
/// itself, the builtin does not know.
#[cold]
fn unplaced(mut error: Box<EvalError>, operands: &Operands<'_>) -> Box<EvalError> {
    let is_operand = |operand: &Expr<'_>| matches!(*operand, Expr::Var { start, .. } if start == error.span.start);
    let is_recursion = error.kind == ErrorKind::InfiniteRecursion && error.trace.is_empty();
    if is_recursion && (is_operand(&operands.left) || is_operand(&operands.right)) {
        error.span = Span::NONE;
    }
    error
}

/// An iterator over two strings that knows its length.
struct Joined<'s>(std::iter::Chain<std::slice::Iter<'s, u8>, std::slice::Iter<'s, u8>>);

impl Iterator for Joined<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        self.0.next().copied()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Joined<'_> {}

pub(crate) fn add_ints<'h>(left: i64, right: i64, span: Span) -> Result<Value<'h>> {
    match left.checked_add(right) {
        Some(sum) => Ok(Value::Int(sum)),
        None => Err(overflow("adding", left, '+', right, span)),
    }
}

fn int_arithmetic<'h>(operator: ArithmeticOperator, left: i64, right: i64) -> Result<Value<'h>> {
    if let Some(result) = operator.checked(left, right) {
        return Ok(Value::Int(result));
    }
    let (verb, sign) = match operator {
        ArithmeticOperator::Sub => ("subtracting", '-'),
        ArithmeticOperator::Mul => ("multiplying", '*'),
        ArithmeticOperator::Div if right == 0 => return Err(division_by_zero()),
        ArithmeticOperator::Div => ("dividing", '/'),
    };
    Err(overflow(verb, left, sign, right, Span::NONE))
}

#[cold]
fn overflow(verb: &str, left: i64, sign: char, right: i64, span: Span) -> Box<EvalError> {
    EvalError::new(
        ErrorKind::Other,
        span,
        format!("integer overflow in {verb} {left} {sign} {right}"),
    )
}

#[cold]
fn division_by_zero() -> Box<EvalError> {
    EvalError::new(ErrorKind::Other, Span::NONE, "division by zero")
}

#[cold]
fn cannot_add(value: Value<'_>, to: &str, span: Span) -> Box<EvalError> {
    EvalError::new(
        ErrorKind::Type,
        span,
        format!("cannot add {} to {to}", value.type_with_article()),
    )
}
