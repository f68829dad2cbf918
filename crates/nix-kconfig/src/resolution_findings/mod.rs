//! What a resolution has to tell: where nixpkgs' driver stopped, and which answers were lost and
//! why.

mod advice;
mod driver;

use std::collections::{BTreeMap, BTreeSet};

use findings::{Finding, Severity};
use kconfig::Tree;
use kernel_config::Item;
use kernel_resolve::nixpkgs::Stop;
use kernel_resolve::renames::{self, Became};
use kernel_resolve::{
    Answers, Elsewhere, Fate, Loss, Origin, OtherPlace, Outcome, Resolution, Root, Source,
};

use self::advice::{advice, of_root};
use crate::settings_format::{nix_attribute, nix_item};
use crate::{nix_block, report};

/// What there is to know for telling it.
pub(crate) struct Resolved<'r, 't> {
    pub(crate) resolution: &'r Resolution<'t>,
    pub(crate) answers: &'r Answers,
    /// Resolves the same kernel with other answers.
    pub(crate) again: &'r dyn Fn(&Answers) -> Resolution<'t>,
    /// The tree that the kernel was configured for before, if it is known.
    pub(crate) previous: Option<&'r Tree>,
    /// The tree's files.
    pub(crate) source: &'r Source,
}

impl Resolved<'_, '_> {
    /// Everything there is to tell. Answers that were lost for one and the same reason are one
    /// finding.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut findings = driver::of_driver(self.resolution, self.answers);
        let mut by_root: BTreeMap<&Root, Vec<&Fate>> = BTreeMap::new();
        let mut alone = Vec::new();
        for fate in self.resolution.lost() {
            match fate
                .loss
                .as_ref()
                .and_then(|loss| loss.roots().into_iter().next())
            {
                Some(root) => by_root.entry(root).or_default().push(fate),
                None => alone.push(fate),
            }
        }
        let mut cascades = Vec::new();
        for (root, fates) in by_root {
            match fates.as_slice() {
                [fate] => alone.push(fate),
                _ => cascades.push((root, fates)),
            }
        }
        let costs = self.costs_of_taking_back(&cascades);
        for ((root, fates), cost) in cascades.iter().zip(&costs) {
            findings.push(self.cascade(root, fates, cost));
        }
        alone.sort_by(|one, other| one.name.cmp(&other.name));
        let is_unknown = |fate: &&Fate| matches!(fate.loss, Some(Loss::Unknown { .. }));
        let elsewhere = if alone.iter().any(is_unknown) {
            // What cannot be read here was told of when the tree was read.
            Elsewhere::of(self.source).unwrap_or_default()
        } else {
            Elsewhere::default()
        };
        for fate in alone {
            findings.extend(self.lost(fate, &elsewhere));
        }
        findings
    }
}

fn severity(may_be_lost: bool) -> Severity {
    if may_be_lost {
        Severity::Warning
    } else {
        Severity::Error
    }
}

impl Resolved<'_, '_> {
    /// An answer that was not reached: why, where it came from, and what to do.
    fn lost(&self, fate: &Fate, elsewhere: &Elsewhere) -> Option<Finding> {
        let complaint = fate.complaint()?;
        let loss = fate.loss.as_ref()?;
        let mut finding = Finding::new(
            code(fate, loss),
            severity(self.resolution.may_be_lost(fate)),
            format!("{complaint}: {}", loss.text()),
        );
        let mut help: Vec<String> = loss.help().into_iter().collect();
        if matches!(loss, Loss::Unknown { .. }) {
            help = self.what_became_of(fate, help, elsewhere.place(&fate.name));
        }
        if let Some(answer) = self.answers.get(&fate.name) {
            if let Origin::Text { source, line } = &answer.origin {
                help.push(format!("asked for in line {line} of {source}"));
            }
            finding = report::with_definitions(finding, answer.origin.winning());
        }
        for root in loss.roots() {
            finding = self.with_root(finding, root);
        }
        help.extend(advice(fate, loss));
        help.dedup();
        if !help.is_empty() {
            finding = finding.with_help(help.join("\n"));
        }
        Some(finding)
    }

    /// What became of an option that the kernel does not know; `similar` is what else could be
    /// meant.
    fn what_became_of(
        &self,
        fate: &Fate,
        similar: Vec<String>,
        elsewhere: Option<&OtherPlace>,
    ) -> Vec<String> {
        let name = &fate.name;
        let tree = self.resolution.session.tree();
        let became = renames::of(tree, name, self.previous);
        let mut help = match (elsewhere, became) {
            (Some(OtherPlace { file, line }), _) => {
                vec![format!(
                    "it is an option of another architecture, at {file}:{line}"
                )]
            }
            (None, Some(Became::Renamed { name: new })) => {
                vec![format!("the kernel has {new} in its place")]
            }
            (None, Some(Became::Removed { why })) => vec![format!("the kernel removed it: {why}")],
            (None, Some(Became::Gone { prompt, place })) => {
                let prompt = prompt.map(|it| format!(" (\u{201c}{it}\u{201d})"));
                let mut help = vec![format!(
                    "the earlier tree has it, at {}:{}{}; this one has nothing of the kind",
                    place.file,
                    place.line,
                    prompt.unwrap_or_default()
                )];
                help.extend(similar);
                help
            }
            (None, None) => similar,
        };
        if !self.resolution.may_be_lost(fate) {
            help.push(format!(
                "where kernels of other versions or systems share it, let it go unused: {name} = {}",
                optional(fate)
            ));
        }
        help
    }

