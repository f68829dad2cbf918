//! What it takes to give a symbol another value.

use std::time::{Duration, Instant};

use findings::Finding;

use kconfig::{Session, SymbolId, Tristate};
use kernel_explain::{Assignment, Obstacle, ObstacleCause, Outcome, Search};

use super::explanation::{Change, SideEffect, Wish};
use super::gather;
use crate::nix_block;
use crate::subject::{Resolved, Subject};

/// Seeks the smallest change, tries it, and tells what came of it.
pub(super) fn seek(
    subject: &Subject,
    resolved: &mut Resolved<'_>,
    wish: &kernel_explain::Wish,
    limit: Duration,
) -> Result<Wish, Box<Finding>> {
    let tree = resolved.session.tree();
    let obstacles = gather::unmet(&mut resolved.session, wish.symbol);
    let answered = |symbol: SymbolId| {
        subject
            .kernel()
            .is_some_and(|kernel| kernel.answers.get(tree.name(symbol)).is_some())
    };
    // In a finished configuration, whatever is on is wanted.
    let is_on: Vec<SymbolId> = match subject {
        Subject::Kernel(_) => Vec::new(),
        Subject::Config { .. } => tree
            .symbols()
            .filter(|&symbol| resolved.session.tristate(symbol) != Tristate::No)
            .collect(),
    };
    let is_wanted = |symbol: SymbolId| answered(symbol) || is_on.binary_search(&symbol).is_ok();
    let search = Search {
        wish,
        now: &mut resolved.session,
        answered: &is_wanted,
        resolve: &mut |changes| subject.resolve_with(tree, changes).session,
        deadline: Some(Instant::now() + limit),
    };
    let outcome = search.run().map_err(|error| {
        Box::new(Finding::failure(format!("{error}")).with_help(format!(
            "it took longer than {} s; --search-time takes another limit",
            limit.as_secs()
        )))
    })?;
    let mut told = Wish {
        value: wish.value.clone(),
        outcome: "met",
        obstacles,
        changes: Vec::new(),
        nix: None,
        is_verified: false,
        side_effects: Vec::new(),
    };
    match outcome {
        Outcome::Already => told.obstacles.clear(),
        Outcome::Fix(mut fix) => {
            told.outcome = "change";
            told.is_verified = wish.is_met(&mut fix.session);
            told.nix = Some(nix_block::write(
                subject,
                tree,
                &fix.changes,
                nix_block::Style::default(),
            ));
            told.changes = fix
                .changes
                .iter()
                .map(|change| Change {
                    symbol: tree.name(change.symbol).to_owned(),
                    prompt: tree.prompt_of(change.symbol),
                    from: resolved.session.value(change.symbol),
                    to: change.value.clone(),
                })
                .collect();
            told.side_effects = side_effects(
                &answered,
                &mut resolved.session,
                &mut fix.session,
                &fix.changes,
            );
            told.side_effects
                .retain(|effect| effect.symbol != tree.name(wish.symbol));
        }
        Outcome::Impossible(found) => {
            told.outcome = "impossible";
            told.obstacles = found
                .iter()
                .map(|obstacle| in_words(&mut resolved.session, obstacle))
                .collect();
        }
        Outcome::NotFound { .. } => told.outcome = "not-found",
    }
    Ok(told)
}

/// Options that change along, those first that Nix asked for.
fn side_effects(
    answered: &dyn Fn(SymbolId) -> bool,
    before: &mut Session<'_>,
    after: &mut Session<'_>,
    changes: &[Assignment],
) -> Vec<SideEffect> {
    let tree = before.tree();
    let mut effects: Vec<SideEffect> = tree
        .symbols()
        .filter(|&symbol| changes.iter().all(|change| change.symbol != symbol))
        .filter_map(|symbol| {
            let (from, to) = (before.value(symbol), after.value(symbol));
            let is_shown = before.stands_in_config(symbol) || after.stands_in_config(symbol);
            (from != to && is_shown).then(|| SideEffect {
                symbol: tree.name(symbol).to_owned(),
                was_asked: answered(symbol) && before.assignment(symbol).as_ref() == Some(&from),
                from,
                to,
            })
        })
        .collect();
    effects.sort_by_key(|effect| !effect.was_asked);
    effects
}

/// What stands in the way for good.
fn in_words(session: &mut Session<'_>, obstacle: &Obstacle) -> String {
    let tree = session.tree();
    let name = tree.name(obstacle.symbol);
    let value = session.value(obstacle.symbol);
    match &obstacle.cause {
        ObstacleCause::Undefined { missing, place } => format!(
            "{name} depends on {missing} (at {}), which no Kconfig file of this architecture \
             defines",
            gather::at(place)
        ),
        ObstacleCause::Probe { line, place } => format!(
            "{name} is {value}: the toolchain said so to `{line}' at {}",
            gather::at(place)
        ),
        ObstacleCause::Architecture { line, place } => format!(
            "{name} is {value} on this architecture: `{line}' at {}",
            gather::at(place)
        ),
        ObstacleCause::Constant { line, place } => format!(
            "{name} is {value}, and no answer changes it: `{line}' at {}",
            gather::at(place)
        ),
        ObstacleCause::Selected { by, place } => format!(
            "{name} is selected by {} (at {}), which cannot be switched off",
            tree.name(*by),
            gather::at(place)
        ),
        ObstacleCause::NoPrompt { place } => format!(
            "{name} has no prompt, and nothing that can be switched on selects it: defined at {}",
            gather::at(place)
        ),
        ObstacleCause::NoModules => {
            format!("{name} cannot be m: MODULES is n, so there are no modules")
        }
        ObstacleCause::OutOfRange { ranges } => {
            let ranges: Vec<String> = ranges
                .iter()
                .map(|(line, place)| format!("`{line}' at {}", gather::at(place)))
                .collect();
            format!("the value is out of range: {}", ranges.join(", "))
        }
        ObstacleCause::Contradiction { with } => {
            let others: Vec<String> = with
                .iter()
                .map(|&other| format!("{} [{}]", tree.name(other), session.value(other)))
                .collect();
            if others.is_empty() {
                format!("what {name} needs contradicts itself")
            } else {
                format!(
                    "what {name} needs cannot be had all at once: {}",
                    others.join(", ")
                )
            }
        }
    }
}
