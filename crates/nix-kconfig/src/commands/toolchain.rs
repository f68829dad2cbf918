//! `nix-kconfig toolchain`: recorded toolchains, and how they are made.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use findings::Finding;
use kconfig::{Messages, Profile};
use kernel_config::Platform;
use kernel_resolve::{Source, Toolchain, ToolchainChoice, environment};

use crate::output;
use crate::report;
use crate::toolchain;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Record what this machine's tools answer to the probes of kernel trees
    Record(RecordArgs),
    /// List the recorded toolchains that this program brings
    List,
    /// Show a recorded toolchain
    Show(ShowArgs),
}

#[derive(clap::Args)]
struct RecordArgs {
    /// What it will be called; the machine it compiles for is added
    #[arg(long)]
    name: String,
    /// What it has besides, for the end of its name: pahole, rust; may be repeated
    #[arg(long = "with", value_name = "WHAT")]
    extras: Vec<String>,
    /// A kernel tree whose probes are answered; may be repeated
    #[arg(short, long = "source", value_name = "TREE", required = true)]
    sources: Vec<PathBuf>,
    /// The Nix system that the tools compile for; may be repeated (default: this
    /// machine's)
    #[arg(long = "system", value_name = "SYSTEM")]
    systems: Vec<String>,
    /// The folder that a file is written to for each system
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    output: PathBuf,
}

#[derive(clap::Args)]
struct ShowArgs {
    /// Its name, or the beginning of it, or its file
    toolchain: String,
    /// The Nix system that it compiles for (default: this machine's)
    #[arg(long, value_name = "SYSTEM")]
    system: Option<String>,
    /// Write the profile itself
    #[arg(long)]
    json: bool,
}

type Outcome<T> = Result<T, Box<Finding>>;

/// Runs the command.
pub(crate) fn main(args: &Args) -> ExitCode {
    let result = match &args.action {
        Action::Record(args) => record(args),
        Action::List => list(),
        Action::Show(args) => show(args),
    };
    super::exit(result.map(|()| true))
}

fn platform(system: &str) -> Outcome<&'static Platform> {
    Platform::of(system).ok_or_else(|| {
        let known: Vec<&str> = Platform::systems().collect();
        Box::new(
            Finding::failure(format!(
                "the system `{system}' is not one a kernel can be for"
            ))
            .with_help(format!("the systems are {}", known.join(", "))),
        )
    })
}

fn record(args: &RecordArgs) -> Outcome<()> {
    let mut systems = args.systems.clone();
    if systems.is_empty() {
        systems.push(Platform::host_system());
    }
    let sources: Vec<Source> = args
        .sources
        .iter()
        .map(|path| Source::open(path))
        .collect::<Result<_, _>>()
        .map_err(report::of_resolution)?;
    for system in systems {
        let platform = platform(&system)?;
        let profile = record_for(args, platform, &sources)?;
        let file = args.output.join(format!("{}.json", profile.name));
        let text = profile
            .to_pretty_json()
            .map_err(|error| failed(&file, &error))?;
        output::write(&file, text.as_bytes())?;
        println!("{}", file.display());
    }
    Ok(())
}

fn record_for(args: &RecordArgs, platform: &Platform, sources: &[Source]) -> Outcome<Profile> {
    let machine = platform.system.trim_end_matches("-linux");
    let mut extras = args.extras.clone();
    extras.sort();
    let head = format!("{}-{machine}", args.name);
    let parts: Vec<&str> = std::iter::once(head.as_str())
        .chain(extras.iter().map(String::as_str))
        .collect();
    let name = parts.join("+");
    let mut profile = Profile::new(name, platform.system);
    // Nothing that is kept from an earlier run: a record shows what the tools say now.
    let host = Toolchain::Host { cache: None };
    for source in sources {
        let mut probes = host
            .probes(source, platform, None)
            .map_err(report::of_resolution)?;
        let mut messages = Messages::default();
        let recorded = probes.record(&mut messages);
        for diagnostic in &messages.diagnostics {
            eprintln!("{diagnostic}");
        }
        let (_, answers) = recorded.map_err(report::of_resolution)?;
        let environment = probes.environment();
        for name in environment::tool_variables() {
            let value = environment.get(name).unwrap_or_default();
            // Some variables are only of newer kernels.
            let variable = profile.variables.entry(name.to_owned()).or_default();
            if variable.is_empty() {
                value.clone_into(variable);
            }
        }
        if profile.tools.is_empty() {
            profile.tools = environment::tool_versions(environment);
        }
        let version = environment
            .get("KERNELVERSION")
            .unwrap_or_default()
            .to_owned();
        profile
            .add(
                &version,
                environment,
                source.files().as_ref(),
                answers.iter(),
            )
            .map_err(|error| failed(Path::new(source.name()), &error))?;
        probes.finish();
    }
    Ok(profile)
}

fn failed(path: &Path, error: &dyn std::fmt::Display) -> Box<Finding> {
    Box::new(Finding::failure(format!("{}: {error}", path.display())))
}

fn list() -> Outcome<()> {
    let mut text = String::new();
    for profile in Profile::all_shipped() {
        let compiler = profile.tools.get("CC").map_or("", String::as_str);
        text.push_str(&format!("{:32} {compiler}\n", profile.name));
    }
    output::write(Path::new("-"), text.as_bytes())
}

fn show(args: &ShowArgs) -> Outcome<()> {
    let system = args.system.clone().unwrap_or_else(Platform::host_system);
    let profile = match toolchain::choice(&args.toolchain)? {
        ToolchainChoice::Profile(profile) => *profile,
        ToolchainChoice::Host => {
            return Err(Box::new(
                Finding::failure("this machine's toolchain is not a recorded one")
                    .with_help("`nix-kconfig toolchain record' records it"),
            ));
        }
        ToolchainChoice::Named(name) => Profile::shipped(&name, &system).ok_or_else(|| {
            report::of_resolution(kernel_resolve::Error::NoToolchain {
                wanted: name,
                system,
            })
        })?,
    };
    let text = if args.json {
        profile
            .to_pretty_json()
            .map_err(|error| failed(Path::new(&profile.name), &error))?
    } else {
        described(&profile)
    };
    output::write(Path::new("-"), text.as_bytes())
}

fn described(profile: &Profile) -> String {
    let mut text = format!("{} for {}\n\nTools:\n", profile.name, profile.system);
    for (variable, version) in &profile.tools {
        text.push_str(&format!("  {variable:10} {version}\n"));
    }
    text.push_str(&format!(
        "\nKernels: {}\n\nVariables:\n",
        profile.kernels.join(", ")
    ));
    for (name, value) in &profile.variables {
        text.push_str(&format!("  {name}={value}\n"));
    }
    text.push_str("\nAnswers:\n");
    for (command, answer) in profile.answers() {
        text.push_str(&format!("  {command}\n    {}\n", answer.trim_end()));
    }
    text
}
