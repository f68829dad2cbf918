//! Transcripts of `nix-instantiate`: what it prints, says and ends with for command lines
//! and expressions. The tests of `nix-kconfig` hold ours against what Nix wrote here.

#[path = "../../../nix-kconfig/tests/transcript/mod.rs"]
mod transcript;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use rayon::prelude::*;

use self::transcript::{Case, Ran, cases, entry, topics};
use super::Reference;
use super::nix::Nix;
use crate::process::Run;
use crate::report::{Check, same_text};

const PATIENCE: Duration = Duration::from_secs(30);

/// Compares all transcripts, or writes them.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    match compare_topics(reference) {
        Ok(checks) => checks,
        Err(error) => vec![Check::new("transcripts", Err(error))],
    }
}

fn compare_topics(reference: &Reference) -> Result<Vec<Check>> {
    let folder = reference.workspace.path("fixtures/nix/transcripts");
    let programs = tempfile::tempdir()?;
    let program = programs.path().join("nix-instantiate");
    // Without builds nobody needs the group that they run as, which few machines have.
    fs::write(programs.path().join("nix.conf"), "build-users-group =\n")?;
    fs::write(&program, reference.nix.script(programs.path()))?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    let mut checks = Vec::new();
    for (file, expectation) in topics(&folder)? {
        let cases = cases(&file)?;
        let files = folder.join("files");
        let shown = files.display().to_string();
        let entries: Vec<Result<String>> = cases
            .par_iter()
            .map(|case| Ok(entry(case, &run(case, &files, programs.path())?, &shown)))
            .collect();
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let text = entries.into_iter().collect::<Result<Vec<_>>>()?.concat();
        if reference.bless {
            fs::write(&expectation, &text)?;
        }
        let expected = fs::read_to_string(&expectation)
            .with_context(|| format!("cannot read {}", expectation.display()))?;
        checks.push(Check::new(
            format!("transcripts/{name}"),
            Ok(same_text(("expected", &expected), ("Nix", &text))),
        ));
    }
    Ok(checks)
}

fn run(case: &Case, files: &Path, programs: &Path) -> Result<Ran> {
    let path = std::env::var("PATH").unwrap_or_default();
    let finished = Run::new("sh")
        .arg("-c")
        .arg(&case.line)
        .dir(files)
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("HOME", "/homeless")
        .timeout(PATIENCE)
        .finish()?;
    Ok(Ran {
        status: finished.status.code().unwrap_or(-1),
        stdout: finished.text(),
        stderr: finished.stderr,
    })
}

impl Nix {
    /// A shell script that is this program, with a store of its own and the configuration of a
    /// folder.
    fn script(&self, configuration: &Path) -> String {
        let quoted =
            |text: &std::ffi::OsStr| format!("'{}'", text.to_string_lossy().replace('\'', "'\\''"));
        let command: Vec<String> = self.command().iter().map(|part| quoted(part)).collect();
        let state = self.state();
        let variables: Vec<String> = [
            ("NIX_CONF_DIR", configuration.to_owned()),
            ("NIX_STATE_DIR", state.join("var")),
            ("NIX_LOG_DIR", state.join("log")),
        ]
        .iter()
        .map(|(name, folder)| format!("{name}={}", quoted(folder.as_os_str())))
        .collect();
        format!(
            "#!/bin/sh\nexec env {} {} --store {} \"$@\"\n",
            variables.join(" "),
            command.join(" "),
            quoted(state.join("store").as_os_str())
        )
    }
}
