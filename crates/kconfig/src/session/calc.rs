//! Computing values (`sym_calc_value` in symbol.c, `expr_calc_value` in expr.c).

use super::{NO_TEXT, Session, UNKNOWN};
use crate::numbers::{self, parse};
use crate::text::Text;
use crate::tree::{
    Comparison, Expr, ExprId, Property, PropertyId, PropertyKind, SymbolId, SymbolType,
};
use crate::tristate::Tristate;
use std::cmp::Ordering;

/// A value as comparisons read it.
enum Operand {
    Signed(i64),
    Unsigned(u64),
    Text,
}

impl<'t> Session<'t> {
    /// Brings a symbol's value up to date.
    pub(super) fn calc(&mut self, symbol: SymbolId) {
        if !self.state(symbol).flags.valid {
            stacker::maybe_grow(64 << 10, 1 << 20, || self.calc_invalid(symbol));
        }
    }

    fn calc_invalid(&mut self, symbol: SymbolId) {
        self.evaluations += 1;
        let tree = self.tree;
        let data = tree.symbol(symbol);
        let choices_are_menus = tree.generation.choices_are_menus();
        if self.state(symbol).flags.needs_choice
            && let Some(choice) = self.choice_symbol_of(symbol)
        {
            self.state_mut(symbol).flags.needs_choice = false;
            self.calc(choice);
        }
        self.mark_valid(symbol);
        let old_tri = self.state(symbol).tri;
        let zero = tree.generation.numbers_default_to_zero();
        let mut new_text = match data.kind {
            SymbolType::Int if zero => Text::ZERO,
            SymbolType::Hex if zero => Text::HEX_ZERO,
            SymbolType::Int | SymbolType::Hex | SymbolType::String => Text::EMPTY,
            SymbolType::Bool | SymbolType::Tristate => Text::N,
            SymbolType::Unknown => {
                let state = self.state_mut(symbol);
                state.text = data.name.unwrap_or(NO_TEXT);
                state.tri = Tristate::No;
                return;
            }
        };
        let mut new_tri = Tristate::No;
        self.state_mut(symbol).flags.write = false;
        self.calc_visibility(symbol);
        let state = self.state_mut(symbol);
        if state.visible != Tristate::No {
            state.flags.write = true;
        }
        // What a loop of dependencies sees.
        state.tri = new_tri;
        state.text = new_text;
        let mut default = None;
        match self.kind(symbol) {
            SymbolType::Bool | SymbolType::Tristate => {
                new_tri = self.calc_logical(symbol, &mut default);
                if new_tri == Tristate::Mod
                    && (self.kind(symbol) == SymbolType::Bool
                        || tree.generation.imply_excludes_modules()
                            && self.state(symbol).implied == Tristate::Yes)
                {
                    new_tri = Tristate::Yes;
                }
            }
            _ => {
                let state = self.state(symbol);
                if state.visible != Tristate::No && state.flags.user {
                    new_text = state.user_text;
                } else if let Some(value) = self
                    .default_property(symbol)
                    .and_then(|(_, property)| tree.value_symbol(property))
                {
                    default = Some(value);
                    self.state_mut(symbol).flags.write = true;
                    self.calc(value);
                    new_text = self.state(value).text;
                }
            }
        }
        if let Some(value) = default {
            self.take_over(symbol, value, new_tri, new_text);
        }
        let state = self.state_mut(symbol);
        state.tri = new_tri;
        state.text = new_text;
        if data.is_choice && !choices_are_menus {
            self.calc_choice_symbol(symbol, new_tri);
        }
        self.clamp_to_range(symbol);
        let new_tri = self.state(symbol).tri;
        if old_tri != new_tri && symbol == tree.modules {
            self.modules = new_tri;
        }
        if data.is_choice {
            self.finish_choice(symbol);
        }
        if data.is_transitional || tree.defconfig_list == Some(symbol) {
            self.state_mut(symbol).flags.write = false;
        }
    }

