//! Paths, files, and what is made of them in the store.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Builtin, argument};
use crate::attrs::Attr;
use crate::coerce::Coercion;
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::hash::{Hash, HashAlgorithm, HashFormat};
use crate::io::{FileType, resolve_links};
use crate::path::canonical;
use crate::print::shown_name;
use crate::source::{Pos, Span};
use crate::store::{file_type_name, os_path, path_bytes, store_error};
use crate::store_path::{Ingestion, placeholder};
use crate::string::ContextElement;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "baseNameOf",
        arity: 1,
        code: base_name_of,
    },
    Builtin {
        name: "dirOf",
        arity: 1,
        code: dir_of,
    },
    Builtin {
        name: "filterSource",
        arity: 2,
        code: filter_source,
    },
    Builtin {
        name: "getEnv",
        arity: 1,
        code: get_env,
    },
    Builtin {
        name: "path",
        arity: 1,
        code: path,
    },
    Builtin {
        name: "pathExists",
        arity: 1,
        code: path_exists,
    },
    Builtin {
        name: "placeholder",
        arity: 1,
        code: output_placeholder,
    },
    Builtin {
        name: "readDir",
        arity: 1,
        code: read_dir,
    },
    Builtin {
        name: "readFile",
        arity: 1,
        code: read_file,
    },
    Builtin {
        name: "readFileType",
        arity: 1,
        code: read_file_type,
    },
    Builtin {
        name: "storePath",
        arity: 1,
        code: store_path,
    },
    Builtin {
        name: "toFile",
        arity: 2,
        code: to_file,
    },
    Builtin {
        name: "toPath",
        arity: 1,
        code: to_path,
    },
];

fn get_env<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let name = evaluator.expect_plain_string(args[0], Span::NONE, argument!("first", "getEnv"))?;
    let value = std::str::from_utf8(name)
        .ok()
        .and_then(|name| (evaluator.options.environment)(name));
    Ok(evaluator.string(value.unwrap_or_default()))
}

/// What follows the last slash, where one slash at the end does not count.
fn base_name(path: &[u8]) -> &[u8] {
    let path = match path {
        [start @ .., b'/'] if !start.is_empty() => start,
        _ => path,
    };
    match memchr::memrchr(b'/', path) {
        Some(slash) => &path[slash + 1..],
        None => path,
    }
}

fn base_name_of<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let path = evaluator.coerce_to_string(
        args[0],
        Span::NONE,
        argument!("first", "baseNameOf"),
        Coercion::PLAIN,
    )?;
    Ok(evaluator.string_in_heap(base_name(path.text), path.context))
}

fn dir_of<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], span: Span) -> Result<Value<'h>> {
    if let Value::Path(path) = evaluator.force(args[0], span)? {
        return Ok(match memchr::memrchr(b'/', path.text) {
            Some(slash) if slash > 0 => evaluator.path(&path.text[..slash]),
            _ => evaluator.path("/"),
        });
    }
    let path = evaluator.coerce_to_string(
        args[0],
        Span::NONE,
        "while evaluating the first argument passed to 'builtins.dirOf'",
        Coercion::PLAIN,
    )?;
    let directory = match memchr::memrchr(b'/', path.text) {
        None => &b"."[..],
        Some(0) => b"/",
        Some(slash) => &path.text[..slash],
    };
    Ok(evaluator.string_in_heap(directory, path.context))
}

fn to_path<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let path = evaluator.coerce_to_path(args[0], Span::NONE, argument!("first", "toPath"))?;
    Ok(evaluator.string_with_context(canonical(b"/", path.text), path.context))
}

fn store_path<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    if evaluator.is_pure() {
        return Err(store_error(
            "'builtins.storePath' is not allowed in pure evaluation mode",
        ));
    }
    let given = evaluator.coerce_to_path(
        args[0],
        Span::NONE,
        "while evaluating the first argument passed to 'builtins.storePath'",
    )?;
    let mut path = canonical(b"/", given.text);
    // A store path may be a symbolic link itself.
    if !evaluator.store_dir().is_store_path(&path) {
        let file = os_path(&path);
        let resolved = resolve_links(&*evaluator.options.io, &file)
            .map_err(|error| Evaluator::io_error(&file, &error, Span::NONE))?;
        path = path_bytes(&resolved).to_vec();
    }
    let Some((base, rest)) = evaluator.store_dir().split(&path) else {
        return Err(store_error(format!(
            "path '{}' is not in the Nix store",
            String::from_utf8_lossy(&path)
        )));
    };
    crate::store_path::check_base_name(base)?;
    let root = evaluator
        .heap()
        .alloc_slice_copy(&path[..path.len() - rest.len()]);
    let mut context = given.context.to_vec();
    context.push(ContextElement::Opaque(root));
    let context = evaluator.context(context);
    Ok(evaluator.string_with_context(path, context))
}

