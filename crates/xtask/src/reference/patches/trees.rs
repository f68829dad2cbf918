//! Small trees of a kernel's Kconfig files, and random changes of them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail};
use kconfig::FileSource;
use kernel_resolve::SourceTree;

use super::random::Random;

/// Contents by names.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// Names that files come to by changes. Where a name has fewer folders and a longer last part than
/// another one of the same part, GNU patch 2.7 and 2.8 differ.
pub(super) const NEW_NAMES: [&str; 4] = [
    "drivers/new/Kconfig",
    "init/Kconfig",
    "arch/x86/configs/new_defconfig",
    "net/new/Kconfig",
];

/// So many lines a file has at most.
const MOST_LINES: usize = 300;

/// The smaller Kconfig files of a tree.
pub(super) fn kconfig_files(tree: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for folder in ["fs", "net", "lib", "kernel", "security", "crypto"] {
        let found = files_below(&tree.join(folder))?;
        let found = found.into_iter().filter(|(name, content)| {
            let lines = content.split(|byte| *byte == b'\n').count();
            name.ends_with("Kconfig") && (2..=MOST_LINES).contains(&lines)
        });
        files.extend(found.map(|(name, content)| (format!("{folder}/{name}"), content)));
    }
    files.sort();
    if files.len() < 50 {
        bail!("{} has only {} Kconfig files", tree.display(), files.len());
    }
    Ok(files)
}

/// All files below a folder.
pub(super) fn files_below(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else if entry.file_type()?.is_file() {
                let path = entry.path();
                let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
                files.insert(name, fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

/// A tree in memory.
pub(super) struct MemoryTree(pub(super) Files);

impl FileSource for MemoryTree {
    fn read(&self, name: &str) -> io::Result<Option<Arc<[u8]>>> {
        Ok(self
            .0
            .get(name)
            .map(|content| Arc::from(content.as_slice())))
    }
}

impl SourceTree for MemoryTree {
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let within = |name: &String| {
            let rest = name.strip_prefix(folder)?.strip_prefix('/')?;
            rest.split('/').next().map(str::to_owned)
        };
        let mut names: Vec<String> = self.0.keys().filter_map(within).collect();
        names.dedup();
        Ok(names)
    }
}

/// A few files, some of them made unusual.
pub(super) fn choose(random: &mut Random, kconfigs: &[(String, Vec<u8>)]) -> Files {
    let mut files = Files::new();
    for _ in 0..=random.below(3) {
        let (name, content) = &kconfigs[random.below(kconfigs.len())];
        let mut lines = lines_of(content);
        // Many places that look alike: a part of the file again and again.
        if random.once_in(6) {
            let from = random.below(lines.len());
            let part: Vec<Vec<u8>> = lines.iter().skip(from).take(4).cloned().collect();
            for _ in 0..3 {
                let at = random.below(lines.len());
                lines.splice(at..at, part.iter().cloned());
            }
        }
        let mut content = lines.concat();
        if random.once_in(8) {
            content = with_crlf(&content);
        }
        if random.once_in(8) {
            content.pop();
        }
        if random.once_in(20) {
            content.truncate(random.below(200));
        }
        files.insert(name.clone(), content);
    }
    files
}

pub(super) fn with_crlf(content: &[u8]) -> Vec<u8> {
    let lines = content.split_inclusive(|&byte| byte == b'\n');
    let ended = lines.map(|line| match line.strip_suffix(b"\n") {
        Some(bare) => [bare, b"\r\n"].concat(),
        None => line.to_vec(),
    });
    ended.collect::<Vec<_>>().concat()
}

fn lines_of(content: &[u8]) -> Vec<Vec<u8>> {
    content
        .split_inclusive(|&byte| byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect()
}

/// What a patch makes of a tree: changed, new, removed and renamed files.
pub(super) fn changed(random: &mut Random, before: &Files) -> Files {
    let mut after = before.clone();
    for (name, content) in before {
        match random.below(20) {
            0 => drop(after.remove(name)),
            1 => {
                after.remove(name);
                let to = random.one_of(&NEW_NAMES).to_owned();
                let edits = random.below(3);
                after.insert(to, edited(random, content, edits));
            }
            2 => drop(after.insert(name.clone(), Vec::new())),
            _ => {
                let edits = 1 + random.below(5);
                after.insert(name.clone(), edited(random, content, edits));
            }
        }
    }
    if random.once_in(6) {
        let content = match random.below(3) {
            0 => Vec::new(),
            1 => b"config NEW\n\tbool \"New\"".to_vec(),
            _ => b"config NEW\n\tbool \"New\"\n\nconfig NEWER\n\ttristate\n".to_vec(),
        };
        after.insert(random.one_of(&NEW_NAMES).to_owned(), content);
    }
    after
}

/// What became of the tree before the patch came: mostly what it was made for, with other changes.
pub(super) fn drifted(random: &mut Random, before: &Files, after: &Files) -> Files {
    let basis = if random.once_in(12) { after } else { before };
    let mut files = basis.clone();
    for (name, content) in basis {
        match random.below(24) {
            0 => drop(files.remove(name)),
            1 => drop(files.insert(name.clone(), with_crlf(content))),
            2 => drop(files.insert(name.clone(), Vec::new())),
            3..=12 => {
                let edits = 1 + random.below(4);
                files.insert(name.clone(), edited(random, content, edits));
            }
            _ => {}
        }
    }
    if random.once_in(15) {
        let name = random.one_of(&NEW_NAMES).to_owned();
        files.insert(name, b"config OLD\n\tbool\n".to_vec());
    }
    files
}

/// A text with lines put in, taken away and changed.
fn edited(random: &mut Random, content: &[u8], edits: usize) -> Vec<u8> {
    let mut lines = lines_of(content);
    for _ in 0..edits {
        if lines.is_empty() {
            lines.push(b"config FIRST\n".to_vec());
            continue;
        }
        // Both ends of a file are where patches are peculiar.
        let at = match random.below(6) {
            0 => random.below(4).min(lines.len() - 1),
            1 => lines.len() - 1 - random.below(4).min(lines.len() - 1),
            _ => random.below(lines.len()),
        };
        match random.below(8) {
            0 | 1 => {
                let count = 1 + random.below(3);
                lines.drain(at..(at + count).min(lines.len()));
            }
            2 => {
                let count = 5 + random.below(30);
                let moved: Vec<Vec<u8>> = (0..count)
                    .map(|number| format!("# line {number} in front\n").into_bytes())
                    .collect();
                lines.splice(at..at, moved);
            }
            3 => lines.insert(at, b"\n".to_vec()),
            4 => {
                let copy = lines[random.below(lines.len())].clone();
                lines.insert(at, copy);
            }
            5 => {
                // A blank more or less.
                let line = &mut lines[at];
                line.insert(0, b' ');
            }
            6 if at + 1 == lines.len() => {
                let line = &mut lines[at];
                match line.last() {
                    Some(b'\n') => drop(line.pop()),
                    _ => line.push(b'\n'),
                }
            }
            _ => {
                let number = random.below(1000);
                lines[at] = format!("config OPTION_{number}\n").into_bytes();
            }
        }
    }
    // Only the last line may be without an end.
    let last = lines.len().saturating_sub(1);
    for line in lines.iter_mut().take(last) {
        if !line.ends_with(b"\n") {
            line.push(b'\n');
        }
    }
    lines.concat()
}
