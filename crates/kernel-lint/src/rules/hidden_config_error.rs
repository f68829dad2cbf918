//! `hidden-config-error`

use findings::Finding;
use kernel_resolve::{Fate, Origin, Outcome};

use crate::kernel::{ResolvedKernel, label_of};
use crate::rule::{Check, Level, Rule};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "hidden-config-error",
    summary: "An answer that was not reached is hidden by `ignoreConfigErrors`",
    documentation: "\
The kernel has `ignoreConfigErrors`, and this is what it hides: a mandatory answer that the kernel did not take. Make
it optional, or mend it.
",
    level: Level::Warn,
    check: Check::Tree(check),
};

fn check(kernel: &ResolvedKernel<'_>, out: &mut Vec<Finding>) {
    if !kernel.ignores_errors {
        return;
    }
    let fates: &[Fate] = kernel.driver.unwrap_or(kernel.olddefconfig);
    for fate in fates {
        if fate.optional || fate.outcome == Outcome::Reached {
            continue;
        }
        let Some(complaint) = fate.complaint() else {
            continue;
        };
        let mut finding = RULE.finding(complaint);
        if let Some(Origin::Definitions(definitions)) =
            kernel.answers.get(&fate.name).map(|answer| &answer.origin)
        {
            let winning = definitions.iter().filter(|definition| definition.counts);
            let labels = winning.filter_map(|it| label_of(it, "hidden by `ignoreConfigErrors'"));
            finding.labels.extend(labels);
        }
        out.push(finding);
    }
}
