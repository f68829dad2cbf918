//! `answer-is-default`

use findings::Finding;

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
        out.push(finding);
    }
}
