//! `constant-guard`

use findings::{Applicability, Finding, Fix};
use nix_eval::compare_versions;
use rnix::SyntaxNode;
use rnix::ast::{Expr, IfElse};
use rowan::ast::AstNode;

use crate::edit::without_wrapper;
use crate::facts::{Answer, named_entries};
use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::{Call, Wrapper, bare, path, unwrap};
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

`lib.versionAtLeast` and `lib.versionOlder` of the kernel's version (`version`, `kernel.version`) count as well, in `mkIf`,
`optionalAttrs`, `optionals`, `optionalString` and `if`.
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
            if let Some(always) = constant(versions, |version| holds(wrapper, version)) {
                out.push(of_answer(file, answer, wrapper, always, versions));
            }
        }
    }
    // Elsewhere a version need not be a kernel's.
    if file.facts.answer_sets.is_empty() && file.facts.descriptions.is_empty() {
        return;
    }
    for node in file.root.descendants() {
        let Some(guarded) = Guarded::of(&node) else {
            continue;
        };
        if let Some(always) = constant(versions, |version| Some(guarded.condition.holds(version))) {
            out.push(of_condition(file, &guarded, always, versions));
        }
    }
}

/// Whether something is so for all versions, or for none.
fn constant(versions: &[String], holds: impl Fn(&str) -> Option<bool>) -> Option<bool> {
    let holds: Option<Vec<bool>> = versions.iter().map(|version| holds(version)).collect();
    let holds = holds?;
    let always = holds.iter().all(|it| *it);
    (always || !holds.contains(&true)).then_some(always)
}

fn message(what: &str, always: bool, versions: &[String]) -> String {
    let how = if always { "always" } else { "never" };
    format!("this guard{what} {how} holds for {}", versions.join(", "))
}

fn of_answer(
    file: &File<'_>,
    answer: &Answer,
    wrapper: &Wrapper,
    always: bool,
    versions: &[String],
) -> Finding {
    let guard = range(wrapper.call.function.syntax());
    let finding = RULE
        .finding(message(&format!(" of {}", answer.name), always, versions))
        .with_label(file.label(guard, if always { "always so" } else { "never so" }));
    let fix = if always {
        without_wrapper(file.source, &answer.value, wrapper)
            .map(|(span, text)| file.replace(Applicability::Safe, span, text))
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

fn of_condition(file: &File<'_>, guarded: &Guarded, always: bool, versions: &[String]) -> Finding {
    let condition = range(guarded.condition.whole.syntax());
    let finding = RULE
        .finding(message("", always, versions))
        .with_label(file.label(condition, if always { "always so" } else { "never so" }));
    let (applicability, kept) = if always {
        (Applicability::Safe, Some(&guarded.then))
    } else {
        (Applicability::Unsafe, guarded.otherwise.as_ref())
    };
    let (title, replacement) = match (kept, guarded.nothing) {
        (Some(kept), _) => ("leave the guard out", file.text(range(kept.syntax()))),
        (None, Some(nothing)) => ("leave out what is guarded", nothing),
        (None, None) => return finding,
    };
    finding.with_fix(Fix {
        title: title.to_owned(),
        ..file.replace(applicability, range(&guarded.node), replacement)
    })
}

/// Whether a guard holds for a version; nothing where it is no guard, or its bounds are computed.
fn holds(wrapper: &Wrapper, version: &str) -> Option<bool> {
    let bound = |index: usize| literal(wrapper.call.arguments.get(index)?);
    let at_least = |bound: &str| compare_versions(version, bound).is_ge();
    match wrapper.call.name.as_str() {
        "whenAtLeast" => Some(at_least(&bound(0)?)),
        "whenOlder" => Some(!at_least(&bound(0)?)),
        "whenBetween" => Some(at_least(&bound(0)?) && !at_least(&bound(1)?)),
        "mkIf" => Some(Condition::of(wrapper.call.arguments.first()?)?.holds(version)),
        _ => None,
    }
}

fn literal(expr: &Expr) -> Option<String> {
    match bare(expr.clone()) {
        Expr::Str(string) => literal_text(&string),
        _ => None,
    }
}

/// A comparison of the kernel's version: `lib.versionAtLeast version "6.1"`.
struct Condition {
    whole: Expr,
    bound: String,
    is_at_least: bool,
}

impl Condition {
    fn of(expr: &Expr) -> Option<Self> {
        let whole = bare(expr.clone());
        let call = Call::of(&whole)?;
        let [version, bound] = call.arguments.as_slice() else {
            return None;
        };
        let is_at_least = match call.name.as_str() {
            "versionAtLeast" => true,
            "versionOlder" => false,
            _ => return None,
        };
        Some(Self {
            bound: literal(bound).filter(|_| is_kernels_version(version))?,
            whole,
            is_at_least,
        })
    }

    fn holds(&self, version: &str) -> bool {
        compare_versions(version, &self.bound).is_ge() == self.is_at_least
    }
}

/// Whether an expression is the version of a kernel by its name: `version`, `kernel.version`.
fn is_kernels_version(expr: &Expr) -> bool {
    let Some(path) = path(expr) else { return false };
    match path.as_slice() {
        [version] => version == "version" || version == "kernelVersion",
        [.., of, version] => {
            let is_kernel = matches!(of.as_str(), "kernel" | "finalAttrs" | "argsOverride")
                || of.starts_with("linux");
            is_kernel && version == "version"
        }
        [] => false,
    }
}

/// What hangs on a comparison of the kernel's version.
struct Guarded {
    /// All of it.
    node: SyntaxNode,
    condition: Condition,
    /// What it is where the condition holds.
    then: Expr,
    /// What it is otherwise, if that is written.
    otherwise: Option<Expr>,
    /// What it is otherwise, if the function says so.
    nothing: Option<&'static str>,
}

impl Guarded {
    fn of(node: &SyntaxNode) -> Option<Self> {
        if let Some(choice) = IfElse::cast(node.clone()) {
            return Some(Self {
                node: node.clone(),
                condition: Condition::of(&choice.condition()?)?,
                then: choice.body()?,
                otherwise: Some(choice.else_body()?),
                nothing: None,
            });
        }
        let call = Call::whole(node)?;
        let [condition, then] = call.arguments.as_slice() else {
            return None;
        };
        let nothing = match call.name.as_str() {
            "optionalAttrs" => "{ }",
            "optionals" => "[ ]",
            "optionalString" => "\"\"",
            _ => return None,
        };
        Some(Self {
            node: node.clone(),
            condition: Condition::of(condition)?,
            then: then.clone(),
            otherwise: None,
            nothing: Some(nothing),
        })
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
