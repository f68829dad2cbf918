//! Bytes to tokens, as the reference program's scanner does it (lexer.l).
//!
//! The scanner has four states, and the parser's progress decides between them: help texts and
//! assigned values are not made of words. An expanded `$(…)` is one word and is never scanned
//! again, so that the rest of a line can be read on from where the expansion ended.

use super::macros::{Fatal, Location, Macros};
use crate::diagnostics::{Diagnostic, Place, Severity, Style};
use crate::generation::Generation;
use crate::tree::{FileId, HelpText, Position, SourceFile};
use std::sync::Arc;

/// A token; the text of words, strings and values is in [`Lexer::text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    End,
    Eol,
    Word,
    Quoted,
    Value,
    Bool,
    Choice,
    Comment,
    Config,
    DefBool,
    DefTristate,
    Default,
    Depends,
    EndChoice,
    EndIf,
    EndMenu,
    Help,
    Hex,
    If,
    Imply,
    Int,
    MainMenu,
    Menu,
    MenuConfig,
    Modules,
    On,
    Optional,
    Prompt,
    Range,
    Select,
    Source,
    String,
    Tristate,
    Visible,
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Not,
    OpenParen,
    CloseParen,
    ColonEqual,
    PlusEqual,
    HelpText,
    Option,
    DefconfigList,
    AllNoConfigY,
    Transitional,
}

#[derive(Debug)]
struct Frame {
    file: FileId,
    offset: usize,
    line: u32,
    line_start: usize,
    /// The line of the `source` statement that led away from this file.
    source_line: u32,
}

pub(crate) struct Lexer<'a> {
    pub(crate) macros: Macros<'a>,
    generation: Generation,
    pub(crate) files: Vec<SourceFile>,
    content: Arc<[u8]>,
    file: FileId,
    offset: usize,
    line: u32,
    line_start: usize,
    parents: Vec<Frame>,
    previous: Token,
    before_previous: Token,
    /// Whether the next token is the value of an assignment.
    in_value: bool,
    /// The last token's text.
    text: Vec<u8>,
    token_line: u32,
    token_column: u32,
    /// The line of the current statement.
    pub(crate) statement_line: u32,
    statement_column: u32,
    /// The file of the current statement. The scanner may have left it since.
    statement_file: FileId,
    at_end: bool,
}

/// Whether a byte may stand in a word.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        byte += 1;
    }
    table
};

impl<'a> Lexer<'a> {
    pub(crate) fn new(macros: Macros<'a>, generation: Generation, top: SourceFile) -> Self {
        let content = top.text.to_held();
        Self {
            macros,
            generation,
            files: vec![top],
            content,
            file: FileId(0),
            offset: 0,
            line: 1,
            line_start: 0,
            parents: Vec::new(),
            previous: Token::Eol,
            before_previous: Token::Eol,
            in_value: false,
            text: Vec::new(),
            token_line: 1,
            token_column: 1,
            statement_line: 0,
            statement_column: 1,
            statement_file: FileId::NONE,
            at_end: false,
        }
    }

    /// The last token's text.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Where the last token began.
    pub(crate) fn position(&self) -> Position {
        Position {
            file: self.file,
            line: self.token_line,
            column: self.token_column,
        }
    }

    /// The place that is noted for what the current statement defines.
    pub(crate) fn statement(&self) -> Position {
        Position {
            file: self.file,
            line: self.statement_line,
            column: self.statement_column,
        }
    }

    /// The place that is named in messages about the current statement.
    pub(crate) fn reported_statement(&self) -> Position {
        let mut position = self.statement();
        if self.generation.remembers_file_of_statement() {
            position.file = self.statement_file;
        }
        position
    }

    /// The line that is being scanned.
    pub(crate) fn line(&self) -> u32 {
        self.line
    }

    pub(crate) fn file(&self) -> FileId {
        self.file
    }

    pub(crate) fn file_name(&self, file: FileId) -> &str {
        file_name(&self.files, file)
    }

    /// Files that are being read, innermost first, each with the line of the statement by which
    /// the next inner one was reached.
    pub(crate) fn including(&self) -> impl Iterator<Item = (&str, u32)> {
        self.parents
            .iter()
            .rev()
            .map(|frame| (self.file_name(frame.file), frame.source_line))
    }

    /// Goes on with another file; the present one is resumed at its end.
    pub(crate) fn enter(&mut self, file: FileId) {
        self.parents.push(Frame {
            file: self.file,
            offset: self.offset,
            line: self.line,
            line_start: self.line_start,
            source_line: self.statement_line,
        });
        self.content = self.files[file.index()].text.to_held();
        self.file = file;
        self.offset = 0;
        self.line = 1;
        self.line_start = 0;
    }

