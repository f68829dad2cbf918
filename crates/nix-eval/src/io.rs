//! Where files come from. The evaluator reads nothing but through this trait, so
//! that files can be embedded, and reading be confined to folders.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

/// What a path is, symbolic links not followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileType {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A device, a socket, …
    Unknown,
}

/// The files that an evaluation can see. All paths are absolute.
pub trait Io {
    /// The bytes of a file.
    fn read_file(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The names in a directory and what they are, in any order.
    fn read_dir(&self, path: &Path) -> io::Result<Vec<(Vec<u8>, FileType)>>;

    /// What is at a path, without following a symbolic link there; `None` if
    /// nothing is.
    fn file_type(&self, path: &Path) -> io::Result<Option<FileType>>;

    /// What a symbolic link says.
    fn read_link(&self, path: &Path) -> io::Result<PathBuf>;

    /// Whether a file is executable, which matters to its store path.
    fn is_executable(&self, path: &Path) -> io::Result<bool>;
}

/// The files of this machine.
#[derive(Clone, Copy, Default, Debug)]
pub struct HostIo;

impl From<std::fs::FileType> for FileType {
    fn from(kind: std::fs::FileType) -> Self {
        if kind.is_file() {
            FileType::Regular
        } else if kind.is_dir() {
            FileType::Directory
        } else if kind.is_symlink() {
            FileType::Symlink
        } else {
            FileType::Unknown
        }
    }
}

impl Io for HostIo {
    fn read_file(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<(Vec<u8>, FileType)>> {
        std::fs::read_dir(path)?
            .map(|entry| {
                let entry = entry?;
                let name = entry.file_name().into_encoded_bytes();
                Ok((name, entry.file_type()?.into()))
            })
            .collect()
    }

    fn file_type(&self, path: &Path) -> io::Result<Option<FileType>> {
        match std::fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Some(metadata.file_type().into())),
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

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::read_link(path)
    }

    fn is_executable(&self, path: &Path) -> io::Result<bool> {
        use std::os::unix::fs::PermissionsExt;
        Ok(std::fs::metadata(path)?.permissions().mode() & 0o100 != 0)
    }
}

/// Another [`Io`], confined to some folders: what lies elsewhere cannot be read,
/// neither directly nor through a symbolic link.
#[derive(Debug)]
pub struct RestrictedIo<I> {
    inner: I,
    /// Without symbolic links.
    allowed: Vec<PathBuf>,
}

/// The error of a path that may not be read: in which mode it is forbidden.
#[derive(Debug)]
pub struct OutsideAllowed(&'static str);

impl std::fmt::Display for OutsideAllowed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "forbidden {}", self.0)
    }
}

impl From<OutsideAllowed> for io::Error {
    fn from(error: OutsideAllowed) -> Self {
        io::Error::new(io::ErrorKind::PermissionDenied, error)
    }
}

const IN_RESTRICTED_MODE: &str = "in restricted mode";
const IN_PURE_MODE: &str = "in pure evaluation mode (use '--impure' to override)";

impl std::error::Error for OutsideAllowed {}

impl<I: Io> RestrictedIo<I> {
    /// Confines `inner` to `folders`, which must exist.
    pub fn new(inner: I, folders: &[PathBuf]) -> io::Result<Self> {
        let mut allowed = Vec::with_capacity(folders.len());
        for folder in folders {
            allowed.push(resolve_links(&inner, folder)?);
        }
        Ok(Self { inner, allowed })
    }

    /// The path with every symbolic link but the last resolved, if it is inside
    /// of an allowed folder, or leads to one.
    fn check(&self, path: &Path) -> io::Result<PathBuf> {
        let resolved = match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => resolve_links(&self.inner, parent)?.join(name),
            _ => path.to_owned(),
        };
        if self
            .allowed
            .iter()
            .any(|folder| resolved.starts_with(folder))
        {
            Ok(resolved)
        } else {
            Err(OutsideAllowed(IN_RESTRICTED_MODE).into())
        }
    }

    /// The same for an operation that follows a last symbolic link.
    fn check_followed(&self, path: &Path) -> io::Result<PathBuf> {
        let resolved = resolve_links(&self.inner, path)?;
        self.check(&resolved)
    }
}

impl<I: Io> Io for RestrictedIo<I> {
    fn read_file(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.inner.read_file(&self.check_followed(path)?)
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<(Vec<u8>, FileType)>> {
        self.inner.read_dir(&self.check_followed(path)?)
    }

    fn file_type(&self, path: &Path) -> io::Result<Option<FileType>> {
        // What leads to an allowed folder may be looked at on the way.
        if self.allowed.iter().any(|folder| folder.starts_with(path)) {
            return self.inner.file_type(path);
        }
        self.inner.file_type(&self.check(path)?)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.inner.read_link(&self.check(path)?)
    }

    fn is_executable(&self, path: &Path) -> io::Result<bool> {
        self.inner.is_executable(&self.check_followed(path)?)
    }
}

/// The paths that an [`AllowListIo`] lets through, with all that is below them. Clones
/// share one list.
#[derive(Clone, Debug, Default)]
pub struct AllowList(Rc<RefCell<Vec<PathBuf>>>);

impl AllowList {
    /// Allows a path.
    pub fn allow(&self, path: impl Into<PathBuf>) {
        self.0.borrow_mut().push(path.into());
    }

