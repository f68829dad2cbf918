//! `override-attrs-config`

use findings::{Applicability, Finding};
use rnix::ast::{Expr, HasEntry};
use rowan::ast::AstNode;

use crate::facts::{OLDER, STRUCTURED, named_entries, parts_of};
use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::{Call, bare};
use crate::syntax::range;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "override-attrs-config",
    summary: "`overrideAttrs` is given configuration, which the kernel has been configured without",
    documentation: "\
`overrideAttrs` changes a finished derivation. The configuration has been computed by then: `structuredExtraConfig`
and its like become environment variables that nobody reads. They are arguments of the kernel's function, which
`override` changes.

```nix
linux.overrideAttrs { structuredExtraConfig = { }; } # wrong
linux.override { structuredExtraConfig = { }; }
linux.override { argsOverride = { version = \"6.12.1\"; }; }
```
",
    level: Level::Deny,
    check: Check::Syntax(check),
};

/// Arguments that decide on the configuration.
const ARGUMENTS: &[&str] = &[
    STRUCTURED,
    OLDER,
    "extraConfig",
    "kernelPatches",
    "ignoreConfigErrors",
    "autoModules",
    "preferBuiltin",
    "enableCommonConfig",
    "argsOverride",
];

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    for node in file.root.descendants() {
        let Some(call) = Call::whole(&node) else {
            continue;
        };
        if !matches!(call.name.as_str(), "overrideAttrs" | "overrideDerivation") {
            continue;
        }
        let Some(argument) = call.only() else {
            continue;
        };
        for part in parts_of(argument) {
            let Expr::AttrSet(set) = part else { continue };
            // `extraConfig` alone is an attribute of many packages.
            let entries: Vec<_> = named_entries(&set)
                .filter(|(name, ..)| ARGUMENTS.contains(&name.as_str()))
                .collect();
            if entries.iter().all(|(name, ..)| name == "extraConfig") {
                continue;
            }
            // Where nothing else is changed, the other function takes the same set.
            let is_all = named_entries(&set).count() == set.entries().count()
                && entries.len() == set.entries().count()
                && matches!(bare(argument.clone()), Expr::AttrSet(_));
            let function = call.function.syntax();
            let written = function.text().to_string();
            let mut fix = written
                .strip_suffix(call.name.as_str())
                .filter(|_| is_all)
                .map(|before| {
                    file.replace(
                        Applicability::Unsafe,
                        range(function),
                        format!("{before}override"),
                    )
                });
            for (name, node, _) in entries {
                let mut finding = RULE
                    .finding(format!("`{}' does not see `{name}'", call.name))
                    .with_label(file.label(range(&node), "the configuration is made without this"))
                    .with_help(format!(
                        "it is an argument of the kernel: use `.override {{ {name} = …; }}'"
                    ));
                finding.fix = fix.take();
                out.push(finding);
            }
        }
    }
}
