//! The part of the shell's language that probes of kernels are written in.
//!
//! What is read here means the same to every POSIX shell; anything else is not read at all, and
//! the command is left to the shell itself.

/// Commands one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct List(pub(crate) Vec<AndOr>);

/// Pipelines joined by `&&` and `||`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AndOr {
    pub(crate) first: Pipeline,
    pub(crate) rest: Vec<(Joint, Pipeline)>,
}

/// How a pipeline depends on the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joint {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Stages joined by `|`; there is at least one.
pub(crate) type Pipeline = Vec<Stage>;

/// A stage of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stage {
    pub(crate) body: Body,
    pub(crate) redirections: Vec<Redirection>,
}

/// What a stage runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    /// A command and its arguments; there is at least one word.
    Simple(Vec<Word>),
    /// `{ …; }`
    Group(List),
}

/// Where output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Redirection {
    /// `>/dev/null`
    DiscardOutput,
    /// `2>/dev/null`
    DiscardErrors,
    /// `2>&1`
    ErrorsToOutput,
}

/// A word, before expansion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Word {
    pub(crate) parts: Vec<Part>,
    /// Whether any of it is quoted: then it is a word even where nothing is left of it.
    pub(crate) is_quoted: bool,
}

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Text that stands for itself.
    Text(String),
    /// `$$`
    ProcessId,
    /// `$NAME`
    Variable { name: String, is_quoted: bool },
    /// `$1` to `$9`
    Argument { number: usize, is_quoted: bool },
}

impl Word {
    fn push(&mut self, char: char) {
        if let Some(Part::Text(text)) = self.parts.last_mut() {
            text.push(char);
        } else {
            self.parts.push(Part::Text(char.to_string()));
        }
    }

    /// The word, where it is nothing but unquoted text.
    pub(crate) fn bare(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(text)] if !self.is_quoted => Some(text),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(Word),
    Semicolon,
    Pipe,
    And,
    Or,
    Redirection(Redirection),
}

/// Reads a command; `None` where it is not in this part of the language.
pub(crate) fn read(command: &str) -> Option<List> {
    // Some control characters have a meaning of our own further on.
    if command.contains(|char: char| char.is_control() && char != '\t' && char != '\n') {
        return None;
    }
    let tokens = tokens(command)?;
    let mut reader = Reader {
        tokens: tokens.iter().peekable(),
        depth: 0,
    };
    let list = reader.list()?;
    reader.tokens.next().is_none().then_some(list)
}

/// Characters that stand for themselves outside quotes, wherever they are in a word.
fn is_plain(byte: char) -> bool {
    byte.is_ascii_alphanumeric() || "_-./=,:+@%!".contains(byte)
}

fn tokens(command: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut input = Input(command);
    loop {
        input.skip_blanks();
        let Some(next) = input.peek() else {
            return Some(tokens);
        };
        let operators = [
            ("&&", Token::And),
            ("||", Token::Or),
            ("|", Token::Pipe),
            (";", Token::Semicolon),
            ("2>&1", Token::Redirection(Redirection::ErrorsToOutput)),
            (
                "2>/dev/null",
                Token::Redirection(Redirection::DiscardErrors),
            ),
            (
                "2> /dev/null",
                Token::Redirection(Redirection::DiscardErrors),
            ),
            (">/dev/null", Token::Redirection(Redirection::DiscardOutput)),
            (
                "> /dev/null",
                Token::Redirection(Redirection::DiscardOutput),
            ),
        ];
        let operator = operators
            .into_iter()
            .find(|(text, _)| input.0.starts_with(text));
        if let Some((text, token)) = operator {
            input.0 = &input.0[text.len()..];
            // A file name goes on to the next blank or operator.
            let is_redirection = matches!(token, Token::Redirection(_));
            if is_redirection && !input.peek().is_none_or(|next| " \t;|".contains(next)) {
                return None;
            }
            // `;;` is an operator of its own.
            if token == Token::Semicolon && input.peek() == Some(';') {
                return None;
            }
            tokens.push(token);
        } else if next == '{' || next == '}' || next == '[' || next == ']' {
            // Only as words of their own: otherwise braces are literal or expand, and brackets
            // are patterns.
            input.next();
            if !input.peek().is_none_or(|next| " \t;".contains(next)) {
                return None;
            }
            let mut word = Word::default();
            word.push(next);
            tokens.push(Token::Word(word));
        } else {
            tokens.push(Token::Word(word(&mut input)?));
        }
    }
}

