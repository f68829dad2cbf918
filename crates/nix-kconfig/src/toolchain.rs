//! Which toolchain answers the probes of a kernel tree, as the command line says it.

use std::fs;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use findings::Finding;
use kconfig::{Diagnostic, Messages, Profile, Tree, TreeCache};
use kernel_config::Platform;
use kernel_resolve::{Compiler, Source, Toolchain, ToolchainChoice, ToolchainRequest};

use crate::kernel_input::Evaluated;
use crate::report;

/// Flags of every command that reads a kernel tree.
#[derive(clap::Args, Clone)]
pub(crate) struct ToolchainArgs {
    /// Who answers the tree's questions about the compiler: `host` for this
    /// machine's tools, a recorded toolchain by its name (`gcc', `clang-19+rust',
    /// see toolchain list) or as a file [default: host where there is a compiler
    /// for the system, else a recorded one]
    #[arg(long, value_name = "NAME|FILE", env = "NIX_KCONFIG_TOOLCHAIN")]
    pub(crate) toolchain: Option<String>,
    /// Run nothing: a recorded toolchain answers for the compiler
    #[arg(long, env = "NIX_KCONFIG_NO_EXEC", value_parser = clap::builder::FalseyValueParser::new())]
    no_exec: bool,
    #[command(flatten)]
    cache: CacheArgs,
}

/// Whether and where results are kept from run to run.
#[derive(clap::Args, Clone)]
pub(crate) struct CacheArgs {
    /// Keep no results for the next run, and use none of an earlier one
    #[arg(long, env = "NIX_KCONFIG_NO_CACHE", value_parser = clap::builder::FalseyValueParser::new())]
    no_cache: bool,
    /// Where results are kept [default: nix-kconfig in the user's cache folder]
    #[arg(long, value_name = "DIR", env = "NIX_KCONFIG_CACHE")]
    cache: Option<PathBuf>,
}

impl CacheArgs {
    /// The folder for one kind of result; none where nothing is to be kept.
    pub(crate) fn folder(&self, kind: &str) -> Option<PathBuf> {
        if self.no_cache {
            return None;
        }
        match &self.cache {
            Some(folder) => Some(folder.join(kind)),
            None => default_cache(kind),
        }
    }
}

/// The folder for one kind of result, where nothing else is said; none where the user has no
/// home.
pub(crate) fn default_cache(kind: &str) -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.cache_dir().join("nix-kconfig").join(kind))
}

type Outcome<T> = Result<T, Box<Finding>>;

/// What a kernel's Nix files say of its toolchain.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KernelNeeds {
    pub(crate) compiler: Compiler,
    /// Its major version, where it is one that the kernel asks for.
    pub(crate) compiler_version: Option<u32>,
    pub(crate) rust: bool,
}

impl KernelNeeds {
    /// What a kernel's structured configuration needs: Rust, where that is to be enabled.
    pub(crate) fn of(kernel: &Evaluated) -> Self {
        let rust = kernel.settings.items.get("RUST");
        let compiler = kernel.compiler.as_deref().unwrap_or_default();
        let (name, version) = compiler.split_once('-').unwrap_or((compiler, ""));
        Self {
            compiler: if name == Compiler::Clang.name() {
                Compiler::Clang
            } else {
                Compiler::Gcc
            },
            compiler_version: version.parse().ok(),
            rust: rust.is_some_and(|item| item.answer().as_deref() == Some("y")),
        }
    }
}

impl ToolchainArgs {
    /// What is wanted.
    ///
    /// # Errors
    /// When a recorded toolchain's file cannot be read.
    pub(crate) fn request(&self, needs: KernelNeeds) -> Outcome<ToolchainRequest> {
        Ok(ToolchainRequest {
            choice: self.toolchain.as_deref().map(choice).transpose()?,
            no_exec: self.no_exec,
            cache: self.cache.folder("probes"),
            compiler: needs.compiler,
            compiler_version: needs.compiler_version,
            rust: needs.rust,
        })
    }

    /// Where parsed trees are kept.
    pub(crate) fn trees(&self) -> Option<TreeCache> {
        self.cache.folder("parsed").map(TreeCache::new)
    }

