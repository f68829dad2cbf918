//! `nix-kconfig`: what a NixOS kernel's configuration will be, before anything
//! is built. One module a command; findings are rendered in [`report`].

mod answering;
mod commands;
mod config_file;
mod evaluation;
mod kernel_input;
mod names;
mod nix_block;
mod output;
mod paint;
mod patch_files;
mod report;
mod resolution_findings;
mod settings_format;
mod subject;
mod table;
mod terminal;
mod toolchain;
mod tree_input;

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What a NixOS kernel's configuration will be, whether its parts compose, and
/// what to change where they don't.
///
/// Exit status: 0 when everything is as asked, 1 when there are findings, 2 when
/// the input could not be read or evaluated.
#[derive(Parser)]
#[command(name = "nix-kconfig", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a kernel's final .config, or a fragment of it, from its Nix files
    Build(Box<commands::build::Args>),
    /// Check whether a kernel and its patches compose on a source tree
    Check(Box<commands::check::Args>),
    /// Print a kernel's merged structured configuration, with where it came from
    Eval(Box<commands::eval::Args>),
    /// Tell why an option has its value, and what would give it another
    Explain(Box<commands::explain::Args>),
    /// Compare two kernels or configurations, option by option
    Diff(Box<commands::diff::Args>),
    /// Turn a finished .config into the smallest structured Nix
    Import(Box<commands::import::Args>),
    /// Evaluate a set of NixOS-style modules
    Modules(Box<commands::modules::Args>),
    /// Take a kernel's or a configuration's options over into another kernel
    Reuse(Box<commands::reuse::Args>),
    /// Draw what an option depends on, or what depends on it
    Graph(Box<commands::graph::Args>),
    /// Find mistakes in Nix files of kernels, and mend them
    Lint(Box<commands::lint::Args>),
    /// Try out Nix line by line
    Repl(Box<commands::repl::Args>),
    /// Evaluate Nix as nix-instantiate --eval does (see instantiate --help)
    #[command(disable_help_flag = true)]
    Instantiate {
        /// The arguments of nix-instantiate
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Resolve Kconfig as the kernel's own scripts/kconfig/conf does
    #[command(disable_help_flag = true)]
    Conf {
        /// The arguments of conf
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Recorded toolchains: list, show and record them
    Toolchain(commands::toolchain::Args),
}

fn main() -> ExitCode {
    match Cli::parse_from(arguments(std::env::args_os())).command {
        Command::Build(args) => commands::build::main(&args),
        Command::Check(args) => commands::check::main(&args),
        Command::Eval(args) => commands::eval::main(&args),
        Command::Explain(args) => commands::explain::main(&args),
        Command::Diff(args) => commands::diff::main(&args),
        Command::Import(args) => commands::import::main(&args),
        Command::Modules(args) => commands::modules::main(&args),
        Command::Reuse(args) => commands::reuse::main(&args),
        Command::Graph(args) => commands::graph::main(&args),
        Command::Lint(args) => commands::lint::main(*args),
        Command::Repl(args) => commands::repl::main(&args),
        Command::Instantiate { args } => commands::instantiate::main(args),
        Command::Conf { args } => commands::conf::main(args),
        Command::Toolchain(args) => commands::toolchain::main(&args),
    }
}

/// The arguments, with the command in front that the program's own name stands for:
/// as a link named `nix-instantiate` or `conf` it takes the place of either.
fn arguments(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let name = arguments
        .first()
        .and_then(|path| Path::new(path).file_name());
    let command = match name.and_then(OsStr::to_str) {
        Some("nix-instantiate") => "instantiate",
        Some("conf") => "conf",
        _ => return arguments,
    };
    arguments.insert(1, command.into());
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stands_for_its_command() {
        let as_given = |given: &[&str]| arguments(given.iter().map(OsString::from));
        assert_eq!(
            as_given(&["/usr/bin/nix-instantiate", "--eval"]),
            ["/usr/bin/nix-instantiate", "instantiate", "--eval"]
        );
        assert_eq!(as_given(&["conf", "Kconfig"]), ["conf", "conf", "Kconfig"]);
        assert_eq!(as_given(&["nix-kconfig", "conf"]), ["nix-kconfig", "conf"]);
    }
}
