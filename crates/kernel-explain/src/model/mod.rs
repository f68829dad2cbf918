//! A tree's symbols as a formula, as far as a question needs them.
//!
//! A symbol is first *assumed*: it has the value that it has now, and departing from that has a
//! price. Only where the cheapest solution departs from it is the symbol *defined*: its value is
//! then what its entries make of an assignment and of the symbols that they mention, which are
//! assumed in turn. So the formula holds the few dozen symbols that matter out of tens of
//! thousands.

mod choice;
mod symbol;

use kconfig::{Comparison, Expr, ExprId, Session, SymbolId, SymbolType, Tree, Tristate};
use rustc_hash::FxHashMap;
use rustsat::clause;
use rustsat::types::Lit;

use crate::formula::{Formula, Interrupted};

/// A tristate value as two literals; `yes` implies `on`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Value {
    /// `m` or `y`
    pub(crate) on: Lit,
    /// `y`
    pub(crate) yes: Lit,
}

/// What is known of a symbol.
pub(crate) struct Known {
    pub(crate) symbol: SymbolId,
    pub(crate) value: Value,
    pub(crate) state: State,
}

/// How far a symbol was looked into.
pub(crate) enum State {
    /// It keeps its value unless the literal holds.
    Assumed { departs: Lit },
    /// Its value follows from what it mentions, where `holds` is assumed.
    Defined { holds: Lit, change: Option<Change> },
}

/// The chance to assign a value.
#[derive(Clone, Copy)]
pub(crate) struct Change {
    /// Whether the chance is taken.
    pub(crate) made: Lit,
    /// The value that is assigned then.
    pub(crate) to: Value,
    /// What it costs.
    pub(crate) price: u32,
}

/// What a change costs: the fewest changes win; of as many, those that leave what was answered,
/// and of those, the ones that switch on rather than off.
pub(crate) mod price {
    /// Any change.
    pub(crate) const CHANGE: u32 = 100;
    /// It goes against an answer.
    pub(crate) const AGAINST_ANSWER: u32 = 12;
    /// An answer that was reached is not any more.
    pub(crate) const LOST_ANSWER: u32 = 12;
    /// It switches something off.
    pub(crate) const OFF: u32 = 2;
}

pub(crate) struct Model<'t, 'a> {
    pub(crate) tree: &'t Tree,
    /// The values now.
    pub(crate) now: &'a mut Session<'t>,
    pub(crate) formula: Formula,
    /// Symbols that somebody asked for by name.
    answered: &'a dyn Fn(SymbolId) -> bool,
    known: Vec<Known>,
    index: FxHashMap<SymbolId, usize>,
    exprs: FxHashMap<ExprId, Value>,
    /// Side wishes, with their prices.
    preferences: Vec<(Lit, u32)>,
    modules: bool,
}

type Result<T> = std::result::Result<T, Interrupted>;

impl<'t, 'a> Model<'t, 'a> {
    pub(crate) fn new(
        now: &'a mut Session<'t>,
        answered: &'a dyn Fn(SymbolId) -> bool,
        formula: Formula,
    ) -> Self {
        let tree = now.tree();
        let modules = now.tristate(tree.modules_symbol()) != Tristate::No;
        Self {
            tree,
            now,
            formula,
            answered,
            known: Vec::new(),
            index: FxHashMap::default(),
            exprs: FxHashMap::default(),
            preferences: Vec::new(),
            modules,
        }
    }

    pub(crate) fn known(&self) -> &[Known] {
        &self.known
    }

    /// A value that is the same in every solution.
    pub(crate) fn constant(&self, value: Tristate) -> Value {
        Value {
            on: self.formula.constant(value >= Tristate::Mod),
            yes: self.formula.constant(value == Tristate::Yes),
        }
    }

    /// A value that solutions choose; without `m` where `is_bool`.
    fn variable(&mut self, is_bool: bool) -> Result<Value> {
        let on = self.formula.variable();
        if is_bool {
            return Ok(Value { on, yes: on });
        }
        let yes = self.formula.variable();
        self.formula.imply(yes, on)?;
        Ok(Value { on, yes })
    }

    /// Whether the symbol has no `m`: by its type, or since there are no modules.
    fn is_bool(&self, symbol: SymbolId) -> bool {
        self.tree.kind(symbol) != SymbolType::Tristate || !self.modules
    }

    /// The value of a symbol, which is assumed if it was not known.
    pub(crate) fn value(&mut self, symbol: SymbolId) -> Result<Value> {
        if symbol <= SymbolId::NO {
            let value = self.now.tristate(symbol);
            return Ok(self.constant(value));
        }
        if let Some(&index) = self.index.get(&symbol) {
            return Ok(self.known[index].value);
        }
        let is_choice = self.tree.is_choice(symbol);
        if !is_choice && !self.tree.kind(symbol).is_logical() {
            return Ok(self.constant(Tristate::No));
        }
        let value = self.variable(self.is_bool(symbol))?;
        let departs = self.formula.variable();
        let current = self.now.tristate(symbol);
        let current = self.constant(current);
        self.formula.equal_if(!departs, value.on, current.on)?;
        self.formula.equal_if(!departs, value.yes, current.yes)?;
        self.index.insert(symbol, self.known.len());
        self.known.push(Known {
            symbol,
            value,
            state: State::Assumed { departs },
        });
        Ok(value)
    }

    pub(crate) fn index_of(&self, symbol: SymbolId) -> Option<usize> {
        self.index.get(&symbol).copied()
    }

