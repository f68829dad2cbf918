//! From statements to the finished menu tree (`menu_finalize` in menu.c).
//!
//! Dependencies flow down from blocks to entries and their properties, `select` and `imply` are
//! turned round, entries that depend on the one before them move into a submenu below it, and
//! `if` blocks dissolve.

use super::builder::set_type;
use super::simplify::{
    Simplifier, contains_symbol, contains_symbol_negated, depends_on_symbol, eliminate_common,
    equal, insert_comparison, transform,
};
use super::validate::check_properties;
use crate::diagnostics::{Diagnostic, Reporter, Severity, Style};
use crate::tree::expr::is_yes;
use crate::tree::{
    Comparison, Expr, ExprId, MenuId, Property, PropertyId, PropertyKind, SymbolId, SymbolType,
    Tree,
};

/// Finishes a tree that was just read.
pub(crate) fn finish(mut tree: Tree, reporter: &mut dyn Reporter) -> Tree {
    if tree.menu(MenuId::ROOT).prompt.is_none() {
        add_default_title(&mut tree);
    }
    let simplifier = Simplifier::new(&tree);
    let mut finisher = Finisher {
        tree: &mut tree,
        has_late_types: false,
        simplifier,
        reporter,
    };
    finisher.finish(MenuId::ROOT, false);
    compare_conditions(&mut tree);
    link_choices(&mut tree);
    tree
}

fn add_default_title(tree: &mut Tree) {
    let text = tree.texts.intern(b"Main menu");
    let id = PropertyId(tree.properties.len() as u32);
    tree.properties.push(Property {
        kind: PropertyKind::Menu,
        text: Some(text),
        condition: None,
        condition_is_dependency: true,
        value: None,
        menu: MenuId::ROOT,
        position: tree.menu(MenuId::ROOT).position,
        next: None,
    });
    tree.menus[MenuId::ROOT.index()].prompt = Some(id);
}

/// Notes which prompts are limited by more than the dependencies of their entry.
fn compare_conditions(tree: &mut Tree) {
    for index in 0..tree.properties.len() {
        let property = &tree.properties[index];
        let condition = property.condition;
        let dependency = tree.menu(property.menu).dependency;
        if property.text.is_some() && condition != dependency {
            tree.properties[index].condition_is_dependency = match (condition, dependency) {
                (Some(condition), Some(dependency)) => equal(tree, dependency, condition),
                _ => is_yes(condition) && is_yes(dependency),
            };
        }
    }
}

/// Notes which symbols belong to which choice, now that all entries are in place.
fn link_choices(tree: &mut Tree) {
    for index in 0..tree.choices.len() {
        let root = tree.choices[index].menu;
        let mut entries = Vec::new();
        let mut menu = tree.next_below(root, root);
        while let Some(entry) = menu {
            entries.extend(tree.menu(entry).symbol);
            menu = tree.next_below(entry, root);
        }
        tree.choices[index].entries = entries;
    }
    if tree.generation.choices_are_menus() {
        for index in 0..tree.symbols.len() as u32 {
            let symbol = SymbolId(index);
            if tree.symbol(symbol).is_choice {
                continue;
            }
            let choice = tree
                .choice_menu_of(symbol)
                .and_then(|menu| tree.menu(menu).symbol)
                .and_then(|choice| tree.symbol(choice).choice);
            tree.symbols.get_mut(symbol).choice = choice;
        }
    }
}

struct Finisher<'a> {
    tree: &'a mut Tree,
    /// Whether a symbol got its type only here, after expressions were transformed.
    has_late_types: bool,
    simplifier: Simplifier,
    reporter: &'a mut dyn Reporter,
}

