//! The embedded `lib` and the native module system against what nixpkgs' own
//! `lib` makes of the same programs: `fixtures/lib`.

use std::path::{Path, PathBuf};

use nix_eval::{Bump, Evaluator, HostIo, Options, Origin};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/lib")
        .join(name)
        .canonicalize()
        .unwrap()
}

/// What becomes of an expression in which `file` is a path: printed as Nix
/// prints, or as JSON, or the message of the error.
fn evaluate(expression: &str, json: bool) -> Result<String, String> {
    evaluate_tracing(expression, json, |_| {})
}

/// The same; `trace` is given what the evaluation traces and warns of.
fn evaluate_tracing(
    expression: &str,
    json: bool,
    trace: impl Fn(&str) + 'static,
) -> Result<String, String> {
    let heap = Bump::new();
    let options = Options {
        io: Box::new(nix_modules::with_embedded_lib(HostIo)),
        nix_path: nix_modules::look_up_path(Vec::new()),
        current_system: Some("x86_64-linux".to_owned()),
        trace: Box::new(trace),
        ..Options::default()
    };
    let mut evaluator = Evaluator::new(&heap, options);
    nix_modules::install(&mut evaluator);
    evaluator
        .eval_str(expression, Path::new("/"), Origin::String)
        .and_then(|value| {
            if json {
                evaluator.to_json(value.into(), &mut Vec::new())
            } else {
                evaluator.show_deep(value)
            }
        })
        .map(|shown| String::from_utf8(shown).unwrap())
        .map_err(|error| error.message)
}

fn call(program: &Path) -> String {
    format!(
        "import {} {{ lib = import <nixpkgs/lib>; }}",
        program.display()
    )
}

/// The programs of a folder that have an expectation.
fn programs(folder: &Path, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found: Vec<(PathBuf, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| {
            let expected = std::fs::read_to_string(&path).unwrap();
            (path.with_extension("nix"), expected)
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "nothing in {}", folder.display());
    found
}

fn check(folder_name: &str, json: bool) {
    let mut differences = Vec::new();
    for (program, expected) in programs(&folder(folder_name), "exp") {
        let name = program.file_stem().unwrap().to_string_lossy().into_owned();
        match evaluate(&call(&program), json) {
            Ok(actual) if is_same(&expected, &actual, json) => {}
            Ok(actual) => differences.push(format!(
                "{folder_name}/{name}: {}",
                first_difference(&expected, &actual)
            )),
            Err(message) => differences.push(format!("{folder_name}/{name}: error: {message}")),
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// Whether two results are the same. Expectations in JSON are laid out for people.
fn is_same(expected: &str, actual: &str, json: bool) -> bool {
    if json {
        let parse = |text| serde_json::from_str::<serde_json::Value>(text).unwrap();
        return parse(expected) == parse(actual);
    }
    expected.trim_end() == actual.trim_end()
}

/// The surroundings of the first byte that differs.
fn first_difference(expected: &str, actual: &str) -> String {
    let common = expected
        .bytes()
        .zip(actual.bytes())
        .take_while(|(left, right)| left == right)
        .count();
    let excerpt = |text: &str| {
        let bytes = text.as_bytes();
        let end = bytes.len().min(common + 160);
        let start = common.saturating_sub(120).min(end);
        String::from_utf8_lossy(&bytes[start..end]).into_owned()
    };
    format!(
        "differs at byte {common}\n  expected: …{}…\n  actual:   …{}…",
        excerpt(expected),
        excerpt(actual)
    )
}

#[test]
fn types_and_options() {
    check("types", false);
}

#[test]
fn functions() {
    check("functions", true);
}

/// Without blanks at the ends of lines, which the expectations do not keep.
fn trimmed(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// Every attribute of a program in `types/errors` fails, with the message that
/// stands below its name in the `.err` file.
#[test]
fn messages() {
    let mut differences = Vec::new();
    for (program, expected) in programs(&folder("types/errors"), "err") {
        for case in expected.split("## ").filter(|case| !case.trim().is_empty()) {
            let (attribute, message) = case.split_once('\n').unwrap();
            let expression = format!("({}).{attribute}", call(&program));
            match evaluate(&expression, false) {
                Err(actual) if trimmed(&actual) == trimmed(message) => {}
                Err(actual) => differences.push(format!(
                    "{attribute}: {}",
                    first_difference(&trimmed(message), &trimmed(&actual))
                )),
                Ok(value) => differences.push(format!("{attribute}: no error but {value}")),
            }
        }
    }
    assert!(
        differences.is_empty(),
        "{} differ\n{}",
        differences.len(),
        differences.join("\n")
    );
}

/// What each attribute of a program in `modules` says: traces, then its value or an
/// error, as `cargo xtask reference --only lib --bless` has written it.
#[test]
fn module_system() {
    let folder = folder("modules");
    let here = folder.display().to_string();
    let programs = programs(&folder, "exp");
    let cases: Vec<(&Path, &str, &str)> = programs
        .iter()
        .flat_map(|(program, expected)| {
            let cases = expected.split("## ").filter(|case| !case.trim().is_empty());
            cases.map(|case| {
                let (attribute, expected) = case.split_once('\n').unwrap();
                (program.as_path(), attribute, expected)
            })
        })
        .collect();
    // Each case has an evaluation of its own, since a warning is given once.
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let differences: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = cases
            .chunks(cases.len().div_ceil(threads))
            .map(|cases| {
                scope.spawn(|| {
                    cases
                        .iter()
                        .filter_map(|case| difference(case, &here))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    assert!(
        differences.is_empty(),
        "{} differ\n{}",
        differences.len(),
        differences.join("\n")
    );
}

/// What is different about a case: its program, its attribute and what is expected.
fn difference((program, attribute, expected): &(&Path, &str, &str), here: &str) -> Option<String> {
    let expression = format!("({}).\"{attribute}\"", call(program));
    let traced = std::rc::Rc::new(std::cell::RefCell::new(String::new()));
    let sink = traced.clone();
    let result = evaluate_tracing(&expression, false, move |text| {
        let mut traced = sink.borrow_mut();
        traced.push_str(text.lines().next().unwrap_or_default());
        traced.push('\n');
    });
    let result = result.unwrap_or_else(|message| format!("error: {}", message.trim_start()));
    let actual = format!("{}{result}", traced.borrow()).replace(here, "$DIR");
    let (expected, actual) = (trimmed(expected), trimmed(&actual));
    (expected != actual).then(|| {
        let name = program.file_stem().unwrap_or_default().to_string_lossy();
        let difference = first_difference(&expected, &actual);
        format!("{name}.{attribute}: {difference}")
    })
}
