//! A propositional formula that grows, and the solver that it is put to.

use std::time::Instant;

use rustc_hash::FxHashMap;
use rustsat::clause;
use rustsat::encodings::card::{BoundUpper, BoundUpperIncremental, Totalizer};
use rustsat::instances::{BasicVarManager, ManageVars};
use rustsat::solvers::{Solve, SolveIncremental, SolverResult};
use rustsat::types::{Clause, Lit, TernaryVal};
use rustsat_batsat::BasicSolver;

/// The time for a search is over, or the solver gave up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the search for a change was stopped")]
pub struct Interrupted;

/// What the solver said of some assumptions.
pub(crate) enum Answer {
    /// They can hold together; values can be asked for.
    Satisfiable,
    /// They cannot: these of them are to blame.
    Unsatisfiable(Vec<Lit>),
}

pub(crate) struct Formula {
    solver: BasicSolver,
    variables: BasicVarManager,
    truth: Lit,
    /// Conjunctions that were built, by their operands in order.
    conjunctions: FxHashMap<(Lit, Lit), Lit>,
}

impl Formula {
    /// The empty formula; the solver stops at `deadline`.
    pub(crate) fn new(deadline: Option<Instant>) -> Result<Self, Interrupted> {
        let mut solver = BasicSolver::default();
        if let Some(deadline) = deadline {
            solver
                .batsat_mut()
                .cb_mut()
                .set_stop(move || Instant::now() >= deadline);
        }
        let mut variables = BasicVarManager::default();
        let truth = variables.new_lit();
        let mut formula = Self {
            solver,
            variables,
            truth,
            conjunctions: FxHashMap::default(),
        };
        formula.require(clause![truth])?;
        Ok(formula)
    }

    pub(crate) fn constant(&self, value: bool) -> Lit {
        if value { self.truth } else { !self.truth }
    }

    pub(crate) fn variable(&mut self) -> Lit {
        self.variables.new_lit()
    }

    /// Adds a clause.
    pub(crate) fn require(&mut self, clause: Clause) -> Result<(), Interrupted> {
        self.solver.add_clause(clause).map_err(|_| Interrupted)
    }

    /// `a` implies `b`.
    pub(crate) fn imply(&mut self, a: Lit, b: Lit) -> Result<(), Interrupted> {
        self.require(clause![!a, b])
    }

    /// Where `guard` holds, `a` and `b` are the same.
    pub(crate) fn equal_if(&mut self, guard: Lit, a: Lit, b: Lit) -> Result<(), Interrupted> {
        self.require(clause![!guard, !a, b])?;
        self.require(clause![!guard, a, !b])
    }

    pub(crate) fn and(&mut self, a: Lit, b: Lit) -> Result<Lit, Interrupted> {
        let truth = self.truth;
        if a == b || b == truth {
            return Ok(a);
        }
        if a == truth {
            return Ok(b);
        }
        if a == !truth || b == !truth || a == !b {
            return Ok(!truth);
        }
        let key = if a < b { (a, b) } else { (b, a) };
        if let Some(&known) = self.conjunctions.get(&key) {
            return Ok(known);
        }
        let both = self.variable();
        self.require(clause![!both, a])?;
        self.require(clause![!both, b])?;
        self.require(clause![!a, !b, both])?;
        self.conjunctions.insert(key, both);
        Ok(both)
    }

    pub(crate) fn or(&mut self, a: Lit, b: Lit) -> Result<Lit, Interrupted> {
        Ok(!self.and(!a, !b)?)
    }

    /// `yes` where `condition` holds, else `no`.
    pub(crate) fn choose(&mut self, condition: Lit, yes: Lit, no: Lit) -> Result<Lit, Interrupted> {
        if yes == no {
            return Ok(yes);
        }
        let first = self.and(condition, yes)?;
        let second = self.and(!condition, no)?;
        self.or(first, second)
    }

    /// Asks whether all assumptions can hold together.
    pub(crate) fn solve(&mut self, assumptions: &[Lit]) -> Result<Answer, Interrupted> {
        match self.solver.solve_assumps(assumptions) {
            Ok(SolverResult::Sat) => Ok(Answer::Satisfiable),
            Ok(SolverResult::Unsat) => {
                let core = self.solver.core().map_err(|_| Interrupted)?;
                let blamed: rustc_hash::FxHashSet<_> = core.iter().map(|lit| lit.var()).collect();
                let of_core = assumptions
                    .iter()
                    .copied()
                    .filter(|lit| blamed.contains(&lit.var()));
                Ok(Answer::Unsatisfiable(of_core.collect()))
            }
            Ok(SolverResult::Interrupted) | Err(_) => Err(Interrupted),
        }
    }

    /// Whether a literal holds in the solution that was found last.
    pub(crate) fn holds(&self, lit: Lit) -> bool {
        matches!(self.solver.lit_val(lit), Ok(TernaryVal::True))
    }

    /// A literal whose truth lets at most `bound` of the totalizer's inputs hold; none where
    /// that is no limit.
    pub(crate) fn at_most(
        &mut self,
        totalizer: &mut Totalizer,
        bound: usize,
    ) -> Result<Option<Lit>, Interrupted> {
        totalizer
            .encode_ub_change(bound..=bound, &mut self.solver, &mut self.variables)
            .map_err(|_| Interrupted)?;
        let limits = totalizer.enforce_ub(bound).map_err(|_| Interrupted)?;
        Ok(limits.first().copied())
    }
}
