//! Sets that are put together: `left // right`, and the list of a `mkMerge`.

use rnix::SyntaxNode;
use rnix::ast::{BinOp, BinOpKind, Expr};
use rowan::ast::AstNode;

use super::expr::{Call, bare};

/// An expression `left // right`, its operands without parentheses.
pub(crate) struct Update {
    /// What is kept where the other one says nothing.
    pub(crate) left: Expr,
    /// What wins.
    pub(crate) right: Expr,
}

impl Update {
    /// The update that an expression is.
    pub(crate) fn of(expr: &Expr) -> Option<Self> {
        let Expr::BinOp(operation) = expr else {
            return None;
        };
        if operation.operator() != Some(BinOpKind::Update) {
            return None;
        }
        Some(Self {
            left: bare(operation.lhs()?),
            right: bare(operation.rhs()?),
        })
    }
}

/// All updates below a node, in the order of the text.
pub(crate) fn updates(root: &SyntaxNode) -> impl Iterator<Item = Update> {
    let operations = root.descendants().filter_map(BinOp::cast);
    operations.filter_map(|operation| Update::of(&Expr::BinOp(operation)))
}

/// What a chain of updates is made of, the first operand first.
pub(crate) fn operands(expr: Expr) -> Vec<Expr> {
    let mut operands = Vec::new();
    let mut open = vec![bare(expr)];
    while let Some(expr) = open.pop() {
        match Update::of(&expr) {
            Some(Update { left, right }) => open.extend([right, left]),
            None => operands.push(expr),
        }
    }
    operands
}

/// What the lists of all `mkMerge` below a node hold, a list each.
pub(crate) fn merges(root: &SyntaxNode) -> impl Iterator<Item = Vec<Expr>> {
    let calls = root.descendants().filter_map(|node| Call::whole(&node));
    let merges = calls.filter(|call| call.name == "mkMerge");
    merges.filter_map(|call| match bare(call.only()?.clone()) {
        Expr::List(list) => Some(list.items().collect()),
        _ => None,
    })
}
