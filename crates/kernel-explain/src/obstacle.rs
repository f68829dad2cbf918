//! Why a symbol cannot have a value in a tree.

use kconfig::{
    Definition, Expr, ExprId, Place, Position, PropertyKind, Reason, Session, Statement, SymbolId,
    SymbolType, Tree, Tristate,
};

use crate::wish::Wish;

/// Something that no assignment changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The symbol that it holds where it is.
    pub symbol: SymbolId,
    /// What it is.
    pub cause: Cause,
}

/// What no assignment changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// It depends on a symbol that no file of the tree defines for this architecture.
    Undefined {
        /// The symbol that is missing.
        missing: String,
        /// Where the entry stands that depends on it.
        place: Place,
    },
    /// A command that asks about the toolchain said no.
    Probe {
        /// The line that asks, as written.
        line: String,
        /// Where it stands.
        place: Place,
    },
    /// It is fixed for this architecture.
    Architecture {
        /// The line that says so, as written.
        line: String,
        /// Where it stands.
        place: Place,
    },
    /// Its value is a constant.
    Constant {
        /// The line that says so, as written.
        line: String,
        /// Where it stands.
        place: Place,
    },
    /// Another symbol selects it that cannot be switched off.
    Selected {
        /// The selecting symbol.
        by: SymbolId,
        /// Where the `select` stands.
        place: Place,
    },
    /// It has no prompt, and nothing that can be had selects it.
    NoPrompt {
        /// Where it is defined.
        place: Place,
    },
    /// There are no modules: `MODULES` is `n`.
    NoModules,
    /// A number lies outside of every range that can apply.
    OutOfRange {
        /// The ranges, as written.
        ranges: Vec<(String, Place)>,
    },
    /// What it needs cannot be had together with what the others need.
    Contradiction {
        /// The others.
        with: Vec<SymbolId>,
    },
}

/// The obstacles among the symbols whose definitions contradict a wish.
pub(crate) fn find(now: &mut Session<'_>, wish: &Wish, involved: &[SymbolId]) -> Vec<Obstacle> {
    let tree = now.tree();
    let modules_off = now.tristate(tree.modules_symbol()) == Tristate::No;
    if wish.value == "m" && modules_off && tree.kind(wish.symbol) == SymbolType::Tristate {
        return vec![Obstacle {
            symbol: wish.symbol,
            cause: Cause::NoModules,
        }];
    }
    let mut symbols = vec![wish.symbol];
    symbols.extend(involved.iter().copied().filter(|&s| s != wish.symbol));
    let mut obstacles: Vec<Obstacle> = Vec::new();
    for &symbol in &symbols {
        for cause in of_symbol(now, symbol) {
            let obstacle = Obstacle { symbol, cause };
            if !obstacles.contains(&obstacle) {
                obstacles.push(obstacle);
            }
        }
    }
    if obstacles.is_empty() && !tree.kind(wish.symbol).is_logical() {
        let ranges: Vec<_> = tree
            .statements(wish.symbol)
            .filter(|statement| statement.kind() == PropertyKind::Range)
            .map(|statement| (line(tree, statement.position()), statement.place()))
            .collect();
        if !ranges.is_empty() {
            obstacles.push(Obstacle {
                symbol: wish.symbol,
                cause: Cause::OutOfRange { ranges },
            });
        }
    }
    if obstacles.is_empty() {
        obstacles.push(Obstacle {
            symbol: wish.symbol,
            cause: Cause::Contradiction {
                with: symbols.split_off(1),
            },
        });
    }
    obstacles
}

/// What holds one symbol where it is.
fn of_symbol(now: &mut Session<'_>, symbol: SymbolId) -> Vec<Cause> {
    let tree = now.tree();
    let is_on = tree.kind(symbol).is_logical() && now.tristate(symbol) == Tristate::Yes;
    if is_on {
        return keeping_on(now, symbol);
    }
    let mut causes = Vec::new();
    for definition in tree.definitions(symbol) {
        causes.extend(of_definition(now, definition));
    }
    if !causes.is_empty() {
        return causes;
    }
    if tree.has_prompt(symbol) {
        let prompts = tree
            .statements(symbol)
            .filter(|prompt| prompt.text().is_some());
        causes.extend(
            prompts
                .filter(|prompt| is_never(now, prompt.condition()))
                .map(|prompt| of_line(tree, prompt.position())),
        );
        return causes;
    }
    for statement in tree.statements(symbol) {
        if statement.kind() == PropertyKind::Default
            && (is_never(now, statement.value()) || is_never(now, statement.condition()))
        {
            causes.push(of_line(tree, statement.position()));
        }
    }
    for select in tree.statements_naming(symbol, PropertyKind::Select) {
        let Some(condition) = select
            .condition()
            .filter(|_| is_never(now, select.condition()))
        else {
            continue;
        };
        let unmet = now.unmet(condition, Tristate::Yes);
        let missing = unmet.into_iter().flat_map(|part| missing(tree, part));
        causes.extend(missing.map(|symbol| Cause::Undefined {
            missing: tree.name(symbol).to_owned(),
            place: select.place(),
        }));
    }
    let has_default = tree
        .statements(symbol)
        .any(|statement| statement.kind() == PropertyKind::Default);
    if causes.is_empty()
        && !has_default
        && tree.reverse_dependency(symbol).is_none()
        && let Some(definition) = tree.definitions(symbol).next()
    {
        causes.push(Cause::NoPrompt {
            place: definition.place(),
        });
    }
    causes
}

