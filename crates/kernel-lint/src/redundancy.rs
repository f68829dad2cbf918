//! Answers that change nothing.

use std::collections::BTreeSet;

use kconfig::Tree;
use kernel_resolve::{Answering, Answers, Base, resolve};

/// How often what turned out to be needed is put back.
const ROUNDS: usize = 4;

/// The answers without which, all together, the configuration is the same to the byte.
pub fn redundant_answers(tree: &Tree, base: &Base, answers: &Answers) -> Vec<String> {
    let whole = resolve(tree, base, answers, Answering::Olddefconfig).config;
    let mut removed: BTreeSet<String> = {
        let none = Answers::new(answers.release());
        let mut bare = resolve(tree, base, &none, Answering::Olddefconfig).session;
        let mut is_default = |name: &str, wanted: &str| {
            let symbol = bare.find(name);
            symbol.is_some_and(|symbol| bare.value(symbol) == wanted)
        };
        answers
            .iter()
            .filter(|(name, answer)| is_default(name, &answer.value))
            .map(|(name, _)| name.to_owned())
            .collect()
    };
    for _ in 0..ROUNDS {
        if removed.is_empty() {
            break;
        }
        let reduced = answers.without(&removed);
        let resolution = resolve(tree, base, &reduced, Answering::Olddefconfig);
        if resolution.config == whole {
            return removed.into_iter().collect();
        }
        let mut session = resolution.session;
        let before = removed.len();
        removed.retain(|name| {
            let symbol = session.find(name);
            let value = symbol.map(|symbol| session.value(symbol));
            answers.get(name).map(|answer| answer.value.as_str()) == value.as_deref()
        });
        if removed.len() == before {
            // Something that nobody answered changed: which answer it hangs on is not known.
            break;
        }
    }
    Vec::new()
}
