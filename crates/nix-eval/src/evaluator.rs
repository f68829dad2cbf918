//! The evaluator: its state and what other crates do with it.

use std::path::{Path, PathBuf};

use bumpalo::Bump;
use rustc_hash::FxHashMap;

use crate::apply::FreeEnvs;
use crate::attrs::{Attr, Attrs};
use crate::builtins;
use crate::env::{Env, Envs};
use crate::error::Result;
use crate::expr::{Expr, Exprs};
use crate::limits::Limits;
use crate::options::Options;
use crate::print::shown_name;
use crate::resolve::Scopes;
use crate::source::{Origin, Pos, Sources, Span};
use crate::store::Store;
use crate::string::{ContextElement, NixPath, NixString};
use crate::symbol::{Symbol, Symbols};
use crate::syntax::build::WellKnown;
use crate::value::{
    Lazy, List, Mapped, MappedId, NativeThunk, Over, Primop, Thunk, ThunkState, Value,
};

/// Evaluates Nix. All values live in the arena that it was made with.
///
/// ```
/// use nix_eval::{Evaluator, Options, Origin, Value};
///
/// let heap = nix_eval::Bump::new();
/// let mut evaluator = Evaluator::new(&heap, Options::default());
/// let value = evaluator
///     .eval_str("1 + 1", "/".as_ref(), Origin::String)
///     .unwrap();
/// assert!(matches!(value, Value::Int(2)));
/// ```
pub struct Evaluator<'h> {
    heap: &'h Bump,
    pub(crate) symbols: Symbols<'h>,
    pub(crate) known: WellKnown,
    pub(crate) names: Names,
    pub(crate) sources: Sources,
    pub(crate) options: Options,
    pub(crate) limits: Limits,
    pub(crate) call_depth: u32,
    /// What variables mean that no scope binds.
    pub(crate) globals: FxHashMap<Symbol, Lazy<'h>>,
    /// The attributes of `builtins`.
    pub(crate) builtins: Vec<Attr<'h>>,
    /// Whether the set `builtins` has to be made anew.
    pub(crate) builtins_changed: bool,
    /// What the files below a folder have in `builtins` and others do not.
    pub(crate) private_builtins: Option<builtins::Private<'h>>,
    pub(crate) scopes: Scopes,
    /// The expressions that thunks stand for.
    pub(crate) exprs: Exprs<'h>,
    /// The scopes in which thunks are evaluated.
    pub(crate) envs: Envs<'h>,
    /// The functions that thunks call.
    pub(crate) mapped: Vec<Mapped<'h>>,
    /// The values of the files that were imported, by path without symbolic
    /// links.
    pub(crate) imported: FxHashMap<PathBuf, Lazy<'h>>,
    /// The store paths of this evaluation.
    pub(crate) store: Store<'h>,
    /// Where the entries of the look-up path lead.
    pub(crate) lookup_roots: FxHashMap<Vec<u8>, Option<PathBuf>>,
    /// The regular expressions compiled so far.
    pub(crate) regexes: builtins::RegexCache<'h>,
    pub(crate) empty_env: &'h Env<'h>,
    /// Scopes of calls that are over.
    pub(crate) free_envs: FreeEnvs<'h>,
    pub(crate) empty_attrs: &'h Attrs<'h>,
    pub(crate) empty_list: &'h List<'h>,
}

macro_rules! names {
    ($($field:ident = $text:literal),* $(,)?) => {
        /// Names that have a meaning to the evaluator.
        pub(crate) struct Names {
            $(pub(crate) $field: Symbol,)*
        }

        impl Names {
            fn new(symbols: &mut Symbols<'_>) -> Self {
                Self { $($field: symbols.intern($text.as_bytes()),)* }
            }
        }
    };
}

names! {
    functor = "__functor",
    to_string = "__toString",
    out_path = "outPath",
    r#type = "type",
    name = "name",
    value = "value",
    key = "key",
    operator = "operator",
    start_set = "startSet",
    right = "right",
    wrong = "wrong",
    success = "success",
}

impl<'h> Evaluator<'h> {
    /// An evaluator with all builtins, whose values live in `heap`.
    pub fn new(heap: &'h Bump, options: Options) -> Self {
        let mut symbols = Symbols::new(heap);
        let known = WellKnown::new(&mut symbols);
        let names = Names::new(&mut symbols);
        let mut envs = Envs::new(heap);
        let mut evaluator = Self {
            heap,
            symbols,
            known,
            names,
            sources: Sources::default(),
            limits: Limits::new(options.max_memory, options.timeout),
            options,
            call_depth: 0,
            globals: FxHashMap::default(),
            builtins: Vec::new(),
            builtins_changed: true,
            private_builtins: None,
            scopes: Scopes::default(),
            exprs: Exprs::default(),
            mapped: Vec::new(),
            imported: FxHashMap::default(),
            store: Store::default(),
            lookup_roots: FxHashMap::default(),
            regexes: builtins::RegexCache::default(),
            empty_env: envs.outermost(),
            envs,
            free_envs: FreeEnvs::default(),
            empty_attrs: heap.alloc(Attrs::from_sorted(&[])),
            empty_list: heap.alloc(List { items: &[] }),
        };
        builtins::install(&mut evaluator);
        evaluator
    }

