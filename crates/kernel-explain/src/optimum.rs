//! The cheapest solution: wishes with a price, given up only where they must be.
//!
//! Core-guided, as OLL (Andres et al., "Unsatisfiability-based optimization in clasp", 2012):
//! all wishes are assumed; wishes that cannot hold together are exchanged for the wish that at
//! most one of them is broken, and so on.

use std::collections::BTreeMap;

use rustsat::encodings::card::Totalizer;
use rustsat::types::Lit;

use crate::formula::{Answer, Formula, Interrupted};

/// How the search for the cheapest solution ended.
pub(crate) enum Optimum {
    /// The formula holds the solution.
    Found,
    /// There is none: these firm assumptions contradict each other.
    Impossible(Vec<Lit>),
}

struct Wish {
    price: u32,
    /// For the wish that at most `bound` of a sum's terms hold: the sum, and the bound.
    limit: Option<(usize, usize)>,
}

/// Finds a solution in which all `firm` literals hold, and `wishes` are broken at the least
/// total price.
pub(crate) fn cheapest(
    formula: &mut Formula,
    firm: &[Lit],
    wishes: &[(Lit, u32)],
) -> Result<Optimum, Interrupted> {
    let mut open: BTreeMap<Lit, Wish> = BTreeMap::new();
    let mut sums: Vec<Totalizer> = Vec::new();
    let add = |open: &mut BTreeMap<Lit, Wish>, lit, price, limit| {
        open.entry(lit).or_insert(Wish { price: 0, limit }).price += price;
    };
    for &(lit, price) in wishes {
        add(&mut open, lit, price, None);
    }
    loop {
        let assumptions: Vec<Lit> = firm.iter().copied().chain(open.keys().copied()).collect();
        let core = match formula.solve(&assumptions)? {
            Answer::Satisfiable => return Ok(Optimum::Found),
            Answer::Unsatisfiable(core) => core,
        };
        let broken: Vec<Lit> = core
            .iter()
            .copied()
            .filter(|lit| open.contains_key(lit))
            .collect();
        let Some(price) = broken
            .iter()
            .filter_map(|lit| Some(open.get(lit)?.price))
            .min()
        else {
            return Ok(Optimum::Impossible(core));
        };
        for lit in &broken {
            let Some(wish) = open.get_mut(lit) else {
                continue;
            };
            wish.price -= price;
            let limit = wish.limit;
            if wish.price == 0 {
                open.remove(lit);
            }
            if let Some((sum, bound)) = limit
                && let Some(next) = formula.at_most(&mut sums[sum], bound + 1)?
            {
                add(&mut open, next, price, Some((sum, bound + 1)));
            }
        }
        if broken.len() > 1 {
            let mut sum: Totalizer = broken.iter().map(|&lit| !lit).collect();
            if let Some(limit) = formula.at_most(&mut sum, 1)? {
                add(&mut open, limit, price, Some((sums.len(), 1)));
            }
            sums.push(sum);
        }
        // One of them is broken in any case, whatever is firm.
        if core.len() == broken.len() {
            formula.require(broken.iter().map(|&lit| !lit).collect())?;
        }
    }
}

/// Leaves out what is not needed for `firm` to contradict itself.
pub(crate) fn shrink(formula: &mut Formula, core: &[Lit]) -> Result<Vec<Lit>, Interrupted> {
    let mut needed: Vec<Lit> = core.to_vec();
    let mut index = 0;
    while index < needed.len() {
        let mut without = needed.clone();
        without.remove(index);
        match formula.solve(&without)? {
            Answer::Unsatisfiable(smaller) => needed = smaller,
            Answer::Satisfiable => index += 1,
        }
    }
    Ok(needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cheapest way to break wishes, by trying all.
    fn by_trying(clauses: &[Vec<i8>], prices: &[u32]) -> Option<u32> {
        let count = prices.len();
        (0_u32..1 << count)
            .filter(|world| {
                clauses.iter().all(|clause| {
                    clause.iter().any(|&lit| {
                        let set = world >> (lit.unsigned_abs() - 1) & 1 == 1;
                        set == (lit > 0)
                    })
                })
            })
            .map(|world| {
                (0..count)
                    .filter(|index| world >> index & 1 == 1)
                    .map(|index| prices[index])
                    .sum()
            })
            .min()
    }

    proptest::proptest! {
        #[test]
        fn the_cheapest_is_found(
            clauses in proptest::collection::vec(
                proptest::collection::vec((1_i8..=6, proptest::bool::ANY), 1..4), 0..12),
            prices in proptest::collection::vec(1_u32..5, 6),
        ) {
            let clauses: Vec<Vec<i8>> = clauses
                .into_iter()
                .map(|clause| clause.into_iter().map(|(v, sign)| if sign { v } else { -v }).collect())
                .collect();
            let mut formula = Formula::new(None).unwrap();
            let vars: Vec<Lit> = (0..6).map(|_| formula.variable()).collect();
            for clause in &clauses {
                let lits = clause.iter().map(|&lit| {
                    let var = vars[usize::from(lit.unsigned_abs()) - 1];
                    if lit > 0 { var } else { !var }
                });
                formula.require(lits.collect()).unwrap();
            }
            let wishes: Vec<(Lit, u32)> =
                vars.iter().zip(&prices).map(|(&var, &price)| (!var, price)).collect();
            let found = match cheapest(&mut formula, &[], &wishes).unwrap() {
                Optimum::Found => Some(
                    vars.iter().zip(&prices)
                        .filter(|&(&var, _)| formula.holds(var))
                        .map(|(_, &price)| price)
                        .sum(),
                ),
                Optimum::Impossible(_) => None,
            };
            proptest::prop_assert_eq!(found, by_trying(&clauses, &prices));
        }
    }
}
