//! Gathers what there is to say of a symbol.

use kconfig::{
    Definition as Entry, Expr, ExprId, Place, PropertyKind, Reason as Why, Session,
    Statement as Property, SymbolId, Tree, Tristate,
};
use kernel_config::{Item, ItemDefinition, Standing, TristateStrategy};
use kernel_resolve::Origin;
use kernel_resolve::nixpkgs::Reply;

use super::explanation::{
    Asked, Choice, Condition, Definition, Explanation, Location, Member, Reason, Statement,
};
use crate::subject::{Kernel, Resolved, Subject};

/// Everything about a symbol but what it takes to change it.
pub(super) fn explain(
    subject: &Subject,
    resolved: &mut Resolved<'_>,
    symbol: SymbolId,
) -> Explanation {
    let reason = reason(subject, resolved, symbol);
    let session = &mut resolved.session;
    let tree = session.tree();
    let why = session.why(symbol);
    let of_kind = |session: &mut Session<'_>, kind| -> Vec<Statement> {
        let statements: Vec<Property<'_>> = tree
            .statements(symbol)
            .filter(|statement| statement.kind() == kind)
            .collect();
        statements
            .into_iter()
            .map(|statement| outgoing(session, statement, [why.default, why.range]))
            .collect()
    };
    let naming = |session: &mut Session<'_>, kind| -> Vec<Statement> {
        let statements: Vec<Property<'_>> = tree.statements_naming(symbol, kind).collect();
        let mut incoming: Vec<Statement> = statements
            .into_iter()
            .filter_map(|statement| incoming(session, statement))
            .collect();
        // What applies comes first.
        incoming.sort_by_key(|statement| match statement.applies {
            "y" => 0,
            "m" => 1,
            _ => 2,
        });
        incoming
    };
    Explanation {
        symbol: tree.name(symbol).to_owned(),
        kind: tree.kind(symbol).name(),
        value: why.value.clone(),
        is_written: why.is_written,
        reason,
        asked_by: subject
            .kernel()
            .map(|kernel| asked_by(kernel, tree.name(symbol)))
            .unwrap_or_default(),
        definitions: tree
            .definitions(symbol)
            .map(|entry| definition(session, entry))
            .collect(),
        choice: choice(session, symbol),
        ranges: of_kind(session, PropertyKind::Range),
        defaults: of_kind(session, PropertyKind::Default),
        selected_by: naming(session, PropertyKind::Select),
        implied_by: naming(session, PropertyKind::Imply),
        selects: of_kind(session, PropertyKind::Select),
        implies: of_kind(session, PropertyKind::Imply),
        wish: None,
    }
}

pub(super) fn location(place: Place) -> Location {
    Location {
        file: place.file,
        line: place.line,
        column: place.column,
    }
}

/// `file:line` of a place.
pub(super) fn at(place: &Place) -> String {
    format!("{}:{}", place.file, place.line)
}

/// The definitions in Nix, the strongest first.
fn asked_by(kernel: &Kernel, name: &str) -> Vec<Asked> {
    let settings = &kernel.evaluated.settings;
    let mut definitions: Vec<&ItemDefinition> = Vec::new();
    definitions.extend(settings.items.get(name).iter().flat_map(|i| &i.definitions));
    let conflicts = settings.conflicts.iter();
    let conflicts = conflicts.filter(|conflict| conflict.name == name);
    definitions.extend(conflicts.flat_map(|conflict| &conflict.definitions));
    definitions.sort_by_key(|definition| definition.priority);
    let item = settings.items.get(name);
    let mut asked: Vec<Asked> = Vec::new();
    if let Some(answer) = kernel.answers.get(name)
        && let Origin::Text { source, line } = &answer.origin
    {
        asked.push(Asked {
            value: answer.value.clone(),
            source: format!("line {line} of {source}"),
            place: None,
            priority: None,
            standing: "decides: legacy text has the last word".to_owned(),
        });
    }
    asked.extend(definitions.into_iter().map(|definition| Asked {
        value: definition.shown.clone(),
        source: definition.source.clone(),
        place: definition.place.as_ref().map(|place| Location {
            file: place.file_name(),
            line: place.line(),
            column: place.column(),
        }),
        priority: Some(definition.priority),
        standing: standing(definition, item, settings.tristate),
    }));
    asked
}

