//! Symbols that depend on themselves, and members that a choice cannot have
//! (`sym_check_deps` in symbol.c, `choice_check_sanity` in parser.y).

use crate::diagnostics::{Diagnostic, Reporter, Severity, Style};
use crate::tree::expr::is_yes;
use crate::tree::{Expr, ExprId, MenuId, Property, PropertyId, PropertyKind, SymbolId, Tree};

/// Checks a finished tree; `false` where `conf` would stop.
pub(crate) fn check(tree: &mut Tree, reporter: &mut dyn Reporter) -> bool {
    let buckets = tree.generation.hash_buckets();
    let order = tree.symbols.hash_order(&tree.texts, buckets);
    let mut checker = Checker {
        tree,
        reporter,
        visited: vec![false; tree.symbols.len()],
        active: vec![false; tree.symbols.len()],
        cleared: vec![false; tree.exprs.len()],
        stack: Vec::new(),
    };
    let mut errors = 0;
    if tree.generation.checks_in_menu_order() {
        let mut entry = tree.next_below(MenuId::ROOT, MenuId::ROOT);
        while let Some(menu) = entry {
            if let Some(symbol) = tree.menu(menu).symbol {
                errors += u32::from(checker.symbol(symbol).is_some());
                errors += checker.transitional(menu, symbol);
                if tree.symbol(symbol).is_choice && tree.generation.choices_are_menus() {
                    errors += checker.choice_members(menu);
                }
            }
            entry = tree.next_below(menu, MenuId::ROOT);
        }
    } else {
        for symbol in order {
            errors += u32::from(checker.symbol(symbol).is_some());
        }
    }
    errors == 0
}

/// Which expression of a symbol is being followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Followed {
    Direct,
    Reverse,
    Implied,
    /// The value of a default.
    Value,
    /// The condition of a property, or nothing yet.
    Condition,
}

#[derive(Debug, Clone, Copy)]
struct Step {
    symbol: SymbolId,
    followed: Followed,
    property: Option<PropertyId>,
}

struct Checker<'a> {
    tree: &'a Tree,
    reporter: &'a mut dyn Reporter,
    visited: Vec<bool>,
    /// Symbols whose dependencies are being followed.
    active: Vec<bool>,
    /// Expressions that were followed to their end without finding a loop.
    cleared: Vec<bool>,
    stack: Vec<Step>,
}

