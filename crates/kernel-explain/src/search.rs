//! The smallest change that gives a symbol a value.

use std::time::Instant;

use kconfig::{PropertyKind, Session, SymbolId, Tristate};
use rustsat::types::Lit;

use crate::formula::{Formula, Interrupted};
use crate::model::{Model, State, price};
use crate::obstacle::{self, Obstacle};
use crate::optimum::{Optimum, cheapest, shrink};
use crate::wish::{Assignment, Wish, number};

/// How often a change is tried that then turns out not to work.
const ATTEMPTS: u32 = 24;
/// How often a change that works is weighed against what is lost with it.
const REFINEMENTS: u32 = 6;
/// How many answers that are lost get a price at a time.
const PRICED: usize = 100;
/// How many assignments of a change are tried to be left out.
const TRIALS: usize = 12;

/// How a search ended.
pub enum Outcome<'t> {
    /// The symbol has the value already.
    Already,
    /// These assignments give the symbol the value. They were tried: the session has them.
    Fix(Box<Fix<'t>>),
    /// Nothing gives the symbol the value in this tree.
    Impossible(Vec<Obstacle>),
    /// What was tried did not work.
    NotFound {
        /// How many changes were tried.
        attempts: u32,
    },
}

/// Assignments that give a symbol a value.
pub struct Fix<'t> {
    /// What to assign.
    pub changes: Vec<Assignment>,
    /// The configuration with it.
    pub session: Session<'t>,
}

/// A question.
pub struct Search<'a, 't> {
    /// What is to be.
    pub wish: &'a Wish,
    /// The configuration as it is.
    pub now: &'a mut Session<'t>,
    /// Whether somebody asked for a symbol's value: changes keep off these if they can.
    pub answered: &'a dyn Fn(SymbolId) -> bool,
    /// Resolves anew, with assignments on top of those that led to `now`.
    pub resolve: &'a mut dyn FnMut(&[Assignment]) -> Session<'t>,
    /// When to give up.
    pub deadline: Option<Instant>,
}

impl<'t> Search<'_, 't> {
    /// Seeks the smallest change, and tries it.
    ///
    /// # Errors
    /// When the deadline passes.
    pub fn run(self) -> Result<Outcome<'t>, Interrupted> {
        if self.wish.is_met(self.now) {
            return Ok(Outcome::Already);
        }
        let formula = Formula::new(self.deadline)?;
        let mut model = Model::new(self.now, self.answered, formula);
        let goal = goal(&mut model, self.wish)?;
        let mut attempts = 0;
        let mut best: Option<(usize, Box<Fix<'t>>)> = None;
        let mut refinements = REFINEMENTS;
        while attempts < ATTEMPTS {
            let firm: Vec<Lit> = goal.iter().copied().chain(model.definitions()).collect();
            let wishes = model.wishes();
            if let Optimum::Impossible(core) = cheapest(&mut model.formula, &firm, &wishes)? {
                if best.is_some() {
                    break;
                }
                let core = shrink(&mut model.formula, &core)?;
                let involved = involved(&model, &core);
                return Ok(if attempts == 0 {
                    Outcome::Impossible(obstacle::find(model.now, self.wish, &involved))
                } else {
                    Outcome::NotFound { attempts }
                });
            }
            let departing = departing(&model);
            if !departing.is_empty() {
                for symbol in departing {
                    model.define(symbol)?;
                }
                continue;
            }
            let mut changes = changes(&model, self.wish);
            give_way(&mut changes, &mut model, self.answered);
            attempts += 1;
            let mut session = (self.resolve)(&changes);
            if self.wish.is_met(&mut session) {
                let mut fix = Box::new(Fix { changes, session });
                let lost = lost_answers(model.now, &mut fix, self.answered);
                let is_better = best
                    .as_ref()
                    .is_none_or(|(price, _)| price_of(&fix, &lost) < *price);
                let unpriced: Vec<SymbolId> = lost
                    .iter()
                    .copied()
                    .filter(|&symbol| model.index_of(symbol).is_none())
                    .take(PRICED)
                    .collect();
                if is_better {
                    best = Some((price_of(&fix, &lost), fix));
                }
                // What the change costs beside itself was not known: with it, another may be
                // cheaper.
                if unpriced.is_empty() || refinements == 0 {
                    break;
                }
                refinements -= 1;
                for symbol in unpriced {
                    model.define(symbol)?;
                }
                continue;
            }
            // What came out otherwise than assumed is looked into; where nothing did, the
            // formula is not exact here, and another solution is asked for.
            let surprising = surprising(&model, &mut session);
            if surprising.is_empty() {
                model.exclude_solution()?;
            }
            for symbol in surprising {
                model.define(symbol)?;
            }
        }
        Ok(match best {
            // Each trial is a resolution: only what is offered is worth them.
            Some((_, fix)) => {
                let fix = without_needless(*fix, self.wish, self.resolve);
                Outcome::Fix(Box::new(fix))
            }
            None => Outcome::NotFound { attempts },
        })
    }
}

/// What a change costs: its assignments, and answers that are lost with it.
fn price_of(fix: &Fix<'_>, lost: &[SymbolId]) -> usize {
    fix.changes.len() * price::CHANGE as usize + lost.len() * price::LOST_ANSWER as usize
}

