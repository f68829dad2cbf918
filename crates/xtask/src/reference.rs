//! `cargo xtask reference`: the reference programs of the field, fetched and built
//! into a cache folder, and compared with what this project says.

pub(crate) mod answering;
pub(crate) mod answers;
mod cache;
pub(crate) mod cases;
pub(crate) mod conf;
mod configuration;
mod debian;
mod explain;
mod flake;
mod front_ends;
mod fuzz;
pub(crate) mod kernel;
mod language;
mod left;
mod lib;
mod module_sets;
mod modules;
pub(crate) mod nix;
mod patches;
mod renames;
pub(crate) mod settings;
mod small;
mod small_cases;
mod suite;
mod toolchain;
mod transcripts;
mod trees;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

pub(crate) use self::cache::Cache;
use self::nix::Nix;
use crate::report::{Check, Outcome, Report};
use crate::workspace::Workspace;

/// Options of the command.
#[derive(Args)]
pub(crate) struct ReferenceArgs {
    /// Compare only this; may be repeated
    #[arg(long, value_name = "WHAT")]
    only: Vec<Comparison>,

    /// The `lib` folder of a nixpkgs, whose module system is compared with too
    #[arg(long, value_name = "DIR")]
    lib: Option<PathBuf>,

    /// A nix-instantiate to compare with, in place of the newest that Debian has
    #[arg(long, value_name = "PROGRAM")]
    nix: Option<PathBuf>,

    /// A kernel source tree, in place of Debian's for its release line; may be
    /// repeated
    #[arg(long, value_name = "DIR")]
    kernel_source: Vec<PathBuf>,

    /// A conf of a further release, which small trees are compared with too; may be repeated
    #[arg(long, value_name = "RELEASE=PROGRAM", value_parser = small::given)]
    conf: Vec<(String, PathBuf)>,

    /// nixpkgs' generate-config.pl, to drive the kernel's conf in place of `xtask
    /// drive`
    #[arg(long, value_name = "FILE")]
    driver: Option<PathBuf>,

    /// Where reference programs are kept [default: reference/ in cargo's target
    /// folder]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,

    /// Test nix-kconfig as it is released; otherwise as the tests build it
    #[arg(long)]
    release: bool,

    /// A nix-kconfig to test, in place of building it
    #[arg(long, value_name = "PROGRAM", conflicts_with = "release")]
    program: Option<PathBuf>,

    /// How many random programs are compared
    #[arg(long, value_name = "COUNT", default_value_t = 4000)]
    fuzz_programs: usize,

    /// Which random programs are compared
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    fuzz_seed: u64,

    /// A GNU patch to compare with [default: the one on PATH]
    #[arg(long, value_name = "PROGRAM")]
    patch: Option<PathBuf>,

    /// How many random Kconfig trees are compared
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    trees: usize,

    /// Write what the reference program says as what is expected
    #[arg(long)]
    bless: bool,

    /// Name what passed, too
    #[arg(long, short)]
    verbose: bool,
}

/// What can be compared.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Comparison {
    /// Small programs under Nix
    Language,
    /// Transcripts of nix-instantiate, messages and all
    Transcripts,
    /// The module system, under Nix with the lib that --lib names
    Lib,
    /// Module sets, under Nix with the lib that --lib names
    Modules,
    /// Random programs under Nix
    Fuzz,
    /// Random module sets, under Nix with the lib that --lib names
    ModuleSets,
    /// Merged settings of fixture kernels
    Settings,
    /// Final configurations, with the kernel's own conf
    Configuration,
    /// nixpkgs' own way of answering, through the kernel's own conf
    Answering,
    /// The kernel's own tests of its conf
    Suite,
    /// Changes that explaining offers, over a sample of a real kernel's symbols
    Explain,
    /// Small Kconfig trees with what is expected of each release's conf
    Cases,
    /// Random Kconfig trees, with each release's conf
    Trees,
    /// The table of renamed options, on a real kernel
    Renames,
    /// Every front end of conf, on real kernels
    FrontEnds,
    /// Answers of the toolchain, recorded and kept
    Toolchain,
    /// Random patches, under GNU patch
    Patches,
    /// The project's flake
    Flake,
}

/// One group of comparisons.
type Compare = fn(&Reference) -> Vec<Check>;

/// What comparisons are made with.
pub(crate) struct Reference {
    workspace: Workspace,
    cache: Cache,
    nix: Nix,
    /// The program under test.
    program: PathBuf,
    real_lib: Option<PathBuf>,
    kernel_sources: Vec<PathBuf>,
    confs: Vec<(String, PathBuf)>,
    driver: Option<PathBuf>,
    patch: Option<PathBuf>,
    bless: bool,
    fuzz: fuzz::Extent,
    trees: fuzz::Extent,
}

