//! The look-up path: `<nixpkgs>`.

use std::path::PathBuf;

use super::{Builtin, argument};
use crate::coerce::Coercion;
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::io::resolve_links;
use crate::options::Purity;
use crate::path::canonical;
use crate::source::{Origin, Span};
use crate::store::{os_path, path_bytes};
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[Builtin {
    name: "findFile",
    arity: 2,
    code: find_file,
}];

/// What `<nix/fetchurl.nix>` is: it comes with Nix, not with a look-up path.
const FETCHURL: &str = include_str!("fetchurl.nix");

/// Where [`FETCHURL`] seems to be.
const FETCHURL_PATH: &str = "/nix-internal/fetchurl.nix";

fn find_file<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let list = evaluator.expect_list(args[0], Span::NONE, argument!("first", "findFile"))?;
    let (prefix_name, path_name) = (evaluator.intern("prefix"), evaluator.intern("path"));
    let mut entries = Vec::with_capacity(list.items.len());
    for &item in list.items {
        let entry = evaluator.expect_attrs(
            item,
            Span::NONE,
            "while evaluating an element of the list passed to builtins.findFile",
        )?;
        let prefix = match entry.get(prefix_name) {
            None => &b""[..],
            Some(prefix) => evaluator.expect_plain_string(
                prefix.value,
                Span::NONE,
                "while evaluating the `prefix` attribute of an element of the list passed to \
                 builtins.findFile",
            )?,
        };
        let path = entry.get(path_name).ok_or_else(|| {
            EvalError::new(
                ErrorKind::MissingAttribute,
                Span::NONE,
                "attribute 'path' missing",
            )
            .traced(Span::NONE, || "in an element of the __nixPath".to_owned())
        })?;
        let path = evaluator.coerce_to_string(
            path.value,
            Span::NONE,
            "while evaluating the `path` attribute of an element of the list passed to \
             builtins.findFile",
            Coercion::PLAIN,
        )?;
        evaluator.realise(path.context)?;
        entries.push((prefix, path.text));
    }
    let wanted =
        evaluator.expect_plain_string(args[1], Span::NONE, argument!("second", "findFile"))?;
    find(evaluator, &entries, wanted)
}

impl<'h> Evaluator<'h> {
    /// The file that `<name>` leads to.
    pub fn find_file(&mut self, name: &str) -> Result<Value<'h>> {
        let heap = self.heap();
        let entries: Vec<(&'h [u8], &'h [u8])> = match self.options.purity {
            Purity::Pure => Vec::new(),
            _ => self
                .options
                .nix_path
                .iter()
                .map(|entry| {
                    let bytes = |text: &str| &*heap.alloc_slice_copy(text.as_bytes());
                    (bytes(&entry.prefix), bytes(&entry.path))
                })
                .collect(),
        };
        find(self, &entries, heap.alloc_slice_copy(name.as_bytes()))
    }
}

/// The first file called `wanted` below an entry of the look-up path.
fn find<'h>(
    evaluator: &mut Evaluator<'h>,
    entries: &[(&'h [u8], &'h [u8])],
    wanted: &'h [u8],
) -> Result<Value<'h>> {
    for &(prefix, path) in entries {
        let Some(suffix) = suffix_behind(prefix, wanted) else {
            continue;
        };
        let Some(root) = entry_root(evaluator, path)? else {
            continue;
        };
        let candidate = canonical(path_bytes(&root), &[b"./", suffix].concat());
        let candidate = os_path(&candidate);
        let io = &*evaluator.options.io;
        let resolved = resolve_links(io, &candidate)
            .and_then(|resolved| Ok(io.file_type(&resolved)?.map(|_| resolved)));
        match resolved {
            Ok(Some(found)) => return Ok(evaluator.path(path_bytes(&found))),
            Ok(None) => {}
            Err(error) => {
                let error = Evaluator::io_error(&candidate, &error, Span::NONE);
                if error.kind == ErrorKind::Restricted {
                    return Err(error);
                }
            }
        }
    }
    if let Some(found) = find_in_fallback(evaluator, wanted) {
        return Ok(found);
    }
    if wanted == b"nix/fetchurl.nix" {
        return internal_fetchurl(evaluator);
    }
    let wanted = String::from_utf8_lossy(wanted);
    let message = if evaluator.is_pure() {
        format!("cannot look up '<{wanted}>' in pure evaluation mode (use '--impure' to override)")
    } else {
        format!(
            "file '{wanted}' was not found in the Nix search path (add it using $NIX_PATH or -I)"
        )
    };
    // Nix throws this, so that `tryEval` catches it.
    Err(EvalError::new(ErrorKind::Throw, Span::NONE, message))
}

