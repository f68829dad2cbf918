//! Which values follow from which: the edges along which a change spreads.
//!
//! A node is a symbol or an expression. Symbols come first, by their index; expressions follow.

use super::{ChoiceId, Expr, ExprId, PropertyKind, SymbolId, Tree};

/// A symbol or an expression of a [`Graph`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    Symbol(SymbolId),
    Expr(ExprId),
}

/// What the nodes of a group are, and with it how they are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupKind {
    Expr,
    Symbol,
    /// A choice and its members, which are computed together.
    Choice(ChoiceId),
    /// Nodes whose values depend on each other, or on the order in which they are asked for.
    Loop,
}

/// The dependencies of a tree.
///
/// Nodes are gathered in groups: one node each, or several that depend on each other. A group's
/// number is greater than those of all groups that it depends on.
#[derive(Debug, Clone)]
pub(crate) struct Graph {
    symbols: u32,
    inputs: Lists,
    dependents: Lists,
    group_of: Vec<u32>,
    groups: Lists,
    kinds: Vec<GroupKind>,
}

impl Graph {
    pub(crate) fn new(tree: &Tree) -> Self {
        let symbols = tree.symbols.len() as u32;
        let inputs = inputs(tree);
        let (group_of, groups) = components(&inputs, tree.modules.0);
        let mut graph = Self {
            symbols,
            dependents: inputs.transposed(),
            inputs,
            group_of,
            groups,
            kinds: Vec::new(),
        };
        graph.kinds = (0..graph.groups.len())
            .map(|group| graph.kind_of_group(tree, group))
            .collect();
        graph
    }

    pub(crate) fn nodes(&self) -> usize {
        self.group_of.len()
    }

    pub(crate) fn group_count(&self) -> u32 {
        self.groups.len()
    }

    pub(crate) fn node(&self, node: u32) -> Node {
        match node.checked_sub(self.symbols) {
            None => Node::Symbol(SymbolId(node)),
            Some(expr) => Node::Expr(ExprId(expr)),
        }
    }

    pub(crate) fn of_symbol(symbol: SymbolId) -> u32 {
        symbol.0
    }

    pub(crate) fn of_expr(&self, expr: ExprId) -> u32 {
        self.symbols + expr.0
    }

    pub(crate) fn group_of(&self, node: u32) -> u32 {
        self.group_of[node as usize]
    }

    pub(crate) fn kind(&self, group: u32) -> GroupKind {
        self.kinds[group as usize]
    }

    /// The nodes of a group.
    pub(crate) fn members(&self, group: u32) -> &[u32] {
        self.groups.get(group)
    }

    /// The nodes that a node's value follows from.
    pub(crate) fn inputs(&self, node: u32) -> &[u32] {
        self.inputs.get(node)
    }

    /// The nodes whose values follow from a node's.
    pub(crate) fn dependents(&self, node: u32) -> &[u32] {
        self.dependents.get(node)
    }

    fn kind_of_group(&self, tree: &Tree, group: u32) -> GroupKind {
        let nodes = self.members(group);
        if let &[node] = nodes {
            return match self.node(node) {
                Node::Expr(_) => GroupKind::Expr,
                Node::Symbol(symbol)
                    if self.inputs(node).contains(&node) || takes_over(tree, symbol) =>
                {
                    GroupKind::Loop
                }
                Node::Symbol(symbol) if tree.symbol(symbol).is_choice => tree
                    .symbol(symbol)
                    .choice
                    .map_or(GroupKind::Symbol, GroupKind::Choice),
                Node::Symbol(_) => GroupKind::Symbol,
            };
        }
        let mut choice = None;
        for &node in nodes {
            let Node::Symbol(symbol) = self.node(node) else {
                continue;
            };
            let of = tree.symbol(symbol).choice;
            if of.is_none() || choice.is_some() && choice != of || takes_over(tree, symbol) {
                return GroupKind::Loop;
            }
            choice = of;
        }
        choice.map_or(GroupKind::Loop, GroupKind::Choice)
    }
}

/// Whether a symbol counts as assigned once it was asked for, because a default names a
/// transitional symbol.
fn takes_over(tree: &Tree, symbol: SymbolId) -> bool {
    tree.properties_of_kind(symbol, PropertyKind::Default)
        .filter_map(|(_, property)| tree.value_symbol(property))
        .any(|named| tree.symbol(named).is_transitional)
}

