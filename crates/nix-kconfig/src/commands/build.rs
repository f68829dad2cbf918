//! `nix-kconfig build`: from Nix files to a final `.config`, or to a fragment of
//! one where no tree is given.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kconfig::{Environment, HostShell, Messages, Tree};
use kernel_config::{
    Fragment, IntermediateError, Kernel, Platform, Release, Request, Settings, Strategies,
    TristateStrategy, evaluate,
};
use kernel_resolve::nixpkgs::Stop;
use kernel_resolve::{Answers, Base, Fate, Origin, Source, environment, resolve};
use miette::Severity;
use nix_eval::{Bump, Evaluator};

use crate::answering::{AnsweringArgs, KernelSays};
use crate::evaluation::EvaluationArgs;
use crate::output;
use crate::report::Message;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The kernel: a set of buildLinux arguments, or a function for callPackage
    #[arg(required_unless_present = "answers")]
    kernel: Option<PathBuf>,
    /// An attribute of what the kernel's file gives
    #[arg(short = 'A', long = "attr", value_name = "PATH")]
    attribute: Option<String>,
    /// Patches: a list of kernelPatches entries, a function giving one, or a
    /// NixOS module that sets boot.kernelPatches; may be repeated
    #[arg(short, long, value_name = "FILE", num_args = 1..)]
    patches: Vec<PathBuf>,
    /// The kernel's source tree; without it a fragment is written
    #[arg(short, long, value_name = "DIR")]
    source: Option<PathBuf>,
    /// The base configuration, by its name below arch/*/configs
    #[arg(long, value_name = "NAME", conflicts_with = "base")]
    defconfig: Option<String>,
    /// The base configuration, as a file
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
    /// Where the result goes; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// How tristate answers merge: the answers from best to worst, or `equal`
    /// for nixpkgs' way since 2021, in which different answers conflict
    #[arg(long, value_name = "ORDER", default_value = "y,m,n")]
    tristate: TristateStrategy,
    /// The kernel's version, where neither its file nor the tree says it
    #[arg(long, value_name = "VERSION")]
    kernel_version: Option<String>,
    /// The Nix system that the kernel is for (default: this machine's)
    #[arg(long, value_name = "SYSTEM")]
    system: Option<String>,
    #[command(flatten)]
    answering: AnsweringArgs,
    #[command(flatten)]
    evaluation: EvaluationArgs,
}

/// There are findings.
const FINDINGS: u8 = 1;
/// The input could not be read or evaluated.
const UNUSABLE: u8 = 2;

/// Builds; the exit status says how it went.
pub(crate) fn main(args: &Args) -> ExitCode {
    match run(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FINDINGS),
        Err(message) => {
            message.print();
            ExitCode::from(UNUSABLE)
        }
    }
}

type Outcome<T> = Result<T, Box<Message>>;

fn fail<T>(message: Message) -> Outcome<T> {
    Err(Box::new(message))
}

/// Whether everything is as asked.
fn run(args: &Args) -> Outcome<bool> {
    let system = args.system.clone().unwrap_or_else(Platform::host_system);
    let Some(platform) = Platform::of(&system) else {
        let known: Vec<&str> = Platform::systems().collect();
        return fail(
            Message::error(format!(
                "the system `{system}' is not one a kernel can be for"
            ))
            .with_help(format!("the systems are {}", known.join(", "))),
        );
    };
    let tree = args.source.as_deref().map(Source::open).transpose()?;
    let fallback = tree
        .as_ref()
        .and_then(|tree| tree.version().map(str::to_owned))
        .or_else(|| args.kernel_version.clone());
    let evaluated = match (&args.answering.answers, &args.kernel) {
        (Some(file), _) => read_answers(file, args.answering.nixpkgs_release)?,
        (None, Some(kernel)) => evaluate_kernel(args, kernel, &system, fallback.as_deref())?,
        (None, None) => return fail(Message::error("no kernel's file is given")),
    };
    for conflict in &evaluated.settings.conflicts {
        Message::of_conflict(conflict).print();
    }
    if !evaluated.settings.conflicts.is_empty() {
        return Ok(false);
    }
    let Some(source) = tree else {
        let answers = evaluated.answers.iter();
        let fragment: Fragment = answers
            .map(|(name, answer)| (name, answer.value.as_str()))
            .collect();
        output::write(&args.output, fragment.to_config().as_bytes())?;
        return Ok(true);
    };
    if let (Some(said), Some(real)) = (evaluated.version.as_deref(), source.version())
        && said != real
    {
        Message::new(
            Severity::Warning,
            format!("the kernel's file says version {said}, and the tree is of {real}"),
        )
        .with_help("version guards in the configuration were evaluated for the first")
        .print();
    }
    let base = match (&args.base, &args.defconfig) {
        (Some(file), _) => Base::of_file(file),
        (None, Some(name)) => Base::of_goals(&source, platform, name),
        (None, None) => {
            let goals = evaluated.defconfig.as_deref().unwrap_or("defconfig");
            Base::of_goals(&source, platform, goals)
        }
    }?;
    let version = source.version().or(evaluated.version.as_deref());
    let environment = environment::of(&source, platform, version);
    let tree = parse(&source, &environment)?;
    let way = args.answering.way(platform, evaluated.says);
    let resolution = resolve(&tree, &base, &evaluated.answers, way);
    for warning in &resolution.warnings {
        Message::new(Severity::Warning, warning.to_string()).print();
    }
    output::write(&args.output, &resolution.config)?;
    if let Some(driver) = &resolution.driver {
        for message in &driver.messages {
            eprintln!("{message}");
        }
        if let Some(stop) = &driver.stop {
            stopped(stop, &evaluated.answers).print();
        }
        for members in &driver.by_chance {
            by_chance(members).print();
        }
    }
    for fate in resolution.lost() {
        tell(fate, resolution.may_be_lost(fate), &evaluated.answers);
    }
    Ok(resolution.is_complete())
}

