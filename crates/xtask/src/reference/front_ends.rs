//! Every front end of `conf` on real kernels, ours beside the kernel's own: what is printed,
//! the exit status and every file that is left, byte for byte.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use kconfig::Environment;
use rayon::prelude::*;

use super::Reference;
use super::answers::Answers;
use super::conf::Conf;
use super::configuration::LINES;
use super::kernel::{Arch, KernelTree};
use super::left::{self, Left, files_in};
use crate::chance::Chance;
use crate::process::Run;
use crate::report::{Check, Outcome};

const SYSTEMS: [&str; 3] = ["x86_64-linux", "aarch64-linux", "armv7l-linux"];

/// Random configurations a tree, by `randconfig`.
const SEEDS: u32 = 5;
/// Generated fragments a tree.
const FRAGMENTS: u64 = 10;

/// How long a run may take; on a machine with nothing else to do, seconds.
const PATIENCE: Duration = Duration::from_secs(400);

/// One run of `conf`.
struct Scenario {
    name: String,
    args: Vec<String>,
    env: Vec<(&'static str, String)>,
    /// Files that are there before, by their names.
    files: Vec<(&'static str, String)>,
    stdin: String,
}

impl Scenario {
    fn new(front_end: &str, config: Option<&str>) -> Self {
        let mut files = vec![("include/config/auto.conf", String::new())];
        files.extend(config.map(|config| (".config", config.to_owned())));
        Self {
            name: front_end.to_owned(),
            args: vec![format!("--{front_end}")],
            env: Vec::new(),
            files,
            stdin: String::new(),
        }
    }

    fn named(mut self, name: &str) -> Self {
        self.name = format!("{} {name}", self.name);
        self
    }

    fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.push((name, value.into()));
        self
    }

    fn stdin(mut self, text: String) -> Self {
        self.stdin = text;
        self
    }

    fn without_auto_conf(mut self) -> Self {
        self.files.retain(|(name, _)| !name.ends_with("auto.conf"));
        self
    }
}

/// Compares all front ends on all trees.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    let mut checks = Vec::new();
    for line in LINES {
        for system in SYSTEMS {
            match compare_on(reference, line, system) {
                Ok(done) => checks.extend(done),
                Err(error) => {
                    let name = format!("front-ends/{line} {system}");
                    checks.push(Check::new(name, Err(error)));
                }
            }
        }
    }
    checks
}

fn compare_on(reference: &Reference, line: &str, system: &str) -> Result<Vec<Check>> {
    let tree = KernelTree::acquire(&reference.cache, &reference.kernel_sources, line)?;
    let arch = Arch::of_system(system)?;
    let theirs = Conf::acquire(&reference.cache, &tree, arch)?;
    let answers = Answers::open(
        &reference.cache,
        &reference.workspace,
        &format!("answers-{}-{}", tree.version, arch.name),
    )?;
    let side = Sides {
        theirs: &theirs,
        answers: &answers,
    };
    let defconfig = fs::read_to_string(arch.defconfig_in(&tree.source))?;
    // One run that records answers, and gives a whole configuration to go on with.
    let start = Scenario::new("olddefconfig", Some(&defconfig));
    let whole = side.run_theirs(&start)?;
    answers.require_some()?;
    let whole = whole.files.get(".config").context("no .config written")?;
    let whole = String::from_utf8_lossy(whole).into_owned();
    let scenarios = scenarios(&defconfig, &whole);
    Ok(scenarios
        .par_iter()
        .map(|scenario| {
            let name = format!("front-ends/{line} {} {}", arch.name, scenario.name);
            Check::new(name, side.compare(scenario))
        })
        .collect())
}

