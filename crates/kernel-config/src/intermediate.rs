//! nixpkgs' intermediate text: `NAME value` or `NAME? value` a line, as its driver
//! `generate-config.pl` reads them.

use crate::release::Release;
use crate::settings::Settings;

/// One answer line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AnswerLine {
    /// The option, without `CONFIG_`.
    pub name: String,
    /// The answer; empty where the line has none.
    pub value: String,
    /// Whether the answer may go unused.
    pub optional: bool,
    /// Whether the line is a bare name, which stands for the empty string.
    pub is_bare: bool,
    /// The line's number in the text, from 1.
    pub line: usize,
}

/// A line of nixpkgs' intermediate text that cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("invalid config line: {text}")]
pub struct IntermediateError {
    /// The line, without its comment.
    pub text: String,
    /// Its number, from 1.
    pub line: usize,
}

/// Reads answer lines; `#` cuts off the rest of a line, wherever it stands.
pub fn read(text: &str, release: Release) -> Result<Vec<AnswerLine>, IntermediateError> {
    let mut answers = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        let code = line.split('#').next().unwrap_or_default();
        let trimmed = code.trim_matches(is_space);
        if trimmed.is_empty() {
            continue;
        }
        let line = index + 1;
        let answer =
            read_line(trimmed, line).filter(|answer| !answer.is_bare || release.reads_bare_names());
        answers.push(answer.ok_or_else(|| IntermediateError {
            text: code.to_owned(),
            line,
        })?);
    }
    Ok(answers)
}

fn read_line(text: &str, line: usize) -> Option<AnswerLine> {
    let length = text
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        .count();
    let (name, rest) = text.split_at(length);
    let (optional, rest) = match rest.strip_prefix('?') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let value = rest.trim_start_matches(is_space);
    let is_separate = rest.is_empty() || value.len() < rest.len();
    (!name.is_empty() && is_separate).then(|| AnswerLine {
        name: name.to_owned(),
        value: value.to_owned(),
        optional,
        is_bare: value.is_empty(),
        line,
    })
}

/// Perl's `\s` for bytes.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t'..='\r')
}

/// Merged settings as `intermediateNixConfig` has them, with the name of each option's line.
pub fn lines_of(settings: &Settings, release: Release) -> impl Iterator<Item = (&str, String)> {
    settings.items.iter().filter_map(move |(name, item)| {
        let value = item.answer()?;
        let mark = if item.optional { "?" } else { "" };
        let line = match value.as_str() {
            "" if release.reads_bare_names() => format!("{name}{mark}\n"),
            // The quotes are typed as they stand.
            "" => format!("{name}{mark} \"\"\n"),
            value => format!("{name}{mark} {value}\n"),
        };
        Some((name.as_str(), line))
    })
}

impl Release {
    /// A bare name in the intermediate text is an answer: the empty string.
    pub fn reads_bare_names(self) -> bool {
        self >= Self::new(26, 11)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, release: Release) -> Result<Vec<String>, IntermediateError> {
        let lines = read(text, release)?;
        let show = |line: AnswerLine| {
            let mark = if line.optional { "?" } else { "" };
            format!("{}{mark}={}", line.name, line.value)
        };
        Ok(lines.into_iter().map(show).collect())
    }

    #[test]
    fn lines_are_read_as_the_driver_reads_them() {
        let text = "NET y\n\n # all comment\n\tCMDLINE? quiet  loglevel=3 # why\r\nA\x0b1\n";
        for release in [Release::OLDEST, Release::UNSTABLE] {
            assert_eq!(
                shown(text, release).unwrap(),
                ["NET=y", "CMDLINE?=quiet  loglevel=3", "A=1"]
            );
        }
    }

    #[test]
    fn a_bare_name_is_the_empty_string_of_late() {
        assert_eq!(
            shown("LOCALVERSION\nX? # y\n", Release::UNSTABLE).unwrap(),
            ["LOCALVERSION=", "X?="]
        );
        let error = shown("NET y\nLOCALVERSION # none\n", Release::new(25, 11)).unwrap_err();
        assert_eq!(error.to_string(), "invalid config line: LOCALVERSION ");
        assert_eq!(error.line, 2);
    }

    #[test]
    fn what_is_no_answer_is_told() {
        for line in ["CONFIG-X y", "X=y", "X?y", "? y", "X?? y"] {
            assert!(read(line, Release::UNSTABLE).is_err(), "{line}");
        }
    }
}
