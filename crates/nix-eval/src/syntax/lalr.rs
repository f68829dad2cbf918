//! The LALR(1) automaton of a grammar, as Bison makes it: what a syntax error
//! says depends on where Bison's default reductions lead before it is noticed.

use rustc_hash::FxHashMap;

use super::grammar::{Grouping, OPERATORS, RULES};
use super::token::{TOKEN_KINDS, Token, TokenKind};

/// A set of kinds of token, a bit for each.
type TokenSet = u64;

const _: () = assert!(TOKEN_KINDS <= 64);

/// A kind of token, or what a rule defines (numbered behind those).
type SymbolId = usize;

struct Rule {
    left: SymbolId,
    right: Vec<SymbolId>,
    strength: Option<usize>,
}

/// A place in a rule: everything before it was read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Item {
    rule: usize,
    read: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Action {
    Shift(usize),
    Reduce(usize),
    /// An error, in spite of what happens to other tokens.
    Error,
}

#[derive(Default)]
struct State {
    actions: FxHashMap<usize, Action>,
    /// What happens to all other tokens.
    default: Option<usize>,
    gotos: FxHashMap<SymbolId, usize>,
}

/// What is wrong with a text.
pub(super) struct SyntaxProblem {
    /// The token that is not understood.
    pub(super) unexpected: TokenKind,
    /// What could have stood in its place, if that is little enough to be said.
    pub(super) expected: Vec<TokenKind>,
}

/// Where something stands, and how deep it is.
#[derive(Clone, Copy, Default)]
struct Extent {
    start: u32,
    end: u32,
    height: usize,
}

/// Something that was recognised.
pub(super) struct Reduction {
    pub(super) start: u32,
    pub(super) end: u32,
    /// How deep it is. May be set to what it is to count as from now on.
    pub(super) height: usize,
    /// Whether another expression could stand in its place.
    pub(super) is_expression: bool,
    /// An operator in front of its only operand.
    pub(super) is_unary: bool,
    pub(super) is_lookup_path: bool,
}

/// What the grammar calls expressions, so that one can take the place of another.
const EXPRESSIONS: [&str; 6] = [
    "expr",
    "expr_function",
    "expr_if",
    "expr_op",
    "expr_select",
    "expr_simple",
];

/// The automaton that reads Nix.
pub(super) struct Automaton {
    rules: Vec<Rule>,
    /// The rules of expressions.
    expressions: Vec<SymbolId>,
    states: Vec<State>,
    kinds: Vec<TokenKind>,
}

/// The most that a message names.
const MOST_EXPECTED: usize = 4;

impl Automaton {
    pub(super) fn new() -> Self {
        let kinds = all_kinds();
        let Grammar {
            rules,
            expressions,
            strengths,
        } = read_rules(&kinds);
        let tables = Tables::new(&rules);
        let states = (0..tables.states.len())
            .map(|state| tables.state(state, &strengths))
            .collect();
        Self {
            rules,
            expressions,
            states,
            kinds,
        }
    }

    /// Reads tokens until one is not understood; none if all are, or if reading a
    /// token fails.
    pub(super) fn run<E>(
        &self,
        mut next: impl FnMut() -> Result<Token, E>,
    ) -> Result<Option<SyntaxProblem>, E> {
        let mut stack = vec![0];
        let mut ahead: Option<TokenKind> = None;
        loop {
            let state = &self.states[stack[stack.len() - 1]];
            let action = if state.actions.is_empty() {
                None
            } else {
                let kind = match ahead {
                    Some(kind) => kind,
                    None => next()?.kind,
                };
                ahead = Some(kind);
                state.actions.get(&(kind as usize)).copied()
            };
            let action = action.or(state.default.map(Action::Reduce));
            match action {
                Some(Action::Shift(to)) => {
                    if ahead.take() == Some(TokenKind::EndOfFile) {
                        return Ok(None);
                    }
                    stack.push(to);
                }
                Some(Action::Reduce(rule)) => {
                    let rule = &self.rules[rule];
                    stack.truncate(stack.len() - rule.right.len());
                    let top = &self.states[stack[stack.len() - 1]];
                    match top.gotos.get(&rule.left) {
                        Some(&to) => stack.push(to),
                        None => return Ok(None),
                    }
                }
                Some(Action::Error) | None => {
                    return Ok(ahead.map(|unexpected| SyntaxProblem {
                        unexpected,
                        expected: self.expected(state),
                    }));
                }
            }
        }
    }

