//! A kernel's source tree: where its files come from, and what it says of itself.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use kconfig::{
    ArchiveLimits, Environment, FileSource, Folder, Generation, ParseOptions, Prober, Reporter,
    Tree, TreeCache, TreeFiles,
};

use crate::environment::makefile_version;
use crate::error::{Error, Result};

/// The files of a source tree. Names are relative to its top.
pub trait SourceTree: FileSource + Send + Sync {
    /// The names of what is in a folder, in order; none where there is no such folder.
    ///
    /// # Errors
    /// When the folder cannot be read.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Puts the helper scripts of toolchain probes below a folder; gives the same files with
    /// `location` as their place. `None` where they are on disk already.
    ///
    /// # Errors
    /// When they cannot be written.
    fn unpack_scripts(
        &self,
        _folder: &Path,
        _location: &str,
    ) -> io::Result<Option<Arc<dyn SourceTree>>> {
        Ok(None)
    }
}

impl SourceTree for Folder {
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.root().join(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }
}

impl SourceTree for TreeFiles {
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        Ok(Self::list(self, folder))
    }

    fn unpack_scripts(
        &self,
        folder: &Path,
        location: &str,
    ) -> io::Result<Option<Arc<dyn SourceTree>>> {
        for (name, file) in self.iter() {
            let is_script = name.starts_with("scripts/") || file.is_executable;
            let stays_within = name.split('/').all(|part| !part.is_empty() && part != "..");
            if !(is_script && stays_within) {
                continue;
            }
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            let mode = if file.is_executable { 0o755 } else { 0o644 };
            let mut options = fs::File::options();
            options.write(true).create_new(true).mode(mode);
            options.open(path)?.write_all(&file.content)?;
        }
        Ok(Some(Arc::new(self.at(location))))
    }
}

/// `srctree` of a tree whose scripts were unpacked, in the folder that probes run in. It is the same
/// each time: what a tree comes to may depend on it. No tree has a folder of this name.
const UNPACKED: &str = ".unpacked-tree";

/// A kernel's source tree.
#[derive(Clone)]
pub struct Source {
    /// How messages name it.
    name: String,
    /// `srctree`: where helper scripts of toolchain probes are.
    location: String,
    files: Arc<dyn SourceTree>,
    version: Option<String>,
}

impl Source {
    /// Opens the unpacked tree in a folder, or the tree in an archive.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with_cache(path, None, &mut |_| {})
    }

    /// The same, where archives are read only once: what is of use in them is kept in the folder
    /// `cache`. What is wrong with that folder is given to `warn`.
    pub fn open_with_cache(
        path: &Path,
        cache: Option<&Path>,
        warn: &mut dyn FnMut(String),
    ) -> Result<Self> {
        let unreadable = |error| Error::Unreadable {
            path: path.display().to_string(),
            error,
        };
        let path = path.canonicalize().map_err(unreadable)?;
        let name = path.display().to_string();
        let location = path.to_string_lossy();
        if path.is_dir() {
            return Self::of_files(name.as_str(), location, Arc::new(Folder::new(&path)));
        }
        let archive = kconfig::read_archive(&path, &ArchiveLimits::default(), cache);
        let tree = archive.map_err(|error| Error::Archive {
            path: name.clone(),
            error,
        })?;
        if let Some(warning) = tree.warning {
            warn(warning);
        }
        let files = tree.files.at(&location);
        Self::of_files(name.as_str(), location, Arc::new(files))
    }

    /// The same tree with the helper scripts of toolchain probes on disk: where they are, or in the
    /// folder `folder`, from which probes have to run.
    pub(crate) fn with_scripts_on_disk(&self, folder: &Path) -> Result<Self> {
        let unpacked = self.files.unpack_scripts(&folder.join(UNPACKED), UNPACKED);
        match unpacked.map_err(|error| Error::NoScratch { error })? {
            Some(files) => Ok(Self {
                location: UNPACKED.to_owned(),
                files,
                ..self.clone()
            }),
            None => Ok(self.clone()),
        }
    }

    /// A tree whose files are given. `name` is what messages call it, `location` is `srctree`.
    pub fn of_files(
        name: impl Into<String>,
        location: impl Into<String>,
        files: Arc<dyn SourceTree>,
    ) -> Result<Self> {
        let mut source = Self {
            name: name.into(),
            location: location.into(),
            files,
            version: None,
        };
        if source.read("Kconfig")?.is_none() {
            return Err(Error::NoKconfig { path: source.name });
        }
        let makefile = source.read("Makefile")?;
        source.version = makefile.and_then(|makefile| makefile_version(&makefile));
        Ok(source)
    }

    /// The content of a file, or `None` where there is no such file.
    pub fn read(&self, file: &str) -> Result<Option<Arc<[u8]>>> {
        self.files.read(file).map_err(|error| Error::Unreadable {
            path: format!("{}/{file}", self.name),
            error,
        })
    }

    /// The text of a file that need not be there.
    pub(crate) fn text(&self, file: &str) -> Option<String> {
        let content = self.files.read(file).ok().flatten()?;
        Some(String::from_utf8_lossy(&content).into_owned())
    }

    /// The same tree, whose `srctree` is written otherwise.
    #[must_use]
    pub fn named(&self, location: &str) -> Self {
        Self {
            location: location.to_owned(),
            ..self.clone()
        }
    }

    /// How messages name the tree.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// `srctree`: the folder that toolchain probes find helper scripts in.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The files.
    pub fn files(&self) -> &Arc<dyn SourceTree> {
        &self.files
    }

    /// The version that the tree's Makefile says.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Parses the tree's Kconfig files. `environment` is what `make` exports to `conf`
    /// ([`environment::of`](crate::environment::of)): its `KERNELVERSION` tells the generation.
    ///
    /// # Errors
    /// When the files cannot be used; what is wrong has been told to `reporter`.
    pub fn parse(
        &self,
        environment: &Environment,
        prober: &mut dyn Prober,
        reporter: &mut dyn Reporter,
    ) -> Result<Tree> {
        self.parse_with_cache(environment, prober, None, reporter)
    }

    /// The same, where a tree that was parsed before is taken from a cache.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse).
    pub fn parse_with_cache(
        &self,
        environment: &Environment,
        prober: &mut dyn Prober,
        cache: Option<&TreeCache>,
        reporter: &mut dyn Reporter,
    ) -> Result<Tree> {
        let options = ParseOptions {
            root: "Kconfig",
            environment,
            generation: environment
                .get("KERNELVERSION")
                .and_then(Generation::from_version)
                .unwrap_or(Generation::NEWEST),
        };
        let files: &dyn FileSource = &*self.files;
        let parsed = match cache {
            Some(cache) => cache.parse(&options, files, prober, reporter),
            None => Tree::parse(&options, files, prober, reporter),
        };
        parsed.map_err(|error| Error::Parse {
            path: self.name.clone(),
            error,
        })
    }
}