    /// Whether a path is allowed, or leads to one that is.
    fn has(&self, path: &Path) -> bool {
        let allowed = self.0.borrow();
        let mut allowed = allowed.iter();
        allowed.any(|prefix| path.starts_with(prefix) || prefix.starts_with(path))
    }
}

/// Another [`Io`], of which only what a list names can be read: by the paths as they
/// are written, as the settings `restrict-eval` and `pure-eval` of Nix have it.
#[derive(Debug)]
pub struct AllowListIo<I> {
    inner: I,
    allowed: AllowList,
    mode: &'static str,
}

impl<I: Io> AllowListIo<I> {
    /// What `restrict-eval` lets through.
    pub fn restricted(inner: I, allowed: AllowList) -> Self {
        Self {
            inner,
            allowed,
            mode: IN_RESTRICTED_MODE,
        }
    }

    /// What `pure-eval` lets through.
    pub fn pure(inner: I, allowed: AllowList) -> Self {
        Self {
            inner,
            allowed,
            mode: IN_PURE_MODE,
        }
    }

    fn check(&self, path: &Path) -> io::Result<()> {
        if self.allowed.has(path) {
            return Ok(());
        }
        Err(OutsideAllowed(self.mode).into())
    }
}

impl<I: Io> Io for AllowListIo<I> {
    fn read_file(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.check(path)?;
        self.inner.read_file(path)
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<(Vec<u8>, FileType)>> {
        self.check(path)?;
        let mut entries = self.inner.read_dir(path)?;
        entries.retain(|(name, _)| {
            let name = std::ffi::OsStr::from_bytes(name);
            self.allowed.has(&path.join(name))
        });
        Ok(entries)
    }

    fn file_type(&self, path: &Path) -> io::Result<Option<FileType>> {
        self.check(path)?;
        self.inner.file_type(path)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        self.check(path)?;
        self.inner.read_link(path)
    }

    fn is_executable(&self, path: &Path) -> io::Result<bool> {
        self.check(path)?;
        self.inner.is_executable(path)
    }
}

/// Files in memory under a root that need not exist, in front of another [`Io`].
pub struct OverlayIo<I> {
    inner: I,
    root: PathBuf,
    files: BTreeMap<PathBuf, &'static [u8]>,
}

impl<I: Io> OverlayIo<I> {
    /// Puts `files`, by path relative to `root`, in front of `inner`.
    pub fn new(
        inner: I,
        root: impl Into<PathBuf>,
        files: impl IntoIterator<Item = (PathBuf, &'static [u8])>,
    ) -> Self {
        Self {
            inner,
            root: root.into(),
            files: files.into_iter().collect(),
        }
    }

    fn embedded<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        path.strip_prefix(&self.root).ok()
    }

    fn embedded_type(&self, path: &Path) -> Option<FileType> {
        if self.files.contains_key(path) {
            return Some(FileType::Regular);
        }
        self.files
            .keys()
            .any(|file| file.starts_with(path))
            .then_some(FileType::Directory)
    }
}

impl<I: Io> Io for OverlayIo<I> {
    fn read_file(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.embedded(path) {
            Some(relative) => match self.files.get(relative) {
                Some(text) => Ok(text.to_vec()),
                None => Err(io::ErrorKind::NotFound.into()),
            },
            None => self.inner.read_file(path),
        }
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<(Vec<u8>, FileType)>> {
        let Some(relative) = self.embedded(path) else {
            return self.inner.read_dir(path);
        };
        let mut entries = BTreeMap::new();
        for file in self.files.keys() {
            let Ok(below) = file.strip_prefix(relative) else {
                continue;
            };
            let mut names = below.components();
            if let Some(Component::Normal(name)) = names.next() {
                let kind = if names.next().is_some() {
                    FileType::Directory
                } else {
                    FileType::Regular
                };
                entries.insert(name.as_encoded_bytes().to_vec(), kind);
            }
        }
        if entries.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(entries.into_iter().collect())
    }

    fn file_type(&self, path: &Path) -> io::Result<Option<FileType>> {
        match self.embedded(path) {
            Some(relative) => Ok(self.embedded_type(relative)),
            // On the way to the root there are folders, whatever `inner` has there
            // and whether or not it may be looked at.
            None if self.root.starts_with(path) => Ok(Some(FileType::Directory)),
            None => self.inner.file_type(path),
        }
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        match self.embedded(path) {
            Some(_) => Err(io::ErrorKind::InvalidInput.into()),
            None => self.inner.read_link(path),
        }
    }

    fn is_executable(&self, path: &Path) -> io::Result<bool> {
        match self.embedded(path) {
            Some(_) => Ok(false),
            None => self.inner.is_executable(path),
        }
    }
}

/// More symbolic links than this on one path are a cycle, as for Linux.
const MAX_LINKS: usize = 40;

/// A path with its symbolic links resolved. Parts that do not exist stay.
pub fn resolve_links(io: &(impl Io + ?Sized), path: &Path) -> io::Result<PathBuf> {
    let mut links = 0;
    let mut resolved = PathBuf::from("/");
    let mut todo: Vec<PathBuf> = names_reversed(path);
    while let Some(name) = todo.pop() {
        if name.as_os_str() == ".." {
            resolved.pop();
            continue;
        }
        let next = resolved.join(&name);
        if io.file_type(&next)? == Some(FileType::Symlink) {
            links += 1;
            if links > MAX_LINKS {
                return Err(io::Error::other("too many levels of symbolic links"));
            }
            let target = io.read_link(&next)?;
            if target.is_absolute() {
                resolved = PathBuf::from("/");
            }
            todo.extend(names_reversed(&target));
        } else {
            resolved = next;
        }
    }
    Ok(resolved)
}

/// The names of a path, the last first.
fn names_reversed(path: &Path) -> Vec<PathBuf> {
    path.components()
        .rev()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(PathBuf::from(name)),
            Component::ParentDir => Some(PathBuf::from("..")),
            _ => None,
        })
        .collect()
}
