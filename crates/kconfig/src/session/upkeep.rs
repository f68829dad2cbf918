//! Keeping values up to date while symbols are assigned one by one.
//!
//! The reference program forgets all values at every assignment and computes them anew when
//! they are asked for. Here a change spreads along the edges of the [`Graph`], in the order of
//! its groups, as far as values really change. What is computed that way must be what the
//! reference program would compute later, so values are left to be computed when they are asked
//! for (they are *volatile*) where the time shows:
//!
//! - a symbol that is selected in spite of unmet dependencies warns each time it is computed;
//! - a choice (from 6.11 on) uses the visibility that members behind the chosen one had when it
//!   was last computed, so that it matters when it is asked for, and by which member;
//! - in a loop of dependencies it matters where it is entered.
//!
//! So is all that depends on such values.

#[cfg(test)]
mod tests;

use super::{Session, UNKNOWN};
use crate::tree::{ChoiceId, ExprId, Graph, GroupKind, Node, SymbolId};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

pub(super) struct Upkeep {
    graph: Arc<Graph>,
    /// By node: whether its value is computed only when it is asked for.
    volatile: Vec<bool>,
    /// All volatile nodes.
    volatile_nodes: Vec<u32>,
    /// Volatile nodes with a value, which is to be forgotten; some may have none.
    fresh: Vec<u32>,
    /// The groups for whose sake nodes are volatile.
    roots: Vec<u32>,
    /// By group: whether it is one of them.
    is_root: Vec<bool>,
    /// Groups to compute, those that others depend on first.
    queue: BinaryHeap<Reverse<u32>>,
    queued: Vec<bool>,
    /// Symbols assigned since values were last brought up to date.
    touched: Vec<SymbolId>,
    /// Whether the generation keeps values of expressions even where they are volatile.
    shares_expressions: bool,
}

impl Upkeep {
    fn new(graph: Arc<Graph>, shares_expressions: bool) -> Self {
        Self {
            volatile: vec![false; graph.nodes()],
            volatile_nodes: Vec::new(),
            fresh: Vec::new(),
            roots: Vec::new(),
            is_root: vec![false; graph.group_count() as usize],
            queue: BinaryHeap::new(),
            queued: vec![false; graph.group_count() as usize],
            touched: Vec::new(),
            shares_expressions,
            graph,
        }
    }

    /// Whether the value of an expression that was just computed is kept.
    pub(super) fn keeps(&mut self, expr: ExprId) -> bool {
        let node = self.graph.of_expr(expr);
        let is_volatile = self.volatile[node as usize];
        if self.shares_expressions {
            if is_volatile {
                self.fresh.push(node);
            }
            return true;
        }
        // Inside a choice an expression may be asked for while the choice is being computed.
        !is_volatile && self.graph.kind(self.graph.group_of(node)) == GroupKind::Expr
    }

    /// Notes that a symbol has a value now.
    pub(super) fn note_valid(&mut self, symbol: SymbolId) {
        let node = Graph::of_symbol(symbol);
        if self.volatile[node as usize] {
            self.fresh.push(node);
        }
    }

    fn enqueue(&mut self, group: u32) {
        if !std::mem::replace(&mut self.queued[group as usize], true) {
            self.queue.push(Reverse(group));
        }
    }

    fn enqueue_dependents(&mut self, node: u32) {
        let graph = Arc::clone(&self.graph);
        let own = graph.group_of(node);
        for &dependent in graph.dependents(node) {
            let group = graph.group_of(dependent);
            let waits = self.volatile[dependent as usize] && !self.is_root[group as usize];
            if group != own && !waits {
                self.enqueue(group);
            }
        }
    }

    fn next(&mut self) -> Option<u32> {
        let Reverse(group) = self.queue.pop()?;
        self.queued[group as usize] = false;
        Some(group)
    }

    fn is_volatile(&self, group: u32) -> bool {
        self.graph
            .members(group)
            .iter()
            .any(|&node| self.volatile[node as usize])
    }

    /// Whether a group depends on volatile nodes other than its own.
    fn has_volatile_inputs(&self, group: u32) -> bool {
        self.graph.members(group).iter().any(|&node| {
            self.graph
                .inputs(node)
                .iter()
                .any(|&input| self.volatile[input as usize] && self.graph.group_of(input) != group)
        })
    }

