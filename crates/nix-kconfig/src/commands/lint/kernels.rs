//! Kernels in the files that are looked at: evaluated, and resolved where there is a tree.

use findings::{Finding, Source as Text};
use kconfig::Tree;
use kernel_config::Platform;
use kernel_lint::{EvaluatedKernel, Linter, ResolvedKernel, redundant_answers};
use kernel_resolve::{Answering, Source, resolve};
use rayon::prelude::*;

use super::inputs::Input;
use super::{Args, Outcome};
use crate::answering::AnsweringArgs;
use crate::kernel_input::Evaluated;
use crate::patch_files::{self, PatchText};
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
        let resolved = on_tree(args, linter, &source, platform, &whole)?;
        findings.extend(resolved);
    }
    for finding in &mut findings {
        let notes = finding.notes.iter_mut();
        let labels = notes.filter_map(|note| note.label.as_mut());
        let labels = finding.labels.iter_mut().chain(labels);
        let edits = finding.fix.iter_mut().flat_map(|fix| &mut fix.edits);
        let sources = labels
            .map(|label| &mut label.source)
            .chain(edits.map(|edit| &mut edit.source));
        for source in sources {
            rename(source, inputs);
        }
    }
    Ok(findings)
}

/// What decides on how a tree is parsed.
#[derive(PartialEq, Eq)]
struct Needs<'k> {
    system: &'static str,
    version: Option<&'k str>,
    rust: bool,
}

/// Looks at kernels on a tree. It is parsed once for all that need it in the same way, and once more
/// for each that patches it.
fn on_tree(
    args: &Args,
    linter: &Linter,
    source: &Source,
    platform: &'static Platform,
    kernels: &[Evaluated],
) -> Outcome<Vec<Finding>> {
    // Where definitions are in conflict there is nothing to resolve: `check' tells of them.
    let kernels: Vec<&Evaluated> = kernels
        .iter()
        .filter(|kernel| kernel.settings.conflicts.is_empty() && kernel.whole.is_none())
        .collect();
    let platform_of = |kernel: &Evaluated| kernel.platform.unwrap_or(platform);
    let parse = |kernel: &Evaluated, source: &Source| {
        let version = kernel.version.as_deref();
        let needs = KernelNeeds::of(kernel);
        args.toolchain
            .parse(source, platform_of(kernel), version, needs)
    };
    let needs_of = |kernel| Needs {
        system: platform_of(kernel).system,
        version: kernel.version.as_deref(),
        rust: KernelNeeds::of(kernel).rust,
    };
    let mut alike: Vec<(Needs<'_>, &Evaluated)> = Vec::new();
    for kernel in kernels.iter().filter(|kernel| !is_patched(kernel)) {
        let needs = needs_of(kernel);
        if !alike.iter().any(|(known, _)| *known == needs) {
            alike.push((needs, kernel));
        }
    }
    let trees: Vec<Outcome<Tree>> = alike
        .par_iter()
        .map(|(_, kernel)| parse(kernel, source))
        .collect();
    let looked: Vec<Outcome<Vec<Finding>>> = kernels
        .par_iter()
        .map(|kernel| {
            let look = |source: &Source, tree: &Tree| {
                on_parsed(args, linter, source, tree, platform_of(kernel), kernel)
            };
            if is_patched(kernel) {
                let patched = patch_files::apply(source, &kernel.patches)?;
                return look(&patched.source, &parse(kernel, &patched.source)?);
            }
            let needs = needs_of(kernel);
            let shared = alike.iter().position(|(known, _)| *known == needs);
            match shared.and_then(|index| trees.get(index)) {
                Some(Ok(tree)) => look(source, tree),
                Some(Err(error)) => Err(error.clone()),
                None => look(source, &parse(kernel, source)?),
            }
        })
        .collect();
    let looked: Outcome<Vec<_>> = looked.into_iter().collect();
    Ok(looked?.into_iter().flatten().collect())
}

fn is_patched(kernel: &Evaluated) -> bool {
    kernel.patches.iter().any(PatchText::is_read)
}

/// Resolves a kernel in both ways of answering.
fn on_parsed(
    args: &Args,
    linter: &Linter,
    source: &Source,
    tree: &Tree,
    platform: &'static Platform,
    kernel: &Evaluated,
) -> Outcome<Vec<Finding>> {
    let answers = kernel.answers()?;
    let base = args.base.base(source, platform, kernel)?;
    let driver = AnsweringArgs::default().driver(platform, kernel);
    let nixpkgs = resolve(tree, &base, &answers, Answering::Nixpkgs(driver));
    let stopped = nixpkgs
        .driver
        .as_ref()
        .is_some_and(|it| !it.stops.is_empty());
    let olddefconfig = resolve(tree, &base, &answers, Answering::Olddefconfig);
    let redundant = if linter.levels.of("answer-is-default").severity().is_some() {
        redundant_answers(tree, &base, &answers)
    } else {
        Vec::new()
    };
    Ok(linter.resolved(&ResolvedKernel {
        tree,
        answers: &answers,
        ignores_errors: kernel.ignore_config_errors == Some(true),
        driver: (!stopped).then_some(&nixpkgs.fates[..]),
        olddefconfig: &olddefconfig.fates,
        redundant: &redundant,
    }))
}

/// Gives one of the files the name by which the user knows it.
fn rename(source: &mut Text, inputs: &[Input]) {
    let input = inputs.iter().find(|input| {
        input.path.as_os_str() == source.name() && input.source.text() == source.text()
    });
    if let Some(input) = input {
        *source = Text::clone(&input.source);
    }
}
