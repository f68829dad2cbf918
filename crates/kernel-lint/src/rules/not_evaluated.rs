//! `not-evaluated`

use crate::rule::{Check, Level, Rule};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "not-evaluated",
    summary: "A kernel could not be evaluated, so that some rules were not looked for",
    documentation: "\
Rules that compare definitions need the kernel's value. A kernel that wants something that is not there (a package's
inside, a file) has none; `--nixpkgs DIR` gives it a real nixpkgs, `--kernel-version` a version.
",
    level: Level::Note,
    check: Check::Evaluator,
};
