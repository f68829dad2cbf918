//! `redundant-definition`

use findings::Finding;

use crate::edit::WrittenFiles;
use crate::kernel::{EvaluatedKernel, label_of};
use crate::rule::{Check, Level, Rule};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "redundant-definition",
    summary: "A definition says what another one says already",
    documentation: "\
Two definitions of the same priority give the same answer. That is how a patch can insist on what it needs, and then
it is right; otherwise one of them will be forgotten when the other one changes, and become a conflict.
",
    level: Level::Note,
    check: Check::Kernel(check),
};

fn check(kernel: &EvaluatedKernel<'_>, out: &mut Vec<Finding>) {
    let mut files = WrittenFiles::default();
    for (name, item) in &kernel.settings.items {
        let winning: Vec<_> = item.definitions.iter().filter(|it| it.counts).collect();
        for (index, definition) in winning.iter().enumerate() {
            let mut before = winning.iter().take(index);
            let Some(first) = before.find(|other| other.shown == definition.shown) else {
                continue;
            };
            let mut finding = RULE
                .finding(format!(
                    "{name} is answered with {} already",
                    definition.shown
                ))
                .with_note(
                    format!("{}: {}", first.source, first.shown),
                    label_of(first, "here"),
                );
            finding.labels.extend(label_of(definition, "the same"));
            let written = files.answer(name, definition);
            finding.fix = written.map(|written| written.removal(name));
            out.push(finding);
        }
    }
}
