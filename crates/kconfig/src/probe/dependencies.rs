//! What the answers of tools depend on, beside the command and the environment: files, by which
//! a change is noticed.

use super::forms::{Known, TOOL_VARIABLES};
use super::search::{Search, Sought};
use super::tree_path::TreePath;
use crate::environment::Environment;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};
use std::{fs, io};

/// Something that may change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Subject {
    /// All programs of a name, in the order of search: the first may hand over to the next.
    Program(String),
    /// A path outside the tree.
    Path(String),
    /// A file of the tree, by its content.
    TreeFile(String),
}

impl Subject {
    /// As it is kept.
    pub(super) fn to_text(&self) -> String {
        match self {
            Self::Program(name) => format!("program {name}"),
            Self::Path(path) => format!("path {path}"),
            Self::TreeFile(path) => format!("file {path}"),
        }
    }

    /// Reads what [`to_text`](Self::to_text) wrote.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(' ')?;
        match kind {
            "program" => Some(Self::Program(rest.to_owned())),
            "path" => Some(Self::Path(rest.to_owned())),
            "file" => Some(Self::TreeFile(rest.to_owned())),
            _ => None,
        }
    }
}

/// Where subjects are looked at.
pub(super) struct Surroundings<'a> {
    pub(super) environment: &'a Environment,
    pub(super) folder: &'a Path,
    pub(super) search: Search,
    pub(super) tree: TreePath,
}

/// Helper scripts are small; a larger one is no helper script.
const MAX_SCRIPT: u64 = 1 << 20;

impl<'a> Surroundings<'a> {
    pub(super) fn new(environment: &'a Environment, folder: &'a Path) -> Self {
        Self {
            environment,
            folder,
            search: Search::new(environment, folder),
            tree: TreePath::of(environment, folder),
        }
    }

    /// The state of a subject as a text: the same text means nothing has changed.
    pub(super) fn state(&self, subject: &Subject) -> String {
        match subject {
            Subject::Program(name) => {
                let mut state = String::new();
                for candidate in self.search.candidates(name) {
                    if let Ok(path) = candidate.canonicalize()
                        && path.is_file()
                    {
                        let _ = write!(state, "{} {};", path.display(), stamp(&path));
                    }
                }
                state
            }
            Subject::Path(path) => stamp(&self.folder.join(path)),
            Subject::TreeFile(path) => match self.tree_file(path) {
                Some(content) => blake3::hash(&content).to_hex().to_string(),
                None => String::new(),
            },
        }
    }

    /// When a subject changed last; `None` where it is not there.
    pub(super) fn changed(&self, subject: &Subject) -> Option<SystemTime> {
        let paths = match subject {
            Subject::Program(name) => self.search.candidates(name),
            Subject::Path(path) => vec![self.folder.join(path)],
            Subject::TreeFile(path) => vec![self.tree.file(path)],
        };
        let changes = paths.iter().filter_map(|path| {
            let metadata = fs::metadata(path).ok()?;
            let seconds = u64::try_from(metadata.ctime()).ok()?;
            let nanoseconds = u32::try_from(metadata.ctime_nsec()).ok()?;
            Some(SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds))
        });
        changes.max()
    }

    pub(super) fn tree_file(&self, path: &str) -> Option<Vec<u8>> {
        read_limited(&self.tree.file(path)).ok()
    }

    /// What every answer depends on: the tools that variables name, the shell, and the software
    /// that is installed.
    pub(super) fn common(&self) -> BTreeSet<Subject> {
        let mut subjects: BTreeSet<Subject> = INSTALLED_SOFTWARE
            .iter()
            .map(|path| Subject::Path((*path).to_owned()))
            .collect();
        for variable in TOOL_VARIABLES {
            let value = self.environment.get(variable).unwrap_or_default();
            for word in value
                .split_whitespace()
                .filter(|word| !word.starts_with('-'))
            {
                self.add_program(word, &mut subjects);
            }
        }
        if let Some(compiler) = self.environment.get("CC") {
            for name in ["cc1", "as", "ld", "collect2"] {
                let option = format!("-print-prog-name={name}");
                if let Some(path) = self.ask(compiler, &[&option]) {
                    self.add_program(&path, &mut subjects);
                }
            }
        }
        if let Some(compiler) = self.environment.get("RUSTC")
            && let Some(sysroot) = self.ask(compiler, &["--print", "sysroot"])
        {
            for path in ["bin/rustc", "lib/rustlib", "lib/rustlib/src/rust"] {
                subjects.insert(Subject::Path(format!("{sysroot}/{path}")));
            }
            self.add_rustup(&mut subjects);
        }
        subjects
    }

    /// What the answer to one command depends on besides.
    pub(super) fn of(&self, known: &Known) -> BTreeSet<Subject> {
        let mut subjects = BTreeSet::new();
        for program in &known.programs {
            self.add_program(program, &mut subjects);
        }
        for path in &known.paths {
            subjects.insert(Subject::Path(path.clone()));
        }
        for script in &known.scripts {
            self.add_script(script, &mut subjects);
        }
        if known.asks_python {
            self.add_python_path(&mut subjects);
        }
        subjects
    }

    /// A program; one that is a script, with the programs it may hand over to.
    fn add_program(&self, name: &str, subjects: &mut BTreeSet<Subject>) {
        if !subjects.insert(Subject::Program(name.to_owned())) {
            return;
        }
        let Sought::Program(path) = self.search.seek(name) else {
            return;
        };
        let Some(text) = script_text(&path) else {
            return;
        };
        for word in words(&text) {
            if word.starts_with('/') {
                if Path::new(word).is_file() {
                    subjects.insert(Subject::Path(word.to_owned()));
                }
            } else if matches!(self.search.seek(word), Sought::Program(_)) {
                subjects.insert(Subject::Program(word.to_owned()));
            }
        }
    }

    /// A helper script with the files beside it that it speaks of, those that are not there too.
    fn add_script(&self, script: &str, subjects: &mut BTreeSet<Subject>) {
        for file in companions(script, &mut |path| self.tree_file(path)) {
            subjects.insert(Subject::TreeFile(file));
        }
    }

    /// `rustc` may be a proxy that has its own idea of which `rustc` is meant.
    fn add_rustup(&self, subjects: &mut BTreeSet<Subject>) {
        let home = self.environment.get("RUSTUP_HOME").map(str::to_owned);
        let home = home.or_else(|| Some(format!("{}/.rustup", self.environment.get("HOME")?)));
        if let Some(home) = home {
            subjects.insert(Subject::Path(format!("{home}/settings.toml")));
        }
        for folder in self.folder.ancestors() {
            for name in ["rust-toolchain", "rust-toolchain.toml"] {
                let path = folder.join(name);
                subjects.insert(Subject::Path(path.to_string_lossy().into_owned()));
            }
        }
    }

    fn add_python_path(&self, subjects: &mut BTreeSet<Subject>) {
        let python = ["PYTHON3", "PYTHON"]
            .iter()
            .find_map(|variable| self.environment.get(variable));
        let folders = python.and_then(|python| {
            self.ask(python, &["-c", "import sys; print('\\n'.join(sys.path))"])
        });
        for folder in folders.unwrap_or_default().lines() {
            // The first is the working folder.
            let folder = if folder.is_empty() { "." } else { folder };
            if folder != "." {
                subjects.insert(Subject::Path(folder.to_owned()));
            }
        }
    }

    /// What a tool says of itself.
    fn ask(&self, tool: &str, arguments: &[&str]) -> Option<String> {
        let mut words = tool.split_whitespace();
        let Sought::Program(program) = self.search.seek(words.next()?) else {
            return None;
        };
        let output = Command::new(program)
            .args(words)
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter())
            .current_dir(self.folder)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let text = text.trim_end();
        (output.status.success() && !text.is_empty()).then(|| text.to_owned())
    }
}

