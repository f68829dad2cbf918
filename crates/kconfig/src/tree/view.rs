//! A tree as others read it: the entries that define a symbol, what they say, and who refers
//! to it.

use super::{
    ChoiceId, Dependency, EntryKind, Expr, ExprId, FileId, MenuId, Position, PropertyId,
    PropertyKind, SymbolId, SymbolType, Tree,
};
use crate::diagnostics::Place;
use std::borrow::Cow;

/// One entry of a Kconfig file: a `config`, `menuconfig`, `choice`, `menu`, `if` or `comment`.
#[derive(Debug, Clone, Copy)]
pub struct Definition<'t> {
    tree: &'t Tree,
    menu: MenuId,
}

impl<'t> Definition<'t> {
    /// The node of the menu tree.
    pub fn menu(self) -> MenuId {
        self.menu
    }

    /// What kind of entry it is.
    pub fn kind(self) -> EntryKind {
        self.tree.menu(self.menu).kind
    }

    /// The symbol that it defines, if it defines one.
    pub fn symbol(self) -> Option<SymbolId> {
        self.tree.menu(self.menu).symbol
    }

    /// Where it stands.
    pub fn place(self) -> Place {
        self.tree.place(self.position())
    }

    /// Where it stands, as an index into the tree's files.
    pub fn position(self) -> Position {
        self.tree.menu(self.menu).position
    }

    /// Its prompt, title or comment.
    pub fn prompt(self) -> Option<Statement<'t>> {
        let id = self.tree.menu(self.menu).prompt?;
        Some(self.tree.statement(id))
    }

    /// What it depends on, with what it inherits from the blocks around it; none where it
    /// depends on nothing.
    pub fn dependency(self) -> Option<ExprId> {
        self.tree.menu(self.menu).dependency
    }

    /// Its own `depends on` (or the condition of an `if`) as written.
    pub fn written_dependencies(self) -> &'t [Dependency] {
        let range = &self.tree.menu(self.menu).written;
        let range = range.start as usize..range.end as usize;
        self.tree.dependencies.get(range).unwrap_or_default()
    }

    /// The titles of the menus above it, from the top.
    pub fn path(self) -> Vec<Cow<'t, str>> {
        let mut titles: Vec<_> = self
            .menus_above()
            .filter(|above| above.menu != MenuId::ROOT)
            .filter_map(|above| above.prompt()?.text())
            .collect();
        titles.reverse();
        titles
    }

    /// The entries above it in the menu tree, the nearest first.
    pub fn menus_above(self) -> impl Iterator<Item = Definition<'t>> {
        let tree = self.tree;
        std::iter::successors(tree.menu(self.menu).parent, |&menu| tree.menu(menu).parent)
            .map(|menu| tree.definition(menu))
    }
}

/// A prompt, default, `select`, `imply` or `range`, with its condition.
#[derive(Debug, Clone, Copy)]
pub struct Statement<'t> {
    tree: &'t Tree,
    id: PropertyId,
}

impl<'t> Statement<'t> {
    /// The property of the tree.
    pub fn id(self) -> PropertyId {
        self.id
    }

    /// What it says.
    pub fn kind(self) -> PropertyKind {
        self.tree.property(self.id).kind
    }

    /// The text of a prompt, title or comment.
    pub fn text(self) -> Option<Cow<'t, str>> {
        let text = self.tree.property(self.id).text?;
        Some(String::from_utf8_lossy(self.tree.text(text)))
    }

    /// When it applies: its `if`, and what its entry depends on. None where it always does.
    pub fn condition(self) -> Option<ExprId> {
        self.tree.property(self.id).condition
    }

    /// The value of a default, the target of `select` and `imply`, the bounds of a range.
    pub fn value(self) -> Option<ExprId> {
        self.tree.property(self.id).value
    }

    /// The symbol that the value is.
    pub fn target(self) -> Option<SymbolId> {
        self.tree.value_symbol(self.tree.property(self.id))
    }

    /// The bounds of a range, as the symbols that hold them.
    pub fn bounds(self) -> Option<(SymbolId, SymbolId)> {
        match self.tree.exprs.get(self.value()?) {
            Expr::Range(low, high) => Some((low, high)),
            _ => None,
        }
    }

    /// The entry that it stands in.
    pub fn definition(self) -> Definition<'t> {
        self.tree.definition(self.tree.property(self.id).menu)
    }

    /// The symbol of the entry that it stands in.
    pub fn owner(self) -> Option<SymbolId> {
        self.definition().symbol()
    }

    /// Where it stands.
    pub fn place(self) -> Place {
        self.tree.place(self.position())
    }

    /// Where it stands, as an index into the tree's files.
    pub fn position(self) -> Position {
        self.tree.property(self.id).position
    }
}

