//! Calling functions.

use smallvec::SmallVec;

use crate::attrs::Attrs;
use crate::env::{Env, SlotState};
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::expr::{Call, Lambda, Parameter, ParameterKind, Pattern};
use crate::source::Span;
use crate::value::{Closure, Lazy, List, Mapped, MappedId, Over, Primop, PrimopApp, Value};

/// Arguments of one call.
type Args<'h> = SmallVec<[Lazy<'h>; 4]>;

/// Calls with up to so many slots have their scopes used again.
const REUSED_SLOTS: usize = 8;

/// Scopes of calls that are over, and that nothing holds, by their number of slots.
#[derive(Default)]
pub(crate) struct FreeEnvs<'h>([Vec<&'h Env<'h>>; REUSED_SLOTS + 1]);

impl<'h> FreeEnvs<'h> {
    #[inline]
    fn take(&mut self, slots: u32) -> Option<&'h Env<'h>> {
        self.0.get_mut(slots as usize)?.pop()
    }

    #[inline]
    fn give(&mut self, env: &'h Env<'h>) {
        if env.is_free()
            && let Some(envs) = self.0.get_mut(env.slots().len())
        {
            envs.push(env);
        }
    }
}

const FROM_CALL_SITE: &str = "from call site";

/// Adds where a function was called, if that is known.
#[cold]
fn called_from(error: Box<EvalError>, span: Span) -> Box<EvalError> {
    if span == Span::NONE {
        return error;
    }
    error.traced(span, || FROM_CALL_SITE.to_owned())
}

impl<'h> Lambda<'h> {
    /// The parameter that is applied after `given` others.
    fn parameter(&self, given: usize) -> &Parameter<'h> {
        &self.parameters[given]
    }
}

impl<'h> Closure<'h> {
    /// The formals, if the next argument is taken apart by them.
    pub fn pattern(&self) -> Option<&'h Pattern<'h>> {
        match self.parameter_kind() {
            ParameterKind::Pattern(pattern) => Some(pattern),
            ParameterKind::Simple(_) => None,
        }
    }

    /// What the next argument is bound to.
    pub(crate) fn parameter_kind(&self) -> ParameterKind<'h> {
        self.lambda.parameter(self.args().len()).kind
    }

    /// Where the function is written.
    pub fn span(&self) -> Span {
        self.lambda.parameter(self.args().len()).span
    }

    /// The arguments so far.
    fn args(&self) -> &'h [Lazy<'h>] {
        self.args.map_or(&[], |args| args.items)
    }
}

