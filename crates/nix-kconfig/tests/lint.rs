//! Every rule on its fixtures: what it says of bad files, that it says nothing of good ones, and
//! what its fixes come to.
//!
//! `BLESS=1` writes what is said now: read the difference before you commit it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace's folder, which names in outputs are relative to.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

struct Output {
    stdout: String,
    stderr: String,
    status: Option<i32>,
}

fn run(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_nix-kconfig"))
        .args(arguments)
        .current_dir(root())
        .env("NO_COLOR", "1")
        .env_remove("NIX_KCONFIG_PLAIN")
        .env_remove("NIX_PATH")
        .output()
        .unwrap();
    Output {
        stdout: String::from_utf8(output.stdout)
            .unwrap()
            .replace(root().canonicalize().unwrap().to_str().unwrap(), "[ROOT]"),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code(),
    }
}

/// Rules whose fixes leave the merged settings as they are.
const KEEPING: &[&str] = &[
    "constant-guard",
    "duplicate-definition",
    "force-without-effect",
    "option-on-mandatory",
    "redundant-definition",
];

/// A bad or good file of a rule.
struct Fixture {
    rule: String,
    /// Relative to the workspace.
    file: PathBuf,
    arguments: Vec<String>,
}

impl Fixture {
    fn is_good(&self) -> bool {
        let name = self.file.file_name().unwrap().to_str().unwrap();
        name.starts_with("good")
    }

    fn lint(&self, file: &Path, more: &[&str]) -> Output {
        let mut arguments = vec!["lint", file.to_str().unwrap()];
        arguments.extend(["--system", "x86_64-linux"]);
        let has_selection = self.arguments.iter().any(|it| it == "--select");
        let selection = if has_selection { "--warn" } else { "--select" };
        arguments.extend([selection, &self.rule]);
        arguments.extend(self.arguments.iter().map(String::as_str));
        arguments.extend(more);
        run(&arguments)
    }
}

fn fixtures() -> Vec<Fixture> {
    let mut fixtures = Vec::new();
    let folder = root().join("fixtures/lint");
    for rule in fs::read_dir(folder).unwrap() {
        let rule = rule.unwrap().file_name().into_string().unwrap();
        let folder = Path::new("fixtures/lint").join(&rule);
        for file in fs::read_dir(root().join(&folder)).unwrap() {
            let file = folder.join(file.unwrap().file_name());
            let is_nix = file.extension().is_some_and(|end| end == "nix");
            let stem = Path::new(file.file_stem().unwrap());
            if !is_nix || stem.extension().is_some_and(|end| end == "fixed") {
                continue;
            }
            let arguments = fs::read_to_string(root().join(file.with_extension("args")));
            fixtures.push(Fixture {
                rule: rule.clone(),
                arguments: arguments
                    .unwrap_or_default()
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect(),
                file,
            });
        }
    }
    fixtures.sort_by(|a, b| a.file.cmp(&b.file));
    fixtures
}

/// Compares with a file beside a fixture, or writes it.
fn expect(file: &Path, actual: Option<&str>) {
    let path = root().join(file);
    if std::env::var_os("BLESS").is_some() {
        match actual {
            Some(text) => fs::write(&path, text).unwrap(),
            None if path.exists() => fs::remove_file(&path).unwrap(),
            None => {}
        }
    }
    let expected = fs::read_to_string(&path).ok();
    assert_eq!(actual, expected.as_deref(), "{}", file.display());
}

