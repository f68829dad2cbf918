//! Which files are looked at, and by which configuration.

use std::fs;
use std::path::{Path, PathBuf};

use findings::{Finding, Label, Source};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use kernel_config::Release;
use kernel_lint::config::{Config, ConfigError, FILE_NAME};
use kernel_lint::{Levels, UnknownRule};

/// A file to look at.
pub(super) struct Input {
    /// Its path, absolute.
    pub(super) path: PathBuf,
    /// Its text, under the name by which the user knows it.
    pub(super) source: Source,
}

impl Input {
    /// Where it lies.
    pub(super) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }
}

/// What the configuration says.
pub(super) struct Configuration {
    pub(super) levels: Levels,
    pub(super) release: Option<Release>,
    pub(super) kernel_versions: Vec<String>,
    excluded: Gitignore,
}

type Outcome<T> = Result<T, Box<Finding>>;

fn fail<T>(message: String) -> Outcome<T> {
    Err(Box::new(Finding::failure(message)))
}

/// Reads a configuration file: the one that is named, or the nearest one upwards.
pub(super) fn configuration(named: Option<&Path>) -> Outcome<Configuration> {
    let here = match std::env::current_dir() {
        Ok(here) => here,
        Err(error) => return fail(format!("there is no working directory: {error}")),
    };
    let file = named.map(|file| here.join(file)).or_else(|| {
        let candidates = here.ancestors().map(|folder| folder.join(FILE_NAME));
        candidates.into_iter().find(|file| file.is_file())
    });
    let Some(file) = file else {
        return of(&Config::default(), &here).map_err(|error| invalid(&error, "", ""));
    };
    let name = file.display().to_string();
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => return fail(format!("the configuration {name} cannot be read: {error}")),
    };
    let folder = file.parent().unwrap_or(&here);
    Config::parse(&text)
        .and_then(|config| of(&config, folder))
        .map_err(|error| invalid(&error, &name, &text))
}

fn of(config: &Config, folder: &Path) -> Result<Configuration, ConfigError> {
    let mut excluded = GitignoreBuilder::new(folder);
    for pattern in &config.lint.exclude {
        excluded
            .add_line(None, pattern)
            .map_err(|_| ConfigError::Pattern(pattern.clone()))?;
    }
    Ok(Configuration {
        levels: config
            .lint
            .levels()
            .map_err(|error: UnknownRule| ConfigError::from(error))?,
        release: config.lint.release()?,
        kernel_versions: config.lint.kernel_versions.clone(),
        excluded: excluded
            .build()
            .map_err(|error| ConfigError::Pattern(error.to_string()))?,
    })
}

fn invalid(error: &ConfigError, name: &str, text: &str) -> Box<Finding> {
    let finding = Finding::failure(error.to_string());
    let source = Source::new(name, text);
    Box::new(match error.span(text) {
        Some(span) => finding.with_label(Label::primary(&source, span, "here")),
        None => finding.with_help(format!("in {name}")),
    })
}

/// The files that are named, and those in folders that are. Beside them, what could not be read.
pub(super) fn read(named: &[PathBuf], config: &Configuration) -> (Vec<Input>, Vec<Finding>) {
    let mut paths = Vec::new();
    let mut unreadable = Vec::new();
    for path in named {
        if !path.is_dir() {
            paths.push(path.clone());
            continue;
        }
        let walk = ignore::WalkBuilder::new(path).require_git(false).build();
        for entry in walk {
            match entry {
                Ok(entry) => {
                    let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                    let is_nix = entry.path().extension().is_some_and(|end| end == "nix");
                    if is_file && is_nix && !is_excluded(entry.path(), config) {
                        paths.push(entry.into_path());
                    }
                }
                Err(error) => unreadable.push(Finding::failure(error.to_string())),
            }
        }
    }
    paths.sort();
    paths.dedup();
    let mut inputs = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        let name = name.strip_prefix("./").unwrap_or(&name).to_owned();
        let text = fs::read(&path).map_err(|error| error.to_string());
        let text = text.and_then(|bytes| String::from_utf8(bytes).map_err(|it| it.to_string()));
        match text {
            Ok(text) => inputs.push(Input {
                path: path.canonicalize().unwrap_or(path),
                source: Source::new(name, text),
            }),
            Err(error) => {
                unreadable.push(Finding::failure(format!("{name} cannot be read: {error}")));
            }
        }
    }
    (inputs, unreadable)
}

fn is_excluded(path: &Path, config: &Configuration) -> bool {
    let Ok(path) = std::path::absolute(path) else {
        return false;
    };
    path.starts_with(config.excluded.path())
        && config
            .excluded
            .matched_path_or_any_parents(&path, false)
            .is_ignore()
}
