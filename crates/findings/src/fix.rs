//! Changes to texts that mend what was found.

use std::ops::Range;

use crate::source::Source;

/// How far a fix can be trusted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Applicability {
    /// What is meant is what is written then; nothing else changes.
    Safe,
    /// What is evaluated may change, or something a person wrote is lost.
    Unsafe,
    /// To be read, not to be applied: something is left to fill in.
    DisplayOnly,
}

impl Applicability {
    /// In lower case, for messages and machines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::DisplayOnly => "display-only",
        }
    }
}

/// One change of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// The text.
    pub source: Source,
    /// Which bytes are replaced.
    pub range: Range<usize>,
    /// By what.
    pub replacement: String,
}

/// What mends a finding. All of its edits belong together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What is done, as an order: "write yes".
    pub title: String,
    /// How far it can be trusted.
    pub applicability: Applicability,
    /// The changes.
    pub edits: Vec<Edit>,
}

/// Edits of one text touch each other, or lie outside of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("edits touch each other or lie outside of the text")]
pub struct Overlap;

impl Edit {
    /// Applies edits to the text that they are all of.
    ///
    /// # Errors
    ///
    /// Two of them touch each other, so that the result would depend on their order, or one
    /// does not fit the text.
    pub fn apply(text: &str, edits: &[&Edit]) -> Result<String, Overlap> {
        let mut ordered = edits.to_vec();
        ordered.sort_by_key(|edit| (edit.range.start, edit.range.end));
        let mut result = String::with_capacity(text.len());
        let mut done = 0;
        for (index, edit) in ordered.iter().enumerate() {
            let touches = index > 0 && edit.range.start <= done;
            let kept = text.get(done..edit.range.start).ok_or(Overlap)?;
            if touches || text.get(edit.range.clone()).is_none() {
                return Err(Overlap);
            }
            result.push_str(kept);
            result.push_str(&edit.replacement);
            done = edit.range.end;
        }
        result.push_str(text.get(done..).ok_or(Overlap)?);
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(range: Range<usize>, replacement: &str) -> Edit {
        Edit {
            source: Source::new("file", "abcdef"),
            range,
            replacement: replacement.to_owned(),
        }
    }

    #[test]
    fn edits_apply_in_the_order_of_the_text() {
        let (late, early) = (edit(4..5, "E"), edit(0..2, ""));
        assert_eq!(Edit::apply("abcdef", &[&late, &early]), Ok("cdEf".into()));
        assert_eq!(Edit::apply("abcdef", &[]), Ok("abcdef".into()));
    }

    #[test]
    fn edits_that_touch_or_do_not_fit_are_refused() {
        let (first, second) = (edit(0..2, "x"), edit(2..3, "y"));
        assert_eq!(Edit::apply("abcdef", &[&first, &second]), Err(Overlap));
        assert_eq!(Edit::apply("abcdef", &[&edit(5..9, "")]), Err(Overlap));
        assert_eq!(Edit::apply("ä", &[&edit(1..2, "")]), Err(Overlap));
        let same = edit(1..1, "x");
        assert_eq!(Edit::apply("abcdef", &[&same, &same]), Err(Overlap));
    }
}
