//! Who answers the toolchain probes of a tree: this machine's tools, or a recorded toolchain.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use kconfig::{
    Environment, FileSource, Host, Prober, Profile, ProfileReplay, Recorder, Replay, Reporter,
    Tree, TreeCache,
};
use kernel_config::Platform;
use tempfile::TempDir;

use crate::environment;
use crate::error::{Error, Result};
use crate::source::Source;

/// What is wanted of a toolchain.
#[derive(Clone, Debug, Default)]
pub struct ToolchainRequest {
    /// Which toolchain; where nothing is said, this machine's if it has one, else a recorded one.
    pub choice: Option<ToolchainChoice>,
    /// No command may be run.
    pub no_exec: bool,
    /// Where answers of this machine's tools are kept from run to run.
    pub cache: Option<PathBuf>,
    /// The compiler of the kernel's `stdenv`, for a recorded toolchain.
    pub compiler: Compiler,
    /// Its major version, where the `stdenv` says it.
    pub compiler_version: Option<u32>,
    /// Whether the kernel is built with Rust, for a recorded toolchain.
    pub rust: bool,
}

impl ToolchainRequest {
    /// The recorded toolchain that is like the kernel's own.
    fn recorded_name(&self) -> String {
        let extras = if self.rust { "+pahole+rust" } else { "" };
        format!("{}{extras}", self.compiler_name())
    }

    /// The compiler of the kernel's `stdenv`.
    fn compiler_name(&self) -> String {
        match self.compiler_version {
            Some(version) => format!("{}-{version}", self.compiler.name()),
            None => self.compiler.name().to_owned(),
        }
    }

    /// How the kernel's `stdenv` made a recorded toolchain the one that answers, where it asks for
    /// a compiler of its own.
    pub fn of_stdenv(&self, toolchain: &Toolchain) -> Option<String> {
        let is_plain = self.compiler == Compiler::Gcc && self.compiler_version.is_none();
        match toolchain {
            Toolchain::Profile(_) if !is_plain => Some(format!(
                "nearest to the {} of the kernel's stdenv",
                self.compiler_name()
            )),
            _ => None,
        }
    }
}

/// Which toolchain.
#[derive(Clone, Debug)]
pub enum ToolchainChoice {
    /// This machine's.
    Host,
    /// A recorded one, by its name or the beginning of it.
    Named(String),
    /// A recorded one.
    Profile(Box<Profile>),
}

/// A compiler that kernels can be built with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compiler {
    /// GCC and binutils.
    #[default]
    Gcc,
    /// Clang and LLVM.
    Clang,
}

impl Compiler {
    /// As recorded toolchains are named.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gcc => "gcc",
            Self::Clang => "clang",
        }
    }
}

/// A toolchain.
#[derive(Clone, Debug)]
pub enum Toolchain {
    /// This machine's tools, with the folder in which answers are kept.
    Host {
        /// Nothing is kept where there is none.
        cache: Option<PathBuf>,
    },
    /// Recorded answers.
    Profile(Box<Profile>),
}

impl fmt::Display for Toolchain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host { .. } => formatter.write_str("this machine's tools"),
            Self::Profile(profile) => write!(formatter, "{} (recorded)", profile.name),
        }
    }
}

impl Toolchain {
    /// The toolchain that is wanted for a platform.
    ///
    /// # Errors
    /// When there is none, or when it would have to run commands and must not.
    pub fn choose(request: &ToolchainRequest, platform: &Platform) -> Result<Self> {
        let found = |profile: Option<Profile>, name: &str| {
            profile
                .map(|profile| Self::Profile(Box::new(profile)))
                .ok_or_else(|| Error::NoToolchain {
                    wanted: name.to_owned(),
                    system: platform.system.to_owned(),
                })
        };
        let recorded = |name: &str| found(Profile::shipped(name, platform.system), name);
        let nearest = |name: &str| found(Profile::nearest_shipped(name, platform.system), name);
        let host = || Self::Host {
            cache: request.cache.clone(),
        };
        match &request.choice {
            Some(ToolchainChoice::Host) if request.no_exec => Err(Error::MayNotRun),
            Some(ToolchainChoice::Host) => Ok(host()),
            Some(ToolchainChoice::Named(name)) => recorded(name),
            Some(ToolchainChoice::Profile(profile)) => Ok(Self::Profile(profile.clone())),
            // The tools that are called without being named are GCC's.
            None if request.compiler == Compiler::Gcc
                && !request.no_exec
                && has_tools(platform) =>
            {
                Ok(host())
            }
            None => nearest(&request.recorded_name()).or_else(|error| {
                // A compiler and a linker that are not there are named by what asks for them.
                if request.no_exec {
                    Err(error)
                } else {
                    Ok(host())
                }
            }),
        }
    }

