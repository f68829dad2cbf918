//! From tokens to Nix's abstract syntax: by recursive descent, with the checks that
//! Nix's parser makes on the way. What is wrong with a text that cannot be parsed,
//! `errors` tells.

use std::path::Path;

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;

use super::ast::{
    AssertAst, Ast, AttrName, BinaryAst, BinaryOperator, CallAst, ConcatAst, HasAttrAst, IfAst,
    LetAst, Node, SelectAst, WithAst,
};
use super::attrs::AttrIndex;
use super::lexer::Lexer;
use super::token::{Token, TokenKind};
use super::{MAX_NESTING, errors};
use crate::error::{ErrorKind, EvalError};
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
    pub(crate) cur_pos: Symbol,
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
            cur_pos: intern("__curPos"),
        }
    }
}

/// Why there is no tree.
pub(super) enum Failure {
    /// A token is not understood. Which, and what was expected, is found by reading
    /// the text again.
    Syntax,
    /// Something that can be told.
    Told(Box<EvalError>),
}

pub(super) type Parsed<T> = Result<T, Failure>;

/// Parses one text.
pub(crate) struct Parser<'p, 'a, 'h> {
    pub(super) heap: &'a Bump,
    pub(super) symbols: &'p mut Symbols<'h>,
    pub(super) known: &'p WellKnown,
    pub(super) source: &'p SourceFile,
    /// What relative paths are relative to.
    pub(super) base_dir: &'p Path,
    /// What `~/` stands for, if paths may depend on it.
    pub(super) home: Option<&'p Path>,
    pub(super) index: AttrIndex,
    lexer: Lexer<'p>,
    pub(super) text: &'p [u8],
    /// The next token, and those behind it that were looked at already.
    pub(super) token: Token,
    ahead: [Token; 2],
    looked_ahead: usize,
    /// Where the token before ended.
    pub(super) last_end: u32,
    depth: usize,
    /// Where warnings go.
    warn: &'p mut dyn FnMut(&str),
    /// The last selection, if it is a use of a variable called `or`.
    use_of_or: Option<Span>,
}

/// How strongly operators bind, as far as anything but their order needs it.
mod strength {
    pub(super) const WEAKEST: u8 = 1;
    pub(super) const EQUALITY: u8 = 4;
    pub(super) const COMPARISON: u8 = 5;
    pub(super) const NOT: u8 = 7;
    pub(super) const NEGATION: u8 = 12;
}

/// An operator between two operands: how strongly it binds, and whether it groups
/// to the right.
fn binary_operator(kind: TokenKind) -> Option<(u8, bool)> {
    Some(match kind {
        TokenKind::Implies => (strength::WEAKEST, true),
        TokenKind::Or => (2, false),
        TokenKind::And => (3, false),
        TokenKind::Equal | TokenKind::NotEqual => (strength::EQUALITY, false),
        TokenKind::Less
        | TokenKind::Greater
        | TokenKind::LessOrEqual
        | TokenKind::GreaterOrEqual => (strength::COMPARISON, false),
        TokenKind::Update => (6, true),
        TokenKind::Plus | TokenKind::Minus => (8, false),
        TokenKind::Times | TokenKind::Divide => (9, false),
        TokenKind::Concat => (10, true),
        TokenKind::Question => (11, false),
        _ => return None,
    })
}

/// Whether operators of this strength cannot follow each other.
fn is_single(strength: u8) -> bool {
    matches!(strength, strength::EQUALITY | strength::COMPARISON)
}

impl<'p, 'a, 'h> Parser<'p, 'a, 'h> {
    pub(crate) fn new(
        heap: &'a Bump,
        symbols: &'p mut Symbols<'h>,
        known: &'p WellKnown,
        source: &'p SourceFile,
        base_dir: &'p Path,
        home: Option<&'p Path>,
        warn: &'p mut dyn FnMut(&str),
    ) -> Self {
        let text = source.text().as_bytes();
        let start = Token {
            kind: TokenKind::EndOfFile,
            start: 0,
            end: 0,
        };
        Self {
            heap,
            symbols,
            known,
            source,
            base_dir,
            home,
            index: AttrIndex::default(),
            lexer: Lexer::new(text),
            text,
            token: start,
            ahead: [start; 2],
            looked_ahead: 0,
            last_end: 0,
            depth: 0,
            warn,
            use_of_or: None,
        }
    }

