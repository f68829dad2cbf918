//! Configuration files of Nix and the variable `NIX_CONFIG`. Nix manual, "nix.conf".

use std::env;
use std::path::{Path, PathBuf};

use super::settings::{BadValue, Settings};

/// How deeply files may include each other.
const MAX_INCLUDES: usize = 64;

/// A configuration that cannot be used.
pub(super) struct Problem {
    pub(super) message: String,
    /// Whether it is about how Nix is used.
    pub(super) is_usage: bool,
}

impl From<BadValue> for Problem {
    fn from(BadValue(message): BadValue) -> Self {
        usage(message)
    }
}

fn usage(message: String) -> Problem {
    Problem {
        message,
        is_usage: true,
    }
}

/// Reads what the machine's, the user's and the environment's configuration sets.
pub(super) fn load(settings: &mut Settings) -> Result<(), Problem> {
    let folder =
        env::var_os("NIX_CONF_DIR").map_or_else(|| PathBuf::from("/etc/nix"), PathBuf::from);
    let mut files = vec![folder.join("nix.conf")];
    files.extend(user_files().into_iter().rev());
    for file in files {
        // A file that cannot be read is as good as none.
        if let Ok(text) = std::fs::read(&file) {
            apply(settings, &String::from_utf8_lossy(&text), &file)?;
        }
    }
    if let Ok(text) = env::var("NIX_CONFIG") {
        apply(settings, &text, Path::new("NIX_CONFIG"))?;
    }
    if let Ok(path) = env::var("NIX_PATH") {
        settings.nix_path = nix_path_entries(&path);
    }
    if let Ok(value) = env::var("NIX_ABORT_ON_WARN") {
        settings.abort_on_warn |= matches!(value.as_str(), "1" | "yes" | "true");
    }
    Ok(())
}

/// The files of the user, the most important first.
fn user_files() -> Vec<PathBuf> {
    if let Some(files) = env::var_os("NIX_USER_CONF_FILES") {
        return env::split_paths(&files).collect();
    }
    let nix_conf = |folder: PathBuf| folder.join("nix.conf");
    let own = env::var_os("NIX_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("XDG_CONFIG_HOME").map(|home| PathBuf::from(home).join("nix")))
        .or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(".config/nix")));
    let shared = env::var_os("XDG_CONFIG_DIRS").unwrap_or_else(|| "/etc/xdg".into());
    let shared = env::split_paths(&shared).map(|folder| folder.join("nix"));
    own.into_iter()
        .chain(shared.collect::<Vec<_>>())
        .map(nix_conf)
        .collect()
}

/// Sets what a configuration says: which features there are first, since other settings
/// depend on them.
fn apply(settings: &mut Settings, text: &str, file: &Path) -> Result<(), Problem> {
    let mut lines = Vec::new();
    read(text, file, &mut lines, 0)?;
    let of_features = |name: &str| {
        matches!(
            name,
            "experimental-features" | "extra-experimental-features"
        )
    };
    let has_nix_path = env::var_os("NIX_PATH").is_some();
    for (name, value) in lines.iter().filter(|(name, _)| of_features(name)) {
        settings.set(name, value)?;
    }
    for (name, value) in lines.iter().filter(|(name, _)| !of_features(name)) {
        if !(has_nix_path && matches!(name.as_str(), "nix-path" | "extra-nix-path")) {
            settings.set(name, value)?;
        }
    }
    Ok(())
}

/// The names and values of a configuration and the files that it includes.
fn read(
    text: &str,
    file: &Path,
    lines: &mut Vec<(String, String)>,
    depth: usize,
) -> Result<(), Problem> {
    for line in text.split('\n') {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = line
            .split([' ', '\t', '\r'])
            .filter(|word| !word.is_empty())
            .collect();
        match words[..] {
            [] => {}
            ["include", included] => include(included, file, lines, depth, false)?,
            ["!include", included] => include(included, file, lines, depth, true)?,
            [name, "=", ref value @ ..] if !matches!(name, "include" | "!include") => {
                lines.push((name.to_owned(), value.join(" ")));
            }
            _ => {
                return Err(usage(format!(
                    "syntax error in configuration line '{line}' in \"{}\"",
                    file.display()
                )));
            }
        }
    }
    Ok(())
}

