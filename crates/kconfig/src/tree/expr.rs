//! Expressions: dependencies, conditions, ranges. Equal expressions are one node.

use super::SymbolId;
use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;
use std::hash::BuildHasher;

/// An expression of a [`Tree`](super::Tree).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub(crate) u32);

impl ExprId {
    /// The constant `y`.
    pub const YES: Self = Self(0);
    /// The constant `m`.
    pub const MOD: Self = Self(1);
    /// The constant `n`.
    pub const NO: Self = Self(2);

    /// The index, for tables beside the tree.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// How two symbols are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
}

impl Comparison {
    /// The comparison that holds exactly where this one does not.
    pub(crate) fn negate(self) -> Self {
        match self {
            Self::Equal => Self::Unequal,
            Self::Unequal => Self::Equal,
            Self::Less => Self::GreaterEqual,
            Self::LessEqual => Self::Greater,
            Self::Greater => Self::LessEqual,
            Self::GreaterEqual => Self::Less,
        }
    }

    /// The operator as it is written.
    pub fn operator(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }
}

/// One node of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expr {
    /// The value of a symbol.
    Symbol(SymbolId),
    /// `!a`
    Not(ExprId),
    /// `a && b`: the lesser of both.
    And(ExprId, ExprId),
    /// `a || b`: the greater of both.
    Or(ExprId, ExprId),
    /// A comparison of two symbols' values: `y` or `n`.
    Compare(Comparison, SymbolId, SymbolId),
    /// The bounds of a `range` property; not a value.
    Range(SymbolId, SymbolId),
}

/// All expressions of a tree, each distinct one once.
#[derive(Debug, Clone)]
pub(crate) struct ExprTable {
    nodes: Vec<Expr>,
    index: HashTable<u32>,
}

impl ExprTable {
    pub(crate) fn new() -> Self {
        let mut table = Self {
            nodes: Vec::new(),
            index: HashTable::new(),
        };
        for (symbol, expected) in [
            (SymbolId::YES, ExprId::YES),
            (SymbolId::MOD, ExprId::MOD),
            (SymbolId::NO, ExprId::NO),
        ] {
            let id = table.symbol(symbol);
            debug_assert_eq!(id, expected);
        }
        table
    }

    /// The table of a finished tree, to which nothing is added.
    pub(crate) fn of_nodes(nodes: Vec<Expr>) -> Self {
        Self {
            nodes,
            index: HashTable::new(),
        }
    }

    /// Nothing more is added: what finds equal nodes is forgotten.
    pub(crate) fn finish(&mut self) {
        self.index = HashTable::new();
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = Expr> + '_ {
        self.nodes.iter().copied()
    }

    pub(crate) fn get(&self, id: ExprId) -> Expr {
        self.nodes[id.0 as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn intern(&mut self, expr: Expr) -> ExprId {
        let hashed = FxBuildHasher.hash_one(expr);
        let Self { nodes, index } = self;
        if let Some(&id) = index.find(hashed, |&id| nodes[id as usize] == expr) {
            return ExprId(id);
        }
        let id = nodes.len() as u32;
        nodes.push(expr);
        index.insert_unique(hashed, id, |&other| {
            FxBuildHasher.hash_one(nodes[other as usize])
        });
        ExprId(id)
    }

    pub(crate) fn symbol(&mut self, symbol: SymbolId) -> ExprId {
        self.intern(Expr::Symbol(symbol))
    }

    pub(crate) fn not(&mut self, operand: ExprId) -> ExprId {
        self.intern(Expr::Not(operand))
    }

    pub(crate) fn and(&mut self, left: ExprId, right: ExprId) -> ExprId {
        self.intern(Expr::And(left, right))
    }

    pub(crate) fn or(&mut self, left: ExprId, right: ExprId) -> ExprId {
        self.intern(Expr::Or(left, right))
    }

    pub(crate) fn compare(
        &mut self,
        comparison: Comparison,
        left: SymbolId,
        right: SymbolId,
    ) -> ExprId {
        self.intern(Expr::Compare(comparison, left, right))
    }

    /// `left && right`, where an absent side does not limit the other (`expr_alloc_and`).
    pub(crate) fn and_maybe(
        &mut self,
        left: Option<ExprId>,
        right: Option<ExprId>,
    ) -> Option<ExprId> {
        match (left, right) {
            (Some(left), Some(right)) => Some(self.and(left, right)),
            (one, other) => one.or(other),
        }
    }

    /// `left || right`, where an absent side is left out (`expr_alloc_or`).
    pub(crate) fn or_maybe(
        &mut self,
        left: Option<ExprId>,
        right: Option<ExprId>,
    ) -> Option<ExprId> {
        match (left, right) {
            (Some(left), Some(right)) => Some(self.or(left, right)),
            (one, other) => one.or(other),
        }
    }
}

/// Whether an expression is absent or the constant `y` (`expr_is_yes`).
pub(crate) fn is_yes(expr: Option<ExprId>) -> bool {
    expr.is_none_or(|expr| expr == ExprId::YES)
}
