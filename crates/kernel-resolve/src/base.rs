//! What configuration starts from: the `.config` that `make GOALS` would leave behind.

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use kconfig::conf::answer_rest;
use kconfig::{Diagnostic, Session, Tree, Tristate};
use kernel_config::Platform;

use crate::error::{Error, Result};
use crate::makefile::ArchMakefile;
use crate::source::Source;

/// A base configuration.
#[derive(Clone, Debug)]
pub struct Base {
    /// How messages name it.
    name: String,
    /// What is done, in order, to come to it.
    steps: Vec<Step>,
}

/// A file of assignments.
#[derive(Clone, Debug)]
struct Assignments {
    name: String,
    content: Arc<[u8]>,
}

#[derive(Clone, Debug)]
enum Step {
    /// A file becomes `.config` as it stands.
    Take(Assignments),
    /// `conf --defconfig=FILE`
    Defconfig(Assignments),
    /// Fragments are put over `.config` (`merge_config.sh -m`), and `conf --olddefconfig`.
    Merge(Vec<Assignments>),
    /// `conf --allnoconfig` and its kin, with `KCONFIG_ALLCONFIG`.
    Rest {
        value: Option<Tristate>,
        seed: Option<Assignments>,
    },
}

/// How deep goals may lead to other goals.
const DEPTH_LIMIT: usize = 8;

impl Base {
    /// A file that the user named.
    pub fn of_file(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let content = fs::read(path).map_err(|error| Error::Base {
            path: name.clone(),
            error,
        })?;
        Ok(Self::of_text(name, content))
    }

    /// A configuration at hand.
    pub fn of_text(name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        let name = name.into();
        let content = Arc::from(content.into());
        Self {
            steps: vec![Step::Take(Assignments {
                name: name.clone(),
                content,
            })],
            name,
        }
    }

    /// What `make GOALS` makes, such as `defconfig`, `bcm2711_defconfig`, `tinyconfig`, or a
    /// default configuration with fragments behind it: `defconfig kvm_guest.config`.
    pub fn of_goals(source: &Source, platform: &Platform, goals: &str) -> Result<Self> {
        let configs = format!("arch/{}/configs", platform.srcarch);
        let arch = ArchMakefile::read(source, platform)?;
        let mut goal = Goals {
            source,
            platform,
            configs,
            arch,
            steps: Vec::new(),
        };
        for name in goals.split_whitespace() {
            goal.add(name, 0)?;
        }
        Ok(Self {
            name: format!("{goals} of {}", source.name()),
            steps: goal.steps,
        })
    }

    /// How messages name it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text that `.config` has before anything is computed, where it is a file; otherwise
    /// what is made.
    pub(crate) fn text(&self, tree: &Tree) -> (Cow<'_, [u8]>, Vec<Diagnostic>) {
        if let [Step::Take(file) | Step::Defconfig(file)] = self.steps.as_slice() {
            return (Cow::Borrowed(&file.content), Vec::new());
        }
        let (made, warnings) = self.made(tree);
        (Cow::Owned(made), warnings)
    }

    /// The name of the file that [`text`](Self::text) is.
    pub(crate) fn file_name(&self) -> &str {
        match self.steps.as_slice() {
            [Step::Take(file) | Step::Defconfig(file)] => &file.name,
            _ => ".config",
        }
    }

    /// The `.config` that `make` leaves behind, and what `conf` says on the way.
    pub(crate) fn made(&self, tree: &Tree) -> (Vec<u8>, Vec<Diagnostic>) {
        let mut config = Vec::new();
        let mut warnings = Vec::new();
        for step in &self.steps {
            let mut session = Session::new(tree);
            match step {
                Step::Take(file) => {
                    config = file.content.to_vec();
                    continue;
                }
                Step::Defconfig(file) => {
                    session.load_config(&file.name, &file.content);
                    answer_rest(&mut session, None);
                }
                Step::Merge(fragments) => {
                    for fragment in fragments {
                        config = merge(&config, &fragment.content);
                    }
                    session.load_config(".config", &config);
                }
                Step::Rest { value, seed } => {
                    if let Some(seed) = seed {
                        session.load_assignments(&seed.name, &seed.content);
                    }
                    answer_rest(&mut session, *value);
                }
            }
            config = session.write_config();
            warnings.append(&mut session.take_warnings());
        }
        (config, warnings)
    }
}

/// Goals of `make`, turned into steps.
struct Goals<'s> {
    source: &'s Source,
    platform: &'s Platform,
    /// The architecture's folder of default configurations.
    configs: String,
    arch: ArchMakefile,
    steps: Vec<Step>,
}

