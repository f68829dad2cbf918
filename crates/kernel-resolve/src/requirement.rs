//! What a final configuration is required to have, as a list: NixOS's `requiredKernelConfig` and
//! its like.

use std::borrow::Cow;
use std::collections::HashMap;

/// One line of a list of requirements.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Requirement {
    /// The line, as it stands.
    pub text: String,
    /// Its number, from 1.
    pub line: usize,
    /// What is required: one of these.
    pub alternatives: Vec<Condition>,
}

/// A condition on one option.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// The option, without `CONFIG_`.
    pub name: String,
    /// The values that it may have.
    pub wanted: Wanted,
}

/// What an option may be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// `y` or `m`.
    Enabled,
    /// `n`, or nothing.
    Unset,
    /// One of these, without quotes.
    Values(Vec<String>),
}

/// A line that is no requirement.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line} is no requirement: {text}")]
pub struct RequirementError {
    /// The line.
    pub text: String,
    /// Its number, from 1.
    pub line: usize,
}

/// Reads a list: a line is `CONFIG_X=y`, `CONFIG_X=y|m`, `CONFIG_X` (`y` or `m`) or
/// `# CONFIG_X is not set`, and such with `||` between them. Other lines with `#` are comments.
pub fn read(text: &str) -> Result<Vec<Requirement>, RequirementError> {
    let mut requirements = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        let is_comment = trimmed.starts_with('#') && unset(trimmed).is_none();
        if trimmed.is_empty() || is_comment {
            continue;
        }
        let alternatives: Option<Vec<Condition>> = trimmed
            .split("||")
            .map(|part| condition(part.trim()))
            .collect();
        requirements.push(Requirement {
            text: trimmed.to_owned(),
            line: index + 1,
            alternatives: alternatives.ok_or_else(|| RequirementError {
                text: trimmed.to_owned(),
                line: index + 1,
            })?,
        });
    }
    Ok(requirements)
}

fn unset(text: &str) -> Option<&str> {
    let name = text
        .strip_prefix("# CONFIG_")?
        .strip_suffix(" is not set")?;
    is_name(name).then_some(name)
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn condition(text: &str) -> Option<Condition> {
    if let Some(name) = unset(text) {
        return Some(Condition {
            name: name.to_owned(),
            wanted: Wanted::Unset,
        });
    }
    let rest = text.strip_prefix("CONFIG_")?;
    let (name, wanted) = match rest.split_once('=') {
        None => (rest, Wanted::Enabled),
        Some((name, "n")) => (name, Wanted::Unset),
        Some((name, values)) => {
            let quoted = values
                .strip_prefix('"')
                .and_then(|values| values.strip_suffix('"'));
            let values = match quoted {
                Some(text) => vec![text.to_owned()],
                None => values.split('|').map(str::to_owned).collect(),
            };
            (name, Wanted::Values(values))
        }
    };
    is_name(name).then(|| Condition {
        name: name.to_owned(),
        wanted,
    })
}

impl Condition {
    fn holds(&self, got: Option<&str>) -> bool {
        match &self.wanted {
            Wanted::Enabled => matches!(got, Some("y" | "m")),
            Wanted::Unset => matches!(got, None | Some("n")),
            Wanted::Values(values) => {
                let got = got.unwrap_or("n");
                values.iter().any(|value| value == got)
            }
        }
    }

    /// The value that satisfies it first.
    pub fn first_value(&self) -> &str {
        match &self.wanted {
            Wanted::Enabled => "y",
            Wanted::Unset => "n",
            Wanted::Values(values) => values.first().map_or("y", String::as_str),
        }
    }
}

/// The requirements that a `.config` does not meet, each with the values that its options have.
pub fn unmet<'r>(
    requirements: &'r [Requirement],
    config: &[u8],
) -> Vec<(&'r Requirement, Vec<Option<String>>)> {
    let options: HashMap<&[u8], Cow<'_, [u8]>> = crate::nixpkgs::options(config);
    let got = |name: &str| {
        let value = options.get(name.as_bytes())?;
        Some(String::from_utf8_lossy(value).into_owned())
    };
    requirements
        .iter()
        .filter_map(|requirement| {
            let values: Vec<Option<String>> = requirement
                .alternatives
                .iter()
                .map(|condition| got(&condition.name))
                .collect();
            let mut pairs = requirement.alternatives.iter().zip(&values);
            let is_met = pairs.any(|(condition, value)| condition.holds(value.as_deref()));
            (!is_met).then_some((requirement, values))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &[u8] =
        b"CONFIG_A=y\nCONFIG_M=m\n# CONFIG_N is not set\nCONFIG_S=\"a \\\"b\\\"\"\nCONFIG_I=64\n";

    fn unmet_lines(list: &str) -> Vec<String> {
        let requirements = read(list).unwrap();
        unmet(&requirements, CONFIG)
            .into_iter()
            .map(|(requirement, _)| requirement.text.clone())
            .collect()
    }

    #[test]
    fn what_holds_is_not_told() {
        let list = "# a list\nCONFIG_A=y\nCONFIG_M\nCONFIG_M=y|m\n# CONFIG_N is not set\n\
                    # CONFIG_GONE is not set\nCONFIG_I=64\nCONFIG_N=y || CONFIG_A=y\nCONFIG_GONE=n\n";
        assert_eq!(unmet_lines(list), Vec::<String>::new());
    }

    #[test]
    fn what_does_not_hold_is() {
        let list = "CONFIG_M=y\nCONFIG_N\n# CONFIG_A is not set\nCONFIG_I=32\nCONFIG_GONE=y\n\
                    CONFIG_N=y || CONFIG_M=y\n";
        assert_eq!(unmet_lines(list), list.lines().collect::<Vec<_>>());
    }

    #[test]
    fn other_lines_are_refused() {
        for line in ["A=y", "CONFIG_=y", "CONFIG_A=y ||", "CONFIG_A B"] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