struct Input<'a>(&'a str);

impl Input<'_> {
    fn peek(&self) -> Option<char> {
        self.0.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.0 = &self.0[next.len_utf8()..];
        Some(next)
    }

    fn skip_blanks(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }
}

/// One word; there is a character.
fn word(input: &mut Input<'_>) -> Option<Word> {
    let mut word = Word::default();
    while let Some(next) = input.peek() {
        match next {
            ' ' | '\t' | ';' | '|' => break,
            '\'' => {
                word.is_quoted = true;
                input.next();
                let (text, rest) = input.0.split_once('\'')?;
                text.chars().for_each(|char| word.push(char));
                input.0 = rest;
            }
            '"' => {
                word.is_quoted = true;
                input.next();
                quoted(input, &mut word)?;
            }
            '$' => {
                input.next();
                word.parts.push(parameter(input, false)?);
            }
            plain if is_plain(plain) => {
                input.next();
                word.push(plain);
            }
            _ => return None,
        }
    }
    Some(word)
}

/// What stands in double quotes, after the first.
fn quoted(input: &mut Input<'_>, word: &mut Word) -> Option<()> {
    loop {
        match input.next()? {
            '"' => return Some(()),
            '`' => return None,
            '$' => word.parts.push(parameter(input, true)?),
            '\\' => match input.peek()? {
                escaped @ ('$' | '`' | '"' | '\\') => {
                    input.next();
                    word.push(escaped);
                }
                '\n' => return None,
                _ => word.push('\\'),
            },
            other => word.push(other),
        }
    }
}

/// A parameter, after its `$`.
fn parameter(input: &mut Input<'_>, is_quoted: bool) -> Option<Part> {
    match input.peek()? {
        '$' => {
            input.next();
            Some(Part::ProcessId)
        }
        digit @ '1'..='9' => {
            input.next();
            Some(Part::Argument {
                number: digit as usize - '0' as usize,
                is_quoted,
            })
        }
        start if start.is_ascii_alphabetic() || start == '_' => {
            let end = input
                .0
                .find(|char: char| !char.is_ascii_alphanumeric() && char != '_')
                .unwrap_or(input.0.len());
            let (name, rest) = input.0.split_at(end);
            input.0 = rest;
            Some(Part::Variable {
                name: name.to_owned(),
                is_quoted,
            })
        }
        _ => None,
    }
}

struct Reader<'t> {
    tokens: std::iter::Peekable<std::slice::Iter<'t, Token>>,
    depth: u32,
}

/// Groups in groups; the commands of kernels have one.
const MAX_DEPTH: u32 = 8;