    /// The arena in which all values live.
    pub fn heap(&self) -> &'h Bump {
        self.heap
    }

    /// What the evaluation may do.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The texts read so far, to turn positions into file, line and column.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Makes `name` known as `builtins.name` and, if it is among the names that
    /// Nix has in scope everywhere or starts with `__`, as a variable. To be
    /// called before anything is parsed.
    pub fn set_builtin(&mut self, name: &str, value: Value<'h>) {
        builtins::set(self, name, value);
    }

    /// Gives the files below `folder`, and only these, a further attribute of `builtins`. To
    /// be called before anything is parsed.
    pub fn set_private_builtin(&mut self, folder: &Path, name: &str, value: Value<'h>) {
        builtins::set_private(self, folder, name, value);
    }

    /// The names of the variables that no scope binds.
    pub fn global_names(&self) -> impl Iterator<Item = String> {
        let names = self.globals.keys();
        names.map(|name| self.symbol_display(*name).into_owned())
    }

    /// Evaluates a text. Relative paths in it are relative to `base_dir`.
    pub fn eval_str(
        &mut self,
        text: impl AsRef<[u8]>,
        base_dir: &Path,
        origin: Origin,
    ) -> Result<Value<'h>> {
        let expr = self.parse(text, base_dir, origin, &[])?;
        self.eval(expr, self.empty_env)
    }

    /// Evaluates a file, or the `default.nix` of a directory, once: what
    /// `import` does.
    pub fn eval_file(&mut self, path: &Path) -> Result<Value<'h>> {
        self.import(path, Span::NONE)
    }

    /// The value of `value`, computed if it was not yet. `span` is who needs it.
    #[inline]
    pub fn force(&mut self, value: Lazy<'h>, span: Span) -> Result<Value<'h>> {
        match value {
            Lazy::Ready(value) => Ok(value),
            Lazy::Thunk(thunk) => self.force_thunk(thunk, span),
            Lazy::Early(value) => Ok(Value::Int(value)),
        }
    }

    /// A value that is computed on demand by native code.
    pub fn thunk(&self, f: impl Fn(&mut Evaluator<'h>) -> Result<Value<'h>> + 'h) -> Lazy<'h> {
        let code: &'h NativeThunk<'h> = self.heap.alloc(f);
        self.new_thunk(ThunkState::Native(self.heap.alloc(code)))
    }

    /// The application of a function, computed on demand.
    pub fn lazy_apply(&mut self, function: Lazy<'h>, arg: Lazy<'h>) -> Lazy<'h> {
        let items = std::slice::from_ref(self.heap.alloc(arg));
        let over = Over::Items(self.heap.alloc(List { items }));
        let mapped = self.mapped(function, over, true);
        self.new_thunk(ThunkState::Apply { index: 0, mapped })
    }

    /// A function that is called on demand with each of several things.
    pub(crate) fn mapped(
        &mut self,
        function: Lazy<'h>,
        over: Over<'h>,
        is_known: bool,
    ) -> MappedId {
        let id = MappedId(self.mapped.len() as u32);
        self.mapped.push(Mapped {
            function,
            over,
            is_known,
        });
        id
    }

    /// An expression to be evaluated on demand.
    pub(crate) fn suspend(&mut self, expr: &'h Expr<'h>, env: &'h Env<'h>) -> Lazy<'h> {
        let id = self.exprs.add(expr);
        self.new_thunk(ThunkState::Suspended(id, self.envs.capture(env).id()))
    }

    #[inline]
    pub(crate) fn new_thunk(&self, state: ThunkState<'h>) -> Lazy<'h> {
        Lazy::Thunk(self.heap.alloc(Thunk(std::cell::Cell::new(state))))
    }

    /// A function of `arity` arguments (at least one) in native code.
    pub fn primop(
        &self,
        name: &str,
        arity: usize,
        code: impl Fn(&mut Evaluator<'h>, &[Lazy<'h>], Span) -> Result<Value<'h>> + 'h,
    ) -> Value<'h> {
        Value::Primop(self.heap.alloc(Primop {
            name: self.heap.alloc_str(name),
            arity: arity.max(1),
            code: self.heap.alloc(code),
        }))
    }

    /// A string without context.
    pub fn string(&self, text: impl AsRef<[u8]>) -> Value<'h> {
        self.string_with_context(text, &[])
    }

    /// A string. `context` is sorted and has no duplicates.
    pub fn string_with_context(
        &self,
        text: impl AsRef<[u8]>,
        context: &'h [ContextElement<'h>],
    ) -> Value<'h> {
        self.string_in_heap(self.heap.alloc_slice_copy(text.as_ref()), context)
    }

    /// A string whose text is already in the arena.
    pub fn string_in_heap(&self, text: &'h [u8], context: &'h [ContextElement<'h>]) -> Value<'h> {
        Value::String(self.heap.alloc(NixString { text, context }))
    }

    /// A name as a string.
    pub fn symbol_string(&self, symbol: Symbol) -> Value<'h> {
        Value::String(self.symbols.string(symbol))
    }

    /// An absolute path, which must be in canonical form.
    pub fn path(&self, text: impl AsRef<[u8]>) -> Value<'h> {
        let text = self.heap.alloc_slice_copy(text.as_ref());
        Value::Path(self.heap.alloc(NixPath { text }))
    }

    /// A list of these items.
    pub fn list(&self, items: &[Lazy<'h>]) -> Value<'h> {
        self.list_in_heap(self.heap.alloc_slice_copy(items))
    }

    /// A list whose items are already in the arena.
    pub fn list_in_heap(&self, items: &'h [Lazy<'h>]) -> Value<'h> {
        if items.is_empty() {
            return Value::List(self.empty_list);
        }
        Value::List(self.heap.alloc(List { items }))
    }

    /// The symbol of a name.
    pub fn intern(&mut self, text: impl AsRef<[u8]>) -> Symbol {
        self.symbols.intern(text.as_ref())
    }

    /// The symbol of a name, if anything has that name.
    pub fn symbol(&self, text: impl AsRef<[u8]>) -> Option<Symbol> {
        self.symbols.get(text.as_ref())
    }

    /// The text of a name.
    pub fn symbol_text(&self, symbol: Symbol) -> &'h [u8] {
        self.symbols.text(symbol)
    }

    /// The text of a name for a message.
    pub fn symbol_display(&self, symbol: Symbol) -> std::borrow::Cow<'h, str> {
        String::from_utf8_lossy(self.symbols.text(symbol))
    }

    /// A name as messages of evaluation show it: in quotes if it is no identifier.
    pub(crate) fn shown_name(&self, symbol: Symbol) -> String {
        shown_name(self.symbols.text(symbol))
    }

    /// An attribute that no source text wrote.
    pub fn attr(&mut self, name: impl AsRef<[u8]>, value: impl Into<Lazy<'h>>) -> Attr<'h> {
        Attr {
            name: self.intern(name),
            pos: Pos::NONE,
            value: value.into(),
        }
    }

    /// A set of these attributes, in any order; of several with the same name
    /// the last counts.
    pub fn attrs(&mut self, mut entries: Vec<Attr<'h>>) -> &'h Attrs<'h> {
        if !entries.is_sorted_by(|a, b| a.name < b.name) {
            // A stable sort of the reverse puts the last of a name first.
            entries.reverse();
            entries.sort_by_key(|attr| attr.name);
            entries.dedup_by_key(|attr| attr.name);
        }
        self.attrs_from_sorted(&entries)
    }

    /// A set of attributes that are sorted by symbol, without duplicates.
    pub(crate) fn attrs_from_sorted(&self, entries: &[Attr<'h>]) -> &'h Attrs<'h> {
        if entries.is_empty() {
            return self.empty_attrs;
        }
        self.attrs_in_heap(self.heap.alloc_slice_copy(entries))
    }

    /// The same where they are in the arena already.
    pub(crate) fn attrs_in_heap(&self, entries: &'h [Attr<'h>]) -> &'h Attrs<'h> {
        if entries.is_empty() {
            return self.empty_attrs;
        }
        self.heap.alloc(Attrs::from_sorted(entries))
    }

    /// The attributes in alphabetical order.
    pub fn attrs_by_name(&self, attrs: &'h Attrs<'h>) -> Vec<&'h Attr<'h>> {
        // The first bytes of a name settle most comparisons.
        let mut sorted: Vec<(u64, &'h Attr<'h>)> = attrs
            .iter()
            .map(|attr| (first_bytes(self.symbols.text(attr.name)), attr))
            .collect();
        sorted.sort_unstable_by(|(left_bytes, left), (right_bytes, right)| {
            left_bytes.cmp(right_bytes).then_with(|| {
                let text = |attr: &Attr<'h>| self.symbols.text(attr.name);
                text(left).cmp(text(right))
            })
        });
        sorted.into_iter().map(|(_, attr)| attr).collect()
    }

    /// `left // right`
    pub fn update(&self, left: &'h Attrs<'h>, right: &'h Attrs<'h>) -> &'h Attrs<'h> {
        if left.is_empty() {
            return right;
        }
        if right.is_empty() {
            return left;
        }
        // To count first takes less than to put the set together elsewhere.
        let count = left.union(right).count();
        let mut union = left.union(right);
        let entries = self
            .heap
            .alloc_slice_fill_with(count, |_| match union.next() {
                Some(attr) => *attr,
                None => unreachable!("the attributes were counted"),
            });
        self.attrs_in_heap(entries)
    }
}

/// The first eight bytes of a name as a number that sorts as they do.
fn first_bytes(name: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = name.len().min(8);
    bytes[..length].copy_from_slice(&name[..length]);
    u64::from_be_bytes(bytes)
}
