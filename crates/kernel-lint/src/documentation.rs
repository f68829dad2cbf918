//! What rules say of themselves.

use crate::rule::Rule;
use crate::rules::RULES;

/// All about a rule, in Markdown.
pub fn page(rule: &Rule) -> String {
    format!(
        "## {}\n\n{}. Default level: {}. Needs {}.\n\n{}",
        rule.name,
        rule.summary,
        rule.level.name(),
        rule.needs(),
        rule.documentation
    )
}

/// The page of all rules, in Markdown.
pub fn rules_page() -> String {
    let mut text = String::from(
        "# Rules\n\nWhat `nix-kconfig lint` looks for; [lint.md](lint.md) says how rules are switched and silenced. \
         This page is\nmade of what the rules say of themselves (`nix-kconfig lint --explain RULE`).\n\n\
         | rule | level | finds |\n| --- | --- | --- |\n",
    );
    for rule in RULES {
        let Rule { name, summary, .. } = rule;
        let level = rule.level.name();
        text.push_str(&format!("| [{name}](#{name}) | {level} | {summary} |\n"));
    }
    for rule in RULES {
        text.push('\n');
        text.push_str(&page(rule));
    }
    text
}
