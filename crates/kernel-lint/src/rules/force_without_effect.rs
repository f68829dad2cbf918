//! `force-without-effect`

use findings::{Applicability, Finding};

use crate::edit::WrittenFiles;
use crate::kernel::{EvaluatedKernel, label_of};
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::Wrapper;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "force-without-effect",
    summary: "`mkForce` overrides nothing",
    documentation: "\
Where nobody else defines an option, `lib.mkForce` only hides the conflict that a later definition would be. This
needs to know all definitions: it is looked for where nixpkgs' common configuration is part of the kernel, or switched
off (`enableCommonConfig = false`).

```nix
BTRFS_FS = lib.mkForce yes; # nobody else says anything of it
BTRFS_FS = yes;
```
",
    level: Level::Note,
    check: Check::Kernel(check),
};

/// Priorities of this number and below are said with force.
const FORCE: i64 = 50;

fn check(kernel: &EvaluatedKernel<'_>, out: &mut Vec<Finding>) {
    if !kernel.is_whole {
        return;
    }
    let mut files = WrittenFiles::default();
    for (name, item) in &kernel.settings.items {
        let [only] = item.definitions.as_slice() else {
            continue;
        };
        if only.priority > FORCE {
            continue;
        }
        let mut finding = RULE
            .finding(format!(
                "nobody but this defines {name}: there is nothing to override"
            ))
            .with_help("leave `lib.mkForce' out, so that a later conflict is seen");
        finding.labels.extend(label_of(only, only.shown.clone()));
        finding.fix = files.answer(name, only).and_then(|written| {
            let is_force =
                |it: &Wrapper| matches!(it.call.name.as_str(), "mkForce" | "mkVMOverride");
            written.without(Applicability::Safe, is_force)
        });
        out.push(finding);
    }
}