    fn leave(&mut self) {
        if let Some(frame) = self.parents.pop() {
            self.content = self.files[frame.file.index()].text.to_held();
            self.file = frame.file;
            self.offset = frame.offset;
            self.line = frame.line;
            self.line_start = frame.line_start;
        }
    }

    fn warn(&mut self, line: u32, message: &[u8]) {
        let place = Place {
            file: self.file_name(self.file).to_owned(),
            line,
            column: self.token_column,
        };
        self.macros.reporter.diagnostic(Diagnostic::at(
            Style::Warning,
            Severity::Warning,
            place,
            message,
        ));
    }

    /// The next token that the parser is to see (`yylex`): line ends between statements are
    /// left out.
    pub(crate) fn next(&mut self) -> Result<Token, Fatal> {
        loop {
            let token = self.scan()?;
            if matches!(self.previous, Token::Eol | Token::HelpText) {
                if token == Token::Eol {
                    continue;
                }
                self.statement_line = self.line;
                self.statement_file = self.file;
                self.statement_column = self.token_column;
                self.statement_file = self.file;
            }
            if self.before_previous == Token::Eol
                && self.previous == Token::Word
                && matches!(token, Token::Equal | Token::ColonEqual | Token::PlusEqual)
            {
                self.in_value = true;
            }
            self.before_previous = self.previous;
            self.previous = token;
            return Ok(token);
        }
    }

    fn newline(&mut self) {
        self.line += 1;
        self.line_start = self.offset;
    }

    fn begin_token(&mut self) {
        self.token_line = self.line;
        self.token_column = (self.offset - self.line_start) as u32 + 1;
    }

    fn scan(&mut self) -> Result<Token, Fatal> {
        if self.in_value {
            return Ok(self.scan_value());
        }
        loop {
            let content = &self.content[..];
            let mut offset = self.offset;
            while let Some(b' ' | b'\t') = content.get(offset) {
                offset += 1;
            }
            self.offset = offset;
            let Some(&byte) = content.get(offset) else {
                return Ok(self.end_of_file());
            };
            let next = content.get(offset + 1).copied();
            self.begin_token();
            let content = &self.content[..];
            let (token, length) = match byte {
                b'#' => {
                    self.offset = line_end(content, offset);
                    continue;
                }
                b'\n' => {
                    self.offset += 1;
                    self.newline();
                    return Ok(Token::Eol);
                }
                b'\\' if next == Some(b'\n') => {
                    self.offset += 2;
                    self.newline();
                    continue;
                }
                b'"' | b'\'' => {
                    self.offset += 1;
                    self.scan_string(byte)?;
                    return Ok(Token::Quoted);
                }
                b'|' if next == Some(b'|') => (Token::Or, 2),
                b'&' if next == Some(b'&') => (Token::And, 2),
                b'!' if next == Some(b'=') => (Token::Unequal, 2),
                b'<' if next == Some(b'=') => (Token::LessEqual, 2),
                b'>' if next == Some(b'=') => (Token::GreaterEqual, 2),
                b':' if next == Some(b'=') => (Token::ColonEqual, 2),
                b'+' if next == Some(b'=') => (Token::PlusEqual, 2),
                b'=' => (Token::Equal, 1),
                b'<' => (Token::Less, 1),
                b'>' => (Token::Greater, 1),
                b'!' => (Token::Not, 1),
                b'(' => (Token::OpenParen, 1),
                b')' => (Token::CloseParen, 1),
                _ if byte == b'$' || self.is_of_word(byte) => {
                    if let Some(token) = self.scan_word()? {
                        return Ok(token);
                    }
                    continue;
                }
                _ => {
                    self.offset += 1;
                    let mut message = b"ignoring unsupported character '".to_vec();
                    message.push(byte);
                    message.push(b'\'');
                    self.warn(self.line, &message);
                    continue;
                }
            };
            self.offset += length;
            return Ok(token);
        }
    }

    /// Whether words of a statement may be paths, here.
    fn has_paths(&self) -> bool {
        self.generation.has_bare_paths() && !matches!(self.previous, Token::Eol | Token::HelpText)
    }

    fn is_of_word(&self, byte: u8) -> bool {
        WORD[usize::from(byte)] || matches!(byte, b'/' | b'.') && self.has_paths()
    }

    /// A keyword, a word, or a word with references; `None` for an expansion that is empty.
    fn scan_word(&mut self) -> Result<Option<Token>, Fatal> {
        let content = &self.content[..];
        let start = self.offset;
        let mut end = start;
        while content.get(end).is_some_and(|&b| self.is_of_word(b)) {
            end += 1;
        }
        if content.get(end) == Some(&b'$') {
            return self.scan_expanded_word();
        }
        let word = &content[start..end];
        self.offset = end;
        if let Some(token) = keyword(word, self.generation) {
            return Ok(Some(token));
        }
        self.text.clear();
        self.text.extend_from_slice(word);
        Ok(Some(Token::Word))
    }