    /// A symbol whose default is an assigned transitional symbol counts as assigned, so that
    /// nothing is asked.
    fn take_over(&mut self, symbol: SymbolId, default: SymbolId, tri: Tristate, text: Text) {
        if !self.tree.symbol(default).is_transitional
            || !self.state(default).flags.user
            || self.state(symbol).flags.user
        {
            return;
        }
        let state = self.state_mut(symbol);
        state.user_tri = tri;
        state.user_text = text;
        state.flags.user = true;
    }

    /// The value of a bool or tristate symbol.
    ///
    /// `default` becomes the symbol that the active default names.
    fn calc_logical(&mut self, symbol: SymbolId, default: &mut Option<SymbolId>) -> Tristate {
        let data = self.tree.symbol(symbol);
        if self.tree.generation.choices_are_menus() {
            if let (Some(choice), false) = (data.choice, data.is_choice) {
                self.calc_choice(choice);
                return self.state(symbol).tri;
            }
        } else if self.state(symbol).visible == Tristate::Yes
            && let Some(choice) = self.choice_symbol_of(symbol)
        {
            let chosen = self.chosen_member(choice);
            return Tristate::from_bool(chosen == Some(symbol));
        }
        let state = self.state(symbol);
        let mut value = Tristate::No;
        if state.visible != Tristate::No && state.flags.user {
            value = state.user_tri.min(state.visible);
        } else {
            if state.reverse != Tristate::No {
                self.state_mut(symbol).flags.write = true;
            }
            if !data.is_choice {
                if let Some((id, property)) = self.default_property(symbol) {
                    *default = self.tree.value_symbol(property);
                    let given = property.value.map_or(Tristate::Yes, |expr| self.expr(expr));
                    value = given.min(self.property_visible(id));
                    if value != Tristate::No {
                        self.state_mut(symbol).flags.write = true;
                    }
                }
                let is_limited = !self.tree.generation.imply_excludes_modules();
                let state = self.state_mut(symbol);
                if state.implied != Tristate::No {
                    state.flags.write = true;
                    value = value.max(state.implied);
                    if is_limited {
                        value = value.min(state.direct);
                    }
                }
            }
        }
        let state = self.state(symbol);
        let reverse = state.reverse;
        if state.direct < reverse {
            self.warn_of_unmet_dependencies(symbol);
        }
        value.max(reverse)
    }

    /// How far assignments reach, and what dependencies and selects come to
    /// (`sym_calc_visibility`).
    pub(super) fn calc_visibility(&mut self, symbol: SymbolId) {
        let tree = self.tree;
        let data = tree.symbol(symbol);
        if data.is_transitional {
            self.state_mut(symbol).visible = Tristate::Yes;
            return;
        }
        let choice = if tree.generation.choices_are_menus() {
            None
        } else {
            self.choice_symbol_of(symbol)
        };
        let mut visible = Tristate::No;
        for (id, property) in tree.properties_of(symbol) {
            if property.text.is_none() {
                continue;
            }
            let mut value = self.condition(property);
            if let Some(choice) = choice {
                // A member at `m` cannot be seen in a choice at `y`.
                if data.kind == SymbolType::Tristate
                    && value == Tristate::Mod
                    && self.state(choice).tri == Tristate::Yes
                {
                    value = Tristate::No;
                }
            }
            self.property_visible[id.index()] = value;
            visible = visible.max(value);
        }
        if visible == Tristate::Mod
            && (data.kind != SymbolType::Tristate || self.modules == Tristate::No)
        {
            visible = Tristate::Yes;
        }
        self.state_mut(symbol).visible = visible;
        if data.is_choice_value {
            return;
        }
        let direct = self.dependency(symbol, data.direct, Tristate::Yes);
        self.state_mut(symbol).direct = direct;
        let reverse = self.dependency(symbol, data.reverse, Tristate::No);
        self.state_mut(symbol).reverse = reverse;
        let mut implied = Tristate::No;
        if direct != Tristate::No || !tree.generation.imply_excludes_modules() {
            implied = self.dependency(symbol, data.implied, Tristate::No);
        }
        self.state_mut(symbol).implied = implied;
    }

