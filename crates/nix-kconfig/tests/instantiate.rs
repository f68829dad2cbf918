//! `nix-kconfig instantiate` as a drop-in for `nix-instantiate`, against transcripts that Nix
//! wrote (`cargo xtask reference --only transcripts --bless`).

mod transcript;

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use transcript::{Case, Ran, cases, entry, topics};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/nix/transcripts")
        .canonicalize()
        .unwrap()
}

/// Runs a case with our program as `nix-instantiate`, which is in the folder `programs`.
fn run(case: &Case, files: &Path, programs: &Path) -> Ran {
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .arg("-c")
        .arg(&case.line)
        .current_dir(files)
        .env_clear()
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("HOME", "/homeless")
        .env("NIX_CONF_DIR", "/homeless")
        .env("NIX_STATE_DIR", "/homeless")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn transcripts_are_those_of_nix() {
    let programs = tempfile::tempdir().unwrap();
    let name = programs.path().join("nix-instantiate");
    symlink(env!("CARGO_BIN_EXE_nix-kconfig"), name).unwrap();
    let files = folder().join("files");
    let shown_files = files.display().to_string();
    let mut differences = Vec::new();
    let mut count = 0;
    for (file, transcript) in topics(&folder()).unwrap() {
        let expected = std::fs::read_to_string(&transcript).unwrap();
        let mut rest = expected.as_str();
        for case in cases(&file).unwrap() {
            let actual = entry(&case, &run(&case, &files, programs.path()), &shown_files);
            let end = rest.get(1..).and_then(|rest| rest.find("\n$ "));
            let (wanted, after) = rest.split_at(end.map_or(rest.len(), |at| at + 2));
            rest = after;
            count += 1;
            if actual != wanted {
                differences.push(format!("expected:\n{wanted}\nactual:\n{actual}"));
            }
        }
    }
    assert!(count > 100, "only {count} cases");
    assert!(
        differences.is_empty(),
        "{} of {count} differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
}
