//! What errors and settings have to tell, as [`Finding`]s, and telling it on standard error.

use std::path::Path;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use findings::{Finding, Format, Label, Source, Style};
use kernel_config::{Conflict, ItemDefinition, Note, Place};
use nix_eval::{ErrorKind, EvalError, Shown, Sources, Span};

use crate::paint::shortened;

/// Reads the name of a format.
pub(crate) fn format_parser() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name)).try_map(|name| name.parse::<Format>())
}

/// Prints a finding on standard error.
pub(crate) fn print(finding: &Finding) {
    eprint!("{}", finding.render(Style::of_stderr()));
}

/// An error of evaluation, with the way to it if `trace` is wanted.
pub(crate) fn of_evaluation(error: &EvalError, sources: &Sources, trace: bool) -> Finding {
    let mut finding = Finding::failure(error.message.clone());
    let label = label_of(sources, error.span, "here");
    // A place in the embedded files tells a user nothing.
    finding
        .labels
        .extend(label.filter(|label| trace || is_the_users(label)));
    let mut help = Vec::new();
    if let [others @ .., last] = &error.suggestions[..] {
        help.push(if others.is_empty() {
            format!("did you mean {last}?")
        } else {
            format!("did you mean one of {} or {last}?", others.join(", "))
        });
    }
    help.extend(error.help.clone());
    help.extend(advice(error));
    if !help.is_empty() {
        finding.help = Some(help.join("\n"));
    }
    for frame in &error.trace {
        let always = frame.shown == Shown::Always;
        let label = label_of(sources, frame.span, "");
        // Without a trace one step must do, if the error itself is nowhere.
        let stands_in = finding.labels.is_empty()
            && finding.notes.is_empty()
            && label.as_ref().is_some_and(is_the_users);
        if trace || always || stands_in {
            finding = finding.with_note(frame.message.clone(), label);
        }
    }
    finding
}

/// What `lib.kernel` has for answers.
const ANSWERS: [&str; 6] = ["yes", "no", "module", "unset", "option", "freeform"];

/// What to do about an error of evaluation that says less than who meets it in a kernel's file needs.
fn advice(error: &EvalError) -> Option<String> {
    let undefined = error.message.strip_prefix("undefined variable '");
    let undefined = undefined.and_then(|rest| rest.strip_suffix('\''));
    match undefined {
        _ if error.kind == ErrorKind::InfiniteRecursion => Some(
            "something needs its own value to be evaluated (--show-trace shows the whole way). A \
             kernel's version must not depend on its patches where these depend on the version: \
             write the version once, in a `let', and use it for both"
                .to_owned(),
        ),
        Some(name) if ANSWERS.contains(&name) => Some(format!(
            "it is `lib.kernel.{name}': `with lib.kernel;' before the set brings it into scope"
        )),
        _ if error.message.starts_with("cannot coerce a set to a string") => {
            Some("a set is no text: name the attribute of it that is meant".to_owned())
        }
        _ => None,
    }
}

/// Why a kernel could not be resolved.
#[allow(clippy::needless_pass_by_value)] // For `map_err`.
pub(crate) fn of_resolution(error: kernel_resolve::Error) -> Box<Finding> {
    let finding = Finding::failure(error.to_string());
    Box::new(match error.help() {
        Some(help) => finding.with_help(help),
        None => finding,
    })
}

/// A conflict, with what would settle it.
pub(crate) fn of_conflict(conflict: &Conflict) -> Finding {
    let Conflict { name, part, .. } = conflict;
    let finding = Finding::error(
        "conflicting-definitions",
        format!(
            "The option `settings.{name}.{}' has conflicting definition values",
            part.name()
        ),
    )
    .with_help(
        "use `lib.mkForce value' or `lib.mkDefault value' to change the priority on any of these \
         definitions",
    );
    with_definitions(finding, &conflict.definitions)
}

/// What reading a kernel had to tell.
pub(crate) fn of_note(note: &Note) -> Finding {
    let mut finding = Finding::warning("kernel-file", note.text.clone());
    finding.help.clone_from(&note.help);
    let label = note
        .place
        .as_ref()
        .map(|place| label_of_place(place, "here"));
    finding.labels.extend(label);
    finding
}

/// The finding with each definition, its value and its place.
pub(crate) fn with_definitions<'a>(
    finding: Finding,
    definitions: impl IntoIterator<Item = &'a ItemDefinition>,
) -> Finding {
    definitions
        .into_iter()
        .fold(finding, |finding, definition| {
            let mut text = format!("{}: {}", definition.source, definition.shown);
            // A function of the library that made it is no place to change it at.
            let place = definition.place.as_ref();
            let place = place.filter(|place| is_the_users_file(&place.file_name()));
            let label = place.map(|place| {
                use std::fmt::Write;
                let file = shortened(&place.file_name());
                let _ = write!(text, ", at {file}:{}", place.line());
                label_of_place(place, definition.shown.clone())
            });
            finding.with_note(text, label)
        })
}

/// The place of a definition.
pub(crate) fn label_of_place(place: &Place, text: impl Into<String>) -> Label {
    let source = Source::new(place.file_name(), place.text().clone());
    let span = place.offset()..place.offset() + place.length();
    Label::primary(&source, span, text)
}

fn label_of(sources: &Sources, span: Span, text: &str) -> Option<Label> {
    let (file, start) = sources.locate(span.start)?;
    let end = match sources.locate(span.end) {
        Some((end_file, end)) if end_file.name() == file.name() => end.max(start),
        _ => start,
    };
    let source = Source::new(file.name(), file.text().clone());
    Some(Label::primary(&source, start..end, text))
}

/// Whether it is in a file that the user knows of.
pub(crate) fn is_the_users(label: &Label) -> bool {
    is_the_users_file(label.source.name())
}

fn is_the_users_file(name: &str) -> bool {
    !Path::new(name).starts_with(nix_modules::EMBEDDED_NIXPKGS)
}
