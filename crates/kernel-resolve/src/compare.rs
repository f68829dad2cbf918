//! Where nixpkgs' way and `olddefconfig` come to different configurations, and why: each is a
//! place where a user's configuration holds by chance.

use std::collections::{BTreeMap, HashMap};

use kconfig::{PropertyKind, SymbolId, Tree};

use crate::nixpkgs::Reply;
use crate::resolution::Resolution;

/// An option with different values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The option.
    pub name: String,
    /// Its value nixpkgs' way; none where it has none.
    pub nixpkgs: Option<String>,
    /// Its value with `olddefconfig`.
    pub olddefconfig: Option<String>,
    /// Why.
    pub cause: Cause,
}

/// Why an option has different values.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Cause {
    /// An empty answer pinned it at its default, which other answers change: it was asked for too
    /// early.
    Pinned,
    /// Its answer was taken in one way only.
    Answered,
    /// `autoModules` made it a module.
    AutoModules,
    /// It depends on another option that differs.
    Follows(String),
    /// Something else.
    Unknown,
}

impl Cause {
    /// Why, as the end of a line.
    pub fn text(&self) -> String {
        match self {
            Self::Pinned => "pinned at its default when its turn came, before an answer that \
                             changes the default"
                .to_owned(),
            Self::Answered => "its answer was taken in one way only".to_owned(),
            Self::AutoModules => "made a module by autoModules".to_owned(),
            Self::Follows(name) => format!("follows from {name}"),
            Self::Unknown => "for a reason that is not known".to_owned(),
        }
    }
}

impl Difference {
    /// The difference in one line.
    pub fn text(&self) -> String {
        let shown = |value: &Option<String>| match value {
            None => "unset".to_owned(),
            Some(value) if value.is_empty() => "empty".to_owned(),
            Some(value) => value.clone(),
        };
        format!(
            "{}: {} as nixpkgs does it, {} with olddefconfig: {}",
            self.name,
            shown(&self.nixpkgs),
            shown(&self.olddefconfig),
            self.cause.text()
        )
    }
}

/// The options that differ, by cause and name.
pub fn differences(
    tree: &Tree,
    nixpkgs: &mut Resolution<'_>,
    olddefconfig: &mut Resolution<'_>,
) -> Vec<Difference> {
    let values = |resolution: &mut Resolution<'_>, symbol| {
        let session = &mut resolution.session;
        session
            .stands_in_config(symbol)
            .then(|| session.value(symbol))
    };
    let mut differing = BTreeMap::new();
    for symbol in tree.symbols() {
        if !tree.is_defined(symbol) || tree.is_choice(symbol) {
            continue;
        }
        let both = (values(nixpkgs, symbol), values(olddefconfig, symbol));
        if both.0 != both.1 {
            differing.insert(symbol, both);
        }
    }
    let mut replies: HashMap<SymbolId, Reply> = HashMap::new();
    for asked in nixpkgs.driver.iter().flat_map(|driver| &driver.asked) {
        replies.insert(asked.question.symbol, asked.reply);
    }
    let mut found: Vec<Difference> = differing
        .iter()
        .map(|(&symbol, (one, other))| {
            let can_change =
                nixpkgs.session.can_change(symbol) && olddefconfig.session.can_change(symbol);
            let cause = match replies.get(&symbol) {
                Some(Reply::Module) => Cause::AutoModules,
                Some(Reply::Given) => Cause::Answered,
                Some(Reply::Empty) if can_change => Cause::Pinned,
                _ => leads_to(tree, symbol)
                    .into_iter()
                    .find(|other| *other != symbol && differing.contains_key(other))
                    .map_or(Cause::Unknown, |other| {
                        Cause::Follows(tree.name(other).to_owned())
                    }),
            };
            Difference {
                name: tree.name(symbol).to_owned(),
                nixpkgs: one.clone(),
                olddefconfig: other.clone(),
                cause,
            }
        })
        .collect();
    found.sort_by(|a, b| (&a.cause, &a.name).cmp(&(&b.cause, &b.name)));
    found
}

/// The symbols that bear on a symbol's value: what it depends on, its selectors, its defaults, the
/// other members of its choice.
fn leads_to(tree: &Tree, symbol: SymbolId) -> Vec<SymbolId> {
    let mut expressions = Vec::new();
    for definition in tree.definitions(symbol) {
        expressions.extend(definition.prompt().and_then(kconfig::Statement::condition));
        expressions.extend(definition.dependency());
    }
    expressions.extend(tree.reverse_dependency(symbol));
    expressions.extend(tree.weak_reverse_dependency(symbol));
    for statement in tree.statements(symbol) {
        if matches!(
            statement.kind(),
            PropertyKind::Default | PropertyKind::Range
        ) {
            expressions.extend(statement.condition());
            expressions.extend(statement.value());
        }
    }
    let mut symbols: Vec<SymbolId> = expressions
        .into_iter()
        .flat_map(|expr| tree.symbols_in(expr))
        .collect();
    if let Some(choice) = tree.choice_of(symbol) {
        symbols.extend(tree.choice_members(choice));
    }
    symbols
}
