//! Values: what a `.config` says, and what the tree makes of it.

mod assign;
mod calc;
mod choice;
mod print;
mod read;
mod upkeep;
mod why;
mod write;

pub use read::ReadOptions;
pub use why::{Cause, Reason, Why};
pub(crate) use write::{Unset, quote};

use crate::diagnostics::Diagnostic;
use crate::text::{Text, TextTable};
use crate::tree::{PropertyId, SymbolId, SymbolType, Tree};
use crate::tristate::Tristate;
use upkeep::Upkeep;

/// A value's text, or none (`NULL` in the reference program).
const NO_TEXT: Text = Text(u32::MAX);

/// What is known of a symbol besides its value.
#[derive(Debug, Default, Clone, Copy)]
struct Flags {
    /// The value is up to date.
    valid: bool,
    /// The symbol is written to `.config`.
    write: bool,
    /// A value was assigned.
    user: bool,
    /// `auto.conf` holds a value.
    auto: bool,
    /// Before 6.11: a choice's members must get values before this one is computed.
    needs_choice: bool,
}

#[derive(Debug, Clone, Copy)]
struct State {
    tri: Tristate,
    text: Text,
    user_tri: Tristate,
    user_text: Text,
    auto_tri: Tristate,
    auto_text: Text,
    visible: Tristate,
    direct: Tristate,
    reverse: Tristate,
    implied: Tristate,
    flags: Flags,
}

/// The values of a tree's symbols.
///
/// Values are computed when they are asked for and kept until an assignment changes what they
/// depend on.
pub struct Session<'t> {
    tree: &'t Tree,
    /// Texts that the tree does not hold; they are numbered behind the tree's.
    texts: TextTable,
    symbols: Vec<State>,
    property_visible: Vec<Tristate>,
    /// Values of expressions; 3 where not known.
    expr_values: Vec<u8>,
    spine: Vec<crate::tree::ExprId>,
    /// From 6.11 on: each choice's members, the most wanted first.
    choice_order: Vec<Vec<SymbolId>>,
    /// Before 6.11: the member that each choice has as its value.
    chosen: Vec<Option<SymbolId>>,
    /// Before 6.11: the member that was assigned to each choice.
    user_choice: Vec<Option<SymbolId>>,
    /// The value of the `modules` symbol when it was last computed.
    modules: Tristate,
    /// Whether there is something to save.
    changed: bool,
    unmet_dependencies: u32,
    warnings: Vec<Diagnostic>,
    /// While values are computed before they are asked for: the symbols that would have warned.
    unspoken: Option<Vec<SymbolId>>,
    /// How values are kept up to date, once symbols are assigned one by one.
    upkeep: Option<Box<Upkeep>>,
    evaluations: u64,
    /// Whether everything is computed anew after an assignment.
    forgets_everything: bool,
    options: ReadOptions,
}

const UNKNOWN: u8 = 3;

impl<'t> Session<'t> {
    /// A configuration without assignments.
    pub fn new(tree: &'t Tree) -> Self {
        Self::with_options(tree, ReadOptions::default())
    }

    /// A configuration without assignments, reading and writing files as `options` say.
    pub fn with_options(tree: &'t Tree, options: ReadOptions) -> Self {
        let state = State {
            tri: Tristate::No,
            text: NO_TEXT,
            user_tri: Tristate::No,
            user_text: NO_TEXT,
            auto_tri: Tristate::No,
            auto_text: NO_TEXT,
            visible: Tristate::No,
            direct: Tristate::No,
            reverse: Tristate::No,
            implied: Tristate::No,
            flags: Flags::default(),
        };
        let mut symbols = vec![state; tree.symbols.len()];
        for (constant, tri, text) in [
            (SymbolId::YES, Tristate::Yes, Text::Y),
            (SymbolId::MOD, Tristate::Mod, Text::M),
            (SymbolId::NO, Tristate::No, Text::N),
        ] {
            let state = &mut symbols[constant.index()];
            state.tri = tri;
            state.text = text;
            state.flags.valid = true;
        }
        Self {
            tree,
            texts: TextTable::new(),
            symbols,
            property_visible: vec![Tristate::No; tree.properties.len()],
            expr_values: vec![UNKNOWN; tree.exprs.len()],
            spine: Vec::new(),
            choice_order: tree
                .choices
                .iter()
                .map(|choice| choice.members.clone())
                .collect(),
            chosen: vec![None; tree.choices.len()],
            user_choice: vec![None; tree.choices.len()],
            modules: Tristate::No,
            changed: true,
            unmet_dependencies: 0,
            warnings: Vec::new(),
            unspoken: None,
            upkeep: None,
            evaluations: 0,
            forgets_everything: false,
            options,
        }
    }

