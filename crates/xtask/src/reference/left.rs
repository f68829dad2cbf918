//! What a run of `conf` leaves behind: its exit status, what it printed, and every file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;
use kconfig::conf::{Invocation, main as conf};
use kconfig::{Environment, Prober};

use crate::report::{Outcome, same_text};

/// What a run left behind.
pub(crate) struct Left {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Every file below the folder of the run.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// What our `conf` leaves behind in a folder; `arguments` begin with the program's name.
pub(crate) fn by_ours(
    folder: &Path,
    arguments: &[String],
    environment: &Environment,
    stdin: &str,
    prober: Option<&mut dyn Prober>,
) -> Result<Left> {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let status = conf(Invocation {
        arguments,
        environment,
        folder,
        stdin: &mut stdin.as_bytes(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        is_terminal: false,
        prober: prober.map(|prober| prober as &mut dyn Prober),
        generation: None,
        cache: None,
    });
    Ok(Left {
        status: i32::from(status),
        stdout: String::from_utf8_lossy(&stdout).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
        files: files_in(folder)?,
    })
}

/// Passed if both programs left the same.
pub(crate) fn compare(theirs: &Left, ours: &Left) -> Outcome {
    if theirs.status != ours.status {
        return Outcome::Failed(format!(
            "conf ended with {}, ours with {}\n{}\n{}",
            theirs.status, ours.status, theirs.stderr, ours.stderr
        ));
    }
    for (what, theirs, ours) in [
        ("standard output", &theirs.stdout, &ours.stdout),
        ("standard error", &theirs.stderr, &ours.stderr),
    ] {
        if theirs != ours {
            let (conf, own) = (format!("conf, {what}"), format!("ours, {what}"));
            return same_text((&conf, theirs), (&own, ours));
        }
    }
    let mut names: Vec<&String> = theirs.files.keys().chain(ours.files.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let text = |left: &Left| match left.files.get(name) {
            Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            None => "(no such file)".to_owned(),
        };
        if theirs.files.get(name) != ours.files.get(name) {
            let (conf, own) = (format!("conf, {name}"), format!("ours, {name}"));
            return same_text((&conf, &text(theirs)), (&own, &text(ours)));
        }
    }
    Outcome::Passed
}

/// All files below a folder, by their paths from there.
pub(crate) fn files_in(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
                files.insert(name, fs::read(&path)?);
            }
        }
    }
    Ok(files)
}