    /// Makes a group volatile, and all that depends on it.
    fn add_root(&mut self, group: u32) {
        if !std::mem::replace(&mut self.is_root[group as usize], true) {
            self.roots.push(group);
        }
        self.make_volatile(group);
    }

    fn make_volatile(&mut self, group: u32) {
        let graph = Arc::clone(&self.graph);
        let mut pending: Vec<u32> = graph.members(group).to_vec();
        while let Some(node) = pending.pop() {
            if !std::mem::replace(&mut self.volatile[node as usize], true) {
                self.volatile_nodes.push(node);
                self.fresh.push(node);
                pending.extend_from_slice(graph.dependents(node));
            }
        }
    }

    /// A group is no longer a cause; what was volatile for its sake alone is to be computed.
    fn remove_root(&mut self, group: u32) {
        self.roots.retain(|&root| root != group);
        self.is_root[group as usize] = false;
        let freed = std::mem::take(&mut self.volatile_nodes);
        for &node in &freed {
            self.volatile[node as usize] = false;
        }
        for root in self.roots.clone() {
            self.make_volatile(root);
        }
        let graph = Arc::clone(&self.graph);
        for node in freed {
            if !self.volatile[node as usize] {
                self.enqueue(graph.group_of(node));
            }
        }
    }
}

