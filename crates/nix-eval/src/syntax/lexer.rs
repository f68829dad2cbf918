//! From bytes to tokens, as Nix's lexer cuts them: of all that could start
//! here, the longest.

use super::token::{Token, TokenKind};

/// What the text is read as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Ordinary text, outside of all braces.
    Outermost,
    /// Ordinary text in braces.
    Braces,
    /// `"…"`
    String,
    /// `''…''`
    Indented,
    /// Behind a path.
    Path,
    /// Behind a path that ended in a slash.
    PathSlash,
    /// The start of a path that an interpolation follows.
    PathStart,
}

/// What is wrong with a token that has the right form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LexerProblem {
    TrailingSlash,
    /// A pipe operator, where these are not enabled.
    Pipe,
}

/// Classes of bytes, as bits.
mod class {
    pub(super) const IDENTIFIER: u8 = 1;
    pub(super) const PATH: u8 = 2;
    pub(super) const SCHEME: u8 = 4;
    pub(super) const URL: u8 = 8;
    pub(super) const DIGIT: u8 = 16;
    pub(super) const SPACE: u8 = 32;
    /// What can start an identifier, but no URL.
    pub(super) const IDENTIFIER_START: u8 = 64;
    pub(super) const LETTER: u8 = 128;
}

const CLASSES: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let c = byte as u8;
        let mut classes = 0;
        if c.is_ascii_alphabetic() {
            classes |= class::LETTER | class::IDENTIFIER_START;
        }
        if c == b'_' {
            classes |= class::IDENTIFIER_START;
        }
        if c.is_ascii_alphanumeric() {
            classes |= class::IDENTIFIER | class::PATH | class::SCHEME | class::URL;
        }
        if c.is_ascii_digit() {
            classes |= class::DIGIT;
        }
        if matches!(c, b'_' | b'\'' | b'-') {
            classes |= class::IDENTIFIER;
        }
        if matches!(c, b'.' | b'_' | b'-' | b'+') {
            classes |= class::PATH;
        }
        if matches!(c, b'+' | b'-' | b'.') {
            classes |= class::SCHEME;
        }
        if matches!(
            c,
            b'%' | b'/'
                | b'?'
                | b':'
                | b'@'
                | b'&'
                | b'='
                | b'+'
                | b'$'
                | b','
                | b'-'
                | b'_'
                | b'.'
                | b'!'
                | b'~'
                | b'*'
                | b'\''
        ) {
            classes |= class::URL;
        }
        if matches!(c, b' ' | b'\t' | b'\r' | b'\n') {
            classes |= class::SPACE;
        }
        table[byte] = classes;
        byte += 1;
    }
    table
};

#[inline]
fn is(byte: u8, classes: u8) -> bool {
    CLASSES[byte as usize] & classes != 0
}

/// Where Nix says a token is. The same as where it stands, but for what has no
/// text: the end of a path, and of the file behind one.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Location {
    pub(crate) begin: u32,
    pub(crate) end: u32,
}

/// Reads a text token by token.
#[derive(Clone)]
pub(crate) struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    modes: Vec<Mode>,
    mode: Mode,
    location: Location,
    stashed: Location,
    /// Up to where bytes of paths go on from here, once looked at: in a chain of
    /// selections every name would look over all others.
    path_run_end: usize,
    /// The same for bytes of URL schemes.
    scheme_run_end: usize,
}

impl<'t> Lexer<'t> {
    pub(crate) fn new(text: &'t [u8]) -> Self {
        Self {
            text,
            at: 0,
            modes: Vec::new(),
            mode: Mode::Outermost,
            location: Location::default(),
            stashed: Location::default(),
            path_run_end: 0,
            scheme_run_end: 0,
        }
    }

    /// Where the token that was read last ends.
    pub(crate) fn end(&self) -> usize {
        self.at
    }

    /// Where Nix says the token that was read last is.
    pub(crate) fn location(&self) -> Location {
        self.location
    }

    #[inline]
    fn byte(&self, at: usize) -> u8 {
        // NUL outside of strings ends the text anyway.
        self.text.get(at).copied().unwrap_or(0)
    }

