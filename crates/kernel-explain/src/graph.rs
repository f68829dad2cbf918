//! The symbols around one: what it depends on and selects, or who depends on it and selects it.

use std::collections::VecDeque;

use kconfig::{PropertyKind, Statement, SymbolId, Tree};
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::FxHashMap;

/// How one symbol bears on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Link {
    /// The first depends on the second.
    Depends,
    /// The first selects the second.
    Selects,
    /// The first implies the second.
    Implies,
}

/// Which way links are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To what the symbol depends on, selects and implies.
    Forward,
    /// To who depends on the symbol, selects it and implies it.
    Reverse,
}

/// How far to look.
#[derive(Debug, Clone)]
pub struct Reach<'a> {
    /// Which way.
    pub direction: Direction,
    /// Over how many links.
    pub depth: usize,
    /// Which links.
    pub links: &'a [Link],
    /// How many symbols at most.
    pub limit: usize,
}

/// A symbol of a neighbourhood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// The symbol.
    pub symbol: SymbolId,
    /// How many links away from the first.
    pub depth: usize,
}

/// The symbols around one. Links point from the one that says something to the one that it says
/// it of, whichever way they were followed.
#[derive(Debug)]
pub struct Neighbourhood {
    /// Symbols, the first one first, and links.
    pub graph: DiGraph<Node, Link>,
    /// Symbols that bear on each other in a circle.
    pub cycles: Vec<Vec<SymbolId>>,
    /// Whether there were more symbols than the limit allows.
    pub is_cut: bool,
}

impl Neighbourhood {
    /// Follows links from a symbol.
    pub fn of(tree: &Tree, symbol: SymbolId, reach: &Reach<'_>) -> Self {
        let links = match reach.direction {
            Direction::Forward => Links::Forward(tree),
            Direction::Reverse => Links::Reverse(reversed(tree)),
        };
        let mut graph = DiGraph::new();
        let mut index: FxHashMap<SymbolId, NodeIndex> = FxHashMap::default();
        let mut pending = VecDeque::new();
        let mut is_cut = false;
        let first = graph.add_node(Node { symbol, depth: 0 });
        index.insert(symbol, first);
        pending.push_back(first);
        while let Some(here) = pending.pop_front() {
            let node: Node = graph[here];
            if node.depth >= reach.depth {
                continue;
            }
            for (link, other) in links.of(node.symbol) {
                if !reach.links.contains(&link) || other == node.symbol {
                    continue;
                }
                let there = match index.get(&other) {
                    Some(&there) => there,
                    None if index.len() >= reach.limit => {
                        is_cut = true;
                        continue;
                    }
                    None => {
                        let there = graph.add_node(Node {
                            symbol: other,
                            depth: node.depth + 1,
                        });
                        index.insert(other, there);
                        pending.push_back(there);
                        there
                    }
                };
                let (from, to) = match reach.direction {
                    Direction::Forward => (here, there),
                    Direction::Reverse => (there, here),
                };
                let is_new = graph
                    .edges_connecting(from, to)
                    .all(|edge| *edge.weight() != link);
                if is_new {
                    graph.add_edge(from, to, link);
                }
            }
        }
        let mut cycles: Vec<Vec<SymbolId>> = tarjan_scc(&graph)
            .into_iter()
            .filter(|component| component.len() > 1)
            .map(|component| {
                let mut component = component;
                component.sort();
                component
                    .into_iter()
                    .map(|node| graph[node].symbol)
                    .collect()
            })
            .collect();
        cycles.sort();
        Self {
            graph,
            cycles,
            is_cut,
        }
    }
}

enum Links<'t> {
    Forward(&'t Tree),
    Reverse(FxHashMap<SymbolId, Vec<(Link, SymbolId)>>),
}

impl Links<'_> {
    fn of(&self, symbol: SymbolId) -> Vec<(Link, SymbolId)> {
        match self {
            Links::Forward(tree) => forward(tree, symbol),
            Links::Reverse(links) => links.get(&symbol).cloned().unwrap_or_default(),
        }
    }
}

/// What a symbol's entries say of others.
fn forward(tree: &Tree, symbol: SymbolId) -> Vec<(Link, SymbolId)> {
    let mut links = Vec::new();
    let mut add = |link| {
        if !links.contains(&link) {
            links.push(link);
        }
    };
    for entry in tree.definitions(symbol) {
        let prompt = entry.prompt().and_then(Statement::condition);
        for expr in [entry.dependency(), prompt].into_iter().flatten() {
            for other in tree.symbols_in(expr) {
                if tree.is_defined(other) || tree.name(other).starts_with(char::is_alphabetic) {
                    add((Link::Depends, other));
                }
            }
        }
    }
    for statement in tree.statements(symbol) {
        let link = match statement.kind() {
            PropertyKind::Select => Link::Selects,
            PropertyKind::Imply => Link::Implies,
            _ => continue,
        };
        if let Some(target) = statement.target() {
            add((link, target));
        }
    }
    links
}

/// All links of a tree, by the symbol that they are about.
fn reversed(tree: &Tree) -> FxHashMap<SymbolId, Vec<(Link, SymbolId)>> {
    let mut links: FxHashMap<SymbolId, Vec<(Link, SymbolId)>> = FxHashMap::default();
    for symbol in tree.symbols() {
        for (link, other) in forward(tree, symbol) {
            links.entry(other).or_default().push((link, symbol));
        }
    }
    links
}
