//! The NixOS module system, natively: options, definitions, priorities, merging
//! and where every value came from; and the embedded `lib` that kernel files and
//! modules use where no nixpkgs is.
//!
//! The observable behaviour is that of `lib/modules.nix`, `lib/options.nix` and
//! `lib/types.nix` of nixpkgs. The types themselves are Nix (`lib/types.nix` of
//! this crate), so that `type // { merge = …; }` and types of a user's own work
//! alike; collecting modules, finding an option's definitions, conditions,
//! priorities and order are Rust, because that is where the time goes.
//!
//! Kernels are not known here.

mod collect;
mod declaration;
mod definition;
mod disabled;
mod embedded;
mod evaluation;
mod level;
mod load;
mod low_level;
mod merge;
mod names;
mod native;
mod show;
mod unmatched;

use std::cell::OnceCell;

use nix_eval::{Attr, Attrs, Evaluator, Lazy, Pos, Result, Span, Symbol, Value};

pub use definition::{
    DEFAULT_ORDER, DEFAULT_PRIORITY, Definition, FinalDefinitions, OPTION_DEFAULT_PRIORITY,
};
pub use embedded::{
    EMBEDDED_NIXPKGS, EmbeddedFile, files_of, lib_files, look_up_path, with_embedded_lib,
};
pub use native::{install, install_with};

use names::Names;

/// The module system of one `lib`: what its functions find types, messages and
/// helpers in.
pub struct ModuleSystem<'h> {
    pub(crate) names: Names,
    /// The `lib` that modules are given. A user's `lib.extend` makes another
    /// module system.
    lib: Lazy<'h>,
    /// Attributes of `lib` that were looked up before.
    helpers: Helpers<'h>,
}

/// Functions of `lib` that native code calls, fetched when first needed.
#[derive(Default)]
struct Helpers<'h> {
    show_defs: OnceCell<Value<'h>>,
    recursive_update: OnceCell<Value<'h>>,
    unspecified: OnceCell<Value<'h>>,
    internal_options: OnceCell<Value<'h>>,
}

impl<'h> ModuleSystem<'h> {
    /// The module system that uses `lib`.
    pub fn new(evaluator: &mut Evaluator<'h>, lib: Lazy<'h>) -> &'h Self {
        let names = Names::new(evaluator);
        evaluator.heap().alloc(Self {
            names,
            lib,
            helpers: Helpers::default(),
        })
    }

    /// The attribute at `path` below `lib`.
    fn lib_attribute(&self, evaluator: &mut Evaluator<'h>, path: &[&str]) -> Result<Value<'h>> {
        let mut value = self.lib;
        for name in path {
            let attrs = evaluator.expect_attrs(value, Span::NONE, "while looking into lib")?;
            let name = evaluator.intern(name);
            value = definition::required(evaluator, attrs, name)?;
        }
        evaluator.force(value, Span::NONE)
    }

    /// The same, fetched once.
    fn helper(
        &self,
        evaluator: &mut Evaluator<'h>,
        cell: &OnceCell<Value<'h>>,
        path: &[&str],
    ) -> Result<Value<'h>> {
        if let Some(found) = cell.get() {
            return Ok(*found);
        }
        let found = self.lib_attribute(evaluator, path)?;
        Ok(*cell.get_or_init(|| found))
    }

    /// A set of these attributes, which no source text wrote.
    pub(crate) fn set(
        &self,
        evaluator: &mut Evaluator<'h>,
        entries: &[(Symbol, Lazy<'h>)],
    ) -> Value<'h> {
        let entries = entries
            .iter()
            .map(|&(name, value)| Attr {
                name,
                pos: Pos::NONE,
                value,
            })
            .collect();
        Value::Attrs(evaluator.attrs(entries))
    }

    /// `attrs.name or null`, forced.
    pub(crate) fn get_or_null(
        &self,
        evaluator: &mut Evaluator<'h>,
        attrs: &'h Attrs<'h>,
        name: Symbol,
    ) -> Result<Value<'h>> {
        match attrs.get(name) {
            Some(attr) => evaluator.force(attr.value, Span::at(attr.pos)),
            None => Ok(Value::Null),
        }
    }

    /// `attrs._type or ""`
    pub(crate) fn type_tag(
        &self,
        evaluator: &mut Evaluator<'h>,
        attrs: &'h Attrs<'h>,
    ) -> Result<Option<&'h [u8]>> {
        Ok(
            match self.get_or_null(evaluator, attrs, self.names.type_tag)? {
                Value::String(tag) => Some(tag.text),
                _ => None,
            },
        )
    }
}
