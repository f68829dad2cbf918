//! The folder that reference programs are fetched and built into.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A folder whose entries are whole or not there.
pub(crate) struct Cache {
    root: PathBuf,
}

impl Cache {
    pub(crate) fn open(root: &Path) -> Result<Self> {
        fs::create_dir_all(root)
            .with_context(|| format!("cannot create the cache folder {}", root.display()))?;
        Ok(Self {
            root: root.canonicalize()?,
        })
    }

    /// The folder `name`, made by `make` unless it was made before from the same
    /// `origin`. An attempt that was broken off leaves nothing behind that counts.
    pub(crate) fn folder(
        &self,
        name: &str,
        origin: &str,
        make: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let folder = self.root.join(name);
        let marker = self.root.join(format!("{name}.origin"));
        if folder.is_dir() && fs::read_to_string(&marker).is_ok_and(|made| made == origin) {
            return Ok(folder);
        }
        let unfinished = self.root.join(format!("{name}.unfinished"));
        for old in [&folder, &unfinished] {
            remove(old)?;
        }
        fs::create_dir_all(&unfinished)?;
        make(&unfinished)?;
        fs::rename(&unfinished, &folder)?;
        fs::write(&marker, origin)?;
        Ok(folder)
    }

    /// A folder that keeps what is in it.
    pub(crate) fn state(&self, name: &str) -> Result<PathBuf> {
        let folder = self.root.join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}
