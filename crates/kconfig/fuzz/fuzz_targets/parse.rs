//! Any text is a tree or an error, and a tree has values.

#![no_main]

use kconfig::{Environment, Generation, MemoryFiles, Messages, NoShell};
use kconfig::{ParseOptions, Session, Tree};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let files: MemoryFiles = [("Kconfig", text)].into_iter().collect();
    for generation in [Generation::new(6, 1), Generation::NEWEST] {
        let options = ParseOptions {
            root: "Kconfig",
            environment: &Environment::new(),
            generation,
        };
        let mut messages = Messages::default();
        if let Ok(tree) = Tree::parse(&options, &files, &mut NoShell, &mut messages) {
            let _ = Session::new(&tree).write_config();
        }
    }
});
