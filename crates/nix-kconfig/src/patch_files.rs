//! The files of a kernel's patches: read, and applied in memory to the tree that they are for.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use findings::{Finding, Label, Severity, Source as Text};
use kconfig::{Compression, SymbolType, Tree};
use kernel_config::{PatchFile, PatchPlace, Place};
use kernel_resolve::Source;
use kernel_resolve::patch::{OptionLine, Patcher, Problem, Reason};

use crate::evaluation::EvaluationArgs;
use crate::report;

/// A patch, read.
pub(crate) struct PatchText {
    name: String,
    /// Where its entry says which file it is.
    said: Option<Place>,
    /// What it says, or why that is not known.
    content: Result<Content, Unread>,
}

/// What a patch says.
struct Content {
    bytes: Vec<u8>,
    /// The same to show, byte for byte at the same places.
    text: Text,
}

/// Why it is not known what a patch says.
struct Unread {
    severity: Severity,
    reason: String,
    help: Option<String>,
}

/// How much a patch may be, once it is no longer compressed.
const SIZE_LIMIT: u64 = 64 << 20;

/// Reads the files of patches, within what may be read. Those that are fetched are looked for in
/// the store, and in `folder`.
pub(crate) fn read(
    files: Vec<PatchFile>,
    evaluation: &EvaluationArgs,
    folder: Option<&Path>,
) -> Vec<PatchText> {
    files
        .into_iter()
        .map(|PatchFile { name, said, place }| PatchText {
            name,
            said,
            content: content(place, evaluation, folder),
        })
        .collect()
}

fn content(
    place: PatchPlace,
    evaluation: &EvaluationArgs,
    folder: Option<&Path>,
) -> Result<Content, Unread> {
    match place {
        PatchPlace::File(path) => match bytes(&path, evaluation) {
            Ok(bytes) => Ok(Content::new(&path, bytes)),
            Err(error) => Err(not_there(&path, &error)),
        },
        PatchPlace::Fetched {
            url,
            file_name,
            store_path,
        } => {
            // Which name a folder has it under is the user's choice: the one in Nix, or in its address.
            let path = url.as_deref().and_then(|url| url.split(['?', '#']).next());
            let of_url = path.and_then(|path| path.rsplit('/').next());
            let names = [Some(file_name.as_str()), of_url];
            let names = names.into_iter().flatten().filter(|name| is_plain(name));
            let given = folder.map(|folder| names.map(|name| folder.join(name)).collect());
            let mut places: Vec<PathBuf> = given.unwrap_or_default();
            places.extend(store_path.clone());
            for path in &places {
                match bytes(path, evaluation) {
                    Ok(bytes) => return Ok(Content::new(path, bytes)),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(not_there(path, &error)),
                }
            }
            Err(not_fetched(
                url.as_deref(),
                &file_name,
                store_path.as_deref(),
            ))
        }
        PatchPlace::Unknown {
            reason,
            needs_nixpkgs,
        } => Err(Unread {
            severity: if needs_nixpkgs {
                Severity::Note
            } else {
                Severity::Error
            },
            reason,
            help: None,
        }),
    }
}

/// Whether a name is one of a file in a folder.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains('/')
}

/// A patch without its compression, which the end of its name tells, as nixpkgs takes it.
fn bytes(path: &Path, evaluation: &EvaluationArgs) -> io::Result<Vec<u8>> {
    let content = evaluation.read_file(path)?;
    let plain = match Compression::of_name(&path.to_string_lossy()) {
        Some(compression) => compression.unpack(&content, SIZE_LIMIT)?,
        None => content,
    };
    if plain.len() as u64 > SIZE_LIMIT {
        return Err(io::Error::other("it is larger than 64 MiB"));
    }
    Ok(plain)
}

fn not_there(path: &Path, error: &io::Error) -> Unread {
    let help = (error.kind() == io::ErrorKind::NotFound)
        .then(|| "the path is relative to the Nix file that it stands in".to_owned());
    Unread {
        severity: Severity::Error,
        reason: format!("{}: {error}", path.display()),
        help: help.filter(|_| !path.starts_with("/nix/store")),
    }
}

fn not_fetched(url: Option<&str>, file_name: &str, store_path: Option<&Path>) -> Unread {
    let from = url.map(|url| format!(" from {url}")).unwrap_or_default();
    let mut help = format!(
        "what it does to Kconfig files is not known here; put the file as `{file_name}' into a folder, and \
         name that by --patch-files"
    );
    if let Some(path) = store_path {
        help += &format!(", or have Nix fetch it to {}", path.display());
    }
    Unread {
        severity: Severity::Note,
        reason: format!("it is fetched{from}, and not at hand"),
        help: Some(help),
    }
}

impl Content {
    fn new(path: &Path, bytes: Vec<u8>) -> Self {
        let text = shown(&bytes);
        Self {
            bytes,
            text: Text::new(path.display().to_string(), text),
        }
    }
}

