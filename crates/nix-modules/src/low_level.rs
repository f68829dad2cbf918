//! The steps of evaluating modules one by one, as functions of `lib.modules`.
//! Nobody should need them; code that is older than `extendModules` does. Each
//! warns when it is used.

use nix_eval::{Evaluator, Lazy, Pos, Result, Span, Value};

use crate::ModuleSystem;
use crate::definition::{Definition, required};
use crate::level::Level;
use crate::load::{Loading, Module, UNKNOWN_MODULE};

/// What stands behind the name in the warning.
const WARNING: &str = "is deprecated. If your use case isn't covered by non-deprecated functions, \
    we'd like to know more and perhaps support your use case well, instead of providing access \
    to these low level functions. In this case please open an issue in \
    https://github.com/nixos/nixpkgs/issues/.";

impl<'h> ModuleSystem<'h> {
    /// The functions, by name.
    pub(crate) fn low_level_functions(
        &'h self,
        evaluator: &mut Evaluator<'h>,
    ) -> [(&'static str, Value<'h>); 7] {
        [
            (
                "applyModuleArgsIfFunction",
                evaluator.primop("applyModuleArgsIfFunction", 3, |evaluator, args, _| {
                    self.apply_if_function(evaluator, args[0], args[1], args[2])
                }),
            ),
            (
                "collectModules",
                evaluator.primop("collectModules", 3, |evaluator, args, _| {
                    self.collect(evaluator, args[0], args[1], args[2])
                }),
            ),
            (
                "dischargeProperties",
                evaluator.primop("dischargeProperties", 1, |evaluator, args, _| {
                    let mut discharged = Vec::new();
                    let definition = Definition {
                        file: evaluator.string(UNKNOWN_MODULE).into(),
                        value: args[0],
                        pos: Pos::NONE,
                        order: None,
                        form: None,
                    };
                    self.discharge(evaluator, definition, &mut discharged)?;
                    let items: Vec<Lazy<'h>> = discharged.iter().map(|item| item.value).collect();
                    Ok(evaluator.list(&items))
                }),
            ),
            (
                "mergeModules",
                evaluator.primop("mergeModules", 2, |evaluator, args, _| {
                    self.merge_modules(evaluator, args[0], args[1], None)
                }),
            ),
            (
                "mergeModules'",
                evaluator.primop("mergeModules'", 3, |evaluator, args, _| {
                    self.merge_modules(evaluator, args[0], args[1], Some(args[2]))
                }),
            ),
            (
                "pushDownProperties",
                evaluator.primop("pushDownProperties", 1, |evaluator, args, _| {
                    let mut pushed = Vec::new();
                    self.push_down(evaluator, args[0], &mut pushed)?;
                    let items: Vec<Lazy<'h>> = pushed.into_iter().map(Into::into).collect();
                    Ok(evaluator.list(&items))
                }),
            ),
            (
                "unifyModuleSyntax",
                evaluator.primop("unifyModuleSyntax", 3, |evaluator, args, _| {
                    let key = self.to_string(evaluator, args[1])?.text;
                    let module = evaluator.force(args[2], Span::NONE)?;
                    let module = self.canonical(evaluator, args[0], key, module)?;
                    Ok(self.module_to_set(evaluator, &module))
                }),
            ),
        ]
    }

