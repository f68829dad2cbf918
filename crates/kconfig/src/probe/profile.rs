//! Recorded toolchains: the answers of one set of tools to the commands of one architecture.

use super::dependencies::companions;
use super::plan::Planner;
use super::search::Search;
use super::tree_path::{TREE, TreePath};
use super::{ProbeError, ProbeOutput, Prober, shipped, words};
use crate::environment::Environment;
use crate::files::FileSource;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

/// A recorded toolchain.
///
/// Commands are kept with the tree's path replaced by `$srctree`. A helper script of the tree may
/// answer the same command line differently in another kernel: such an answer is kept for each
/// content of the script, and of the scripts that it calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The version of this format.
    format: u32,
    /// What it is called.
    pub name: String,
    /// The Nix system that the tools compile for.
    pub system: String,
    /// What the tools say of themselves, by the variables that name them.
    pub tools: BTreeMap<String, String>,
    /// The versions of the kernels whose commands are answered, oldest first.
    pub kernels: Vec<String>,
    /// The variables that name the tools: commands hold their values.
    pub variables: BTreeMap<String, String>,
    answers: Vec<Recorded>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    command: String,
    /// The hash of the helper scripts that it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scripts: Option<String>,
    /// The newest kernel that it was recorded for.
    kernel: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    stdout: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    stderr: String,
}

/// The version of the format that is written.
const FORMAT: u32 = 1;
/// A profile holds some hundred short answers.
const MAX_PROFILE: usize = 16 << 20;

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// It is not in the format.
    #[error("it is no recorded toolchain: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It was written by a later version of this program.
    #[error("its format is {0}, and this program knows format {FORMAT}")]
    Format(u32),
    /// It is longer than any profile.
    #[error("it is longer than {MAX_PROFILE} bytes")]
    TooLong,
    /// A command was answered with something that is not text.
    #[error("`{0}` was not answered with text")]
    NotText(String),
}

impl Profile {
    /// A profile without answers.
    pub fn new(name: impl Into<String>, system: impl Into<String>) -> Self {
        Self {
            format: FORMAT,
            name: name.into(),
            system: system.into(),
            tools: BTreeMap::new(),
            kernels: Vec::new(),
            variables: BTreeMap::new(),
            answers: Vec::new(),
        }
    }

    /// Reads a profile that this program brings, for a Nix system: `gcc` is the newest GCC, with
    /// pahole; `gcc-14+rust` has Rust but no pahole; a full name is the profile of that name.
    pub fn shipped(name: &str, system: &str) -> Option<Self> {
        shipped::find(name, system)
    }

    /// The same, with the compiler's version nearest to that of the name where there is none of it.
    pub fn nearest_shipped(name: &str, system: &str) -> Option<Self> {
        shipped::find_nearest(name, system)
    }

    /// The profiles that this program brings.
    pub fn all_shipped() -> Vec<Self> {
        shipped::all()
    }

    /// Reads a profile.
    ///
    /// # Errors
    /// When the text is none.
    pub fn from_json(text: &[u8]) -> Result<Self, ProfileError> {
        if text.len() > MAX_PROFILE {
            return Err(ProfileError::TooLong);
        }
        let profile: Self = serde_json::from_slice(text)?;
        if profile.format == FORMAT {
            Ok(profile)
        } else {
            Err(ProfileError::Format(profile.format))
        }
    }

    /// The profile in one line.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn to_json(&self) -> Result<String, ProfileError> {
        Ok(serde_json::to_string(self)?)
    }

    /// The profile with one line for each answer.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn to_pretty_json(&self) -> Result<String, ProfileError> {
        let head = Self {
            answers: Vec::new(),
            ..self.clone()
        };
        let head = serde_json::to_string_pretty(&head)?;
        let lines: Vec<String> = self
            .answers
            .iter()
            .map(serde_json::to_string)
            .collect::<Result<_, _>>()?;
        // The head ends with the list of answers, which is empty.
        let head = head.trim_end_matches("[]\n}");
        Ok(format!("{head}[\n    {}\n  ]\n}}\n", lines.join(",\n    ")))
    }

    /// The commands, with their answers.
    pub fn answers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.answers
            .iter()
            .map(|recorded| (recorded.command.as_str(), recorded.stdout.as_str()))
    }

    /// Adds what was answered for a kernel. `environment` is what its tree was read with,
    /// `scripts` the files of the tree.
    ///
    /// # Errors
    /// When an answer is not text.
    pub fn add<'r>(
        &mut self,
        kernel: &str,
        environment: &Environment,
        scripts: &dyn FileSource,
        answers: impl IntoIterator<Item = (&'r str, &'r ProbeOutput)>,
    ) -> Result<(), ProfileError> {
        let tree = TreePath::of(environment, Path::new("/"));
        for (command, output) in answers {
            let not_text = |_| ProfileError::NotText(command.to_owned());
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(not_text);
            let normal = tree.normalise(command);
            let recorded = Recorded {
                scripts: scripts_hash(&normal, scripts),
                command: normal,
                kernel: kernel.to_owned(),
                stdout: text(&output.stdout)?,
                stderr: text(&output.stderr)?,
            };
            let known = self.answers.iter_mut().find(|other| {
                other.command == recorded.command && other.scripts == recorded.scripts
            });
            match known {
                Some(known) if version(&known.kernel) > version(kernel) => {}
                Some(known) => *known = recorded,
                None => self.answers.push(recorded),
            }
        }
        self.answers.sort();
        if !self.kernels.iter().any(|known| known == kernel) {
            self.kernels.push(kernel.to_owned());
            self.kernels.sort_by_key(|kernel| version(kernel));
        }
        Ok(())
    }
}

