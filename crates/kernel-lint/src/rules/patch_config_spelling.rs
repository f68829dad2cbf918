//! `patch-config-spelling`

use findings::{Applicability, Finding};
use kernel_config::Release;

use crate::facts::{Description, OLDER, Role, STRUCTURED};
use crate::file::File;
use crate::rule::{Check, Level, Rule};
use crate::syntax::range;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "patch-config-spelling",
    summary: "A patch's configuration is spelt in a way that the release of nixpkgs does not read",
    documentation: "\
An entry of `kernelPatches` was configured by `extraStructuredConfig` until 2025, and is by `structuredExtraConfig`
since. Until 24.11 the new spelling is ignored without a word; 25.05 warns of the older one; from 25.11 on it is an
error. A kernel's own argument has always been `structuredExtraConfig`: the other one vanishes in its `...`.

With `--nixpkgs-release` the rule knows which spelling is meant; without, the current one is.

```nix
{
  name = \"rt\";
  patch = null;
  extraStructuredConfig = { PREEMPT_RT = lib.kernel.yes; }; # before 2025
  structuredExtraConfig = { PREEMPT_RT = lib.kernel.yes; };
}
```
",
    level: Level::Deny,
    check: Check::Syntax(check),
};

/// Patches say `structuredExtraConfig` from this release on.
const NEW_SPELLING: Release = Release::new(25, 5);

fn check(file: &File<'_>, out: &mut Vec<Finding>) {
    let release = file.context.release;
    let is_old_release = release.is_some_and(|release| release < NEW_SPELLING);
    for description in &file.facts.descriptions {
        let (wrong, right) = match description.role {
            Role::Patch if is_old_release => (STRUCTURED, OLDER),
            Role::Patch | Role::Kernel => (OLDER, STRUCTURED),
        };
        for (name, node, _) in description.entries() {
            if name != wrong {
                continue;
            }
            let mut finding = RULE
                .finding(message(description, wrong, release))
                .with_label(file.label(range(&node), "spelt for another release"));
            if !description.has(right) {
                let fix = file.replace(Applicability::Safe, range(&node), right);
                finding = finding.with_fix(fix);
            }
            out.push(finding);
        }
    }
}

fn message(description: &Description, wrong: &str, release: Option<Release>) -> String {
    match (description.role, release) {
        (Role::Kernel, _) => {
            format!("a kernel has no argument `{wrong}': it is ignored without a word")
        }
        (Role::Patch, Some(release)) if release < NEW_SPELLING => {
            format!("nixpkgs {release} ignores `{wrong}' of a patch without a word")
        }
        (Role::Patch, Some(release)) if release == NEW_SPELLING => {
            format!("nixpkgs {release} warns of `{wrong}' of a patch")
        }
        (Role::Patch, Some(release)) => format!("nixpkgs {release} refuses `{wrong}' of a patch"),
        (Role::Patch, None) => {
            format!("`{wrong}' of a patch is refused since nixpkgs 25.11, and warned of in 25.05")
        }
    }
}
