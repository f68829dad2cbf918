//! Whether a file is as it was.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime};

/// What tells whether a file is still as it was: equal states are those of equal contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// There is no such file.
    Absent,
    /// A file on disk, by what the system says of it.
    OnDisk {
        /// The device and the number of its inode.
        inode: [u64; 2],
        /// Its length in bytes.
        length: u64,
        /// When its content was last changed: seconds since 1970, and nanoseconds.
        modified: [i64; 2],
        /// When anything about it was last changed. Nobody can set this.
        changed: [i64; 2],
    },
    /// A file by the BLAKE3 hash of its content, or of something that its content follows from.
    Content([u8; 32]),
}

impl FileState {
    /// The state of a file with this content.
    pub fn of_content(content: &[u8]) -> Self {
        Self::Content(*blake3::hash(content).as_bytes())
    }

    pub(super) fn of_metadata(metadata: &Metadata) -> Self {
        Self::OnDisk {
            inode: [metadata.dev(), metadata.ino()],
            length: metadata.size(),
            modified: [metadata.mtime(), metadata.mtime_nsec()],
            changed: [metadata.ctime(), metadata.ctime_nsec()],
        }
    }

    /// When the file was last changed, where that is a part of its state: a change at the same
    /// moment would not show.
    pub(crate) fn changed(&self) -> Option<SystemTime> {
        let Self::OnDisk { changed, .. } = *self else {
            return None;
        };
        let [seconds, nanoseconds] = changed.map(u64::try_from);
        let since = Duration::new(seconds.ok()?, u32::try_from(nanoseconds.ok()?).ok()?);
        SystemTime::UNIX_EPOCH.checked_add(since)
    }

    /// Gives the state as bytes, of which others have others.
    pub fn feed(&self, take: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Absent => take(&[0]),
            Self::Content(hash) => {
                take(&[1]);
                take(hash);
            }
            Self::OnDisk {
                inode,
                length,
                modified,
                changed,
            } => {
                take(&[2]);
                for number in [inode[0], inode[1], *length] {
                    take(&number.to_le_bytes());
                }
                for number in modified.iter().chain(changed) {
                    take(&number.to_le_bytes());
                }
            }
        }
    }
}
