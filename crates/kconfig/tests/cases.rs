//! Small trees with what the kernel's own `conf` makes of them.
//!
//! Every folder of `fixtures/kconfig/cases` holds a `Kconfig` (with `files/` that lie beside it), maybe
//! a configuration to start from (`in.config`) and answers (`stdin`), the command line and variables
//! (`case.json`), and for each kernel release with an expectation a folder named by it: what is
//! printed, the exit status, the `.config` without its heading, and other files that are written.
//! `cargo xtask reference --only cases --bless` has the kernels' programs write them.

#[path = "support/case.rs"]
mod case;

use std::fs;
use std::path::Path;

use case::{Case, Left};
use kconfig::Environment;
use kconfig::conf::{Invocation, main as conf};

fn check(case_file: &Path) -> datatest_stable::Result<()> {
    let folder = case_file.parent().ok_or("no folder")?;
    let case = Case::read(folder)?;
    let mut releases = 0;
    let mut differences = String::new();
    for entry in fs::read_dir(folder)? {
        let expected = entry?.path();
        let release = expected.file_name().unwrap_or_default().to_string_lossy();
        if !release.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        releases += 1;
        assert!(
            !case.endless.iter().any(|one| *one == release),
            "{release} never ends, and yet something is expected of it"
        );
        let left = run(folder, &case, &release)?;
        differences.push_str(&case.differences(&expected, &release, &left));
    }
    assert!(releases > 0, "no expectations");
    if differences.is_empty() {
        Ok(())
    } else {
        Err(differences.into())
    }
}

/// Runs `conf` on a case as a kernel release has it.
fn run(case_folder: &Path, case: &Case, release: &str) -> datatest_stable::Result<Left> {
    let work = tempfile::tempdir()?;
    let folder = work.path();
    Case::lay_out(case_folder, folder)?;
    let mut environment: Environment = case.env.iter().collect();
    environment.set("KERNELVERSION", format!("{release}.0"));
    let arguments: Vec<String> = std::iter::once("conf".to_owned())
        .chain(case.args.iter().cloned())
        .collect();
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let status = conf(Invocation {
        arguments: &arguments,
        environment: &environment,
        folder,
        stdin: &mut Case::stdin(case_folder).as_slice(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        is_terminal: false,
        prober: None,
        generation: None,
        cache: None,
    });
    Ok(case.left(folder, i32::from(status), &stdout, &stderr))
}

datatest_stable::harness! {
    { test = check, root = "../../fixtures/kconfig/cases", pattern = r"/case\.json$" },
}
