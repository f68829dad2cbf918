//! Every front end of `conf` on real kernels, ours beside the kernel's own: what is printed,
//! the exit status and every file that is left, byte for byte.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use kconfig::conf::{Invocation, main as conf};
use kconfig::{Environment, Prober};
use rayon::prelude::*;

use super::Reference;
use super::answers::Answers;
use super::conf::Conf;
use super::configuration::LINES;
use super::kernel::{Arch, KernelTree};
use crate::process::Run;
use crate::report::{Check, Outcome, same_text};

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

/// What a run left behind.
struct Left {
    status: i32,
    stdout: String,
    stderr: String,
    files: BTreeMap<String, Vec<u8>>,
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
    let mut chance = Chance(1);
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
    let mut chance = Chance(number + 1);
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

/// Numbers that look random and are the same everywhere (a linear congruential generator).
struct Chance(u64);

impl Chance {
    fn pick<'c, T>(&mut self, from: &'c [T]) -> &'c T {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        &from[(self.0 >> 33) as usize % from.len()]
    }
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
        if theirs.status != ours.status {
            return Ok(Outcome::Failed(format!(
                "conf ended with {}, ours with {}\n{}\n{}",
                theirs.status, ours.status, theirs.stderr, ours.stderr
            )));
        }
        for (what, theirs, ours) in [
            ("standard output", &theirs.stdout, &ours.stdout),
            ("standard error", &theirs.stderr, &ours.stderr),
        ] {
            if theirs != ours {
                let (conf, own) = (format!("conf, {what}"), format!("ours, {what}"));
                return Ok(same_text((&conf, theirs), (&own, ours)));
            }
        }
        let mut names: Vec<&String> = theirs.files.keys().chain(ours.files.keys()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let text = |left: &Left| match left.files.get(name) {
                Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                None => "(no such file)".to_owned(),
            };
            if theirs.files.get(name) != ours.files.get(name) {
                let (conf, own) = (format!("conf, {name}"), format!("ours, {name}"));
                return Ok(same_text((&conf, &text(&theirs)), (&own, &text(&ours))));
            }
        }
        Ok(Outcome::Passed)
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
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut prober = self.answers.prober();
        let prober: &mut dyn Prober = &mut prober;
        let status = conf(Invocation {
            arguments: &arguments,
            environment: &environment,
            folder: folder.path(),
            stdin: &mut scenario.stdin.as_bytes(),
            stdout: &mut stdout,
            stderr: &mut stderr,
            is_terminal: false,
            prober: Some(prober),
            generation: None,
        });
        Ok(Left {
            status: i32::from(status),
            stdout: String::from_utf8_lossy(&stdout).into_owned(),
            stderr: String::from_utf8_lossy(&stderr).into_owned(),
            files: files_in(folder.path())?,
        })
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

/// All files below a folder, by their paths from there.
fn files_in(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
                files.insert(name, fs::read(&path)?);
            }
        }
    }
    Ok(files)
}
