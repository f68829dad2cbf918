//! Kernels in the files that are looked at: evaluated, and resolved where there is a tree.

use findings::{Finding, Label, Source as Text};
use kernel_lint::{EvaluatedKernel, Linter, ResolvedKernel, redundant_answers};
use kernel_resolve::{Answering, Source, resolve};
use rayon::prelude::*;

use super::inputs::Input;
use super::{Args, Outcome};
use crate::answering::AnsweringArgs;
use crate::kernel_input::Evaluated;
use crate::report;
use crate::toolchain::KernelNeeds;

/// Evaluates kernels and looks at them. `inputs` are all files, for the names of places.
pub(super) fn look(
    args: &Args,
    linter: &Linter,
    inputs: &[Input],
    kernels: &[&Input],
) -> Outcome<Vec<Finding>> {
    let platform = args.input.platform()?;
    let tree = args
        .source
        .as_deref()
        .map(|path| args.toolchain.open(path))
        .transpose()?;
    let version = tree.as_ref().and_then(Source::version);
    let evaluated: Vec<_> = kernels
        .par_iter()
        .map(|kernel| {
            let file = kernel.path.display().to_string();
            args.input.evaluate(&file, platform, version)
        })
        .collect();
    let mut findings = Vec::new();
    let mut whole = Vec::new();
    for (kernel, evaluated) in kernels.iter().zip(evaluated) {
        match evaluated {
            Ok(evaluated) => {
                findings.extend(linter.kernel(&EvaluatedKernel {
                    settings: &evaluated.settings,
                    is_whole: evaluated.lacks.is_empty(),
                }));
                whole.push(evaluated);
            }
            Err(mut error) => {
                error.labels.retain(report::is_the_users);
                findings.push(linter.not_evaluated(&kernel.source, &error));
            }
        }
    }
    if let Some(source) = tree {
        for kernel in &whole {
            findings.extend(on_tree(args, linter, &source, kernel)?);
        }
    }
    for finding in &mut findings {
        let notes = finding.notes.iter_mut();
        let labels = notes.filter_map(|note| note.label.as_mut());
        for label in finding.labels.iter_mut().chain(labels) {
            rename(label, inputs);
        }
    }
    Ok(findings)
}

/// Resolves a kernel in both ways of answering.
fn on_tree(
    args: &Args,
    linter: &Linter,
    source: &Source,
    kernel: &Evaluated,
) -> Outcome<Vec<Finding>> {
    let platform = args.input.platform()?;
    // Where definitions are in conflict there is nothing to resolve: `check' tells of them.
    if !kernel.settings.conflicts.is_empty() || kernel.whole.is_some() {
        return Ok(Vec::new());
    }
    let answers = kernel.answers()?;
    let base = args.base.base(source, platform, kernel)?;
    let version = kernel.version.as_deref();
    let needs = KernelNeeds::of(kernel);
    let tree = args.toolchain.parse(source, platform, version, needs)?;
    let driver = AnsweringArgs::default().driver(platform, kernel);
    let nixpkgs = resolve(&tree, &base, &answers, Answering::Nixpkgs(driver));
    let stopped = nixpkgs
        .driver
        .as_ref()
        .is_some_and(|it| !it.stops.is_empty());
    let olddefconfig = resolve(&tree, &base, &answers, Answering::Olddefconfig);
    let redundant = if linter.levels.of("answer-is-default").severity().is_some() {
        redundant_answers(&tree, &base, &answers)
    } else {
        Vec::new()
    };
    Ok(linter.resolved(&ResolvedKernel {
        tree: &tree,
        answers: &answers,
        ignores_errors: kernel.ignore_config_errors == Some(true),
        driver: (!stopped).then_some(&nixpkgs.fates[..]),
        olddefconfig: &olddefconfig.fates,
        redundant: &redundant,
    }))
}

/// Gives a place in one of the files the name by which the user knows it.
fn rename(label: &mut Label, inputs: &[Input]) {
    let name = label.source.name();
    let input = inputs
        .iter()
        .find(|input| input.path.as_os_str() == name && input.source.text() == label.source.text());
    if let Some(input) = input {
        label.source = Text::clone(&input.source);
    }
}
