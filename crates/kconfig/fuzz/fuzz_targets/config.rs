//! Any text can be read as a `.config`, and what is written then stays as it is.

#![no_main]

use kconfig::{Environment, Generation, MemoryFiles, Messages, NoShell};
use kconfig::{ParseOptions, Session, Tree};
use libfuzzer_sys::fuzz_target;

/// A symbol of each type, and a choice.
const TREE: &str = "config MODULES\n\tbool \"m\"\n\tmodules\n\
    config A\n\ttristate \"a\"\n\tselect B if C\n\
    config B\n\tbool \"b\"\n\
    config C\n\tstring \"c\"\n\tdefault \"x\"\n\
    config D\n\tint \"d\"\n\trange 1 9\n\tdefault 3\n\
    config E\n\thex \"e\"\n\tdefault 0x10\n\
    choice\n\tprompt \"f\"\nconfig F1\n\tbool \"f1\"\nconfig F2\n\tbool \"f2\"\nendchoice\n";

fuzz_target!(|text: &[u8]| {
    let files: MemoryFiles = [("Kconfig", TREE)].into_iter().collect();
    for generation in [Generation::new(6, 1), Generation::NEWEST] {
        let options = ParseOptions {
            root: "Kconfig",
            environment: &Environment::new(),
            generation,
        };
        let tree = Tree::parse(&options, &files, &mut NoShell, &mut Messages::default());
        let tree = tree.expect("the tree above is right");
        let written = |text: &[u8]| {
            let mut session = Session::new(&tree);
            session.load_config(".config", text);
            session.write_config()
        };
        let once = written(text);
        assert_eq!(written(&once), once);
    }
});
