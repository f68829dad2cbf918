//! Parsing of numbers, strings and paths.

use std::path::Path;

use super::ast::{Ast, CallAst, ConcatAst, Node};
use super::parser::{Parsed, Parser, told};
use super::strings::{IndentedPiece, StrippedPiece, indented_piece, strip_indentation, unescape};
use super::token::{Token, TokenKind};
use crate::path::canonical;
use crate::source::Span;
use bumpalo::collections::Vec as BumpVec;

impl<'a> Parser<'_, 'a, '_> {
    fn number_text(&self) -> String {
        String::from_utf8_lossy(self.token_text(self.token)).into_owned()
    }

    pub(super) fn integer(&mut self) -> Parsed<Node<'a>> {
        let text = self.token_text(self.token);
        let value = text.iter().try_fold(0_i64, |value, digit| {
            value.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
        });
        let Some(value) = value else {
            let text = self.number_text();
            return told(self.token_span(), format!("invalid integer '{text}'"));
        };
        self.advance();
        Ok(Node::Int(value))
    }

    pub(super) fn float(&mut self) -> Parsed<Node<'a>> {
        let text = self.number_text();
        let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
        let is_zero = mantissa.bytes().all(|byte| matches!(byte, b'0' | b'.'));
        match text.parse::<f64>() {
            // What C's strtod says is out of range is no number to Nix.
            Ok(number) if number.is_normal() || (number == 0.0 && is_zero) => {
                self.advance();
                Ok(Node::Float(number))
            }
            _ => told(self.token_span(), format!("invalid float '{text}'")),
        }
    }

    /// `"…"`
    pub(super) fn string(&mut self) -> Parsed<Node<'a>> {
        self.advance();
        let parts_start = self.token.start;
        if self.at(TokenKind::Quote) {
            self.advance();
            return Ok(Node::Str(&[]));
        }
        let first = self.token;
        if first.kind == TokenKind::Text {
            let text = unescape(self.heap, self.token_text(first));
            self.advance();
            if self.eat(TokenKind::Quote) {
                return Ok(Node::Str(text));
            }
            let mut parts = self.list();
            parts.push(Ast::new(self.span(first.start, first.end), Node::Str(text)));
            return self.string_parts(parts, parts_start);
        }
        let parts = self.list();
        self.string_parts(parts, parts_start)
    }

    fn string_parts(&mut self, mut parts: BumpVec<'a, Ast<'a>>, start: u32) -> Parsed<Node<'a>> {
        loop {
            match self.token.kind {
                TokenKind::Text => {
                    let text = unescape(self.heap, self.token_text(self.token));
                    parts.push(Ast::new(self.token_span(), Node::Str(text)));
                    self.advance();
                }
                TokenKind::InterpolationStart => parts.push(self.interpolation()?),
                _ => break,
            }
        }
        let pos = self.span_from(start);
        self.expect(TokenKind::Quote)?;
        Ok(Node::Concat(self.alloc(ConcatAst {
            force_string: true,
            pos,
            parts,
        })))
    }

    /// `${…}`, which messages underline as a whole.
    pub(super) fn interpolation(&mut self) -> Parsed<Ast<'a>> {
        let start = self.token.start;
        self.expect(TokenKind::InterpolationStart)?;
        let mut inner = self.expr()?;
        self.expect(TokenKind::BraceClose)?;
        inner.outer = self.span_from(start);
        Ok(inner)
    }

    /// `''…''`
    pub(super) fn indented_string(&mut self) -> Parsed<Node<'a>> {
        let start = self.token.start;
        self.advance();
        let mut pieces = Vec::new();
        let mut spans = Vec::new();
        loop {
            match self.token.kind {
                TokenKind::IndentedText => {
                    spans.push(self.token_span());
                    pieces.push(indented_piece(self.token_text(self.token)));
                    self.advance();
                }
                TokenKind::InterpolationStart => {
                    spans.push(self.token_span());
                    pieces.push(IndentedPiece::Interpolation(self.interpolation()?));
                }
                _ => break,
            }
        }
        self.expect(TokenKind::IndentedEnd)?;
        let mut parts = self.list();
        for (index, piece) in strip_indentation(self.heap, pieces) {
            parts.push(match piece {
                StrippedPiece::Text(text) => Ast::new(spans[index], Node::Str(text)),
                StrippedPiece::Interpolation(expression) => expression,
            });
        }
        match parts.as_slice() {
            [] => return Ok(Node::Str(&[])),
            [
                Ast {
                    node: Node::Str(text),
                    ..
                },
            ] => return Ok(Node::Str(text)),
            _ => {}
        }
        Ok(Node::Concat(self.alloc(ConcatAst {
            force_string: true,
            pos: self.span_from(start),
            parts,
        })))
    }

    pub(super) fn path(&mut self) -> Parsed<Node<'a>> {
        let first = self.token;
        let start = self.path_start(first)?;
        self.advance();
        if self.eat(TokenKind::PathEnd) {
            return Ok(Node::Path(start));
        }
        let mut parts = self.list();
        parts.push(Ast::new(
            self.span(first.start, first.end),
            Node::Path(start),
        ));
        let mut interpolated = false;
        loop {
            match self.token.kind {
                TokenKind::Text => {
                    // A path goes on with an interpolation first.
                    let text = self.heap.alloc_slice_copy(self.token_text(self.token));
                    parts.push(Ast::new(self.token_span(), Node::Str(text)));
                    self.advance();
                    if !interpolated && !self.at(TokenKind::InterpolationStart) {
                        return Err(super::parser::Failure::Syntax);
                    }
                }
                TokenKind::InterpolationStart => {
                    interpolated = true;
                    parts.push(self.interpolation()?);
                }
                _ => break,
            }
        }
        let pos = self.span_from(first.start);
        self.expect(TokenKind::PathEnd)?;
        Ok(Node::Concat(self.alloc(ConcatAst {
            force_string: false,
            pos,
            parts,
        })))
    }

    /// The first part of a path, made absolute. A slash at its end is kept: what
    /// follows is a name of its own.
    fn path_start(&mut self, token: Token) -> Parsed<&'a [u8]> {
        let text = self.token_text(token);
        let base = match (token.kind, text) {
            (TokenKind::HomePath, _) => match self.home {
                Some(home) => home,
                None => {
                    let text = String::from_utf8_lossy(text);
                    return told(
                        Span::NONE,
                        format!("the path '{text}' can not be resolved in pure mode"),
                    );
                }
            },
            (_, [b'/', ..]) => Path::new("/"),
            _ => self.base_dir,
        };
        let relative = match token.kind {
            TokenKind::HomePath => &text[2..],
            _ => text,
        };
        let mut path = canonical(base.as_os_str().as_encoded_bytes(), relative);
        if text.len() > 1 && text.ends_with(b"/") && path != b"/" {
            path.push(b'/');
        }
        Ok(self.heap.alloc_slice_copy(&path))
    }

    /// `<…>`
    pub(super) fn lookup_path(&mut self) -> Node<'a> {
        let span = self.token_span();
        let text = self.token_text(self.token);
        self.advance();
        let name = &text[1..text.len() - 1];
        let mut args = self.list();
        args.push(Ast::new(span, Node::Var(self.known.nix_path)));
        args.push(Ast::new(span, Node::Str(self.heap.alloc_slice_copy(name))));
        let function = Ast::new(span, Node::Var(self.known.find_file));
        Node::Call(self.alloc(CallAst {
            function,
            pos: span,
            args,
        }))
    }
}
