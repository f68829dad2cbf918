//! `duplicate-definition`

use std::collections::HashMap;

use findings::{Finding, Label};
use rnix::ast::{BinOp, BinOpKind, Expr};
use rowan::ast::AstNode;

use crate::facts::Answer;
use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::bare;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "duplicate-definition",
    summary: "An option is answered twice in sets that are put together with `//`",
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
        let mut later = HashMap::new();
        for answer in operands(file, right) {
            later.insert(answer.name.as_str(), answer);
        }
        for answer in operands(file, left) {
            let Some(second) = later.get(answer.name.as_str()) else {
                continue;
            };
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
                ));
            out.push(finding);
        }
    }
}

/// The answers of a set of answers that is written out.
fn unconditional<'f>(file: &'f File<'_>, expr: Expr) -> impl Iterator<Item = &'f Answer> {
    let expr = bare(expr);
    let expr = match &expr {
        Expr::With(with) => with.body().map_or(expr, bare),
        _ => expr,
    };
    let sets = &file.facts.answer_sets;
    let found = sets.iter().find(|set| set.node == *expr.syntax());
    found.into_iter().flat_map(|set| &set.answers)
}

/// The answers of all sets of a chain of `//`.
fn operands<'f>(file: &'f File<'_>, expr: Expr) -> Vec<&'f Answer> {
    let mut answers = Vec::new();
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match bare(expr) {
            Expr::BinOp(update) if update.operator() == Some(BinOpKind::Update) => {
                open.extend(update.lhs().into_iter().chain(update.rhs()));
            }
            expr => answers.extend(unconditional(file, expr)),
        }
    }
    answers
}
