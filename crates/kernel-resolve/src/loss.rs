//! Why an answer was not reached, and what is at the root of it.

use std::collections::HashSet;

use kconfig::{Expr, ExprId, Place, PropertyKind, Reason, Session, SymbolId, SymbolType, Tristate};

use crate::answers::Answers;

/// Why an answer was not reached.
#[derive(Clone, Debug)]
pub enum Loss {
    /// No entry of the tree defines the option.
    Unknown {
        /// Names that are like it.
        similar: Vec<String>,
    },
    /// The answer is none for an option of this type.
    WrongType {
        /// The type.
        kind: SymbolType,
    },
    /// It is `m`, and the option is either `y` or `n`.
    NoModule,
    /// The number is not within the bounds.
    OutOfRange {
        /// The least number.
        low: String,
        /// The greatest.
        high: String,
    },
    /// Nobody is asked for the option: its value follows from others.
    NoPrompt {
        /// What decides it.
        decided: Decided,
        /// Where it is defined.
        place: Option<Place>,
    },
    /// What the option depends on is not there, or not as much of it as the answer needs.
    Unmet {
        /// The conditions, each with what is at its root.
        conditions: Vec<Unmet>,
    },
    /// Others select the option.
    Selected {
        /// Who does, and who selects that one in turn, and so on.
        chain: Vec<Selection>,
        /// Whether the last of them was answered for.
        root: Root,
    },
    /// The choice that the option is a member of has another member.
    OtherMember {
        /// The choice's prompt.
        choice: String,
        /// Its member.
        chosen: Option<String>,
    },
    /// The option could not be changed when its turn came in the last run, and kept a value
    /// from before; now it could.
    AskedTooEarly {
        /// Whether a question came for it in an earlier run.
        was_asked: bool,
    },
    /// Nothing holds the option, and its value is another all the same.
    Unexplained,
}

/// What decides the value of an option that nobody is asked for.
#[derive(Clone, Debug)]
pub enum Decided {
    /// A default.
    Default {
        /// As the Kconfig file has it.
        line: String,
        /// Where it stands.
        place: Place,
    },
    /// Nobody selects it.
    NobodySelects,
    /// Others select it.
    Selected(Vec<Selection>),
    /// Something else.
    Otherwise,
}

/// A `select` that holds.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Who selects.
    pub name: String,
    /// Where.
    pub place: Place,
}

/// A condition that is not met.
#[derive(Clone, Debug)]
pub struct Unmet {
    /// The condition, as a Kconfig file would write it.
    pub condition: String,
    /// What it comes to.
    pub value: Tristate,
    /// The entry that has it.
    pub place: Place,
    /// What is at the root of it.
    pub root: Root,
}

/// What is at the root of an unmet condition: where following it ends.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Root {
    /// Another answer.
    Answer {
        /// Its option.
        name: String,
        /// The option's value.
        value: String,
    },
    /// An option that could be set otherwise, and was left as it is.
    Left {
        /// The option.
        name: String,
        /// Its value.
        value: String,
    },
    /// An option that this tree does not define, at least not for this architecture.
    Absent {
        /// The option.
        name: String,
    },
    /// What the toolchain can or cannot do.
    Toolchain {
        /// The option that tells.
        name: String,
        /// The line of its entry that asks the toolchain.
        probe: String,
    },
    /// An option whose value follows from others in a way that is not followed further.
    Computed {
        /// The option.
        name: String,
        /// Its value.
        value: String,
    },
    /// A condition that several options decide together.
    Condition {
        /// As a Kconfig file would write it.
        condition: String,
    },
}

/// How many names are proposed for one that is unknown.
const PROPOSED: usize = 3;
/// How far conditions are followed.
const DEPTH_LIMIT: usize = 32;

/// Finds out why answers were lost.
pub(crate) struct Inquest<'r, 't> {
    pub(crate) session: &'r mut Session<'t>,
    pub(crate) answers: &'r Answers,
    /// The options that were asked for in the last run, and in all; none where nobody asks.
    pub(crate) asked: Option<(HashSet<SymbolId>, HashSet<SymbolId>)>,
}

