//! `discarded-config`

use findings::{Finding, Label};
use rnix::ast::{BinOp, BinOpKind, Expr};
use rowan::ast::AstNode;

use crate::facts::{OLDER, STRUCTURED, named_entries};
use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::{bare, path};
use crate::syntax::range;
use crate::syntax::scope::{Binding, look_up};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "discarded-config",
    summary: "`//` throws away configuration that a kernel or patch inherits",
    documentation: "\
`old // { structuredExtraConfig = …; }` does not add to the configuration of `old`: it replaces all of it. The same
holds for `kernelPatches`. Take the inherited value into the new one.

```nix
kernel: kernel // { structuredExtraConfig = { NFSD = module; }; } # wrong
kernel: kernel // {
  structuredExtraConfig = (kernel.structuredExtraConfig or { }) // { NFSD = module; };
}
```

The arguments that a kernel's own file is called with (`buildLinux (args // { … })`) are another matter, and not
reported: there the file is what decides.
",
    level: Level::Warn,
    check: Check::Syntax(check),
};

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    for node in file.root.descendants() {
        let Some(update) = BinOp::cast(node) else {
            continue;
        };
        if update.operator() != Some(BinOpKind::Update) {
            continue;
        }
        let (Some(left), Some(right)) = (update.lhs(), update.rhs()) else {
            continue;
        };
        let Expr::AttrSet(set) = bare(right) else {
            continue;
        };
        let Some(inherited) = inherited(&left) else {
            continue;
        };
        for (name, node, entry) in named_entries(&set) {
            if !matches!(name.as_str(), STRUCTURED | OLDER | "kernelPatches") {
                continue;
            }
            // Whoever looks at the inherited set, or at anything of this name, takes care.
            let Some(value) = entry.value() else { continue };
            let mentions = value.syntax().descendants_with_tokens().any(|element| {
                element
                    .as_token()
                    .is_some_and(|token| token.text() == inherited || token.text() == name)
            });
            if mentions {
                continue;
            }
            let finding = RULE
                .finding(format!("the `{name}' of `{inherited}' is thrown away"))
                .with_label(file.label(range(&node), "replaces all of it"))
                .with_label(Label::secondary(
                    file.source,
                    range(left.syntax()),
                    "what is inherited",
                ))
                .with_help(match name.as_str() {
                    "kernelPatches" => {
                        format!("write `{name} = ({inherited}.{name} or [ ]) ++ [ … ];'")
                    }
                    _ => format!("write `{name} = ({inherited}.{name} or {{ }}) // {{ … }};'"),
                });
            out.push(finding);
        }
    }
}

/// The name of what is inherited: the argument of a function inside of a file.
fn inherited(left: &Expr) -> Option<String> {
    let path = path(left)?;
    let [name] = path.as_slice() else { return None };
    let Binding::Argument(at) = look_up(name, left.syntax()) else {
        return None;
    };
    // The function that is the file itself gets its arguments from `callPackage`.
    let is_whole_file = at.ancestors().any(|node| {
        node.kind() == rnix::SyntaxKind::NODE_LAMBDA
            && node
                .parent()
                .is_some_and(|parent| parent.kind() == rnix::SyntaxKind::NODE_ROOT)
            && !at
                .ancestors()
                .take_while(|inner| *inner != node)
                .any(|inner| inner.kind() == rnix::SyntaxKind::NODE_LAMBDA)
    });
    (!is_whole_file).then(|| name.clone())
}
