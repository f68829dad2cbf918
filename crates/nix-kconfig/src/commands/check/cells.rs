//! Checking many kernels side by side: each tree is read once for all that it is the same for.

use std::collections::HashMap;
use std::sync::Arc;

use findings::Finding;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kconfig::Tree;
use kernel_resolve::Source;
use rayon::prelude::*;

use super::requirements::RequirementList;
use crate::resolution_findings;
use crate::subject::{Kernel, SubjectArgs};
use crate::toolchain::Told;
use crate::tree_input;

type Outcome<T> = Result<T, Box<Finding>>;

/// What reading a tree had to tell, and what came of the cells that share it.
type OfTree = (Told, Vec<(usize, Outcome<Vec<Finding>>)>);

/// A source tree that kernels are checked on.
pub(super) struct TreeInput {
    /// How cells name it.
    pub(super) name: String,
    pub(super) source: Outcome<Source>,
}

/// A kernel on a tree for a system.
pub(super) struct Cell {
    pub(super) kernel_name: String,
    /// What names it; none where the answers are given.
    pub(super) kernel: Option<String>,
    /// Which of the trees.
    pub(super) tree: usize,
    pub(super) subject: SubjectArgs,
    pub(super) require: Vec<Arc<RequirementList>>,
}

/// What came of a cell.
pub(super) struct Checked {
    /// The system that it was checked for.
    pub(super) system: String,
    /// What was found, or why it could not be looked at.
    pub(super) findings: Outcome<Vec<Finding>>,
}

/// What is the same for cells that share a parsed tree.
#[derive(PartialEq, Eq, Hash)]
struct TreeKey {
    /// The files: those of a tree that no patch changes are the same for all its kernels.
    files: *const (),
    system: &'static str,
    /// What the toolchain is chosen by.
    toolchain: String,
    /// The kernel's version, where the tree says none.
    version: Option<String>,
}

/// Checks all cells. What reading trees has to tell is told on standard error at the end.
pub(super) fn check(cells: &[Cell], trees: &[TreeInput], previous: Option<&Tree>) -> Vec<Checked> {
    let progress = progress_bar(cells.len());
    let kernels: Vec<Outcome<Kernel>> = cells
        .par_iter()
        .map(|cell| {
            let kernel = cell.kernel(trees);
            if kernel.is_err() {
                progress.inc(1);
            }
            kernel
        })
        .collect();
    let mut checked: Vec<Checked> = cells
        .iter()
        .zip(&kernels)
        .map(|(cell, kernel)| Checked {
            system: cell.system(kernel.as_ref().ok()),
            findings: Ok(Vec::new()),
        })
        .collect();
    let mut groups: Vec<Vec<(usize, Kernel)>> = Vec::new();
    let mut by_key: HashMap<TreeKey, usize> = HashMap::new();
    for (index, kernel) in kernels.into_iter().enumerate() {
        match kernel.and_then(|kernel| Ok((cells[index].tree_key(&kernel)?, kernel))) {
            Ok((key, kernel)) => {
                let group = *by_key.entry(key).or_insert(groups.len());
                if group == groups.len() {
                    groups.push(Vec::new());
                }
                groups[group].push((index, kernel));
            }
            Err(error) => checked[index].findings = Err(error),
        }
    }
    let done: Vec<OfTree> = groups
        .into_par_iter()
        .map(|kernels| check_on_one_tree(cells, kernels, previous, &progress))
        .collect();
    progress.finish_and_clear();
    for (told, outcomes) in done {
        let first = outcomes.first().filter(|_| cells.len() > 1);
        let tree = first.map(|(index, _)| {
            let tree = &trees[cells[*index].tree].name;
            format!("{tree} for {}", checked[*index].system)
        });
        told.tell(tree.as_deref());
        for (index, outcome) in outcomes {
            checked[index].findings = outcome;
        }
    }
    checked
}

/// A bar on standard error, where that is a terminal and there is something to wait for.
fn progress_bar(cells: usize) -> ProgressBar {
    let is_plain = findings::Style::of_stderr().plain;
    let target = if cells > 1 && !is_plain {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(cells as u64), target);
    match ProgressStyle::with_template("checking {bar:30} {pos}/{len} {wide_msg}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Reads the tree that kernels share, and checks them on it.
fn check_on_one_tree(
    cells: &[Cell],
    kernels: Vec<(usize, Kernel)>,
    previous: Option<&Tree>,
    progress: &ProgressBar,
) -> OfTree {
    let Some((first, kernel)) = kernels.first() else {
        return (Told::default(), Vec::new());
    };
    let subject = &cells[*first].subject;
    let (tree, told) = subject.parse_untold(&kernel.source, Some(&kernel.evaluated));
    let outcomes = kernels
        .into_par_iter()
        .map(|(index, kernel)| {
            let cell = &cells[index];
            progress.set_message(cell.kernel_name.clone());
            let outcome = match &tree {
                Ok(tree) => Ok(cell.findings(&kernel, tree, previous)),
                Err(error) => Err(error.clone()),
            };
            progress.inc(1);
            (index, outcome)
        })
        .collect();
    (told, outcomes)
}

impl Cell {
    fn kernel(&self, trees: &[TreeInput]) -> Outcome<Kernel> {
        let source = trees[self.tree].source.as_ref().map_err(Box::clone)?;
        self.subject.untold_kernel(self.kernel.as_deref(), source)
    }

    /// The system that the kernel is for: its own, or the one that is asked for.
    fn system(&self, kernel: Option<&Kernel>) -> String {
        let own = kernel.and_then(|kernel| kernel.evaluated.platform);
        match own {
            Some(platform) => platform.system.to_owned(),
            None => self.subject.input.system_name(),
        }
    }

    fn tree_key(&self, kernel: &Kernel) -> Outcome<TreeKey> {
        let evaluated = &kernel.evaluated;
        let version = evaluated.version.clone();
        Ok(TreeKey {
            files: Arc::as_ptr(kernel.source.files()).cast(),
            system: match evaluated.platform {
                Some(platform) => platform.system,
                None => self.subject.input.platform()?.system,
            },
            toolchain: self.subject.toolchain.key(evaluated),
            version: version.filter(|_| kernel.source.version().is_none()),
        })
    }

    /// All that is the matter with a kernel on a tree.
    fn findings(&self, kernel: &Kernel, tree: &Tree, previous: Option<&Tree>) -> Vec<Finding> {
        let mut resolution = kernel.resolution(tree);
        let mut findings = kernel.evaluated.findings();
        findings.extend(tree_input::version_mismatch(
            &kernel.evaluated,
            &kernel.source,
        ));
        findings.extend(kernel.unapplied.iter().cloned());
        findings.extend(kernel.removals.findings(tree));
        let warnings = resolution.warnings.iter();
        findings.extend(warnings.map(|it| Finding::warning("configuration", it.to_string())));
        let resolved = resolution_findings::Resolved {
            resolution: &resolution,
            answers: &kernel.answers,
            again: &|answers| kernel.resolution_of(tree, answers),
            previous,
            source: &kernel.source,
        };
        findings.extend(resolved.findings());
        for list in &self.require {
            list.check(&mut resolution, &kernel.answers, &mut findings);
        }
        findings
    }
}
