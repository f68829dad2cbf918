//! Expressions as far as rules look into them: calls, paths, and what is wrapped around an answer.

use rnix::SyntaxNode;
use rnix::ast::{Apply, Expr};
use rowan::ast::AstNode;

use super::scope::{Binding, look_up, opens_kernel_lib};
use super::{attr_name, ident_name};

/// An expression without parentheses around it.
pub(crate) fn bare(expr: Expr) -> Expr {
    let mut expr = expr;
    while let Expr::Paren(paren) = &expr {
        match paren.expr() {
            Some(inner) => expr = inner,
            None => break,
        }
    }
    expr
}

/// The names of a variable or a selection without default: `lib.kernel.yes`.
pub(crate) fn path(expr: &Expr) -> Option<Vec<String>> {
    match bare(expr.clone()) {
        Expr::Ident(ident) => Some(vec![ident_name(&ident)?]),
        Expr::Select(select) if select.default_expr().is_none() => {
            let mut names = path(&select.expr()?)?;
            for attr in select.attrpath()?.attrs() {
                names.push(attr_name(&attr)?);
            }
            Some(names)
        }
        _ => None,
    }
}

/// Whether an expression is a variable or selection that ends in these names.
pub(crate) fn ends_with_path(expr: &Expr, names: &[&str]) -> bool {
    path(expr).is_some_and(|path| {
        path.len() >= names.len()
            && path
                .iter()
                .rev()
                .zip(names.iter().rev())
                .all(|(a, b)| a == b)
    })
}

/// A function and the arguments that it is applied to.
pub(crate) struct Call {
    /// The function.
    pub(crate) function: Expr,
    /// The last name of the function's path: `mkIf` of `lib.mkIf`.
    pub(crate) name: String,
    /// The arguments in order.
    pub(crate) arguments: Vec<Expr>,
}

impl Call {
    /// The call that an expression is.
    pub(crate) fn of(expr: &Expr) -> Option<Self> {
        let Expr::Apply(apply) = bare(expr.clone()) else {
            return None;
        };
        let mut arguments = Vec::new();
        let mut function = Expr::Apply(apply);
        while let Expr::Apply(apply) = &function {
            arguments.push(apply.argument()?);
            function = bare(apply.lambda()?);
        }
        arguments.reverse();
        let name = path(&function)?.pop()?;
        Some(Self {
            function,
            name,
            arguments,
        })
    }

    /// The call that a node is, unless it is only the function of a larger call.
    pub(crate) fn whole(node: &SyntaxNode) -> Option<Self> {
        let apply = Apply::cast(node.clone())?;
        let parent = node.parent().and_then(Apply::cast);
        let is_function = parent
            .and_then(|parent| parent.lambda())
            .is_some_and(|function| function.syntax() == node);
        if is_function {
            return None;
        }
        Self::of(&Expr::Apply(apply))
    }

    /// The only argument.
    pub(crate) fn only(&self) -> Option<&Expr> {
        match self.arguments.as_slice() {
            [argument] => Some(argument),
            _ => None,
        }
    }
}

/// What stands around an answer: `lib.mkForce`, `option`, `whenAtLeast "6.1"`.
pub(crate) struct Wrapper {
    /// The call; its last argument is what is wrapped.
    pub(crate) call: Call,
    /// All of it.
    pub(crate) whole: Expr,
}

/// Functions that give back their last argument with a property, and how many arguments they take.
const WRAPPERS: &[(&str, usize)] = &[
    ("mkForce", 1),
    ("mkDefault", 1),
    ("mkOptionDefault", 1),
    ("mkVMOverride", 1),
    ("mkImageMediaOverride", 1),
    ("mkBefore", 1),
    ("mkAfter", 1),
    ("option", 1),
    ("mkOverride", 2),
    ("mkOrder", 2),
    ("mkIf", 2),
    ("whenAtLeast", 2),
    ("whenOlder", 2),
    ("whenBetween", 3),
];

/// Takes the wrappers off an answer, the outermost first.
pub(crate) fn unwrap(expr: &Expr) -> (Vec<Wrapper>, Expr) {
    let mut wrappers = Vec::new();
    let mut core = bare(expr.clone());
    loop {
        let Some(call) = Call::of(&core) else { break };
        let arity = WRAPPERS.iter().find(|(name, _)| *name == call.name);
        let Some(inner) = call.arguments.last().cloned() else {
            break;
        };
        if arity.is_none_or(|(_, arity)| *arity != call.arguments.len()) {
            break;
        }
        wrappers.push(Wrapper { call, whole: core });
        core = bare(inner);
    }
    (wrappers, core)
}

/// The names that `lib.kernel` has.
pub(crate) const KERNEL_LIB: &[&str] = &[
    "yes",
    "no",
    "module",
    "unset",
    "freeform",
    "option",
    "whenHelpers",
];

/// The name of `lib.kernel` that an expression is, as far as its file tells.
pub(crate) fn kernel_lib(expr: &Expr) -> Option<String> {
    let expr = bare(expr.clone());
    let mut names = path(&expr)?;
    let name = names.pop()?;
    if !KERNEL_LIB.contains(&name.as_str()) {
        return None;
    }
    let is_it = match names.last() {
        Some(last) => last == "kernel",
        None => match look_up(&name, expr.syntax()) {
            Binding::With(withs) => withs.iter().any(opens_kernel_lib),
            Binding::From(from) => ends_with_path(&from, &["kernel"]),
            Binding::Value(value) => kernel_lib(&value).as_deref() == Some(name.as_str()),
            Binding::Argument(_) | Binding::Free => false,
        },
    };
    is_it.then_some(name)
}

/// The argument of `freeform`, if an answer is one.
pub(crate) fn freeform(core: &Expr) -> Option<Expr> {
    let call = Call::of(core)?;
    (kernel_lib(&call.function).as_deref() == Some("freeform"))
        .then(|| call.only().cloned())
        .flatten()
}
