//! The smallest set of assignments that leads to a configuration.

use kconfig::{Definition, Session, SymbolId, Tree, Tristate};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::wish::Assignment;

/// Assignments that lead to a configuration.
pub struct Minimal<'t> {
    /// What to assign, in the order of the menu tree.
    pub assignments: Vec<Assignment>,
    /// Symbols that nevertheless have another value: what is wanted, and what they have.
    pub missed: Vec<Missed>,
    /// The configuration with the assignments.
    pub session: Session<'t>,
}

/// A symbol whose value cannot be reproduced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// The symbol.
    pub symbol: SymbolId,
    /// The value that it is to have; `None` where it is not to stand in `.config`.
    pub wanted: Option<String>,
    /// What it has.
    pub got: Option<String>,
}

/// How often assignments are added before what is left counts as missed.
const ROUNDS: usize = 200;
/// How many assignments are tried to be left out at the end.
const TRIALS: usize = 64;

/// Seeks assignments that lead to the values that `target` has. `resolve` resolves anew with
/// assignments on top of what there is without them.
///
/// Only such symbols are assigned whose value differs though all that bears on them is as it is
/// to be: what follows from others needs no assignment.
pub fn minimal<'t>(
    target: &mut Session<'t>,
    resolve: &mut dyn FnMut(&[Assignment]) -> Session<'t>,
) -> Minimal<'t> {
    let tree = target.tree();
    let symbols = in_menu_order(tree);
    let mut assignments: Vec<Assignment> = Vec::new();
    let mut assigned: FxHashSet<SymbolId> = FxHashSet::default();
    // Assignments that were made though what bears on them was not settled.
    let mut doubtful: Vec<SymbolId> = Vec::new();
    let mut bearing: FxHashMap<SymbolId, Vec<SymbolId>> = FxHashMap::default();
    let mut session = resolve(&assignments);
    for _ in 0..ROUNDS {
        let differing: FxHashSet<SymbolId> = symbols
            .iter()
            .copied()
            .filter(|&symbol| shown(target, symbol) != shown(&mut session, symbol))
            .collect();
        let candidates: Vec<SymbolId> = symbols
            .iter()
            .copied()
            .filter(|symbol| differing.contains(symbol) && !assigned.contains(symbol))
            .filter(|&symbol| is_assignable(target, symbol))
            .collect();
        if candidates.is_empty() {
            break;
        }
        let mut settled: Vec<SymbolId> = candidates
            .iter()
            .copied()
            .filter(|&symbol| {
                !bearing
                    .entry(symbol)
                    .or_insert_with(|| bearing_on(tree, symbol))
                    .iter()
                    .any(|other| *other != symbol && differing.contains(other))
            })
            .collect();
        if settled.is_empty() {
            doubtful.extend(&candidates);
            settled = candidates;
        }
        for symbol in settled {
            assigned.insert(symbol);
            assignments.push(Assignment {
                symbol,
                value: target.value(symbol),
            });
        }
        session = resolve(&assignments);
    }
    // A symbol that was not settled may follow from what was assigned after it.
    doubtful.truncate(TRIALS);
    for symbol in doubtful {
        let mut without = assignments.clone();
        without.retain(|assignment| assignment.symbol != symbol);
        let mut tried = resolve(&without);
        if missed(&symbols, target, &mut tried).len()
            <= missed(&symbols, target, &mut session).len()
        {
            assignments = without;
            session = tried;
        }
    }
    let order: FxHashMap<SymbolId, usize> = symbols.iter().copied().zip(0..).collect();
    assignments.sort_by_key(|assignment| order.get(&assignment.symbol));
    Minimal {
        missed: missed(&symbols, target, &mut session),
        assignments,
        session,
    }
}

/// The symbols in the order of the menu tree, each once.
pub fn in_menu_order(tree: &Tree) -> Vec<SymbolId> {
    let mut seen = FxHashSet::default();
    tree.menu_order()
        .filter_map(Definition::symbol)
        .filter(|&symbol| tree.is_defined(symbol) && seen.insert(symbol))
        .collect()
}

/// The value of a symbol, if it stands in `.config`.
pub fn shown(session: &mut Session<'_>, symbol: SymbolId) -> Option<String> {
    session
        .stands_in_config(symbol)
        .then(|| session.value(symbol))
}

fn missed(symbols: &[SymbolId], target: &mut Session<'_>, got: &mut Session<'_>) -> Vec<Missed> {
    symbols
        .iter()
        .filter_map(|&symbol| {
            let (wanted, got) = (shown(target, symbol), shown(got, symbol));
            (wanted != got).then_some(Missed {
                symbol,
                wanted,
                got,
            })
        })
        .collect()
}

/// Whether assigning the symbol its value can be of use. Of a choice, only the member that it
/// has is assigned.
fn is_assignable(target: &mut Session<'_>, symbol: SymbolId) -> bool {
    let in_choice = target.tree().choice_of(symbol).is_some();
    target.can_change(symbol) && (!in_choice || target.tristate(symbol) == Tristate::Yes)
}

/// The symbols that bear on the value of another.
fn bearing_on(tree: &Tree, symbol: SymbolId) -> Vec<SymbolId> {
    let of_symbol = |symbol: SymbolId| {
        tree.statements(symbol)
            .filter(|statement| {
                use kconfig::PropertyKind::{Default, Range};
                statement.text().is_some() || matches!(statement.kind(), Default | Range)
            })
            .flat_map(|statement| [statement.condition(), statement.value()])
            .collect::<Vec<_>>()
    };
    let mut exprs = of_symbol(symbol);
    exprs.push(tree.reverse_dependency(symbol));
    exprs.push(tree.weak_reverse_dependency(symbol));
    exprs.push(tree.direct_dependency(symbol));
    if let Some(choice) = tree.choice_of(symbol) {
        exprs.extend(of_symbol(tree.choice_symbol(choice)));
    }
    let mut symbols: Vec<SymbolId> = exprs
        .into_iter()
        .flatten()
        .flat_map(|expr| tree.symbols_in(expr))
        .collect();
    // The other members follow from the one that is assigned.
    if let Some(choice) = tree.choice_of(symbol) {
        symbols.retain(|&other| tree.choice_of(other) != Some(choice));
    }
    symbols
}
