//! A source tree in an archive, read as a stream: nothing is unpacked to disk.

use super::kept::{is_kept, named_files};
use super::stream::{Bytes, Layer, Limited, Peeked, deb_data};
use super::tree_files::{TreeFile, TreeFiles};
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// How much an archive may hold: a kernel's sources unpack to 1.5 GB in 90,000 files, of which
/// 15 MB are kept.
#[derive(Debug, Clone, Copy)]
pub struct ArchiveLimits {
    /// Bytes after decompression, of every layer.
    pub unpacked: u64,
    /// Bytes of the files that are kept.
    pub kept: u64,
    /// Bytes of one file that is kept.
    pub file: u64,
    /// Files, folders and links.
    pub entries: usize,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self {
            unpacked: 32 << 30,
            kept: 256 << 20,
            file: 16 << 20,
            entries: 4_000_000,
        }
    }
}

/// Why an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It cannot be read, or is damaged.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is no archive of a known kind.
    #[error(
        "it is neither a tar archive (plain, or packed with gzip, xz, zstd or bzip2) nor a Debian package"
    )]
    Unknown,
    /// There is no Kconfig file in it.
    #[error("there is no Kconfig file in it")]
    NoKconfig,
    /// It holds more than is allowed.
    #[error("it holds more than {limit} {what}")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
    },
}

/// Compressions in one another, and archives in archives: a Debian package is
/// `ar` → xz → tar → xz → tar.
const MAX_LAYERS: usize = 8;
/// How often an archive is read again for files that Kconfig files name.
const MAX_ROUNDS: usize = 8;
/// A path, with all its folders.
const MAX_NAME: u64 = 1 << 16;
/// The extended header of an entry.
const MAX_EXTENSIONS: u64 = 1 << 20;

/// Reads the files of a kernel's source tree that configuration needs from an archive.
///
/// # Errors
/// When it is no archive, is damaged, or holds more than is allowed.
pub(super) fn read(path: &Path, limits: &ArchiveLimits) -> Result<TreeFiles, ArchiveError> {
    let mut found = Found::default();
    let mut wanted = HashSet::new();
    for _ in 0..MAX_ROUNDS {
        found = Found {
            limits: *limits,
            wanted: std::mem::take(&mut wanted),
            ..Found::default()
        };
        found.read_layers(Box::new(File::open(path)?))?;
        let missing = found.missing()?;
        if missing.is_empty() {
            break;
        }
        wanted = std::mem::take(&mut found.wanted);
        wanted.extend(missing);
    }
    found.into_tree()
}

/// What was met in an archive.
#[derive(Default)]
struct Found {
    limits: ArchiveLimits,
    /// Files to keep besides, by their whole names.
    wanted: HashSet<String>,
    files: BTreeMap<String, TreeFile>,
    /// Links, symbolic ones with the folder they start from.
    links: BTreeMap<String, String>,
    /// All files, those that are not kept, too.
    names: HashSet<String>,
    kept_bytes: u64,
    entries: usize,
}

impl Found {
    fn read_layers(&mut self, stream: Box<dyn Read + '_>) -> Result<(), ArchiveError> {
        let mut stream: Box<dyn Read + '_> = stream;
        for _ in 0..MAX_LAYERS {
            let peeked = Peeked::new(stream)?;
            let layer = peeked.layer().ok_or(ArchiveError::Unknown)?;
            let bytes = peeked.into_bytes();
            let inner = match layer {
                Layer::Tar => return self.read_tar(bytes),
                Layer::Deb => deb_data(bytes)?,
                Layer::Compressed(compression) => compression.reader(bytes)?,
            };
            stream = Box::new(Limited::new(inner, self.limits.unpacked));
        }
        Err(ArchiveError::Unknown)
    }

    fn read_tar(&mut self, bytes: Bytes<'_>) -> Result<(), ArchiveError> {
        let mut archive = tar::Archive::new(bytes);
        let mut extended = Extended::default();
        // Extensions are read here, since they may be of any length.
        for entry in archive.entries()?.raw(true) {
            let mut entry = entry?;
            self.entries += 1;
            if self.entries > self.limits.entries {
                return Err(ArchiveError::TooMuch {
                    what: "files",
                    limit: self.limits.entries as u64,
                });
            }
            let kind = entry.header().entry_type();
            if extended.take(kind, &mut entry)? {
                continue;
            }
            let extended = std::mem::take(&mut extended);
            let Some(name) = plain_name(&extended.name(&entry)) else {
                continue;
            };
            if kind.is_symlink() || kind.is_hard_link() {
                let target = extended.link(&entry);
                let target = match name.rsplit_once('/') {
                    Some((folder, _)) if kind.is_symlink() => format!("{folder}/{target}"),
                    _ => target,
                };
                if let Some(target) = plain_name(&target) {
                    self.links.insert(name, target);
                }
            } else if kind.is_file() {
                // The package of a kernel's sources holds them packed.
                if is_nested_archive(&name) {
                    return self.read_nested(Box::new(entry));
                }
                self.read_file(name, &mut entry)?;
            }
        }
        Ok(())
    }

    fn read_nested(&mut self, entry: Box<dyn Read + '_>) -> Result<(), ArchiveError> {
        let mut inner = Found {
            limits: self.limits,
            wanted: std::mem::take(&mut self.wanted),
            ..Found::default()
        };
        inner.read_layers(entry)?;
        *self = inner;
        Ok(())
    }

