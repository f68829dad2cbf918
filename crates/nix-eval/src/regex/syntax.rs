//! From a pattern to an automaton, as libstdc++'s `_Scanner` and `_Compiler`
//! read `std::regex::extended`.

use super::RegexError;

/// libstdc++'s `_GLIBCXX_REGEX_STATE_LIMIT` of 100,000, less the state that it
/// needs more than we do.
const MAX_STATES: usize = 99_999;

/// A state's index.
pub(super) type StateId = u32;

/// No state: the end of a sequence that nothing was appended to yet.
const OPEN_END: StateId = StateId::MAX;

/// A set of bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ByteSet([u64; 4]);

impl ByteSet {
    /// The set without bytes.
    pub(super) const EMPTY: ByteSet = ByteSet([0; 4]);

    fn from_predicate(contains: impl Fn(u8) -> bool) -> Self {
        let mut set = Self::EMPTY;
        for byte in 0..=u8::MAX {
            if contains(byte) {
                set.insert(byte);
            }
        }
        set
    }

    fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    /// Whether `byte` is in the set.
    pub(super) fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    /// Adds all bytes of `other`.
    pub(super) fn extend(&mut self, other: &ByteSet) {
        for (word, more) in self.0.iter_mut().zip(other.0) {
            *word |= more;
        }
    }

    fn complement(&self) -> Self {
        Self(self.0.map(|word| !word))
    }
}

/// One state of the automaton: what happens there, and where it goes on.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) action: Action,
    pub(super) next: StateId,
}

/// What happens in a state.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    /// Nothing.
    Pass,
    /// One byte of a set (an index into [`Automaton::sets`]) is consumed.
    Byte(u32),
    /// Either `first` or the next state.
    Either { first: StateId },
    /// `body` once more, if possible; otherwise the next state.
    Repeat {
        body: StateId,
        /// Whether the body can match the empty string.
        nullable: bool,
    },
    /// A group begins.
    Open(u32),
    /// A group ends.
    Close(u32),
    /// `^`
    AtStart,
    /// `$`
    AtEnd,
    /// The pattern has matched.
    Accept,
}

/// The automaton of a pattern.
pub(super) struct Automaton {
    pub(super) states: Vec<State>,
    pub(super) sets: Vec<ByteSet>,
    pub(super) start: StateId,
    /// How many groups there are.
    pub(super) groups: u32,
}