/// What keeps a symbol switched on that no answer reaches.
fn keeping_on(now: &mut Session<'_>, symbol: SymbolId) -> Vec<Cause> {
    let tree = now.tree();
    let prompts: Vec<Statement<'_>> = tree
        .statements(symbol)
        .filter(|statement| statement.text().is_some())
        .collect();
    match now.why(symbol).reason {
        Reason::Default(id) if prompts.is_empty() => {
            vec![of_line(tree, tree.statement(id).position())]
        }
        Reason::Default(_) => prompts
            .into_iter()
            .filter(|prompt| is_never(now, prompt.condition()))
            .map(|prompt| of_line(tree, prompt.position()))
            .collect(),
        Reason::Selected(causes) => causes
            .into_iter()
            .map(|cause| Cause::Selected {
                by: cause.symbol,
                place: tree.statement(cause.statement).place(),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether a condition is not met and never will be.
fn is_never(now: &mut Session<'_>, condition: Option<ExprId>) -> bool {
    let unmet = condition.map(|condition| now.unmet(condition, Tristate::Yes));
    unmet
        .into_iter()
        .flatten()
        .any(|part| is_hopeless(now, part))
}

/// Dependencies of an entry that are not met and never will be.
fn of_definition(now: &mut Session<'_>, definition: Definition<'_>) -> Vec<Cause> {
    let tree = now.tree();
    let mut causes = Vec::new();
    let around = std::iter::successors(Some(definition), |inner| {
        Some(tree.definition(tree.enclosing(inner.menu())?))
    });
    for entry in around {
        for written in entry.written_dependencies() {
            for part in now.unmet(written.expr, Tristate::Yes) {
                if !is_hopeless(now, part) {
                    continue;
                }
                let missing = missing(tree, part);
                if missing.is_empty() {
                    causes.push(of_line(tree, written.position));
                }
                causes.extend(missing.into_iter().map(|symbol| Cause::Undefined {
                    missing: tree.name(symbol).to_owned(),
                    place: tree.place(written.position),
                }));
            }
        }
    }
    causes
}

/// Whether an expression is made of nothing that an assignment changes.
fn is_hopeless(now: &Session<'_>, expr: ExprId) -> bool {
    match now.tree().expr(expr) {
        Expr::Or(..) => now
            .tree()
            .disjuncts(expr)
            .into_iter()
            .all(|part| is_hopeless(now, part)),
        Expr::And(..) => now
            .tree()
            .conjuncts(expr)
            .into_iter()
            .any(|part| is_hopeless(now, part)),
        Expr::Not(operand) => now.is_fixed(operand),
        _ => now.is_fixed(expr),
    }
}

/// The symbols of an expression that nothing defines.
fn missing(tree: &Tree, expr: ExprId) -> Vec<SymbolId> {
    let mut missing = tree.symbols_in(expr);
    missing.retain(|&symbol| {
        tree.kind(symbol) == SymbolType::Unknown
            && tree
                .name(symbol)
                .starts_with(|c: char| c.is_ascii_uppercase())
    });
    missing
}

fn line(tree: &Tree, position: Position) -> String {
    tree.source_line(position).trim().to_owned()
}

/// What a line that fixes a value says.
fn of_line(tree: &Tree, position: Position) -> Cause {
    let line = line(tree, position);
    let place = tree.place(position);
    if line.contains("$(ARCH)") || line.contains("$(SRCARCH)") {
        Cause::Architecture { line, place }
    } else if line.contains("$(") {
        Cause::Probe { line, place }
    } else {
        Cause::Constant { line, place }
    }
}
