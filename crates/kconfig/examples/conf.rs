//! `conf` as a program of its own: what the kernel's build runs, with this crate behind it.
//!
//! ```sh
//! make KCONFIG_CONF=target/debug/examples/conf olddefconfig
//! ```

use kconfig::Environment;
use kconfig::conf::{Invocation, main as conf};
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let environment: Environment = std::env::vars().collect();
    let folder = match std::env::current_dir() {
        Ok(folder) => folder,
        Err(error) => {
            eprintln!("the working folder cannot be told: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    let mut stderr = io::stderr().lock();
    let status = conf(Invocation {
        arguments: &arguments,
        environment: &environment,
        folder: &folder,
        stdin: &mut io::stdin().lock(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        is_terminal: io::stdin().is_terminal() && io::stdout().is_terminal(),
        prober: None,
        generation: None,
        cache: None,
    });
    let _ = stdout.flush();
    ExitCode::from(status)
}
