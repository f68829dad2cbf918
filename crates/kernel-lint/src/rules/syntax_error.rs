//! `syntax-error`

use crate::rule::{Check, Level, Rule};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "syntax-error",
    summary: "A file is not Nix",
    documentation: "\
Nix's parser refuses the file, or a variable in it is bound nowhere. The other files are looked at all the same.
",
    level: Level::Deny,
    check: Check::Reader,
};
