//! Answers kept from run to run, in files that belong to one environment each.

use super::ProbeOutput;
use super::dependencies::{Subject, Surroundings};
use super::forms::Known;
use super::tree_path::TreePath;
use crate::environment::Environment;
use crate::keep;
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// The answers of this machine's tools, in a file below a folder.
///
/// An answer is taken only where all is as it was: the whole environment but for what belongs to
/// a terminal or to `make`, the tools by that name, the software that is installed, the content
/// of helper scripts. Two processes may use one folder: a file is replaced as a whole.
#[derive(Debug)]
pub(super) struct ProbeCache {
    file: PathBuf,
    tree: TreePath,
    kept: Arc<Kept>,
    new: BTreeMap<String, (ProbeOutput, Known)>,
    opened: SystemTime,
    warning: Option<String>,
}

/// Answers by commands, in which the tree is named alike wherever it is.
pub(super) type Kept = hashbrown::HashMap<String, Answer, FxBuildHasher>;

/// An answer and what it depends on besides what all do.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) output: ProbeOutput,
    on: Vec<Subject>,
}

/// Written in the first line, with the hash of the rest.
const MAGIC: &str = "nix-kconfig probes 1 ";
/// A file holds some hundred short answers.
const MAX_FILE: u64 = 16 << 20;
/// How many environments are remembered.
const MAX_FILES: usize = 256;
/// What changed this shortly before it was looked at may change again without a trace.
const TICK: Duration = Duration::from_millis(10);

/// The file.
#[derive(Serialize, Deserialize)]
struct Content {
    /// Subjects and their states.
    dependencies: Vec<(String, String)>,
    /// How many of the dependencies, from the first, every answer has.
    common: usize,
    answers: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    command: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    stdout: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    stderr: String,
    /// Which further dependencies it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    on: Vec<usize>,
}

impl ProbeCache {
    /// Opens the cache in a folder, for commands that run in `working_folder` with this
    /// environment. Nothing is made until there is something to keep.
    pub(super) fn open(folder: &Path, environment: &Environment, working_folder: &Path) -> Self {
        let opened = SystemTime::now();
        let tree = TreePath::of(environment, working_folder);
        let file = folder.join(key(environment, &tree, working_folder) + ".json");
        let surroundings = Surroundings::new(environment, working_folder);
        let mut warning = None;
        let kept = load(&file, &surroundings).unwrap_or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                warning = Some(format!("{} is not used: {error}", file.display()));
            }
            Kept::default()
        });
        Self {
            file,
            tree,
            kept: Arc::new(kept),
            new: BTreeMap::new(),
            opened,
            warning,
        }
    }

    /// Why the file that is there cannot be used, if so.
    pub(super) fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// The answers that can be used.
    pub(super) fn kept(&self) -> &Arc<Kept> {
        &self.kept
    }

    /// Adds an answer.
    pub(super) fn insert(&mut self, command: &str, known: &Known, output: &ProbeOutput) {
        // What is not text is not kept: it would not come back as it was.
        let is_text = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok();
        let command = self.tree.normalise(command);
        if is_text(&output.stdout) && is_text(&output.stderr) && !self.kept.contains_key(&command) {
            self.new.insert(command, (output.clone(), known.clone()));
        }
    }

    /// Writes the answers, if there are new ones, and if nothing they depend on changed while
    /// they were got.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn save(self, environment: &Environment, working_folder: &Path) -> io::Result<()> {
        if self.new.is_empty() {
            return Ok(());
        }
        let surroundings = Surroundings::new(environment, working_folder);
        let mut table = Table::new(surroundings.common());
        let mut answers: Vec<Entry> = Vec::with_capacity(self.kept.len() + self.new.len());
        for (command, answer) in &*self.kept {
            answers.push(table.entry(command, &answer.output, answer.on.iter().cloned()));
        }
        for (command, (output, known)) in &self.new {
            answers.push(table.entry(command, output, surroundings.of(known)));
        }
        answers.sort_by(|one, other| one.command.cmp(&other.command));
        let settled = self.opened - TICK;
        let is_settled = |subject: &Subject| surroundings.changed(subject) < Some(settled);
        if !table.subjects.iter().all(is_settled) {
            return Ok(());
        }
        let state = |subject: &Subject| (subject.to_text(), surroundings.state(subject));
        let content = Content {
            dependencies: table.subjects.iter().map(state).collect(),
            common: table.common,
            answers,
        };
        let body = serde_json::to_vec(&content)?;
        keep::write_checked(&self.file, MAGIC, &body, MAX_FILES)
    }
}

