//! The folder in which `conf` runs, and the files it reads and writes there.

use super::stream::Stream;
use crate::environment::Environment;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Files by the names that `conf` gives them, which are relative to the working folder.
pub(super) struct WorkFolder<'a> {
    path: PathBuf,
    environment: &'a Environment,
}

impl<'a> WorkFolder<'a> {
    pub(super) fn new(path: &Path, environment: &'a Environment) -> Self {
        Self {
            path: path.to_owned(),
            environment,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Reads a file in the working folder, else under `$srctree` (`zconf_fopen`).
    pub(super) fn open(&self, name: &str) -> Option<Vec<u8>> {
        if name.is_empty() {
            return None;
        }
        let near = read_like_stdio(&self.join(name));
        if near.is_some() || name.starts_with('/') {
            return near;
        }
        let tree = self.environment.get("srctree")?;
        read_like_stdio(&self.path.join(tree).join(name))
    }

    pub(super) fn exists(&self, name: &str) -> bool {
        self.join(name).exists()
    }

    pub(super) fn is_dir(&self, name: &str) -> bool {
        self.join(name).is_dir()
    }

    /// Writes a file, or into what stands in its place.
    pub(super) fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let path = self.join(name);
        match Stream::of(&path) {
            None => fs::write(path, content),
            // What is there already stays.
            Some(stream) if stream.is_writable => {
                File::options().append(true).open(path)?.write_all(content)
            }
            Some(_) => Err(io::ErrorKind::PermissionDenied.into()),
        }
    }

    /// Whether a name stands for a device or for what is open already.
    pub(super) fn is_stream(&self, name: &str) -> bool {
        Stream::of(&self.join(name)).is_some()
    }

    /// Whether a name stands for a file with a content.
    pub(super) fn holds(&self, name: &str, content: &[u8]) -> bool {
        let path = self.join(name);
        // A pipe's end may never come.
        let has_length = fs::metadata(&path)
            .is_ok_and(|data| data.is_file() && data.len() == content.len() as u64);
        has_length && !content.is_empty() && fs::read(path).is_ok_and(|old| old == content)
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.join(from), self.join(to))
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.join(name))
    }

    /// Creates a file, or empties it.
    pub(super) fn touch(&self, name: &str) -> io::Result<()> {
        File::create(self.join(name)).map(drop)
    }

    /// Creates the folder that a file is to be in.
    pub(super) fn make_parent(&self, name: &str) -> io::Result<()> {
        match name.rsplit_once('/') {
            Some((parent, _)) if !parent.is_empty() => fs::create_dir_all(self.join(parent)),
            _ => Ok(()),
        }
    }
}

/// Reads a file; a folder can be opened and is empty, as the C library has it.
fn read_like_stdio(path: &Path) -> Option<Vec<u8>> {
    if Stream::of(path).is_some_and(|stream| !stream.is_readable) {
        return None;
    }
    match fs::read(path) {
        Ok(content) => Some(content),
        Err(error) if error.kind() == io::ErrorKind::IsADirectory => Some(Vec::new()),
        Err(_) => None,
    }
}
