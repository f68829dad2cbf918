//! Any text has a value or an error, within bounds of time and memory, and without
//! reading a file.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use nix_eval::{Bump, Evaluator, HostIo, Options, Origin, RestrictedIo};

fuzz_target!(|text: &str| {
    let Ok(io) = RestrictedIo::new(HostIo, &[]) else {
        return;
    };
    let heap = Bump::new();
    let options = Options {
        io: Box::new(io),
        max_memory: Some(64 << 20),
        timeout: Some(Duration::from_secs(1)),
        trace: Box::new(|_| {}),
        ..Options::default()
    };
    let mut evaluator = Evaluator::new(&heap, options);
    let _ = evaluator
        .eval_str(text, "/".as_ref(), Origin::String)
        .and_then(|value| evaluator.show_deep(value));
});
