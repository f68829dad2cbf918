//! Folders in which results are kept from run to run.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime};
use std::{fs, io};

/// A file of a process that ended before it could be named is removed after this.
const ABANDONED: Duration = Duration::from_secs(3600);

/// Writes a file whose first line holds the hash of the rest, behind `magic`. Nobody ever reads
/// half of it: it is there whole, or as it was.
pub(crate) fn write_checked(file: &Path, magic: &str, body: &[u8], most: usize) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut new = tempfile::Builder::new()
        .prefix(".new-")
        .tempfile_in(folder)?;
    writeln!(new, "{magic}{}", blake3::hash(body).to_hex())?;
    new.write_all(body)?;
    new.persist(file).map_err(|error| error.error)?;
    forget_oldest(folder, most)
}

/// Reads what [`write_checked`] wrote.
///
/// # Errors
/// When there is no such file, or it is not as it was written.
pub(crate) fn read_checked(file: &Path, magic: &str, limit: u64) -> io::Result<Vec<u8>> {
    use io::Read;
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "it is damaged");
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