fn path_exists<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    let must_be_directory = match evaluator.force(args[0], span)? {
        Value::String(string) => string.text.ends_with(b"/") || string.text.ends_with(b"/."),
        _ => false,
    };
    let path = match evaluator.realise_path(args[0]) {
        Err(error) if error.kind == ErrorKind::Restricted => return Ok(Value::Bool(false)),
        other => other?,
    };
    let io = &*evaluator.options.io;
    let found = if must_be_directory {
        let resolved = resolve_links(io, &path).and_then(|path| io.file_type(&path));
        matches!(resolved, Ok(Some(FileType::Directory)))
    } else {
        let resolved = resolve_ancestors(evaluator, &path);
        matches!(
            resolved.and_then(|path| evaluator.options.io.file_type(&path)),
            Ok(Some(_))
        )
    };
    Ok(Value::Bool(found || evaluator.is_added_text(&path)))
}

/// A path with the symbolic links on the way to it resolved, but not the last.
fn resolve_ancestors(evaluator: &Evaluator<'_>, path: &Path) -> std::io::Result<PathBuf> {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => Ok(resolve_links(&*evaluator.options.io, parent)?.join(name)),
        _ => Ok(path.to_owned()),
    }
}

fn read_file<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    span: Span,
) -> Result<Value<'h>> {
    let path = evaluator.realise_path(args[0])?;
    let contents = evaluator.read_file(&path)?;
    if contents.contains(&0) {
        return Err(EvalError::new(
            ErrorKind::Other,
            Span::NONE,
            format!(
                "the contents of the file '{}' cannot be represented as a Nix string",
                path.display()
            ),
        ));
    }
    evaluator.reserve(contents.len(), span)?;
    Ok(evaluator.string(contents))
}

fn read_file_type<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let path = evaluator.realise_path(args[0])?;
    let resolved = resolve_ancestors(evaluator, &path);
    match resolved.and_then(|path| evaluator.options.io.file_type(&path)) {
        Ok(Some(kind)) => Ok(evaluator.string(file_type_name(kind))),
        Ok(None) => {
            let error = std::io::ErrorKind::NotFound.into();
            Err(Evaluator::io_error(&path, &error, Span::NONE))
        }
        Err(error) => Err(Evaluator::io_error(&path, &error, Span::NONE)),
    }
}

fn read_dir<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let path = evaluator.realise_path(args[0])?;
    let io = &*evaluator.options.io;
    let entries = resolve_links(io, &path).and_then(|path| io.read_dir(&path));
    let entries = entries.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotADirectory => EvalError::new(
            ErrorKind::Io,
            Span::NONE,
            format!(
                "cannot read directory \"{}\": Not a directory",
                path.display()
            ),
        ),
        _ => Evaluator::io_error(&path, &error, Span::NONE),
    })?;
    let entries = entries
        .into_iter()
        .map(|(name, kind)| {
            let kind = evaluator.string(file_type_name(kind));
            evaluator.attr(name, kind)
        })
        .collect();
    Ok(Value::Attrs(evaluator.attrs(entries)))
}

fn output_placeholder<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let output =
        evaluator.expect_plain_string(args[0], Span::NONE, argument!("first", "placeholder"))?;
    Ok(evaluator.string(placeholder(output)))
}

fn to_file<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let name = evaluator.expect_plain_string(args[0], Span::NONE, argument!("first", "toFile"))?;
    let contents = evaluator.expect_string(args[1], Span::NONE, argument!("second", "toFile"))?;
    let mut references = BTreeSet::new();
    for element in contents.context {
        match element {
            ContextElement::Opaque(path) => {
                references.insert(path.to_vec());
            }
            other => {
                // Without the store directory.
                let store_dir = format!("{}/", evaluator.options.store_dir);
                let reference = other.to_string().replace(&store_dir, "");
                return Err(store_error(format!(
                    "files created by builtins.toFile may not reference derivations, but {} \
                     references {reference}",
                    String::from_utf8_lossy(name)
                )));
            }
        }
    }
    let store_path = evaluator.store_dir().text_path(
        name,
        contents.text,
        references.iter().map(Vec::as_slice),
    )?;
    evaluator.added_text(&store_path, contents.text, references);
    Ok(Value::String(evaluator.store_path_string(&store_path)))
}

/// What to add to the store, and how.
struct Addition<'h> {
    name: &'h [u8],
    path: PathBuf,
    filter: Option<Value<'h>>,
    ingestion: Ingestion,
    expected: Option<Hash>,
}

/// The store path that files would be added as.
fn add<'h>(evaluator: &mut Evaluator<'h>, addition: &Addition<'h>) -> Result<Value<'h>> {
    let path = &addition.path;
    add_untraced(evaluator, addition).traced(Span::NONE, || {
        format!("while adding path '{}'", path.display())
    })
}

