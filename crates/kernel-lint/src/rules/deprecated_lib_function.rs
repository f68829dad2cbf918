//! `deprecated-lib-function`

use findings::{Applicability, Finding};
use rnix::ast::Select;
use rowan::ast::AstNode;

use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::attr_name;
use crate::syntax::expr::path;
use crate::syntax::range;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "deprecated-lib-function",
    summary: "A function or attribute that nixpkgs has deprecated or removed",
    documentation: "\
Names of `lib` and of platforms that nixpkgs warns of, or no longer has:

| deprecated | use |
| --- | --- |
| `stdenv.lib` | `lib` |
| `lib.nixpkgsVersion` | `lib.version` |
| `lib.fold` | `lib.foldr` |
| `lib.literalExample` | `lib.literalExpression` |
| `lib.isInOldestRelease` | `lib.oldestSupportedReleaseIsAtLeast` |
| `lib.cartesianProductOfSets` | `lib.cartesianProduct` |
| `lib.zipWithNames`, `lib.zip` | `lib.zipAttrsWithNames`, `lib.zipAttrsWith` |
| `lib.crossLists` | `lib.mapCartesianProduct` |
| `lib.readPathsFromFile` | a list of paths |
| `lib.types.string` | `lib.types.str` |
| `hostPlatform.linux-kernel`, `hostPlatform.platform` | arguments of `buildLinux`: `autoModules`, `defconfig`, … (removed in 26.11) |
",
    level: Level::Warn,
    check: Check::Syntax(check),
};

struct Deprecated {
    /// The end of the path.
    path: &'static [&'static str],
    /// What to use.
    instead: &'static str,
    /// What takes the place of the path's last name, where nothing else changes.
    rename: Option<&'static str>,
}

const fn renamed(path: &'static [&'static str], to: &'static str) -> Deprecated {
    Deprecated {
        path,
        instead: to,
        rename: Some(to),
    }
}

const fn gone(path: &'static [&'static str], instead: &'static str) -> Deprecated {
    Deprecated {
        path,
        instead,
        rename: None,
    }
}

const DEPRECATED: &[Deprecated] = &[
    renamed(&["lib", "nixpkgsVersion"], "version"),
    renamed(&["lib", "fold"], "foldr"),
    renamed(&["lib", "literalExample"], "literalExpression"),
    renamed(
        &["lib", "isInOldestRelease"],
        "oldestSupportedReleaseIsAtLeast",
    ),
    renamed(&["lib", "cartesianProductOfSets"], "cartesianProduct"),
    renamed(&["lib", "zipWithNames"], "zipAttrsWithNames"),
    renamed(&["lib", "zip"], "zipAttrsWith"),
    gone(&["lib", "crossLists"], "lib.mapCartesianProduct"),
    gone(&["lib", "readPathsFromFile"], "a list of paths"),
    gone(&["lib", "types", "string"], "lib.types.str"),
    gone(&["stdenv", "lib"], "lib"),
    gone(
        &["hostPlatform", "linux-kernel"],
        "arguments of `buildLinux'",
    ),
    gone(&["hostPlatform", "platform"], "arguments of `buildLinux'"),
];

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    for select in file.root.descendants().filter_map(Select::cast) {
        // `x.y or z` asks whether it is there.
        if select.default_expr().is_some() {
            continue;
        }
        let (Some(base), Some(attrs)) = (select.expr(), select.attrpath()) else {
            continue;
        };
        let Some(mut names) = path(&base) else {
            continue;
        };
        let base_length = names.len();
        for (index, attr) in attrs.attrs().enumerate() {
            let Some(name) = attr_name(&attr) else { break };
            names.push(name);
            let Some(found) = DEPRECATED.iter().find(|it| ends_with(&names, it.path)) else {
                continue;
            };
            // `pkgs.lib` is `lib`; what is called so elsewhere is not.
            let before = &names[..names.len() - found.path.len()];
            let is_it = before.iter().all(|name| {
                matches!(
                    name.as_str(),
                    "pkgs" | "stdenv" | "nixpkgs" | "self" | "super" | "final" | "prev"
                )
            });
            if !is_it || (index > 0 && base_length == 0) {
                continue;
            }
            let at = range(attr.syntax());
            let mut finding = RULE
                .finding(format!("`{}' is deprecated", found.path.join(".")))
                .with_label(file.label(at.clone(), "deprecated, or gone"))
                .with_help(format!("use {}", found.instead));
            if let Some(rename) = found.rename {
                finding = finding.with_fix(file.replace(Applicability::Safe, at, rename));
            }
            out.push(finding);
        }
    }
}

fn ends_with(names: &[String], path: &[&str]) -> bool {
    names.len() >= path.len() && names[names.len() - path.len()..].iter().eq(path)
}