/// What each node is computed from.
fn inputs(tree: &Tree) -> Lists {
    let symbols = tree.symbols.len() as u32;
    let mut lists = Lists::new();
    let mut choices_above: Vec<Option<ChoiceId>> = vec![None; symbols as usize];
    let choices_are_menus = tree.generation.choices_are_menus();
    if choices_are_menus {
        for (index, choice) in tree.choices.iter().enumerate() {
            for &entry in &choice.entries {
                choices_above[entry.index()] = Some(ChoiceId(index as u32));
            }
        }
    }
    for index in 0..symbols {
        let symbol = SymbolId(index);
        let data = tree.symbol(symbol);
        for (_, property) in tree.properties_of(symbol) {
            let is_read = property.text.is_some()
                || matches!(property.kind, PropertyKind::Default | PropertyKind::Range);
            if !is_read {
                continue;
            }
            for expr in [property.condition, property.value].into_iter().flatten() {
                match tree.exprs.get(expr) {
                    Expr::Range(low, high) => {
                        lists.push(low.0);
                        lists.push(high.0);
                    }
                    // Where it is no tristate, the text of what a default names is taken.
                    Expr::Symbol(named) if property.value == Some(expr) => {
                        lists.push(symbols + expr.0);
                        lists.push(named.0);
                    }
                    _ => lists.push(symbols + expr.0),
                }
            }
        }
        for expr in [data.direct, data.reverse, data.implied]
            .into_iter()
            .flatten()
        {
            lists.push(symbols + expr.0);
        }
        let choice = data.choice.or(choices_above[symbol.index()]);
        if let Some(choice) = choice {
            let choice = &tree.choices[choice.index()];
            if data.is_choice {
                let entries = if choices_are_menus {
                    choice.entries.as_slice()
                } else {
                    &[]
                };
                for member in choice.members.iter().chain(entries) {
                    lists.push(member.0);
                }
            } else {
                lists.push(choice.symbol.0);
            }
        }
        lists.end();
    }
    for index in 0..tree.exprs.len() as u32 {
        match tree.exprs.get(ExprId(index)) {
            Expr::Symbol(symbol) => lists.push(symbol.0),
            Expr::Not(operand) => lists.push(symbols + operand.0),
            Expr::And(left, right) | Expr::Or(left, right) => {
                lists.push(symbols + left.0);
                lists.push(symbols + right.0);
            }
            Expr::Compare(_, left, right) => {
                lists.push(left.0);
                lists.push(right.0);
            }
            Expr::Range(..) => {}
        }
        lists.end();
    }
    lists
}

/// Gathers nodes that depend on each other (Tarjan's strongly connected components), what a
/// group depends on before the group. The node `first` and all that it depends on are first.
fn components(inputs: &Lists, first: u32) -> (Vec<u32>, Lists) {
    const NONE: u32 = u32::MAX;
    let nodes = inputs.len();
    let mut order = vec![NONE; nodes as usize];
    let mut low = vec![0_u32; nodes as usize];
    let mut group_of = vec![NONE; nodes as usize];
    let mut groups = Lists::new();
    let mut open: Vec<u32> = Vec::new();
    let mut path: Vec<(u32, u32)> = Vec::new();
    let mut next_order = 0;
    for root in std::iter::once(first).chain(0..nodes) {
        if order[root as usize] != NONE {
            continue;
        }
        path.push((root, 0));
        while let Some((node, position)) = path.last_mut() {
            let at = *node as usize;
            if *position == 0 && order[at] == NONE {
                order[at] = next_order;
                low[at] = next_order;
                next_order += 1;
                open.push(*node);
            }
            if let Some(&input) = inputs.get(*node).get(*position as usize) {
                *position += 1;
                let input_at = input as usize;
                if order[input_at] == NONE {
                    path.push((input, 0));
                } else if group_of[input_at] == NONE {
                    low[at] = low[at].min(order[input_at]);
                }
                continue;
            }
            path.pop();
            if let Some(&(above, _)) = path.last() {
                low[above as usize] = low[above as usize].min(low[at]);
            }
            if low[at] == order[at] {
                let group = groups.len();
                while let Some(node) = open.pop() {
                    group_of[node as usize] = group;
                    groups.push(node);
                    if node as usize == at {
                        break;
                    }
                }
                groups.end();
            }
        }
    }
    (group_of, groups)
}

/// A list of numbers for each number, in one vector.
#[derive(Debug, Clone)]
struct Lists {
    ends: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    fn new() -> Self {
        Self {
            ends: Vec::new(),
            items: Vec::new(),
        }
    }

    /// Adds to the list that is being written.
    fn push(&mut self, item: u32) {
        self.items.push(item);
    }

    /// Ends the list that is being written.
    fn end(&mut self) {
        self.ends.push(self.items.len() as u32);
    }

    fn len(&self) -> u32 {
        self.ends.len() as u32
    }

    fn get(&self, list: u32) -> &[u32] {
        let end = self.ends[list as usize] as usize;
        let start = match list {
            0 => 0,
            _ => self.ends[list as usize - 1] as usize,
        };
        &self.items[start..end]
    }

    /// For each number the lists that hold it, of as many numbers as there are lists.
    fn transposed(&self) -> Self {
        let mut ends = vec![0_u32; self.ends.len()];
        for &item in &self.items {
            ends[item as usize] += 1;
        }
        let mut total = 0;
        for end in &mut ends {
            // The start for now; it moves to the end while items are filled in.
            total += std::mem::replace(end, total);
        }
        let mut items = vec![0_u32; self.items.len()];
        for list in 0..self.len() {
            for &item in self.get(list) {
                let position = &mut ends[item as usize];
                items[*position as usize] = list;
                *position += 1;
            }
        }
        Self { ends, items }
    }
}

#[cfg(test)]
mod tests {
    use super::{Lists, components};

    fn lists(lists: &[&[u32]]) -> Lists {
        let mut out = Lists::new();
        for list in lists {
            list.iter().for_each(|&item| out.push(item));
            out.end();
        }
        out
    }

    #[test]
    fn a_group_comes_after_what_it_depends_on() {
        // 0 needs 1; 1 and 2 need each other; 2 needs 3.
        let (group_of, groups) = components(&lists(&[&[1], &[2], &[1, 3], &[]]), 0);
        assert_eq!(group_of, [2, 1, 1, 0]);
        assert_eq!(groups.get(1).len(), 2);
    }

    #[test]
    fn turned_round_twice_is_the_same() {
        let edges = lists(&[&[1, 2], &[2], &[]]);
        let turned = edges.transposed();
        assert_eq!(turned.get(2), [0, 1]);
        assert_eq!(turned.transposed().items, edges.items);
    }
}