/// Runs the comparisons. True if none failed.
///
/// # Errors
///
/// A reference program or the program under test cannot be had.
pub(crate) fn run(args: ReferenceArgs) -> Result<bool> {
    let workspace = Workspace::find()?;
    let cache = Cache::open(
        &args
            .cache
            .unwrap_or_else(|| workspace.target().join("reference")),
    )?;
    let mut report = Report::new(args.verbose);
    let nix = acquire_nix(&cache, args.nix.as_deref(), &mut report)?;
    println!("   Nix {}", nix.release);

    let wanted = |comparison: Comparison| args.only.is_empty() || args.only.contains(&comparison);
    let needs_program = [
        Comparison::Lib,
        Comparison::ModuleSets,
        Comparison::Settings,
        Comparison::Configuration,
        Comparison::Answering,
        Comparison::Suite,
        Comparison::FrontEnds,
        Comparison::Toolchain,
    ]
    .into_iter()
    .any(wanted);
    let program = match args.program {
        Some(program) => absolute(&program)?,
        None if needs_program => workspace.build_program(args.release)?,
        None => PathBuf::new(),
    };
    let reference = Reference {
        workspace,
        cache,
        nix,
        program,
        real_lib: args.lib.as_deref().map(absolute).transpose()?,
        kernel_sources: args
            .kernel_source
            .iter()
            .map(|source| absolute(source))
            .collect::<Result<_>>()?,
        confs: args.conf,
        driver: args.driver.as_deref().map(absolute).transpose()?,
        patch: args.patch.as_deref().map(absolute).transpose()?,
        bless: args.bless,
        fuzz: fuzz::Extent {
            programs: args.fuzz_programs,
            seed: args.fuzz_seed,
        },
        trees: fuzz::Extent {
            programs: args.trees,
            seed: args.fuzz_seed,
        },
    };

    let comparisons: &[(Comparison, &str, Compare)] = &[
        (
            Comparison::Language,
            "programs of fixtures/nix, under Nix",
            language::compare,
        ),
        (
            Comparison::Transcripts,
            "transcripts of nix-instantiate",
            transcripts::compare,
        ),
        (
            Comparison::Lib,
            "cases of fixtures/lib/modules, under Nix with a real lib",
            lib::compare,
        ),
        (
            Comparison::Modules,
            "module sets of fixtures/modules, under Nix with a real lib",
            modules::compare,
        ),
        (
            Comparison::Fuzz,
            "random programs, under Nix",
            fuzz::compare,
        ),
        (
            Comparison::ModuleSets,
            "random module sets, under Nix with a real lib",
            module_sets::compare,
        ),
        (
            Comparison::Settings,
            "merged settings of fixtures/kernels, under Nix",
            settings::compare,
        ),
        (
            Comparison::Configuration,
            "final configurations of fixtures/kernels, with the kernel's conf",
            configuration::compare,
        ),
        (
            Comparison::Answering,
            "nixpkgs' own way for fixtures/kernels, through the kernel's conf",
            answering::compare,
        ),
        (
            Comparison::Suite,
            "the kernel's own tests of conf",
            suite::compare,
        ),
        (
            Comparison::Explain,
            "changes that explaining offers on Linux 6.12, resolved anew",
            explain::compare,
        ),
        (
            Comparison::Cases,
            "cases of fixtures/kconfig, with each release's conf",
            small_cases::compare,
        ),
        (
            Comparison::Trees,
            "random Kconfig trees, with each release's conf",
            trees::compare,
        ),
        (
            Comparison::Renames,
            "the table of renamed and removed options, on Linux 6.12",
            renames::compare,
        ),
        (
            Comparison::FrontEnds,
            "every front end of conf, on Linux 6.12 and 6.1",
            front_ends::compare,
        ),
        (
            Comparison::Toolchain,
            "answers of the toolchain, recorded and kept",
            toolchain::compare,
        ),
        (
            Comparison::Patches,
            "random patches of Linux 6.12, under GNU patch",
            patches::compare,
        ),
        (
            Comparison::Flake,
            "flake.nix, under Nix with a stand-in for nixpkgs",
            flake::compare,
        ),
    ];
    for &(comparison, title, compare) in comparisons {
        if wanted(comparison) {
            report.group(title, || compare(&reference));
        }
    }
    Ok(report.conclude())
}

/// The Nix that was asked for, or the newest; where that cannot be fetched, the
/// installed one, which is said and counted.
fn acquire_nix(cache: &Cache, given: Option<&Path>, report: &mut Report) -> Result<Nix> {
    if let Some(program) = given {
        return Nix::given(cache, program);
    }
    let why = match Nix::fetch(cache) {
        Ok(nix) => return Ok(nix),
        Err(error) => error,
    };
    let nix = Nix::installed(cache).with_context(|| {
        format!("Nix cannot be had: its newest release cannot be fetched ({why:#})")
    })?;
    report.group("reference programs", || {
        let reason = format!(
            "cannot be fetched, {} is used instead: {why:#}",
            nix.release
        );
        vec![Check {
            name: "the newest Nix".to_owned(),
            outcome: Outcome::Skipped(reason),
        }]
    });
    Ok(nix)
}

fn absolute(path: &Path) -> Result<PathBuf> {
    path.canonicalize()
        .with_context(|| format!("{} is not there", path.display()))
}
