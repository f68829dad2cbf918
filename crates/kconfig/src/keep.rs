//! Folders in which results are kept from run to run.

use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{fs, io};

/// A file of a process that ended before it could be named is removed after this.
const ABANDONED: Duration = Duration::from_secs(3600);

/// Writes a file whose first line holds the hash of the rest, behind `magic`. Nobody ever reads
/// half of it: it is there whole, or as it was.
pub(crate) fn write_checked(file: &Path, magic: &str, body: &[u8], most: usize) -> io::Result<()> {
    let heading = format!("{magic}{}\n", blake3::hash(body).to_hex());
    write_whole(file, &[heading.as_bytes(), body], most)
}

/// The same of several parts, each of which can be read without the others.
pub(crate) fn write_parts(
    file: &Path,
    magic: &str,
    parts: &[&[u8]],
    most: usize,
) -> io::Result<()> {
    let mut heading = magic.to_owned();
    for part in parts {
        heading.push_str(&format!("{} {} ", part.len(), blake3::hash(part).to_hex()));
    }
    heading.push('\n');
    let mut all = vec![heading.as_bytes()];
    all.extend_from_slice(parts);
    write_whole(file, &all, most)
}

fn write_whole(file: &Path, pieces: &[&[u8]], most: usize) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut new = tempfile::Builder::new()
        .prefix(".new-")
        .tempfile_in(folder)?;
    for piece in pieces {
        new.write_all(piece)?;
    }
    new.persist(file).map_err(|error| error.error)?;
    forget_oldest(folder, most)
}

/// Notes that a file was of use: others are forgotten first.
pub(crate) fn touch(file: &fs::File) {
    let now = fs::FileTimes::new().set_modified(SystemTime::now());
    // Where it cannot be noted, it is forgotten sooner.
    let _ = file.set_times(now);
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it is damaged")
}

/// What [`write_parts`] wrote. It stays readable when the file is replaced or removed.
#[derive(Debug)]
pub(crate) struct Parts {
    path: PathBuf,
    file: fs::File,
    index: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    offset: u64,
    length: usize,
    hash: String,
}

/// A heading is not longer than this.
const MAX_HEADING: usize = 1 << 10;

impl Parts {
    /// Opens a file, and reads where its parts are.
    ///
    /// # Errors
    /// When there is no such file, or it is not as it was written.
    pub(crate) fn open(path: &Path, magic: &str) -> io::Result<Self> {
        let file = fs::File::options().read(true).write(true).open(path)?;
        let mut heading = vec![0; MAX_HEADING];
        let length = file.read_at(&mut heading, 0)?;
        heading.truncate(length);
        let end = memchr::memchr(b'\n', &heading).ok_or_else(damaged)?;
        heading.truncate(end);
        let heading = String::from_utf8(heading).map_err(|_| damaged())?;
        let fields = heading.strip_prefix(magic).ok_or_else(damaged)?;
        let mut fields = fields.split_whitespace();
        let mut offset = end as u64 + 1;
        let mut parts = Vec::new();
        while let Some(length) = fields.next() {
            let length: usize = length.parse().map_err(|_| damaged())?;
            let hash = fields.next().ok_or_else(damaged)?.to_owned();
            parts.push(Part {
                offset,
                length,
                hash,
            });
            offset = offset.checked_add(length as u64).ok_or_else(damaged)?;
        }
        if file.metadata()?.len() != offset {
            return Err(damaged());
        }
        let path = path.to_owned();
        Ok(Self {
            path,
            file,
            index: parts,
        })
    }

    /// Reads a part.
    ///
    /// # Errors
    /// When there is none, or it is not as it was written.
    pub(crate) fn read(&self, part: usize) -> io::Result<Vec<u8>> {
        let part = self.index.get(part).ok_or_else(damaged)?;
        let mut bytes = vec![0; part.length];
        self.file.read_exact_at(&mut bytes, part.offset)?;
        let is_whole = blake3::hash(&bytes).to_hex().as_str() == part.hash;
        if is_whole { Ok(bytes) } else { Err(damaged()) }
    }

    /// Removes the file: the next run writes it anew.
    pub(crate) fn forget(&self) {
        let _ = fs::remove_file(&self.path);
    }

    /// Notes that the file was of use.
    pub(crate) fn touch(&self) {
        touch(&self.file);
    }
}

/// Reads what [`write_checked`] wrote.
///
/// # Errors
/// When there is no such file, or it is not as it was written.
pub(crate) fn read_checked(file: &Path, magic: &str, limit: u64) -> io::Result<Vec<u8>> {
    use io::Read;
    let file = fs::File::open(file)?;
    let mut text = Vec::with_capacity(file.metadata()?.len().min(limit) as usize);
    file.take(limit).read_to_end(&mut text)?;
    let end = memchr::memchr(b'\n', &text).ok_or_else(damaged)?;
    let body = text.split_off(end + 1);
    let hash = text.strip_prefix(magic.as_bytes()).ok_or_else(damaged)?;
    let is_whole = hash.strip_suffix(b"\n") == Some(blake3::hash(&body).to_hex().as_bytes());
    if is_whole { Ok(body) } else { Err(damaged()) }
}

/// Removes the files that were written longest ago, where there are more than `most`, and what
/// processes left behind that did not come to an end.
fn forget_oldest(folder: &Path, most: usize) -> io::Result<()> {
    let mut files = Vec::new();
    let now = SystemTime::now();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // Another process may have removed it by now.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let modified = metadata.modified()?;
        let is_new = entry.file_name().to_string_lossy().starts_with(".new-");
        if !is_new {
            files.push((modified, entry.path()));
        } else if now
            .duration_since(modified)
            .is_ok_and(|age| age > ABANDONED)
        {
            let _ = fs::remove_file(entry.path());
        }
    }
    files.sort();
    let surplus = files.len().saturating_sub(most);
    for (_, file) in files.iter().take(surplus) {
        let _ = fs::remove_file(file);
    }
    Ok(())
}
