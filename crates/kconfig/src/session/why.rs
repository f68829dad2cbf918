//! Why a symbol has its value.

use super::Session;
use crate::tree::{
    ChoiceId, Expr, ExprId, PropertyId, PropertyKind, Statement, SymbolId, SymbolType,
};
use crate::tristate::Tristate;

/// Why a symbol has its value, and what bears on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The value as `.config` shows it, without quotes.
    pub value: String,
    /// Whether the symbol stands in `.config`.
    pub is_written: bool,
    /// The value that was assigned, whether it took effect or not.
    pub assigned: Option<String>,
    /// How far an assignment reaches: `n` where the symbol has no prompt that can be seen.
    pub visibility: Tristate,
    /// What its dependencies come to.
    pub direct: Tristate,
    /// What its selectors ask for at least.
    pub reverse: Tristate,
    /// What its impliers propose.
    pub implied: Tristate,
    /// The default that applies, whether it took effect or not.
    pub default: Option<PropertyId>,
    /// The range that applies.
    pub range: Option<PropertyId>,
    /// What decided the value.
    pub reason: Reason,
}

/// What decided a symbol's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// No entry of the tree defines it.
    Undefined,
    /// The assignment did, within what visibility allows.
    Assigned,
    /// The default did.
    Default(PropertyId),
    /// It is visible, was not assigned, and has no default that applies.
    NoDefault,
    /// Others select it: those with the strongest claim.
    Selected(Vec<Cause>),
    /// Others imply it: those with the strongest claim.
    Implied(Vec<Cause>),
    /// It is the member that its choice has.
    Chosen(ChoiceId),
    /// Its choice has another member, or none.
    NotChosen(ChoiceId, Option<SymbolId>),
    /// Nothing gives it a value: it cannot be assigned, and no default, `select` or `imply`
    /// applies.
    Unreachable,
}

/// A `select` or `imply` that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// Who says so.
    pub symbol: SymbolId,
    /// The statement.
    pub statement: PropertyId,
    /// How strongly: `m` or `y`.
    pub strength: Tristate,
}

