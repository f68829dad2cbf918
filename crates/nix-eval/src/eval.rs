//! Evaluation of expressions.
//!
//! [`Evaluator::eval`] recurses through every kind of expression, so its frame
//! must stay small: all but the simplest kinds have a function of their own that
//! is not inlined.

use std::cell::Cell;

use crate::attrs::{Attr, Attrs};
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::expr::{
    Assert, AttrsExpr, Expr, HasAttr, Key, KeyAt, Let, ListExpr, Operands, Select, With, WithVar,
};
use crate::print::evaluated;
use crate::source::{Pos, Span};
use crate::symbol::Symbol;
use crate::value::{Closure, Env, Lazy, Thunk, ThunkState, Value};

/// What a slot holds before its variable is bound.
#[inline]
pub(crate) fn unbound<'h>() -> Lazy<'h> {
    Lazy::Ready(Value::Null)
}

impl<'h> Env<'h> {
    /// The scope `depth` outwards.
    #[inline]
    fn outwards(&'h self, depth: u16) -> &'h Env<'h> {
        let mut env = self;
        for _ in 0..depth {
            match env.up.get() {
                Some(up) => env = up,
                None => unreachable!("a variable was resolved to a scope that is not there"),
            }
        }
        env
    }
}

/// The value of a constant, or of a variable that is evaluated.
#[inline]
fn at_hand<'h>(expr: &'h Expr<'h>, env: &'h Env<'h>) -> Option<Value<'h>> {
    match *expr {
        Expr::Const(value) => Some(value),
        Expr::Var { depth, slot, .. } => {
            let cell = &env.outwards(depth).slots[slot as usize];
            match cell.get() {
                Lazy::Ready(value) => Some(value),
                Lazy::Early(value) => Some(take_early(cell, value)),
                Lazy::Thunk(_) => None,
            }
        }
        _ => None,
    }
}

/// From now on the slot's integer is evaluated for everybody.
#[inline]
fn take_early<'h>(cell: &Cell<Lazy<'h>>, value: i64) -> Value<'h> {
    let value = Value::Int(value);
    cell.set(Lazy::Ready(value));
    value
}

/// Whether a constant is made only when it is needed, as far as Nix is concerned:
/// there is no list or set of constants that is a constant itself.
pub(crate) fn is_made_when_needed(constant: Value<'_>) -> bool {
    match constant {
        Value::List(list) => !list.items.is_empty(),
        Value::Attrs(_) => true,
        _ => false,
    }
}

/// The integer that an expression certainly is, as far as that is known already.
#[inline]
fn known_int<'h>(expr: &'h Expr<'h>, env: &'h Env<'h>) -> Option<i64> {
    match *expr {
        Expr::Const(Value::Int(value)) => Some(value),
        Expr::Var { depth, slot, .. } => match env.outwards(depth).slots[slot as usize].get() {
            Lazy::Ready(Value::Int(value)) | Lazy::Early(value) => Some(value),
            Lazy::Ready(_) => None,
            Lazy::Thunk(thunk) => match thunk.0.get() {
                ThunkState::Done(Value::Int(value)) => Some(value),
                _ => None,
            },
        },
        _ => None,
    }
}

