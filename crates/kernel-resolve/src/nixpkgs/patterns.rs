//! The regular expressions by which nixpkgs' driver reads what `conf` shows, by hand: they are
//! applied to every line, and there are tens of thousands.
//!
//! Each function names its expression; `tests` compares with an engine for them.

use memchr::{memmem, memrchr};

/// A question with the name of its option.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named<'l> {
    /// The prompt with the blanks before it.
    pub(super) question: &'l [u8],
    pub(super) name: &'l [u8],
    /// What stands in brackets: `N/m/y/?`, or a text.
    pub(super) alternatives: &'l [u8],
}

/// `(.*) \(([A-Za-z0-9_]+)\) \[(.*)\].*###$`, without the `###`.
pub(super) fn named_question(line: &[u8]) -> Option<Named<'_>> {
    let close = memrchr(b']', line)?;
    let mut end = close;
    loop {
        let open = memrchr(b'[', &line[..end])?;
        if let Some((question, name)) = line[..open].strip_suffix(b") ").and_then(ends_in_name)
            && let Some(question) = question.strip_suffix(b" ")
        {
            return Some(Named {
                question,
                name,
                alternatives: &line[open + 1..close],
            });
        }
        end = open;
    }
}

/// `choice\[(.*)\]: ###$`, without the `###`; gives what stands in brackets.
pub(super) fn choice(line: &[u8]) -> Option<&[u8]> {
    let line = line.strip_suffix(b"]: ")?;
    let start = memmem::find(line, b"choice[")?;
    line.get(start + b"choice[".len()..)
}

/// `(.*) \[(.*)\] ###$`, without the `###`.
pub(super) fn is_nameless_question(line: &[u8]) -> bool {
    line.strip_suffix(b"] ")
        .is_some_and(|line| memmem::find(line, b" [").is_some())
}

/// `^\s*>?\s*(\d+)\.\s+.*?\(([A-Za-z0-9_]+)\)(?:\s+\(NEW\))?\s*$`: the number and the name of a
/// choice's member.
pub(super) fn member(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = trim_start(line);
    let line = trim_start(line.strip_prefix(b">").unwrap_or(line));
    let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = line.split_at(digits);
    let [b'.', blank, rest @ ..] = rest else {
        return None;
    };
    if number.is_empty() || !is_space(*blank) {
        return None;
    }
    let rest = trim_end(rest);
    let marked = rest.strip_suffix(b"(NEW)").and_then(|before| {
        let trimmed = trim_end(before);
        (trimmed.len() < before.len()).then_some(trimmed)
    });
    let name = |text: &'_ [u8]| -> Option<usize> {
        let (before, name) = ends_in_name(text.strip_suffix(b")")?)?;
        Some(before.len() + 1 + name.len())
    };
    // The earlier of both is found first.
    let (text, end) = match marked.and_then(|text| Some((text, name(text)?))) {
        Some(found) => found,
        None => (rest, name(rest)?),
    };
    let (_, name) = ends_in_name(&text[..end])?;
    Some((number, name))
}

/// `\A(\w/)+m/(\w/)*\?\z`: tristate alternatives that offer `m`.
pub(super) fn offers_module(alternatives: &[u8]) -> bool {
    let Some(letters) = alternatives.strip_suffix(b"?") else {
        return false;
    };
    let (pairs, []) = letters.as_chunks::<2>() else {
        return false;
    };
    let are_letters = pairs
        .iter()
        .all(|&[letter, slash]| is_word(letter) && slash == b'/');
    are_letters && pairs.iter().skip(1).any(|pair| pair[0] == b'm')
}

/// A text that ends in `(NAME`: what is before, and the name.
fn ends_in_name(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = text.iter().rev().take_while(|&&byte| is_word(byte)).count();
    let (before, name) = text.split_at(text.len() - length);
    let before = before.strip_suffix(b"(")?;
    (!name.is_empty()).then_some((before, name))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

fn trim_start(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|&&byte| is_space(byte)).count();
    &text[blanks..]
}

fn trim_end(text: &[u8]) -> &[u8] {
    let blanks = text
        .iter()
        .rev()
        .take_while(|&&byte| is_space(byte))
        .count();
    &text[..text.len() - blanks]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex_automata::meta::Regex;
    use regex_automata::util::syntax;

    /// Texts made of the pieces that the expressions are about.
    fn lines() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            " ", "  ", "(", ")", "[", "]", "A_1", "NEW", "(NEW)", " (X) [", "choice[", "]: ", "1",
            ".", ">", "-", "m/", "y/", "?", "\t", "] ", " (B)", "/",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    fn captures(expression: &str, text: &str) -> Option<Vec<Vec<u8>>> {
        let bytes = syntax::Config::new().unicode(false).utf8(false);
        let regex = Regex::builder().syntax(bytes).build(expression).unwrap();
        let mut found = regex.create_captures();
        regex.captures(text, &mut found);
        let groups = found.is_match().then(|| found.iter().skip(1))?;
        let texts = groups.map(|group| group.map_or("", |span| &text[span.range()]));
        Some(texts.map(|text| text.as_bytes().to_vec()).collect())
    }

    proptest! {
        #[test]
        fn all_are_as_the_expressions_say(line in lines()) {
            let prompt = format!("{line}###");
            let bytes = line.as_bytes();
            prop_assert_eq!(
                named_question(bytes).map(|found| vec![
                    found.question.to_vec(), found.name.to_vec(), found.alternatives.to_vec()
                ]),
                captures(r"(.*) \(([A-Za-z0-9_]+)\) \[(.*)\].*###$", &prompt)
            );
            prop_assert_eq!(
                choice(bytes).map(|inside| vec![inside.to_vec()]),
                captures(r"choice\[(.*)\]: ###$", &prompt)
            );
            prop_assert_eq!(
                is_nameless_question(bytes),
                captures(r"(.*) \[(.*)\] ###$", &prompt).is_some()
            );
            let shown = format!("{line}\n");
            prop_assert_eq!(
                member(shown.as_bytes()).map(|(number, name)| vec![number.to_vec(), name.to_vec()]),
                captures(
                    r"^\s*>?\s*(\d+)\.\s+.*?\(([A-Za-z0-9_]+)\)(?:\s+\(NEW\))?\s*$",
                    &shown
                )
            );
            prop_assert_eq!(
                offers_module(bytes),
                captures(r"\A(\w/)+m/(\w/)*\?\z", &line).is_some()
            );
        }
    }

    #[test]
    fn members_are_known_by_number_and_name() {
        let found = |line: &str| {
            member(line.as_bytes()).map(|(number, name)| {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                (text(number), text(name))
            })
        };
        let pair = |number: &str, name: &str| Some((number.to_owned(), name.to_owned()));
        assert_eq!(
            found("  > 1. No (x) here (PREEMPT_NONE)\n"),
            pair("1", "PREEMPT_NONE")
        );
        assert_eq!(
            found("    2. Desktop (PREEMPT) (NEW)\n"),
            pair("2", "PREEMPT")
        );
        assert_eq!(found("    3. bare (NEW)\n"), pair("3", "NEW"));
        assert_eq!(found("  * 4. comment\n"), None);
        assert_eq!(found("choice[1]: 1\n"), None);
    }
}
