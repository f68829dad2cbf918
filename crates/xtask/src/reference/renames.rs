//! The table of renamed and removed options, against the kernels' own Kconfig files: an old name
//! is gone from the newer kernel, and what took its place is there.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use kernel_resolve::renames;

use super::Reference;
use super::kernel::KernelTree;
use crate::report::{Check, Outcome};

/// The newest kernel that the table was made for.
const LINE: &str = "6.12";
/// Folders of a kernel without Kconfig files of its own.
const OTHER: [&str; 2] = ["Documentation", "tools"];
/// What still has an entry, but none that anybody is asked for.
const KEPT: [&str; 1] = ["DEBUG_INFO"];

pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    let defined = KernelTree::acquire(&reference.cache, &reference.kernel_sources, LINE)
        .and_then(|tree| defined_in(&tree.source));
    let defined = match defined {
        Ok(defined) => defined,
        Err(error) => return vec![Check::new(format!("renames/{LINE}"), Err(error))],
    };
    renames::table()
        .map(|(old, new)| {
            let missing = new.filter(|&new| !defined.contains(new));
            let outcome = match missing {
                _ if defined.contains(old) && !KEPT.contains(&old) => {
                    Outcome::Failed(format!("{LINE} has {old}"))
                }
                Some(new) => Outcome::Failed(format!("{LINE} has no {new}")),
                None => Outcome::Passed,
            };
            Check::new(format!("renames/{old}"), Ok(outcome))
        })
        .collect()
}

/// Every option that a kernel's Kconfig files define, whatever the architecture.
fn defined_in(root: &Path) -> Result<HashSet<String>> {
    let mut defined = HashSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if entry.file_type()?.is_dir() {
                if folder != root || !OTHER.contains(&&*name) {
                    folders.push(entry.path());
                }
            } else if name.starts_with("Kconfig") {
                let text = fs::read(entry.path())?;
                for line in String::from_utf8_lossy(&text).lines() {
                    let mut words = line.split_whitespace();
                    if matches!(words.next(), Some("config" | "menuconfig")) {
                        defined.extend(words.next().map(str::to_owned));
                    }
                }
            }
        }
    }
    Ok(defined)
}
