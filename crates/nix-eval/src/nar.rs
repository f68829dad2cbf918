//! The NAR serialisation of a file tree, as input to a hash. Nix manual, "Nix
//! Archive (NAR) format".

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::hash::{Hash, HashAlgorithm, Hasher};
use crate::io::{FileType, Io};

/// What lies deeper than this is refused, as Nix does.
const MAX_DEPTH: usize = 64;

/// Why a tree cannot be serialised.
pub(crate) enum NarError<E> {
    /// Something in it cannot be read.
    Io(PathBuf, std::io::Error),
    /// Something in it cannot be in a store.
    Unsupported(String),
    /// The filter failed.
    Filter(E),
}

/// Where files come from, and which of them count.
pub(crate) trait NarInput {
    /// Why the filter fails.
    type Error;

    /// The files.
    fn io(&self) -> &dyn Io;

    /// Whether what is at a path below the root belongs to the tree.
    fn wants(&mut self, path: &Path, kind: FileType) -> Result<bool, Self::Error>;
}

/// The hash of the serialisation of what is at `path`, a symbolic link there not
/// followed.
pub(crate) fn hash<I: NarInput>(
    input: &mut I,
    path: &Path,
    algorithm: HashAlgorithm,
) -> Result<Hash, NarError<I::Error>> {
    let mut writer = Writer {
        input,
        hasher: Hasher::new(algorithm),
    };
    writer.string(b"nix-archive-1");
    let kind = writer
        .input
        .io()
        .file_type(path)
        .map_err(|error| NarError::Io(path.to_owned(), error))?
        .ok_or_else(|| NarError::Io(path.to_owned(), std::io::ErrorKind::NotFound.into()))?;
    writer.object(path, kind, 0)?;
    Ok(writer.hasher.finish())
}

struct Writer<'a, I> {
    input: &'a mut I,
    hasher: Hasher,
}

impl<I: NarInput> Writer<'_, I> {
    /// A length, the bytes, and zeros up to a multiple of eight.
    fn string(&mut self, bytes: &[u8]) {
        self.hasher.update(&(bytes.len() as u64).to_le_bytes());
        self.hasher.update(bytes);
        self.hasher
            .update(&[0; 8][..bytes.len().wrapping_neg() % 8]);
    }

    fn strings<const N: usize>(&mut self, strings: [&[u8]; N]) {
        for string in strings {
            self.string(string);
        }
    }

    fn object(
        &mut self,
        path: &Path,
        kind: FileType,
        depth: usize,
    ) -> Result<(), NarError<I::Error>> {
        let failed = |error| NarError::Io(path.to_owned(), error);
        if depth >= MAX_DEPTH {
            return Err(NarError::Unsupported(format!(
                "path '{}' exceeds maximum NAR directory depth of {MAX_DEPTH}",
                path.display()
            )));
        }
        self.strings([b"(", b"type"]);
        match kind {
            FileType::Regular => {
                self.string(b"regular");
                if self.input.io().is_executable(path).map_err(failed)? {
                    self.strings([b"executable", b""]);
                }
                let contents = self.input.io().read_file(path).map_err(failed)?;
                self.strings([b"contents", &contents]);
            }
            FileType::Symlink => {
                let target = self.input.io().read_link(path).map_err(failed)?;
                self.strings([b"symlink", b"target", target.as_os_str().as_encoded_bytes()]);
            }
            FileType::Directory => {
                self.string(b"directory");
                let mut entries = self.input.io().read_dir(path).map_err(failed)?;
                entries.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
                for (name, kind) in entries {
                    self.entry(path, &name, kind, depth)?;
                }
            }
            FileType::Unknown => {
                return Err(NarError::Unsupported(format!(
                    "file '{}' has an unsupported type",
                    path.display()
                )));
            }
        }
        self.string(b")");
        Ok(())
    }

    fn entry(
        &mut self,
        directory: &Path,
        name: &[u8],
        kind: FileType,
        depth: usize,
    ) -> Result<(), NarError<I::Error>> {
        let path: PathBuf = directory.join(OsStr::from_bytes(name));
        if self.input.wants(&path, kind).map_err(NarError::Filter)? {
            self.strings([b"entry", b"(", b"name", name, b"node"]);
            self.object(&path, kind, depth + 1)?;
            self.string(b")");
        }
        Ok(())
    }
}
