//! `unused-allow`

use crate::rule::{Check, Level, Rule};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "unused-allow",
    summary: "A comment allows what is not there",
    documentation: "\
`# nix-kconfig: allow(RULE)` silences findings of a rule on its line or, alone on a line, on the next one;
`allow-file(RULE)` in the whole file. Where nothing is found any more, or there is no such rule, the comment only
misleads. Comments for rules that were not looked for this time are left alone.
",
    level: Level::Warn,
    check: Check::Reader,
};
