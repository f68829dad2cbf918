//! Finished configurations as files: a `.config`, or compressed as `/proc/config.gz`.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use findings::Finding;

use flate2::read::MultiGzDecoder;

/// A configuration of thirty thousand lines has one megabyte.
const LIMIT: u64 = 64 << 20;

/// Reads a configuration, decompressed if it is.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Box<Finding>> {
    let content = File::open(path).and_then(|file| {
        let content = bounded(file)?;
        if content.starts_with(&[0x1f, 0x8b]) {
            bounded(MultiGzDecoder::new(content.as_slice()))
        } else {
            Ok(content)
        }
    });
    content.map_err(|error| {
        Box::new(Finding::failure(format!(
            "the configuration {} cannot be read: {error}",
            path.display()
        )))
    })
}

fn bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    reader.take(LIMIT + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LIMIT {
        return Err(io::Error::other("it is larger than 64 MiB"));
    }
    Ok(content)
}

/// Whether a file holds a finished configuration rather than Nix: by its name, or by its first
/// line that says something.
pub(crate) fn is_config(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension {
        Some("nix") => return false,
        Some("config" | "gz") => return true,
        _ => {}
    }
    if path.is_dir() {
        return false;
    }
    let Ok(content) = read(path) else {
        return false;
    };
    content
        .split(|&byte| byte == b'\n')
        .any(|line| line.starts_with(b"CONFIG_") || line.starts_with(b"# CONFIG_"))
}