/// What comes with the program, where the look-up path knows nothing.
fn find_in_fallback<'h>(evaluator: &Evaluator<'h>, wanted: &[u8]) -> Option<Value<'h>> {
    let fallback = evaluator.options.fallback_path.as_ref()?;
    let suffix = suffix_behind(fallback.prefix.as_bytes(), wanted)?;
    let candidate = canonical(fallback.path.as_bytes(), &[b"./", suffix].concat());
    let found = evaluator.options.io.file_type(&os_path(&candidate));
    matches!(found, Ok(Some(_))).then(|| evaluator.path(candidate))
}

/// What follows `prefix` in `wanted`, if it is one of its whole directories.
fn suffix_behind<'w>(prefix: &[u8], wanted: &'w [u8]) -> Option<&'w [u8]> {
    let rest = wanted.strip_prefix(prefix)?;
    if prefix.is_empty() || rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix(b"/")
}

/// Where an entry of the look-up path leads, if anywhere on this machine.
fn entry_root(evaluator: &mut Evaluator<'_>, entry: &[u8]) -> Result<Option<PathBuf>> {
    let shown = String::from_utf8_lossy(entry).into_owned();
    if let Some(&known) = evaluator.lookup_roots.get(entry).as_ref() {
        return Ok(known.clone());
    }
    let is_url = shown.starts_with("channel:")
        || shown.split_once("://").is_some_and(|(scheme, _)| {
            ["http", "https", "file", "channel", "git", "s3", "ssh"].contains(&scheme)
        });
    let root = if is_url {
        evaluator.warn(&format!(
            "Nix search path entry '{shown}' cannot be downloaded, ignoring"
        ));
        None
    } else {
        let path = std::path::absolute(os_path(entry)).unwrap_or_else(|_| os_path(entry));
        let path = os_path(&canonical(b"/", path_bytes(&path)));
        let path = evaluator.readable_path(path_bytes(&path));
        let io = &*evaluator.options.io;
        let found = resolve_links(io, &path).and_then(|path| io.file_type(&path));
        match found {
            Ok(Some(_)) => Some(path),
            Ok(None) => None,
            Err(error) => {
                let error = Evaluator::io_error(&path, &error, Span::NONE);
                if error.kind == ErrorKind::Restricted {
                    return Err(error);
                }
                None
            }
        }
    };
    if root.is_none() {
        evaluator.warn(&format!(
            "Nix search path entry '{shown}' does not exist, ignoring"
        ));
    }
    evaluator.lookup_roots.insert(entry.to_vec(), root.clone());
    Ok(root)
}

/// The path of [`FETCHURL`], which can then be imported.
fn internal_fetchurl<'h>(evaluator: &mut Evaluator<'h>) -> Result<Value<'h>> {
    let path = PathBuf::from(FETCHURL_PATH);
    if !evaluator.imported.contains_key(&path) {
        let origin = Origin::File(path.clone());
        let expr = evaluator.parse(FETCHURL, "/nix-internal".as_ref(), origin, &[])?;
        let value = evaluator.suspend(expr, evaluator.empty_env);
        evaluator.imported.insert(path, value);
    }
    Ok(evaluator.path(FETCHURL_PATH))
}
