//! How the symbols of a Kconfig tree hang together: the smallest change that gives a symbol a
//! value.
//!
//! A [`Search`] puts the tree as a formula to a SAT solver, as far as the question needs it,
//! and asks for the cheapest solution; what comes out is resolved by the caller's own means
//! before it is believed. Nothing here prints, and nothing knows of Nix.

mod formula;
mod model;
mod obstacle;
mod optimum;
mod search;
mod wish;

pub use formula::Interrupted;
pub use obstacle::{Cause as ObstacleCause, Obstacle};
pub use search::{Fix, Outcome, Search};
pub use wish::{Assignment, Wish, WishError};