/// Parses `pattern`.
pub(super) fn parse(pattern: &[u8]) -> Result<Automaton, RegexError> {
    let mut parser = Parser {
        scanner: Scanner::new(pattern)?,
        states: Vec::new(),
        sets: Vec::new(),
        groups: 0,
    };
    let whole = parser.disjunction()?;
    if parser.scanner.token != Token::End {
        return Err(RegexError::Invalid);
    }
    let accept = parser.add(Action::Accept)?;
    parser.states[whole.end as usize].next = accept;
    Ok(Automaton {
        states: parser.states,
        sets: parser.sets,
        start: whole.start,
        groups: parser.groups,
    })
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Token<'p> {
    Literal(u8),
    AnyByte,
    LineBegin,
    LineEnd,
    Or,
    GroupBegin,
    GroupEnd,
    Star,
    Plus,
    Optional,
    BraceBegin,
    Count(i64),
    Comma,
    BraceEnd,
    BracketBegin { negated: bool },
    BracketEnd,
    Dash,
    CollatingSymbol(&'p [u8]),
    EquivalenceClass(&'p [u8]),
    CharacterClass(&'p [u8]),
    End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Normal,
    Brace,
    Bracket { at_start: bool },
}

/// Splits the pattern into tokens, one ahead of the parser.
struct Scanner<'p> {
    rest: &'p [u8],
    mode: Mode,
    token: Token<'p>,
}

impl<'p> Scanner<'p> {
    fn new(pattern: &'p [u8]) -> Result<Self, RegexError> {
        let mut scanner = Self {
            rest: pattern,
            mode: Mode::Normal,
            token: Token::End,
        };
        scanner.advance()?;
        Ok(scanner)
    }

    fn take(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    fn take_if(&mut self, wanted: u8) -> bool {
        let found = self.rest.first() == Some(&wanted);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn advance(&mut self) -> Result<(), RegexError> {
        let Some(byte) = self.take() else {
            self.token = Token::End;
            return match self.mode {
                Mode::Normal => Ok(()),
                Mode::Brace | Mode::Bracket { .. } => Err(RegexError::Invalid),
            };
        };
        self.token = match self.mode {
            Mode::Normal => self.normal(byte)?,
            Mode::Brace => self.brace(byte)?,
            Mode::Bracket { at_start } => self.bracket(byte, at_start)?,
        };
        Ok(())
    }

    fn normal(&mut self, byte: u8) -> Result<Token<'p>, RegexError> {
        Ok(match byte {
            b'\\' => match self.take() {
                // Only what is special outside of brackets can be escaped.
                Some(escaped) if b".[\\()*+?{|^$".contains(&escaped) => Token::Literal(escaped),
                _ => return Err(RegexError::Invalid),
            },
            b'(' => Token::GroupBegin,
            b')' => Token::GroupEnd,
            b'[' => {
                self.mode = Mode::Bracket { at_start: true };
                Token::BracketBegin {
                    negated: self.take_if(b'^'),
                }
            }
            b'{' => {
                self.mode = Mode::Brace;
                Token::BraceBegin
            }
            b'.' => Token::AnyByte,
            b'^' => Token::LineBegin,
            b'$' => Token::LineEnd,
            b'*' => Token::Star,
            b'+' => Token::Plus,
            b'?' => Token::Optional,
            b'|' => Token::Or,
            _ => Token::Literal(byte),
        })
    }

    fn brace(&mut self, byte: u8) -> Result<Token<'p>, RegexError> {
        match byte {
            b'0'..=b'9' => self.count(byte).map(Token::Count),
            b',' => Ok(Token::Comma),
            b'}' => {
                self.mode = Mode::Normal;
                Ok(Token::BraceEnd)
            }
            _ => Err(RegexError::Invalid),
        }
    }

    /// The number that begins with the digit `first`, which is taken.
    fn count(&mut self, first: u8) -> Result<i64, RegexError> {
        let mut count = i64::from(first - b'0');
        while let Some(&digit @ b'0'..=b'9') = self.rest.first() {
            self.rest = &self.rest[1..];
            count = count
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(i64::from(digit - b'0')))
                .ok_or(RegexError::Invalid)?;
        }
        Ok(count)
    }

    fn bracket(&mut self, byte: u8, at_start: bool) -> Result<Token<'p>, RegexError> {
        self.mode = Mode::Bracket { at_start: false };
        Ok(match byte {
            b'-' => Token::Dash,
            b'[' => match self.rest.first() {
                None => return Err(RegexError::Invalid),
                Some(b'.') => Token::CollatingSymbol(self.class_name(b'.')?),
                Some(b':') => Token::CharacterClass(self.class_name(b':')?),
                Some(b'=') => Token::EquivalenceClass(self.class_name(b'=')?),
                Some(_) => Token::Literal(b'['),
            },
            b']' if !at_start => {
                self.mode = Mode::Normal;
                Token::BracketEnd
            }
            _ => Token::Literal(byte),
        })
    }

    /// The name in `[:name:]`, whose `[` is taken.
    fn class_name(&mut self, delimiter: u8) -> Result<&'p [u8], RegexError> {
        let inner = &self.rest[1..];
        let length = memchr::memchr(delimiter, inner).ok_or(RegexError::Invalid)?;
        let (name, rest) = inner.split_at(length);
        self.rest = rest
            .strip_prefix(&[delimiter, b']'])
            .ok_or(RegexError::Invalid)?;
        Ok(name)
    }
}

