//! Small programs with what Nix makes of them.
//!
//! `fixtures/nix/ok/NAME.nix` evaluates to what `NAME.exp` says, as
//! `nix-instantiate --eval --strict` prints it; `fixtures/nix/fail/NAME.nix` fails
//! with the message in `NAME.err`, where `$DIR` is the folder of the program.

use std::path::{Path, PathBuf};

use nix_eval::{Bump, Evaluator, Options};

fn fixtures(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/nix")
        .join(kind)
        .canonicalize()
        .unwrap()
}

/// Evaluates a program: what is printed, or the message of the error.
fn evaluate(program: &Path) -> Result<String, String> {
    let heap = Bump::new();
    let options = Options {
        trace: Box::new(|_| {}),
        ..Options::default()
    };
    let mut evaluator = Evaluator::new(&heap, options);
    evaluator
        .eval_file(program)
        .and_then(|value| evaluator.show_deep(value))
        .map(|shown| String::from_utf8(shown).unwrap())
        .map_err(|error| error.message)
}

/// Compares every program of a folder with its expectation and reports all that
/// differ.
fn check(kind: &str, extension: &str, actual: impl Fn(&Path) -> Result<String, String>) {
    let folder = fixtures(kind);
    let mut programs: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == "nix"))
        .collect();
    programs.sort();
    assert!(!programs.is_empty(), "no programs in {}", folder.display());
    let mut differences = Vec::new();
    for program in &programs {
        let name = program.file_stem().unwrap().to_string_lossy();
        let expected = std::fs::read_to_string(program.with_extension(extension))
            .unwrap_or_else(|_| panic!("{name}.nix has no expectation"));
        let expected = expected.trim_end_matches('\n');
        match actual(program) {
            Ok(actual) if actual == expected => {}
            Ok(actual) => differences.push(format!(
                "{kind}/{name}:\n  expected: {expected}\n  actual:   {actual}"
            )),
            Err(why) => differences.push(format!("{kind}/{name}: {why}")),
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {} programs differ:\n{}",
        differences.len(),
        programs.len(),
        differences.join("\n")
    );
}

#[test]
fn programs_evaluate_as_in_nix() {
    check("ok", "exp", |program| {
        evaluate(program).map_err(|message| format!("fails: {message}"))
    });
}

#[test]
fn programs_fail_as_in_nix() {
    let folder = fixtures("fail");
    let folder = format!("{}/", folder.display());
    check("fail", "err", |program| match evaluate(program) {
        Ok(shown) => Err(format!("does not fail, but evaluates to {shown}")),
        Err(message) => Ok(message.replace(&folder, "$DIR/")),
    });
}
