//! `order-dependent-answer`

use findings::Finding;
use kernel_resolve::{Fate, Outcome};

use crate::kernel::{ResolvedKernel, label_of};
use crate::rule::{Check, Level, Rule};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "order-dependent-answer",
    summary: "An answer is reached in only one of nixpkgs' and olddefconfig's ways",
    documentation: "\
nixpkgs answers the kernel's questions one after the other, and what is asked early is pinned before what would
change it is answered. `make olddefconfig` reads all answers at once. Where only one of them reaches an answer, the
outcome hangs on the order of Kconfig files, and can change with the next kernel. Say what the option depends on, too.
",
    level: Level::Note,
    check: Check::Tree(check),
};

fn check(kernel: &ResolvedKernel<'_>, out: &mut Vec<Finding>) {
    let Some(driver) = kernel.driver else { return };
    for fate in driver {
        let Some(other) = kernel.olddefconfig.iter().find(|it| it.name == fate.name) else {
            continue;
        };
        let (lost, reached_by, lost_by) = match (&fate.outcome, &other.outcome) {
            (Outcome::Reached, Outcome::Reached) => continue,
            (Outcome::Reached, _) => (other, "nixpkgs' way", "`olddefconfig'"),
            (_, Outcome::Reached) => (fate, "`olddefconfig'", "nixpkgs' way"),
            _ => continue,
        };
        let mut finding = RULE
            .finding(format!(
                "{} is reached by {reached_by}, and not by {lost_by}",
                fate.name
            ))
            .with_help(complaint(lost));
        if let Some(answer) = kernel.answers.get(&fate.name) {
            let labels = answer
                .origin
                .winning()
                .filter_map(|it| label_of(it, it.shown.clone()));
            finding.labels.extend(labels);
        }
        out.push(finding);
    }
}

fn complaint(fate: &Fate) -> String {
    fate.complaint().unwrap_or_default()
}