    #[inline]
    fn run(&self, mut at: usize, classes: u8) -> usize {
        while at < self.text.len() && is(self.text[at], classes) {
            at += 1;
        }
        at
    }

    fn push(&mut self, mode: Mode) {
        self.modes.push(self.mode);
        self.mode = mode;
    }

    fn pop(&mut self) {
        self.mode = self.modes.pop().unwrap_or(Mode::Outermost);
    }

    /// Moves over what was recognised.
    #[inline]
    fn advance(&mut self, end: usize) {
        self.stashed = self.location;
        self.location = Location {
            begin: self.location.end,
            end: self.location.end + (end - self.at) as u32,
        };
        self.at = end;
    }

    #[inline]
    fn token(&mut self, kind: TokenKind, end: usize) -> Token {
        let start = self.at as u32;
        self.advance(end);
        Token { kind, start }
    }

    /// The next token. Behind the end of the text there are only ends of file.
    ///
    /// # Errors
    ///
    /// What has the form of a token, but cannot be one.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Token, LexerProblem> {
        match self.mode {
            Mode::Outermost | Mode::Braces => Ok(self.ordinary()),
            Mode::String => Ok(self.string()),
            Mode::Indented => Ok(self.indented()),
            Mode::Path | Mode::PathSlash => self.in_path(),
            Mode::PathStart => {
                self.pop();
                self.push(Mode::PathSlash);
                let kind = if self.byte(self.at) == b'~' {
                    TokenKind::HomePath
                } else {
                    TokenKind::Path
                };
                let end = self.at
                    + 1
                    + self.text[self.at..]
                        .iter()
                        .take_while(|b| **b != b'/')
                        .count();
                Ok(self.token(kind, end))
            }
        }
    }

    fn end_of_file(&self) -> Token {
        Token {
            kind: TokenKind::EndOfFile,
            start: self.at as u32,
        }
    }

    fn skip_trivia(&mut self) {
        loop {
            let end = match self.byte(self.at) {
                b' ' | b'\t' | b'\r' | b'\n' => self.run(self.at, class::SPACE),
                b'#' => {
                    let rest = &self.text[self.at..];
                    self.at + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())
                }
                b'/' if self.byte(self.at + 1) == b'*' => {
                    let body = &self.text[self.at + 2..];
                    match memchr::memmem::find(body, b"*/") {
                        Some(length) => self.at + 2 + length + 2,
                        None => return,
                    }
                }
                _ => return,
            };
            self.advance(end);
        }
    }

    fn ordinary(&mut self) -> Token {
        use TokenKind as Kind;
        self.skip_trivia();
        let at = self.at;
        if at >= self.text.len() {
            return self.end_of_file();
        }
        let byte = self.text[at];
        if is(byte, class::IDENTIFIER_START) {
            return self.word();
        }
        let next = self.byte(at + 1);
        let (kind, length) = match (byte, next) {
            (b'0'..=b'9', _) => return self.number(),
            (b'.' | b'-' | b'+' | b'/', _) => {
                if let Some(token) = self.path() {
                    return token;
                }
                match (byte, next) {
                    (b'.', b'.') if self.byte(at + 2) == b'.' => (Kind::Ellipsis, 3),
                    (b'.', b'0'..=b'9') => return self.number(),
                    (b'.', _) => (Kind::Dot, 1),
                    (b'-', b'>') => (Kind::Implies, 2),
                    (b'-', _) => (Kind::Minus, 1),
                    (b'+', b'+') => (Kind::Concat, 2),
                    (b'+', _) => (Kind::Plus, 1),
                    (_, b'/') => (Kind::Update, 2),
                    _ => (Kind::Divide, 1),
                }
            }
            (b'~', b'/') => return self.home_path(),
            (b'<', _) => {
                if let Some(end) = self.lookup_path_end() {
                    (Kind::LookupPath, end - at)
                } else {
                    match next {
                        b'=' => (Kind::LessOrEqual, 2),
                        b'|' => (Kind::PipeFrom, 2),
                        _ => (Kind::Less, 1),
                    }
                }
            }
            (b'"', _) => {
                self.push(Mode::String);
                (Kind::Quote, 1)
            }
            (b'\'', b'\'') => {
                self.push(Mode::Indented);
                let spaces = self.text[at + 2..]
                    .iter()
                    .take_while(|b| **b == b' ')
                    .count();
                if self.byte(at + 2 + spaces) == b'\n' {
                    (Kind::IndentedStart, 2 + spaces + 1)
                } else {
                    (Kind::IndentedStart, 2)
                }
            }
            (b'$', b'{') => {
                self.push(Mode::Braces);
                (Kind::InterpolationStart, 2)
            }
            (b'{', _) => {
                self.push(Mode::Braces);
                (Kind::BraceOpen, 1)
            }
            (b'}', _) => {
                if self.mode != Mode::Outermost {
                    self.pop();
                }
                (Kind::BraceClose, 1)
            }
            (b'=', b'=') => (Kind::Equal, 2),
            (b'=', _) => (Kind::Assign, 1),
            (b'!', b'=') => (Kind::NotEqual, 2),
            (b'!', _) => (Kind::Not, 1),
            (b'>', b'=') => (Kind::GreaterOrEqual, 2),
            (b'>', _) => (Kind::Greater, 1),
            (b'&', b'&') => (Kind::And, 2),
            (b'|', b'|') => (Kind::Or, 2),
            (b'|', b'>') => (Kind::PipeInto, 2),
            (b'*', _) => (Kind::Times, 1),
            (b'?', _) => (Kind::Question, 1),
            (b':', _) => (Kind::Colon, 1),
            (b'@', _) => (Kind::At, 1),
            (b';', _) => (Kind::Semicolon, 1),
            (b'(', _) => (Kind::ParenOpen, 1),
            (b')', _) => (Kind::ParenClose, 1),
            (b'[', _) => (Kind::BracketOpen, 1),
            (b']', _) => (Kind::BracketClose, 1),
            (b',', _) => (Kind::Comma, 1),
            (0, _) => {
                // Nix takes NUL for the end of the text.
                let token = self.token(Kind::EndOfFile, at + 1);
                self.at = self.text.len();
                return token;
            }
            _ => (Kind::Invalid, 1),
        };
        self.token(kind, at + length)
    }

    /// An identifier or keyword, unless it turns out to be a path or a URL.
    fn word(&mut self) -> Token {
        let at = self.at;
        let end = self.run(at + 1, class::IDENTIFIER);
        match self.byte(end) {
            b'/' | b'.' | b'+' => {
                if let Some(token) = self.path_or_url(end) {
                    return token;
                }
            }
            b':' => {
                if let Some(token) = self.url(end) {
                    return token;
                }
            }
            _ => {}
        }
        self.token(keyword(&self.text[at..end]), end)
    }

    /// A path or URL that is longer than the word that ends at `end`.
    fn path_or_url(&mut self, end: usize) -> Option<Token> {
        let url_end = self.url_end().filter(|url_end| *url_end > end);
        match (self.path_end(), url_end) {
            (Some(PathForm::Whole(path_end)), Some(url_end)) if url_end > path_end => {
                Some(self.token(TokenKind::Url, url_end))
            }
            (None, Some(url_end)) => Some(self.token(TokenKind::Url, url_end)),
            (Some(_), _) => self.path(),
            (None, None) => None,
        }
    }

    fn url(&mut self, end: usize) -> Option<Token> {
        let url_end = self.url_end().filter(|url_end| *url_end > end)?;
        Some(self.token(TokenKind::Url, url_end))
    }

    fn url_end(&mut self) -> Option<usize> {
        if !is(self.text[self.at], class::LETTER) {
            return None;
        }
        if self.scheme_run_end <= self.at {
            self.scheme_run_end = self.run(self.at, class::SCHEME);
        }
        let colon = self.scheme_run_end;
        if self.byte(colon) != b':' {
            return None;
        }
        let end = self.run(colon + 1, class::URL);
        (end > colon + 1).then_some(end)
    }

    /// The path that starts here, if one does.
    fn path_end(&mut self) -> Option<PathForm> {
        if self.path_run_end <= self.at {
            self.path_run_end = self.run(self.at, class::PATH);
        }
        let mut at = self.path_run_end;
        if self.byte(at) != b'/' {
            return None;
        }
        if self.text[at + 1..].starts_with(b"${") {
            return Some(PathForm::Start);
        }
        let mut end = None;
        while self.byte(at) == b'/' {
            let segment_end = self.run(at + 1, class::PATH);
            if segment_end == at + 1 {
                // A slash at the end belongs to the path.
                return end.map(|_| PathForm::Whole(at + 1));
            }
            end = Some(segment_end);
            at = segment_end;
        }
        end.map(PathForm::Whole)
    }

    fn path(&mut self) -> Option<Token> {
        match self.path_end()? {
            PathForm::Start => {
                self.push(Mode::PathStart);
                self.next().ok()
            }
            PathForm::Whole(end) => Some(self.whole_path(TokenKind::Path, end)),
        }
    }

    fn whole_path(&mut self, kind: TokenKind, end: usize) -> Token {
        self.push(if self.text[end - 1] == b'/' {
            Mode::PathSlash
        } else {
            Mode::Path
        });
        self.token(kind, end)
    }

    fn home_path(&mut self) -> Token {
        if self.text[self.at + 2..].starts_with(b"${") {
            self.push(Mode::PathSlash);
            return self.token(TokenKind::HomePath, self.at + 2);
        }
        let mut at = self.at + 1;
        while self.byte(at) == b'/' {
            let segment_end = self.run(at + 1, class::PATH);
            if segment_end == at + 1 {
                break;
            }
            at = segment_end;
        }
        if at == self.at + 1 {
            return self.token(TokenKind::Invalid, self.at + 1);
        }
        if self.byte(at) == b'/' {
            at += 1;
        }
        self.whole_path(TokenKind::HomePath, at)
    }

    fn lookup_path_end(&self) -> Option<usize> {
        let mut at = self.at;
        loop {
            let segment_end = self.run(at + 1, class::PATH);
            if segment_end == at + 1 {
                return None;
            }
            match self.byte(segment_end) {
                b'>' => return Some(segment_end + 1),
                b'/' => at = segment_end,
                _ => return None,
            }
        }
    }

    fn number(&mut self) -> Token {
        let at = self.at;
        let digits = self.run(at, class::DIGIT);
        let float_end = self.float_end(digits);
        let end = float_end.unwrap_or(digits);
        // A path is longer than a number that it starts with.
        if (is(self.byte(digits), class::PATH) || self.byte(digits) == b'/')
            && let Some(token) = self.path()
        {
            return token;
        }
        let kind = match float_end {
            Some(_) => TokenKind::Float,
            None => TokenKind::Integer,
        };
        self.token(kind, end)
    }

    /// Nix's `(([1-9][0-9]*\.[0-9]*)|(0?\.[0-9]+))([Ee][+-]?[0-9]+)?`
    fn float_end(&self, digits: usize) -> Option<usize> {
        if self.byte(digits) != b'.' {
            return None;
        }
        let whole = &self.text[self.at..digits];
        let fraction = self.run(digits + 1, class::DIGIT);
        match whole {
            [b'1'..=b'9', ..] => {}
            [] | [b'0'] if fraction > digits + 1 => {}
            _ => return None,
        }
        if matches!(self.byte(fraction), b'e' | b'E') {
            let sign = usize::from(matches!(self.byte(fraction + 1), b'+' | b'-'));
            let exponent = fraction + 1 + sign;
            let end = self.run(exponent, class::DIGIT);
            if end > exponent {
                return Some(end);
            }
        }
        Some(fraction)
    }

    /// In a `"…"` string. A dollar stands for itself unless a brace follows.
    fn string(&mut self) -> Token {
        let text = self.text;
        let mut at = self.at;
        loop {
            let rest = &text[at..];
            at += memchr::memchr3(b'$', b'"', b'\\', rest).unwrap_or(rest.len());
            at += match (text.get(at), text.get(at + 1)) {
                (Some(b'$'), Some(b'"')) => {
                    at += 1;
                    break;
                }
                (Some(b'$'), Some(b'\\')) if at + 2 < text.len() => 3,
                (Some(b'$'), Some(b'\\' | b'{') | None) => break,
                (Some(b'$'), Some(_)) => 2,
                (Some(b'\\'), Some(_)) => 2,
                _ => break,
            };
        }
        if at > self.at {
            return self.token(TokenKind::Text, at);
        }
        match text.get(at) {
            None => self.end_of_file(),
            Some(b'"') => {
                self.pop();
                self.token(TokenKind::Quote, at + 1)
            }
            Some(b'$') if text.get(at + 1) == Some(&b'{') => {
                self.push(Mode::Braces);
                self.token(TokenKind::InterpolationStart, at + 2)
            }
            // An escape that the end of the text cuts off.
            Some(_) => self.token(TokenKind::EndOfFile, text.len()),
        }
    }

    /// In a `''…''` string.
    fn indented(&mut self) -> Token {
        let text = self.text;
        let at = self.at;
        if at >= text.len() {
            return self.end_of_file();
        }
        let end = plain_indented_end(text, at);
        if end > at {
            return self.token(TokenKind::IndentedText, end);
        }
        let rest = &text[at..];
        let length = match rest {
            [b'\'', b'\'', b'$' | b'\'', ..] => 3,
            [b'\'', b'\'', b'\\', _, ..] => 4,
            [b'\'', b'\'', ..] => {
                self.pop();
                return self.token(TokenKind::IndentedEnd, at + 2);
            }
            [b'$', b'{', ..] => {
                self.push(Mode::Braces);
                return self.token(TokenKind::InterpolationStart, at + 2);
            }
            _ => 1,
        };
        self.token(TokenKind::IndentedText, at + length)
    }

    /// Behind a path, or behind an interpolation in one.
    fn in_path(&mut self) -> Result<Token, LexerProblem> {
        let at = self.at;
        if self.text[at..].starts_with(b"${") {
            self.mode = Mode::Path;
            self.push(Mode::Braces);
            return Ok(self.token(TokenKind::InterpolationStart, at + 2));
        }
        let run = self.run(at, class::PATH);
        let mut end = run;
        let mut slash = run;
        while self.byte(slash) == b'/' {
            let segment_end = self.run(slash + 1, class::PATH);
            // A slash at the end belongs to the path.
            if segment_end == slash + 1 {
                end = slash + 1;
                break;
            }
            end = segment_end;
            slash = segment_end;
        }
        if end > at {
            self.mode = if self.text[end - 1] == b'/' {
                Mode::PathSlash
            } else {
                Mode::Path
            };
            return Ok(self.token(TokenKind::Text, end));
        }
        if at < self.text.len() {
            // The byte is looked at and given back.
            self.advance(at + 1);
            self.at = at;
        }
        if self.mode == Mode::PathSlash {
            return Err(LexerProblem::TrailingSlash);
        }
        self.location = self.stashed;
        self.pop();
        Ok(Token {
            kind: TokenKind::PathEnd,
            start: at as u32,
        })
    }
}

