//! For people: [`miette`] draws the source lines.

use std::borrow::Cow;
use std::fmt::{self, Write};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource,
    NarratableReportHandler, SourceCode,
};

use crate::finding::{FAILURE, Finding, Label, Note, Severity};
use crate::fix::{Applicability, Fix};
use crate::location::Root;
use crate::style::Style;

/// Where lines are not to be broken.
const UNBROKEN: usize = 100_000;

/// A finding as a person reads it.
/// `cells` is how many there are.
pub(crate) fn render(finding: &Finding, style: Style, cells: usize) -> String {
    let mut out = String::new();
    for part in parts_of(finding, cells) {
        if draw(&mut out, &part, style).is_err() {
            // What cannot be drawn can still be said.
            let _ = writeln!(out, "{}: {}", part.severity.name(), part.text);
        }
    }
    out
}

fn draw(out: &mut String, part: &Part<'_>, style: Style) -> fmt::Result {
    let mut drawn = String::new();
    if style.plain {
        NarratableReportHandler::new().render_report(&mut drawn, part)?;
        out.push_str(drawn.trim_matches('\n'));
    } else {
        let theme = match (style.unicode, style.colour) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, true) => GraphicalTheme {
                styles: miette::ThemeStyles::ansi(),
                ..GraphicalTheme::ascii()
            },
            (false, false) => GraphicalTheme::none(),
        };
        GraphicalReportHandler::new_themed(theme)
            .with_links(false)
            .with_width(style.width.unwrap_or(UNBROKEN))
            .render_report(&mut drawn, part)?;
        out.push_str(drawn.trim_matches('\n'));
    }
    out.push('\n');
    Ok(())
}

/// What is drawn as a whole: the finding itself with the places in one text, or a note.
#[derive(Debug)]
struct Part<'a> {
    severity: Severity,
    text: Cow<'a, str>,
    help: Option<String>,
    source: Option<NamedSource<String>>,
    labels: Vec<&'a Label>,
}

fn parts_of(finding: &Finding, cells: usize) -> Vec<Part<'_>> {
    let mut text = if finding.code == FAILURE {
        clean(&finding.message)
    } else {
        Cow::Owned(format!("{} [{}]", clean(&finding.message), finding.code))
    };
    match finding.cells.len() {
        0 => {}
        all if all > 1 && all == cells => text.to_mut().push_str(&format!("\nin all {all}")),
        _ => text
            .to_mut()
            .push_str(&format!("\nin {}", clean(&finding.cells.join(", ")))),
    }
    let main = finding.place();
    let (here, elsewhere): (Vec<&Label>, Vec<&Label>) = finding
        .labels
        .iter()
        .partition(|label| main.is_some_and(|main| main.source == label.source));
    let advice = finding.help.iter().map(|help| clean(help).into_owned());
    let advice = advice.chain(finding.fix.iter().map(describe));
    let advice: Vec<String> = advice.collect();
    let mut parts = vec![Part {
        severity: finding.severity,
        text,
        help: (!advice.is_empty()).then(|| advice.join("\n")),
        source: main.map(named_source),
        labels: here,
    }];
    parts.extend(elsewhere.into_iter().map(|label| Part {
        severity: Severity::Note,
        text: clean(&label.text),
        help: None,
        source: Some(named_source(label)),
        labels: vec![label],
    }));
    parts.extend(finding.notes.iter().map(|Note { text, label }| Part {
        severity: Severity::Note,
        text: clean(text),
        help: None,
        source: label.as_ref().map(named_source),
        labels: label.iter().collect(),
    }));
    parts
}

fn describe(fix: &Fix) -> String {
    let title = clean(&fix.title);
    match fix.applicability {
        Applicability::Safe => format!("{title} (--fix does)"),
        Applicability::Unsafe => format!("{title} (--unsafe-fixes does)"),
        Applicability::DisplayOnly => title.into_owned(),
    }
}

fn named_source(label: &Label) -> NamedSource<String> {
    let name = Root::here().relative(label.source.name());
    let name = clean(&name).into_owned();
    NamedSource::new(name, clean(label.source.text()).into_owned())
}

/// The text without control characters, so that a stranger's file cannot steer a terminal. Places
/// in it stay where they are.
fn clean(text: &str) -> Cow<'_, str> {
    let is_harmful = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmful(character) {
            cleaned.extend(std::iter::repeat_n('?', character.len_utf8()));
        } else {
            cleaned.push(character);
        }
    }
    Cow::Owned(cleaned)
}

impl fmt::Display for Part<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl std::error::Error for Part<'_> {}

impl Diagnostic for Part<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Note => miette::Severity::Advice,
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let source = self.source.as_ref()?;
        Some(source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if self.labels.is_empty() {
            return None;
        }
        Some(Box::new(self.labels.iter().map(|label| {
            let text = (!label.text.is_empty()).then(|| clean(&label.text).into_owned());
            let length = label.span.end.saturating_sub(label.span.start);
            let span = (label.span.start, length);
            if label.primary {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            }
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced_and_places_stay() {
        assert_eq!(clean("a\x1b[31mb\u{9b}c\td"), "a?[31mb??c\td");
        assert!(matches!(clean("plain\n"), Cow::Borrowed(_)));
    }
}
