//! `legacy-extra-config`

use findings::{Applicability, Edit, Finding, Fix};
use kernel_config::{AnswerLine, Release, intermediate};
use rnix::ast::{Expr, Str};
use rowan::ast::AstNode;

use crate::facts::{Role, STRUCTURED};
use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::bare;
use crate::syntax::scope::lib_name;
use crate::syntax::{is_indented, range};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "legacy-extra-config",
    summary: "A kernel or patch is configured by the lines of `extraConfig`",
    documentation: "\
`extraConfig` is text that is put behind everything else: its lines win over all structured definitions without a
conflict, whatever their priority, and `lib.mkForce` cannot reach them. nixpkgs keeps it for old configurations.

```nix
extraConfig = ''
  PREEMPT_RT y
  LATENCYTOP? n
''; # wrong
structuredExtraConfig = with lib.kernel; {
  PREEMPT_RT = yes;
  LATENCYTOP = option no;
};
```

The fix is unsafe, for the answers take part in merging then.
",
    level: Level::Warn,
    check: Check::Syntax(check),
};

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    for description in &file.facts.descriptions {
        let is_known = description.certain || description.role == Role::Patch;
        let Some(entry) = description.get("extraConfig").filter(|_| is_known) else {
            continue;
        };
        let Some(value) = entry.value().map(bare) else {
            continue;
        };
        let name = entry
            .attrpath()
            .map_or_else(|| range(entry.syntax()), |path| range(path.syntax()));
        let mut finding = RULE
            .finding("answers in `extraConfig' win over all others without a word")
            .with_label(file.label(name, "legacy text"))
            .with_help("structured answers merge, and say where they are in conflict");
        if let Expr::Str(string) = &value
            && !description.has(STRUCTURED)
            && let Some(structured) = converted(file, string, range(entry.syntax()).start)
        {
            finding = finding.with_fix(Fix {
                title: format!("make it `{STRUCTURED}'"),
                applicability: Applicability::Unsafe,
                edits: vec![Edit {
                    source: file.source.clone(),
                    range: range(entry.syntax()),
                    replacement: structured,
                }],
            });
        }
        out.push(finding);
    }
}

/// The lines as structured configuration; nothing where they are not written out, or not known
/// to be answers.
fn converted(file: &File<'_>, string: &Str, entry_start: usize) -> Option<String> {
    let has_nodes = string.syntax().children().next().is_some();
    let text: String = string
        .syntax()
        .children_with_tokens()
        .filter_map(rnix::NodeOrToken::into_token)
        .filter(|token| token.kind() == rnix::SyntaxKind::TOKEN_STRING_CONTENT)
        .map(|token| token.text().to_owned())
        .collect();
    if has_nodes || text.contains(['\\', '$']) || (is_indented(string) && text.contains("''")) {
        return None;
    }
    let prefix = lib_name("kernel", string.syntax())?;
    let line_start = file.text(0..entry_start).rfind('\n').map_or(0, |at| at + 1);
    let indentation: String = file
        .text(line_start..entry_start)
        .chars()
        .take_while(|c| c.is_whitespace())
        .collect();
    let mut lines = Vec::new();
    let mut names = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let answers = intermediate::read(line, Release::default()).ok()?;
        let comment = line.split_once('#').map(|(_, comment)| comment.trim());
        let mut converted = String::new();
        if let [answer] = answers.as_slice() {
            // The last line for a name counts; what that means here is for people to say.
            if names.contains(&answer.name) {
                return None;
            }
            names.push(answer.name.clone());
            converted = format!("{} = {};", answer.name, structured(answer));
        }
        if let Some(comment) = comment {
            let space = if converted.is_empty() { "" } else { " " };
            converted.push_str(&format!("{space}# {comment}"));
        }
        lines.push(format!("{indentation}  {}", converted.trim_end()));
    }
    if names.is_empty() {
        return None;
    }
    Some(format!(
        "{STRUCTURED} = with {prefix}; {{\n{}\n{indentation}}};",
        lines.join("\n")
    ))
}

fn structured(answer: &AnswerLine) -> String {
    let value = match answer.value.as_str() {
        "y" => "yes".to_owned(),
        "m" => "module".to_owned(),
        "n" => "no".to_owned(),
        text => {
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
            format!("freeform \"{escaped}\"")
        }
    };
    match (answer.optional, value.contains(' ')) {
        (false, _) => value,
        (true, true) => format!("option ({value})"),
        (true, false) => format!("option {value}"),
    }
}
