//! The files of a source tree, held in memory.

use super::{FileSource, FileState};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile {
    /// What is in it.
    pub content: Arc<[u8]>,
    /// Whether it is a program.
    pub is_executable: bool,
}

/// The files of a source tree, by their names from its top, and links among them. Trees of equal
/// files are equal, wherever they come from.
#[derive(Debug, Clone)]
pub struct TreeFiles {
    files: Arc<BTreeMap<String, TreeFile>>,
    links: Arc<BTreeMap<String, String>>,
    /// The folder that the tree is said to be in: names may begin with it.
    location: String,
    /// What the content of all files follows from.
    origin: Option<FileState>,
}

impl PartialEq for TreeFiles {
    fn eq(&self, other: &Self) -> bool {
        self.files == other.files && self.links == other.links && self.location == other.location
    }
}

impl Eq for TreeFiles {}

/// How many links may lead to each other.
const MAX_LINKS: usize = 40;

impl TreeFiles {
    /// A tree of these files, and of links with the names they lead to.
    pub fn new(files: BTreeMap<String, TreeFile>, links: BTreeMap<String, String>) -> Self {
        Self {
            files: Arc::new(files),
            links: Arc::new(links),
            location: String::new(),
            origin: None,
        }
    }

    /// The same tree, whose files all are as they were where what they come from is.
    pub(super) fn with_origin(self, origin: FileState) -> Self {
        Self {
            origin: Some(origin),
            ..self
        }
    }

    /// The same tree, said to be in a folder.
    #[must_use]
    pub fn at(&self, location: &str) -> Self {
        Self {
            location: location.trim_end_matches('/').to_owned(),
            ..self.clone()
        }
    }

    /// All files.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &TreeFile)> {
        self.files.iter().map(|(name, file)| (name.as_str(), file))
    }

    pub(super) fn links(&self) -> &BTreeMap<String, String> {
        &self.links
    }

    /// The names of what is in a folder, in order.
    pub fn list(&self, folder: &str) -> Vec<String> {
        let Some(folder) = self.resolve(folder) else {
            return Vec::new();
        };
        let prefix = if folder.is_empty() {
            folder
        } else {
            folder + "/"
        };
        let below = self.files.range(prefix.clone()..);
        let names: BTreeSet<&str> = below
            .map_while(|(name, _)| name.strip_prefix(&prefix))
            .filter_map(|rest| rest.split('/').next())
            .collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// The file that a name leads to.
    pub fn get(&self, name: &str) -> Option<&TreeFile> {
        self.files.get(&self.resolve(name)?)
    }

    /// A name from the tree's top, with `..` and links followed; none where it leads outside.
    fn resolve(&self, name: &str) -> Option<String> {
        let within = match self.location.as_str() {
            "" => None,
            location => name
                .strip_prefix(location)
                .and_then(|rest| rest.strip_prefix('/')),
        };
        let name = match within {
            Some(within) => within,
            None if name.starts_with('/') => return None,
            None => name,
        };
        let mut open: Vec<String> = name.split('/').rev().map(str::to_owned).collect();
        let mut path: Vec<String> = Vec::new();
        let mut followed = 0;
        while let Some(part) = open.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    path.pop()?;
                    continue;
                }
                _ => path.push(part),
            }
            if self.links.is_empty() {
                continue;
            }
            if let Some(target) = self.links.get(&path.join("/")) {
                followed += 1;
                if followed > MAX_LINKS {
                    return None;
                }
                // Targets are kept as names from the top.
                path.clear();
                open.extend(target.split('/').rev().map(str::to_owned));
            }
        }
        Some(path.join("/"))
    }
}

impl FileSource for TreeFiles {
    fn read(&self, name: &str) -> io::Result<Option<Arc<[u8]>>> {
        Ok(self.get(name).map(|file| Arc::clone(&file.content)))
    }

    fn state(&self, name: &str) -> io::Result<FileState> {
        let Some(file) = self.get(name) else {
            return Ok(FileState::Absent);
        };
        let origin = self.origin.clone();
        Ok(origin.unwrap_or_else(|| FileState::of_content(&file.content)))
    }

    fn share(&self) -> Option<Arc<dyn FileSource + Send + Sync>> {
        Some(Arc::new(self.clone()))
    }
}
