//! `builtins.toXML`, and what `nix-instantiate --xml` prints.

use std::collections::BTreeSet;

use super::Builtin;
use crate::attrs::Attrs;
use crate::error::Result;
use crate::evaluator::Evaluator;
use crate::expr::ParameterKind;
use crate::print::{evaluated, format_float};
use crate::source::{Origin, Pos, Span};
use crate::string::ContextElement;
use crate::value::{Closure, Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[Builtin {
    name: "toXML",
    arity: 1,
    code: to_xml,
}];

fn to_xml<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let mut context = Vec::new();
    let detail = XmlDetail {
        strict: true,
        locations: false,
    };
    let mut text = Vec::new();
    evaluator.to_xml(args[0], detail, &mut context, &mut text)?;
    let context = evaluator.context(context);
    Ok(evaluator.string_with_context(text, context))
}

/// How much of a value is written as XML.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct XmlDetail {
    /// Evaluate all of it; otherwise what is not evaluated is `<unevaluated />`.
    pub strict: bool,
    /// Say where attributes and functions were written.
    pub locations: bool,
}

impl<'h> Evaluator<'h> {
    /// Appends a value as XML. What its strings refer to is added to `context`. On an
    /// error `out` has what was written so far, which is what Nix prints.
    pub fn to_xml(
        &mut self,
        value: Lazy<'h>,
        detail: XmlDetail,
        context: &mut Vec<ContextElement<'h>>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        out.extend_from_slice(b"<?xml version='1.0' encoding='utf-8'?>\n");
        let mut writer = Writer {
            out,
            open: Vec::new(),
            detail,
            context,
            seen: BTreeSet::new(),
        };
        writer.open("expr", &[]);
        let result = writer.value(self, value);
        // Every element is closed, whatever became of what is in it.
        while !writer.open.is_empty() {
            writer.close();
        }
        result
    }
}

struct Writer<'w, 'h> {
    out: &'w mut Vec<u8>,
    /// The elements around what is written next.
    open: Vec<&'static str>,
    detail: XmlDetail,
    context: &'w mut Vec<ContextElement<'h>>,
    /// The derivations written so far, which are not repeated.
    seen: BTreeSet<&'h [u8]>,
}

/// The attributes of an element, in alphabetical order.
type XmlAttrs<'a> = [(&'a str, &'a [u8])];

