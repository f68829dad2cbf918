//! Simplification of shared expressions, as of 6.12.

use super::{Simplifier, deep, warn_bool_compared_to_m};
use crate::diagnostics::Reporter;
use crate::tree::{Comparison, Expr, ExprId, SymbolId, SymbolType, Tree};

/// The operator whose operands are compared with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    And,
    Or,
}

impl Operator {
    fn of(expr: Expr) -> Option<Self> {
        match expr {
            Expr::And(..) => Some(Self::And),
            Expr::Or(..) => Some(Self::Or),
            _ => None,
        }
    }

    fn join(self, tree: &mut Tree, left: ExprId, right: ExprId) -> ExprId {
        match self {
            Self::And => tree.exprs.and(left, right),
            Self::Or => tree.exprs.or(left, right),
        }
    }

    /// The constant that adds nothing under this operator.
    fn neutral(self) -> ExprId {
        match self {
            Self::And => ExprId::YES,
            Self::Or => ExprId::NO,
        }
    }

    fn operands(self, expr: Expr) -> Option<(ExprId, ExprId)> {
        match (self, expr) {
            (Self::And, Expr::And(left, right)) | (Self::Or, Expr::Or(left, right)) => {
                Some((left, right))
            }
            _ => None,
        }
    }
}

/// Normalises comparisons and negations (`expr_transform`).
pub(crate) fn transform(tree: &mut Tree, expr: ExprId, reporter: &mut dyn Reporter) -> ExprId {
    let mut expr = expr;
    match tree.exprs.get(expr) {
        Expr::Not(operand) => {
            let operand = deep(|| transform(tree, operand, reporter));
            expr = tree.exprs.not(operand);
        }
        Expr::And(left, right) => {
            let (left, right) = transform_both(tree, left, right, reporter);
            expr = tree.exprs.and(left, right);
        }
        Expr::Or(left, right) => {
            let (left, right) = transform_both(tree, left, right, reporter);
            expr = tree.exprs.or(left, right);
        }
        _ => {}
    }
    match tree.exprs.get(expr) {
        Expr::Compare(comparison, left, right) => {
            transform_comparison(tree, expr, comparison, left, right, reporter)
        }
        Expr::Not(operand) => transform_negation(tree, expr, operand, reporter),
        _ => expr,
    }
}

/// The order shows in the order of messages. Since 6.12 the reference program passes both sides
/// as arguments, and the compilers it is built with compute the last argument first.
fn transform_both(
    tree: &mut Tree,
    left: ExprId,
    right: ExprId,
    reporter: &mut dyn Reporter,
) -> (ExprId, ExprId) {
    if tree.generation.shares_expressions() {
        let right = deep(|| transform(tree, right, reporter));
        (deep(|| transform(tree, left, reporter)), right)
    } else {
        let left = deep(|| transform(tree, left, reporter));
        (left, deep(|| transform(tree, right, reporter)))
    }
}

fn transform_comparison(
    tree: &mut Tree,
    expr: ExprId,
    comparison: Comparison,
    left: SymbolId,
    right: SymbolId,
    reporter: &mut dyn Reporter,
) -> ExprId {
    if tree.symbol(left).kind != SymbolType::Bool {
        return expr;
    }
    let symbol = tree.exprs.symbol(left);
    match (comparison, right) {
        (Comparison::Equal, SymbolId::NO) => tree.exprs.not(symbol),
        (Comparison::Equal, SymbolId::YES) | (Comparison::Unequal, SymbolId::NO) => symbol,
        // Since 6.12 the reference program takes the symbol for an expression here, by mistake:
        // it prints garbage or crashes. What the language means is the same as before.
        (Comparison::Unequal, SymbolId::YES) => tree.exprs.not(symbol),
        (Comparison::Equal, SymbolId::MOD) => {
            reporter.output(&warn_bool_compared_to_m(tree, left, "n"));
            ExprId::NO
        }
        (Comparison::Unequal, SymbolId::MOD) => {
            reporter.output(&warn_bool_compared_to_m(tree, left, "y"));
            ExprId::YES
        }
        _ => expr,
    }
}