impl Finisher<'_> {
    fn finish(&mut self, parent: MenuId, inside_choice: bool) {
        let symbol = self.tree.menu(parent).symbol;
        let choice = symbol.filter(|&symbol| self.tree.symbol(symbol).is_choice);
        if let Some(first) = self.tree.menu(parent).list {
            self.finish_block(parent, first, choice);
        } else if let Some(symbol) = symbol
            && !(inside_choice && self.tree.generation.choices_are_menus())
        {
            self.gather_submenu(parent, symbol);
        }
        self.dissolve_blocks(parent, choice);
        if let Some(symbol) = symbol {
            self.check_symbol(parent, symbol);
            self.require_choice(parent, symbol);
        }
    }

    fn next(&self, menu: MenuId) -> Option<MenuId> {
        self.tree.menu(menu).next
    }

    /// Hands the dependencies of a block down to its entries.
    fn finish_block(&mut self, parent: MenuId, first: MenuId, choice: Option<SymbolId>) {
        let mut inherited = self.tree.menu(parent).dependency;
        if let Some(choice) = choice
            && !self.tree.generation.choices_are_menus()
        {
            self.settle_choice_types(parent, first, choice);
            // The choice's own value limits the visibility of its members.
            inherited = Some(self.tree.exprs.symbol(choice));
        }
        let mut entry = Some(first);
        while let Some(menu) = entry {
            self.inherit(menu, inherited);
            entry = self.next(menu);
        }
        let mut entry = Some(first);
        while let Some(menu) = entry {
            stacker::maybe_grow(64 << 10, 1 << 20, || {
                self.finish(menu, choice.is_some());
            });
            entry = self.next(menu);
        }
    }

    /// A choice has the type of its first typed member, and gives it to members without type.
    fn settle_choice_types(&mut self, parent: MenuId, first: MenuId, choice: SymbolId) {
        let types = |tree: &Tree, menu: MenuId| {
            tree.menu(menu)
                .symbol
                .map(|symbol| tree.symbol(symbol).kind)
        };
        if self.tree.symbol(choice).kind == SymbolType::Unknown {
            let mut entry = Some(first);
            while let Some(menu) = entry {
                if let Some(kind) = types(self.tree, menu)
                    && kind != SymbolType::Unknown
                {
                    set_type(self.tree, parent, kind, self.reporter);
                    self.types_changed();
                    break;
                }
                entry = self.next(menu);
            }
        }
        let mut entry = Some(first);
        while let Some(menu) = entry {
            if types(self.tree, menu) == Some(SymbolType::Unknown) {
                let kind = self.tree.symbol(choice).kind;
                set_type(self.tree, menu, kind, self.reporter);
                self.types_changed();
            }
            entry = self.next(menu);
        }
    }

    fn types_changed(&mut self) {
        self.has_late_types = true;
        self.simplifier.types_changed();
    }

    /// `inherited && condition`, with `m` meaning `m && MODULES`, simplified.
    fn limit(&mut self, inherited: Option<ExprId>, condition: Option<ExprId>) -> Option<ExprId> {
        let condition = condition.map(|condition| {
            let rewritten = rewrite_m(self.tree, condition);
            transform(self.tree, rewritten, self.reporter)
        });
        let joined = self.tree.exprs.and_maybe(inherited, condition)?;
        Some(self.simplifier.eliminate_duplicates(self.tree, joined))
    }

    fn inherit(&mut self, menu: MenuId, inherited: Option<ExprId>) {
        let dependency = self.limit(inherited, self.tree.menu(menu).dependency);
        self.tree.menus[menu.index()].dependency = dependency;
        let Some(symbol) = self.tree.menu(menu).symbol else {
            if let Some(prompt) = self.tree.menu(menu).prompt {
                self.limit_property(prompt, dependency);
            }
            return;
        };
        let mut property = self.tree.symbol(symbol).first_property;
        while let Some(id) = property {
            if self.tree.property(id).menu == menu {
                self.limit_property(id, dependency);
                self.turn_round(id, symbol);
            }
            property = self.tree.property(id).next;
        }
    }

    fn limit_property(&mut self, id: PropertyId, dependency: Option<ExprId>) {
        let condition = self.tree.property(id).condition;
        let limited = self.limit(dependency, condition);
        self.tree.properties[id.index()].condition = limited;
    }

    /// Adds a `select` or `imply` to the symbol that it names.
    fn turn_round(&mut self, id: PropertyId, symbol: SymbolId) {
        let property = self.tree.property(id);
        let kind = property.kind;
        if !matches!(kind, PropertyKind::Select | PropertyKind::Imply) {
            return;
        }
        let condition = property.condition;
        let Some(target) = self.tree.value_symbol(property) else {
            return;
        };
        let selector = self.tree.exprs.symbol(symbol);
        let term = self.tree.exprs.and_maybe(Some(selector), condition);
        let data = self.tree.symbols.get_mut(target);
        let field = if kind == PropertyKind::Select {
            &mut data.reverse
        } else {
            &mut data.implied
        };
        *field = self.tree.exprs.or_maybe(*field, term);
    }

    /// Moves the entries behind a symbol that depend on it into a submenu below it.
    fn gather_submenu(&mut self, parent: MenuId, symbol: SymbolId) {
        // Simplified only where it is asked for, or where that may tell something.
        let mut own_condition = self.has_late_types.then(|| self.own_condition(parent));
        let mut last = None;
        let mut entry = self.next(parent);
        while let Some(menu) = entry {
            let condition = match self.tree.menu(menu).prompt {
                Some(prompt) => self.tree.property(prompt).condition,
                None => self.tree.menu(menu).dependency,
            };
            let Some(condition) = condition else { break };
            if !contains_symbol(self.tree, condition, symbol) {
                break;
            }
            if !depends_on_symbol(self.tree, condition, symbol) {
                if self.tree.generation.keeps_negated_entries_apart()
                    && contains_symbol_negated(self.tree, condition, symbol)
                {
                    break;
                }
                let own = match own_condition {
                    Some(own) => own,
                    None => *own_condition.insert(self.own_condition(parent)),
                };
                let other = compared_to_no(
                    self.tree,
                    &mut self.simplifier,
                    Some(condition),
                    self.reporter,
                );
                let (_, rest) = eliminate_common(self.tree, other, own);
                if !is_yes(Some(rest)) {
                    break;
                }
            }
            stacker::maybe_grow(64 << 10, 1 << 20, || self.finish(menu, false));
            self.tree.menus[menu.index()].parent = Some(parent);
            last = Some(menu);
            entry = self.next(menu);
        }
        if let Some(last) = last {
            let after = self.next(last);
            let moved = self.next(parent);
            let node = &mut self.tree.menus[parent.index()];
            node.list = moved;
            node.next = after;
            self.tree.menus[last.index()].next = None;
        }
        let dependency = self.tree.menu(parent).dependency;
        let direct = self.tree.symbol(symbol).direct;
        let joined = self.tree.exprs.or_maybe(direct, dependency);
        self.tree.symbols.get_mut(symbol).direct = joined;
    }

    /// When an entry's prompt can be seen, in the form in which conditions are compared.
    fn own_condition(&mut self, menu: MenuId) -> ExprId {
        let prompt = self.tree.menu(menu).prompt;
        let own = prompt.and_then(|prompt| self.tree.property(prompt).condition);
        compared_to_no(self.tree, &mut self.simplifier, own, self.reporter)
    }

    /// Puts the entries of blocks without title in the place of the block; before 6.11 also
    /// registers the members of a choice.
    fn dissolve_blocks(&mut self, parent: MenuId, choice: Option<SymbolId>) {
        let mut entry = self.tree.menu(parent).list;
        while let Some(menu) = entry {
            if let Some(choice) = choice
                && !self.tree.generation.choices_are_menus()
            {
                self.add_choice_member(menu, choice);
            }
            let node = self.tree.menu(menu);
            if let (Some(first), None) = (node.list, node.prompt) {
                let mut last = first;
                loop {
                    self.tree.menus[last.index()].parent = Some(parent);
                    match self.next(last) {
                        Some(next) => last = next,
                        None => break,
                    }
                }
                let after = self.next(menu);
                self.tree.menus[last.index()].next = after;
                let node = &mut self.tree.menus[menu.index()];
                node.next = Some(first);
                node.list = None;
            }
            entry = self.next(menu);
        }
    }

    fn warn_at_menu(&mut self, menu: MenuId, message: &[u8]) {
        let place = self.tree.place(self.tree.menu(menu).position);
        self.reporter.diagnostic(Diagnostic::at(
            Style::Warning,
            Severity::Warning,
            place,
            message,
        ));
    }

    /// Makes an entry's symbol a member of the choice around it (before 6.11).
    fn add_choice_member(&mut self, menu: MenuId, choice: SymbolId) {
        let Some(symbol) = self.tree.menu(menu).symbol else {
            return;
        };
        if self.tree.symbol(symbol).is_choice_value {
            return;
        }
        let choice_id = self.tree.symbol(choice).choice;
        let data = self.tree.symbols.get_mut(symbol);
        data.is_choice_value = true;
        if !data.is_choice {
            data.choice = choice_id;
        }
        if self.tree.menu(menu).prompt.is_none() {
            self.warn_at_menu(menu, b"choice value must have a prompt");
        }
        let mut property = self.tree.symbol(symbol).first_property;
        while let Some(id) = property {
            let data = self.tree.property(id);
            property = data.next;
            let outside = data.menu != menu
                && data.kind == PropertyKind::Prompt
                && self
                    .tree
                    .menu(data.menu)
                    .parent
                    .and_then(|parent| self.tree.menu(parent).symbol)
                    != Some(choice);
            let place = self.tree.place(data.position);
            if data.kind == PropertyKind::Default {
                self.reporter.diagnostic(Diagnostic::at(
                    Style::Warning,
                    Severity::Warning,
                    place.clone(),
                    b"defaults for choice values not supported",
                ));
            }
            if outside {
                self.reporter.diagnostic(Diagnostic::at(
                    Style::Warning,
                    Severity::Warning,
                    place,
                    b"choice value used outside its choice group",
                ));
            }
        }
        // A bool in a tristate choice needs the choice to be `y`.
        if self.tree.symbol(choice).kind == SymbolType::Tristate
            && self.tree.symbol(symbol).kind != SymbolType::Tristate
        {
            let is_yes = self
                .tree
                .exprs
                .compare(Comparison::Equal, choice, SymbolId::YES);
            let dependency = self.tree.menu(menu).dependency;
            let limited = self.tree.exprs.and_maybe(Some(is_yes), dependency);
            self.tree.menus[menu.index()].dependency = limited;
            let mut property = self.tree.symbol(symbol).first_property;
            while let Some(id) = property {
                if self.tree.property(id).menu == menu {
                    let condition = self.tree.property(id).condition;
                    let limited = self.tree.exprs.and_maybe(Some(is_yes), condition);
                    self.tree.properties[id.index()].condition = limited;
                }
                property = self.tree.property(id).next;
            }
        }
        if let Some(id) = choice_id {
            self.tree.choices[id.index()].members.push(symbol);
        }
    }

    fn check_symbol(&mut self, menu: MenuId, symbol: SymbolId) {
        if self.tree.symbol(symbol).checked {
            return;
        }
        if self.tree.symbol(symbol).kind == SymbolType::Unknown {
            self.warn_at_menu(menu, b"config symbol defined without type");
        }
        if self.tree.symbol(symbol).is_choice
            && !self.tree.generation.choices_need_prompts()
            && self.tree.menu(menu).prompt.is_none()
        {
            self.warn_at_menu(menu, b"choice must have a prompt");
        }
        check_properties(self.tree, symbol, self.reporter);
        self.tree.symbols.get_mut(symbol).checked = true;
    }

    /// A choice that is not optional cannot be `n` while it is visible (before 6.11).
    fn require_choice(&mut self, menu: MenuId, symbol: SymbolId) {
        let data = self.tree.symbol(symbol);
        if self.tree.generation.choices_are_menus() || !data.is_choice || data.is_optional {
            return;
        }
        let Some(prompt) = self.tree.menu(menu).prompt else {
            return;
        };
        let visible = self.tree.property(prompt).condition;
        let term = self.tree.exprs.and_maybe(visible, Some(ExprId::MOD));
        let reverse = self.tree.symbol(symbol).reverse;
        let joined = self.tree.exprs.or_maybe(reverse, term);
        self.tree.symbols.get_mut(symbol).reverse = joined;
    }
}

