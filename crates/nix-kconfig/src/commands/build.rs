//! `nix-kconfig build`: from Nix files to a final `.config`, or to a fragment of
//! one where no tree is given.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kconfig::{
    Environment, Folder, Generation, HostShell, Messages, ParseOptions, Session, SymbolType, Tree,
};
use kernel_config::{
    Fragment, Kernel, Platform, Request, Settings, Strategies, TristateStrategy, evaluate,
};
use miette::Severity;
use nix_eval::{Bump, Evaluator};

use crate::evaluation::EvaluationArgs;
use crate::output;
use crate::report::Message;
use crate::toolchain;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The kernel: a set of buildLinux arguments, or a function for callPackage
    kernel: PathBuf,
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
    /// How answers are resolved
    #[arg(long, value_name = "WAY", default_value = "olddefconfig")]
    answering: Answering,
    #[command(flatten)]
    evaluation: EvaluationArgs,
}

/// How answers become a configuration.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Answering {
    /// The base with the answers on top, completed by `conf --olddefconfig`
    Olddefconfig,
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
        .and_then(|tree| tree.version.clone())
        .or_else(|| args.kernel_version.clone());
    let evaluated = evaluate_kernel(args, &system, fallback.as_deref())?;
    for conflict in &evaluated.settings.conflicts {
        Message::of_conflict(conflict).print();
    }
    if !evaluated.settings.conflicts.is_empty() {
        return Ok(false);
    }
    let Some(source) = tree else {
        output::write(&args.output, evaluated.fragment.to_config().as_bytes())?;
        return Ok(true);
    };
    if let (Some(said), Some(real)) = (&evaluated.version, &source.version)
        && said != real
    {
        Message::new(
            Severity::Warning,
            format!("the kernel's file says version {said}, and the tree is of {real}"),
        )
        .with_help("version guards in the configuration were evaluated for the first")
        .print();
    }
    let base = source.base(args, platform, evaluated.defconfig.as_deref())?;
    let resolved = source.resolve(platform, &evaluated, &base)?;
    output::write(&args.output, &resolved.config)?;
    for message in &resolved.lost {
        message.print();
    }
    Ok(!resolved.has_errors)
}

/// What the Nix files come to.
struct Evaluated {
    version: Option<String>,
    defconfig: Option<String>,
    settings: Settings,
    fragment: Fragment,
}

fn evaluate_kernel(args: &Args, system: &str, version: Option<&str>) -> Outcome<Evaluated> {
    let kernel = absolute(&args.kernel)?;
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
    let mut fragment = Fragment::of(&settings);
    for (source, text) in &kernel.extra_config {
        if let Err(error) = fragment.add_intermediate(text) {
            return fail(Message::error(format!("{error}")).with_help(format!(
                "in {source}: a line is `NAME value' or `NAME? value'"
            )));
        }
    }
    Ok(Evaluated {
        version: kernel.version,
        defconfig: kernel.defconfig,
        settings,
        fragment,
    })
}

fn absolute(path: &Path) -> Outcome<PathBuf> {
    match std::path::absolute(path) {
        Ok(path) => Ok(path),
        Err(error) => fail(Message::error(format!("{}: {error}", path.display()))),
    }
}

/// A kernel's source tree.
struct Source {
    folder: PathBuf,
    /// What its Makefile says.
    version: Option<String>,
}

/// A base configuration.
struct Base {
    name: String,
    content: Vec<u8>,
}

/// A resolved configuration.
struct Resolved {
    config: Vec<u8>,
    lost: Vec<Message>,
    has_errors: bool,
}

impl Source {
    fn open(folder: &Path) -> Outcome<Self> {
        let folder = match folder.canonicalize() {
            Ok(folder) => folder,
            Err(error) => {
                return fail(
                    Message::error(format!(
                        "the source tree {} cannot be read: {error}",
                        folder.display()
                    ))
                    .with_help("--source takes the folder of an unpacked kernel"),
                );
            }
        };
        if !folder.join("Kconfig").is_file() {
            return fail(
                Message::error(format!("there is no Kconfig file in {}", folder.display()))
                    .with_help("--source takes the folder of an unpacked kernel"),
            );
        }
        let version = fs::read(folder.join("Makefile"))
            .ok()
            .and_then(|makefile| toolchain::makefile_version(&makefile));
        Ok(Self { folder, version })
    }

