//! The driver's last step: every answer is looked up in the `.config`.

use std::borrow::Cow;
use std::collections::HashMap;

use kernel_config::{AnswerLine, Release};

use super::DriverOf;
use crate::answers::Answers;
use crate::resolution::{Fate, Outcome};

/// The options of a `.config`, as the driver reads it.
pub(crate) fn options(config: &[u8]) -> HashMap<&[u8], Cow<'_, [u8]>> {
    config
        .split(|&byte| byte == b'\n')
        .filter_map(|line| {
            if let Some(unset) = line.strip_prefix(b"# CONFIG_") {
                let name = unset.strip_suffix(b" is not set")?;
                return is_name(name).then_some((name, Cow::Borrowed(b"n".as_slice())));
            }
            let line = line.strip_prefix(b"CONFIG_")?;
            let end = memchr::memchr(b'=', line)?;
            let (name, value) = (&line[..end], &line[end + 1..]);
            is_name(name).then(|| (name, unquote(value)))
        })
        .collect()
}

fn is_name(name: &[u8]) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    !name.is_empty() && name.iter().all(is_word)
}

/// `"…"` with its escapes; anything else as it stands.
fn unquote(value: &[u8]) -> Cow<'_, [u8]> {
    let [b'"', inside @ .., b'"'] = value else {
        return Cow::Borrowed(value);
    };
    if memchr::memchr(b'\\', inside).is_none() {
        return Cow::Borrowed(inside);
    }
    let mut plain = Vec::with_capacity(inside.len());
    let mut rest = inside;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.first()) {
            (b'\\', Some(&escaped @ (b'\\' | b'"'))) => {
                plain.push(escaped);
                rest = &after[1..];
            }
            _ => plain.push(byte),
        }
    }
    Cow::Owned(plain)
}

/// What became of each answer, in the order of names.
pub(crate) fn fates(config: &[u8], answers: &Answers) -> Vec<Fate> {
    let options = options(config);
    // Of several lines for one name the last counts.
    let lines: HashMap<&str, &AnswerLine> = answers
        .lines()
        .iter()
        .map(|line| (line.name.as_str(), line))
        .collect();
    answers
        .iter()
        .filter_map(|(name, _)| lines.get(name).copied())
        .map(|line| {
            let wanted = line.value.as_bytes();
            let outcome = match options.get(line.name.as_bytes()).map(AsRef::as_ref) {
                None => Outcome::Unused,
                // What Perl takes for false passes.
                Some(got) if got == wanted || matches!(got, b"" | b"0") => Outcome::Reached,
                Some(got) => Outcome::Changed {
                    got: String::from_utf8_lossy(got).into_owned(),
                },
            };
            Fate {
                name: line.name.clone(),
                wanted: line.value.clone(),
                optional: line.optional,
                outcome,
                loss: None,
            }
        })
        .collect()
}

/// From when on an empty answer is put into the `.config` directly: lines that assign one of the
/// options become `CONFIG_NAME=""`.
pub(crate) fn put_empty_strings(config: Vec<u8>, answers: &Answers) -> Vec<u8> {
    let bare: Vec<&[u8]> = answers
        .lines()
        .iter()
        .filter(|line| line.is_bare)
        .map(|line| line.name.as_bytes())
        .collect();
    if bare.is_empty() {
        return config;
    }
    let mut written = Vec::with_capacity(config.len());
    for line in config.split_inclusive(|&byte| byte == b'\n') {
        let name = line
            .strip_prefix(b"CONFIG_")
            .and_then(|rest| rest.split(|&byte| byte == b'=').next());
        match name.filter(|name| line.len() > 7 + name.len() && bare.contains(name)) {
            Some(name) => {
                written.extend_from_slice(b"CONFIG_");
                written.extend_from_slice(name);
                written.extend_from_slice(b"=\"\"\n");
            }
            None => written.extend_from_slice(line),
        }
    }
    written
}

/// What the driver says of its answers.
pub(crate) fn complaints(fates: &[Fate], ignore_errors: bool, release: Release) -> Vec<String> {
    let mut said = Vec::new();
    for fate in fates {
        let Some(complaint) = fate.complaint() else {
            continue;
        };
        let is_error = !fate.optional && !ignore_errors;
        said.push(if is_error {
            format!("error: {complaint}")
        } else {
            format!("warning: {complaint}")
        });
        if is_error && release.stops_at_first_error() {
            break;
        }
    }
    said
}
