//! What a log line looks like on a terminal, and where there is none.

use std::borrow::Cow;
use std::io::IsTerminal;

use unicode_width::UnicodeWidthChar;

/// Columns from one tab stop to the next.
const TAB: usize = 8;

/// A text for standard error as Nix logs it: messages may come with colours, which
/// only a terminal gets, and neither gets what would move its cursor.
pub(crate) fn for_standard_error(text: &str) -> Cow<'_, str> {
    if text.contains(['\u{1b}', '\t', '\r', '\u{7}']) {
        Cow::Owned(filtered(text, std::io::stderr().is_terminal()))
    } else {
        Cow::Borrowed(text)
    }
}

/// Tabs become blanks, carriage returns and bells go, and so do escape sequences:
/// all but colours, or `colours` too. As in Nix (`filterANSIEscapes`), columns are counted
/// over all lines.
fn filtered(text: &str, colours: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\u{1b}' => {
                let mut sequence = String::from(char);
                let mut last = None;
                if let Some('[') = chars.peek() {
                    sequence.extend(chars.next());
                    sequence.extend(std::iter::from_fn(|| {
                        chars.next_if(|next| ('\u{30}'..='\u{3f}').contains(next))
                    }));
                    sequence.extend(std::iter::from_fn(|| {
                        chars.next_if(|next| ('\u{20}'..='\u{2f}').contains(next))
                    }));
                    last = chars.next_if(|next| ('\u{40}'..='\u{7e}').contains(next));
                    sequence.extend(last);
                } else if let Some(']') = chars.peek() {
                    skip_command(&mut chars);
                } else {
                    chars.next_if(|next| ('\u{40}'..='\u{5f}').contains(next));
                }
                if colours && last == Some('m') {
                    out.push_str(&sequence);
                }
            }
            '\t' => {
                let blanks = TAB - column % TAB;
                out.extend(std::iter::repeat_n(' ', blanks));
                column += blanks;
            }
            '\r' | '\u{7}' => {}
            _ => {
                out.push(char);
                column += char.width().unwrap_or(0);
            }
        }
    }
    out
}

/// Skips the rest of a command to the terminal, such as a link: up to a bell, or an escape
/// with a backslash.
fn skip_command(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let end = chars.find(|char| matches!(char, '\u{1b}' | '\u{7}'));
    if end == Some('\u{1b}') {
        chars.next_if_eq(&'\\');
    }
}

#[cfg(test)]
mod tests {
    use super::filtered;

    /// `"red     stop" a` is as wide as 13 columns, which the next tab makes 16.
    #[test]
    fn only_colours_reach_a_terminal_and_nothing_a_file() {
        let text = "\u{1b}[1;31mred\u{1b}[0m\u{1b}[2K\tstop\r\u{7}\na\tb";
        assert_eq!(filtered(text, false), "red     stop\na   b");
        assert_eq!(
            filtered(text, true),
            "\u{1b}[1;31mred\u{1b}[0m     stop\na   b"
        );
        assert_eq!(filtered("\u{1b}]8;;x\u{1b}\\link", false), "link");
    }
}
