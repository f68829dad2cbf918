//! The form of an expression that is evaluated: variables are resolved to a
//! number of scopes outwards and a slot, constants are values.
//!
//! An expression is two words and `Copy`; what does not fit stands behind a
//! reference into the arena.

use crate::source::{Pos, Span};
use crate::symbol::Symbol;
use crate::value::{Thunk, Value};

/// An expression.
#[derive(Clone, Copy)]
pub enum Expr<'h> {
    /// A value known before evaluation.
    Const(Value<'h>),
    /// A variable, `depth` scopes outwards.
    Var {
        /// How many scopes outwards.
        depth: u16,
        /// Which of the scope's variables.
        slot: u32,
        /// Where it is written.
        start: Pos,
        /// How long its name is.
        length: u16,
    },
    /// What no scope binds, and is computed when it is used.
    Global(&'h Global<'h>),
    /// A variable that only the `with` around it can bind.
    WithVar(&'h WithVar<'h>),
    /// `a + b`
    Add(&'h Operands<'h>),
    /// `__sub`, `__mul` and `__div`, unless somebody bound these names.
    Arithmetic(&'h Arithmetic<'h>),
    /// `__lessThan`, unless somebody bound the name.
    Less(&'h Operands<'h>),
    /// A string or path with interpolations.
    Interpolation(&'h Interpolation<'h>),
    /// `subject.path`, `subject.path or default`
    Select(&'h Select<'h>),
    /// `subject ? path`
    HasAttr(&'h HasAttr<'h>),
    /// `{ … }`
    Attrs(&'h AttrsExpr<'h>),
    /// `rec { … }`
    RecAttrs(&'h AttrsExpr<'h>),
    /// `[ … ]`
    List(&'h ListExpr<'h>),
    /// A function.
    Lambda(&'h Lambda<'h>),
    /// `function arg…`
    Call(&'h Call<'h>),
    /// `let … in body`
    Let(&'h Let<'h>),
    /// `with namespace; body`
    With(&'h With<'h>),
    /// `if … then … else …`
    If(&'h If<'h>),
    /// `assert condition; body`
    Assert(&'h Assert<'h>),
    /// `!operand`
    Not(&'h Operand<'h>),
    /// `a == b`
    Equal(&'h Operands<'h>),
    /// `a != b`
    NotEqual(&'h Operands<'h>),
    /// `a && b`
    And(&'h Operands<'h>),
    /// `a || b`
    Or(&'h Operands<'h>),
    /// `a -> b`
    Implies(&'h Operands<'h>),
    /// `a // b`
    Update(&'h Operands<'h>),
    /// `a ++ b`
    ConcatLists(&'h Operands<'h>),
    /// An expression deep in others, before which the stack is looked at.
    OnEnoughStack(&'h Expr<'h>),
}

/// An expression that is evaluated on demand, as a number: half of a reference, so that a
/// thunk with its scope takes two words.
#[derive(Clone, Copy)]
pub(crate) struct ExprId(u32);

/// All expressions that are evaluated on demand.
#[derive(Default)]
pub(crate) struct Exprs<'h>(Vec<&'h Expr<'h>>);

impl<'h> Exprs<'h> {
    pub(crate) fn add(&mut self, expr: &'h Expr<'h>) -> ExprId {
        // There are no more than bytes of Nix, whose positions take 32 bits, too.
        let id = ExprId(self.0.len() as u32);
        self.0.push(expr);
        id
    }

    #[inline]
    pub(crate) fn get(&self, id: ExprId) -> &'h Expr<'h> {
        self.0[id.0 as usize]
    }
}

