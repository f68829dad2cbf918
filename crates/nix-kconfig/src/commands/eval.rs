//! `nix-kconfig eval`: the merged structured configuration of a kernel, with where
//! every option came from.

use std::fmt::Write;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use findings::Finding;
use kernel_config::Release;

use crate::kernel_input::{Evaluated, KernelArgs};
use crate::output;
use crate::paint::Paint;
use crate::report;
use crate::settings_format;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The kernel: a file, a folder, or FLAKE#OUTPUT
    kernel: String,
    /// How the settings are written (default: table on a terminal, else json)
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Where the result goes; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    input: KernelArgs,
}

/// How settings are written.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people: an option a line, with where its answer was written
    Table,
    /// For programs: options with their answers and all definitions
    Json,
    /// To be pasted as structuredExtraConfig
    Nix,
    /// nixpkgs' text, as the release has it
    Intermediate,
}

/// Evaluates; the exit status says how it went.
pub(crate) fn main(args: &Args) -> ExitCode {
    super::exit(run(args))
}

/// Whether all definitions compose.
fn run(args: &Args) -> Result<bool, Box<Finding>> {
    let platform = args.input.platform()?;
    let evaluated = args.input.evaluate(&args.kernel, platform, None)?;
    let composes = evaluated.tell();
    let to_people = args.output.as_os_str() == "-" && std::io::stdout().is_terminal();
    let format = args.format.unwrap_or(if to_people {
        Format::Table
    } else {
        Format::Json
    });
    // Programs are told of conflicts in the text itself; the others are for
    // configurations that are whole.
    if !composes && format != Format::Json {
        return Ok(false);
    }
    let text = match format {
        Format::Table => table(&evaluated, Paint::of_output(&args.output))?,
        Format::Json => settings_format::json(&evaluated)?,
        Format::Nix => settings_format::nix(&evaluated.answers()?, &evaluated.settings),
        Format::Intermediate => intermediate(&evaluated, evaluated.release),
    };
    output::write(&args.output, text.as_bytes())?;
    if format == Format::Table
        && let Some(lacks) = evaluated.what_it_lacks()
    {
        report::print(&lacks);
    }
    Ok(composes)
}

fn table(evaluated: &Evaluated, paint: Paint) -> Result<String, Box<Finding>> {
    let answers = evaluated.answers()?;
    Ok(settings_format::table(&answers, &evaluated.settings, paint))
}

/// The text that nixpkgs' driver would be given.
fn intermediate(evaluated: &Evaluated, release: Release) -> String {
    let mut text: String = kernel_config::intermediate::lines_of(&evaluated.settings, release)
        .map(|(_, line)| line)
        .collect();
    for (_, lines) in &evaluated.extra_config {
        let _ = write!(text, "{lines}");
        if !lines.ends_with('\n') {
            text.push('\n');
        }
    }
    text
}
