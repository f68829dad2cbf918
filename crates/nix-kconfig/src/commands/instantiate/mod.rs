//! `nix-kconfig instantiate`: what `nix-instantiate` does without a store to write to,
//! with the same options, output, messages and exit status, so that a test suite
//! written for Nix runs against this evaluator unchanged.

mod arguments;
mod configuration;
mod options;
mod parse_files;
mod session;
mod settings;

use std::ffi::OsString;
use std::process::ExitCode;

use kernel_config::{Rules, install};
use nix_eval::{Bump, ErrorKind, Evaluator, NIX_VERSION, render_plain};

pub(super) use options::lookup_entry;

use crate::terminal::for_standard_error;
use arguments::{Request, Stop, TALKATIVE, WARNINGS};
use configuration::Problem;
use session::{Failure, Session};
use settings::Settings;

const HELP: &str = "\
Does with Nix expressions what nix-instantiate does, but for writing to a store:
nothing is built, and nothing is written.

Usage: nix-kconfig instantiate [--eval | --parse | --find-file] [OPTIONS] [FILE…]

What is evaluated:
  FILE…                 files, or - for standard input (default: ./default.nix)
  -E, --expr            take the arguments as expressions
  -A, --attr PATH       select an attribute of what is evaluated; may be repeated
      --arg NAME EXPR   pass an argument to a function at the top
      --argstr NAME S   pass a string
      --arg-from-file NAME FILE, --arg-from-stdin NAME
                        pass what a file, or standard input, holds as a string
  -I, --include PATH    add [PREFIX=]PATH to the look-up path, before NIX_PATH

What is printed:
      (nothing of these) the store paths that the derivations would have
      --eval            the value
      --parse           the expression as parsed
      --find-file       the files that look-up paths lead to
      --strict          evaluate lists and attribute sets completely
      --json, --xml     print the value in another format
      --no-location     without positions, in XML
      --raw             print a string as it is
      --show-trace      on an error, the whole way to it
      --quiet, -v       say less, or more

Bounds:
      --max-memory MIB  fail when values need more memory
      --timeout SECONDS fail when the evaluation takes longer
      --max-call-depth N
      --restrict DIR    read nothing outside of DIR; may be repeated
      --restrict-eval   read only what the look-up path leads to
      --pure-eval       know nothing of this machine: no environment, no time

Settings of Nix can be given as in Nix: --NAME VALUE, --option NAME VALUE, in
nix.conf, or in NIX_CONFIG. Those that do not concern evaluation change nothing.
";

/// What is said when the command line makes no sense.
const TRY_HELP: &str = "Try 'nix-instantiate --help' for more information.";

/// Runs the command. The exit status is 0, or 1 if anything failed.
pub(crate) fn main(args: Vec<OsString>) -> ExitCode {
    let args = args
        .into_iter()
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    let mut settings = Settings::default();
    let request = match read_request(args, &mut settings) {
        Ok(request) => request,
        Err(stop) => return stopped(stop, &mut settings),
    };
    for (name, _) in std::mem::take(&mut settings.unknown) {
        settings.warnings.push(format!("unknown setting '{name}'"));
    }
    if request.verbosity >= WARNINGS {
        warn(&mut settings);
    }
    match run(&request, &settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprint!("{}", for_standard_error(&message));
            ExitCode::FAILURE
        }
    }
}

fn read_request(args: Vec<String>, settings: &mut Settings) -> Result<Request, Stop> {
    configuration::load(settings).map_err(|Problem { message, is_usage }| {
        if is_usage {
            Stop::Usage(message)
        } else {
            Stop::Failure(message)
        }
    })?;
    arguments::parse(args, settings)
}

fn warn(settings: &mut Settings) {
    for warning in settings.warnings.drain(..) {
        eprintln!("warning: {}", for_standard_error(&warning));
    }
}

fn stopped(stop: Stop, settings: &mut Settings) -> ExitCode {
    match stop {
        Stop::Help => print!("{HELP}"),
        // As scripts read it that depend on the release of Nix.
        Stop::Version => println!("nix-instantiate (Nix) {NIX_VERSION}"),
        Stop::Usage(message) => {
            warn(settings);
            eprintln!("error: {}", for_standard_error(&message));
            eprintln!("{TRY_HELP}");
            return ExitCode::FAILURE;
        }
        Stop::Failure(message) => {
            warn(settings);
            eprintln!("error: {}", for_standard_error(&message));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn plain(message: &str) -> String {
    format!("error: {message}\n")
}

fn run(request: &Request, settings: &Settings) -> Result<(), String> {
    let current_dir = std::env::current_dir()
        .map_err(|error| plain(&format!("cannot tell the current directory: {error}")))?;
    if parse_files::is_asked(request) {
        return parse_files::run(request, settings, &current_dir);
    }
    let heap = Bump::new();
    let options =
        options::options(request, settings, &current_dir).map_err(|message| plain(&message))?;
    let mut evaluator = Evaluator::new(&heap, options);
    install(&mut evaluator, Rules::default(), None);
    let mut session = Session {
        evaluator,
        request,
        current_dir,
        has_warned_of_root: false,
    };
    if request.verbosity >= TALKATIVE {
        // Nix reads it before anything else.
        eprintln!("evaluating file '«nix-internal»/derivation-internal.nix'");
    }
    session
        .run()
        .map_err(|failure| failure_message(failure, &session.evaluator, settings))
}

/// What the user is told of a failure.
fn failure_message(failure: Failure, evaluator: &Evaluator<'_>, settings: &Settings) -> String {
    let error = match failure {
        Failure::Evaluation(error) => error,
        Failure::Other(message) => return plain(&message),
    };
    let mut message = render_plain(&error, evaluator.sources(), settings.show_trace);
    if error.kind == ErrorKind::Usage {
        message.push_str(TRY_HELP);
        message.push('\n');
    }
    message
}
