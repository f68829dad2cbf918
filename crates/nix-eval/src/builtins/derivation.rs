//! `derivation` and `derivationStrict`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Builtin;
use crate::attrs::{Attr, Attrs};
use crate::derivation::{Bytes, Derivation, Output};
use crate::error::{ErrorKind, EvalError, Frame, Result, Traced};
use crate::evaluator::Evaluator;
use crate::features::ExperimentalFeature;
use crate::hash::HashAlgorithm;
use crate::json;
use crate::print::shown_name;
use crate::source::{Origin, Pos, Span};
use crate::store::store_error;
use crate::store_path::{Ingestion, check_name};
use crate::string::ContextElement;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[Builtin {
    name: "derivationStrict",
    arity: 1,
    code: derivation_strict,
}];

/// What `derivation` is.
const DERIVATION: &str = include_str!("derivation-internal.nix");

/// `derivation`, read when it is used.
pub(super) fn derivation<'h>(evaluator: &Evaluator<'h>) -> Lazy<'h> {
    evaluator.thunk(|evaluator| {
        let origin = Origin::Internal("/derivation-internal.nix".into());
        evaluator.eval_str(DERIVATION, Path::new("/"), origin)
    })
}

fn at(pos: Pos) -> Span {
    Span {
        start: pos,
        end: pos,
    }
}

/// `derivationStrict`: computes the derivation, and gives its path and those of
/// its outputs.
fn derivation_strict<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let attrs = evaluator.expect_attrs(
        args[0],
        Span::NONE,
        "while evaluating the argument passed to builtins.derivationStrict",
    )?;
    let Some(name_attr) = attrs.get(evaluator.names.name) else {
        return Err(EvalError::new(
            ErrorKind::MissingAttribute,
            Span::NONE,
            "attribute 'name' missing",
        )
        .traced(Span::NONE, || {
            "in the attrset passed as argument to builtins.derivationStrict".to_owned()
        }));
    };
    let name = evaluator
        .expect_plain_string(
            name_attr.value,
            Span::NONE,
            "while evaluating the `name` attribute passed to builtins.derivationStrict",
        )
        .traced(at(name_attr.pos), || {
            "while evaluating the derivation attribute 'name'".to_owned()
        })?;
    instantiate(evaluator, name, attrs).map_err(|mut error| {
        let position = position_text(evaluator, name_attr.pos);
        error.trace.push(Frame {
            message: format!(
                "while evaluating derivation '{}'\n  whose name attribute is located at {position}",
                String::from_utf8_lossy(name)
            ),
            span: Span::NONE,
            shown: crate::error::Shown::Trace,
        });
        error
    })
}

/// A position as one word.
fn position_text(evaluator: &Evaluator<'_>, pos: Pos) -> String {
    match evaluator.sources().line_column(pos) {
        Some((file, at)) => format!("{}:{}:{}", file.name(), at.line, at.column),
        None => "«none»:0".to_owned(),
    }
}

/// What the attributes of a derivation say, besides its environment.
#[derive(Default)]
struct Request<'h> {
    derivation: Derivation,
    context: Vec<ContextElement<'h>>,
    /// With `__structuredAttrs`: the attributes as JSON, by name.
    structured: Option<BTreeMap<&'h [u8], Vec<u8>>>,
    /// The text of `__json`, if that is given instead.
    given_json: Option<Vec<u8>>,
    outputs: BTreeSet<Bytes>,
    hash: Option<Bytes>,
    hash_algorithm: Option<HashAlgorithm>,
    ingestion: Option<Ingestion>,
}

/// The attribute that names what `__structuredAttrs` needs in the environment.
const JSON_VARIABLE: &[u8] = b"__json";