impl Reader<'_> {
    fn take(&mut self, token: &Token) -> bool {
        self.tokens.next_if(|next| *next == token).is_some()
    }

    fn next_is_bare(&mut self, text: &str) -> bool {
        matches!(self.tokens.peek(), Some(Token::Word(word)) if word.bare() == Some(text))
    }

    fn list(&mut self) -> Option<List> {
        let mut list = vec![self.and_or()?];
        while self.take(&Token::Semicolon) {
            if self.tokens.peek().is_none() || self.next_is_bare("}") {
                break;
            }
            list.push(self.and_or()?);
        }
        Some(List(list))
    }

    fn and_or(&mut self) -> Option<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            let joint = if self.take(&Token::And) {
                Joint::And
            } else if self.take(&Token::Or) {
                Joint::Or
            } else {
                return Some(AndOr { first, rest });
            };
            rest.push((joint, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Option<Pipeline> {
        let mut stages = vec![self.stage()?];
        while self.take(&Token::Pipe) {
            stages.push(self.stage()?);
        }
        Some(stages)
    }

    fn stage(&mut self) -> Option<Stage> {
        let body = if self.next_is_bare("{") {
            self.group()?
        } else {
            Body::Simple(Vec::new())
        };
        let mut stage = Stage {
            body,
            redirections: Vec::new(),
        };
        while let Some(token) = self
            .tokens
            .next_if(|next| matches!(next, Token::Word(_) | Token::Redirection(_)))
        {
            match (token, &mut stage.body) {
                (Token::Redirection(redirection), _) => stage.redirections.push(*redirection),
                (Token::Word(word), Body::Simple(words)) => words.push(word.clone()),
                _ => return None,
            }
        }
        match &stage.body {
            Body::Simple(words) => is_command(words).then_some(stage),
            Body::Group(_) => Some(stage),
        }
    }

    fn group(&mut self) -> Option<Body> {
        self.tokens.next();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let list = self.list()?;
        self.depth -= 1;
        let close = self.tokens.next()?;
        matches!(close, Token::Word(word) if word.bare() == Some("}")).then_some(Body::Group(list))
    }
}

/// Words that mean something else than a command's name where one is expected.
const RESERVED: &[&str] = &[
    "!", "{", "}", "[[", "]]", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for",
    "function", "if", "in", "select", "then", "time", "until", "while",
];

/// Whether words are a command: the first names it, and assigns nothing.
fn is_command(words: &[Word]) -> bool {
    let Some(first) = words.first() else {
        return false;
    };
    // A brace that is an argument stands for itself, but none of a kernel's commands has one.
    let has_brace = words
        .iter()
        .any(|word| matches!(word.bare(), Some("{" | "}")));
    let assigns = matches!(first.parts.first(), Some(Part::Text(text)) if text.contains('='));
    let is_reserved = first.bare().is_some_and(|name| RESERVED.contains(&name));
    !has_brace && !assigns && !is_reserved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn simple(words: &[&str]) -> Body {
        let words = words.iter().map(|text| Word {
            parts: vec![Part::Text((*text).to_owned())],
            is_quoted: false,
        });
        Body::Simple(words.collect())
    }

    #[test]
    fn a_probe_is_a_group_with_two_echoes() {
        let list = read("{ ld -v --gc-sections; } >/dev/null 2>&1 && echo \"y\" || echo \"n\"");
        let list = list.unwrap();
        let [probe] = list.0.as_slice() else {
            panic!("{list:?}");
        };
        let Body::Group(group) = &probe.first[0].body else {
            panic!("{probe:?}");
        };
        assert_eq!(
            group.0[0].first[0].body,
            simple(&["ld", "-v", "--gc-sections"])
        );
        let joints: Vec<Joint> = probe.rest.iter().map(|(joint, _)| *joint).collect();
        assert_eq!(joints, [Joint::And, Joint::Or]);
        assert_eq!(
            probe.first[0].redirections,
            [Redirection::DiscardOutput, Redirection::ErrorsToOutput]
        );
    }

    #[test]
    fn what_shells_expand_is_left_to_them() {
        for command in [
            "echo *",
            "echo ~",
            "echo $(date)",
            "echo `date`",
            "echo ${A}",
            "echo a\\ b",
            "A=b echo",
            "echo a >file",
            "echo a >/dev/nullx",
            "echo a 2>&12",
            "echo {a,b}",
            "echo [ab]",
            "echo a & echo b",
            "(echo a)",
            "! echo a",
            "if true; then echo a; fi",
            "echo a # b",
            "cat <file",
            "echo 'a",
            "echo \"a",
            "echo $",
            "echo $?",
            "echo a;; echo b",
            "{ echo a; } b",
            "echo a |",
            "",
        ] {
            assert_eq!(read(command), None, "{command}");
        }
    }

    #[test]
    fn backslashes_in_double_quotes_escape_only_what_is_special_there() {
        let list = read("printf \"\\$0x10\\n\\\\\"").unwrap();
        let Body::Simple(words) = &list.0[0].first[0].body else {
            panic!("{list:?}");
        };
        assert_eq!(words[1].parts, [Part::Text("$0x10\\n\\".to_owned())]);
    }
}
