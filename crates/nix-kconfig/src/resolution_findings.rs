//! What a resolution has to tell: where nixpkgs' driver stopped, and which answers were lost and
//! why.

use std::collections::BTreeMap;

use findings::{Finding, Severity};
use kernel_resolve::nixpkgs::Stop;
use kernel_resolve::{Answers, Fate, Loss, Origin, Outcome, Resolution, Root};

use crate::report;

/// Everything there is to tell. Answers that were lost for one and the same reason are one finding.
pub(crate) fn all(resolution: &Resolution<'_>, answers: &Answers) -> Vec<Finding> {
    let mut findings = of_driver(resolution, answers);
    let mut cascades: BTreeMap<&Root, Vec<&Fate>> = BTreeMap::new();
    let mut alone = Vec::new();
    for fate in resolution.lost() {
        match fate
            .loss
            .as_ref()
            .and_then(|loss| loss.roots().into_iter().next())
        {
            Some(root) => cascades.entry(root).or_default().push(fate),
            None => alone.push(fate),
        }
    }
    for (root, fates) in cascades {
        if let [fate] = fates.as_slice() {
            alone.push(fate);
        } else {
            findings.push(cascade(root, &fates, resolution, answers));
        }
    }
    alone.sort_by(|one, other| one.name.cmp(&other.name));
    for fate in alone {
        findings.extend(lost(fate, resolution.may_be_lost(fate), answers));
    }
    findings
}

fn of_driver(resolution: &Resolution<'_>, answers: &Answers) -> Vec<Finding> {
    let Some(driver) = &resolution.driver else {
        return Vec::new();
    };
    let stops = driver.stops.iter().enumerate();
    let mut findings: Vec<Finding> = stops
        .map(|(index, stop)| stopped(stop, index > 0, answers))
        .collect();
    findings.extend(driver.by_chance.iter().map(|members| by_chance(members)));
    findings
}

/// nixpkgs' driver stopped before its end.
fn stopped(stop: &Stop, is_next: bool, answers: &Answers) -> Finding {
    let (text, help, names) = match stop {
        Stop::Repeated {
            name,
            answer,
            offered,
            ..
        } => (
            format!("{name} was asked again: `{answer}' is not an answer to [{offered}]"),
            "nixpkgs' driver stops here, and the kernel's configuration is not built. What was \
             written is what `make config' leaves behind",
            std::slice::from_ref(name),
        ),
        Stop::Conflicting { members } => (
            format!(
                "of one choice, {} are all answered y",
                members.join(" and ")
            ),
            "only one member of a choice can be y: answer the others with `no', with \
             `lib.mkForce no' where another definition says yes",
            members.as_slice(),
        ),
    };
    let help = if is_next {
        "this would stop nixpkgs' driver next"
    } else {
        help
    };
    let mut finding = Finding::error("driver-stops", text).with_help(help);
    for name in names {
        if let Some(answer) = answers.get(name) {
            finding = report::with_definitions(finding, answer.origin.winning());
        }
    }
    finding
}

/// Several members of one choice are answered `y`, and nixpkgs takes one by chance.
fn by_chance(members: &[String]) -> Finding {
    let names = members.join(", ");
    let last = members.last().map_or("", String::as_str);
    Finding::warning(
        "choice-by-chance",
        format!("of one choice, {names} are all answered y: nixpkgs takes one by chance"),
    )
    .with_help(format!(
        "here, {last} was taken; answer the others with `no', for later releases stop at this"
    ))
}

fn severity(may_be_lost: bool) -> Severity {
    if may_be_lost {
        Severity::Warning
    } else {
        Severity::Error
    }
}

/// An answer that was not reached: why, and where it came from.
fn lost(fate: &Fate, may_be_lost: bool, answers: &Answers) -> Option<Finding> {
    let complaint = fate.complaint()?;
    let loss = fate.loss.as_ref()?;
    let mut finding = Finding::new(
        code(fate, loss),
        severity(may_be_lost),
        format!("{complaint}: {}", loss.text()),
    );
    let mut help: Vec<String> = loss.help().into_iter().collect();
    if let Some(answer) = answers.get(&fate.name) {
        if let Origin::Text { source, line } = &answer.origin {
            help.push(format!("asked for in line {line} of {source}"));
        }
        finding = report::with_definitions(finding, answer.origin.winning());
    }
    for root in loss.roots() {
        finding = with_root(finding, root, answers);
    }
    if !help.is_empty() {
        finding = finding.with_help(help.join("\n"));
    }
    Some(finding)
}

fn code(fate: &Fate, loss: &Loss) -> &'static str {
    match (loss, &fate.outcome) {
        (Loss::Unknown { .. }, _) => "unknown-option",
        (Loss::WrongType { .. } | Loss::NoModule | Loss::OutOfRange { .. }, _) => "wrong-value",
        (Loss::NoPrompt { .. }, _) => "no-prompt",
        (Loss::Selected { .. }, _) => "selected",
        (_, Outcome::Unused) => "unused-option",
        (_, Outcome::Reached | Outcome::Changed { .. }) => "option-not-set",
    }
}

/// With the definitions of the answer that is at the root of it.
fn with_root(finding: Finding, root: &Root, answers: &Answers) -> Finding {
    match root {
        Root::Answer { name, .. } => match answers.get(name) {
            Some(answer) => report::with_definitions(finding, answer.origin.winning()),
            None => finding,
        },
        Root::Toolchain { probe, .. } => {
            finding.with_note(format!("the kernel asks the toolchain: {probe}"), None)
        }
        _ => finding,
    }
}

/// Several answers that were lost for one reason.
fn cascade(
    root: &Root,
    fates: &[&Fate],
    resolution: &Resolution<'_>,
    answers: &Answers,
) -> Finding {
    let may_be_lost = fates.iter().all(|fate| resolution.may_be_lost(fate));
    let finding = Finding::new(
        "cascade",
        severity(may_be_lost),
        format!("{} answers are lost since {}", fates.len(), root.text()),
    );
    let finding = with_root(finding, root, answers);
    let listed = fates.iter().map(|fate| {
        let outcome = match &fate.outcome {
            Outcome::Changed { got } => format!("is {got}"),
            Outcome::Unused | Outcome::Reached => "is unused".to_owned(),
        };
        format!("{} (wanted {}) {outcome}", fate.name, fate.wanted)
    });
    let finding = listed.fold(finding, |finding, line| finding.with_note(line, None));
    let mut block: Vec<String> = fates
        .iter()
        .map(|fate| format!("  {} = lib.mkForce lib.kernel.unset;", fate.name))
        .collect();
    block.insert(0, "where that is meant, take the answers back:".to_owned());
    finding.with_help(block.join("\n"))
}
