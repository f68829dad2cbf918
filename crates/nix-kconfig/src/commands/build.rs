//! `nix-kconfig build`: from Nix files to a final `.config`, or to a fragment of
//! one where no tree is given.

use std::path::PathBuf;
use std::process::ExitCode;

use findings::{Finding, Severity};
use kernel_config::Fragment;
use kernel_resolve::{Answering, Source, differences, resolve};

use crate::answering::AnsweringArgs;
use crate::kernel_input::{Evaluated, KernelArgs};
use crate::output;
use crate::toolchain::{KernelNeeds, ToolchainArgs};
use crate::tree_input::{self, BaseArgs};
use crate::{patch_files, report, resolution_findings};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The kernel: a file, a folder, or FLAKE#OUTPUT
    #[arg(required_unless_present = "answers", conflicts_with = "answers")]
    kernel: Option<String>,
    /// The kernel's source tree, a folder or an archive; without it a fragment is written
    #[arg(short, long, value_name = "TREE")]
    source: Option<PathBuf>,
    /// Where the result goes; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    base: BaseArgs,
    #[command(flatten)]
    answering: AnsweringArgs,
    #[command(flatten)]
    toolchain: ToolchainArgs,
    #[command(flatten)]
    input: KernelArgs,
}

/// Builds; the exit status says how it went.
pub(crate) fn main(args: &Args) -> ExitCode {
    super::exit(run(args))
}

type Outcome<T> = Result<T, Box<Finding>>;

fn fail<T>(finding: Finding) -> Outcome<T> {
    Err(Box::new(finding))
}

/// Whether everything is as asked.
fn run(args: &Args) -> Outcome<bool> {
    let platform = args.input.platform()?;
    let tree = args
        .source
        .as_deref()
        .map(|path| args.toolchain.open(path))
        .transpose()?;
    let version = tree.as_ref().and_then(Source::version);
    let evaluated = match (&args.answering.answers, &args.kernel) {
        (Some(file), _) => Evaluated::of_answers(file, args.input.release())?,
        (None, Some(kernel)) => args.input.evaluate(kernel, platform, version)?,
        (None, None) => return fail(Finding::failure("no kernel's file is given")),
    };
    if !evaluated.tell() {
        return Ok(false);
    }
    let platform = evaluated.platform.unwrap_or(platform);
    let answers = evaluated.answers()?;
    let Some(source) = tree else {
        let text = match &evaluated.whole {
            Some(whole) => whole.text().to_owned(),
            None => answers
                .iter()
                .map(|(name, answer)| (name, answer.value.as_str()))
                .collect::<Fragment>()
                .to_config(),
        };
        output::write(&args.output, text.as_bytes())?;
        return Ok(true);
    };
    tree_input::compare_versions(&evaluated, &source);
    let patched = patch_files::apply(&source, &evaluated.patches)?;
    let source = patched.source;
    for finding in &patched.findings {
        report::print(finding);
    }
    let base = args.base.base(&source, platform, &evaluated)?;
    let version = evaluated.version.as_deref();
    let needs = KernelNeeds::of(&evaluated);
    let tree = args.toolchain.parse(&source, platform, version, needs)?;
    for finding in patched.removals.findings(&tree) {
        report::print(&finding);
    }
    let way = args.answering.way(platform, &evaluated);
    let resolution = resolve(&tree, &base, &answers, way);
    for warning in &resolution.warnings {
        report::print(&Finding::warning("configuration", warning.to_string()));
    }
    output::write(&args.output, &resolution.config)?;
    if let Some(lacks) = evaluated.what_it_lacks() {
        report::print(&lacks);
    }
    if let Some(driver) = &resolution.driver {
        for message in &driver.messages {
            eprintln!("{message}");
        }
    }
    let resolved = resolution_findings::Resolved {
        resolution: &resolution,
        answers: &answers,
        again: &|answers| resolve(&tree, &base, answers, way),
        previous: None,
        source: &source,
    };
    for finding in resolved.findings() {
        report::print(&finding);
    }
    if args.answering.compare_answering {
        let driver = args.answering.driver(platform, &evaluated);
        let mut nixpkgs = resolve(&tree, &base, &answers, Answering::Nixpkgs(driver));
        let mut other = resolve(&tree, &base, &answers, Answering::Olddefconfig);
        let found = differences(&tree, &mut nixpkgs, &mut other);
        eprintln!(
            "{} options differ between both ways of answering",
            found.len()
        );
        for difference in found {
            eprintln!("{}", difference.text());
        }
    }
    let applied = patched
        .findings
        .iter()
        .all(|finding| finding.severity < Severity::Error);
    Ok(applied && resolution.is_complete())
}
