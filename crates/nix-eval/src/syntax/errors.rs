//! rnix's errors in the words of Nix's parser.

use rnix::{ParseError, SyntaxKind, TextRange};

use crate::error::{ErrorKind, EvalError};
use crate::source::{SourceFile, Span};

/// The error that Nix would report for the first of rnix's.
pub(crate) fn syntax_error(errors: &[ParseError], source: &SourceFile) -> Option<Box<EvalError>> {
    let first = errors.first()?;
    let end = source.text().len();
    let at = |range: &TextRange| source.span(range.start().into(), range.end().into());
    let at_end = source.span(end, end);
    let (span, message) = match first {
        ParseError::UnexpectedWanted(got, range, wanted) => (
            at(range),
            unexpected(token_name(*got), wanted),
        ),
        ParseError::Unexpected(range)
        | ParseError::UnexpectedExtra(range)
        | ParseError::UnexpectedDoubleBind(range) => {
            let token = source.text()[usize::from(range.start())..].trim_start();
            let got = rnix::tokenize(token).next();
            (
                at(range),
                unexpected(got.map_or("end of file", |(kind, _)| token_name(kind)), &[]),
            )
        }
        ParseError::DuplicatedArgs(range, name) => (
            at(range),
            format!("duplicate formal function argument '{name}'"),
        ),
        ParseError::UnexpectedEOFWanted(wanted) => (at_end, unexpected("end of file", wanted)),
        ParseError::RecursionLimitExceeded => return Some(too_deep(at_end)),
        _ => (at_end, unexpected("end of file", &[])),
    };
    Some(EvalError::new(ErrorKind::Syntax, span, message))
}

/// The text nests deeper than the parser goes.
pub(crate) fn too_deep(span: Span) -> Box<EvalError> {
    EvalError::new(
        ErrorKind::Limit,
        span,
        "the expression is nested too deeply to be parsed",
    )
}

fn unexpected(got: &str, wanted: &[SyntaxKind]) -> String {
    match wanted {
        [wanted] => format!(
            "syntax error, unexpected {got}, expecting {}",
            token_name(*wanted)
        ),
        _ => format!("syntax error, unexpected {got}"),
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