/// Paths that change whenever software is installed: the data of package managers, and folders
/// that are written to by hand.
const INSTALLED_SOFTWARE: &[&str] = &[
    "/bin/sh",
    "/etc/ld.so.cache",
    "/lib/apk/db/installed",
    "/run/current-system",
    "/usr/include",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/bin",
    "/usr/local/include",
    "/usr/local/lib",
    "/var/lib/dpkg/status",
    "/var/lib/pacman/local",
    "/var/lib/rpm/Packages",
    "/var/lib/rpm/rpmdb.sqlite",
    "/usr/lib/sysimage/rpm/rpmdb.sqlite",
];

/// A script and the files beside it that it names, and those that they name. `read` gives the
/// content of a file of the tree.
pub(super) fn companions(
    script: &str,
    read: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
) -> BTreeSet<String> {
    let folder = script.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut found = BTreeSet::new();
    let mut open = vec![script.to_owned()];
    while let Some(file) = open.pop() {
        if found.len() >= MAX_COMPANIONS || !found.insert(file.clone()) {
            continue;
        }
        let Some(content) = read(&file) else {
            continue;
        };
        for word in words(&String::from_utf8_lossy(&content)) {
            let name = word.rsplit('/').next().unwrap_or_default();
            let is_file = [".sh", ".pl", ".py", ".awk", ".sed", ".h", ".c"]
                .iter()
                .any(|ending| name.len() > ending.len() && name.ends_with(ending));
            if is_file && !name.starts_with('.') {
                open.push(format!("{folder}/{name}"));
            }
        }
    }
    found
}

/// Files that belong to one helper script. Most have none, some have two.
const MAX_COMPANIONS: usize = 32;

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| !(char.is_ascii_alphanumeric() || "_.+-/".contains(char)))
        .filter(|word| !word.is_empty())
}

/// The text of a program that an interpreter runs.
fn script_text(path: &Path) -> Option<String> {
    let mut start = [0; 2];
    let mut file = fs::File::open(path).ok()?;
    io::Read::read_exact(&mut file, &mut start).ok()?;
    (start == *b"#!").then_some(())?;
    Some(String::from_utf8_lossy(&read_limited(path).ok()?).into_owned())
}

fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    use io::Read;
    let mut content = Vec::new();
    let file = fs::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    file.take(MAX_SCRIPT).read_to_end(&mut content)?;
    Ok(content)
}

/// What tells one state of a path from another. What is under a folder may change without it.
fn stamp(path: &Path) -> String {
    let Ok(metadata) = fs::metadata(path) else {
        return "none".to_owned();
    };
    format!(
        "{:o} {} {} {}.{} {}.{}",
        metadata.mode(),
        metadata.ino(),
        metadata.size(),
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.ctime(),
        metadata.ctime_nsec()
    )
}
