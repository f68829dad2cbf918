//! What a set of Kconfig files says: symbols, properties, the menu tree, expressions.
//!
//! Everything is an index into a flat vector. A [`Tree`] does not change after it is parsed;
//! values live in a [`Session`](crate::Session).

pub(crate) mod expr;
mod graph;
mod print;
mod symbols;
mod view;

pub(crate) use expr::ExprTable;
pub use expr::{Comparison, Expr, ExprId};
pub(crate) use graph::{Graph, GroupKind, Node};
pub(crate) use symbols::SymbolTable;
pub use view::{Definition, Statement};

use crate::diagnostics::Place;
use crate::generation::Generation;
use crate::text::{Text, TextTable};
use crate::tree_cache::KeptTexts;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

macro_rules! index_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) u32);

        impl $name {
            /// The index, for tables beside the tree.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index_type!(
    /// A symbol of a [`Tree`].
    SymbolId
);
index_type!(
    /// A property of a [`Tree`].
    PropertyId
);
index_type!(
    /// A node of a [`Tree`]'s menu tree.
    MenuId
);
index_type!(
    /// A file that was read into a [`Tree`].
    FileId
);
index_type!(
    /// A choice of a [`Tree`].
    ChoiceId
);

impl SymbolId {
    /// The constant `y`.
    pub const YES: Self = Self(0);
    /// The constant `m`.
    pub const MOD: Self = Self(1);
    /// The constant `n`.
    pub const NO: Self = Self(2);
}

impl FileId {
    /// No file: the top file was left.
    pub(crate) const NONE: Self = Self(u32::MAX);
}

impl MenuId {
    /// The root of the menu tree.
    pub const ROOT: Self = Self(0);
}

/// A place in a Kconfig file. Lines and columns count from 1, columns in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The file.
    pub file: FileId,
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// The type of a symbol.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SymbolType {
    /// Mentioned, never defined with a type.
    #[default]
    Unknown,
    /// `bool`
    Bool,
    /// `tristate`
    Tristate,
    /// `int`
    Int,
    /// `hex`
    Hex,
    /// `string`
    String,
}

impl SymbolType {
    /// The name messages use (`sym_type_name`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Bool => "bool",
            Self::Tristate => "tristate",
            Self::Int => "integer",
            Self::Hex => "hex",
            Self::String => "string",
        }
    }

    /// Whether a text can be a value of the type.
    pub fn accepts(self, text: &str) -> bool {
        crate::numbers::is_valid_value(self, text.as_bytes())
    }

    /// Whether values are `y`, `m` and `n`.
    pub fn is_logical(self) -> bool {
        matches!(self, Self::Bool | Self::Tristate)
    }
}

/// A symbol: what `config NAME` defines, a constant in an expression, or a choice.
#[derive(Debug, Clone)]
pub(crate) struct Symbol {
    /// `None` for a choice without a name.
    pub(crate) name: Option<Text>,
    pub(crate) kind: SymbolType,
    /// Written in quotes: stands for its own text.
    pub(crate) is_constant: bool,
    pub(crate) is_choice: bool,
    /// A member of a choice. Before 6.11 set while the menu tree is finished.
    pub(crate) is_choice_value: bool,
    /// A choice that may have no value (`optional`), or any symbol that is not a choice.
    pub(crate) is_optional: bool,
    pub(crate) first_property: Option<PropertyId>,
    pub(crate) last_property: Option<PropertyId>,
    pub(crate) first_menu: Option<MenuId>,
    pub(crate) last_menu: Option<MenuId>,
    /// Dependencies of all its definitions, joined with `||`.
    pub(crate) direct: Option<ExprId>,
    /// Who selects it.
    pub(crate) reverse: Option<ExprId>,
    /// Who implies it.
    pub(crate) implied: Option<ExprId>,
    /// The choice that it is (for a choice symbol) or belongs to.
    pub(crate) choice: Option<ChoiceId>,
    pub(crate) checked: bool,
    /// `transitional`: only hands its assigned value on.
    pub(crate) is_transitional: bool,
    /// `option allnoconfig_y`: `y` where all else is answered `n`.
    pub(crate) is_yes_in_allno: bool,
}

/// What a property says about its symbol or menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PropertyKind {
    /// The text of a question.
    Prompt,
    /// The text of a comment.
    Comment,
    /// The title of a menu or a `menuconfig`.
    Menu,
    /// A default value.
    Default,
    /// `select`
    Select,
    /// `imply`
    Imply,
    /// `range`
    Range,
}

impl PropertyKind {
    /// The name messages use (`prop_get_type_name`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Comment => "comment",
            Self::Menu => "menu",
            Self::Default => "default",
            Self::Select => "select",
            Self::Imply => "imply",
            Self::Range => "range",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Property {
    pub(crate) kind: PropertyKind,
    pub(crate) text: Option<Text>,
    /// When the property applies: its condition and what it inherits from its menu node.
    pub(crate) condition: Option<ExprId>,
    /// For a prompt: whether the condition says the same as the dependencies of its entry.
    pub(crate) condition_is_dependency: bool,
    pub(crate) value: Option<ExprId>,
    pub(crate) menu: MenuId,
    pub(crate) position: Position,
    /// The next property of the same symbol.
    pub(crate) next: Option<PropertyId>,
}

/// A dependency as it was written: `depends on` or the condition of an `if`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// The expression before anything was simplified.
    pub expr: ExprId,
    /// Where the expression begins.
    pub position: Position,
}

