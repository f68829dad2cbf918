//! Which commands are known to do nothing but ask: their answers may be kept, and they may run
//! in any order and side by side.

use super::tree_path::TreePath;
use super::words::{AndOr, Body, List, Part, Stage, Word, read};
use crate::environment::Environment;

/// The variables by which a kernel's Makefile names tools.
pub(crate) const TOOL_VARIABLES: &[&str] = &[
    "CC",
    "LD",
    "AR",
    "NM",
    "OBJCOPY",
    "OBJDUMP",
    "READELF",
    "STRIP",
    "HOSTCC",
    "HOSTCXX",
    "RUSTC",
    "HOSTRUSTC",
    "BINDGEN",
    "PAHOLE",
    "PYTHON",
    "PYTHON3",
];

/// Commands of the shell and of every system whose answers depend on their words alone.
const PLAIN_TOOLS: &[&str] = &[
    "test", "[", "echo", "printf", "command", "set", "trap", "mkdir", "true", "false", ":", "env",
    "head", "grep", "tr", "cut",
];

/// Helper scripts of kernels, 5.4 to 7.3, that ask about tools and nothing else.
const HELPER_SCRIPTS: &[&str] = &[
    "as-version.sh",
    "cc-can-link.sh",
    "cc-version.sh",
    "clang-version.sh",
    "gcc-check-fpatchable-function-entry.sh",
    "gcc-check-mprofile-kernel.sh",
    "gcc-goto.sh",
    "gcc-plugin.sh",
    "gcc-version.sh",
    "gcc-x86_32-has-stack-protector.sh",
    "gcc-x86_64-has-stack-protector.sh",
    "has-stack-protector.sh",
    "ld-version.sh",
    "lld-version.sh",
    "min-tool-version.sh",
    "pahole-version.sh",
    "rust_is_available.sh",
    "rustc-llvm-version.sh",
    "rustc-version.sh",
    "tools-support-relr.sh",
];

/// A command of a known form, and what its answer depends on besides the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) list: List,
    /// Programs that are sought by name.
    pub(crate) programs: Vec<String>,
    /// Helper scripts, below the tree.
    pub(crate) scripts: Vec<String>,
    /// Other paths that stand in it.
    pub(crate) paths: Vec<String>,
    /// Whether it asks whether Python has a module.
    pub(crate) asks_python: bool,
}

/// Tells whether a command is of a known form.
pub(crate) fn known(command: &str, environment: &Environment, tree: &TreePath) -> Option<Known> {
    let list = read(command)?;
    let mut known = Known {
        list: List(Vec::new()),
        programs: Vec::new(),
        scripts: Vec::new(),
        paths: Vec::new(),
        asks_python: false,
    };
    let mut inspector = Inspector {
        environment,
        tree,
        known: &mut known,
    };
    inspector.list(&list)?;
    known.list = list;
    Some(known)
}

struct Inspector<'a> {
    environment: &'a Environment,
    tree: &'a TreePath,
    known: &'a mut Known,
}

impl Inspector<'_> {
    fn list(&mut self, list: &List) -> Option<()> {
        list.0.iter().try_for_each(|item| self.and_or(item))
    }

    fn and_or(&mut self, item: &AndOr) -> Option<()> {
        let rest = item.rest.iter().map(|(_, pipeline)| pipeline);
        std::iter::once(&item.first)
            .chain(rest)
            .flatten()
            .try_for_each(|stage| self.stage(stage))
    }

    fn stage(&mut self, stage: &Stage) -> Option<()> {
        let words = match &stage.body {
            Body::Group(list) => return self.list(list),
            Body::Simple(words) => words,
        };
        let words: Vec<String> = words
            .iter()
            .map(|word| self.text(word))
            .collect::<Option<_>>()?;
        let mut rest = words.as_slice();
        let name = loop {
            let (name, after) = rest.split_first()?;
            rest = after;
            let is_setting = name.contains('=') && !name.contains('/');
            if name != "env" && !is_setting {
                break name.clone();
            }
        };
        self.command(&name)?;
        let is_python = self.is_tool(&name) && name.contains("python");
        if is_python {
            // Nothing else that a program in Python does is known.
            let [option, program] = rest else {
                return None;
            };
            let module = program.strip_prefix("import ")?;
            let is_name = |char: char| char.is_ascii_alphanumeric() || "_.".contains(char);
            if option != "-c" || !module.chars().all(is_name) {
                return None;
            }
            self.known.asks_python = true;
        }
        words.iter().try_for_each(|word| self.paths(word))
    }

    /// A word's text; what is not known before it runs is empty.
    fn text(&self, word: &Word) -> Option<String> {
        let mut text = String::new();
        for part in &word.parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::ProcessId => text.push_str("$$"),
                Part::Variable { name, .. } => text.push_str(self.environment.get(name)?),
                Part::Argument { .. } => {}
            }
        }
        Some(text)
    }

    fn is_tool(&self, name: &str) -> bool {
        TOOL_VARIABLES
            .iter()
            .filter_map(|variable| self.environment.get(variable))
            .filter_map(|value| value.split_whitespace().next())
            .any(|tool| tool == name)
    }

    /// Whether a program is one that only answers.
    fn command(&mut self, name: &str) -> Option<()> {
        if let Some(script) = self.tree.within(name) {
            let file_name = script.rsplit('/').next().unwrap_or_default();
            if !HELPER_SCRIPTS.contains(&file_name) {
                return None;
            }
            self.known.scripts.push(script.to_owned());
            return Some(());
        }
        if !(self.is_tool(name) || PLAIN_TOOLS.contains(&name)) {
            return None;
        }
        self.known.programs.push(name.to_owned());
        Some(())
    }

    /// Notes the paths in a word.
    fn paths(&mut self, word: &str) -> Option<()> {
        let end = |char: char| char.is_whitespace() || "=:,;\"'<>|()".contains(char);
        for piece in word.split(end) {
            // What the system makes up as it goes.
            let is_made_up = ["/proc", "/sys", "/dev", "/run"].iter().any(|folder| {
                piece
                    .strip_prefix(folder)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            if is_made_up && piece != "/dev/null" {
                return None;
            }
            let is_temporary = piece.contains(".tmp_");
            let is_path =
                piece.starts_with('/') || piece.starts_with("./") || piece.starts_with("../");
            if is_path && piece != "/dev/null" && !is_temporary && self.tree.within(piece).is_none()
            {
                self.known.paths.push(piece.to_owned());
            }
        }
        Some(())
    }
}
