//! Errors of evaluation in Nix's words. Made rarely, so kept out of the way of
//! what runs often.

use std::fmt::Write;
use std::sync::Arc;

use crate::attrs::Attrs;
use crate::env::Env;
use crate::error::{ErrorKind, EvalError, Traced};
use crate::evaluator::Evaluator;
use crate::expr::{Key, Lambda, Pattern, Select};
use crate::print::shown_name;
use crate::source::{Origin, Pos, Span};
use crate::symbol::Symbol;
use crate::value::Value;

impl<'h> Evaluator<'h> {
    /// The path of a selection as messages name it.
    fn shown_path(&mut self, select: &'h Select<'h>, env: &'h Env<'h>) -> String {
        let mut shown = String::new();
        for (index, key) in select.path.iter().enumerate() {
            if index > 0 {
                shown.push('.');
            }
            match &key.key {
                Key::Static(name) => shown.push_str(&self.shown_name(*name)),
                Key::Dynamic(name) => match self.eval(&name.operand, env) {
                    Ok(Value::String(name)) => shown.push_str(&shown_name(name.text)),
                    _ => {
                        let written = self.written(key.span);
                        let _ = write!(shown, "\"{written}\"");
                    }
                },
            }
        }
        shown
    }

    /// An expression as Nix's parser understands it, or as it is written.
    fn written(&mut self, span: Span) -> String {
        let Some((file, start)) = self.sources.locate(span.start) else {
            return String::new();
        };
        let file = Arc::clone(file);
        let text = &file.text()[start..start + span.len()];
        let inner = text
            .strip_prefix("${")
            .and_then(|text| text.strip_suffix('}'));
        match inner.and_then(|text| self.show_unresolved(text).ok()) {
            Some(shown) => format!("${{{}}}", String::from_utf8_lossy(&shown)),
            None => text.to_owned(),
        }
    }

    /// Selecting `name` from something that does not have it.
    #[cold]
    pub(crate) fn cannot_select(
        &mut self,
        select: &'h Select<'h>,
        name: Symbol,
        value: Value<'h>,
    ) -> Box<EvalError> {
        let Value::Attrs(attrs) = value else {
            return self
                .type_error("a set", value, Span::NONE)
                .traced(select.span, || "while selecting an attribute".to_owned());
        };
        let shown = self.shown_name(name);
        let mut error = EvalError::new(
            ErrorKind::MissingAttribute,
            select.span,
            format!("attribute '{shown}' missing"),
        );
        error.suggestions = self.similar_names(attrs, self.symbol_text(name));
        error
    }

    /// Adds that the error happened in a selection, of which the last part that
    /// was found is defined at `at`.
    #[cold]
    pub(crate) fn in_attribute(
        &mut self,
        error: Box<EvalError>,
        select: &'h Select<'h>,
        env: &'h Env<'h>,
        at: Pos,
    ) -> Box<EvalError> {
        let file = self.sources.locate(at);
        // That a derivation's attributes lead into `derivation` is nobody's interest.
        if file.is_none_or(|(file, _)| matches!(file.origin(), Origin::Internal(_))) {
            return error;
        }
        let path = self.shown_path(select, env);
        error.traced(Span::at(at), || {
            format!("while evaluating the attribute '{path}'")
        })
    }

    /// What a function is called in messages.
    fn function_name(&self, lambda: &Lambda<'h>) -> Option<String> {
        lambda
            .name
            .map(|name| self.symbol_display(name).into_owned())
    }

    /// Adds the call of a function to the way to an error in its body.
    #[cold]
    pub(crate) fn in_call(
        &self,
        error: Box<EvalError>,
        lambda: &Lambda<'h>,
        span: Span,
    ) -> Box<EvalError> {
        let what = match self.function_name(lambda) {
            Some(name) => format!("while calling '{name}'"),
            None => "while calling anonymous lambda".to_owned(),
        };
        let last = lambda.parameters.len() - 1;
        let error = error.traced_in_full(lambda.parameters[last].span, || what);
        if span == Span::NONE {
            return error;
        }
        error.traced_in_full(span, || "from call site".to_owned())
    }