/// A part of the automaton with one way in and one way out: the `next` of the
/// state `end`.
#[derive(Clone, Copy)]
struct Sequence {
    start: StateId,
    end: StateId,
    /// Whether it can match the empty string.
    nullable: bool,
}

struct Parser<'p> {
    scanner: Scanner<'p>,
    states: Vec<State>,
    sets: Vec<ByteSet>,
    groups: u32,
}

impl Parser<'_> {
    /// Takes the current token if it is `wanted`.
    fn take(&mut self, wanted: Token<'_>) -> Result<bool, RegexError> {
        let found = self.scanner.token == wanted;
        if found {
            self.scanner.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, wanted: Token<'_>) -> Result<(), RegexError> {
        if self.take(wanted)? {
            Ok(())
        } else {
            Err(RegexError::Invalid)
        }
    }

    fn add(&mut self, action: Action) -> Result<StateId, RegexError> {
        if self.states.len() >= MAX_STATES {
            return Err(RegexError::TooBig);
        }
        self.states.push(State {
            action,
            next: OPEN_END,
        });
        Ok(self.states.len() as StateId - 1)
    }

    fn single(&mut self, action: Action, nullable: bool) -> Result<Sequence, RegexError> {
        let state = self.add(action)?;
        Ok(Sequence {
            start: state,
            end: state,
            nullable,
        })
    }

    fn byte_set(&mut self, set: ByteSet) -> Result<Sequence, RegexError> {
        let known = self.sets.iter().rposition(|known| *known == set);
        let index = known.unwrap_or_else(|| {
            self.sets.push(set);
            self.sets.len() - 1
        });
        self.single(Action::Byte(index as u32), false)
    }

    fn link(&mut self, from: StateId, to: StateId) {
        self.states[from as usize].next = to;
    }

    fn append(&mut self, first: Sequence, second: Sequence) -> Sequence {
        self.link(first.end, second.start);
        Sequence {
            start: first.start,
            end: second.end,
            nullable: first.nullable && second.nullable,
        }
    }

    /// Alternatives separated by `|`.
    fn disjunction(&mut self) -> Result<Sequence, RegexError> {
        // Groups nest as deeply as the pattern is long.
        stacker::maybe_grow(32 * 1024, 1024 * 1024, || {
            let mut left = self.alternative()?;
            while self.take(Token::Or)? {
                let right = self.alternative()?;
                let end = self.add(Action::Pass)?;
                self.link(left.end, end);
                self.link(right.end, end);
                let start = self.add(Action::Either { first: left.start })?;
                self.link(start, right.start);
                left = Sequence {
                    start,
                    end,
                    nullable: left.nullable || right.nullable,
                };
            }
            Ok(left)
        })
    }

    /// Terms one after the other, possibly none.
    fn alternative(&mut self) -> Result<Sequence, RegexError> {
        let mut whole: Option<Sequence> = None;
        while let Some(term) = self.term()? {
            whole = Some(match whole {
                None => term,
                Some(before) => self.append(before, term),
            });
        }
        let end = self.single(Action::Pass, true)?;
        Ok(match whole {
            None => end,
            Some(before) => self.append(before, end),
        })
    }

    fn term(&mut self) -> Result<Option<Sequence>, RegexError> {
        let mut term = match self.scanner.token {
            // Anchors cannot be repeated: `^*` is an error.
            Token::LineBegin => {
                self.scanner.advance()?;
                return self.single(Action::AtStart, true).map(Some);
            }
            Token::LineEnd => {
                self.scanner.advance()?;
                return self.single(Action::AtEnd, true).map(Some);
            }
            Token::AnyByte => {
                self.scanner.advance()?;
                self.byte_set(ByteSet::from_predicate(|byte| byte != 0))?
            }
            Token::Literal(literal) => {
                self.scanner.advance()?;
                self.byte_set(ByteSet::from_predicate(|byte| byte == literal))?
            }
            Token::GroupBegin => {
                self.scanner.advance()?;
                let group = self.groups;
                self.groups += 1;
                let open = self.single(Action::Open(group), true)?;
                let inner = self.disjunction()?;
                self.expect(Token::GroupEnd)?;
                let close = self.single(Action::Close(group), true)?;
                let opened = self.append(open, inner);
                self.append(opened, close)
            }
            Token::BracketBegin { negated } => {
                self.scanner.advance()?;
                let set = self.bracket_expression()?;
                self.byte_set(if negated { set.complement() } else { set })?
            }
            _ => return Ok(None),
        };
        while let Some(repeated) = self.repetition(term)? {
            term = repeated;
        }
        Ok(Some(term))
    }

    /// `term` with the quantifier that follows, if one does.
    fn repetition(&mut self, term: Sequence) -> Result<Option<Sequence>, RegexError> {
        let once_more = Action::Repeat {
            body: term.start,
            nullable: term.nullable,
        };
        if self.take(Token::Star)? {
            let repeat = self.add(once_more)?;
            self.link(term.end, repeat);
            return Ok(Some(Sequence {
                start: repeat,
                end: repeat,
                nullable: true,
            }));
        }
        if self.take(Token::Plus)? {
            let repeat = self.add(once_more)?;
            self.link(term.end, repeat);
            return Ok(Some(Sequence {
                end: repeat,
                ..term
            }));
        }
        if self.take(Token::Optional)? {
            let end = self.add(Action::Pass)?;
            let repeat = self.add(once_more)?;
            self.link(term.end, end);
            self.link(repeat, end);
            return Ok(Some(Sequence {
                start: repeat,
                end,
                nullable: true,
            }));
        }
        if self.take(Token::BraceBegin)? {
            return self.counted_repetition(term).map(Some);
        }
        Ok(None)
    }

    /// `term{…}` whose `{` is taken: copies of the term.
    fn counted_repetition(&mut self, term: Sequence) -> Result<Sequence, RegexError> {
        let at_least = self.number()?;
        let mut at_most = Some(at_least);
        if self.take(Token::Comma)? {
            at_most = match self.scanner.token {
                Token::Count(_) => Some(self.number()?),
                _ => None,
            };
        }
        self.expect(Token::BraceEnd)?;

        let mut whole = self.single(Action::Pass, true)?;
        for _ in 0..at_least {
            let copy = self.copy(term)?;
            whole = self.append(whole, copy);
        }
        let Some(at_most) = at_most else {
            let copy = self.copy(term)?;
            let repeat = self.add(Action::Repeat {
                body: copy.start,
                nullable: term.nullable,
            })?;
            self.link(copy.end, repeat);
            self.link(whole.end, repeat);
            return Ok(Sequence {
                end: repeat,
                ..whole
            });
        };
        let optional = at_most - at_least;
        if optional < 0 {
            return Err(RegexError::Invalid);
        }
        let end = self.add(Action::Pass)?;
        for _ in 0..optional {
            let copy = self.copy(term)?;
            let repeat = self.add(Action::Repeat {
                body: copy.start,
                nullable: term.nullable,
            })?;
            self.link(repeat, end);
            self.link(whole.end, repeat);
            whole.end = copy.end;
        }
        self.link(whole.end, end);
        Ok(Sequence { end, ..whole })
    }

    fn number(&mut self) -> Result<i64, RegexError> {
        let Token::Count(number) = self.scanner.token else {
            return Err(RegexError::Invalid);
        };
        self.scanner.advance()?;
        Ok(number)
    }

    /// A copy of `sequence` with states of its own.
    fn copy(&mut self, sequence: Sequence) -> Result<Sequence, RegexError> {
        let mut copies = rustc_hash::FxHashMap::default();
        let mut pending = vec![sequence.start];
        while let Some(original) = pending.pop() {
            if original == OPEN_END || copies.contains_key(&original) {
                continue;
            }
            let State { action, next } = self.states[original as usize];
            let copy = self.add(action)?;
            copies.insert(original, copy);
            if let Action::Either { first: other } | Action::Repeat { body: other, .. } = action {
                pending.push(other);
            }
            if original == sequence.end {
                // What the original may already be linked to is outside.
                self.states[copy as usize].next = OPEN_END;
            } else {
                self.states[copy as usize].next = next;
                pending.push(next);
            }
        }
        for &copy in copies.values() {
            let state = &mut self.states[copy as usize];
            if state.next != OPEN_END {
                state.next = copies[&state.next];
            }
            match &mut state.action {
                Action::Either { first: other } | Action::Repeat { body: other, .. } => {
                    *other = copies[other];
                }
                _ => {}
            }
        }
        Ok(Sequence {
            start: copies[&sequence.start],
            end: copies[&sequence.end],
            ..sequence
        })
    }

    /// What stands between `[` and `]`; the `[` (or `[^`) is taken, the `]` is
    /// taken at the end.
    fn bracket_expression(&mut self) -> Result<ByteSet, RegexError> {
        let mut set = ByteSet::EMPTY;
        // What a following dash would make a range of.
        let mut before = match self.scanner.token {
            Token::Literal(byte) => RangeStart::Byte(byte),
            Token::Dash => RangeStart::Byte(b'-'),
            _ => RangeStart::None,
        };
        if before != RangeStart::None {
            self.scanner.advance()?;
        }
        loop {
            let token = self.scanner.token;
            if token == Token::End {
                return Err(RegexError::Invalid);
            }
            self.scanner.advance()?;
            let after = match token {
                Token::BracketEnd => RangeStart::End,
                Token::Literal(byte) => RangeStart::Byte(byte),
                Token::CollatingSymbol(name) => RangeStart::Byte(collating_symbol(name)?),
                Token::EquivalenceClass(name) => {
                    let symbol = collating_symbol(name)?;
                    set.insert(symbol.to_ascii_lowercase());
                    set.insert(symbol.to_ascii_uppercase());
                    RangeStart::Class
                }
                Token::CharacterClass(name) => {
                    set.extend(&character_class(name)?);
                    RangeStart::Class
                }
                Token::Dash if self.scanner.token == Token::BracketEnd => RangeStart::Byte(b'-'),
                Token::Dash => {
                    let RangeStart::Byte(first) = before else {
                        return Err(RegexError::Invalid);
                    };
                    let last = match self.scanner.token {
                        Token::Literal(byte) => byte,
                        Token::Dash => b'-',
                        _ => return Err(RegexError::Invalid),
                    };
                    self.scanner.advance()?;
                    set.extend(&range(first, last)?);
                    before = RangeStart::None;
                    continue;
                }
                _ => return Err(RegexError::Invalid),
            };
            if let RangeStart::Byte(byte) = before {
                set.insert(byte);
            }
            if after == RangeStart::End {
                return Ok(set);
            }
            before = after;
        }
    }
}