    /// Makes everything ready to read a tree. `version` is the kernel's, where the tree does not
    /// say it.
    ///
    /// # Errors
    /// When there is no folder in which commands could run.
    pub fn probes(
        &self,
        source: &Source,
        platform: &Platform,
        version: Option<&str>,
    ) -> Result<Probes> {
        let version = source.version().or(version);
        match self {
            Self::Host { cache } => {
                // Probes write files where they run.
                let scratch = tempfile::tempdir().map_err(|error| Error::NoScratch { error })?;
                let source = source.with_scripts_on_disk(scratch.path())?;
                let environment = environment::of(&source, platform, version);
                let folder = scratch.path().to_owned();
                let host = match cache {
                    Some(cache) => Host::with_cache(environment.clone(), folder, cache),
                    None => Host::new(environment.clone(), folder),
                };
                Ok(Probes {
                    source,
                    environment,
                    answers: Answers::Host(Box::new(host), scratch),
                })
            }
            Self::Profile(profile) => {
                let environment = environment::of_profile(source, platform, version, profile);
                let files = TreeFiles(Arc::clone(source.files()));
                let replay = ProfileReplay::new(profile, &environment, Arc::new(files));
                Ok(Probes {
                    source: source.clone(),
                    environment,
                    answers: Answers::Profile(replay),
                })
            }
        }
    }
}

/// Whether this machine has a compiler and a linker for a platform.
fn has_tools(platform: &Platform) -> bool {
    let mut environment = environment::of_process();
    environment::name_tools(&mut environment, platform);
    let folder = std::env::current_dir().unwrap_or_default();
    ["CC", "LD"].iter().all(|variable| {
        let value = environment.get(variable).unwrap_or_default();
        let program = value.split_whitespace().next();
        program.is_some_and(|program| environment.has_program(program, &folder))
    })
}

/// A tree's files as a prober takes them.
struct TreeFiles(Arc<dyn crate::source::SourceTree>);

impl FileSource for TreeFiles {
    fn read(&self, name: &str) -> std::io::Result<Option<Arc<[u8]>>> {
        self.0.read(name)
    }
}

/// A toolchain that is ready to answer for one tree.
pub struct Probes {
    source: Source,
    environment: Environment,
    answers: Answers,
}

enum Answers {
    /// Commands run in the folder.
    Host(Box<Host>, TempDir),
    Profile(ProfileReplay),
}

impl Probes {
    /// What the tree is read with.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Who answers.
    pub fn prober(&mut self) -> &mut dyn Prober {
        match &mut self.answers {
            Answers::Host(host, _) => &mut **host,
            Answers::Profile(replay) => replay,
        }
    }

    /// Parses the tree, or takes it from a cache of trees that were parsed before.
    ///
    /// # Errors
    /// When its files cannot be used; what is wrong has been told to `reporter`.
    pub fn parse(
        &mut self,
        cache: Option<&TreeCache>,
        reporter: &mut dyn Reporter,
    ) -> Result<Tree> {
        let environment = self.environment.clone();
        let source = self.source.clone();
        source.parse_with_cache(&environment, self.prober(), cache, reporter)
    }

    /// The same, with all answers.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse).
    pub fn record(&mut self, reporter: &mut dyn Reporter) -> Result<(Tree, Replay)> {
        let environment = self.environment.clone();
        let source = self.source.clone();
        let mut recorder = Recorder::new(self.prober());
        let tree = source.parse(&environment, &mut recorder, reporter)?;
        Ok((tree, recorder.into_recorded()))
    }

    /// Keeps what was answered; returns what there is to warn of.
    pub fn finish(self) -> Vec<String> {
        let mut warnings = Vec::new();
        match self.answers {
            Answers::Host(host, _scratch) => {
                warnings.extend(host.cache_warning().map(str::to_owned));
                if let Err(error) = host.finish() {
                    warnings.push(format!("answers of the toolchain are not kept: {error}"));
                }
            }
            Answers::Profile(replay) => {
                for command in replay.unanswered() {
                    warnings.push(format!(
                        "the recorded toolchain has no answer to `{command}`; it counts as failed"
                    ));
                }
                for command in replay.differing() {
                    warnings.push(format!(
                        "the recorded toolchain answers `{command}` for other kernels, whose \
                         scripts differ from this one's"
                    ));
                }
            }
        }
        warnings
    }
}
