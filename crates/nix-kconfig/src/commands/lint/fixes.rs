//! Mending files.

use std::collections::BTreeMap;

use findings::{Applicability, Finding, Source};
use kernel_lint::{Linter, fix, syntax_error};
use similar::TextDiff;

use super::Outcome;
use super::inputs::Input;
use crate::output;
use crate::report;

/// One fix can make way for another: this often a file is looked at again.
const ROUNDS: usize = 20;

/// The texts of the files that fixes change, by name.
pub(super) fn mend(
    linter: &Linter,
    inputs: &[Input],
    findings: &[Finding],
    allowed: Applicability,
) -> BTreeMap<String, String> {
    let sources: Vec<Source> = inputs.iter().map(|input| input.source.clone()).collect();
    let mut changed = fix::apply(findings, allowed, &sources);
    changed.retain(|name, text| {
        let Some(input) = inputs.iter().find(|input| input.source.name() == name) else {
            return false;
        };
        again(linter, input, text, allowed);
        let mended = Source::new(name.as_str(), text.as_str());
        // A file that was Nix must stay Nix.
        let Some(error) = syntax_error(&mended, input.folder()) else {
            return true;
        };
        report::print(
            &Finding::failure(format!(
                "the fixes of {name} would break it: it is left alone"
            ))
            .with_note(error.message.clone(), error.place().cloned()),
        );
        false
    });
    changed
}

/// Applies fixes to a text until there are none.
fn again(linter: &Linter, input: &Input, text: &mut String, allowed: Applicability) {
    for _ in 0..ROUNDS {
        let source = Source::new(input.source.name(), text.as_str());
        let sources = [source];
        let [source] = &sources;
        let found = linter.file(source, input.folder()).findings;
        let found = linter.finish(&sources, found);
        match fix::apply(&found, allowed, &sources).remove(source.name()) {
            Some(next) if next != *text => *text = next,
            _ => return,
        }
    }
}

/// What is changed, as a patch.
pub(super) fn difference(inputs: &[Input], changed: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for input in inputs {
        let name = input.source.name();
        let Some(new) = changed.get(name) else {
            continue;
        };
        let diff = TextDiff::from_lines(&**input.source.text(), new.as_str());
        let (old_name, new_name) = (format!("a/{name}"), format!("b/{name}"));
        let mut unified = diff.unified_diff();
        text.push_str(&unified.header(&old_name, &new_name).to_string());
    }
    text
}

/// Writes the changed files, and takes their texts.
pub(super) fn write(inputs: &mut [Input], mut changed: BTreeMap<String, String>) -> Outcome<()> {
    for input in inputs {
        if let Some(text) = changed.remove(input.source.name()) {
            output::write(&input.path, text.as_bytes())?;
            input.source = Source::new(input.source.name(), text);
        }
    }
    Ok(())
}
