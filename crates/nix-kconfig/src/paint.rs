//! Text for people: colour and lines where the terminal shows them, plain where it does not.

use std::path::Path;

use anstyle::{AnsiColor, Style};

/// How text is drawn.
#[derive(Clone, Copy)]
pub(crate) struct Paint {
    shown: findings::Style,
}

/// The width of text that is not for a terminal.
const WIDTH: usize = 100;

impl Paint {
    /// What an output can show.
    pub(crate) fn of_output(output: &Path) -> Self {
        let shown = if output == Path::new("-") {
            findings::Style::of_stdout()
        } else {
            findings::Style::PIPED
        };
        Self { shown }
    }

    fn styled(self, style: Style, text: &str) -> String {
        if self.shown.colour && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    /// What matters.
    pub(crate) fn strong(self, text: &str) -> String {
        self.styled(Style::new().bold(), text)
    }

    /// What is there for those who look.
    pub(crate) fn faint(self, text: &str) -> String {
        self.styled(Style::new().dimmed(), text)
    }

    /// After how many columns lines are broken, if they are.
    pub(crate) fn width(self) -> Option<usize> {
        self.shown.width
    }

    /// What is as it should be.
    pub(crate) fn good(self, text: &str) -> String {
        self.styled(Style::new().fg_color(Some(AnsiColor::Green.into())), text)
    }

    /// What is not.
    pub(crate) fn bad(self, text: &str) -> String {
        self.styled(Style::new().fg_color(Some(AnsiColor::Red.into())), text)
    }

    /// A value in brackets.
    pub(crate) fn value(self, value: &str) -> String {
        let colour = match value {
            "y" => AnsiColor::Green,
            "m" => AnsiColor::Cyan,
            _ => AnsiColor::Red,
        };
        self.styled(
            Style::new().fg_color(Some(colour.into())),
            &format!("[{value}]"),
        )
    }

    /// What stands before a part of something, and before that part's own parts.
    pub(crate) fn branch(self, is_last: bool) -> (&'static str, &'static str) {
        match (self.shown.plain, self.shown.unicode, is_last) {
            (true, ..) => ("  ", "  "),
            (false, true, true) => ("└─ ", "   "),
            (false, true, false) => ("├─ ", "│  "),
            (false, false, true) => ("`- ", "   "),
            (false, false, false) => ("|- ", "|  "),
        }
    }

    /// A line of a list in lines that fit a terminal; elsewhere it stays one. All but the first are
    /// indented by `indent` and two more.
    pub(crate) fn fitted(self, line: &str, indent: usize) -> String {
        match self.shown.width {
            Some(_) => self.wrapped(line, indent),
            None => line.to_owned(),
        }
    }

    /// A sentence in lines that fit, all but the first indented by `indent` and two more.
    pub(crate) fn wrapped(self, text: &str, indent: usize) -> String {
        let further = " ".repeat(indent + 2);
        let options = textwrap::Options::new(self.shown.width.unwrap_or(WIDTH))
            .initial_indent(&further[..indent])
            .subsequent_indent(&further)
            .break_words(false)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        let lines = textwrap::fill(text, options);
        lines[indent.min(lines.len())..].to_owned()
    }
}

/// A file's name from where the user is, if it is below.
pub(crate) fn shortened(name: &str) -> String {
    let here = std::env::current_dir().ok();
    here.as_deref()
        .and_then(|here| Path::new(name).strip_prefix(here).ok())
        .map_or_else(|| name.to_owned(), |below| below.display().to_string())
}
