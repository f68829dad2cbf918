//! What TOML 1.1 added to TOML 1.0, which is all that Nix reads. The parser knows
//! both, so that what is new is looked for by itself.

/// The first thing in `text`, which is valid TOML 1.1, that TOML 1.0 does not
/// have: what it is, and its line.
pub(super) fn first_addition(text: &str) -> Option<(&'static str, usize)> {
    let mut scanner = Scanner {
        rest: text.as_bytes(),
        open: Vec::new(),
    };
    let problem = scanner.scan()?;
    let read = text.len() - scanner.rest.len();
    let line_breaks = memchr::memchr_iter(b'\n', &text.as_bytes()[..read]).count();
    Some((problem, line_breaks + 1))
}

struct Scanner<'t> {
    rest: &'t [u8],
    /// The brackets and braces around the current place.
    open: Vec<u8>,
}

impl Scanner<'_> {
    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    fn scan(&mut self) -> Option<&'static str> {
        let mut after_comma = false;
        while let Some(&byte) = self.rest.first() {
            match byte {
                b'\n' if self.open.last() == Some(&b'{') => {
                    return Some("a line break in an inline table");
                }
                b'}' if after_comma && self.open.last() == Some(&b'{') => {
                    return Some("a comma before the end of an inline table");
                }
                b'[' | b'{' => self.open.push(byte),
                b']' | b'}' => {
                    self.open.pop();
                }
                b'#' => {
                    let line = memchr::memchr(b'\n', self.rest).unwrap_or(self.rest.len());
                    self.skip(line);
                    continue;
                }
                b'"' | b'\'' => {
                    if let Some(problem) = self.string(byte) {
                        return Some(problem);
                    }
                    after_comma = false;
                    continue;
                }
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                after_comma = byte == b',';
            }
            self.skip(1);
        }
        None
    }

    fn string(&mut self, quote: u8) -> Option<&'static str> {
        let triple = [quote; 3];
        let is_long = self.rest.starts_with(&triple);
        self.skip(if is_long { 3 } else { 1 });
        while let Some(&byte) = self.rest.first() {
            if byte == b'\\' && quote == b'"' {
                if matches!(self.rest.get(1), Some(b'e' | b'x')) {
                    return Some("an escape that is `\\e` or `\\x`");
                }
                self.skip(2);
            } else if byte != quote {
                self.skip(1);
            } else if !is_long {
                self.skip(1);
                return None;
            } else if self.rest.starts_with(&triple) {
                // Up to two more quotes belong to the string.
                let quotes = self.rest.iter().take_while(|&&next| next == quote);
                let quotes = quotes.count();
                self.skip(quotes);
                return None;
            } else {
                self.skip(1);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::first_addition;

    #[test]
    fn toml_1_0_has_nothing_to_find() {
        for text in [
            "a = { b = \"\"\"\nx\"\"\", c = [1,\n2,] }",
            "a = [1, # {\n2]",
            "a = '\\e' # \\x }\nb = { }",
            "a = { b = \"}\", c = ',}' }",
            "a = \"\"\"\"x\"\"\"\"\"\nb = \"\\\"\"",
        ] {
            assert_eq!(first_addition(text), None, "{text}");
        }
    }

    #[test]
    fn what_toml_1_1_added_is_found_with_its_line() {
        let line = |text| first_addition(text).map(|(_, line)| line);
        assert_eq!(line("a = {\nb = 1 }"), Some(1));
        assert_eq!(line("x = 1\na = { b = 1, }"), Some(2));
        assert_eq!(line("a = \"\\e\""), Some(1));
        assert_eq!(line("a = 1\n\nb = \"\"\"\n\\x41\"\"\""), Some(4));
    }
}
