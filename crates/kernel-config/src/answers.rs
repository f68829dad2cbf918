//! Answers as a `.config` fragment.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Answers by option, without `CONFIG_`, in the form that they have in a
/// `.config`.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Fragment {
    answers: BTreeMap<String, String>,
}

impl<'a> FromIterator<(&'a str, &'a str)> for Fragment {
    /// From an option's name and its answer, as the kernel's questions take it: `y`, `32`, `text`.
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(answers: I) -> Self {
        let answers = answers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self { answers }
    }
}

impl Fragment {
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
        for (name, value) in &self.answers {
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
