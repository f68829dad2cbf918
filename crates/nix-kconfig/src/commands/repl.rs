//! `nix-kconfig repl`: trying out Nix, line by line, with the commands of `nix repl`.

mod completion;
mod session;

use std::path::PathBuf;
use std::process::ExitCode;

use findings::Finding;
use nix_eval::Bump;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Config, Editor};

use self::completion::Completions;
use self::session::{Next, Session};
use super::instantiate::lookup_entry;
use crate::evaluation::EvaluationArgs;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files whose attributes are variables from the start
    files: Vec<String>,
    /// Put [PREFIX=]PATH on the look-up path; may be repeated
    #[arg(short = 'I', long = "include", value_name = "PATH")]
    include: Vec<String>,
    #[command(flatten)]
    evaluation: EvaluationArgs,
}

/// Reads and evaluates until the input ends.
pub(crate) fn main(args: &Args) -> ExitCode {
    super::exit(run(args).map(|()| true))
}

fn run(args: &Args) -> Result<(), Box<Finding>> {
    let failed = |what: &str, error: &dyn std::fmt::Display| {
        Box::new(Finding::failure(format!("{what}: {error}")))
    };
    let include = args.include.iter().map(|entry| lookup_entry(entry));
    let system = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let options = args.evaluation.options(&system, include.collect())?;
    let current_dir = std::env::current_dir()
        .map_err(|error| failed("the current directory cannot be told", &error))?;
    let heap = Bump::new();
    let mut session = Session::new(&heap, options, current_dir, args.evaluation.show_trace);
    for file in &args.files {
        session.load(file);
    }
    let config = Config::builder().auto_add_history(true).build();
    let mut editor: Editor<Completions<'_>, FileHistory> =
        Editor::with_config(config).map_err(|error| failed("no terminal to read from", &error))?;
    editor.set_helper(Some(Completions::new(session)));
    let history = history_file();
    if let Some(history) = &history {
        // There is none at first.
        let _ = editor.load_history(history);
    }
    loop {
        match editor.readline("nix-kconfig> ") {
            Ok(line) => {
                let Some(completions) = editor.helper_mut() else {
                    break;
                };
                if completions.session().line(&line) == Next::Quit {
                    break;
                }
            }
            // A line is given up with Ctrl-C.
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(failed("a line cannot be read", &error)),
        }
    }
    if let Some(history) = &history {
        editor
            .save_history(history)
            .map_err(|error| failed("the history cannot be kept", &error))?;
    }
    Ok(())
}

/// Where lines are kept for the next time, if there is a place for that.
fn history_file() -> Option<PathBuf> {
    let folder = match std::env::var_os("XDG_STATE_HOME") {
        Some(state) => PathBuf::from(state),
        None => PathBuf::from(std::env::var_os("HOME")?).join(".local/state"),
    };
    let folder = folder.join("nix-kconfig");
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder.join("repl-history"))
}
