//! What is wanted of a configuration, and where each wish came from.

use std::collections::{BTreeMap, BTreeSet};

use kernel_config::intermediate::{self, AnswerLine};
use kernel_config::{IntermediateError, ItemDefinition, Release, Settings};

/// Where an answer came from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// Definitions of a structured option; those that lost, too.
    Definitions(Vec<ItemDefinition>),
    /// A line of text: a legacy `extraConfig`, or a file of answers.
    Text {
        /// What the text is: `extraConfig of the kernel`, or a file's name.
        source: String,
        /// The line, from 1.
        line: usize,
    },
}

impl Origin {
    /// The structured definitions that made the answer what it is.
    pub fn winning(&self) -> impl Iterator<Item = &ItemDefinition> {
        let definitions = match self {
            Self::Definitions(definitions) => definitions.as_slice(),
            Self::Text { .. } => &[],
        };
        definitions.iter().filter(|definition| definition.counts)
    }
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// As the kernel's questions take it: `y`, `32`, `text`.
    pub value: String,
    /// Whether it may go unused.
    pub optional: bool,
    /// Where it came from.
    pub origin: Origin,
}

/// Answers by option, without `CONFIG_`. Of several for one option the last counts.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    release: Release,
    by_name: BTreeMap<String, Answer>,
    /// Every line that was given, in order.
    lines: Vec<AnswerLine>,
}

impl Answers {
    /// No answers, to be written as a release of nixpkgs writes them.
    pub fn new(release: Release) -> Self {
        Self {
            release,
            ..Self::default()
        }
    }

    /// The release of nixpkgs whose text answers are read from.
    pub fn release(&self) -> Release {
        self.release
    }

    /// Adds merged structured settings. What nixpkgs' text cannot hold (a `#`, a line's end)
    /// is lost in the text's lines, not in the answer.
    ///
    /// # Errors
    /// When the text of a setting is no answer line.
    pub fn add_settings(&mut self, settings: &Settings) -> Result<(), IntermediateError> {
        for (name, line) in intermediate::lines_of(settings, self.release) {
            self.lines.extend(intermediate::read(&line, self.release)?);
            let Some((item, value)) = settings
                .items
                .get(name)
                .and_then(|item| Some((item, item.answer()?)))
            else {
                continue;
            };
            let answer = Answer {
                value,
                optional: item.optional,
                origin: Origin::Definitions(item.definitions.clone()),
            };
            self.by_name.insert(name.to_owned(), answer);
        }
        Ok(())
    }

    /// Adds lines of nixpkgs' intermediate text, `NAME value` or `NAME? value`.
    ///
    /// # Errors
    /// When a line is none.
    pub fn add_text(&mut self, source: &str, text: &str) -> Result<(), IntermediateError> {
        for line in intermediate::read(text, self.release)? {
            let answer = Answer {
                value: line.value.clone(),
                optional: line.optional,
                origin: Origin::Text {
                    source: source.to_owned(),
                    line: line.line,
                },
            };
            self.by_name.insert(line.name.clone(), answer);
            self.lines.push(line);
        }
        Ok(())
    }

    /// Answers an option, in place of what was answered before. `source` says who does.
    pub fn set(&mut self, source: &str, name: &str, value: &str) {
        let answer = Answer {
            value: value.to_owned(),
            optional: false,
            origin: Origin::Text {
                source: source.to_owned(),
                line: 1,
            },
        };
        self.by_name.insert(name.to_owned(), answer);
        self.lines.push(AnswerLine {
            name: name.to_owned(),
            value: value.to_owned(),
            optional: false,
            is_bare: value.is_empty(),
            line: 1,
        });
    }

    /// The same without the answers for some options.
    #[must_use]
    pub fn without(&self, names: &BTreeSet<String>) -> Self {
        let mut rest = self.clone();
        rest.by_name.retain(|name, _| !names.contains(name));
        rest.lines.retain(|line| !names.contains(&line.name));
        rest
    }

    /// The answer for an option.
    pub fn get(&self, name: &str) -> Option<&Answer> {
        self.by_name.get(name)
    }

    /// The answers, by option.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Answer)> {
        self.by_name
            .iter()
            .map(|(name, answer)| (name.as_str(), answer))
    }

    /// How many options are answered.
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether nothing is answered.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Every line of nixpkgs' intermediate text, in order.
    pub fn lines(&self) -> &[AnswerLine] {
        &self.lines
    }
}
