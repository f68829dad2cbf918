//! How findings and errors are shown to people.

use std::fmt;
use std::path::Path;

use kernel_config::{Conflict, ItemDefinition, Note, Place};
use miette::{
    Diagnostic, GraphicalReportHandler, LabeledSpan, NamedSource, Severity, SourceCode, SourceSpan,
};
use nix_eval::{EvalError, Shown, Sources, Span};

/// Something to tell, with the places it is about.
#[derive(Debug)]
pub(crate) struct Message {
    severity: Severity,
    text: String,
    help: Option<String>,
    /// The place in the message's own source.
    at: Option<Location>,
    /// Further places, each with its own source.
    related: Vec<Message>,
}

#[derive(Debug)]
struct Location {
    source: NamedSource<String>,
    span: SourceSpan,
    label: String,
}

impl Message {
    /// A message of this severity.
    pub(crate) fn new(severity: Severity, text: impl Into<String>) -> Self {
        Self {
            severity,
            text: text.into(),
            help: None,
            at: None,
            related: Vec::new(),
        }
    }

    /// An error.
    pub(crate) fn error(text: impl Into<String>) -> Self {
        Self::new(Severity::Error, text)
    }

    /// The same with advice.
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with each definition, its value and its place.
    pub(crate) fn with_definitions(mut self, definitions: &[ItemDefinition]) -> Self {
        self.related
            .extend(definitions.iter().map(Self::of_definition));
        self
    }

    fn of_definition(definition: &ItemDefinition) -> Self {
        let mut text = format!("{}: {}", definition.source, definition.shown);
        if let Some(place) = &definition.place {
            use fmt::Write;
            let _ = write!(text, ", at {}:{}", place.file_name(), place.line());
        }
        let mut message = Self::new(Severity::Advice, text);
        message.at = definition
            .place
            .as_ref()
            .map(|place| Location::of(place, definition.shown.clone()));
        message
    }

    /// An error of evaluation, with the way to it if `trace` is wanted.
    pub(crate) fn of_evaluation(error: &EvalError, sources: &Sources, trace: bool) -> Self {
        let mut message = Self::error(error.message.clone());
        message.at = Location::of_span(sources, error.span, "here");
        let mut help = Vec::new();
        if let [others @ .., last] = &error.suggestions[..] {
            help.push(if others.is_empty() {
                format!("did you mean {last}?")
            } else {
                format!("did you mean one of {} or {last}?", others.join(", "))
            });
        }
        help.extend(error.help.clone());
        if !help.is_empty() {
            message.help = Some(help.join("\n"));
        }
        for frame in &error.trace {
            let always = frame.shown == Shown::Always;
            let located = Location::of_span(sources, frame.span, "");
            // Without a trace one step must do, if the error itself is nowhere.
            let stands_in = message.at.is_none()
                && message.related.is_empty()
                && located.as_ref().is_some_and(Location::is_the_users);
            if trace || always || stands_in {
                let mut step = Self::new(Severity::Advice, frame.message.clone());
                step.at = located;
                message.related.push(step);
            }
        }
        message
    }

    /// A conflict, with what would settle it.
    pub(crate) fn of_conflict(conflict: &Conflict) -> Self {
        let Conflict { name, part, .. } = conflict;
        Self::error(format!(
            "The option `settings.{name}.{}' has conflicting definition values",
            part.name()
        ))
        .with_definitions(&conflict.definitions)
        .with_help(
            "use `lib.mkForce value' or `lib.mkDefault value' to change the priority on any of \
             these definitions",
        )
    }

    /// What reading a kernel had to tell.
    pub(crate) fn of_note(note: &Note) -> Self {
        let mut message = Self::new(Severity::Warning, note.text.clone());
        message.help.clone_from(&note.help);
        message.at = note
            .place
            .as_ref()
            .map(|place| Location::of(place, "here".to_owned()));
        message
    }

    /// Prints the message on standard error.
    pub(crate) fn print(&self) {
        let mut rendered = String::new();
        let result = match miette_theme() {
            Some(handler) => handler.render_report(&mut rendered, self),
            None => miette::NarratableReportHandler::new().render_report(&mut rendered, self),
        };
        match result {
            Ok(()) => eprint!("{rendered}"),
            // What cannot be drawn can still be said.
            Err(fmt::Error) => eprintln!("{}", self.text),
        }
    }
}

/// The graphical handler with what standard error can show.
fn miette_theme() -> Option<GraphicalReportHandler> {
    use std::io::IsTerminal;
    if std::env::var_os("NIX_KCONFIG_PLAIN").is_some() {
        return None;
    }
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let theme = if colour {
        miette::GraphicalTheme::unicode()
    } else {
        miette::GraphicalTheme::unicode_nocolor()
    };
    Some(GraphicalReportHandler::new_themed(theme).with_links(false))
}

impl Location {
    fn of(place: &Place, label: String) -> Self {
        Self {
            source: NamedSource::new(place.file_name(), place.text().to_string()),
            span: (place.offset(), place.length()).into(),
            label,
        }
    }

    /// Whether it is in a file that the user knows of.
    fn is_the_users(&self) -> bool {
        !Path::new(self.source.name()).starts_with(nix_modules::EMBEDDED_NIXPKGS)
    }

    fn of_span(sources: &Sources, span: Span, label: &str) -> Option<Self> {
        let (file, start) = sources.locate(span.start)?;
        let length = match sources.locate(span.end) {
            Some((end_file, end)) if end_file.name() == file.name() => end.saturating_sub(start),
            _ => 0,
        };
        Some(Self {
            source: NamedSource::new(file.name(), file.text().to_string()),
            span: (start, length).into(),
            label: label.to_owned(),
        })
    }
}

impl From<kernel_resolve::Error> for Box<Message> {
    fn from(error: kernel_resolve::Error) -> Self {
        let message = Message::error(error.to_string());
        Box::new(match error.help() {
            Some(help) => message.with_help(help),
            None => message,
        })
    }
}

impl fmt::Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for Message {}

impl Diagnostic for Message {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.at.as_ref().map(|at| &at.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let at = self.at.as_ref()?;
        let label = (!at.label.is_empty()).then(|| at.label.clone());
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(
            label, at.span,
        ))))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        if self.related.is_empty() {
            return None;
        }
        Some(Box::new(
            self.related
                .iter()
                .map(|related| related as &dyn Diagnostic),
        ))
    }
}
