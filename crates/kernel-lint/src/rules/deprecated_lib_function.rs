//! `deprecated-lib-function`

use findings::{Applicability, Finding};
use kernel_config::Release;
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
    /// The first release without it, where earlier ones have it without a warning.
    since: Option<Release>,
}

/// Platforms have no `linux-kernel` from this release on.
const NO_LINUX_KERNEL: Release = Release::new(26, 11);

const fn renamed(path: &'static [&'static str], to: &'static str) -> Deprecated {
    Deprecated {
        path,
        instead: to,
        rename: Some(to),
        since: None,
    }
}

const fn gone(path: &'static [&'static str], instead: &'static str) -> Deprecated {
    Deprecated {
        path,
        instead,
        rename: None,
        since: None,
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
    Deprecated {
        since: Some(NO_LINUX_KERNEL),
        ..gone(
            &["hostPlatform", "linux-kernel"],
            "arguments of `buildLinux'",
        )
    },
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
            let is_past = |it: &&Deprecated| {
                let release = file.context.release;
                it.since
                    .is_none_or(|since| release.is_none_or(|release| release >= since))
            };
            let found = DEPRECATED.iter().find(|it| ends_with(&names, it.path));
            let Some(found) = found.filter(is_past) else {
                continue;
            };
            // `pkgs.lib` is `lib`; what is called so elsewhere is not.
            let before = names.len().saturating_sub(found.path.len());
            let is_it = names.iter().take(before).all(|name| {
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
                .with_label(file.label(at.clone(), "deprecated, or gone"));
            if let Some(rename) = found.rename {
                finding = finding.with_fix(file.replace(Applicability::Safe, at, rename));
            } else {
                finding = finding.with_help(format!("use {}", found.instead));
            }
            out.push(finding);
        }
    }
}

fn ends_with(names: &[String], path: &[&str]) -> bool {
    let mut from_the_end = names.iter().rev().zip(path.iter().rev());
    names.len() >= path.len() && from_the_end.all(|(name, part)| name == part)
}
