//! The commands, one module each.

pub(crate) mod build;
pub(crate) mod conf;
pub(crate) mod eval;
pub(crate) mod instantiate;