    /// Reads all tokens, each with where it ends, and tells `emit` of everything that is
    /// recognised, parts before wholes. Whether the text is understood.
    pub(super) fn reduce(
        &self,
        mut next: impl FnMut() -> Option<(Token, u32)>,
        mut emit: impl FnMut(&mut Reduction),
    ) -> bool {
        let mut stack = vec![(0, Extent::default())];
        let mut ahead: Option<(TokenKind, Extent)> = None;
        loop {
            let Some(&(state, before)) = stack.last() else {
                return false;
            };
            let state = &self.states[state];
            let mut action = None;
            if !state.actions.is_empty() {
                if ahead.is_none() {
                    let Some((token, end)) = next() else {
                        return false;
                    };
                    let start = token.start;
                    ahead = Some((
                        token.kind,
                        Extent {
                            start,
                            end,
                            height: 0,
                        },
                    ));
                }
                action = ahead.and_then(|(kind, _)| state.actions.get(&(kind as usize)).copied());
            }
            match action.or(state.default.map(Action::Reduce)) {
                Some(Action::Shift(to)) => match ahead.take() {
                    Some((TokenKind::EndOfFile, _)) | None => return true,
                    Some((_, extent)) => stack.push((to, extent)),
                },
                Some(Action::Reduce(index)) => {
                    let rule = &self.rules[index];
                    let parts = stack.split_off(stack.len() - rule.right.len());
                    let mut reduction = self.reduction(rule, &parts, before);
                    emit(&mut reduction);
                    let Reduction {
                        start, end, height, ..
                    } = reduction;
                    let top = stack.last().map(|(state, _)| &self.states[*state]);
                    match top.and_then(|top| top.gotos.get(&rule.left)) {
                        Some(&to) => stack.push((to, Extent { start, end, height })),
                        None => return true,
                    }
                }
                Some(Action::Error) | None => return false,
            }
        }
    }

    fn reduction(&self, rule: &Rule, parts: &[(usize, Extent)], before: Extent) -> Reduction {
        let extents = || parts.iter().map(|(_, extent)| extent);
        let starts_with = |kind: TokenKind| rule.right.first() == Some(&(kind as usize));
        let height = extents().map(|extent| extent.height).max().unwrap_or(0);
        let is_unary =
            rule.right.len() == 2 && (starts_with(TokenKind::Not) || starts_with(TokenKind::Minus));
        Reduction {
            start: extents().next().map_or(before.end, |first| first.start),
            end: extents().next_back().map_or(before.end, |last| last.end),
            // What only gives another name to its one part is no deeper.
            height: height + usize::from(rule.right.len() > 1),
            is_expression: self.expressions.contains(&rule.left),
            is_unary,
            is_lookup_path: rule.right == [TokenKind::LookupPath as usize],
        }
    }

    fn expected(&self, state: &State) -> Vec<TokenKind> {
        let mut expected: Vec<usize> = state
            .actions
            .iter()
            .filter(|(_, action)| **action != Action::Error)
            .map(|(kind, _)| *kind)
            .collect();
        if expected.len() > MOST_EXPECTED {
            return Vec::new();
        }
        expected.sort_unstable();
        expected.into_iter().map(|kind| self.kinds[kind]).collect()
    }
}

/// How strongly the operators bind.
#[derive(Default)]
struct Strengths {
    rules: Vec<Option<usize>>,
    tokens: FxHashMap<SymbolId, usize>,
}

struct Grammar {
    rules: Vec<Rule>,
    expressions: Vec<SymbolId>,
    strengths: Strengths,
}

fn all_kinds() -> Vec<TokenKind> {
    super::token::ALL_KINDS.to_vec()
}

