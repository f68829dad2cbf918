//! `text-answer`

use findings::{Applicability, Finding};
use rnix::ast::Expr;
use rowan::ast::AstNode;

use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::unwrap;
use crate::syntax::scope::kernel_lib_name;
use crate::syntax::{literal_text, range};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "text-answer",
    summary: "A bare string, number or Boolean stands where an answer of `lib.kernel` is meant",
    documentation: "\
An answer is an attribute set that `lib.kernel` makes. A bare value stops the evaluation: ``The option value
`settings.SND' in `<unknown-file>' is not of type `submodule'``, and the file and line are not told.

```nix
SND = \"n\"; # wrong
SND = lib.kernel.no;

NR_CPUS = 64; # wrong
NR_CPUS = lib.kernel.freeform \"64\";
```
",
    level: Level::Deny,
    check: Check::Syntax(check),
};

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    for answer in file.facts.answers() {
        let (_, core) = unwrap(&answer.value);
        let Some((meant, text)) = meant(&core) else {
            continue;
        };
        let at = core.syntax();
        let shown = file.text(range(at));
        let mut finding = RULE
            .finding(format!(
                "{} is answered by the bare value {shown}",
                answer.name
            ))
            .with_label(file.label(range(at), "not an answer of `lib.kernel'"));
        finding = match kernel_lib_name(meant, at) {
            Some(name) => {
                let replacement = match text {
                    Some(text) => parenthesised(&core, &answer.value, format!("{name} {text}")),
                    None => name,
                };
                finding.with_fix(file.replace(Applicability::Safe, range(at), replacement))
            }
            None => finding.with_help(format!("write `lib.kernel.{meant}', with `lib' in scope")),
        };
        out.push(finding);
    }
}

/// A call in parentheses, where the value is an argument.
fn parenthesised(core: &Expr, value: &Expr, call: String) -> String {
    let is_alone = core.syntax() == value.syntax();
    let in_parentheses = core
        .syntax()
        .parent()
        .is_some_and(|parent| parent.kind() == rnix::SyntaxKind::NODE_PAREN);
    if is_alone || in_parentheses {
        call
    } else {
        format!("({call})")
    }
}

/// The function of `lib.kernel` that is meant by a bare value, and the text that it takes.
fn meant(core: &Expr) -> Option<(&'static str, Option<String>)> {
    match core {
        Expr::Str(string) => Some(match literal_text(string).as_deref() {
            Some("y" | "yes") => ("yes", None),
            Some("m" | "module") => ("module", None),
            Some("n" | "no") => ("no", None),
            _ => ("freeform", Some(string.syntax().text().to_string())),
        }),
        Expr::Literal(literal) => {
            let text = literal.syntax().text().to_string();
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| ("freeform", Some(format!("\"{text}\""))))
        }
        Expr::Ident(ident) => match ident.syntax().text().to_string().as_str() {
            "true" => Some(("yes", None)),
            "false" => Some(("no", None)),
            "null" => Some(("unset", None)),
            _ => None,
        },
        _ => None,
    }
}
