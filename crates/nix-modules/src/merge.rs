//! From the definitions of an option to its value (`mergeDefinitions`,
//! `evalOptionValue`).

use std::cell::OnceCell;

use nix_eval::{
    Attr, Attrs, ErrorKind, EvalError, Evaluator, Lazy, Pos, Result, Span, Symbol, Traced, Value,
};

use crate::ModuleSystem;
use crate::definition::{Definition, FinalDefinitions, OPTION_DEFAULT_PRIORITY, required};
use crate::level::Level;
use crate::show::thrown;

/// Where an option's definitions come from.
#[derive(Clone, Copy)]
pub(crate) enum Source<'h> {
    /// A name of a level: found when first needed.
    Level(&'h Level<'h>, Symbol),
    /// Given.
    Given(&'h [Definition<'h>]),
}

/// The merging of one option's definitions. Each part is computed when first
/// asked for.
pub(crate) struct Merge<'h> {
    system: &'h ModuleSystem<'h>,
    loc: &'h [Lazy<'h>],
    /// The option's type: a set.
    kind: Lazy<'h>,
    source: Source<'h>,
    /// The option's own default, which stands behind everything else.
    default: Option<Definition<'h>>,
    /// The option's `readOnly`, where it has that: then one definition is all it may have.
    read_only: Option<Attr<'h>>,
    all: OnceCell<&'h [Definition<'h>]>,
    r#final: OnceCell<FinalDefinitions<'h>>,
    checked: OnceCell<&'h Attrs<'h>>,
}

