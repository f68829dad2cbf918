//! `--parse` of several files. Each is independent of the others: they are parsed on all
//! processors and printed in order.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use kernel_config::Rules;
use nix_eval::{Bump, Evaluator};

use super::arguments::{Mode, Request, TALKATIVE};
use super::options::{options, tell};
use super::session::{Session, write_out};
use super::settings::Settings;
use super::{failure_message, plain};

/// So many files at most are parsed ahead of what is printed, by each thread.
const AHEAD: usize = 4;

/// Enough for the parser, so that it needs no other stack for all but the largest files.
/// What is not used takes no memory.
const STACK: usize = 64 * 1024 * 1024;

/// More threads would wait for the one that prints.
const MOST_THREADS: usize = 8;

/// What a file came to.
struct Parsed {
    warnings: Vec<String>,
    /// The text to print, or the message why there is none.
    shown: Result<Vec<u8>, String>,
}

/// Whether nothing but files is asked for, and more than one.
pub(super) fn is_asked(request: &Request) -> bool {
    request.mode() == Mode::Parse
        && !request.find_file
        && request.verbosity < TALKATIVE
        && request.inputs.len() > 1
        && !request.expressions
        && !request.stdin
        && request.args.is_empty()
}

/// Parses the files and prints what they come to.
///
/// # Errors
///
/// The message of the first that cannot be parsed; those before it are printed.
pub(super) fn run(
    request: &Request,
    settings: &Settings,
    current_dir: &Path,
) -> Result<(), String> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let threads = processors.min(request.inputs.len()).min(MOST_THREADS);
    thread::scope(|scope| {
        let mut results = Vec::with_capacity(threads);
        for first in 0..threads {
            let (sender, receiver) = sync_channel(AHEAD);
            let files = request.inputs.iter().skip(first).step_by(threads);
            thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, move || {
                    parse(request, settings, current_dir, files, &sender);
                })
                .map_err(|error| plain(&format!("cannot start a thread: {error}")))?;
            results.push(receiver);
        }
        for index in 0..request.inputs.len() {
            let Ok(parsed) = results[index % threads].recv() else {
                // The thread has panicked, and the scope passes that on.
                break;
            };
            for warning in &parsed.warnings {
                tell(warning, request.verbosity);
            }
            write_out(&parsed.shown?, true).map_err(|error| plain(&error.message()))?;
        }
        Ok(())
    })
}

/// Parses files one after the other, until nobody wants more.
fn parse<'r>(
    request: &Request,
    settings: &Settings,
    current_dir: &Path,
    files: impl Iterator<Item = &'r String>,
    results: &SyncSender<Parsed>,
) {
    let warnings = Rc::new(RefCell::new(Vec::new()));
    let heap = Bump::new();
    let mut options = match options(request, settings, current_dir) {
        Ok(options) => options,
        Err(message) => {
            let shown = Err(plain(&message));
            // Whoever has gone away has a message already.
            let _ = results.send(Parsed {
                warnings: Vec::new(),
                shown,
            });
            return;
        }
    };
    let told = Rc::clone(&warnings);
    options.trace = Box::new(move |text| told.borrow_mut().push(text.to_owned()));
    let mut evaluator = Evaluator::new(&heap, options);
    // What it binds are no undefined variables.
    kernel_config::install(&mut evaluator, Rules::default(), None);
    let mut session = Session {
        evaluator,
        request,
        current_dir: current_dir.to_owned(),
        has_warned_of_root: false,
    };
    for file in files {
        let shown = session.read(file).and_then(|input| session.parse(&input));
        let shown = shown.map_err(|failure| failure_message(failure, &session.evaluator, settings));
        let warnings = warnings.take();
        if results.send(Parsed { warnings, shown }).is_err() {
            return;
        }
    }
}
