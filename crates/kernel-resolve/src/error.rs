//! Why nothing could be resolved.

use std::io;

/// The result of what can fail here.
pub type Result<T> = std::result::Result<T, Error>;

/// Why nothing could be resolved. [`help`](Error::help) says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The tree is not there.
    #[error("the source tree {path} cannot be read: {error}")]
    Unreadable {
        /// The tree, as the user named it.
        path: String,
        /// What the operating system said.
        error: io::Error,
    },
    /// The archive that should hold the tree cannot be used.
    #[error("the source tree {path} cannot be read: {error}")]
    Archive {
        /// The archive.
        path: String,
        /// What is wrong with it.
        error: kconfig::ArchiveError,
    },
    /// What is there is no kernel tree.
    #[error("there is no Kconfig file in {path}")]
    NoKconfig {
        /// The tree.
        path: String,
    },
    /// The kernel's Kconfig files cannot be used.
    #[error("{path}: {error}")]
    Parse {
        /// The tree.
        path: String,
        /// What the parser said at the end.
        error: kconfig::ParseError,
    },
    /// There is no such default configuration.
    #[error("*** Can't find default configuration \"{path}\"!")]
    NoDefconfig {
        /// Its path in the tree.
        path: String,
        /// Those that are there.
        known: Vec<String>,
    },
    /// No recorded toolchain fits.
    #[error("there is no recorded toolchain `{wanted}` for {system}")]
    NoToolchain {
        /// Its name, or the beginning of it.
        wanted: String,
        /// The Nix system of the kernel.
        system: String,
    },
    /// This machine's tools are wanted and may not be run.
    #[error("this machine's toolchain cannot be asked where nothing may be run")]
    MayNotRun,
    /// Toolchain probes have nowhere to run.
    #[error("no folder for toolchain probes could be made: {error}")]
    NoScratch {
        /// What the operating system said.
        error: io::Error,
    },
    /// A configuration that the user named cannot be read.
    #[error("the base configuration {path} cannot be read: {error}")]
    Base {
        /// The file.
        path: String,
        /// What the operating system said.
        error: io::Error,
    },
}

impl Error {
    /// What the user can do.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Unreadable { .. } | Self::NoKconfig { .. } | Self::Archive { .. } => Some(
                "a source tree is the folder of an unpacked kernel, or its archive (tar, packed \
                 with gzip, xz, zstd or bzip2 or not, or a Debian package)"
                    .to_owned(),
            ),
            Self::Parse { .. } => {
                Some("what is wrong stands above, in the words of the kernel's own conf".to_owned())
            }
            Self::NoDefconfig { path, known, .. } => {
                let mut help = "name another one with --defconfig NAME or --base FILE".to_owned();
                let near = nearest(path, known);
                if !near.is_empty() {
                    help.push_str("\nthis tree has ");
                    help.push_str(&near.join(", "));
                }
                Some(help)
            }
            Self::NoToolchain { .. } => Some(
                "`nix-kconfig toolchain list' names those there are; `nix-kconfig toolchain \
                 record' makes one of the tools at hand"
                    .to_owned(),
            ),
            Self::MayNotRun => Some("leave out --no-exec, or name a recorded toolchain".to_owned()),
            Self::NoScratch { .. } => Some("TMPDIR names the folder it is made in".to_owned()),
            Self::Base { .. } => None,
        }
    }
}

/// How many names are proposed.
const PROPOSED: usize = 5;

/// The names that are most like the last part of a path.
fn nearest<'n>(path: &str, known: &'n [String]) -> Vec<&'n str> {
    let wanted = path.rsplit('/').next().unwrap_or_default();
    let mut near: Vec<(usize, &str)> = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(wanted, name), name.as_str()))
        .collect();
    near.sort_unstable();
    near.truncate(PROPOSED);
    near.into_iter().map(|(_, name)| name).collect()
}
