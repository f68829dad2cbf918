//! The merged configuration: items, where they came from, and what could not be
//! merged.

use std::collections::BTreeMap;
use std::sync::Arc;

use nix_eval::{Evaluator, Pos, SourceFile};
use serde::Serialize;

use crate::merge::TristateStrategy;

/// One merged option.
#[derive(Clone, Debug)]
pub struct Item {
    /// The tristate answer: `y`, `m` or `n`; `None` where none was given, or the
    /// option was left to its default (`unset`).
    pub tristate: Option<char>,
    /// The freeform answer. It counts before the tristate one.
    pub freeform: Option<String>,
    /// Whether the answer may go unused.
    pub optional: bool,
    /// Every definition, those that lost too, in the order of their sources.
    pub definitions: Vec<ItemDefinition>,
}

impl Item {
    /// One that nobody defines.
    pub fn unanswered() -> Self {
        Self {
            tristate: None,
            freeform: None,
            optional: false,
            definitions: Vec::new(),
        }
    }

    /// What an answer in a line of text says: a tristate letter, or a text.
    pub fn of_answer(value: &str, optional: bool) -> Self {
        let is_tristate = matches!(value, "y" | "m" | "n");
        Self {
            tristate: value.chars().next().filter(|_| is_tristate),
            freeform: (!is_tristate).then(|| value.to_owned()),
            optional,
            definitions: Vec::new(),
        }
    }

    /// The answer as the kernel's questions take it, if there is one.
    pub fn answer(&self) -> Option<String> {
        match (&self.freeform, self.tristate) {
            (Some(text), _) => Some(text.clone()),
            (None, Some(letter)) => Some(letter.to_string()),
            (None, None) => None,
        }
    }
}

/// One definition of an option.
#[derive(Clone, Debug)]
pub struct ItemDefinition {
    /// The kernel argument or patch that it came from.
    pub source: String,
    /// Where it was written, if it was written anywhere.
    pub place: Option<Place>,
    /// Its priority; the lowest number wins.
    pub priority: i64,
    /// Its value for people: `yes`, `option no`, `freeform "32"`.
    pub shown: String,
    /// Whether its priority was the winning one.
    pub counts: bool,
    /// What became of it.
    pub standing: Standing,
}

/// What became of a definition in the merge.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It says what the option came to.
    Decides,
    /// Its priority was the winning one, but the strategy took another's answer.
    Outvoted,
    /// Another's priority was stronger.
    Outranked,
    /// It cannot be merged with the others.
    Conflicts,
}

/// A place in a Nix file.
#[derive(Clone)]
pub struct Place {
    file: Arc<SourceFile>,
    offset: usize,
    length: usize,
}

impl Place {
    /// The place of the name at `pos`, `length` bytes long.
    pub(crate) fn new(evaluator: &Evaluator<'_>, pos: Pos, length: usize) -> Option<Self> {
        let (file, offset) = evaluator.sources().locate(pos)?;
        let left = file.text().len().saturating_sub(offset);
        Some(Self {
            file: Arc::clone(file),
            offset,
            length: length.min(left),
        })
    }

    /// The same place as a position of the evaluation that it is from.
    pub(crate) fn pos(&self) -> Pos {
        self.file.pos(self.offset)
    }

    /// The file's name as messages have it.
    pub fn file_name(&self) -> String {
        self.file.name()
    }

    /// The file's text.
    pub fn text(&self) -> &Arc<str> {
        self.file.text()
    }

    /// The first byte in the text.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// How many bytes.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Line, from 1.
    pub fn line(&self) -> u32 {
        self.file.line_column(self.offset).line
    }

    /// Column in bytes, from 1.
    pub fn column(&self) -> u32 {
        self.file.line_column(self.offset).column
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, formatter)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{}:{}:{}",
            self.file_name(),
            self.line(),
            self.column()
        )
    }
}

/// A part of an item, each with a strategy of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// `tristate`
    Tristate,
    /// `freeform`
    Freeform,
    /// `optional`
    Optional,
}

impl Part {
    /// The attribute's name.
    pub fn name(self) -> &'static str {
        match self {
            Part::Tristate => "tristate",
            Part::Freeform => "freeform",
            Part::Optional => "optional",
        }
    }
}

/// Definitions of one option that cannot be merged.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The option, without `CONFIG_`.
    pub name: String,
    /// The part of it.
    pub part: Part,
    /// The definitions of the winning priority, with the values they give to the
    /// part.
    pub definitions: Vec<ItemDefinition>,
}

/// What a kernel's structured configuration comes to.
#[derive(Clone, Default, Debug)]
pub struct Settings {
    /// The options by name, without `CONFIG_`. One in conflict is not here.
    pub items: BTreeMap<String, Item>,
    /// What could not be merged.
    pub conflicts: Vec<Conflict>,
    /// How tristate answers were merged.
    pub tristate: TristateStrategy,
}