/// Leaves out assignments that turn out not to be needed.
fn without_needless<'t>(
    mut fix: Fix<'t>,
    wish: &Wish,
    resolve: &mut dyn FnMut(&[Assignment]) -> Session<'t>,
) -> Fix<'t> {
    let tree = fix.session.tree();
    for change in fix.changes.clone().iter().take(TRIALS) {
        // A member that gives way must, whether it shows or not.
        let gives_way = change.value == "n" && tree.choice_of(change.symbol).is_some();
        if change.symbol == wish.symbol || gives_way {
            continue;
        }
        let mut fewer = fix.changes.clone();
        fewer.retain(|other| other != change);
        let mut session = resolve(&fewer);
        if wish.is_met(&mut session) {
            fix = Fix {
                changes: fewer,
                session,
            };
        }
    }
    fix
}

/// Answers that hold now and do not hold with a change that is not about them.
fn lost_answers(
    now: &mut Session<'_>,
    fix: &mut Fix<'_>,
    answered: &dyn Fn(SymbolId) -> bool,
) -> Vec<SymbolId> {
    let tree = now.tree();
    tree.symbols()
        .filter(|&symbol| answered(symbol))
        .filter(|&symbol| fix.changes.iter().all(|change| change.symbol != symbol))
        .filter(|&symbol| {
            let value = now.value(symbol);
            now.assignment(symbol).as_ref() == Some(&value) && fix.session.value(symbol) != value
        })
        .collect()
}

/// What must hold for the symbol to have the value.
fn goal(model: &mut Model<'_, '_>, wish: &Wish) -> Result<Vec<Lit>, Interrupted> {
    let tree = model.tree;
    let symbol = wish.symbol;
    if tree.kind(symbol).is_logical() {
        let value = model.value(symbol)?;
        model.define(symbol)?;
        return Ok(match wish.tristate() {
            Tristate::Yes => vec![value.yes],
            Tristate::Mod => vec![value.on, !value.yes],
            Tristate::No => vec![!value.on],
        });
    }
    // A number or text must be seen to be assigned, and lie within the range that applies.
    let mut goal = vec![model.visibility(symbol)?.on];
    let kind = tree.kind(symbol);
    let mut open = model.formula.constant(true);
    for statement in tree.statements(symbol) {
        let Some((low, high)) = statement.bounds() else {
            continue;
        };
        debug_assert_eq!(statement.kind(), PropertyKind::Range);
        let applies = model.condition(statement.condition(), Tristate::Yes)?.on;
        let bounds = [low, high].map(|bound| number(&model.now.value(bound), kind));
        let is_within = match (number(&wish.value, kind), bounds) {
            (Some(value), [Some(low), Some(high)]) => (low..=high).contains(&value),
            _ => false,
        };
        if !is_within {
            let first = model.formula.and(open, applies)?;
            goal.push(!first);
        }
        open = model.formula.and(open, !applies)?;
    }
    Ok(goal)
}

/// Symbols that the solution gives another value than they were assumed to have.
fn departing(model: &Model<'_, '_>) -> Vec<SymbolId> {
    model
        .known()
        .iter()
        .filter_map(|known| match known.state {
            State::Assumed { departs } if model.formula.holds(departs) => Some(known.symbol),
            _ => None,
        })
        .collect()
}

/// The assignments of the solution.
fn changes(model: &Model<'_, '_>, wish: &Wish) -> Vec<Assignment> {
    let mut changes: Vec<Assignment> = model
        .known()
        .iter()
        .filter_map(|known| match known.state {
            State::Defined {
                change: Some(change),
                ..
            } if model.formula.holds(change.made) => Some(Assignment {
                symbol: known.symbol,
                value: model.solved(change.to).letter().to_owned(),
            }),
            _ => None,
        })
        .collect();
    if !model.tree.kind(wish.symbol).is_logical() {
        changes.push(Assignment {
            symbol: wish.symbol,
            value: wish.value.clone(),
        });
    }
    changes
}

/// Where a member of a choice is assigned, answers for its other members must give way: two
/// that are answered `y` are a conflict.
fn give_way(
    changes: &mut Vec<Assignment>,
    model: &mut Model<'_, '_>,
    answered: &dyn Fn(SymbolId) -> bool,
) {
    let tree = model.tree;
    let mut others = Vec::new();
    for change in changes.iter().filter(|change| change.value == "y") {
        let members = tree
            .choice_of(change.symbol)
            .map(|choice| tree.choice_members(choice).collect::<Vec<_>>());
        others.extend(
            members
                .into_iter()
                .flatten()
                .filter(|&other| other != change.symbol && answered(other))
                .filter(|&other| model.now.assignment(other).as_deref() == Some("y")),
        );
    }
    changes.extend(others.into_iter().map(|symbol| Assignment {
        symbol,
        value: "n".to_owned(),
    }));
}

/// Symbols that were assumed to have another value than they came to have.
fn surprising(model: &Model<'_, '_>, session: &mut Session<'_>) -> Vec<SymbolId> {
    model
        .known()
        .iter()
        .filter(|known| matches!(known.state, State::Assumed { .. }))
        .filter(|known| session.tristate(known.symbol) != model.solved(known.value))
        .map(|known| known.symbol)
        .collect()
}

/// The symbols whose definitions contradict the goal.
fn involved(model: &Model<'_, '_>, core: &[Lit]) -> Vec<SymbolId> {
    model
        .known()
        .iter()
        .filter_map(|known| match known.state {
            State::Defined { holds, .. } if core.contains(&holds) => Some(known.symbol),
            _ => None,
        })
        .collect()
}