fn instantiate<'h>(
    evaluator: &mut Evaluator<'h>,
    name: &'h [u8],
    attrs: &'h Attrs<'h>,
) -> Result<Value<'h>> {
    check_name(name).map_err(|problem| {
        store_error(format!(
            "invalid derivation name: {problem}. Please pass a different 'name'."
        ))
    })?;
    let flag = |evaluator: &mut Evaluator<'h>, flag: &str| {
        let symbol = evaluator.intern(flag);
        match attrs.get(symbol) {
            None => Ok(false),
            Some(attr) => {
                let what = format!(
                    "while evaluating the `{flag}` attribute passed to builtins.derivationStrict"
                );
                evaluator.expect_bool(attr.value, Span::NONE, &what)
            }
        }
    };
    let structured = flag(evaluator, "__structuredAttrs")?;
    let ignore_nulls = flag(evaluator, "__ignoreNulls")?;
    let mut request = Request {
        structured: structured.then(BTreeMap::new),
        outputs: BTreeSet::from([b"out".to_vec()]),
        ..Request::default()
    };
    request.derivation.name = name.to_vec();

    for attr in evaluator.attrs_by_name(attrs) {
        let key = evaluator.symbol_text(attr.name);
        if key == b"__ignoreNulls" {
            continue;
        }
        take_attribute(evaluator, &mut request, attr, key, ignore_nulls).traced(
            at(attr.pos),
            || {
                format!(
                    "while evaluating attribute '{}' of derivation '{}'",
                    shown_name(key),
                    String::from_utf8_lossy(name)
                )
            },
        )?;
    }
    finish(evaluator, request)
}

fn take_attribute<'h>(
    evaluator: &mut Evaluator<'h>,
    request: &mut Request<'h>,
    attr: &'h Attr<'h>,
    key: &'h [u8],
    ignore_nulls: bool,
) -> Result<()> {
    let value = attr.value;
    if ignore_nulls && matches!(evaluator.force(value, Span::NONE)?, Value::Null) {
        return Ok(());
    }
    match key {
        b"__contentAddressed" => {
            if evaluator.expect_bool(value, Span::NONE, "")? {
                return Err(experimental(ExperimentalFeature::CaDerivations));
            }
            return Ok(());
        }
        b"__impure" => {
            if evaluator.expect_bool(value, Span::NONE, "")? {
                return Err(experimental(ExperimentalFeature::ImpureDerivations));
            }
            return Ok(());
        }
        b"args" => {
            let list = evaluator.expect_list(value, Span::NONE, "")?;
            for &item in list.items {
                let arg = evaluator
                    .coerce_to_variable(item, "while evaluating an element of the argument list")?;
                request.context.extend_from_slice(arg.context);
                request.derivation.args.push(arg.text.to_vec());
            }
            return Ok(());
        }
        _ => {}
    }
    if request.structured.is_some() {
        take_structured(evaluator, request, value, key)
    } else {
        take_variable(evaluator, request, value, key)
    }
}

/// Takes an attribute into the environment.
fn take_variable<'h>(
    evaluator: &mut Evaluator<'h>,
    request: &mut Request<'h>,
    value: Lazy<'h>,
    key: &'h [u8],
) -> Result<()> {
    let string = evaluator.coerce_to_variable(value, "")?;
    request.context.extend_from_slice(string.context);
    let text = string.text;
    if key == JSON_VARIABLE {
        let name = String::from_utf8_lossy(&request.derivation.name).into_owned();
        evaluator.warn(&format!(
            "In derivation '{name}': setting structured attributes via '__json' is deprecated, \
             and may be disallowed in future versions of Nix. Set '__structuredAttrs = true' \
             instead."
        ));
        let normal = json::normalise(text).map_err(|problem| {
            store_error(format!("cannot process __json attribute: {problem}"))
        })?;
        request.given_json = Some(normal);
        return Ok(());
    }
    request
        .derivation
        .environment
        .insert(key.to_vec(), text.to_vec());
    match key {
        b"builder" => request.derivation.builder = text.to_vec(),
        b"system" => request.derivation.system = text.to_vec(),
        b"outputs" => {
            let names = text
                .split(|byte| b" \t\n\r".contains(byte))
                .filter(|name| !name.is_empty());
            request.set_outputs(names)?;
        }
        _ => request.take_hash_attribute(key, text)?,
    }
    Ok(())
}

