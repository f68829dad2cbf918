//! The tests that the kernel has for its `conf` (`scripts/kconfig/tests`), run
//! unchanged against ours.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use anyhow::{Context, Result};

use super::Reference;
use super::configuration::LINES;
use super::kernel::KernelTree;
use crate::process::Run;
use crate::report::{Check, Outcome};

/// Runs the tests of each release line.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    LINES
        .iter()
        .map(|line| Check::new(format!("suite/{line}"), run(reference, line)))
        .collect()
}

fn run(reference: &Reference, line: &str) -> Result<Outcome> {
    let tree = KernelTree::acquire(&reference.cache, &reference.kernel_sources, line)?;
    // They run the `conf` below the working folder.
    let folder = reference.cache.state(&format!("suite-{line}"))?;
    let scripts = folder.join("scripts/kconfig");
    fs::create_dir_all(&scripts)?;
    let conf = scripts.join("conf");
    let program = reference.program.to_str().context("a path in UTF-8")?;
    let program = program.replace('\'', r"'\''");
    fs::write(&conf, format!("#!/bin/sh\nexec '{program}' conf \"$@\"\n"))?;
    fs::set_permissions(&conf, fs::Permissions::from_mode(0o755))?;
    let tests = || {
        Run::new("pytest-3")
            .args(["--quiet", "--tb=short", "-p", "no:cacheprovider"])
            .arg(tree.source.join("scripts/kconfig/tests"))
            .dir(&folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .timeout(Duration::from_secs(300))
            .finish()
            .context("the kernel's tests of conf need pytest-3 (Debian's python3-pytest)")
    };
    let mut failure = String::new();
    for _ in 0..TRIES {
        let finished = tests()?;
        if finished.status.success() {
            return Ok(Outcome::Passed);
        }
        failure = finished.text();
        if !failure.contains(RACE) {
            break;
        }
    }
    Ok(Outcome::Failed(failure))
}

/// The tests go on pressing Enter until `conf` is seen to have ended. Where it ends between the
/// look and the key, they fail themselves, whichever `conf` it is.
const RACE: &str = "BrokenPipeError";
/// How often tests that failed by that are run.
const TRIES: usize = 4;