fn transform_negation(
    tree: &mut Tree,
    expr: ExprId,
    operand: ExprId,
    reporter: &mut dyn Reporter,
) -> ExprId {
    match tree.exprs.get(operand) {
        Expr::Not(inner) => inner,
        Expr::Compare(comparison, left, right) => {
            tree.exprs.compare(comparison.negate(), left, right)
        }
        Expr::Or(left, right) => {
            let left = tree.exprs.not(left);
            let right = tree.exprs.not(right);
            let joined = tree.exprs.and(left, right);
            deep(|| transform(tree, joined, reporter))
        }
        Expr::And(left, right) => {
            let left = tree.exprs.not(left);
            let right = tree.exprs.not(right);
            let joined = tree.exprs.or(left, right);
            deep(|| transform(tree, joined, reporter))
        }
        Expr::Symbol(SymbolId::YES) => ExprId::NO,
        Expr::Symbol(SymbolId::MOD) => ExprId::MOD,
        Expr::Symbol(SymbolId::NO) => ExprId::YES,
        _ => expr,
    }
}

pub(super) fn eliminate_duplicates(
    tree: &mut Tree,
    simplifier: &mut Simplifier,
    expr: ExprId,
) -> ExprId {
    let mut expr = expr;
    loop {
        let mut changes = 0;
        if let Some(operator) = Operator::of(tree.exprs.get(expr))
            && let Some((left, right)) = operator.operands(tree.exprs.get(expr))
        {
            let left = deep(|| simplifier.eliminate_duplicates(tree, left));
            let right = deep(|| simplifier.eliminate_duplicates(tree, right));
            let (left, right) = join_operands(tree, operator, left, right, &mut changes);
            expr = operator.join(tree, left, right);
        }
        expr = eliminate_constants(tree, expr);
        if changes == 0 {
            return expr;
        }
    }
}

/// Compares every operand of one side with every operand of the other, and lets one of two
/// that can be joined stand for both (`expr_eliminate_dups1`).
fn join_operands(
    tree: &mut Tree,
    operator: Operator,
    first: ExprId,
    second: ExprId,
    changes: &mut u32,
) -> (ExprId, ExprId) {
    let (mut first, mut second) = (first, second);
    if let Some((left, right)) = operator.operands(tree.exprs.get(first)) {
        let (left, rest) = deep(|| join_operands(tree, operator, left, second, changes));
        second = rest;
        let (right, rest) = deep(|| join_operands(tree, operator, right, second, changes));
        second = rest;
        first = operator.join(tree, left, right);
        return (first, second);
    }
    if let Some((left, right)) = operator.operands(tree.exprs.get(second)) {
        let (rest, left) = deep(|| join_operands(tree, operator, first, left, changes));
        first = rest;
        let (rest, right) = deep(|| join_operands(tree, operator, first, right, changes));
        first = rest;
        second = operator.join(tree, left, right);
        return (first, second);
    }
    let joined = match operator {
        Operator::Or => join_or(tree, first, second),
        Operator::And => join_and(tree, first, second),
    };
    match joined {
        Some(joined) => {
            *changes += 1;
            (operator.neutral(), joined)
        }
        None => (first, second),
    }
}

/// `expr_eliminate_yn`
pub(super) fn eliminate_constants(tree: &mut Tree, expr: ExprId) -> ExprId {
    // The reference program looks at simplified operands but does not build anything of them.
    match tree.exprs.get(expr) {
        Expr::And(left, right) => {
            let left = deep(|| eliminate_constants(tree, left));
            let right = deep(|| eliminate_constants(tree, right));
            match (left, right) {
                (ExprId::NO, _) | (_, ExprId::YES) => left,
                (ExprId::YES, _) | (_, ExprId::NO) => right,
                _ => expr,
            }
        }
        Expr::Or(left, right) => {
            let left = deep(|| eliminate_constants(tree, left));
            let right = deep(|| eliminate_constants(tree, right));
            match (left, right) {
                (ExprId::NO, _) | (_, ExprId::YES) => right,
                (ExprId::YES, _) | (_, ExprId::NO) => left,
                _ => expr,
            }
        }
        _ => expr,
    }
}