/// Reads the rules of [`RULES`], behind one for the text as a whole.
fn read_rules(kinds: &[TokenKind]) -> Grammar {
    let names: FxHashMap<String, SymbolId> = kinds
        .iter()
        .map(|kind| (format!("{kind:?}"), *kind as usize))
        .collect();
    let mut strengths = Strengths::default();
    let mut named_strengths = FxHashMap::default();
    for (strength, (_, operators)) in OPERATORS.iter().enumerate() {
        for operator in operators.split(' ') {
            named_strengths.insert(operator, strength);
            if let Some(token) = names.get(operator) {
                strengths.tokens.insert(*token, strength);
            }
        }
    }
    let mut defined: FxHashMap<&str, SymbolId> = FxHashMap::default();
    let lines = || RULES.lines().filter(|line| !line.is_empty());
    for line in lines().filter(|line| !line.starts_with(' ')) {
        let id = TOKEN_KINDS + 1 + defined.len();
        defined.insert(line, id);
    }
    let whole = TOKEN_KINDS;
    let mut rules = vec![Rule {
        left: whole,
        right: vec![TOKEN_KINDS + 1, TokenKind::EndOfFile as usize],
        strength: None,
    }];
    let mut left = whole;
    for line in lines() {
        let Some(alternative) = line.strip_prefix("  ") else {
            left = defined[line];
            continue;
        };
        let (parts, strength) = match alternative.split_once(" % ") {
            Some((parts, operator)) => (parts, named_strengths.get(operator).copied()),
            None => (alternative, None),
        };
        let right: Vec<SymbolId> = parts
            .split(' ')
            .filter(|part| *part != "-")
            .map(|part| names.get(part).copied().unwrap_or_else(|| defined[part]))
            .collect();
        let last_token = right.iter().rev().find(|part| **part < TOKEN_KINDS);
        let strength = strength.or_else(|| strengths.tokens.get(last_token?).copied());
        rules.push(Rule {
            left,
            right,
            strength,
        });
    }
    strengths.rules = rules.iter().map(|rule| rule.strength).collect();
    let expressions = EXPRESSIONS.iter().filter_map(|name| defined.get(name));
    Grammar {
        expressions: expressions.copied().collect(),
        rules,
        strengths,
    }
}

/// The automaton while it is made.
struct Tables<'r> {
    rules: &'r [Rule],
    /// The rules that define a symbol.
    definitions: FxHashMap<SymbolId, Vec<usize>>,
    firsts: FxHashMap<SymbolId, TokenSet>,
    nullable: FxHashMap<SymbolId, bool>,
    /// The items each state starts with, and what may follow their rules.
    states: Vec<FxHashMap<Item, TokenSet>>,
    transitions: Vec<FxHashMap<SymbolId, usize>>,
}

impl<'r> Tables<'r> {
    fn new(rules: &'r [Rule]) -> Self {
        let mut definitions: FxHashMap<SymbolId, Vec<usize>> = FxHashMap::default();
        for (index, rule) in rules.iter().enumerate() {
            definitions.entry(rule.left).or_default().push(index);
        }
        let mut tables = Self {
            rules,
            definitions,
            firsts: FxHashMap::default(),
            nullable: FxHashMap::default(),
            states: Vec::new(),
            transitions: Vec::new(),
        };
        tables.find_firsts();
        tables.build();
        tables
    }

    fn first(&self, symbol: SymbolId) -> TokenSet {
        if symbol < TOKEN_KINDS {
            1 << symbol
        } else {
            self.firsts.get(&symbol).copied().unwrap_or(0)
        }
    }

    fn is_nullable(&self, symbol: SymbolId) -> bool {
        self.nullable.get(&symbol).copied().unwrap_or(false)
    }

    fn find_firsts(&mut self) {
        let mut changed = true;
        while changed {
            changed = false;
            for rule in self.rules {
                let (first, nullable) = self.first_of(&rule.right);
                let known = self.first(rule.left);
                if known | first != known {
                    self.firsts.insert(rule.left, known | first);
                    changed = true;
                }
                if nullable && !self.is_nullable(rule.left) {
                    self.nullable.insert(rule.left, true);
                    changed = true;
                }
            }
        }
    }

    /// What a sequence can start with, and whether it can be empty.
    fn first_of(&self, symbols: &[SymbolId]) -> (TokenSet, bool) {
        let mut set = 0;
        for &symbol in symbols {
            set |= self.first(symbol);
            if !self.is_nullable(symbol) {
                return (set, false);
            }
        }
        (set, true)
    }

    /// All items of a state.
    fn closure(&self, kernel: &FxHashMap<Item, TokenSet>) -> FxHashMap<Item, TokenSet> {
        let mut items = kernel.clone();
        let mut work: Vec<Item> = items.keys().copied().collect();
        while let Some(item) = work.pop() {
            let rule = &self.rules[item.rule];
            let Some(next) = rule.right.get(item.read) else {
                continue;
            };
            let Some(definitions) = self.definitions.get(next) else {
                continue;
            };
            let (mut follow, nullable) = self.first_of(&rule.right[item.read + 1..]);
            if nullable {
                follow |= items[&item];
            }
            for &rule in definitions {
                let item = Item { rule, read: 0 };
                let known = items.get(&item).copied();
                let all = known.unwrap_or(0) | follow;
                if known != Some(all) {
                    items.insert(item, all);
                    work.push(item);
                }
            }
        }
        items
    }

