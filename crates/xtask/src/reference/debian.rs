//! Debian's packages, fetched and unpacked without being installed: apt does the
//! fetching, and checks signatures, with its state in a folder of ours.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::{Run, on_path};

/// How long a download may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// Fetches `package` of this machine's release into `folder` and gives the file.
pub(crate) fn download(package: &str, folder: &Path) -> Result<PathBuf> {
    require_apt()?;
    Run::new("apt-get")
        .args(["-q", "download", package])
        .dir(folder)
        .timeout(PATIENCE)
        .succeed()
        .with_context(|| format!("cannot fetch Debian's {package} (`apt-get update` may help)"))?;
    packages_in(folder)?
        .pop()
        .with_context(|| format!("apt-get fetched no {package}"))
}

/// Unpacks one package file below `folder`.
pub(crate) fn unpack(package: &Path, folder: &Path) -> Result<()> {
    Run::new("dpkg-deb")
        .arg("-x")
        .arg(package)
        .arg(folder)
        .timeout(PATIENCE)
        .succeed()?;
    Ok(())
}

/// Fetches `package` of Debian `suite` with all that it needs to run, and unpacks
/// it below `folder`, from the mirror that this machine uses.
pub(crate) fn unpack_with_dependencies(package: &str, suite: &str, folder: &Path) -> Result<()> {
    require_apt()?;
    let state = tempfile::tempdir().context("cannot create a temporary folder")?;
    let apt = PrivateApt::new(state.path(), suite)?;
    apt.run(&["update"])?;
    apt.run(&["install", "--yes", "--download-only", package])?;
    for file in packages_in(&state.path().join("cache/archives"))? {
        unpack(&file, folder)?;
    }
    Ok(())
}

/// An apt that knows one suite and believes that nothing is installed.
struct PrivateApt {
    configuration: PathBuf,
}

impl PrivateApt {
    fn new(state: &Path, suite: &str) -> Result<Self> {
        for folder in ["state/lists/partial", "cache/archives/partial"] {
            fs::create_dir_all(state.join(folder))?;
        }
        fs::write(state.join("status"), "")?;
        let sources = state.join("sources.list");
        fs::write(&sources, format!("deb {} {suite} main\n", mirror()?))?;
        let configuration = state.join("apt.conf");
        let shown = state.display();
        fs::write(
            &configuration,
            format!(
                "Dir::Etc::SourceList \"{}\";\n\
                 Dir::Etc::SourceParts \"/dev/null\";\n\
                 Dir::Etc::Preferences \"/dev/null\";\n\
                 Dir::Etc::PreferencesParts \"/dev/null\";\n\
                 Dir::State \"{shown}/state\";\n\
                 Dir::State::status \"{shown}/status\";\n\
                 Dir::Cache \"{shown}/cache\";\n\
                 APT::Sandbox::User \"\";\n\
                 APT::Install-Recommends \"false\";\n\
                 Acquire::Languages \"none\";\n",
                sources.display()
            ),
        )?;
        Ok(Self { configuration })
    }

    fn run(&self, args: &[&str]) -> Result<()> {
        Run::new("apt-get")
            .arg("-q")
            .args(args)
            .env("APT_CONFIG", &self.configuration)
            .timeout(PATIENCE)
            .succeed()?;
        Ok(())
    }
}

/// The Debian mirror that this machine is set up with.
fn mirror() -> Result<String> {
    let targets = Run::new("apt-get")
        .args(["indextargets", "--format", "$(REPO_URI)"])
        .args(["Created-By: Packages", "Origin: Debian", "Component: main"])
        .succeed()?
        .text();
    targets
        .lines()
        .find(|uri| !uri.contains("security"))
        .map(str::to_owned)
        .context("apt knows no Debian mirror (`apt-get update` may help)")
}

fn packages_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut packages = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension() == Some(OsStr::new("deb")) {
            packages.push(path);
        }
    }
    packages.sort();
    Ok(packages)
}

fn require_apt() -> Result<()> {
    if !(on_path("apt-get") && on_path("dpkg-deb")) {
        bail!("this is no Debian: apt-get and dpkg-deb are not to be found");
    }
    Ok(())
}
