//! The derivations that a value stands for, as `nix-instantiate` and `nix-env` find them
//! (`getDerivations` in Nix).

use rustc_hash::FxHashSet;

use crate::attrs::Attrs;
use crate::coerce::Coercion;
use crate::error::{ErrorKind, EvalError, Result, Traced};
use crate::evaluator::Evaluator;
use crate::source::Span;
use crate::store::store_error;
use crate::store_path::check_base_name;
use crate::value::{Lazy, Value};

/// A derivation that was found.
#[derive(Clone, Copy)]
pub struct FoundDerivation<'h>(&'h Attrs<'h>);

/// The sets that were looked at already.
type Seen<'h> = FxHashSet<*const Attrs<'h>>;

/// Whether `nix-env` could name an attribute.
fn is_path_component(name: &[u8]) -> bool {
    let (Some(first), rest) = (name.first(), name.get(1..).unwrap_or_default()) else {
        return false;
    };
    (first.is_ascii_alphabetic() || *first == b'_')
        && rest
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+'))
}

impl<'h> Evaluator<'h> {
    /// The derivations in a value: itself, or those in its list or set, and in sets of it that
    /// ask for that with `recurseForDerivations`. Functions are called with `args`.
    pub fn derivations(
        &mut self,
        value: Value<'h>,
        args: &'h Attrs<'h>,
    ) -> Result<Vec<FoundDerivation<'h>>> {
        let mut found = Vec::new();
        self.find_derivations(value.into(), args, &mut found, &mut Seen::default())?;
        Ok(found)
    }

    fn find_derivations(
        &mut self,
        value: Lazy<'h>,
        args: &'h Attrs<'h>,
        found: &mut Vec<FoundDerivation<'h>>,
        seen: &mut Seen<'h>,
    ) -> Result<()> {
        let value = self.force(value, Span::NONE)?;
        let value = self.auto_call(value, args)?;
        if !self.take_derivation(value, found, seen)? {
            return Ok(());
        }
        match value {
            Value::Attrs(attrs) => {
                let channels = self.intern("_combineChannels");
                let combines = attrs.get(channels).is_some();
                for attr in self.attrs_by_name(attrs) {
                    let name = self.symbol_text(attr.name);
                    if is_path_component(name) {
                        self.find_in_attribute(attr.value, combines, args, found, seen)
                            .traced(Span::at(attr.pos), || {
                                let name = String::from_utf8_lossy(name);
                                format!("while evaluating the attribute '{name}'")
                            })?;
                    }
                }
                Ok(())
            }
            Value::List(list) => {
                for &item in list.items {
                    let value = self.force(item, Span::NONE)?;
                    if self.take_derivation(value, found, seen)? {
                        self.with_stack(Span::NONE, |evaluator| {
                            evaluator.find_derivations(item, args, found, seen)
                        })?;
                    }
                }
                Ok(())
            }
            _ => Err(EvalError::new(
                ErrorKind::Type,
                Span::NONE,
                "expression does not evaluate to a derivation (or a set or list of those)",
            )),
        }
    }

    fn find_in_attribute(
        &mut self,
        value: Lazy<'h>,
        always: bool,
        args: &'h Attrs<'h>,
        found: &mut Vec<FoundDerivation<'h>>,
        seen: &mut Seen<'h>,
    ) -> Result<()> {
        let recurses = always || {
            let inner = self.force(value, Span::NONE)?;
            self.take_derivation(inner, found, seen)? && self.asks_for_recursion(inner)?
        };
        if !recurses {
            return Ok(());
        }
        self.with_stack(Span::NONE, |evaluator| {
            evaluator.find_derivations(value, args, found, seen)
        })
    }

    fn asks_for_recursion(&mut self, value: Value<'h>) -> Result<bool> {
        let name = self.intern("recurseForDerivations");
        let Value::Attrs(attrs) = value else {
            return Ok(false);
        };
        match attrs.get(name) {
            Some(attr) => self.expect_bool(
                attr.value,
                Span::at(attr.pos),
                "while evaluating the attribute `recurseForDerivations`",
            ),
            None => Ok(false),
        }
    }

    /// Takes a value if it is a derivation. Whether there may be derivations in it.
    fn take_derivation(
        &mut self,
        value: Value<'h>,
        found: &mut Vec<FoundDerivation<'h>>,
        seen: &mut Seen<'h>,
    ) -> Result<bool> {
        let Value::Attrs(attrs) = value else {
            return Ok(true);
        };
        let Some(kind) = attrs.get(self.names.r#type) else {
            return Ok(true);
        };
        match self.force(kind.value, Span::at(kind.pos))? {
            Value::String(kind) if kind.text == b"derivation" => {}
            _ => return Ok(true),
        }
        if !seen.insert(std::ptr::from_ref(attrs)) {
            return Ok(false);
        }
        let name = attrs.get(self.names.name);
        let name = name.ok_or_else(|| {
            EvalError::new(ErrorKind::Type, Span::NONE, "derivation name missing")
        })?;
        self.expect_plain_string(
            name.value,
            Span::NONE,
            "while evaluating the 'name' attribute of a derivation",
        )?;
        found.push(FoundDerivation(attrs));
        Ok(false)
    }

    /// What `nix-instantiate` prints for a derivation: its store path, and which output is
    /// meant if that is not `out`.
    pub fn derivation_line(&mut self, derivation: FoundDerivation<'h>) -> Result<Vec<u8>> {
        const WHAT: &str = "while evaluating the 'drvPath' attribute of a derivation";
        let FoundDerivation(attrs) = derivation;
        let name = self.intern("drvPath");
        let attr = attrs
            .get(name)
            .ok_or_else(|| store_error("derivation does not contain a 'drvPath' attribute"))?;
        let span = Span::at(attr.pos);
        let path = self
            .coerce_to_string(attr.value, span, WHAT, Coercion::PLAIN)?
            .text;
        let is_valid = self.store_dir().is_store_path(path)
            && self
                .store_dir()
                .split(path)
                .is_some_and(|(base, _)| check_base_name(base).is_ok());
        let shown = String::from_utf8_lossy(path);
        if !is_valid {
            let message = format!("path '{shown}' is not in the Nix store");
            return Err(store_error(message).traced(span, || WHAT.to_owned()));
        }
        if !path.ends_with(b".drv") {
            let base = shown.rsplit('/').next().unwrap_or_default();
            let message = format!("store path '{base}' is not a valid derivation path");
            return Err(store_error(message).traced(span, || WHAT.to_owned()));
        }
        let name = self.intern("outputName");
        let output = match attrs.get(name) {
            Some(attr) => self.expect_plain_string(
                attr.value,
                Span::NONE,
                "while evaluating the output name of a derivation",
            )?,
            None => b"",
        };
        match output {
            b"" => Err(store_error(format!(
                "derivation '{shown}' lacks an 'outputName' attribute"
            ))),
            b"out" => Ok(path.to_vec()),
            other => Ok([path, b"!", other].concat()),
        }
    }
}
