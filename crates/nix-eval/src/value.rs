//! Values, thunks and environments.
//!
//! Everything lives in one arena that is dropped as a whole with the
//! evaluation, so a value is a small `Copy` word pair and sharing costs nothing.
//! A [`Value`] is in weak head normal form; a [`Lazy`] may still be a thunk.
//! What is lazy in the language (list items, attributes, arguments) is `Lazy`
//! in the types, so that forgetting to force something does not compile.

use std::borrow::Cow;
use std::cell::Cell;

use crate::attrs::Attrs;
use crate::env::{Env, EnvId};
use crate::error::Result;
use crate::evaluator::Evaluator;
use crate::expr::{ExprId, Lambda};
use crate::source::Span;
use crate::string::{NixPath, NixString};

/// A value in weak head normal form.
#[derive(Clone, Copy)]
pub enum Value<'h> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A double.
    Float(f64),
    /// A string of bytes with its context.
    String(&'h NixString<'h>),
    /// An absolute path.
    Path(&'h NixPath<'h>),
    /// A list. Compared by pointer before it is compared by content.
    List(&'h List<'h>),
    /// An attribute set.
    Attrs(&'h Attrs<'h>),
    /// A function written in Nix.
    Closure(&'h Closure<'h>),
    /// A function written in Rust, without arguments so far.
    Primop(&'h Primop<'h>),
    /// A function written in Rust, with fewer arguments than it takes.
    PrimopApp(&'h PrimopApp<'h>),
}

/// A value that may not have been computed yet.
#[derive(Clone, Copy)]
pub enum Lazy<'h> {
    /// Computed.
    Ready(Value<'h>),
    /// To be computed on demand, once.
    Thunk(&'h Thunk<'h>),
    /// An integer that was computed before anybody asked for it, since that cost less
    /// than a thunk. Nobody can tell: where it shows what is evaluated, it is not.
    Early(i64),
}

impl<'h> From<Value<'h>> for Lazy<'h> {
    fn from(value: Value<'h>) -> Self {
        Lazy::Ready(value)
    }
}

/// A computation that is run at most once.
pub struct Thunk<'h>(pub(crate) Cell<ThunkState<'h>>);

/// What a thunk holds.
#[derive(Clone, Copy)]
pub(crate) enum ThunkState<'h> {
    /// The result.
    Done(Value<'h>),
    /// An expression and the environment to evaluate it in.
    Suspended(ExprId, EnvId),
    /// A function to call with one of several things, as `map`, `mapAttrs` and `genList` do.
    Apply { index: u32, mapped: MappedId },
    /// A computation written in Rust.
    Native(&'h &'h NativeThunk<'h>),
    /// Being computed: to need it now is infinite recursion.
    Busy,
}

/// A function that is called on demand, each time with something else.
#[derive(Clone, Copy)]
pub(crate) struct Mapped<'h> {
    pub(crate) function: Lazy<'h>,
    pub(crate) over: Over<'h>,
    /// Whether Nix knows already where the function is written.
    pub(crate) is_known: bool,
}

/// What a function is called with, one at a time.
#[derive(Clone, Copy)]
pub(crate) enum Over<'h> {
    Items(&'h List<'h>),
    Attrs(&'h Attrs<'h>),
    Indices,
}

/// A [`Mapped`] as a number: half of a reference, so that a thunk takes two words.
#[derive(Clone, Copy)]
pub(crate) struct MappedId(pub(crate) u32);

/// A delayed computation written in Rust. What it captures is not dropped: it
/// should hold arena references and plain data only.
pub type NativeThunk<'h> = dyn Fn(&mut Evaluator<'h>) -> Result<Value<'h>> + 'h;

/// A list. A struct of its own so that a [`Value`] stays two words.
pub struct List<'h> {
    /// The items.
    pub items: &'h [Lazy<'h>],
}

/// A function written in Nix, with the environment it closes over.
pub struct Closure<'h> {
    /// Parameters and body.
    pub lambda: &'h Lambda<'h>,
    pub(crate) env: &'h Env<'h>,
    /// The arguments so far: fewer than there are parameters.
    pub(crate) args: Option<&'h List<'h>>,
}

/// The code of a function written in Rust: it is called with exactly `arity`
/// arguments and the span of the call.
pub type PrimopFn<'h> = dyn Fn(&mut Evaluator<'h>, &[Lazy<'h>], Span) -> Result<Value<'h>> + 'h;

/// A function written in Rust: a builtin, or a closure made by native code.
pub struct Primop<'h> {
    /// Its name in messages, such as `map` or `lib.mkOption`.
    pub name: &'h str,
    /// How many arguments it takes; at least one.
    pub arity: usize,
    /// Its code.
    pub code: &'h PrimopFn<'h>,
}

/// A function written in Rust with some of its arguments.
pub struct PrimopApp<'h> {
    /// The function.
    pub primop: &'h Primop<'h>,
    /// The arguments so far: at least one, fewer than its arity.
    pub args: &'h [Lazy<'h>],
}

impl Value<'_> {
    /// Whether it is a function of any kind.
    pub fn is_function(&self) -> bool {
        matches!(
            self,
            Value::Closure(_) | Value::Primop(_) | Value::PrimopApp(_)
        )
    }

    /// Where a delayed application of this function is said to be: where the
    /// function is; else `otherwise`.
    pub(crate) fn application_span(&self, otherwise: Span) -> Span {
        match self {
            Value::Closure(closure) => closure.span(),
            _ => otherwise,
        }
    }

    /// The type as `builtins.typeOf` names it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::String(_) => "string",
            Value::Path(_) => "path",
            Value::List(_) => "list",
            Value::Attrs(_) => "set",
            Value::Closure(_) | Value::Primop(_) | Value::PrimopApp(_) => "lambda",
        }
    }

    /// The type with an article, as messages name it ("a string", "an integer").
    pub fn type_with_article(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Value::Null => "null",
            Value::Bool(_) => "a Boolean",
            Value::Int(_) => "an integer",
            Value::Float(_) => "a float",
            Value::String(string) if string.context.is_empty() => "a string",
            Value::String(_) => "a string with context",
            Value::Path(_) => "a path",
            Value::List(_) => "a list",
            Value::Attrs(_) => "a set",
            Value::Closure(_) => "a function",
            Value::Primop(primop) => {
                return format!("the built-in function '{}'", primop.name).into();
            }
            Value::PrimopApp(partial) => {
                let name = partial.primop.name;
                return format!("the partially applied built-in function '{name}'").into();
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The evaluator's memory use rests on these sizes.
    #[test]
    fn values_are_two_words() {
        assert_eq!(size_of::<Value<'_>>(), 16);
        assert_eq!(size_of::<Lazy<'_>>(), 16);
        assert_eq!(size_of::<Thunk<'_>>(), 16);
    }
}
