//! Writing `.config` and its smallest equivalent (`conf_write` and `conf_write_defconfig` in
//! confdata.c).

use super::Session;
use crate::tree::{MenuId, PropertyKind, SymbolId, SymbolType};
use crate::tristate::Tristate;

impl Session<'_> {
    /// Whether an entry is shown (`menu_is_visible`).
    ///
    /// Before 6.11 looking at an entry could change it: an entry without visible prompt that is
    /// shown for the sake of an entry below it counts as assigned from then on.
    pub(crate) fn is_menu_visible(&mut self, menu: MenuId) -> bool {
        let tree = self.tree;
        let node = tree.menu(menu);
        let Some(prompt) = node.prompt else {
            return false;
        };
        if let Some(visibility) = node.visibility
            && self.expr(visibility) == Tristate::No
        {
            return false;
        }
        let visible = if let Some(symbol) = node.symbol {
            self.calc(symbol);
            self.property_visible(prompt)
        } else {
            let value = self.condition(tree.property(prompt));
            self.property_visible[prompt.index()] = value;
            value
        };
        if visible != Tristate::No {
            return true;
        }
        let Some(symbol) = node.symbol else {
            return false;
        };
        if self.state(symbol).tri == Tristate::No {
            return false;
        }
        let mut child = node.list;
        while let Some(entry) = child {
            if stacker::maybe_grow(64 << 10, 1 << 20, || self.is_menu_visible(entry)) {
                if !tree.generation.choices_are_menus() && !self.state(symbol).flags.user {
                    self.state_mut(symbol).flags.user = true;
                    self.touch(symbol);
                }
                return true;
            }
            child = tree.menu(entry).next;
        }
        false
    }

    pub(crate) fn prompt_text(&self, menu: MenuId) -> &[u8] {
        let node = self.tree.menu(menu);
        if let Some(prompt) = node.prompt
            && let Some(text) = self.tree.property(prompt).text
        {
            return self.tree.text(text);
        }
        node.symbol
            .map_or(b"(null)", |symbol| self.tree.name_or_null(symbol))
    }

    /// The first four lines of `.config` and `auto.conf`.
    pub(crate) fn heading(&self) -> Vec<u8> {
        let mut out = b"#\n# Automatically generated file; DO NOT EDIT.\n# ".to_vec();
        out.extend_from_slice(self.prompt_text(MenuId::ROOT));
        out.extend_from_slice(b"\n#\n");
        out
    }

    /// The whole `.config` (`conf_write`).
    pub fn write_config(&mut self) -> Vec<u8> {
        let tree = self.tree;
        let mut out = self.heading();
        if !self.changed {
            self.clear_all_valid();
        }
        let mut written = vec![false; tree.symbols.len()];
        let mut blank_line = false;
        let mut next = tree.menu(MenuId::ROOT).list;
        while let Some(menu) = next {
            let node = tree.menu(menu);
            match node.symbol {
                None => {
                    if self.is_menu_visible(menu) {
                        out.extend_from_slice(b"\n#\n# ");
                        out.extend_from_slice(self.prompt_text(menu));
                        out.extend_from_slice(b"\n#\n");
                        blank_line = false;
                    }
                }
                Some(symbol) if !tree.symbol(symbol).is_choice && !written[symbol.index()] => {
                    self.calc(symbol);
                    if self.state(symbol).flags.write {
                        if blank_line {
                            out.push(b'\n');
                            blank_line = false;
                        }
                        written[symbol.index()] = true;
                        self.print_assignment(symbol, Unset::Comment, &mut out);
                    }
                }
                Some(_) => {}
            }
            next = node.list;
            let mut ending = menu;
            while next.is_none() {
                let node = tree.menu(ending);
                let has_end = tree.generation.ends_menus()
                    && node.symbol.is_none()
                    && ending != MenuId::ROOT
                    && self.is_menu_visible(ending)
                    && (ending != menu || tree.generation.ends_empty_menus())
                    && node
                        .prompt
                        .is_some_and(|prompt| tree.property(prompt).kind == PropertyKind::Menu);
                if has_end {
                    out.extend_from_slice(b"# end of ");
                    out.extend_from_slice(self.prompt_text(ending));
                    out.push(b'\n');
                    blank_line = true;
                }
                next = node.next;
                if next.is_none() {
                    match node.parent {
                        Some(parent) => ending = parent,
                        None => break,
                    }
                }
            }
        }
        out
    }

    /// The shortest configuration that leads to the same values (`conf_write_defconfig`).
    pub fn write_defconfig(&mut self) -> Vec<u8> {
        let tree = self.tree;
        let mut out = Vec::new();
        self.clear_all_valid();
        let mut seen = vec![false; tree.symbols.len()];
        let mut next = tree.next_below(MenuId::ROOT, MenuId::ROOT);
        while let Some(menu) = next {
            next = tree.next_below(menu, MenuId::ROOT);
            let Some(symbol) = tree.menu(menu).symbol else {
                continue;
            };
            if tree.symbol(symbol).is_choice {
                continue;
            }
            self.calc(symbol);
            if !self.state(symbol).flags.write || std::mem::replace(&mut seen[symbol.index()], true)
            {
                continue;
            }
            if !self.is_changeable(symbol) {
                continue;
            }
            let default = self.default_text(symbol);
            if self.value_bytes(symbol) == default {
                continue;
            }
            if self.is_default_member(symbol) {
                continue;
            }
            self.print_assignment(symbol, Unset::Comment, &mut out);
        }
        out
    }

    /// The assignments whose symbols have another value, in the order of the menu tree
    /// (`conf_append_changed_input_warning`); empty where there are none.
    pub(crate) fn changed_input(&mut self) -> Vec<u8> {
        let tree = self.tree;
        let mut out = Vec::new();
        let mut seen = vec![false; tree.symbols.len()];
        let mut next = tree.next_below(MenuId::ROOT, MenuId::ROOT);
        while let Some(menu) = next {
            next = tree.next_below(menu, MenuId::ROOT);
            let Some(symbol) = tree.menu(menu).symbol else {
                continue;
            };
            let data = tree.symbol(symbol);
            let state = self.state(symbol);
            if data.is_choice
                || std::mem::replace(&mut seen[symbol.index()], true)
                || !state.flags.user
                || data.kind == SymbolType::Unknown
            {
                continue;
            }
            let assigned = if data.kind.is_logical() {
                state.user_tri.letter().as_bytes()
            } else {
                self.text(state.user_text)
            };
            let value = self.value_bytes(symbol);
            if assigned == value {
                continue;
            }
            if out.is_empty() {
                out.extend_from_slice(b"warning: user-provided values changed by Kconfig:\n");
            }
            out.extend_from_slice(b"  ");
            out.extend_from_slice(self.prefix());
            out.extend_from_slice(tree.name_bytes(symbol));
            out.extend_from_slice(b": ");
            out.extend_from_slice(assigned);
            out.extend_from_slice(b" -> ");
            out.extend_from_slice(value);
            out.push(b'\n');
        }
        out
    }

    /// Files to start from, as the symbol with `option defconfig_list` names them.
    pub(crate) fn defconfig_list(&mut self) -> Vec<String> {
        let tree = self.tree;
        let Some(list) = tree.defconfig_list else {
            return Vec::new();
        };
        let mut names = Vec::new();
        for (_, property) in tree.properties_of_kind(list, PropertyKind::Default) {
            if self.condition(property) == Tristate::No {
                continue;
            }
            if let Some(named) = tree.value_symbol(property) {
                self.calc(named);
                names.push(String::from_utf8_lossy(self.value_bytes(named)).into_owned());
            }
        }
        names
    }

    /// Whether an answer can change the symbol's value (`sym_is_changeable`).
    pub(crate) fn is_changeable(&self, symbol: SymbolId) -> bool {
        let state = self.state(symbol);
        let is_choice =
            self.tree.generation.choices_are_menus() && self.tree.symbol(symbol).is_choice;
        !is_choice && state.visible > state.reverse
    }

    /// Whether the symbol is the member that its choice has anyway.
    fn is_default_member(&mut self, symbol: SymbolId) -> bool {
        let tree = self.tree;
        let data = tree.symbol(symbol);
        let choice = if tree.generation.choices_are_menus() {
            data.choice
        } else {
            self.choice_symbol_of(symbol)
                .filter(|&choice| data.kind == SymbolType::Bool && !tree.symbol(choice).is_optional)
                .and_then(|choice| tree.symbol(choice).choice)
        };
        let Some(choice) = choice else {
            return false;
        };
        self.choice_default(choice) == Some(symbol) && self.state(symbol).tri == Tristate::Yes
    }

    /// The value a symbol would have without assignment (`sym_get_string_default`).
    pub(crate) fn default_text(&mut self, symbol: SymbolId) -> Vec<u8> {
        let tree = self.tree;
        let data = tree.symbol(symbol);
        self.calc_visibility(symbol);
        self.calc(tree.modules);
        let mut value = Tristate::No;
        let mut text = Vec::new();
        if let Some((id, property)) = self.default_property(symbol) {
            if data.kind.is_logical() {
                let default = property.value.map_or(Tristate::Yes, |expr| self.expr(expr));
                value = default.min(self.property_visible(id));
            } else if let Some(named) = tree.value_symbol(property) {
                self.calc(named);
                text = self.text(self.state(named).text).to_vec();
            }
        }
        let state = self.state(symbol);
        value = value.max(state.reverse);
        if value == Tristate::Mod
            && (!data.is_choice_value && self.state(tree.modules).tri == Tristate::No
                || data.kind == SymbolType::Bool)
        {
            value = Tristate::Yes;
        }
        value = value.max(state.implied);
        match data.kind {
            SymbolType::Bool | SymbolType::Tristate => value.letter().into(),
            SymbolType::Int if text.is_empty() && tree.generation.numbers_default_to_zero() => {
                b"0".to_vec()
            }
            SymbolType::Hex if text.is_empty() && tree.generation.numbers_default_to_zero() => {
                b"0x0".to_vec()
            }
            _ => text,
        }
    }

    /// A line of `.config` (`__print_symbol`).
    pub(crate) fn print_assignment(&self, symbol: SymbolId, unset: Unset, out: &mut Vec<u8>) {
        let kind = self.tree.symbol(symbol).kind;
        if kind == SymbolType::Unknown {
            return;
        }
        let name = self.tree.name_or_null(symbol);
        let prefix = self.options.prefix.as_bytes();
        let value = self.value_bytes(symbol);
        if kind.is_logical() && value == b"n" && unset != Unset::Letter {
            if unset == Unset::Comment {
                out.extend_from_slice(b"# ");
                out.extend_from_slice(prefix);
                out.extend_from_slice(name);
                out.extend_from_slice(b" is not set\n");
            }
            return;
        }
        out.extend_from_slice(prefix);
        out.extend_from_slice(name);
        out.push(b'=');
        let is_quoted = unset != Unset::Omitted || self.tree.generation.quotes_in_autoconf();
        if kind == SymbolType::String && is_quoted {
            quote(value, out);
        } else {
            out.extend_from_slice(value);
        }
        out.push(b'\n');
    }
}

/// How a value of `n` is written; strings are quoted unless it is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unset {
    /// `# CONFIG_X is not set`
    Comment,
    /// `CONFIG_X=n`
    Letter,
    /// Not at all (`auto.conf`, where strings stand without quotes).
    Omitted,
}

/// Writes a string in quotes.
pub(crate) fn quote(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in text {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}