impl Checker<'_> {
    fn push(&mut self, symbol: SymbolId) {
        self.stack.push(Step {
            symbol,
            followed: Followed::Condition,
            property: None,
        });
    }

    fn follow(&mut self, followed: Followed) {
        if let Some(step) = self.stack.last_mut() {
            step.followed = followed;
        }
    }

    /// The symbol of the choice that a symbol is a member of.
    fn choice_of(&self, symbol: SymbolId) -> Option<SymbolId> {
        let data = self.tree.symbol(symbol);
        if data.is_choice {
            return None;
        }
        data.choice
            .map(|choice| self.tree.choices[choice.index()].symbol)
    }

    fn members(&self, choice: SymbolId) -> &[SymbolId] {
        match self.tree.symbol(choice).choice {
            Some(id) if self.tree.generation.choices_are_menus() => {
                &self.tree.choices[id.index()].entries
            }
            Some(id) => &self.tree.choices[id.index()].members,
            None => &[],
        }
    }

    /// Follows a symbol's dependencies; returns a symbol of a loop that was found.
    fn symbol(&mut self, symbol: SymbolId) -> Option<SymbolId> {
        if self.active[symbol.index()] {
            self.print_loop(symbol);
            return Some(symbol);
        }
        if self.visited[symbol.index()] {
            return None;
        }
        stacker::maybe_grow(64 << 10, 1 << 20, || {
            if let Some(choice) = self.choice_of(symbol) {
                self.push(symbol);
                let found = self.symbol(choice);
                self.stack.pop();
                found
            } else if self.tree.symbol(symbol).is_choice {
                self.choice(symbol)
            } else {
                self.visited[symbol.index()] = true;
                self.active[symbol.index()] = true;
                let found = self.dependencies(symbol);
                self.active[symbol.index()] = false;
                found
            }
        })
    }

    /// A choice and its members are followed as one.
    fn choice(&mut self, choice: SymbolId) -> Option<SymbolId> {
        self.push(choice);
        let members = self.members(choice).to_vec();
        for &member in &members {
            self.visited[member.index()] = true;
            self.active[member.index()] = true;
        }
        self.visited[choice.index()] = true;
        self.active[choice.index()] = true;
        let mut found = self.dependencies(choice);
        self.active[choice.index()] = false;
        if found.is_none() {
            found = members.iter().find_map(|&member| self.dependencies(member));
        }
        for &member in &members {
            self.active[member.index()] = false;
        }
        let found = found.map(|symbol| {
            if self.choice_of(symbol) == Some(choice) {
                choice
            } else {
                symbol
            }
        });
        self.stack.pop();
        found
    }

    fn dependencies(&mut self, symbol: SymbolId) -> Option<SymbolId> {
        self.push(symbol);
        let found = self.follow_all(symbol);
        self.stack.pop();
        found
    }

    fn follow_all(&mut self, symbol: SymbolId) -> Option<SymbolId> {
        let tree = self.tree;
        let data = tree.symbol(symbol);
        for (followed, expr) in [
            (Followed::Direct, data.direct),
            (Followed::Reverse, data.reverse),
            (Followed::Implied, data.implied),
        ] {
            self.follow(followed);
            if let Some(found) = self.maybe_expr(expr) {
                return Some(found);
            }
        }
        self.follow(Followed::Condition);
        let mut definition = None;
        for (id, property) in tree.properties_of(symbol) {
            // Before 6.11 a definition was itself a property, before all others of its entry.
            if data.is_choice
                && !tree.generation.choices_are_menus()
                && definition.replace(property.menu) != Some(property.menu)
                && let Some(found) = self.maybe_expr(tree.menu(property.menu).dependency)
            {
                return Some(found);
            }
            if matches!(property.kind, PropertyKind::Select | PropertyKind::Imply) {
                continue;
            }
            if let Some(step) = self.stack.last_mut() {
                step.property = Some(id);
            }
            if let Some(found) = self.maybe_expr(property.condition) {
                return Some(found);
            }
            if property.kind != PropertyKind::Default || data.is_choice {
                continue;
            }
            self.follow(Followed::Value);
            if let Some(found) = self.maybe_expr(property.value) {
                return Some(found);
            }
            self.follow(Followed::Condition);
        }
        None
    }

    fn maybe_expr(&mut self, expr: Option<ExprId>) -> Option<SymbolId> {
        self.expr(expr?)
    }

    fn expr(&mut self, expr: ExprId) -> Option<SymbolId> {
        if self.cleared[expr.0 as usize] {
            return None;
        }
        let found = stacker::maybe_grow(64 << 10, 1 << 20, || match self.tree.exprs.get(expr) {
            Expr::And(left, right) | Expr::Or(left, right) => {
                self.expr(left).or_else(|| self.expr(right))
            }
            Expr::Not(operand) => self.expr(operand),
            Expr::Compare(_, left, right) => self.symbol(left).or_else(|| self.symbol(right)),
            Expr::Symbol(symbol) => self.symbol(symbol),
            Expr::Range(..) => None,
        });
        if found.is_none() {
            self.cleared[expr.0 as usize] = true;
        }
        found
    }

    fn name(&self, symbol: SymbolId) -> String {
        String::from_utf8_lossy(self.tree.name_or_choice(symbol)).into_owned()
    }

    /// Prints a loop that was found at `last` (`sym_check_print_recursive`).
    fn print_loop(&mut self, last: SymbolId) {
        let mut last = last;
        let mut stack = self.stack.clone();
        if let Some(choice) = self.choice_of(last) {
            stack.push(Step {
                symbol: last,
                followed: Followed::Condition,
                property: None,
            });
            last = choice;
        }
        let Some(start) = stack.iter().rposition(|step| step.symbol == last) else {
            self.reporter.diagnostic(Diagnostic::bare(
                Severity::Error,
                None,
                b"unexpected recursive dependency error\n".to_vec(),
            ));
            return;
        };
        let mut text = String::new();
        for (index, step) in stack.iter().enumerate().skip(start) {
            let next = stack.get(index + 1).map_or(last, |next| next.symbol);
            if self.tree.generation.choices_are_menus() {
                self.describe_step(&mut text, *step, next, last);
            } else {
                self.describe_placed_step(&mut text, *step, next, last);
            }
        }
        text.push_str(
            "For a resolution refer to Documentation/kbuild/kconfig-language.rst\n\
             subsection \"Kconfig recursive dependency limitations\"\n\n",
        );
        let place = self
            .tree
            .menus_of(last)
            .next()
            .map(|menu| self.tree.place(self.tree.menu(menu).position));
        self.reporter
            .diagnostic(Diagnostic::bare(Severity::Error, place, text.into_bytes()));
    }

    fn describe_step(&self, text: &mut String, step: Step, next: SymbolId, last: SymbolId) {
        if step.symbol == last {
            text.push_str("error: recursive dependency detected!\n");
        }
        let name = self.name(step.symbol);
        let next_name = self.name(next);
        let line = if self.tree.symbol(next).is_choice {
            let place = self
                .tree
                .menus_of(next)
                .next()
                .map(|menu| self.tree.place(self.tree.menu(menu).position));
            let (file, line) = place.map_or((String::new(), 0), |place| (place.file, place.line));
            format!("\tsymbol {name} is part of choice block at {file}:{line}\n")
        } else {
            format!("\tsymbol {name} {}\n", self.relation(step, &next_name))
        };
        text.push_str(&line);
    }

    fn relation(&self, step: Step, next: &str) -> String {
        let kind = step
            .property
            .map_or("unknown", |id| self.tree.property(id).kind.name());
        match step.followed {
            Followed::Direct => format!("depends on {next}"),
            Followed::Reverse => format!("is selected by {next}"),
            Followed::Implied => format!("is implied by {next}"),
            Followed::Value => format!("{kind} value contains {next}"),
            Followed::Condition => format!("{kind} is visible depending on {next}"),
        }
    }

    /// Before 6.11 every line of the message began with a place.
    fn describe_placed_step(&self, text: &mut String, step: Step, next: SymbolId, last: SymbolId) {
        let data = self.tree.symbol(step.symbol);
        let menu = self.tree.menus_of(step.symbol).next();
        let definition = menu.map(|menu| self.tree.menu(menu).position);
        let position = match step.property {
            Some(id) if !data.is_choice && !data.is_choice_value => {
                Some(self.tree.property(id).position)
            }
            _ => definition,
        };
        let place = position.map_or_else(String::new, |position| {
            let place = self.tree.place(position);
            format!("{}:{}:", place.file, place.line)
        });
        if step.symbol == last {
            text.push_str(&format!("{place}error: recursive dependency detected!\n"));
        }
        let name = self.name(step.symbol);
        let next_name = self.name(next);
        let line = if data.is_choice {
            format!("choice {name} contains symbol {next_name}")
        } else if data.is_choice_value {
            format!("symbol {name} is part of choice {next_name}")
        } else {
            let mut step = step;
            if step.property.is_none() && step.followed == Followed::Condition {
                step.property = data.first_property;
            }
            format!("symbol {name} {}", self.relation(step, &next_name))
        };
        text.push_str(&format!("{place}\t{line}\n"));
    }

    /// What the members of a choice may not have, from 6.11 on; returns the errors.
    fn choice_members(&mut self, choice: MenuId) -> u32 {
        let tree = self.tree;
        let mut errors = 0;
        let mut entry = tree.next_below(choice, choice);
        while let Some(menu) = entry {
            entry = tree.next_below(menu, choice);
            let Some(symbol) = tree.menu(menu).symbol else {
                continue;
            };
            let mut failed = false;
            for (_, property) in tree.properties_of(symbol) {
                if property.kind == PropertyKind::Default {
                    self.member_error(property, b"defaults for choice values not supported");
                    failed = true;
                }
                if property.menu == menu || property.kind != PropertyKind::Prompt {
                    continue;
                }
                if tree.generation.members_have_one_prompt() {
                    self.member_error(
                        property,
                        b"choice value must not have a prompt in another entry",
                    );
                    failed = true;
                } else if tree.menu(property.menu).parent != tree.menu(menu).parent {
                    self.member_error(
                        property,
                        b"choice value has a prompt outside its choice group",
                    );
                    failed = true;
                }
            }
            errors += u32::from(failed);
        }
        errors
    }

    /// A transitional symbol may have nothing but a type and a help text
    /// (`transitional_check_sanity`); returns the errors.
    fn transitional(&mut self, menu: MenuId, symbol: SymbolId) -> u32 {
        let tree = self.tree;
        if !tree.symbol(symbol).is_transitional {
            return 0;
        }
        let message = b"transitional symbols can only have help sections";
        let node = tree.menu(menu);
        if !is_yes(node.dependency) || !is_yes(node.visibility) {
            self.reporter.diagnostic(Diagnostic::at(
                Style::Error,
                Severity::Error,
                tree.place(node.position),
                message,
            ));
            return 1;
        }
        let other = tree
            .properties_of(symbol)
            .find(|(_, property)| property.kind != PropertyKind::Comment);
        if let Some((_, property)) = other {
            self.member_error(property, message);
            return 1;
        }
        0
    }

    fn member_error(&mut self, property: &Property, message: &[u8]) {
        self.reporter.diagnostic(Diagnostic::at(
            Style::Error,
            Severity::Error,
            self.tree.place(property.position),
            message,
        ));
    }
}