impl<'h> Evaluator<'h> {
    /// The value of an expression.
    pub(crate) fn eval(&mut self, expr: &'h Expr<'h>, env: &'h Env<'h>) -> Result<Value<'h>> {
        let mut expr = expr;
        let mut env = env;
        loop {
            match *expr {
                Expr::Const(value) => return Ok(value),
                Expr::Var {
                    depth,
                    slot,
                    start,
                    length,
                } => {
                    let cell = &env.outwards(depth).slots[slot as usize];
                    return match cell.get() {
                        Lazy::Ready(value) => Ok(value),
                        Lazy::Early(value) => Ok(take_early(cell, value)),
                        Lazy::Thunk(thunk) => {
                            self.eval_slot(cell, thunk, Span::with_length(start, length))
                        }
                    };
                }
                Expr::Select(select) => return self.eval_select(select, env),
                Expr::Call(call) => return self.eval_call(call, env),
                Expr::Lambda(lambda) => {
                    return Ok(Value::Closure(self.heap().alloc(Closure {
                        lambda,
                        env: env.capture(),
                        args: &[],
                    })));
                }
                Expr::Attrs(set) => return self.eval_attrs(set, env),
                Expr::RecAttrs(set) => return self.eval_rec_attrs(set, env),
                Expr::List(list) => return Ok(self.eval_list(list, env)),
                Expr::Let(node) => {
                    env = self.bind_let(node, env);
                    expr = &node.body;
                }
                Expr::With(node) => {
                    env = self.bind_with(node, env);
                    expr = &node.body;
                }
                Expr::If(node) => {
                    let condition = self.eval_condition(&node.condition, env, node.span)?;
                    expr = if condition {
                        &node.then
                    } else {
                        &node.otherwise
                    };
                }
                Expr::Assert(node) => {
                    self.check_assertion(node, env)?;
                    expr = &node.body;
                }
                Expr::Global(global) => return self.force_thunk(global.thunk, global.span),
                Expr::WithVar(var) => return self.eval_with_var(var, env),
                Expr::Add(operands) => return self.eval_add(operands, env),
                Expr::Arithmetic(node) => return self.eval_arithmetic(node, env),
                Expr::Less(operands) => return self.eval_less(operands, env),
                Expr::Interpolation(node) => return self.eval_interpolation(node, env),
                Expr::HasAttr(node) => return self.eval_has_attr(node, env),
                Expr::Not(operand) => {
                    let value = self.eval_bool(
                        &operand.operand,
                        env,
                        operand.span,
                        "in the argument of the not operator",
                    )?;
                    return Ok(Value::Bool(!value));
                }
                Expr::Equal(operands) => {
                    return Ok(Value::Bool(self.eval_equal(operands, env)?));
                }
                Expr::NotEqual(operands) => {
                    return Ok(Value::Bool(!self.eval_equal(operands, env)?));
                }
                Expr::And(operands) => return self.eval_and(operands, env),
                Expr::Or(operands) => return self.eval_or(operands, env),
                Expr::Implies(operands) => return self.eval_implies(operands, env),
                Expr::Update(operands) => return self.eval_update(operands, env),
                Expr::ConcatLists(operands) => return self.eval_concat_lists(operands, env),
                Expr::OnEnoughStack(inner) => {
                    return self.with_stack(Span::NONE, |evaluator| evaluator.eval(inner, env));
                }
            }
        }
    }

    /// The value of an expression, without a call where it is at hand.
    #[inline(always)]
    #[allow(clippy::inline_always)] // Half of all operands are constants and variables.
    pub(crate) fn operand(&mut self, expr: &'h Expr<'h>, env: &'h Env<'h>) -> Result<Value<'h>> {
        match at_hand(expr, env) {
            Some(value) => Ok(value),
            None => self.eval(expr, env),
        }
    }

    /// The value of a variable that was not evaluated when it was bound. The
    /// result replaces the thunk, except for functions: whether two functions
    /// are the same depends on where they are (see `compare`).
    fn eval_slot(
        &mut self,
        cell: &'h Cell<Lazy<'h>>,
        thunk: &'h Thunk<'h>,
        span: Span,
    ) -> Result<Value<'h>> {
        let value = self.force_thunk(thunk, span)?;
        if !value.is_function() {
            cell.set(Lazy::Ready(value));
        }
        Ok(value)
    }

    #[inline]
    pub(crate) fn force_thunk(&mut self, thunk: &'h Thunk<'h>, span: Span) -> Result<Value<'h>> {
        match thunk.0.get() {
            ThunkState::Done(value) => Ok(value),
            state => self.run_thunk(thunk, state, span),
        }
    }

    #[inline(never)]
    fn run_thunk(
        &mut self,
        thunk: &'h Thunk<'h>,
        state: ThunkState<'h>,
        span: Span,
    ) -> Result<Value<'h>> {
        self.step(span)?;
        thunk.0.set(ThunkState::Busy);
        let result = self.with_stack(span, |evaluator| match state {
            ThunkState::Suspended(expr, env) => evaluator.eval(expr, env),
            ThunkState::Apply(function, arg) => {
                let function = evaluator.force(*function, span)?;
                evaluator.apply(function, std::slice::from_ref(arg), span)
            }
            ThunkState::ApplyIndex(function, index) => {
                let function = evaluator.force(*function, span)?;
                evaluator.apply(function, &[Value::Int(index).into()], span)
            }
            ThunkState::ApplyAttr(mapped, attr) => {
                mapped.was_called.set(true);
                let function = evaluator.force(mapped.function, span)?;
                let name = evaluator.symbol_string(attr.name);
                evaluator.apply(function, &[name.into(), attr.value], span)
            }
            ThunkState::Native(code) => code(evaluator),
            ThunkState::Done(value) => Ok(value),
            ThunkState::Busy => Err(EvalError::new(
                ErrorKind::InfiniteRecursion,
                span,
                "infinite recursion encountered",
            )),
        });
        match result {
            Ok(value) => {
                thunk.0.set(ThunkState::Done(value));
                Ok(value)
            }
            Err(error) => {
                // Whoever needs it again gets the error again.
                thunk.0.set(state);
                Err(error)
            }
        }
    }

    /// Where Nix says that a value is which is forced for its own sake: at the function
    /// whose application it is, if that is known to be one.
    pub(crate) fn own_span(value: Lazy<'h>, otherwise: Span) -> Span {
        let Lazy::Thunk(thunk) = value else {
            return otherwise;
        };
        let function = match thunk.0.get() {
            ThunkState::Apply(function, _) | ThunkState::ApplyIndex(function, _) => *function,
            ThunkState::ApplyAttr(mapped, _) if mapped.was_called.get() => mapped.function,
            ThunkState::ApplyAttr(..) => return Span::NONE,
            _ => return otherwise,
        };
        let function = match function {
            Lazy::Ready(value) => Some(value),
            _ => evaluated(function),
        };
        function.map_or(Span::NONE, |function| function.application_span(Span::NONE))
    }

    /// An expression to be evaluated on demand; without a thunk where its value
    /// is at hand (`maybeThunk` in Nix).
    #[inline]
    pub(crate) fn delay(&self, expr: &'h Expr<'h>, env: &'h Env<'h>) -> Lazy<'h> {
        match *expr {
            Expr::Const(value) if is_made_when_needed(value) => {
                self.new_thunk(ThunkState::Suspended(expr, self.empty_env))
            }
            Expr::Const(value) => Lazy::Ready(value),
            Expr::Var { depth, slot, .. } => env.outwards(depth).slots[slot as usize].get(),
            Expr::Lambda(lambda) => Lazy::Ready(Value::Closure(self.heap().alloc(Closure {
                lambda,
                env: env.capture(),
                args: &[],
            }))),
            Expr::Global(global) => Lazy::Thunk(global.thunk),
            _ => self.new_thunk(ThunkState::Suspended(expr, env.capture())),
        }
    }

    /// The same for an argument of a call: sums and the like of what is known already
    /// are computed, which takes less than to remember what is to be computed.
    #[inline]
    pub(crate) fn delay_argument(&self, expr: &'h Expr<'h>, env: &'h Env<'h>) -> Lazy<'h> {
        let early = match *expr {
            // Deeper calls fail; this one does when it is needed.
            _ if self.call_depth >= self.options.max_call_depth => None,
            Expr::Arithmetic(node) => {
                let operands = &node.operands;
                match (
                    known_int(&operands.left, env),
                    known_int(&operands.right, env),
                ) {
                    (Some(left), Some(right)) => node.operator.checked(left, right),
                    _ => None,
                }
            }
            Expr::Add(operands) => {
                match (
                    known_int(&operands.left, env),
                    known_int(&operands.right, env),
                ) {
                    (Some(left), Some(right)) => left.checked_add(right),
                    _ => None,
                }
            }
            _ => None,
        };
        match early {
            Some(value) => Lazy::Early(value),
            None => self.delay(expr, env),
        }
    }

    /// The same for a variable of the scope `env` itself, whose slots from
    /// `bound` on are not bound yet.
    fn delay_binding(&self, expr: &'h Expr<'h>, env: &'h Env<'h>, bound: u32) -> Lazy<'h> {
        match *expr {
            Expr::Var { depth: 0, slot, .. } if slot >= bound => {
                self.new_thunk(ThunkState::Suspended(expr, env.capture()))
            }
            _ => self.delay(expr, env),
        }
    }

    pub(crate) fn new_env(&self, slots: u32, up: &'h Env<'h>) -> &'h Env<'h> {
        let slots = self
            .heap()
            .alloc_slice_fill_with(slots as usize, |_| Cell::new(unbound()));
        self.heap().alloc(Env::new(slots, Some(up)))
    }

    fn bind_let(&mut self, node: &'h Let<'h>, env: &'h Env<'h>) -> &'h Env<'h> {
        let (env, first) = match node.first_slot {
            Some(first) => (env, first),
            None => (self.new_env(node.bindings.len() as u32, env), 0),
        };
        for (index, value) in node.bindings.iter().enumerate() {
            let slot = first + index as u32;
            env.slots[slot as usize].set(self.delay_binding(value, env, slot));
        }
        env
    }

    fn bind_with(&mut self, node: &'h With<'h>, env: &'h Env<'h>) -> &'h Env<'h> {
        let namespace = self.delay(&node.namespace, env);
        let slots = self.heap().alloc([Cell::new(namespace)]);
        self.heap().alloc(Env::new(slots, Some(env)))
    }

    fn eval_list(&mut self, list: &'h ListExpr<'h>, env: &'h Env<'h>) -> Value<'h> {
        let items = self
            .heap()
            .alloc_slice_fill_with(list.items.len(), |index| {
                self.delay(&list.items[index], env)
            });
        self.list_in_heap(items)
    }

    /// The condition of an `if`.
    #[inline]
    fn eval_condition(&mut self, expr: &'h Expr<'h>, env: &'h Env<'h>, span: Span) -> Result<bool> {
        match self.eval(expr, env) {
            Ok(Value::Bool(value)) => Ok(value),
            other => self.no_bool(other, span, "while evaluating a branch condition"),
        }
    }

    /// A Boolean in a place that `what` describes.
    #[inline]
    fn eval_bool(
        &mut self,
        expr: &'h Expr<'h>,
        env: &'h Env<'h>,
        span: Span,
        what: &str,
    ) -> Result<bool> {
        match self.eval(expr, env) {
            Ok(Value::Bool(value)) => Ok(value),
            other => self.no_bool(other, span, what),
        }
    }

    /// What a Boolean was expected to be, but is not.
    #[cold]
    fn no_bool(&mut self, found: Result<Value<'h>>, span: Span, what: &str) -> Result<bool> {
        let error = match found {
            Ok(value) => self.type_error("a Boolean", value, span),
            Err(error) => error,
        };
        Err(error.traced(span, || what.to_owned()))
    }

    #[inline(never)]
    fn eval_and(&mut self, operands: &'h Operands<'h>, env: &'h Env<'h>) -> Result<Value<'h>> {
        const LEFT: &str = "in the left operand of the AND (&&) operator";
        const RIGHT: &str = "in the right operand of the AND (&&) operator";
        let value = self.eval_bool(&operands.left, env, operands.span, LEFT)?
            && self.eval_bool(&operands.right, env, operands.span, RIGHT)?;
        Ok(Value::Bool(value))
    }

    #[inline(never)]
    fn eval_or(&mut self, operands: &'h Operands<'h>, env: &'h Env<'h>) -> Result<Value<'h>> {
        const LEFT: &str = "in the left operand of the OR (||) operator";
        const RIGHT: &str = "in the right operand of the OR (||) operator";
        let value = self.eval_bool(&operands.left, env, operands.span, LEFT)?
            || self.eval_bool(&operands.right, env, operands.span, RIGHT)?;
        Ok(Value::Bool(value))
    }

    #[inline(never)]
    fn eval_implies(&mut self, operands: &'h Operands<'h>, env: &'h Env<'h>) -> Result<Value<'h>> {
        const LEFT: &str = "in the left operand of the IMPL (->) operator";
        const RIGHT: &str = "in the right operand of the IMPL (->) operator";
        let value = !self.eval_bool(&operands.left, env, operands.span, LEFT)?
            || self.eval_bool(&operands.right, env, operands.span, RIGHT)?;
        Ok(Value::Bool(value))
    }

    #[inline(never)]
    fn check_assertion(&mut self, node: &'h Assert<'h>, env: &'h Env<'h>) -> Result<()> {
        const WHAT: &str = "in the condition of the assert statement";
        if self.eval_bool(&node.condition, env, node.span, WHAT)? {
            return Ok(());
        }
        Err(self.assertion_failed(node, env))
    }

    #[inline(never)]
    fn eval_with_var(&mut self, var: &'h WithVar<'h>, env: &'h Env<'h>) -> Result<Value<'h>> {
        for &(depth, span) in var.scopes {
            let cell = &env.outwards(depth).slots[0];
            let namespace = self.expect_attrs(
                cell.get(),
                span,
                "while evaluating the first subexpression of a with expression",
            )?;
            cell.set(Lazy::Ready(Value::Attrs(namespace)));
            if let Some(attr) = namespace.get(var.name) {
                return self.force(attr.value, var.span);
            }
        }
        let name = self.shown_name(var.name);
        Err(EvalError::new(
            ErrorKind::UndefinedVariable,
            var.span,
            format!("undefined variable '{name}'"),
        ))
    }

    #[inline(never)]
    fn eval_attrs(&mut self, set: &'h AttrsExpr<'h>, env: &'h Env<'h>) -> Result<Value<'h>> {
        let source_env = if set.sources.is_empty() {
            env
        } else {
            let slots = self
                .heap()
                .alloc_slice_fill_with(set.sources.len(), |index| {
                    Cell::new(self.delay(&set.sources[index], env))
                });
            self.heap().alloc(Env::new(slots, Some(env)))
        };
        let entries = self.heap().alloc_slice_fill_with(set.attrs.len(), |index| {
            let attr = &set.attrs[index];
            let env = if attr.inherited { source_env } else { env };
            Attr {
                name: attr.name,
                pos: attr.span.start,
                value: self.delay(&attr.value, env),
            }
        });
        let attrs = &*self.heap().alloc(Attrs::from_sorted(entries));
        self.with_dynamic_attrs(attrs, set, env)
    }

    #[inline(never)]
    fn eval_rec_attrs(&mut self, set: &'h AttrsExpr<'h>, env: &'h Env<'h>) -> Result<Value<'h>> {
        let count = set.attrs.len() as u32;
        let env = self.new_env(count + set.sources.len() as u32, env);
        for (index, source) in set.sources.iter().enumerate() {
            // Nothing of this scope is bound yet.
            env.slots[count as usize + index].set(self.delay_binding(source, env, 0));
        }
        for (slot, attr) in set.attrs.iter().enumerate() {
            // What is overridden is replaced in its slot: nothing may be taken from
            // there before.
            let value = if set.overrides.is_some() {
                self.new_thunk(ThunkState::Suspended(&attr.value, env.capture()))
            } else {
                self.delay_binding(&attr.value, env, slot as u32)
            };
            env.slots[slot].set(value);
        }
        let entries = self
            .heap()
            .alloc_slice_fill_with(set.attrs.len(), |index| Attr {
                name: set.attrs[index].name,
                pos: set.attrs[index].span.start,
                value: env.slots[index].get(),
            });
        let mut attrs = &*self.heap().alloc(Attrs::from_sorted(entries));
        if let Some(slot) = set.overrides {
            attrs = self.override_attrs(attrs, set, env, slot)?;
        }
        self.with_dynamic_attrs(attrs, set, env)
    }

    /// `rec { __overrides = { … }; }`: what the overrides define replaces the
    /// set's own attributes, for the set's own references to them too.
    fn override_attrs(
        &mut self,
        attrs: &'h Attrs<'h>,
        set: &'h AttrsExpr<'h>,
        env: &'h Env<'h>,
        slot: u32,
    ) -> Result<&'h Attrs<'h>> {
        let overrides = self.expect_attrs(
            env.slots[slot as usize].get(),
            set.attrs[slot as usize].span,
            "while evaluating the `__overrides` attribute",
        )?;
        for (slot, attr) in set.attrs.iter().enumerate() {
            if let Some(replacement) = overrides.get(attr.name) {
                env.slots[slot].set(replacement.value);
            }
        }
        Ok(self.update(attrs, overrides))
    }

    /// Adds the attributes whose names are computed. A null name adds nothing.
    #[inline]
    fn with_dynamic_attrs(
        &mut self,
        attrs: &'h Attrs<'h>,
        set: &'h AttrsExpr<'h>,
        env: &'h Env<'h>,
    ) -> Result<Value<'h>> {
        if set.dynamic.is_empty() {
            return Ok(Value::Attrs(attrs));
        }
        self.add_dynamic_attrs(attrs, set, env)
    }

    #[inline(never)]
    fn add_dynamic_attrs(
        &mut self,
        attrs: &'h Attrs<'h>,
        set: &'h AttrsExpr<'h>,
        env: &'h Env<'h>,
    ) -> Result<Value<'h>> {
        let mut entries: Vec<Attr<'h>> = attrs.iter().copied().collect();
        for attr in set.dynamic {
            let name = match self.eval(&attr.name, env)? {
                Value::Null => continue,
                name => name,
            };
            let text = self.expect_plain_string(
                name.into(),
                attr.span,
                "while evaluating the name of a dynamic attribute",
            )?;
            let name = self.symbols.intern(text);
            match entries.binary_search_by_key(&name, |entry| entry.name) {
                Ok(index) => {
                    let previous = self.describe_pos(entries[index].pos);
                    let name = self.shown_name(name);
                    return Err(EvalError::new(
                        ErrorKind::Other,
                        attr.span,
                        format!("dynamic attribute '{name}' already defined at {previous}"),
                    ));
                }
                Err(index) => entries.insert(
                    index,
                    Attr {
                        name,
                        pos: attr.span.start,
                        value: self.delay(&attr.value, env),
                    },
                ),
            }
        }
        Ok(Value::Attrs(self.attrs_from_sorted(&entries)))
    }

    /// A position for a message: `file:line:column`.
    pub(crate) fn describe_pos(&self, pos: Pos) -> String {
        match self.sources.locate(pos) {
            Some((file, _)) => file.describe(pos),
            None => "«none»".to_owned(),
        }
    }

    /// The name that an element of an attribute path stands for.
    fn key(&mut self, key: &'h KeyAt<'h>, env: &'h Env<'h>) -> Result<Symbol> {
        match &key.key {
            Key::Static(name) => Ok(*name),
            Key::Dynamic(name) => {
                let value = self.eval(&name.operand, env)?;
                let text = self.expect_plain_string(
                    value.into(),
                    name.span,
                    "while evaluating an attribute name",
                )?;
                Ok(self.symbols.intern(text))
            }
        }
    }

    #[inline(never)]
    fn eval_select(&mut self, select: &'h Select<'h>, env: &'h Env<'h>) -> Result<Value<'h>> {
        let mut value = self.operand(&select.subject, env)?;
        // Where what was selected so far is defined.
        let mut at = Pos::NONE;
        for key in select.path {
            let name = self.key(key, env)?;
            let found = match value {
                Value::Attrs(attrs) => attrs.get(name),
                _ => None,
            };
            let Some(attr) = found else {
                let result = match &select.default {
                    Some(default) => self.eval(default, env),
                    None => Err(self.cannot_select(select, name, value)),
                };
                return result.map_err(|error| self.in_attribute(error, select, env, at));
            };
            at = attr.pos;
            value = match attr.value {
                Lazy::Ready(value) => value,
                Lazy::Early(value) => Value::Int(value),
                Lazy::Thunk(thunk) => {
                    let span = if at.is_some() {
                        Span::at(at)
                    } else {
                        select.span
                    };
                    match self.force_thunk(thunk, span) {
                        Ok(value) => value,
                        Err(error) => return Err(self.in_attribute(error, select, env, at)),
                    }
                }
            };
        }
        Ok(value)
    }

    #[inline(never)]
    fn eval_has_attr(&mut self, node: &'h HasAttr<'h>, env: &'h Env<'h>) -> Result<Value<'h>> {
        let mut value = self.eval(&node.subject, env)?;
        for (index, key) in node.path.iter().enumerate() {
            let name = self.key(key, env)?;
            let Value::Attrs(attrs) = value else {
                return Ok(Value::Bool(false));
            };
            let Some(attr) = attrs.get(name) else {
                return Ok(Value::Bool(false));
            };
            if index + 1 < node.path.len() {
                value = self.force(attr.value, node.span)?;
            }
        }
        Ok(Value::Bool(true))
    }
}
