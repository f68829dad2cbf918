//! `config-prefix`

use findings::{Applicability, Finding};

use crate::file::File;
use crate::rule::{Check, Level, Rule};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "config-prefix",
    summary: "An option's name starts with `CONFIG_`",
    documentation: "\
`structuredExtraConfig` names options as Kconfig files do, without the prefix that `.config` puts before them. With
it the option is one that no kernel knows: the build ends with `unused option: CONFIG_…`, or the answer is dropped
without a word where it is optional.

```nix
CONFIG_PREEMPT_RT = yes; # wrong
PREEMPT_RT = yes;
```
",
    level: Level::Deny,
    check: Check::Syntax(check),
};

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    for set in &file.facts.answer_sets {
        for answer in &set.answers {
            let Some(bare) = answer.name.strip_prefix("CONFIG_") else {
                continue;
            };
            let mut finding = RULE
                .finding(format!("`{}' has the prefix of .config files", answer.name))
                .with_label(file.label(answer.at.clone(), "no kernel knows this option"));
            let is_taken = set.answers.iter().any(|other| other.name == bare);
            if !is_taken && !bare.is_empty() {
                let fix = file.replace(Applicability::Safe, answer.at.clone(), bare);
                finding = finding.with_fix(fix);
            } else {
                finding = finding.with_help(format!("the option is called `{bare}'"));
            }
            out.push(finding);
        }
    }
}
