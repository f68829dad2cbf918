//! The builtins. Each family has a module with a table; [`install`] makes the
//! tables known.

mod arithmetic;
mod attrs;
mod closure;
mod context;
mod derivation;
mod errors;
mod fetch;
mod flakes;
mod functions;
mod hashes;
mod import;
mod json;
mod lists;
mod lookup;
mod paths;
mod regex;
mod sort;
mod strings;
mod toml;
mod types;
mod versions;
mod xml;

pub(crate) use regex::RegexCache;
pub use xml::XmlDetail;

use std::path::{Path, PathBuf};

use crate::attrs::Attr;
use crate::error::Result;
use crate::evaluator::Evaluator;
use crate::features::ExperimentalFeature;
use crate::options::Purity;
use crate::source::{Pos, SourceFile, Span};
use crate::value::{Lazy, Primop, Value};

/// The release of Nix that is followed here, as `builtins.nixVersion` gives it.
pub const NIX_VERSION: &str = "2.34.8";

/// The code of a builtin: called with exactly as many arguments as it takes.
pub(crate) type Code = for<'h> fn(&mut Evaluator<'h>, &[Lazy<'h>], Span) -> Result<Value<'h>>;

/// A function among the builtins.
pub(crate) struct Builtin {
    /// As an attribute of `builtins`.
    pub(crate) name: &'static str,
    /// How many arguments it takes.
    pub(crate) arity: usize,
    /// Its code.
    pub(crate) code: Code,
}

/// What Nix has in scope everywhere without `builtins.` and without `__`.
const GLOBAL: [&str; 22] = [
    "abort",
    "baseNameOf",
    "break",
    "derivation",
    "derivationStrict",
    "dirOf",
    "false",
    "fetchGit",
    "fetchMercurial",
    "fetchTarball",
    "fetchTree",
    "fromTOML",
    "import",
    "isNull",
    "map",
    "null",
    "placeholder",
    "removeAttrs",
    "scopedImport",
    "throw",
    "toString",
    "true",
];

/// A step of the trace: which argument of which builtin was evaluated.
macro_rules! argument {
    ($which:literal, $name:literal) => {
        concat!(
            "while evaluating the ",
            $which,
            " argument passed to builtins.",
            $name
        )
    };
}
pub(crate) use argument;

/// Makes all builtins known.
pub(crate) fn install(evaluator: &mut Evaluator<'_>) {
    let tables = [
        arithmetic::BUILTINS,
        attrs::BUILTINS,
        closure::BUILTINS,
        context::BUILTINS,
        derivation::BUILTINS,
        errors::BUILTINS,
        fetch::BUILTINS,
        flakes::BUILTINS,
        functions::BUILTINS,
        hashes::BUILTINS,
        import::BUILTINS,
        json::BUILTINS,
        lists::BUILTINS,
        lookup::BUILTINS,
        paths::BUILTINS,
        regex::BUILTINS,
        sort::BUILTINS,
        strings::BUILTINS,
        toml::BUILTINS,
        types::BUILTINS,
        versions::BUILTINS,
        xml::BUILTINS,
    ];
    let has_fetch_tree = evaluator
        .options
        .features
        .has(ExperimentalFeature::FetchTree);
    for builtin in tables.into_iter().flatten() {
        if builtin.name == "fetchTree" && !has_fetch_tree {
            continue;
        }
        let code = builtin.code;
        let primop = Value::Primop(evaluator.heap().alloc(Primop {
            name: builtin.name,
            arity: builtin.arity,
            code: evaluator.heap().alloc(code),
        }));
        set(evaluator, builtin.name, primop);
    }
    let derivation = derivation::derivation(evaluator);
    set(evaluator, "derivation", derivation);
    set(evaluator, "true", Value::Bool(true));
    set(evaluator, "false", Value::Bool(false));
    set(evaluator, "null", Value::Null);
    set(evaluator, "langVersion", Value::Int(6));
    let version = evaluator.string(NIX_VERSION);
    set(evaluator, "nixVersion", version);
    let store_dir = evaluator.string(&evaluator.options.store_dir);
    set(evaluator, "storeDir", store_dir);
    if let Some(system) = &evaluator.options.current_system {
        let system = evaluator.string(system);
        set(evaluator, "currentSystem", system);
    }
    if let Some(time) = evaluator.options.current_time {
        set(evaluator, "currentTime", Value::Int(time));
    }
    let nix_path = nix_path(evaluator);
    set(evaluator, "nixPath", nix_path);
}

/// `builtins.nixPath`: `[ { prefix = …; path = …; } … ]`
fn nix_path<'h>(evaluator: &mut Evaluator<'h>) -> Value<'h> {
    // Nix looks nothing up where evaluation is pure.
    let entries = match evaluator.options.purity {
        Purity::Pure => Vec::new(),
        _ => evaluator.options.nix_path.clone(),
    };
    let mut items = Vec::with_capacity(entries.len());
    for entry in entries {
        let prefix = evaluator.string(entry.prefix);
        let path = evaluator.string(entry.path);
        let attrs = vec![
            evaluator.attr("prefix", prefix),
            evaluator.attr("path", path),
        ];
        items.push(Lazy::Ready(Value::Attrs(evaluator.attrs(attrs))));
    }
    evaluator.list(&items)
}

