//! Assignments by answer (`sym_set_tristate_value` and its kin in symbol.c).

use super::{Session, State};
use crate::numbers::{is_valid_value, to_signed};
use crate::tree::{ChoiceId, SymbolId, SymbolType};
use crate::tristate::Tristate;

impl Session<'_> {
    /// Answers the question for a symbol's value; `false` where the answer is not offered: the
    /// symbol cannot be seen, is held by a `select`, or the value is out of range or of another
    /// type. Then nothing changes.
    ///
    /// ```
    /// # use kconfig::{Environment, Generation, MemoryFiles, Messages, NoShell};
    /// # use kconfig::{ParseOptions, Session, Tree};
    /// # let text = "config A\n\tbool \"a\"\n\nconfig N\n\tint \"n\"\n\tdepends on A\n\trange 1 9\n";
    /// # let files: MemoryFiles = [("Kconfig", text)].into_iter().collect();
    /// # let options = ParseOptions {
    /// #     root: "Kconfig",
    /// #     environment: &Environment::new(),
    /// #     generation: Generation::NEWEST,
    /// # };
    /// # let tree = Tree::parse(&options, &files, &mut NoShell, &mut Messages::default())?;
    /// // `N` is an int from 1 to 9 that depends on `A`.
    /// let mut session = Session::new(&tree);
    /// let (a, n) = (session.find("A").unwrap(), session.find("N").unwrap());
    /// assert!(!session.answer(n, "5"), "it cannot be seen yet");
    /// assert!(session.answer(a, "y"));
    /// assert!(session.answer(n, "5"));
    /// assert!(!session.answer(n, "10"), "out of range");
    /// assert_eq!(session.value(n), "5");
    /// # Ok::<(), kconfig::ParseError>(())
    /// ```
    pub fn answer(&mut self, symbol: SymbolId, value: &str) -> bool {
        self.calc(symbol);
        let is_spelt = !self.kind(symbol).is_logical() || matches!(value, "y" | "m" | "n");
        if self.state(symbol).visible == Tristate::No || !is_spelt {
            return false;
        }
        if value == "y"
            && self.tree.generation.choices_are_menus()
            && let Some(choice) = self.tree.choice_of(symbol)
            && !self.tree.is_choice(symbol)
        {
            self.set_choice(choice, symbol);
            return true;
        }
        self.set_text(symbol, value.as_bytes())
    }

    /// Whether a value may be assigned (`sym_tristate_within_range`).
    pub(crate) fn is_offered(&self, symbol: SymbolId, value: Tristate) -> bool {
        let state = self.state(symbol);
        let kind = self.kind(symbol);
        if state.visible == Tristate::No
            || !kind.is_logical()
            || kind == SymbolType::Bool && value == Tristate::Mod
            || state.visible <= state.reverse
        {
            return false;
        }
        if self.tree.generation.imply_excludes_modules()
            && state.implied == Tristate::Yes
            && value == Tristate::Mod
        {
            return false;
        }
        if !self.tree.generation.choices_are_menus()
            && self.tree.symbol(symbol).is_choice_value
            && state.visible == Tristate::Yes
        {
            return value == Tristate::Yes;
        }
        value >= state.reverse && value <= state.visible
    }

    /// Assigns a tristate value; `false` where it is not offered (`sym_set_tristate_value`).
    pub(crate) fn set_tristate(&mut self, symbol: SymbolId, value: Tristate) -> bool {
        let old = self.state(symbol).tri;
        let choices_are_menus = self.tree.generation.choices_are_menus();
        if (choices_are_menus || old != value) && !self.is_offered(symbol, value) {
            return false;
        }
        self.state_mut(symbol).flags.user = true;
        if !choices_are_menus && value == Tristate::Yes {
            self.assign_choice_of(symbol);
        }
        self.state_mut(symbol).user_tri = value;
        self.touch(symbol);
        if old != value {
            self.follow_assignment();
        }
        true
    }

    /// Assigning a member assigns its choice and all other members (before 6.11).
    fn assign_choice_of(&mut self, member: SymbolId) {
        let tree = self.tree;
        let Some(choice) = self.choice_symbol_of(member) else {
            return;
        };
        let Some(id) = tree.symbol(choice).choice else {
            return;
        };
        self.user_choice[id.index()] = Some(member);
        self.state_mut(choice).flags.user = true;
        self.touch(choice);
        for &other in &tree.choices[id.index()].members {
            let state = self.state_mut(other);
            if state.visible != Tristate::No {
                state.flags.user = true;
            }
        }
    }

    /// Whether a text may be assigned (`sym_string_within_range`).
    pub(super) fn is_within_range(&mut self, symbol: SymbolId, text: &[u8]) -> bool {
        let kind = self.tree.symbol(symbol).kind;
        let base = match kind {
            SymbolType::String => return true,
            SymbolType::Int => 10,
            SymbolType::Hex => 16,
            SymbolType::Bool | SymbolType::Tristate => {
                return text
                    .first()
                    .and_then(|&first| Tristate::from_answer(first))
                    .is_some_and(|value| self.is_offered(symbol, value));
            }
            SymbolType::Unknown => return false,
        };
        if !is_valid_value(kind, text) {
            return false;
        }
        let Some((low, high)) = self.range(symbol) else {
            return true;
        };
        let value = to_signed(text, base);
        value >= self.bound(low, base) && value <= self.bound(high, base)
    }

    /// Assigns a value given as text; `false` where it cannot be (`sym_set_string_value`).
    pub(crate) fn set_text(&mut self, symbol: SymbolId, text: &[u8]) -> bool {
        let kind = self.tree.symbol(symbol).kind;
        if kind.is_logical() {
            return text
                .first()
                .and_then(|&first| Tristate::from_answer(first))
                .is_some_and(|value| self.set_tristate(symbol, value));
        }
        if !self.is_within_range(symbol, text) {
            return false;
        }
        let has_prefix = matches!(text, [b'0', b'x' | b'X', ..]);
        let new = if kind == SymbolType::Hex && !has_prefix {
            let mut prefixed = b"0x".to_vec();
            prefixed.extend_from_slice(text);
            self.intern(&prefixed)
        } else {
            let new = self.intern(text);
            if self.state(symbol).user_text == new {
                self.state_mut(symbol).flags.user = true;
                self.touch(symbol);
                return true;
            }
            new
        };
        let state = self.state_mut(symbol);
        state.flags.user = true;
        state.user_text = new;
        self.touch(symbol);
        self.follow_assignment();
        true
    }
}

