//! `disabledModules`: which modules others disable.

use std::collections::HashSet;

use nix_eval::{Evaluator, Lazy, Result, Span, Value};

use crate::ModuleSystem;
use crate::load::{Loading, Module};
use crate::show::thrown;

/// The keys of the modules that others disable.
pub(crate) struct Disabled {
    keys: HashSet<Vec<u8>>,
}

impl Disabled {
    /// Whether the module of this key is disabled.
    pub(crate) fn contains(&self, key: &[u8]) -> bool {
        self.keys.contains(key)
    }
}

impl<'h> ModuleSystem<'h> {
    /// What the items of `disabledModules` mean, each with the module that lists it.
    pub(crate) fn disabled(
        &self,
        evaluator: &mut Evaluator<'h>,
        loading: &Loading<'h>,
        items: &[(Module<'h>, Lazy<'h>)],
    ) -> Result<Disabled> {
        let keys = items
            .iter()
            .map(|(module, item)| self.disabled_key(evaluator, loading, module, *item))
            .collect::<Result<_>>()?;
        Ok(Disabled { keys })
    }

    /// The key of the module that an item of `disabledModules` means.
    fn disabled_key(
        &self,
        evaluator: &mut Evaluator<'h>,
        loading: &Loading<'h>,
        module: &Module<'h>,
        item: Lazy<'h>,
    ) -> Result<Vec<u8>> {
        let value = evaluator.force(item, Span::NONE)?;
        match value {
            Value::String(name) if name.text.first() == Some(&b'/') => Ok(name.text.to_vec()),
            Value::String(name) => {
                let base = self.to_string(evaluator, loading.modules_path)?;
                Ok([base.text, b"/", name.text].concat())
            }
            value if self.converts_to_string(evaluator, value)? => {
                let text = self.to_string(evaluator, value.into())?.text;
                if let Value::Attrs(attrs) = value
                    && let Some(key) = attrs.get(self.names.key)
                {
                    let key = self.to_string(evaluator, key.value)?.text;
                    if key != text {
                        return Err(self.ambiguous_key(evaluator, module, text, key));
                    }
                }
                Ok(text.to_vec())
            }
            Value::Attrs(attrs) => {
                if let Some(key) = attrs.get(self.names.key) {
                    return Ok(self.to_string(evaluator, key.value)?.text.to_vec());
                }
                let file = self.text_for_message(evaluator, module.file);
                Err(thrown(
                    Span::NONE,
                    format!(
                        "Module `{file}` contains a disabledModules item that is an attribute \
                         set, presumably a module, that does not have a `key` attribute. This \
                         means that the module system doesn't have any means to identify the \
                         module that should be disabled. Make sure that you've put the correct \
                         value in disabledModules: a string path relative to modulesPath, a path \
                         value, or an attribute set with a `key` attribute."
                    ),
                ))
            }
            other => {
                let file = self.text_for_message(evaluator, module.file);
                Err(thrown(
                    Span::NONE,
                    format!(
                        "Each disabledModules item must be a path, string, or a attribute set \
                         with a key attribute, or a value supported by toString. However, one of \
                         the disabledModules items in `{file}` is none of that, but is of type {}.",
                        other.type_name()
                    ),
                ))
            }
        }
    }

    fn ambiguous_key(
        &self,
        evaluator: &mut Evaluator<'h>,
        module: &Module<'h>,
        text: &[u8],
        key: &[u8],
    ) -> Box<nix_eval::EvalError> {
        let file = self.text_for_message(evaluator, module.file);
        let (text, key) = (String::from_utf8_lossy(text), String::from_utf8_lossy(key));
        thrown(
            Span::NONE,
            format!(
                "Module `{file}` contains a disabledModules item that is an attribute set that \
                 can be converted to a string ({text}) but also has a `.key` attribute ({key}) \
                 with a different value. This makes it ambiguous which module should be disabled."
            ),
        )
    }

    /// Whether `toString` takes a value (`lib.isConvertibleWithToString`).
    fn converts_to_string(&self, evaluator: &mut Evaluator<'h>, value: Value<'h>) -> Result<bool> {
        Ok(match value {
            Value::Closure(_) | Value::Primop(_) | Value::PrimopApp(_) => false,
            Value::Attrs(attrs) => {
                attrs.get(self.names.out_path).is_some()
                    || attrs.get(self.names.to_string).is_some()
            }
            Value::List(list) => {
                for &item in list.items {
                    let item = evaluator.force(item, Span::NONE)?;
                    let converts = evaluator.with_stack(Span::NONE, |evaluator| {
                        self.converts_to_string(evaluator, item)
                    })?;
                    if !converts {
                        return Ok(false);
                    }
                }
                true
            }
            _ => true,
        })
    }
}
