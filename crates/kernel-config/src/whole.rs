//! A whole configuration file, as `linuxManualConfig` takes one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_eval::{Attr, Evaluator, Origin, Result, Value};
use nix_modules::Definition;

/// A kernel's whole configuration, as a file in Kconfig's format.
#[derive(Clone, Debug)]
pub struct WholeConfig {
    file: PathBuf,
    text: Arc<str>,
}

/// What a line of a configuration file says of an option.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Said {
    Tristate(&'static str),
    Freeform(String),
}

impl WholeConfig {
    pub(crate) fn new(file: PathBuf, text: Arc<str>) -> Self {
        Self { file, text }
    }

    /// The file's name.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the file says as a structured configuration, each option where its line
    /// is. Of several lines for an option the last counts, as for Kconfig.
    pub(crate) fn definition<'h>(&self, evaluator: &mut Evaluator<'h>) -> Result<Definition<'h>> {
        let source = evaluator.add_source(Origin::File(self.file.clone()), &*self.text)?;
        let mut entries = Vec::new();
        let mut offset = 0;
        for line in self.text.split_inclusive('\n') {
            if let Some((name, said)) = read_line(line.trim_end()) {
                let (part, value) = match said {
                    Said::Tristate(letter) => ("tristate", evaluator.string(letter)),
                    Said::Freeform(text) => ("freeform", evaluator.string(text)),
                };
                let part = evaluator.attr(part, value);
                let item = Value::Attrs(evaluator.attrs(vec![part]));
                entries.push(Attr {
                    name: evaluator.intern(name),
                    pos: source.pos(offset),
                    value: item.into(),
                });
            }
            offset += line.len();
        }
        let file = format!("the file {}", self.file.display());
        Ok(Definition {
            file: evaluator.string(file).into(),
            value: Value::Attrs(evaluator.attrs(entries)).into(),
            pos: source.pos(0),
            order: None,
            form: None,
        })
    }
}

fn read_line(line: &str) -> Option<(&str, Said)> {
    if let Some(comment) = line.strip_prefix("# ") {
        let name = comment.strip_suffix(" is not set")?;
        return Some((name.strip_prefix("CONFIG_")?, Said::Tristate("n")));
    }
    let (name, value) = line.strip_prefix("CONFIG_")?.split_once('=')?;
    let said = match value {
        "y" => Said::Tristate("y"),
        "m" => Said::Tristate("m"),
        "n" => Said::Tristate("n"),
        _ => Said::Freeform(match value.strip_prefix('"') {
            Some(quoted) => unescape(quoted),
            None => value.to_owned(),
        }),
    };
    Some((name, said))
}

/// The text of a string literal of a configuration file, after its first quote.
fn unescape(quoted: &str) -> String {
    let mut text = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => text.extend(characters.next()),
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_configuration_file() {
        let freeform = |text: &str| Said::Freeform(text.to_owned());
        for (line, expected) in [
            ("CONFIG_NET=y", Some(("NET", Said::Tristate("y")))),
            ("CONFIG_64BIT=y", Some(("64BIT", Said::Tristate("y")))),
            (
                "# CONFIG_NET is not set",
                Some(("NET", Said::Tristate("n"))),
            ),
            ("CONFIG_HZ=0x10", Some(("HZ", freeform("0x10")))),
            (
                r#"CONFIG_S="a \"b\" \\""#,
                Some(("S", freeform(r#"a "b" \"#))),
            ),
            ("CONFIG_S=\"\"", Some(("S", freeform("")))),
            ("# Linux/x86 6.12 Kernel Configuration", None),
            ("", None),
        ] {
            assert_eq!(read_line(line), expected, "{line}");
        }
    }
}
