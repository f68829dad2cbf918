//! `ignored-config-errors`

use findings::{Applicability, Finding, Fix};
use rowan::ast::AstNode;

use crate::facts::Role;
use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::range;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "ignored-config-errors",
    summary: "`ignoreConfigErrors = true` hides answers that were not reached",
    documentation: "\
With `ignoreConfigErrors` every answer that the kernel did not take is a line in a build log, and the kernel is built
without it. Make the answers that may go unused optional (`option`), and let the others be errors. `nix-kconfig lint
--source TREE` lists what is hidden (rule `hidden-config-error`).
",
    level: Level::Warn,
    check: Check::Syntax(check),
};

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    let kernels = file.facts.descriptions.iter();
    for kernel in kernels.filter(|it| it.role == Role::Kernel && it.certain) {
        let Some(entry) = kernel.get("ignoreConfigErrors") else {
            continue;
        };
        let is_true = entry
            .value()
            .is_some_and(|value| value.syntax().text() == "true");
        if !is_true {
            continue;
        }
        let span = range(entry.syntax());
        let fix = file.replace(Applicability::Unsafe, file.with_line(span.clone()), "");
        let finding = RULE
            .finding("answers that the kernel does not take go unnoticed")
            .with_label(file.label(span, "hides them"))
            .with_help("`lib.kernel.option' marks single answers that may go unused")
            .with_fix(Fix {
                title: "remove it".to_owned(),
                ..fix
            });
        out.push(finding);
    }
}