    /// The base configuration: what the user says, else the kernel's file, else
    /// the architecture's own.
    fn base(&self, args: &Args, platform: &Platform, kernel: Option<&str>) -> Outcome<Base> {
        if let Some(path) = &args.base {
            return match fs::read(path) {
                Ok(content) => Ok(Base {
                    name: path.display().to_string(),
                    content,
                }),
                Err(error) => fail(Message::error(format!(
                    "the base configuration {} cannot be read: {error}",
                    path.display()
                ))),
            };
        }
        let name = match args.defconfig.as_deref().or(kernel) {
            // What `make defconfig` takes is the architecture's own.
            None | Some("defconfig") => platform.defconfig,
            Some(name) => name,
        };
        let configs = Path::new("arch").join(platform.srcarch).join("configs");
        let path = self.folder.join(&configs).join(name);
        match fs::read(&path) {
            Ok(content) => Ok(Base {
                name: path.display().to_string(),
                content,
            }),
            Err(error) => fail(
                Message::error(format!(
                    "*** Can't find default configuration \"{}\"! ({error})",
                    configs.join(name).display()
                ))
                .with_help("name another one with --defconfig NAME or --base FILE"),
            ),
        }
    }

    fn resolve(
        &self,
        platform: &Platform,
        evaluated: &Evaluated,
        base: &Base,
    ) -> Outcome<Resolved> {
        let version = self.version.as_deref().or(evaluated.version.as_deref());
        let environment = toolchain::environment(&self.folder, platform, version);
        let tree = self.parse(&environment, version)?;
        let is_string = |name: &str| {
            let symbol = tree.find(name)?;
            match tree.kind(symbol) {
                SymbolType::String => Some(true),
                SymbolType::Unknown => None,
                _ => Some(false),
            }
        };
        let fragment = evaluated.fragment.to_config_with(is_string);
        let mut content = base.content.clone();
        if !content.ends_with(b"\n") {
            content.push(b'\n');
        }
        content.extend_from_slice(fragment.as_bytes());
        let mut session = Session::new(&tree);
        session.load_config(&base.name, &content);
        // What is wrong with an answer is told below, with where it comes from.
        let base_lines = base.content.split(|byte| *byte == b'\n').count();
        let unexpected = session.take_warnings().into_iter().filter(|warning| {
            warning
                .place
                .as_ref()
                .is_none_or(|place| (place.line as usize) < base_lines)
        });
        for warning in unexpected {
            Message::new(Severity::Warning, warning.to_string()).print();
        }
        let config = session.write_config();
        let mut resolved = Resolved {
            config,
            lost: Vec::new(),
            has_errors: false,
        };
        for (name, answer) in evaluated.fragment.iter() {
            let Some(text) = lost_answer(&mut session, name, &answer.value) else {
                continue;
            };
            let severity = if answer.optional {
                Severity::Warning
            } else {
                resolved.has_errors = true;
                Severity::Error
            };
            let mut message = Message::new(severity, text);
            if let Some(item) = evaluated.settings.items.get(name) {
                let counting: Vec<_> = item
                    .definitions
                    .iter()
                    .filter(|definition| definition.counts)
                    .cloned()
                    .collect();
                message = message.with_definitions(&counting);
            }
            resolved.lost.push(message);
        }
        Ok(resolved)
    }

    fn parse(&self, environment: &Environment, version: Option<&str>) -> Outcome<Tree> {
        let generation = version
            .and_then(Generation::from_version)
            .unwrap_or(Generation::NEWEST);
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
        let options = ParseOptions {
            root: "Kconfig",
            environment,
            generation,
        };
        let files = Folder::new(&self.folder);
        let parsed = Tree::parse(&options, &files, &mut shell, &mut messages);
        for diagnostic in &messages.diagnostics {
            eprintln!("{diagnostic}");
        }
        match parsed {
            Ok(tree) => Ok(tree),
            Err(error) => fail(
                Message::error(format!("{}: {error}", self.folder.display()))
                    .with_help("what is wrong stands above, in the words of the kernel's own conf"),
            ),
        }
    }
}

/// What became of an answer that did not survive, in the words of nixpkgs'
/// driver.
fn lost_answer(session: &mut Session<'_>, name: &str, wanted: &str) -> Option<String> {
    let known = session
        .find(name)
        .filter(|&symbol| session.tree().kind(symbol) != SymbolType::Unknown);
    let Some(symbol) = known else {
        return Some(format!("unused option: {name}"));
    };
    let got = session.value(symbol);
    (got != wanted)
        .then(|| format!("option not set correctly: {name} (wanted '{wanted}', got '{got}')"))
}
