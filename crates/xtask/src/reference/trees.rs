//! Random Kconfig trees: what ours makes of them, against what each release's `conf` does. A tree
//! that the two disagree about is made smaller, line by line, as long as they still disagree.

mod generate;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use kconfig::{Environment, Generation};
use rayon::prelude::*;

use self::generate::{Trial, trial};
use super::Reference;
use super::left::{self, Left};
use super::small::SmallConf;
use crate::report::{Check, Outcome};

/// After so many disagreements with one release there is enough to mend.
const MOST_DISAGREEMENTS: usize = 5;

/// Compares random trees.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    let programs = match SmallConf::acquire_all(reference) {
        Ok(programs) => programs,
        Err(error) => return vec![Check::new("trees", Err(error))],
    };
    programs
        .iter()
        .flat_map(|program| with(program, reference))
        .collect()
}

fn with(program: &SmallConf, reference: &Reference) -> Vec<Check> {
    let count = reference.trees.programs;
    let seed = reference.trees.seed;
    let name = format!("{count} random trees with {} (seed {seed})", program.line);
    let Some(generation) = Generation::from_version(&program.line) else {
        let error = anyhow::anyhow!("{} is no release", program.line);
        return vec![Check::new(name, Err(error))];
    };
    let found = AtomicUsize::new(0);
    let disagreements: Result<Vec<String>> = (0..count)
        .into_par_iter()
        .filter_map(|number| {
            if found.load(Ordering::Relaxed) >= MOST_DISAGREEMENTS {
                return None;
            }
            let trial = trial((seed << 32) + number as u64, generation);
            let disagreement = disagreement(program, &trial)
                .and_then(|differs| {
                    differs
                        .map(|_| {
                            found.fetch_add(1, Ordering::Relaxed);
                            shrunk(program, trial)
                        })
                        .transpose()
                })
                .transpose()?;
            Some(disagreement.with_context(|| format!("tree {number}")))
        })
        .collect();
    Check::of_trials(&name, disagreements)
}

/// How both differ on a trial, if they do. Where the kernel's program crashes, writes without end
/// or reads memory that it should not, it shows no rule.
fn disagreement(program: &SmallConf, trial: &Trial) -> Result<Option<String>> {
    let theirs = {
        let folder = prepared(trial)?;
        program.run(
            folder.path(),
            &trial.args,
            trial.env.iter().copied(),
            trial.stdin.as_bytes(),
        )?
    };
    if theirs.status < 0 {
        return Ok(None);
    }
    Ok(match left::compare(&theirs, &ours(program, trial)?) {
        Outcome::Failed(difference) => Some(difference),
        _ => None,
    })
}

fn ours(program: &SmallConf, trial: &Trial) -> Result<Left> {
    let folder = prepared(trial)?;
    let mut environment: Environment = trial.env.iter().copied().collect();
    environment.set("KERNELVERSION", &program.line);
    let arguments: Vec<String> = std::iter::once("conf".to_owned())
        .chain(trial.args.iter().cloned())
        .collect();
    left::by_ours(folder.path(), &arguments, &environment, &trial.stdin, None)
}

fn prepared(trial: &Trial) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text);
    write("Kconfig", &trial.kconfig)?;
    write(".config", &trial.config)?;
    fs::create_dir_all(folder.path().join(Path::new("include/config")))?;
    write("include/config/auto.conf", "")?;
    Ok(folder)
}

/// The smallest trial found that the two disagree about, and how.
fn shrunk(program: &SmallConf, mut trial: Trial) -> Result<String> {
    loop {
        let before = size(&trial);
        for part in [Part::Kconfig, Part::Config, Part::Stdin] {
            shrink(program, &mut trial, part)?;
        }
        if size(&trial) == before {
            break;
        }
    }
    let difference = disagreement(program, &trial)?.unwrap_or_default();
    let Trial {
        kconfig,
        config,
        stdin,
        args,
        env,
    } = trial;
    Ok(format!(
        "conf {args:?} {env:?}\n{kconfig}--- .config\n{config}--- answers\n{stdin:?}\n{difference}"
    ))
}

fn size(trial: &Trial) -> usize {
    trial.kconfig.len() + trial.config.len() + trial.stdin.len()
}

#[derive(Clone, Copy)]
enum Part {
    Kconfig,
    Config,
    Stdin,
}

impl Part {
    fn of(self, trial: &mut Trial) -> &mut String {
        match self {
            Self::Kconfig => &mut trial.kconfig,
            Self::Config => &mut trial.config,
            Self::Stdin => &mut trial.stdin,
        }
    }
}

/// Leaves out lines, in ever smaller groups.
fn shrink(program: &SmallConf, trial: &mut Trial, part: Part) -> Result<()> {
    let mut lines: Vec<String> = part.of(trial).lines().map(str::to_owned).collect();
    let mut group = lines.len().div_ceil(2).max(1);
    loop {
        let mut start = 0;
        while start < lines.len() {
            let end = (start + group).min(lines.len());
            let rest: Vec<String> = [&lines[..start], &lines[end..]].concat();
            let ends = if rest.is_empty() { "" } else { "\n" };
            let mut smaller = trial.clone();
            *part.of(&mut smaller) = rest.join("\n") + ends;
            if disagreement(program, &smaller)?.is_some() {
                *trial = smaller;
                lines = rest;
            } else {
                start = end;
            }
        }
        if group == 1 {
            return Ok(());
        }
        group = group.div_ceil(2);
    }
}