    /// Opens a source tree, a folder or an archive.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn open(&self, path: &Path) -> Outcome<Source> {
        let cache = self.cache.folder("trees");
        let mut warn = |text| report::print(&Finding::warning("cache", text));
        Source::open_with_cache(path, cache.as_deref(), &mut warn).map_err(report::of_resolution)
    }

    /// Parses a tree for a platform; says which toolchain answers where the user did not, and
    /// what the tree and the toolchain have to say. `version` is the kernel's, where the tree
    /// does not say it.
    ///
    /// # Errors
    /// When there is no toolchain, or the tree cannot be used.
    pub(crate) fn parse(
        &self,
        source: &Source,
        platform: &Platform,
        version: Option<&str>,
        needs: KernelNeeds,
    ) -> Outcome<Tree> {
        let mut told = Told::default();
        let parsed = self.parse_untold(source, platform, version, needs, &mut told);
        told.tell(None);
        parsed
    }

    /// The same, where what there is to say is left for the caller to tell.
    pub(crate) fn parse_untold(
        &self,
        source: &Source,
        platform: &Platform,
        version: Option<&str>,
        needs: KernelNeeds,
        told: &mut Told,
    ) -> Outcome<Tree> {
        let request = self.request(needs)?;
        let toolchain = Toolchain::choose(&request, platform).map_err(report::of_resolution)?;
        if request.choice.is_none() {
            told.toolchain = Some(match request.of_stdenv(&toolchain) {
                Some(why) => format!("{toolchain}: {why}"),
                None => toolchain.to_string(),
            });
        }
        let mut probes = toolchain
            .probes(source, platform, version)
            .map_err(report::of_resolution)?;
        let mut messages = Messages::default();
        let parsed = probes.parse(self.trees().as_ref(), &mut messages);
        told.diagnostics = messages.diagnostics;
        told.warnings = probes.finish();
        parsed.map_err(report::of_resolution)
    }

    /// What a tree's answers depend on besides the tree: equal for kernels that can share one.
    pub(crate) fn key(&self, kernel: &Evaluated) -> String {
        match &self.toolchain {
            Some(toolchain) => toolchain.clone(),
            None => format!("{:?}", KernelNeeds::of(kernel)),
        }
    }
}

/// What reading a tree had to say.
#[derive(Default)]
pub(crate) struct Told {
    /// Who answered for the compiler, where the user did not say who.
    toolchain: Option<String>,
    diagnostics: Vec<Diagnostic>,
    warnings: Vec<String>,
}

impl Told {
    /// Tells it on standard error. `tree` says which tree it is, where there are several.
    pub(crate) fn tell(&self, tree: Option<&str>) {
        let tree = tree.map(|tree| format!("{tree}: ")).unwrap_or_default();
        if let Some(toolchain) = &self.toolchain {
            eprintln!("{tree}toolchain: {toolchain}");
        }
        for diagnostic in &self.diagnostics {
            eprintln!("{tree}{diagnostic}");
        }
        for warning in &self.warnings {
            report::print(&Finding::warning("toolchain", format!("{tree}{warning}")));
        }
    }
}

/// What a name on the command line means.
pub(crate) fn choice(name: &str) -> Outcome<ToolchainChoice> {
    if name == "host" {
        return Ok(ToolchainChoice::Host);
    }
    let path = Path::new(name);
    if name.contains('/') || path.extension().is_some_and(|end| end == "json") {
        return Ok(ToolchainChoice::Profile(Box::new(read_profile(path)?)));
    }
    Ok(ToolchainChoice::Named(name.to_owned()))
}

/// Reads a recorded toolchain's file.
pub(crate) fn read_profile(path: &Path) -> Outcome<Profile> {
    let failed = |error: &dyn std::fmt::Display| {
        Box::new(
            Finding::failure(format!("{}: {error}", path.display()))
                .with_help("`nix-kconfig toolchain record' writes such a file"),
        )
    };
    let text = fs::read(path).map_err(|error| failed(&error))?;
    Profile::from_json(&text).map_err(|error| failed(&error))
}
