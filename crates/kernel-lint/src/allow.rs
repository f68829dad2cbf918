//! Comments that silence findings: `# nix-kconfig: allow(RULE)`.

use std::ops::Range;

use findings::{Applicability, Edit, Finding, Fix, Label, Source};
use rnix::SyntaxKind;

use crate::levels;
use crate::rules::UNUSED_ALLOW;
use crate::syntax::guard;

/// What a comment silences.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Scope {
    /// Findings on this line, from 1.
    Line(usize),
    /// Findings in the file.
    File,
}

/// One comment.
struct Allow {
    scope: Scope,
    /// The rules, with whether anything was silenced.
    rules: Vec<(String, bool)>,
    at: Range<usize>,
    /// The comment with the line that it has for itself.
    with_line: Range<usize>,
}

/// The comments of a file.
pub(crate) struct Allowances {
    source: Source,
    allows: Vec<Allow>,
}

impl Allowances {
    /// Reads the comments of a file.
    pub(crate) fn of(source: &Source) -> Self {
        let mut allows = Vec::new();
        // Most files have none, and need not be cut into tokens.
        if source.text().contains("nix-kconfig:") && guard::refusal(source.text()).is_none() {
            let mut offset = 0;
            for (kind, text) in rnix::tokenize(source.text()) {
                let at = offset..offset + text.len();
                offset = at.end;
                if kind == SyntaxKind::TOKEN_COMMENT {
                    allows.extend(read(source, at));
                }
            }
        }
        Self {
            source: source.clone(),
            allows,
        }
    }

    /// Whether a finding is silenced. The comment that does is used then.
    pub(crate) fn silence(&mut self, finding: &Finding) -> bool {
        let Some(label) = finding.place() else {
            return false;
        };
        let line = self.source.line_column(label.span.start).line;
        let mut silenced = false;
        for allow in &mut self.allows {
            if allow.scope != Scope::File && allow.scope != Scope::Line(line) {
                continue;
            }
            for (rule, used) in &mut allow.rules {
                if rule == finding.code {
                    *used = true;
                    silenced = true;
                }
            }
        }
        silenced
    }

    /// What the comments allow without need, of rules that were looked for.
    pub(crate) fn unused(&self, was_looked_for: impl Fn(&str) -> bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        for allow in &self.allows {
            let mut useless = 0;
            let mut messages = Vec::new();
            for (rule, used) in &allow.rules {
                match levels::find(rule) {
                    Err(unknown) => messages.push(unknown.to_string()),
                    Ok(known) if !used && was_looked_for(known.name) => {
                        messages.push(format!("`{rule}' finds nothing here"));
                    }
                    Ok(_) => continue,
                }
                useless += 1;
            }
            if messages.is_empty() {
                continue;
            }
            let mut finding =
                UNUSED_ALLOW
                    .finding(messages.join(", and "))
                    .with_label(Label::primary(
                        &self.source,
                        allow.at.clone(),
                        "silences nothing",
                    ));
            if useless == allow.rules.len() {
                finding = finding.with_fix(Fix {
                    title: "remove the comment".to_owned(),
                    applicability: Applicability::Safe,
                    edits: vec![Edit {
                        source: self.source.clone(),
                        range: allow.with_line.clone(),
                        replacement: String::new(),
                    }],
                });
            }
            findings.push(finding);
        }
        findings
    }
}

/// Reads one comment.
fn read(source: &Source, at: Range<usize>) -> Option<Allow> {
    let text = source.text();
    let comment = text.get(at.clone())?;
    let body = comment
        .trim_start_matches(['#', '/', '*', ' ', '\t', '\n'])
        .strip_prefix("nix-kconfig:")?
        .trim_start();
    let (is_file, rest) = match body.strip_prefix("allow-file(") {
        Some(rest) => (true, rest),
        None => (false, body.strip_prefix("allow(")?),
    };
    let (names, _) = rest.split_once(')')?;
    let rules = names.split(',').map(str::trim);
    let rules = rules.filter(|name| !name.is_empty());
    let before = text.get(..at.start)?;
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let alone = before.get(line_start..)?.trim().is_empty();
    let line = source.line_column(at.start).line;
    let scope = if is_file {
        Scope::File
    } else if alone {
        Scope::Line(next_code_line(source, at.end))
    } else {
        Scope::Line(line)
    };
    let with_line = if alone {
        let end = text
            .get(at.end..)?
            .find('\n')
            .map_or(text.len(), |newline| at.end + newline + 1);
        line_start..end
    } else {
        let start = before.trim_end_matches([' ', '\t']).len();
        start..at.end
    };
    Some(Allow {
        scope,
        rules: rules.map(|name| (name.to_owned(), false)).collect(),
        at,
        with_line,
    })
}

/// The first line behind a comment that has more than a comment on it.
fn next_code_line(source: &Source, from: usize) -> usize {
    let rest = source.text().get(from..).unwrap_or_default();
    let line = source.line_column(from).line;
    let skipped = rest
        .lines()
        .skip(1)
        .take_while(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
        .count();
    line + 1 + skipped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(source: &Source, code: &'static str, at: &str) -> Finding {
        let start = source.text().find(at).unwrap();
        Finding::warning(code, "").with_label(Label::primary(source, start..start + 1, ""))
    }

    #[test]
    fn comments_silence_their_line_the_next_one_or_the_file() {
        let text = "{\n  # nix-kconfig: allow(symbol-case, text-answer)\n  # why\n\n  a = 1;\n  b = 2; \
                    # nix-kconfig: allow(symbol-case)\n  c = 3;\n}\n# nix-kconfig: \
                    allow-file(config-prefix)\n";
        let source = Source::new("file.nix", text);
        let mut allowances = Allowances::of(&source);
        for (code, at, silenced) in [
            ("symbol-case", "a =", true),
            ("symbol-case", "b =", true),
            ("symbol-case", "c =", false),
            ("config-prefix", "c =", true),
        ] {
            assert_eq!(
                allowances.silence(&finding(&source, code, at)),
                silenced,
                "{code} {at}"
            );
        }
        let unused = allowances.unused(|_| true);
        assert_eq!(unused.len(), 1);
        assert_eq!(unused[0].message, "`text-answer' finds nothing here");
        // The other rule of the comment is used: it stays.
        assert!(unused[0].fix.is_none());
        assert!(allowances.unused(|_| false).is_empty());
    }

    #[test]
    fn unknown_rules_and_comments_without_use_can_be_removed() {
        let source = Source::new(
            "file.nix",
            "{\n  # nix-kconfig: allow(symbl-case)\n  a = 1;\n}\n",
        );
        let unused = Allowances::of(&source).unused(|_| false);
        let edits = &unused[0].fix.as_ref().unwrap().edits;
        let edits: Vec<&Edit> = edits.iter().collect();
        assert_eq!(
            Edit::apply(source.text(), &edits).unwrap(),
            "{\n  a = 1;\n}\n"
        );
    }
}
