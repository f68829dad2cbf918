//! Where things are in the repository, and the program under test.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::Run;

/// The repository.
#[derive(Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The repository that this program was built from.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let root = root
            .canonicalize()
            .with_context(|| format!("the repository is no longer at {}", root.display()))?;
        Ok(Self { root })
    }

    /// A file or folder by its path from the top.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(target) => self.root.join(target),
            None => self.path("target"),
        }
    }

    /// Builds `nix-kconfig` as released, or as the tests are built, which is
    /// sooner ready and runs slower.
    pub(crate) fn build_program(&self, release: bool) -> Result<PathBuf> {
        let profile = if release { "release" } else { "dev" };
        self.build(&["--package", "nix-kconfig"], profile)?;
        let folder = if release { "release" } else { "debug" };
        self.built(&Path::new(folder).join("nix-kconfig"))
    }

    /// Builds an example of the crate `kconfig`, as released.
    pub(crate) fn build_example(&self, name: &str) -> Result<PathBuf> {
        self.build(&["--package", "kconfig", "--example", name], "release")?;
        self.built(&Path::new("release/examples").join(name))
    }

    fn build(&self, what: &[&str], profile: &str) -> Result<()> {
        let mut run = Run::new(env!("CARGO"))
            .args(["build", "--quiet", "--profile", profile])
            .args(what)
            .dir(&self.root)
            .timeout(Duration::from_secs(1800));
        for name in ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
            if let Some(value) = std::env::var_os(name) {
                run = run.env(name, value);
            }
        }
        run = run.env("CARGO_TARGET_DIR", self.target());
        run.succeed()
            .with_context(|| format!("cannot build {}", what.join(" ")))?;
        Ok(())
    }

    fn built(&self, file: &Path) -> Result<PathBuf> {
        let program = self.target().join(file);
        if !program.is_file() {
            bail!("cargo built no {}", program.display());
        }
        Ok(program)
    }
}
