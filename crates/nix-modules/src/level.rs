//! One level of the tree of options: which names are declared here, and which
//! definitions each has (`mergeModules'`).
//!
//! Everything is found on demand. The names of a level depend on declarations
//! alone, so `config` and `options` are known as sets before any definition is
//! looked at, and definitions may depend on them.

use std::cell::OnceCell;

use nix_eval::{
    Attr, Attrs, ErrorKind, EvalError, Evaluator, Lazy, Pos, Result, Span, Symbol, Traced, Value,
};

use crate::ModuleSystem;
use crate::definition::Definition;
use crate::show::thrown;

/// A declaration: an option, or a set of them, as one module wrote it.
#[derive(Clone, Copy)]
pub(crate) struct Declaration<'h> {
    /// The module that declares.
    pub(crate) file: Lazy<'h>,
    /// Where.
    pub(crate) pos: Pos,
    /// A position in its Nix form, perhaps null, that a caller of
    /// `mergeOptionDecls` says it has.
    pub(crate) given_pos: Option<Lazy<'h>>,
    /// What.
    pub(crate) options: Lazy<'h>,
}

/// One level of the tree.
pub(crate) struct Level<'h> {
    system: &'h ModuleSystem<'h>,
    /// The path to here: strings.
    pub(crate) loc: &'h [Lazy<'h>],
    /// The sets of declarations, one a module.
    declarations: &'h [Declaration<'h>],
    /// The definitions of the whole level, properties not yet pushed down.
    raw: &'h [Definition<'h>],
    names: OnceCell<&'h [Name<'h>]>,
    configs: OnceCell<&'h [(Definition<'h>, &'h Attrs<'h>)]>,
}

/// A declared name.
struct Name<'h> {
    symbol: Symbol,
    declarations: &'h [Declaration<'h>],
    child: OnceCell<Child<'h>>,
}

/// What a name stands for.
#[derive(Clone, Copy)]
pub(crate) enum Child<'h> {
    /// An option: when evaluated, a set with `value`, `isDefined` and so on. Declarations
    /// that contradict each other are an error then, not to those who use other options.
    Option(Lazy<'h>),
    /// A set of options.
    Level(&'h Level<'h>),
}

