//! From rnix's tree to Nix's abstract syntax, with the checks that Nix's parser
//! makes and rnix leaves out.

use std::path::Path;

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;
use rnix::SyntaxKind;
use rnix::SyntaxKind::{
    NODE_APPLY, NODE_ASSERT, NODE_ATTR_SET, NODE_ATTRPATH, NODE_ATTRPATH_VALUE, NODE_BIN_OP,
    NODE_CUR_POS, NODE_DYNAMIC, NODE_HAS_ATTR, NODE_IDENT, NODE_IDENT_PARAM, NODE_IF_ELSE,
    NODE_INHERIT, NODE_INHERIT_FROM, NODE_INTERPOL, NODE_LAMBDA, NODE_LEGACY_LET, NODE_LET_IN,
    NODE_LIST, NODE_LITERAL, NODE_PAREN, NODE_PAT_BIND, NODE_PAT_ENTRY, NODE_PATH_ABS,
    NODE_PATH_HOME, NODE_PATH_REL, NODE_PATH_SEARCH, NODE_PATTERN, NODE_SELECT, NODE_STRING,
    NODE_UNARY_OP, NODE_WITH, TOKEN_ADD, TOKEN_AND_AND, TOKEN_CONCAT, TOKEN_DIV, TOKEN_ELLIPSIS,
    TOKEN_EQUAL, TOKEN_FLOAT, TOKEN_IMPLICATION, TOKEN_INTEGER, TOKEN_INVERT, TOKEN_LESS,
    TOKEN_LESS_OR_EQ, TOKEN_MORE, TOKEN_MORE_OR_EQ, TOKEN_MUL, TOKEN_NOT_EQUAL, TOKEN_OR_OR,
    TOKEN_PATH_ABS, TOKEN_PATH_HOME, TOKEN_PATH_REL, TOKEN_PATH_SEARCH, TOKEN_PIPE_LEFT,
    TOKEN_PIPE_RIGHT, TOKEN_R_PAREN, TOKEN_REC, TOKEN_STRING_CONTENT, TOKEN_SUB, TOKEN_UPDATE,
};

use super::ast::{
    AssertAst, Ast, AttrAst, AttrName, AttrSource, AttrsAst, BinaryAst, BinaryOperator, CallAst,
    ConcatAst, FormalAst, FormalsAst, HasAttrAst, IfAst, LambdaAst, LetAst, Node as AstNode,
    SelectAst, WithAst,
};
use super::attrs::{AttrIndex, Duplicate};
use super::green::{Element, Node, Token};
use super::strings::{IndentedPiece, StrippedPiece, indented_pieces, strip_indentation, unescape};
use super::{Cuts, MAX_NESTING, errors};
use crate::error::{ErrorKind, EvalError};
use crate::features::{Diagnose, ExperimentalFeature, Features, Lints};
use crate::path::canonical;
use crate::print::shown_name;
use crate::render::render_warning;
use crate::source::{SourceFile, Span};
use crate::symbol::{Symbol, Symbols};

/// Names that the parser itself uses.
pub(crate) struct WellKnown {
    pub(crate) sub: Symbol,
    pub(crate) mul: Symbol,
    pub(crate) div: Symbol,
    pub(crate) less_than: Symbol,
    pub(crate) find_file: Symbol,
    pub(crate) nix_path: Symbol,
    pub(crate) body: Symbol,
    pub(crate) or: Symbol,
    pub(crate) builtins: Symbol,
}

impl WellKnown {
    pub(crate) fn new(symbols: &mut Symbols<'_>) -> Self {
        let mut intern = |text: &str| symbols.intern(text.as_bytes());
        Self {
            sub: intern("__sub"),
            mul: intern("__mul"),
            div: intern("__div"),
            less_than: intern("__lessThan"),
            find_file: intern("__findFile"),
            nix_path: intern("__nixPath"),
            body: intern("body"),
            or: intern("or"),
            builtins: intern("builtins"),
        }
    }
}

/// Why there is no tree.
pub(super) enum Failure {
    /// Nix's grammar does not have it. What is wrong is found by reading the text by that
    /// grammar.
    Syntax,
    /// Something that can be told.
    Told(Box<EvalError>),
}