/// Parses with probes that run on this machine.
fn parse(source: &Source, environment: &Environment) -> Outcome<Tree> {
    // Probes write files where they run.
    let scratch = match tempfile::tempdir() {
        Ok(scratch) => scratch,
        Err(error) => {
            return fail(Message::error(format!(
                "no folder for toolchain probes could be made: {error}"
            )));
        }
    };
    let mut shell = HostShell::new(environment.clone(), scratch.path());
    let mut messages = Messages::default();
    let parsed = source.parse(environment, &mut shell, &mut messages);
    for diagnostic in &messages.diagnostics {
        eprintln!("{diagnostic}");
    }
    Ok(parsed?)
}

/// nixpkgs' driver stopped before its end.
fn stopped(stop: &Stop, answers: &Answers) -> Message {
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
    let mut message = Message::error(text).with_help(help);
    for name in names {
        if let Some(answer) = answers.get(name) {
            let winning: Vec<_> = answer.origin.winning().cloned().collect();
            message = message.with_definitions(&winning);
        }
    }
    message
}

/// Several members of one choice are answered `y`, and nixpkgs takes one by chance.
fn by_chance(members: &[String]) -> Message {
    let names = members.join(", ");
    let last = members.last().map_or("", String::as_str);
    Message::new(
        Severity::Warning,
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
    let severity = if may_be_lost {
        Severity::Warning
    } else {
        Severity::Error
    };
    let mut message = Message::new(severity, complaint);
    match answers.get(&fate.name).map(|answer| &answer.origin) {
        Some(origin @ Origin::Definitions(_)) => {
            let winning: Vec<_> = origin.winning().cloned().collect();
            message = message.with_definitions(&winning);
        }
        Some(Origin::Text { source, line }) => {
            message = message.with_help(format!("asked for in line {line} of {source}"));
        }
        None => {}
    }
    message.print();
}

/// What the Nix files come to.
struct Evaluated {
    version: Option<String>,
    defconfig: Option<String>,
    says: KernelSays,
    settings: Settings,
    answers: Answers,
}

/// Answers in nixpkgs' intermediate text, in place of Nix files.
fn read_answers(file: &Path, release: Release) -> Outcome<Evaluated> {
    let name = file.display().to_string();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            return fail(Message::error(format!(
                "the answers {name} cannot be read: {error}"
            )));
        }
    };
    let mut answers = Answers::new(release);
    answers
        .add_text(&name, &text)
        .map_err(|error| unreadable(&error, &name))?;
    Ok(Evaluated {
        version: None,
        defconfig: None,
        says: KernelSays::default(),
        settings: Settings::default(),
        answers,
    })
}

/// A line of answers cannot be read.
fn unreadable(error: &IntermediateError, source: &str) -> Box<Message> {
    let line = error.line;
    Box::new(Message::error(error.to_string()).with_help(format!(
        "in line {line} of {source}: a line is `NAME value' or `NAME? value'"
    )))
}

fn evaluate_kernel(
    args: &Args,
    kernel: &Path,
    system: &str,
    version: Option<&str>,
) -> Outcome<Evaluated> {
    let kernel = absolute(kernel)?;
    let patches = args
        .patches
        .iter()
        .map(|patch| absolute(patch))
        .collect::<Outcome<Vec<_>>>()?;
    let heap = Bump::new();
    let options = args.evaluation.options(system, Vec::new())?;
    let mut evaluator = Evaluator::new(&heap, options);
    nix_modules::install(&mut evaluator);
    let request = Request {
        kernel: &kernel,
        attribute: args.attribute.as_deref(),
        patches: &patches,
        system,
        version,
    };
    let result = evaluate::read(&mut evaluator, &request).and_then(|kernel| {
        let system = Kernel::module_system(&mut evaluator)?;
        let strategies = Strategies {
            tristate: args.tristate,
        };
        let definitions = &kernel.definitions;
        let settings = kernel_config::merge(&mut evaluator, system, definitions, strategies)?;
        Ok((kernel, settings))
    });
    let (kernel, settings) = match result {
        Ok(result) => result,
        Err(error) => {
            let sources = evaluator.sources();
            return fail(Message::of_evaluation(
                &error,
                sources,
                args.evaluation.show_trace,
            ));
        }
    };
    let mut answers = Answers::new(args.answering.nixpkgs_release);
    answers
        .add_settings(&settings)
        .map_err(|error| unreadable(&error, "the structured configuration"))?;
    for (source, text) in &kernel.extra_config {
        answers
            .add_text(source, text)
            .map_err(|error| unreadable(&error, source))?;
    }
    Ok(Evaluated {
        version: kernel.version,
        defconfig: kernel.defconfig,
        says: KernelSays {
            auto_modules: kernel.auto_modules,
            prefer_builtin: kernel.prefer_builtin,
            ignore_config_errors: kernel.ignore_config_errors,
        },
        settings,
        answers,
    })
}

fn absolute(path: &Path) -> Outcome<PathBuf> {
    match std::path::absolute(path) {
        Ok(path) => Ok(path),
        Err(error) => fail(Message::error(format!("{}: {error}", path.display()))),
    }
}
