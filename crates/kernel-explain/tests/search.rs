//! The smallest change, on a small tree: what is offered, and why nothing is.

use kconfig::{
    Environment, Generation, MemoryFiles, Messages, ParseOptions, ProbeOutput, Replay, Session,
    Tree,
};
use kernel_explain::{Assignment, Outcome, Search, Wish};

const KCONFIG: &str = r#"
config MODULES
	bool "Modules"
	modules

menuconfig NET
	bool "Networking"

config INET
	bool "TCP/IP"
	depends on NET

config CARD
	tristate "A card"
	depends on INET && (BUS_A || BUS_B) && !TINY
	select HASH

config BUS_A
	bool "Bus A"
	depends on BRIDGE

config BUS_B
	tristate "Bus B"

config BRIDGE
	bool "Bridge"

config TINY
	bool "Tiny"

config HASH
	tristate

config HIDDEN
	bool
	default y if CARD = m

config HELD
	bool "Held"

config HOLDER
	bool "Holder"
	default y
	select HELD

config FOREIGN
	bool "Of another architecture"
	depends on OTHER_ARCH

config HAS_FLAG
	def_bool $(shell,probe)

config FLAGGED
	bool "Needs the compiler"
	depends on HAS_FLAG

config NEVER
	bool "Contradictory"
	depends on TINY && CARD

config DEPTH
	int "Depth"
	range 1 8 if TINY
	range 1 64
	default 4

choice
	prompt "Pace"
	default WALK

config WALK
	bool "Walk"

config RUN
	bool "Run"
	depends on NET

endchoice

config FAST
	bool "Fast"
	depends on RUN
"#;

fn tree(version: &str) -> Tree {
    let files: MemoryFiles = [("Kconfig", KCONFIG)].into_iter().collect();
    let environment = Environment::new();
    let options = ParseOptions {
        root: "Kconfig",
        environment: &environment,
        generation: Generation::from_version(version).unwrap(),
    };
    let mut probes = Replay::new();
    let says_no = ProbeOutput {
        stdout: b"n\n".to_vec(),
        ..ProbeOutput::default()
    };
    probes.insert("probe", says_no);
    Tree::parse(&options, &files, &mut probes, &mut Messages::default()).unwrap()
}

fn resolve<'t>(tree: &'t Tree, config: &str, changes: &[Assignment]) -> Session<'t> {
    let lines: Vec<String> = changes.iter().map(|change| change.line(tree)).collect();
    let mut session = Session::new(tree);
    session.load_config("test", format!("{config}{}", lines.concat()).as_bytes());
    session
}

/// The changes as text, or what stands in the way.
fn ask(version: &str, config: &str, name: &str, value: &str) -> String {
    let tree = tree(version);
    let wish = Wish::parse(&tree, name, value).unwrap();
    let asked = |symbol| config.contains(&format!("CONFIG_{}=", tree.name(symbol)));
    let search = Search {
        wish: &wish,
        now: &mut resolve(&tree, config, &[]),
        answered: &asked,
        resolve: &mut |changes| resolve(&tree, config, changes),
        deadline: None,
    };
    match search.run().unwrap() {
        Outcome::Already => "already".to_owned(),
        Outcome::Fix(fix) => {
            let mut lines: Vec<String> = fix
                .changes
                .iter()
                .map(|change| format!("{}={}", tree.name(change.symbol), change.value))
                .collect();
            lines.sort();
            lines.join(" ")
        }
        Outcome::Impossible(obstacles) => obstacles
            .iter()
            .map(|obstacle| format!("{}: {:?}", tree.name(obstacle.symbol), obstacle.cause))
            .collect::<Vec<_>>()
            .join("\n"),
        Outcome::NotFound { attempts } => format!("not found in {attempts}"),
    }
}

#[test]
fn the_smallest_change_is_offered() {
    let modules = "CONFIG_MODULES=y\n";
    for version in ["6.12", "6.1"] {
        for (config, name, value, expected) in [
            ("", "NET", "y", "NET=y"),
            ("CONFIG_NET=y\n", "NET", "y", "already"),
            ("", "INET", "y", "INET=y NET=y"),
            // Through BUS_B, which is one symbol less.
            ("", "CARD", "y", "BUS_B=y CARD=y INET=y NET=y"),
            (
                "CONFIG_TINY=y\nCONFIG_NET=y\nCONFIG_INET=y\nCONFIG_BUS_B=y\n",
                "CARD",
                "y",
                "CARD=y TINY=n",
            ),
            (modules, "CARD", "m", "BUS_B=m CARD=m INET=y NET=y"),
            // No prompt: by what selects it, or what its default asks for.
            ("", "HASH", "y", "BUS_B=y CARD=y INET=y NET=y"),
            (modules, "HIDDEN", "y", "BUS_B=m CARD=m INET=y NET=y"),
            // What selects it goes with it.
            ("CONFIG_HELD=y\n", "HELD", "n", "HELD=n HOLDER=n"),
            ("", "RUN", "y", "NET=y RUN=y"),
            // An answer for another member gives way.
            ("CONFIG_NET=y\nCONFIG_WALK=y\n", "RUN", "y", "RUN=y WALK=n"),
            ("", "FAST", "y", "FAST=y NET=y RUN=y"),
            ("", "DEPTH", "32", "DEPTH=32"),
            ("CONFIG_TINY=y\n", "DEPTH", "32", "DEPTH=32 TINY=n"),
        ] {
            let got = ask(version, config, name, value);
            assert_eq!(got, expected, "{name}={value} on {config:?} in {version}");
        }
    }
}

#[test]
fn what_is_impossible_has_a_reason() {
    for (name, value, expected) in [
        ("FOREIGN", "y", "missing: \"OTHER_ARCH\""),
        (
            "FLAGGED",
            "y",
            "HAS_FLAG: Probe { line: \"def_bool $(shell,probe)\"",
        ),
        ("NEVER", "y", "Contradiction"),
        ("DEPTH", "99", "OutOfRange"),
        ("CARD", "m", "NoModules"),
    ] {
        let got = ask("6.12", "", name, value);
        assert!(got.contains(expected), "{name}={value}: {got}");
    }
}

#[test]
fn a_value_of_the_wrong_type_is_refused() {
    let tree = tree("6.12");
    let refusal = |name, value| Wish::parse(&tree, name, value).unwrap_err().to_string();
    assert_eq!(
        refusal("NET", "m"),
        "NET is a bool, and `m' is no value of that type: it takes y or n"
    );
    assert_eq!(
        refusal("DEPTH", "many"),
        "DEPTH is an integer, and `many' is no value of that type: it takes a number, like 12 or -3"
    );
    assert_eq!(
        refusal("NOPE", "y"),
        "no Kconfig file of this tree defines NOPE"
    );
}
