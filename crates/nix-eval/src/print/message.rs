//! Values as messages show what they complain about, and as `builtins.trace` shows what it
//! was given (`ValuePrinter` in Nix). Nothing more is evaluated.

use rustc_hash::FxHashSet;

use super::{evaluated, identity, print_scalar, write_attr_name, write_string_literal};
use crate::attrs::Attrs;
use crate::evaluator::Evaluator;
use crate::syntax::on_enough_stack;
use crate::value::{Lazy, List, ThunkState, Value};

/// How much is shown: of all sets, and of all lists, together.
#[derive(Clone, Copy)]
struct Limits {
    attrs: usize,
    items: usize,
    depth: usize,
    string: usize,
}

const OF_MESSAGES: Limits = Limits {
    attrs: 10,
    items: 10,
    depth: 10,
    string: 1024,
};

/// What messages call `derivation`.
const DERIVATION_FUNCTION: &str = "«lambda @ «nix-internal»/derivation-internal.nix:30:1»";

impl<'h> Evaluator<'h> {
    /// A value as a message shows it: what is long is cut short.
    pub fn show_in_message(&self, value: Value<'h>) -> String {
        self.show_within(value, OF_MESSAGES)
    }

    /// A value as `builtins.trace` shows it: whole.
    pub(crate) fn show_in_trace(&self, value: Value<'h>) -> String {
        let unlimited = Limits {
            attrs: usize::MAX,
            items: usize::MAX,
            depth: self.options.max_call_depth as usize,
            string: usize::MAX,
        };
        self.show_within(value, unlimited)
    }

    fn show_within(&self, value: Value<'h>, limits: Limits) -> String {
        let mut printer = Printer {
            evaluator: self,
            limits,
            out: Vec::new(),
            attrs: 0,
            items: 0,
            seen: FxHashSet::default(),
        };
        printer.value(value, identity(value.into()), 0);
        String::from_utf8_lossy(&printer.out).into_owned()
    }
}

struct Printer<'e, 'h> {
    evaluator: &'e Evaluator<'h>,
    limits: Limits,
    out: Vec<u8>,
    /// How many attributes and items were printed.
    attrs: usize,
    items: usize,
    seen: FxHashSet<*const ()>,
}

impl<'h> Printer<'_, 'h> {
    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn value(&mut self, value: Value<'h>, at: *const (), depth: usize) {
        match value {
            Value::Attrs(attrs) => on_enough_stack(|| self.set(attrs, depth)),
            Value::List(list) => on_enough_stack(|| self.list(list, at, depth)),
            Value::String(string) if string.text.len() > self.limits.string => {
                write_string_literal(&mut self.out, &string.text[..self.limits.string]);
                self.elided(string.text.len() - self.limits.string, "byte");
            }
            Value::Closure(closure) => {
                self.text("«lambda");
                if let Some(name) = closure.lambda.name {
                    self.text(" ");
                    write_attr_name(&mut self.out, self.evaluator.symbols.text(name));
                }
                let at = self.evaluator.describe_pos(closure.span().start);
                self.text(&format!(" @ {at}»"));
            }
            Value::Primop(primop) => self.text(&format!("«primop {}»", primop.name)),
            Value::PrimopApp(partial) => self.text(&format!(
                "«partially applied primop {}»",
                partial.primop.name
            )),
            scalar => print_scalar(&mut self.out, scalar),
        }
    }

    fn set(&mut self, attrs: &'h Attrs<'h>, depth: usize) {
        if !attrs.is_empty() && !self.seen.insert(std::ptr::from_ref(attrs).cast()) {
            return self.text("«repeated»");
        }
        if depth >= self.limits.depth {
            return self.text("{ ... }");
        }
        let symbols = &self.evaluator.symbols;
        let mut sorted = self.evaluator.attrs_by_name(attrs);
        if self.limits.attrs != usize::MAX {
            // What tells most about a set comes first.
            sorted.sort_by_key(|attr| !matches!(symbols.text(attr.name), b"type" | b"_type"));
        }
        self.text("{ ");
        for (index, attr) in sorted.iter().enumerate() {
            if self.attrs >= self.limits.attrs {
                self.elided(sorted.len() - index, "attribute");
                self.text(" ");
                break;
            }
            write_attr_name(&mut self.out, symbols.text(attr.name));
            self.text(" = ");
            self.element(attr.value, depth + 1);
            self.text("; ");
            self.attrs += 1;
        }
        self.text("}");
    }

    fn list(&mut self, list: &'h List<'h>, at: *const (), depth: usize) {
        if !list.items.is_empty() && !self.seen.insert(at) {
            return self.text("«repeated»");
        }
        if depth >= self.limits.depth {
            return self.text("[ ... ]");
        }
        self.text("[ ");
        for (index, &item) in list.items.iter().enumerate() {
            if self.items >= self.limits.items {
                self.elided(list.items.len() - index, "item");
                self.text(" ");
                break;
            }
            self.element(item, depth + 1);
            self.text(" ");
            self.items += 1;
        }
        self.text("]");
    }

    fn element(&mut self, element: Lazy<'h>, depth: usize) {
        match evaluated(element) {
            Some(value) => self.value(value, identity(element), depth),
            None if self.evaluator.is_derivation_function(element) => {
                self.text(DERIVATION_FUNCTION);
            }
            None if is_busy(element) => self.text("«potential infinite recursion»"),
            None => self.text("«thunk»"),
        }
    }

    fn elided(&mut self, count: usize, unit: &str) {
        let plural = if count == 1 { "" } else { "s" };
        self.text(&format!("«{count} {unit}{plural} elided»"));
    }
}

fn is_busy(element: Lazy<'_>) -> bool {
    matches!(element, Lazy::Thunk(thunk) if matches!(thunk.0.get(), ThunkState::Busy))
}