impl<'h> Writer<'_, 'h> {
    fn tag(&mut self, name: &str, attrs: &XmlAttrs<'_>) {
        self.out
            .extend(std::iter::repeat_n(b' ', 2 * self.open.len()));
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        for (key, value) in attrs {
            self.out.push(b' ');
            self.out.extend_from_slice(key.as_bytes());
            self.out.extend_from_slice(b"=\"");
            for &byte in *value {
                match byte {
                    b'"' => self.out.extend_from_slice(b"&quot;"),
                    b'<' => self.out.extend_from_slice(b"&lt;"),
                    b'>' => self.out.extend_from_slice(b"&gt;"),
                    b'&' => self.out.extend_from_slice(b"&amp;"),
                    b'\n' => self.out.extend_from_slice(b"&#xA;"),
                    other => self.out.push(other),
                }
            }
            self.out.push(b'"');
        }
    }

    fn open(&mut self, name: &'static str, attrs: &XmlAttrs<'_>) {
        self.tag(name, attrs);
        self.out.extend_from_slice(b">\n");
        self.open.push(name);
    }

    fn close(&mut self) {
        let Some(name) = self.open.pop() else {
            return;
        };
        let indentation = std::iter::repeat_n(b' ', 2 * self.open.len());
        self.out.extend(indentation);
        self.out
            .extend_from_slice(format!("</{name}>\n").as_bytes());
    }

    fn empty(&mut self, name: &str, attrs: &XmlAttrs<'_>) {
        self.tag(name, attrs);
        self.out.extend_from_slice(b" />\n");
    }

    fn value_of(&mut self, name: &str, value: &[u8]) {
        self.empty(name, &[("value", value)]);
    }

    /// A value, if it is to be written.
    fn known(&self, evaluator: &mut Evaluator<'h>, value: Lazy<'h>) -> Result<Option<Value<'h>>> {
        if self.detail.strict {
            evaluator.force(value, Span::NONE).map(Some)
        } else {
            Ok(evaluated(value))
        }
    }

    fn value(&mut self, evaluator: &mut Evaluator<'h>, value: Lazy<'h>) -> Result<()> {
        evaluator.enter_call(Span::NONE)?;
        let known = self.known(evaluator, value);
        let result = known.and_then(|known| match known {
            Some(value) => self.known_value(evaluator, value),
            None => {
                self.empty("unevaluated", &[]);
                Ok(())
            }
        });
        evaluator.call_depth -= 1;
        result
    }

    fn known_value(&mut self, evaluator: &mut Evaluator<'h>, value: Value<'h>) -> Result<()> {
        match value {
            Value::Null => self.empty("null", &[]),
            Value::Bool(value) => self.value_of("bool", value.to_string().as_bytes()),
            Value::Int(value) => self.value_of("int", value.to_string().as_bytes()),
            Value::Float(value) => self.value_of("float", format_float(value).as_bytes()),
            Value::String(string) => {
                self.context.extend_from_slice(string.context);
                self.value_of("string", string.text);
            }
            Value::Path(path) => self.value_of("path", path.text),
            Value::List(list) => evaluator.with_stack(Span::NONE, |evaluator| {
                self.open("list", &[]);
                for &item in list.items {
                    self.value(evaluator, item)?;
                }
                self.close();
                Ok(())
            })?,
            Value::Attrs(attrs) => {
                evaluator.with_stack(Span::NONE, |evaluator| self.set(evaluator, attrs))?;
            }
            Value::Closure(closure) => self.function(evaluator, closure),
            Value::Primop(_) | Value::PrimopApp(_) => self.empty("unevaluated", &[]),
        }
        Ok(())
    }

    fn set(&mut self, evaluator: &mut Evaluator<'h>, attrs: &'h Attrs<'h>) -> Result<()> {
        if !evaluator.is_derivation(attrs)? {
            self.open("attrs", &[]);
            self.attrs(evaluator, attrs)?;
            self.close();
            return Ok(());
        }
        let drv_path = self.string_attr(evaluator, attrs, "drvPath")?;
        let out_path = self.string_attr(evaluator, attrs, "outPath")?;
        let mut shown = Vec::new();
        shown.extend(drv_path.map(|path| ("drvPath", path)));
        shown.extend(out_path.map(|path| ("outPath", path)));
        self.open("derivation", &shown);
        match drv_path {
            Some(path) if !path.is_empty() && self.seen.insert(path) => {
                self.attrs(evaluator, attrs)?;
            }
            _ => self.empty("repeated", &[]),
        }
        self.close();
        Ok(())
    }

    fn string_attr(
        &self,
        evaluator: &mut Evaluator<'h>,
        attrs: &'h Attrs<'h>,
        name: &str,
    ) -> Result<Option<&'h [u8]>> {
        let name = evaluator.intern(name);
        let Some(attr) = attrs.get(name) else {
            return Ok(None);
        };
        Ok(match self.known(evaluator, attr.value)? {
            Some(Value::String(string)) => Some(string.text),
            _ => None,
        })
    }

    fn attrs(&mut self, evaluator: &mut Evaluator<'h>, attrs: &'h Attrs<'h>) -> Result<()> {
        for attr in evaluator.attrs_by_name(attrs) {
            let name = evaluator.symbol_text(attr.name);
            let location = self.location(evaluator, attr.pos);
            let mut shown = location.attrs();
            shown.push(("name", name));
            shown.sort_unstable();
            self.open("attr", &shown);
            self.value(evaluator, attr.value)?;
            self.close();
        }
        Ok(())
    }

    fn function(&mut self, evaluator: &Evaluator<'h>, closure: &'h Closure<'h>) {
        let location = self.location(evaluator, closure.span().start);
        let mut shown = location.attrs();
        shown.sort_unstable();
        self.open("function", &shown);
        match closure.parameter_kind() {
            ParameterKind::Simple(name) => {
                self.empty("varpat", &[("name", evaluator.symbol_text(name))]);
            }
            ParameterKind::Pattern(pattern) => {
                let mut shown: Vec<(&str, &[u8])> = Vec::new();
                if pattern.ellipsis {
                    shown.push(("ellipsis", b"1"));
                }
                if let Some(whole) = pattern.whole {
                    shown.push(("name", evaluator.symbol_text(whole)));
                }
                self.open("attrspat", &shown);
                let names = pattern.formals.iter();
                let mut names: Vec<_> = names
                    .map(|formal| evaluator.symbol_text(formal.name))
                    .collect();
                names.sort_unstable();
                for name in names {
                    self.empty("attr", &[("name", name)]);
                }
                self.close();
            }
        }
        self.close();
    }

    fn location(&self, evaluator: &Evaluator<'_>, pos: Pos) -> Location {
        if !self.detail.locations {
            return Location::default();
        }
        let Some((file, at)) = evaluator.sources().line_column(pos) else {
            return Location::default();
        };
        Location {
            path: match file.origin() {
                Origin::File(path) | Origin::Internal(path) => {
                    Some(path.as_os_str().as_encoded_bytes().to_vec())
                }
                _ => None,
            },
            line: Some(at.line.to_string()),
            column: Some(at.column.to_string()),
        }
    }
}

/// Where something was written.
#[derive(Default)]
struct Location {
    path: Option<Vec<u8>>,
    line: Option<String>,
    column: Option<String>,
}

impl Location {
    fn attrs(&self) -> Vec<(&str, &[u8])> {
        let mut attrs: Vec<(&str, &[u8])> = Vec::new();
        attrs.extend(self.column.as_ref().map(|text| ("column", text.as_bytes())));
        attrs.extend(self.line.as_ref().map(|text| ("line", text.as_bytes())));
        attrs.extend(self.path.as_ref().map(|text| ("path", text.as_slice())));
        attrs
    }
}
