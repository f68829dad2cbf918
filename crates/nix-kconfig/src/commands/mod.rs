//! The commands, one module each.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod conf;
pub(crate) mod diff;
pub(crate) mod eval;
pub(crate) mod explain;
pub(crate) mod graph;
pub(crate) mod import;
pub(crate) mod instantiate;
pub(crate) mod lint;
pub(crate) mod modules;
pub(crate) mod repl;
pub(crate) mod reuse;
pub(crate) mod toolchain;

use std::process::ExitCode;

use crate::report;
use findings::Finding;

/// There are findings.
const FINDINGS: u8 = 1;
/// The input could not be read or evaluated.
const UNUSABLE: u8 = 2;

/// The exit status of a command that says whether all is as asked, or why it could not be done.
pub(crate) fn exit(outcome: Result<bool, Box<Finding>>) -> ExitCode {
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FINDINGS),
        Err(message) => {
            report::print(&message);
            ExitCode::from(UNUSABLE)
        }
    }
}
