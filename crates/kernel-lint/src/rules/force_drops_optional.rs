//! `force-drops-optional`

use findings::{Applicability, Finding};
use rowan::ast::AstNode;

use crate::edit::{WrittenFiles, replace, wrapped};
use crate::kernel::{EvaluatedKernel, label_of};
use crate::rule::{Check, Level, Rule};
use crate::syntax::expr::{freeform, kernel_lib};
use crate::syntax::range;
use crate::syntax::scope::kernel_lib_name;

/// The rule.
pub(crate) static RULE: Rule = Rule {
    name: "force-drops-optional",
    summary: "`mkForce` makes an answer mandatory that was optional",
    documentation: "\
A forced definition replaces the whole item, and with it that the answer may go unused. If the kernel does not have
the option (any more), `unused option: X` then fails the build. Say `option` again.

```nix
DRM_AMD_DC = option yes; # in the kernel
DRM_AMD_DC = lib.mkForce no; # in a patch: mandatory now
DRM_AMD_DC = lib.mkForce (option no);
```
",
    level: Level::Warn,
    check: Check::Kernel(check),
};

fn check(kernel: &EvaluatedKernel<'_>, out: &mut Vec<Finding>) {
    let mut files = WrittenFiles::default();
    for (name, item) in &kernel.settings.items {
        // Nothing is answered where the option is left to its default.
        if item.optional || item.answer().is_none() {
            continue;
        }
        let is_optional = |shown: &str| shown.starts_with("option ");
        let (winning, lost): (Vec<_>, Vec<_>) = item
            .definitions
            .iter()
            .partition(|definition| definition.counts);
        let Some(dropped) = lost.into_iter().find(|lost| is_optional(&lost.shown)) else {
            continue;
        };
        for definition in winning {
            let mut finding = RULE
                .finding(format!("{name} was optional, and is mandatory by this"))
                .with_help(match definition.shown.as_str() {
                    shown if shown.contains(' ') => format!("say `option ({shown})'"),
                    shown => format!("say `option {shown}'"),
                })
                .with_note(
                    format!("{}: {}", dropped.source, dropped.shown),
                    label_of(dropped, "optional here"),
                );
            finding
                .labels
                .extend(label_of(definition, definition.shown.clone()));
            finding.fix = files.answer(name, definition).and_then(|written| {
                // What is called here may say `option' already, or be no answer of one definition.
                let is_answer =
                    kernel_lib(&written.core).is_some() || freeform(&written.core).is_some();
                let at = written.core.syntax();
                let option = kernel_lib_name("option", at).filter(|_| is_answer)?;
                let text = wrapped(&written.source, &written.value, &written.core, &option);
                Some(replace(
                    &written.source,
                    Applicability::Unsafe,
                    range(at),
                    text,
                ))
            });
            out.push(finding);
        }
    }
}
