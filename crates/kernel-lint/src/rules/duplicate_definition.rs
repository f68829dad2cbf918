//! `duplicate-definition`

use std::collections::HashMap;

use findings::{Applicability, Finding, Fix, Label};
use rnix::ast::Expr;
use rowan::ast::AstNode;

use crate::facts::Answer;
use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::{bare, unwrap};
use crate::syntax::range;
use crate::syntax::update::{Update, merges, operands, updates};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "duplicate-definition",
    summary: "An option is answered twice in sets that are put together with `//` or in one `mkMerge`",
    documentation: "\
`//` takes the right one of two definitions and throws the left one away, whatever their priorities: they are not
merged, and no conflict is reported.

```nix
{
  BTRFS_FS = yes; # never seen
}
// {
  BTRFS_FS = module;
}
```

The sets of a `mkMerge` are merged: the same answer twice is one too many, and two different ones are a conflict, or one of
them has no effect.
",
    level: Level::Warn,
    check: Check::Syntax(check),
};

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    for Update { left, right } in updates(&file.root) {
        let mut later = HashMap::new();
        for answer in operands(right).iter().flat_map(|it| answers(file, it)) {
            later.insert(answer.name.as_str(), answer);
        }
        for answer in operands(left).iter().flat_map(|it| answers(file, it)) {
            let Some(second) = later.get(answer.name.as_str()) else {
                continue;
            };
            let line = file.with_line(range(answer.entry.syntax()));
            let finding = RULE
                .finding(format!(
                    "{} is answered again, and this answer is thrown away",
                    answer.name
                ))
                .with_label(file.label(answer.at.clone(), "never seen"))
                .with_label(Label::secondary(
                    file.source,
                    second.at.clone(),
                    "replaces it",
                ))
                .with_fix(Fix {
                    title: format!("remove the answer of {} that is never seen", answer.name),
                    ..file.replace(Applicability::Safe, line, "")
                });
            out.push(finding);
        }
    }
    for sets in merges(&file.root) {
        merged_twice(file, &sets, out);
    }
}

/// Options that several sets of one `mkMerge` answer, all of them without a condition.
fn merged_twice(file: &File<'_>, sets: &[Expr], out: &mut Vec<Finding>) {
    let mut earlier: HashMap<&str, &Answer> = HashMap::new();
    for answer in sets.iter().flat_map(|set| answers(file, set)) {
        let Some(first) = earlier.get(answer.name.as_str()) else {
            earlier.insert(&answer.name, answer);
            continue;
        };
        let text = |answer: &Answer| file.text(range(answer.value.syntax()));
        // What has a priority or a condition of its own is there to be merged.
        let is_plain = |answer: &Answer| {
            let (wrappers, _) = unwrap(&answer.value);
            wrappers.iter().all(|wrapper| wrapper.call.name == "option")
        };
        if !is_plain(first) || !is_plain(answer) {
            continue;
        }
        let name = &answer.name;
        let is_same = text(first) == text(answer);
        let (message, here) = if is_same {
            (
                format!("{name} is answered twice in one `mkMerge'"),
                "again",
            )
        } else {
            let message = format!("{name} is answered twice in one `mkMerge', and not the same");
            (message, "merged with the other one, or in conflict with it")
        };
        let mut finding = RULE
            .finding(message)
            .with_label(file.label(answer.at.clone(), here))
            .with_label(Label::secondary(
                file.source,
                first.at.clone(),
                "answered here",
            ));
        if is_same {
            let line = file.with_line(range(answer.entry.syntax()));
            finding = finding.with_fix(Fix {
                title: format!("remove the second answer of {name}"),
                ..file.replace(Applicability::Safe, line, "")
            });
        }
        out.push(finding);
    }
}

/// The answers of a set of answers that is written out.
fn answers<'f>(file: &'f File<'_>, expr: &Expr) -> impl Iterator<Item = &'f Answer> {
    let expr = bare(expr.clone());
    let expr = match &expr {
        Expr::With(with) => with.body().map_or(expr, bare),
        _ => expr,
    };
    let sets = &file.facts.answer_sets;
    let found = sets.iter().find(|set| set.node == *expr.syntax());
    found.into_iter().flat_map(|set| &set.answers)
}
