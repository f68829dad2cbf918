//! What a symbol's value follows from (`sym_calc_value` in the kernel's symbol.c, as formula).

use kconfig::{PropertyKind, SymbolId, Tristate};
use rustsat::clause;

use super::{Change, Model, Result, State, Value, price};

impl Model<'_, '_> {
    /// Looks into a symbol: its value is from now on what follows from what it mentions.
    pub(crate) fn define(&mut self, symbol: SymbolId) -> Result<()> {
        let value = self.value(symbol)?;
        let Some(index) = self.index_of(symbol) else {
            return Ok(());
        };
        if matches!(self.known[index].state, State::Defined { .. }) {
            return Ok(());
        }
        if let Some(choice) = self.tree.choice_of(symbol) {
            return self.define_choice(choice);
        }
        let change = self.change(symbol)?;
        let follows = self.follows(symbol, change)?;
        self.settle(symbol, value, follows, change)
    }

    /// The symbol has the value that follows.
    pub(super) fn settle(
        &mut self,
        symbol: SymbolId,
        value: Value,
        follows: Value,
        change: Option<Change>,
    ) -> Result<()> {
        let holds = self.formula.variable();
        self.formula.equal_if(holds, value.on, follows.on)?;
        self.formula.equal_if(holds, value.yes, follows.yes)?;
        if let Some(change) = change {
            let off = self.formula.and(change.made, !change.to.on)?;
            self.preferences.push((!off, price::OFF));
        }
        self.prefer_answer(symbol, value)?;
        if let Some(index) = self.index_of(symbol) {
            self.known[index].state = State::Defined { holds, change };
        }
        Ok(())
    }

    /// An answer that was reached had better stay so.
    fn prefer_answer(&mut self, symbol: SymbolId, value: Value) -> Result<()> {
        if !(self.answered)(symbol) {
            return Ok(());
        }
        let current = self.now.tristate(symbol);
        if self.now.assignment(symbol).as_deref() != Some(current.letter()) {
            return Ok(());
        }
        let kept = match current {
            Tristate::No => !value.on,
            Tristate::Yes => value.yes,
            Tristate::Mod => self.formula.and(value.on, !value.yes)?,
        };
        self.preferences.push((kept, price::LOST_ANSWER));
        Ok(())
    }

    /// The chance to assign the symbol, where it has a prompt. Only what can be seen is assigned.
    pub(super) fn change(&mut self, symbol: SymbolId) -> Result<Option<Change>> {
        let has_prompt = self.tree.has_prompt(symbol);
        if !has_prompt || self.tree.is_choice(symbol) {
            return Ok(None);
        }
        let made = self.formula.variable();
        let to = self.variable(self.is_bool(symbol))?;
        let visible = self.visibility(symbol)?;
        self.formula.require(clause![!made, visible.on])?;
        let mut price = price::CHANGE;
        if (self.answered)(symbol) {
            price += price::AGAINST_ANSWER;
        }
        Ok(Some(Change { made, to, price }))
    }

    /// How far an assignment reaches.
    pub(crate) fn visibility(&mut self, symbol: SymbolId) -> Result<Value> {
        let mut visible = self.constant(Tristate::No);
        let tree = self.tree;
        for statement in tree.statements(symbol) {
            if statement.text().is_some() {
                let shown = self.condition(statement.condition(), Tristate::Yes)?;
                visible = self.max(visible, shown)?;
            }
        }
        Ok(if self.is_bool(symbol) {
            Self::promoted(visible)
        } else {
            visible
        })
    }

    /// The value that follows from assignment, default, `select` and `imply`.
    fn follows(&mut self, symbol: SymbolId, change: Option<Change>) -> Result<Value> {
        let is_bool = self.is_bool(symbol);
        let as_typed = |value| {
            if is_bool {
                Self::promoted(value)
            } else {
                value
            }
        };
        let visible = self.visibility(symbol)?;
        let assigned = match self.now.assignment(symbol).as_deref() {
            Some("y") => Some(Tristate::Yes),
            Some("m") => Some(Tristate::Mod),
            Some("n") => Some(Tristate::No),
            _ => None,
        };
        let mut user = self.constant(assigned.unwrap_or_default());
        let mut has_user = self.formula.constant(assigned.is_some());
        if let Some(change) = change {
            user = self.choose(change.made, change.to, user)?;
            has_user = self.formula.or(change.made, has_user)?;
        }
        let user = self.min(user, visible)?;
        let takes_user = self.formula.and(has_user, visible.on)?;
        let proposed = self.proposed(symbol)?;
        let own = self.choose(takes_user, user, proposed)?;
        let reverse = self.condition(self.tree.reverse_dependency(symbol), Tristate::No)?;
        let value = self.max(own, as_typed(reverse))?;
        Ok(as_typed(value))
    }

    /// The value without assignment and `select`: the default, or what is implied.
    fn proposed(&mut self, symbol: SymbolId) -> Result<Value> {
        if self.tree.is_choice(symbol) {
            return Ok(self.constant(Tristate::No));
        }
        let tree = self.tree;
        let mut default = self.constant(Tristate::No);
        let statements: Vec<_> = tree
            .statements(symbol)
            .filter(|statement| statement.kind() == PropertyKind::Default)
            .collect();
        for statement in statements.into_iter().rev() {
            let applies = self.condition(statement.condition(), Tristate::Yes)?;
            let given = self.condition(statement.value(), Tristate::Yes)?;
            let given = self.min(given, applies)?;
            default = self.choose(applies.on, given, default)?;
        }
        let implied = self.condition(tree.weak_reverse_dependency(symbol), Tristate::No)?;
        let direct = self.condition(tree.direct_dependency(symbol), Tristate::Yes)?;
        let raised = self.max(default, implied)?;
        let raised = self.min(raised, direct)?;
        self.choose(implied.on, raised, default)
    }
}
