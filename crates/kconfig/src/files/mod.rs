//! Where Kconfig files come from.

mod archive;
mod bundle;
mod kept;
mod stream;
#[cfg(test)]
mod tests;
mod tree_files;

pub use archive::{ArchiveError, ArchiveLimits};
pub use bundle::{ArchiveTree, read_archive};
pub use stream::Compression;
pub use tree_files::{TreeFile, TreeFiles};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

/// A set of files that can be read by name.
///
/// Names are those that stand in `source` statements, or such a name behind `$srctree/`. The
/// search order (the working folder, then `$srctree`) is the parser's affair, not the source's.
pub trait FileSource {
    /// The content of a file, or `None` where there is no such file.
    ///
    /// # Errors
    /// When the file exists but cannot be read.
    fn read(&self, name: &str) -> io::Result<Option<Arc<[u8]>>>;

    /// The same files for another thread, where that can be had; toolchain probes are looked for
    /// ahead of the parser then.
    fn share(&self) -> Option<Arc<dyn FileSource + Send + Sync>> {
        None
    }
}

/// Files held in memory.
#[derive(Debug, Default, Clone)]
pub struct MemoryFiles {
    files: BTreeMap<String, Arc<[u8]>>,
}

impl MemoryFiles {
    /// A set without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, or replaces it.
    pub fn insert(&mut self, name: impl Into<String>, content: impl Into<Vec<u8>>) {
        self.files
            .insert(name.into(), Arc::from(content.into().into_boxed_slice()));
    }
}

impl<N: Into<String>, C: Into<Vec<u8>>> FromIterator<(N, C)> for MemoryFiles {
    fn from_iter<I: IntoIterator<Item = (N, C)>>(iter: I) -> Self {
        let mut files = Self::new();
        for (name, content) in iter {
            files.insert(name, content);
        }
        files
    }
}

impl FileSource for MemoryFiles {
    fn read(&self, name: &str) -> io::Result<Option<Arc<[u8]>>> {
        Ok(self.files.get(name).cloned())
    }

    fn share(&self) -> Option<Arc<dyn FileSource + Send + Sync>> {
        Some(Arc::new(self.clone()))
    }
}

/// Files in a folder on disk; names that begin with `/` are taken as they are.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The files below `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl FileSource for Folder {
    fn read(&self, name: &str) -> io::Result<Option<Arc<[u8]>>> {
        match read_file(&self.root.join(name)) {
            Ok(content) => Ok(Some(content)),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn share(&self) -> Option<Arc<dyn FileSource + Send + Sync>> {
        Some(Arc::new(self.clone()))
    }
}

/// More than any file of configuration has.
const MAX_FILE: u64 = 64 << 20;

/// Reads a file. A pipe or a device, which a stranger's tree may hold, might never end.
fn read_file(path: &Path) -> io::Result<Arc<[u8]>> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() && !metadata.is_dir() {
        return Err(io::Error::other("it is not a file"));
    }
    if metadata.len() > MAX_FILE {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    fs::read(path).map(|content| Arc::from(content.into_boxed_slice()))
}
