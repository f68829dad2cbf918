//! How a shell finds programs.

use crate::environment::Environment;
use std::fs::Metadata;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The folders in which programs are sought.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    /// The working folder, which relative paths start from.
    folder: PathBuf,
    path: Option<String>,
}

/// What was found by a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sought {
    /// A program that everyone may run.
    Program(PathBuf),
    /// Nothing.
    Nothing,
    /// A file that some may run and some may not, or no `PATH` to seek in.
    Unsure,
}

impl Search {
    pub(crate) fn new(environment: &Environment, folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            path: environment.get("PATH").map(str::to_owned),
        }
    }

    /// A search that finds nothing, and is sure of nothing.
    pub(crate) fn nowhere() -> Self {
        Self {
            folder: PathBuf::new(),
            path: None,
        }
    }

    /// The program that a shell would run by this name.
    pub(crate) fn seek(&self, name: &str) -> Sought {
        if self.folder.as_os_str().is_empty() {
            return Sought::Unsure;
        }
        for candidate in self.candidates(name) {
            match std::fs::metadata(&candidate) {
                Ok(metadata) if !metadata.is_file() => {}
                Ok(metadata) if is_for_everyone(&metadata) => return Sought::Program(candidate),
                Ok(metadata) if metadata.permissions().mode() & 0o111 == 0 => {}
                Ok(_) => return Sought::Unsure,
                Err(_) => {}
            }
        }
        if self.path.is_some() || name.contains('/') {
            Sought::Nothing
        } else {
            Sought::Unsure
        }
    }

    /// Every place where a program of this name could be, in the order of search.
    pub(crate) fn candidates(&self, name: &str) -> Vec<PathBuf> {
        if name.contains('/') {
            return vec![self.folder.join(name)];
        }
        let folders = self.path.iter().flat_map(|path| path.split(':'));
        folders
            .map(|folder| self.folder.join(folder).join(name))
            .collect()
    }
}

fn is_for_everyone(metadata: &Metadata) -> bool {
    metadata.permissions().mode() & 0o555 == 0o555
}