/// What became of a definition, and by which strategy.
fn standing(
    definition: &ItemDefinition,
    item: Option<&Item>,
    strategy: TristateStrategy,
) -> String {
    let answer = item.and_then(Item::answer).unwrap_or_default();
    // Freeform answers are equal, or there is a conflict; and so it is with tristate ones where
    // they must be.
    let strategy = match (item.and_then(|item| item.freeform.as_ref()), strategy) {
        (Some(_), _) => "a freeform answer wins over a tristate one".to_owned(),
        (None, TristateStrategy::Best([best, middle, worst])) => {
            format!("of tristate answers the best wins, {best} before {middle} before {worst}")
        }
        (None, TristateStrategy::Equal) => "an answer wins over none".to_owned(),
    };
    match definition.standing {
        Standing::Decides => format!("decides, at priority {}", definition.priority),
        Standing::Outvoted => format!("outvoted by {answer}: {strategy}"),
        Standing::Outranked => format!("outranked, at priority {}", definition.priority),
        Standing::Conflicts => "conflicts with the others of its priority".to_owned(),
    }
}

fn definition(session: &mut Session<'_>, entry: Entry<'_>) -> Definition {
    let prompt = entry.prompt();
    let shown_if = prompt
        .and_then(Property::condition)
        .filter(|&condition| Some(condition) != entry.dependency());
    Definition {
        place: location(entry.place()),
        menu: entry
            .path()
            .into_iter()
            .map(std::borrow::Cow::into_owned)
            .collect(),
        prompt: prompt
            .and_then(Property::text)
            .map(std::borrow::Cow::into_owned),
        prompt_if: shown_if.map(|expr| condition(session, entry, expr)),
        depends_on: entry
            .dependency()
            .map(|expr| condition(session, entry, expr)),
    }
}

/// An expression taken apart.
fn condition(session: &mut Session<'_>, entry: Entry<'_>, expr: ExprId) -> Condition {
    let tree = session.tree();
    let (of, parts) = match tree.expr(expr) {
        Expr::And(..) => (Some("all"), tree.conjuncts(expr)),
        Expr::Or(..) => (Some("any"), tree.disjuncts(expr)),
        _ => (None, Vec::new()),
    };
    Condition {
        text: tree.expr_text(Some(expr)),
        value: session.evaluate(expr).letter(),
        of,
        parts: parts
            .into_iter()
            .map(|part| condition(session, entry, part))
            .collect(),
        place: inherited_from(tree, entry, expr),
    }
}

/// The block around an entry that says an expression, where the entry itself does not.
fn inherited_from(tree: &Tree, entry: Entry<'_>, expr: ExprId) -> Option<Location> {
    let says = |entry: Entry<'_>| {
        let mut written = entry.written_dependencies().iter();
        let says = written.find(|written| tree.conjuncts(written.expr).contains(&expr));
        says.map(|written| written.position)
    };
    if says(entry).is_some() {
        return None;
    }
    std::iter::successors(tree.enclosing(entry.menu()), |&menu| tree.enclosing(menu))
        .find_map(|menu| says(tree.definition(menu)))
        .map(|position| location(tree.place(position)))
}

/// A statement of the symbol's own entries.
fn outgoing(
    session: &mut Session<'_>,
    statement: Property<'_>,
    active: [Option<kconfig::PropertyId>; 2],
) -> Statement {
    let tree = session.tree();
    let applies = session.applies(statement);
    let target = statement.target().filter(|&target| tree.is_defined(target));
    let names_symbol = matches!(statement.kind(), PropertyKind::Select | PropertyKind::Imply);
    let is_active = if names_symbol {
        applies != Tristate::No
    } else {
        active.contains(&Some(statement.id()))
    };
    Statement {
        what: tree.expr_text(statement.value()),
        value: target.map(|target| session.value(target)),
        condition: own_condition(tree, statement),
        applies: applies.letter(),
        is_active,
        place: location(statement.place()),
    }
}

