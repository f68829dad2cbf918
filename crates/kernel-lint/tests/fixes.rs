//! Fixes of any rules, alone and together, on every Nix file of the fixtures: what they come to is
//! Nix, nothing is left to fix, and what could not be fixed before is not broken by it.

use std::fs;
use std::path::{Path, PathBuf};

use findings::{Applicability, Source};
use kernel_lint::{Context, Level, Levels, Linter, RULES, STACK, fix, syntax_error};
use proptest::prelude::*;

/// All Nix files of the fixtures that Nix reads.
fn files() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut open = ["lint", "kernels", "patches"]
        .map(|folder| root.join(folder))
        .to_vec();
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "nix") {
                let text = fs::read_to_string(&path).unwrap();
                let source = Source::new("file.nix", text.as_str());
                if syntax_error(&source, Path::new("/")).is_none() {
                    files.push((path, text));
                }
            }
        }
    }
    files.sort();
    files
}

/// A text with fixes until there are none: how often that took, and the text.
fn mended(linter: &Linter, text: &str, allowed: Applicability) -> (usize, String) {
    let mut text = text.to_owned();
    for round in 0..20 {
        let sources = [Source::new("file.nix", text.as_str())];
        let [source] = &sources;
        let found = linter.file(source, Path::new("/")).findings;
        let found = linter.finish(&sources, found);
        match fix::apply(&found, allowed, &sources).remove("file.nix") {
            Some(next) if next != text => text = next,
            _ => return (round, text),
        }
    }
    panic!("there is no end of fixes:\n{text}");
}

fn linter(rules: &[String]) -> Linter {
    let mut levels = Levels::default();
    levels.set(&["all".to_owned()], Level::Allow).unwrap();
    levels.set(rules, Level::Warn).unwrap();
    Linter {
        levels,
        context: Context {
            release: Some("25.11".parse().unwrap()),
            versions: vec!["6.12.1".to_owned()],
        },
    }
}

/// The comments of a text, each a line.
fn comments(text: &str) -> Vec<String> {
    let tokens = rnix::tokenize(text);
    let comments = tokens.filter(|(kind, _)| *kind == rnix::SyntaxKind::TOKEN_COMMENT);
    comments.map(|(_, text)| text.to_owned()).collect()
}

fn on_large_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(test)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn fixes_of_any_rules_leave_nix_that_has_nothing_to_fix() {
    on_large_stack(|| {
        let files = files();
        let names: Vec<String> = RULES.iter().map(|rule| rule.name.to_owned()).collect();
        let count = names.len();
        let choice = (
            0..files.len(),
            proptest::collection::vec(any::<bool>(), count),
            any::<bool>(),
        );
        let config = ProptestConfig {
            cases: 2000,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        proptest!(config, |((index, on, is_unsafe) in choice)| {
            let (path, text) = &files[index];
            let rules: Vec<String> = names
                .iter()
                .zip(&on)
                .filter(|(_, on)| **on)
                .map(|(name, _)| name.clone())
                .collect();
            let allowed = if is_unsafe { Applicability::Unsafe } else { Applicability::Safe };
            let linter = linter(&rules);
            let (_, fixed) = mended(&linter, text, allowed);
            let source = Source::new("file.nix", fixed.as_str());
            let error = syntax_error(&source, Path::new("/"));
            prop_assert!(error.is_none(), "{}: {:?}\n{fixed}", path.display(), error);
            let (rounds, again) = mended(&linter, &fixed, allowed);
            prop_assert_eq!((rounds, &again), (0, &fixed));
            // Safe fixes take no comment but those that silence nothing.
            if !is_unsafe && !rules.iter().any(|rule| rule == "unused-allow") {
                let (before, after) = (comments(text), comments(&fixed));
                prop_assert!(
                    before.iter().all(|comment| after.contains(comment)),
                    "{}: a comment is lost\n{fixed}",
                    path.display()
                );
            }
        });
    });
}