    /// The expression of the whole text.
    ///
    /// # Errors
    ///
    /// The first thing that Nix's parser complains about.
    pub(crate) fn parse(mut self) -> Result<Ast<'a>, Box<EvalError>> {
        let source = self.source;
        self.whole().map_err(|failure| match failure {
            Failure::Told(error) => error,
            Failure::Syntax => errors::syntax_error(source),
        })
    }

    fn whole(&mut self) -> Parsed<Ast<'a>> {
        self.advance();
        let ast = self.expr()?;
        self.expect(TokenKind::EndOfFile)?;
        Ok(ast)
    }

    fn lex(&mut self) -> Token {
        self.lexer.next().unwrap_or(Token {
            kind: TokenKind::Invalid,
            start: self.last_end,
            end: self.last_end,
        })
    }

    /// Goes on to the next token.
    #[inline]
    pub(super) fn advance(&mut self) {
        self.last_end = self.token.end;
        if self.looked_ahead == 0 {
            self.token = self.lex();
        } else {
            self.token = self.ahead[0];
            self.ahead[0] = self.ahead[1];
            self.looked_ahead -= 1;
        }
    }

    /// The kind of the token behind the next one, or of the one after that.
    fn peek(&mut self, index: usize) -> TokenKind {
        while self.looked_ahead <= index {
            self.ahead[self.looked_ahead] = self.lex();
            self.looked_ahead += 1;
        }
        self.ahead[index].kind
    }

    #[inline]
    pub(super) fn at(&self, kind: TokenKind) -> bool {
        self.token.kind == kind
    }

    #[inline]
    pub(super) fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.at(kind);
        if found {
            self.advance();
        }
        found
    }

    #[inline]
    pub(super) fn expect(&mut self, kind: TokenKind) -> Parsed<()> {
        if self.at(kind) {
            self.advance();
            Ok(())
        } else {
            Err(Failure::Syntax)
        }
    }

    pub(super) fn span(&self, start: u32, end: u32) -> Span {
        self.source.span(start as usize, end as usize)
    }

    /// From an offset to the end of what was read last.
    pub(super) fn span_from(&self, start: u32) -> Span {
        self.span(start, self.last_end)
    }

    pub(super) fn token_span(&self) -> Span {
        self.span(self.token.start, self.token.end)
    }

    pub(super) fn token_text(&self, token: Token) -> &'p [u8] {
        &self.text[token.start as usize..token.end as usize]
    }

    pub(super) fn intern_token(&mut self) -> Symbol {
        let text = self.token_text(self.token);
        self.symbols.intern(text)
    }

    pub(super) fn alloc<T>(&self, value: T) -> &'a mut T {
        self.heap.alloc(value)
    }

    pub(super) fn list<T>(&self) -> BumpVec<'a, T> {
        BumpVec::new_in(self.heap)
    }

    /// Runs `f` one level deeper, on enough stack.
    #[inline]
    fn nested<T>(&mut self, f: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(Failure::Told(errors::too_deep(self.token_span())));
        }
        let result = super::on_enough_stack(|| f(self));
        self.depth -= 1;
        result
    }

    /// Anything: a function, a keyword expression or an operation.
    pub(super) fn expr(&mut self) -> Parsed<Ast<'a>> {
        self.nested(Self::expr_here)
    }

    fn expr_here(&mut self) -> Parsed<Ast<'a>> {
        let start = self.token.start;
        if self.at_function() {
            return self.function(start);
        }
        if self.at(TokenKind::Let) && self.peek(0) == TokenKind::BraceOpen {
            return self.pipeline();
        }
        let node = match self.token.kind {
            TokenKind::Assert => {
                self.advance();
                let condition = self.expr()?;
                self.expect(TokenKind::Semicolon)?;
                let body = self.expr()?;
                Node::Assert(self.alloc(AssertAst { condition, body }))
            }
            TokenKind::With => {
                self.advance();
                let namespace = self.expr()?;
                self.expect(TokenKind::Semicolon)?;
                let body = self.expr()?;
                Node::With(self.alloc(WithAst { namespace, body }))
            }
            TokenKind::Let => {
                self.advance();
                let bindings = self.bindings(start, false)?;
                self.expect(TokenKind::In)?;
                let body = self.expr()?;
                if !bindings.dynamic.is_empty() {
                    let span = self.span_from(start);
                    return told(span, "dynamic attributes not allowed in let");
                }
                Node::Let(self.alloc(LetAst { bindings, body }))
            }
            TokenKind::If => {
                self.advance();
                let condition = self.expr()?;
                self.expect(TokenKind::Then)?;
                let then = self.expr()?;
                self.expect(TokenKind::Else)?;
                let otherwise = self.expr()?;
                Node::If(self.alloc(IfAst {
                    condition,
                    then,
                    otherwise,
                }))
            }
            _ => return self.pipeline(),
        };
        Ok(Ast::new(self.span_from(start), node))
    }

    /// Whether the argument of a function comes next.
    fn at_function(&mut self) -> bool {
        match self.token.kind {
            TokenKind::Identifier => matches!(self.peek(0), TokenKind::Colon | TokenKind::At),
            TokenKind::BraceOpen => self.at_formals(),
            _ => false,
        }
    }

    /// Whether the brace that comes next opens formal arguments.
    fn at_formals(&mut self) -> bool {
        match self.peek(0) {
            TokenKind::Ellipsis => true,
            TokenKind::BraceClose => matches!(self.peek(1), TokenKind::Colon | TokenKind::At),
            TokenKind::Identifier => matches!(
                self.peek(1),
                TokenKind::Comma | TokenKind::Question | TokenKind::BraceClose
            ),
            _ => false,
        }
    }

    /// Operations, put through pipes in one direction.
    fn pipeline(&mut self) -> Parsed<Ast<'a>> {
        let mut left = self.operation(strength::WEAKEST)?;
        match self.token.kind {
            TokenKind::PipeInto => {
                while self.at(TokenKind::PipeInto) {
                    let pos = self.token_span();
                    self.advance();
                    let right = self.operation(strength::WEAKEST)?;
                    left = self.call(pos, right, left);
                }
                Ok(left)
            }
            TokenKind::PipeFrom => self.nested(|parser| {
                let mut parts = vec![left];
                let mut pipes = Vec::new();
                while parser.at(TokenKind::PipeFrom) {
                    pipes.push(parser.token_span());
                    parser.advance();
                    parts.push(parser.operation(strength::WEAKEST)?);
                }
                // The last is the first argument.
                let mut parts = parts.into_iter().rev();
                let mut result = parts.next().ok_or(Failure::Syntax)?;
                for (function, pos) in parts.zip(pipes.into_iter().rev()) {
                    result = parser.call(pos, function, result);
                }
                Ok(result)
            }),
            _ => Ok(left),
        }
    }

    /// Operands with operators that bind at least so strongly.
    fn operation(&mut self, weakest: u8) -> Parsed<Ast<'a>> {
        let mut left = self.operand()?;
        // Which operators cannot follow: they do not chain.
        let mut refused = 0;
        let mut height = 0;
        while let Some((strength, to_the_right)) = binary_operator(self.token.kind) {
            if strength < weakest {
                break;
            }
            if strength == refused {
                return Err(Failure::Syntax);
            }
            refused = if is_single(strength) { strength } else { 0 };
            height += 1;
            if height > MAX_NESTING {
                return Err(Failure::Told(errors::too_deep(self.token_span())));
            }
            let operator = self.token;
            self.advance();
            let start = left.outer.start;
            let node = if operator.kind == TokenKind::Question {
                let path = self.attr_path()?;
                Node::HasAttr(self.alloc(HasAttrAst {
                    subject: left,
                    path,
                }))
            } else {
                let weakest = if to_the_right { strength } else { strength + 1 };
                let right = self.nested(|parser| parser.operation(weakest))?;
                self.binary(operator, left, right)
            };
            let end = self.source.pos(self.last_end as usize);
            left = Ast::new(Span { start, end }, node);
        }
        Ok(left)
    }

    /// An operand with the operators in front of it.
    fn operand(&mut self) -> Parsed<Ast<'a>> {
        let operator = self.token;
        match operator.kind {
            TokenKind::Not => {
                self.advance();
                let operand = self.nested(|parser| parser.operation(strength::NOT))?;
                let node = Node::Not(self.alloc(operand));
                Ok(Ast::new(self.span_from(operator.start), node))
            }
            TokenKind::Minus => {
                self.advance();
                let operand = self.nested(|parser| parser.operation(strength::NEGATION))?;
                let pos = self.span(operator.start, operator.end);
                let zero = Ast::new(pos, Node::Int(0));
                let node = self.operator_call(self.known.sub, pos, zero, operand);
                Ok(Ast::new(self.span_from(operator.start), node))
            }
            _ => self.application(),
        }
    }

    /// A function with its arguments.
    fn application(&mut self) -> Parsed<Ast<'a>> {
        let mut function = self.selection()?;
        self.use_of_or = None;
        while self.at_simple() {
            let argument = self.part()?;
            let start = function.outer.start;
            let end = self.source.pos(self.last_end as usize);
            function = self.call(Span { start, end }, function, argument);
        }
        Ok(function)
    }

    fn at_simple(&self) -> bool {
        matches!(
            self.token.kind,
            TokenKind::Identifier
                | TokenKind::Integer
                | TokenKind::Float
                | TokenKind::Quote
                | TokenKind::IndentedStart
                | TokenKind::Path
                | TokenKind::HomePath
                | TokenKind::LookupPath
                | TokenKind::Url
                | TokenKind::ParenOpen
                | TokenKind::Let
                | TokenKind::Rec
                | TokenKind::BraceOpen
                | TokenKind::BracketOpen
        )
    }

    /// A selection where `f or` will mean something else one day.
    fn part(&mut self) -> Parsed<Ast<'a>> {
        let selection = self.selection()?;
        if let Some(span) = self.use_of_or.take() {
            self.warn_of_or(span);
        }
        Ok(selection)
    }

    #[cold]
    fn warn_of_or(&mut self, span: Span) {
        let at = self.source.describe(span.start);
        let text = &self.text[self.source.offset(span.start)..self.source.offset(span.end)];
        let text = String::from_utf8_lossy(text);
        (self.warn)(&format!(
            "warning: at {at}: This expression uses `or` as an identifier in a way that will \
             change in a future Nix release.\nWrap this entire expression in parentheses to \
             preserve its current meaning:\n    ({text})\nGive feedback at \
             https://github.com/NixOS/nix/pull/11121"
        ));
    }

    /// Something simple, perhaps with what is selected from it.
    fn selection(&mut self) -> Parsed<Ast<'a>> {
        let subject = self.simple()?;
        self.use_of_or = None;
        let start = subject.outer.start;
        let node = match self.token.kind {
            TokenKind::Dot => {
                self.advance();
                let path = self.attr_path()?;
                let default = if self.eat(TokenKind::OrKeyword) {
                    Some(self.nested(Self::part)?)
                } else {
                    None
                };
                self.use_of_or = None;
                Node::Select(self.alloc(SelectAst {
                    subject,
                    path,
                    default,
                }))
            }
            // A function may be called `or`: `f or` passes it.
            TokenKind::OrKeyword => {
                self.advance();
                let span = Span {
                    start,
                    end: self.source.pos(self.last_end as usize),
                };
                self.use_of_or = Some(span);
                let or = Ast::new(span, Node::Var(self.known.or));
                let mut args = self.list();
                args.push(or);
                Node::Call(self.alloc(CallAst {
                    function: subject,
                    pos: span,
                    args,
                }))
            }
            _ => return Ok(subject),
        };
        let end = self.source.pos(self.last_end as usize);
        Ok(Ast::new(Span { start, end }, node))
    }

    /// A call; a call of a call is one call with more arguments.
    fn call(&mut self, pos: Span, function: Ast<'a>, argument: Ast<'a>) -> Ast<'a> {
        let span = Span {
            start: function.outer.start.min(argument.outer.start),
            end: function.outer.end.max(argument.outer.end),
        };
        let node = match function.node {
            Node::Call(call) => {
                call.args.push(argument);
                Node::Call(call)
            }
            _ => {
                let mut args = self.list();
                args.push(argument);
                Node::Call(self.alloc(CallAst {
                    function,
                    pos,
                    args,
                }))
            }
        };
        Ast::new(span, node)
    }

    fn operator_call(&self, name: Symbol, pos: Span, left: Ast<'a>, right: Ast<'a>) -> Node<'a> {
        let mut args = BumpVec::with_capacity_in(2, self.heap);
        args.push(left);
        args.push(right);
        Node::Call(self.alloc(CallAst {
            function: Ast::new(pos, Node::Var(name)),
            pos,
            args,
        }))
    }

    fn binary(&self, operator: Token, left: Ast<'a>, right: Ast<'a>) -> Node<'a> {
        let pos = self.span(operator.start, operator.end);
        let known = self.known;
        let span = Span {
            start: left.outer.start,
            end: right.outer.end,
        };
        let not = |call: Node<'a>| Node::Not(self.alloc(Ast::new(span, call)));
        let operator = match operator.kind {
            TokenKind::Plus => {
                let mut parts = BumpVec::with_capacity_in(2, self.heap);
                parts.push(left);
                parts.push(right);
                return Node::Concat(self.alloc(ConcatAst {
                    force_string: false,
                    pos,
                    parts,
                }));
            }
            TokenKind::Minus => return self.operator_call(known.sub, pos, left, right),
            TokenKind::Times => return self.operator_call(known.mul, pos, left, right),
            TokenKind::Divide => return self.operator_call(known.div, pos, left, right),
            TokenKind::Less => return self.operator_call(known.less_than, pos, left, right),
            TokenKind::Greater => return self.operator_call(known.less_than, pos, right, left),
            TokenKind::LessOrEqual => {
                return not(self.operator_call(known.less_than, pos, right, left));
            }
            TokenKind::GreaterOrEqual => {
                return not(self.operator_call(known.less_than, pos, left, right));
            }
            TokenKind::Equal => BinaryOperator::Equal,
            TokenKind::NotEqual => BinaryOperator::NotEqual,
            TokenKind::And => BinaryOperator::And,
            TokenKind::Or => BinaryOperator::Or,
            TokenKind::Implies => BinaryOperator::Implies,
            TokenKind::Update => BinaryOperator::Update,
            _ => BinaryOperator::ConcatLists,
        };
        Node::Binary(self.alloc(BinaryAst {
            operator,
            operator_span: pos,
            left,
            right,
        }))
    }

    /// What needs no parentheses anywhere.
    fn simple(&mut self) -> Parsed<Ast<'a>> {
        let start = self.token.start;
        let node = match self.token.kind {
            TokenKind::Identifier => {
                let name = self.intern_token();
                self.advance();
                if name == self.known.cur_pos {
                    Node::CurPos
                } else {
                    Node::Var(name)
                }
            }
            TokenKind::Integer => self.integer()?,
            TokenKind::Float => self.float()?,
            TokenKind::Quote => self.string()?,
            TokenKind::IndentedStart => self.indented_string()?,
            TokenKind::Path | TokenKind::HomePath => self.path()?,
            TokenKind::LookupPath => self.lookup_path(),
            TokenKind::Url => {
                let text = self.token_text(self.token);
                self.advance();
                Node::Str(self.heap.alloc_slice_copy(text))
            }
            TokenKind::ParenOpen => {
                self.advance();
                let mut inner = self.expr()?;
                self.expect(TokenKind::ParenClose)?;
                inner.outer = self.span_from(start);
                return Ok(inner);
            }
            TokenKind::Let => {
                self.advance();
                let set = self.braces(start, true)?;
                let mut path = self.list();
                path.push((AttrName::Static(self.known.body), Span::NONE));
                let subject = Ast::new(Span::NONE, Node::Attrs(set));
                let node = Node::Select(self.alloc(SelectAst {
                    subject,
                    path,
                    default: None,
                }));
                // Nix says of this selection that it is nowhere.
                return Ok(Ast {
                    span: Span::NONE,
                    outer: self.span_from(start),
                    node,
                });
            }
            TokenKind::Rec => {
                self.advance();
                Node::Attrs(self.braces(start, true)?)
            }
            TokenKind::BraceOpen => Node::Attrs(self.braces(start, false)?),
            TokenKind::BracketOpen => self.nested(Self::list_items)?,
            _ => return Err(Failure::Syntax),
        };
        Ok(Ast::new(self.span_from(start), node))
    }

    /// `[ … ]`
    fn list_items(&mut self) -> Parsed<Node<'a>> {
        self.advance();
        let mut items = self.list();
        while self.at_simple() {
            items.push(self.part()?);
        }
        self.expect(TokenKind::BracketClose)?;
        Ok(Node::List(items.into_bump_slice()))
    }
}

pub(super) fn told<T>(span: Span, message: impl Into<String>) -> Parsed<T> {
    Err(Failure::Told(EvalError::new(
        ErrorKind::Syntax,
        span,
        message,
    )))
}
