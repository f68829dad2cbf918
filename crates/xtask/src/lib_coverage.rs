//! `cargo xtask lib-coverage`: how far the embedded `lib` stands in for a real
//! one. Names that ours lacks, and functions whose results differ on generated
//! arguments; both libraries run in the evaluator of this project.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use crate::process::Run;
use crate::report::{Check, Outcome, Report};
use crate::workspace::Workspace;

/// Differing arguments that are shown of one function.
const SHOWN_DIFFERENCES: usize = 3;

/// Options of the command.
#[derive(Args)]
pub(crate) struct LibCoverageArgs {
    /// The `lib` folder of a nixpkgs to compare with
    #[arg(long, value_name = "DIR")]
    lib: PathBuf,

    /// Test nix-kconfig as it is released; otherwise as the tests build it
    #[arg(long)]
    release: bool,

    /// A nix-kconfig to test, in place of building it
    #[arg(long, value_name = "PROGRAM", conflicts_with = "release")]
    program: Option<PathBuf>,

    /// Name what passed, too
    #[arg(long, short)]
    verbose: bool,
}

/// What `nix/lib-coverage.nix` evaluates to.
#[derive(Deserialize)]
struct Coverage {
    /// Names of the real library that ours does not have, with their family.
    missing: Vec<String>,
    functions: Vec<Function>,
}

/// One function, on all arguments drawn for it.
#[derive(Deserialize)]
struct Function {
    name: String,
    /// How many argument lists were tried.
    compared: usize,
    differs: Vec<Difference>,
}

/// Arguments for which the libraries disagree. A result is `{ value }`, or
/// `{ fails }` where the function throws.
#[derive(Deserialize)]
struct Difference {
    arguments: Value,
    real: Value,
    ours: Value,
}

/// Compares the libraries. True if no name is missing and no result differs.
///
/// # Errors
///
/// The program under test cannot be built, or the comparison itself cannot be
/// evaluated: an argument is of a type that a function does not take.
pub(crate) fn run(args: LibCoverageArgs) -> Result<bool> {
    let workspace = Workspace::find()?;
    let real = args
        .lib
        .canonicalize()
        .with_context(|| format!("{} is not there", args.lib.display()))?;
    let program = match args.program {
        Some(program) => program
            .canonicalize()
            .with_context(|| format!("{} is not there", program.display()))?,
        None => workspace.build_program(args.release)?,
    };
    // Paths as values: `import` takes them, and no quoting is needed.
    let finished = Run::new(program)
        .args(["instantiate", "--eval", "--strict", "--json"])
        .arg(workspace.path("crates/xtask/nix/lib-coverage.nix"))
        .args(["--arg", "real"])
        .arg(import_expression(&real))
        .args(["--arg", "ours"])
        .arg(import_expression(&workspace.path("crates/nix-modules/lib")))
        .succeed()?;
    let coverage: Coverage = serde_json::from_slice(&finished.stdout)
        .context("the comparison printed something else than its result")?;

    let mut report = Report::new(args.verbose);
    report.group("names", || names(&coverage.missing));
    report.group("results on generated arguments", || {
        coverage.functions.iter().map(results).collect()
    });
    Ok(report.conclude())
}

/// Nix that imports a file or folder, whatever its name.
fn import_expression(path: &std::path::Path) -> String {
    let quoted = Value::from(path.to_string_lossy()).to_string();
    format!("import (/. + {})", quoted.replace("${", "\\${"))
}

fn names(missing: &[String]) -> Vec<Check> {
    if missing.is_empty() {
        return vec![Check {
            name: "every name is there".to_owned(),
            outcome: Outcome::Passed,
        }];
    }
    missing
        .iter()
        .map(|name| Check {
            name: name.clone(),
            outcome: Outcome::Failed("the embedded lib does not have it".to_owned()),
        })
        .collect()
}

fn results(function: &Function) -> Check {
    let outcome = match function.differs.as_slice() {
        [] if function.compared == 0 => Outcome::Skipped("no arguments were drawn".to_owned()),
        [] => Outcome::Passed,
        differs => {
            let mut lines = vec![format!("{} of {} differ", differs.len(), function.compared)];
            for difference in differs.iter().take(SHOWN_DIFFERENCES) {
                lines.push(format!("for  {}", difference.arguments));
                lines.push(format!("real {}", difference.real));
                lines.push(format!("ours {}", difference.ours));
            }
            Outcome::Failed(lines.join("\n"))
        }
    };
    Check {
        name: function.name.clone(),
        outcome,
    }
}