fn include(
    included: &str,
    file: &Path,
    lines: &mut Vec<(String, String)>,
    depth: usize,
    may_be_missing: bool,
) -> Result<(), Problem> {
    let path = file.parent().unwrap_or(Path::new("")).join(included);
    if !path.exists() {
        if may_be_missing {
            return Ok(());
        }
        return Err(Problem {
            message: format!(
                "file \"{}\" included from \"{}\" not found",
                path.display(),
                file.display()
            ),
            is_usage: false,
        });
    }
    if depth == MAX_INCLUDES {
        return Err(usage(format!(
            "the configuration \"{}\" includes itself",
            file.display()
        )));
    }
    match std::fs::read(&path) {
        Ok(text) => read(&String::from_utf8_lossy(&text), &path, lines, depth + 1),
        Err(_) => Ok(()),
    }
}

/// Whether a look-up path entry is something to download rather than a folder.
pub(super) fn is_pseudo_url(entry: &str) -> bool {
    entry.starts_with("channel:")
        || entry.split_once("://").is_some_and(|(scheme, _)| {
            ["http", "https", "file", "channel", "git", "s3", "ssh"].contains(&scheme)
        })
}

/// The entries of `NIX_PATH`: separated by colons, of which the first in a URL is none.
pub(super) fn nix_path_entries(nix_path: &str) -> Vec<String> {
    let mut entries = Vec::new();
    let mut rest = nix_path;
    while !rest.is_empty() {
        let first = rest.find(':');
        let name_end = rest[..first.unwrap_or(rest.len())]
            .rfind('=')
            .map_or(0, |at| at + 1);
        let is_url = is_pseudo_url(&rest[name_end..]) || rest[name_end..].starts_with("flake:");
        let end = match first {
            Some(colon) if is_url => rest[colon + 1..].find(':').map(|at| colon + 1 + at),
            end => end,
        };
        let Some(colon) = end else {
            entries.push(rest.to_owned());
            break;
        };
        entries.push(rest[..colon].to_owned());
        rest = &rest[colon + 1..];
    }
    entries
}

/// The entries that Nix adds where the channels of the user and the machine are.
pub(super) fn channel_entries(settings: &Settings) -> Vec<String> {
    let state =
        env::var_os("NIX_STATE_DIR").map_or_else(|| PathBuf::from("/nix/var/nix"), PathBuf::from);
    let root = state.join("profiles/per-user/root/channels");
    let home = env::var_os("HOME").map(PathBuf::from);
    let expressions = if settings.xdg_base_directories {
        let state = env::var_os("XDG_STATE_HOME").map(PathBuf::from);
        let state = state.or_else(|| Some(home?.join(".local/state")));
        state.map(|state| state.join("nix/defexpr"))
    } else {
        home.map(|home| home.join(".nix-defexpr"))
    };
    let mut entries = Vec::new();
    let mut add = |prefix: &str, folder: PathBuf| {
        if folder.exists() {
            entries.push(format!("{prefix}{}", folder.display()));
        }
    };
    if let Some(expressions) = expressions {
        add("", expressions.join("channels"));
    }
    add("nixpkgs=", root.join("nixpkgs"));
    add("", root);
    entries
}

#[cfg(test)]
mod tests {
    use super::{apply, nix_path_entries};
    use crate::commands::instantiate::settings::Settings;
    use std::path::Path;

    #[test]
    fn the_look_up_path_is_cut_at_colons_that_are_not_of_urls() {
        assert_eq!(nix_path_entries("a:b=/c:"), ["a", "b=/c"]);
        assert_eq!(
            nix_path_entries("x=https://a.b/c:d:flake:nixpkgs"),
            ["x=https://a.b/c", "d", "flake:nixpkgs"]
        );
        assert!(nix_path_entries("").is_empty());
    }

    #[test]
    fn lines_set_what_they_name() {
        let mut settings = Settings::default();
        let text = "# a comment\nshow-trace = true # behind\n\nallowed-uris = a  b\n";
        assert!(apply(&mut settings, text, Path::new("nix.conf")).is_ok());
        assert!(settings.show_trace);
        assert_eq!(settings.allowed_uris, ["a", "b"]);
        assert!(apply(&mut settings, "show-trace", Path::new("nix.conf")).is_err());
    }
}
