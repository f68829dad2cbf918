//! Why symbols have their values, on a small tree.

use kconfig::{
    Environment, Generation, MemoryFiles, Messages, NoShell, ParseOptions, PropertyKind, Reason,
    Session, Tree, Tristate,
};

const KCONFIG: &str = r#"
config MODULES
	bool "Modules"
	modules
	default y

config NET
	bool "Networking"

config INET
	bool "TCP/IP"
	depends on NET
	default y

config CRYPTO
	tristate

config HASH
	tristate
	select CRYPTO if NET

menu "Devices"
	depends on NET && !EMBEDDED

config CARD
	tristate "A card"
	depends on (INET || LOCAL) && BUS = "fast"
	select HASH
	imply LEDS
	help
	  A card.

endmenu

config LEDS
	tristate "Lamps"

config BUS
	string
	default "fast" if NET
	default "slow"

config DEPTH
	int "Depth"
	range 1 8
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

config EMBEDDED
	bool "Embedded"
"#;

fn tree() -> Tree {
    let files: MemoryFiles = [("Kconfig", KCONFIG)].into_iter().collect();
    let environment = Environment::new();
    let options = ParseOptions {
        root: "Kconfig",
        environment: &environment,
        generation: Generation::NEWEST,
    };
    Tree::parse(&options, &files, &mut NoShell, &mut Messages::default()).unwrap()
}

fn reason(tree: &Tree, config: &str, name: &str) -> Reason {
    let mut session = Session::new(tree);
    session.load_config("test", config.as_bytes());
    session.why(tree.find(name).unwrap()).reason
}

#[test]
fn each_reason_is_told() {
    let tree = tree();
    let config = "CONFIG_NET=y\nCONFIG_CARD=m\nCONFIG_RUN=y\nCONFIG_DEPTH=6\n";
    let of = |name| reason(&tree, config, name);
    assert_eq!(of("NET"), Reason::Assigned);
    assert_eq!(of("DEPTH"), Reason::Assigned);
    assert!(matches!(of("INET"), Reason::Default(_)));
    assert!(matches!(of("BUS"), Reason::Default(_)));
    assert!(matches!(of("HASH"), Reason::Selected(causes) if causes.len() == 1));
    assert!(matches!(of("LEDS"), Reason::Implied(causes) if causes.len() == 1));
    assert!(matches!(of("RUN"), Reason::Chosen(_)));
    assert!(matches!(of("WALK"), Reason::NotChosen(_, Some(_))));
    assert_eq!(of("EMBEDDED"), Reason::NoDefault);
    assert_eq!(of("LOCAL"), Reason::Undefined);
    assert_eq!(reason(&tree, "", "CARD"), Reason::Unreachable);
}

#[test]
fn a_selection_is_followed_to_who_asked() {
    let tree = tree();
    let mut session = Session::new(&tree);
    session.load_config("test", b"CONFIG_NET=y\nCONFIG_CARD=m\n");
    let chain = session.selection_chain(tree.find("CRYPTO").unwrap());
    let names: Vec<_> = chain.iter().map(|cause| tree.name(cause.symbol)).collect();
    assert_eq!(names, ["HASH", "CARD"]);
    assert_eq!(chain[0].strength, Tristate::Mod);
    assert_eq!(session.why(chain[1].symbol).assigned.as_deref(), Some("m"));
}

#[test]
fn unmet_parts_and_texts_are_as_kconfig_writes_them() {
    let tree = tree();
    let card = tree.find("CARD").unwrap();
    let definition = tree.definitions(card).next().unwrap();
    let place = definition.place();
    assert_eq!((place.file.as_str(), place.line), ("Kconfig", 25));
    assert_eq!(definition.path(), ["Devices"]);
    let dependency = definition.dependency();
    assert_eq!(
        tree.expr_text(dependency),
        "NET && !EMBEDDED && (INET || LOCAL) && BUS=\"fast\""
    );
    let written = definition.written_dependencies();
    assert_eq!(
        tree.expr_text(Some(written[0].expr)),
        "(INET || LOCAL) && BUS=\"fast\""
    );
    let mut session = Session::new(&tree);
    session.load_config("test", b"CONFIG_EMBEDDED=y\n");
    let unmet: Vec<_> = session
        .unmet(dependency.unwrap(), Tristate::Yes)
        .into_iter()
        .map(|part| tree.expr_text(Some(part)))
        .collect();
    assert_eq!(unmet, ["NET", "!EMBEDDED", "INET || LOCAL", "BUS=\"fast\""]);
    let selects: Vec<_> = tree
        .statements(card)
        .filter(|statement| statement.kind() == PropertyKind::Select)
        .map(|statement| tree.source_line(statement.position()).into_owned())
        .collect();
    assert_eq!(selects, ["\tselect HASH"]);
}
