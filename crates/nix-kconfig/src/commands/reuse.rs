//! `nix-kconfig reuse`: the options of one kernel, or of a finished configuration, taken over into
//! another kernel.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use findings::{Finding, Severity};
use kconfig::Tree;
use kernel_config::Item;
use kernel_explain::minimal;
use kernel_resolve::renames::{self, Became};

use super::explain;
use crate::config_file;
use crate::output;
use crate::report;
use crate::settings_format::{nix_attribute, nix_item};
use crate::subject::{Subject, SubjectArgs};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Whose options are taken over: a kernel's file, or a .config (compressed or not,
    /// as /proc/config.gz)
    #[arg(long, value_name = "A")]
    from: PathBuf,
    /// The kernel that gets them
    #[arg(long, value_name = "B")]
    into: String,
    /// The source tree of B
    #[arg(short, long, value_name = "TREE")]
    source: PathBuf,
    /// The source tree of A: tells what options of another name have become
    #[arg(long, value_name = "TREE")]
    from_source: Option<PathBuf>,
    /// What is written
    #[arg(long, value_name = "FORMAT", default_value = "nix")]
    format: Format,
    /// Where the result goes; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    subject: SubjectArgs,
}

/// What is written.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The options as a structuredExtraConfig block for B
    Nix,
    /// B's final .config with them
    Config,
}

/// Takes over; the exit status says whether all options arrive.
pub(crate) fn main(args: &Args) -> ExitCode {
    super::exit(run(args))
}

/// An option that is taken over.
struct Taken {
    name: String,
    item: Item,
}

fn run(args: &Args) -> Result<bool, Box<Finding>> {
    let source = args.subject.open(&args.source)?;
    let alone = args.subject.kernel(Some(&args.into), &source)?;
    let tree = args.subject.parse(&source, &alone)?;
    let from_tree = args
        .from_source
        .as_deref()
        .map(|folder| {
            let source = args.subject.open(folder)?;
            args.subject.parse(&source, &alone)
        })
        .transpose()?;
    let wanted = if config_file::is_config(&args.from) {
        of_config(args, &source, &tree)?
    } else {
        of_kernel(args, &source)?
    };
    let mut all_arrive = true;
    let mut taken = Vec::new();
    for option in wanted {
        if tree
            .find(&option.name)
            .is_some_and(|it| tree.is_defined(it))
        {
            taken.push(option);
            continue;
        }
        let became = renames::of(&tree, &option.name, from_tree.as_ref());
        if let Some(Became::Renamed { name }) = became {
            let text = format!("{} is called {name} in this kernel", option.name);
            report::print(&Finding::new("renamed-option", Severity::Note, text));
            taken.push(Taken { name, ..option });
            continue;
        }
        all_arrive &= option.item.optional;
        let text = format!("this kernel has no {}: it is left out", option.name);
        let finding = Finding::warning("obsolete-option", text);
        report::print(&match became {
            Some(Became::Removed { why }) => {
                finding.with_help(format!("the kernel removed it: {why}"))
            }
            _ => finding,
        });
    }
    // Merging is the module system's: the options are given as one more patch.
    let folder = tempfile::tempdir();
    let patch = folder
        .as_ref()
        .map_err(|error| std::io::Error::new(error.kind(), error.to_string()))
        .and_then(|folder| {
            let file = folder.path().join("reused.nix");
            std::fs::write(&file, as_patch(&args.from, &taken))?;
            Ok(file)
        })
        .map_err(|error| {
            Box::new(Finding::failure(format!(
                "no file for the options could be made: {error}"
            )))
        })?;
    let merged = args.subject.kernel_with(&args.into, &source, &patch)?;
    all_arrive &= merged
        .kernel()
        .is_none_or(|kernel| kernel.evaluated.settings.conflicts.is_empty());
    let mut resolved = merged.resolve(&tree);
    for option in &taken {
        let wanted = option.item.answer().unwrap_or_default();
        let Some(symbol) = tree.find(&option.name) else {
            continue;
        };
        let got = resolved.session.value(symbol);
        if got == wanted {
            continue;
        }
        all_arrive &= option.item.optional;
        let why = explain::in_short(&merged, &mut resolved, symbol);
        let text = format!("{} is {got} there, not {wanted}", option.name);
        report::print(&Finding::warning("not-reached", text).with_help(why));
    }
    let text = match args.format {
        Format::Nix => as_block(&taken).into_bytes(),
        Format::Config => resolved.config,
    };
    output::write(&args.output, &text)?;
    Ok(all_arrive)
}

/// The merged options of a kernel.
fn of_kernel(args: &Args, source: &kernel_resolve::Source) -> Result<Vec<Taken>, Box<Finding>> {
    let name = args.from.display().to_string();
    let subject = args.subject.kernel_alone(&name, source)?;
    let Some(kernel) = subject.kernel() else {
        return Ok(Vec::new());
    };
    Ok(kernel
        .answers
        .iter()
        .map(|(name, answer)| Taken {
            name: name.to_owned(),
            item: Item::of_answer(&answer.value, answer.optional),
        })
        .collect())
}

/// What makes a finished configuration what it is, on the tree that gets it.
fn of_config(
    args: &Args,
    source: &kernel_resolve::Source,
    tree: &Tree,
) -> Result<Vec<Taken>, Box<Finding>> {
    let nothing = args.subject.kernel_of_nothing(source)?;
    let config = Subject::of_config(&args.from)?;
    let mut target = config.resolve(tree).session;
    let found = minimal(&mut target, &mut |assignments| {
        nothing.resolve_with(tree, assignments).session
    });
    let mut taken: Vec<Taken> = found
        .assignments
        .iter()
        .map(|assignment| Taken {
            name: tree.name(assignment.symbol).to_owned(),
            item: if tree.kind(assignment.symbol).is_logical() {
                Item::of_answer(&assignment.value, false)
            } else {
                Item {
                    freeform: Some(assignment.value.clone()),
                    ..Item::unanswered()
                }
            },
        })
        .collect();
    // What the tree does not know is told, and maybe has another name.
    if let Subject::Config { content, .. } = &config {
        for line in String::from_utf8_lossy(content).lines() {
            let Some((name, value)) = line
                .strip_prefix("CONFIG_")
                .and_then(|line| line.split_once('='))
            else {
                continue;
            };
            if tree
                .find(name)
                .is_none_or(|symbol| !tree.is_defined(symbol))
            {
                taken.push(Taken {
                    name: name.to_owned(),
                    item: Item::of_answer(value.trim_matches('"'), true),
                });
            }
        }
    }
    Ok(taken)
}

/// The options as an entry of kernelPatches.
fn as_patch(from: &Path, taken: &[Taken]) -> String {
    let mut name = Vec::new();
    let text = format!("options of {}", from.display());
    nix_eval::write_string_literal(&mut name, text.as_bytes());
    format!(
        "{{ lib, ... }}:\n[\n{{\n  name = {};\n  patch = null;\n  {}}}\n]\n",
        String::from_utf8_lossy(&name),
        as_block(taken)
    )
}

fn as_block(taken: &[Taken]) -> String {
    let mut text = String::from("structuredExtraConfig = with lib.kernel; {\n");
    for option in taken {
        text += &format!(
            "  {} = {};\n",
            nix_attribute(&option.name),
            nix_item(&option.item)
        );
    }
    text.push_str("};\n");
    text
}