    pub(crate) fn min(&mut self, a: Value, b: Value) -> Result<Value> {
        Ok(Value {
            on: self.formula.and(a.on, b.on)?,
            yes: self.formula.and(a.yes, b.yes)?,
        })
    }

    pub(crate) fn max(&mut self, a: Value, b: Value) -> Result<Value> {
        Ok(Value {
            on: self.formula.or(a.on, b.on)?,
            yes: self.formula.or(a.yes, b.yes)?,
        })
    }

    fn choose(&mut self, condition: Lit, yes: Value, no: Value) -> Result<Value> {
        Ok(Value {
            on: self.formula.choose(condition, yes.on, no.on)?,
            yes: self.formula.choose(condition, yes.yes, no.yes)?,
        })
    }

    /// `m` counts as `y`.
    fn promoted(value: Value) -> Value {
        Value {
            on: value.on,
            yes: value.on,
        }
    }

    /// The value of an expression; an absent one is `absent`.
    pub(crate) fn condition(&mut self, expr: Option<ExprId>, absent: Tristate) -> Result<Value> {
        match expr {
            Some(expr) => self.expr(expr),
            None => Ok(self.constant(absent)),
        }
    }

    pub(crate) fn expr(&mut self, expr: ExprId) -> Result<Value> {
        if let Some(&value) = self.exprs.get(&expr) {
            return Ok(value);
        }
        let value = match self.tree.expr(expr) {
            Expr::Symbol(symbol) => self.value(symbol)?,
            Expr::Not(operand) => {
                let value = self.nested(operand)?;
                Value {
                    on: !value.yes,
                    yes: !value.on,
                }
            }
            Expr::And(..) => {
                let mut joined = self.constant(Tristate::Yes);
                for operand in self.tree.conjuncts(expr) {
                    let value = self.nested(operand)?;
                    joined = self.min(joined, value)?;
                }
                joined
            }
            Expr::Or(..) => {
                let mut joined = self.constant(Tristate::No);
                for operand in self.tree.disjuncts(expr) {
                    let value = self.nested(operand)?;
                    joined = self.max(joined, value)?;
                }
                joined
            }
            Expr::Compare(comparison, left, right) => {
                self.compare(expr, comparison, left, right)?
            }
            Expr::Range(..) => self.constant(Tristate::No),
        };
        self.exprs.insert(expr, value);
        Ok(value)
    }

    fn nested(&mut self, expr: ExprId) -> Result<Value> {
        stacker::maybe_grow(64 << 10, 1 << 20, || self.expr(expr))
    }

    /// A comparison of tristate values; one of numbers or texts has the outcome it has now.
    fn compare(
        &mut self,
        expr: ExprId,
        comparison: Comparison,
        left: SymbolId,
        right: SymbolId,
    ) -> Result<Value> {
        let is_logical = |symbol| self.tree.kind(symbol).is_logical();
        if !is_logical(left) || !is_logical(right) {
            let value = self.now.evaluate(expr);
            return Ok(self.constant(value));
        }
        let left = self.value(left)?;
        let right = self.value(right)?;
        // left <= right, and the other way round
        let at_most = self.at_most(left, right)?;
        let at_least = self.at_most(right, left)?;
        let holds = match comparison {
            Comparison::Equal => self.formula.and(at_most, at_least)?,
            Comparison::Unequal => !self.formula.and(at_most, at_least)?,
            Comparison::Less => !at_least,
            Comparison::LessEqual => at_most,
            Comparison::Greater => !at_most,
            Comparison::GreaterEqual => at_least,
        };
        Ok(Value {
            on: holds,
            yes: holds,
        })
    }

    fn at_most(&mut self, left: Value, right: Value) -> Result<Lit> {
        let on = self.formula.or(!left.on, right.on)?;
        let yes = self.formula.or(!left.yes, right.yes)?;
        self.formula.and(on, yes)
    }

    /// The literals that say what is to be, with what departing from each costs.
    pub(crate) fn wishes(&self) -> Vec<(Lit, u32)> {
        let of_symbols = self.known.iter().filter_map(|known| match known.state {
            State::Assumed { departs } => Some((!departs, price::CHANGE)),
            State::Defined { change, .. } => change.map(|change| (!change.made, change.price)),
        });
        of_symbols.chain(self.preferences.iter().copied()).collect()
    }

    /// The literals under which defined symbols have the values that follow.
    pub(crate) fn definitions(&self) -> Vec<Lit> {
        self.known
            .iter()
            .filter_map(|known| match known.state {
                State::Assumed { .. } => None,
                State::Defined { holds, .. } => Some(holds),
            })
            .collect()
    }

    /// What a value is in the solution that was found last.
    pub(crate) fn solved(&self, value: Value) -> Tristate {
        match (self.formula.holds(value.on), self.formula.holds(value.yes)) {
            (true, true) => Tristate::Yes,
            (true, false) => Tristate::Mod,
            (false, _) => Tristate::No,
        }
    }

    /// Makes the solution that was found last no solution: other changes, or other values.
    pub(crate) fn exclude_solution(&mut self) -> Result<()> {
        let mut clause = clause![];
        for known in &self.known {
            let State::Defined {
                change: Some(change),
                ..
            } = known.state
            else {
                continue;
            };
            if self.formula.holds(change.made) {
                clause.add(!change.made);
                for lit in [change.to.on, change.to.yes] {
                    clause.add(if self.formula.holds(lit) { !lit } else { lit });
                }
            } else {
                clause.add(change.made);
            }
        }
        self.formula.require(clause)
    }
}
