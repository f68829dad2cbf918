//! What a variable refers to.

use rnix::SyntaxNode;
use rnix::ast::{AttrSet, Entry, Expr, HasEntry, Ident, Lambda, LegacyLet, LetIn, Param, With};
use rowan::ast::AstNode;

use super::expr::ends_with_path;
use super::{attr_name, ident_name};

/// What a variable refers to.
pub(crate) enum Binding {
    /// A definition in a `let` or `rec`.
    Value(Expr),
    /// A name taken out of a set: `inherit (lib.kernel) yes`.
    From(Expr),
    /// An argument of a function.
    Argument(SyntaxNode),
    /// A name that a `with` provides, if anything; the innermost first.
    With(Vec<With>),
    /// Nothing in this file.
    Free,
}

/// Finds what a variable, used at `from`, refers to.
pub(crate) fn look_up(name: &str, from: &SyntaxNode) -> Binding {
    let mut withs = Vec::new();
    let mut inner = from.clone();
    for node in from.ancestors().skip(1) {
        let entries: Option<Vec<Entry>> = if let Some(it) = LetIn::cast(node.clone()) {
            Some(it.entries().collect())
        } else if let Some(it) = LegacyLet::cast(node.clone()) {
            Some(it.entries().collect())
        } else {
            AttrSet::cast(node.clone())
                .filter(|set| set.rec_token().is_some())
                .map(|set| set.entries().collect())
        };
        if let Some(found) = entries.and_then(|entries| among(name, entries)) {
            return found;
        }
        if let Some(lambda) = Lambda::cast(node.clone())
            && let Some(found) = argument(name, &lambda)
        {
            return found;
        }
        if let Some(with) = With::cast(node.clone())
            && with.body().is_some_and(|body| *body.syntax() == inner)
        {
            withs.push(with);
        }
        inner = node;
    }
    if withs.is_empty() {
        Binding::Free
    } else {
        Binding::With(withs)
    }
}

fn among(name: &str, entries: Vec<Entry>) -> Option<Binding> {
    for entry in entries {
        match entry {
            Entry::AttrpathValue(entry) => {
                let path = entry.attrpath()?;
                let mut attrs = path.attrs();
                let first = attrs.next().and_then(|attr| attr_name(&attr));
                if first.as_deref() == Some(name) && attrs.next().is_none() {
                    return entry.value().map(Binding::Value);
                }
            }
            // Without a set it is the variable around.
            Entry::Inherit(inherit) => {
                if let Some(from) = inherit.from()
                    && inherit
                        .attrs()
                        .any(|attr| attr_name(&attr).as_deref() == Some(name))
                {
                    return from.expr().map(Binding::From);
                }
            }
        }
    }
    None
}

fn argument(name: &str, lambda: &Lambda) -> Option<Binding> {
    let is_it =
        |ident: Option<Ident>| ident.filter(|ident| ident_name(ident).as_deref() == Some(name));
    let ident = match lambda.param()? {
        Param::IdentParam(param) => is_it(param.ident()),
        Param::Pattern(pattern) => pattern
            .pat_entries()
            .find_map(|entry| is_it(entry.ident()))
            .or_else(|| is_it(pattern.pat_bind()?.ident())),
    }?;
    Some(Binding::Argument(ident.syntax().clone()))
}

/// Whether a `with` opens `lib.kernel`.
pub(crate) fn opens_kernel_lib(with: &With) -> bool {
    with.namespace()
        .is_some_and(|namespace| ends_with_path(&namespace, &["kernel"]))
}

/// How `lib.kernel.NAME` is written at a place, if it can be there.
pub(crate) fn kernel_lib_name(name: &str, at: &SyntaxNode) -> Option<String> {
    match look_up(name, at) {
        Binding::With(withs) if withs.first().is_some_and(opens_kernel_lib) => {
            return Some(name.to_owned());
        }
        Binding::With(withs) if withs.iter().any(opens_kernel_lib) && withs.len() == 1 => {
            return Some(name.to_owned());
        }
        Binding::From(from) if ends_with_path(&from, &["kernel"]) => return Some(name.to_owned()),
        _ => {}
    }
    lib_name(&format!("kernel.{name}"), at)
}

/// How `lib.NAME` is written at a place, if it can be there.
pub(crate) fn lib_name(name: &str, at: &SyntaxNode) -> Option<String> {
    match look_up("lib", at) {
        Binding::Free => None,
        // Whether the set that is opened has a `lib` is not known.
        Binding::With(withs) => withs
            .iter()
            .any(|with| {
                with.namespace()
                    .is_some_and(|it| ends_with_path(&it, &["pkgs"]))
            })
            .then(|| format!("lib.{name}")),
        _ => Some(format!("lib.{name}")),
    }
}
