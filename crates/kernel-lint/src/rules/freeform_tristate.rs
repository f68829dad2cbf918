//! `freeform-tristate`

use findings::{Applicability, Finding};
use rnix::ast::Expr;
use rowan::ast::AstNode;

use crate::edit::with_parentheses;
use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::{Call, bare, freeform, unwrap};
use crate::syntax::scope::kernel_lib_name;
use crate::syntax::{literal_text, range};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "freeform-tristate",
    summary: "A tristate answer is given as free text: `freeform \"y\"`",
    documentation: "\
`freeform \"y\"` is text that happens to look like an answer. It does not merge with `yes`, `module` and `no` of other
definitions: free text counts before a tristate answer, and different texts conflict, so that nobody's `mkDefault
yes` or better answer is ever compared with it.

```nix
BPF_SYSCALL = freeform \"y\"; # wrong
BPF_SYSCALL = yes;
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
        let meant = match literal_text(&string).as_deref() {
            Some("y") => "yes",
            Some("m") => "module",
            Some("n") => "no",
            _ => continue,
        };
        let at = core.syntax();
        let mut finding = RULE
            .finding(format!(
                "{} is answered by text, not by `{meant}'",
                answer.name
            ))
            .with_label(file.label(range(at), "does not merge with tristate answers"));
        // As the function is written here, so is the answer.
        let written = Call::of(&core).map(|call| call.function.syntax().text().to_string());
        let name = written
            .and_then(|written| Some(format!("{}{meant}", written.strip_suffix("freeform")?)))
            .filter(|name| name.contains('.'))
            .or_else(|| kernel_lib_name(meant, at));
        if let Some(name) = name {
            finding = finding.with_fix(file.replace(
                Applicability::Safe,
                with_parentheses(file.source, at),
                name,
            ));
        }
        out.push(finding);
    }
}
