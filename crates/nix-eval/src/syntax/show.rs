//! Printing of abstract syntax as `nix-instantiate --parse` does.

use super::ast::{Ast, AttrName, AttrSource, AttrsAst, BinaryOperator, LambdaAst, Node};
use crate::print::{format_float, write_attr_name, write_string_literal};
use crate::source::Span;
use crate::symbol::{Symbol, Symbols};

/// Appends an expression in Nix's own notation.
pub(crate) fn show(ast: &Ast<'_>, symbols: &Symbols<'_>, out: &mut Vec<u8>) {
    Printer { symbols, out }.expr(ast);
}

struct Printer<'p, 'h> {
    symbols: &'p Symbols<'h>,
    out: &'p mut Vec<u8>,
}

impl Printer<'_, '_> {
    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn name(&mut self, name: Symbol) {
        write_attr_name(self.out, self.symbols.text(name));
    }

    fn expr(&mut self, ast: &Ast<'_>) {
        super::on_enough_stack(|| self.expr_here(ast));
    }

    fn expr_here(&mut self, ast: &Ast<'_>) {
        match &ast.node {
            Node::Int(number) => self.text(&number.to_string()),
            Node::Float(number) => self.text(&format_float(*number)),
            Node::Str(text) => write_string_literal(self.out, text),
            Node::Path(path) => self.out.extend_from_slice(path),
            Node::Var(name) => self.name(*name),
            Node::CurPos => self.text("__curPos"),
            Node::Concat(concat) => {
                self.text("(");
                self.separated(&concat.parts, " + ");
                self.text(")");
            }
            Node::Select(select) => {
                self.text("(");
                self.expr(&select.subject);
                self.text(").");
                self.path(&select.path);
                if let Some(default) = &select.default {
                    self.text(" or (");
                    self.expr(default);
                    self.text(")");
                }
            }
            Node::HasAttr(has) => {
                self.text("((");
                self.expr(&has.subject);
                self.text(") ? ");
                self.path(&has.path);
                self.text(")");
            }
            Node::Attrs(set) => {
                if set.recursive {
                    self.text("rec ");
                }
                self.text("{ ");
                self.bindings(set);
                self.text("}");
            }
            Node::List(items) => {
                self.text("[ ");
                for item in *items {
                    self.text("(");
                    self.expr(item);
                    self.text(") ");
                }
                self.text("]");
            }
            Node::Lambda(lambda) => self.lambda(lambda),
            Node::Call(call) => {
                self.text("(");
                self.expr(&call.function);
                for arg in &call.args {
                    self.text(" ");
                    self.expr(arg);
                }
                self.text(")");
            }
            Node::Let(node) => {
                self.text("(let ");
                self.bindings(node.bindings);
                self.text("in ");
                self.expr(&node.body);
                self.text(")");
            }
            Node::With(node) => {
                self.text("(with ");
                self.expr(&node.namespace);
                self.text("; ");
                self.expr(&node.body);
                self.text(")");
            }
            Node::If(node) => {
                self.text("(if ");
                self.expr(&node.condition);
                self.text(" then ");
                self.expr(&node.then);
                self.text(" else ");
                self.expr(&node.otherwise);
                self.text(")");
            }
            Node::Assert(node) => {
                self.text("assert ");
                self.expr(&node.condition);
                self.text("; ");
                self.expr(&node.body);
            }
            Node::Not(operand) => {
                self.text("(! ");
                self.expr(operand);
                self.text(")");
            }
            Node::Binary(node) => {
                self.text("(");
                self.expr(&node.left);
                self.text(match node.operator {
                    BinaryOperator::Equal => " == ",
                    BinaryOperator::NotEqual => " != ",
                    BinaryOperator::And => " && ",
                    BinaryOperator::Or => " || ",
                    BinaryOperator::Implies => " -> ",
                    BinaryOperator::Update => " // ",
                    BinaryOperator::ConcatLists => " ++ ",
                });
                self.expr(&node.right);
                self.text(")");
            }
        }
    }

    fn separated(&mut self, parts: &[Ast<'_>], separator: &str) {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.text(separator);
            }
            self.expr(part);
        }
    }

    fn path(&mut self, path: &[(AttrName<'_>, Span)]) {
        for (index, (name, _)) in path.iter().enumerate() {
            if index > 0 {
                self.text(".");
            }
            match name {
                AttrName::Static(name) => self.name(*name),
                AttrName::Dynamic(name) => self.dynamic_name(name),
            }
        }
    }

    fn dynamic_name(&mut self, name: &Ast<'_>) {
        self.text("\"${");
        self.expr(name);
        self.text("}\"");
    }

    fn by_text<'n, T>(
        &self,
        items: impl Iterator<Item = &'n T>,
        name: impl Fn(&T) -> Symbol,
    ) -> Vec<&'n T> {
        let mut sorted: Vec<&T> = items.collect();
        sorted.sort_by_key(|item| self.symbols.text(name(item)));
        sorted
    }

    /// First what is inherited, then what is inherited from somewhere, then the
    /// rest; each in alphabetical order.
    fn bindings(&mut self, set: &AttrsAst<'_>) {
        let sorted = self.by_text(set.attrs.iter(), |attr| attr.name);
        let inherited: Vec<_> = sorted
            .iter()
            .filter(|attr| matches!(attr.source, AttrSource::Inherited))
            .collect();
        if !inherited.is_empty() {
            self.text("inherit");
            for attr in inherited {
                self.text(" ");
                self.name(attr.name);
            }
            self.text("; ");
        }
        for (index, source) in set.sources.iter().enumerate() {
            let names: Vec<_> = sorted
                .iter()
                .filter(
                    |attr| matches!(attr.source, AttrSource::InheritedFrom(from) if from == index),
                )
                .collect();
            if names.is_empty() {
                continue;
            }
            self.text("inherit (");
            self.expr(source);
            self.text(")");
            for attr in names {
                self.text(" ");
                self.name(attr.name);
            }
            self.text("; ");
        }
        for attr in sorted {
            if let AttrSource::Plain(value) = &attr.source {
                self.name(attr.name);
                self.text(" = ");
                self.expr(value);
                self.text("; ");
            }
        }
        for attr in &set.dynamic {
            self.dynamic_name(&attr.name);
            self.text(" = ");
            self.expr(&attr.value);
            self.text("; ");
        }
    }

    fn lambda(&mut self, lambda: &LambdaAst<'_>) {
        self.text("(");
        if let Some(formals) = &lambda.formals {
            self.text("{ ");
            let sorted = self.by_text(formals.formals.iter(), |formal| formal.name);
            for (index, formal) in sorted.iter().enumerate() {
                if index > 0 {
                    self.text(", ");
                }
                self.name(formal.name);
                if let Some(default) = &formal.default {
                    self.text(" ? ");
                    self.expr(default);
                }
            }
            if formals.ellipsis {
                if !sorted.is_empty() {
                    self.text(", ");
                }
                self.text("...");
            }
            self.text(" }");
            if lambda.arg.is_some() {
                self.text(" @ ");
            }
        }
        if let Some(arg) = lambda.arg {
            self.name(arg);
        }
        self.text(": ");
        self.expr(&lambda.body);
        self.text(")");
    }
}
