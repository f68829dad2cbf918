//! `unknown-argument`

use findings::{Applicability, Finding};

use crate::facts::{OLDER, Role};
use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::range;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "unknown-argument",
    summary: "A misspelt argument of a kernel or attribute of a patch is swallowed without a word",
    documentation: "\
`buildLinux` takes any argument (`...`) and looks only at those that it knows; so does whatever reads an entry of
`kernelPatches`. A misspelt one has no effect and gives no error. Names that are close to a known one, and those that
people expect to be there, are reported.

```nix
buildLinux {
  kernelPreferBuiltin = true; # wrong: this is a platform's attribute
  preferBuiltin = true;
  structuredExtraconfig = { }; # wrong
  structuredExtraConfig = { };
}
```
",
    level: Level::Deny,
    check: Check::Syntax(check),
};

/// What decides on a kernel's configuration.
const ARGUMENTS: &[&str] = &[
    "structuredExtraConfig",
    "extraConfig",
    "defconfig",
    "autoModules",
    "preferBuiltin",
    "enableCommonConfig",
    "kernelPatches",
    "ignoreConfigErrors",
    "modDirVersion",
    "features",
    "kernelArch",
    "argsOverride",
    "configfile",
    "extraMakeFlags",
    "randstructSeed",
];

/// What an entry of `kernelPatches` has.
const ATTRIBUTES: &[&str] = &[
    "structuredExtraConfig",
    "extraConfig",
    "features",
    "patch",
    "name",
];

/// What people write, and what they mean.
const EXPECTED: &[(&str, &str)] = &[
    ("kernelPreferBuiltin", "preferBuiltin"),
    ("kernelAutoModules", "autoModules"),
    ("kernelExtraConfig", "extraConfig"),
    ("kernelBaseConfig", "defconfig"),
    ("baseConfig", "defconfig"),
    ("structuredConfig", "structuredExtraConfig"),
    ("structuredKernelConfig", "structuredExtraConfig"),
    ("extraStructuredKernelConfig", "structuredExtraConfig"),
    ("extraKernelConfig", "extraConfig"),
    ("kernelConfig", "structuredExtraConfig"),
    ("extraKernelPatches", "kernelPatches"),
    ("patches", "kernelPatches"),
];

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    for description in file.facts.descriptions.iter().filter(|it| it.certain) {
        let (known, what) = match description.role {
            Role::Kernel => (ARGUMENTS, "argument of a kernel"),
            Role::Patch => (ATTRIBUTES, "attribute of a patch"),
        };
        for (name, node, _) in description.entries() {
            // The other spelling has a rule of its own.
            if known.contains(&name.as_str()) || name == OLDER {
                continue;
            }
            let Some(meant) = meant(&name, known) else {
                continue;
            };
            let mut finding = RULE
                .finding(format!(
                    "`{name}' is no {what}, and is ignored without a word"
                ))
                .with_label(file.label(range(&node), "nobody looks at this"));
            finding = if description.has(meant) {
                finding.with_help(format!("did you mean `{meant}'?"))
            } else {
                finding.with_fix(file.replace(Applicability::Unsafe, range(&node), meant))
            };
            out.push(finding);
        }
    }
}

/// The known name that is meant, if one is.
fn meant(name: &str, known: &'static [&'static str]) -> Option<&'static str> {
    let expected = EXPECTED.iter().find(|(written, _)| *written == name);
    if let Some((_, meant)) = expected {
        return known.contains(meant).then_some(*meant);
    }
    let close = |known: &&&str| {
        // Short names have too many neighbours that are words of their own.
        known.len() >= 8
            && (known.eq_ignore_ascii_case(name) || strsim::damerau_levenshtein(name, known) <= 2)
    };
    known.iter().find(close).copied()
}
