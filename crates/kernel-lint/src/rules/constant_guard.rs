//! `constant-guard`

use findings::{Applicability, Finding, Fix};
use nix_eval::compare_versions;
use rnix::ast::Expr;
use rowan::ast::AstNode;

use crate::facts::{Answer, named_entries};
use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::{Wrapper, bare, unwrap};
use crate::syntax::{literal_text, range};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "constant-guard",
    summary: "A guard on the version is always true, or never, for the kernels at hand",
    documentation: "\
`whenAtLeast \"5.15\" yes` in a kernel of version 6.12 is `yes` with a longer name; `whenOlder \"5.15\" yes` is nothing.
Guards of kernels that are no longer packaged pile up. The kernels at hand are those of `--kernel-version` and of
`kernel-versions` in nix-kconfig.toml; without any, the `version` that the file itself gives a kernel.

```nix
version = \"6.12.1\";
DAMON = whenAtLeast \"5.15\" yes; # always
DAMON = yes;
```
",
    level: Level::Note,
    check: Check::Syntax(check),
};

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    let own;
    let versions: &[String] = if file.context.versions.is_empty() {
        own = versions_in(file);
        &own
    } else {
        &file.context.versions
    };
    if versions.is_empty() {
        return;
    }
    for answer in file.facts.answers() {
        let (wrappers, _) = unwrap(&answer.value);
        for wrapper in &wrappers {
            let holds: Option<Vec<bool>> = versions
                .iter()
                .map(|version| holds(wrapper, version))
                .collect();
            let Some(holds) = holds else { continue };
            let always = holds.iter().all(|it| *it);
            if always || !holds.contains(&true) {
                out.push(finding(file, answer, wrapper, always, versions));
            }
        }
    }
}

fn finding(
    file: &File<'_>,
    answer: &Answer,
    wrapper: &Wrapper,
    always: bool,
    versions: &[String],
) -> Finding {
    let versions = versions.join(", ");
    let what = if always { "always" } else { "never" };
    let guard = range(wrapper.call.function.syntax());
    let finding = RULE
        .finding(format!(
            "this guard of {} {what} holds for {versions}",
            answer.name
        ))
        .with_label(file.label(guard, format!("{what} so")));
    let fix = if always {
        wrapper.call.arguments.last().map(|inner| {
            let whole = range(wrapper.whole.syntax());
            // All of an answer needs no parentheses.
            let is_all = wrapper.whole.syntax() == bare(answer.value.clone()).syntax();
            let inner = if is_all {
                bare(inner.clone())
            } else {
                inner.clone()
            };
            let inner = file.text(range(inner.syntax())).to_owned();
            file.replace(Applicability::Safe, whole, inner)
        })
    } else {
        let line = file.with_line(range(answer.entry.syntax()));
        let fix = file.replace(Applicability::Unsafe, line, "");
        Some(Fix {
            title: format!("remove the answer of {}", answer.name),
            ..fix
        })
    };
    match fix {
        Some(fix) => finding.with_fix(fix),
        None => finding,
    }
}

/// Whether a guard holds for a version; nothing where it is no guard, or its bounds are computed.
fn holds(wrapper: &Wrapper, version: &str) -> Option<bool> {
    let bound = |index: usize| match bare(wrapper.call.arguments.get(index)?.clone()) {
        Expr::Str(string) => literal_text(&string),
        _ => None,
    };
    let at_least = |bound: &str| compare_versions(version, bound).is_ge();
    match wrapper.call.name.as_str() {
        "whenAtLeast" => Some(at_least(&bound(0)?)),
        "whenOlder" => Some(!at_least(&bound(0)?)),
        "whenBetween" => Some(at_least(&bound(0)?) && !at_least(&bound(1)?)),
        _ => None,
    }
}

/// The version that a file gives its kernel: a `version` that is written out, if all agree.
fn versions_in(file: &File<'_>) -> Vec<String> {
    let mut versions: Vec<String> = Vec::new();
    let bindings = file.root.descendants().filter_map(rnix::ast::LetIn::cast);
    let of_lets = bindings.flat_map(|let_in| {
        use rnix::ast::HasEntry;
        let entries: Vec<_> = let_in.attrpath_values().collect();
        entries
    });
    let of_sets = file
        .facts
        .descriptions
        .iter()
        .flat_map(|description| named_entries(&description.set).map(|(.., entry)| entry));
    for entry in of_lets.chain(of_sets) {
        let is_version = crate::syntax::path_of(&entry)
            .is_some_and(|path| matches!(path.as_slice(), [(name, _)] if name == "version"));
        let Some(Expr::Str(string)) = entry.value().filter(|_| is_version) else {
            continue;
        };
        // One that is put together is not known.
        let Some(version) = literal_text(&string) else {
            return Vec::new();
        };
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    versions
}
