//! From abstract syntax to what is evaluated: every variable is resolved to a
//! scope and a slot, constants become values, operators whose builtin nobody
//! has rebound become operations.

use std::cell::Cell;

use bumpalo::Bump;
use rustc_hash::FxHashMap;

use crate::attrs::{Attr, Attrs};
use crate::env::Env;
use crate::error::{ErrorKind, EvalError, Result};
use crate::eval::is_made_when_needed;
use crate::expr::{
    Arithmetic, ArithmeticOperator, Assert, AttrExpr, AttrsExpr, Call, Delayed, DynamicAttrExpr,
    Expr, Exprs, Formal, Global, HasAttr, If, Interpolation, Key, KeyAt, Lambda, Let, ListExpr,
    Operand, Operands, Parameter, ParameterKind, Pattern, Select, With, WithVar,
};
use crate::source::{SourceFile, Span};
use crate::string::{NixPath, NixString};
use crate::symbol::{Symbol, Symbols};
use crate::syntax;
use crate::syntax::ast::{
    Ast, AttrAst, AttrName, AttrSource, AttrsAst, BinaryOperator, CallAst, LambdaAst, LetAst, Node,
};
use crate::syntax::build::WellKnown;
use crate::value::{Lazy, List, Thunk, ThunkState, Value};

/// What binds a name, as a stack for each name: the innermost first.
#[derive(Default)]
pub(crate) struct Scopes {
    /// For each symbol, one more than the index of its innermost binding.
    innermost: Vec<u32>,
    bindings: Vec<Bound>,
}

struct Bound {
    name: Symbol,
    level: u32,
    slot: u32,
    /// What the name meant before.
    hidden: u32,
}

impl Scopes {
    fn bind(&mut self, name: Symbol, level: u32, slot: u32) {
        let index = name.index();
        if index >= self.innermost.len() {
            self.innermost.resize(index + 1, 0);
        }
        self.bindings.push(Bound {
            name,
            level,
            slot,
            hidden: self.innermost[index],
        });
        self.innermost[index] = self.bindings.len() as u32;
    }

    /// Forgets all but the oldest `count` bindings.
    fn unbind_to(&mut self, count: usize) {
        for bound in self.bindings.drain(count..).rev() {
            self.innermost[bound.name.index()] = bound.hidden;
        }
    }

    fn find(&self, name: Symbol) -> Option<&Bound> {
        let innermost = *self.innermost.get(name.index())?;
        self.bindings.get((innermost as usize).checked_sub(1)?)
    }
}

/// Evaluation recurses into expressions without looking at the stack, but for every
/// so many levels. What lies between takes a fraction of the stack that is kept free.
const LEVELS_BETWEEN_STACK_CHECKS: usize = 64;

/// Resolves one text.
pub(crate) struct Resolver<'r, 'h> {
    pub(crate) heap: &'h Bump,
    pub(crate) empty_env: &'h Env<'h>,
    pub(crate) symbols: &'r mut Symbols<'h>,
    pub(crate) known: &'r WellKnown,
    pub(crate) globals: &'r FxHashMap<Symbol, Lazy<'h>>,
    /// The set `builtins`, if the text has one of its own.
    pub(crate) builtins: Option<Value<'h>>,
    pub(crate) source: &'r SourceFile,
    /// Where expressions get their numbers.
    pub(crate) exprs: &'r mut Exprs<'h>,
    pub(crate) scopes: &'r mut Scopes,
    /// The number of scopes around the current expression.
    pub(crate) level: u32,
    /// How deep in the tree the current expression is.
    pub(crate) depth: usize,
    /// Which of them are those of `with`, and where these are.
    pub(crate) withs: Vec<(u32, Span)>,
}

/// Scopes nest as deeply as expressions, which the parser bounds.
fn depth(level: u32, of: u32) -> u16 {
    (level - of) as u16
}

/// Lists in lists and negations of negations are where their innermost part is. Of so
/// many at most: each of a longer chain would look for it again.
const LONGEST_CHAIN: usize = 1000;