    fn read_file(
        &mut self,
        name: String,
        entry: &mut tar::Entry<'_, impl Read>,
    ) -> Result<(), ArchiveError> {
        if is_kept(&name) || self.wanted.contains(&name) {
            let size = entry.size();
            if size > self.limits.file {
                return Err(ArchiveError::TooMuch {
                    what: "bytes in one file that configuration needs",
                    limit: self.limits.file,
                });
            }
            self.kept_bytes += size;
            if self.kept_bytes > self.limits.kept {
                return Err(ArchiveError::TooMuch {
                    what: "bytes that configuration needs",
                    limit: self.limits.kept,
                });
            }
            let mut content = Vec::with_capacity(size as usize);
            entry.read_to_end(&mut content)?;
            let is_executable = entry.header().mode().is_ok_and(|mode| mode & 0o111 != 0);
            let file = TreeFile {
                content: content.into(),
                is_executable,
            };
            self.files.insert(name.clone(), file);
        }
        self.names.insert(name);
        Ok(())
    }

    /// The folder of the tree's top: that of the Kconfig file that is highest.
    fn top(&self) -> Result<String, ArchiveError> {
        let tops = self.files.keys().filter_map(|name| {
            let folder = name
                .strip_suffix("Kconfig")
                .or_else(|| name.strip_suffix("Config.in"))?;
            (folder.is_empty() || folder.ends_with('/')).then_some(folder)
        });
        tops.min_by_key(|folder| folder.matches('/').count())
            .map(str::to_owned)
            .ok_or(ArchiveError::NoKconfig)
    }

    /// Files that Kconfig files name, and that are there, but were not kept.
    fn missing(&self) -> Result<Vec<String>, ArchiveError> {
        let top = self.top()?;
        let mut missing = Vec::new();
        for (name, file) in &self.files {
            let file_name = name.rsplit('/').next().unwrap_or_default();
            let is_kconfig = file_name.starts_with("Kconfig") || file_name.starts_with("Config.");
            if !is_kconfig && !self.wanted.contains(name) {
                continue;
            }
            let text = String::from_utf8_lossy(&file.content);
            for named in named_files(&text) {
                let named = format!("{top}{named}");
                if self.names.contains(&named) && !self.files.contains_key(&named) {
                    missing.push(named);
                }
            }
        }
        Ok(missing)
    }

    fn into_tree(self) -> Result<TreeFiles, ArchiveError> {
        let top = self.top()?;
        let within = |name: &str| name.strip_prefix(&top).map(str::to_owned);
        let files = self.files.into_iter();
        let links = self.links.iter();
        Ok(TreeFiles::new(
            files
                .filter_map(|(name, file)| Some((within(&name)?, file)))
                .collect(),
            links
                .filter_map(|(name, target)| Some((within(name)?, within(target)?)))
                .collect(),
        ))
    }
}

/// What extension entries say of the entry behind them.
#[derive(Default)]
struct Extended {
    name: Option<String>,
    link: Option<String>,
}

impl Extended {
    /// Takes an extension; false where the entry is none.
    fn take(
        &mut self,
        kind: tar::EntryType,
        entry: &mut tar::Entry<'_, impl Read>,
    ) -> Result<bool, ArchiveError> {
        if kind.is_gnu_longname() {
            self.name = Some(text(entry, MAX_NAME)?);
        } else if kind.is_gnu_longlink() {
            self.link = Some(text(entry, MAX_NAME)?);
        } else if kind.is_pax_local_extensions() {
            let extensions = bytes(entry, MAX_EXTENSIONS)?;
            for extension in tar::PaxExtensions::new(&extensions).flatten() {
                let value = String::from_utf8_lossy(extension.value_bytes()).into_owned();
                match extension.key_bytes() {
                    b"path" => self.name = Some(value),
                    b"linkpath" => self.link = Some(value),
                    _ => {}
                }
            }
        } else {
            // What is for all entries says nothing of names.
            return Ok(kind.is_pax_global_extensions());
        }
        Ok(true)
    }

    fn name(&self, entry: &tar::Entry<'_, impl Read>) -> String {
        let header = || String::from_utf8_lossy(&entry.header().path_bytes()).into_owned();
        self.name.clone().unwrap_or_else(header)
    }

    fn link(&self, entry: &tar::Entry<'_, impl Read>) -> String {
        let header = || entry.header().link_name_bytes();
        self.link.clone().unwrap_or_else(|| {
            header().map_or_else(String::new, |name| {
                String::from_utf8_lossy(&name).into_owned()
            })
        })
    }
}

fn bytes(entry: &mut impl Read, limit: u64) -> Result<Vec<u8>, ArchiveError> {
    let mut content = Vec::new();
    entry.take(limit + 1).read_to_end(&mut content)?;
    if content.len() as u64 > limit {
        return Err(ArchiveError::TooMuch {
            what: "bytes in one name",
            limit,
        });
    }
    Ok(content)
}

fn text(entry: &mut impl Read, limit: u64) -> Result<String, ArchiveError> {
    let content = bytes(entry, limit)?;
    let text = content.split(|byte| *byte == 0).next().unwrap_or_default();
    Ok(String::from_utf8_lossy(text).into_owned())
}

fn is_nested_archive(name: &str) -> bool {
    let file_name = name.rsplit('/').next().unwrap_or_default();
    name.starts_with("usr/src/")
        && file_name.starts_with("linux-source")
        && file_name.contains(".tar")
}

/// A name without `.` and `..`; none where it leads outside.
fn plain_name(name: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    if name.starts_with('/') {
        return None;
    }
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}