/// A `select` or `imply` of another symbol.
fn incoming(session: &mut Session<'_>, statement: Property<'_>) -> Option<Statement> {
    let tree = session.tree();
    let owner = statement.owner()?;
    let strength = session.tristate(owner).min(session.applies(statement));
    Some(Statement {
        what: tree.name(owner).to_owned(),
        value: Some(session.value(owner)),
        condition: own_condition(tree, statement),
        applies: strength.letter(),
        is_active: strength != Tristate::No,
        place: location(statement.place()),
    })
}

/// A statement's own `if`, without what its entry depends on.
fn own_condition(tree: &Tree, statement: Property<'_>) -> Option<String> {
    let condition = statement.condition()?;
    let inherited = statement
        .definition()
        .dependency()
        .map(|expr| tree.conjuncts(expr))
        .unwrap_or_default();
    let own: Vec<String> = tree
        .conjuncts(condition)
        .into_iter()
        .filter(|part| !inherited.contains(part))
        .map(|part| {
            let text = tree.expr_text(Some(part));
            if matches!(tree.expr(part), Expr::Or(..)) {
                format!("({text})")
            } else {
                text
            }
        })
        .collect();
    match own.as_slice() {
        [] => None,
        [one] => Some(
            one.strip_prefix('(')
                .and_then(|one| one.strip_suffix(')'))
                .unwrap_or(one)
                .to_owned(),
        ),
        _ => Some(own.join(" && ")),
    }
}

fn choice(session: &mut Session<'_>, symbol: SymbolId) -> Option<Choice> {
    let tree = session.tree();
    let id = tree.choice_of(symbol)?;
    let entry = tree.choice_definition(id);
    let members: Vec<SymbolId> = tree.choice_members(id).collect();
    Some(Choice {
        prompt: entry
            .prompt()
            .and_then(Property::text)
            .map(std::borrow::Cow::into_owned),
        place: location(entry.place()),
        members: members
            .into_iter()
            .map(|member| Member {
                symbol: tree.name(member).to_owned(),
                value: session.value(member),
                is_visible: session.visibility(member) != Tristate::No,
            })
            .collect(),
    })
}

/// Why the symbol has its value.
pub(super) fn reason(subject: &Subject, resolved: &mut Resolved<'_>, symbol: SymbolId) -> Reason {
    let tree = resolved.session.tree();
    let name = tree.name(symbol);
    let why = resolved.session.why(symbol);
    let answered = subject.kernel().and_then(|kernel| kernel.answers.get(name));
    let assigned = matches!(
        why.reason,
        Why::Assigned | Why::Chosen(_) | Why::NotChosen(..)
    );
    if let (true, None, Some(kernel)) = (assigned, answered, subject.kernel())
        && let Some(driver) = &resolved.driver
    {
        let asked = driver.asked.iter().rev();
        let choice = tree.choice_of(symbol).map(|id| tree.choice_symbol(id));
        let reply = asked
            .filter(|asked| {
                asked.question.symbol == symbol || Some(asked.question.symbol) == choice
            })
            .find(|asked| matches!(asked.reply, Reply::Module | Reply::Given))
            .map(|asked| asked.reply);
        if reply == Some(Reply::Module) {
            return Reason {
                code: "auto-module",
                text: format!(
                    "nixpkgs' driver answers {} to what nobody answers and can be a module \
                     (autoModules)",
                    why.value
                ),
                details: Vec::new(),
            };
        }
        // Everything that was asked counts as assigned: what would it be by itself?
        let mut unasked = kernel.unasked(tree);
        let natural = unasked.why(symbol);
        if natural.value == why.value {
            return told(&mut unasked, symbol, &natural, subject);
        }
        return Reason {
            code: "pinned",
            text: format!(
                "it was {} when nixpkgs' driver came to its question, and stayed so; answered \
                 after everything else it would be {}",
                why.value, natural.value
            ),
            details: Vec::new(),
        };
    }
    told(&mut resolved.session, symbol, &why, subject)
}

