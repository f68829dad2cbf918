//! Which member a choice has.

use super::Session;
use crate::tree::{ChoiceId, PropertyKind, SymbolId};
use crate::tristate::Tristate;

impl Session<'_> {
    /// The first default of a choice that can be seen, else the first member that can
    /// (`sym_choice_default`).
    pub(super) fn choice_default(&mut self, choice: ChoiceId) -> Option<SymbolId> {
        let tree = self.tree;
        let data = &tree.choices[choice.index()];
        for (id, property) in tree.properties_of(data.symbol) {
            if property.kind != PropertyKind::Default {
                continue;
            }
            let active = self.condition(property);
            self.property_visible[id.index()] = active;
            if active == Tristate::No {
                continue;
            }
            if let Some(member) = tree.value_symbol(property)
                && self.state(member).visible != Tristate::No
            {
                return Some(member);
            }
        }
        let members = if tree.generation.choices_are_menus() {
            &data.entries
        } else {
            &data.members
        };
        members
            .iter()
            .copied()
            .find(|&member| self.state(member).visible != Tristate::No)
    }

    /// Computes the values of a choice's members (`sym_calc_choice`, from 6.11 on); returns the
    /// member that is `y`.
    pub(crate) fn calc_choice(&mut self, choice: ChoiceId) -> Option<SymbolId> {
        let tree = self.tree;
        let entries = &tree.choices[choice.index()].entries;
        let mut chosen = None;
        // The first visible member that was assigned `y`, in the order of priority. Those behind
        // it keep the visibility that was last computed.
        for index in 0..self.choice_order[choice.index()].len() {
            let member = self.choice_order[choice.index()][index];
            self.calc_visibility(member);
            let state = self.state(member);
            if state.visible != Tristate::No && state.flags.user && state.user_tri == Tristate::Yes
            {
                chosen = Some(member);
                break;
            }
        }
        // Else the default, unless it was assigned `n`.
        if chosen.is_none() {
            chosen = self.choice_default(choice).filter(|&member| {
                let state = self.state(member);
                !(state.flags.user && state.user_tri == Tristate::No)
            });
        }
        // Else the first visible member that was not assigned.
        chosen = chosen.or_else(|| {
            entries.iter().copied().find(|&member| {
                let state = self.state(member);
                state.visible != Tristate::No && !state.flags.user
            })
        });
        // Else, of those assigned `n`, the one with the least priority.
        chosen = chosen.or_else(|| {
            self.choice_order[choice.index()]
                .iter()
                .rev()
                .copied()
                .find(|&member| self.state(member).visible != Tristate::No)
        });
        for &member in entries {
            let state = self.state_mut(member);
            if state.visible != Tristate::No {
                state.tri = Tristate::from_bool(chosen == Some(member));
                state.flags.write = true;
                self.mark_valid(member);
            }
        }
        chosen
    }

    /// Puts a member before all others of its choice.
    pub(super) fn prefer_member(&mut self, choice: ChoiceId, member: SymbolId) {
        let order = &mut self.choice_order[choice.index()];
        if let Some(position) = order.iter().position(|&other| other == member) {
            order[..=position].rotate_right(1);
        }
    }

    /// Puts a member behind all others of its choice.
    pub(crate) fn defer_member(&mut self, choice: ChoiceId, member: SymbolId) {
        let order = &mut self.choice_order[choice.index()];
        if let Some(position) = order.iter().position(|&other| other == member) {
            order[position..].rotate_left(1);
        }
    }

    /// Makes one member of a choice `y` and the others `n` (`choice_set_value`, from 6.11 on).
    pub(crate) fn set_choice(&mut self, choice: ChoiceId, chosen: SymbolId) {
        let tree = self.tree;
        let mut changed = false;
        for &member in &tree.choices[choice.index()].entries {
            let state = self.state_mut(member);
            if state.visible == Tristate::No {
                continue;
            }
            let value = Tristate::from_bool(member == chosen);
            changed |= state.tri != value;
            state.user_tri = value;
            state.flags.user = true;
            self.prefer_member(choice, member);
        }
        self.touch(tree.choices[choice.index()].symbol);
        if changed {
            self.follow_assignment();
        }
    }

    /// The member that a choice symbol has as its value (before 6.11).
    pub(crate) fn chosen_member(&self, choice: SymbolId) -> Option<SymbolId> {
        let id = self.tree.symbol(choice).choice?;
        self.chosen[id.index()]
    }

    /// Picks the member of a choice whose own value was just computed (before 6.11).
    pub(super) fn calc_choice_symbol(&mut self, choice: SymbolId, value: Tristate) {
        let Some(id) = self.tree.symbol(choice).choice else {
            return;
        };
        self.chosen[id.index()] = None;
        if value == Tristate::Yes {
            let chosen = self.pick_member(choice, id);
            self.chosen[id.index()] = chosen;
        }
    }

    /// `sym_calc_choice` before 6.11.
    fn pick_member(&mut self, choice: SymbolId, id: ChoiceId) -> Option<SymbolId> {
        let tree = self.tree;
        let mut all_assigned = self.state(choice).flags.user;
        for &member in &tree.choices[id.index()].members {
            self.calc_visibility(member);
            let state = self.state(member);
            if state.visible != Tristate::No {
                all_assigned &= state.flags.user;
            }
        }
        self.state_mut(choice).flags.user = all_assigned;
        if let Some(member) = self.user_choice[id.index()]
            && self.state(member).visible != Tristate::No
        {
            return Some(member);
        }
        let default = self.choice_default(id);
        if default.is_none() {
            self.state_mut(choice).tri = Tristate::No;
        }
        default
    }

    /// What is left to do when a choice symbol has its value.
    pub(super) fn finish_choice(&mut self, choice: SymbolId) {
        if !self.tree.generation.choices_are_menus() {
            let tree = self.tree;
            let writes = self.state(choice).flags.write;
            if let Some(id) = tree.symbol(choice).choice {
                for &member in &tree.choices[id.index()].members {
                    let state = self.state_mut(member);
                    if writes && state.visible != Tristate::No {
                        state.flags.write = true;
                    }
                }
            }
        }
        let state = self.state_mut(choice);
        state.flags.write = false;
        if state.flags.needs_choice {
            self.assign_members(choice);
        }
    }

    /// Assigns `n` to the members of a choice that were not assigned
    /// (`set_all_choice_values`, before 6.11).
    pub(crate) fn assign_members(&mut self, choice: SymbolId) {
        let tree = self.tree;
        if let Some(id) = tree.symbol(choice).choice {
            for &member in &tree.choices[id.index()].members {
                let state = self.state_mut(member);
                if !state.flags.user {
                    state.user_tri = Tristate::No;
                }
            }
        }
        let state = self.state_mut(choice);
        state.flags.user = true;
        state.flags.valid = false;
        state.flags.needs_choice = false;
    }
}