impl Inquest<'_, '_> {
    /// Why `name` is not what was wanted.
    pub(crate) fn loss(&mut self, name: &str, wanted: &str) -> Loss {
        let tree = self.session.tree();
        let known = self
            .session
            .find(name)
            .filter(|&symbol| tree.is_defined(symbol));
        let Some(symbol) = known else {
            return Loss::Unknown {
                similar: self.similar(name),
            };
        };
        let kind = tree.kind(symbol);
        if !kind.accepts(wanted) {
            return Loss::WrongType { kind };
        }
        let why = self.session.why(symbol);
        let prompts: Vec<ExprIdOrNone> = tree
            .definitions(symbol)
            .filter_map(|definition| Some(definition.prompt()?.condition()))
            .collect();
        if prompts.is_empty() {
            return self.no_prompt(symbol, &why.reason);
        }
        if let Reason::Chosen(choice) | Reason::NotChosen(choice, _) = why.reason {
            let chosen = self.session.chosen(choice);
            let prompt = tree.choice_definition(choice).prompt();
            return Loss::OtherMember {
                choice: prompt
                    .and_then(kconfig::Statement::text)
                    .map(std::borrow::Cow::into_owned)
                    .unwrap_or_default(),
                chosen: chosen.map(|member| tree.name(member).to_owned()),
            };
        }
        let level = Tristate::from_answer(wanted.bytes().next().unwrap_or_default());
        let level = level.filter(|_| kind.is_logical());
        // A value from an earlier run may hide that it is selected.
        if level.is_some_and(|level| level < why.reverse) {
            return self.selected(symbol);
        }
        if kind == SymbolType::Bool && level == Some(Tristate::Mod) {
            return Loss::NoModule;
        }
        let needed = level.unwrap_or(Tristate::Yes).max(Tristate::Mod);
        if why.visibility < needed.min(self.most(symbol)) {
            return Loss::Unmet {
                conditions: self.unmet(symbol, needed),
            };
        }
        if let Some((low, high)) = why.range.and_then(|range| tree.statement(range).bounds())
            && !kind.is_logical()
        {
            let (low, high) = (self.session.value(low), self.session.value(high));
            if !is_within(wanted, &low, &high) {
                return Loss::OutOfRange { low, high };
            }
        }
        match &self.asked {
            Some((last, all)) if !last.contains(&symbol) && self.session.can_change(symbol) => {
                Loss::AskedTooEarly {
                    was_asked: all.contains(&symbol),
                }
            }
            _ => Loss::Unexplained,
        }
    }

    /// How far visibility can reach: a bool's is `y` or nothing.
    fn most(&self, symbol: SymbolId) -> Tristate {
        match self.session.tree().kind(symbol) {
            SymbolType::Tristate => Tristate::Yes,
            _ => Tristate::Mod,
        }
    }

    fn similar(&self, name: &str) -> Vec<String> {
        let tree = self.session.tree();
        let mut near: Vec<(usize, &str)> = tree
            .symbols()
            .filter(|&symbol| tree.is_defined(symbol))
            .map(|symbol| tree.name(symbol))
            .filter(|other| other.len().abs_diff(name.len()) <= 2)
            .map(|other| (strsim::damerau_levenshtein(name, other), other))
            .filter(|&(distance, _)| distance <= 1 + name.len() / 6)
            .collect();
        near.sort_unstable();
        near.truncate(PROPOSED);
        near.into_iter().map(|(_, name)| name.to_owned()).collect()
    }

    fn no_prompt(&mut self, symbol: SymbolId, reason: &Reason) -> Loss {
        let tree = self.session.tree();
        let decided = match reason {
            Reason::Default(default) => {
                let statement = tree.statement(*default);
                Decided::Default {
                    line: tree.source_line(statement.position()).trim().to_owned(),
                    place: statement.place(),
                }
            }
            Reason::Selected(_) => Decided::Selected(self.chain(symbol)),
            Reason::Unreachable | Reason::NoDefault => Decided::NobodySelects,
            _ => Decided::Otherwise,
        };
        Loss::NoPrompt {
            decided,
            place: tree
                .definitions(symbol)
                .next()
                .map(kconfig::Definition::place),
        }
    }