    fn dependency(&mut self, symbol: SymbolId, expr: Option<ExprId>, absent: Tristate) -> Tristate {
        let value = expr.map_or(absent, |expr| self.expr(expr));
        if value == Tristate::Mod && self.kind(symbol) == SymbolType::Bool {
            Tristate::Yes
        } else {
            value
        }
    }

    pub(super) fn condition(&mut self, property: &Property) -> Tristate {
        property
            .condition
            .map_or(Tristate::Yes, |expr| self.expr(expr))
    }

    /// The first property of a kind that applies.
    fn active_property(&mut self, symbol: SymbolId, kind: PropertyKind) -> Option<PropertyId> {
        let tree = self.tree;
        for (id, property) in tree.properties_of(symbol) {
            if property.kind == kind {
                let value = self.condition(property);
                self.property_visible[id.index()] = value;
                if value != Tristate::No {
                    return Some(id);
                }
            }
        }
        None
    }

    /// The default that applies (`sym_get_default_prop`).
    pub(super) fn default_property(
        &mut self,
        symbol: SymbolId,
    ) -> Option<(PropertyId, &'t Property)> {
        let tree = self.tree;
        self.active_property(symbol, PropertyKind::Default)
            .map(|id| (id, tree.property(id)))
    }

    /// The range that applies (`sym_get_range_prop`).
    pub(crate) fn range_property(
        &mut self,
        symbol: SymbolId,
    ) -> Option<(PropertyId, &'t Property)> {
        let tree = self.tree;
        self.active_property(symbol, PropertyKind::Range)
            .map(|id| (id, tree.property(id)))
    }

    /// Keeps a number within its range (`sym_validate_range`).
    fn clamp_to_range(&mut self, symbol: SymbolId) {
        let base = match self.tree.symbol(symbol).kind {
            SymbolType::Int => 10,
            SymbolType::Hex => 16,
            _ => return,
        };
        let Some((low, high)) = self.range(symbol) else {
            return;
        };
        let value = numbers::to_signed(self.text(self.state(symbol).text), base);
        let mut bound = low;
        if value >= self.bound(low, base) {
            bound = high;
            if value <= self.bound(high, base) {
                return;
            }
        }
        self.state_mut(symbol).text = self.state(bound).text;
    }

    /// The range that applies to a symbol.
    pub(super) fn range(&mut self, symbol: SymbolId) -> Option<(SymbolId, SymbolId)> {
        let (_, property) = self.range_property(symbol)?;
        match self.tree.exprs.get(property.value?) {
            Expr::Range(low, high) => Some((low, high)),
            _ => None,
        }
    }

    /// The number that a bound stands for (`sym_get_range_val`).
    pub(super) fn bound(&mut self, symbol: SymbolId, base: u32) -> i64 {
        self.calc(symbol);
        let base = match self.tree.symbol(symbol).kind {
            SymbolType::Int => 10,
            SymbolType::Hex => 16,
            _ => base,
        };
        numbers::to_signed(self.text(self.state(symbol).text), base)
    }

    /// The value of an expression.
    pub(super) fn expr(&mut self, expr: ExprId) -> Tristate {
        match self.expr_values[expr.0 as usize] {
            0 => return Tristate::No,
            1 => return Tristate::Mod,
            2 => return Tristate::Yes,
            _ => {}
        }
        let node = self.tree.exprs.get(expr);
        let value = match node {
            Expr::Symbol(symbol) => {
                self.calc(symbol);
                self.state(symbol).tri
            }
            Expr::Compare(comparison, left, right) => self.compare(comparison, left, right),
            Expr::Not(operand) => {
                stacker::maybe_grow(64 << 10, 1 << 20, || self.expr(operand)).negate()
            }
            Expr::And(..) | Expr::Or(..) => return self.chain(expr),
            Expr::Range(..) => Tristate::No,
        };
        self.keep(expr, value);
        value
    }

