//! `nix-kconfig explain`: why an option has its value, and what would give it another.

mod explanation;
mod gather;
mod text;
mod wish;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use findings::Finding;

use kconfig::SymbolId;

use crate::names;
use crate::output;
use crate::paint::Paint;
use crate::subject::{Resolved, Subject, SubjectArgs};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The option, and maybe a value to bring it to: NET, or NET=y
    #[arg(value_name = "SYMBOL[=VALUE]")]
    query: String,
    /// The kernel: a file, a folder, or FLAKE#OUTPUT
    #[arg(required_unless_present_any = ["config", "answers"], conflicts_with = "answers")]
    kernel: Option<String>,
    /// A finished .config in place of a kernel's file; may be compressed, as
    /// /proc/config.gz
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kernel", "patches", "answers"])]
    config: Option<PathBuf>,
    /// The kernel's source tree, a folder or an archive
    #[arg(short, long, value_name = "TREE")]
    source: PathBuf,
    /// How it is told
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Show lists whole
    #[arg(long)]
    all: bool,
    /// Give up seeking a change after this time
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    search_time: u64,
    /// Where the result goes; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    subject: SubjectArgs,
}

/// How an explanation is told.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Explains; the exit status says whether the wish, if there is one, can be had.
pub(crate) fn main(args: &Args) -> ExitCode {
    super::exit(run(args))
}

fn run(args: &Args) -> Result<bool, Box<Finding>> {
    let source = args.subject.open(&args.source)?;
    let kernel = args.kernel.as_deref();
    let subject = args.subject.of(args.config.as_deref(), kernel, &source)?;
    let tree = args.subject.parse(&source, &subject)?;
    let (name, value) = match args.query.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (args.query.as_str(), None),
    };
    let name = name.strip_prefix("CONFIG_").unwrap_or(name);
    let symbol = names::find(&tree, name)?;
    let wish = value
        .map(|value| kernel_explain::Wish::parse(&tree, name, unquoted(value)))
        .transpose()
        .map_err(|error| Box::new(Finding::failure(error.to_string())))?;
    let mut resolved = subject.resolve(&tree);
    let mut explanation = gather::explain(&subject, &mut resolved, symbol);
    if let Some(wish) = wish {
        let limit = Duration::from_secs(args.search_time);
        explanation.wish = Some(wish::seek(&subject, &mut resolved, &wish, limit)?);
    }
    let can_be_had = explanation
        .wish
        .as_ref()
        .is_none_or(|wish| matches!(wish.outcome, "met" | "change"));
    let text = match args.format {
        Format::Text => text::render(&explanation, Paint::of_output(&args.output), args.all),
        Format::Json => output::json(&explanation)?,
    };
    output::write(&args.output, text.as_bytes())?;
    Ok(can_be_had)
}

/// Why a symbol has its value, on one line.
pub(super) fn in_short(subject: &Subject, resolved: &mut Resolved<'_>, symbol: SymbolId) -> String {
    let reason = gather::reason(subject, resolved, symbol);
    match reason.details.first() {
        Some(detail) => format!("{}: {detail}", reason.text),
        None => reason.text,
    }
}

/// A value as it may be copied from a `.config`.
fn unquoted(value: &str) -> &str {
    value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value)
}
