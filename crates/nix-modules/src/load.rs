//! Loading a module: from what stands in `imports` (a path, a set, a function) to
//! the canonical form (`loadModule`, `unifyModuleSyntax`).

use std::path::Path;

use nix_eval::{Attr, Attrs, Coercion, Evaluator, Lazy, Pos, Result, Span, Traced, Value};

use crate::ModuleSystem;
use crate::definition::Definition;
use crate::show::thrown;

/// How messages call a module that came from no file (`unknownModule`).
pub(crate) const UNKNOWN_MODULE: &str = "<unknown-file>";

/// What the module system calls its own module.
const INTERNAL_MODULE: &str = "lib/modules.nix";
/// A module in canonical form (`unifyModuleSyntax`).
#[derive(Clone, Copy)]
pub(crate) struct Module<'h> {
    /// What messages call it.
    pub(crate) file: Lazy<'h>,
    /// What `disabledModules` and the closure over imports know it by.
    pub(crate) key: &'h [u8],
    pub(crate) class: Option<&'h [u8]>,
    pub(crate) disabled_modules: Lazy<'h>,
    pub(crate) imports: Lazy<'h>,
    /// Declarations.
    pub(crate) options: Lazy<'h>,
    /// Definitions.
    pub(crate) config: Lazy<'h>,
}

impl<'h> Module<'h> {
    /// The module system's own module.
    pub(crate) fn internal(evaluator: &Evaluator<'h>, options: Lazy<'h>, config: Lazy<'h>) -> Self {
        let empty: Lazy<'h> = evaluator.list(&[]).into();
        Self {
            file: evaluator.string(INTERNAL_MODULE).into(),
            key: INTERNAL_MODULE.as_bytes(),
            class: None,
            disabled_modules: empty,
            imports: empty,
            options,
            config,
        }
    }
}

/// What loading needs to know of the evaluation.
pub(crate) struct Loading<'h> {
    /// The arguments that modules are called with: a set.
    pub(crate) args: Lazy<'h>,
    /// Where arguments that are not among those come from:
    /// `config._module.args`.
    pub(crate) config: Lazy<'h>,
    /// Where the evaluation stands in another, for messages.
    pub(crate) prefix: &'h [Lazy<'h>],
    /// The class modules must have, if any.
    pub(crate) class: Option<&'h [u8]>,
    /// What relative `disabledModules` are relative to.
    pub(crate) modules_path: Lazy<'h>,
}

