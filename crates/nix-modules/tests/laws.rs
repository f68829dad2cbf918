//! Laws of merging, on definitions that are drawn at random.

use std::path::Path;

use nix_eval::{Bump, Evaluator, HostIo, Options, Origin};
use proptest::prelude::*;

/// A type, and definitions that may or may not agree, as Nix writes them.
#[derive(Clone, Debug)]
struct Option {
    kind: String,
    definitions: Vec<String>,
}

/// Types with values of them. Small pools, so that definitions often agree.
fn kinds() -> impl Strategy<Value = (String, BoxedStrategy<String>)> {
    let pool = |values: &[&str]| {
        let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
        proptest::sample::select(values).boxed()
    };
    let scalar = prop_oneof![
        Just(("int".to_owned(), pool(&["1", "2"]))),
        Just(("bool".to_owned(), pool(&["true", "false"]))),
        Just(("str".to_owned(), pool(&["\"a\"", "\"b\""]))),
        Just(("(enum [ \"a\" 1 ])".to_owned(), pool(&["\"a\"", "1"]))),
        Just(("(either int str)".to_owned(), pool(&["1", "\"a\""]))),
    ];
    scalar.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_map(|(kind, values)| (format!("(nullOr {kind})"), values)),
            inner.clone().prop_map(|(kind, values)| {
                (format!("(attrsOf {kind})"), attributes(wrapped(values)))
            }),
            inner.prop_map(|(kind, values)| {
                let option = format!("lib.mkOption {{ type = {kind}; }}");
                (
                    format!("(submodule {{ options.x = {option}; options.y = {option}; }})"),
                    attributes(wrapped(values)),
                )
            }),
        ]
    })
}

/// Sets of some of two attributes.
fn attributes(values: BoxedStrategy<String>) -> BoxedStrategy<String> {
    (
        proptest::option::of(values.clone()),
        proptest::option::of(values),
    )
        .prop_map(|(x, y)| {
            let attribute = |name: &str, value: std::option::Option<String>| match value {
                Some(value) => format!("{name} = {value};"),
                None => String::new(),
            };
            format!("{{ {} {} }}", attribute("x", x), attribute("y", y))
        })
        .boxed()
}

/// A value with conditions and priorities around it.
fn wrapped(values: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let wrappers = [
        "{}",
        "{}",
        "{}",
        "(lib.mkForce {})",
        "(lib.mkDefault {})",
        "(lib.mkIf true {})",
        "(lib.mkIf false {})",
        "(lib.mkOverride 70 {})",
        "(lib.mkMerge [ {} ])",
    ];
    (values, proptest::sample::select(wrappers.to_vec()))
        .prop_map(|(value, wrapper)| wrapper.replace("{}", &value))
        .boxed()
}

fn options() -> impl Strategy<Value = Option> {
    kinds().prop_flat_map(|(kind, values)| {
        proptest::collection::vec(wrapped(values), 1..5).prop_map(move |definitions| Option {
            kind: kind.clone(),
            definitions,
        })
    })
}

/// What definitions of an option come to: the value as Nix prints it, or None if they
/// contradict each other.
fn merged(kind: &str, definitions: &[String]) -> std::option::Option<String> {
    let heap = Bump::new();
    let options = Options {
        io: Box::new(nix_modules::with_embedded_lib(HostIo)),
        nix_path: nix_modules::look_up_path(Vec::new()),
        trace: Box::new(|_| {}),
        ..Options::default()
    };
    let mut evaluator = Evaluator::new(&heap, options);
    nix_modules::install(&mut evaluator);
    let modules: Vec<String> = definitions
        .iter()
        .map(|definition| format!("{{ it = {definition}; }}"))
        .collect();
    let modules = modules.join("\n");
    let text = format!(
        "let lib = import <nixpkgs/lib>; in with lib.types; builtins.toJSON (lib.evalModules {{ \
         modules = [ {{ options.it = lib.mkOption {{ type = {kind}; }}; }}\n{modules} ]; \
         }}).config.it"
    );
    let value = evaluator
        .eval_str(&text, Path::new("/"), Origin::String)
        .ok()?;
    let shown = evaluator.show_deep(value).ok()?;
    Some(String::from_utf8(shown).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_definitions_does_not_matter(option in options(), turn in 0_usize..4) {
        let Option { kind, definitions } = option;
        let mut turned = definitions.clone();
        turned.rotate_left(turn % definitions.len());
        turned.reverse();
        prop_assert_eq!(merged(&kind, &definitions), merged(&kind, &turned));
    }

    #[test]
    fn a_configuration_merged_with_itself_is_itself(option in options()) {
        let Option { kind, definitions } = option;
        let twice = [definitions.clone(), definitions.clone()].concat();
        prop_assert_eq!(merged(&kind, &definitions), merged(&kind, &twice));
    }

    #[test]
    fn mk_force_always_wins(option in options(), forced in 0_usize..4) {
        let Option { kind, definitions } = option;
        let forced = definitions[forced % definitions.len()].clone();
        prop_assume!(!forced.starts_with("(lib."));
        let mut all = vec![format!("lib.mkForce {forced}")];
        let alone = merged(&kind, &all);
        // The others are of any priority below.
        all.extend(definitions.iter().map(|it| it.replace("lib.mkForce", "lib.mkDefault")));
        prop_assert_eq!(alone, merged(&kind, &all));
    }
}
