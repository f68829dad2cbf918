//! JSON.

use super::{Builtin, argument};
use crate::attrs::Attr;
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::json;
use crate::print::{evaluated, shown_name};
use crate::source::{Pos, Span};
use crate::string::ContextElement;
use crate::symbol::Symbol;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "fromJSON",
        arity: 1,
        code: from_json,
    },
    Builtin {
        name: "toJSON",
        arity: 1,
        code: to_json,
    },
];

fn to_json<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let mut context = Vec::new();
    let text = evaluator.to_json_at(args[0], Span::NONE, true, &mut context)?;
    let context = evaluator.context(context);
    Ok(evaluator.string_with_context(text, context))
}

impl<'h> Evaluator<'h> {
    /// A value as JSON. What its strings refer to is added to `context`.
    pub fn to_json(
        &mut self,
        value: Lazy<'h>,
        context: &mut Vec<ContextElement<'h>>,
    ) -> Result<Vec<u8>> {
        self.to_json_at(value, Span::NONE, true, context)
    }

    /// The same for a value that is wanted at `span`. What is not evaluated yet is an
    /// error unless `strict`.
    pub fn to_json_at(
        &mut self,
        value: Lazy<'h>,
        span: Span,
        strict: bool,
        context: &mut Vec<ContextElement<'h>>,
    ) -> Result<Vec<u8>> {
        let mut writer = Writer {
            evaluator: self,
            out: Vec::new(),
            strict,
            context,
            problem: None,
        };
        writer.value(value, span, true)?;
        match writer.problem {
            None => Ok(writer.out),
            Some(problem) => Err(EvalError::new(
                ErrorKind::Other,
                Span::NONE,
                format!("JSON serialization error: {problem}"),
            )),
        }
    }
}

struct Writer<'e, 'h> {
    evaluator: &'e mut Evaluator<'h>,
    out: Vec<u8>,
    /// Whether what is not evaluated yet is evaluated.
    strict: bool,
    context: &'e mut Vec<ContextElement<'h>>,
    /// What is wrong with the first string that is not UTF-8. Nix sees that when it has
    /// evaluated everything.
    problem: Option<String>,
}

impl<'h> Writer<'_, 'h> {
    /// Writes a value. `copy_paths` says whether a path becomes its store path.
    fn value(&mut self, value: Lazy<'h>, span: Span, copy_paths: bool) -> Result<()> {
        self.evaluator.enter_call(span)?;
        let result = self.value_here(value, span, copy_paths);
        self.evaluator.call_depth -= 1;
        result
    }

    fn value_here(&mut self, value: Lazy<'h>, span: Span, copy_paths: bool) -> Result<()> {
        let value = if self.strict {
            self.evaluator.force(value, span)?
        } else {
            match evaluated(value) {
                Some(value) => value,
                None => return Err(not_json("a thunk", span)),
            }
        };
        self.forced(value, span, copy_paths)
    }

    fn string(&mut self, text: &[u8]) {
        if let Err(problem) = json::write_string(&mut self.out, text) {
            self.problem.get_or_insert(problem);
        }
    }

    fn forced(&mut self, value: Value<'h>, span: Span, copy_paths: bool) -> Result<()> {
        match value {
            Value::Null => self.out.extend_from_slice(b"null"),
            Value::Bool(value) => self.out.extend_from_slice(value.to_string().as_bytes()),
            Value::Int(value) => self.out.extend_from_slice(value.to_string().as_bytes()),
            Value::Float(value) => json::write_float(&mut self.out, value),
            Value::String(string) => {
                self.context.extend_from_slice(string.context);
                self.string(string.text);
            }
            Value::Path(path) if copy_paths => {
                let copied = self.evaluator.path_in_store(path, Span::NONE)?;
                self.context.extend_from_slice(copied.context);
                self.string(copied.text);
            }
            Value::Path(path) => self.string(path.text),
            Value::List(list) => self.with_stack(|writer| {
                writer.out.push(b'[');
                for (index, &item) in list.items.iter().enumerate() {
                    if index > 0 {
                        writer.out.push(b',');
                    }
                    writer.value(item, span, copy_paths).traced(span, || {
                        format!("while evaluating list element at index {index}")
                    })?;
                }
                writer.out.push(b']');
                Ok(())
            })?,
            Value::Attrs(attrs) => self.with_stack(|writer| writer.attrs(attrs, copy_paths))?,
            Value::Closure(_) | Value::Primop(_) | Value::PrimopApp(_) => {
                let at = value.application_span(span);
                return Err(not_json(&value.type_with_article(), at));
            }
        }
        Ok(())
    }

    fn attrs(&mut self, attrs: &'h crate::attrs::Attrs<'h>, copy_paths: bool) -> Result<()> {
        let names = &self.evaluator.names;
        let (to_string, out_path) = (names.to_string, names.out_path);
        if let Some(to_string) = attrs.get(to_string) {
            // What `__toString` gives is not copied if it is a path.
            let function = self.evaluator.force(to_string.value, Span::NONE)?;
            let result =
                self.evaluator
                    .apply(function, &[Value::Attrs(attrs).into()], Span::NONE)?;
            let string = self.evaluator.coerce_to_string(
                result.into(),
                Span::NONE,
                "while evaluating the result of the `__toString` attribute",
                crate::coerce::Coercion::PLAIN,
            )?;
            self.context.extend_from_slice(string.context);
            self.string(string.text);
            return Ok(());
        }
        if let Some(out_path) = attrs.get(out_path) {
            return self.value(out_path.value, Span::at(out_path.pos), copy_paths);
        }
        self.out.push(b'{');
        for (index, attr) in self.evaluator.attrs_by_name(attrs).into_iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            let name = self.evaluator.symbol_text(attr.name);
            self.string(name);
            self.out.push(b':');
            let span = Span::at(attr.pos);
            self.value(attr.value, span, copy_paths).traced(span, || {
                format!("while evaluating attribute '{}'", shown_name(name))
            })?;
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Runs `f` with enough native stack for it to recurse once more.
    fn with_stack(&mut self, f: impl FnOnce(&mut Writer<'_, 'h>) -> Result<()>) -> Result<()> {
        let (out, strict, context) = (&mut self.out, self.strict, &mut *self.context);
        let mut taken = std::mem::take(out);
        let mut problem = self.problem.take();
        let result = self.evaluator.with_stack(Span::NONE, |evaluator| {
            let mut writer = Writer {
                evaluator,
                out: std::mem::take(&mut taken),
                strict,
                context,
                problem: problem.take(),
            };
            let result = f(&mut writer);
            taken = writer.out;
            problem = writer.problem;
            result
        });
        self.out = taken;
        self.problem = problem;
        result
    }
}

