//! Answers as text: a `.config` fragment, and nixpkgs' intermediate text.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::settings::Settings;

/// Answers by option, without `CONFIG_`, in the form that they have in a
/// `.config`.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Fragment {
    answers: BTreeMap<String, Answer>,
}

/// One answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// As the kernel's questions take it: `y`, `32`, `text`.
    pub value: String,
    /// Whether it may go unused.
    pub optional: bool,
}

/// A line of nixpkgs' intermediate text that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("invalid config line: {line}")]
pub struct IntermediateError {
    /// The line.
    pub line: String,
}

impl Fragment {
    /// The answers of merged settings.
    pub fn of(settings: &Settings) -> Self {
        let answers = settings
            .items
            .iter()
            .filter_map(|(name, item)| {
                let answer = Answer {
                    value: item.answer()?,
                    optional: item.optional,
                };
                Some((name.clone(), answer))
            })
            .collect();
        Self { answers }
    }

    /// Adds lines of nixpkgs' intermediate text, `NAME value` or `NAME? value`,
    /// as `extraConfig` has them. The last line for a name counts; `#` starts a
    /// comment (`generate-config.pl` in nixpkgs).
    pub fn add_intermediate(&mut self, text: &str) -> Result<(), IntermediateError> {
        for line in text.lines() {
            let code = line.split('#').next().unwrap_or_default().trim();
            if code.is_empty() {
                continue;
            }
            let (name, value) =
                code.split_once(char::is_whitespace)
                    .ok_or_else(|| IntermediateError {
                        line: line.to_owned(),
                    })?;
            let (name, optional) = match name.strip_suffix('?') {
                Some(name) => (name, true),
                None => (name, false),
            };
            let is_name = !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !is_name {
                return Err(IntermediateError {
                    line: line.to_owned(),
                });
            }
            let answer = Answer {
                value: value.trim().to_owned(),
                optional,
            };
            self.answers.insert(name.to_owned(), answer);
        }
        Ok(())
    }

    /// The answers, by option.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Answer)> {
        self.answers
            .iter()
            .map(|(name, answer)| (name.as_str(), answer))
    }

    /// As a `.config` fragment for `merge_config.sh`. Without a tree the type of
    /// an option is not known: `y`, `m`, `n` and numbers stand bare, everything
    /// else is a string.
    pub fn to_config(&self) -> String {
        self.to_config_with(|_| None)
    }

    /// As a `.config` fragment, where `is_string` tells of the options that a
    /// tree knows whether they are strings.
    pub fn to_config_with(&self, is_string: impl Fn(&str) -> Option<bool>) -> String {
        let mut text = String::new();
        for (name, answer) in &self.answers {
            let value = answer.value.as_str();
            let quoted =
                is_string(name).unwrap_or_else(|| !is_tristate(value) && !is_number(value));
            // Writing to a string does not fail.
            let _ = if quoted {
                writeln!(text, "CONFIG_{name}=\"{}\"", escape(value))
            } else if value == "n" {
                writeln!(text, "# CONFIG_{name} is not set")
            } else {
                writeln!(text, "CONFIG_{name}={value}")
            };
        }
        text
    }
}

fn is_tristate(value: &str) -> bool {
    matches!(value, "y" | "m" | "n")
}

fn is_number(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let is_decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_hexadecimal = value
        .strip_prefix("0x")
        .or_else(|| value.strip_prefix("0X"))
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    is_decimal || is_hexadecimal
}

/// As `escape_string_value` in the kernel's `confdata.c`.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        if matches!(character, '"' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