    /// Who selects a symbol, and who selects that one, up to one that could be changed.
    fn chain(&mut self, symbol: SymbolId) -> Vec<Selection> {
        let tree = self.session.tree();
        let mut chain = Vec::new();
        let mut seen = vec![symbol];
        while let Some(&last) = seen.last()
            && seen.len() <= DEPTH_LIMIT
            && (last == symbol || !self.session.can_change(last))
        {
            let causes = self.session.causes(last, PropertyKind::Select);
            let Some(cause) = causes.iter().find(|cause| !seen.contains(&cause.symbol)) else {
                break;
            };
            seen.push(cause.symbol);
            chain.push(Selection {
                name: tree.name(cause.symbol).to_owned(),
                place: tree.statement(cause.statement).place(),
            });
        }
        chain
    }

    fn selected(&mut self, symbol: SymbolId) -> Loss {
        let chain = self.chain(symbol);
        let root = match chain.last().and_then(|last| self.session.find(&last.name)) {
            Some(last) => self.root_of_value(last),
            None => self.root_of_value(symbol),
        };
        Loss::Selected { chain, root }
    }

    /// The conditions that keep a symbol from being asked for at `needed`: those of the entry
    /// that lacks least.
    fn unmet(&mut self, symbol: SymbolId, needed: Tristate) -> Vec<Unmet> {
        let tree = self.session.tree();
        let mut least: Option<Vec<Unmet>> = None;
        for definition in tree.definitions(symbol) {
            let Some(condition) = definition.prompt().and_then(kconfig::Statement::condition)
            else {
                continue;
            };
            let place = definition.place();
            let lacking = self.session.unmet(condition, needed);
            let fewest = least
                .as_ref()
                .is_none_or(|least| lacking.len() < least.len());
            if fewest && !lacking.is_empty() {
                let found = lacking
                    .into_iter()
                    .map(|expr| Unmet {
                        condition: tree.expr_text(Some(expr)),
                        value: self.session.evaluate(expr),
                        place: place.clone(),
                        root: self.root(expr, needed, &mut vec![symbol]),
                    })
                    .collect();
                least = Some(found);
            }
        }
        least.unwrap_or_default()
    }

    /// What keeps an expression below `needed`.
    fn root(&mut self, expr: ExprId, needed: Tristate, seen: &mut Vec<SymbolId>) -> Root {
        let tree = self.session.tree();
        match tree.expr(expr) {
            Expr::Symbol(symbol) => self.root_of_lack(symbol, needed, seen),
            Expr::Not(operand) => match tree.expr(operand) {
                Expr::Symbol(symbol) => self.root_of_value(symbol),
                _ => self.condition(expr),
            },
            Expr::Or(..) => {
                // Where all alternatives lead to one root it is that one's doing.
                let mut roots: Vec<Root> = tree
                    .disjuncts(expr)
                    .into_iter()
                    .map(|part| self.root(part, needed, seen))
                    .filter(|root| !matches!(root, Root::Absent { .. }))
                    .collect();
                roots.dedup();
                match <[Root; 1]>::try_from(roots) {
                    Ok([root]) => root,
                    Err(_) => self.condition(expr),
                }
            }
            Expr::And(..) => {
                let lacking = self.session.unmet(expr, needed);
                match lacking.first() {
                    Some(&first) if seen.len() < DEPTH_LIMIT => self.root(first, needed, seen),
                    _ => self.condition(expr),
                }
            }
            Expr::Compare(_, left, right) => {
                let defined = |symbol: &SymbolId| tree.is_defined(*symbol);
                let mut sides = [left, right].into_iter().filter(defined);
                match (sides.next(), sides.next()) {
                    (Some(symbol), None) => self.root_of_value(symbol),
                    _ => self.condition(expr),
                }
            }
            Expr::Range(..) => self.condition(expr),
        }
    }

    fn condition(&self, expr: ExprId) -> Root {
        Root::Condition {
            condition: self.session.tree().expr_text(Some(expr)),
        }
    }

