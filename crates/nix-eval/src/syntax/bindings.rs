//! Parsing of what binds names: sets, `let`, and the arguments of functions.

use super::ast::{
    Ast, AttrAst, AttrName, AttrSource, AttrsAst, FormalAst, FormalsAst, LambdaAst, Node,
};
use super::attrs::Duplicate;
use super::parser::{Failure, Parsed, Parser, told};
use super::token::TokenKind;
use super::{MAX_NESTING, errors};
use crate::source::Span;
use crate::symbol::Symbol;
use bumpalo::collections::Vec as BumpVec;

/// Names of an attribute path, and where they stand.
type AttrPath<'a> = BumpVec<'a, (AttrName<'a>, Span)>;

impl<'a> Parser<'_, 'a, '_> {
    /// `{ … }`
    pub(super) fn braces(&mut self, start: u32, recursive: bool) -> Parsed<&'a mut AttrsAst<'a>> {
        self.expect(TokenKind::BraceOpen)?;
        let set = self.bindings(start, recursive)?;
        self.expect(TokenKind::BraceClose)?;
        set.span = self.span_from(start);
        Ok(set)
    }

    /// What stands in braces, or behind `let`.
    pub(super) fn bindings(&mut self, start: u32, recursive: bool) -> Parsed<&'a mut AttrsAst<'a>> {
        let span = self.span_from(start);
        let set = self.index.new_set(self.heap, span, recursive);
        loop {
            match self.token.kind {
                TokenKind::Inherit => self.inherit(set)?,
                TokenKind::Identifier
                | TokenKind::OrKeyword
                | TokenKind::Quote
                | TokenKind::InterpolationStart => {
                    let start = self.token.start;
                    let path = self.attr_path()?;
                    let pos = self.span_from(start);
                    self.expect(TokenKind::Assign)?;
                    let mut value = self.expr()?;
                    self.expect(TokenKind::Semicolon)?;
                    if let Some((AttrName::Static(name), _)) = path.last() {
                        name_functions(&mut value, *name);
                    }
                    let added = self.index.add(self.heap, set, path, pos, value);
                    self.no_duplicate(added)?;
                }
                _ => return Ok(set),
            }
        }
    }

    fn inherit(&mut self, set: &mut AttrsAst<'a>) -> Parsed<()> {
        self.advance();
        let mut source = None;
        if self.eat(TokenKind::ParenOpen) {
            source = Some(self.expr()?);
            self.expect(TokenKind::ParenClose)?;
        }
        let mut names = Vec::new();
        loop {
            let start = self.token.start;
            let name = match self.token.kind {
                TokenKind::Semicolon => break,
                _ => self.attr_name()?,
            };
            let pos = self.span_from(start);
            match name {
                AttrName::Static(name) => names.push((name, pos)),
                AttrName::Dynamic(_) => {
                    return told(pos, "dynamic attributes not allowed in inherit");
                }
            }
        }
        self.expect(TokenKind::Semicolon)?;
        let index = set.sources.len();
        let inherits_from = source.is_some();
        set.sources.extend(source);
        for (name, pos) in names {
            let source = if inherits_from {
                AttrSource::InheritedFrom(index)
            } else {
                AttrSource::Inherited
            };
            let added = self.index.add_inherited(set, AttrAst { name, pos, source });
            self.no_duplicate(added)?;
        }
        Ok(())
    }

    /// Names with dots between them.
    pub(super) fn attr_path(&mut self) -> Parsed<AttrPath<'a>> {
        let mut path = self.list();
        loop {
            let start = self.token.start;
            let name = self.attr_name()?;
            path.push((name, self.span_from(start)));
            if path.len() > MAX_NESTING {
                return Err(Failure::Told(errors::too_deep(self.span_from(start))));
            }
            if !self.eat(TokenKind::Dot) {
                return Ok(path);
            }
        }
    }

    fn attr_name(&mut self) -> Parsed<AttrName<'a>> {
        let start = self.token.start;
        let expression = match self.token.kind {
            TokenKind::Identifier | TokenKind::OrKeyword => {
                let name = self.intern_token();
                self.advance();
                return Ok(AttrName::Static(name));
            }
            TokenKind::Quote => {
                let node = self.string()?;
                Ast::new(self.span_from(start), node)
            }
            TokenKind::InterpolationStart => self.interpolation()?,
            _ => return Err(Failure::Syntax),
        };
        Ok(match expression.node {
            Node::Str(text) => AttrName::Static(self.symbols.intern(text)),
            _ => AttrName::Dynamic(expression),
        })
    }

    fn no_duplicate(&self, added: Result<(), Duplicate>) -> Parsed<()> {
        let Err(duplicate) = added else {
            return Ok(());
        };
        let mut path = String::new();
        for name in duplicate.path {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&String::from_utf8_lossy(self.symbols.text(name)));
        }
        let previous = self.source.describe(duplicate.previous.start);
        told(
            duplicate.pos,
            format!("attribute '{path}' already defined at {previous}"),
        )
    }

    /// A function: what comes next is known to be its argument.
    pub(super) fn function(&mut self, start: u32) -> Parsed<Ast<'a>> {
        let mut arg = None;
        let mut formals = None;
        if self.at(TokenKind::Identifier) {
            arg = Some(self.intern_token());
            self.advance();
            if self.eat(TokenKind::At) {
                formals = Some(self.formals()?);
            }
        } else {
            formals = Some(self.formals()?);
            if self.eat(TokenKind::At) {
                arg = Some(self.intern_token());
                self.expect(TokenKind::Identifier)?;
            }
        }
        self.expect(TokenKind::Colon)?;
        let body = self.expr()?;
        let span = self.span_from(start);
        if let Some(formals) = &formals {
            self.no_duplicate_formal(formals, arg, span)?;
        }
        let lambda = self.alloc(LambdaAst {
            arg,
            formals,
            body,
            name: None,
        });
        Ok(Ast::new(span, Node::Lambda(lambda)))
    }

    fn formals(&mut self) -> Parsed<FormalsAst<'a>> {
        self.expect(TokenKind::BraceOpen)?;
        let mut formals = self.list();
        let mut ellipsis = false;
        loop {
            match self.token.kind {
                TokenKind::BraceClose => break,
                TokenKind::Ellipsis => {
                    self.advance();
                    ellipsis = true;
                    break;
                }
                _ => {}
            }
            let pos = self.token_span();
            let name = self.intern_token();
            self.expect(TokenKind::Identifier)?;
            let default = if self.eat(TokenKind::Question) {
                Some(self.expr()?)
            } else {
                None
            };
            formals.push(FormalAst { name, pos, default });
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::BraceClose)?;
        Ok(FormalsAst { formals, ellipsis })
    }

    fn no_duplicate_formal(
        &self,
        formals: &FormalsAst<'a>,
        arg: Option<Symbol>,
        span: Span,
    ) -> Parsed<()> {
        let mut sorted: Vec<(Symbol, Span)> = formals
            .formals
            .iter()
            .map(|formal| (formal.name, formal.pos))
            .collect();
        sorted.sort_by_key(|(name, _)| *name);
        let mut pairs = sorted.windows(2);
        let duplicate = pairs
            .find(|pair| pair[0].0 == pair[1].0)
            .map(|pair| pair[1]);
        let is_formal = |arg: &Symbol| sorted.iter().any(|(name, _)| name == arg);
        let duplicate = duplicate.or_else(|| Some((arg.filter(is_formal)?, span)));
        match duplicate {
            None => Ok(()),
            Some((name, pos)) => {
                let name = String::from_utf8_lossy(self.symbols.text(name));
                told(pos, format!("duplicate formal function argument '{name}'"))
            }
        }
    }
}

/// A function is named after what it is bound to, and so are the functions that
/// it directly returns.
fn name_functions(value: &mut Ast<'_>, name: Symbol) {
    let mut value = value;
    while let Node::Lambda(lambda) = &mut value.node {
        lambda.name = Some(name);
        value = &mut lambda.body;
    }
}