impl<'h> Merge<'h> {
    pub(crate) fn new(
        system: &'h ModuleSystem<'h>,
        evaluator: &Evaluator<'h>,
        loc: &'h [Lazy<'h>],
        kind: Lazy<'h>,
        source: Source<'h>,
    ) -> &'h Self {
        let merge = Self::of_definitions(system, loc, kind, source);
        evaluator.heap().alloc(merge)
    }

    /// The merging of an option's definitions, its default and `readOnly` heeded.
    fn of_option(
        system: &'h ModuleSystem<'h>,
        evaluator: &Evaluator<'h>,
        loc: &'h [Lazy<'h>],
        kind: Lazy<'h>,
        source: Source<'h>,
        (option, default): (&'h Attrs<'h>, Option<Definition<'h>>),
    ) -> &'h Self {
        evaluator.heap().alloc(Self {
            default,
            read_only: option.get(system.names.read_only).copied(),
            ..Self::of_definitions(system, loc, kind, source)
        })
    }

    fn of_definitions(
        system: &'h ModuleSystem<'h>,
        loc: &'h [Lazy<'h>],
        kind: Lazy<'h>,
        source: Source<'h>,
    ) -> Self {
        Self {
            system,
            loc,
            kind,
            source,
            default: None,
            read_only: None,
            all: OnceCell::new(),
            r#final: OnceCell::new(),
            checked: OnceCell::new(),
        }
    }

    /// All definitions, the default first.
    fn all(&'h self, evaluator: &mut Evaluator<'h>) -> Result<&'h [Definition<'h>]> {
        if let Some(all) = self.all.get() {
            return Ok(all);
        }
        let given = match self.source {
            Source::Level(level, name) => level.definitions(evaluator, name)?,
            Source::Given(given) => given,
        };
        let all = match self.default {
            None => given,
            Some(default) => {
                let all: Vec<Definition<'h>> = std::iter::once(default)
                    .chain(given.iter().copied())
                    .collect();
                evaluator.heap().alloc_slice_copy(&all)
            }
        };
        if let Some(read_only) = self.read_only {
            let span = Span::at(read_only.pos);
            if evaluator.expect_bool(read_only.value, span, "while evaluating readOnly")? {
                self.require_single_definition(evaluator, all)?;
            }
        }
        Ok(self.all.get_or_init(|| all))
    }

    /// The definitions that count.
    pub(crate) fn final_definitions(
        &'h self,
        evaluator: &mut Evaluator<'h>,
    ) -> Result<FinalDefinitions<'h>> {
        if let Some(found) = self.r#final.get() {
            return Ok(*found);
        }
        let all = self.all(evaluator)?;
        let found = self.system.final_definitions(evaluator, all)?;
        Ok(*self.r#final.get_or_init(|| found))
    }

    fn kind(&self, evaluator: &mut Evaluator<'h>) -> Result<&'h Attrs<'h>> {
        evaluator.expect_attrs(
            self.kind,
            Span::NONE,
            "while evaluating the type of an option",
        )
    }

    /// `type.merge.v2`, if the type merges the newer way.
    fn merge_v2(&self, evaluator: &mut Evaluator<'h>) -> Result<Option<Value<'h>>> {
        let kind = self.kind(evaluator)?;
        let merge = required(evaluator, kind, self.system.names.merge)?;
        let Value::Attrs(merge) = evaluator.force(merge, Span::NONE)? else {
            return Ok(None);
        };
        match merge.get(self.system.names.v2) {
            Some(v2) => Ok(Some(evaluator.force(v2.value, Span::at(v2.pos))?)),
            None => Ok(None),
        }
    }

    fn description(&self, evaluator: &mut Evaluator<'h>) -> Result<String> {
        let kind = self.kind(evaluator)?;
        let description = required(evaluator, kind, self.system.names.description)?;
        Ok(self.system.text_for_message(evaluator, description))
    }

    /// The value of all definitions together.
    pub(crate) fn value(&'h self, evaluator: &mut Evaluator<'h>) -> Result<Value<'h>> {
        let names = &self.system.names;
        let definitions = self.final_definitions(evaluator)?.definitions;
        let kind = self.kind(evaluator)?;
        if definitions.is_empty() {
            return self.value_of_nothing(evaluator, kind);
        }
        if self.merge_v2(evaluator)?.is_some() {
            let checked = self.checked_and_merged(evaluator)?;
            if let Value::Attrs(error) =
                self.system
                    .get_or_null(evaluator, checked, names.head_error)?
            {
                let message = required(evaluator, error, names.message)?;
                let message = self.system.text_for_message(evaluator, message);
                let option = self.system.show_option(evaluator, self.loc);
                let description = self.description(evaluator)?;
                return Err(thrown(
                    Span::at(definitions[0].pos),
                    format!(
                        "A definition for option `{option}' is not of type `{description}'. \
                         TypeError: {message}"
                    ),
                ));
            }
            let value = required(evaluator, checked, names.value)?;
            return evaluator.force(value, Span::NONE);
        }
        self.check(evaluator, kind, definitions)?;
        let merge = required(evaluator, kind, names.merge)?;
        let merge = evaluator.force(merge, Span::NONE)?;
        let loc = evaluator.list_in_heap(self.loc);
        let list = self.system.definitions_to_list(evaluator, definitions);
        evaluator.apply(
            merge,
            &[loc.into(), list.into()],
            Span::at(definitions[0].pos),
        )
    }

    fn value_of_nothing(
        &self,
        evaluator: &mut Evaluator<'h>,
        kind: &'h Attrs<'h>,
    ) -> Result<Value<'h>> {
        let names = &self.system.names;
        if let Value::Attrs(empty) = self
            .system
            .get_or_null(evaluator, kind, names.empty_value)?
            && let Some(value) = empty.get(names.value)
        {
            return evaluator.force(value.value, Span::at(value.pos));
        }
        let option = self.system.show_option(evaluator, self.loc);
        Err(thrown(
            Span::NONE,
            format!(
                "The option `{option}' was accessed but has no value defined. Try setting the \
                 option."
            ),
        ))
    }

    /// Each definition must be of the type.
    fn check(
        &self,
        evaluator: &mut Evaluator<'h>,
        kind: &'h Attrs<'h>,
        definitions: &[Definition<'h>],
    ) -> Result<()> {
        let check = required(evaluator, kind, self.system.names.check)?;
        let check = evaluator.force(check, Span::NONE)?;
        let mut invalid = Vec::new();
        for definition in definitions {
            let span = Span::at(definition.pos);
            let holds = evaluator.apply(check, &[definition.value], span)?;
            let what = "while checking the type of a definition";
            if !evaluator.expect_bool(holds.into(), span, what)? {
                invalid.push(*definition);
            }
        }
        let Some(first) = invalid.first() else {
            return Ok(());
        };
        let option = self.system.show_option(evaluator, self.loc);
        let description = self.description(evaluator)?;
        let shown = self.system.show_defs(evaluator, &invalid)?;
        Err(thrown(
            Span::at(first.pos),
            format!(
                "A definition for option `{option}' is not of type `{description}'. Definition \
                 values:{shown}"
            ),
        ))
    }

    /// `{ headError, value, valueMeta }`, whichever way the type merges.
    pub(crate) fn checked_and_merged(
        &'h self,
        evaluator: &mut Evaluator<'h>,
    ) -> Result<&'h Attrs<'h>> {
        if let Some(checked) = self.checked.get() {
            return Ok(checked);
        }
        let names = &self.system.names;
        let checked = match self.merge_v2(evaluator)? {
            None => {
                let value = evaluator.thunk(|evaluator| self.value(evaluator));
                let meta = Value::Attrs(evaluator.attrs(Vec::new()));
                self.system.set(
                    evaluator,
                    &[
                        (names.head_error, Value::Null.into()),
                        (names.value, value),
                        (names.value_meta, meta.into()),
                    ],
                )
            }
            Some(v2) => {
                self.require_coherence(evaluator)?;
                let definitions = self.final_definitions(evaluator)?.definitions;
                let loc = evaluator.list_in_heap(self.loc);
                let list = self.system.definitions_to_list(evaluator, definitions);
                let arg = self.system.set(
                    evaluator,
                    &[(names.loc, loc.into()), (names.defs, list.into())],
                );
                let result = evaluator.apply(v2, &[arg.into()], Span::NONE)?;
                let what = "while merging the definitions of an option";
                let result = evaluator.expect_attrs(result.into(), Span::NONE, what)?;
                self.require_shape(evaluator, result)?;
                let own_meta = required(evaluator, result, names.value_meta)?;
                let meta = evaluator.thunk(move |evaluator| {
                    let names = &self.system.names;
                    let own = evaluator.expect_attrs(own_meta, Span::NONE, what)?;
                    let internal = self.system.set(evaluator, &[(names.type_, self.kind)]);
                    let Value::Attrs(internal) = self
                        .system
                        .set(evaluator, &[(names.type_internal, internal.into())])
                    else {
                        unreachable!("a set was made")
                    };
                    Ok(Value::Attrs(evaluator.update(own, internal)))
                });
                let head_error = required(evaluator, result, names.head_error)?;
                let value = required(evaluator, result, names.value)?;
                self.system.set(
                    evaluator,
                    &[
                        (names.head_error, head_error),
                        (names.value, value),
                        (names.value_meta, meta),
                    ],
                )
            }
        };
        let Value::Attrs(checked) = checked else {
            unreachable!("a set was made")
        };
        Ok(self.checked.get_or_init(|| checked))
    }

    /// What a newer merge function gives is a set of three attributes.
    fn require_shape(&self, evaluator: &Evaluator<'h>, result: &'h Attrs<'h>) -> Result<()> {
        let names = &self.system.names;
        let known = [names.head_error, names.value, names.value_meta];
        let wrong = |what: &str, name| {
            EvalError::new(
                ErrorKind::Type,
                Span::NONE,
                format!(
                    "function 'anonymous lambda' called {what} argument '{}'",
                    evaluator.symbol_display(name)
                ),
            )
        };
        if let Some(&missing) = known.iter().find(|&&name| result.get(name).is_none()) {
            return Err(wrong("without required", missing));
        }
        match result.iter().find(|attr| !known.contains(&attr.name)) {
            Some(unknown) => Err(wrong("with unexpected", unknown.name)),
            None => Ok(()),
        }
    }

    /// A type that merges the newer way checks inside of its merge function: a
    /// `check` put over it with `//` would be passed over in silence.
    fn require_coherence(&self, evaluator: &mut Evaluator<'h>) -> Result<()> {
        let names = &self.system.names;
        let kind = self.kind(evaluator)?;
        if let Value::Attrs(check) = self.system.get_or_null(evaluator, kind, names.check)?
            && let Value::Bool(true) =
                self.system
                    .get_or_null(evaluator, check, names.is_v2_merge_coherent)?
        {
            return Ok(());
        }
        let option = self.system.show_option(evaluator, self.loc);
        let description = self.description(evaluator)?;
        Err(thrown(
            Span::NONE,
            format!(
                "The option `{option}' has a type `{description}' that uses\nan ad-hoc `type // {{ \
                 check = ...; }}' override, which is incompatible with\nthe v2 merge mechanism.\n\n\
                 Please use `lib.types.addCheck` instead of `type // {{ check }}' to add\ncustom \
                 validation. For example:\n\n  lib.types.addCheck baseType (value: /* your check \
                 */)\n\ninstead of:\n\n  baseType // {{ check = value: /* your check */; }}\n\nAlternatively, this message may also \
                 occur as false positive when mixing Nixpkgs\nversions, if one Nixpkgs is between \
                 83fed2e6..58696117 (Aug 28 - Oct 28 2025)\n"
            ),
        ))
    }

    /// The result of `lib.modules.mergeDefinitions`.
    pub(crate) fn to_set(&'h self, evaluator: &mut Evaluator<'h>) -> Value<'h> {
        let system = self.system;
        let names = &system.names;
        let prime = evaluator.thunk(|evaluator| {
            let found = self.final_definitions(evaluator)?;
            let values = system.definitions_to_list(evaluator, found.definitions);
            Ok(system.set(
                evaluator,
                &[
                    (names.values, values.into()),
                    (names.highest_prio, Value::Int(found.priority).into()),
                ],
            ))
        });
        let values = evaluator.thunk(move |evaluator| {
            let prime = evaluator.expect_attrs(prime, Span::NONE, "")?;
            let values = required(evaluator, prime, names.values)?;
            evaluator.force(values, Span::NONE)
        });
        let is_defined = evaluator.thunk(|evaluator| {
            Ok(Value::Bool(
                !self.final_definitions(evaluator)?.definitions.is_empty(),
            ))
        });
        let merged = evaluator.thunk(|evaluator| self.value(evaluator));
        let checked =
            evaluator.thunk(|evaluator| Ok(Value::Attrs(self.checked_and_merged(evaluator)?)));
        let optional = evaluator.thunk(move |evaluator| {
            let defined = !self.final_definitions(evaluator)?.definitions.is_empty();
            Ok(if defined {
                system.set(evaluator, &[(names.value, merged)])
            } else {
                Value::Attrs(evaluator.attrs(Vec::new()))
            })
        });
        system.set(
            evaluator,
            &[
                (names.defs_final_prime, prime),
                (names.defs_final, values),
                (names.is_defined, is_defined),
                (names.merged_value, merged),
                (names.checked_and_merged, checked),
                (names.optional_value, optional),
            ],
        )
    }
}