impl Goals<'_> {
    /// One goal of `make` (`scripts/kconfig/Makefile`).
    fn add(&mut self, goal: &str, depth: usize) -> Result<()> {
        let rest = |value| Step::Rest { value, seed: None };
        if depth > DEPTH_LIMIT {
            return Err(self.missing(goal));
        }
        match goal {
            "defconfig" => {
                let name = self.arch.default(self.platform);
                match self.default_configuration(&name)? {
                    Some(file) => self.steps.push(Step::Defconfig(file)),
                    None if name == goal => return Err(self.missing(goal)),
                    None => self.add(&name, depth + 1)?,
                }
            }
            "allnoconfig" => self.steps.push(rest(Some(Tristate::No))),
            "allyesconfig" => self.steps.push(rest(Some(Tristate::Yes))),
            "allmodconfig" => self.steps.push(rest(Some(Tristate::Mod))),
            "alldefconfig" => self.steps.push(rest(None)),
            "olddefconfig" => self.steps.push(Step::Merge(Vec::new())),
            "tinyconfig" => {
                let base = "kernel/configs/tiny-base.config";
                let seed = self.file(base)?.ok_or_else(|| self.missing(base))?;
                self.steps.push(Step::Rest {
                    value: Some(Tristate::No),
                    seed: Some(seed),
                });
                self.add("tiny.config", depth + 1)?;
            }
            _ => self.add_named(goal, depth)?,
        }
        Ok(())
    }

    fn add_named(&mut self, goal: &str, depth: usize) -> Result<()> {
        if let Some(rule) = self.arch.rule(goal) {
            if let Some((base, fragments)) = rule.merged {
                let base = self
                    .default_configuration(&base)?
                    .ok_or_else(|| self.missing(&base))?;
                let mut merged = Vec::new();
                for fragment in fragments {
                    let name = format!("{fragment}.config");
                    let found = self.default_configuration(&name)?;
                    merged.push(found.ok_or_else(|| self.missing(&name))?);
                }
                self.steps.extend([Step::Take(base), Step::Merge(merged)]);
                return Ok(());
            }
            for goal in rule.goals {
                self.add(&goal, depth + 1)?;
            }
            return Ok(());
        }
        if Path::new(goal)
            .extension()
            .is_some_and(|end| end == "config")
        {
            let mut fragments = Vec::new();
            fragments.extend(self.file(&format!("kernel/configs/{goal}"))?);
            fragments.extend(self.default_configuration(goal)?);
            if fragments.is_empty() {
                return Err(self.missing(goal));
            }
            self.steps.push(Step::Merge(fragments));
            return Ok(());
        }
        let file = self.default_configuration(goal)?;
        let file = file.ok_or_else(|| self.missing(goal))?;
        self.steps.push(Step::Defconfig(file));
        Ok(())
    }

    /// A file of the architecture's default configurations.
    fn default_configuration(&self, name: &str) -> Result<Option<Assignments>> {
        self.file(&format!("{}/{name}", self.configs))
    }

    fn file(&self, path: &str) -> Result<Option<Assignments>> {
        let content = self.source.read(path)?;
        Ok(content.map(|content| Assignments {
            name: path.to_owned(),
            content,
        }))
    }

    fn missing(&self, name: &str) -> Error {
        let path = if name.contains('/') {
            name.to_owned()
        } else {
            format!("{}/{name}", self.configs)
        };
        Error::NoDefconfig {
            path,
            known: self.source.files().list(&self.configs).unwrap_or_default(),
        }
    }
}

/// Puts a fragment behind a configuration, from which the options are taken out that the
/// fragment has (`merge_config.sh -m`).
fn merge(config: &[u8], fragment: &[u8]) -> Vec<u8> {
    let names: Vec<&[u8]> = fragment
        .split(|&byte| byte == b'\n')
        .filter_map(assigned)
        .collect();
    let mut merged = Vec::with_capacity(config.len() + fragment.len() + 1);
    for line in config.split_inclusive(|&byte| byte == b'\n') {
        if !assigned(line.trim_ascii_end()).is_some_and(|name| names.contains(&name)) {
            merged.extend_from_slice(line);
        }
    }
    merged.push(b'\n');
    merged.extend_from_slice(fragment);
    merged
}

/// The option that a line assigns.
fn assigned(line: &[u8]) -> Option<&[u8]> {
    if let Some(unset) = line.strip_prefix(b"# CONFIG_") {
        return unset.strip_suffix(b" is not set");
    }
    let line = line.strip_prefix(b"CONFIG_")?;
    Some(&line[..memchr::memchr(b'=', line)?])
}
