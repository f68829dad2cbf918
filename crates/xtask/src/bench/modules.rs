//! `cargo xtask bench modules`: a kernel's options and those of its patches, merged
//! natively, beside Nix with a nixpkgs' own module system.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::Value;

use super::Bench;
use super::measure::{Contender, alternate, table};
use crate::process::Run;
use crate::reference::nix::Nix;

/// Options of the benchmark.
#[derive(Args)]
pub(crate) struct ModulesArgs {
    /// The `lib` folder of a nixpkgs
    #[arg(long, value_name = "DIR")]
    lib: PathBuf,

    /// Options of the kernel
    #[arg(long, default_value_t = 700)]
    options: usize,

    /// Patches with settings of their own
    #[arg(long, default_value_t = 5)]
    patches: usize,
}

const SYSTEM: &str = "x86_64-linux";
/// Options that each patch sets.
const OF_A_PATCH: usize = 40;

/// Measures and gives the table.
pub(super) fn run(bench: &Bench, args: &ModulesArgs) -> Result<String> {
    let lib = super::absolute(&args.lib)?;
    let nix = Nix::fetch(&bench.cache)?;
    let folder = tempfile::tempdir()?;
    let inputs = Inputs::write(folder.path(), args)?;
    let program = bench.workspace.path("crates/xtask/nix/bench-modules.nix");
    let embedded = Path::new("<nixpkgs/lib>");
    let merged = |run: Run, lib: &Path| {
        run.args(["--eval", "--strict", "--json"])
            .arg(&program)
            .args(["--arg", "lib", &format!("import {}", lib.display())])
            .args(["--arg", "settings", &inputs.settings_list()])
    };
    let theirs = || merged(nix.instantiate(), &lib);
    let native = || {
        Run::new(&bench.program)
            .arg("eval")
            .arg(&inputs.kernel)
            .arg("--patches")
            .args(&inputs.patches)
            .args([
                "--system",
                SYSTEM,
                "--format",
                "json",
                "--nixpkgs",
                "embedded",
            ])
    };
    let ours = |lib: &Path| merged(Run::new(&bench.program).arg("instantiate"), lib);
    let agreed = agree(&theirs().succeed()?.stdout, &native().succeed()?.stdout)?;
    let contenders = [
        Contender {
            name: "`nix-instantiate`, nixpkgs' `lib.evalModules`",
            run: Box::new(|| Ok(theirs())),
        },
        Contender {
            name: "`nix-kconfig eval`",
            run: Box::new(|| Ok(native())),
        },
        Contender {
            name: "`nix-kconfig instantiate`, the embedded `lib.evalModules`",
            run: Box::new(|| Ok(ours(embedded))),
        },
        Contender {
            name: "`nix-kconfig instantiate`, nixpkgs' `lib.evalModules`",
            run: Box::new(|| Ok(ours(&lib))),
        },
    ];
    let measured = alternate(bench.runs, &contenders)?;
    Ok(format!(
        "{} options of a kernel and {} patches with {OF_A_PATCH} each, {agreed} merged settings on which all agree; \
         Nix {}; medians of {} runs in turn.\n\n{}",
        args.options,
        args.patches,
        nix.release,
        bench.runs,
        table(&contenders, &measured)
    ))
}

/// The files of a kernel and its patches.
struct Inputs {
    /// As `nix-kconfig eval` takes them.
    kernel: PathBuf,
    patches: Vec<PathBuf>,
    /// The settings alone, `{ lib }: settings`, the kernel's first.
    settings: Vec<PathBuf>,
}

impl Inputs {
    fn write(folder: &Path, args: &ModulesArgs) -> Result<Self> {
        let mut settings = Vec::new();
        let mut patches = Vec::new();
        let write = |name: &str, text: String| -> Result<PathBuf> {
            let file = folder.join(name);
            fs::write(&file, text)?;
            Ok(file)
        };
        settings.push(write("settings.nix", kernel_settings(args.options))?);
        let kernel = write(
            "kernel.nix",
            "{ buildLinux, lib, ... }@args: buildLinux (args // { version = \"6.12\"; \
             structuredExtraConfig = import ./settings.nix { inherit lib; }; })\n"
                .to_owned(),
        )?;
        for patch in 0..args.patches {
            let name = format!("patch-{patch}-settings.nix");
            settings.push(write(&name, patch_settings(patch, args.options))?);
            patches.push(write(
                &format!("patch-{patch}.nix"),
                format!(
                    "{{ lib, ... }}: {{ name = \"patch-{patch}\"; patch = null; \
                     structuredExtraConfig = import ./{name} {{ inherit lib; }}; }}\n"
                ),
            )?);
        }
        Ok(Self {
            kernel,
            patches,
            settings,
        })
    }

    fn settings_list(&self) -> String {
        let files: Vec<String> = self
            .settings
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        format!("[ {} ]", files.join(" "))
    }
}

/// Options as kernels have them: mostly answers, some texts and numbers, some optional
/// or by default.
fn kernel_settings(count: usize) -> String {
    settings((0..count).map(|number| {
        let answer = match number % 10 {
            0..4 => "yes",
            4..7 => "module",
            7 => "no",
            8 => "option module",
            _ => "freeform \"a text\"",
        };
        let wrapped = if number % 25 == 0 {
            format!("lib.mkDefault ({answer})")
        } else {
            answer.to_owned()
        };
        (number, wrapped)
    }))
}

/// A patch agrees with the kernel on some options, has better answers for others and the
/// last word on a few, and brings options of its own.
fn patch_settings(patch: usize, count: usize) -> String {
    settings((0..OF_A_PATCH).map(|index| {
        let number = patch * OF_A_PATCH + index;
        match index % 4 {
            0 => (number * 10 % count.max(1), "yes".to_owned()),
            1 => (
                number * 10 % count.max(1) + 4,
                "lib.mkIf true yes".to_owned(),
            ),
            2 => (
                number * 10 % count.max(1) + 7,
                "lib.mkForce (option module)".to_owned(),
            ),
            _ => (count + number, "module".to_owned()),
        }
    }))
}

fn settings(options: impl Iterator<Item = (usize, String)>) -> String {
    let mut text = "{ lib }: with lib.kernel; {\n".to_owned();
    for (number, answer) in options {
        let _ = writeln!(text, "  OPTION_{number:04} = {answer};");
    }
    text.push_str("}\n");
    text
}

/// How many settings both came to, which must be the same.
fn agree(theirs: &[u8], ours: &[u8]) -> Result<usize> {
    let theirs: Value = serde_json::from_slice(theirs)?;
    let ours: Value = serde_json::from_slice(ours)?;
    let theirs = theirs.as_object().context("Nix gives no set")?;
    let Value::Object(ours) = ours.get("settings").unwrap_or(&ours) else {
        bail!("nix-kconfig gives no set");
    };
    ensure!(
        theirs.len() == ours.len(),
        "they merge to different options"
    );
    for (name, item) in theirs {
        for part in ["tristate", "freeform", "optional"] {
            let our = ours.get(name).and_then(|item| item.get(part));
            ensure!(
                item.get(part) == our || (our.is_none() && item[part].is_null()),
                "{name}.{part} is {} for Nix and {our:?} for nix-kconfig",
                item[part]
            );
        }
    }
    Ok(theirs.len())
}