fn add_untraced<'h>(evaluator: &mut Evaluator<'h>, addition: &Addition<'h>) -> Result<Value<'h>> {
    let store_path_of = |evaluator: &Evaluator<'h>, hash: &Hash| {
        evaluator
            .store_dir()
            .fixed_output_path(addition.name, addition.ingestion, hash)
    };
    let expected = match &addition.expected {
        Some(hash) => Some(store_path_of(evaluator, hash)?),
        None => None,
    };
    if let Some(expected) = &expected
        && matches!(
            evaluator.options.io.file_type(Path::new(expected)),
            Ok(Some(_))
        )
    {
        return Ok(Value::String(evaluator.store_path_string(expected)));
    }
    let files = resolve_links(&*evaluator.options.io, &addition.path)
        .map_err(|error| Evaluator::io_error(&addition.path, &error, Span::NONE))?;
    let hash = evaluator.hash_files(
        &files,
        addition.ingestion,
        HashAlgorithm::Sha256,
        addition.filter,
    )?;
    let store_path = store_path_of(evaluator, &hash)?;
    if expected.is_some_and(|expected| expected != store_path) {
        return Err(store_error(format!(
            "store path mismatch in (possibly filtered) path added from '{}'",
            addition.path.display()
        )));
    }
    Ok(Value::String(if addition.filter.is_none() {
        evaluator.added_copy(store_path, files)
    } else {
        evaluator.store_path_string(&store_path)
    }))
}

fn filter_source<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let given = evaluator.coerce_to_path(
        args[1],
        Span::NONE,
        "while evaluating the second argument (the path to filter) passed to \
         'builtins.filterSource'",
    )?;
    let filter =
        evaluator.expect_function(args[0], Span::NONE, argument!("first", "filterSource"))?;
    evaluator.realise(given.context)?;
    let path = canonical(b"/", given.text);
    let addition = Addition {
        name: evaluator.heap().alloc_slice_copy(base_name(&path)),
        path: evaluator.readable_path(&path),
        filter: Some(filter),
        ingestion: Ingestion::Nar,
        expected: None,
    };
    add(evaluator, &addition)
}

fn at(pos: Pos) -> Span {
    Span {
        start: pos,
        end: pos,
    }
}

fn path<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let attrs = evaluator.expect_attrs(
        args[0],
        Span::NONE,
        "while evaluating the argument passed to 'builtins.path'",
    )?;
    let mut files = None;
    let mut addition = Addition {
        name: b"",
        path: PathBuf::new(),
        filter: None,
        ingestion: Ingestion::Nar,
        expected: None,
    };
    for attr in attrs.iter() {
        path_attribute(evaluator, attr, &mut files, &mut addition)?;
    }
    let Some(files) = files else {
        return Err(EvalError::new(
            ErrorKind::Other,
            Span::NONE,
            "missing required 'path' attribute in the first argument to 'builtins.path'",
        ));
    };
    if addition.name.is_empty() {
        addition.name = evaluator.heap().alloc_slice_copy(base_name(&files));
    }
    addition.path = evaluator.readable_path(&files);
    add(evaluator, &addition)
}

fn path_attribute<'h>(
    evaluator: &mut Evaluator<'h>,
    attr: &Attr<'h>,
    files: &mut Option<Vec<u8>>,
    addition: &mut Addition<'h>,
) -> Result<()> {
    let span = at(attr.pos);
    match evaluator.symbol_text(attr.name) {
        b"path" => {
            let given = evaluator.coerce_to_path(
                attr.value,
                span,
                "while evaluating the 'path' attribute passed to 'builtins.path'",
            )?;
            evaluator.realise(given.context)?;
            *files = Some(canonical(b"/", given.text));
        }
        b"name" => {
            addition.name = evaluator.expect_plain_string(
                attr.value,
                span,
                "while evaluating the `name` attribute passed to builtins.path",
            )?;
        }
        b"filter" => {
            addition.filter = Some(evaluator.expect_function(
                attr.value,
                span,
                "while evaluating the `filter` parameter passed to builtins.path",
            )?);
        }
        b"recursive" => {
            let recursive = evaluator.expect_bool(
                attr.value,
                span,
                "while evaluating the `recursive` attribute passed to builtins.path",
            )?;
            addition.ingestion = if recursive {
                Ingestion::Nar
            } else {
                Ingestion::Flat
            };
        }
        b"sha256" => {
            let text = evaluator.expect_plain_string(
                attr.value,
                span,
                "while evaluating the `sha256` attribute passed to builtins.path",
            )?;
            addition.expected = Some(expected_hash(evaluator, text, Some(HashAlgorithm::Sha256))?);
        }
        other => {
            return Err(EvalError::new(
                ErrorKind::Other,
                span,
                format!(
                    "unsupported argument '{}' to 'builtins.path'",
                    shown_name(other)
                ),
            ));
        }
    }
    Ok(())
}

/// A hash that the user gives, where an empty text asks for a wrong one.
pub(crate) fn expected_hash(
    evaluator: &mut Evaluator<'_>,
    text: &[u8],
    algorithm: Option<HashAlgorithm>,
) -> Result<Hash> {
    let hash = Hash::parse_allow_empty(text, algorithm)?;
    if text.is_empty() {
        let assumed = hash.format(HashFormat::Sri);
        evaluator.warn(&format!("found empty hash, assuming '{assumed}'"));
    }
    Ok(hash)
}
