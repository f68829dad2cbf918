//! `nix-kconfig conf`: a drop-in for the kernel's `scripts/kconfig/conf`.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use kconfig::Environment;
use kconfig::conf::Invocation;

/// Runs `conf` with these arguments, and everything else as this process has it.
pub(crate) fn main(args: Vec<String>) -> ExitCode {
    let arguments: Vec<String> = std::iter::once("conf".to_owned()).chain(args).collect();
    let environment: Environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let folder = match std::env::current_dir() {
        Ok(folder) => folder,
        Err(error) => {
            eprintln!("error: the working folder cannot be told: {error}");
            return ExitCode::from(2);
        }
    };
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    let mut stderr = io::stderr().lock();
    let status = kconfig::conf::main(Invocation {
        arguments: &arguments,
        environment: &environment,
        folder: &folder,
        stdin: &mut io::stdin().lock(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        is_terminal: io::stdin().is_terminal() && io::stdout().is_terminal(),
        prober: None,
        generation: None,
    });
    // A reader that has gone away has seen what it wanted.
    let _ = stdout.flush();
    ExitCode::from(status)
}
