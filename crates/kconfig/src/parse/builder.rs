//! Adding entries and properties to a tree that is being read (the first half of menu.c).

use crate::diagnostics::{Diagnostic, Place, Reporter, Severity, Style};
use crate::text::Text;
use crate::tree::{
    Choice, ChoiceId, Dependency, EntryKind, ExprId, Menu, MenuId, Position, Property, PropertyId,
    PropertyKind, SymbolId, SymbolType, Tree,
};

/// Where the next entry is to be linked in.
#[derive(Debug, Clone, Copy)]
enum Link {
    FirstBelow(MenuId),
    After(MenuId),
}

/// A tree under construction.
pub(crate) struct Builder {
    pub(crate) tree: Tree,
    /// The block that is open.
    pub(crate) block: MenuId,
    /// The entry that options are added to.
    pub(crate) entry: MenuId,
    link: Link,
}

impl Builder {
    pub(crate) fn new(mut tree: Tree, top: Position) -> Self {
        tree.menus.push(Menu {
            kind: EntryKind::Root,
            parent: None,
            next: None,
            list: None,
            symbol: None,
            next_of_symbol: None,
            prompt: None,
            visibility: None,
            dependency: None,
            help: None,
            position: top,
            enclosing: None,
            written: 0..0,
        });
        Self {
            tree,
            block: MenuId::ROOT,
            entry: MenuId::ROOT,
            link: Link::FirstBelow(MenuId::ROOT),
        }
    }

    fn menu_mut(&mut self, menu: MenuId) -> &mut Menu {
        &mut self.tree.menus[menu.index()]
    }

    pub(crate) fn place(&self, position: Position) -> Place {
        self.tree.place(position)
    }

    pub(crate) fn plain_symbol(&mut self, name: &[u8]) -> SymbolId {
        let name = self.tree.texts.intern(name);
        self.tree.symbols.plain(name)
    }

    pub(crate) fn constant_symbol(&mut self, name: &[u8]) -> SymbolId {
        let name = self.tree.texts.intern(name);
        self.tree.symbols.constant(name)
    }

    pub(crate) fn choice_symbol(&mut self, name: Option<&[u8]>) -> SymbolId {
        let name = name.map(|name| self.tree.texts.intern(name));
        self.tree.symbols.choice(name)
    }

    /// Adds an entry to the open block (`menu_add_entry`).
    pub(crate) fn add_entry(
        &mut self,
        kind: EntryKind,
        symbol: Option<SymbolId>,
        position: Position,
    ) -> MenuId {
        let menu = MenuId(self.tree.menus.len() as u32);
        let written = self.tree.dependencies.len() as u32;
        self.tree.menus.push(Menu {
            kind,
            parent: Some(self.block),
            next: None,
            list: None,
            symbol,
            next_of_symbol: None,
            prompt: None,
            visibility: None,
            dependency: None,
            help: None,
            position,
            enclosing: Some(self.block),
            written: written..written,
        });
        match self.link {
            Link::FirstBelow(parent) => self.menu_mut(parent).list = Some(menu),
            Link::After(before) => self.menu_mut(before).next = Some(menu),
        }
        self.link = Link::After(menu);
        self.entry = menu;
        if let Some(symbol) = symbol {
            let data = self.tree.symbols.get_mut(symbol);
            match data.last_menu.replace(menu) {
                Some(last) => self.menu_mut(last).next_of_symbol = Some(menu),
                None => data.first_menu = Some(menu),
            }
        }
        menu
    }

    /// Registers the choice whose entry was just added.
    pub(crate) fn add_choice(&mut self, symbol: SymbolId) {
        if self.tree.symbol(symbol).choice.is_some() {
            return;
        }
        let id = ChoiceId(self.tree.choices.len() as u32);
        self.tree.choices.push(Choice {
            symbol,
            menu: self.entry,
            members: Vec::new(),
            entries: Vec::new(),
        });
        self.tree.symbols.get_mut(symbol).choice = Some(id);
    }

    /// Opens the current entry as a block (`menu_add_menu`).
    pub(crate) fn open_block(&mut self) -> MenuId {
        self.link = Link::FirstBelow(self.entry);
        self.block = self.entry;
        self.block
    }

    /// Closes the open block (`menu_end_menu`).
    pub(crate) fn close_block(&mut self) {
        self.link = Link::After(self.block);
        self.block = self.tree.menu(self.block).parent.unwrap_or(MenuId::ROOT);
    }

