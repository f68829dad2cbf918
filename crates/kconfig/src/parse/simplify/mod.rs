//! Simplification of expressions (expr.c).
//!
//! How far expressions are simplified decides which entries move into automatic submenus, and
//! what messages show; it differs between generations. Since 6.12 expressions are shared and
//! rebuilt ([`shared`]); before, each use had its own copy and was changed in place
//! ([`in_place`]).

mod compare;
mod in_place;
mod shared;

pub(crate) use compare::{
    contains_symbol, contains_symbol_negated, depends_on_symbol, insert_comparison,
};
pub(crate) use shared::{eliminate_common, equal, transform};

use crate::tree::{ExprId, Tree};
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

/// Simplifies the expressions of a tree by the rules of its generation.
pub(crate) struct Simplifier {
    without_duplicates: HashMap<ExprId, ExprId, FxBuildHasher>,
    shares: bool,
}

impl Simplifier {
    pub(crate) fn new(tree: &Tree) -> Self {
        Self {
            without_duplicates: HashMap::default(),
            shares: tree.generation.shares_expressions(),
        }
    }

    /// Forgets results: they depend on the types of symbols, one of which has changed.
    pub(crate) fn types_changed(&mut self) {
        self.without_duplicates.clear();
    }

    /// Removes operands that say the same twice (`expr_eliminate_dups`).
    pub(crate) fn eliminate_duplicates(&mut self, tree: &mut Tree, expr: ExprId) -> ExprId {
        if let Some(&known) = self.without_duplicates.get(&expr) {
            return known;
        }
        let result = if self.shares {
            shared::eliminate_duplicates(tree, self, expr)
        } else {
            in_place::eliminate_duplicates(tree, expr)
        };
        self.without_duplicates.insert(expr, result);
        result
    }
}

/// The message of a comparison that can never hold, or always does.
fn warn_bool_compared_to_m(tree: &Tree, symbol: crate::tree::SymbolId, forced: &str) -> Vec<u8> {
    let mut text = b"boolean symbol ".to_vec();
    text.extend_from_slice(tree.name_bytes(symbol));
    text.extend_from_slice(b" tested for 'm'? test forced to '");
    text.extend_from_slice(forced.as_bytes());
    text.extend_from_slice(b"'\n");
    text
}

/// Runs a step of a recursion over an expression, with more stack where that is short.
fn deep<T>(step: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(64 << 10, 1 << 20, step)
}