    fn build(&mut self) {
        let start = Item { rule: 0, read: 0 };
        self.states.push([(start, 0)].into_iter().collect());
        self.transitions.push(FxHashMap::default());
        let mut known: FxHashMap<Vec<Item>, usize> = FxHashMap::default();
        known.insert(vec![start], 0);
        let mut work = vec![0];
        while let Some(state) = work.pop() {
            let mut kernels: FxHashMap<SymbolId, FxHashMap<Item, TokenSet>> = FxHashMap::default();
            for (item, follow) in self.closure(&self.states[state]) {
                if let Some(&next) = self.rules[item.rule].right.get(item.read) {
                    let read = Item {
                        read: item.read + 1,
                        ..item
                    };
                    kernels.entry(next).or_default().insert(read, follow);
                }
            }
            for (symbol, kernel) in kernels {
                let mut core: Vec<Item> = kernel.keys().copied().collect();
                core.sort_unstable();
                let to = *known.entry(core).or_insert_with(|| {
                    self.states.push(FxHashMap::default());
                    self.transitions.push(FxHashMap::default());
                    self.states.len() - 1
                });
                self.transitions[state].insert(symbol, to);
                let mut grown = false;
                for (item, follow) in kernel {
                    let old = self.states[to].get(&item).copied();
                    let all = old.unwrap_or(0) | follow;
                    if old != Some(all) {
                        self.states[to].insert(item, all);
                        grown = true;
                    }
                }
                if grown {
                    work.push(to);
                }
            }
        }
    }

    /// What a state does with each token.
    fn state(&self, state: usize, strengths: &Strengths) -> State {
        let mut result = State::default();
        for (&symbol, &to) in &self.transitions[state] {
            if symbol < TOKEN_KINDS {
                result.actions.insert(symbol, Action::Shift(to));
            } else {
                result.gotos.insert(symbol, to);
            }
        }
        let mut reductions: Vec<(usize, TokenSet)> = self
            .closure(&self.states[state])
            .into_iter()
            .filter(|(item, _)| self.rules[item.rule].right.len() == item.read)
            .map(|(item, follow)| (item.rule, follow))
            .collect();
        reductions.sort_unstable_by_key(|(rule, _)| *rule);
        if let ([(rule, _)], true) = (&reductions[..], result.actions.is_empty()) {
            result.default = Some(*rule);
            return result;
        }
        for (rule, follow) in &reductions {
            for token in (0..TOKEN_KINDS).filter(|token| follow & (1 << token) != 0) {
                let action = match result.actions.get(&token) {
                    None => Action::Reduce(*rule),
                    Some(shift @ Action::Shift(_)) => resolve(*rule, token, *shift, strengths),
                    Some(other) => *other,
                };
                result.actions.insert(token, action);
            }
        }
        take_default(&mut result, &reductions);
        result
    }
}

/// Whether a rule ends before an operator, or goes on with it.
fn resolve(rule: usize, token: SymbolId, shift: Action, strengths: &Strengths) -> Action {
    let (Some(of_rule), Some(of_token)) = (strengths.rules[rule], strengths.tokens.get(&token))
    else {
        return shift;
    };
    match of_rule.cmp(of_token) {
        std::cmp::Ordering::Greater => Action::Reduce(rule),
        std::cmp::Ordering::Less => shift,
        std::cmp::Ordering::Equal => match OPERATORS[of_rule].0 {
            Grouping::Left => Action::Reduce(rule),
            Grouping::Right => shift,
            Grouping::None => Action::Error,
        },
    }
}

/// The reduction that most tokens lead to happens with all that lead nowhere, too.
fn take_default(state: &mut State, reductions: &[(usize, TokenSet)]) {
    let mut most = 0;
    for (rule, _) in reductions {
        let count = state
            .actions
            .values()
            .filter(|action| **action == Action::Reduce(*rule))
            .count();
        if count > most {
            most = count;
            state.default = Some(*rule);
        }
    }
    match state.default {
        Some(rule) => state
            .actions
            .retain(|_, action| *action != Action::Reduce(rule)),
        None => state.actions.retain(|_, action| *action != Action::Error),
    }
}