impl<'h> ModuleSystem<'h> {
    /// An option with its value and what led to it (`evalOptionValue`).
    pub(crate) fn eval_option(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        loc: &'h [Lazy<'h>],
        option: &'h Attrs<'h>,
        source: Source<'h>,
    ) -> Result<&'h Attrs<'h>> {
        let names = &self.names;
        let kind = required(evaluator, option, names.type_)?;
        self.warn_if_deprecated(evaluator, loc, option, kind)?;
        let default = match option.get(names.default) {
            None => None,
            Some(default) => {
                let priority = Value::Int(OPTION_DEFAULT_PRIORITY).into();
                let value = self.mk_override(evaluator, priority, default.value);
                let file = self.first_declaration(evaluator, option)?;
                Some(Definition {
                    file,
                    value: value.into(),
                    pos: default.pos,
                    order: None,
                    form: None,
                })
            }
        };
        let merge = Merge::of_option(self, evaluator, loc, kind, source, (option, default));
        let value = evaluator.thunk(move |evaluator| {
            merge
                .option_value(evaluator, option)
                .traced(Span::NONE, || {
                    format!(
                        "while evaluating the option `{}':",
                        self.show_option(evaluator, loc)
                    )
                })
        });
        let values = evaluator.thunk(move |evaluator| {
            let found = merge.final_definitions(evaluator)?;
            let items: Vec<Lazy<'h>> = found
                .definitions
                .iter()
                .map(|definition| {
                    // Places of their own: printing tells lists apart by where they are.
                    let value = definition.value;
                    evaluator.thunk(move |evaluator| evaluator.force(value, Span::NONE))
                })
                .collect();
            Ok(evaluator.list(&items))
        });
        let files = evaluator.thunk(move |evaluator| {
            let found = merge.final_definitions(evaluator)?;
            let items: Vec<Lazy<'h>> = found.definitions.iter().map(|it| it.file).collect();
            Ok(evaluator.list(&items))
        });
        let located = evaluator.thunk(move |evaluator| {
            let found = merge.final_definitions(evaluator)?;
            Ok(self.definitions_to_list(evaluator, found.definitions))
        });
        let priority = evaluator
            .thunk(move |evaluator| Ok(Value::Int(merge.final_definitions(evaluator)?.priority)));
        let is_defined = evaluator.thunk(move |evaluator| {
            let found = merge.final_definitions(evaluator)?;
            Ok(Value::Bool(!found.definitions.is_empty()))
        });
        let meta = evaluator.thunk(move |evaluator| {
            let checked = merge.checked_and_merged(evaluator)?;
            let meta = required(evaluator, checked, names.value_meta)?;
            evaluator.force(meta, Span::NONE)
        });
        let shown = evaluator.primop("showOption", 1, move |evaluator, _, _| {
            let shown = self.show_option(evaluator, loc);
            Ok(evaluator.string(shown))
        });
        let Value::Attrs(results) = self.set(
            evaluator,
            &[
                (names.value, value),
                (names.highest_prio, priority),
                (names.definitions, values),
                (names.files, files),
                (names.definitions_with_locations, located),
                (names.is_defined, is_defined),
                (names.value_meta, meta),
                (names.to_string, shown.into()),
            ],
        ) else {
            unreachable!("a set was made")
        };
        Ok(evaluator.update(option, results))
    }

    fn first_declaration(
        &self,
        evaluator: &mut Evaluator<'h>,
        option: &'h Attrs<'h>,
    ) -> Result<Lazy<'h>> {
        if let Value::List(files) = self.get_or_null(evaluator, option, self.names.declarations)?
            && let Some(first) = files.items.first()
        {
            return Ok(*first);
        }
        Ok(evaluator.string(crate::load::UNKNOWN_MODULE).into())
    }

    fn warn_if_deprecated(
        &self,
        evaluator: &mut Evaluator<'h>,
        loc: &[Lazy<'h>],
        option: &'h Attrs<'h>,
        kind: Lazy<'h>,
    ) -> Result<()> {
        let names = &self.names;
        let what = "while evaluating the type of an option";
        let kind = evaluator.expect_attrs(kind, Span::NONE, what)?;
        let message = required(evaluator, kind, names.deprecation_message)?;
        let Value::String(message) = evaluator.force(message, Span::NONE)? else {
            return Ok(());
        };
        let message = String::from_utf8_lossy(message.text).into_owned();
        let name = required(evaluator, kind, names.name)?;
        let name = self.text_for_message(evaluator, name);
        let option_name = self.show_option(evaluator, loc);
        let files = match self.get_or_null(evaluator, option, names.declarations)? {
            Value::List(files) => self.show_files(evaluator, files.items.iter().copied()),
            _ => String::new(),
        };
        let warn = self.lib_attribute(evaluator, &["warn"])?;
        let text = evaluator.string(format!(
            "The type `types.{name}' of option `{option_name}' defined in {files} is deprecated. \
             {message}"
        ));
        evaluator.apply(warn, &[text.into(), Value::Null.into()], Span::NONE)?;
        Ok(())
    }
}

