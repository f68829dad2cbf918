//! Laws that hold for any tree and any configuration: what is written is read back as it is, a
//! smallest configuration leads to the same values, and nothing that a file holds ends in a
//! panic.

use kconfig::{Environment, Generation, MemoryFiles, Messages, NoShell};
use kconfig::{ParseOptions, Session, Tree};
use proptest::prelude::*;

/// A tree with everything in it that decides values.
const KCONFIG: &str = r#"
config MODULES
	bool "modules"
	modules
	default y

config A
	tristate "a"
	select C if B

config B
	bool "b"
	default y if A

config C
	tristate
	default m if D

menu "menu"
	visible if B

config D
	tristate "d"
	depends on A || !B
	imply E

config E
	bool "e"

config F
	int "f"
	range 3 G
	default 5

endmenu

config G
	int "g" if !E
	range 4 20
	default 9

config H
	hex "h"
	default 0x10 if D

config I
	string "i"
	depends on MODULES
	default "text"

choice
	prompt "choice"
	default K

config J
	bool "j"

config K
	bool "k"
	depends on A

config L
	bool "l"

endchoice
"#;

const NAMES: [&str; 13] = [
    "MODULES", "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L",
];

fn tree(text: &str, generation: Generation) -> Option<Tree> {
    let files: MemoryFiles = [("Kconfig", text)].into_iter().collect();
    let environment = Environment::new();
    let options = ParseOptions {
        root: "Kconfig",
        environment: &environment,
        generation,
    };
    Tree::parse(&options, &files, &mut NoShell, &mut Messages::default()).ok()
}

/// [`KCONFIG`] in the language of a release.
fn whole_tree(generation: Generation) -> Tree {
    let text = if generation < Generation::new(5, 13) {
        KCONFIG.replace("\tmodules\n", "\toption modules\n")
    } else {
        KCONFIG.to_owned()
    };
    tree(&text, generation).expect("the tree has no errors")
}

fn generation() -> impl Strategy<Value = Generation> {
    prop_oneof![
        Just(Generation::new(5, 4)),
        Just(Generation::new(6, 1)),
        Just(Generation::new(6, 12)),
        Just(Generation::NEWEST),
    ]
}

/// A line of a configuration. Its numbers are within all ranges: the kernel's program needs two runs
/// until a bound that was out of its own range has settled what it bounds.
fn line() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("y"),
        Just("m"),
        Just("n"),
        Just("4"),
        Just("0x1f"),
        Just("7"),
        Just("\"a\\\"b\""),
    ];
    let name = proptest::sample::select(&NAMES[..]);
    prop_oneof![
        4 => (name.clone(), value).prop_map(|(name, value)| format!("CONFIG_{name}={value}\n")),
        1 => name.prop_map(|name| format!("# CONFIG_{name} is not set\n")),
    ]
}

fn config() -> impl Strategy<Value = String> {
    proptest::collection::vec(line(), 0..20).prop_map(|lines| lines.concat())
}

/// What `olddefconfig` makes of a configuration.
fn completed(tree: &Tree, config: &[u8]) -> Vec<u8> {
    let mut session = Session::new(tree);
    session.load_config(".config", config);
    session.write_config()
}

proptest! {
    #[test]
    fn olddefconfig_twice_changes_nothing(config in config(), generation in generation()) {
        let tree = whole_tree(generation);
        let once = completed(&tree, config.as_bytes());
        let twice = completed(&tree, &once);
        prop_assert_eq!(String::from_utf8_lossy(&once), String::from_utf8_lossy(&twice));
    }

    #[test]
    fn defconfig_restores_what_savedefconfig_saved(config in config(), generation in generation()) {
        let tree = whole_tree(generation);
        let whole = completed(&tree, config.as_bytes());
        let mut session = Session::new(&tree);
        session.load_config(".config", &whole);
        let saved = session.write_defconfig();
        let restored = completed(&tree, &saved);
        prop_assert_eq!(
            String::from_utf8_lossy(&whole),
            String::from_utf8_lossy(&restored),
            "{}",
            String::from_utf8_lossy(&saved)
        );
    }

    #[test]
    fn no_configuration_panics(
        config in proptest::collection::vec(any::<u8>(), 0..200),
        generation in generation(),
    ) {
        let tree = whole_tree(generation);
        completed(&tree, &config);
    }

    /// Words of the language in any order.
    #[test]
    fn no_tree_panics(words in proptest::collection::vec(word(), 0..60), generation in generation()) {
        if let Some(tree) = tree(&words.join(" "), generation) {
            completed(&tree, b"CONFIG_A=y\n");
        }
    }
}

fn word() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(
        &[
            "config",
            "A",
            "B",
            "\n",
            "\n\t",
            "bool",
            "tristate",
            "int",
            "string",
            "\"text\"",
            "if",
            "endif",
            "menu",
            "endmenu",
            "choice",
            "endchoice",
            "depends on",
            "default",
            "select",
            "imply",
            "range",
            "y",
            "m",
            "1",
            "0x9",
            "(",
            ")",
            "&&",
            "||",
            "!",
            "=",
            "!=",
            "<",
            "$(A)",
            "$(error-if,y,no)",
            "$(shell,x)",
            ":=",
            "+=",
            "help",
            "comment",
            "prompt",
            "visible if",
            "source",
            "\"Kconfig\"",
            "modules",
            "transitional",
            "optional",
            "option",
            "menuconfig",
            "mainmenu",
            "$(",
            "'",
            "#",
            "\\",
        ][..],
    )
}