impl<'h> ModuleSystem<'h> {
    pub(crate) fn load_module(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        loading: &Loading<'h>,
        fallback_file: Lazy<'h>,
        fallback_key: &'h [u8],
        written: Lazy<'h>,
    ) -> Result<Module<'h>> {
        let value = evaluator.force(written, Span::NONE)?;
        if self.is_function(evaluator, value)? {
            let value = self.apply_module(evaluator, loading, fallback_key, value)?;
            return self.canonical(evaluator, fallback_file, fallback_key, value);
        }
        match value {
            Value::Attrs(attrs) => match self.type_tag(evaluator, attrs)? {
                None | Some(b"module") => {
                    self.canonical(evaluator, fallback_file, fallback_key, value)
                }
                // The whole module is conditional: only its definitions can be.
                Some(b"if" | b"override") => {
                    let module = self.set(evaluator, &[(self.names.config, value.into())]);
                    self.canonical(evaluator, fallback_file, fallback_key, module)
                }
                Some(other) => {
                    Err(self.not_a_module(evaluator, loading, fallback_file, other, attrs))
                }
            },
            Value::List(_) => {
                let definition = Definition {
                    file: fallback_file,
                    value: value.into(),
                    pos: Pos::NONE,
                    order: None,
                    form: None,
                };
                let shown = self.show_defs(evaluator, &[definition])?;
                Err(thrown(
                    Span::NONE,
                    format!(
                        "Module imports can't be nested lists. Perhaps you meant to remove one \
                         level of lists? Definitions: {shown}"
                    ),
                ))
            }
            _ => {
                let path = evaluator.coerce_to_path(
                    value.into(),
                    Span::NONE,
                    "while importing a module",
                )?;
                let file = evaluator.string_in_heap(path.text, path.context);
                let imported = evaluator.eval_file(Path::new(os_str(path.text)))?;
                let imported = if self.is_function(evaluator, imported)? {
                    self.apply_module(evaluator, loading, path.text, imported)?
                } else {
                    imported
                };
                self.canonical(evaluator, file.into(), path.text, imported)
            }
        }
    }

    fn not_a_module(
        &self,
        evaluator: &mut Evaluator<'h>,
        loading: &Loading<'h>,
        fallback_file: Lazy<'h>,
        tag: &[u8],
        attrs: &'h Attrs<'h>,
    ) -> Box<nix_eval::EvalError> {
        let file = self.text_for_message(evaluator, fallback_file);
        let into = |place: &str| format!(", while trying to load a module into {place}");
        let mut message = "Expected a module, but found a value of type ".to_owned();
        message.push_str(&quoted(tag));
        if file != UNKNOWN_MODULE {
            message.push_str(&into(&file));
        }
        if !loading.prefix.is_empty() {
            message.push_str(&into(&self.show_option(evaluator, loading.prefix)));
        }
        message.push_str(
            ".\nA module is typically loaded by adding it to the imports = [ ... ]; attribute of an \
             existing module, or in the modules = [ ... ]; argument of various functions.\nPlease \
             make sure that each of the list items is a module, and not a different kind of value.",
        );
        match tag {
            b"configuration" => message.push_str(
                "\n\nIf you really mean to import this configuration, instead please only import \
                 the modules that make up the configuration.\nYou may have to create a `let` \
                 binding, file or attribute to give yourself access to the relevant modules.\nWhile \
                 loading a configuration into the module system is a very sensible idea, it can \
                 not be done cleanly in practice.",
            ),
            b"flake" => message.push_str(&which_of_a_flake(loading.class)),
            _ => {}
        }
        let span = attrs
            .iter()
            .next()
            .map_or(Span::NONE, |attr| Span::at(attr.pos));
        let mut error = thrown(span, message);
        if tag == b"option" {
            error.help = Some("did you mean to put this declaration under `options`?".to_owned());
        }
        error
    }

    /// `lib.isFunction`: sets with a `__functor` too.
    pub(crate) fn is_function(
        &self,
        evaluator: &mut Evaluator<'h>,
        value: Value<'h>,
    ) -> Result<bool> {
        match value {
            Value::Closure(_) | Value::Primop(_) | Value::PrimopApp(_) => Ok(true),
            Value::Attrs(attrs) => match attrs.get(self.names.functor) {
                None => Ok(false),
                Some(functor) => {
                    let functor = evaluator.force(functor.value, Span::at(functor.pos))?;
                    let bound = evaluator.apply(functor, &[value.into()], Span::NONE)?;
                    evaluator.with_stack(Span::NONE, |evaluator| self.is_function(evaluator, bound))
                }
            },
            _ => Ok(false),
        }
    }

    /// The names of the arguments that a function wants (`lib.functionArgs`).
    fn function_args(
        &self,
        evaluator: &mut Evaluator<'h>,
        function: Value<'h>,
    ) -> Result<Vec<Attr<'h>>> {
        match function {
            Value::Closure(closure) => {
                let Some(pattern) = closure.pattern() else {
                    return Ok(Vec::new());
                };
                Ok(pattern
                    .formals
                    .iter()
                    .map(|formal| Attr {
                        name: formal.name,
                        pos: formal.span.start,
                        value: Value::Bool(formal.has_default()).into(),
                    })
                    .collect())
            }
            Value::Attrs(attrs) => {
                if let Some(args) = attrs.get(self.names.function_args) {
                    let args = evaluator.expect_attrs(
                        args.value,
                        Span::at(args.pos),
                        "while evaluating __functionArgs",
                    )?;
                    return Ok(args.iter().copied().collect());
                }
                let Some(functor) = attrs.get(self.names.functor) else {
                    return Ok(Vec::new());
                };
                let functor = evaluator.force(functor.value, Span::at(functor.pos))?;
                let bound = evaluator.apply(functor, &[function.into()], Span::NONE)?;
                evaluator.with_stack(Span::NONE, |evaluator| self.function_args(evaluator, bound))
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Calls a module that is a function. Each argument that it names is looked
    /// up lazily, so that `config` can be wanted before it is known
    /// (`applyModuleArgs`).
    pub(crate) fn apply_module(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        loading: &Loading<'h>,
        key: &'h [u8],
        function: Value<'h>,
    ) -> Result<Value<'h>> {
        let what = "while evaluating the arguments of a module";
        let args = evaluator.expect_attrs(loading.args, Span::NONE, what)?;
        let mut wanted = self.function_args(evaluator, function)?;
        for attr in &mut wanted {
            let name = attr.name;
            let given = args.get(name).map(|attr| attr.value);
            let config = loading.config;
            attr.value = evaluator.thunk(move |evaluator| {
                let found = match given {
                    Some(value) => evaluator.force(value, Span::NONE),
                    None => self.module_argument(evaluator, config, name),
                };
                found.traced(Span::NONE, || {
                    format!(
                        "while evaluating the module argument `{}' in \"{}\":",
                        evaluator.symbol_display(name),
                        String::from_utf8_lossy(key)
                    )
                })
            });
        }
        let wanted = evaluator.attrs(wanted);
        let args = evaluator.update(args, wanted);
        evaluator.apply(function, &[Value::Attrs(args).into()], Span::NONE)
    }

    fn module_argument(
        &self,
        evaluator: &mut Evaluator<'h>,
        config: Lazy<'h>,
        name: nix_eval::Symbol,
    ) -> Result<Value<'h>> {
        let names = &self.names;
        let mut value = config;
        let mut look = || {
            for part in [names.module_tag, names.args, name] {
                let what = "while looking for a module argument";
                let attrs = evaluator.expect_attrs(value, Span::NONE, what)?;
                value = crate::definition::required(evaluator, attrs, part)?;
            }
            evaluator.force(value, Span::NONE)
        };
        look().traced(Span::NONE, || {
            format!(
                "noting that argument `{}` is not externally provided, so querying \
                 `_module.args` instead, requiring `config`",
                evaluator.symbol_display(name)
            )
        })
    }

    /// Brings a module into canonical form (`unifyModuleSyntax`).
    pub(crate) fn canonical(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        file: Lazy<'h>,
        key: &'h [u8],
        module: Value<'h>,
    ) -> Result<Module<'h>> {
        let names = &self.names;
        let Value::Attrs(attrs) = module else {
            let file = self.text_for_message(evaluator, file);
            return Err(thrown(
                Span::NONE,
                format!(
                    "module {file} ({}) does not look like a module.",
                    String::from_utf8_lossy(key)
                ),
            ));
        };
        let structured = attrs.get(names.config).is_some() || attrs.get(names.options).is_some();
        if structured {
            self.reject_other_attributes(evaluator, attrs, key)?;
        }
        let empty_list = evaluator.list(&[]);
        let empty_set = Value::Attrs(evaluator.attrs(Vec::new()));
        let or = |name, default: Value<'h>| {
            attrs
                .get(name)
                .map_or(default.into(), |attr: &Attr<'h>| attr.value)
        };
        let file = match attrs.get(names.file_tag) {
            Some(attr) => {
                let text = self.to_string(evaluator, attr.value)?;
                Value::String(text).into()
            }
            None => file,
        };
        let key = match attrs.get(names.key) {
            Some(attr) => self.to_string(evaluator, attr.value)?.text,
            None => key,
        };
        let class = match self.get_or_null(evaluator, attrs, names.class_tag)? {
            Value::String(class) => Some(class.text),
            _ => None,
        };
        let mut imports = or(names.imports, empty_list);
        let (options, mut config) = if structured {
            (or(names.options, empty_set), or(names.config, empty_set))
        } else {
            if let Some(require) = attrs.get(names.require) {
                imports = self.concat(evaluator, require.value, imports)?;
            }
            let special = [
                names.class_tag,
                names.file_tag,
                names.key,
                names.disabled_modules,
                names.require,
                names.imports,
                names.freeform_type,
            ];
            let definitions = attrs
                .iter()
                .filter(|attr| !special.contains(&attr.name))
                .copied()
                .collect();
            let definitions = Value::Attrs(evaluator.attrs(definitions));
            (empty_set.into(), definitions.into())
        };
        if structured && let Some(meta) = attrs.get(names.meta) {
            let meta = self.set(evaluator, &[(names.meta, meta.value)]);
            config = self.mk_merge(evaluator, &[config, meta.into()]);
        }
        if let Some(freeform) = attrs.get(names.freeform_type) {
            let inner = self.set(evaluator, &[(names.freeform_type, freeform.value)]);
            let outer = self.set(evaluator, &[(names.module_tag, inner.into())]);
            config = self.mk_merge(evaluator, &[config, outer.into()]);
        }
        Ok(Module {
            file,
            key,
            class,
            disabled_modules: or(names.disabled_modules, empty_list),
            imports,
            options,
            config,
        })
    }

    fn reject_other_attributes(
        &self,
        evaluator: &Evaluator<'h>,
        attrs: &'h Attrs<'h>,
        key: &[u8],
    ) -> Result<()> {
        let names = &self.names;
        let known = [
            names.class_tag,
            names.file_tag,
            names.key,
            names.disabled_modules,
            names.imports,
            names.options,
            names.config,
            names.meta,
            names.freeform_type,
        ];
        let unknown = evaluator
            .attrs_by_name(attrs)
            .into_iter()
            .find(|attr| !known.contains(&attr.name));
        let Some(attr) = unknown else { return Ok(()) };
        Err(thrown(
            Span::at(attr.pos),
            format!(
                "Module `{}' has an unsupported attribute `{}'. This is caused by introducing a \
                 top-level `config' or `options' attribute. Add configuration attributes \
                 immediately on the top level instead, or move all of them (namely: {}) into the \
                 explicit `config' attribute.",
                String::from_utf8_lossy(key),
                evaluator.symbol_display(attr.name),
                evaluator
                    .attrs_by_name(attrs)
                    .into_iter()
                    .filter(|attr| !known.contains(&attr.name))
                    .map(|attr| evaluator.symbol_display(attr.name))
                    .collect::<Vec<_>>()
                    .join(" ")
            ),
        ))
    }

    pub(crate) fn check_class(
        &self,
        evaluator: &mut Evaluator<'h>,
        loading: &Loading<'h>,
        module: &Module<'h>,
    ) -> Result<()> {
        let (Some(expected), Some(actual)) = (loading.class, module.class) else {
            return Ok(());
        };
        if expected == actual {
            return Ok(());
        }
        let file = self.text_for_message(evaluator, module.file);
        let (expected, actual) = (
            String::from_utf8_lossy(expected),
            String::from_utf8_lossy(actual),
        );
        Err(thrown(
            Span::NONE,
            format!(
                "The module `{file}` (class: \"{actual}\") cannot be imported into a module \
                 evaluation that expects class \"{expected}\".\n\n\
                 Help:\n\
                 - Ensure that you are importing the correct module.\n\
                 - Verify that the module's `_class`, \"{actual}\" matches the expected `class` \
                 \"{expected}\".\n\
                 - If you are using a custom class, make sure it is correctly defined and used \
                 consistently across your modules.\n"
            ),
        ))
    }

    /// `toString`
    pub(crate) fn to_string(
        &self,
        evaluator: &mut Evaluator<'h>,
        value: Lazy<'h>,
    ) -> Result<&'h nix_eval::NixString<'h>> {
        evaluator.coerce_to_string(
            value,
            Span::NONE,
            "while evaluating the name of a module",
            Coercion::TO_STRING,
        )
    }

    fn concat(
        &self,
        evaluator: &mut Evaluator<'h>,
        left: Lazy<'h>,
        right: Lazy<'h>,
    ) -> Result<Lazy<'h>> {
        let mut items = Vec::new();
        for list in [left, right] {
            let list = evaluator.expect_list(list, Span::NONE, "while evaluating imports")?;
            items.extend_from_slice(list.items);
        }
        Ok(evaluator.list(&items).into())
    }

    fn mk_merge(&self, evaluator: &mut Evaluator<'h>, contents: &[Lazy<'h>]) -> Lazy<'h> {
        let tag = evaluator.string("merge").into();
        let contents = evaluator.list(contents).into();
        self.set(
            evaluator,
            &[(self.names.type_tag, tag), (self.names.contents, contents)],
        )
        .into()
    }
}

/// A string as Nix would write it.
fn quoted(text: &[u8]) -> String {
    let mut out = Vec::new();
    nix_eval::write_string_literal(&mut out, text);
    String::from_utf8_lossy(&out).into_owned()
}

/// What to import of a flake, which is no module itself.
fn which_of_a_flake(class: Option<&[u8]>) -> String {
    let class = class.map(String::from_utf8_lossy);
    let class = class.as_deref();
    let mut text = format!(
        "\n\nPerhaps you forgot to select an attribute name?\nInstead of, for example,\n    \
         inputs.someflake\nyou need to write something like\n    \
         inputs.someflake.modules.{}.default",
        class.unwrap_or("someApp")
    );
    let modules = match class {
        Some("nixos") => "nixosModules",
        Some("darwin") => "darwinModules",
        _ => return text,
    };
    text.push_str(&format!("\nor\n    inputs.someflake.{modules}.default"));
    text
}

/// A path of the evaluator as the operating system has it.
fn os_str(text: &[u8]) -> &std::ffi::OsStr {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(text)
}