    fn called_function(&self, lambda: &Lambda<'h>) -> String {
        self.function_name(lambda)
            .unwrap_or_else(|| "anonymous lambda".to_owned())
    }

    #[cold]
    pub(crate) fn missing_argument(
        &self,
        lambda: &Lambda<'h>,
        name: Symbol,
        function_span: Span,
    ) -> Box<EvalError> {
        let function = self.called_function(lambda);
        let shown = self.shown_name(name);
        EvalError::new(
            ErrorKind::Type,
            function_span,
            format!("function '{function}' called without required argument '{shown}'"),
        )
    }

    #[cold]
    pub(crate) fn unexpected_argument(
        &mut self,
        lambda: &Lambda<'h>,
        pattern: &Pattern<'h>,
        given: &'h Attrs<'h>,
        function_span: Span,
    ) -> Box<EvalError> {
        let function = self.called_function(lambda);
        let unexpected = given.iter().find(|attr| {
            pattern
                .formals
                .binary_search_by_key(&attr.name, |formal| formal.name)
                .is_err()
        });
        let Some(unexpected) = unexpected else {
            unreachable!("more arguments were given than formals found");
        };
        let shown = self.shown_name(unexpected.name);
        let mut error = EvalError::new(
            ErrorKind::Type,
            function_span,
            format!("function '{function}' called with unexpected argument '{shown}'"),
        );
        let names = pattern.formals.iter().map(|formal| formal.name);
        error.suggestions = self.similar(names, self.symbol_text(unexpected.name));
        error
    }

    #[cold]
    pub(crate) fn no_auto_argument(&self, name: Symbol, span: Span) -> Box<EvalError> {
        let name = self.shown_name(name);
        let mut error = EvalError::new(
            ErrorKind::Type,
            span,
            format!("cannot evaluate a function that has an argument without a value ('{name}')"),
        );
        error.help = Some(
            "Nix attempted to evaluate a function as a top level expression; in\n\
             this case it must have its arguments supplied either by default\n\
             values, or passed explicitly with '--arg' or '--argstr'. See\n\
             https://nix.dev/manual/nix/stable/language/syntax.html#functions."
                .to_owned(),
        );
        error
    }

    #[cold]
    pub(crate) fn not_a_function(&mut self, value: Value<'h>, span: Span) -> Box<EvalError> {
        let shown = self.show_in_message(value);
        EvalError::new(
            ErrorKind::Type,
            span,
            format!(
                "attempt to call something which is not a function but {}: {shown}",
                value.type_with_article()
            ),
        )
    }

    pub(crate) fn similar_names(&self, attrs: &'h Attrs<'h>, name: &[u8]) -> Vec<String> {
        self.similar(attrs.iter().map(|attr| attr.name), name)
    }

    /// The names that `wanted` is perhaps a misspelling of, the nearest first.
    fn similar(&self, names: impl Iterator<Item = Symbol>, wanted: &[u8]) -> Vec<String> {
        let mut near: Vec<(usize, &[u8])> = names
            .map(|name| self.symbol_text(name))
            .filter(|text| text.len().abs_diff(wanted.len()) <= MAX_DISTANCE)
            .map(|text| (distance(wanted, text), text))
            .filter(|(distance, _)| *distance <= MAX_DISTANCE)
            .collect();
        near.sort_unstable();
        near.truncate(MAX_SUGGESTIONS);
        near.into_iter()
            .map(|(_, text)| String::from_utf8_lossy(text).into_owned())
            .collect()
    }
}

/// Names that differ by more edits than this are not suggested.
const MAX_DISTANCE: usize = 2;

const MAX_SUGGESTIONS: usize = 5;

/// How many single-byte edits apart two names are (Levenshtein).
fn distance(left: &[u8], right: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, left_byte) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right_byte) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(left_byte != right_byte);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