    /// The tree whose symbols have values here.
    pub fn tree(&self) -> &'t Tree {
        self.tree
    }

    /// Takes the warnings that arose since they were last taken.
    pub fn take_warnings(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.warnings)
    }

    /// Whether something differs from the file that was read (`conf_get_changed`).
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// How many symbols were selected in spite of unmet dependencies, counted each time their
    /// value was computed.
    pub fn unmet_dependencies(&self) -> u32 {
        self.unmet_dependencies
    }

    /// How often a symbol's value was computed so far: what work was done, whatever the machine.
    pub fn evaluations(&self) -> u64 {
        self.evaluations
    }

    /// The symbol of a name, as a line of a `.config` would name it.
    pub fn find(&self, name: &str) -> Option<SymbolId> {
        self.tree.find(name)
    }

    /// The value of a symbol as `.config` shows it, without quotes.
    pub fn value(&mut self, symbol: SymbolId) -> String {
        self.calc(symbol);
        String::from_utf8_lossy(self.value_bytes(symbol)).into_owned()
    }

    /// The value of a bool or tristate symbol.
    pub fn tristate(&mut self, symbol: SymbolId) -> Tristate {
        self.calc(symbol);
        self.state(symbol).tri
    }

    /// How far an assignment to the symbol can reach; `n` where it has no effect.
    pub fn visibility(&mut self, symbol: SymbolId) -> Tristate {
        self.calc(symbol);
        self.state(symbol).visible
    }

    /// Notes that there is something to save.
    pub(crate) fn mark_changed(&mut self) {
        self.changed = true;
    }

    /// Notes that everything is saved.
    pub(crate) fn mark_saved(&mut self) {
        self.changed = false;
    }

    /// Whether the symbol stands in `.config`, as last computed.
    pub(crate) fn is_written(&self, symbol: SymbolId) -> bool {
        self.state(symbol).flags.write
    }

    /// The value that `auto.conf` holds.
    pub(crate) fn auto_value(&self, symbol: SymbolId) -> Option<(Tristate, &[u8])> {
        let state = self.state(symbol);
        state
            .flags
            .auto
            .then(|| (state.auto_tri, self.text(state.auto_text)))
    }

    /// What stands before the name of every symbol.
    pub(crate) fn prefix(&self) -> &[u8] {
        self.options.prefix.as_bytes()
    }

    fn state(&self, symbol: SymbolId) -> &State {
        &self.symbols[symbol.index()]
    }

    fn state_mut(&mut self, symbol: SymbolId) -> &mut State {
        &mut self.symbols[symbol.index()]
    }

    fn text(&self, text: Text) -> &[u8] {
        let known = self.tree.texts.len();
        if text == NO_TEXT {
            b"(null)"
        } else if text.0 < known {
            self.tree.texts.get(text)
        } else {
            self.texts.get(Text(text.0 - known))
        }
    }

    fn intern(&mut self, bytes: &[u8]) -> Text {
        match self.tree.texts.find(bytes) {
            Some(text) => text,
            None => Text(self.texts.intern(bytes).0 + self.tree.texts.len()),
        }
    }

    /// The value of a symbol as it was last computed (`sym_get_string_value`).
    pub(crate) fn value_bytes(&self, symbol: SymbolId) -> &[u8] {
        let state = self.state(symbol);
        if self.tree.symbol(symbol).kind.is_logical() {
            state.tri.letter().as_bytes()
        } else {
            self.text(state.text)
        }
    }

    /// The type a symbol has now: without modules, tristate is bool (`sym_get_type`).
    fn kind(&self, symbol: SymbolId) -> SymbolType {
        let data = self.tree.symbol(symbol);
        if data.kind != SymbolType::Tristate {
            return data.kind;
        }
        let is_whole_choice = !self.tree.generation.choices_are_menus()
            && data.is_choice_value
            && self.state(symbol).visible == Tristate::Yes;
        if is_whole_choice || self.modules == Tristate::No {
            SymbolType::Bool
        } else {
            SymbolType::Tristate
        }
    }

    /// The symbol of the choice of which this symbol is a member (before 6.11).
    fn choice_symbol_of(&self, symbol: SymbolId) -> Option<SymbolId> {
        let data = self.tree.symbol(symbol);
        if !data.is_choice_value {
            return None;
        }
        data.choice
            .map(|choice| self.tree.choices[choice.index()].symbol)
    }

    fn property_visible(&self, property: PropertyId) -> Tristate {
        self.property_visible[property.index()]
    }

    /// Notes that a symbol's value is up to date.
    fn mark_valid(&mut self, symbol: SymbolId) {
        self.state_mut(symbol).flags.valid = true;
        if let Some(upkeep) = &mut self.upkeep {
            upkeep.note_valid(symbol);
        }
    }

    /// Forgets computed values (`sym_clear_all_valid`): all of them, or those that are out of date
    /// where that is known.
    fn clear_all_valid(&mut self) {
        if self.upkeep.is_none() || !self.spread() {
            self.end_upkeep();
            self.invalidate_all();
        }
        self.changed = true;
        self.calc(self.tree.modules);
    }

    fn invalidate_all(&mut self) {
        let first = SymbolId::NO.index() + 1;
        for state in &mut self.symbols[first..] {
            state.flags.valid = false;
        }
        self.expr_values.fill(UNKNOWN);
    }
}