/// Assignments to many symbols at once, by the front ends that answer everything. Values are
/// forgotten afterwards, not after each assignment.
impl Session<'_> {
    /// Whether a value was assigned to the symbol.
    pub(crate) fn is_assigned(&self, symbol: SymbolId) -> bool {
        self.state(symbol).flags.user
    }

    /// How many symbols were assigned a value.
    pub(crate) fn assigned(&self) -> usize {
        let assigned = |state: &&State| state.flags.user;
        self.symbols.iter().filter(assigned).count()
    }

    pub(crate) fn is_valid(&self, symbol: SymbolId) -> bool {
        self.state(symbol).flags.valid
    }

    /// The tristate value as it was last computed.
    pub(crate) fn computed(&self, symbol: SymbolId) -> Tristate {
        self.state(symbol).tri
    }

    pub(crate) fn assign_raw(&mut self, symbol: SymbolId, value: Tristate) {
        let state = self.state_mut(symbol);
        state.user_tri = value;
        state.flags.user = true;
    }

    /// Stores a value without counting it as assigned.
    pub(crate) fn assign_quietly(&mut self, symbol: SymbolId, value: Tristate) {
        self.state_mut(symbol).user_tri = value;
    }

    pub(crate) fn mark_assigned(&mut self, symbol: SymbolId) {
        self.state_mut(symbol).flags.user = true;
    }

    /// Makes a member the one assigned to its choice (before 6.11).
    pub(crate) fn assign_member(&mut self, choice: ChoiceId, member: SymbolId) {
        self.user_choice[choice.index()] = Some(member);
    }

    pub(crate) fn require_choice_first(&mut self, symbol: SymbolId) {
        self.state_mut(symbol).flags.needs_choice = true;
    }

    pub(crate) fn forget_value(&mut self, symbol: SymbolId) {
        self.state_mut(symbol).flags.valid = false;
    }

    pub(crate) fn forget_values(&mut self) {
        self.end_upkeep();
        self.clear_all_valid();
    }

    pub(crate) fn rewrite_tristate(&mut self, symbol: SymbolId, old: Tristate, new: Tristate) {
        if self.kind(symbol) == SymbolType::Tristate && self.state(symbol).user_tri == old {
            self.state_mut(symbol).user_tri = new;
        }
    }
}
