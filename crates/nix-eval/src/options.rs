//! What an evaluation may do and what it knows of the machine.

use std::path::PathBuf;
use std::time::Duration;

use crate::io::{HostIo, Io};

/// An entry of the look-up path, as `-I` and `NIX_PATH` give it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LookupPathEntry {
    /// What `<…>` must start with; empty: anything.
    pub prefix: String,
    /// Where to look: a path, or what the user wrote in place of one.
    pub path: String,
}

/// Receives what `builtins.trace` and `builtins.warn` say: the text without a
/// newline at its end.
pub type TraceSink = Box<dyn FnMut(&str)>;

/// An environment variable by name.
pub type Environment = Box<dyn Fn(&str) -> Option<String>>;

/// What an evaluation may do and what it knows of the machine.
pub struct Options {
    /// Where files come from.
    pub io: Box<dyn Io>,
    /// Bytes that values may take; `None`: no bound.
    pub max_memory: Option<usize>,
    /// How long an evaluation may take; `None`: no bound.
    pub timeout: Option<Duration>,
    /// How many function calls may be inside of each other (`max-call-depth` in
    /// Nix).
    pub max_call_depth: u32,
    /// The look-up path: what `<nixpkgs>` is resolved with.
    pub nix_path: Vec<LookupPathEntry>,
    /// Where the store is: `/nix/store`.
    pub store_dir: String,
    /// `builtins.currentSystem`
    pub current_system: Option<String>,
    /// `builtins.currentTime` in seconds since 1970.
    pub current_time: Option<i64>,
    /// What `~/` stands for.
    pub home: Option<PathBuf>,
    /// The environment that `builtins.getEnv` sees.
    pub environment: Environment,
    /// Where traces and warnings go.
    pub trace: TraceSink,
}

impl Default for Options {
    /// This machine's files and nothing of its environment: an evaluation that
    /// gives the same everywhere, as far as the files are the same.
    fn default() -> Self {
        Self {
            io: Box::new(HostIo),
            max_memory: None,
            timeout: None,
            max_call_depth: 10_000,
            nix_path: Vec::new(),
            store_dir: "/nix/store".to_owned(),
            current_system: None,
            current_time: None,
            home: None,
            environment: Box::new(|_| None),
            trace: Box::new(|text| eprintln!("{text}")),
        }
    }
}
