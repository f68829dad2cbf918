//! Rules for kernels and their configuration in Nix.
//!
//! A [`Linter`] looks at the text of a file, at a kernel that was evaluated, and at one that was
//! resolved on a source tree, and gives [`Finding`](findings::Finding)s. Each rule is a file of
//! its own, with its name, documentation and default [`Level`]; [`RULES`] are all of them.
//! Reading files and showing findings is not done here.

mod allow;
pub mod config;
mod documentation;
mod edit;
mod facts;
mod file;
pub mod fix;
mod kernel;
pub mod levels;
mod linter;
mod redundancy;
mod rule;
mod rules;
mod syntax;

pub use config::Config;
pub use documentation::{page, rules_page};
pub use file::Context;
pub use kernel::{EvaluatedKernel, ResolvedKernel};
pub use levels::{Levels, UnknownRule};
pub use linter::{FileFindings, Linter, STACK, syntax_error};
pub use redundancy::redundant_answers;
pub use rule::{Level, Rule};
pub use rules::RULES;
