//! What nixpkgs' driver had to tell: where it stopped, and what it took by chance.

use findings::Finding;
use kernel_resolve::nixpkgs::{Stop, Stopped};
use kernel_resolve::{Answers, Loss, Resolution};

use crate::report;

/// Everything that the driver had to tell, in the words that users search for.
pub(super) fn of_driver(resolution: &Resolution<'_>, answers: &Answers) -> Vec<Finding> {
    let Some(driver) = &resolution.driver else {
        return Vec::new();
    };
    let stops = driver.stops.iter().enumerate();
    let mut findings: Vec<Finding> = stops
        .map(|(index, stopped)| told(stopped, index > 0, answers))
        .collect();
    findings.extend(driver.by_chance.iter().map(|members| by_chance(members)));
    let not_understood = "don't know how to answer this question: ";
    let messages = driver.messages.iter();
    let messages = messages.filter(|message| message.starts_with(not_understood));
    findings.extend(messages.map(|message| {
        Finding::warning("driver-question", message).with_help(
            "nixpkgs' driver takes every `###' for a place where it is asked, and answers with an \
             empty line here: the default stays. It stands in a prompt or a text of the \
             configuration, which should be written otherwise",
        )
    }));
    findings
}

/// nixpkgs' driver stopped before its end.
fn told(stopped: &Stopped, is_next: bool, answers: &Answers) -> Finding {
    let (text, help, names) = match &stopped.stop {
        Stop::Repeated {
            question,
            name,
            answer,
            offered,
        } => {
            let question = question.trim();
            let why = stopped.loss.as_ref().filter(|loss| loss.is_explained());
            let why = why.map(|loss| format!(": {}", loss.text()));
            let mut help: Vec<String> = Vec::new();
            if let Some(loss) = &stopped.loss {
                help.extend(loss.help());
                if let Loss::Unmet { .. } = loss {
                    help.push(format!(
                        "answer {name} with what the question offers, {offered}, or what it \
                         depends on otherwise"
                    ));
                }
            }
            let text = if answer.is_empty() {
                help.clear();
                format!("repeated question: {question}: the driver lost track of what it answers")
            } else {
                format!(
                    "repeated question: {question}: `{answer}' is no answer for {name}, which \
                     offers [{offered}]{}",
                    why.unwrap_or_default()
                )
            };
            (text, help, std::slice::from_ref(name))
        }
        Stop::Conflicting { members } => (
            format!(
                "conflicting answers!: of one choice, {} are all answered y",
                members.join(" and ")
            ),
            vec![
                "only one member of a choice can be y: answer the others with `no', with \
                 `lib.mkForce no' where another definition says yes"
                    .to_owned(),
            ],
            members.as_slice(),
        ),
    };
    let mut help = help;
    help.push(
        if is_next {
            "this would stop nixpkgs' driver next"
        } else {
            "nixpkgs' driver stops here, and the kernel's configuration is not built (\u{201c}Error \
             in reading or end of file.\u{201d} follows); `build' writes what `make config' leaves \
             behind"
        }
        .to_owned(),
    );
    let mut finding = Finding::error("driver-stops", text).with_help(help.join("\n"));
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
