//! From answers and a kernel tree to a final configuration, and what became of every answer.
//!
//! A [`Source`] is a kernel's source tree; it is parsed for a platform and with the toolchain's
//! [`environment`]. A [`Base`] is what configuration starts from, [`Answers`] are what is wanted,
//! each with where it came from. [`resolve`] takes them to a [`Resolution`]: the `.config`, and
//! for each answer its [`Fate`]. How answers are put to Kconfig is an [`Answering`].
//!
//! Nothing here prints; reading and running go through [`SourceTree`] and
//! [`Prober`](kconfig::Prober).

mod answers;
mod base;
mod compare;
mod elsewhere;
pub mod environment;
mod error;
mod loss;
mod makefile;
pub mod nixpkgs;
mod olddefconfig;
pub mod patch;
pub mod renames;
pub mod requirement;
mod resolution;
mod source;
mod toolchain;

pub use answers::{Answer, Answers, Origin};
pub use base::Base;
pub use compare::{Cause, Difference, differences};
pub use elsewhere::{Elsewhere, OtherPlace};
pub use error::{Error, Result};
pub use loss::{Decided, Loss, Root, Selection, Unmet};
pub use resolution::{Answering, Fate, Outcome, Resolution, resolve};
pub use source::{Source, SourceTree};
pub use toolchain::{Compiler, Probes, Toolchain, ToolchainChoice, ToolchainRequest};
