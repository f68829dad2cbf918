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
const TOOLS: [(&str, &str); 8] = [
    ("make", "make"),
    ("gcc", "gcc"),
    ("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"),
    ("arm-linux-gnueabihf-gcc", "gcc-arm-linux-gnueabihf"),
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
    /// What `make defconfig` wrote, by architecture.
    made: Mutex<BTreeMap<&'static str, PathBuf>>,
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

    pub(crate) fn open(cache: &Cache, source: PathBuf) -> Result<Self> {
        let version = version_of(&source)
            .with_context(|| format!("{} is no kernel source tree", source.display()))?;
        let build = cache.state(&format!("build-{version}"))?;
        Ok(Self {
            source,
            version,
            build,
            made: Mutex::default(),
        })
    }

    /// Whether the tree is of a release line such as `6.12`.
    pub(crate) fn is_of(&self, line: &str) -> bool {
        is_of_line(&self.version, line)
    }

    /// A default configuration of the tree, by its name.
    pub(crate) fn default_configuration(&self, arch: &Arch, name: &str) -> Result<PathBuf> {
        let configs = self.source.join("arch").join(arch.folder).join("configs");
        let file = configs.join(match name {
            "defconfig" => arch.defconfig,
            name => name,
        });
        if !file.is_file() {
            bail!("{} is not there", file.display());
        }
        Ok(file)
    }

    /// The file with the configuration that `make defconfig` writes.
    pub(crate) fn made_defconfig(&self, arch: &Arch) -> Result<PathBuf> {
        let mut made = self.made.lock().expect("no comparison panics with it");
        if let Some(file) = made.get(arch.name) {
            return Ok(file.clone());
        }
        let file = self.build.join(format!("{}-defconfig", arch.name));
        fs::write(&file, self.configure(arch, None, "defconfig")?)?;
        made.insert(arch.name, file.clone());
        Ok(file)
    }

    /// What the kernel's own `conf --olddefconfig` makes of a configuration, called
    /// by the kernel's own makefile: with the environment that it exports.
    pub(crate) fn olddefconfig(&self, arch: &Arch, config: &str) -> Result<String> {
        self.configure(arch, Some(config), "olddefconfig")
    }

    /// What this kernel's `conf --olddefconfig` makes of a configuration on another
    /// source tree, in the environment that a kernel's makefile would export.
    pub(crate) fn olddefconfig_on(
        &self,
        source: &Path,
        arch: &Arch,
        config: &str,
    ) -> Result<String> {
        let conf = self.build.join(arch.name).join("scripts/kconfig/conf");
        if !conf.is_file() {
            self.configure(arch, None, "defconfig")?;
        }
        let folder = self.build.join("elsewhere");
        fs::create_dir_all(&folder)?;
        let dot_config = folder.join(".config");
        fs::write(&dot_config, config)?;
        let tools = arch.tools_here();
        Run::new(&conf)
            .args(["--olddefconfig", "Kconfig"])
            .dir(&folder)
            .env("srctree", source)
            .env("ARCH", arch.name)
            .env("SRCARCH", arch.folder)
            .env("KERNELVERSION", version_of(source)?)
            .env("CC", format!("{tools}gcc"))
            .env("LD", format!("{tools}ld"))
            .succeed()?;
        Ok(fs::read_to_string(&dot_config)?)
    }

    fn configure(&self, arch: &Arch, config: Option<&str>, target: &str) -> Result<String> {
        let folder = self.build.join(arch.name);
        fs::create_dir_all(&folder)?;
        let dot_config = folder.join(".config");
        match config {
            Some(config) => fs::write(&dot_config, config)?,
            None if dot_config.exists() => fs::remove_file(&dot_config)?,
            None => {}
        }
        self.make(arch, &folder).arg(target).succeed()?;
        fs::read_to_string(&dot_config)
            .with_context(|| format!("`make {target}` wrote no {}", dot_config.display()))
    }

    /// The kernel's `make` for an architecture, building in `folder`; without a target yet.
    pub(crate) fn make(&self, arch: &Arch, folder: &Path) -> Run {
        let mut out = std::ffi::OsString::from("O=");
        out.push(folder);
        Run::new("make")
            .arg("-s")
            .arg("-C")
            .arg(&self.source)
            .arg(out)
            .arg(format!("ARCH={}", arch.name))
            .arg(format!("CROSS_COMPILE={}", arch.tools_here()))
            .timeout(Duration::from_secs(300))
    }
}

/// Whether `version` (`6.12.117`) is of the release line `line` (`6.12`).
pub(crate) fn is_of_line(version: &str, line: &str) -> bool {
    version
        .strip_prefix(line)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
}

/// An architecture of the kernel.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Arch {
    /// `ARCH`, as `make` takes it.
    pub(crate) name: &'static str,
    /// Its folder below `arch/`.
    folder: &'static str,
    /// The file that `make defconfig` starts from.
    defconfig: &'static str,
    /// What the names of Debian's tools for it start with.
    tools: &'static str,
    /// What Rust calls it.
    rust: &'static str,
}

impl Arch {
    /// The folder of default configurations in a source tree.
    fn configs(&self, source: &Path) -> PathBuf {
        source.join("arch").join(self.folder).join("configs")
    }

    /// The file that `make defconfig` starts from in a source tree.
    pub(crate) fn defconfig_in(&self, source: &Path) -> PathBuf {
        self.configs(source).join(self.defconfig)
    }

    /// `CROSS_COMPILE`: nothing where this machine is of the architecture.
    fn tools_here(&self) -> &'static str {
        if self.rust == std::env::consts::ARCH {
            ""
        } else {
            self.tools
        }
    }

    /// The architecture of a Nix system.
    pub(crate) fn of_system(system: &str) -> Result<&'static Self> {
        let cpu = system.split('-').next().unwrap_or_default();
        ARCHITECTURES
            .iter()
            .find(|arch| arch.rust == cpu)
            .with_context(|| format!("no kernel architecture is set up for {system}"))
    }
}

const ARCHITECTURES: [Arch; 3] = [
    Arch {
        name: "x86_64",
        folder: "x86",
        defconfig: "x86_64_defconfig",
        tools: "x86_64-linux-gnu-",
        rust: "x86_64",
    },
    Arch {
        name: "arm64",
        folder: "arm64",
        defconfig: "defconfig",
        tools: "aarch64-linux-gnu-",
        rust: "aarch64",
    },
    Arch {
        name: "arm",
        folder: "arm",
        defconfig: "multi_v7_defconfig",
        tools: "arm-linux-gnueabihf-",
        rust: "armv7l",
    },
];

/// The version that a tree's Makefile says.
pub(crate) fn version_of(source: &Path) -> Result<String> {
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
