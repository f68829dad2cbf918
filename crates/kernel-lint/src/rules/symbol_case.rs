//! `symbol-case`

use findings::{Applicability, Finding};

use crate::file::File;
use crate::rule::{Check, Level, Rule};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "symbol-case",
    summary: "An option's name is in lower case",
    documentation: "\
Kconfig symbols are case-sensitive, and no symbol of Linux starts with a lower-case letter. Such an option is one
that no kernel knows: the build ends with `unused option: …`.

```nix
preempt_rt = yes; # wrong
PREEMPT_RT = yes;
```
",
    level: Level::Deny,
    check: Check::Syntax(check),
};

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    for set in &file.facts.answer_sets {
        for answer in &set.answers {
            let starts_lower = answer
                .name
                .starts_with(|first: char| first.is_ascii_lowercase());
            let is_symbol = answer
                .name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            // What a definition of the module system has: `_type`, `content`, `tristate`.
            let is_item = matches!(answer.name.as_str(), "tristate" | "freeform" | "optional");
            if !starts_lower || !is_symbol || is_item {
                continue;
            }
            let upper = answer.name.to_ascii_uppercase();
            let mut finding = RULE
                .finding(format!("`{}' is in lower case", answer.name))
                .with_label(file.label(answer.at.clone(), "no kernel knows this option"));
            if !set.answers.iter().any(|other| other.name == upper) {
                finding =
                    finding.with_fix(file.replace(Applicability::Safe, answer.at.clone(), upper));
            }
            out.push(finding);
        }
    }
}
