//! A stranger's tree may be built to exhaust whoever reads it: it gets an error, or is read in
//! bounded time and stack.

use kconfig::{Environment, Generation, MemoryFiles, Messages, NoShell};
use kconfig::{ParseOptions, Session, Tree};

/// Reads a tree; what is wrong with it, if something is.
fn read(files: &MemoryFiles) -> Result<Tree, String> {
    let environment = Environment::new();
    let options = ParseOptions {
        root: "Kconfig",
        environment: &environment,
        generation: Generation::NEWEST,
    };
    let mut messages = Messages::default();
    Tree::parse(&options, files, &mut NoShell, &mut messages).map_err(|_| {
        let told: Vec<String> = messages
            .diagnostics
            .iter()
            .map(ToString::to_string)
            .collect();
        told.join("\n")
    })
}

fn read_one(text: impl Into<String>) -> Result<Tree, String> {
    read(&[("Kconfig", text.into())].into_iter().collect())
}

#[test]
fn parentheses_nest_only_so_deep() {
    let text = |depth: usize| {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        format!("config A\n\tbool \"a\"\n\tdepends on {open}y{close}\n")
    };
    assert!(read_one(text(1000)).is_ok());
    assert!(
        read_one(text(1_000_000))
            .unwrap_err()
            .contains("memory exhausted")
    );
}

#[test]
fn blocks_nest_only_so_deep() {
    let text = "if y\n".repeat(1_000_000);
    assert!(read_one(text).unwrap_err().contains("memory exhausted"));
}

#[test]
fn long_chains_are_computed() {
    let mut text = "config S0\n\tbool \"s\"\n".to_owned();
    for index in 1..20_000 {
        text.push_str(&format!(
            "config S{index}\n\tbool \"s\"\n\tdefault S{}\n",
            index - 1
        ));
    }
    let tree = read_one(text).unwrap();
    let mut session = Session::new(&tree);
    session.load_config(".config", b"CONFIG_S0=y\n");
    assert!(
        String::from_utf8(session.write_config())
            .unwrap()
            .contains("CONFIG_S19999=y\n")
    );
}

#[test]
fn a_file_that_includes_itself_is_an_error() {
    let files = [("Kconfig", "source \"a\"\n"), ("a", "source \"Kconfig\"\n")];
    let told = read(&files.into_iter().collect()).unwrap_err();
    assert!(told.contains("Recursive inclusion detected"), "{told}");
}

#[test]
fn a_macro_that_doubles_is_stopped() {
    let mut text = "m0 = xxxxxxxxxxxxxxxx\n".to_owned();
    for level in 1..64 {
        let before = level - 1;
        text.push_str(&format!("m{level} = $(m{before})$(m{before})\n"));
    }
    text.push_str("x := $(m63)\n");
    let told = read_one(text).unwrap_err();
    assert!(
        told.contains("expansion is too long") || told.contains("too many"),
        "{told}"
    );
}

#[test]
fn a_macro_that_calls_itself_twice_is_stopped() {
    let told = read_one("f = $(f,$(1))$(f,$(1))\nx := $(f,a)\n").unwrap_err();
    assert!(
        told.contains("recursi") || told.contains("too many"),
        "{told}"
    );
}

#[test]
fn huge_bounds_are_numbers() {
    let huge = "9".repeat(10_000);
    let text = format!("config A\n\tint \"a\"\n\trange -{huge} {huge}\n\tdefault {huge}\n");
    let tree = read_one(text).unwrap();
    Session::new(&tree).write_config();
}
