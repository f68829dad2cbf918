//! nixpkgs' own way of answering, from answers to the final `.config` and the messages: driven
//! through the kernel's own `conf` question by question, and by us, byte for byte.
//!
//! What drives is `cargo xtask drive`, or nixpkgs' `generate-config.pl` where that is given.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use tempfile::TempDir;

use super::Reference;
use super::cases::Case;
use super::conf::Conf;
use super::configuration::{LINES, SMALL_TREES_AS};
use super::kernel::{Arch, KernelTree, is_of_line, version_of};
use super::settings::Merged;
use crate::process::{Finished, Run};
use crate::report::{Check, Outcome, same_text};

/// How a kernel is answered for.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    /// As since 26.11.
    late: bool,
    pub(crate) auto_modules: bool,
    pub(crate) prefer_builtin: bool,
    pub(crate) ignore_config_errors: bool,
}

/// Both generations of the driver, and each of its switches.
const MANNERS: [Manner; 2] = [
    Manner {
        late: true,
        auto_modules: true,
        prefer_builtin: false,
        ignore_config_errors: false,
    },
    Manner {
        late: false,
        auto_modules: false,
        prefer_builtin: true,
        ignore_config_errors: true,
    },
];

/// How a kernel is answered for where a whole driven run takes long.
pub(crate) const USUAL: Manner = MANNERS[0];

impl Manner {
    fn name(self) -> &'static str {
        if self.late { "late" } else { "early" }
    }

    /// The flags that our program and `drive` share.
    fn flags(self) -> Vec<&'static str> {
        let mut flags = Vec::new();
        for (flag, is_set) in [
            ("--auto-modules", self.auto_modules),
            ("--prefer-builtin", self.prefer_builtin),
            ("--ignore-config-errors", self.ignore_config_errors),
        ] {
            flags.extend(is_set.then_some(flag));
        }
        flags
    }

    fn release(self) -> &'static str {
        if self.late { "unstable" } else { "26.05" }
    }
}

/// Compares every case on a small tree in every manner, and those that say so on the tree of
/// their kernel.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    let cases = match Case::all(&reference.workspace) {
        Ok(cases) => cases,
        Err(error) => return vec![Check::new("answering", Err(error))],
    };
    let mut jobs = Vec::new();
    for case in cases.iter().filter(|case| case.is_answered()) {
        let merged = Merged::by_nix(reference, case, None)
            .and_then(|merged| merged.map_err(|message| anyhow::anyhow!(message)));
        for manner in MANNERS {
            let job = match &merged {
                Ok(merged) => Job::prepare(reference, case, merged, manner),
                Err(error) => Err(anyhow::anyhow!("{error:#}")),
            };
            jobs.push((case, manner, job));
        }
    }
    // What is driven waits for answers most of the time.
    jobs.into_par_iter()
        .map(|(case, manner, job)| {
            let name = format!("answering/{} ({})", case.name, manner.name());
            Check::new(name, job.and_then(|job| job.compare(reference, case)))
        })
        .collect()
}

/// One comparison, ready to be made.
struct Job {
    driven: Driven,
    /// The tree that we are told of.
    source: PathBuf,
    /// With the answers and a `.config` to start from.
    folder: TempDir,
}

impl Job {
    fn prepare(
        reference: &Reference,
        case: &Case,
        merged: &Merged,
        manner: Manner,
    ) -> Result<Self> {
        let line = if case.source().is_some() {
            SMALL_TREES_AS
        } else {
            let version = merged.version.as_deref();
            let version = version.context("the kernel's version is not known")?;
            LINES
                .into_iter()
                .find(|line| is_of_line(version, line))
                .with_context(|| format!("no release line is set up for a kernel {version}"))?
        };
        let tree = KernelTree::acquire(&reference.cache, &reference.kernel_sources, line)?;
        let arch = Arch::of_system(&case.system)?;
        let folder = tempfile::tempdir()?;
        let answers = folder.path().join("answers");
        fs::write(&answers, merged.intermediate(manner.late))?;
        let driven = Driven {
            conf: Conf::acquire(&reference.cache, &tree, arch)?,
            marked: Conf::marked(&reference.cache, &tree, arch)?,
            source: case
                .source()
                .map(|source| source.canonicalize())
                .transpose()?,
            answers,
            manner,
            driver: reference.driver.clone(),
        };
        let base = match &driven.source {
            Some(source) => driven.small_defconfig(folder.path(), &arch.defconfig_in(source))?,
            None => fs::read_to_string(tree.made_defconfig(arch)?)?,
        };
        fs::write(folder.path().join(".config"), base)?;
        Ok(Self {
            source: driven.source.clone().unwrap_or(tree.source),
            driven,
            folder,
        })
    }

