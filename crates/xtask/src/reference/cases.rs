//! The fixture kernels with their patches, and what is expected of each
//! (`fixtures/kernels/cases.toml`).

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace::Workspace;

/// A kernel, its patches, and how they are merged.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    kernel: String,
    #[serde(default)]
    patches: Vec<String>,
    /// The platform that the kernel is for.
    #[serde(default = "default_system")]
    pub(crate) system: String,
    /// The best answer first, or `equal`.
    #[serde(default = "default_tristate")]
    pub(crate) tristate: String,
    /// A small source tree in `fixtures/kconfig`, in place of a whole kernel.
    source: Option<String>,
    /// What is selected of what the kernel's file gives: names with dots between.
    pub(crate) attribute: Option<String>,
    /// The specialisation of a system.
    pub(crate) specialisation: Option<String>,
    /// Values for options of NixOS, as `option.path=EXPR`.
    #[serde(default)]
    pub(crate) set: Vec<String>,
    /// The kernel's version, where its file does not say it.
    pub(crate) version: Option<String>,
    /// Whether only settings are compared, and no final configurations.
    #[serde(default)]
    pub(crate) settings_only: bool,
    /// Whether nixpkgs' own way is compared on a whole kernel.
    #[serde(default)]
    answered: bool,
    #[serde(skip)]
    folder: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    case: Vec<Case>,
}

impl Case {
    /// All cases, in the order of their file.
    pub(crate) fn all(workspace: &Workspace) -> Result<Vec<Self>> {
        let folder = workspace.path("fixtures/kernels");
        let file = folder.join("cases.toml");
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let mut cases = toml::from_str::<CaseFile>(&text)
            .with_context(|| format!("in {}", file.display()))?
            .case;
        for case in &mut cases {
            case.folder.clone_from(&folder);
        }
        Ok(cases)
    }

    /// The file of the kernel.
    pub(crate) fn kernel(&self) -> PathBuf {
        self.folder.join(&self.kernel)
    }

    /// The files of the patches, in order.
    pub(crate) fn patches(&self) -> impl Iterator<Item = PathBuf> {
        let folder = self.folder.join("../patches");
        self.patches.iter().map(move |patch| folder.join(patch))
    }

    /// The small source tree that the kernel is for.
    pub(crate) fn source(&self) -> Option<PathBuf> {
        let source = self.source.as_deref()?;
        Some(self.folder.join("../kconfig").join(source))
    }

    /// The file of the expected final configuration on [`source`](Self::source).
    pub(crate) fn expected_configuration(&self) -> PathBuf {
        self.folder.join(format!("expected/{}.config", self.name))
    }

    /// Whether nixpkgs' own way is compared: on a small tree always.
    pub(crate) fn is_answered(&self) -> bool {
        self.answered || self.source.is_some()
    }

    /// The file of what nixpkgs' own way expectedly comes to on [`source`](Self::source).
    pub(crate) fn expected_answering(&self) -> PathBuf {
        self.folder
            .join(format!("expected/{}.nixpkgs.config", self.name))
    }

    /// The file of the expected settings.
    pub(crate) fn expected(&self) -> PathBuf {
        self.folder.join(format!("expected/{}.txt", self.name))
    }
}

fn default_system() -> String {
    "x86_64-linux".to_owned()
}

fn default_tristate() -> String {
    "y,m,n".to_owned()
}