impl Tree {
    /// All symbols that an entry defines with a type, in the order in which they were first
    /// mentioned. Choices are not among them.
    pub fn symbols(&self) -> impl Iterator<Item = SymbolId> + '_ {
        (0..self.symbols.len() as u32)
            .map(SymbolId)
            .filter(|&symbol| self.is_defined(symbol))
    }

    /// How many symbols there are, of every sort: one more than the greatest index.
    pub fn symbol_count(&self) -> usize {
        self.symbols.len()
    }

    /// Whether an entry defines the symbol and gives it a type; constants and choices do not
    /// count.
    pub fn is_defined(&self, symbol: SymbolId) -> bool {
        let data = self.symbol(symbol);
        symbol > SymbolId::NO && !data.is_choice && data.kind != SymbolType::Unknown
    }

    /// Whether the symbol stands for its own text: `y`, `m`, `n`, or a word in quotes.
    pub fn is_constant(&self, symbol: SymbolId) -> bool {
        self.symbol(symbol).is_constant
    }

    /// Whether the symbol is a choice.
    pub fn is_choice(&self, symbol: SymbolId) -> bool {
        self.symbol(symbol).is_choice
    }

    /// The symbol that switches modules on; `n` where the tree has none.
    pub fn modules_symbol(&self) -> SymbolId {
        self.modules
    }

    /// An entry.
    pub fn definition(&self, menu: MenuId) -> Definition<'_> {
        Definition { tree: self, menu }
    }

    /// The entries that define a symbol, in the order in which they were read.
    pub fn definitions(&self, symbol: SymbolId) -> impl Iterator<Item = Definition<'_>> {
        self.menus_of(symbol).map(|menu| self.definition(menu))
    }

    /// All entries in the order of the menu tree, which is that of `.config`.
    pub fn menu_order(&self) -> impl Iterator<Item = Definition<'_>> {
        std::iter::successors(Some(MenuId::ROOT), |&menu| {
            self.next_below(menu, MenuId::ROOT)
        })
        .map(|menu| self.definition(menu))
    }

    /// Whether an entry of the symbol has a prompt: whether it can be assigned at all.
    pub fn has_prompt(&self, symbol: SymbolId) -> bool {
        self.statements(symbol)
            .any(|statement| statement.text().is_some())
    }

    /// The text of a symbol's first prompt.
    pub fn prompt_of(&self, symbol: SymbolId) -> Option<String> {
        self.statements(symbol)
            .find_map(|statement| Some(statement.text()?.into_owned()))
    }

    /// A property.
    pub fn statement(&self, id: PropertyId) -> Statement<'_> {
        Statement { tree: self, id }
    }

    /// What the entries of a symbol say, in order.
    pub fn statements(&self, symbol: SymbolId) -> impl Iterator<Item = Statement<'_>> {
        self.properties_of(symbol).map(|(id, _)| self.statement(id))
    }

    /// What all entries of the tree say.
    pub fn all_statements(&self) -> impl Iterator<Item = Statement<'_>> {
        (0..self.properties.len() as u32).map(|index| self.statement(PropertyId(index)))
    }

    /// The `select`s or `imply`s that name the symbol, in the order in which they were read.
    pub fn statements_naming(
        &self,
        symbol: SymbolId,
        kind: PropertyKind,
    ) -> impl Iterator<Item = Statement<'_>> {
        self.all_statements()
            .filter(move |statement| statement.kind() == kind)
            .filter(move |statement| statement.target() == Some(symbol))
    }

    /// A node of an expression.
    pub fn expr(&self, id: ExprId) -> Expr {
        self.exprs.get(id)
    }

    /// The number of distinct expressions.
    pub fn expr_count(&self) -> usize {
        self.exprs.len()
    }

    /// The operands of a chain of `&&`, from left to right; another expression is its own.
    pub fn conjuncts(&self, expr: ExprId) -> Vec<ExprId> {
        self.operands(expr, |node| match node {
            Expr::And(left, right) => Some((left, right)),
            _ => None,
        })
    }

    /// The operands of a chain of `||`, from left to right; another expression is its own.
    pub fn disjuncts(&self, expr: ExprId) -> Vec<ExprId> {
        self.operands(expr, |node| match node {
            Expr::Or(left, right) => Some((left, right)),
            _ => None,
        })
    }

    fn operands(&self, expr: ExprId, split: fn(Expr) -> Option<(ExprId, ExprId)>) -> Vec<ExprId> {
        let mut operands = Vec::new();
        let mut pending = vec![expr];
        while let Some(expr) = pending.pop() {
            match split(self.exprs.get(expr)) {
                Some((left, right)) => pending.extend([right, left]),
                None => operands.push(expr),
            }
        }
        operands
    }

    /// The symbols that an expression mentions, each once, constants left out.
    pub fn symbols_in(&self, expr: ExprId) -> Vec<SymbolId> {
        let mut symbols = Vec::new();
        let mut pending = vec![expr];
        let mut add = |symbol| {
            if !self.is_constant(symbol) && !symbols.contains(&symbol) {
                symbols.push(symbol);
            }
        };
        while let Some(expr) = pending.pop() {
            match self.exprs.get(expr) {
                Expr::Symbol(symbol) => add(symbol),
                Expr::Not(operand) => pending.push(operand),
                Expr::And(left, right) | Expr::Or(left, right) => pending.extend([right, left]),
                Expr::Compare(_, left, right) | Expr::Range(left, right) => {
                    add(left);
                    add(right);
                }
            }
        }
        symbols
    }

    /// The dependencies of all entries of a symbol, joined with `||`.
    pub fn direct_dependency(&self, symbol: SymbolId) -> Option<ExprId> {
        self.symbol(symbol).direct
    }

    /// Who selects the symbol: `selector && condition`, joined with `||`.
    pub fn reverse_dependency(&self, symbol: SymbolId) -> Option<ExprId> {
        self.symbol(symbol).reverse
    }

    /// Who implies the symbol: `implier && condition`, joined with `||`.
    pub fn weak_reverse_dependency(&self, symbol: SymbolId) -> Option<ExprId> {
        self.symbol(symbol).implied
    }

    /// The choice that the symbol is a member of.
    pub fn choice_of(&self, symbol: SymbolId) -> Option<ChoiceId> {
        let data = self.symbol(symbol);
        data.choice.filter(|_| !data.is_choice)
    }

    /// The symbol that stands for a choice.
    pub fn choice_symbol(&self, choice: ChoiceId) -> SymbolId {
        self.choices[choice.index()].symbol
    }

    /// The entry of a choice.
    pub fn choice_definition(&self, choice: ChoiceId) -> Definition<'_> {
        self.definition(self.choices[choice.index()].menu)
    }

    /// The members of a choice in the order in which they stand.
    pub fn choice_members(&self, choice: ChoiceId) -> impl Iterator<Item = SymbolId> + '_ {
        let entries = &self.choices[choice.index()].entries;
        entries
            .iter()
            .copied()
            .filter(move |&member| self.choice_of(member) == Some(choice))
    }

    /// The name of a file that was read.
    pub fn file_name(&self, file: FileId) -> Option<&str> {
        let file = self.files.get(file.index())?;
        Some(&file.name)
    }

    /// The text of a file that was read.
    pub fn file_text(&self, file: FileId) -> Option<&[u8]> {
        let file = self.files.get(file.index())?;
        Some(file.text.bytes())
    }

    /// The line of a Kconfig file that a position is in, as written.
    pub fn source_line(&self, position: Position) -> Cow<'_, str> {
        let line = (position.line as usize)
            .checked_sub(1)
            .and_then(|index| {
                self.file_text(position.file)?
                    .split(|&byte| byte == b'\n')
                    .nth(index)
            })
            .unwrap_or_default();
        String::from_utf8_lossy(line)
    }
}
