//! Simplification of expressions before 6.12, when every tree was changed in place.
//!
//! Duplicates are sought by comparing a tree with itself while it changes, so that it matters
//! which node an operand *is*, not only what it says; and constants are folded only after a
//! duplicate was found.

use super::deep;
use super::shared::{self, common_symbol, equal};
use crate::tree::{Expr, ExprId, Tree};

#[derive(Debug, Clone, Copy)]
enum Node {
    And(u32, u32),
    Or(u32, u32),
    Leaf(ExprId),
}

/// A place that holds a node: the root, or one side of an operator.
#[derive(Debug, Clone, Copy)]
enum Slot {
    Root,
    Left(u32),
    Right(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    And,
    Or,
}

/// A tree of which every node has an identity.
struct Workpiece {
    nodes: Vec<Node>,
    root: u32,
    changes: u32,
}

pub(super) fn eliminate_duplicates(tree: &mut Tree, expr: ExprId) -> ExprId {
    let mut expr = expr;
    loop {
        if !matches!(tree.exprs.get(expr), Expr::And(..) | Expr::Or(..)) {
            return expr;
        }
        let mut piece = Workpiece {
            nodes: Vec::new(),
            root: 0,
            changes: 0,
        };
        piece.root = piece.load(tree, expr);
        if let Some(operator) = piece.operator(Slot::Root) {
            piece.compare(tree, operator, Slot::Root, Slot::Root);
        }
        if piece.changes == 0 {
            return expr;
        }
        let changed = piece.store(tree, piece.root);
        expr = eliminate_constants(tree, changed);
    }
}

impl Workpiece {
    fn load(&mut self, tree: &Tree, expr: ExprId) -> u32 {
        let node = match tree.exprs.get(expr) {
            Expr::And(left, right) => {
                let left = deep(|| self.load(tree, left));
                Node::And(left, deep(|| self.load(tree, right)))
            }
            Expr::Or(left, right) => {
                let left = deep(|| self.load(tree, left));
                Node::Or(left, deep(|| self.load(tree, right)))
            }
            _ => Node::Leaf(expr),
        };
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }

    fn store(&self, tree: &mut Tree, node: u32) -> ExprId {
        match self.nodes[node as usize] {
            Node::And(left, right) => {
                let left = deep(|| self.store(tree, left));
                let right = deep(|| self.store(tree, right));
                tree.exprs.and(left, right)
            }
            Node::Or(left, right) => {
                let left = deep(|| self.store(tree, left));
                let right = deep(|| self.store(tree, right));
                tree.exprs.or(left, right)
            }
            Node::Leaf(expr) => expr,
        }
    }

    fn get(&self, slot: Slot) -> u32 {
        match slot {
            Slot::Root => self.root,
            Slot::Left(node) => match self.nodes[node as usize] {
                Node::And(left, _) | Node::Or(left, _) => left,
                Node::Leaf(_) => node,
            },
            Slot::Right(node) => match self.nodes[node as usize] {
                Node::And(_, right) | Node::Or(_, right) => right,
                Node::Leaf(_) => node,
            },
        }
    }

    fn set(&mut self, tree: &Tree, slot: Slot, expr: ExprId) {
        let new = self.load(tree, expr);
        match slot {
            Slot::Root => self.root = new,
            Slot::Left(node) => {
                if let Node::And(left, _) | Node::Or(left, _) = &mut self.nodes[node as usize] {
                    *left = new;
                }
            }
            Slot::Right(node) => {
                if let Node::And(_, right) | Node::Or(_, right) = &mut self.nodes[node as usize] {
                    *right = new;
                }
            }
        }
    }

    fn operator(&self, slot: Slot) -> Option<Operator> {
        match self.nodes[self.get(slot) as usize] {
            Node::And(..) => Some(Operator::And),
            Node::Or(..) => Some(Operator::Or),
            Node::Leaf(_) => None,
        }
    }

    /// Compares all operands of one slot with all of the other (`expr_eliminate_dups1`).
    fn compare(&mut self, tree: &mut Tree, operator: Operator, first: Slot, second: Slot) {
        if self.operator(first) == Some(operator) {
            let node = self.get(first);
            deep(|| self.compare(tree, operator, Slot::Left(node), second));
            deep(|| self.compare(tree, operator, Slot::Right(node), second));
            return;
        }
        if self.operator(second) == Some(operator) {
            let node = self.get(second);
            deep(|| self.compare(tree, operator, first, Slot::Left(node)));
            deep(|| self.compare(tree, operator, first, Slot::Right(node)));
            return;
        }
        if self.get(first) == self.get(second) {
            return;
        }
        if let Some(inner) = self.operator(first) {
            deep(|| self.compare(tree, inner, first, first));
        }
        let one = self.store(tree, self.get(first));
        let other = self.store(tree, self.get(second));
        if let Some(joined) = join(tree, operator, one, other) {
            let neutral = match operator {
                Operator::Or => ExprId::NO,
                Operator::And => ExprId::YES,
            };
            self.set(tree, first, neutral);
            self.set(tree, second, joined);
            self.changes += 1;
        }
    }
}

fn join(tree: &mut Tree, operator: Operator, one: ExprId, other: ExprId) -> Option<ExprId> {
    if equal(tree, one, other) {
        return Some(one);
    }
    let (first, second) = (tree.exprs.get(one), tree.exprs.get(other));
    let symbol = common_symbol(tree, first, second)?;
    match operator {
        Operator::Or => shared::simple_or(tree, symbol, first, second),
        Operator::And => shared::simple_and(tree, symbol, first, second),
    }
}

/// `expr_eliminate_yn`, which also keeps what it simplified below an operator that stays.
fn eliminate_constants(tree: &mut Tree, expr: ExprId) -> ExprId {
    match tree.exprs.get(expr) {
        Expr::And(left, right) => {
            let left = deep(|| eliminate_constants(tree, left));
            let right = deep(|| eliminate_constants(tree, right));
            match (left, right) {
                (ExprId::NO, _) | (_, ExprId::NO) => ExprId::NO,
                (ExprId::YES, _) => right,
                (_, ExprId::YES) => left,
                _ => tree.exprs.and(left, right),
            }
        }
        Expr::Or(left, right) => {
            let left = deep(|| eliminate_constants(tree, left));
            let right = deep(|| eliminate_constants(tree, right));
            match (left, right) {
                (ExprId::YES, _) | (_, ExprId::YES) => ExprId::YES,
                (ExprId::NO, _) => right,
                (_, ExprId::NO) => left,
                _ => tree.exprs.or(left, right),
            }
        }
        _ => expr,
    }
}