impl<'h> Level<'h> {
    pub(crate) fn new(
        system: &'h ModuleSystem<'h>,
        evaluator: &Evaluator<'h>,
        loc: &'h [Lazy<'h>],
        declarations: &'h [Declaration<'h>],
        raw: &'h [Definition<'h>],
    ) -> &'h Self {
        evaluator.heap().alloc(Self {
            system,
            loc,
            declarations,
            raw,
            names: OnceCell::new(),
            configs: OnceCell::new(),
        })
    }

    /// The declared names, in the order of their symbols.
    fn names(&'h self, evaluator: &mut Evaluator<'h>) -> Result<&'h [Name<'h>]> {
        if let Some(names) = self.names.get() {
            return Ok(names);
        }
        let mut flat: Vec<(Symbol, Declaration<'h>)> = Vec::new();
        for declaration in self.declarations {
            let options = evaluator.force(declaration.options, Span::at(declaration.pos))?;
            let Value::Attrs(options) = options else {
                return Err(thrown(
                    Span::at(declaration.pos),
                    format!(
                        "An option declaration for `{}' has type\n`{}' rather than an attribute \
                         set.\nDid you mean to define this outside of `options'?\n",
                        self.system.join_loc(evaluator, self.loc),
                        options.type_name(),
                    ),
                ));
            };
            flat.extend(options.iter().map(|attr| {
                (
                    attr.name,
                    Declaration {
                        file: declaration.file,
                        pos: attr.pos,
                        given_pos: None,
                        options: attr.value,
                    },
                )
            }));
        }
        // Stable: the declarations of a name stay in the order of their modules.
        flat.sort_by_key(|(name, _)| *name);
        let heap = evaluator.heap();
        let names: Vec<Name<'h>> = flat
            .chunk_by(|(left, _), (right, _)| left == right)
            .map(|group| Name {
                symbol: group[0].0,
                declarations: heap
                    .alloc_slice_fill_iter(group.iter().map(|(_, declaration)| *declaration)),
                child: OnceCell::new(),
            })
            .collect();
        let names = heap.alloc_slice_fill_iter(names);
        Ok(*self.names.get_or_init(|| names))
    }

    /// The definitions of the level with their properties pushed down: sets.
    fn configs(
        &'h self,
        evaluator: &mut Evaluator<'h>,
    ) -> Result<&'h [(Definition<'h>, &'h Attrs<'h>)]> {
        if let Some(configs) = self.configs.get() {
            return Ok(configs);
        }
        let mut configs = Vec::with_capacity(self.raw.len());
        for definition in self.raw {
            let mut pushed = Vec::new();
            self.system
                .push_down(evaluator, definition.value, &mut pushed)?;
            for value in pushed {
                let Value::Attrs(attrs) = value else {
                    return Err(self.not_a_set(evaluator, definition, value));
                };
                configs.push((definition.with_value(value.into()), attrs));
            }
        }
        let configs = evaluator.heap().alloc_slice_copy(&configs);
        Ok(*self.configs.get_or_init(|| configs))
    }

    fn not_a_set(
        &self,
        evaluator: &mut Evaluator<'h>,
        definition: &Definition<'h>,
        value: Value<'h>,
    ) -> Box<EvalError> {
        let file = self.system.text_for_message(evaluator, definition.file);
        let loc = self.system.join_loc(evaluator, self.loc);
        thrown(
            Span::at(definition.pos),
            format!(
                "In module `{file}', you're trying to define a value of type `{}'\nrather than an \
                 attribute set for the option\n`{loc}'!\n\nThis usually happens if `{loc}' has \
                 option\ndefinitions inside that are not matched. Please check how to properly \
                 define\nthis option by e.g. referring to `man 5 configuration.nix'!\n",
                value.type_name()
            ),
        )
    }

    /// The definitions of one name.
    pub(crate) fn definitions(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        name: Symbol,
    ) -> Result<&'h [Definition<'h>]> {
        let found: Vec<Definition<'h>> = self
            .configs(evaluator)?
            .iter()
            .filter_map(|(definition, attrs)| {
                attrs.get(name).map(|attr| Definition {
                    value: attr.value,
                    pos: attr.pos,
                    ..*definition
                })
            })
            .collect();
        Ok(evaluator.heap().alloc_slice_copy(&found))
    }

    /// The names that are declared here, and those that are only defined.
    pub(crate) fn defined_names(
        &'h self,
        evaluator: &mut Evaluator<'h>,
    ) -> Result<Vec<(Symbol, bool)>> {
        let declared = self.names(evaluator)?;
        let mut all: Vec<(Symbol, bool)> =
            declared.iter().map(|name| (name.symbol, true)).collect();
        let mut undeclared = Vec::new();
        for (_, attrs) in self.configs(evaluator)? {
            for attr in attrs.iter() {
                if declared
                    .binary_search_by_key(&attr.name, |name| name.symbol)
                    .is_err()
                {
                    undeclared.push(attr.name);
                }
            }
        }
        undeclared.sort_unstable();
        undeclared.dedup();
        all.extend(undeclared.into_iter().map(|name| (name, false)));
        all.sort_by_key(|(name, _)| evaluator.symbol_text(*name));
        Ok(all)
    }

    /// Whether nothing is defined here or below.
    pub(crate) fn is_undefined(&self) -> bool {
        self.raw.is_empty()
    }

    /// Whether anything but the module system's own module declares something.
    pub(crate) fn has_declarations_besides(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        name: Symbol,
    ) -> Result<bool> {
        Ok(self
            .names(evaluator)?
            .iter()
            .any(|declared| declared.symbol != name))
    }

    /// The declared names in alphabetical order.
    pub(crate) fn declared_names(&'h self, evaluator: &mut Evaluator<'h>) -> Result<Vec<Symbol>> {
        let mut names: Vec<Symbol> = self
            .names(evaluator)?
            .iter()
            .map(|name| name.symbol)
            .collect();
        names.sort_by_key(|name| evaluator.symbol_text(*name));
        Ok(names)
    }

    /// What a declared name stands for.
    pub(crate) fn child(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        name: Symbol,
    ) -> Result<Child<'h>> {
        let names = self.names(evaluator)?;
        let Ok(index) = names.binary_search_by_key(&name, |entry| entry.symbol) else {
            return Err(EvalError::new(
                ErrorKind::MissingAttribute,
                Span::NONE,
                format!("attribute '{}' missing", evaluator.symbol_display(name)),
            ));
        };
        let entry = &names[index];
        if let Some(child) = entry.child.get() {
            return Ok(*child);
        }
        let child = self.make_child(evaluator, entry)?;
        Ok(*entry.child.get_or_init(|| child))
    }

    fn make_child(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        entry: &'h Name<'h>,
    ) -> Result<Child<'h>> {
        let system = self.system;
        let name = evaluator.symbol_string(entry.symbol).into();
        let loc: Vec<Lazy<'h>> = self.loc.iter().copied().chain([name]).collect();
        let loc: &'h [Lazy<'h>] = evaluator.heap().alloc_slice_copy(&loc);
        let mut options = Vec::new();
        for declaration in entry.declarations {
            if system.is_option_declaration(evaluator, loc, declaration)? {
                options.push(*declaration);
            }
        }
        if options.is_empty() {
            let raw = self.definitions(evaluator, entry.symbol)?;
            return Ok(Child::Level(Level::new(
                system,
                evaluator,
                loc,
                entry.declarations,
                raw,
            )));
        }
        // Options below an option: it must be a submodule, and they become more of its options.
        let nested = options.len() < entry.declarations.len();
        if nested {
            system.require_submodules(evaluator, loc, &options, entry.declarations)?;
        }
        Ok(Child::Option(evaluator.thunk(move |evaluator| {
            let option = self.option(evaluator, loc, entry, nested)?;
            Ok(Value::Attrs(option))
        })))
    }

    /// The option of a name, evaluated.
    fn option(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        loc: &'h [Lazy<'h>],
        entry: &'h Name<'h>,
        nested: bool,
    ) -> Result<&'h Attrs<'h>> {
        let system = self.system;
        let option = if nested {
            let mut declarations = Vec::with_capacity(entry.declarations.len());
            for declaration in entry.declarations {
                declarations.push(system.tree_to_option(evaluator, *declaration)?);
            }
            system.merge_declarations(evaluator, loc, &declarations)?
        } else {
            system.merge_declarations(evaluator, loc, entry.declarations)?
        };
        let option = system.fix_up_type(evaluator, option)?;
        let source = crate::merge::Source::Level(self, entry.symbol);
        system.eval_option(evaluator, loc, option, source)
    }

    /// `options` of this level.
    pub(crate) fn options(&'h self, evaluator: &mut Evaluator<'h>) -> Result<Value<'h>> {
        self.map_children(evaluator, |evaluator, child| match child {
            Child::Option(option) => evaluator.force(option, Span::NONE),
            Child::Level(level) => level.options(evaluator),
        })
    }

    /// `config` of this level, as far as it is declared.
    pub(crate) fn config(&'h self, evaluator: &mut Evaluator<'h>) -> Result<Value<'h>> {
        let value = self.system.names.value;
        self.map_children(evaluator, move |evaluator, child| match child {
            Child::Option(option) => {
                let what = "while evaluating an option";
                let option = evaluator.expect_attrs(option, Span::NONE, what)?;
                let value = crate::definition::required(evaluator, option, value)?;
                evaluator.force(value, Span::NONE)
            }
            Child::Level(level) => level.config(evaluator),
        })
    }

    fn map_children(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        f: impl Fn(&mut Evaluator<'h>, Child<'h>) -> Result<Value<'h>> + Copy + 'h,
    ) -> Result<Value<'h>> {
        let names = self.names(evaluator)?;
        let entries = names
            .iter()
            .map(|entry| {
                let name = entry.symbol;
                Attr {
                    name,
                    pos: entry.declarations[0].pos,
                    value: evaluator.thunk(move |evaluator| {
                        let child = self.child(evaluator, name)?;
                        f(evaluator, child)
                    }),
                }
            })
            .collect();
        Ok(Value::Attrs(evaluator.attrs(entries)))
    }
}

