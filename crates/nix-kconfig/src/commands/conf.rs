//! `nix-kconfig conf`: a drop-in for the kernel's `scripts/kconfig/conf`.
//!
//! Its command line is the reference program's; what goes beyond that is said by variables:
//! `NIX_KCONFIG_TOOLCHAIN`, `NIX_KCONFIG_NO_EXEC`, `NIX_KCONFIG_CACHE` and
//! `NIX_KCONFIG_NO_CACHE`, as the flags of other commands; and `NIX_KCONFIG_GENERATION`, the
//! kernel release whose `conf` is meant where neither `KERNELVERSION` nor a Makefile tells.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use findings::Finding;
use kconfig::conf::Invocation;
use kconfig::{Environment, Generation, Host, Prober};
use kernel_config::Platform;
use kernel_resolve::{Probes, Source, Toolchain};

use crate::report;
use crate::toolchain::{KernelNeeds, ToolchainArgs};

/// Runs `conf` with these arguments, and everything else as this process has it.
pub(crate) fn main(args: Vec<String>) -> ExitCode {
    let arguments: Vec<String> = std::iter::once("conf".to_owned()).chain(args).collect();
    let environment: Environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let folder = match std::env::current_dir() {
        Ok(folder) => folder,
        Err(error) => {
            eprintln!("error: the working folder cannot be told: {error}");
            return ExitCode::from(2);
        }
    };
    let told = Variables::read().and_then(|variables| {
        let (environment, answers) = Answers::of(&variables, environment, &folder)?;
        Ok((
            environment,
            answers,
            generation()?,
            variables.toolchain.trees(),
        ))
    });
    let (environment, mut answers, generation, cache) = match told {
        Ok(told) => told,
        Err(message) => {
            report::print(&message);
            return ExitCode::from(2);
        }
    };
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    let mut stderr = io::stderr().lock();
    let status = kconfig::conf::main(Invocation {
        arguments: &arguments,
        environment: &environment,
        folder: &folder,
        stdin: &mut io::stdin().lock(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        is_terminal: io::stdin().is_terminal() && io::stdout().is_terminal(),
        prober: Some(answers.prober()),
        generation,
        cache: cache.as_ref(),
    });
    // A reader that has gone away has seen what it wanted.
    let _ = stdout.flush();
    drop(stderr);
    answers.finish();
    ExitCode::from(status)
}

/// The variables that stand for flags.
#[derive(Parser)]
#[command(no_binary_name = true)]
struct Variables {
    #[command(flatten)]
    toolchain: ToolchainArgs,
}

impl Variables {
    fn read() -> Result<Self, Box<Finding>> {
        Self::try_parse_from(std::iter::empty::<&str>())
            .map_err(|error| Box::new(Finding::failure(error.to_string())))
    }
}

/// The release that `NIX_KCONFIG_GENERATION` names.
fn generation() -> Result<Option<Generation>, Box<Finding>> {
    const VARIABLE: &str = "NIX_KCONFIG_GENERATION";
    let Some(version) = std::env::var_os(VARIABLE) else {
        return Ok(None);
    };
    let version = version.to_string_lossy();
    let generation = Generation::from_version(&version);
    generation.map(Some).ok_or_else(|| {
        Box::new(
            Finding::failure(format!("{VARIABLE}={version} is no release of the kernel"))
                .with_help("a release is meant, such as 6.12"),
        )
    })
}

/// Who answers the tree's questions about the toolchain.
enum Answers {
    Host(Box<Host>),
    Profile(Box<Probes>),
}

impl Answers {
    /// Whom the variables name, with the environment that the tree is read in.
    fn of(
        variables: &Variables,
        environment: Environment,
        folder: &Path,
    ) -> Result<(Environment, Self), Box<Finding>> {
        let arch = environment.get("ARCH").or(environment.get("SRCARCH"));
        let platform = match arch {
            Some(arch) => Platform::of_arch(arch),
            None => Platform::of(&Platform::host_system()),
        };
        let request = variables.toolchain.request(KernelNeeds::default())?;
        // As the reference program: what is not there is told by what asks for it.
        if request.choice.is_none() && !request.no_exec {
            return Ok(Self::host(environment, folder, request.cache.as_deref()));
        }
        let platform = platform.ok_or_else(|| {
            Box::new(Finding::failure(format!(
                "there is no recorded toolchain for ARCH={}",
                arch.unwrap_or_default()
            )))
        })?;
        let toolchain = Toolchain::choose(&request, platform).map_err(report::of_resolution)?;
        if let Toolchain::Host { cache } = &toolchain {
            return Ok(Self::host(environment, folder, cache.as_deref()));
        }
        let named = environment.get("srctree").unwrap_or(".");
        let source = Source::open(&folder.join(named)).map_err(report::of_resolution)?;
        let version = environment.get("KERNELVERSION");
        let probes = toolchain
            .probes(&source.named(named), platform, version)
            .map_err(report::of_resolution)?;
        let mut recorded = probes.environment().clone();
        // What `make` says of the tree stands.
        for name in ["ARCH", "SRCARCH", "KERNELVERSION"] {
            if let Some(value) = environment.get(name) {
                recorded.set(name, value);
            }
        }
        Ok((recorded, Self::Profile(Box::new(probes))))
    }

    fn host(environment: Environment, folder: &Path, cache: Option<&Path>) -> (Environment, Self) {
        let host = match cache {
            Some(cache) => Host::with_cache(environment.clone(), folder, cache),
            None => Host::new(environment.clone(), folder),
        };
        (environment, Self::Host(Box::new(host)))
    }

    fn prober(&mut self) -> &mut dyn Prober {
        match self {
            Self::Host(host) => &mut **host,
            Self::Profile(probes) => probes.prober(),
        }
    }

    fn finish(self) {
        let warnings = match self {
            Self::Host(host) => {
                let warning = host.cache_warning().map(str::to_owned);
                // Where there is nowhere to keep answers, the next run asks again; the reference
                // program would not say a word.
                let _ = host.finish();
                warning.into_iter().collect()
            }
            Self::Profile(probes) => probes.finish(),
        };
        for warning in warnings {
            report::print(&Finding::warning("toolchain", warning));
        }
    }
}
