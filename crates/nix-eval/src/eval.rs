//! Evaluation of expressions.
//!
//! [`Evaluator::eval`] recurses through every kind of expression, so its frame
//! must stay small: all but the simplest kinds have a function of their own that
//! is not inlined.

use crate::attrs::{Attr, Attrs};
use crate::env::{Env, EnvId, Slot, SlotState};
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::expr::{
    Assert, AttrsExpr, Delayed, Expr, ExprId, HasAttr, Key, KeyAt, Lambda, Let, ListExpr, Operands,
    Select, With, WithVar,
};
use crate::print::evaluated;
use crate::source::{Pos, Span};
use crate::symbol::Symbol;
use crate::value::{Closure, Lazy, Thunk, ThunkState, Value};

/// The value of a constant, or of a variable that is evaluated.
#[inline]
fn at_hand<'h>(expr: &'h Expr<'h>, env: &'h Env<'h>) -> Option<Value<'h>> {
    match *expr {
        Expr::Const(value) => Some(value),
        Expr::Var { depth, slot, .. } => {
            let slot = &env.outwards(depth).slots()[slot as usize];
            match slot.get() {
                SlotState::Bound(Lazy::Ready(value)) => Some(value),
                SlotState::Bound(Lazy::Early(value)) => Some(take_early(slot, value)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// From now on the slot's integer is evaluated for everybody.
#[inline]
fn take_early<'h>(slot: &Slot<'h>, value: i64) -> Value<'h> {
    let value = Value::Int(value);
    slot.bind(Lazy::Ready(value));
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

/// The integer that a sum or the like certainly is, as far as that is known already.
#[inline]
fn early<'h>(expr: &'h Expr<'h>, env: &'h Env<'h>) -> Option<i64> {
    let both = |operands: &'h Operands<'h>| {
        Some((
            known_int(&operands.left, env)?,
            known_int(&operands.right, env)?,
        ))
    };
    match *expr {
        Expr::Arithmetic(node) => {
            let (left, right) = both(&node.operands)?;
            node.operator.checked(left, right)
        }
        Expr::Add(operands) => {
            let (left, right) = both(operands)?;
            left.checked_add(right)
        }
        _ => None,
    }
}

#[cold]
fn infinite_recursion(span: Span) -> Box<EvalError> {
    EvalError::new(
        ErrorKind::InfiniteRecursion,
        span,
        "infinite recursion encountered",
    )
}

/// The integer that an expression certainly is, as far as that is known already.
#[inline]
fn known_int<'h>(expr: &'h Expr<'h>, env: &'h Env<'h>) -> Option<i64> {
    match *expr {
        Expr::Const(Value::Int(value)) => Some(value),
        Expr::Var { depth, slot, .. } => match env.outwards(depth).slots()[slot as usize].get() {
            SlotState::Bound(Lazy::Ready(Value::Int(value)) | Lazy::Early(value)) => Some(value),
            SlotState::Bound(Lazy::Thunk(thunk)) => match thunk.0.get() {
                ThunkState::Done(Value::Int(value)) => Some(value),
                _ => None,
            },
            _ => None,
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
                    let slot = &env.outwards(depth).slots()[slot as usize];
                    return match slot.get() {
                        SlotState::Bound(Lazy::Ready(value)) => Ok(value),
                        state => self.eval_slot(slot, state, Span::with_length(start, length)),
                    };
                }
                Expr::Select(select) => return self.eval_select(select, env),
                Expr::Call(call) => return self.eval_call(call, env),
                Expr::Lambda(lambda) => return Ok(self.closure(lambda, env)),
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

    /// The value of a variable.
    pub(crate) fn variable(&mut self, slot: &'h Slot<'h>, span: Span) -> Result<Value<'h>> {
        self.eval_slot(slot, slot.get(), span)
    }

    /// The value of a variable that was not evaluated when it was bound. The
    /// result replaces what was to be computed, except for functions: whether two
    /// functions are the same depends on where they are (see `compare`).
    fn eval_slot(
        &mut self,
        slot: &'h Slot<'h>,
        state: SlotState<'h>,
        span: Span,
    ) -> Result<Value<'h>> {
        match state {
            SlotState::Bound(Lazy::Ready(value)) => Ok(value),
            SlotState::Bound(Lazy::Early(value)) => Ok(take_early(slot, value)),
            SlotState::Bound(Lazy::Thunk(thunk)) => {
                let value = self.force_thunk(thunk, span)?;
                if !value.is_function() {
                    slot.bind(Lazy::Ready(value));
                }
                Ok(value)
            }
            SlotState::Suspended(expr, env) => self.run_slot(slot, expr, env, span),
            SlotState::Busy => Err(infinite_recursion(span)),
        }
    }

    /// Computes a variable for which there is no thunk, unless somebody wants one while it
    /// is computed.
    #[inline(never)]
    fn run_slot(
        &mut self,
        slot: &'h Slot<'h>,
        expr: ExprId,
        env: EnvId,
        span: Span,
    ) -> Result<Value<'h>> {
        self.step(span)?;
        slot.set(SlotState::Busy);
        let code = self.exprs.get(expr);
        let scope = self.envs.get(env);
        let result = self.with_stack(span, |evaluator| evaluator.eval(code, scope));
        let thunk = match slot.get() {
            SlotState::Bound(Lazy::Thunk(thunk)) => Some(thunk),
            _ => None,
        };
        match (&result, thunk) {
            (Ok(value), Some(thunk)) => {
                thunk.0.set(ThunkState::Done(*value));
                if !value.is_function() {
                    slot.bind(Lazy::Ready(*value));
                }
            }
            (Ok(value), None) if value.is_function() => {
                slot.bind(self.new_thunk(ThunkState::Done(*value)));
            }
            (Ok(value), None) => slot.bind(Lazy::Ready(*value)),
            // Whoever needs it again gets the error again.
            (Err(_), thunk) => {
                self.envs.capture(scope);
                match thunk {
                    Some(thunk) => thunk.0.set(ThunkState::Suspended(expr, env)),
                    None => slot.set(SlotState::Suspended(expr, env)),
                }
            }
        }
        result
    }

    /// What a variable is, for others to hold.
    #[inline]
    pub(crate) fn share(&self, slot: &Slot<'h>) -> Lazy<'h> {
        let thunk = match slot.get() {
            SlotState::Bound(value) => return value,
            SlotState::Suspended(expr, env) => {
                self.envs.capture(self.envs.get(env));
                ThunkState::Suspended(expr, env)
            }
            SlotState::Busy => ThunkState::Busy,
        };
        let thunk = self.new_thunk(thunk);
        slot.bind(thunk);
        thunk
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
            ThunkState::Suspended(expr, env) => {
                let expr = evaluator.exprs.get(expr);
                let env = evaluator.envs.get(env);
                evaluator.eval(expr, env)
            }
            ThunkState::Apply { index, mapped } => evaluator.apply_mapped(mapped, index, span),
            ThunkState::Native(code) => code(evaluator),
            ThunkState::Done(value) => Ok(value),
            ThunkState::Busy => Err(infinite_recursion(span)),
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
    pub(crate) fn own_span(&self, value: Lazy<'h>, otherwise: Span) -> Span {
        let Lazy::Thunk(thunk) = value else {
            return otherwise;
        };
        let ThunkState::Apply { mapped, .. } = thunk.0.get() else {
            return otherwise;
        };
        let mapped = self.mapped[mapped.0 as usize];
        if !mapped.is_known {
            return Span::NONE;
        }
        let function = match mapped.function {
            Lazy::Ready(value) => Some(value),
            function => evaluated(function),
        };
        function.map_or(Span::NONE, |function| function.application_span(Span::NONE))
    }

    /// A function with the scope that it is made in.
    #[inline]
    fn closure(&self, lambda: &'h Lambda<'h>, env: &'h Env<'h>) -> Value<'h> {
        Value::Closure(self.heap().alloc(Closure {
            lambda,
            env: self.envs.capture(env),
            args: None,
        }))
    }

    /// An expression to be evaluated on demand; without a thunk where its value
    /// is at hand (`maybeThunk` in Nix).
    #[inline]
    pub(crate) fn delay(&self, delayed: &Delayed<'h>, env: &'h Env<'h>) -> Lazy<'h> {
        let (expr, env) = match *delayed {
            Delayed::Value(value) => return Lazy::Ready(value),
            Delayed::Var { depth, slot, .. } => {
                return self.share(&env.outwards(depth).slots()[slot as usize]);
            }
            Delayed::Lambda(lambda) => return Lazy::Ready(self.closure(lambda, env)),
            Delayed::Global(global) => return Lazy::Thunk(global.thunk),
            Delayed::Constant(expr) => (expr, self.empty_env),
            Delayed::Arithmetic(expr) | Delayed::Other(expr) => (expr, env),
        };
        self.new_thunk(ThunkState::Suspended(expr, self.envs.capture(env).id()))
    }

    /// The same for a variable, which can hold an expression without a thunk. Its scope is
    /// not captured yet, or `env` is.
    #[inline]
    pub(crate) fn delay_variable(&self, delayed: &Delayed<'h>, env: &'h Env<'h>) -> SlotState<'h> {
        match *delayed {
            Delayed::Arithmetic(expr) | Delayed::Other(expr) => {
                SlotState::Suspended(expr, env.id())
            }
            Delayed::Constant(expr) => SlotState::Suspended(expr, self.empty_env.id()),
            _ => SlotState::Bound(self.delay(delayed, env)),
        }
    }

    /// The same for an argument of a call: sums and the like of what is known already
    /// are computed, which takes less than to remember what is to be computed.
    #[inline]
    pub(crate) fn delay_argument(&self, delayed: &Delayed<'h>, env: &'h Env<'h>) -> SlotState<'h> {
        if let Delayed::Arithmetic(expr) = *delayed
            // Deeper calls fail; this one does when it is needed.
            && self.call_depth < self.options.max_call_depth
            && let Some(value) = early(self.exprs.get(expr), env)
        {
            return SlotState::Bound(Lazy::Early(value));
        }
        self.delay_variable(delayed, env)
    }

    /// The same for a variable of the scope `env` itself, whose slots from
    /// `bound` on are not bound yet.
    pub(crate) fn delay_binding(
        &self,
        delayed: &Delayed<'h>,
        env: &'h Env<'h>,
        bound: u32,
    ) -> SlotState<'h> {
        match *delayed {
            Delayed::Var {
                depth: 0,
                slot,
                expr,
            } if slot >= bound => SlotState::Suspended(expr, env.id()),
            _ => self.delay_variable(delayed, env),
        }
    }

    fn bind_let(&mut self, node: &'h Let<'h>, env: &'h Env<'h>) -> &'h Env<'h> {
        let (env, first) = match node.first_slot {
            Some(first) => (env, first),
            None => (self.envs.add(node.bindings.len(), env), 0),
        };
        for (index, value) in node.bindings.iter().enumerate() {
            let slot = first + index as u32;
            env.slots()[slot as usize].set(self.delay_binding(value, env, slot));
        }
        env
    }

    fn bind_with(&mut self, node: &'h With<'h>, env: &'h Env<'h>) -> &'h Env<'h> {
        let scope = self.envs.add(1, env);
        scope.slots()[0].set(self.delay_variable(&node.namespace, env));
        scope
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
            let slot = &env.outwards(depth).slots()[0];
            let namespace = self.with_namespace(slot, span)?;
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

    /// The set whose attributes a `with` brings into scope.
    #[inline]
    fn with_namespace(&mut self, slot: &'h Slot<'h>, span: Span) -> Result<&'h Attrs<'h>> {
        const WHAT: &str = "while evaluating the first subexpression of a with expression";
        if let SlotState::Bound(Lazy::Ready(Value::Attrs(attrs))) = slot.get() {
            return Ok(attrs);
        }
        let value = self.variable(slot, span)?;
        self.expect_attrs(value.into(), span, WHAT)
    }

    #[inline(never)]
    fn eval_attrs(&mut self, set: &'h AttrsExpr<'h>, env: &'h Env<'h>) -> Result<Value<'h>> {
        let source_env = if set.sources.is_empty() {
            env
        } else {
            let scope = self.envs.add(set.sources.len(), env);
            for (slot, source) in scope.slots().iter().zip(set.sources) {
                slot.set(self.delay_variable(source, env));
            }
            scope
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
        let env = self.envs.add(set.attrs.len() + set.sources.len(), env);
        for (index, source) in set.sources.iter().enumerate() {
            // Nothing of this scope is bound yet.
            env.slots()[count as usize + index].set(self.delay_binding(source, env, 0));
        }
        for (slot, attr) in set.attrs.iter().enumerate() {
            // What is overridden is replaced in its slot: nothing may be taken from
            // there before.
            let bound = if set.overrides.is_some() {
                0
            } else {
                slot as u32
            };
            env.slots()[slot].set(self.delay_binding(&attr.value, env, bound));
        }
        let entries = self
            .heap()
            .alloc_slice_fill_with(set.attrs.len(), |index| Attr {
                name: set.attrs[index].name,
                pos: set.attrs[index].span.start,
                value: self.share(&env.slots()[index]),
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
            self.share(&env.slots()[slot as usize]),
            set.attrs[slot as usize].span,
            "while evaluating the `__overrides` attribute",
        )?;
        for (slot, attr) in set.attrs.iter().enumerate() {
            if let Some(replacement) = overrides.get(attr.name) {
                env.slots()[slot].bind(replacement.value);
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