/// A text to show: what is no UTF-8 becomes a question mark a byte, so that places stay the same.
fn shown(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

/// A tree with patches.
pub(crate) struct Patched {
    /// The tree.
    pub(crate) source: Source,
    /// What of the patches could not be applied, and what was not read.
    pub(crate) findings: Vec<Finding>,
    /// Options that patches take the definition of.
    pub(crate) removals: Removals,
}

/// Options that patches take the definition of.
#[derive(Default)]
pub(crate) struct Removals(Vec<Removed>);

/// An option that a patch takes the definition of.
struct Removed {
    patch: String,
    text: Text,
    line: OptionLine,
}

/// The tree with the patches applied, and what of them could not be.
///
/// # Errors
///
/// The tree cannot be read.
pub(crate) fn apply(source: &Source, patches: &[PatchText]) -> Result<Patched, Box<Finding>> {
    let mut patcher = Patcher::new(source);
    let mut findings = Vec::new();
    let mut removed = Vec::new();
    for patch in patches {
        match &patch.content {
            Ok(content) => {
                let outcome = patcher
                    .apply(&content.bytes)
                    .map_err(report::of_resolution)?;
                let problems = outcome.problems.iter();
                findings.extend(problems.map(|problem| patch.problem(content, problem)));
                removed.extend(outcome.removed.into_iter().map(|line| Removed {
                    patch: patch.name.clone(),
                    text: content.text.clone(),
                    line,
                }));
            }
            Err(unread) => findings.push(patch.unread(unread)),
        }
    }
    Ok(Patched {
        source: patcher.finish().map_err(report::of_resolution)?,
        findings,
        removals: Removals(removed),
    })
}

impl Removals {
    /// That options are gone from the tree since a patch takes their definitions.
    pub(crate) fn findings(&self, tree: &Tree) -> Vec<Finding> {
        let mut told = HashSet::new();
        let mut findings = Vec::new();
        for Removed { patch, text, line } in &self.0 {
            let is_defined = tree
                .find(&line.name)
                .is_some_and(|symbol| tree.kind(symbol) != SymbolType::Unknown);
            if is_defined || !told.insert(line.name.as_str()) {
                continue;
            }
            let OptionLine {
                name,
                file,
                hunk,
                span,
            } = line;
            findings.push(
                Finding::new(
                    "patch-removes-option",
                    Severity::Note,
                    format!("{patch} removes {name}: hunk #{hunk} of {file}"),
                )
                .with_label(Label::primary(text, span.clone(), "its definition")),
            );
        }
        findings
    }
}

impl PatchText {
    /// Whether it is known what the patch says.
    pub(crate) fn is_read(&self) -> bool {
        self.content.is_ok()
    }

    fn unread(&self, unread: &Unread) -> Finding {
        let mut finding = Finding::new(
            "patch-not-read",
            unread.severity,
            format!("{} is not read: {}", self.name, unread.reason),
        );
        finding.labels.extend(
            self.said
                .as_ref()
                .map(|place| report::label_of_place(place, "")),
        );
        finding.help.clone_from(&unread.help);
        finding
    }

    fn problem(&self, content: &Content, problem: &Problem) -> Finding {
        let label = |span: &std::ops::Range<usize>, text: &str| {
            Label::primary(&content.text, span.clone(), text)
        };
        let finding = Finding::error(
            "patch-does-not-apply",
            format!("{} does not apply: {problem}", self.name),
        );
        match &problem.reason {
            Reason::Hunk { mismatch, .. } => {
                let at = mismatch.wanted.as_ref().unwrap_or(&problem.span);
                let file = problem.file.as_deref().unwrap_or_default();
                let tree = Text::new(file, shown(&mismatch.content));
                let found = &mismatch.found;
                let line = tree.line_column(found.start).line;
                let (text, there) = if found.is_empty() {
                    (format!("{file} ends before"), "the file ends here")
                } else {
                    (format!("{file} has something else at line {line}"), "this")
                };
                finding
                    .with_label(label(at, "the hunk wants this line"))
                    .with_note(text, Some(Label::primary(&tree, found.clone(), there)))
                    .with_help(
                        "`patch -p1' of the build fails as well: the patch is for another release \
                         of the kernel, or for another patch before it",
                    )
            }
            Reason::NoFile { without_strip } => {
                let finding = finding.with_label(label(&problem.span, ""));
                if *without_strip {
                    finding.with_help(
                        "its names lack the first part that `patch -p1' takes off: it is made for \
                         `patch -p0'",
                    )
                } else {
                    finding
                }
            }
            Reason::Reversed => finding
                .with_label(label(&problem.span, "the tree has this already"))
                .with_help("leave the patch out for this kernel"),
            Reason::Unsupported(_) => finding
                .with_label(label(&problem.span, ""))
                .with_help("only unified diffs of text files are applied in memory"),
            Reason::NoName | Reason::NotEmptied | Reason::Malformed(_) => {
                finding.with_label(label(&problem.span, ""))
            }
        }
    }
}
