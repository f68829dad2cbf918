//! The kernel's own `conf` by itself: the program, and the environment in which the
//! kernel's makefile would run it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::cache::Cache;
use super::kernel::{Arch, KernelTree};
use crate::process::Run;

/// A kernel's `conf` for one architecture.
pub(crate) struct Conf {
    pub(crate) program: PathBuf,
    /// Every variable that `make` exports to it, `srctree` among them.
    pub(crate) environment: BTreeMap<String, String>,
}

impl Conf {
    /// Builds `conf` in a folder of its own and has `make` tell the environment: it runs `conf`
    /// on a Kconfig file that writes down the variables it sees.
    pub(crate) fn acquire(cache: &Cache, tree: &KernelTree, arch: &Arch) -> Result<Self> {
        let folder = cache.state(&format!("conf-{}-{}", tree.version, arch.name))?;
        let seen = folder.join("environment");
        let kconfig = folder.join("Kconfig.environment");
        fs::write(
            &kconfig,
            "$(shell,env -0 > environment)\nconfig NOTHING\n\tbool\n",
        )?;
        tree.make(arch, &folder)
            .arg(format!("KBUILD_KCONFIG={}", kconfig.display()))
            .arg("olddefconfig")
            .succeed()?;
        let environment = fs::read_to_string(&seen)
            .with_context(|| format!("`conf` wrote no {}", seen.display()))?
            .split_terminator('\0')
            .filter_map(|line| line.split_once('='))
            .filter(|(name, _)| !OF_THE_RUN.contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok(Self {
            program: folder.join("scripts/kconfig/conf"),
            environment,
        })
    }

    /// Builds a `conf` that prints `###` where it waits for an answer, as nixpkgs patches it, from
    /// what [`acquire`](Self::acquire) built.
    pub(crate) fn marked(cache: &Cache, tree: &KernelTree, arch: &Arch) -> Result<PathBuf> {
        let folder = cache.state(&format!("conf-{}-{}", tree.version, arch.name))?;
        let built = folder.join("scripts/kconfig");
        let sources = tree.source.join("scripts/kconfig");
        let program = built.join("conf-marked");
        let flush = "fflush(stdout);";
        let text = fs::read_to_string(sources.join("conf.c"))?;
        let marked = built.join("conf-marked.c");
        fs::write(
            &marked,
            text.replace(flush, &format!("printf(\"###\");\n{flush}")),
        )?;
        let objects = fs::read_dir(&built)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<PathBuf>>>()?
            .into_iter()
            .filter(|path| path.extension().is_some_and(|end| end == "o"))
            .filter(|path| path.file_stem().is_some_and(|stem| stem != "conf"));
        Run::new("gcc")
            .arg("-o")
            .arg(&program)
            .arg(&marked)
            .arg("-I")
            .arg(&sources)
            .arg("-I")
            .arg(tree.source.join("scripts/include"))
            .args(objects)
            .succeed()?;
        Ok(program)
    }

    /// A run of this `conf`, or of a program that takes its place, in `folder`.
    pub(crate) fn run(&self, program: &Path, folder: &Path) -> Run {
        let mut run = Run::new(program).dir(folder);
        for (name, value) in &self.environment {
            run = run.env(name, value);
        }
        run
    }
}

/// Variables that say how this very `make` was called, and nothing about the kernel.
const OF_THE_RUN: [&str; 11] = [
    "KBUILD_KCONFIG",
    "MAKEFLAGS",
    "MAKEOVERRIDES",
    "MFLAGS",
    "MAKELEVEL",
    "MAKE_TERMOUT",
    "MAKE_TERMERR",
    "PWD",
    "OLDPWD",
    "SHLVL",
    "_",
];
