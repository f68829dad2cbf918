//! `evalModules`: a list of modules becomes `config` and `options`.

use std::cell::{Cell, OnceCell};

use nix_eval::{Attrs, ErrorKind, EvalError, Evaluator, Lazy, Pos, Result, Span, Traced, Value};

use crate::ModuleSystem;
use crate::definition::{Definition, required};
use crate::level::{Declaration, Level};
use crate::load::{Loading, Module};
use crate::unmatched::Unmatched;

/// What is said of an error in `config` as modules see it.
const RECURSION_HINT: &str = "if you get an infinite recursion here, you probably reference `config` \
    in `imports`. If you are trying to achieve a conditional import behavior dependent on \
    `config`, consider importing unconditionally, and using `mkEnableOption` and `mkIf` to control \
    its effect.";

/// One evaluation of modules.
struct Evaluation<'h> {
    system: &'h ModuleSystem<'h>,
    /// What `evalModules` was called with, for `extendModules`.
    args: &'h Attrs<'h>,
    prefix: &'h [Lazy<'h>],
    /// What the caller wrote, before the module system's own module.
    modules: &'h [Lazy<'h>],
    /// A set, evaluated when the first module is called.
    special_args: Lazy<'h>,
    class: Option<&'h [u8]>,
    /// The fixed point. Set right after the evaluation is made.
    config: OnceCell<Lazy<'h>>,
    options: OnceCell<Lazy<'h>>,
    extend_modules: OnceCell<Value<'h>>,
    module_type: OnceCell<Lazy<'h>>,
    /// Whether modules are being loaded, which must not need `config`.
    loading: Cell<bool>,
    root: OnceCell<&'h Level<'h>>,
    unmatched: OnceCell<&'h [Unmatched<'h>]>,
}

impl<'h> ModuleSystem<'h> {
    /// Evaluates modules: the result is what `lib.evalModules` gives, a set with
    /// `config`, `options`, `extendModules`, `type` and more.
    pub fn eval_modules(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        args: &'h Attrs<'h>,
    ) -> Result<Value<'h>> {
        let names = &self.names;
        let what = "while evaluating the arguments of evalModules";
        self.reject_unknown_arguments(evaluator, args)?;
        let Some(modules) = args.get(names.modules) else {
            return Err(EvalError::new(
                ErrorKind::Type,
                Span::NONE,
                "function 'evalModules' called without required argument 'modules'",
            ));
        };
        let mut modules = evaluator
            .expect_list(modules.value, Span::at(modules.pos), what)?
            .items
            .to_vec();
        self.add_legacy_modules(evaluator, args, &mut modules)?;
        let prefix = match args.get(names.prefix) {
            Some(prefix) => evaluator.expect_list(prefix.value, Span::NONE, what)?.items,
            None => &[],
        };
        let special_args = match args.get(names.special_args) {
            Some(special) => special.value,
            None => Value::Attrs(evaluator.attrs(Vec::new())).into(),
        };
        let class = match self.get_or_null(evaluator, args, names.class)? {
            Value::String(class) => Some(class.text),
            _ => None,
        };
        let evaluation: &'h Evaluation<'h> = evaluator.heap().alloc(Evaluation {
            system: self,
            args,
            prefix,
            modules: evaluator.heap().alloc_slice_copy(&modules),
            special_args,
            class,
            config: OnceCell::new(),
            options: OnceCell::new(),
            extend_modules: OnceCell::new(),
            module_type: OnceCell::new(),
            loading: Cell::new(false),
            root: OnceCell::new(),
            unmatched: OnceCell::new(),
        });
        Ok(evaluation.tie(evaluator))
    }

    fn reject_unknown_arguments(
        &self,
        evaluator: &Evaluator<'h>,
        args: &'h Attrs<'h>,
    ) -> Result<()> {
        let names = &self.names;
        let known = [
            names.modules,
            names.prefix,
            names.special_args,
            names.class,
            names.args,
            names.check,
        ];
        match args.iter().find(|attr| !known.contains(&attr.name)) {
            None => Ok(()),
            Some(attr) => Err(EvalError::new(
                ErrorKind::Type,
                Span::at(attr.pos),
                format!(
                    "function 'evalModules' called with unexpected argument '{}'",
                    evaluator.symbol_display(attr.name)
                ),
            )),
        }
    }

    /// The arguments `args` and `check`, from before there were options for
    /// them.
    fn add_legacy_modules(
        &self,
        evaluator: &mut Evaluator<'h>,
        args: &'h Attrs<'h>,
        modules: &mut Vec<Lazy<'h>>,
    ) -> Result<()> {
        let names = self.names;
        for (name, text) in [(names.args, "args"), (names.check, "check")] {
            let Some(attr) = args.get(name) else { continue };
            let warn = self.lib_attribute(evaluator, &["warn"])?;
            let message = evaluator.string(format!(
                "The {text} argument to evalModules is deprecated. Please set config._module.{text} \
                 instead."
            ));
            evaluator.apply(warn, &[message.into(), Value::Null.into()], Span::NONE)?;
            let mut value = attr.value;
            if name == names.check {
                value = self
                    .mk_override(evaluator, Value::Int(1000).into(), value)
                    .into();
            }
            let inner = self.set(evaluator, &[(name, value)]);
            let outer = self.set(evaluator, &[(names.module_tag, inner.into())]);
            let module = self.set(evaluator, &[(names.config, outer.into())]);
            modules.push(module.into());
        }
        Ok(())
    }
}

