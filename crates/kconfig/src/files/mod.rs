//! Where Kconfig files come from.

mod archive;
mod bundle;
mod kept;
mod state;
mod stream;
#[cfg(test)]
mod tests;
mod tree_files;

pub use archive::{ArchiveError, ArchiveLimits};
pub use bundle::{ArchiveTree, read_archive};
pub use state::FileState;
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

    /// What tells whether a file is as it was, which may be had without reading it.
    ///
    /// # Errors
    /// As for [`read`](Self::read).
    fn state(&self, name: &str) -> io::Result<FileState> {
        let content = self.read(name)?;
        Ok(content.map_or(FileState::Absent, |content| FileState::of_content(&content)))
    }

    /// What tells these files from others that are used in turn with them, where their top files
    /// are alike. It need not tell whether files are as they were.
    fn identity(&self) -> Vec<u8> {
        Vec::new()
    }

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
        present(read_file(&self.root.join(name)))
    }

    fn state(&self, name: &str) -> io::Result<FileState> {
        let metadata = present(fs::metadata(self.root.join(name)))?;
        Ok(metadata.map_or(FileState::Absent, |data| FileState::of_metadata(&data)))
    }

    fn share(&self) -> Option<Arc<dyn FileSource + Send + Sync>> {
        Some(Arc::new(self.clone()))
    }
}

/// `None` where there is no such file.
fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
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
