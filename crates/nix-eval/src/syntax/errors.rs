//! What is wrong with a text that cannot be parsed, as Nix says it.

use std::sync::LazyLock;

use super::lalr::{Automaton, SyntaxProblem};
use super::lexer::{Lexer, LexerProblem};
use super::token::{TOKEN_NAMES, TokenKind};
use crate::error::{ErrorKind, EvalError};
use crate::features::{ExperimentalFeature, Features};
use crate::source::{SourceFile, Span};

/// Made when the first text is not understood.
pub(super) static AUTOMATON: LazyLock<Automaton> = LazyLock::new(Automaton::new);

/// The error that Nix reports for a text that is not understood.
pub(super) fn syntax_error(source: &SourceFile, features: Features) -> Box<EvalError> {
    let mut lexer = Lexer::new(source.text().as_bytes());
    let has_pipes = features.has(ExperimentalFeature::PipeOperators);
    let problem = AUTOMATON.run(|| {
        let token = lexer.next()?;
        match token.kind {
            TokenKind::PipeFrom | TokenKind::PipeInto if !has_pipes => Err(LexerProblem::Pipe),
            _ => Ok(token),
        }
    });
    let location = lexer.location();
    let (message, begin) = match problem {
        Ok(Some(problem)) => {
            let begin = match problem.unexpected {
                TokenKind::EndOfFile => location.end,
                _ => location.begin,
            };
            (describe(&problem), begin)
        }
        Err(LexerProblem::TrailingSlash) => {
            ("path has a trailing slash".to_owned(), location.begin)
        }
        Err(LexerProblem::Pipe) => (
            ExperimentalFeature::PipeOperators.disabled_message(),
            location.begin,
        ),
        // Operators in front of an operand that binds more strongly, as in `1 + !x`, and paths
        // that start with three dots.
        Ok(None) => (
            "rnix, which parses Nix here, does not read this text, though Nix does".to_owned(),
            location.begin,
        ),
    };
    let span = source.span(begin as usize, location.end as usize);
    EvalError::new(ErrorKind::Syntax, span, message)
}

fn describe(problem: &SyntaxProblem) -> String {
    let name = |kind: TokenKind| TOKEN_NAMES[kind as usize];
    let mut message = format!("syntax error, unexpected {}", name(problem.unexpected));
    for (index, &kind) in problem.expected.iter().enumerate() {
        message.push_str(if index == 0 { ", expecting " } else { " or " });
        message.push_str(name(kind));
    }
    message
}

/// The text takes too long to be read.
pub(crate) fn too_dense(span: Span) -> Box<EvalError> {
    EvalError::new(
        ErrorKind::Limit,
        span,
        "too many tokens without white space between them",
    )
}

/// The text nests deeper than the parser goes.
pub(crate) fn too_deep(span: Span) -> Box<EvalError> {
    EvalError::new(
        ErrorKind::Limit,
        span,
        "the expression is nested too deeply to be parsed",
    )
}
