//! `nix-kconfig build`: from Nix files to a final `.config`, or to a fragment of
//! one where no tree is given.

use std::path::PathBuf;
use std::process::ExitCode;

use findings::{Finding, Severity};
use kernel_config::Fragment;
use kernel_resolve::nixpkgs::Stop;
use kernel_resolve::{Answers, Fate, Origin, Outcome as FateOutcome, Source, resolve};

use crate::answering::AnsweringArgs;
use crate::kernel_input::{Evaluated, KernelArgs};
use crate::output;
use crate::report;
use crate::toolchain::{KernelNeeds, ToolchainArgs};
use crate::tree_input::{self, BaseArgs};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The kernel: a file, a folder, or FLAKE#OUTPUT
    #[arg(required_unless_present = "answers", conflicts_with = "answers")]
    kernel: Option<String>,
    /// The kernel's source tree; without it a fragment is written
    #[arg(short, long, value_name = "DIR")]
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
        .map(Source::open)
        .transpose()
        .map_err(report::of_resolution)?;
    let version = tree.as_ref().and_then(Source::version);
    let evaluated = match (&args.answering.answers, &args.kernel) {
        (Some(file), _) => Evaluated::of_answers(file, args.input.release())?,
        (None, Some(kernel)) => args.input.evaluate(kernel, platform, version)?,
        (None, None) => return fail(Finding::failure("no kernel's file is given")),
    };
    if !evaluated.tell() {
        return Ok(false);
    }
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
    let base = args.base.base(&source, platform, &evaluated)?;
    let version = evaluated.version.as_deref();
    let needs = KernelNeeds::of(&evaluated);
    let tree = args.toolchain.parse(&source, platform, version, needs)?;
    let way = args.answering.way(platform, &evaluated);
    let resolution = resolve(&tree, &base, &answers, way);
    for warning in &resolution.warnings {
        report::print(&Finding::warning("configuration", warning.to_string()));
    }
    output::write(&args.output, &resolution.config)?;
    if let Some(driver) = &resolution.driver {
        for message in &driver.messages {
            eprintln!("{message}");
        }
        if let Some(stop) = &driver.stop {
            report::print(&stopped(stop, &answers));
        }
        for members in &driver.by_chance {
            report::print(&by_chance(members));
        }
    }
    for fate in resolution.lost() {
        tell(fate, resolution.may_be_lost(fate), &answers);
    }
    Ok(resolution.is_complete())
}

/// nixpkgs' driver stopped before its end.
fn stopped(stop: &Stop, answers: &Answers) -> Finding {
    let (text, help, names) = match stop {
        Stop::Repeated {
            name,
            answer,
            offered,
            ..
        } => (
            format!("{name} was asked again: `{answer}' is not an answer to [{offered}]"),
            "nixpkgs' driver stops here, and the kernel's configuration is not built. What was \
             written is what `make config' leaves behind"
                .to_owned(),
            std::slice::from_ref(name),
        ),
        Stop::Conflicting { members } => (
            format!(
                "of one choice, {} are all answered y",
                members.join(" and ")
            ),
            "only one member of a choice can be y: answer the others with `no', with \
             `lib.mkForce no' where another definition says yes"
                .to_owned(),
            members.as_slice(),
        ),
    };
    let mut finding = Finding::error("driver-stops", text).with_help(help);
    for name in names {
        if let Some(answer) = answers.get(name) {
            finding = report::with_definitions(finding, answer.origin.winning());
        }
    }
    finding
}

/// Several members of one choice are answered `y`, and nixpkgs takes one by chance.
fn by_chance(members: &[String]) -> Finding {
    let names = members.join(", ");
    let last = members.last().map_or("", String::as_str);
    Finding::warning(
        "choice-by-chance",
        format!("of one choice, {names} are all answered y: nixpkgs takes one by chance"),
    )
    .with_help(format!(
        "here, {last} was taken; answer the others with `no', for later releases stop at this"
    ))
}

/// Tells of an answer that was not reached, with where it came from.
fn tell(fate: &Fate, may_be_lost: bool, answers: &Answers) {
    let Some(complaint) = fate.complaint() else {
        return;
    };
    let code = match fate.outcome {
        FateOutcome::Unused => "unused-option",
        FateOutcome::Reached | FateOutcome::Changed { .. } => "option-not-set",
    };
    let severity = if may_be_lost {
        Severity::Warning
    } else {
        Severity::Error
    };
    let mut finding = Finding::new(code, severity, complaint);
    match answers.get(&fate.name).map(|answer| &answer.origin) {
        Some(origin @ Origin::Definitions(_)) => {
            finding = report::with_definitions(finding, origin.winning());
        }
        Some(Origin::Text { source, line }) => {
            finding = finding.with_help(format!("asked for in line {line} of {source}"));
        }
        None => {}
    }
    report::print(&finding);
}