/// Removes the operands that two expressions have in common (`expr_eliminate_eq`).
pub(crate) fn eliminate_common(tree: &mut Tree, first: ExprId, second: ExprId) -> (ExprId, ExprId) {
    let (mut first, mut second) = (first, second);
    let operator = Operator::of(tree.exprs.get(first));
    if let Some(operator) = operator {
        (first, second) = cancel(tree, operator, first, second);
    }
    let operator = Operator::of(tree.exprs.get(second));
    if Operator::of(tree.exprs.get(first)) != operator
        && let Some(operator) = operator
    {
        (first, second) = cancel(tree, operator, first, second);
    }
    (
        eliminate_constants(tree, first),
        eliminate_constants(tree, second),
    )
}

/// `__expr_eliminate_eq`
fn cancel(tree: &mut Tree, operator: Operator, first: ExprId, second: ExprId) -> (ExprId, ExprId) {
    let (mut first, mut second) = (first, second);
    if let Some((left, right)) = operator.operands(tree.exprs.get(first)) {
        let (left, rest) = deep(|| cancel(tree, operator, left, second));
        second = rest;
        let (right, rest) = deep(|| cancel(tree, operator, right, second));
        second = rest;
        first = operator.join(tree, left, right);
        return (first, second);
    }
    if let Some((left, right)) = operator.operands(tree.exprs.get(second)) {
        let (rest, left) = deep(|| cancel(tree, operator, first, left));
        first = rest;
        let (rest, right) = deep(|| cancel(tree, operator, first, right));
        first = rest;
        second = operator.join(tree, left, right);
        return (first, second);
    }
    if first == second && matches!(first, ExprId::YES | ExprId::NO) {
        return (first, second);
    }
    if equal(tree, first, second) {
        (operator.neutral(), operator.neutral())
    } else {
        (first, second)
    }
}

/// Whether two expressions are equal up to the order of operands (`expr_eq`).
pub(crate) fn equal(tree: &mut Tree, first: ExprId, second: ExprId) -> bool {
    match (tree.exprs.get(first), tree.exprs.get(second)) {
        (Expr::Range(..), _) => false,
        // Equal nodes are one node.
        _ if first == second => true,
        (Expr::Not(first), Expr::Not(second)) => deep(|| equal(tree, first, second)),
        (Expr::And(..), Expr::And(..)) | (Expr::Or(..), Expr::Or(..)) => {
            let (first, second) = deep(|| eliminate_common(tree, first, second));
            first == second && matches!(tree.exprs.get(first), Expr::Symbol(_))
        }
        _ => false,
    }
}

/// What an operand of a join is about.
fn joined_symbol(tree: &Tree, expr: Expr, deep_negation: bool) -> Option<SymbolId> {
    match expr {
        Expr::Symbol(symbol)
        | Expr::Compare(Comparison::Equal | Comparison::Unequal, symbol, _) => Some(symbol),
        Expr::Not(operand) => match tree.exprs.get(operand) {
            Expr::Symbol(symbol) => Some(symbol),
            Expr::Compare(Comparison::Equal | Comparison::Unequal, symbol, _) if deep_negation => {
                Some(symbol)
            }
            _ => None,
        },
        _ => None,
    }
}

/// The symbol that both operands are about, if they are simple enough to be joined.
pub(super) fn common_symbol(tree: &Tree, first: Expr, second: Expr) -> Option<SymbolId> {
    let symbol = joined_symbol(tree, first, true)?;
    (joined_symbol(tree, second, false)? == symbol && tree.symbol(symbol).kind.is_logical())
        .then_some(symbol)
}

