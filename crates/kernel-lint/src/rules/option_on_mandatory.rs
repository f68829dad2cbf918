//! `option-on-mandatory`

use findings::{Applicability, Finding};

use crate::edit::WrittenFiles;
use crate::kernel::{EvaluatedKernel, label_of};
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::{Wrapper, kernel_lib};

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "option-on-mandatory",
    summary: "`option` has no effect, for another definition is mandatory",
    documentation: "\
An answer that one definition wants and another one must have, must be had: mandatory wins over optional. The `option`
of the first has no effect.

```nix
OVERLAY_FS = module; # in the kernel
OVERLAY_FS = option module; # in a patch: mandatory all the same
```
",
    level: Level::Warn,
    check: Check::Kernel(check),
};

fn check(kernel: &EvaluatedKernel<'_>, out: &mut Vec<Finding>) {
    for (name, item) in &kernel.settings.items {
        if item.optional {
            continue;
        }
        let (optional, mandatory): (Vec<_>, Vec<_>) = item
            .definitions
            .iter()
            .filter(|definition| definition.counts)
            .partition(|definition| definition.shown.starts_with("option "));
        let Some(mandatory) = mandatory.first() else {
            continue;
        };
        let mut files = WrittenFiles::default();
        for definition in optional {
            let mut finding = RULE
                .finding(format!("{name} is mandatory: this `option' has no effect"))
                .with_note(
                    format!("{}: {}", mandatory.source, mandatory.shown),
                    label_of(mandatory, "mandatory here"),
                );
            finding
                .labels
                .extend(label_of(definition, definition.shown.clone()));
            finding.fix = files.answer(name, definition).and_then(|written| {
                let is_option =
                    |it: &Wrapper| kernel_lib(&it.call.function).as_deref() == Some("option");
                written.without(Applicability::Safe, is_option)
            });
            out.push(finding);
        }
    }
}