fn scenarios(defconfig: &str, whole: &str) -> Vec<Scenario> {
    let mut chance = Chance::new(1);
    // Mostly `n`, which keeps questions few: the kernel's program computes everything anew after
    // each.
    let mut answers = |kinds: &[&str]| {
        let lines: Vec<&str> = (0..30_000).map(|_| *chance.pick(kinds)).collect();
        lines.join("\n") + "\n"
    };
    let some = Some(defconfig);
    let mut scenarios = vec![
        Scenario::new("olddefconfig", some),
        Scenario::new("olddefconfig", None).named("without .config"),
        Scenario::new("oldconfig", some).stdin(answers(&[""])),
        Scenario::new("oldconfig", some)
            .named("answered by chance")
            .stdin(answers(&["", "n", "n", "n", "n", "y", "m", "?", "1"])),
        Scenario::new("oldaskconfig", some).stdin(answers(&[""])),
        Scenario::new("oldaskconfig", some)
            .named("answered by chance")
            .stdin(answers(&["", "n", "n", "n", "n", "n", "y", "m", "1", "2"])),
        Scenario::new("syncconfig", Some(whole)),
        Scenario::new("syncconfig", Some(whole))
            .named("for the first time")
            .without_auto_conf(),
        Scenario::new("alldefconfig", None),
        Scenario::new("allnoconfig", None),
        Scenario::new("allyesconfig", None),
        Scenario::new("allmodconfig", None),
        Scenario::new("listnewconfig", some),
        Scenario::new("helpnewconfig", some),
        Scenario::new("yes2modconfig", Some(whole)),
        Scenario::new("mod2yesconfig", Some(whole)),
        Scenario::new("mod2noconfig", Some(whole)),
    ];
    let mut defaults = Scenario::new("defconfig=start", None);
    defaults.files.push(("start", defconfig.to_owned()));
    scenarios.push(defaults);
    scenarios.push(Scenario::new("savedefconfig=saved", Some(whole)));
    let mut seeded = Scenario::new("allnoconfig", None)
        .named("with KCONFIG_ALLCONFIG")
        .env("KCONFIG_ALLCONFIG", "all.config");
    seeded.files.push(("all.config", defconfig.to_owned()));
    scenarios.push(seeded);
    for seed in 0..SEEDS {
        let probability = ["", "50", "30:20", "10:20:30", "90"][seed as usize % 5];
        scenarios.push(
            Scenario::new("randconfig", None)
                .named(&format!("{seed}"))
                .env("KCONFIG_SEED", format!("{:#x}", seed * 7919 + 1))
                .env("KCONFIG_PROBABILITY", probability),
        );
    }
    let names = names(whole);
    for number in 0..FRAGMENTS {
        let config = format!("{defconfig}{}", fragment(&names, number));
        for front_end in ["olddefconfig", "savedefconfig=saved"] {
            scenarios
                .push(Scenario::new(front_end, Some(&config)).named(&format!("fragment {number}")));
        }
    }
    scenarios
}

/// The names of all symbols that a configuration mentions.
fn names(config: &str) -> Vec<&str> {
    config
        .lines()
        .filter_map(|line| {
            let line = line.strip_prefix("# ").unwrap_or(line);
            line.strip_prefix("CONFIG_")?.split(['=', ' ']).next()
        })
        .collect()
}

/// Lines for symbols by chance, with values that fit and that do not.
fn fragment(names: &[&str], number: u64) -> String {
    let mut chance = Chance::new(number + 1);
    let mut text = String::new();
    for _ in 0..200 {
        let name = chance.pick(names);
        let value = chance.pick(&["y", "y", "m", "m", "n", "7", "0x1f", "\"text\"", ""]);
        text.push_str(&match *value {
            "" => format!("# CONFIG_{name} is not set\n"),
            value => format!("CONFIG_{name}={value}\n"),
        });
    }
    text
}

/// The two programs, on one tree.
struct Sides<'a> {
    theirs: &'a Conf,
    answers: &'a Answers,
}

impl Sides<'_> {
    fn compare(&self, scenario: &Scenario) -> Result<Outcome> {
        let theirs = self.run_theirs(scenario)?;
        let ours = self.run_ours(scenario)?;
        Ok(left::compare(&theirs, &ours))
    }

    fn run_theirs(&self, scenario: &Scenario) -> Result<Left> {
        let folder = prepared(scenario)?;
        let mut run: Run = self.theirs.run(&self.theirs.program, folder.path());
        run = self
            .answers
            .give(run)
            .args(&scenario.args)
            .arg("Kconfig")
            .timeout(PATIENCE);
        for (name, value) in &scenario.env {
            run = run.env(name, value);
        }
        let finished = run.input(scenario.stdin.as_bytes())?.finish()?;
        Ok(Left {
            status: finished.status.code().unwrap_or(-1),
            stdout: finished.text(),
            stderr: finished.stderr,
            files: files_in(folder.path())?,
        })
    }

    fn run_ours(&self, scenario: &Scenario) -> Result<Left> {
        let folder = prepared(scenario)?;
        let mut environment: Environment = self.theirs.environment.iter().collect();
        for (name, value) in &scenario.env {
            environment.set(*name, value);
        }
        // Its own name is in some messages.
        let program = self.theirs.program.display().to_string();
        let arguments: Vec<String> = std::iter::once(program)
            .chain(scenario.args.iter().cloned())
            .chain(["Kconfig".to_owned()])
            .collect();
        let mut prober = self.answers.prober();
        left::by_ours(
            folder.path(),
            &arguments,
            &environment,
            &scenario.stdin,
            Some(&mut prober),
        )
    }
}

/// A new folder with the files that a scenario starts from.
fn prepared(scenario: &Scenario) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    for (name, content) in &scenario.files {
        let file = folder.path().join(name);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(file, content)?;
    }
    Ok(folder)
}