/// Where a path ends.
enum PathForm {
    /// There.
    Whole(usize),
    /// It goes on with an interpolation, right behind its first slash.
    Start,
}

/// Where the longest piece of plain text from `at` on ends: Nix's
/// `([^\$\']|\$[^\{\']|\'[^\'\$])+`.
fn plain_indented_end(text: &[u8], mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        at += memchr::memchr2(b'$', b'\'', rest).unwrap_or(rest.len());
        at += match (text.get(at), text.get(at + 1)) {
            (Some(b'$'), Some(next)) if !matches!(next, b'{' | b'\'') => 2,
            (Some(b'\''), Some(next)) if !matches!(next, b'\'' | b'$') => 2,
            _ => return at,
        };
    }
}

fn keyword(word: &[u8]) -> TokenKind {
    match word {
        b"if" => TokenKind::If,
        b"then" => TokenKind::Then,
        b"else" => TokenKind::Else,
        b"assert" => TokenKind::Assert,
        b"with" => TokenKind::With,
        b"let" => TokenKind::Let,
        b"in" => TokenKind::In,
        b"rec" => TokenKind::Rec,
        b"inherit" => TokenKind::Inherit,
        b"or" => TokenKind::OrKeyword,
        _ => TokenKind::Identifier,
    }
}
