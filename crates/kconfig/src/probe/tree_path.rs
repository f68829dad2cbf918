//! The path of a source tree in commands: answers do not depend on where a tree lies.

use crate::environment::Environment;
use std::path::{Path, PathBuf};

/// Stands for the tree's path where commands are kept.
pub(crate) const TREE: &str = "$srctree";

/// Where the tree is, as commands name it and as it is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TreePath {
    /// `$srctree` as the environment has it, without a slash at its end.
    named: Option<String>,
    /// The folder on disk.
    folder: PathBuf,
}

impl TreePath {
    /// The tree that the environment names, for commands that run in `working_folder`.
    pub(crate) fn of(environment: &Environment, working_folder: &Path) -> Self {
        let named = environment
            .get("srctree")
            .map(|path| path.trim_end_matches('/'))
            .filter(|path| !path.is_empty());
        Self {
            folder: working_folder.join(named.unwrap_or(".")),
            named: named.map(str::to_owned),
        }
    }

    /// The rest of a path that leads into the tree.
    pub(crate) fn within<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix(self.named.as_deref()?)?.strip_prefix('/')
    }

    /// The file on disk of a path within the tree.
    pub(crate) fn file(&self, within: &str) -> PathBuf {
        self.folder.join(within)
    }

    /// The text with the tree's path, where a word begins with it, replaced by [`TREE`].
    pub(crate) fn normalise(&self, text: &str) -> String {
        let Some(named) = &self.named else {
            return text.to_owned();
        };
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(named.as_str()) {
            let (before, after) = (&rest[..at], &rest[at + named.len()..]);
            out.push_str(before);
            // The kernel's own include folders stand behind an option without a blank.
            let ahead = out.strip_suffix("-I").unwrap_or(&out);
            let begins = ahead
                .chars()
                .next_back()
                .is_none_or(|char| char.is_whitespace() || "=:\"'".contains(char));
            let ends = after
                .chars()
                .next()
                .is_none_or(|char| char.is_whitespace() || "/:\"'".contains(char));
            // A tree named `.` is only told from a full stop where something follows.
            let is_path = named.starts_with('/') || after.starts_with('/');
            out.push_str(if begins && ends && is_path {
                TREE
            } else {
                named
            });
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(named: &str) -> TreePath {
        let environment: Environment = [("srctree", named)].into_iter().collect();
        TreePath::of(&environment, Path::new("/build"))
    }

    #[test]
    fn the_tree_is_named_alike_wherever_it_lies() {
        for (named, command) in [
            (
                "/linux",
                "{ /linux/scripts/a.sh gcc -I/linux/c; } && \"/linux/b\"",
            ),
            (".", "{ ./scripts/a.sh gcc -I./c; } && \"./b\""),
            ("..", "{ ../scripts/a.sh gcc -I../c; } && \"../b\""),
        ] {
            let normal = tree(named).normalise(command);
            let expected = "{ $srctree/scripts/a.sh gcc -I$srctree/c; } && \"$srctree/b\"";
            assert_eq!(normal, expected);
        }
    }

    #[test]
    fn other_paths_stay() {
        let tree = tree("/linux");
        for text in [
            "/linux-6.1/a",
            "/usr/linux/a",
            "gcc -L/linux/a",
            "a/linux",
            "x-I/linux/a",
        ] {
            assert_eq!(tree.normalise(text), text);
        }
        assert_eq!(self::tree(".").normalise("a . b ..."), "a . b ...");
    }

    #[test]
    fn a_path_within_is_on_disk_below_the_tree() {
        assert_eq!(
            tree("/linux").within("/linux/scripts/a.sh"),
            Some("scripts/a.sh")
        );
        assert_eq!(
            tree("..").file("scripts/a.sh"),
            Path::new("/build/../scripts/a.sh")
        );
        assert_eq!(tree("/linux").within("/linux-6/a"), None);
    }
}
