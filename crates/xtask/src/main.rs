//! Chores of the repository: `cargo xtask COMMAND`.

mod bench;
mod chance;
mod drive;
mod lib_coverage;
mod process;
mod profiles;
mod reference;
mod report;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of the repository
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compare with the reference programs: Nix, and the kernel's own conf
    Reference(reference::ReferenceArgs),
    /// Measure beside the reference programs
    Bench(bench::BenchArgs),
    /// Answer the questions of a real conf as nixpkgs does, in the working folder
    #[command(hide = true)]
    Drive(drive::DriveArgs),
    /// Compare the embedded lib with a real one: names, and results
    LibCoverage(lib_coverage::LibCoverageArgs),
    /// Pack recorded toolchains for the program to bring
    Profiles(profiles::ProfilesArgs),
}

fn main() -> ExitCode {
    let result = match CommandLine::parse().command {
        Command::Reference(args) => reference::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Drive(args) => drive::run(&args),
        Command::LibCoverage(args) => lib_coverage::run(args),
        Command::Profiles(args) => profiles::run(&args),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
