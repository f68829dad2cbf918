//! The Kconfig language of the Linux kernel: parser, symbols, values, `.config` files, and the
//! `conf` front ends, byte for byte as the kernel's own `scripts/kconfig/conf` has them.
//!
//! A [`Tree`] is what a set of Kconfig files says; a [`Session`] holds values for its symbols.
//! Neither touches the file system, runs commands or looks at the process's environment: files
//! come from a [`FileSource`], `$(shell …)` goes to a [`Prober`], variables are an
//! [`Environment`], and messages go to a [`Reporter`]. What differs between kernel releases is
//! decided by a [`Generation`].
//!
//! ```
//! use kconfig::{Environment, Generation, MemoryFiles, Messages, NoShell};
//! use kconfig::{ParseOptions, Session, Tree};
//!
//! let files: MemoryFiles = [(
//!     "Kconfig",
//!     "config NET\n\tbool \"Networking\"\n\nconfig INET\n\tbool \"TCP/IP\"\n\tdepends on NET\n\tdefault y\n",
//! )]
//! .into_iter()
//! .collect();
//! let environment = Environment::new();
//! let options = ParseOptions {
//!     root: "Kconfig",
//!     environment: &environment,
//!     generation: Generation::NEWEST,
//! };
//! let mut messages = Messages::default();
//! let tree = Tree::parse(&options, &files, &mut NoShell, &mut messages)?;
//!
//! let mut session = Session::new(&tree);
//! session.load_config("base.config", b"CONFIG_NET=y\n");
//! let config = String::from_utf8(session.write_config()).unwrap();
//! assert!(config.ends_with("CONFIG_NET=y\nCONFIG_INET=y\n"));
//! # Ok::<(), kconfig::ParseError>(())
//! ```
//!
//! [`Session::answer`] sets a value as an answer would, [`Session::why`] tells why a symbol has its
//! value. [`conf::main`] is the whole program as a function.
//!
//! The examples show it at work: `resolve` answers questions and writes a `.config`, `lost` lists the
//! lines of a `.config` that come to nothing, `conf` is a drop-in for the kernel's program.

pub mod conf;
mod diagnostics;
mod environment;
mod files;
mod generation;
mod keep;
mod numbers;
mod parse;
mod probe;
mod session;
mod text;
mod tree;
mod tree_cache;
mod tristate;

pub use diagnostics::{Diagnostic, Messages, Place, Reporter, Severity};
pub use environment::Environment;
pub use files::{
    ArchiveError, ArchiveLimits, ArchiveTree, Compression, FileSource, FileState, Folder,
    MemoryFiles, TreeFile, TreeFiles, read_archive,
};
pub use generation::Generation;
#[doc(hidden)]
pub use parse::count_tokens;
pub use parse::{ParseError, ParseOptions};
pub use probe::{
    Host, HostShell, NoShell, ProbeError, ProbeOutput, Prober, Profile, ProfileError,
    ProfileReplay, Recorder, Replay,
};
pub use session::{Cause, ReadOptions, Reason, Session, Why};
pub use tree::{
    ChoiceId, Comparison, Definition, Dependency, EntryKind, Expr, ExprId, FileId, MenuId,
    Position, PropertyId, PropertyKind, Statement, SymbolId, SymbolType, Tree,
};
pub use tree_cache::TreeCache;
pub use tristate::Tristate;