    /// Why a symbol is less than `needed`.
    fn root_of_lack(
        &mut self,
        symbol: SymbolId,
        needed: Tristate,
        seen: &mut Vec<SymbolId>,
    ) -> Root {
        let tree = self.session.tree();
        let name = tree.name(symbol).to_owned();
        if !tree.is_defined(symbol) {
            return Root::Absent { name };
        }
        if seen.contains(&symbol) || seen.len() >= DEPTH_LIMIT {
            return self.root_of_value(symbol);
        }
        seen.push(symbol);
        let why = self.session.why(symbol);
        let is_answered_so = self
            .answers
            .get(&name)
            .is_some_and(|answer| answer.value == why.value);
        let has_prompt = tree
            .definitions(symbol)
            .any(|entry| entry.prompt().is_some());
        let needed_here = needed.min(self.most(symbol));
        if is_answered_so || has_prompt && why.visibility >= needed_here {
            return self.root_of_value(symbol);
        }
        let conditions: Vec<ExprId> = if has_prompt {
            tree.definitions(symbol)
                .filter_map(|entry| entry.prompt()?.condition())
                .collect()
        } else {
            let defaults = tree.statements(symbol);
            let defaults = defaults.filter(|statement| statement.kind() == PropertyKind::Default);
            defaults
                .flat_map(|statement| [statement.condition(), statement.value()])
                .flatten()
                .filter(|&expr| !self.session.is_fixed(expr))
                .collect()
        };
        for condition in conditions {
            if let Some(&lacking) = self.session.unmet(condition, needed_here).first() {
                return self.root(lacking, needed_here, seen);
            }
        }
        match self.root_of_value(symbol) {
            // What no answer changes can still be the toolchain's doing.
            computed @ Root::Computed { .. } => self
                .toolchain_behind(symbol, needed_here, seen)
                .unwrap_or(computed),
            root => root,
        }
    }

    /// What the toolchain says that keeps a symbol without a prompt below `needed`, whatever is
    /// answered.
    fn toolchain_behind(
        &mut self,
        symbol: SymbolId,
        needed: Tristate,
        seen: &mut Vec<SymbolId>,
    ) -> Option<Root> {
        let tree = self.session.tree();
        let defaults = tree.statements(symbol);
        let defaults = defaults.filter(|statement| statement.kind() == PropertyKind::Default);
        let conditions: Vec<ExprId> = defaults.filter_map(kconfig::Statement::condition).collect();
        conditions.into_iter().find_map(|condition| {
            let lacking = self.session.unmet(condition, needed).first().copied()?;
            let root = self.root(lacking, needed, seen);
            matches!(root, Root::Toolchain { .. }).then_some(root)
        })
    }

    /// Who is to be asked for a symbol's value.
    fn root_of_value(&mut self, symbol: SymbolId) -> Root {
        let tree = self.session.tree();
        let name = tree.name(symbol).to_owned();
        let value = self.session.value(symbol);
        if let Some(answer) = self.answers.get(&name)
            && answer.value == value
        {
            return Root::Answer { name, value };
        }
        if let Some(probe) = self.probe(symbol) {
            return Root::Toolchain { name, probe };
        }
        if self.session.can_change(symbol) {
            Root::Left { name, value }
        } else {
            Root::Computed { name, value }
        }
    }

    /// The line of a symbol's entry that asks the toolchain for its value.
    fn probe(&self, symbol: SymbolId) -> Option<String> {
        let tree = self.session.tree();
        tree.statements(symbol)
            .filter(|statement| statement.kind() == PropertyKind::Default)
            .map(|statement| tree.source_line(statement.position()).trim().to_owned())
            .find(|line| line.contains("$("))
    }
}

type ExprIdOrNone = Option<ExprId>;

/// Whether a number is within bounds, as far as they can be read.
fn is_within(wanted: &str, low: &str, high: &str) -> bool {
    let number = |text: &str| match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse::<i64>().ok(),
    };
    match (number(wanted), number(low), number(high)) {
        (Some(wanted), Some(low), Some(high)) => (low..=high).contains(&wanted),
        _ => true,
    }
}

