//! Hashes.

use super::{Builtin, argument};
use crate::attrs::{Attr, Attrs};
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::hash::{Hash, HashAlgorithm, HashFormat};
use crate::source::Span;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "convertHash",
        arity: 1,
        code: convert_hash,
    },
    Builtin {
        name: "hashFile",
        arity: 2,
        code: hash_file,
    },
    Builtin {
        name: "hashString",
        arity: 2,
        code: hash_string,
    },
];

/// The error of what could not be read as a hash.
fn error(message: String) -> Box<EvalError> {
    message.into()
}

fn hash_string<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let algorithm =
        evaluator.expect_plain_string(args[0], Span::NONE, argument!("first", "hashString"))?;
    let algorithm = HashAlgorithm::parse(algorithm).map_err(error)?;
    let string = evaluator.expect_string(args[1], Span::NONE, argument!("second", "hashString"))?;
    let hash = Hash::of(algorithm, string.text);
    Ok(evaluator.string(hash.format(HashFormat::Base16)))
}

fn hash_file<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let algorithm =
        evaluator.expect_plain_string(args[0], Span::NONE, argument!("first", "hashFile"))?;
    let algorithm = HashAlgorithm::parse(algorithm).map_err(error)?;
    let path = evaluator.realise_path(args[1])?;
    let contents = evaluator.read_file(&path)?;
    let hash = Hash::of(algorithm, &contents);
    Ok(evaluator.string(hash.format(HashFormat::Base16)))
}

fn required<'h>(
    evaluator: &mut Evaluator<'h>,
    attrs: &'h Attrs<'h>,
    name: &str,
) -> Result<&'h Attr<'h>> {
    let symbol = evaluator.intern(name);
    attrs.get(symbol).ok_or_else(|| {
        EvalError::new(
            ErrorKind::MissingAttribute,
            Span::NONE,
            format!("attribute '{name}' missing"),
        )
        .traced(Span::NONE, || {
            format!("while locating the attribute '{name}'")
        })
    })
}

fn convert_hash<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let attrs = evaluator.expect_attrs(args[0], Span::NONE, argument!("first", "convertHash"))?;
    let text = required(evaluator, attrs, "hash")?.value;
    let text =
        evaluator.expect_plain_string(text, Span::NONE, "while evaluating the attribute 'hash'")?;
    let algorithm_name = evaluator.intern("hashAlgo");
    let algorithm = match attrs.get(algorithm_name) {
        None => None,
        Some(attr) => {
            let name = evaluator.expect_plain_string(
                attr.value,
                Span::NONE,
                "while evaluating the attribute 'hashAlgo'",
            )?;
            Some(HashAlgorithm::parse(name).map_err(error)?)
        }
    };
    let format = required(evaluator, attrs, "toHashFormat")?.value;
    let format = evaluator.expect_plain_string(
        format,
        Span::NONE,
        "while evaluating the attribute 'toHashFormat'",
    )?;
    if format == b"base32" {
        evaluator.warn(r#""base32" is a deprecated alias for hash format "nix32"."#);
    }
    let format = HashFormat::parse(format).map_err(error)?;
    let hash = Hash::parse(text, algorithm).map_err(error)?;
    Ok(evaluator.string(hash.format(format)))
}
