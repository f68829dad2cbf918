//! From bytes to tokens.

use std::fmt::Write;

/// A token. The text of a string or number is what [`Lexer::text`] holds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Token {
    True,
    False,
    Null,
    String,
    /// An integer that fits, whether it is written with a minus or not.
    Integer(i64),
    /// An integer that only fits an unsigned one.
    Unsigned(u64),
    Float(f64),
    ListBegin,
    ObjectBegin,
    ListEnd,
    ObjectEnd,
    Colon,
    Comma,
    End,
}

impl Token {
    /// As messages name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Token::True => "true literal",
            Token::False => "false literal",
            Token::Null => "null literal",
            Token::String => "string literal",
            Token::Integer(_) | Token::Unsigned(_) | Token::Float(_) => "number literal",
            Token::ListBegin => "'['",
            Token::ObjectBegin => "'{'",
            Token::ListEnd => "']'",
            Token::ObjectEnd => "'}'",
            Token::Colon => "':'",
            Token::Comma => "','",
            Token::End => "end of input",
        }
    }
}

/// What is wrong with a token.
pub(super) struct Malformed(pub(super) String);

impl From<&str> for Malformed {
    fn from(problem: &str) -> Self {
        Malformed(problem.to_owned())
    }
}

/// Splits a text into tokens.
pub(super) struct Lexer<'t> {
    input: &'t [u8],
    /// How many bytes were read; one more than there are after the end was seen.
    at: usize,
    line: usize,
    column: usize,
    /// Where what messages show as "last read" begins: at the last string or
    /// number.
    shown_from: usize,
    /// The text of the last string.
    text: Vec<u8>,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(input: &'t [u8]) -> Self {
        Self {
            input,
            at: 0,
            line: 0,
            column: 0,
            shown_from: 0,
            text: Vec::new(),
        }
    }

    /// The text of the last string.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Line and column of the last byte read, as messages give them.
    pub(super) fn position(&self) -> (usize, usize) {
        (self.line + 1, self.column)
    }

    /// The bytes read since the last string or number began.
    pub(super) fn last_read(&self) -> String {
        let read = &self.input[self.shown_from..self.at.min(self.input.len())];
        let mut shown = String::new();
        for character in String::from_utf8_lossy(read).chars() {
            if character < ' ' {
                // Writing to a string does not fail.
                let _ = write!(shown, "<U+{:04X}>", character as u32);
            } else {
                shown.push(character);
            }
        }
        shown
    }

    fn get(&mut self) -> Option<u8> {
        let byte = self.input.get(self.at).copied();
        self.at += 1;
        self.column += 1;
        if byte == Some(b'\n') {
            self.line += 1;
            self.column = 0;
        }
        byte
    }

    fn unget(&mut self) {
        self.at -= 1;
        if self.column == 0 {
            self.line = self.line.saturating_sub(1);
        } else {
            self.column -= 1;
        }
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Result<Token, Malformed> {
        if self.at == 0 {
            self.byte_order_mark()?;
        }
        let first = loop {
            match self.get() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => {}
                other => break other,
            }
        };
        Ok(match first {
            Some(b'[') => Token::ListBegin,
            Some(b']') => Token::ListEnd,
            Some(b'{') => Token::ObjectBegin,
            Some(b'}') => Token::ObjectEnd,
            Some(b':') => Token::Colon,
            Some(b',') => Token::Comma,
            Some(b't') => self.literal(b"rue", Token::True)?,
            Some(b'f') => self.literal(b"alse", Token::False)?,
            Some(b'n') => self.literal(b"ull", Token::Null)?,
            Some(b'"') => {
                self.shown_from = self.at - 1;
                self.string()?;
                Token::String
            }
            Some(first @ (b'-' | b'0'..=b'9')) => {
                self.shown_from = self.at - 1;
                self.number(first)?
            }
            // A byte of zero ends the text.
            None | Some(0) => Token::End,
            Some(_) => return Err("invalid literal".into()),
        })
    }

    /// A byte order mark may stand at the start.
    fn byte_order_mark(&mut self) -> Result<(), Malformed> {
        if self.get() != Some(0xef) {
            self.unget();
        } else if self.get() != Some(0xbb) || self.get() != Some(0xbf) {
            return Err("invalid BOM; must be 0xEF 0xBB 0xBF if given".into());
        }
        Ok(())
    }

    fn literal(&mut self, rest: &[u8], token: Token) -> Result<Token, Malformed> {
        for &wanted in rest {
            if self.get() != Some(wanted) {
                return Err("invalid literal".into());
            }
        }
        Ok(token)
    }

    fn string(&mut self) -> Result<(), Malformed> {
        self.text.clear();
        loop {
            // Most of a string needs no attention.
            let rest = self.input.get(self.at..).unwrap_or_default();
            let plain = rest
                .iter()
                .take_while(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
                .count();
            self.text.extend_from_slice(&rest[..plain]);
            self.at += plain;
            self.column += plain;

            match self.get() {
                None => return Err("invalid string: missing closing quote".into()),
                Some(b'"') => return Ok(()),
                Some(b'\\') => self.escape()?,
                Some(control @ 0..=0x1f) => return Err(unescaped_control(control)),
                Some(byte) => self.character(byte)?,
            }
        }
    }

    /// The rest of a character of which the first byte is read.
    fn character(&mut self, first: u8) -> Result<(), Malformed> {
        const ANY: (u8, u8) = (0x80, 0xbf);
        let following: &[(u8, u8)] = match first {
            0..=0x7f => &[],
            0xc2..=0xdf => &[ANY],
            0xe0 => &[(0xa0, 0xbf), ANY],
            0xed => &[(0x80, 0x9f), ANY],
            0xe1..=0xef => &[ANY, ANY],
            0xf0 => &[(0x90, 0xbf), ANY, ANY],
            0xf1..=0xf3 => &[ANY, ANY, ANY],
            0xf4 => &[(0x80, 0x8f), ANY, ANY],
            _ => return Err("invalid string: ill-formed UTF-8 byte".into()),
        };
        self.text.push(first);
        for &(low, high) in following {
            match self.get() {
                Some(byte) if (low..=high).contains(&byte) => self.text.push(byte),
                _ => return Err("invalid string: ill-formed UTF-8 byte".into()),
            }
        }
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Malformed> {
        let byte = match self.get() {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => return self.unicode_escape(),
            _ => return Err("invalid string: forbidden character after backslash".into()),
        };
        self.text.push(byte);
        Ok(())
    }

    fn unicode_escape(&mut self) -> Result<(), Malformed> {
        let first = self.code_unit()?;
        let code_point = match first {
            0xd800..=0xdbff => {
                const ALONE: &str = "invalid string: surrogate U+D800..U+DBFF must be followed \
                                     by U+DC00..U+DFFF";
                if self.get() != Some(b'\\') || self.get() != Some(b'u') {
                    return Err(ALONE.into());
                }
                match self.code_unit()? {
                    second @ 0xdc00..=0xdfff => {
                        0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
                    }
                    _ => return Err(ALONE.into()),
                }
            }
            0xdc00..=0xdfff => {
                return Err(
                    "invalid string: surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF".into(),
                );
            }
            other => other,
        };
        let character = char::from_u32(code_point).unwrap_or(char::REPLACEMENT_CHARACTER);
        let mut buffer = [0; 4];
        self.text
            .extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
        Ok(())
    }

    fn code_unit(&mut self) -> Result<u32, Malformed> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self
                .get()
                .and_then(|byte| char::from(byte).to_digit(16))
                .ok_or("invalid string: '\\u' must be followed by 4 hex digits")?;
            unit = unit << 4 | digit;
        }
        Ok(unit)
    }

    fn digits(&mut self) -> Option<u8> {
        loop {
            match self.get() {
                Some(b'0'..=b'9') => {}
                other => return other,
            }
        }
    }

    fn number(&mut self, first: u8) -> Result<Token, Malformed> {
        let start = self.at - 1;
        let mut is_integer = true;
        let leading = if first == b'-' {
            self.get()
        } else {
            Some(first)
        };
        let mut next = match leading {
            Some(b'0') => self.get(),
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err("invalid number; expected digit after '-'".into()),
        };
        if next == Some(b'.') {
            is_integer = false;
            if !matches!(self.get(), Some(b'0'..=b'9')) {
                return Err("invalid number; expected digit after '.'".into());
            }
            next = self.digits();
        }
        if matches!(next, Some(b'e' | b'E')) {
            is_integer = false;
            match self.get() {
                Some(b'+' | b'-') => {
                    if !matches!(self.get(), Some(b'0'..=b'9')) {
                        return Err("invalid number; expected digit after exponent sign".into());
                    }
                }
                Some(b'0'..=b'9') => {}
                _ => {
                    return Err("invalid number; expected '+', '-', or digit after exponent".into());
                }
            }
            self.digits();
        }
        self.unget();
        // Only ASCII was read.
        let text = std::str::from_utf8(&self.input[start..self.at]).unwrap_or_default();
        if is_integer {
            if let Ok(number) = text.parse() {
                return Ok(Token::Integer(number));
            }
            if let Ok(number) = text.parse() {
                return Ok(Token::Unsigned(number));
            }
        }
        Ok(Token::Float(text.parse().unwrap_or(f64::NAN)))
    }

    /// The text of the last number.
    pub(super) fn number_text(&self) -> String {
        self.last_read()
    }
}

fn unescaped_control(control: u8) -> Malformed {
    const NAMES: [&str; 32] = [
        "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR",
        "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB",
        "ESC", "FS", "GS", "RS", "US",
    ];
    let short = match control {
        0x08 => " or \\b",
        b'\t' => " or \\t",
        b'\n' => " or \\n",
        0x0c => " or \\f",
        b'\r' => " or \\r",
        _ => "",
    };
    let name = NAMES[usize::from(control)];
    Malformed(format!(
        "invalid string: control character U+{control:04X} ({name}) must be escaped to \
         \\u{control:04X}{short}"
    ))
}