/// Takes an attribute into the JSON of `__structuredAttrs`.
fn take_structured<'h>(
    evaluator: &mut Evaluator<'h>,
    request: &mut Request<'h>,
    value: Lazy<'h>,
    key: &'h [u8],
) -> Result<()> {
    if key == b"__structuredAttrs" {
        return Ok(());
    }
    let written = evaluator.to_json(value, &mut request.context)?;
    if let Some(structured) = &mut request.structured {
        structured.insert(key, written);
    }
    match key {
        b"builder" => {
            let builder = evaluator.expect_string(value, Span::NONE, "")?;
            request.context.extend_from_slice(builder.context);
            request.derivation.builder = builder.text.to_vec();
        }
        b"system" => {
            let system = evaluator.expect_plain_string(value, Span::NONE, "")?;
            request.derivation.system = system.to_vec();
        }
        b"outputHash" | b"outputHashAlgo" | b"outputHashMode" => {
            let text = evaluator.expect_plain_string(value, Span::NONE, "")?;
            request.take_hash_attribute(key, text)?;
        }
        b"outputs" => {
            let list = evaluator.expect_list(value, Span::NONE, "")?;
            let mut names = Vec::with_capacity(list.items.len());
            for &item in list.items {
                names.push(evaluator.expect_plain_string(item, Span::NONE, "")?);
            }
            request.set_outputs(names)?;
        }
        b"allowedReferences"
        | b"allowedRequisites"
        | b"disallowedReferences"
        | b"disallowedRequisites"
        | b"maxSize"
        | b"maxClosureSize" => {
            let name = String::from_utf8_lossy(&request.derivation.name).into_owned();
            let key = String::from_utf8_lossy(key);
            evaluator.warn(&format!(
                "In a derivation named '{name}', 'structuredAttrs' disables the effect of the \
                 derivation attribute '{key}'; use 'outputChecks.<output>.{key}' instead"
            ));
        }
        _ => {}
    }
    Ok(())
}

fn experimental(feature: ExperimentalFeature) -> Box<EvalError> {
    store_error(feature.disabled_message())
}

impl Request<'_> {
    fn set_outputs<'n>(&mut self, names: impl IntoIterator<Item = &'n [u8]>) -> Result<()> {
        self.outputs.clear();
        for name in names {
            let shown = String::from_utf8_lossy(name);
            if name == b"drvPath" {
                return Err(store_error("invalid derivation output name 'drvPath'"));
            }
            if !self.outputs.insert(name.to_vec()) {
                return Err(store_error(format!(
                    "duplicate derivation output '{shown}'"
                )));
            }
        }
        if self.outputs.is_empty() {
            return Err(store_error(
                "derivation cannot have an empty set of outputs",
            ));
        }
        Ok(())
    }

    /// Takes an attribute of a fixed-output derivation; others are not looked at.
    fn take_hash_attribute(&mut self, key: &[u8], text: &[u8]) -> Result<()> {
        match key {
            b"outputHash" => self.hash = Some(text.to_vec()),
            // What is not an algorithm is as good as none: the hash may name it.
            b"outputHashAlgo" => self.hash_algorithm = HashAlgorithm::parse(text).ok(),
            b"outputHashMode" => {
                self.ingestion = Some(match text {
                    b"flat" => Ingestion::Flat,
                    b"recursive" | b"nar" => Ingestion::Nar,
                    b"git" => return Err(experimental(ExperimentalFeature::GitHashing)),
                    b"text" => {
                        return Err(store_error(format!(
                            "experimental Nix feature 'dynamic-derivations' is disabled \
                             (text-hashed derivation '{}', outputHashMode = \"text\"); add \
                             '--extra-experimental-features dynamic-derivations' to enable it",
                            String::from_utf8_lossy(&self.derivation.name)
                        )));
                    }
                    other => {
                        return Err(store_error(format!(
                            "invalid value '{}' for 'outputHashMode' attribute",
                            String::from_utf8_lossy(other)
                        )));
                    }
                });
            }
            _ => {}
        }
        Ok(())
    }

    /// The attributes of `__structuredAttrs` as one JSON object, if they are to be
    /// passed on as that.
    fn json_variable(&mut self) -> Option<Vec<u8>> {
        let Some(structured) = self.structured.take() else {
            return self.given_json.take();
        };
        let mut out = b"{".to_vec();
        for (index, (key, value)) in structured.into_iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            // The names of attributes are UTF-8, as Nix files are.
            if json::write_string(&mut out, key).is_ok() {
                out.push(b':');
                out.extend_from_slice(&value);
            }
        }
        out.push(b'}');
        Some(out)
    }
}

