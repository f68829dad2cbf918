//! What a stream can show.

use std::io::{self, IsTerminal};

/// Narrower than this, lines are not broken any further.
const NARROWEST: usize = 40;

/// Wider than this, text is hard to read.
const WIDEST: usize = 120;

/// How findings are shown to people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Whether with colours.
    pub colour: bool,
    /// Whether lines may be drawn with more than ASCII.
    pub unicode: bool,
    /// After how many columns lines are broken, if they are.
    pub width: Option<usize>,
    /// Sentences instead of drawings, for screen readers.
    pub plain: bool,
}

impl Style {
    /// For what is not a terminal: lines as they are, no colours.
    pub const PIPED: Self = Self {
        colour: false,
        unicode: true,
        width: None,
        plain: false,
    };

    /// What standard output can show.
    pub fn of_stdout() -> Self {
        let stream = io::stdout();
        let unicode = supports_unicode::on(supports_unicode::Stream::Stdout);
        let width = terminal_size::terminal_size_of(&stream);
        let choice = anstream::AutoStream::choice(&stream);
        Self::of(stream.is_terminal(), unicode, width, choice)
    }

    /// What standard error can show.
    pub fn of_stderr() -> Self {
        let stream = io::stderr();
        let unicode = supports_unicode::on(supports_unicode::Stream::Stderr);
        let width = terminal_size::terminal_size_of(&stream);
        let choice = anstream::AutoStream::choice(&stream);
        Self::of(stream.is_terminal(), unicode, width, choice)
    }

    fn of(
        is_terminal: bool,
        unicode: bool,
        size: Option<(terminal_size::Width, terminal_size::Height)>,
        choice: anstream::ColorChoice,
    ) -> Self {
        let plain = std::env::var_os("NIX_KCONFIG_PLAIN").is_some_and(|value| !value.is_empty());
        let width = size.map(|(width, _)| usize::from(width.0).clamp(NARROWEST, WIDEST));
        Self {
            colour: !plain && choice != anstream::ColorChoice::Never,
            unicode: unicode || !is_terminal,
            width: if is_terminal { width } else { None },
            plain,
        }
    }
}
