//! What a kernel is in Nix: the arguments of `buildLinux`, the entries of
//! `kernelPatches`, and how their structured configurations merge.
//!
//! [`read`](evaluate::read) evaluates a kernel file and patch files,
//! [`merge`](merge::merge) merges their configuration by the three documented
//! strategies, and [`Settings`] are the answers, each with all its definitions.
//! How Kconfig computes with answers is not known here.

pub mod answers;
pub mod evaluate;
mod fields;
pub mod intermediate;
pub mod merge;
pub mod platform;
pub mod release;
pub mod settings;

pub use answers::Fragment;
pub use evaluate::{Kernel, Request};
pub use intermediate::{AnswerLine, IntermediateError};
pub use merge::{Strategies, TristateStrategy, merge};
pub use platform::Platform;
pub use release::Release;
pub use settings::{Conflict, Item, ItemDefinition, Part, Place, Settings};