/// What stands before a place in a bracket expression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RangeStart {
    /// Nothing, or a whole range.
    None,
    /// A byte, which a dash would make the start of a range.
    Byte(u8),
    /// A class, which cannot start a range.
    Class,
    /// The bracket expression is over.
    End,
}

/// The bytes from `first` to `last`. libstdc++ compares them as signed.
fn range(first: u8, last: u8) -> Result<ByteSet, RegexError> {
    let (first, last) = (first as i8, last as i8);
    if first > last {
        return Err(RegexError::Invalid);
    }
    Ok(ByteSet::from_predicate(|byte| {
        (first..=last).contains(&(byte as i8))
    }))
}

/// The classes that `std::regex_traits::lookup_classname` knows; their names
/// are not case-sensitive.
fn character_class(name: &[u8]) -> Result<ByteSet, RegexError> {
    let contains: fn(u8) -> bool = match name.to_ascii_lowercase().as_slice() {
        b"alnum" => |byte| byte.is_ascii_alphanumeric(),
        b"w" => |byte| byte.is_ascii_alphanumeric() || byte == b'_',
        b"alpha" => |byte| byte.is_ascii_alphabetic(),
        b"blank" => |byte| byte == b' ' || byte == b'\t',
        b"cntrl" => |byte| byte.is_ascii_control(),
        b"digit" | b"d" => |byte| byte.is_ascii_digit(),
        b"graph" => |byte| byte.is_ascii_graphic(),
        b"lower" => |byte| byte.is_ascii_lowercase(),
        b"print" => |byte| byte.is_ascii_graphic() || byte == b' ',
        b"punct" => |byte| byte.is_ascii_punctuation(),
        b"space" | b"s" => |byte| byte == b' ' || (b'\t'..=b'\r').contains(&byte),
        b"upper" => |byte| byte.is_ascii_uppercase(),
        b"xdigit" => |byte| byte.is_ascii_hexdigit(),
        _ => return Err(RegexError::Invalid),
    };
    Ok(ByteSet::from_predicate(contains))
}

