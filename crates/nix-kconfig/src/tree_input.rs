//! Reading a kernel's source tree for a command: its Kconfig files, and the configuration to
//! start from.

use std::path::PathBuf;

use findings::Finding;
use kernel_config::Platform;
use kernel_resolve::{Base, Source};

use crate::kernel_input::Evaluated;
use crate::report;

/// What configuration starts from, for every command that resolves.
#[derive(clap::Args, Clone)]
pub(crate) struct BaseArgs {
    /// The base configuration, by its name below arch/*/configs
    #[arg(long, value_name = "NAME", conflicts_with = "base")]
    pub(crate) defconfig: Option<String>,
    /// The base configuration, as a file
    #[arg(long, value_name = "FILE")]
    pub(crate) base: Option<PathBuf>,
}

impl BaseArgs {
    /// The base configuration: what the user says, else the kernel, else the architecture's own.
    pub(crate) fn base(
        &self,
        source: &Source,
        platform: &Platform,
        kernel: &Evaluated,
    ) -> Result<Base, Box<Finding>> {
        let base = match (&self.base, &self.defconfig, &kernel.whole) {
            (Some(path), _, _) => Base::of_file(path),
            (None, Some(name), _) => Base::of_goals(source, platform, name),
            (None, None, Some(whole)) => Ok(Base::of_text(
                whole.file().display().to_string(),
                whole.text(),
            )),
            (None, None, None) => {
                let goals = kernel.defconfig.as_deref().unwrap_or("defconfig");
                Base::of_goals(source, platform, goals)
            }
        };
        base.map_err(report::of_resolution)
    }
}

/// What there is to say where the kernel's file and the tree are of different versions.
pub(crate) fn version_mismatch(kernel: &Evaluated, source: &Source) -> Option<Finding> {
    let (said, real) = (kernel.version.as_deref()?, source.version()?);
    (said != real).then(|| {
        Finding::warning(
            "version-mismatch",
            format!("the kernel's file says version {said}, and the tree is of {real}"),
        )
        .with_help("version guards in the configuration were evaluated for the first")
    })
}

/// Warns where the kernel's file and the tree are of different versions.
pub(crate) fn compare_versions(kernel: &Evaluated, source: &Source) {
    if let Some(finding) = version_mismatch(kernel, source) {
        report::print(&finding);
    }
}