impl Session<'_> {
    /// Notes that an assignment to a symbol changed; values follow when all are next forgotten.
    pub(super) fn touch(&mut self, symbol: SymbolId) {
        if let Some(upkeep) = &mut self.upkeep {
            upkeep.touched.push(symbol);
        }
    }

    /// Values are forgotten and computed as a whole again.
    pub(super) fn end_upkeep(&mut self) {
        if self.upkeep.take().is_some() && !self.tree.generation.shares_expressions() {
            self.expr_values.fill(UNKNOWN);
        }
    }

    /// Computes everything anew after an assignment, as the reference program does. It shows in
    /// help texts alone: those give symbols the values that they had when they were last asked for.
    pub(crate) fn forget_everything(&mut self) {
        self.forgets_everything = true;
    }

    /// What the reference program does after an assignment is to forget all values. Here those
    /// that change are computed.
    pub(super) fn follow_assignment(&mut self) {
        if self.forgets_everything {
            self.clear_all_valid();
            return;
        }
        if self.upkeep.is_some() {
            self.clear_all_valid();
        } else {
            self.begin_upkeep();
            self.changed = true;
            self.calc(self.tree.modules);
        }
    }

    fn begin_upkeep(&mut self) {
        let shares_expressions = self.tree.generation.shares_expressions();
        let graph = Arc::clone(self.tree.graph());
        let upkeep = Upkeep::new(Arc::clone(&graph), shares_expressions);
        self.upkeep = Some(Box::new(upkeep));
        self.invalidate_all();
        // What is computed depends on whether there are modules at all; those groups come first.
        for group in 0..graph.group_count() {
            match graph.kind(group) {
                GroupKind::Expr => {}
                GroupKind::Loop => self.add_root(group),
                GroupKind::Symbol | GroupKind::Choice(_) => {
                    if !self.upkeep().is_volatile(group) {
                        self.compute(group, false);
                    }
                }
            }
        }
        self.forget_volatile();
    }

    /// Only called while values are kept up to date.
    fn upkeep(&mut self) -> &mut Upkeep {
        self.upkeep.get_or_insert_with(|| {
            let shares_expressions = self.tree.generation.shares_expressions();
            let graph = Arc::clone(self.tree.graph());
            Box::new(Upkeep::new(graph, shares_expressions))
        })
    }

    fn add_root(&mut self, group: u32) {
        self.upkeep().add_root(group);
    }

    /// Brings up to date what follows from assignments; `false` where it turned out that modules
    /// appear or vanish, which touches everything.
    pub(super) fn spread(&mut self) -> bool {
        self.forget_volatile();
        let modules = self.modules;
        let upkeep = self.upkeep();
        let graph = Arc::clone(&upkeep.graph);
        for symbol in std::mem::take(&mut upkeep.touched) {
            upkeep.enqueue(graph.group_of(Graph::of_symbol(symbol)));
        }
        // Whether the order of asking matters for a choice may have changed by asking.
        for root in upkeep.roots.clone() {
            if matches!(graph.kind(root), GroupKind::Choice(_)) {
                upkeep.enqueue(root);
            }
        }
        while let Some(group) = self.upkeep().next() {
            match graph.kind(group) {
                GroupKind::Loop => {}
                GroupKind::Expr => self.recompute_expr(group),
                GroupKind::Symbol | GroupKind::Choice(_) => {
                    let upkeep = self.upkeep();
                    if upkeep.is_volatile(group)
                        && (!upkeep.is_root[group as usize] || upkeep.has_volatile_inputs(group))
                    {
                        continue;
                    }
                    self.compute(group, true);
                }
            }
            if self.modules != modules {
                return false;
            }
        }
        self.forget_volatile();
        true
    }

    /// Volatile values are computed anew when they are next asked for.
    fn forget_volatile(&mut self) {
        let upkeep = self.upkeep();
        let graph = Arc::clone(&upkeep.graph);
        let mut fresh = std::mem::take(&mut upkeep.fresh);
        // What is no longer volatile was computed as everything else is.
        fresh.retain(|&node| upkeep.volatile[node as usize]);
        for &node in &fresh {
            match graph.node(node) {
                Node::Symbol(symbol) if symbol <= SymbolId::NO => {}
                Node::Symbol(symbol) => self.state_mut(symbol).flags.valid = false,
                Node::Expr(expr) => self.expr_values[expr.index()] = UNKNOWN,
            }
        }
        fresh.clear();
        self.upkeep().fresh = fresh;
    }

    fn recompute_expr(&mut self, group: u32) {
        let graph = Arc::clone(&self.upkeep().graph);
        for &node in graph.members(group) {
            let Node::Expr(expr) = graph.node(node) else {
                continue;
            };
            let old = std::mem::replace(&mut self.expr_values[expr.index()], UNKNOWN);
            // Nobody asked for it so far, and nothing follows from it.
            if old != UNKNOWN && self.expr(expr) as u8 != old {
                self.upkeep().enqueue_dependents(node);
            }
        }
    }

    /// Computes a symbol, or a choice with its members, unless that has to wait until it is asked
    /// for; `spreads` where what follows from it is to be computed too.
    fn compute(&mut self, group: u32, spreads: bool) {
        let graph = Arc::clone(&self.upkeep().graph);
        if let GroupKind::Choice(choice) = graph.kind(group)
            && self.depends_on_order(choice)
        {
            self.add_root(group);
            return;
        }
        let nodes = graph.members(group);
        let mut before = Vec::with_capacity(nodes.len());
        for &node in nodes {
            match graph.node(node) {
                Node::Symbol(symbol) if symbol <= SymbolId::NO => {}
                Node::Symbol(symbol) => {
                    let state = self.state_mut(symbol);
                    state.flags.valid = false;
                    before.push((symbol, state.tri, state.text));
                }
                Node::Expr(expr) => self.expr_values[expr.index()] = UNKNOWN,
            }
        }
        let outspoken = self.unspoken.replace(Vec::new());
        for &(symbol, ..) in &before {
            self.calc(symbol);
        }
        let unspoken = std::mem::replace(&mut self.unspoken, outspoken).unwrap_or_default();
        if !unspoken.is_empty() {
            for symbol in unspoken {
                self.add_root(graph.group_of(Graph::of_symbol(symbol)));
            }
            return;
        }
        if !spreads {
            return;
        }
        if self.upkeep().is_root[group as usize] {
            self.upkeep().remove_root(group);
        }
        let is_choice = nodes.len() > 1;
        for (symbol, tri, text) in before {
            let state = self.state(symbol);
            if state.tri != tri || state.text != text {
                self.upkeep().enqueue_dependents(Graph::of_symbol(symbol));
            }
        }
        if is_choice {
            // Expressions inside the choice are not kept, so that it is not known whether they
            // changed.
            for &node in nodes {
                if let Node::Expr(_) = graph.node(node) {
                    self.upkeep().enqueue_dependents(node);
                }
            }
        }
    }

    /// Whether it matters when and by which member a choice is asked for: the visibility of a member
    /// is not what it was when it was last computed.
    fn depends_on_order(&mut self, choice: ChoiceId) -> bool {
        let tree = self.tree;
        tree.generation.choices_are_menus()
            && tree.choices[choice.index()]
                .entries
                .iter()
                .any(|&member| !self.has_current_visibility(member))
    }

    fn has_current_visibility(&mut self, symbol: SymbolId) -> bool {
        self.tree
            .properties_of(symbol)
            .filter(|(_, property)| property.text.is_some())
            .all(|(id, property)| self.condition(property) == self.property_visible(id))
    }
}