    /// Warns, once per use of the name, and gives the function.
    pub(crate) fn deprecated(
        &self,
        evaluator: &mut Evaluator<'h>,
        name: &str,
        function: Value<'h>,
    ) -> Result<Value<'h>> {
        let warn = self.lib_attribute(evaluator, &["warn"])?;
        let message = evaluator.string(format!("External use of `lib.modules.{name}` {WARNING}"));
        evaluator.apply(warn, &[message.into(), function.into()], Span::NONE)
    }

    fn apply_if_function(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        key: Lazy<'h>,
        module: Lazy<'h>,
        args: Lazy<'h>,
    ) -> Result<Value<'h>> {
        let module = evaluator.force(module, Span::NONE)?;
        if !self.is_function(evaluator, module)? {
            return Ok(module);
        }
        let key = self.to_string(evaluator, key)?.text;
        let loading = self.loading_with(evaluator, args, Value::Null.into())?;
        self.apply_module(evaluator, &loading, key, module)
    }

    fn collect(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        modules_path: Lazy<'h>,
        modules: Lazy<'h>,
        args: Lazy<'h>,
    ) -> Result<Value<'h>> {
        let what = "while evaluating the modules of collectModules";
        let modules = evaluator.expect_list(modules, Span::NONE, what)?.items;
        let collected = evaluator.thunk(move |evaluator| {
            let loading = self.loading_with(evaluator, args, modules_path)?;
            let collected = self.collect_modules(evaluator, &loading, modules)?;
            let items: Vec<Lazy<'h>> = collected
                .iter()
                .map(|module| self.module_to_set(evaluator, module).into())
                .collect();
            Ok(evaluator.list(&items))
        });
        let graph = evaluator.thunk(move |evaluator| {
            let loading = self.loading_with(evaluator, args, modules_path)?;
            self.module_graph(evaluator, &loading, modules)
        });
        let names = &self.names;
        Ok(self.set(
            evaluator,
            &[(names.modules, collected), (names.graph, graph)],
        ))
    }

    /// Arguments that a caller gives in place of an evaluation's.
    fn loading_with(
        &self,
        evaluator: &mut Evaluator<'h>,
        args: Lazy<'h>,
        modules_path: Lazy<'h>,
    ) -> Result<Loading<'h>> {
        let what = "while evaluating the arguments of modules";
        let set = evaluator.expect_attrs(args, Span::NONE, what)?;
        Ok(Loading {
            args,
            config: required(evaluator, set, self.names.config)?,
            prefix: &[],
            class: None,
            modules_path,
        })
    }

    /// `{ matchedOptions, unmatchedDefns }` of modules in canonical form. Their
    /// definitions are their own unless `configs` are given.
    fn merge_modules(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        prefix: Lazy<'h>,
        modules: Lazy<'h>,
        configs: Option<Lazy<'h>>,
    ) -> Result<Value<'h>> {
        let names = &self.names;
        let prefix = self.loc(evaluator, prefix)?;
        let declarations = self.declarations_from_list(evaluator, modules)?;
        let (list, file) = match configs {
            Some(configs) => (configs, names.file),
            None => (modules, names.file_tag),
        };
        let what = "while reading the definitions of modules";
        let items = evaluator.expect_list(list, Span::NONE, what)?.items;
        let mut raw = Vec::with_capacity(items.len());
        for &item in items {
            let set = evaluator.expect_attrs(item, Span::NONE, what)?;
            raw.push(Definition {
                file: required(evaluator, set, file)?,
                value: required(evaluator, set, names.config)?,
                pos: Pos::NONE,
                order: None,
                form: None,
            });
        }
        let heap = evaluator.heap();
        let level = Level::new(
            self,
            evaluator,
            prefix,
            heap.alloc_slice_copy(&declarations),
            heap.alloc_slice_copy(&raw),
        );
        let matched = evaluator.thunk(move |evaluator| level.options(evaluator));
        let unmatched = evaluator.thunk(move |evaluator| {
            let found = level.unmatched(evaluator)?;
            let items: Vec<Lazy<'h>> = found
                .iter()
                .map(|unmatched| {
                    let path: Vec<Lazy<'h>> = unmatched
                        .path
                        .iter()
                        .map(|&name| evaluator.symbol_string(name).into())
                        .collect();
                    let path = evaluator.list(&path).into();
                    let definition = unmatched.definition;
                    self.set(
                        evaluator,
                        &[
                            (names.file, definition.file),
                            (names.prefix, path),
                            (names.value, definition.value),
                        ],
                    )
                    .into()
                })
                .collect();
            Ok(evaluator.list(&items))
        });
        Ok(self.set(
            evaluator,
            &[
                (names.matched_options, matched),
                (names.unmatched_definitions, unmatched),
            ],
        ))
    }

    fn module_to_set(&self, evaluator: &mut Evaluator<'h>, module: &Module<'h>) -> Value<'h> {
        let names = &self.names;
        let class = match module.class {
            Some(class) => evaluator.string_in_heap(class, &[]),
            None => Value::Null,
        };
        let key = evaluator.string_in_heap(module.key, &[]);
        self.set(
            evaluator,
            &[
                (names.class_tag, class.into()),
                (names.file_tag, module.file),
                (names.config, module.config),
                (names.disabled_modules, module.disabled_modules),
                (names.imports, module.imports),
                (names.key, key.into()),
                (names.options, module.options),
            ],
        )
    }
}
