//! The files that patches change: what a patch sees while it is applied, and the tree with them.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;
use std::sync::Arc;

use kconfig::{FileSource, FileState};

use crate::error::Result;
use crate::source::{Source, SourceTree};

/// What files are instead of what they are in the tree; nothing where they are removed.
pub(super) type Overlay = BTreeMap<String, Option<Arc<[u8]>>>;

/// A tree with other files in front.
#[derive(Clone)]
pub(super) struct PatchedTree {
    below: Arc<dyn SourceTree>,
    files: Arc<Overlay>,
}

impl PatchedTree {
    pub(super) fn new(below: Arc<dyn SourceTree>, files: Overlay) -> Self {
        Self {
            below,
            files: Arc::new(files),
        }
    }
}

impl FileSource for PatchedTree {
    fn read(&self, name: &str) -> io::Result<Option<Arc<[u8]>>> {
        match self.files.get(name) {
            Some(content) => Ok(content.clone()),
            None => self.below.read(name),
        }
    }

    fn state(&self, name: &str) -> io::Result<FileState> {
        match self.files.get(name) {
            Some(content) => Ok(state_of(content.as_deref())),
            None => self.below.state(name),
        }
    }

    fn identity(&self) -> Vec<u8> {
        let mut identity = self.below.identity();
        for (name, content) in &*self.files {
            identity.extend_from_slice(name.as_bytes());
            state_of(content.as_deref()).feed(&mut |part| identity.extend_from_slice(part));
        }
        identity
    }

    fn share(&self) -> Option<Arc<dyn FileSource + Send + Sync>> {
        Some(Arc::new(self.clone()))
    }
}

fn state_of(content: Option<&[u8]>) -> FileState {
    content.map_or(FileState::Absent, FileState::of_content)
}

impl SourceTree for PatchedTree {
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let mut names = self.below.list(folder)?;
        let folder = folder.trim_end_matches('/');
        for (path, content) in &*self.files {
            let Some(rest) = path.strip_prefix(folder) else {
                continue;
            };
            let within = if folder.is_empty() {
                Some(rest)
            } else {
                rest.strip_prefix('/')
            };
            match within.map(|within| within.split_once('/').ok_or(within)) {
                Some(Err(name)) => {
                    names.retain(|known| known != name);
                    names.extend(content.is_some().then(|| name.to_owned()));
                }
                Some(Ok((name, _))) if content.is_some() => names.push(name.to_owned()),
                _ => {}
            }
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn unpack_scripts(
        &self,
        folder: &Path,
        location: &str,
    ) -> io::Result<Option<Arc<dyn SourceTree>>> {
        Ok(self.below.unpack_scripts(folder, location)?.map(|below| {
            let files = Arc::clone(&self.files);
            Arc::new(Self { below, files }) as Arc<dyn SourceTree>
        }))
    }
}

/// A file, told from another one that comes to its place.
#[derive(Clone)]
pub(super) struct Entry {
    id: usize,
    pub(super) content: Arc<[u8]>,
}

/// What happened to a file.
#[derive(Clone, Copy, Default)]
struct State {
    is_to_be_deleted: bool,
    has_queued_output: bool,
}

/// The files while a patch is applied. Parts in Git's manner all speak of the files before any of
/// them: what they change is put down at their end, or when a file is changed again.
pub(super) struct Working<'a> {
    source: &'a Source,
    overlay: &'a mut Overlay,
    known: HashMap<String, Option<Entry>>,
    states: Vec<State>,
    queue: Vec<(String, Arc<[u8]>)>,
    deletions: Vec<(String, usize)>,
}

impl<'a> Working<'a> {
    pub(super) fn new(source: &'a Source, overlay: &'a mut Overlay) -> Self {
        Self {
            source,
            overlay,
            known: HashMap::new(),
            states: Vec::new(),
            queue: Vec::new(),
            deletions: Vec::new(),
        }
    }

    fn entry(&mut self, content: Arc<[u8]>) -> Entry {
        let id = self.states.len();
        self.states.push(State::default());
        Entry { id, content }
    }

    fn state(&mut self, entry: &Entry) -> Option<&mut State> {
        self.states.get_mut(entry.id)
    }

    /// The file of this name, as it is now.
    pub(super) fn get(&mut self, name: &str) -> Result<Option<Entry>> {
        if let Some(known) = self.known.get(name) {
            return Ok(known.clone());
        }
        let content = match self.overlay.get(name) {
            Some(content) => content.clone(),
            None => self.source.read(name)?,
        };
        let entry = content.map(|content| self.entry(content));
        self.known.insert(name.to_owned(), entry.clone());
        Ok(entry)
    }

    /// The same, where files that are to be deleted are gone.
    pub(super) fn get_kept(&mut self, name: &str) -> Result<Option<Entry>> {
        let entry = self.get(name)?;
        Ok(entry.filter(|entry| {
            let state = self.states.get(entry.id);
            state.is_none_or(|state| !state.is_to_be_deleted)
        }))
    }

    /// Whether there is a folder.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        let is_within = |name: &String| {
            name.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let mut files = self.known.iter().filter(|(_, entry)| entry.is_some());
        files.any(|(name, _)| is_within(name))
            || self
                .source
                .files()
                .list(folder)
                .is_ok_and(|names| !names.is_empty())
    }

    /// Takes note that a part in Git's manner changes a file. What was to be put down for it before is.
    pub(super) fn is_about_to_change(&mut self, name: &str) -> Result<()> {
        let Some(entry) = self.get(name)? else {
            return Ok(());
        };
        if self.state(&entry).is_some_and(|it| it.has_queued_output) {
            self.flush();
        }
        if let Some(entry) = self.get(name)?
            && let Some(state) = self.state(&entry)
        {
            state.has_queued_output = true;
        }
        Ok(())
    }

    /// Puts a file down.
    pub(super) fn write(&mut self, name: &str, content: Arc<[u8]>) {
        if let Some(Some(old)) = self.known.get(name).cloned()
            && let Some(state) = self.state(&old)
        {
            state.is_to_be_deleted = false;
        }
        let entry = self.entry(content);
        self.known.insert(name.to_owned(), Some(entry));
    }

    /// Puts a file down later.
    pub(super) fn write_later(&mut self, name: &str, content: Arc<[u8]>) {
        self.queue.push((name.to_owned(), content));
    }

    /// Puts down what was to be put down later.
    pub(super) fn flush(&mut self) {
        for (name, content) in std::mem::take(&mut self.queue) {
            self.write(&name, content);
        }
    }

    /// Deletes a file at the end, unless it comes anew.
    pub(super) fn delete_later(&mut self, name: &str) -> Result<()> {
        if let Some(entry) = self.get(name)? {
            if let Some(state) = self.state(&entry) {
                state.is_to_be_deleted = true;
            }
            self.deletions.push((name.to_owned(), entry.id));
        }
        Ok(())
    }

    /// Ends the patch. One that breaks off deletes nothing.
    pub(super) fn finish(mut self, breaks_off: bool) {
        self.flush();
        for (name, id) in std::mem::take(&mut self.deletions) {
            let goes = self.states.get(id).is_some_and(|it| it.is_to_be_deleted);
            if goes && !breaks_off {
                self.known.insert(name, None);
            }
        }
        for (name, entry) in self.known {
            self.overlay.insert(name, entry.map(|entry| entry.content));
        }
    }
}