/// Makes a builtin known, in place of one of the same name.
pub(crate) fn set<'h>(evaluator: &mut Evaluator<'h>, name: &str, value: impl Into<Lazy<'h>>) {
    let value = value.into();
    let symbol = evaluator.intern(name);
    evaluator.builtins.retain(|attr| attr.name != symbol);
    evaluator.builtins.push(Attr {
        name: symbol,
        pos: Pos::NONE,
        value,
    });
    if GLOBAL.contains(&name) {
        evaluator.globals.insert(symbol, value);
    } else {
        let prefixed = evaluator.intern(format!("__{name}"));
        evaluator.globals.insert(prefixed, value);
    }
    evaluator.builtins_changed = true;
}

/// What the files of a folder have in `builtins` and others do not.
pub(crate) struct Private<'h> {
    folder: PathBuf,
    attr: Attr<'h>,
    /// The set with it.
    set: Value<'h>,
}

/// See [`Evaluator::set_private_builtin`].
pub(crate) fn set_private<'h>(
    evaluator: &mut Evaluator<'h>,
    folder: &Path,
    name: &str,
    value: Value<'h>,
) {
    let attr = evaluator.attr(name, value);
    evaluator.private_builtins = Some(Private {
        folder: folder.to_owned(),
        attr,
        set: Value::Null,
    });
    evaluator.builtins_changed = true;
}

impl<'h> Private<'h> {
    /// The set `builtins` of a text, if it has one of its own.
    pub(crate) fn set_of(&self, source: &SourceFile) -> Option<Value<'h>> {
        let path = source.path()?;
        path.starts_with(&self.folder).then_some(self.set)
    }
}

/// Puts the set `builtins` together, which holds itself too.
pub(crate) fn update_set(evaluator: &mut Evaluator<'_>) {
    let name = evaluator.intern("builtins");
    let itself = evaluator.thunk(move |evaluator| match evaluator.globals.get(&name) {
        Some(&value) => evaluator.force(value, Span::NONE),
        None => Ok(Value::Null),
    });
    let mut entries = evaluator.builtins.clone();
    entries.push(Attr {
        name,
        pos: Pos::NONE,
        value: itself,
    });
    if let Some(private) = &evaluator.private_builtins {
        let mut entries = entries.clone();
        entries.push(private.attr);
        let set = Value::Attrs(evaluator.attrs(entries));
        if let Some(private) = &mut evaluator.private_builtins {
            private.set = set;
        }
    }
    let set = Value::Attrs(evaluator.attrs(entries));
    // It is evaluated wherever it stands, which a set that is written there is not.
    let set = evaluator.evaluated(set);
    evaluator.globals.insert(name, set);
    evaluator.builtins_changed = false;
}
