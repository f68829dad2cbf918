//! What an evaluation may do and what it knows of the machine.

use std::path::PathBuf;
use std::time::Duration;

use crate::features::{Features, Lints};
use crate::io::{AllowList, HostIo, Io};

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

/// What an evaluation may know of the machine, as the settings `pure-eval` and
/// `restrict-eval` of Nix say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Purity {
    /// Everything.
    #[default]
    Impure,
    /// Files and URLs that are allowed.
    Restricted,
    /// What the expression itself fixes.
    Pure,
}

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
    /// The experimental features that are enabled.
    pub features: Features,
    /// How discouraged syntax is taken.
    pub lints: Lints,
    /// What may be known of the machine. What `io` allows to be read is another matter.
    pub purity: Purity,
    /// Where store paths that are allowed on the way are noted, if reading is confined.
    pub allowed: Option<AllowList>,
    /// The URLs that may be fetched when evaluation is restricted (`allowed-uris`).
    pub allowed_uris: Vec<String>,
    /// Whether `builtins.traceVerbose` traces.
    pub trace_verbose: bool,
    /// Whether `builtins.warn` fails.
    pub abort_on_warn: bool,
    /// Whether an output of a derivation may be read.
    pub import_from_derivation: bool,
    /// Whether files that are evaluated are told to `trace`.
    pub tells_files: bool,
    /// What `<…>` is looked for in after everything else, without being part of
    /// `builtins.nixPath`.
    pub fallback_path: Option<LookupPathEntry>,
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
            features: Features::of_the_language(),
            lints: Lints::default(),
            purity: Purity::Impure,
            allowed: None,
            allowed_uris: Vec::new(),
            trace_verbose: false,
            abort_on_warn: false,
            import_from_derivation: true,
            tells_files: false,
            fallback_path: None,
        }
    }
}
