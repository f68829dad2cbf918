//! Questions about expressions, and comparisons put into them.

use super::deep;
use crate::tree::{Comparison, Expr, ExprId, SymbolId, Tree};

/// Whether a symbol occurs in an expression (`expr_contains_symbol`).
pub(crate) fn contains_symbol(tree: &Tree, expr: ExprId, symbol: SymbolId) -> bool {
    match tree.exprs.get(expr) {
        Expr::And(left, right) | Expr::Or(left, right) => {
            deep(|| contains_symbol(tree, left, symbol)) || contains_symbol(tree, right, symbol)
        }
        Expr::Not(operand) => deep(|| contains_symbol(tree, operand, symbol)),
        Expr::Symbol(only) => only == symbol,
        Expr::Compare(_, left, right) => left == symbol || right == symbol,
        Expr::Range(..) => false,
    }
}

/// Whether an expression can only hold where the symbol is not `n`, as far as its form shows
/// (`expr_depends_symbol`).
pub(crate) fn depends_on_symbol(tree: &Tree, expr: ExprId, symbol: SymbolId) -> bool {
    match tree.exprs.get(expr) {
        Expr::And(left, right) => {
            deep(|| depends_on_symbol(tree, left, symbol)) || depends_on_symbol(tree, right, symbol)
        }
        Expr::Symbol(only) => only == symbol,
        Expr::Compare(Comparison::Equal, left, right) => {
            left == symbol && matches!(right, SymbolId::YES | SymbolId::MOD)
        }
        Expr::Compare(Comparison::Unequal, left, right) => left == symbol && right == SymbolId::NO,
        _ => false,
    }
}

/// Whether a symbol occurs in a way that can hold while it is off, such as `A != y`
/// (`expr_contains_symbol_negated`).
pub(crate) fn contains_symbol_negated(tree: &Tree, expr: ExprId, symbol: SymbolId) -> bool {
    match tree.exprs.get(expr) {
        Expr::And(left, right) | Expr::Or(left, right) => {
            deep(|| contains_symbol_negated(tree, left, symbol))
                || contains_symbol_negated(tree, right, symbol)
        }
        Expr::Not(operand) => tree.exprs.get(operand) == Expr::Symbol(symbol),
        Expr::Compare(Comparison::Equal, left, right) => left == symbol && right == SymbolId::NO,
        Expr::Compare(Comparison::Unequal, left, right) => {
            left == symbol && matches!(right, SymbolId::YES | SymbolId::MOD)
        }
        _ => false,
    }
}

/// Turns every operand `A` into the comparison `A = n` or `A != n`, and the whole accordingly
/// (`expr_trans_compare`, which is only ever used with `n`).
pub(crate) fn insert_comparison(
    tree: &mut Tree,
    expr: Option<ExprId>,
    comparison: Comparison,
) -> ExprId {
    let unequal = comparison == Comparison::Unequal;
    let negate_if_unequal = |tree: &mut Tree, expr| {
        if unequal { tree.exprs.not(expr) } else { expr }
    };
    let Some(expr) = expr else {
        let no = ExprId::NO;
        return negate_if_unequal(tree, no);
    };
    match tree.exprs.get(expr) {
        Expr::And(left, right) => {
            let left = deep(|| insert_comparison(tree, Some(left), Comparison::Equal));
            let right = deep(|| insert_comparison(tree, Some(right), Comparison::Equal));
            let joined = tree.exprs.or(left, right);
            negate_if_unequal(tree, joined)
        }
        Expr::Or(left, right) => {
            let left = deep(|| insert_comparison(tree, Some(left), Comparison::Equal));
            let right = deep(|| insert_comparison(tree, Some(right), Comparison::Equal));
            let joined = tree.exprs.and(left, right);
            negate_if_unequal(tree, joined)
        }
        Expr::Not(operand) => deep(|| insert_comparison(tree, Some(operand), comparison.negate())),
        Expr::Compare(..) => {
            if unequal {
                expr
            } else {
                tree.exprs.not(expr)
            }
        }
        Expr::Symbol(symbol) => tree.exprs.compare(comparison, symbol, SymbolId::NO),
        Expr::Range(..) => expr,
    }
}
