//! The small trees of `fixtures/kconfig/cases`: what is expected there, against what the kernels'
//! own `conf` says.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;

use super::Reference;
use super::small::SmallConf;
use crate::report::{Check, Outcome};

#[path = "../../../kconfig/tests/support/case.rs"]
mod case;
use case::Case;

/// Compares, or writes down, what each release's program leaves behind.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    let (programs, folders) = match SmallConf::acquire_all(reference).and_then(|programs| {
        let cases = reference.workspace.path("fixtures/kconfig/cases");
        Ok((programs, folders_in(&cases)?))
    }) {
        Ok(found) => found,
        Err(error) => return vec![Check::new("cases", Err(error))],
    };
    folders
        .par_iter()
        .flat_map_iter(|folder| {
            programs.iter().map(move |program| {
                let name = folder.file_name().unwrap_or_default().to_string_lossy();
                Check::new(
                    format!("cases/{name} {}", program.line),
                    one(folder, program, reference.bless),
                )
            })
        })
        .collect()
}

fn folders_in(cases: &Path) -> Result<Vec<PathBuf>> {
    let mut folders: Vec<PathBuf> = fs::read_dir(cases)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    folders.retain(|folder| folder.join("case.json").is_file());
    folders.sort();
    Ok(folders)
}

fn one(folder: &Path, program: &SmallConf, bless: bool) -> Result<Outcome> {
    let case = Case::read(folder).with_context(|| folder.display().to_string())?;
    let release = &program.line;
    let expected = folder.join(release);
    if bless && expected.is_dir() {
        fs::remove_dir_all(&expected)?;
    }
    if case.endless.contains(release) {
        return Ok(Outcome::Passed);
    }
    let work = tempfile::tempdir()?;
    Case::lay_out(folder, work.path())?;
    let run = program.run(
        work.path(),
        &case.args,
        case.env.iter().map(|(name, value)| (&**name, &**value)),
        &Case::stdin(folder),
    )?;
    let (stdout, stderr) = (run.stdout.as_bytes(), run.stderr.as_bytes());
    let left = case.left(work.path(), run.status, stdout, stderr);
    if bless {
        if run.status < 0 && !case.memory_errors.contains(release) {
            bail!(
                "ended by signal {}: endless, or a memory error?",
                -run.status
            );
        }
        fs::create_dir(&expected)?;
        for (name, content) in &left {
            let shows_nothing = name == "stderr" && case.memory_errors.contains(release);
            if !content.is_empty() && !shows_nothing {
                fs::write(expected.join(name), content)?;
            }
        }
        return Ok(Outcome::Passed);
    }
    let differences = case.differences(&expected, release, &left);
    Ok(if differences.is_empty() {
        Outcome::Passed
    } else {
        Outcome::Failed(differences)
    })
}