/// The numbers in a version, for comparison.
fn version(text: &str) -> Vec<u32> {
    text.split(|char: char| !char.is_ascii_digit())
        .map_while(|number| number.parse().ok())
        .collect()
}

/// A hash of the tree's files that a command runs, and of those that they run; none where it runs
/// none.
fn scripts_hash(command: &str, scripts: &dyn FileSource) -> Option<String> {
    let mut read = |path: &str| Some(scripts.read(path).ok()??.to_vec());
    let mut files = BTreeSet::new();
    for script in tree_files(command) {
        files.extend(companions(script, &mut read));
    }
    if files.is_empty() {
        return None;
    }
    let mut hasher = blake3::Hasher::new();
    for file in &files {
        let content = read(file).map(|content| blake3::hash(&content));
        hasher.update(&(file.len() as u64).to_le_bytes());
        hasher.update(file.as_bytes());
        hasher.update(content.as_ref().map_or(&[], |hash| hash.as_bytes()));
    }
    Some(hasher.finalize().to_hex().as_str()[..16].to_owned())
}

/// The paths within the tree that stand in a command.
fn tree_files(command: &str) -> impl Iterator<Item = &str> {
    command.split(TREE).skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix('/')?;
        let end = rest.find(|char: char| !(char.is_ascii_alphanumeric() || "_-./+".contains(char)));
        let path = &rest[..end.unwrap_or(rest.len())];
        (!path.is_empty() && !path.split('/').any(|part| part == "..")).then_some(path)
    })
}

/// Answers commands from a profile; nothing is run.
pub struct ProfileReplay {
    by_command: HashMap<String, Vec<Recorded>>,
    tree: TreePath,
    environment: Environment,
    scripts: Arc<dyn FileSource + Send + Sync>,
    kernel: Vec<u32>,
    unanswered: BTreeSet<String>,
    differing: BTreeSet<String>,
}

impl ProfileReplay {
    /// Answers for a tree that is read with `environment`, which holds the profile's variables.
    /// `scripts` are the files of the tree, by their names from its top.
    pub fn new(
        profile: &Profile,
        environment: &Environment,
        scripts: Arc<dyn FileSource + Send + Sync>,
    ) -> Self {
        let mut by_command: HashMap<String, Vec<Recorded>> = HashMap::new();
        for recorded in &profile.answers {
            let alternatives = by_command.entry(recorded.command.clone()).or_default();
            alternatives.push(recorded.clone());
        }
        Self {
            by_command,
            tree: TreePath::of(environment, Path::new("/")),
            kernel: version(environment.get("KERNELVERSION").unwrap_or_default()),
            environment: environment.clone(),
            scripts,
            unanswered: BTreeSet::new(),
            differing: BTreeSet::new(),
        }
    }

    /// The commands that the profile does not hold, with the tree named `$srctree`. They were
    /// answered as if they had failed.
    pub fn unanswered(&self) -> impl Iterator<Item = &str> {
        self.unanswered.iter().map(String::as_str)
    }

    /// The commands whose helper scripts are not those of any recorded kernel. They were answered
    /// as in the kernel that comes next.
    pub fn differing(&self) -> impl Iterator<Item = &str> {
        self.differing.iter().map(String::as_str)
    }

    fn recorded(&mut self, command: &str) -> Option<ProbeOutput> {
        let alternatives = self.by_command.get(command)?;
        let hash = scripts_hash(command, &*self.scripts);
        let recorded = if let Some(same) = alternatives.iter().find(|other| other.scripts == hash) {
            same
        } else {
            let closest = closest(alternatives, &self.kernel)?;
            let differs = |other: &&Recorded| other.stdout != closest.stdout;
            if alternatives.iter().any(|other| differs(&other)) {
                self.differing.insert(command.to_owned());
            }
            closest
        };
        Some(ProbeOutput {
            stdout: recorded.stdout.clone().into_bytes(),
            stderr: recorded.stderr.clone().into_bytes(),
        })
    }

    /// What a command gives that asks no tool: `test -z "GCC 140200"`.
    fn computed(&self, command: &str) -> Option<ProbeOutput> {
        let planner = Planner {
            environment: &self.environment,
            // Programs are found nowhere.
            search: &Search::nowhere(),
        };
        planner.plan(&words::read(command)?)?.compute()
    }
}

/// The answer recorded for the newest kernel that is not newer, else for the oldest.
fn closest<'r>(alternatives: &'r [Recorded], kernel: &[u32]) -> Option<&'r Recorded> {
    let numbers = |recorded: &&Recorded| version(&recorded.kernel);
    let not_newer = alternatives
        .iter()
        .filter(|recorded| numbers(recorded).as_slice() <= kernel)
        .max_by_key(numbers);
    not_newer.or_else(|| alternatives.iter().min_by_key(numbers))
}

impl Prober for ProfileReplay {
    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError> {
        let normal = self.tree.normalise(command);
        if let Some(output) = self.recorded(&normal) {
            return Ok(output);
        }
        if let Some(output) = self.computed(command) {
            return Ok(output);
        }
        let output = ProbeOutput {
            stdout: failed(command),
            stderr: Vec::new(),
        };
        self.unanswered.insert(normal);
        Ok(output)
    }
}

/// What a command writes when it fails: what `$(if-success,…)` has for that, else nothing.
fn failed(command: &str) -> Vec<u8> {
    let answer = command
        .rsplit_once("|| echo \"")
        .and_then(|(_, answer)| answer.strip_suffix('"'))
        .filter(|answer| !answer.contains(['"', '$', '\\', '`']));
    answer.map_or_else(Vec::new, |answer| format!("{answer}\n").into_bytes())
}