/// An expression where it is evaluated on demand, by what has to be remembered of it.
#[derive(Clone, Copy)]
pub(crate) enum Delayed<'h> {
    /// A value that is at hand.
    Value(Value<'h>),
    /// A constant that is made only when it is needed.
    Constant(ExprId),
    /// A variable, which is what its scope holds.
    Var { depth: u16, slot: u32, expr: ExprId },
    /// A function, which is made at once.
    Lambda(&'h Lambda<'h>),
    /// What no scope binds.
    Global(&'h Global<'h>),
    /// A sum or the like, which may be known early.
    Arithmetic(ExprId),
    /// Anything else: a thunk.
    Other(ExprId),
}

impl Expr<'_> {
    /// A variable, `depth` scopes outwards.
    pub(crate) fn var(depth: u16, slot: u32, span: Span) -> Self {
        Expr::Var {
            depth,
            slot,
            start: span.start,
            length: u16::try_from(span.len()).unwrap_or(u16::MAX),
        }
    }
}

/// A variable that the evaluator itself binds.
pub struct Global<'h> {
    pub(crate) thunk: &'h Thunk<'h>,
    pub(crate) span: Span,
}

/// `[ … ]`
pub struct ListExpr<'h> {
    pub(crate) items: &'h [Delayed<'h>],
}

/// A variable that only a `with` can bind.
pub struct WithVar<'h> {
    pub(crate) name: Symbol,
    /// How many scopes outwards each `with` is, and where, innermost first.
    pub(crate) scopes: &'h [(u16, Span)],
    pub(crate) span: Span,
}

/// One operand.
pub struct Operand<'h> {
    pub(crate) operand: Expr<'h>,
    pub(crate) span: Span,
}

/// Two operands.
pub struct Operands<'h> {
    pub(crate) left: Expr<'h>,
    pub(crate) right: Expr<'h>,
    pub(crate) left_span: Span,
    pub(crate) right_span: Span,
    /// Where the operator stands.
    pub(crate) span: Span,
}

/// The arithmetic operators that are builtins in Nix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ArithmeticOperator {
    Sub,
    Mul,
    Div,
}

/// An arithmetic operation.
pub struct Arithmetic<'h> {
    pub(crate) operator: ArithmeticOperator,
    pub(crate) operands: Operands<'h>,
}

/// A string or path with interpolations.
pub struct Interpolation<'h> {
    /// Whether the result is a string whatever the first part is.
    pub(crate) force_string: bool,
    pub(crate) parts: &'h [(Expr<'h>, Span)],
}

/// A name in an attribute path.
pub(crate) enum Key<'h> {
    Static(Symbol),
    Dynamic(&'h Operand<'h>),
}

/// A name in an attribute path, and where it stands.
pub(crate) struct KeyAt<'h> {
    pub(crate) key: Key<'h>,
    pub(crate) span: Span,
}

/// `subject.path`, `subject.path or default`
pub struct Select<'h> {
    pub(crate) subject: Expr<'h>,
    pub(crate) path: &'h [KeyAt<'h>],
    pub(crate) default: Option<Expr<'h>>,
    pub(crate) span: Span,
}

/// `subject ? path`
pub struct HasAttr<'h> {
    pub(crate) subject: Expr<'h>,
    pub(crate) path: &'h [KeyAt<'h>],
    pub(crate) span: Span,
}

/// An attribute whose name is known.
pub(crate) struct AttrExpr<'h> {
    pub(crate) name: Symbol,
    pub(crate) span: Span,
    pub(crate) value: Delayed<'h>,
    /// The value is an expression of the scope around the set even if the set is
    /// `rec` or has a scope for what it inherits from.
    pub(crate) inherited: bool,
}

/// An attribute whose name is computed.
pub(crate) struct DynamicAttrExpr<'h> {
    pub(crate) name: Expr<'h>,
    pub(crate) value: Delayed<'h>,
    pub(crate) span: Span,
}