/// The byte of a collating symbol, which has the name that POSIX gives it in
/// its portable character set.
fn collating_symbol(name: &[u8]) -> Result<u8, RegexError> {
    if let [letter] = name
        && letter.is_ascii_alphabetic()
    {
        return Ok(*letter);
    }
    COLLATING_SYMBOLS
        .iter()
        .find(|(_, known)| known.as_bytes() == name)
        .map(|&(byte, _)| byte)
        .ok_or(RegexError::Invalid)
}

/// The portable character set without its letters.
const COLLATING_SYMBOLS: &[(u8, &str)] = &[
    (0x00, "NUL"),
    (0x01, "SOH"),
    (0x02, "STX"),
    (0x03, "ETX"),
    (0x04, "EOT"),
    (0x05, "ENQ"),
    (0x06, "ACK"),
    (0x07, "alert"),
    (0x08, "backspace"),
    (0x09, "tab"),
    (0x0a, "newline"),
    (0x0b, "vertical-tab"),
    (0x0c, "form-feed"),
    (0x0d, "carriage-return"),
    (0x0e, "SO"),
    (0x0f, "SI"),
    (0x10, "DLE"),
    (0x11, "DC1"),
    (0x12, "DC2"),
    (0x13, "DC3"),
    (0x14, "DC4"),
    (0x15, "NAK"),
    (0x16, "SYN"),
    (0x17, "ETB"),
    (0x18, "CAN"),
    (0x19, "EM"),
    (0x1a, "SUB"),
    (0x1b, "ESC"),
    (0x1c, "IS4"),
    (0x1d, "IS3"),
    (0x1e, "IS2"),
    (0x1f, "IS1"),
    (0x20, "space"),
    (b'!', "exclamation-mark"),
    (b'"', "quotation-mark"),
    (b'#', "number-sign"),
    (b'$', "dollar-sign"),
    (b'%', "percent-sign"),
    (b'&', "ampersand"),
    (b'\'', "apostrophe"),
    (b'(', "left-parenthesis"),
    (b')', "right-parenthesis"),
    (b'*', "asterisk"),
    (b'+', "plus-sign"),
    (b',', "comma"),
    (b'-', "hyphen"),
    (b'.', "period"),
    (b'/', "slash"),
    (b'0', "zero"),
    (b'1', "one"),
    (b'2', "two"),
    (b'3', "three"),
    (b'4', "four"),
    (b'5', "five"),
    (b'6', "six"),
    (b'7', "seven"),
    (b'8', "eight"),
    (b'9', "nine"),
    (b':', "colon"),
    (b';', "semicolon"),
    (b'<', "less-than-sign"),
    (b'=', "equals-sign"),
    (b'>', "greater-than-sign"),
    (b'?', "question-mark"),
    (b'@', "commercial-at"),
    (b'[', "left-square-bracket"),
    (b'\\', "backslash"),
    (b']', "right-square-bracket"),
    (b'^', "circumflex"),
    (b'_', "underscore"),
    (b'`', "grave-accent"),
    (b'{', "left-curly-bracket"),
    (b'|', "vertical-line"),
    (b'}', "right-curly-bracket"),
    (b'~', "tilde"),
    (0x7f, "DEL"),
];
