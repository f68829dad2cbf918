//! rnix's errors in the words of Nix's parser.

use rnix::{ParseError, SyntaxKind, TextRange};

use crate::error::{ErrorKind, EvalError};
use crate::source::{SourceFile, Span};

/// The error that Nix would report for the first of rnix's.
pub(crate) fn syntax_error(errors: &[ParseError], source: &SourceFile) -> Option<Box<EvalError>> {
    let first = errors.first()?;
    let end = source.text().len();
    let (range, message) = match first {
        ParseError::UnexpectedWanted(got, range, wanted) => {
            let start = token_start(source, *range);
            let message = if *got == SyntaxKind::TOKEN_ERROR {
                invalid_token(&source.text()[start..], wanted, source, start)
            } else {
                unexpected(token_name(*got), &expecting(wanted, source, start))
            };
            (start..range.end().into(), message)
        }
        ParseError::Unexpected(range)
        | ParseError::UnexpectedExtra(range)
        | ParseError::UnexpectedDoubleBind(range) => {
            let start = token_start(source, *range);
            let rest = &source.text()[start..];
            let message = match rnix::tokenize(rest).next() {
                Some((SyntaxKind::TOKEN_ERROR, _)) => invalid_token(rest, &[], source, start),
                // Comparisons do not chain.
                Some((
                    kind @ (SyntaxKind::TOKEN_LESS
                    | SyntaxKind::TOKEN_LESS_OR_EQ
                    | SyntaxKind::TOKEN_MORE
                    | SyntaxKind::TOKEN_MORE_OR_EQ
                    | SyntaxKind::TOKEN_EQUAL
                    | SyntaxKind::TOKEN_NOT_EQUAL),
                    _,
                )) => unexpected(token_name(kind), ""),
                Some((kind, _)) => unexpected(token_name(kind), "end of file"),
                None => unexpected("end of file", ""),
            };
            (start..range.end().into(), message)
        }
        ParseError::DuplicatedArgs(range, name) => (
            range.start().into()..range.end().into(),
            format!("duplicate formal function argument '{name}'"),
        ),
        ParseError::UnexpectedEOFWanted(wanted) => (
            end..end,
            unexpected("end of file", &expecting(wanted, source, end)),
        ),
        ParseError::RecursionLimitExceeded => return Some(too_deep(source.span(end, end))),
        _ => (
            end..end,
            unexpected("end of file", expecting_at_end(source.text())),
        ),
    };
    let span = source.span(range.start, range.end);
    Some(EvalError::new(ErrorKind::Syntax, span, message))
}

/// rnix counts white space in front to what it did not expect.
fn token_start(source: &SourceFile, range: TextRange) -> usize {
    let mut start = usize::from(range.start());
    for (kind, text) in rnix::tokenize(&source.text()[start..]) {
        if !matches!(
            kind,
            SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT
        ) {
            break;
        }
        start += text.len();
    }
    start
}

/// What is wrong with what is no token.
fn invalid_token(rest: &str, wanted: &[SyntaxKind], source: &SourceFile, start: usize) -> String {
    if wanted.contains(&SyntaxKind::TOKEN_STRING_END) {
        return unexpected("end of file", end_of_string(source, start));
    }
    let path = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || "._-+/~".contains(c)))
        .map_or(rest, |end| &rest[..end]);
    if rest.starts_with("/*") {
        return unexpected("'/'", "");
    }
    if path.ends_with('/') {
        return "path has a trailing slash".to_owned();
    }
    unexpected("invalid token", "")
}

/// What ends the string that is open at an offset.
fn end_of_string(source: &SourceFile, offset: usize) -> &'static str {
    let mut open = Vec::new();
    for (kind, text) in rnix::tokenize(&source.text()[..offset]) {
        match kind {
            SyntaxKind::TOKEN_STRING_START => open.push(text),
            SyntaxKind::TOKEN_STRING_END => {
                open.pop();
            }
            _ => {}
        }
    }
    match open.last() {
        Some(&"''") => "indented string or '${' or end of an indented string",
        _ => "'\"'",
    }
}

/// What Nix's parser says it expects: it names up to four kinds of token.
fn expecting(wanted: &[SyntaxKind], source: &SourceFile, start: usize) -> String {
    let before = source.text()[..start].trim_end();
    match wanted {
        [SyntaxKind::TOKEN_ASSIGN] => "'.' or '='".to_owned(),
        [wanted] => token_name(*wanted).to_owned(),
        _ if wanted.contains(&SyntaxKind::TOKEN_STRING_END) => {
            end_of_string(source, start).to_owned()
        }
        [SyntaxKind::TOKEN_IDENT, SyntaxKind::TOKEN_OR, ..] if before.ends_with(['.', '?']) => {
            "identifier or 'or' or '${' or '\"'".to_owned()
        }
        [SyntaxKind::TOKEN_IDENT, SyntaxKind::TOKEN_OR, ..] if before.ends_with("let") => {
            "'in' or 'inherit'".to_owned()
        }
        [SyntaxKind::TOKEN_IDENT, SyntaxKind::TOKEN_OR, ..] => "'inherit'".to_owned(),
        _ => String::new(),
    }
}

/// The text nests deeper than the parser goes.
pub(crate) fn too_deep(span: Span) -> Box<EvalError> {
    EvalError::new(
        ErrorKind::Limit,
        span,
        "the expression is nested too deeply to be parsed",
    )
}