/// An expression in the form in which two are compared for a submenu.
fn compared_to_no(
    tree: &mut Tree,
    simplifier: &mut Simplifier,
    expr: Option<ExprId>,
    reporter: &mut dyn Reporter,
) -> ExprId {
    let compared = insert_comparison(tree, expr, Comparison::Unequal);
    let transformed = transform(tree, compared, reporter);
    simplifier.eliminate_duplicates(tree, transformed)
}

/// Turns `m` into `m && MODULES` (`rewrite_m`).
fn rewrite_m(tree: &mut Tree, expr: ExprId) -> ExprId {
    let deep =
        |tree: &mut Tree, expr| stacker::maybe_grow(64 << 10, 1 << 20, || rewrite_m(tree, expr));
    match tree.exprs.get(expr) {
        Expr::Not(operand) => {
            let operand = deep(tree, operand);
            tree.exprs.not(operand)
        }
        Expr::And(left, right) => {
            let left = deep(tree, left);
            let right = deep(tree, right);
            tree.exprs.and(left, right)
        }
        Expr::Or(left, right) => {
            let left = deep(tree, left);
            let right = deep(tree, right);
            tree.exprs.or(left, right)
        }
        Expr::Symbol(SymbolId::MOD) => {
            let modules = tree.exprs.symbol(tree.modules);
            tree.exprs.and(expr, modules)
        }
        _ => expr,
    }
}
