//! The three values of a tristate, ordered `n` < `m` < `y`.

use std::fmt;

/// A tristate value. The order is the language's own: `n` < `m` < `y`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Tristate {
    /// `n`
    #[default]
    No = 0,
    /// `m`
    Mod = 1,
    /// `y`
    Yes = 2,
}

impl Tristate {
    /// `!value`: `n` and `y` change places, `m` stays.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Mod => Self::Mod,
            Self::Yes => Self::No,
        }
    }

    /// The letter that stands for the value in `.config`.
    pub fn letter(self) -> &'static str {
        match self {
            Self::No => "n",
            Self::Mod => "m",
            Self::Yes => "y",
        }
    }

    /// The value named by the first character of an answer; case does not matter.
    pub fn from_answer(first: u8) -> Option<Self> {
        match first {
            b'y' | b'Y' => Some(Self::Yes),
            b'm' | b'M' => Some(Self::Mod),
            b'n' | b'N' => Some(Self::No),
            _ => None,
        }
    }

    pub(crate) fn from_bool(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

impl fmt::Display for Tristate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letter())
    }
}
