//! `answer-is-default`

use findings::Finding;
use kernel_resolve::Origin;

use crate::edit::WrittenFiles;
use crate::kernel::{ResolvedKernel, label_of};
use crate::rule::{Check, Level, Rule};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "answer-is-default",
    summary: "An answer is what the kernel takes without it",
    documentation: "\
Without this answer, and the others that are reported with it, the final configuration is the same to the byte
(resolved by `olddefconfig`). Many kernels say such things on purpose, against the day when the default changes: the
rule is off, and on with `--warn answer-is-default`.
",
    level: Level::Allow,
    check: Check::Tree(check),
};

fn check(kernel: &ResolvedKernel<'_>, out: &mut Vec<Finding>) {
    let mut files = WrittenFiles::default();
    for name in kernel.redundant {
        let Some(answer) = kernel.answers.get(name) else {
            continue;
        };
        let mut finding = RULE.finding(format!(
            "{name} is `{}' without this answer, too",
            answer.value
        ));
        let labels = answer
            .origin
            .winning()
            .filter_map(|it| label_of(it, it.shown.clone()));
        finding.labels.extend(labels);
        // Behind the one that wins another one may wait.
        if let Origin::Definitions(definitions) = &answer.origin
            && let [only] = &definitions[..]
        {
            let written = files.answer(name, only);
            finding.fix = written.map(|written| written.removal(name));
        }
        out.push(finding);
    }
}
