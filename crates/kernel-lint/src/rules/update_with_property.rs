//! `update-with-property`

use findings::{Applicability, Finding};
use rowan::ast::AstNode;

use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::Call;
use crate::syntax::range;
use crate::syntax::update::{Update, updates};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "update-with-property",
    summary: "`//` has `mkIf` or `mkMerge` as an operand, which throws answers away",
    documentation: "\
`lib.mkIf`, `mkMerge` and `mkForce` give a set that describes a definition (`_type`, `condition`, `content`). What is
joined to one with `//` becomes part of that description, where nobody looks: the other answers are lost.

```nix
{ BTRFS_FS = yes; } // lib.mkIf isServer { NFSD = module; } # wrong: BTRFS_FS is lost
{ BTRFS_FS = yes; } // lib.optionalAttrs isServer { NFSD = module; }
lib.mkMerge [ { BTRFS_FS = yes; } (lib.mkIf isServer { NFSD = module; }) ]
```
",
    level: Level::Deny,
    check: Check::Syntax(check),
};

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    for Update { left, right } in updates(&file.root) {
        let operands = [left, right];
        let has_answers = operands.iter().any(|operand| {
            let sets = &file.facts.answer_sets;
            let inside = range(operand.syntax());
            sets.iter().any(|set| {
                let set = range(&set.node);
                inside.start <= set.start && set.end <= inside.end
            })
        });
        if !has_answers {
            continue;
        }
        for operand in operands {
            let Some(call) = Call::of(&operand) else {
                continue;
            };
            let instead = match (call.name.as_str(), call.arguments.len()) {
                ("mkIf", 2) => "use `lib.optionalAttrs', or put both into `lib.mkMerge [ … ]'",
                ("mkMerge" | "mkForce" | "mkDefault" | "mkBefore" | "mkAfter", 1)
                | ("mkOverride" | "mkOrder", 2) => "put both into `lib.mkMerge [ … ]'",
                _ => continue,
            };
            let mut finding = RULE
                .finding(format!("what `//' joins to `{}' is lost", call.name))
                .with_label(file.label(
                    range(call.function.syntax()),
                    "a definition, not a set of answers",
                ))
                .with_help(instead);
            let function = call.function.syntax();
            let written = function.text().to_string();
            if let (Some(before), "mkIf") = (written.strip_suffix("mkIf"), call.name.as_str())
                && before.ends_with('.')
            {
                finding = finding.with_fix(file.replace(
                    Applicability::Unsafe,
                    range(function),
                    format!("{before}optionalAttrs"),
                ));
            }
            out.push(finding);
        }
    }
}