impl<'h> ModuleSystem<'h> {
    /// A path joined with dots, without quotes.
    pub(crate) fn join_loc(&self, evaluator: &mut Evaluator<'h>, loc: &[Lazy<'h>]) -> String {
        let parts: Vec<String> = loc
            .iter()
            .map(|&part| self.text_for_message(evaluator, part))
            .collect();
        parts.join(".")
    }

    /// Whether a declaration is an option, and not a set of them.
    fn is_option_declaration(
        &self,
        evaluator: &mut Evaluator<'h>,
        loc: &[Lazy<'h>],
        declaration: &Declaration<'h>,
    ) -> Result<bool> {
        let value = evaluator
            .force(declaration.options, Span::at(declaration.pos))
            .traced(Span::at(declaration.pos), || {
                "while evaluating an option declaration".to_owned()
            })?;
        let Value::Attrs(attrs) = value else {
            return Ok(false);
        };
        let Some(tag) = attrs.get(self.names.type_tag) else {
            return Ok(false);
        };
        let tag = evaluator.force(tag.value, Span::at(tag.pos))?;
        match tag {
            Value::String(tag) if tag.text == b"option" => Ok(true),
            Value::String(tag) => {
                Err(self.wrong_declaration(evaluator, loc, tag.text, declaration))
            }
            // An option may well be called `_type`.
            _ => Ok(false),
        }
    }

    fn wrong_declaration(
        &self,
        evaluator: &mut Evaluator<'h>,
        loc: &[Lazy<'h>],
        tag: &[u8],
        declaration: &Declaration<'h>,
    ) -> Box<EvalError> {
        let file = self.text_for_message(evaluator, declaration.file);
        let path = self.show_option(evaluator, loc);
        let tag = String::from_utf8_lossy(tag);
        let mut message = format!(
            "In module {file}: expected an option declaration at option path `{path}` but got an \
             attribute set with type {tag}"
        );
        if tag == "option-type" {
            use std::fmt::Write;
            let name = loc
                .last()
                .map(|&last| self.show_option(evaluator, &[last]))
                .unwrap_or_default();
            let comment = if loc.len() > 1 {
                format!("\n    # {path}")
            } else {
                String::new()
            };
            let _ = write!(
                message,
                "\n\nWhen declaring an option, you must wrap the type in a `mkOption` call. It \
                 should look somewhat like:\n    {comment}\n    {name} = lib.mkOption {{\n      \
                 description = ...;\n      type = <the type you wrote for {name}>;\n      ...\n    \
                 }};\n"
            );
        }
        thrown(Span::at(declaration.pos), message)
    }

    /// Options below an option are fine where all of it are submodules.
    fn require_submodules(
        &self,
        evaluator: &mut Evaluator<'h>,
        loc: &[Lazy<'h>],
        options: &[Declaration<'h>],
        all: &[Declaration<'h>],
    ) -> Result<()> {
        let names = &self.names;
        for option in options {
            let attrs = evaluator.expect_attrs(option.options, Span::NONE, "")?;
            let kind = match self.get_or_null(evaluator, attrs, names.type_)? {
                Value::Attrs(kind) => Some(kind),
                _ => None,
            };
            let name = match kind {
                Some(kind) => self.get_or_null(evaluator, kind, names.name)?,
                None => Value::Null,
            };
            if matches!(name, Value::String(name) if name.text == b"submodule") {
                continue;
            }
            let first = evaluator.expect_attrs(options[0].options, Span::NONE, "")?;
            let description = match self.get_or_null(evaluator, first, names.type_)? {
                Value::Attrs(kind) => self.get_or_null(evaluator, kind, names.description)?,
                _ => Value::Null,
            };
            let description = match description {
                Value::String(text) => String::from_utf8_lossy(text.text).into_owned(),
                _ => "<no description>".to_owned(),
            };
            let file = self.text_for_message(evaluator, options[0].file);
            let path = self.show_option(evaluator, loc);
            let mut below = Vec::new();
            for declaration in all {
                if options.iter().any(|option| option.pos == declaration.pos) {
                    continue;
                }
                let attrs = evaluator.expect_attrs(declaration.options, Span::NONE, "")?;
                for attr in evaluator.attrs_by_name(attrs) {
                    let name = evaluator.symbol_string(attr.name).into();
                    let full: Vec<Lazy<'h>> = loc.iter().copied().chain([name]).collect();
                    let shown = self.show_option(evaluator, &full);
                    let module = self.text_for_message(evaluator, declaration.file);
                    below.push(format!(
                        " - option(s) with prefix `{shown}' in module `{module}'"
                    ));
                }
            }
            below.sort();
            return Err(thrown(
                Span::at(options[0].pos),
                format!(
                    "The option `{path}' in module `{file}' would be a parent of the following \
                     options, but its type `{description}' does not support nested options.\n{}",
                    below.join("\n")
                ),
            ));
        }
        Ok(())
    }
}
