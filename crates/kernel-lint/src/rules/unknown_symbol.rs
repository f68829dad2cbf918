//! `unknown-symbol`

use findings::{Applicability, Edit, Finding, Fix};
use kconfig::{SymbolType, Tree};
use kernel_resolve::{Answer, Origin};

use crate::edit::text_of;
use crate::kernel::{ResolvedKernel, label_of};
use crate::rule::{Check, Level, Rule};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "unknown-symbol",
    summary: "The kernel at hand does not know an option",
    documentation: "\
No Kconfig file of the source tree defines the symbol: it is misspelt, or of another version or architecture. The
build ends with `unused option: X`. An optional answer may go unused, and is reported only where it looks misspelt.
",
    level: Level::Deny,
    check: Check::Tree(check),
};

fn check(kernel: &ResolvedKernel<'_>, out: &mut Vec<Finding>) {
    for (name, answer) in kernel.answers.iter() {
        if is_known(kernel.tree, name) {
            continue;
        }
        let near = nearest(kernel.tree, name);
        if answer.optional && near.as_ref().is_none_or(|(distance, _)| *distance > 1) {
            continue;
        }
        let mut finding = RULE.finding(format!("the kernel does not know {name}"));
        match &answer.origin {
            Origin::Definitions(definitions) => {
                let winning = definitions.iter().filter(|definition| definition.counts);
                let labels =
                    winning.filter_map(|definition| label_of(definition, "no such option"));
                finding.labels.extend(labels);
            }
            Origin::Text { source, line } => {
                finding = finding.with_note(format!("in line {line} of {source}"), None);
            }
        }
        if let Some((distance, near)) = near {
            finding = finding.with_help(format!("did you mean {near}?"));
            // One that is answered already is not what was meant.
            if distance == 1 && kernel.answers.get(&near).is_none() {
                finding.fix = renaming(name, &near, answer);
            }
        }
        out.push(finding);
    }
}

/// A fix that writes another name in all definitions of an option.
fn renaming(name: &str, near: &str, answer: &Answer) -> Option<Fix> {
    let Origin::Definitions(definitions) = &answer.origin else {
        return None;
    };
    let mut edits = Vec::new();
    for definition in definitions {
        let label = label_of(definition, "")?;
        if text_of(&label.source, label.span.clone()) != name {
            return None;
        }
        edits.push(Edit {
            source: label.source,
            range: label.span,
            replacement: near.to_owned(),
        });
    }
    Some(Fix {
        title: format!("write `{near}'"),
        applicability: Applicability::Unsafe,
        edits,
    })
}

fn is_known(tree: &Tree, name: &str) -> bool {
    tree.find(name)
        .is_some_and(|symbol| tree.kind(symbol) != SymbolType::Unknown)
}

/// The symbol whose name is nearest, with how many letters differ, if it is near.
fn nearest(tree: &Tree, name: &str) -> Option<(usize, String)> {
    let limit = if name.len() < 8 { 1 } else { 2 };
    tree.symbols()
        .filter(|&symbol| tree.kind(symbol) != SymbolType::Unknown)
        .map(|symbol| tree.name(symbol))
        .filter(|other| other.len().abs_diff(name.len()) <= limit)
        .map(|other| (strsim::damerau_levenshtein(name, other), other))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(distance, other)| (distance, other.to_owned()))
}