fn not_json(what: &str, span: Span) -> Box<EvalError> {
    EvalError::new(
        ErrorKind::Type,
        span,
        format!("cannot convert {what} to JSON"),
    )
}

/// Makes values of JSON.
struct FromJson<'e, 'h> {
    evaluator: &'e mut Evaluator<'h>,
}

/// The error of a text with a byte of zero, which Nix strings do not have.
pub(crate) fn check_no_zero(text: &[u8]) -> std::result::Result<(), String> {
    if text.contains(&0) {
        let shown = String::from_utf8_lossy(text).replace('\0', "␀");
        return Err(format!(
            "input string '{shown}' cannot be represented as Nix string because it contains \
             null bytes"
        ));
    }
    Ok(())
}

impl<'h> json::Build for FromJson<'_, 'h> {
    type Value = Lazy<'h>;
    type Key = Symbol;

    fn null(&mut self) -> Lazy<'h> {
        Value::Null.into()
    }

    fn bool(&mut self, value: bool) -> Lazy<'h> {
        Value::Bool(value).into()
    }

    fn int(&mut self, value: i64) -> Lazy<'h> {
        Value::Int(value).into()
    }

    fn unsigned(&mut self, value: u64) -> std::result::Result<Lazy<'h>, String> {
        Err(format!(
            "unsigned json number {value} outside of Nix integer range"
        ))
    }

    fn float(&mut self, value: f64) -> Lazy<'h> {
        Value::Float(value).into()
    }

    fn string(&mut self, text: &[u8]) -> std::result::Result<Lazy<'h>, String> {
        check_no_zero(text)?;
        Ok(self.evaluator.string(text).into())
    }

    fn key(&mut self, text: &[u8]) -> std::result::Result<Symbol, String> {
        check_no_zero(text)?;
        Ok(self.evaluator.intern(text))
    }

    fn list(&mut self, items: Vec<Lazy<'h>>) -> Lazy<'h> {
        let list = self.evaluator.list(&items);
        self.evaluator.evaluated(list)
    }

    fn object(&mut self, entries: Vec<(Symbol, Lazy<'h>)>) -> Lazy<'h> {
        let entries = entries.into_iter().map(|(name, value)| Attr {
            name,
            pos: Pos::NONE,
            value,
        });
        let entries = entries.collect();
        let attrs = Value::Attrs(self.evaluator.attrs(entries));
        self.evaluator.evaluated(attrs)
    }
}

fn from_json<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    let text =
        evaluator.expect_plain_string(args[0], Span::NONE, argument!("first", "fromJSON"))?;
    let mut build = FromJson { evaluator };
    let value = json::parse(text, &mut build)
        .map_err(|problem| EvalError::new(ErrorKind::Other, Span::NONE, problem))
        .traced(Span::NONE, || "while decoding a JSON string".to_owned())?;
    evaluator.force(value, span)
}
