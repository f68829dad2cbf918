//! Expressions as text, the way Kconfig files write them (`expr_print` in expr.c).

use super::{Expr, ExprId, SymbolId, Tree};

/// How tightly the operator around an expression binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    Or,
    And,
    Not,
}

impl Tree {
    /// An expression as a Kconfig file would write it; an absent one is `y`.
    ///
    /// Words that stand for themselves are quoted, but for `y`, `m`, `n` and numbers.
    pub fn expr_text(&self, expr: Option<ExprId>) -> String {
        let mut out = Vec::new();
        self.print_expr_with(expr, &mut out, &mut |symbol, out| {
            let is_bare = symbol <= SymbolId::NO || !self.symbol(symbol).is_constant;
            if is_bare {
                out.extend_from_slice(self.name_or_choice(symbol));
            } else {
                out.push(b'"');
                out.extend_from_slice(self.name_bytes(symbol));
                out.push(b'"');
            }
        });
        String::from_utf8_lossy(&out).into_owned()
    }

    /// Prints an expression; `symbol` prints what stands for a symbol.
    pub(crate) fn print_expr_with(
        &self,
        expr: Option<ExprId>,
        out: &mut Vec<u8>,
        symbol: &mut dyn FnMut(SymbolId, &mut Vec<u8>),
    ) {
        match expr {
            Some(expr) => self.print_inside(expr, Around::Nothing, out, symbol),
            None => out.push(b'y'),
        }
    }

    fn print_inside(
        &self,
        expr: ExprId,
        around: Around,
        out: &mut Vec<u8>,
        symbol: &mut dyn FnMut(SymbolId, &mut Vec<u8>),
    ) {
        let node = self.exprs.get(expr);
        let in_parentheses = match node {
            Expr::Or(..) => matches!(around, Around::And | Around::Not),
            Expr::And(..) => around == Around::Not,
            _ => false,
        };
        if in_parentheses {
            out.push(b'(');
        }
        let mut inside = |expr, around, out: &mut Vec<u8>| {
            stacker::maybe_grow(64 << 10, 1 << 20, || {
                self.print_inside(expr, around, out, symbol);
            });
        };
        match node {
            Expr::Symbol(named) => symbol(named, out),
            Expr::Not(operand) => {
                out.push(b'!');
                inside(operand, Around::Not, out);
            }
            Expr::And(left, right) => {
                inside(left, Around::And, out);
                out.extend_from_slice(b" && ");
                inside(right, Around::And, out);
            }
            Expr::Or(left, right) => {
                inside(left, Around::Or, out);
                out.extend_from_slice(b" || ");
                inside(right, Around::Or, out);
            }
            Expr::Compare(comparison, left, right) => {
                symbol(left, out);
                out.extend_from_slice(comparison.operator().as_bytes());
                symbol(right, out);
            }
            Expr::Range(low, high) => {
                out.push(b'[');
                symbol(low, out);
                out.push(b' ');
                symbol(high, out);
                out.push(b']');
            }
        }
        if in_parentheses {
            out.push(b')');
        }
    }
}
