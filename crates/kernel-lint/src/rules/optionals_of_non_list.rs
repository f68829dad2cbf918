//! `optionals-of-non-list`

use findings::{Applicability, Finding};
use rnix::ast::Expr;
use rowan::ast::AstNode;

use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::{Call, bare, path};
use crate::syntax::range;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "optionals-of-non-list",
    summary: "`optionals` is given something that is no list, or `optional` a list",
    documentation: "\
`lib.optionals` takes a list and gives it or an empty one; `lib.optional` takes one element. With a set in place of
the list, `++` fails with `expected a list but found a set` where the condition holds, and only there.

```nix
kernelPatches ++ lib.optionals isServer { name = \"nfs\"; patch = null; } # wrong
kernelPatches ++ lib.optional isServer { name = \"nfs\"; patch = null; }
```

Reported are operands of `++`, and what patches are put together of: there, too, a list that is given to
`lib.optional`, which would be an entry of its own.
",
    level: Level::Deny,
    check: Check::Syntax(check),
};

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    for node in file.root.descendants() {
        let Some(call) = Call::whole(&node) else {
            continue;
        };
        let is_lib = path(&call.function).is_some_and(|path| {
            path.len() == 1
                || path
                    .iter()
                    .any(|name| matches!(name.as_str(), "lib" | "lists"))
        });
        let [_, given] = call.arguments.as_slice() else {
            continue;
        };
        let given = bare(given.clone());
        let (instead, what) = match (call.name.as_str(), &given) {
            ("optionals", Expr::AttrSet(_)) if is_among_lists(&node) => {
                ("optional", "a set, not a list")
            }
            ("optionals", Expr::Str(_)) if is_among_lists(&node) => {
                ("optional", "a string, not a list")
            }
            ("optional", Expr::List(_)) if is_among_patches(&node) => {
                ("optionals", "a list, which becomes one entry")
            }
            _ => continue,
        };
        if !is_lib {
            continue;
        }
        let function = range(call.function.syntax());
        let name = function.end.saturating_sub(call.name.len())..function.end;
        let finding = RULE
            .finding(format!("`{}' is given {what}", call.name))
            .with_label(file.label(name.clone(), what))
            .with_fix(file.replace(Applicability::Safe, name, instead));
        out.push(finding);
    }
}

/// Whether a list is wanted: for `++`, or for `kernelPatches`. A builder takes a single string for
/// a list as well.
fn is_among_lists(node: &rnix::SyntaxNode) -> bool {
    let mut around = node
        .ancestors()
        .skip(1)
        .skip_while(|node| node.kind() == rnix::SyntaxKind::NODE_PAREN);
    let concatenated = around
        .next()
        .and_then(rnix::ast::BinOp::cast)
        .is_some_and(|operation| operation.operator() == Some(rnix::ast::BinOpKind::Concat));
    concatenated || is_among_patches(node)
}

/// Whether it is part of the value of `kernelPatches`.
fn is_among_patches(node: &rnix::SyntaxNode) -> bool {
    let mut ancestors = node.ancestors().skip(1);
    ancestors
        .find_map(rnix::ast::AttrpathValue::cast)
        .and_then(|entry| crate::syntax::path_of(&entry))
        .is_some_and(|path| path.last().is_some_and(|(name, _)| name == "kernelPatches"))
}
