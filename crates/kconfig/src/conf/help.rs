//! What `?` shows: an entry's help text, and how its symbol stands to others (the last part of
//! menu.c).

use crate::parse::lexer::{HelpPiece, HelpWalker};
use crate::session::Session;
use crate::tree::expr::is_yes;
use crate::tree::{ExprId, HelpText, MenuId, PropertyId, PropertyKind, SymbolId, SymbolType, Tree};
use crate::tristate::Tristate;

/// How much of a text one step of the reference program's printing takes.
const PIECE_LIMIT: usize = 9999;
/// How many entries above a prompt are shown.
const LOCATION_LIMIT: usize = 8;

impl Tree {
    /// The help text of an entry as it is shown, without its indentation.
    pub(crate) fn help(&self, help: &HelpText) -> Vec<u8> {
        let content = self.files[help.file.index()].text.bytes();
        let mut walker = HelpWalker::new(content, help.span.start as usize);
        let mut out = Vec::new();
        while let Some(piece) = walker.next() {
            match piece {
                HelpPiece::Indent(blanks) => out.resize(out.len() + blanks, b' '),
                HelpPiece::Line(line) => out.extend_from_slice(line),
                HelpPiece::Newline => out.push(b'\n'),
            }
        }
        out
    }
}

impl Session<'_> {
    /// What `?` shows for an entry (`menu_get_ext_help`).
    pub(crate) fn help_text(&mut self, menu: MenuId) -> Vec<u8> {
        let tree = self.tree();
        let node = tree.menu(menu);
        let mut out = Vec::new();
        if let Some(help) = &node.help {
            if let Some(name) = node.symbol.filter(|&s| tree.symbol(s).name.is_some()) {
                out.extend_from_slice(self.prefix());
                out.extend_from_slice(tree.name_bytes(name));
                out.extend_from_slice(b":\n\n");
            }
            let mut text = tree.help(help);
            text.push(b'\n');
            text.truncate(PIECE_LIMIT);
            out.extend_from_slice(&text);
        } else {
            out.extend_from_slice(b"There is no help available for this option.\n");
        }
        if let Some(symbol) = node.symbol {
            self.describe_symbol(symbol, &mut out);
        }
        out
    }

    /// `get_symbol_str`
    fn describe_symbol(&mut self, symbol: SymbolId, out: &mut Vec<u8>) {
        let tree = self.tree();
        let data = tree.symbol(symbol);
        if data.name.is_some() {
            out.extend_from_slice(b"Symbol: ");
            out.extend_from_slice(tree.name_bytes(symbol));
            out.extend_from_slice(b" [=");
            out.extend_from_slice(self.value_bytes(symbol));
            out.extend_from_slice(b"]\nType  : ");
            out.extend_from_slice(data.kind.name().as_bytes());
            out.push(b'\n');
            if matches!(data.kind, SymbolType::Int | SymbolType::Hex)
                && let Some((_, property)) = self.range_property(symbol)
            {
                out.extend_from_slice(b"Range : ");
                self.print_expr(property.value, out);
                out.push(b'\n');
            }
        }
        for menu in tree.menus_of(symbol) {
            if let Some(prompt) = tree.menu(menu).prompt {
                self.describe_definition(menu, out);
                self.describe_prompt(prompt, out);
            }
        }
        for menu in tree.menus_of(symbol) {
            if tree.menu(menu).prompt.is_none() {
                self.describe_definition(menu, out);
                self.describe_dependency(tree.menu(menu).dependency, "  Depends on: ", out);
            }
        }
        self.describe_targets(symbol, PropertyKind::Select, "Selects: ", out);
        for (value, title) in [
            (Tristate::Yes, "Selected by [y]:\n"),
            (Tristate::Mod, "Selected by [m]:\n"),
            (Tristate::No, "Selected by [n]:\n"),
        ] {
            self.print_alternatives(data.reverse, value, title, out);
        }
        self.describe_targets(symbol, PropertyKind::Imply, "Implies: ", out);
        for (value, title) in [
            (Tristate::Yes, "Implied by [y]:\n"),
            (Tristate::Mod, "Implied by [m]:\n"),
            (Tristate::No, "Implied by [n]:\n"),
        ] {
            self.print_alternatives(data.implied, value, title, out);
        }
        out.extend_from_slice(b"\n\n");
    }

    fn describe_definition(&self, menu: MenuId, out: &mut Vec<u8>) {
        let tree = self.tree();
        let place = tree.place(tree.menu(menu).position);
        out.extend_from_slice(format!("Defined at {}:{}\n", place.file, place.line).as_bytes());
    }

    fn describe_dependency(&self, expr: Option<ExprId>, title: &str, out: &mut Vec<u8>) {
        if !is_yes(expr) {
            out.extend_from_slice(title.as_bytes());
            self.print_expr(expr, out);
            out.push(b'\n');
        }
    }

    /// `get_prompt_str`
    fn describe_prompt(&mut self, prompt: PropertyId, out: &mut Vec<u8>) {
        let tree = self.tree();
        let property = tree.property(prompt);
        out.extend_from_slice(b"  Prompt: ");
        out.extend_from_slice(property.text.map_or(b"", |text| tree.text(text)));
        out.push(b'\n');
        self.describe_dependency(tree.menu(property.menu).dependency, "  Depends on: ", out);
        if !property.condition_is_dependency {
            self.describe_dependency(property.condition, "  Visible if: ", out);
        }
        let mut above = Vec::new();
        let mut is_found = false;
        let mut menu = property.menu;
        let shows_root = tree.generation.locates_from_main_menu();
        if tree.generation.locates_parents_only() {
            menu = tree.menu(menu).parent.unwrap_or(MenuId::ROOT);
            if menu == MenuId::ROOT && !shows_root {
                return;
            }
        }
        while menu != MenuId::ROOT && above.len() < LOCATION_LIMIT {
            above.push(menu);
            // Looking at an entry computes it, and before 6.11 could do more.
            if !is_found || tree.generation.looks_at_all_locations() {
                is_found |= self.is_menu_visible(menu);
            }
            menu = tree.menu(menu).parent.unwrap_or(MenuId::ROOT);
        }
        out.extend_from_slice(b"  Location:\n");
        let mut indent = 4;
        if shows_root && above.len() < LOCATION_LIMIT {
            out.extend_from_slice(b"    Main menu\n");
            indent += 2;
        }
        for (depth, &menu) in above.iter().rev().enumerate() {
            out.resize(out.len() + 2 * depth + indent, b' ');
            out.extend_from_slice(b"-> ");
            out.extend_from_slice(self.prompt_text(menu));
            if let Some(symbol) = tree.menu(menu).symbol {
                out.extend_from_slice(b" (");
                out.extend_from_slice(tree.name_or_choice(symbol));
                out.extend_from_slice(b" [=");
                out.extend_from_slice(self.value_bytes(symbol));
                out.extend_from_slice(b"])");
            }
            out.push(b'\n');
        }
    }

    /// `get_symbol_props_str`
    fn describe_targets(
        &self,
        symbol: SymbolId,
        kind: PropertyKind,
        title: &str,
        out: &mut Vec<u8>,
    ) {
        let mut lead = title;
        for (_, property) in self.tree().properties_of_kind(symbol, kind) {
            out.extend_from_slice(lead.as_bytes());
            lead = " && ";
            self.print_expr(property.value, out);
        }
        if lead != title {
            out.push(b'\n');
        }
    }
}
