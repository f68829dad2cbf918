//! Random module sets: what the embedded `lib` evaluates them to, against what Nix
//! does with a nixpkgs' own `lib`. A set that the two disagree about is made smaller
//! as long as they still disagree.

mod programs;

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use proptest::strategy::{Strategy, ValueTree};
use rayon::prelude::*;

use self::programs::ModuleSet;
use super::Reference;
use super::fuzz::seeded_runner;
use super::lib::said;
use crate::process::Run;
use crate::report::{Check, Outcome};

/// A set takes two processes: so many are compared of what is asked of programs.
const ONE_IN: usize = 16;

/// How often a set is made smaller at most.
const MOST_SHRINKS: usize = 100;

/// After so many disagreements there is enough to mend.
const MOST_DISAGREEMENTS: usize = 10;

/// How long one evaluation may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Compares random module sets.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    let sets = reference.fuzz.programs / ONE_IN;
    let name = format!("{sets} random module sets (seed {})", reference.fuzz.seed);
    let Some(lib) = &reference.real_lib else {
        return vec![Check {
            name,
            outcome: Outcome::Skipped("no --lib was given".to_owned()),
        }];
    };
    Check::of_trials(&name, run(&Sides { reference, lib }, sets))
}

/// Who evaluates.
struct Sides<'r> {
    reference: &'r Reference,
    /// A nixpkgs' own `lib`.
    lib: &'r Path,
}

impl Sides<'_> {
    fn theirs(&self, set: &ModuleSet) -> Result<String> {
        let lib = format!("import {}", self.lib.display());
        evaluated(self.reference.nix.instantiate(), &set.program(&lib))
    }

    fn ours(&self, set: &ModuleSet) -> Result<String> {
        let run = Run::new(&self.reference.program).arg("instantiate");
        evaluated(run, &set.program("import <nixpkgs/lib>"))
    }

    fn disagree(&self, set: &ModuleSet) -> Result<bool> {
        Ok(self.theirs(set)? != self.ours(set)?)
    }
}

/// The value, or the message without where.
fn evaluated(run: Run, program: &str) -> Result<String> {
    let finished = run
        .dir(Path::new("/"))
        .env("NIX_PATH", "")
        .args(["--eval", "--strict", "--expr", program])
        .timeout(PATIENCE)
        .finish()?;
    Ok(said(&finished, Path::new("/nowhere/file")))
}

fn run(sides: &Sides<'_>, sets: usize) -> Result<Vec<String>> {
    let mut runner = seeded_runner(sides.reference.fuzz.seed);
    let strategy = programs::module_set();
    let mut trees = Vec::with_capacity(sets);
    for _ in 0..sets {
        match strategy.new_tree(&mut runner) {
            Ok(tree) => trees.push(tree),
            Err(reason) => bail!("no module set can be made: {reason}"),
        }
    }
    let drawn: Vec<ModuleSet> = trees.iter().map(ValueTree::current).collect();
    let wrong: Vec<bool> = drawn
        .par_iter()
        .map(|set| sides.disagree(set))
        .collect::<Result<_>>()?;
    trees
        .into_iter()
        .zip(wrong)
        .filter_map(|(tree, wrong)| wrong.then_some(tree))
        .take(MOST_DISAGREEMENTS)
        .map(|tree| shrunk(sides, tree))
        .collect()
}

/// The smallest set found that the two disagree about, and what each says.
fn shrunk(sides: &Sides<'_>, mut tree: impl ValueTree<Value = ModuleSet>) -> Result<String> {
    let mut smallest = tree.current();
    let mut more = tree.simplify();
    for _ in 0..MOST_SHRINKS {
        if !more {
            break;
        }
        let set = tree.current();
        more = if sides.disagree(&set)? {
            smallest = set;
            tree.simplify()
        } else {
            tree.complicate()
        };
    }
    Ok(format!(
        "{}\n   Nix:  {}\n   ours: {}",
        smallest.program("import <nixpkgs/lib>"),
        sides.theirs(&smallest)?,
        sides.ours(&smallest)?
    ))
}
