//! The Nix language: parsing, lazy evaluation, builtins, and positions.
//!
//! A text becomes Nix's abstract syntax (`syntax`), that an expression with
//! resolved variables (`resolve`), and that a value ([`Evaluator`]).

// An error is boxed wherever it goes, so that a `Result` stays two words.
#![allow(clippy::unnecessary_box_returns)]
// Two outcomes side by side read better than one and a fallback.
#![allow(clippy::single_match_else)]

mod access;
mod apply;
mod assertions;
mod attrs;
mod builtins;
mod coerce;
mod compare;
mod derivation;
mod derivations;
mod env;
mod error;
mod eval;
mod evaluator;
mod expect;
mod expr;
mod failures;
mod features;
mod flake_ref;
mod hash;
mod import;
mod io;
mod json;
mod limits;
mod nar;
mod operators;
mod options;
mod path;
mod position;
mod print;
mod regex;
mod render;
mod resolve;
mod selection;
mod source;
mod store;
mod store_path;
mod string;
mod symbol;
mod syntax;
mod url;
mod value;
mod versions;

pub use attrs::{Attr, Attrs};
pub use builtins::{NIX_VERSION, XmlDetail};
pub use bumpalo::Bump;
pub use coerce::{Coercion, StringBuilder};
pub use derivations::FoundDerivation;
pub use env::Env;
pub use error::{ErrorKind, EvalError, Frame, Result, Shown, Traced};
pub use evaluator::Evaluator;
pub use expr::{Expr, Formal, Lambda, Parameter, ParameterKind, Pattern};
pub use features::{Diagnose, ExperimentalFeature, Features, Lints};
pub use io::{
    AllowList, AllowListIo, FileType, HostIo, Io, OutsideAllowed, OverlayIo, RestrictedIo,
    resolve_links,
};
pub use options::{Environment, LookupPathEntry, Options, Purity, TraceSink};
pub use path::canonical_path;
pub use print::{write_attr_name, write_string_literal};
pub use render::render_plain;
pub use source::{LineColumn, Origin, Pos, SourceFile, Sources, SourcesFull, Span};
pub use string::{ContextElement, NixPath, NixString};
pub use symbol::{Symbol, Symbols};
pub use value::{Closure, Lazy, List, NativeThunk, Primop, PrimopApp, PrimopFn, Thunk, Value};
pub use versions::compare_versions;