#[test]
fn rules_say_what_is_expected_of_their_fixtures() {
    let mut seen: BTreeMap<String, [bool; 2]> = BTreeMap::new();
    for fixture in fixtures() {
        let output = fixture.lint(&fixture.file, &[]);
        let good = fixture.is_good();
        seen.entry(fixture.rule.clone()).or_default()[usize::from(good)] = true;
        if good {
            assert_eq!(output.stdout, "", "{}", fixture.file.display());
            assert_eq!(output.status, Some(0), "{}", output.stderr);
        } else {
            let code = format!("[{}]", fixture.rule);
            assert!(
                output.stdout.contains(&code),
                "{}: {}",
                fixture.file.display(),
                output.stderr
            );
            let notes_only = !output.stdout.contains("  × ") && !output.stdout.contains("  ⚠ ");
            assert_eq!(
                output.status,
                Some(i32::from(!notes_only)),
                "{}",
                output.stderr
            );
            expect(&fixture.file.with_extension("txt"), Some(&output.stdout));
        }
    }
    // Each rule has a bad and a good fixture, and nothing else has.
    let listed: Vec<String> = run(&["lint", "--list"])
        .stdout
        .lines()
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect();
    let complete: Vec<String> = seen
        .into_iter()
        .filter(|(_, both)| *both == [true, true])
        .map(|(rule, _)| rule)
        .collect();
    assert_eq!(complete, listed);
}

#[test]
fn fixes_are_nix_mean_what_is_meant_and_leave_nothing_to_fix() {
    let scratch = tempfile::tempdir().unwrap();
    for fixture in fixtures().iter().filter(|fixture| !fixture.is_good()) {
        let before = fs::read_to_string(root().join(&fixture.file)).unwrap();
        let copy = scratch.path().join(fixture.file.file_name().unwrap());
        fs::write(&copy, &before).unwrap();
        let shown = fixture.lint(&copy, &["--diff", "--unsafe-fixes"]);
        assert_eq!(
            fs::read_to_string(&copy).unwrap(),
            before,
            "--diff changes nothing"
        );

        fixture.lint(&copy, &["--unsafe-fixes"]);
        let fixed = fs::read_to_string(&copy).unwrap();
        let changed = fixed != before;
        assert_eq!(
            changed,
            !shown.stdout.is_empty(),
            "{}",
            fixture.file.display()
        );
        expect(
            &fixture.file.with_extension("fixed.nix"),
            changed.then_some(fixed.as_str()),
        );
        if !changed {
            continue;
        }
        let syntax = run(&["lint", copy.to_str().unwrap(), "--select", "syntax-error"]);
        assert_eq!(syntax.status, Some(0), "{}", syntax.stdout);
        fixture.lint(&copy, &["--unsafe-fixes"]);
        assert_eq!(fs::read_to_string(&copy).unwrap(), fixed, "fixed twice");

        // What it evaluates to: kernels by themselves, patches on an empty kernel.
        let file = copy.to_str().unwrap();
        let kernel = scratch.path().join("kernel.nix");
        fs::write(
            &kernel,
            "{ version = \"6.12.1\"; enableCommonConfig = false; }",
        )
        .unwrap();
        let kernel = kernel.to_str().unwrap();
        let common = ["--format", "intermediate", "--system", "x86_64-linux"];
        let inputs: &[&str] = if fixed.contains("buildLinux") {
            &[file]
        } else if fixed.contains("patch = ") {
            &[kernel, "--patches", file]
        } else {
            continue;
        };
        let mut arguments = vec!["eval"];
        arguments.extend(inputs);
        arguments.extend(common);
        // The release that a fixture is about decides how its patches are read.
        arguments.extend(
            fixture
                .arguments
                .iter()
                .map(String::as_str)
                .filter(|it| *it == "--nixpkgs-release" || it.parse::<f32>().is_ok()),
        );
        let value = run(&arguments);
        if KEEPING.contains(&fixture.rule.as_str()) {
            let original = root().join(&fixture.file);
            let original = original.to_str().unwrap();
            let arguments: Vec<&str> = arguments
                .iter()
                .map(|it| if *it == file { original } else { *it })
                .collect();
            let before = run(&arguments);
            assert_eq!(before.stdout, value.stdout, "{}", fixture.file.display());
        }
        expect(
            &fixture.file.with_extension("fixed.settings"),
            (value.status == Some(0)).then_some(value.stdout.as_str()),
        );
    }
}