    fn compare(&self, reference: &Reference, case: &Case) -> Result<Outcome> {
        let manner = self.driven.manner;
        let driver = self.driven.run(self.folder.path())?.finish()?;
        let theirs = fs::read_to_string(self.folder.path().join(".config"))?;
        let ours = Run::new(&reference.program)
            .arg("build")
            .arg("--answers")
            .arg(&self.driven.answers)
            .arg("--source")
            .arg(&self.source)
            .args(["--system", &case.system])
            .args(["--nixpkgs-release", manner.release()])
            .args(["--no-auto-modules", "--no-prefer-builtin"])
            .args(manner.flags())
            .finish()?;
        if !matches!(ours.status.code(), Some(0 | 1)) {
            bail!("nix-kconfig: {}\n{}", ours.status, ours.stderr);
        }
        if case.source().is_some() && manner.late {
            let file = case.expected_answering();
            if reference.bless {
                fs::write(&file, &theirs)?;
            }
            let expected = fs::read_to_string(&file).with_context(|| {
                format!("{} is not there (`--bless` writes it)", file.display())
            })?;
            let outcome = same_text(("conf, driven", &theirs), ("expected", &expected));
            if !matches!(outcome, Outcome::Passed) {
                return Ok(outcome);
            }
        }
        let outcome = same_text(("conf, driven", &theirs), ("nix-kconfig", &ours.text()));
        if !matches!(outcome, Outcome::Passed) {
            return Ok(outcome);
        }
        Ok(same_text(
            ("the driver says", &said(&driver)),
            ("nix-kconfig says", &said(&ours)),
        ))
    }
}

/// The lines of standard error that the driver means.
fn said(run: &Finished) -> String {
    let lines = run.stderr.lines().filter(|line| {
        [
            "error: ",
            "warning: ",
            "repeated question: ",
            "conflicting answers!",
        ]
        .iter()
        .any(|start| line.starts_with(start))
    });
    lines
        // Perl tells where it died.
        .map(|line| line.split(" at /").next().unwrap_or(line))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// A driven `conf`.
pub(crate) struct Driven {
    pub(crate) conf: Conf,
    /// The `conf` that marks its questions.
    pub(crate) marked: PathBuf,
    /// A small tree, in place of the kernel's.
    pub(crate) source: Option<PathBuf>,
    pub(crate) answers: PathBuf,
    pub(crate) manner: Manner,
    /// nixpkgs' driver, in place of ours.
    pub(crate) driver: Option<PathBuf>,
}

impl Driven {
    /// A run of the driver in a folder with a `.config`.
    pub(crate) fn run(&self, folder: &Path) -> Result<Run> {
        let run = match &self.driver {
            None => {
                let mut flags = self.manner.flags();
                flags.extend(self.manner.late.then_some("--late"));
                self.conf
                    .run(&std::env::current_exe()?, folder)
                    .arg("drive")
                    .args(flags)
                    .arg(&self.marked)
                    .arg(&self.answers)
            }
            Some(driver) => {
                let programs = fake_make(folder, &self.marked)?;
                let flag = |is_set| if is_set { "1" } else { "" };
                let path = std::env::var("PATH").unwrap_or_default();
                self.conf
                    .run(Path::new("perl"), folder)
                    .arg("-w")
                    .arg(driver)
                    .env("PATH", format!("{}:{path}", programs.display()))
                    .env("KERNEL_CONFIG", &self.answers)
                    .env("AUTO_MODULES", flag(self.manner.auto_modules))
                    .env("PREFER_BUILTIN", flag(self.manner.prefer_builtin))
                    .env("ignoreConfigErrors", flag(self.manner.ignore_config_errors))
                    .env("BUILD_ROOT", folder)
                    .env("SRC", ".")
                    .env("MAKE_FLAGS", "")
                    .env("DEBUG", "")
            }
        };
        let run = match &self.source {
            Some(source) => on_small_tree(run, source)?,
            None => run,
        };
        Ok(run.timeout(Duration::from_secs(900)))
    }

    /// What `conf --defconfig` makes on a small tree.
    fn small_defconfig(&self, folder: &Path, file: &Path) -> Result<String> {
        let mut run = self
            .conf
            .run(&self.conf.program, folder)
            .arg(format!("--defconfig={}", file.display()))
            .arg("Kconfig");
        if let Some(source) = &self.source {
            run = on_small_tree(run, source)?;
        }
        run.succeed()?;
        Ok(fs::read_to_string(folder.join(".config"))?)
    }
}

/// As a small tree's own makefile would call it.
fn on_small_tree(run: Run, source: &Path) -> Result<Run> {
    Ok(run
        .env("srctree", source)
        .env("KERNELVERSION", version_of(source)?))
}

/// A folder with a `make` that knows one target: what nixpkgs' driver calls, without building
/// anything before.
fn fake_make(folder: &Path, conf: &Path) -> Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let programs = folder.join("programs");
    fs::create_dir_all(&programs)?;
    let make = programs.join("make");
    let script = format!(
        "#!/bin/sh\nexec '{}' --oldaskconfig Kconfig\n",
        conf.display()
    );
    fs::write(&make, script)?;
    fs::set_permissions(&make, fs::Permissions::from_mode(0o755))?;
    Ok(programs)
}
