//! Kernel sources and their own `conf`, the reference for Kconfig.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::cache::Cache;
use super::debian;
use crate::process::{Run, on_path};

/// What of a kernel's sources its configuration is made from, by patterns of tar.
/// The rest is thirty times as much.
const CONFIGURATION_PARTS: [&str; 7] = [
    "*/Kconfig*",
    "*/Makefile*",
    "*/Kbuild*",
    "linux-source-*/scripts/*",
    "linux-source-*/arch/*/configs/*",
    "linux-source-*/kernel/configs/*",
    "linux-source-*/include/linux/*version*",
];

/// Programs that building and running `conf` takes.
const TOOLS: [(&str, &str); 6] = [
    ("make", "make"),
    ("gcc", "gcc"),
    ("flex", "flex"),
    ("bison", "bison"),
    ("bc", "bc"),
    ("xz", "xz-utils"),
];

/// A kernel's source tree.
pub(crate) struct KernelTree {
    pub(crate) source: PathBuf,
    /// The kernel's version, as its Makefile says.
    pub(crate) version: String,
    /// Where `make` builds, a folder an architecture.
    build: PathBuf,
    /// Base configurations that were made, by architecture and target.
    bases: Mutex<BTreeMap<(String, String), String>>,
}

impl KernelTree {
    /// The tree of a release line such as `6.12`: one that was given, or Debian's.
    pub(crate) fn acquire(cache: &Cache, given: &[PathBuf], line: &str) -> Result<Self> {
        require_tools()?;
        for source in given {
            let tree = Self::open(cache, source.clone())?;
            if tree.is_of(line) {
                return Ok(tree);
            }
        }
        Self::open(cache, debian_source(cache, line)?)
    }

    fn open(cache: &Cache, source: PathBuf) -> Result<Self> {
        let version = version_of(&source)
            .with_context(|| format!("{} is no kernel source tree", source.display()))?;
        let build = cache.state(&format!("build-{version}"))?;
        Ok(Self {
            source,
            version,
            build,
            bases: Mutex::default(),
        })
    }

    /// Whether the tree is of a release line such as `6.12`.
    pub(crate) fn is_of(&self, line: &str) -> bool {
        is_of_line(&self.version, line)
    }

    /// The configuration that `make TARGET` writes, `defconfig` for one.
    pub(crate) fn base(&self, arch: &str, target: &str) -> Result<String> {
        let key = (arch.to_owned(), target.to_owned());
        let mut bases = self.bases.lock().expect("no comparison panics with it");
        if let Some(base) = bases.get(&key) {
            return Ok(base.clone());
        }
        let base = self.configure(arch, None, target)?;
        bases.insert(key, base.clone());
        Ok(base)
    }

    /// What the kernel's own `conf --olddefconfig` makes of a configuration, called
    /// by the kernel's own makefile: with the environment that it exports.
    pub(crate) fn olddefconfig(&self, arch: &str, config: &str) -> Result<String> {
        self.configure(arch, Some(config), "olddefconfig")
    }

    fn configure(&self, arch: &str, config: Option<&str>, target: &str) -> Result<String> {
        let folder = self.build.join(arch);
        fs::create_dir_all(&folder)?;
        let dot_config = folder.join(".config");
        match config {
            Some(config) => fs::write(&dot_config, config)?,
            None if dot_config.exists() => fs::remove_file(&dot_config)?,
            None => {}
        }
        let mut out = std::ffi::OsString::from("O=");
        out.push(&folder);
        Run::new("make")
            .arg("-s")
            .arg("-C")
            .arg(&self.source)
            .arg(out)
            .arg(format!("ARCH={arch}"))
            .arg(target)
            .timeout(Duration::from_secs(300))
            .succeed()?;
        fs::read_to_string(&dot_config)
            .with_context(|| format!("`make {target}` wrote no {}", dot_config.display()))
    }
}

/// Whether `version` (`6.12.117`) is of the release line `line` (`6.12`).
pub(crate) fn is_of_line(version: &str, line: &str) -> bool {
    version
        .strip_prefix(line)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
}

/// The architecture by its name in the kernel's tree.
pub(crate) fn kernel_arch(system: &str) -> Result<&'static str> {
    let cpu = system.split('-').next().unwrap_or_default();
    Ok(match cpu {
        "x86_64" => "x86_64",
        "aarch64" => "arm64",
        "armv7l" => "arm",
        "riscv64" => "riscv",
        "powerpc64le" => "powerpc",
        _ => bail!("no kernel architecture is known for {system}"),
    })
}

/// The version that a tree's Makefile says.
fn version_of(source: &Path) -> Result<String> {
    let makefile = fs::read_to_string(source.join("Makefile"))?;
    let part = |name: &str| {
        makefile
            .lines()
            .find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix('='))
            .map(str::trim)
            .with_context(|| format!("its Makefile sets no {name}"))
    };
    Ok(format!(
        "{}.{}.{}{}",
        part("VERSION")?,
        part("PATCHLEVEL")?,
        part("SUBLEVEL")?,
        part("EXTRAVERSION")?
    ))
}

/// The parts of Debian's kernel source that matter here, unpacked.
fn debian_source(cache: &Cache, line: &str) -> Result<PathBuf> {
    let package = format!("linux-source-{line}");
    let installed = PathBuf::from(format!("/usr/src/{package}.tar.xz"));
    let tarball = if installed.is_file() {
        installed
    } else {
        let folder = cache.folder(&package, "debian", |folder| {
            println!("   fetching Debian's {package}");
            let file = debian::download(&package, folder)?;
            debian::unpack(&file, folder)?;
            Ok(fs::remove_file(file)?)
        })?;
        folder.join(format!("usr/src/{package}.tar.xz"))
    };
    let about = fs::metadata(&tarball)
        .with_context(|| format!("{package} holds no {}", tarball.display()))?;
    let origin = format!("{} {} bytes", tarball.display(), about.len());
    cache.folder(&format!("linux-{line}"), &origin, |folder| {
        println!("   unpacking {}", tarball.display());
        Run::new("tar")
            .arg("-xf")
            .arg(&tarball)
            .arg("-C")
            .arg(folder)
            .args([
                "--strip-components=1",
                "--wildcards",
                "--wildcards-match-slash",
            ])
            .args(CONFIGURATION_PARTS)
            .timeout(Duration::from_secs(600))
            .succeed()?;
        Ok(())
    })
}

fn require_tools() -> Result<()> {
    let missing: Vec<&str> = TOOLS
        .iter()
        .filter(|(program, _)| !on_path(program))
        .map(|&(_, package)| package)
        .collect();
    if !missing.is_empty() {
        bail!(
            "the kernel's conf cannot be built without {} (Debian's packages)",
            missing.join(", ")
        );
    }
    Ok(())
}
