//! Small trees with what the kernel's own `conf` makes of them.
//!
//! Every folder of `fixtures/kconfig/cases` holds a `Kconfig` (with `files/` that it sources), maybe a
//! configuration to start from (`in.config`) and answers (`stdin`), the command line and variables
//! (`case.json`), and for each kernel release with an expectation a folder named by it: what is
//! printed, the exit status, the `.config` without its heading, and a `defconfig` where one is
//! saved. `cargo xtask reference --only cases --bless` has the kernels' programs write them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use kconfig::Environment;
use kconfig::conf::{Invocation, main as conf};
use serde::Deserialize;

/// `case.json`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    args: Vec<String>,
    env: BTreeMap<String, String>,
    /// Releases whose program reads memory here that it should not: it may crash, and what it says on
    /// standard error shows no rule.
    #[serde(default)]
    memory_errors: Vec<String>,
}

/// Files that a run may leave behind, with their names as expectations.
const WRITTEN: [&str; 1] = ["defconfig"];

fn check(case_file: &Path) -> datatest_stable::Result<()> {
    let folder = case_file.parent().ok_or("no folder")?;
    let case: Case = serde_json::from_slice(&fs::read(case_file)?)?;
    let mut releases = 0;
    let mut differences = String::new();
    for entry in fs::read_dir(folder)? {
        let expected = entry?.path();
        let release = expected.file_name().unwrap_or_default().to_string_lossy();
        if !release.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        releases += 1;
        let has_memory_errors = case.memory_errors.iter().any(|one| *one == release);
        if has_memory_errors && fs::read_to_string(expected.join("rc"))?.starts_with('-') {
            continue;
        }
        for (name, actual) in run(folder, &case, &release)? {
            if has_memory_errors && name == "stderr" {
                continue;
            }
            let path = expected.join(name);
            let wanted = match fs::read(&path) {
                Ok(wanted) => wanted,
                Err(_) if actual.is_empty() => continue,
                Err(error) => return Err(format!("{}: {error}", path.display()).into()),
            };
            if wanted != actual {
                differences.push_str(&format!(
                    "{release}: {name}\n--- expected\n{}\n--- actual\n{}\n",
                    String::from_utf8_lossy(&wanted),
                    String::from_utf8_lossy(&actual)
                ));
            }
        }
    }
    assert!(releases > 0, "no expectations");
    if differences.is_empty() {
        Ok(())
    } else {
        Err(differences.into())
    }
}

/// Runs `conf` on a case as a kernel release has it; returns what it left, by the names of the
/// expectations.
fn run(
    case_folder: &Path,
    case: &Case,
    release: &str,
) -> datatest_stable::Result<Vec<(&'static str, Vec<u8>)>> {
    let work = tempfile::tempdir()?;
    let folder = work.path();
    copy(&case_folder.join("Kconfig"), &folder.join("Kconfig"))?;
    copy(&case_folder.join("files"), folder)?;
    copy(&case_folder.join("in.config"), &folder.join(".config"))?;
    fs::create_dir_all(folder.join("include/config"))?;
    fs::write(folder.join("include/config/auto.conf"), "")?;
    let stdin = fs::read(case_folder.join("stdin")).unwrap_or_default();
    let mut environment: Environment = case.env.iter().collect();
    environment.set("KERNELVERSION", format!("{release}.0"));
    let arguments: Vec<String> = std::iter::once("conf".to_owned())
        .chain(case.args.iter().cloned())
        .collect();
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let status = conf(Invocation {
        arguments: &arguments,
        environment: &environment,
        folder,
        stdin: &mut stdin.as_slice(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        is_terminal: false,
        prober: None,
        generation: None,
    });
    let config = fs::read_to_string(folder.join(".config"));
    let body = match config {
        Ok(config) => match config.splitn(5, '\n').nth(4) {
            Some(body) if config.starts_with("#\n# Automatically generated") => body.to_owned(),
            _ => config,
        },
        Err(_) => "(none)\n".to_owned(),
    };
    let mut left = vec![
        ("rc", format!("{status}\n").into_bytes()),
        ("stdout", stdout),
        ("stderr", stderr),
        ("config-body", body.into_bytes()),
    ];
    for name in WRITTEN {
        left.push((name, fs::read(folder.join(name)).unwrap_or_default()));
    }
    Ok(left)
}

/// Copies a file or a folder's content, where it is there.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else if from.exists() {
        fs::copy(from, to)?;
    }
    Ok(())
}

datatest_stable::harness! {
    { test = check, root = "../../fixtures/kconfig/cases", pattern = r"/case\.json$" },
}
