//! How the symbols of a Kconfig tree hang together: the smallest change that gives a symbol a
//! value, the smallest set of assignments that leads to a configuration, and the symbols around
//! one.
//!
//! A [`Search`] puts the tree as a formula to a SAT solver, as far as the question needs it,
//! and asks for the cheapest solution; what comes out is resolved by the caller's own means
//! before it is believed. Nothing here prints, and nothing knows of Nix.

mod formula;
mod graph;
mod minimal;
mod model;
mod obstacle;
mod optimum;
mod search;
mod wish;

pub use formula::Interrupted;
pub use graph::{Direction, Link, Neighbourhood, Node, Reach};
pub use minimal::{Minimal, Missed, in_menu_order, minimal, shown};
pub use obstacle::{Cause as ObstacleCause, Obstacle};
pub use search::{Fix, Outcome, Search};
pub use wish::{Assignment, Wish, WishError};
