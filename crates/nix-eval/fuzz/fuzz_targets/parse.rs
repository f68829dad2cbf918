//! Any text has a syntax tree or an error.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nix_eval::{Bump, Evaluator, Options, Origin};

fuzz_target!(|text: &str| {
    let heap = Bump::new();
    let options = Options {
        trace: Box::new(|_| {}),
        ..Options::default()
    };
    let _ = Evaluator::new(&heap, options).show_parsed(text, "/".as_ref(), Origin::String);
});