    /// Adds `depends on` or the condition of an `if` (`menu_add_dep`).
    pub(crate) fn add_dependency(&mut self, expr: ExprId, position: Position) {
        let entry = self.entry;
        let dependency = self.tree.menu(entry).dependency;
        let joined = self.tree.exprs.and_maybe(dependency, Some(expr));
        self.tree.dependencies.push(Dependency { expr, position });
        let end = self.tree.dependencies.len() as u32;
        let menu = self.menu_mut(entry);
        menu.dependency = joined;
        menu.written.end = end;
    }

    /// Adds `visible if` (`menu_add_visibility`).
    pub(crate) fn add_visibility(&mut self, expr: Option<ExprId>) {
        let entry = self.entry;
        let visibility = self.tree.menu(entry).visibility;
        let joined = self.tree.exprs.and_maybe(visibility, expr);
        self.menu_mut(entry).visibility = joined;
    }

    /// Adds a property to the current entry and its symbol (`menu_add_prop`).
    pub(crate) fn add_property(
        &mut self,
        kind: PropertyKind,
        value: Option<ExprId>,
        condition: Option<ExprId>,
        position: Position,
    ) -> PropertyId {
        let id = PropertyId(self.tree.properties.len() as u32);
        self.tree.properties.push(Property {
            kind,
            text: None,
            condition,
            condition_is_dependency: true,
            value,
            menu: self.entry,
            position,
            next: None,
        });
        if let Some(symbol) = self.tree.menu(self.entry).symbol {
            let data = self.tree.symbols.get_mut(symbol);
            match data.last_property.replace(id) {
                Some(last) => self.tree.properties[last.index()].next = Some(id),
                None => data.first_property = Some(id),
            }
        }
        id
    }

    /// Adds a prompt, a menu title or a comment (`menu_add_prompt`).
    pub(crate) fn add_prompt(
        &mut self,
        kind: PropertyKind,
        text: Text,
        condition: Option<ExprId>,
        position: Position,
        reporter: &mut dyn Reporter,
    ) {
        let id = self.add_property(kind, None, condition, position);
        let place = self.place(position);
        let mut warn = |message: &str| {
            reporter.diagnostic(Diagnostic::at(
                Style::Warning,
                Severity::Warning,
                place.clone(),
                message.as_bytes(),
            ));
        };
        let mut text = text;
        let bytes = self.tree.text(text);
        let leading = bytes.iter().take_while(|byte| is_space(**byte)).count();
        if leading > 0 {
            warn("leading whitespace ignored");
            let trimmed = bytes[leading..].to_vec();
            text = self.tree.texts.intern(&trimmed);
        }
        if self.tree.menu(self.entry).prompt.is_some() {
            warn("prompt redefined");
        }
        // The conditions of enclosing `visible if` menus limit the prompt, not the symbol.
        if kind == PropertyKind::Prompt {
            let mut condition = condition;
            let mut above = self.tree.menu(self.entry).parent;
            while let Some(menu) = above {
                if let Some(visibility) = self.tree.menu(menu).visibility {
                    condition = self.tree.exprs.and_maybe(condition, Some(visibility));
                }
                above = self.tree.menu(menu).parent;
            }
            self.tree.properties[id.index()].condition = condition;
        }
        self.tree.properties[id.index()].text = Some(text);
        let entry = self.entry;
        self.menu_mut(entry).prompt = Some(id);
    }

    /// Gives the current entry's symbol a type; the first type wins (`menu_set_type`).
    pub(crate) fn set_type(&mut self, kind: SymbolType, reporter: &mut dyn Reporter) {
        let entry = self.entry;
        set_type(&mut self.tree, entry, kind, reporter);
    }
}

/// Gives an entry's symbol a type, or warns that it has another one already.
pub(crate) fn set_type(
    tree: &mut Tree,
    entry: MenuId,
    kind: SymbolType,
    reporter: &mut dyn Reporter,
) {
    let Some(symbol) = tree.menu(entry).symbol else {
        return;
    };
    let data = tree.symbols.get_mut(symbol);
    if data.kind == kind {
        return;
    }
    if data.kind == SymbolType::Unknown {
        data.kind = kind;
        return;
    }
    let old = data.kind.name();
    let mut message = b"ignoring type redefinition of '".to_vec();
    message.extend_from_slice(tree.name_or_choice(symbol));
    message.extend_from_slice(format!("' from '{old}' to '{}'", kind.name()).as_bytes());
    reporter.diagnostic(Diagnostic::at(
        Style::Warning,
        Severity::Warning,
        tree.place(tree.menu(entry).position),
        &message,
    ));
}

/// `isspace` in the C locale.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0b' | b'\x0c' | b'\r')
}
