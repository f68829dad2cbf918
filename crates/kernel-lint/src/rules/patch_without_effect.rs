//! `patch-without-effect`

use findings::Finding;
use rnix::ast::{Entry, Expr, HasEntry};
use rowan::ast::AstNode;

use crate::facts::{Description, OLDER, Role, STRUCTURED};
use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::{bare, path};
use crate::syntax::range;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "patch-without-effect",
    summary: "An entry of `kernelPatches` neither patches nor configures anything",
    documentation: "\
An entry with `patch = null` is there for its configuration. Without any (or with an empty one) it has no effect.

```nix
{
  name = \"rt\";
  patch = null;
  config.PREEMPT_RT = lib.kernel.yes; # nobody reads `config'
}
```
",
    level: Level::Warn,
    check: Check::Syntax(check),
};

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    let patches = file.facts.descriptions.iter();
    for patch in patches.filter(|it| it.role == Role::Patch) {
        if !has_no_patch(patch) || configures(patch) {
            continue;
        }
        let at = patch
            .get("patch")
            .or_else(|| patch.get("name"))
            .map_or_else(|| range(patch.set.syntax()), |entry| range(entry.syntax()));
        let finding = RULE
            .finding("this patch has no effect")
            .with_label(file.label(at, "no patch, and no configuration"))
            .with_help(format!("configuration of a patch goes into `{STRUCTURED}'"));
        out.push(finding);
    }
}

fn has_no_patch(patch: &Description) -> bool {
    let value = patch.get("patch").and_then(|entry| entry.value());
    value.is_some_and(|value| path(&value).is_some_and(|path| path == ["null"]))
}

fn configures(patch: &Description) -> bool {
    let names = [STRUCTURED, OLDER, "extraConfig", "features"];
    patch.set.entries().any(|entry| match entry {
        // What is inherited is not seen here.
        Entry::Inherit(_) => true,
        Entry::AttrpathValue(entry) => {
            let Some(path) = crate::syntax::path_of(&entry) else {
                return true;
            };
            let is_config = path
                .first()
                .is_some_and(|(name, _)| names.contains(&name.as_str()));
            let is_empty = path.len() == 1
                && entry.value().is_some_and(|value| {
                    matches!(bare(value), Expr::AttrSet(set) if set.entries().next().is_none())
                });
            is_config && !is_empty
        }
    })
}
