//! From tokens to values.

use super::lexer::{Lexer, Malformed, Token};

/// Makes values of what a text contains.
pub(crate) trait Build {
    /// A value.
    type Value;
    /// A key.
    type Key;

    /// `null`
    fn null(&mut self) -> Self::Value;
    /// `true` or `false`
    fn bool(&mut self, value: bool) -> Self::Value;
    /// An integer.
    fn int(&mut self, value: i64) -> Self::Value;
    /// An integer too large for a signed one.
    fn unsigned(&mut self, value: u64) -> Result<Self::Value, String>;
    /// A number with a fraction or an exponent, or too large for an integer.
    fn float(&mut self, value: f64) -> Self::Value;
    /// A string, which is UTF-8.
    fn string(&mut self, text: &[u8]) -> Result<Self::Value, String>;
    /// A key of an object, which is UTF-8.
    fn key(&mut self, text: &[u8]) -> Result<Self::Key, String>;
    /// A list.
    fn list(&mut self, items: Vec<Self::Value>) -> Self::Value;
    /// An object; of several entries with the same key the last counts.
    fn object(&mut self, entries: Vec<(Self::Key, Self::Value)>) -> Self::Value;
}

/// What is open around the current place.
enum Open<B: Build> {
    List(Vec<B::Value>),
    Object {
        entries: Vec<(B::Key, B::Value)>,
        /// The key of the value that is being read.
        key: B::Key,
    },
}

/// Reads a text. It may nest as deeply as it likes: nothing here recurses.
pub(crate) fn parse<B: Build>(text: &[u8], build: &mut B) -> Result<B::Value, String> {
    if text.is_empty() {
        return Err(parse_error(
            (1, 1),
            "attempting to parse an empty input; check that your input string or stream \
             contains the expected JSON",
        ));
    }
    let mut parser = Parser {
        lexer: Lexer::new(text),
    };
    let mut open: Vec<Open<B>> = Vec::new();
    let mut token = parser.next("value", "'[', '{', or a literal")?;
    loop {
        let mut value = match token {
            Token::ListBegin => {
                token = parser.next("value", "'[', '{', or a literal")?;
                if token != Token::ListEnd {
                    open.push(Open::List(Vec::new()));
                    continue;
                }
                build.list(Vec::new())
            }
            Token::ObjectBegin => {
                token = parser.next("object key", "string literal")?;
                if token != Token::ObjectEnd {
                    let key = parser.key(token, build)?;
                    open.push(Open::Object {
                        entries: Vec::new(),
                        key,
                    });
                    token = parser.next("value", "'[', '{', or a literal")?;
                    continue;
                }
                build.object(Vec::new())
            }
            Token::Null => build.null(),
            Token::True => build.bool(true),
            Token::False => build.bool(false),
            Token::Integer(number) => build.int(number),
            Token::Unsigned(number) => build.unsigned(number)?,
            Token::Float(number) if number.is_finite() => build.float(number),
            Token::Float(_) => {
                return Err(format!(
                    "[json.exception.out_of_range.406] number overflow parsing '{}'",
                    parser.lexer.number_text()
                ));
            }
            Token::String => build.string(parser.lexer.text())?,
            other => {
                return Err(parser.unexpected(other, "value", "'[', '{', or a literal"));
            }
        };
        // The value is complete, and so may be what is around it.
        loop {
            let Some(innermost) = open.pop() else {
                return match parser.next("value", "end of input")? {
                    Token::End => Ok(value),
                    other => Err(parser.unexpected(other, "value", "end of input")),
                };
            };
            match innermost {
                Open::List(mut items) => {
                    items.push(value);
                    match parser.next("array", "']'")? {
                        Token::Comma => {
                            open.push(Open::List(items));
                            break;
                        }
                        Token::ListEnd => value = build.list(items),
                        other => return Err(parser.unexpected(other, "array", "']'")),
                    }
                }
                Open::Object { mut entries, key } => {
                    entries.push((key, value));
                    match parser.next("object", "'}'")? {
                        Token::Comma => {
                            let token = parser.next("object key", "string literal")?;
                            let key = parser.key(token, build)?;
                            open.push(Open::Object { entries, key });
                            break;
                        }
                        Token::ObjectEnd => value = build.object(entries),
                        other => return Err(parser.unexpected(other, "object", "'}'")),
                    }
                }
            }
        }
        token = parser.next("value", "'[', '{', or a literal")?;
    }
}

struct Parser<'t> {
    lexer: Lexer<'t>,
}

impl Parser<'_> {
    /// The next token, in a place where messages speak of `context` and
    /// `expected`.
    fn next(&mut self, context: &str, expected: &str) -> Result<Token, String> {
        self.lexer.next().map_err(|Malformed(problem)| {
            // Where any value would do, messages do not say so.
            let expected = if context == "value" && expected.starts_with("'['") {
                String::new()
            } else {
                format!("; expected {expected}")
            };
            let message = format!(
                "syntax error while parsing {context} - {problem}; last read: '{}'{expected}",
                self.lexer.last_read()
            );
            parse_error(self.lexer.position(), &message)
        })
    }

    fn unexpected(&self, token: Token, context: &str, expected: &str) -> String {
        let message = format!(
            "syntax error while parsing {context} - unexpected {}; expected {expected}",
            token.name()
        );
        parse_error(self.lexer.position(), &message)
    }

    /// The key that `token` is, and the colon after it.
    fn key<B: Build>(&mut self, token: Token, build: &mut B) -> Result<B::Key, String> {
        if token != Token::String {
            return Err(self.unexpected(token, "object key", "string literal"));
        }
        let key = build.key(self.lexer.text())?;
        match self.next("object separator", "':'")? {
            Token::Colon => Ok(key),
            other => Err(self.unexpected(other, "object separator", "':'")),
        }
    }
}

fn parse_error((line, column): (usize, usize), message: &str) -> String {
    format!(
        "[json.exception.parse_error.101] parse error at line {line}, column {column}: {message}"
    )
}