/// An attribute set.
///
/// The values of a `rec` set are evaluated in a scope of their own: first a slot
/// for each attribute, then one for each of `sources`. Those of another set are
/// evaluated in the scope around it; only if it has `sources`, those that are
/// inherited from them have a scope with just the `sources`.
pub struct AttrsExpr<'h> {
    /// Sorted by symbol, without duplicates.
    pub(crate) attrs: &'h [AttrExpr<'h>],
    pub(crate) dynamic: &'h [DynamicAttrExpr<'h>],
    /// What the set's `inherit (…)` inherit from, where that is worth sharing.
    pub(crate) sources: &'h [Delayed<'h>],
    /// Where `__overrides` is, in a `rec` set that has it.
    pub(crate) overrides: Option<u32>,
}

/// A formal argument.
pub struct Formal<'h> {
    /// Its name.
    pub name: Symbol,
    /// Where it is written.
    pub span: Span,
    /// Its default, evaluated in the scope of the function.
    pub(crate) default: Option<Delayed<'h>>,
}

impl Formal<'_> {
    /// Whether it has a default.
    pub fn has_default(&self) -> bool {
        self.default.is_some()
    }
}

/// The argument of a `{ … }:` function.
pub struct Pattern<'h> {
    /// Sorted by symbol.
    pub formals: &'h [Formal<'h>],
    /// Whether other attributes are allowed: `...`.
    pub ellipsis: bool,
    /// The name of the argument as a whole: `args@{ … }`.
    pub(crate) whole: Option<Symbol>,
}

/// One parameter of a function.
pub struct Parameter<'h> {
    pub(crate) kind: ParameterKind<'h>,
    /// The function of this parameter, which is what its caller calls.
    pub(crate) span: Span,
}

/// What a parameter looks like.
#[derive(Clone, Copy)]
pub enum ParameterKind<'h> {
    /// `x:`
    Simple(Symbol),
    /// `{ … }:`
    Pattern(&'h Pattern<'h>),
}

/// A function with as many parameters as directly follow each other: `a: b: …`
/// is one function with two. Only the last can be a `{ … }`, since that checks
/// its argument as soon as it is applied.
///
/// The scope has a slot for each simple parameter; then, of a `{ … }`, one for
/// each formal and one for the whole; then one for each variable of a `let` that
/// is the body.
pub struct Lambda<'h> {
    pub(crate) name: Option<Symbol>,
    pub(crate) parameters: &'h [Parameter<'h>],
    /// The size of the scope.
    pub(crate) slots: u32,
    pub(crate) body: Expr<'h>,
}

/// `function arg…`
pub struct Call<'h> {
    pub(crate) function: Expr<'h>,
    pub(crate) args: &'h [Delayed<'h>],
    pub(crate) span: Span,
}

/// `let … in body`
pub struct Let<'h> {
    /// What `inherit (…)` inherit from, then the variables.
    pub(crate) bindings: &'h [Delayed<'h>],
    /// Where the bindings are, in the function's scope; or a scope of their own.
    pub(crate) first_slot: Option<u32>,
    pub(crate) body: Expr<'h>,
}

/// `with namespace; body`
pub struct With<'h> {
    pub(crate) namespace: Delayed<'h>,
    pub(crate) body: Expr<'h>,
}

/// `if condition then then else otherwise`
pub struct If<'h> {
    pub(crate) condition: Expr<'h>,
    pub(crate) then: Expr<'h>,
    pub(crate) otherwise: Expr<'h>,
    pub(crate) span: Span,
}

/// `assert condition; body`
pub struct Assert<'h> {
    pub(crate) condition: Expr<'h>,
    pub(crate) body: Expr<'h>,
    pub(crate) condition_span: Span,
    pub(crate) span: Span,
}

#[cfg(test)]
mod tests {
    use super::{Delayed, Expr};

    /// What is evaluated is read often; it should be dense.
    #[test]
    fn expressions_are_two_words() {
        assert_eq!(size_of::<Expr<'_>>(), 16);
        assert_eq!(size_of::<Option<Delayed<'_>>>(), 16);
    }
}
