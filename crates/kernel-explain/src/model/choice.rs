//! Which member a choice has (`sym_calc_choice`, as formula).

use kconfig::{ChoiceId, PropertyKind, SymbolId, Tristate};
use rustc_hash::FxHashMap;
use rustsat::clause;
use rustsat::types::Lit;

use super::{Change, Model, Result, Value};

impl Model<'_, '_> {
    /// Looks into a choice: all its members at once.
    pub(super) fn define_choice(&mut self, choice: ChoiceId) -> Result<()> {
        let tree = self.tree;
        let members: Vec<SymbolId> = tree.choice_members(choice).collect();
        let mut visible: FxHashMap<SymbolId, Lit> = FxHashMap::default();
        let mut changes: FxHashMap<SymbolId, Change> = FxHashMap::default();
        for &member in &members {
            let shown = self.visibility(member)?;
            visible.insert(member, shown.on);
            if let Some(change) = self.change(member)? {
                // To assign a member is to choose it.
                self.formula.require(clause![!change.made, change.to.yes])?;
                for other in changes.values() {
                    self.formula.require(clause![!change.made, !other.made])?;
                }
                changes.insert(member, change);
            }
        }
        let mut chosen: FxHashMap<SymbolId, Lit> = FxHashMap::default();
        let mut open = self.formula.constant(true);
        for (member, claim) in self.claims(choice, &members, &changes)? {
            let Some(&shown) = visible.get(&member) else {
                continue;
            };
            let claims = self.formula.and(shown, claim)?;
            let takes = self.formula.and(open, claims)?;
            open = self.formula.and(open, !claims)?;
            let so_far = chosen.get(&member).copied();
            let so_far = so_far.unwrap_or(self.formula.constant(false));
            let joined = self.formula.or(so_far, takes)?;
            chosen.insert(member, joined);
        }
        for &member in &members {
            let value = self.value(member)?;
            let is = chosen.get(&member).copied();
            let is = is.unwrap_or(self.formula.constant(false));
            let follows = Value { on: is, yes: is };
            let change = changes.get(&member).copied();
            self.settle(member, value, follows, change)?;
        }
        Ok(())
    }

    /// Who has a claim to be the choice's member, the strongest first; the first that can be
    /// seen is it.
    fn claims(
        &mut self,
        choice: ChoiceId,
        members: &[SymbolId],
        changes: &FxHashMap<SymbolId, Change>,
    ) -> Result<Vec<(SymbolId, Lit)>> {
        let tree = self.tree;
        let always = self.formula.constant(true);
        let is_assigned = |model: &Self, member, letter: &str| {
            model.now.assignment(member).as_deref() == Some(letter)
        };
        let mut claims = Vec::new();
        for member in members {
            if let Some(change) = changes.get(member) {
                claims.push((*member, change.made));
            }
        }
        for &member in self.now.choice_priority(choice) {
            if is_assigned(self, member, "y") {
                claims.push((member, always));
            }
        }
        let mut defaults = Vec::new();
        for statement in tree.statements(tree.choice_symbol(choice)) {
            if statement.kind() == PropertyKind::Default
                && let Some(member) = statement.target()
            {
                let applies = self.condition(statement.condition(), Tristate::Yes)?;
                defaults.push((member, applies.on));
            }
        }
        defaults.extend(members.iter().map(|&member| (member, always)));
        // A default that was assigned `n` gives way to those that were not assigned.
        claims.extend(
            defaults
                .into_iter()
                .filter(|&(member, _)| !is_assigned(self, member, "n")),
        );
        claims.extend(
            self.now
                .choice_priority(choice)
                .iter()
                .rev()
                .map(|&member| (member, always)),
        );
        Ok(claims)
    }
}