/// Where Nix says an expression is, which for some kinds is nowhere (`getPos`).
fn nix_pos(ast: &Ast<'_>) -> Span {
    let mut ast = ast;
    for _ in 0..LONGEST_CHAIN {
        ast = match &ast.node {
            Node::List(items) => match items.first() {
                Some(first) => first,
                None => return Span::NONE,
            },
            Node::Not(operand) => operand,
            Node::HasAttr(node) => &node.subject,
            Node::Binary(node)
                if matches!(
                    node.operator,
                    BinaryOperator::Equal | BinaryOperator::NotEqual
                ) =>
            {
                return Span::NONE;
            }
            Node::Int(_) | Node::Float(_) | Node::Str(_) | Node::Path(_) | Node::Let(_) => {
                return Span::NONE;
            }
            Node::Concat(concat) => return concat.pos,
            Node::Call(call) => return call.pos,
            Node::Binary(node) => return node.operator_span,
            _ => return ast.span,
        };
    }
    Span::NONE
}

/// The variables of a `let` and where their values are evaluated.
struct ScopeValues<'h> {
    sources: Vec<Delayed<'h>>,
    values: Vec<Delayed<'h>>,
}

impl<'h> Resolver<'_, 'h> {
    /// The names that `scopedImport` binds, in the order of the slots.
    pub(crate) fn bind_outer(&mut self, names: impl Iterator<Item = Symbol>) {
        self.level += 1;
        for (slot, name) in names.enumerate() {
            self.scopes.bind(name, self.level, slot as u32);
        }
    }

    /// Resolves the expression of a whole text.
    pub(crate) fn root(&mut self, ast: &Ast<'_>) -> Result<Expr<'h>> {
        let result = self.expr(ast);
        self.scopes.unbind_to(0);
        result
    }

    fn alloc<T>(&self, value: T) -> &'h T {
        self.heap.alloc(value)
    }

    fn slice<T>(&self, values: Vec<T>) -> &'h [T] {
        self.heap.alloc_slice_fill_iter(values)
    }

    fn string(&self, text: &[u8]) -> Value<'h> {
        Value::String(self.alloc(NixString {
            text: self.heap.alloc_slice_copy(text),
            context: &[],
        }))
    }

    fn expr(&mut self, ast: &Ast<'_>) -> Result<Expr<'h>> {
        self.depth += 1;
        let resolved = syntax::on_enough_stack(|| self.expr_here(ast))?;
        self.depth -= 1;
        let is_simple = matches!(
            resolved,
            Expr::Const(_) | Expr::Var { .. } | Expr::Lambda(_)
        );
        if is_simple || self.depth == 0 || !self.depth.is_multiple_of(LEVELS_BETWEEN_STACK_CHECKS) {
            return Ok(resolved);
        }
        Ok(Expr::OnEnoughStack(self.alloc(resolved)))
    }

    fn expr_here(&mut self, ast: &Ast<'_>) -> Result<Expr<'h>> {
        let span = ast.span;
        if self.depth > syntax::MAX_NESTING {
            return Err(syntax::too_deep(span));
        }
        Ok(match &ast.node {
            Node::Int(number) => Expr::Const(Value::Int(*number)),
            Node::Float(number) => Expr::Const(Value::Float(*number)),
            Node::Str(text) => Expr::Const(self.string(text)),
            Node::Path(path) => {
                let text = self.heap.alloc_slice_copy(path);
                Expr::Const(Value::Path(self.alloc(NixPath { text })))
            }
            Node::Var(name) => self.var(*name, span)?,
            Node::CurPos => Expr::Const(self.cur_pos(span)),
            Node::Concat(concat) => match &concat.parts[..] {
                [left, right] if !concat.force_string => {
                    // A path literal with one interpolation is an addition too.
                    let operands = self.operands(left, right, concat.pos)?;
                    Expr::Add(operands)
                }
                parts => {
                    let mut resolved = Vec::with_capacity(parts.len());
                    for part in parts {
                        resolved.push((self.expr(part)?, part.outer));
                    }
                    Expr::Interpolation(self.alloc(Interpolation {
                        force_string: concat.force_string,
                        parts: self.slice(resolved),
                    }))
                }
            },
            Node::Select(select) => {
                let subject = self.expr(&select.subject)?;
                let default = match &select.default {
                    Some(default) => Some(self.expr(default)?),
                    None => None,
                };
                let path = self.path(&select.path)?;
                Expr::Select(self.alloc(Select {
                    subject,
                    path,
                    default,
                    span,
                }))
            }
            Node::HasAttr(has) => {
                let subject = self.expr(&has.subject)?;
                let path = self.path(&has.path)?;
                let span = nix_pos(&has.subject);
                Expr::HasAttr(self.alloc(HasAttr {
                    subject,
                    path,
                    span,
                }))
            }
            Node::Attrs(set) => self.attrs(set)?,
            Node::List(items) => {
                if items.is_empty() {
                    return Ok(Expr::Const(Value::List(self.alloc(List { items: &[] }))));
                }
                let items = self.exprs(items)?;
                if let Some(values) = self.constants(items.iter()) {
                    let items = self.slice(values);
                    return Ok(Expr::Const(Value::List(self.alloc(List { items }))));
                }
                let items = self.delay_all(items);
                let items = self.slice(items);
                Expr::List(self.alloc(ListExpr { items }))
            }
            Node::Lambda(_) => self.lambda(ast)?,
            Node::Call(call) => self.call(call)?,
            Node::Let(node) => self.let_in(node, None)?,
            Node::With(with) => {
                let namespace = self.delayed(&with.namespace)?;
                self.level += 1;
                self.withs.push((self.level, span));
                let body = self.expr(&with.body);
                self.withs.pop();
                self.level -= 1;
                Expr::With(self.alloc(With {
                    namespace,
                    body: body?,
                }))
            }
            Node::If(node) => {
                let condition = self.expr(&node.condition)?;
                let then = self.expr(&node.then)?;
                let otherwise = self.expr(&node.otherwise)?;
                Expr::If(self.alloc(If {
                    condition,
                    then,
                    otherwise,
                    span,
                }))
            }
            Node::Assert(node) => {
                let condition = self.expr(&node.condition)?;
                let body = self.expr(&node.body)?;
                Expr::Assert(self.alloc(Assert {
                    condition,
                    body,
                    condition_span: node.condition.outer,
                    span,
                }))
            }
            Node::Not(operand) => {
                let resolved = self.expr(operand)?;
                Expr::Not(self.alloc(Operand {
                    operand: resolved,
                    span: nix_pos(operand),
                }))
            }
            Node::Binary(node) => {
                let operands = Operands {
                    left: self.expr(&node.left)?,
                    right: self.expr(&node.right)?,
                    left_span: nix_pos(&node.left),
                    right_span: nix_pos(&node.right),
                    span: node.operator_span,
                };
                let operands = self.alloc(operands);
                match node.operator {
                    BinaryOperator::Equal => Expr::Equal(operands),
                    BinaryOperator::NotEqual => Expr::NotEqual(operands),
                    BinaryOperator::And => Expr::And(operands),
                    BinaryOperator::Or => Expr::Or(operands),
                    BinaryOperator::Implies => Expr::Implies(operands),
                    BinaryOperator::Update => Expr::Update(operands),
                    BinaryOperator::ConcatLists => Expr::ConcatLists(operands),
                }
            }
        })
    }

    fn exprs(&mut self, asts: &[Ast<'_>]) -> Result<Vec<Expr<'h>>> {
        asts.iter().map(|ast| self.expr(ast)).collect()
    }

    /// An expression where it is evaluated on demand.
    fn delayed(&mut self, ast: &Ast<'_>) -> Result<Delayed<'h>> {
        let expr = self.expr(ast)?;
        Ok(self.delay(expr))
    }

    fn delay(&mut self, expr: Expr<'h>) -> Delayed<'h> {
        match expr {
            Expr::Const(value) if !is_made_when_needed(value) => return Delayed::Value(value),
            Expr::Lambda(lambda) => return Delayed::Lambda(lambda),
            Expr::Global(global) => return Delayed::Global(global),
            _ => {}
        }
        let id = self.exprs.add(self.heap.alloc(expr));
        match expr {
            Expr::Const(_) => Delayed::Constant(id),
            Expr::Var { depth, slot, .. } => Delayed::Var {
                depth,
                slot,
                expr: id,
            },
            Expr::Arithmetic(_) | Expr::Add(_) => Delayed::Arithmetic(id),
            _ => Delayed::Other(id),
        }
    }

    fn delay_all(&mut self, exprs: Vec<Expr<'h>>) -> Vec<Delayed<'h>> {
        exprs.into_iter().map(|expr| self.delay(expr)).collect()
    }

    fn operands(
        &mut self,
        left: &Ast<'_>,
        right: &Ast<'_>,
        span: Span,
    ) -> Result<&'h Operands<'h>> {
        let operands = self.operand_pair(left, right, span)?;
        Ok(self.alloc(operands))
    }

    fn operand_pair(
        &mut self,
        left: &Ast<'_>,
        right: &Ast<'_>,
        span: Span,
    ) -> Result<Operands<'h>> {
        Ok(Operands {
            left: self.expr(left)?,
            right: self.expr(right)?,
            left_span: left.outer,
            right_span: right.outer,
            span,
        })
    }

    fn path(&mut self, path: &[(AttrName<'_>, Span)]) -> Result<&'h [KeyAt<'h>]> {
        let mut keys = Vec::with_capacity(path.len());
        for (name, span) in path {
            let key = match name {
                AttrName::Static(name) => Key::Static(*name),
                AttrName::Dynamic(name) => {
                    let operand = self.expr(name)?;
                    let span = nix_pos(name);
                    Key::Dynamic(self.alloc(Operand { operand, span }))
                }
            };
            keys.push(KeyAt { key, span: *span });
        }
        Ok(self.slice(keys))
    }

    fn var(&mut self, name: Symbol, span: Span) -> Result<Expr<'h>> {
        if let Some(bound) = self.scopes.find(name) {
            return Ok(Expr::var(depth(self.level, bound.level), bound.slot, span));
        }
        if let Some(builtins) = self.builtins
            && name == self.known.builtins
        {
            return Ok(Expr::Const(builtins));
        }
        match self.globals.get(&name) {
            Some(Lazy::Ready(value)) => return Ok(Expr::Const(*value)),
            Some(Lazy::Early(value)) => return Ok(Expr::Const(Value::Int(*value))),
            Some(Lazy::Thunk(thunk)) => {
                return Ok(Expr::Global(self.alloc(Global { thunk, span })));
            }
            None => {}
        }
        if self.withs.is_empty() {
            let name = String::from_utf8_lossy(self.symbols.text(name));
            return Err(EvalError::new(
                ErrorKind::UndefinedVariable,
                span,
                format!("undefined variable '{name}'"),
            ));
        }
        let scopes: Vec<(u16, Span)> = self
            .withs
            .iter()
            .rev()
            .map(|&(with, span)| (depth(self.level, with), span))
            .collect();
        Ok(Expr::WithVar(self.alloc(WithVar {
            name,
            scopes: self.slice(scopes),
            span,
        })))
    }

    fn call(&mut self, call: &CallAst<'_>) -> Result<Expr<'h>> {
        if let (Node::Var(name), [left, right]) = (&call.function.node, &call.args[..])
            // Nobody has bound the operator's name to something else.
            && self.scopes.find(*name).is_none()
        {
            if *name == self.known.less_than {
                return Ok(Expr::Less(self.operands(left, right, call.pos)?));
            }
            if let Some(operator) = self.arithmetic_operator(*name) {
                let operands = self.operand_pair(left, right, call.pos)?;
                return Ok(Expr::Arithmetic(
                    self.alloc(Arithmetic { operator, operands }),
                ));
            }
        }
        let function = self.expr(&call.function)?;
        let args = self.exprs(&call.args)?;
        let args = self.delay_all(args);
        Ok(Expr::Call(self.alloc(Call {
            function,
            args: self.slice(args),
            span: call.pos,
        })))
    }

    fn arithmetic_operator(&self, name: Symbol) -> Option<ArithmeticOperator> {
        let known = self.known;
        if name == known.sub {
            Some(ArithmeticOperator::Sub)
        } else if name == known.mul {
            Some(ArithmeticOperator::Mul)
        } else if name == known.div {
            Some(ArithmeticOperator::Div)
        } else {
            None
        }
    }

    fn lambda(&mut self, ast: &Ast<'_>) -> Result<Expr<'h>> {
        let bound_before = self.scopes.bindings.len();
        self.level += 1;
        let result = self.lambda_in_scope(ast);
        self.level -= 1;
        self.scopes.unbind_to(bound_before);
        result
    }

    fn lambda_in_scope(&mut self, ast: &Ast<'_>) -> Result<Expr<'h>> {
        let mut slots = 0;
        let mut parameters = Vec::new();
        let mut name = None;
        let mut body = ast;
        while let Node::Lambda(lambda) = &body.node {
            name = lambda.name;
            let kind = self.parameter(lambda, &mut slots)?;
            parameters.push(Parameter {
                kind,
                span: body.span,
            });
            body = &lambda.body;
            if matches!(kind, ParameterKind::Pattern(_)) {
                break;
            }
        }
        let body = match &body.node {
            Node::Let(node) => self.let_in(node, Some(&mut slots))?,
            _ => self.expr(body)?,
        };
        Ok(Expr::Lambda(self.alloc(Lambda {
            name,
            parameters: self.slice(parameters),
            slots,
            body,
        })))
    }

    fn parameter(&mut self, lambda: &LambdaAst<'_>, slots: &mut u32) -> Result<ParameterKind<'h>> {
        let Some(formals) = &lambda.formals else {
            let Some(arg) = lambda.arg else {
                unreachable!("a function has an argument or formals");
            };
            self.scopes.bind(arg, self.level, *slots);
            *slots += 1;
            return Ok(ParameterKind::Simple(arg));
        };
        let mut sorted: Vec<_> = formals.formals.iter().collect();
        sorted.sort_unstable_by_key(|formal| formal.name);
        for formal in &sorted {
            self.scopes.bind(formal.name, self.level, *slots);
            *slots += 1;
        }
        if let Some(whole) = lambda.arg {
            self.scopes.bind(whole, self.level, *slots);
            *slots += 1;
        }
        if formals.formals.is_empty() && lambda.arg.is_none() {
            // The argument itself is passed in the first slot, though nobody names it.
            *slots += 1;
        }
        let mut resolved = Vec::with_capacity(sorted.len());
        for formal in sorted {
            let default = match &formal.default {
                Some(default) => Some(self.delayed(default)?),
                None => None,
            };
            resolved.push(Formal {
                name: formal.name,
                span: formal.pos,
                default,
            });
        }
        Ok(ParameterKind::Pattern(self.alloc(Pattern {
            formals: self.slice(resolved),
            ellipsis: formals.ellipsis,
            whole: lambda.arg,
        })))
    }

    /// A `let`. Where it is the body of a function, its variables are slots of
    /// the function's scope, of which `function_slots` are taken: a function's
    /// body is evaluated once for each scope.
    fn let_in(&mut self, node: &LetAst<'_>, function_slots: Option<&mut u32>) -> Result<Expr<'h>> {
        let bound_before = self.scopes.bindings.len();
        let Some(slots) = function_slots else {
            self.level += 1;
            let result = self.let_in_scope(node, 0, None);
            self.level -= 1;
            self.scopes.unbind_to(bound_before);
            return result;
        };
        let first = *slots;
        *slots += (node.bindings.sources.len() + node.bindings.attrs.len()) as u32;
        self.let_in_scope(node, first, Some(slots))
    }

    fn let_in_scope(
        &mut self,
        node: &LetAst<'_>,
        first: u32,
        function_slots: Option<&mut u32>,
    ) -> Result<Expr<'h>> {
        let set = &node.bindings;
        let first_slot = function_slots.is_some().then_some(first);
        let attrs: Vec<_> = set.attrs.iter().collect();
        let sources = set.sources.len() as u32;
        let ScopeValues {
            sources: mut bindings,
            values,
        } = self.scope_values(set, &attrs, first, first + sources)?;
        bindings.extend(values);
        let body = match (&node.body.node, function_slots) {
            (Node::Let(inner), Some(slots)) => self.let_in(inner, Some(slots))?,
            _ => self.expr(&node.body)?,
        };
        Ok(Expr::Let(self.alloc(Let {
            bindings: self.slice(bindings),
            first_slot,
            body,
        })))
    }

    /// Binds the names of `attrs` to the slots of the current scope from
    /// `first_attr` on, and resolves their values. What they inherit from has
    /// the slots from `first_source` on.
    fn scope_values(
        &mut self,
        set: &AttrsAst<'_>,
        attrs: &[&AttrAst<'_>],
        first_source: u32,
        first_attr: u32,
    ) -> Result<ScopeValues<'h>> {
        // What is inherited from the scope around is resolved before the new
        // names hide it.
        let mut values = Vec::with_capacity(attrs.len());
        for attr in attrs {
            values.push(match attr.source {
                AttrSource::Inherited => {
                    let variable = self.var(attr.name, attr.pos)?;
                    Some(self.delay(variable))
                }
                _ => None,
            });
        }
        for (index, attr) in attrs.iter().enumerate() {
            self.scopes
                .bind(attr.name, self.level, first_attr + index as u32);
        }
        let sources = self.exprs(&set.sources)?;
        let sources = self.delay_all(sources);
        let mut resolved = Vec::with_capacity(attrs.len());
        for (attr, value) in attrs.iter().zip(values) {
            resolved.push(match (&attr.source, value) {
                (AttrSource::InheritedFrom(index), _) => {
                    let source_span = set.sources[*index].outer;
                    let source = Expr::var(0, first_source + *index as u32, source_span);
                    let selection = self.inherit_from(source, attr);
                    self.delay(selection)
                }
                (AttrSource::Plain(value), _) => self.delayed(value)?,
                (AttrSource::Inherited, Some(value)) => value,
                (AttrSource::Inherited, None) => unreachable!("resolved above"),
            });
        }
        Ok(ScopeValues {
            sources,
            values: resolved,
        })
    }

    fn inherit_from(&self, subject: Expr<'h>, attr: &AttrAst<'_>) -> Expr<'h> {
        let path = self.heap.alloc([KeyAt {
            key: Key::Static(attr.name),
            span: attr.pos,
        }]);
        Expr::Select(self.alloc(Select {
            subject,
            path,
            default: None,
            span: attr.pos,
        }))
    }

    fn attrs(&mut self, set: &AttrsAst<'_>) -> Result<Expr<'h>> {
        let mut sorted: Vec<_> = set.attrs.iter().collect();
        sorted.sort_unstable_by_key(|attr| attr.name);
        if set.recursive {
            let bound_before = self.scopes.bindings.len();
            self.level += 1;
            let result = self.rec_attrs(set, &sorted);
            self.level -= 1;
            self.scopes.unbind_to(bound_before);
            return result;
        }
        let sources = self.exprs(&set.sources)?;
        // A variable or constant can be inherited from again and again; anything
        // else is evaluated once, in a scope of its own.
        let direct = sources
            .iter()
            .all(|source| matches!(source, Expr::Var { .. } | Expr::Const(_)));
        let mut values = Vec::with_capacity(sorted.len());
        for attr in &sorted {
            let (value, inherited) = match &attr.source {
                AttrSource::Plain(value) => (self.expr(value)?, false),
                AttrSource::Inherited => (self.var(attr.name, attr.pos)?, false),
                AttrSource::InheritedFrom(index) => {
                    let source_span = set.sources[*index].outer;
                    let source = if direct {
                        sources[*index]
                    } else {
                        Expr::var(0, *index as u32, source_span)
                    };
                    (self.inherit_from(source, attr), !direct)
                }
            };
            values.push((value, inherited));
        }
        let dynamic = self.dynamic_attrs(set)?;
        if dynamic.is_empty()
            && let Some(values) = self.constants(values.iter().map(|(value, _)| value))
        {
            let entries = sorted.iter().zip(values).map(|(attr, value)| Attr {
                name: attr.name,
                pos: attr.pos.start,
                value,
            });
            let entries = self.slice(entries.collect());
            return Ok(Expr::Const(Value::Attrs(
                self.alloc(Attrs::from_sorted(entries)),
            )));
        }
        let attrs = sorted.iter().zip(values);
        let attrs = attrs.map(|(attr, (value, inherited))| AttrExpr {
            name: attr.name,
            span: attr.pos,
            value: self.delay(value),
            inherited,
        });
        let attrs = attrs.collect();
        let attrs = self.slice(attrs);
        let sources = if direct {
            Vec::new()
        } else {
            self.delay_all(sources)
        };
        Ok(Expr::Attrs(self.alloc(AttrsExpr {
            attrs,
            dynamic,
            sources: self.slice(sources),
            overrides: None,
        })))
    }

    fn rec_attrs(&mut self, set: &AttrsAst<'_>, sorted: &[&AttrAst<'_>]) -> Result<Expr<'h>> {
        let count = sorted.len() as u32;
        let ScopeValues { sources, values } = self.scope_values(set, sorted, count, 0)?;
        let overrides = self.symbols.get(b"__overrides");
        let overrides = sorted
            .iter()
            .position(|attr| Some(attr.name) == overrides)
            .map(|index| index as u32);
        let attrs = sorted.iter().zip(values).map(|(attr, value)| AttrExpr {
            name: attr.name,
            span: attr.pos,
            value,
            inherited: false,
        });
        let attrs = self.slice(attrs.collect());
        let dynamic = self.dynamic_attrs(set)?;
        Ok(Expr::RecAttrs(self.alloc(AttrsExpr {
            attrs,
            dynamic,
            sources: self.slice(sources),
            overrides,
        })))
    }

    fn dynamic_attrs(&mut self, set: &AttrsAst<'_>) -> Result<&'h [DynamicAttrExpr<'h>]> {
        let mut dynamic = Vec::with_capacity(set.dynamic.len());
        for attr in &set.dynamic {
            dynamic.push(DynamicAttrExpr {
                name: self.expr(&attr.name)?,
                value: self.delayed(&attr.value)?,
                span: attr.pos,
            });
        }
        Ok(self.slice(dynamic))
    }

    fn cur_pos(&mut self, span: Span) -> Value<'h> {
        crate::position::describe(self.heap, self.symbols, self.source, span.start)
    }
}

impl<'h> Resolver<'_, 'h> {
    /// The values of expressions that are all constants.
    fn constants<'e>(&mut self, exprs: impl Iterator<Item = &'e Expr<'h>>) -> Option<Vec<Lazy<'h>>>
    where
        'h: 'e,
    {
        exprs
            .map(|expr| match expr {
                Expr::Const(value) if is_made_when_needed(*value) => {
                    let expr = self.exprs.add(self.heap.alloc(*expr));
                    let thunk = Thunk(Cell::new(ThunkState::Suspended(expr, self.empty_env.id())));
                    Some(Lazy::Thunk(self.alloc(thunk)))
                }
                Expr::Const(value) => Some(Lazy::Ready(*value)),
                _ => None,
            })
            .collect()
    }
}
