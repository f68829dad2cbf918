//! `shadowed-name`

use findings::{Applicability, Finding, Label};
use rnix::ast::{Expr, Ident};
use rowan::ast::AstNode;

use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::{KERNEL_LIB, ends_with_path, kernel_lib};
use crate::syntax::range;
use crate::syntax::scope::{Binding, lib_name, look_up, opens_kernel_lib};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "shadowed-name",
    summary: "A name of `lib.kernel` is taken from somewhere else than `with lib.kernel`",
    documentation: "\
`with lib.kernel;` does not shadow names that are bound around it: an argument or a `let` called `module`, `option`,
`yes` or `no` wins. The answer is then whatever that is.

```nix
{ lib, module, ... }: # `module' is an argument
with lib.kernel; { BTRFS_FS = module; } # … and this is it, not an answer
```
",
    level: Level::Warn,
    check: Check::Syntax(check),
};

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    for answer in file.facts.answers() {
        for ident in answer.value.syntax().descendants().filter_map(Ident::cast) {
            let name = ident.syntax().text().to_string();
            if !KERNEL_LIB.contains(&name.as_str()) || !is_variable(&ident) {
                continue;
            }
            let inside_with = ident
                .syntax()
                .ancestors()
                .filter_map(rnix::ast::With::cast)
                .any(|with| opens_kernel_lib(&with));
            if !inside_with {
                continue;
            }
            let place = match look_up(&name, ident.syntax()) {
                Binding::Argument(at) => at,
                Binding::From(from) if !ends_with_path(&from, &["kernel"]) => from.syntax().clone(),
                Binding::Value(value) if kernel_lib(&value).as_deref() != Some(name.as_str()) => {
                    value.syntax().clone()
                }
                _ => continue,
            };
            let mut finding = RULE
                .finding(format!("`{name}' is not the one of `lib.kernel'"))
                .with_label(file.label(range(ident.syntax()), "`with' does not shadow"))
                .with_label(Label::secondary(file.source, range(&place), "what it is"))
                .with_help(format!(
                    "write `lib.kernel.{name}', or give the other one another name"
                ));
            if let Some(written) = lib_name(&format!("kernel.{name}"), ident.syntax()) {
                let at = range(ident.syntax());
                finding = finding.with_fix(file.replace(Applicability::Unsafe, at, written));
            }
            out.push(finding);
        }
    }
}

/// Whether it is a variable, not the name of an attribute.
fn is_variable(ident: &Ident) -> bool {
    Expr::cast(ident.syntax().clone()).is_some()
        && ident.syntax().parent().is_none_or(|parent| {
            !matches!(
                parent.kind(),
                rnix::SyntaxKind::NODE_ATTRPATH | rnix::SyntaxKind::NODE_INHERIT
            )
        })
}