impl<'h> Evaluation<'h> {
    /// Makes the fixed point and the result.
    fn tie(&'h self, evaluator: &mut Evaluator<'h>) -> Value<'h> {
        let names = &self.system.names;
        let config = evaluator.thunk(|evaluator| self.compute_config(evaluator));
        let options = evaluator.thunk(|evaluator| {
            let root = self.root(evaluator)?;
            root.options(evaluator)
        });
        let extend = evaluator.primop("extendModules", 1, |evaluator, args, span| {
            let what = "while evaluating the argument of extendModules";
            let arg = evaluator.expect_attrs(args[0], span, what)?;
            self.extend(evaluator, arg)
        });
        let kind = evaluator.thunk(|evaluator| self.compute_type(evaluator));
        let (Ok(()), Ok(()), Ok(()), Ok(())) = (
            self.config.set(config),
            self.options.set(options),
            self.extend_modules.set(extend),
            self.module_type.set(kind),
        ) else {
            unreachable!("an evaluation is tied once")
        };
        let checked_options = evaluator.thunk(move |evaluator| {
            self.check_unmatched(evaluator)?;
            evaluator.force(options, Span::NONE)
        });
        let checked_config = evaluator.thunk(move |evaluator| {
            self.check_unmatched(evaluator)?;
            let config = evaluator.expect_attrs(config, Span::NONE, "")?;
            let visible = config
                .iter()
                .filter(|attr| attr.name != self.system.names.module_tag)
                .copied()
                .collect();
            Ok(Value::Attrs(evaluator.attrs(visible)))
        });
        let module = evaluator.thunk(move |evaluator| {
            self.check_unmatched(evaluator)?;
            let config = evaluator.expect_attrs(config, Span::NONE, "")?;
            let module = required(evaluator, config, self.system.names.module_tag)?;
            evaluator.force(module, Span::NONE)
        });
        let graph = evaluator.thunk(|evaluator| {
            let loading = self.loading(evaluator);
            self.system.module_graph(evaluator, &loading, self.modules)
        });
        let tag = evaluator.string("configuration");
        let class = match self.class {
            Some(class) => evaluator.string_in_heap(class, &[]),
            None => Value::Null,
        };
        self.system.set(
            evaluator,
            &[
                (names.type_tag, tag.into()),
                (names.options, checked_options),
                (names.config, checked_config),
                (names.module_tag, module),
                (names.graph, graph),
                (names.extend_modules, extend.into()),
                (names.type_, kind),
                (names.class, class.into()),
            ],
        )
    }

    fn tied(cell: &OnceCell<Lazy<'h>>) -> Lazy<'h> {
        *cell.get().expect("an evaluation is tied when it is made")
    }

    /// What modules are called with.
    fn loading(&'h self, evaluator: &mut Evaluator<'h>) -> Loading<'h> {
        let names = &self.system.names;
        let config = Self::tied(&self.config);
        let config = evaluator.thunk(move |evaluator| {
            evaluator
                .force(config, Span::NONE)
                .traced(Span::NONE, || RECURSION_HINT.to_owned())
        });
        let class = match self.class {
            Some(class) => evaluator.string_in_heap(class, &[]),
            None => Value::Null,
        };
        let prefix = evaluator.list_in_heap(self.prefix);
        let Value::Attrs(args) = self.system.set(
            evaluator,
            &[
                (names.lib, self.system.lib),
                (names.options, Self::tied(&self.options)),
                (names.special_args, self.special_args),
                (names.class_tag, class.into()),
                (names.prefix_tag, prefix.into()),
                (names.config, config),
            ],
        ) else {
            unreachable!("a set was made")
        };
        let modules_path = evaluator.thunk(|evaluator| {
            let special = self.special_args(evaluator)?;
            Ok(
                match self
                    .system
                    .get_or_null(evaluator, special, self.system.names.modules_path)?
                {
                    Value::Null => evaluator.string(""),
                    path => path,
                },
            )
        });
        let args = evaluator.thunk(move |evaluator| {
            let special = self.special_args(evaluator)?;
            Ok(Value::Attrs(evaluator.update(args, special)))
        });
        Loading {
            args,
            config,
            prefix: self.prefix,
            class: self.class,
            modules_path,
        }
    }

    fn special_args(&self, evaluator: &mut Evaluator<'h>) -> Result<&'h Attrs<'h>> {
        let what = "while evaluating the specialArgs of evalModules";
        evaluator.expect_attrs(self.special_args, Span::NONE, what)
    }

    /// The root of the tree of options.
    fn root(&'h self, evaluator: &mut Evaluator<'h>) -> Result<&'h Level<'h>> {
        if let Some(root) = self.root.get() {
            return Ok(root);
        }
        if self.loading.replace(true) {
            return Err(EvalError::new(
                ErrorKind::InfiniteRecursion,
                Span::NONE,
                "infinite recursion encountered",
            ));
        }
        let loading = self.loading(evaluator);
        let collected = self
            .system
            .collect_modules(evaluator, &loading, self.modules);
        self.loading.set(false);
        let mut modules = collected?;
        modules.push(self.internal_module(evaluator));
        // Later modules come first: what they define is merged in front.
        modules.reverse();
        let heap = evaluator.heap();
        let declarations = heap.alloc_slice_fill_iter(modules.iter().map(|module| Declaration {
            file: module.file,
            pos: Pos::NONE,
            given_pos: None,
            options: module.options,
        }));
        let raw = heap.alloc_slice_fill_iter(modules.iter().map(|module| Definition {
            file: module.file,
            value: module.config,
            pos: Pos::NONE,
            order: None,
            form: None,
        }));
        let root = Level::new(self.system, evaluator, self.prefix, declarations, raw);
        Ok(self.root.get_or_init(|| root))
    }

    /// The module that declares `_module.args` and its like.
    fn internal_module(&'h self, evaluator: &mut Evaluator<'h>) -> Module<'h> {
        let system = self.system;
        let names = &system.names;
        let options = evaluator.thunk(move |evaluator| {
            let make = system.helper(
                evaluator,
                &system.helpers.internal_options,
                &["modules", "internalOptions"],
            )?;
            let prefix = evaluator.list_in_heap(self.prefix);
            evaluator.apply(make, &[prefix.into()], Span::NONE)
        });
        let options = system.set(evaluator, &[(names.module_tag, options)]);
        let extend = *self
            .extend_modules
            .get()
            .expect("an evaluation is tied when it is made");
        let args = system.set(
            evaluator,
            &[
                (names.extend_modules, extend.into()),
                (names.module_type, Self::tied(&self.module_type)),
            ],
        );
        let inner = system.set(
            evaluator,
            &[
                (names.args, args.into()),
                (names.special_args, self.special_args),
            ],
        );
        let config = system.set(evaluator, &[(names.module_tag, inner.into())]);
        Module::internal(evaluator, options.into(), config.into())
    }

    fn compute_config(&'h self, evaluator: &mut Evaluator<'h>) -> Result<Value<'h>> {
        let root = self.root(evaluator)?;
        let declared = root.config(evaluator)?;
        if !self.is_module_option_set(evaluator, "freeformType")? {
            return Ok(declared);
        }
        let Value::Attrs(kind) = self.module_option(evaluator, declared, "freeformType")? else {
            return Ok(declared);
        };
        let unmatched = self.unmatched(evaluator)?;
        let mut definitions = Vec::with_capacity(unmatched.len());
        for item in unmatched {
            let mut value = item.definition.value;
            for &name in item.path.iter().rev() {
                let attr = nix_eval::Attr {
                    name,
                    pos: item.definition.pos,
                    value,
                };
                value = Value::Attrs(evaluator.attrs(vec![attr])).into();
            }
            definitions.push(item.definition.with_value(value));
        }
        if definitions.is_empty() {
            return Ok(declared);
        }
        let merge = required(evaluator, kind, self.system.names.merge)?;
        let merge = evaluator.force(merge, Span::NONE)?;
        let prefix = evaluator.list_in_heap(self.prefix);
        let list = self.system.definitions_to_list(evaluator, &definitions);
        let free = evaluator.apply(merge, &[prefix.into(), list.into()], Span::NONE)?;
        let update = self.system.helper(
            evaluator,
            &self.system.helpers.recursive_update,
            &["attrsets", "recursiveUpdate"],
        )?;
        evaluator.apply(update, &[free.into(), declared.into()], Span::NONE)
    }

    /// Whether any module but the internal one defines `_module.<name>`. Most
    /// evaluations are of submodules that do not, and need not evaluate these
    /// options at all.
    fn is_module_option_set(&'h self, evaluator: &mut Evaluator<'h>, name: &str) -> Result<bool> {
        let Some(name) = evaluator.symbol(name) else {
            return Ok(false);
        };
        let root = self.root(evaluator)?;
        for definition in root.definitions(evaluator, self.system.names.module_tag)? {
            let mut pushed = Vec::new();
            self.system
                .push_down(evaluator, definition.value, &mut pushed)?;
            let set = pushed
                .iter()
                .any(|value| matches!(value, Value::Attrs(attrs) if attrs.get(name).is_some()));
            if set {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `config._module.<name>`
    fn module_option(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        config: Value<'h>,
        name: &str,
    ) -> Result<Value<'h>> {
        let what = "while evaluating an option of the module system";
        let name = evaluator.intern(name);
        let config = evaluator.expect_attrs(config.into(), Span::NONE, what)?;
        let module = required(evaluator, config, self.system.names.module_tag)?;
        let module = evaluator.expect_attrs(module, Span::NONE, what)?;
        let value = required(evaluator, module, name)?;
        evaluator.force(value, Span::NONE)
    }

    fn unmatched(&'h self, evaluator: &mut Evaluator<'h>) -> Result<&'h [Unmatched<'h>]> {
        if let Some(found) = self.unmatched.get() {
            return Ok(found);
        }
        let root = self.root(evaluator)?;
        let found = root.unmatched(evaluator)?;
        let found = evaluator.heap().alloc_slice_fill_iter(found);
        Ok(self.unmatched.get_or_init(|| found))
    }

    /// Definitions without a declaration are an error, unless a freeform type
    /// takes them or `_module.check` is off.
    fn check_unmatched(&'h self, evaluator: &mut Evaluator<'h>) -> Result<()> {
        let config = Self::tied(&self.config);
        if self.is_module_option_set(evaluator, "check")? {
            let config = evaluator.force(config, Span::NONE)?;
            if let Value::Bool(false) = self.module_option(evaluator, config, "check")? {
                return Ok(());
            }
        }
        if self.is_module_option_set(evaluator, "freeformType")? {
            let config = evaluator.force(config, Span::NONE)?;
            if !matches!(
                self.module_option(evaluator, config, "freeformType")?,
                Value::Null
            ) {
                return Ok(());
            }
        }
        let unmatched = self.unmatched(evaluator)?;
        let Some(first) = unmatched.first() else {
            return Ok(());
        };
        let root = self.root(evaluator)?;
        Err(self.system.undeclared(evaluator, root, first)?)
    }

    /// The same evaluation with more modules.
    fn extend(&'h self, evaluator: &mut Evaluator<'h>, arg: &'h Attrs<'h>) -> Result<Value<'h>> {
        let system = self.system;
        let names = &system.names;
        let what = "while evaluating the argument of extendModules";
        let known = [names.modules, names.special_args, names.prefix];
        if let Some(attr) = arg.iter().find(|attr| !known.contains(&attr.name)) {
            return Err(EvalError::new(
                ErrorKind::Type,
                Span::at(attr.pos),
                format!(
                    "function 'extendModules' called with unexpected argument '{}'",
                    evaluator.symbol_display(attr.name)
                ),
            ));
        }
        let mut modules = self.modules.to_vec();
        if let Some(more) = arg.get(names.modules) {
            let more = evaluator.expect_list(more.value, Span::at(more.pos), what)?;
            modules.extend_from_slice(more.items);
        }
        let special_args = match arg.get(names.special_args) {
            None => self.special_args,
            Some(more) => {
                let more = *more;
                evaluator.thunk(move |evaluator| {
                    let own = self.special_args(evaluator)?;
                    let more = evaluator.expect_attrs(more.value, Span::at(more.pos), what)?;
                    Ok(Value::Attrs(evaluator.update(own, more)))
                })
            }
        };
        let prefix = match arg.get(names.prefix) {
            Some(prefix) => prefix.value,
            None => evaluator.list_in_heap(self.prefix).into(),
        };
        let modules = evaluator.list(&modules);
        let mut entries = vec![
            (names.modules, modules.into()),
            (names.special_args, special_args),
            (names.prefix, prefix),
        ];
        if let Some(class) = self.args.get(names.class) {
            entries.push((names.class, class.value));
        }
        let Value::Attrs(args) = system.set(evaluator, &entries) else {
            unreachable!("a set was made")
        };
        system.eval_modules(evaluator, args)
    }

    /// The type whose values are evaluations of these modules.
    fn compute_type(&'h self, evaluator: &mut Evaluator<'h>) -> Result<Value<'h>> {
        let names = &self.system.names;
        let make = self
            .system
            .lib_attribute(evaluator, &["types", "submoduleWith"])?;
        let modules = required(evaluator, self.args, names.modules)?;
        let class = match self.class {
            Some(class) => evaluator.string_in_heap(class, &[]),
            None => Value::Null,
        };
        let args = self.system.set(
            evaluator,
            &[
                (names.modules, modules),
                (names.special_args, self.special_args),
                (names.class, class.into()),
            ],
        );
        evaluator
            .apply(make, &[args.into()], Span::NONE)
            .traced(Span::NONE, || {
                "while evaluating the type of a module evaluation".to_owned()
            })
    }
}
