//! Changes of answers as they are written, the same for rules of texts and rules of kernels.

use std::collections::HashMap;
use std::ops::Range;

use findings::{Applicability, Edit, Fix, Source};
use kernel_config::ItemDefinition;
use rnix::ast::{AttrpathValue, Expr};
use rnix::{SyntaxKind, SyntaxNode};
use rowan::ast::AstNode;

use crate::kernel::source_of;
use crate::syntax::expr::{Wrapper, bare, unwrap};
use crate::syntax::{guard, path_of, range};

/// A fix that replaces one place. It is not safe where a comment gets lost.
pub(crate) fn replace(
    source: &Source,
    applicability: Applicability,
    span: Range<usize>,
    replacement: impl Into<String>,
) -> Fix {
    let replacement = replacement.into();
    let title = match (text_of(source, span.clone()), replacement.as_str()) {
        (old, "") => format!("remove `{}'", shorten(old)),
        (_, new) => format!("write `{}'", shorten(new)),
    };
    let comments = |text| {
        let tokens = rnix::tokenize(text);
        tokens
            .filter(|(kind, _)| *kind == SyntaxKind::TOKEN_COMMENT)
            .count()
    };
    let loses_comment = comments(&replacement) < comments(text_of(source, span.clone()));
    let applicability = if loses_comment {
        applicability.max(Applicability::Unsafe)
    } else {
        applicability
    };
    Fix {
        title,
        applicability,
        edits: vec![Edit {
            source: source.clone(),
            range: span,
            replacement,
        }],
    }
}

/// The text of a place.
pub(crate) fn text_of(source: &Source, span: Range<usize>) -> &str {
    source.text().get(span).unwrap_or_default()
}

/// The place of an entry of a set with what belongs to it: the line's break and indentation
/// before, so that no empty line is left.
pub(crate) fn with_line(source: &Source, span: Range<usize>) -> Range<usize> {
    let before = text_of(source, 0..span.start);
    let trimmed = before.trim_end_matches([' ', '\t']);
    let start = trimmed.strip_suffix('\n').map_or(span.start, str::len);
    start..span.end
}

/// The first line, and no more than a title holds.
fn shorten(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(60).collect();
    if short.len() < text.trim().len() {
        short.push('…');
    }
    short
}

/// The place of an expression with the parentheses around it, which a name in its place does not
/// need.
pub(crate) fn with_parentheses(source: &Source, node: &SyntaxNode) -> Range<usize> {
    let parentheses = node
        .parent()
        .filter(|parent| parent.kind() == SyntaxKind::NODE_PAREN)
        .map(|parent| range(&parent))
        // Something must stand between a function and a name.
        .filter(|span| text_of(source, 0..span.start).ends_with(char::is_whitespace));
    parentheses.unwrap_or_else(|| range(node))
}

/// Whether an expression needs no parentheses as an argument.
fn is_simple(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Ident(_)
            | Expr::Select(_)
            | Expr::Str(_)
            | Expr::Literal(_)
            | Expr::AttrSet(_)
            | Expr::List(_)
            | Expr::Paren(_)
    )
}

/// An answer without one of the calls around it: which place is replaced, and by what.
pub(crate) fn without_wrapper(
    source: &Source,
    value: &Expr,
    wrapper: &Wrapper,
) -> Option<(Range<usize>, String)> {
    let whole = wrapper.whole.syntax();
    let inner = wrapper.call.arguments.last()?;
    // All of an answer needs no parentheses.
    let is_all = whole == bare(value.clone()).syntax();
    let bare_inner = bare(inner.clone());
    if is_all || is_simple(&bare_inner) {
        let text = text_of(source, range(bare_inner.syntax())).to_owned();
        return Some((with_parentheses(source, whole), text));
    }
    let text = text_of(source, range(inner.syntax())).to_owned();
    Some((range(whole), text))
}

/// An expression as the argument of a function, in the place where it stands.
pub(crate) fn wrapped(source: &Source, value: &Expr, core: &Expr, function: &str) -> String {
    let text = text_of(source, range(core.syntax()));
    let argument = if is_simple(core) {
        text.to_owned()
    } else {
        format!("({text})")
    };
    let is_all = core.syntax() == bare(value.clone()).syntax();
    let in_parentheses = core
        .syntax()
        .parent()
        .is_some_and(|parent| parent.kind() == SyntaxKind::NODE_PAREN);
    if is_all || in_parentheses {
        format!("{function} {argument}")
    } else {
        format!("({function} {argument})")
    }
}

/// An answer as it is written.
pub(crate) struct Written {
    /// The file.
    pub(crate) source: Source,
    /// The entry: the name with the answer.
    pub(crate) entry: AttrpathValue,
    /// The answer.
    pub(crate) value: Expr,
    /// What stands around it, the outermost first.
    pub(crate) wrappers: Vec<Wrapper>,
    /// What is within.
    pub(crate) core: Expr,
}

impl Written {
    /// A fix that leaves the answer out.
    pub(crate) fn removal(&self, name: &str) -> Fix {
        let line = with_line(&self.source, range(self.entry.syntax()));
        Fix {
            title: format!("remove the answer of {name}"),
            ..replace(&self.source, Applicability::Unsafe, line, "")
        }
    }

    /// A fix that leaves out the innermost call that is meant.
    pub(crate) fn without(
        &self,
        applicability: Applicability,
        is_meant: impl Fn(&Wrapper) -> bool,
    ) -> Option<Fix> {
        let wrapper = self.wrappers.iter().rfind(|wrapper| is_meant(wrapper))?;
        let (span, text) = without_wrapper(&self.source, &self.value, wrapper)?;
        Some(replace(&self.source, applicability, span, text))
    }
}

/// The files that definitions are written in, each parsed once.
#[derive(Default)]
pub(crate) struct WrittenFiles(HashMap<String, Option<SyntaxNode>>);

impl WrittenFiles {
    /// Where a definition of an option is written, if it is as `NAME = answer;`.
    pub(crate) fn answer(&mut self, name: &str, definition: &ItemDefinition) -> Option<Written> {
        let place = definition.place.as_ref()?;
        let source = source_of(place);
        let root = self.0.entry(place.file_name()).or_insert_with(|| {
            if guard::refusal(source.text()).is_some() {
                return None;
            }
            let parsed = rnix::Root::parse(source.text());
            let is_whole = parsed.errors().is_empty();
            is_whole.then(|| parsed.tree().syntax().clone())
        });
        let offset = rowan::TextSize::try_from(place.offset()).ok()?;
        let root = root.as_ref()?;
        if !root.text_range().contains(offset) {
            return None;
        }
        let token = root.token_at_offset(offset).right_biased()?;
        let entry = token.parent_ancestors().find_map(AttrpathValue::cast)?;
        let path = path_of(&entry)?;
        let (last, node) = path.last()?;
        if last != name || range(node).start != place.offset() {
            return None;
        }
        let value = entry.value()?;
        let (wrappers, core) = unwrap(&value);
        Some(Written {
            source,
            entry,
            value,
            wrappers,
            core,
        })
    }
}