/// A reason in words.
fn told(
    session: &mut Session<'_>,
    symbol: SymbolId,
    why: &kconfig::Why,
    subject: &Subject,
) -> Reason {
    let tree = session.tree();
    let value = &why.value;
    let mut details = Vec::new();
    let (code, text) = match &why.reason {
        Why::Undefined => ("undefined", "no Kconfig file defines it".to_owned()),
        Why::Assigned => {
            let name = tree.name(symbol);
            let answered = subject.kernel().and_then(|kernel| kernel.answers.get(name));
            let who = match (subject, answered) {
                (Subject::Config { name, .. }, _) => format!("{name} says so"),
                (_, Some(_)) => "it was answered so".to_owned(),
                (_, None) => "the base configuration says so".to_owned(),
            };
            let wanted = why.assigned.as_deref().unwrap_or_default();
            let text = if wanted == value {
                who
            } else if why.range.is_some() {
                format!("{wanted} was assigned, and its range does not allow that")
            } else {
                format!(
                    "{wanted} was assigned, and its dependencies allow no more than {}",
                    why.visibility
                )
            };
            ("assigned", text)
        }
        Why::Default(id) => {
            let statement = tree.statement(*id);
            details.push(format!(
                "{} at {}",
                tree.source_line(statement.position()).trim(),
                at(&statement.place())
            ));
            ("default", "by default".to_owned())
        }
        Why::NoDefault => {
            let name = tree.name(symbol);
            let answered = subject.kernel().and_then(|kernel| kernel.answers.get(name));
            let text = match answered {
                Some(answer) => format!(
                    "`{}' was asked for, which is no value of a {}",
                    answer.value,
                    tree.kind(symbol).name()
                ),
                None => "nobody asks for it, and it has no default that applies".to_owned(),
            };
            ("no-default", text)
        }
        Why::Selected(_) => {
            let chain = session.selection_chain(symbol);
            for link in &chain {
                let place = tree.statement(link.statement).place();
                details.push(format!(
                    "selected by {} [{}] at {}",
                    tree.name(link.symbol),
                    session.value(link.symbol),
                    at(&place)
                ));
            }
            if let Some(first) = chain.last() {
                let end = session.why(first.symbol);
                let name = tree.name(first.symbol);
                let end = told(session, first.symbol, &end, subject);
                details.push(format!("{name}: {}", end.text));
                details.extend(end.details);
            }
            let asked = match why.assigned.as_deref() {
                Some(assigned) if assigned != value => format!(", though {assigned} was assigned"),
                _ => String::new(),
            };
            ("selected", format!("other options select it{asked}"))
        }
        Why::Implied(causes) => {
            for cause in causes {
                let place = tree.statement(cause.statement).place();
                details.push(format!(
                    "implied by {} at {}",
                    tree.name(cause.symbol),
                    at(&place)
                ));
            }
            ("implied", "other options imply it".to_owned())
        }
        Why::Chosen(_) => ("chosen", "it is the member that its choice has".to_owned()),
        Why::NotChosen(_, chosen) => (
            "not-chosen",
            match chosen {
                Some(chosen) => format!("its choice has {}", tree.name(*chosen)),
                None => "its choice has no member".to_owned(),
            },
        ),
        Why::Unreachable => {
            details = unmet(session, symbol);
            let text = if tree.has_prompt(symbol) {
                "what it depends on is not met"
            } else {
                "it has no prompt, and nothing that is on selects it or gives it a default"
            };
            ("unreachable", text.to_owned())
        }
    };
    Reason {
        code,
        text,
        details,
    }
}

/// What keeps a symbol's prompts from being seen.
pub(super) fn unmet(session: &mut Session<'_>, symbol: SymbolId) -> Vec<String> {
    let tree = session.tree();
    let mut unmet = Vec::new();
    for prompt in tree.statements(symbol) {
        let Some(condition) = prompt.condition().filter(|_| prompt.text().is_some()) else {
            continue;
        };
        for part in session.unmet(condition, Tristate::Mod) {
            let place = inherited_from(tree, prompt.definition(), part).map_or_else(
                || at(&prompt.definition().place()),
                |place| format!("{}:{}", place.file, place.line),
            );
            unmet.push(format!(
                "{} is {}, asked for at {place}",
                tree.expr_text(Some(part)),
                session.evaluate(part)
            ));
        }
    }
    unmet
}