    fn keep(&mut self, expr: ExprId, value: Tristate) {
        let keeps = match &mut self.upkeep {
            Some(upkeep) => upkeep.keeps(expr),
            None => self.tree.generation.shares_expressions(),
        };
        if keeps {
            self.expr_values[expr.0 as usize] = value as u8;
        }
    }

    /// The value of a chain of `&&` and `||`, which leans to the left and can be long.
    fn chain(&mut self, expr: ExprId) -> Tristate {
        let base = self.spine.len();
        let mut current = expr;
        while let Expr::And(left, _) | Expr::Or(left, _) = self.tree.exprs.get(current) {
            if self.expr_values[current.0 as usize] != UNKNOWN {
                break;
            }
            self.spine.push(current);
            current = left;
        }
        let mut value = stacker::maybe_grow(64 << 10, 1 << 20, || self.expr(current));
        while self.spine.len() > base {
            let Some(node) = self.spine.pop() else { break };
            value = match self.tree.exprs.get(node) {
                Expr::And(_, right) => value.min(self.expr(right)),
                Expr::Or(_, right) => value.max(self.expr(right)),
                _ => value,
            };
            self.keep(node, value);
        }
        value
    }

    fn compare(&mut self, comparison: Comparison, left: SymbolId, right: SymbolId) -> Tristate {
        self.calc(left);
        self.calc(right);
        let (left_text, right_text) = (self.value_bytes(left), self.value_bytes(right));
        let (left_kind, right_kind) = (self.tree.symbol(left).kind, self.tree.symbol(right).kind);
        let by_text = || left_text.cmp(right_text);
        let order = if left_kind == SymbolType::String && right_kind == SymbolType::String {
            by_text()
        } else {
            match (
                read_operand(left_text, left_kind),
                read_operand(right_text, right_kind),
            ) {
                (Operand::Text, _) | (_, Operand::Text) => by_text(),
                (Operand::Signed(left), Operand::Signed(right)) => left.cmp(&right),
                (Operand::Signed(left), Operand::Unsigned(right)) => (left as u64).cmp(&right),
                (Operand::Unsigned(left), Operand::Signed(right)) => left.cmp(&(right as u64)),
                (Operand::Unsigned(left), Operand::Unsigned(right)) => left.cmp(&right),
            }
        };
        Tristate::from_bool(match comparison {
            Comparison::Equal => order == Ordering::Equal,
            Comparison::Unequal => order != Ordering::Equal,
            Comparison::Less => order == Ordering::Less,
            Comparison::LessEqual => order != Ordering::Greater,
            Comparison::Greater => order == Ordering::Greater,
            Comparison::GreaterEqual => order != Ordering::Less,
        })
    }
}

/// Reads a value as its symbol's type has it (`expr_parse_string`).
fn read_operand(text: &[u8], kind: SymbolType) -> Operand {
    let base = match kind {
        SymbolType::Bool | SymbolType::Tristate => {
            return Operand::Signed(match text {
                b"n" => 0,
                b"m" => 1,
                b"y" => 2,
                _ => -1,
            });
        }
        SymbolType::Int => 10,
        SymbolType::Hex => 16,
        SymbolType::String | SymbolType::Unknown => 0,
    };
    let parsed = parse(text, base);
    if parsed.length == 0 || parsed.length != text.len() {
        return Operand::Text;
    }
    if kind == SymbolType::Hex {
        match parsed.unsigned() {
            (value, true) => Operand::Unsigned(value),
            _ => Operand::Text,
        }
    } else {
        match parsed.signed() {
            (value, true) => Operand::Signed(value),
            _ => Operand::Text,
        }
    }
}