impl<'h> Evaluator<'h> {
    #[inline(never)]
    pub(crate) fn eval_call(&mut self, call: &'h Call<'h>, env: &'h Env<'h>) -> Result<Value<'h>> {
        let function = self.operand(&call.function, env)?;
        if let Value::Closure(closure) = function
            && closure.args.is_none()
            && closure.lambda.parameters.len() == call.args.len()
        {
            let lambda = closure.lambda;
            // The most common call: all arguments are there.
            let scope = self.call_env(lambda.slots, closure.env);
            for (slot, arg) in scope.slots().iter().zip(call.args) {
                slot.set(self.delay_argument(arg, env));
            }
            return self.enter(lambda, scope, call.span);
        }
        let args: Args<'h> = call.args.iter().map(|arg| self.delay(arg, env)).collect();
        self.apply(function, &args, call.span)
    }

    /// Calls a function, or a set with a `__functor`, with any number of
    /// arguments. `span` is the call.
    pub fn apply(
        &mut self,
        function: Value<'h>,
        args: &[Lazy<'h>],
        span: Span,
    ) -> Result<Value<'h>> {
        if let Value::Closure(closure) = function
            && closure.args.is_none()
            && closure.lambda.parameters.len() == args.len()
        {
            let lambda = closure.lambda;
            let scope = self.call_env(lambda.slots, closure.env);
            for (slot, arg) in scope.slots().iter().zip(args) {
                slot.bind(*arg);
            }
            return self.enter(lambda, scope, span);
        }
        self.apply_step_by_step(function, args, span)
    }

    /// Calls a function with one of what it is mapped over.
    pub(crate) fn apply_mapped(
        &mut self,
        mapped: MappedId,
        index: u32,
        span: Span,
    ) -> Result<Value<'h>> {
        let mapped = &mut self.mapped[mapped.0 as usize];
        mapped.is_known = true;
        let Mapped { function, over, .. } = *mapped;
        let function = self.force(function, span)?;
        match over {
            Over::Items(list) => {
                let item = &list.items[index as usize];
                self.apply(function, std::slice::from_ref(item), span)
            }
            Over::Attrs(attrs) => {
                let attr = attrs.at(index as usize);
                let name = self.symbol_string(attr.name);
                self.apply(function, &[name.into(), attr.value], span)
            }
            Over::Indices => self.apply(function, &[Value::Int(index.into()).into()], span),
        }
    }

    /// The same where there are more arguments, or fewer, than the function takes.
    fn apply_step_by_step(
        &mut self,
        function: Value<'h>,
        args: &[Lazy<'h>],
        span: Span,
    ) -> Result<Value<'h>> {
        let mut function = function;
        let mut args = args;
        while !args.is_empty() {
            match function {
                Value::Closure(closure) => {
                    let lambda = closure.lambda;
                    let missing = lambda.parameters.len() - closure.args().len();
                    if args.len() < missing {
                        return Ok(self.closure_with_args(closure, args));
                    }
                    let (now, later) = args.split_at(missing);
                    let scope = self.call_env(lambda.slots, closure.env);
                    let bound = closure.args().iter().chain(now);
                    for (slot, arg) in scope.slots().iter().zip(bound) {
                        slot.bind(*arg);
                    }
                    function = self.enter(lambda, scope, span)?;
                    args = later;
                }
                Value::Primop(primop) => {
                    if args.len() < primop.arity {
                        let args = self.heap().alloc_slice_copy(args);
                        return Ok(Value::PrimopApp(
                            self.heap().alloc(PrimopApp { primop, args }),
                        ));
                    }
                    let (now, later) = args.split_at(primop.arity);
                    function = self.call_primop(primop, now, span)?;
                    args = later;
                }
                Value::PrimopApp(partial) => {
                    let missing = partial.primop.arity - partial.args.len();
                    let (now, later) = args.split_at(missing.min(args.len()));
                    let mut all: Args<'h> = SmallVec::from_slice(partial.args);
                    all.extend_from_slice(now);
                    if now.len() < missing {
                        let args = self.heap().alloc_slice_copy(&all);
                        return Ok(Value::PrimopApp(self.heap().alloc(PrimopApp {
                            primop: partial.primop,
                            args,
                        })));
                    }
                    function = self.call_primop(partial.primop, &all, span)?;
                    args = later;
                }
                Value::Attrs(attrs) if attrs.get(self.names.functor).is_some() => {
                    function = self.call_functor(attrs, args[0], span)?;
                    args = &args[1..];
                }
                other => {
                    return Err(self.not_a_function(other, span));
                }
            }
        }
        Ok(function)
    }

    /// Calls a set with a `__functor`, which gets the set itself first.
    fn call_functor(
        &mut self,
        attrs: &'h Attrs<'h>,
        arg: Lazy<'h>,
        span: Span,
    ) -> Result<Value<'h>> {
        let Some(functor) = attrs.get(self.names.functor) else {
            return Err(self.not_a_function(Value::Attrs(attrs), span));
        };
        let at = Span::at(functor.pos);
        self.with_stack(span, |evaluator| {
            let function = evaluator.force(functor.value, at)?;
            evaluator.apply(function, &[Value::Attrs(attrs).into(), arg], at)
        })
        .traced(span, || {
            "while calling a functor (an attribute set with a '__functor' attribute)".to_owned()
        })
    }

    fn closure_with_args(&self, closure: &'h Closure<'h>, args: &[Lazy<'h>]) -> Value<'h> {
        let given = closure.args();
        let items =
            self.heap()
                .alloc_slice_fill_with(given.len() + args.len(), |index| {
                    match index.checked_sub(given.len()) {
                        None => given[index],
                        Some(index) => args[index],
                    }
                });
        Value::Closure(self.heap().alloc(Closure {
            lambda: closure.lambda,
            env: closure.env,
            args: Some(self.heap().alloc(List { items })),
        }))
    }

    /// Evaluates a function's body. The first slots hold the arguments, one for
    /// each parameter.
    #[inline(never)]
    fn enter(&mut self, lambda: &'h Lambda<'h>, env: &'h Env<'h>, span: Span) -> Result<Value<'h>> {
        self.enter_call(span)?;
        let result = self.with_stack(span, |evaluator| {
            let last = lambda.parameters.len() - 1;
            if let ParameterKind::Pattern(pattern) = lambda.parameters[last].kind {
                evaluator.bind_pattern(lambda, pattern, last, env, span)?;
            }
            evaluator
                .eval(&lambda.body, env)
                .map_err(|error| evaluator.in_call(error, lambda, span))
        });
        self.call_depth -= 1;
        self.free_envs.give(env);
        result
    }

    /// A scope for a call, whose slots are not bound.
    #[inline]
    fn call_env(&mut self, slots: u32, up: &'h Env<'h>) -> &'h Env<'h> {
        match self.free_envs.take(slots) {
            Some(env) => {
                env.renew(up);
                env
            }
            None => self.envs.add(slots as usize, up),
        }
    }

    #[inline]
    pub(crate) fn enter_call(&mut self, span: Span) -> Result<()> {
        self.step(span)?;
        self.enter_operator(span)
    }

    /// The same for an operator that Nix has as a builtin.
    #[inline]
    pub(crate) fn enter_operator(&mut self, span: Span) -> Result<()> {
        if self.call_depth > self.options.max_call_depth {
            return Err(EvalError::new(
                ErrorKind::Limit,
                span,
                "stack overflow; max-call-depth exceeded",
            ));
        }
        self.call_depth += 1;
        Ok(())
    }

    fn call_primop(
        &mut self,
        primop: &'h Primop<'h>,
        args: &[Lazy<'h>],
        span: Span,
    ) -> Result<Value<'h>> {
        self.enter_call(span)?;
        let result = self.with_stack(span, |evaluator| (primop.code)(evaluator, args, span));
        self.call_depth -= 1;
        match result {
            // The context that it adds says it better.
            Err(error) if primop.name == "addErrorContext" => Err(error),
            result => result.traced(span, || {
                format!("while calling the '{}' builtin", primop.name)
            }),
        }
    }

    /// Takes the argument in slot `first` apart: the formals are in the slots
    /// from there on.
    fn bind_pattern(
        &mut self,
        lambda: &'h Lambda<'h>,
        pattern: &'h Pattern<'h>,
        first: usize,
        env: &'h Env<'h>,
        span: Span,
    ) -> Result<()> {
        let function_span = lambda.parameters[first].span;
        let slots = &env.slots()[first..];
        let attrs = match self.variable(&slots[0], function_span) {
            Ok(Value::Attrs(attrs)) => attrs,
            Ok(other) => {
                let error = self
                    .type_error("a set", other, Span::NONE)
                    .traced(function_span, || {
                        "while evaluating the value passed for the lambda argument".to_owned()
                    });
                return Err(called_from(error, span));
            }
            Err(error) => return Err(called_from(error, span)),
        };
        let formals = pattern.formals;
        if pattern.whole.is_some() {
            slots[formals.len()].bind(self.share(&slots[0]));
        }
        let mut used = 0;
        for (slot, formal) in slots.iter().zip(formals) {
            slot.set(match (attrs.get(formal.name), &formal.default) {
                (Some(attr), _) => {
                    used += 1;
                    SlotState::Bound(attr.value)
                }
                // A default may refer to formals that are not bound yet.
                (None, Some(default)) => self.delay_binding(default, env, 0),
                (None, None) => {
                    return Err(self
                        .missing_argument(lambda, formal.name, function_span)
                        .traced(span, || FROM_CALL_SITE.to_owned()));
                }
            });
        }
        if !pattern.ellipsis && used < attrs.len() {
            return Err(self
                .unexpected_argument(lambda, pattern, attrs, function_span)
                .traced(span, || FROM_CALL_SITE.to_owned()));
        }
        Ok(())
    }

    /// Calls a function that wants a set with those of `args` that it names, or
    /// with all of them if it takes any (`autoCallFunction` in Nix). Other
    /// values are returned as they are.
    pub fn auto_call(&mut self, function: Value<'h>, args: &'h Attrs<'h>) -> Result<Value<'h>> {
        match function {
            Value::Attrs(attrs) => match attrs.get(self.names.functor) {
                Some(functor) => {
                    let functor = self.force(functor.value, Span::NONE)?;
                    let function = self.apply(functor, &[function.into()], Span::NONE)?;
                    self.with_stack(Span::NONE, |evaluator| evaluator.auto_call(function, args))
                }
                None => Ok(function),
            },
            Value::Closure(closure) => {
                let Some(pattern) = closure.pattern() else {
                    return Ok(function);
                };
                let mut chosen = Vec::new();
                if pattern.ellipsis {
                    chosen.extend(args.iter().copied());
                } else {
                    for formal in pattern.formals {
                        if let Some(attr) = args.get(formal.name) {
                            chosen.push(*attr);
                        } else if !formal.has_default() {
                            return Err(self.no_auto_argument(formal.name, formal.span));
                        }
                    }
                }
                let arg = Value::Attrs(self.attrs(chosen));
                self.apply(function, &[arg.into()], Span::NONE)
            }
            other => Ok(other),
        }
    }
}