    /// With the definitions of the answer that is at the root of it.
    fn with_root(&self, finding: Finding, root: &Root) -> Finding {
        match root {
            Root::Answer { name, .. } => match self.answers.get(name) {
                Some(answer) => report::with_definitions(finding, answer.origin.winning()),
                None => finding,
            },
            Root::Toolchain { probe, .. } => {
                finding.with_note(format!("the kernel asks the toolchain: {probe}"), None)
            }
            _ => finding,
        }
    }

    /// Several answers that were lost for one reason. `cost` is what else is lost where they are
    /// taken back.
    fn cascade(&self, root: &Root, fates: &[&Fate], cost: &[String]) -> Finding {
        let may_be_lost = fates.iter().all(|fate| self.resolution.may_be_lost(fate));
        let code = match root {
            Root::Toolchain { .. } => TOOLCHAIN,
            _ => "cascade",
        };
        let finding = Finding::new(
            code,
            severity(may_be_lost),
            format!("{} answers are lost since {}", fates.len(), root.text()),
        );
        let finding = self.with_root(finding, root);
        let listed = fates.iter().map(|fate| {
            let outcome = match &fate.outcome {
                Outcome::Changed { got } => format!("is {got}"),
                Outcome::Unused | Outcome::Reached => "is unused".to_owned(),
            };
            format!("{} (wanted {}) {outcome}", fate.name, fate.wanted)
        });
        let finding = listed.fold(finding, |finding, line| finding.with_note(line, None));
        let mandatory: Vec<&&Fate> = fates.iter().filter(|fate| !fate.optional).collect();
        let mut help: Vec<String> = of_root(root).into_iter().collect();
        if mandatory.is_empty() {
            help.push("all of them may go unused: the kernel is built without".to_owned());
        } else if cost.is_empty() {
            let is_elsewhere = matches!(root, Root::Absent { .. } | Root::Toolchain { .. });
            help.push(
                if is_elsewhere {
                    "where kernels for other machines share them, let them go unused:"
                } else {
                    "where that is meant, take the answers back:"
                }
                .to_owned(),
            );
            help.extend(mandatory.iter().map(|fate| {
                let item = if is_elsewhere {
                    optional(fate)
                } else {
                    "unset".to_owned()
                };
                self.line_over(fate, &item)
            }));
        } else {
            help.push(format!(
                "taking them back would cost others: {}",
                cost.join(", ")
            ));
        }
        finding.with_help(help.join("\n"))
    }

    /// A line of Nix that wins over what an answer was defined by.
    fn line_over(&self, fate: &Fate, item: &str) -> String {
        let name = nix_attribute(&fate.name);
        match self.answers.get(&fate.name).map(|answer| &answer.origin) {
            Some(Origin::Text { source, line }) => {
                format!("  (line {line} of {source} goes: {name})")
            }
            Some(Origin::Definitions(definitions)) => {
                let strongest = definitions.iter().map(|definition| definition.priority);
                let over = nix_block::over(strongest.min(), item);
                format!("  {name} = with lib.kernel; {over};")
            }
            None => format!("  {name} = with lib.kernel; {item};"),
        }
    }

    /// What else is lost where the answers of each cascade are taken back: found out by resolving
    /// without them.
    fn costs_of_taking_back(&self, cascades: &[(&Root, Vec<&Fate>)]) -> Vec<Vec<String>> {
        let names = |fates: &[&Fate]| -> BTreeSet<String> {
            let mandatory = fates.iter().filter(|fate| !fate.optional);
            mandatory.map(|fate| fate.name.clone()).collect()
        };
        let each: Vec<BTreeSet<String>> = cascades.iter().map(|(_, fates)| names(fates)).collect();
        let all: BTreeSet<String> = each.iter().flatten().cloned().collect();
        // Mostly nothing is, and one resolution says so of all.
        if all.is_empty() || self.lost_without(&all).is_empty() {
            return vec![Vec::new(); cascades.len()];
        }
        each.iter().map(|names| self.lost_without(names)).collect()
    }

    /// The answers that are lost only where others are left out.
    fn lost_without(&self, names: &BTreeSet<String>) -> Vec<String> {
        if names.is_empty() {
            return Vec::new();
        }
        let lost = |resolution: &Resolution<'_>| -> BTreeSet<String> {
            let stops = resolution.driver.iter().flat_map(|driver| &driver.stops);
            let stopped = stops.flat_map(|stopped| match &stopped.stop {
                Stop::Repeated { name, .. } => std::slice::from_ref(name),
                Stop::Conflicting { members } => members.as_slice(),
            });
            let fates = resolution.lost().map(|fate| &fate.name);
            fates.chain(stopped).cloned().collect()
        };
        let without = (self.again)(&self.answers.without(names));
        let before = lost(self.resolution);
        lost(&without).difference(&before).cloned().collect()
    }
}

/// The code of what the toolchain decides.
const TOOLCHAIN: &str = "toolchain-decides";

fn code(fate: &Fate, loss: &Loss) -> &'static str {
    let by_toolchain = |root: &&Root| matches!(root, Root::Toolchain { .. });
    match (loss, &fate.outcome) {
        _ if loss.roots().iter().any(by_toolchain) => TOOLCHAIN,
        (Loss::Unknown { .. }, _) => "unknown-option",
        (Loss::WrongType { .. } | Loss::NoModule | Loss::OutOfRange { .. }, _) => "wrong-value",
        (Loss::NoPrompt { .. }, _) => "no-prompt",
        (Loss::Selected { .. }, _) => "selected",
        (_, Outcome::Unused) => "unused-option",
        (_, Outcome::Reached | Outcome::Changed { .. }) => "option-not-set",
    }
}

/// An answer as one that may go unused.
fn optional(fate: &Fate) -> String {
    nix_item(&Item::of_answer(&fate.wanted, true))
}
