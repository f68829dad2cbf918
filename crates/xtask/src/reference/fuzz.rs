//! Random programs: what ours evaluates them to, against what Nix does. A program
//! that the two disagree about is made smaller as long as they still disagree.

mod programs;

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use nix_eval::{Bump, Evaluator, Options, Origin};
use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rayon::prelude::*;

use super::Reference;
use super::nix::{Nix, error_message};
use crate::report::Check;

/// So many programs are given to one Nix.
const BATCH: usize = 200;

/// Of programs that fail, each takes a Nix of its own: so many are compared.
const MOST_FAILURES: usize = 200;

/// How often a program is made smaller at most.
const MOST_SHRINKS: usize = 200;

/// After so many disagreements there is enough to mend.
const MOST_DISAGREEMENTS: usize = 20;

/// How long one Nix may take for a batch.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a program comes to: what is printed, or the first line of the error.
type Outcomes = std::result::Result<String, String>;

/// What stands between the results of two programs, as a program.
const BETWEEN: &str = "\"#\"";

/// How many programs are compared, and which.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) programs: usize,
    pub(crate) seed: u64,
}

/// Compares random programs.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    let Extent { programs, seed } = reference.fuzz;
    let name = format!("{programs} random programs (seed {seed})");
    Check::of_trials(&name, run(&reference.nix, reference.fuzz))
}

type Tree = Box<dyn ValueTree<Value = String>>;

fn run(nix: &Nix, extent: Extent) -> Result<Vec<String>> {
    let mut runner = seeded_runner(extent.seed);
    let strategy: BoxedStrategy<String> = programs::program();
    let mut succeeding = Vec::new();
    let mut failing = Vec::new();
    for _ in 0..extent.programs {
        let tree: Tree = match strategy.new_tree(&mut runner) {
            Ok(tree) => Box::new(tree),
            Err(reason) => bail!("no program can be made: {reason}"),
        };
        let ours = ours(&tree.current());
        if ours.is_ok() {
            succeeding.push((tree, ours));
        } else if failing.len() < MOST_FAILURES {
            failing.push((tree, ours));
        }
    }
    let mut suspects: Vec<Tree> = Vec::new();
    for batch in succeeding.chunks_mut(BATCH) {
        let programs: Vec<(String, Outcomes)> = batch
            .iter()
            .map(|(tree, ours)| (tree.current(), ours.clone()))
            .collect();
        for index in differing(nix, &programs)? {
            // The tree itself is needed to make the program smaller.
            let placeholder: Tree = Box::new(Fixed);
            suspects.push(std::mem::replace(&mut batch[index].0, placeholder));
        }
    }
    let texts: Vec<(String, Outcomes)> = failing
        .iter()
        .map(|(tree, ours)| (tree.current(), ours.clone()))
        .collect();
    let wrong: Vec<bool> = texts
        .par_iter()
        .map(|(program, ours)| Ok(theirs(nix, program)? != *ours))
        .collect::<Result<_>>()?;
    suspects.extend(
        failing
            .into_iter()
            .zip(wrong)
            .filter_map(|((tree, _), wrong)| wrong.then_some(tree)),
    );
    suspects
        .into_iter()
        .take(MOST_DISAGREEMENTS)
        .map(|tree| shrunk(nix, tree))
        .collect()
}

/// What draws the same values for the same seed.
pub(crate) fn seeded_runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config::default(), rng)
}

/// A tree that holds nothing any more.
struct Fixed;

impl ValueTree for Fixed {
    type Value = String;

    fn current(&self) -> String {
        String::new()
    }

    fn simplify(&mut self) -> bool {
        false
    }

    fn complicate(&mut self) -> bool {
        false
    }
}

/// Which of several programs that ours evaluates Nix says something else about.
fn differing(nix: &Nix, programs: &[(String, Outcomes)]) -> Result<Vec<usize>> {
    let mut wrong = Vec::new();
    let mut start = 0;
    while start < programs.len() {
        let rest = &programs[start..];
        let finished = nix
            .instantiate()
            .dir(Path::new("/"))
            .args(["--eval", "--strict", "--expr"])
            .args(
                rest.iter()
                    .flat_map(|(program, _)| [program.as_str(), BETWEEN]),
            )
            .timeout(PATIENCE)
            .finish()?;
        let said = finished.text();
        // All up to the first that fails.
        let ends = format!("\n{BETWEEN}\n");
        let shown: Vec<&str> = said.split_terminator(ends.as_str()).collect();
        let complete = said.matches(ends.as_str()).count();
        for (index, (shown, (_, ours))) in shown[..complete].iter().zip(rest).enumerate() {
            if ours.as_deref() != Ok(shown.trim_end_matches('\n')) {
                wrong.push(start + index);
            }
        }
        start += complete;
        if start < programs.len() {
            wrong.push(start);
            start += 1;
        }
    }
    Ok(wrong)
}

fn theirs(nix: &Nix, program: &str) -> Result<Outcomes> {
    let finished = nix
        .instantiate()
        .dir(Path::new("/"))
        .args(["--eval", "--strict", "--expr", program])
        .timeout(PATIENCE)
        .finish()?;
    if finished.status.success() {
        return Ok(Ok(finished.text().trim_end_matches('\n').to_owned()));
    }
    let message = error_message(&finished);
    Ok(Err(message.lines().next().unwrap_or_default().to_owned()))
}

fn ours(program: &str) -> Outcomes {
    let heap = Bump::new();
    let options = Options {
        trace: Box::new(|_| {}),
        timeout: Some(Duration::from_secs(10)),
        ..Options::default()
    };
    let mut evaluator = Evaluator::new(&heap, options);
    evaluator
        .eval_str(program, Path::new("/"), Origin::String)
        .and_then(|value| evaluator.show_deep(value))
        .map(|shown| {
            let shown = String::from_utf8_lossy(&shown);
            shown.trim_end_matches('\n').to_owned()
        })
        .map_err(|error| error.message.lines().next().unwrap_or_default().to_owned())
}

/// The smallest program found that the two disagree about, and what each says.
fn shrunk(nix: &Nix, mut tree: Tree) -> Result<String> {
    let disagree = |program: &str| -> Result<bool> { Ok(theirs(nix, program)? != ours(program)) };
    let mut smallest = tree.current();
    let mut shrinks = 0;
    let mut more = tree.simplify();
    while more && shrinks < MOST_SHRINKS {
        shrinks += 1;
        let program = tree.current();
        more = if disagree(&program)? {
            smallest = program;
            tree.simplify()
        } else {
            tree.complicate()
        };
    }
    let said = |outcome: Outcomes| match outcome {
        Ok(shown) => shown,
        Err(message) => format!("error: {message}"),
    };
    Ok(format!(
        "{smallest}\n   Nix:  {}\n   ours: {}",
        said(theirs(nix, &smallest)?),
        said(ours(&smallest))
    ))
}