pub(super) type Parsed<T> = Result<T, Failure>;

/// Builds the abstract syntax of one text.
pub(crate) struct Builder<'b, 'a, 'h> {
    pub(crate) heap: &'a Bump,
    pub(crate) symbols: &'b mut Symbols<'h>,
    pub(crate) known: &'b WellKnown,
    pub(crate) source: &'b SourceFile,
    /// What relative paths are relative to.
    pub(crate) base_dir: &'b Path,
    /// What `~/` stands for, if paths may depend on it.
    pub(crate) home: Option<&'b Path>,
    pub(crate) index: AttrIndex,
    /// What was cut out of the text.
    pub(crate) cuts: Cuts,
    pub(crate) features: Features,
    pub(crate) lints: Lints,
    /// Where warnings go.
    pub(crate) warn: &'b mut dyn FnMut(&str),
}

type Built<'a> = Parsed<Ast<'a>>;

impl<'b, 'a> Builder<'b, 'a, '_> {
    /// The expression of a whole text.
    pub(super) fn root(&mut self, root: Node<'_>) -> Built<'a> {
        self.only_child(root)
    }

    fn span(&self, node: Node<'_>) -> Span {
        node.span(self.source)
    }

    /// What every tree without parse errors has. The parser promises it; a tree
    /// that breaks the promise is reported, not trusted.
    fn required<T>(&self, part: Option<T>) -> Parsed<T> {
        part.ok_or(Failure::Syntax)
    }

    fn only_child(&mut self, node: Node<'_>) -> Built<'a> {
        let child = self.required(node.nodes().next())?;
        self.expr(child)
    }

    fn intern(&mut self, token: Token<'_>) -> Symbol {
        self.symbols.intern(token.text().as_bytes())
    }

    fn ident(&mut self, node: Node<'_>) -> Parsed<Symbol> {
        let token = self.required(node.tokens().next())?;
        Ok(self.intern(token))
    }

    fn alloc<T>(&self, value: T) -> &'a mut T {
        self.heap.alloc(value)
    }

    /// An expression in a place where Nix's grammar wants an operand: a function
    /// needs parentheses there, which rnix does not insist on.
    fn operand(&mut self, node: Node<'_>) -> Built<'a> {
        if node.kind() == NODE_LAMBDA {
            return Err(Failure::Syntax);
        }
        self.expr(node)
    }

    /// An argument, an item or a default, where `f or` will mean something else one day.
    fn part(&mut self, node: Node<'_>) -> Built<'a> {
        let built = self.operand(node)?;
        if node.kind() == NODE_APPLY
            && let AstNode::Call(call) = &built.node
            && let [argument] = &call.args[..]
            && matches!(argument.node, AstNode::Var(name) if name == self.known.or)
        {
            self.warn_of_or(built.span);
        }
        Ok(built)
    }

    #[cold]
    fn warn_of_or(&mut self, span: Span) {
        let at = self.source.describe(span.start);
        let text =
            &self.source.text()[self.source.offset(span.start)..self.source.offset(span.end)];
        (self.warn)(&format!(
            "warning: at {at}: This expression uses `or` as an identifier in a way that will \
             change in a future Nix release.\nWrap this entire expression in parentheses to \
             preserve its current meaning:\n    ({text})\nGive feedback at \
             https://github.com/NixOS/nix/pull/11121"
        ));
    }

    fn expr(&mut self, node: Node<'_>) -> Built<'a> {
        if !self.cuts.is_empty()
            && node.kind() == NODE_LIST
            && let Some(piece) = self.cuts.take(node.start())
        {
            return self.only_child(Node::root_at(&piece.tree, piece.start));
        }
        let span = self.span(node);
        let built = match node.kind() {
            NODE_PAREN => {
                // rnix does not insist on the closing one.
                if node.tokens().last().map(Token::kind) != Some(TOKEN_R_PAREN) {
                    return Err(Failure::Syntax);
                }
                let inner = self.required(node.nodes().next())?;
                let mut inner = self.expr(inner)?;
                inner.outer = span;
                return Ok(inner);
            }
            NODE_IDENT => AstNode::Var(self.ident(node)?),
            NODE_LITERAL => self.literal(node)?,
            NODE_CUR_POS => AstNode::CurPos,
            NODE_STRING => return self.string(node),
            NODE_PATH_ABS | NODE_PATH_REL | NODE_PATH_HOME => return self.path(node),
            NODE_PATH_SEARCH => self.lookup_path(node)?,
            NODE_LIST => {
                let mut items = BumpVec::new_in(self.heap);
                for item in node.nodes() {
                    items.push(self.part(item)?);
                }
                AstNode::List(items.into_bump_slice())
            }
            NODE_ATTR_SET => {
                let recursive = node.tokens().any(|token| token.kind() == TOKEN_REC);
                let set = self.index.new_set(self.heap, recursive);
                self.bindings(node, set)?;
                AstNode::Attrs(set)
            }
            NODE_LET_IN => {
                let set = self.index.new_set(self.heap, false);
                self.bindings(node, set)?;
                let body = self.required(last_node(node))?;
                let body = self.expr(body)?;
                if !set.dynamic.is_empty() {
                    return told(span, "dynamic attributes not allowed in let");
                }
                AstNode::Let(self.alloc(LetAst {
                    bindings: set,
                    body,
                }))
            }
            NODE_LEGACY_LET => {
                let set = self.index.new_set(self.heap, true);
                self.bindings(node, set)?;
                let mut path = BumpVec::new_in(self.heap);
                path.push((AttrName::Static(self.known.body), Span::NONE));
                let node = AstNode::Select(self.alloc(SelectAst {
                    subject: Ast::new(Span::NONE, AstNode::Attrs(set)),
                    path,
                    default: None,
                }));
                // Nix says of this selection that it is nowhere.
                return Ok(Ast {
                    span: Span::NONE,
                    outer: span,
                    node,
                });
            }
            NODE_SELECT => self.select(node)?,
            NODE_HAS_ATTR => {
                let mut parts = node.nodes();
                let subject = self.required(parts.next())?;
                let path = self.required(parts.next())?;
                let subject = self.operand(subject)?;
                let path = self.attrpath(path)?;
                AstNode::HasAttr(self.alloc(HasAttrAst { subject, path }))
            }
            NODE_APPLY => self.apply(node)?,
            NODE_LAMBDA => self.lambda(node)?,
            NODE_WITH => {
                let [namespace, body] = self.children(node)?;
                AstNode::With(self.alloc(WithAst { namespace, body }))
            }
            NODE_ASSERT => {
                let [condition, body] = self.children(node)?;
                AstNode::Assert(self.alloc(AssertAst { condition, body }))
            }
            NODE_IF_ELSE => {
                let [condition, then, otherwise] = self.children(node)?;
                AstNode::If(self.alloc(IfAst {
                    condition,
                    then,
                    otherwise,
                }))
            }
            NODE_UNARY_OP => self.unary(node)?,
            NODE_BIN_OP => self.binary(node)?,
            _ => return Err(Failure::Syntax),
        };
        Ok(Ast::new(span, built))
    }

    /// The `N` expressions that a keyword expression consists of.
    fn children<const N: usize>(&mut self, node: Node<'_>) -> Parsed<[Ast<'a>; N]> {
        let mut children = Vec::with_capacity(N);
        for child in node.nodes().take(N) {
            children.push(self.expr(child)?);
        }
        self.required(children.try_into().ok())
    }

    fn literal(&mut self, node: Node<'_>) -> Parsed<AstNode<'a>> {
        let token = self.required(node.tokens().next())?;
        let text = token.text();
        match token.kind() {
            TOKEN_INTEGER => match text.parse() {
                Ok(number) => Ok(AstNode::Int(number)),
                Err(_) => told(self.span(node), format!("invalid integer '{text}'")),
            },
            TOKEN_FLOAT => self.float(node, text),
            // A URL literal.
            _ => {
                self.lint(
                    self.lints.url_literals,
                    "lint-url-literals",
                    self.span(node),
                    |how| {
                        format!(
                            "URL literals are {how}. Consider using a string literal \"{text}\" \
                             instead"
                        )
                    },
                )?;
                Ok(AstNode::Str(self.heap.alloc_slice_copy(text.as_bytes())))
            }
        }
    }

    /// Tells what is wrong with discouraged syntax, if anybody wants to know. The message
    /// is told how it is taken.
    fn lint(
        &mut self,
        taken: Diagnose,
        setting: &str,
        span: Span,
        message: impl FnOnce(&str) -> String,
    ) -> Parsed<()> {
        match taken {
            Diagnose::Ignore => Ok(()),
            Diagnose::Warn => {
                let message = format!("{} ({setting})", message("discouraged"));
                (self.warn)(&render_warning(&message, self.source, span.start));
                Ok(())
            }
            Diagnose::Fatal => told(span, format!("{} ({setting})", message("disallowed"))),
        }
    }

    fn float(&self, node: Node<'_>, text: &str) -> Parsed<AstNode<'a>> {
        let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
        let is_zero = mantissa.bytes().all(|byte| matches!(byte, b'0' | b'.'));
        match text.parse::<f64>() {
            // What C's strtod says is out of range is no number to Nix.
            Ok(number) if number.is_normal() || (number == 0.0 && is_zero) => {
                Ok(AstNode::Float(number))
            }
            _ => told(self.span(node), format!("invalid float '{text}'")),
        }
    }

    fn string(&mut self, node: Node<'_>) -> Built<'a> {
        let span = self.span(node);
        // Nix says of a `"…"` string with interpolations that it starts behind its quotes.
        let mut pos = span;
        let opening = self.required(node.tokens().next())?;
        let mut parts = BumpVec::new_in(self.heap);
        if node.is_indented_string() {
            self.indented_string(node, &mut parts)?;
        } else {
            pos.start = self.source.pos(opening.end());
            self.quoted_string(node, &mut parts)?;
        }
        if parts.is_empty() {
            return Ok(Ast::new(span, AstNode::Str(&[])));
        }
        if let [
            Ast {
                node: AstNode::Str(text),
                ..
            },
        ] = parts[..]
        {
            // `"${"a"}"` has one part too, but stays an interpolation.
            if node.nodes().next().is_none() {
                return Ok(Ast::new(span, AstNode::Str(text)));
            }
        }
        let concat = self.alloc(ConcatAst {
            force_string: true,
            pos,
            parts,
        });
        Ok(Ast::new(span, AstNode::Concat(concat)))
    }

    fn quoted_string(&mut self, node: Node<'_>, parts: &mut BumpVec<'a, Ast<'a>>) -> Parsed<()> {
        for child in node.children() {
            match child {
                Element::Token(token) if token.kind() == TOKEN_STRING_CONTENT => {
                    parts.push(Ast::new(
                        token.span(self.source),
                        AstNode::Str(unescape(self.heap, self.written(token))),
                    ));
                }
                Element::Node(node) => parts.push(self.interpolation(node)?),
                Element::Token(_) => {}
            }
        }
        Ok(())
    }

    /// The bytes of a token, which need not be UTF-8.
    fn written(&self, token: Token<'_>) -> &'b [u8] {
        self.source
            .bytes(token.end() - token.text().len(), token.end())
    }

    /// `${…}`, which messages underline as a whole.
    fn interpolation(&mut self, node: Node<'_>) -> Built<'a> {
        let inner = self.required(node.nodes().next())?;
        let mut inner = self.expr(inner)?;
        inner.outer = self.span(node);
        Ok(inner)
    }

    fn indented_string(&mut self, node: Node<'_>, parts: &mut BumpVec<'a, Ast<'a>>) -> Parsed<()> {
        let mut pieces = Vec::new();
        let mut spans = Vec::new();
        for child in node.children() {
            match child {
                Element::Token(token) if token.kind() == TOKEN_STRING_CONTENT => {
                    let mut text = self.written(token);
                    if pieces.is_empty() {
                        // The opening quotes take the rest of an empty line.
                        let blanks = text.iter().take_while(|byte| **byte == b' ').count();
                        if let Some(rest) = text[blanks..].strip_prefix(b"\n") {
                            text = rest;
                        }
                    }
                    let start = token.end() - text.len();
                    indented_pieces(text, |written, piece| {
                        let span = self.source.span(start + written.start, start + written.end);
                        spans.push(span);
                        pieces.push(piece);
                    });
                }
                Element::Node(interpolation) => {
                    spans.push(self.span(interpolation));
                    pieces.push(IndentedPiece::Interpolation(
                        self.interpolation(interpolation)?,
                    ));
                }
                Element::Token(_) => {}
            }
        }
        for (index, piece) in strip_indentation(self.heap, pieces) {
            parts.push(match piece {
                StrippedPiece::Text(text) => Ast::new(spans[index], AstNode::Str(text)),
                StrippedPiece::Interpolation(expression) => expression,
            });
        }
        Ok(())
    }

    fn path(&mut self, node: Node<'_>) -> Built<'a> {
        let span = self.span(node);
        let mut parts = BumpVec::new_in(self.heap);
        for child in node.children() {
            match child {
                Element::Token(token)
                    if matches!(
                        token.kind(),
                        TOKEN_PATH_ABS | TOKEN_PATH_REL | TOKEN_PATH_HOME
                    ) =>
                {
                    let part = if parts.is_empty() {
                        AstNode::Path(self.path_start(token)?)
                    } else {
                        AstNode::Str(self.heap.alloc_slice_copy(token.text().as_bytes()))
                    };
                    parts.push(Ast::new(token.span(self.source), part));
                }
                Element::Node(interpolation) if interpolation.kind() == NODE_INTERPOL => {
                    parts.push(self.interpolation(interpolation)?);
                }
                _ => {}
            }
        }
        if parts.len() == 1 {
            let start = self.required(parts.pop())?;
            return Ok(start);
        }
        let concat = self.alloc(ConcatAst {
            force_string: false,
            pos: span,
            parts,
        });
        Ok(Ast::new(span, AstNode::Concat(concat)))
    }

    /// The first part of a path, made absolute. A slash at its end is kept: what
    /// follows is a name of its own.
    fn path_start(&mut self, token: Token<'_>) -> Parsed<&'a [u8]> {
        let text = token.text();
        let span = token.span(self.source);
        let is_short = token.kind() == TOKEN_PATH_REL && !text.starts_with('.');
        let base = match token.kind() {
            TOKEN_PATH_ABS => {
                self.lint_absolute(span, "absolute", text)?;
                Path::new("/")
            }
            TOKEN_PATH_REL => {
                if is_short {
                    self.lint(
                        self.lints.short_path_literals,
                        "lint-short-path-literals",
                        span,
                        |_| {
                            format!(
                                "relative path literal '{text}' should be prefixed with '.' for \
                                 clarity: './{text}'"
                            )
                        },
                    )?;
                }
                self.base_dir
            }
            _ => match self.home {
                Some(home) => {
                    self.lint_absolute(span, "home", text)?;
                    home
                }
                None => {
                    return told(
                        Span::NONE,
                        format!("the path '{text}' can not be resolved in pure mode"),
                    );
                }
            },
        };
        let relative = match token.kind() {
            TOKEN_PATH_HOME => &text[2..],
            _ => text,
        };
        let mut path = canonical(base.as_os_str().as_encoded_bytes(), relative.as_bytes());
        if text.len() > 1 && text.ends_with('/') && path != b"/" {
            path.push(b'/');
        }
        Ok(self.heap.alloc_slice_copy(&path))
    }

    fn lint_absolute(&mut self, span: Span, kind: &str, text: &str) -> Parsed<()> {
        let taken = self.lints.absolute_path_literals;
        self.lint(taken, "lint-absolute-path-literals", span, |_| {
            format!(
                "{kind} path literals are not portable. Consider replacing path literal \
                 '{text}' by a string, relative path, or parameter"
            )
        })
    }

    fn lookup_path(&mut self, node: Node<'_>) -> Parsed<AstNode<'a>> {
        let span = self.span(node);
        let token = node
            .tokens()
            .find(|token| token.kind() == TOKEN_PATH_SEARCH);
        let token = self.required(token)?;
        let name = token.text().trim_start_matches('<').trim_end_matches('>');
        let is_name = name.split('/').all(|part| !part.is_empty());
        if !is_name {
            return Err(Failure::Syntax);
        }
        let mut args = BumpVec::new_in(self.heap);
        args.push(variable(self.known.nix_path, span));
        args.push(Ast::new(
            span,
            AstNode::Str(self.heap.alloc_slice_copy(name.as_bytes())),
        ));
        let function = variable(self.known.find_file, span);
        Ok(AstNode::Call(self.alloc(CallAst {
            function,
            pos: span,
            args,
        })))
    }

    fn attrpath(&mut self, node: Node<'_>) -> Parsed<BumpVec<'a, (AttrName<'a>, Span)>> {
        let mut path = BumpVec::new_in(self.heap);
        for name in node.nodes() {
            let span = self.span(name);
            path.push((self.attr_name(name)?, span));
        }
        if path.is_empty() {
            return Err(Failure::Syntax);
        }
        if path.len() > MAX_NESTING {
            return Err(Failure::Told(errors::too_deep(self.span(node))));
        }
        Ok(path)
    }

    fn attr_name(&mut self, node: Node<'_>) -> Parsed<AttrName<'a>> {
        let expression = match node.kind() {
            NODE_IDENT => return Ok(AttrName::Static(self.ident(node)?)),
            NODE_STRING if !node.is_indented_string() => self.string(node)?,
            NODE_DYNAMIC => self.only_child(node)?,
            _ => return Err(Failure::Syntax),
        };
        Ok(match expression.node {
            AstNode::Str(text) => AttrName::Static(self.symbols.intern(text)),
            _ => AttrName::Dynamic(expression),
        })
    }

    fn bindings(&mut self, node: Node<'_>, set: &mut AttrsAst<'a>) -> Parsed<()> {
        for entry in node.nodes() {
            match entry.kind() {
                NODE_ATTRPATH_VALUE => {
                    let mut parts = entry.nodes();
                    let path_node = self.required(parts.next())?;
                    let value = self.required(parts.next())?;
                    let path = self.attrpath(path_node)?;
                    let mut value = self.expr(value)?;
                    if let Some((AttrName::Static(name), _)) = path.last() {
                        name_functions(&mut value, *name);
                    }
                    let pos = self.span(path_node);
                    let added = self.index.add(self.heap, set, path, pos, value);
                    self.no_duplicate(added)?;
                }
                NODE_INHERIT => self.inherit(entry, set)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn inherit(&mut self, node: Node<'_>, set: &mut AttrsAst<'a>) -> Parsed<()> {
        let mut source = None;
        for child in node.nodes() {
            if child.kind() == NODE_INHERIT_FROM {
                source = Some(set.sources.len());
                let from = self.only_child(child)?;
                set.sources.push(from);
                continue;
            }
            let pos = self.span(child);
            let AttrName::Static(name) = self.attr_name(child)? else {
                return told(pos, "dynamic attributes not allowed in inherit");
            };
            let source = match source {
                Some(index) => AttrSource::InheritedFrom(index),
                None => AttrSource::Inherited,
            };
            let added = self.index.add_inherited(set, AttrAst { name, pos, source });
            self.no_duplicate(added)?;
        }
        Ok(())
    }

    fn no_duplicate(&self, added: std::result::Result<(), Duplicate>) -> Parsed<()> {
        let Err(duplicate) = added else {
            return Ok(());
        };
        let mut path = String::new();
        for name in duplicate.path {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&shown_name(self.symbols.text(name)));
        }
        let previous = self.source.describe(duplicate.previous.start);
        told(
            duplicate.pos,
            format!("attribute '{path}' already defined at {previous}"),
        )
    }

    fn select(&mut self, node: Node<'_>) -> Parsed<AstNode<'a>> {
        let mut parts = node.nodes();
        let subject = self.required(parts.next())?;
        let subject = self.operand(subject)?;
        let path = parts.next().filter(|path| path.kind() == NODE_ATTRPATH);
        let path = self.required(path)?;
        let path = self.attrpath(path)?;
        let default = match parts.next() {
            Some(default) => Some(self.part(default)?),
            None => None,
        };
        Ok(AstNode::Select(self.alloc(SelectAst {
            subject,
            path,
            default,
        })))
    }

    fn apply(&mut self, node: Node<'_>) -> Parsed<AstNode<'a>> {
        let mut parts = node.nodes();
        let function = self.required(parts.next())?;
        let argument = self.required(parts.next())?;
        let function = self.operand(function)?;
        let argument = self.part(argument)?;
        Ok(self.call(self.span(node), function, argument))
    }

    /// A call; a call of a call is one call with more arguments.
    fn call(&mut self, pos: Span, function: Ast<'a>, argument: Ast<'a>) -> AstNode<'a> {
        if let AstNode::Call(call) = function.node {
            call.args.push(argument);
            return AstNode::Call(call);
        }
        let mut args = BumpVec::new_in(self.heap);
        args.push(argument);
        AstNode::Call(self.alloc(CallAst {
            function,
            pos,
            args,
        }))
    }

    fn operator_call(
        &mut self,
        name: Symbol,
        pos: Span,
        left: Ast<'a>,
        right: Ast<'a>,
    ) -> AstNode<'a> {
        let mut args = BumpVec::with_capacity_in(2, self.heap);
        args.push(left);
        args.push(right);
        AstNode::Call(self.alloc(CallAst {
            function: variable(name, pos),
            pos,
            args,
        }))
    }

    fn lambda(&mut self, node: Node<'_>) -> Parsed<AstNode<'a>> {
        let mut parts = node.nodes();
        let parameter = self.required(parts.next())?;
        let body = self.required(parts.next())?;
        let (arg, formals) = match parameter.kind() {
            NODE_IDENT_PARAM => {
                let ident = self.required(parameter.nodes().next())?;
                (Some(self.ident(ident)?), None)
            }
            NODE_PATTERN => self.pattern(parameter)?,
            _ => return Err(Failure::Syntax),
        };
        let body = self.expr(body)?;
        Ok(AstNode::Lambda(self.alloc(LambdaAst {
            arg,
            formals,
            body,
            name: None,
        })))
    }

    fn pattern(&mut self, node: Node<'_>) -> Parsed<(Option<Symbol>, Option<FormalsAst<'a>>)> {
        let mut arg = None;
        let mut arg_span = Span::NONE;
        let mut formals: BumpVec<'a, FormalAst<'a>> = BumpVec::new_in(self.heap);
        let mut seen = rustc_hash::FxHashSet::default();
        for child in node.nodes() {
            match child.kind() {
                NODE_PAT_BIND => {
                    let ident = self.required(child.nodes().next())?;
                    arg = Some(self.ident(ident)?);
                    arg_span = self.span(ident);
                }
                NODE_PAT_ENTRY => {
                    let mut parts = child.nodes();
                    let ident = self.required(parts.next())?;
                    let name = self.ident(ident)?;
                    let pos = self.span(ident);
                    let default = match parts.next() {
                        Some(default) => Some(self.expr(default)?),
                        None => None,
                    };
                    if !seen.insert(name) {
                        return self.duplicate_formal(pos, name);
                    }
                    formals.push(FormalAst { name, pos, default });
                }
                _ => {}
            }
        }
        if let Some(arg) = arg
            && seen.contains(&arg)
        {
            return self.duplicate_formal(arg_span, arg);
        }
        let ellipsis = node.tokens().any(|token| token.kind() == TOKEN_ELLIPSIS);
        Ok((arg, Some(FormalsAst { formals, ellipsis })))
    }

    fn duplicate_formal<T>(&self, span: Span, name: Symbol) -> Parsed<T> {
        let name = String::from_utf8_lossy(self.symbols.text(name));
        told(span, format!("duplicate formal function argument '{name}'"))
    }

    fn unary(&mut self, node: Node<'_>) -> Parsed<AstNode<'a>> {
        let operator = self.required(node.tokens().next())?;
        let operand = self.required(node.nodes().next())?;
        let operand = self.operand(operand)?;
        let pos = operator.span(self.source);
        if operator.kind() == TOKEN_INVERT {
            return Ok(AstNode::Not(self.alloc(operand)));
        }
        let zero = Ast::new(pos, AstNode::Int(0));
        Ok(self.operator_call(self.known.sub, pos, zero, operand))
    }

    fn binary(&mut self, node: Node<'_>) -> Parsed<AstNode<'a>> {
        let operator = self.required(node.tokens().next())?;
        let mut operands = node.nodes();
        let left = self.required(operands.next())?;
        let right = self.required(operands.next())?;
        let left = self.operand(left)?;
        let pos = operator.span(self.source);
        let is_pipe = matches!(operator.kind(), TOKEN_PIPE_LEFT | TOKEN_PIPE_RIGHT);
        if is_pipe && !self.features.has(ExperimentalFeature::PipeOperators) {
            return told(pos, ExperimentalFeature::PipeOperators.disabled_message());
        }
        let right = self.operand(right)?;
        let known = self.known;
        let not = |builder: &Self, call: AstNode<'a>| {
            AstNode::Not(builder.alloc(Ast::new(builder.span(node), call)))
        };
        Ok(match operator.kind() {
            TOKEN_ADD => {
                let mut parts = BumpVec::with_capacity_in(2, self.heap);
                parts.push(left);
                parts.push(right);
                AstNode::Concat(self.alloc(ConcatAst {
                    force_string: false,
                    pos,
                    parts,
                }))
            }
            TOKEN_SUB => self.operator_call(known.sub, pos, left, right),
            TOKEN_MUL => self.operator_call(known.mul, pos, left, right),
            TOKEN_DIV => self.operator_call(known.div, pos, left, right),
            TOKEN_LESS => self.operator_call(known.less_than, pos, left, right),
            TOKEN_MORE => self.operator_call(known.less_than, pos, right, left),
            TOKEN_LESS_OR_EQ => {
                let call = self.operator_call(known.less_than, pos, right, left);
                not(self, call)
            }
            TOKEN_MORE_OR_EQ => {
                let call = self.operator_call(known.less_than, pos, left, right);
                not(self, call)
            }
            TOKEN_PIPE_RIGHT => self.call(pos, right, left),
            TOKEN_PIPE_LEFT => self.call(pos, left, right),
            kind => {
                let Some(operator) = binary_operator(kind) else {
                    return Err(Failure::Syntax);
                };
                AstNode::Binary(self.alloc(BinaryAst {
                    operator,
                    operator_span: pos,
                    left,
                    right,
                }))
            }
        })
    }
}

fn last_node(node: Node<'_>) -> Option<Node<'_>> {
    node.nodes().last()
}

fn binary_operator(kind: SyntaxKind) -> Option<BinaryOperator> {
    Some(match kind {
        TOKEN_EQUAL => BinaryOperator::Equal,
        TOKEN_NOT_EQUAL => BinaryOperator::NotEqual,
        TOKEN_AND_AND => BinaryOperator::And,
        TOKEN_OR_OR => BinaryOperator::Or,
        TOKEN_IMPLICATION => BinaryOperator::Implies,
        TOKEN_UPDATE => BinaryOperator::Update,
        TOKEN_CONCAT => BinaryOperator::ConcatLists,
        _ => return None,
    })
}

/// A function is named after what it is bound to, and so are the functions that
/// it directly returns.
fn name_functions(value: &mut Ast<'_>, name: Symbol) {
    let mut value = value;
    while let AstNode::Lambda(lambda) = &mut value.node {
        lambda.name = Some(name);
        value = &mut lambda.body;
    }
}

fn told<T>(span: Span, message: impl Into<String>) -> Parsed<T> {
    Err(Failure::Told(EvalError::new(
        ErrorKind::Syntax,
        span,
        message,
    )))
}

fn variable<'a>(name: Symbol, span: Span) -> Ast<'a> {
    Ast::new(span, AstNode::Var(name))
}
