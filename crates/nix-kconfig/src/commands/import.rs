//! `nix-kconfig import`: a finished `.config` as the smallest structured Nix that reproduces it.

use std::path::PathBuf;
use std::process::ExitCode;

use findings::Finding;

use kernel_explain::{Minimal, minimal};
use serde::Serialize;

use crate::nix_block;
use crate::output;
use crate::report;
use crate::subject::{Subject, SubjectArgs};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The configuration: a .config, compressed or not, such as /proc/config.gz
    #[arg(value_name = "CONFIG")]
    config: PathBuf,
    /// The kernel's source tree, a folder or an archive
    #[arg(short, long, value_name = "TREE")]
    source: PathBuf,
    /// Give only what is different from this kernel
    #[arg(long, value_name = "KERNEL", conflicts_with = "answers")]
    relative_to: Option<String>,
    /// Put each option's prompt behind it, as a comment
    #[arg(long)]
    prompts: bool,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "nix")]
    format: Format,
    /// Where the result goes; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    subject: SubjectArgs,
}

/// How the result is written.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A structuredExtraConfig block
    Nix,
    /// A fragment of a .config
    Fragment,
    /// For programs
    Json,
}

/// Imports; the exit status says whether the configuration is reproduced exactly.
pub(crate) fn main(args: &Args) -> ExitCode {
    super::exit(run(args))
}

fn run(args: &Args) -> Result<bool, Box<Finding>> {
    let source = args.subject.open(&args.source)?;
    let wanted = Subject::of_config(&args.config)?;
    let subject = args.subject.kernel(args.relative_to.as_deref(), &source)?;
    let tree = args.subject.parse(&source, &subject)?;
    let mut target = wanted.resolve(&tree).session;
    let found = minimal(&mut target, &mut |assignments| {
        subject.resolve_with(&tree, assignments).session
    });
    let text = match args.format {
        Format::Nix => nix_block::write(
            &subject,
            &tree,
            &found.assignments,
            nix_block::Style {
                menus: true,
                prompts: args.prompts,
            },
        ),
        Format::Fragment => found
            .assignments
            .iter()
            .map(|assignment| assignment.line(&tree))
            .collect(),
        Format::Json => output::json(&Told::of(&tree, &found))?,
    };
    output::write(&args.output, text.as_bytes())?;
    tell_missed(&tree, &found);
    Ok(found.missed.is_empty())
}

/// The result for programs.
#[derive(Serialize)]
struct Told {
    assignments: Vec<Assigned>,
    missed: Vec<NotReproduced>,
}

#[derive(Serialize)]
struct Assigned {
    symbol: String,
    value: String,
    prompt: Option<String>,
}

#[derive(Serialize)]
struct NotReproduced {
    symbol: String,
    wanted: Option<String>,
    got: Option<String>,
}

impl Told {
    fn of(tree: &kconfig::Tree, found: &Minimal<'_>) -> Self {
        Self {
            assignments: found
                .assignments
                .iter()
                .map(|assignment| Assigned {
                    symbol: tree.name(assignment.symbol).to_owned(),
                    value: assignment.value.clone(),
                    prompt: tree.prompt_of(assignment.symbol),
                })
                .collect(),
            missed: found
                .missed
                .iter()
                .map(|missed| NotReproduced {
                    symbol: tree.name(missed.symbol).to_owned(),
                    wanted: missed.wanted.clone(),
                    got: missed.got.clone(),
                })
                .collect(),
        }
    }
}

/// Tells of options that come out otherwise.
fn tell_missed(tree: &kconfig::Tree, found: &Minimal<'_>) {
    if found.missed.is_empty() {
        return;
    }
    let shown: Vec<String> = found
        .missed
        .iter()
        .take(20)
        .map(|missed| {
            format!(
                "{}: {} instead of {}",
                tree.name(missed.symbol),
                missed.got.as_deref().unwrap_or("not there"),
                missed.wanted.as_deref().unwrap_or("not there"),
            )
        })
        .collect();
    let more = found.missed.len().saturating_sub(shown.len());
    let mut list = shown.join("\n");
    if more > 0 {
        list += &format!("\nand {more} more");
    }
    let finding = Finding::warning(
        "not-reproduced",
        format!(
            "{} options cannot be had as the configuration has them",
            found.missed.len()
        ),
    )
    .with_help(list);
    report::print(&finding);
}