/// What kind of entry a menu node stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// The tree's root.
    Root,
    /// `config`
    Config,
    /// `menuconfig`
    MenuConfig,
    /// `choice`
    Choice,
    /// `menu`
    Menu,
    /// `if`
    If,
    /// `comment`
    Comment,
}

#[derive(Debug, Clone)]
pub(crate) struct Menu {
    pub(crate) kind: EntryKind,
    pub(crate) parent: Option<MenuId>,
    pub(crate) next: Option<MenuId>,
    pub(crate) list: Option<MenuId>,
    pub(crate) symbol: Option<SymbolId>,
    /// The next definition of the same symbol.
    pub(crate) next_of_symbol: Option<MenuId>,
    pub(crate) prompt: Option<PropertyId>,
    /// `visible if` conditions of a menu.
    pub(crate) visibility: Option<ExprId>,
    pub(crate) dependency: Option<ExprId>,
    pub(crate) help: Option<HelpText>,
    pub(crate) position: Position,
    /// The block that the entry stands in as written, before the tree was rearranged.
    pub(crate) enclosing: Option<MenuId>,
    /// Range in [`Tree::dependencies`].
    pub(crate) written: Range<u32>,
}

#[derive(Debug, Clone)]
pub(crate) struct HelpText {
    pub(crate) file: FileId,
    /// The bytes of the file between `help` and the end of the text.
    pub(crate) span: Range<u32>,
}

#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    pub(crate) name: String,
    pub(crate) text: SourceText,
}

/// The text of a file: as it was read, or in the cache that the tree comes from.
#[derive(Debug, Clone)]
pub(crate) enum SourceText {
    Held(Arc<[u8]>),
    Kept(Arc<KeptTexts>, Range<usize>),
}

impl SourceText {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Held(text) => text,
            Self::Kept(texts, span) => texts.get(span.clone()),
        }
    }

    /// The same, to hold on to.
    pub(crate) fn to_held(&self) -> Arc<[u8]> {
        match self {
            Self::Held(text) => Arc::clone(text),
            Self::Kept(..) => Arc::from(self.bytes()),
        }
    }
}

/// A choice and its members.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) symbol: SymbolId,
    pub(crate) menu: MenuId,
    /// The members, in the order in which the reference program links them.
    pub(crate) members: Vec<SymbolId>,
    /// The symbols of all entries below the choice, in the order of the menu tree.
    pub(crate) entries: Vec<SymbolId>,
}

/// What the Kconfig files say.
#[derive(Debug, Clone)]
pub struct Tree {
    pub(crate) generation: Generation,
    pub(crate) texts: TextTable,
    pub(crate) files: Vec<SourceFile>,
    pub(crate) symbols: SymbolTable,
    pub(crate) properties: Vec<Property>,
    pub(crate) menus: Vec<Menu>,
    pub(crate) exprs: expr::ExprTable,
    pub(crate) choices: Vec<Choice>,
    pub(crate) dependencies: Vec<Dependency>,
    /// The symbol with the `modules` property; the constant `n` where there is none.
    pub(crate) modules: SymbolId,
    /// The symbol whose defaults name files to start from (`option defconfig_list`).
    pub(crate) defconfig_list: Option<SymbolId>,
    /// Symbols in the order in which the reference program walks its hash table.
    pub(crate) hash_order: Vec<SymbolId>,
    /// Environment variables that were used, with their values, in order of first use.
    pub(crate) used_environment: Vec<(String, String)>,
    /// Variables that were asked for and are not set.
    pub(crate) absent_environment: BTreeSet<String>,
    /// Made when it is first asked for.
    pub(crate) graph: OnceLock<Arc<Graph>>,
}

impl Tree {
    pub(crate) fn empty(generation: Generation) -> Self {
        let mut texts = TextTable::new();
        let symbols = SymbolTable::new(&mut texts);
        Self {
            generation,
            texts,
            files: Vec::new(),
            symbols,
            properties: Vec::new(),
            menus: Vec::new(),
            exprs: expr::ExprTable::new(),
            choices: Vec::new(),
            dependencies: Vec::new(),
            modules: SymbolId::NO,
            defconfig_list: None,
            hash_order: Vec::new(),
            used_environment: Vec::new(),
            absent_environment: BTreeSet::new(),
            graph: OnceLock::new(),
        }
    }

    /// Which values follow from which.
    pub(crate) fn graph(&self) -> &Arc<Graph> {
        self.graph.get_or_init(|| Arc::new(Graph::new(self)))
    }

    /// The symbol of a name, as a line of a `.config` would name it (`sym_find`).
    pub fn find(&self, name: &str) -> Option<SymbolId> {
        self.symbols.find(self.texts.find(name.as_bytes())?)
    }

