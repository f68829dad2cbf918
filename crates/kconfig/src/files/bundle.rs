//! The kept files of an archive, in a file of their own: the next run reads that.

use super::FileState;
use super::archive::{self, ArchiveError, ArchiveLimits};
use super::tree_files::{TreeFile, TreeFiles};
use crate::keep;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::{fs, io};

/// The first line begins with this, and holds the hash of the rest.
const MAGIC: &str = "nix-kconfig tree 1 ";
/// How many trees are kept. One takes some 15 MB.
const MAX_FILES: usize = 16;
/// More than the default limits of an archive let through.
const MAX_FILE: u64 = 1 << 30;

/// The second line; contents follow in the same order.
#[derive(Serialize, Deserialize)]
struct Index {
    /// Names, lengths, and whether it is a program.
    files: Vec<(String, usize, bool)>,
    links: BTreeMap<String, String>,
}

/// An archive's files, from the cache where it is the same archive.
pub struct ArchiveTree {
    /// The files.
    pub files: TreeFiles,
    /// What is wrong with the cache.
    pub warning: Option<String>,
}

/// Reads the files of a kernel's source tree that configuration needs from an archive: a tar
/// archive, packed or not, or a Debian package. With a folder for a cache, the same archive is
/// read only once: it is known by its path, size, and times.
///
/// # Errors
/// When it is no archive, is damaged, or holds more than is allowed.
pub fn read_archive(
    path: &Path,
    limits: &ArchiveLimits,
    cache: Option<&Path>,
) -> Result<ArchiveTree, ArchiveError> {
    let key = key_of(path)?;
    let origin = FileState::of_content(key.as_bytes());
    let mut warning = None;
    let bundle = cache.map(|cache| cache.join(format!("{}.tree", &key[..32])));
    if let Some(bundle) = &bundle {
        match load(bundle) {
            Ok(files) => {
                return Ok(ArchiveTree {
                    files: files.with_origin(origin),
                    warning: None,
                });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => warning = Some(format!("{} is not used: {error}", bundle.display())),
        }
    }
    let files = archive::read(path, limits)?;
    // Where it changed while it was read, nobody knows what was read.
    if key_of(path)? != key {
        return Ok(ArchiveTree { files, warning });
    }
    if let Some(bundle) = &bundle
        && let Err(error) = save(bundle, &files)
    {
        warning = Some(format!("the tree is not kept for the next run: {error}"));
    }
    Ok(ArchiveTree {
        files: files.with_origin(origin),
        warning,
    })
}

/// Tells an archive from all others, and from what it was.
fn key_of(path: &Path) -> io::Result<String> {
    let path = path.canonicalize()?;
    let metadata = fs::metadata(&path)?;
    let state = format!(
        "{} {} {} {}.{} {}.{}",
        path.display(),
        metadata.ino(),
        metadata.size(),
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.ctime(),
        metadata.ctime_nsec()
    );
    Ok(blake3::hash(state.as_bytes()).to_hex().to_string())
}

fn load(bundle: &Path) -> io::Result<TreeFiles> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "it is damaged");
    let body = keep::read_checked(bundle, MAGIC, MAX_FILE)?;
    let (index, mut contents) = split_line(&body).ok_or_else(damaged)?;
    let index: Index = serde_json::from_slice(index).map_err(|_| damaged())?;
    let mut files = BTreeMap::new();
    for (name, length, is_executable) in index.files {
        let (content, rest) = contents.split_at_checked(length).ok_or_else(damaged)?;
        contents = rest;
        let file = TreeFile {
            content: content.into(),
            is_executable,
        };
        files.insert(name, file);
    }
    if let Ok(file) = fs::File::options().write(true).open(bundle) {
        keep::touch(&file);
    }
    Ok(TreeFiles::new(files, index.links))
}

fn split_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(b'\n', text)?;
    let (line, rest) = text.split_at(end);
    Some((line, rest.get(1..)?))
}

fn save(bundle: &Path, tree: &TreeFiles) -> io::Result<()> {
    let index = Index {
        files: tree
            .iter()
            .map(|(name, file)| (name.to_owned(), file.content.len(), file.is_executable))
            .collect(),
        links: tree.links().clone(),
    };
    let mut body = serde_json::to_vec(&index)?;
    body.push(b'\n');
    for (_, file) in tree.iter() {
        body.extend_from_slice(&file.content);
    }
    keep::write_checked(bundle, MAGIC, &body, MAX_FILES)
}