impl Root {
    /// The option that it is about.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Answer { name, .. }
            | Self::Left { name, .. }
            | Self::Absent { name }
            | Self::Toolchain { name, .. }
            | Self::Computed { name, .. } => Some(name),
            Self::Condition { .. } => None,
        }
    }

    /// What is the matter, as the end of a sentence that begins with "since".
    pub fn text(&self) -> String {
        match self {
            Self::Answer { name, value } => format!("{name} is answered {value}"),
            Self::Left { name, value } => format!("{name} is {value}, and nobody asks for another"),
            Self::Absent { name } => format!("there is no {name} on this architecture"),
            Self::Toolchain { name, .. } => format!("the toolchain decides {name}"),
            Self::Computed { name, value } => format!("{name} is {value}"),
            Self::Condition { condition } => format!("{condition} does not hold"),
        }
    }
}

impl Unmet {
    fn text(&self) -> String {
        let Self {
            condition,
            value,
            root,
            ..
        } = self;
        let root = root.text();
        // The root is often the condition itself.
        match root.strip_prefix(condition.as_str()) {
            Some(rest) if rest.starts_with(" is") => format!("{condition}, which{rest}"),
            _ => format!("{condition}, which is {value} since {root}"),
        }
    }
}

impl Loss {
    /// Whether it is known why.
    pub fn is_explained(&self) -> bool {
        !matches!(self, Self::AskedTooEarly { .. } | Self::Unexplained)
    }

    /// Why, in one sentence.
    pub fn text(&self) -> String {
        match self {
            Self::Unknown { .. } => "the kernel knows no such option".to_owned(),
            Self::WrongType { kind } => format!("it is of type {}", kind.name()),
            Self::NoModule => "it cannot be a module: it is either y or n".to_owned(),
            Self::OutOfRange { low, high } => format!("it must be from {low} to {high}"),
            Self::NoPrompt { decided, .. } => {
                let how = match decided {
                    Decided::Default { line, place } => {
                        format!("{line}, at {}:{}", place.file, place.line)
                    }
                    Decided::NobodySelects => "nobody selects it".to_owned(),
                    Decided::Selected(chain) => format!("selected by {}", links(chain)),
                    Decided::Otherwise => "other options decide".to_owned(),
                };
                format!("nobody is asked for it: {how}")
            }
            Self::Unmet { conditions } => {
                let parts: Vec<String> = conditions.iter().map(Unmet::text).collect();
                format!("it depends on {}", parts.join("; and on "))
            }
            Self::Selected { chain, .. } => format!("it is selected by {}", links(chain)),
            Self::OtherMember { choice, chosen } => {
                let member = chosen.as_deref().unwrap_or("none of its members");
                format!("of the choice \u{201c}{choice}\u{201d}, {member} is chosen")
            }
            Self::AskedTooEarly { .. } => "it could not be changed yet when its turn came, and \
                                           kept its value from before"
                .to_owned(),
            Self::Unexplained => "a later answer changed it".to_owned(),
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { similar } if !similar.is_empty() => {
                Some(format!("did you mean {}?", similar.join(" or ")))
            }
            Self::WrongType { kind } => Some(
                match kind {
                    SymbolType::Bool => "answer it with `yes' or `no'",
                    SymbolType::Tristate => "answer it with `yes', `module' or `no'",
                    SymbolType::Int => "answer it with a number: `freeform \"32\"'",
                    SymbolType::Hex => "answer it with a hexadecimal number: `freeform \"0x20\"'",
                    SymbolType::String | SymbolType::Unknown => "answer it with `freeform \"…\"'",
                }
                .to_owned(),
            ),
            Self::NoModule => Some("answer it with `yes'".to_owned()),
            _ => None,
        }
    }

    /// What is at the root of it, where that is somewhere else.
    pub fn roots(&self) -> Vec<&Root> {
        match self {
            Self::Unmet { conditions } => conditions.iter().map(|unmet| &unmet.root).collect(),
            Self::Selected { root, .. } => vec![root],
            _ => Vec::new(),
        }
    }
}

fn links(chain: &[Selection]) -> String {
    let links: Vec<String> = chain
        .iter()
        .map(|link| format!("{} ({}:{})", link.name, link.place.file, link.place.line))
        .collect();
    links.join(", selected by ")
}