impl<'h> Merge<'h> {
    fn option_value(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        option: &'h Attrs<'h>,
    ) -> Result<Value<'h>> {
        match option.get(self.system.names.apply) {
            None => self.value(evaluator),
            Some(apply) => {
                let function = evaluator.force(apply.value, Span::at(apply.pos))?;
                let value = evaluator.thunk(|evaluator| self.value(evaluator));
                evaluator.apply(function, &[value], Span::at(apply.pos))
            }
        }
    }

    fn require_single_definition(
        &self,
        evaluator: &mut Evaluator<'h>,
        all: &[Definition<'h>],
    ) -> Result<()> {
        if all.len() <= 1 {
            return Ok(());
        }
        let mut separate = Vec::with_capacity(all.len());
        for definition in all {
            let given = Source::Given(evaluator.heap().alloc_slice_copy(&[*definition]));
            let merge = Merge::new(self.system, evaluator, self.loc, self.kind, given);
            let value = evaluator.thunk(move |evaluator| merge.value(evaluator));
            separate.push(definition.with_value(value));
        }
        let option = self.system.show_option(evaluator, self.loc);
        let shown = self.system.show_defs(evaluator, &separate)?;
        Err(thrown(
            Span::at(all.last().map_or(Pos::NONE, |last| last.pos)),
            format!(
                "The option `{option}' is read-only, but it's set multiple times. Definition \
                 values:{shown}"
            ),
        ))
    }
}
