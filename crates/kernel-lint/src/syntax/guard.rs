//! What a text must be like to be given to rnix, whose parser recurses and whose tokenizer looks
//! far ahead.

use rnix::SyntaxKind;

/// Longer files are no Nix that people write.
const MAX_LENGTH: usize = 4 * 1024 * 1024;

/// How deeply brackets and operators may nest.
const MAX_NESTING: usize = 4_000;

/// The tokenizer looks over everything that could belong to a path, from every token on: longer
/// runs of it take too long.
const MAX_RUN: usize = 4096;

/// Stack for what is parsed and walked recursively at the deepest nesting, measured for
/// unoptimised code.
pub(crate) const STACK: usize = 64 * 1024 * 1024;

/// Why a text is not looked at, if it is not.
pub(crate) fn refusal(text: &str) -> Option<&'static str> {
    if text.len() > MAX_LENGTH {
        return Some("the file is larger than 4 MiB");
    }
    let is_path_byte = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'.' | b'+' | b'-')
    };
    let mut runs = text
        .as_bytes()
        .chunk_by(|a, b| is_path_byte(a) && is_path_byte(b));
    if runs.any(|run| run.len() > MAX_RUN) {
        return Some("the file has a word of more than 4096 characters");
    }
    is_too_deep(text).then_some("the file nests too deeply")
}

/// An open bracket.
struct Open {
    /// Whether what stands in it side by side nests: not in lists and strings.
    nests: bool,
    /// The operators, arguments and prefixes around it.
    chain: usize,
}

/// Counts open brackets, and what follows in a chain since the last place where one must have
/// ended: each link of it is a level of the tree.
fn is_too_deep(text: &str) -> bool {
    let mut open: Vec<Open> = Vec::new();
    let (mut chain, mut around) = (0, 0);
    for (kind, _) in rnix::tokenize(text) {
        match kind {
            SyntaxKind::TOKEN_L_BRACE
            | SyntaxKind::TOKEN_L_PAREN
            | SyntaxKind::TOKEN_INTERPOL_START
            | SyntaxKind::TOKEN_L_BRACK
            | SyntaxKind::TOKEN_STRING_START => {
                let nests = !matches!(
                    kind,
                    SyntaxKind::TOKEN_L_BRACK | SyntaxKind::TOKEN_STRING_START
                );
                open.push(Open { nests, chain });
                around += chain + 1;
                chain = 0;
            }
            SyntaxKind::TOKEN_R_BRACE
            | SyntaxKind::TOKEN_R_PAREN
            | SyntaxKind::TOKEN_INTERPOL_END
            | SyntaxKind::TOKEN_R_BRACK
            | SyntaxKind::TOKEN_STRING_END => {
                if let Some(closed) = open.pop() {
                    chain = closed.chain;
                    around -= closed.chain + 1;
                }
            }
            SyntaxKind::TOKEN_SEMICOLON | SyntaxKind::TOKEN_COMMA => chain = 0,
            SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT => {}
            _ if open.last().is_none_or(|open| open.nests) => chain += 1,
            _ => {}
        }
        if around + chain > MAX_NESTING {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_fine_and_deep_nesting_is_not() {
        assert_eq!(refusal(&format!("[ {} ]", "a ".repeat(100_000))), None);
        assert_eq!(refusal(&"{ a = 1; }\n".repeat(3)), None);
        assert!(refusal(&"(".repeat(5000)).is_some());
        assert!(refusal(&format!("1{}", " + 1".repeat(5000))).is_some());
        assert!(refusal(&"a".repeat(5000)).is_some());
    }
}
