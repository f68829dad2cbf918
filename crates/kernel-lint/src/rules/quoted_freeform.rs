//! `quoted-freeform`

use findings::{Applicability, Finding};
use rnix::ast::Expr;
use rowan::ast::AstNode;

use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::{bare, freeform, unwrap};
use crate::syntax::{literal_text, range};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "quoted-freeform",
    summary: "Free text has quotes of its own, and would be quoted twice",
    documentation: "\
Kconfig puts the quotes of a string into `.config`. Quotes in the answer are part of the text: the option becomes
`\"\\\"quiet\\\"\"`. (An empty string before nixpkgs 26.11 is the exception: see its release's notes on `freeform`.)

```nix
CMDLINE = freeform \"\\\"quiet\\\"\"; # wrong
CMDLINE = freeform \"quiet\";
```
",
    level: Level::Warn,
    check: Check::Syntax(check),
};

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    for answer in file.facts.answers() {
        let (_, core) = unwrap(&answer.value);
        let Some(Expr::Str(string)) = freeform(&core).map(bare) else {
            continue;
        };
        let Some(text) = literal_text(&string) else {
            continue;
        };
        let inner = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        let Some(inner) = inner.filter(|inner| !inner.is_empty()) else {
            continue;
        };
        let at = range(string.syntax());
        let mut finding = RULE
            .finding(format!("{} would be quoted twice", answer.name))
            .with_label(file.label(at.clone(), "the quotes become part of the text"));
        if !inner.contains(['"', '\\', '\n', '$']) {
            let fix = file.replace(Applicability::Safe, at, format!("\"{inner}\""));
            finding = finding.with_fix(fix);
        }
        out.push(finding);
    }
}