impl Session<'_> {
    /// Why a symbol has its value.
    pub fn why(&mut self, symbol: SymbolId) -> Why {
        self.calc(symbol);
        let state = *self.state(symbol);
        let is_defined = self.tree.is_defined(symbol);
        Why {
            value: self.value(symbol),
            is_written: state.flags.write,
            assigned: self.assignment(symbol),
            visibility: state.visible,
            direct: state.direct,
            reverse: state.reverse,
            implied: state.implied,
            default: is_defined
                .then(|| self.default_property(symbol))
                .flatten()
                .map(|(id, _)| id),
            range: is_defined
                .then(|| self.range_property(symbol))
                .flatten()
                .map(|(id, _)| id),
            reason: self.reason(symbol),
        }
    }

    /// The value that was assigned to a symbol, whether it took effect or not.
    pub fn assignment(&self, symbol: SymbolId) -> Option<String> {
        let state = self.state(symbol);
        if !state.flags.user {
            return None;
        }
        let text = if self.tree.kind(symbol).is_logical() {
            state.user_tri.letter().as_bytes()
        } else {
            self.text(state.user_text)
        };
        Some(String::from_utf8_lossy(text).into_owned())
    }

    /// Whether an answer can change the symbol's value: it is visible, and not held where it is
    /// by a `select`.
    pub fn can_change(&mut self, symbol: SymbolId) -> bool {
        self.calc(symbol);
        self.is_changeable(symbol)
    }

    /// Whether the symbol stands in `.config`.
    pub fn stands_in_config(&mut self, symbol: SymbolId) -> bool {
        self.calc(symbol);
        self.is_written(symbol)
    }

    /// The value that a symbol would have without an assignment, as text.
    pub fn default_value(&mut self, symbol: SymbolId) -> String {
        self.calc(symbol);
        let text = self.default_text(symbol);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The member that a choice has.
    pub fn chosen(&mut self, choice: ChoiceId) -> Option<SymbolId> {
        let members: Vec<SymbolId> = self.tree.choice_members(choice).collect();
        members
            .into_iter()
            .find(|&member| self.tristate(member) == Tristate::Yes)
    }

    /// The members of a choice, the most wanted first: the one last assigned `y` leads. Before
    /// 6.11, in the order in which they stand.
    pub fn choice_priority(&self, choice: ChoiceId) -> &[SymbolId] {
        &self.choice_order[choice.index()]
    }

    /// The value of an expression.
    pub fn evaluate(&mut self, expr: ExprId) -> Tristate {
        self.expr(expr)
    }

    /// When a statement applies: the value of its condition.
    pub fn applies(&mut self, statement: Statement<'_>) -> Tristate {
        statement
            .condition()
            .map_or(Tristate::Yes, |condition| self.expr(condition))
    }

    /// The parts of an expression that keep it below `wanted`: of an `&&` those operands that
    /// do, each taken apart in turn; an `||` stays whole.
    pub fn unmet(&mut self, expr: ExprId, wanted: Tristate) -> Vec<ExprId> {
        let operands = self.tree.conjuncts(expr);
        operands
            .into_iter()
            .filter(|&operand| self.expr(operand) < wanted)
            .collect()
    }

    /// The symbols that hold a selected symbol where it is, from its selector to the one that
    /// is not selected itself; empty where it is not selected.
    pub fn selection_chain(&mut self, symbol: SymbolId) -> Vec<Cause> {
        let mut chain: Vec<Cause> = Vec::new();
        let mut current = symbol;
        while let Reason::Selected(causes) = self.reason(current) {
            let next = causes.into_iter().find(|cause| {
                cause.symbol != symbol && chain.iter().all(|link| link.symbol != cause.symbol)
            });
            let Some(cause) = next else { break };
            chain.push(cause);
            current = cause.symbol;
        }
        chain
    }

    /// The `select`s or `imply`s of a symbol that apply, the strongest first.
    pub fn causes(&mut self, symbol: SymbolId, kind: PropertyKind) -> Vec<Cause> {
        let tree = self.tree;
        let mut causes: Vec<Cause> = tree
            .statements_naming(symbol, kind)
            .filter_map(|statement| {
                let owner = statement.owner()?;
                let strength = self.tristate(owner).min(self.applies(statement));
                (strength != Tristate::No).then_some(Cause {
                    symbol: owner,
                    statement: statement.id(),
                    strength,
                })
            })
            .collect();
        causes.sort_by_key(|cause| std::cmp::Reverse(cause.strength));
        causes
    }

    fn strongest(&mut self, symbol: SymbolId, kind: PropertyKind) -> Vec<Cause> {
        let mut causes = self.causes(symbol, kind);
        let strength = causes.first().map(|cause| cause.strength);
        causes.retain(|cause| Some(cause.strength) == strength);
        causes
    }

    fn reason(&mut self, symbol: SymbolId) -> Reason {
        let tree = self.tree;
        if !tree.is_defined(symbol) {
            return Reason::Undefined;
        }
        self.calc(symbol);
        let state = *self.state(symbol);
        let is_visible = state.visible != Tristate::No;
        let in_choice = tree.choice_of(symbol).filter(|_| {
            tree.generation.choices_are_menus()
                || tree.symbol(symbol).is_choice_value && state.visible == Tristate::Yes
        });
        if let Some(choice) = in_choice {
            return match self.chosen(choice) {
                Some(chosen) if chosen == symbol => Reason::Chosen(choice),
                _ if !is_visible => Reason::Unreachable,
                chosen => Reason::NotChosen(choice, chosen),
            };
        }
        let assigned = is_visible && state.flags.user;
        if !tree.kind(symbol).is_logical() {
            return match self.default_property(symbol) {
                _ if assigned => Reason::Assigned,
                Some((id, _)) => Reason::Default(id),
                None if is_visible => Reason::NoDefault,
                None => Reason::Unreachable,
            };
        }
        let default = self.default_property(symbol);
        let proposed = default.map_or(Tristate::No, |(id, property)| {
            let value = property
                .value
                .map_or(Tristate::Yes, |value| self.expr(value));
            value.min(self.property_visible(id))
        });
        let own = if assigned {
            state.user_tri.min(state.visible)
        } else {
            proposed.max(state.implied.min(state.direct))
        };
        if state.reverse > own {
            Reason::Selected(self.strongest(symbol, PropertyKind::Select))
        } else if assigned {
            Reason::Assigned
        } else if state.implied.min(state.direct) > proposed {
            Reason::Implied(self.strongest(symbol, PropertyKind::Imply))
        } else if let Some((id, _)) = default {
            Reason::Default(id)
        } else if is_visible {
            Reason::NoDefault
        } else {
            Reason::Unreachable
        }
    }

    /// Whether an expression compares or names only what no answer can change in this tree:
    /// constants, and symbols that no entry defines.
    pub fn is_fixed(&self, expr: ExprId) -> bool {
        let fixed = |symbol| self.tree.kind(symbol) == SymbolType::Unknown;
        match self.tree.expr(expr) {
            Expr::Symbol(symbol) => symbol <= SymbolId::NO || fixed(symbol),
            Expr::Compare(_, left, right) => fixed(left) && fixed(right),
            _ => false,
        }
    }
}