/// Computes all paths.
fn finish<'h>(evaluator: &mut Evaluator<'h>, mut request: Request<'h>) -> Result<Value<'h>> {
    let json = request.json_variable();
    let mut derivation = std::mem::take(&mut request.derivation);
    if let Some(json) = json {
        derivation.environment.insert(JSON_VARIABLE.to_vec(), json);
    }
    add_inputs(evaluator, &mut derivation, &request.context)?;
    if derivation.builder.is_empty() {
        return Err(store_error("required attribute 'builder' missing"));
    }
    if derivation.system.is_empty() {
        return Err(store_error("required attribute 'system' missing"));
    }
    if derivation.name.ends_with(b".drv") {
        return Err(store_error(
            "derivation names are allowed to end in '.drv' only if they produce a single \
             derivation file",
        ));
    }

    if let Some(text) = &request.hash {
        if request.outputs.len() != 1 || !request.outputs.contains(&b"out"[..]) {
            return Err(store_error(
                "multiple outputs are not supported in fixed-output derivations",
            ));
        }
        let hash = super::paths::expected_hash(evaluator, text, request.hash_algorithm)?;
        let ingestion = request.ingestion.unwrap_or(Ingestion::Flat);
        let path = evaluator
            .store_dir()
            .fixed_output_path(&derivation.name, ingestion, &hash)?;
        derivation
            .environment
            .insert(b"out".to_vec(), path.clone().into_bytes());
        let output = Output::Fixed {
            path,
            ingestion,
            hash,
        };
        derivation.outputs.insert(b"out".to_vec(), output);
    } else {
        for name in request.outputs {
            let unknown = Output::InputAddressed(String::new());
            derivation.outputs.insert(name, unknown);
        }
        let store_dir = evaluator.options.store_dir.clone();
        derivation.fill_output_paths(crate::store_path::StoreDir(&store_dir), &mut |input| {
            evaluator.derivation_hash(input)
        })?;
    }

    let path = derivation.path(evaluator.store_dir())?;
    let hash = derivation.hash_modulo(&mut |input| evaluator.derivation_hash(input))?;
    evaluator.know_derivation(path.clone().into_bytes(), &derivation, hash);

    let path: &'h [u8] = evaluator.heap().alloc_str(&path).as_bytes();
    let deep = evaluator.context(vec![ContextElement::DrvDeep(path)]);
    let drv_path = evaluator.string_in_heap(path, deep);
    let mut entries = vec![evaluator.attr("drvPath", drv_path)];
    for (name, output) in &derivation.outputs {
        let name: &'h [u8] = evaluator.heap().alloc_slice_copy(name);
        let context = evaluator.context(vec![ContextElement::Built {
            drv: path,
            output: name,
        }]);
        let value = evaluator.string_with_context(output.path(), context);
        entries.push(evaluator.attr(name, value));
    }
    Ok(Value::Attrs(evaluator.attrs(entries)))
}

/// Makes what the strings of a derivation refer to its inputs.
fn add_inputs(
    evaluator: &mut Evaluator<'_>,
    derivation: &mut Derivation,
    context: &[ContextElement<'_>],
) -> Result<()> {
    for element in context {
        match *element {
            ContextElement::Opaque(path) => {
                derivation.input_sources.insert(path.to_vec());
            }
            ContextElement::Built { drv, output } => {
                derivation
                    .input_derivations
                    .entry(drv.to_vec())
                    .or_default()
                    .insert(output.to_vec());
            }
            ContextElement::DrvDeep(drv) => {
                let (paths, derivations) = evaluator.derivation_closure(drv)?;
                derivation.input_sources.extend(paths);
                for (drv, outputs) in derivations {
                    derivation
                        .input_derivations
                        .entry(drv)
                        .or_default()
                        .extend(outputs);
                }
            }
        }
    }
    Ok(())
}
