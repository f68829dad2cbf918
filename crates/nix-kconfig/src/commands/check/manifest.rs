//! A matrix as a file, in TOML: which kernels are checked on which trees and for which systems.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use findings::{Finding, Label, Source};
use serde::Deserialize;
use toml::Spanned;

use crate::subject::SubjectArgs;

/// What a manifest says. Paths in it are relative to its folder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Text {
    /// Nix systems.
    #[serde(default)]
    systems: Vec<Spanned<String>>,
    /// Requirements for every kernel.
    #[serde(default)]
    require: Vec<PathBuf>,
    /// Source trees by a name of one's own, such as the version.
    #[serde(default)]
    trees: BTreeMap<String, PathBuf>,
    /// Kernels by a name of one's own.
    kernels: BTreeMap<String, Entry>,
}

/// A kernel. What is not said here is as the command line has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    /// A file, a folder, or `FLAKE#OUTPUT`.
    kernel: String,
    attribute: Option<String>,
    #[serde(default)]
    patches: Vec<PathBuf>,
    /// The trees to check it on; all where nothing is said.
    trees: Option<Vec<Spanned<String>>>,
    /// The systems to check it for; all where nothing is said.
    systems: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    require: Vec<PathBuf>,
    defconfig: Option<String>,
    base: Option<PathBuf>,
    kernel_version: Option<String>,
    nixpkgs_release: Option<Spanned<String>>,
    tristate: Option<Spanned<String>>,
    specialisation: Option<String>,
    #[serde(default)]
    set: Vec<String>,
    toolchain: Option<String>,
    ignore_config_errors: Option<bool>,
}

/// A manifest.
pub(super) struct Manifest {
    pub(super) trees: Vec<(String, PathBuf)>,
    pub(super) systems: Vec<String>,
    pub(super) kernels: Vec<Kernel>,
}

/// A kernel of it.
pub(super) struct Kernel {
    pub(super) name: String,
    /// A file, a folder, or `FLAKE#OUTPUT`.
    pub(super) input: String,
    /// The names of trees.
    pub(super) trees: Option<Vec<String>>,
    pub(super) systems: Option<Vec<String>>,
    pub(super) require: Vec<PathBuf>,
    pub(super) subject: SubjectArgs,
}

type Outcome<T> = Result<T, Box<Finding>>;

/// Reads a manifest. Its kernels are asked about as `subject` says, where they say nothing else.
///
/// # Errors
/// When it cannot be read, or says what means nothing.
pub(super) fn read(path: &Path, subject: &SubjectArgs) -> Outcome<Manifest> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Box::new(Finding::failure(format!(
            "the matrix {name} cannot be read: {error}"
        )))
    })?;
    let reader = Reader {
        folder: path.parent().unwrap_or(Path::new("")),
        source: Source::new(name, text),
    };
    reader.manifest(subject)
}

struct Reader<'p> {
    folder: &'p Path,
    source: Source,
}

impl Reader<'_> {
    fn manifest(&self, subject: &SubjectArgs) -> Outcome<Manifest> {
        let text: Text = toml::from_str(self.source.text()).map_err(|error| {
            let finding = self.wrong(error.message(), error.span(), "here");
            Box::new(finding.with_help("docs/check.md tells what a matrix has"))
        })?;
        if text.kernels.is_empty() {
            return Err(Box::new(self.wrong("there is no kernel in it", None, "")));
        }
        let mut kernels = Vec::new();
        for (name, entry) in &text.kernels {
            kernels.push(self.kernel(name, entry, &text, subject)?);
        }
        let trees = text.trees.into_iter();
        Ok(Manifest {
            systems: values(&text.systems),
            trees: trees
                .map(|(name, tree)| (name, self.folder.join(tree)))
                .collect(),
            kernels,
        })
    }

    fn kernel(
        &self,
        name: &str,
        entry: &Entry,
        text: &Text,
        subject: &SubjectArgs,
    ) -> Outcome<Kernel> {
        for tree in entry.trees.iter().flatten() {
            if !text.trees.contains_key(tree.as_ref()) {
                let known: Vec<&str> = text.trees.keys().map(String::as_str).collect();
                let message = format!("`{}' is no tree of this matrix", tree.as_ref());
                let finding = self.wrong(&message, Some(tree.span()), "not in [trees]");
                return Err(Box::new(if known.is_empty() {
                    finding.with_help("trees are named in the table [trees]")
                } else {
                    finding.with_help(format!("its trees are {}", known.join(", ")))
                }));
            }
        }
        let mut subject = subject.clone();
        let input = &mut subject.input;
        let or = |own: &Option<String>, other: &mut Option<String>| {
            if own.is_some() {
                other.clone_from(own);
            }
        };
        or(&entry.attribute, &mut input.attribute);
        or(&entry.kernel_version, &mut input.kernel_version);
        or(&entry.specialisation, &mut input.specialisation);
        or(&entry.toolchain, &mut subject.toolchain.toolchain);
        if entry.defconfig.is_some() || entry.base.is_some() {
            subject.base.defconfig.clone_from(&entry.defconfig);
            subject.base.base = entry.base.as_ref().map(|base| self.folder.join(base));
        }
        if let Some(release) = &entry.nixpkgs_release {
            input.nixpkgs_release = Some(self.parsed(release)?);
        }
        if let Some(tristate) = &entry.tristate {
            input.tristate = Some(self.parsed(tristate)?);
        }
        let patches = entry.patches.iter().map(|patch| self.folder.join(patch));
        input.patches.splice(0..0, patches);
        input.set.extend(entry.set.iter().cloned());
        if let Some(ignore) = entry.ignore_config_errors {
            subject.answering.ignore_config_errors = ignore;
        }
        let require = text.require.iter().chain(&entry.require);
        Ok(Kernel {
            name: name.to_owned(),
            input: self.kernel_path(&entry.kernel),
            trees: entry.trees.as_deref().map(values),
            systems: entry.systems.as_deref().map(values),
            require: require.map(|file| self.folder.join(file)).collect(),
            subject,
        })
    }

    /// A kernel's file, or a flake's folder with the output behind `#`.
    fn kernel_path(&self, kernel: &str) -> String {
        let (path, output) = match kernel.split_once('#') {
            Some((path, output)) => (path, format!("#{output}")),
            None => (kernel, String::new()),
        };
        format!("{}{output}", self.folder.join(path).display())
    }

    fn parsed<T>(&self, text: &Spanned<String>) -> Outcome<T>
    where
        T: std::str::FromStr<Err: std::fmt::Display>,
    {
        let parsed = text.as_ref().parse();
        parsed.map_err(|error: T::Err| {
            Box::new(self.wrong(&error.to_string(), Some(text.span()), "here"))
        })
    }

    fn wrong(&self, what: &str, span: Option<Range<usize>>, label: &str) -> Finding {
        let finding = Finding::failure(format!("the matrix cannot be used: {what}"));
        match span {
            Some(span) => finding.with_label(Label::primary(&self.source, span, label)),
            None => finding.with_help(format!("it is {}", self.source.name())),
        }
    }
}

fn values(spanned: &[Spanned<String>]) -> Vec<String> {
    spanned.iter().map(|it| it.as_ref().clone()).collect()
}
