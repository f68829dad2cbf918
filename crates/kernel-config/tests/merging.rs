//! Laws of merging structured configurations.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use kernel_config::{Kernel, Rules, Strategies, TristateStrategy, merge, with_embedded_nixpkgs};
use nix_eval::{Bump, Evaluator, HostIo, Options, Origin, Pos};
use nix_modules::Definition;
use proptest::prelude::*;

/// A definition of one option.
#[derive(Clone, Debug)]
struct Item {
    /// As written in Nix.
    tristate: Option<&'static str>,
    freeform: Option<&'static str>,
    optional: Option<bool>,
    priority: Option<i64>,
}

/// Definitions by option: one structured configuration.
type Set = BTreeMap<&'static str, Item>;

/// What an option came to: its parts, or the parts that conflict.
type Merged = BTreeMap<String, String>;

impl Item {
    fn nix(&self) -> String {
        let mut parts = String::new();
        if let Some(letter) = self.tristate {
            let _ = write!(parts, "tristate = {letter}; ");
        }
        if let Some(text) = self.freeform {
            let _ = write!(parts, "freeform = \"{text}\"; ");
        }
        if let Some(optional) = self.optional {
            let _ = write!(parts, "optional = {optional}; ");
        }
        let item = format!("{{ {parts}}}");
        match self.priority {
            Some(priority) => {
                format!("{{ _type = \"override\"; priority = {priority}; content = {item}; }}")
            }
            None => item,
        }
    }
}

fn nix(set: &Set) -> String {
    let mut text = String::from("{ ");
    for (name, item) in set {
        let _ = write!(text, "{name} = {}; ", item.nix());
    }
    text.push('}');
    text
}

fn merged(sets: &[Set], tristate: TristateStrategy) -> Merged {
    let heap = Bump::new();
    let options = Options {
        io: Box::new(with_embedded_nixpkgs(HostIo)),
        ..Options::default()
    };
    let mut evaluator = Evaluator::new(&heap, options);
    kernel_config::install(&mut evaluator, Rules::default(), None);
    let system = Kernel::module_system(&mut evaluator).unwrap();
    let definitions: Vec<_> = sets
        .iter()
        .map(|set| Definition {
            file: evaluator.string("test").into(),
            value: evaluator
                .lazy_str(nix(set), Path::new("/"), Origin::String)
                .unwrap(),
            pos: Pos::NONE,
            order: None,
            form: None,
        })
        .collect();
    let strategies = Strategies {
        tristate,
        ..Strategies::default()
    };
    let settings = merge(&mut evaluator, system, &definitions, strategies).unwrap();
    let mut merged: Merged = settings
        .items
        .iter()
        .map(|(name, item)| {
            let parts = (item.tristate, &item.freeform, item.optional);
            (name.clone(), format!("{parts:?}"))
        })
        .collect();
    for conflict in &settings.conflicts {
        let parts = merged.entry(conflict.name.clone()).or_default();
        let _ = write!(parts, "conflict: {} ", conflict.part.name());
    }
    merged
}

fn any_item() -> impl Strategy<Value = Item> {
    let letters = prop_oneof![Just("\"y\""), Just("\"m\""), Just("\"n\""), Just("null"),];
    let texts = prop_oneof![Just("1"), Just("2")];
    let priorities = prop_oneof![Just(50), Just(60), Just(100), Just(1000)];
    (
        prop::option::of(letters),
        prop::option::weighted(0.3, texts),
        prop::option::of(any::<bool>()),
        prop::option::weighted(0.4, priorities),
    )
        .prop_map(|(tristate, freeform, optional, priority)| Item {
            tristate,
            freeform,
            optional,
            priority,
        })
}

fn any_sets() -> impl Strategy<Value = Vec<Set>> {
    let names = prop_oneof![Just("A"), Just("B"), Just("C")];
    let set = prop::collection::btree_map(names, any_item(), 0..4);
    prop::collection::vec(set, 1..5)
}

fn any_strategy() -> impl Strategy<Value = TristateStrategy> {
    prop_oneof![
        Just(TristateStrategy::default()),
        Just(TristateStrategy::Best(['n', 'm', 'y'])),
        Just(TristateStrategy::Equal),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_definitions_does_not_matter(
        (sets, shuffled) in any_sets().prop_flat_map(|sets| {
            (Just(sets.clone()), Just(sets).prop_shuffle())
        }),
        strategy in any_strategy(),
    ) {
        prop_assert_eq!(merged(&sets, strategy), merged(&shuffled, strategy));
    }

    #[test]
    fn merged_with_itself_a_configuration_is_itself(
        sets in any_sets(),
        strategy in any_strategy(),
    ) {
        let twice = [sets.clone(), sets.clone()].concat();
        prop_assert_eq!(merged(&sets, strategy), merged(&twice, strategy));
    }

    #[test]
    fn what_is_forced_wins(
        mut sets in any_sets(),
        mut forced in any_item(),
        strategy in any_strategy(),
    ) {
        for item in sets.iter_mut().flat_map(BTreeMap::values_mut) {
            item.priority = item.priority.filter(|priority| *priority > 50);
        }
        forced.priority = Some(50);
        let alone = merged(&[Set::from([("A", forced.clone())])], strategy);
        sets.push(Set::from([("A", forced)]));
        let all = merged(&sets, strategy);
        prop_assert_eq!(all.get("A"), alone.get("A"));
    }
}