/// What `first || second` comes to, where one operand can stand for both.
fn join_or(tree: &mut Tree, first: ExprId, second: ExprId) -> Option<ExprId> {
    if equal(tree, first, second) {
        return Some(first);
    }
    let (first, second) = (tree.exprs.get(first), tree.exprs.get(second));
    let symbol = common_symbol(tree, first, second)?;
    simple_or(tree, symbol, first, second)
}

/// What `first && second` comes to, where one operand can stand for both.
fn join_and(tree: &mut Tree, first: ExprId, second: ExprId) -> Option<ExprId> {
    if equal(tree, first, second) {
        return Some(first);
    }
    let (first, second) = (tree.exprs.get(first), tree.exprs.get(second));
    let symbol = common_symbol(tree, first, second)?;
    simple_and(tree, symbol, first, second)
}

/// The third of the values `y`, `m`, `n`.
fn remaining(one: SymbolId, other: SymbolId) -> Option<SymbolId> {
    match (one, other) {
        (SymbolId::YES, SymbolId::MOD) | (SymbolId::MOD, SymbolId::YES) => Some(SymbolId::NO),
        (SymbolId::YES, SymbolId::NO) | (SymbolId::NO, SymbolId::YES) => Some(SymbolId::MOD),
        (SymbolId::MOD, SymbolId::NO) | (SymbolId::NO, SymbolId::MOD) => Some(SymbolId::YES),
        _ => None,
    }
}

/// `||` of two operands about the same symbol (the second half of `expr_join_or`).
pub(super) fn simple_or(
    tree: &mut Tree,
    symbol: SymbolId,
    first: Expr,
    second: Expr,
) -> Option<ExprId> {
    use Comparison::{Equal, Unequal};
    match tree.symbol(symbol).kind {
        SymbolType::Tristate => {
            if let (Expr::Compare(Equal, _, one), Expr::Compare(Equal, _, other)) = (first, second)
            {
                let third = remaining(one, other)?;
                return Some(tree.exprs.compare(Unequal, symbol, third));
            }
        }
        SymbolType::Bool => {
            let is_negated = |expr| {
                matches!(expr, Expr::Not(operand)
                    if matches!(tree.exprs.get(operand), Expr::Symbol(_)))
            };
            let is_symbol = |expr| matches!(expr, Expr::Symbol(_));
            if is_negated(first) && is_symbol(second) || is_negated(second) && is_symbol(first) {
                return Some(ExprId::YES);
            }
        }
        _ => {}
    }
    None
}

/// `&&` of two operands about the same symbol (the second half of `expr_join_and`).
pub(super) fn simple_and(
    tree: &mut Tree,
    symbol: SymbolId,
    first: Expr,
    second: Expr,
) -> Option<ExprId> {
    use Comparison::{Equal, Unequal};
    if let (Expr::Symbol(_), Expr::Compare(comparison, _, value))
    | (Expr::Compare(comparison, _, value), Expr::Symbol(_)) = (first, second)
    {
        match (comparison, value) {
            (Equal, SymbolId::YES) | (Unequal, SymbolId::MOD) => {
                return Some(tree.exprs.compare(Equal, symbol, SymbolId::YES));
            }
            (Unequal, SymbolId::NO) => return Some(tree.exprs.symbol(symbol)),
            _ => return None,
        }
    }
    if tree.symbol(symbol).kind != SymbolType::Tristate {
        return None;
    }
    match (first, second) {
        (Expr::Compare(Equal, _, value), Expr::Compare(Unequal, _, excluded))
        | (Expr::Compare(Unequal, _, excluded), Expr::Compare(Equal, _, value))
            if tree.symbol(value).is_constant && tree.symbol(excluded).is_constant =>
        {
            if value == excluded {
                Some(ExprId::NO)
            } else {
                Some(tree.exprs.compare(Equal, symbol, value))
            }
        }
        (Expr::Compare(Unequal, _, one), Expr::Compare(Unequal, _, other)) => {
            let third = remaining(one, other)?;
            Some(tree.exprs.compare(Equal, symbol, third))
        }
        _ => None,
    }
}
