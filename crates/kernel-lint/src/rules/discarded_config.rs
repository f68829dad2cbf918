//! `discarded-config`

use findings::{Applicability, Finding, Fix, Label};
use rnix::ast::Expr;
use rowan::ast::AstNode;

use crate::facts::{OLDER, STRUCTURED, named_entries};
use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::path;
use crate::syntax::range;
use crate::syntax::scope::{Binding, look_up};
use crate::syntax::update::{Update, updates};

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
    for Update { left, right } in updates(&file.root) {
        let Expr::AttrSet(set) = right else {
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
            let (empty, join) = match name.as_str() {
                "kernelPatches" => ("[ ]", "++"),
                _ => ("{ }", "//"),
            };
            let kept = format!("({inherited}.{name} or {empty}) {join}");
            let written = file.text(range(value.syntax()));
            // A `with` or a function would reach over all that follows.
            let written = match &value {
                Expr::AttrSet(_) | Expr::List(_) | Expr::Ident(_) | Expr::Select(_) => {
                    written.to_owned()
                }
                _ => format!("({written})"),
            };
            let fix = file.replace(
                Applicability::Unsafe,
                range(value.syntax()),
                format!("{kept} {written}"),
            );
            let finding = RULE
                .finding(format!("the `{name}' of `{inherited}' is thrown away"))
                .with_label(file.label(range(&node), "replaces all of it"))
                .with_label(Label::secondary(
                    file.source,
                    range(left.syntax()),
                    "what is inherited",
                ))
                .with_help(format!("write `{name} = {kept} …;'"))
                .with_fix(Fix {
                    title: format!("keep the `{name}' of `{inherited}'"),
                    ..fix
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