    fn scan_expanded_word(&mut self) -> Result<Option<Token>, Fatal> {
        let content = Arc::clone(&self.content);
        let rest = c_string(&content[self.offset..line_end(&content, self.offset)]);
        let location = Location {
            file: file_name(&self.files, self.file),
            line: self.line,
            column: self.token_column,
        };
        let has_paths = self.has_paths();
        let (word, taken) = self.macros.expand_word(rest, has_paths, location)?;
        self.offset += taken;
        if word.is_empty() {
            return Ok(None);
        }
        self.text = word;
        Ok(Some(Token::Word))
    }

    fn scan_string(&mut self, quote: u8) -> Result<(), Fatal> {
        self.text.clear();
        let content = Arc::clone(&self.content);
        loop {
            let Some(&byte) = content.get(self.offset) else {
                return Ok(());
            };
            match byte {
                b'$' => {
                    let end = line_end(&content, self.offset);
                    let rest = c_string(&content[self.offset + 1..end]);
                    let location = Location {
                        file: file_name(&self.files, self.file),
                        line: self.line,
                        column: (self.offset - self.line_start) as u32 + 1,
                    };
                    let (text, taken) = self.macros.expand_dollar(rest, location)?;
                    self.offset += 1 + taken;
                    self.text.extend_from_slice(&text);
                }
                b'\\' => {
                    self.offset += 1;
                    if let Some(&escaped) = content.get(self.offset).filter(|&&b| b != b'\n') {
                        self.text.push(escaped);
                        self.offset += 1;
                    }
                }
                b'"' | b'\'' => {
                    self.offset += 1;
                    if byte == quote {
                        return Ok(());
                    }
                    self.text.push(byte);
                }
                b'\n' => {
                    self.warn(self.statement_line, b"multi-line strings not supported");
                    return Ok(());
                }
                _ => {
                    let rest = &content[self.offset..];
                    let length = rest
                        .iter()
                        .position(|b| matches!(b, b'$' | b'\'' | b'"' | b'\\' | b'\n'))
                        .unwrap_or(rest.len());
                    self.text.extend_from_slice(&rest[..length]);
                    self.offset += length;
                }
            }
        }
    }

    fn scan_value(&mut self) -> Token {
        while let Some(b' ' | b'\t') = self.content.get(self.offset) {
            self.offset += 1;
        }
        self.begin_token();
        match self.content.get(self.offset) {
            None => {
                self.in_value = false;
                self.end_of_file()
            }
            Some(b'\n') => {
                self.in_value = false;
                self.offset += 1;
                self.newline();
                Token::Eol
            }
            Some(_) => {
                let end = line_end(&self.content, self.offset);
                self.text.clear();
                self.text
                    .extend_from_slice(c_string(&self.content[self.offset..end]));
                self.offset = end;
                Token::Value
            }
        }
    }

    fn end_of_file(&mut self) -> Token {
        if self.at_end {
            return Token::End;
        }
        self.begin_token();
        if !matches!(self.previous, Token::Eol | Token::HelpText) {
            self.warn(self.line, b"no new line at end of file");
        }
        if !self.parents.is_empty() {
            self.leave();
            return Token::Eol;
        }
        self.at_end = true;
        if self.generation.top_file_ends_without_newline() {
            Token::End
        } else {
            self.file = FileId::NONE;
            Token::Eol
        }
    }

    /// Reads the help text that follows the line just read; returns it and whether it is blank.
    ///
    /// The text ends before the first line that is indented less than its first line, or that
    /// is not indented at all.
    pub(crate) fn scan_help(&mut self) -> (HelpText, bool) {
        let content = Arc::clone(&self.content);
        let start = self.offset;
        let mut walker = HelpWalker::new(&content, start);
        let mut blank = true;
        while let Some(piece) = walker.next() {
            if let HelpPiece::Line(line) = piece {
                blank &= line.iter().all(|b| b" \t\r\x0b\x0c".contains(b));
            }
        }
        self.line += walker.newlines;
        if walker.newlines > 0 {
            self.line_start = walker.line_start;
        }
        self.offset = walker.offset;
        self.before_previous = self.previous;
        // What follows a help text begins a statement, but an assignment right behind it is not
        // seen as one.
        self.previous = Token::HelpText;
        self.statement_line = self.line;
        self.statement_file = self.file;
        let help = HelpText {
            file: self.file,
            span: start as u32..walker.offset as u32,
        };
        (help, blank)
    }
}

fn file_name(files: &[SourceFile], file: FileId) -> &str {
    files
        .get(file.index())
        .map_or("<none>", |file| file.name.as_str())
}

