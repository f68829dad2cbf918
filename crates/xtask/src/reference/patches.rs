//! Patches applied in memory, against GNU patch: random changes of a kernel's Kconfig files as
//! patches, on files that have changed otherwise in the meantime. Resulting files, rejected
//! hunks and success have to be the same.

mod random;
mod trees;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use kernel_resolve::Source;
use kernel_resolve::patch::{Patcher, Problem, Reason};
use rayon::prelude::*;

use self::random::Random;
use self::trees::{Files, MemoryTree};
use super::Reference;
use super::kernel::KernelTree;
use crate::process::{Run, on_path};
use crate::report::Check;

/// How many patches are compared.
const PATCHES: u64 = 2000;

/// After so many disagreements there is enough to mend.
const MOST_DISAGREEMENTS: usize = 10;

/// Compares random patches.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    let seed = reference.fuzz.seed;
    let name = format!("{PATCHES} random patches (seed {seed})");
    Check::of_trials(&name, run(reference, seed))
}

fn run(reference: &Reference, seed: u64) -> Result<Vec<String>> {
    let program = match &reference.patch {
        Some(program) => program.clone(),
        None if on_path("patch") => PathBuf::from("patch"),
        None => bail!("there is no program `patch': install Debian's package patch"),
    };
    let tree = KernelTree::acquire(&reference.cache, &reference.kernel_sources, "6.12")?;
    let kconfigs = trees::kconfig_files(&tree.source)?;
    let compared: Vec<Result<Option<String>>> = (0..PATCHES)
        .into_par_iter()
        .map(|number| Case::new(&kconfigs, seed, number).compare(&program))
        .collect();
    let compared: Result<Vec<_>> = compared.into_iter().collect();
    let disagreements = compared?.into_iter().flatten();
    Ok(disagreements.take(MOST_DISAGREEMENTS).collect())
}

/// A tree and a patch for it.
struct Case {
    number: u64,
    files: Files,
    patch: Vec<u8>,
}

/// What applying a patch leaves behind.
#[derive(PartialEq, Eq, Debug)]
struct Applied {
    /// Whether all of it was applied; nothing where it is no patch.
    success: Option<bool>,
    files: Files,
    rejects: Files,
}

impl Case {
    fn new(kconfigs: &[(String, Vec<u8>)], seed: u64, number: u64) -> Self {
        let mut random = Random::new(seed, number);
        let before = trees::choose(&mut random, kconfigs);
        let after = trees::changed(&mut random, &before);
        let patch = writing::patch(&mut random, &before, &after);
        let mut files = trees::drifted(&mut random, &before, &after);
        // Without it, it is no kernel tree.
        files.insert("Kconfig".to_owned(), b"# top\n".to_vec());
        Self {
            number,
            files,
            patch,
        }
    }

    /// What is different, if anything is.
    fn compare(&self, program: &Path) -> Result<Option<String>> {
        let theirs = self.by_gnu(program)?;
        let ours = self.by_us(&theirs)?;
        if ours == theirs {
            return Ok(None);
        }
        let folder = std::env::temp_dir().join(format!("nix-kconfig-patch-{}", self.number));
        let mut text = format!("patch {} in {}:", self.number, folder.display());
        write_files(&folder, &self.files)?;
        fs::write(folder.join("the.patch"), &self.patch)?;
        if ours.success != theirs.success {
            let _ = write!(
                text,
                " success is {:?}, and {:?} for GNU patch;",
                ours.success, theirs.success
            );
        }
        for (what, ours, theirs) in [
            ("file", &ours.files, &theirs.files),
            ("rejects", &ours.rejects, &theirs.rejects),
        ] {
            let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
            for name in names {
                if ours.get(name) != theirs.get(name) {
                    let shown = |content: Option<&Vec<u8>>| {
                        content.map(|it| String::from_utf8_lossy(it).into_owned())
                    };
                    let (ours, theirs) = (shown(ours.get(name)), shown(theirs.get(name)));
                    let diff = similar::TextDiff::from_lines(
                        theirs.as_deref().unwrap_or("(none)\n"),
                        ours.as_deref().unwrap_or("(none)\n"),
                    );
                    let _ = write!(text, "\n{what} {name}:\n{}", diff.unified_diff());
                }
            }
        }
        Ok(Some(text))
    }

    fn by_gnu(&self, program: &Path) -> Result<Applied> {
        let folder = tempfile::tempdir()?;
        write_files(folder.path(), &self.files)?;
        let finished = Run::new(program)
            .arg("-p1")
            .dir(folder.path())
            .input(&self.patch)?
            .finish()?;
        let success = match finished.status.code() {
            Some(0) => Some(true),
            Some(1) => Some(false),
            Some(2) => None,
            _ => bail!("patch ended with {}", finished.status),
        };
        let (mut files, mut rejects) = (Files::new(), Files::new());
        for (name, content) in trees::files_below(folder.path())? {
            match name.rsplit_once('.') {
                Some((_, "rej")) => drop(rejects.insert(name, content)),
                Some((_, "orig")) => {}
                _ => drop(files.insert(name, content)),
            }
        }
        Ok(Applied {
            success,
            files,
            rejects,
        })
    }

    fn by_us(&self, theirs: &Applied) -> Result<Applied> {
        let tree = MemoryTree(self.files.clone());
        let source = Source::of_files("tree", "/tree", Arc::new(tree))?;
        let mut patcher = Patcher::new(&source);
        let outcome = patcher.apply(&self.patch)?;
        let patched = patcher.finish().context("the tree is none any more")?;
        let mut files = Files::new();
        let named = self.files.keys().chain(theirs.files.keys()).cloned();
        for name in named.chain(trees::NEW_NAMES.map(str::to_owned)) {
            if let Some(content) = patched.read(&name)? {
                files.insert(name, content.to_vec());
            }
        }
        let is_malformed = |problem: &Problem| matches!(problem.reason, Reason::Malformed(_));
        let is_none = outcome.problems.iter().any(is_malformed);
        Ok(Applied {
            success: (!is_none).then_some(outcome.problems.is_empty()),
            files,
            rejects: outcome.rejects.into_iter().collect::<BTreeMap<_, _>>(),
        })
    }
}

fn write_files(folder: &Path, files: &Files) -> Result<()> {
    for (name, content) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, content)?;
    }
    Ok(())
}
