//! Expressions as messages show them, with the values of their symbols (`expr_print`).

use super::Session;
use crate::diagnostics::{Diagnostic, Severity};
use crate::tree::{Expr, ExprId, SymbolId, SymbolType};
use crate::tristate::Tristate;

impl Session<'_> {
    /// Warns that a symbol is selected although its dependencies are not met.
    pub(super) fn warn_of_unmet_dependencies(&mut self, symbol: SymbolId) {
        if let Some(unspoken) = &mut self.unspoken {
            unspoken.push(symbol);
            return;
        }
        let data = self.tree.symbol(symbol);
        let mut text = b"\nWARNING: unmet direct dependencies detected for ".to_vec();
        text.extend_from_slice(self.tree.name_or_null(symbol));
        let direct = if self.state(symbol).direct == Tristate::Mod {
            'm'
        } else {
            'n'
        };
        text.extend_from_slice(format!("\n  Depends on [{direct}]: ").as_bytes());
        self.print_expr(data.direct, &mut text);
        text.push(b'\n');
        for (value, title) in [
            (Tristate::Yes, "  Selected by [y]:\n"),
            (Tristate::Mod, "  Selected by [m]:\n"),
        ] {
            self.print_alternatives(data.reverse, value, title, &mut text);
        }
        let place = self
            .tree
            .menus_of(symbol)
            .next()
            .map(|menu| self.tree.place(self.tree.menu(menu).position));
        self.warnings
            .push(Diagnostic::bare(Severity::Warning, place, text));
        self.unmet_dependencies += 1;
    }

    /// Prints an expression; an absent one is `y`.
    pub(crate) fn print_expr(&self, expr: Option<ExprId>, out: &mut Vec<u8>) {
        self.tree
            .print_expr_with(expr, out, &mut |symbol, out| self.print_symbol(symbol, out));
    }

    fn print_symbol(&self, symbol: SymbolId, out: &mut Vec<u8>) {
        let data = self.tree.symbol(symbol);
        out.extend_from_slice(self.tree.name_or_choice(symbol));
        if data.name.is_some() && data.kind != SymbolType::Unknown {
            out.extend_from_slice(b" [=");
            out.extend_from_slice(self.value_bytes(symbol));
            out.push(b']');
        }
    }

    /// Prints those alternatives of an `||` that have the given value, a line each
    /// (`expr_print_revdep`).
    pub(crate) fn print_alternatives(
        &mut self,
        expr: Option<ExprId>,
        value: Tristate,
        title: &str,
        out: &mut Vec<u8>,
    ) {
        let Some(expr) = expr else { return };
        let mut alternatives = Vec::new();
        let mut pending = vec![expr];
        while let Some(expr) = pending.pop() {
            if let Expr::Or(left, right) = self.tree.exprs.get(expr) {
                pending.push(right);
                pending.push(left);
            } else {
                alternatives.push(expr);
            }
        }
        let mut title = Some(title);
        for alternative in alternatives {
            if self.expr(alternative) == value {
                if let Some(title) = title.take() {
                    out.extend_from_slice(title.as_bytes());
                }
                out.extend_from_slice(b"  - ");
                self.print_expr(Some(alternative), out);
                out.push(b'\n');
            }
        }
    }
}
