//! What a kernel is in Nix: the arguments of `buildLinux`, the entries of
//! `kernelPatches`, and how their structured configurations merge.
//!
//! [`read`](evaluate::read) evaluates a kernel, in whichever shape it comes, and patch
//! files; [`merge`](merge::merge) merges their configuration by the three documented
//! strategies, and [`Settings`] are the answers, each with all its definitions.
//! [`Rules`] say what of this depends on the release of nixpkgs.
//! How Kconfig computes with answers is not known here.

pub mod answers;
mod common;
pub mod evaluate;
mod fields;
pub mod flake;
pub mod intermediate;
pub mod kernel;
pub mod merge;
pub mod native;
pub mod note;
mod patch_file;
pub mod platform;
pub mod release;
pub mod rules;
pub mod settings;
pub mod stand_ins;
pub mod whole;

pub use answers::Fragment;
pub use evaluate::{Argument, Input, OptionValue, Request};
pub use flake::FlakeInput;
pub use intermediate::{AnswerLine, IntermediateError};
pub use kernel::Kernel;
pub use merge::{OptionalStrategy, Strategies, TristateStrategy, merge};
pub use native::install;
pub use note::Note;
pub use patch_file::{PatchFile, PatchPlace};
pub use platform::Platform;
pub use release::Release;
pub use rules::Rules;
pub use settings::{Conflict, Item, ItemDefinition, Part, Place, Settings, Standing};
pub use stand_ins::with_embedded_nixpkgs;
pub use whole::WholeConfig;