    /// The name of a symbol; empty for a choice without a name.
    pub fn name(&self, id: SymbolId) -> &str {
        std::str::from_utf8(self.name_bytes(id)).unwrap_or_default()
    }

    /// The type of a symbol.
    pub fn kind(&self, id: SymbolId) -> SymbolType {
        self.symbol(id).kind
    }

    /// The entries that define a symbol, in the order of the files.
    pub fn entries(&self, id: SymbolId) -> impl Iterator<Item = MenuId> + '_ {
        (0..self.menus.len())
            .map(|index| MenuId(index as u32))
            .filter(move |&menu| self.menu(menu).symbol == Some(id))
    }

    /// What an entry is.
    pub fn entry_kind(&self, id: MenuId) -> EntryKind {
        self.menu(id).kind
    }

    /// The block that an entry stands in as written; `None` for the root.
    pub fn enclosing(&self, id: MenuId) -> Option<MenuId> {
        self.menu(id).enclosing
    }

    /// The release whose behaviour the tree has.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    pub(crate) fn symbol(&self, id: SymbolId) -> &Symbol {
        self.symbols.get(id)
    }

    pub(crate) fn property(&self, id: PropertyId) -> &Property {
        &self.properties[id.index()]
    }

    pub(crate) fn menu(&self, id: MenuId) -> &Menu {
        &self.menus[id.index()]
    }

    pub(crate) fn text(&self, text: Text) -> &[u8] {
        self.texts.get(text)
    }

    /// The name of a symbol as bytes; empty for a choice without a name.
    pub(crate) fn name_bytes(&self, id: SymbolId) -> &[u8] {
        self.symbol(id).name.map_or(b"", |name| self.text(name))
    }

    /// The name that messages give a symbol.
    pub(crate) fn name_or_choice(&self, id: SymbolId) -> &[u8] {
        self.symbol(id)
            .name
            .map_or(b"<choice>", |name| self.text(name))
    }

    /// The name as the C library prints it, where a missing name was not thought of.
    pub(crate) fn name_or_null(&self, id: SymbolId) -> &[u8] {
        self.symbol(id)
            .name
            .map_or(b"(null)", |name| self.text(name))
    }

    /// A place as messages have it.
    pub fn place(&self, position: Position) -> Place {
        Place {
            file: self
                .files
                .get(position.file.index())
                .map_or_else(|| "<none>".to_owned(), |file| file.name.clone()),
            line: position.line,
            column: position.column,
        }
    }

    /// The properties of a symbol in the order of their definition.
    pub(crate) fn properties_of(&self, id: SymbolId) -> PropertyIter<'_> {
        PropertyIter {
            tree: self,
            next: self.symbol(id).first_property,
        }
    }

    /// The properties of one kind.
    pub(crate) fn properties_of_kind(
        &self,
        id: SymbolId,
        kind: PropertyKind,
    ) -> impl Iterator<Item = (PropertyId, &Property)> {
        self.properties_of(id)
            .filter(move |(_, property)| property.kind == kind)
    }

    /// The menu nodes that define a symbol.
    pub(crate) fn menus_of(&self, id: SymbolId) -> impl Iterator<Item = MenuId> + '_ {
        std::iter::successors(self.symbol(id).first_menu, |&menu| {
            self.menu(menu).next_of_symbol
        })
    }

    /// The entry after `menu` in depth-first order below `root` (`menu_next`).
    pub(crate) fn next_below(&self, menu: MenuId, root: MenuId) -> Option<MenuId> {
        if let Some(child) = self.menu(menu).list {
            return Some(child);
        }
        let mut menu = menu;
        while menu != root && self.menu(menu).next.is_none() {
            menu = self.menu(menu).parent?;
        }
        if menu == root {
            return None;
        }
        self.menu(menu).next
    }

    /// The symbol that a property's value names (`prop_get_symbol`).
    pub(crate) fn value_symbol(&self, property: &Property) -> Option<SymbolId> {
        match self.exprs.get(property.value?) {
            Expr::Symbol(symbol) => Some(symbol),
            _ => None,
        }
    }

    /// The choice that a symbol belongs to by the place of its first prompt
    /// (`sym_get_choice_menu`, from 6.11 on).
    pub(crate) fn choice_menu_of(&self, id: SymbolId) -> Option<MenuId> {
        let defined = self
            .menus_of(id)
            .find(|&menu| self.menu(menu).prompt.is_some())?;
        let mut above = self.menu(defined).parent;
        while let Some(menu) = above {
            if let Some(symbol) = self.menu(menu).symbol {
                return self.symbol(symbol).is_choice.then_some(menu);
            }
            above = self.menu(menu).parent;
        }
        None
    }
}

pub(crate) struct PropertyIter<'t> {
    tree: &'t Tree,
    next: Option<PropertyId>,
}

impl<'t> Iterator for PropertyIter<'t> {
    type Item = (PropertyId, &'t Property);

    fn next(&mut self) -> Option<Self::Item> {
        let id = self.next?;
        let property = self.tree.property(id);
        self.next = property.next;
        Some((id, property))
    }
}