/// The text takes too long to be read.
pub(crate) fn too_dense(span: Span) -> Box<EvalError> {
    EvalError::new(
        ErrorKind::Limit,
        span,
        "too many tokens without white space between them",
    )
}

/// What could follow the text, as far as Nix says so.
fn expecting_at_end(text: &str) -> &'static str {
    let mut open = Vec::new();
    let mut last = SyntaxKind::TOKEN_ERROR;
    for (kind, _) in rnix::tokenize(text) {
        match kind {
            SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT => continue,
            SyntaxKind::TOKEN_L_PAREN | SyntaxKind::TOKEN_L_BRACE | SyntaxKind::TOKEN_L_BRACK => {
                open.push(kind);
            }
            SyntaxKind::TOKEN_R_PAREN | SyntaxKind::TOKEN_R_BRACE | SyntaxKind::TOKEN_R_BRACK => {
                open.pop();
            }
            _ => {}
        }
        last = kind;
    }
    match (open.last(), last) {
        (_, SyntaxKind::TOKEN_LET) => "'in' or 'inherit'",
        (
            Some(SyntaxKind::TOKEN_L_BRACE),
            SyntaxKind::TOKEN_L_BRACE | SyntaxKind::TOKEN_SEMICOLON,
        ) => "'inherit'",
        (Some(SyntaxKind::TOKEN_L_PAREN), last) if last != SyntaxKind::TOKEN_L_PAREN => "')'",
        _ => "",
    }
}

fn unexpected(got: &str, wanted: &str) -> String {
    if wanted.is_empty() {
        format!("syntax error, unexpected {got}")
    } else {
        format!("syntax error, unexpected {got}, expecting {wanted}")
    }
}

/// A token as Nix's grammar names it.
fn token_name(kind: SyntaxKind) -> &'static str {
    match kind {
        SyntaxKind::TOKEN_ADD => "'+'",
        SyntaxKind::TOKEN_AND_AND => "'&&'",
        SyntaxKind::TOKEN_ASSIGN => "'='",
        SyntaxKind::TOKEN_ASSERT => "'assert'",
        SyntaxKind::TOKEN_AT => "'@'",
        SyntaxKind::TOKEN_COLON => "':'",
        SyntaxKind::TOKEN_COMMA => "','",
        SyntaxKind::TOKEN_CONCAT => "'++'",
        SyntaxKind::TOKEN_DIV => "'/'",
        SyntaxKind::TOKEN_DOT => "'.'",
        SyntaxKind::TOKEN_ELLIPSIS => "'...'",
        SyntaxKind::TOKEN_ELSE => "'else'",
        SyntaxKind::TOKEN_EQUAL => "'=='",
        SyntaxKind::TOKEN_FLOAT => "floating-point literal",
        SyntaxKind::TOKEN_IDENT | SyntaxKind::TOKEN_CUR_POS => "identifier",
        SyntaxKind::TOKEN_IF => "'if'",
        SyntaxKind::TOKEN_IMPLICATION => "'->'",
        SyntaxKind::TOKEN_IN => "'in'",
        SyntaxKind::TOKEN_INHERIT => "'inherit'",
        SyntaxKind::TOKEN_INTEGER => "integer",
        SyntaxKind::TOKEN_INTERPOL_END | SyntaxKind::TOKEN_R_BRACE => "'}'",
        SyntaxKind::TOKEN_INTERPOL_START => "'${'",
        SyntaxKind::TOKEN_INVERT => "'!'",
        SyntaxKind::TOKEN_L_BRACE => "'{'",
        SyntaxKind::TOKEN_L_BRACK => "'['",
        SyntaxKind::TOKEN_L_PAREN => "'('",
        SyntaxKind::TOKEN_LESS => "'<'",
        SyntaxKind::TOKEN_LESS_OR_EQ => "'<='",
        SyntaxKind::TOKEN_LET => "'let'",
        SyntaxKind::TOKEN_MORE => "'>'",
        SyntaxKind::TOKEN_MORE_OR_EQ => "'>='",
        SyntaxKind::TOKEN_MUL => "'*'",
        SyntaxKind::TOKEN_NOT_EQUAL => "'!='",
        SyntaxKind::TOKEN_OR => "'or'",
        SyntaxKind::TOKEN_OR_OR => "'||'",
        SyntaxKind::TOKEN_PATH_ABS
        | SyntaxKind::TOKEN_PATH_HOME
        | SyntaxKind::TOKEN_PATH_REL
        | SyntaxKind::TOKEN_PATH_SEARCH => "path",
        SyntaxKind::TOKEN_PIPE_LEFT => "'<|'",
        SyntaxKind::TOKEN_PIPE_RIGHT => "'|>'",
        SyntaxKind::TOKEN_QUESTION => "'?'",
        SyntaxKind::TOKEN_R_BRACK => "']'",
        SyntaxKind::TOKEN_R_PAREN => "')'",
        SyntaxKind::TOKEN_REC => "'rec'",
        SyntaxKind::TOKEN_SEMICOLON => "';'",
        SyntaxKind::TOKEN_STRING_CONTENT => "string",
        SyntaxKind::TOKEN_STRING_END | SyntaxKind::TOKEN_STRING_START => "'\"'",
        SyntaxKind::TOKEN_SUB => "'-'",
        SyntaxKind::TOKEN_THEN => "'then'",
        SyntaxKind::TOKEN_UPDATE => "'//'",
        SyntaxKind::TOKEN_URI => "URI",
        SyntaxKind::TOKEN_WITH => "'with'",
        _ => "invalid token",
    }
}