/// Subjects by number.
struct Table {
    subjects: Vec<Subject>,
    /// How many of them, from the first, every answer depends on.
    common: usize,
}

impl Table {
    fn new(common: BTreeSet<Subject>) -> Self {
        Self {
            common: common.len(),
            subjects: common.into_iter().collect(),
        }
    }

    /// The number of a subject; there are some dozens.
    fn number(&mut self, subject: Subject) -> usize {
        let known = self.subjects.iter().position(|other| *other == subject);
        known.unwrap_or_else(|| {
            self.subjects.push(subject);
            self.subjects.len() - 1
        })
    }

    fn entry(
        &mut self,
        command: &str,
        output: &ProbeOutput,
        on: impl IntoIterator<Item = Subject>,
    ) -> Entry {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let common = self.common;
        Entry {
            command: command.to_owned(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            on: on
                .into_iter()
                .map(|subject| self.number(subject))
                .filter(|&number| number >= common)
                .collect(),
        }
    }
}

/// The answers that are still right.
fn load(file: &Path, surroundings: &Surroundings<'_>) -> io::Result<Kept> {
    let content = read(file)?;
    let mut subjects = Vec::with_capacity(content.dependencies.len());
    for (text, state) in &content.dependencies {
        let subject = Subject::from_text(text).ok_or(io::ErrorKind::InvalidData)?;
        let is_current = surroundings.state(&subject) == *state;
        subjects.push(is_current.then_some(subject));
    }
    if subjects.iter().take(content.common).any(Option::is_none) {
        return Ok(Kept::default());
    }
    let mut kept = Kept::default();
    for entry in content.answers {
        let on = entry
            .on
            .iter()
            .map(|&number| subjects.get(number)?.clone())
            .collect::<Option<Vec<_>>>();
        let Some(on) = on else { continue };
        let output = ProbeOutput {
            stdout: entry.stdout.into_bytes(),
            stderr: entry.stderr.into_bytes(),
        };
        kept.insert(entry.command, Answer { output, on });
    }
    Ok(kept)
}

fn read(file: &Path) -> io::Result<Content> {
    let body = keep::read_checked(file, MAGIC, MAX_FILE)?;
    serde_json::from_slice(&body)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is damaged"))
}

/// Names the file of an environment.
fn key(environment: &Environment, tree: &TreePath, working_folder: &Path) -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, value) in environment.iter().filter(|(name, _)| may_influence(name)) {
        for text in [name, &tree.normalise(value)] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
    }
    // Many probes write a file: where they cannot, they fail.
    let is_writable = tempfile::tempdir_in(working_folder).is_ok();
    hasher.update(&[u8::from(is_writable)]);
    hasher.finalize().to_hex().as_str()[..32].to_owned()
}

/// Whether a variable may change what a tool says. What is not known to belong to a terminal, a
/// session or `make` may.
fn may_influence(name: &str) -> bool {
    const OTHERS: &[&str] = &[
        "_",
        "COLORTERM",
        "COLUMNS",
        "DISPLAY",
        "EDITOR",
        "HISTCONTROL",
        "HISTFILE",
        "HISTSIZE",
        "INVOCATION_ID",
        "JOURNAL_STREAM",
        "LESS",
        "LESSCLOSE",
        "LESSOPEN",
        "LINES",
        "LS_COLORS",
        "MAIL",
        "MAKECMDGOALS",
        "MAKEFLAGS",
        "MAKELEVEL",
        "MAKEOVERRIDES",
        "MAKE_TERMERR",
        "MAKE_TERMOUT",
        "MFLAGS",
        "NO_COLOR",
        "OLDPWD",
        "PAGER",
        "PS1",
        "PS2",
        "PWD",
        "SHLVL",
        "TERM",
        "TERM_PROGRAM",
        "TERM_PROGRAM_VERSION",
        "TERM_SESSION_ID",
        "VISUAL",
        "WINDOWID",
    ];
    const FAMILIES: &[&str] = &[
        "DBUS_",
        "GNOME_",
        "GPG_",
        "KCONFIG_",
        "KDE_",
        "KITTY_",
        "NIX_KCONFIG_",
        "SSH_",
        "TMUX",
        "VSCODE_",
        "VTE_",
        "WAYLAND_",
        "WEZTERM_",
        "XDG_",
    ];
    !OTHERS.contains(&name) && !FAMILIES.iter().any(|family| name.starts_with(family))
}