fn line_end(content: &[u8], offset: usize) -> usize {
    memchr::memchr(b'\n', &content[offset..]).map_or(content.len(), |length| offset + length)
}

/// The part before the first NUL byte.
fn c_string(bytes: &[u8]) -> &[u8] {
    memchr::memchr(0, bytes).map_or(bytes, |end| &bytes[..end])
}

fn keyword(word: &[u8], generation: Generation) -> Option<Token> {
    // Every keyword is in lower case; most words of a tree are not.
    if !(word[0].is_ascii_lowercase() || word[0] == b'-') || word.len() > 14 {
        return None;
    }
    Some(match word {
        b"bool" => Token::Bool,
        b"choice" => Token::Choice,
        b"comment" => Token::Comment,
        b"config" => Token::Config,
        b"def_bool" => Token::DefBool,
        b"def_tristate" => Token::DefTristate,
        b"default" => Token::Default,
        b"depends" => Token::Depends,
        b"endchoice" => Token::EndChoice,
        b"endif" => Token::EndIf,
        b"endmenu" => Token::EndMenu,
        b"help" => Token::Help,
        b"hex" => Token::Hex,
        b"if" => Token::If,
        b"imply" => Token::Imply,
        b"int" => Token::Int,
        b"mainmenu" => Token::MainMenu,
        b"menu" => Token::Menu,
        b"menuconfig" => Token::MenuConfig,
        b"modules" => Token::Modules,
        b"on" => Token::On,
        b"optional" if generation.has_optional_choices() => Token::Optional,
        b"prompt" => Token::Prompt,
        b"range" => Token::Range,
        b"select" => Token::Select,
        b"source" => Token::Source,
        b"string" => Token::String,
        b"tristate" => Token::Tristate,
        b"visible" => Token::Visible,
        b"transitional" if generation.has_transitional_symbols() => Token::Transitional,
        b"option" if generation.has_option_keyword() => Token::Option,
        b"defconfig_list" if generation.has_option_keyword() => Token::DefconfigList,
        b"allnoconfig_y" if generation.has_option_keyword() => Token::AllNoConfigY,
        b"---help---" if generation.has_dashed_help() => Token::Help,
        _ => return None,
    })
}

/// A part of a help text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HelpPiece<'t> {
    /// Blanks before a line's text, beyond the indentation of the first line.
    Indent(usize),
    /// A line without the blanks around it.
    Line(&'t [u8]),
    Newline,
}

/// Walks over a help text (the scanner's `HELP` state).
pub(crate) struct HelpWalker<'t> {
    content: &'t [u8],
    pub(crate) offset: usize,
    last_indent: usize,
    first_indent: usize,
    newlines: u32,
    line_start: usize,
    done: bool,
}

impl<'t> HelpWalker<'t> {
    pub(crate) fn new(content: &'t [u8], offset: usize) -> Self {
        Self {
            content,
            offset,
            last_indent: 0,
            first_indent: 0,
            newlines: 0,
            line_start: offset,
            done: false,
        }
    }

    fn newline(&mut self, at: usize) {
        self.offset = at + 1;
        self.newlines += 1;
        self.line_start = self.offset;
    }

    pub(crate) fn next(&mut self) -> Option<HelpPiece<'t>> {
        if self.done {
            return None;
        }
        let content = self.content;
        let start = self.offset;
        let mut end = start;
        while let Some(b' ' | b'\t') = content.get(end) {
            end += 1;
        }
        match content.get(end) {
            Some(b'\n') => {
                let ends = content
                    .get(end + 1)
                    .is_some_and(|b| !matches!(b, b' ' | b'\t' | b'\n'));
                self.newline(end);
                if ends {
                    self.done = true;
                    return None;
                }
                Some(HelpPiece::Newline)
            }
            None if end == start => {
                self.done = true;
                None
            }
            _ if end > start => {
                self.offset = end;
                let indent = content[start..end].iter().fold(0, |column, &byte| {
                    if byte == b'\t' {
                        (column & !7) + 8
                    } else {
                        column + 1
                    }
                });
                self.last_indent = indent;
                if self.first_indent == 0 {
                    return Some(HelpPiece::Indent(0));
                }
                if indent < self.first_indent {
                    self.done = true;
                    return None;
                }
                Some(HelpPiece::Indent(indent - self.first_indent))
            }
            _ => {
                let end = line_end(content, start);
                self.offset = end;
                if self.first_indent == 0 {
                    self.first_indent = self.last_indent;
                }
                let mut line = &content[start..end];
                while let [rest @ .., b' ' | b'\t'] = line {
                    line = rest;
                }
                Some(HelpPiece::Line(line))
            }
        }
    }
}
