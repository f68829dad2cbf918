//! `nix-kconfig`: what a NixOS kernel's configuration will be, before anything
//! is built. One module a command; findings are rendered in [`report`].

mod commands;
mod evaluation;
mod output;
mod report;
mod toolchain;

use std::ffi::OsString;
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
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Build(args) => commands::build::main(&args),
        Command::Instantiate { args } => commands::instantiate::main(args),
        Command::Conf { args } => commands::conf::main(args),
    }
}
