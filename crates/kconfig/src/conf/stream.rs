//! Names that stand for something else than a file: `/dev/stdout`, `/dev/null`, a terminal.
//!
//! The reference program takes every name for a file's. It waits for the end of its own output
//! where that is to be read, and moves devices out of the way to put a file in their place.

use std::fs::{self, FileType};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// What a name stands for, where that is no file. It is read and written as it is, never
/// compared, moved or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stream {
    pub(super) is_readable: bool,
    pub(super) is_writable: bool,
}

/// How many links may lead to each other.
const MAX_LINKS: usize = 40;
const OWNER_READS: u32 = 0o400;
const OWNER_WRITES: u32 = 0o200;

impl Stream {
    /// What a path stands for; `None` where it is a file or a folder, or nothing is there.
    pub(super) fn of(path: &Path) -> Option<Self> {
        Self::of_descriptor(path).or_else(|| {
            let is_device = |kind: FileType| {
                kind.is_char_device() || kind.is_block_device() || kind.is_socket()
            };
            let kind = fs::metadata(path).ok()?.file_type();
            is_device(kind).then_some(Self {
                is_readable: true,
                is_writable: true,
            })
        })
    }

    /// What is open under a number in this process: `/dev/stdout`, `/dev/fd/63`.
    fn of_descriptor(path: &Path) -> Option<Self> {
        let mut path = path.to_owned();
        for _ in 0..MAX_LINKS {
            let link = fs::symlink_metadata(&path).ok()?;
            let parent = path.parent()?.canonicalize().ok()?;
            if is_descriptors(&parent) {
                let number = path.file_name()?.to_str()?;
                // A terminal's can mostly do both.
                return Some(Self {
                    is_readable: link.mode() & OWNER_READS != 0 && !matches!(number, "1" | "2"),
                    is_writable: link.mode() & OWNER_WRITES != 0 && number != "0",
                });
            }
            path = parent.join(fs::read_link(&path).ok()?);
        }
        None
    }
}

/// Whether a folder is that of this process's open files.
fn is_descriptors(folder: &Path) -> bool {
    let own = format!("/proc/{}", std::process::id());
    let Ok(below) = folder.strip_prefix(PathBuf::from(own)) else {
        return false;
    };
    // `/proc/self/fd`, or `/proc/thread-self/fd`.
    below.file_name().is_some_and(|name| name == "fd")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_files_and_devices_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(Stream::of(&file), None);
        assert_eq!(Stream::of(folder.path()), None);
        assert_eq!(Stream::of(&folder.path().join("nothing")), None);
        let null = Stream::of(Path::new("/dev/null")).unwrap();
        assert!(null.is_readable && null.is_writable);
    }

    #[test]
    fn what_is_open_is_told_by_its_number() {
        for name in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
            let stream = Stream::of(Path::new(name)).unwrap();
            assert!(!stream.is_readable, "{name}");
        }
        let (reader, _writer) = std::io::pipe().unwrap();
        let number = std::os::fd::AsRawFd::as_raw_fd(&reader);
        let stream = Stream::of(Path::new(&format!("/dev/fd/{number}"))).unwrap();
        assert!(stream.is_readable && !stream.is_writable);
    }
}
