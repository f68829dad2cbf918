//! Nix's own abstract syntax, as its parser builds it: operators that Nix
//! expresses as calls are calls, attribute paths are merged into nested sets,
//! strings are unescaped and stripped of their indentation.
//!
//! The tree lives only from parsing to lowering, in an arena of its own. Names
//! are already symbols of the evaluation.

use bumpalo::collections::Vec as BumpVec;

use crate::source::Span;
use crate::symbol::Symbol;

/// An expression and where it stands.
pub(crate) struct Ast<'a> {
    /// Where the expression itself stands.
    pub(crate) span: Span,
    /// The same with the parentheses around it.
    pub(crate) outer: Span,
    pub(crate) node: Node<'a>,
}

impl<'a> Ast<'a> {
    /// An expression without parentheses around it.
    pub(crate) fn new(span: Span, node: Node<'a>) -> Self {
        Self {
            span,
            outer: span,
            node,
        }
    }
}

/// An expression.
pub(crate) enum Node<'a> {
    Int(i64),
    Float(f64),
    Str(&'a [u8]),
    /// An absolute path in canonical form.
    Path(&'a [u8]),
    Var(Symbol),
    /// `__curPos`
    CurPos,
    /// Interpolation and `+`, which are one operation in Nix.
    Concat(&'a mut ConcatAst<'a>),
    Select(&'a mut SelectAst<'a>),
    HasAttr(&'a mut HasAttrAst<'a>),
    Attrs(&'a mut AttrsAst<'a>),
    List(&'a [Ast<'a>]),
    Lambda(&'a mut LambdaAst<'a>),
    Call(&'a mut CallAst<'a>),
    Let(&'a mut LetAst<'a>),
    With(&'a mut WithAst<'a>),
    If(&'a mut IfAst<'a>),
    Assert(&'a mut AssertAst<'a>),
    Not(&'a mut Ast<'a>),
    Binary(&'a mut BinaryAst<'a>),
}

/// The operators that are not calls in Nix.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BinaryOperator {
    Equal,
    NotEqual,
    And,
    Or,
    Implies,
    Update,
    ConcatLists,
}

/// `"a ${b}"`, `./a/${b}` and `a + b`.
pub(crate) struct ConcatAst<'a> {
    /// Whether the result is a string whatever the first part is.
    pub(crate) force_string: bool,
    /// Where Nix says the operation is: the `+`, or the whole string.
    pub(crate) pos: Span,
    pub(crate) parts: BumpVec<'a, Ast<'a>>,
}

/// One name of an attribute path.
pub(crate) enum AttrName<'a> {
    Static(Symbol),
    Dynamic(Ast<'a>),
}

/// `subject.path or default`
pub(crate) struct SelectAst<'a> {
    pub(crate) subject: Ast<'a>,
    pub(crate) path: BumpVec<'a, (AttrName<'a>, Span)>,
    pub(crate) default: Option<Ast<'a>>,
}

/// `subject ? path`
pub(crate) struct HasAttrAst<'a> {
    pub(crate) subject: Ast<'a>,
    pub(crate) path: BumpVec<'a, (AttrName<'a>, Span)>,
}

/// Where an attribute's value comes from.
pub(crate) enum AttrSource<'a> {
    /// `name = value`
    Plain(Ast<'a>),
    /// `inherit name`: the variable of the scope outside.
    Inherited,
    /// `inherit (source) name`, by index into [`AttrsAst::sources`].
    InheritedFrom(usize),
}

/// One attribute with a name known before evaluation.
pub(crate) struct AttrAst<'a> {
    pub(crate) name: Symbol,
    pub(crate) pos: Span,
    pub(crate) source: AttrSource<'a>,
}

/// An attribute whose name is computed.
pub(crate) struct DynamicAttrAst<'a> {
    pub(crate) name: Ast<'a>,
    pub(crate) value: Ast<'a>,
    pub(crate) pos: Span,
}

/// An attribute set, or the bindings of a `let`.
pub(crate) struct AttrsAst<'a> {
    /// Distinguishes the sets of one file, for the table of their names.
    pub(crate) id: u32,
    pub(crate) recursive: bool,
    /// In the order of the text; no name occurs twice.
    pub(crate) attrs: BumpVec<'a, AttrAst<'a>>,
    pub(crate) dynamic: BumpVec<'a, DynamicAttrAst<'a>>,
    /// What the `inherit (…)` of this set inherit from.
    pub(crate) sources: BumpVec<'a, Ast<'a>>,
}

/// A formal argument of a `{ … }:` function.
pub(crate) struct FormalAst<'a> {
    pub(crate) name: Symbol,
    pub(crate) pos: Span,
    pub(crate) default: Option<Ast<'a>>,
}

/// The formals of a `{ … }:` function.
pub(crate) struct FormalsAst<'a> {
    /// In the order of the text.
    pub(crate) formals: BumpVec<'a, FormalAst<'a>>,
    pub(crate) ellipsis: bool,
}

/// A function. At least one of `arg` and `formals` is there.
pub(crate) struct LambdaAst<'a> {
    pub(crate) arg: Option<Symbol>,
    pub(crate) formals: Option<FormalsAst<'a>>,
    pub(crate) body: Ast<'a>,
    /// What it was bound to, for messages.
    pub(crate) name: Option<Symbol>,
}

/// `function arg…`
pub(crate) struct CallAst<'a> {
    pub(crate) function: Ast<'a>,
    /// Where Nix says the call is: the operator of those that are calls, or the
    /// whole.
    pub(crate) pos: Span,
    pub(crate) args: BumpVec<'a, Ast<'a>>,
}

/// `let bindings in body`
pub(crate) struct LetAst<'a> {
    pub(crate) bindings: &'a mut AttrsAst<'a>,
    pub(crate) body: Ast<'a>,
}

/// `with namespace; body`
pub(crate) struct WithAst<'a> {
    pub(crate) namespace: Ast<'a>,
    pub(crate) body: Ast<'a>,
}

/// `if condition then then else otherwise`
pub(crate) struct IfAst<'a> {
    pub(crate) condition: Ast<'a>,
    pub(crate) then: Ast<'a>,
    pub(crate) otherwise: Ast<'a>,
}

/// `assert condition; body`
pub(crate) struct AssertAst<'a> {
    pub(crate) condition: Ast<'a>,
    pub(crate) body: Ast<'a>,
}

/// `left operator right`
pub(crate) struct BinaryAst<'a> {
    pub(crate) operator: BinaryOperator,
    /// Where the operator stands.
    pub(crate) operator_span: Span,
    pub(crate) left: Ast<'a>,
    pub(crate) right: Ast<'a>,
}
