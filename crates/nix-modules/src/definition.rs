//! Definitions and the properties that wrap their values: `mkIf`, `mkMerge`,
//! `mkOverride`, `mkOrder`, `mkDefinition` (nixpkgs, `lib/modules.nix`).
//!
//! A definition keeps the file the module system names in messages *and* the
//! position of the attribute that wrote it, which the module system in Nix loses.

use nix_eval::{
    Attr, Attrs, ErrorKind, EvalError, Evaluator, Lazy, Pos, Result, Span, Symbol, Traced, Value,
};

use crate::ModuleSystem;

/// Priority of a plain definition (`lib.modules.defaultOverridePriority`).
pub const DEFAULT_PRIORITY: i64 = 100;
/// Priority of an option's own default (`mkOptionDefault`).
pub const OPTION_DEFAULT_PRIORITY: i64 = 1500;
/// Position of a definition without `mkOrder` (`defaultOrderPriority`).
pub const DEFAULT_ORDER: i64 = 1000;
/// What `filterOverrides` starts from: a higher number never wins.
const LOWEST_PRIORITY: i64 = 9999;

/// A value given to an option, with where it came from.
#[derive(Clone, Copy)]
pub struct Definition<'h> {
    /// The module's file as messages name it: a string, or null in a definition
    /// that was given as a set without one.
    pub file: Lazy<'h>,
    /// The value, perhaps still wrapped in properties.
    pub value: Lazy<'h>,
    /// Where the attribute was written.
    pub pos: Pos,
    /// Its place among others, once `mkOrder` was taken off.
    pub order: Option<i64>,
    /// The set that it was given as, where it was: by `mkDefinition`, or by a
    /// caller of `mergeDefinitions`. What else is in it stays in its Nix form.
    pub form: Option<&'h Attrs<'h>>,
}

impl<'h> Definition<'h> {
    /// The same definition with another value.
    #[must_use]
    pub fn with_value(self, value: Lazy<'h>) -> Self {
        Self { value, ..self }
    }
}

/// What wraps a value.
#[derive(Clone, Copy)]
pub(crate) enum Property<'h> {
    /// `mkMerge`
    Merge { contents: Lazy<'h> },
    /// `mkIf`
    If {
        condition: Lazy<'h>,
        content: Lazy<'h>,
    },
    /// `mkOverride` and its named levels.
    Override {
        priority: Lazy<'h>,
        content: Lazy<'h>,
    },
    /// `mkOrder`
    Order {
        priority: Lazy<'h>,
        content: Lazy<'h>,
    },
    /// `mkDefinition`
    Definition {
        file: Lazy<'h>,
        value: Lazy<'h>,
        form: &'h Attrs<'h>,
    },
}

/// The definitions that count, after conditions, priorities and order.
#[derive(Clone, Copy)]
pub struct FinalDefinitions<'h> {
    /// Those of the winning priority, in order, without their properties.
    pub definitions: &'h [Definition<'h>],
    /// The winning priority (the lowest number).
    pub priority: i64,
}

impl<'h> ModuleSystem<'h> {
    /// The property that wraps `value`, if one does.
    pub(crate) fn property(
        &self,
        evaluator: &mut Evaluator<'h>,
        value: Value<'h>,
    ) -> Result<Option<Property<'h>>> {
        let Value::Attrs(attrs) = value else {
            return Ok(None);
        };
        let Some(tag) = attrs.get(self.names.type_tag) else {
            return Ok(None);
        };
        let Value::String(tag) = evaluator.force(tag.value, Span::NONE)? else {
            return Ok(None);
        };
        let names = &self.names;
        let field = |name| required(evaluator, attrs, name);
        Ok(Some(match tag.text {
            b"merge" => Property::Merge {
                contents: field(names.contents)?,
            },
            b"if" => Property::If {
                condition: field(names.condition)?,
                content: field(names.content)?,
            },
            b"override" => Property::Override {
                priority: field(names.priority)?,
                content: field(names.content)?,
            },
            b"order" => Property::Order {
                priority: field(names.priority)?,
                content: field(names.content)?,
            },
            b"definition" => Property::Definition {
                file: field(names.file)?,
                value: field(names.value)?,
                form: attrs,
            },
            _ => return Ok(None),
        }))
    }

    /// Moves properties from an attribute set to its attributes, so that a
    /// condition is looked at only when an option below it is: a `mkIf` may then
    /// depend on other options (`pushDownProperties`).
    pub(crate) fn push_down(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        config: Lazy<'h>,
        into: &mut Vec<Value<'h>>,
    ) -> Result<()> {
        let value = evaluator.force(config, Span::NONE)?;
        match self.property(evaluator, value)? {
            Some(Property::Merge { contents }) => {
                let contents = evaluator.expect_list(
                    contents,
                    Span::NONE,
                    "while evaluating the contents of mkMerge",
                )?;
                for &item in contents.items {
                    evaluator.with_stack(Span::NONE, |evaluator| {
                        self.push_down(evaluator, item, into)
                    })?;
                }
            }
            Some(Property::If { condition, content }) => {
                self.push_down_each(evaluator, content, into, |evaluator, value| {
                    self.mk_if(evaluator, condition, value)
                })?;
            }
            Some(Property::Override { priority, content }) => {
                self.push_down_each(evaluator, content, into, |evaluator, value| {
                    self.mk_override(evaluator, priority, value)
                })?;
            }
            Some(Property::Order { .. } | Property::Definition { .. }) | None => into.push(value),
        }
        Ok(())
    }

    fn push_down_each(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        content: Lazy<'h>,
        into: &mut Vec<Value<'h>>,
        wrap: impl Fn(&mut Evaluator<'h>, Lazy<'h>) -> Value<'h>,
    ) -> Result<()> {
        let mut inner = Vec::new();
        evaluator.with_stack(Span::NONE, |evaluator| {
            self.push_down(evaluator, content, &mut inner)
        })?;
        for value in inner {
            into.push(match value {
                Value::Attrs(attrs) => {
                    let wrapped = attrs
                        .iter()
                        .map(|attr| Attr {
                            value: wrap(evaluator, attr.value).into(),
                            ..*attr
                        })
                        .collect();
                    Value::Attrs(evaluator.attrs(wrapped))
                }
                // Whoever merges it says what is wrong with it.
                other => other,
            });
        }
        Ok(())
    }

    fn mk_if(
        &self,
        evaluator: &mut Evaluator<'h>,
        condition: Lazy<'h>,
        content: Lazy<'h>,
    ) -> Value<'h> {
        let tag = evaluator.string("if").into();
        self.set(
            evaluator,
            &[
                (self.names.type_tag, tag),
                (self.names.condition, condition),
                (self.names.content, content),
            ],
        )
    }

    pub(crate) fn mk_override(
        &self,
        evaluator: &mut Evaluator<'h>,
        priority: Lazy<'h>,
        content: Lazy<'h>,
    ) -> Value<'h> {
        let tag = evaluator.string("override").into();
        self.set(
            evaluator,
            &[
                (self.names.type_tag, tag),
                (self.names.priority, priority),
                (self.names.content, content),
            ],
        )
    }

    /// Expands `mkMerge` and drops what a false `mkIf` guards: conditions are
    /// evaluated here and nowhere else (`dischargeProperties`).
    pub(crate) fn discharge(
        &self,
        evaluator: &mut Evaluator<'h>,
        definition: Definition<'h>,
        into: &mut Vec<Definition<'h>>,
    ) -> Result<()> {
        let value = evaluator.force(definition.value, Span::NONE)?;
        match self.property(evaluator, value)? {
            Some(Property::Merge { contents }) => {
                let contents = evaluator.expect_list(
                    contents,
                    Span::NONE,
                    "while evaluating the contents of mkMerge",
                )?;
                for &item in contents.items {
                    let definition = definition.with_value(item);
                    evaluator.with_stack(Span::NONE, |evaluator| {
                        self.discharge(evaluator, definition, into)
                    })?;
                }
            }
            Some(Property::If { condition, content }) => {
                match evaluator.force(condition, Span::NONE)? {
                    Value::Bool(true) => {
                        let definition = definition.with_value(content);
                        evaluator.with_stack(Span::NONE, |evaluator| {
                            self.discharge(evaluator, definition, into)
                        })?;
                    }
                    Value::Bool(false) => {}
                    _ => {
                        return Err(EvalError::new(
                            ErrorKind::Throw,
                            Span::at(definition.pos),
                            "‘mkIf’ called with a non-Boolean condition",
                        ));
                    }
                }
            }
            Some(Property::Definition { file, value, form }) => into.push(Definition {
                file,
                value,
                form: Some(form),
                ..definition
            }),
            Some(Property::Override { .. } | Property::Order { .. }) | None => {
                into.push(Definition {
                    value: value.into(),
                    form: None,
                    ..definition
                });
            }
        }
        Ok(())
    }

    /// The definitions that count: conditions discharged, only the winning
    /// priority kept, sorted by `mkOrder`, all properties taken off
    /// (`mergeDefinitions`, its `defsFinal'`).
    pub fn final_definitions(
        &self,
        evaluator: &mut Evaluator<'h>,
        definitions: &[Definition<'h>],
    ) -> Result<FinalDefinitions<'h>> {
        if let [only] = definitions
            && self.is_plain(evaluator, only)?
        {
            return Ok(FinalDefinitions {
                definitions: evaluator.heap().alloc_slice_copy(definitions),
                priority: DEFAULT_PRIORITY,
            });
        }
        let mut discharged = Vec::with_capacity(definitions.len());
        for definition in definitions {
            self.discharge(evaluator, *definition, &mut discharged)
                .map_err(|error| self.while_evaluating(evaluator, error, definition))?;
        }
        let (mut kept, priority) = self.filter_overrides(evaluator, &discharged)?;
        self.sort_by_order(evaluator, &mut kept)?;
        Ok(FinalDefinitions {
            definitions: evaluator.heap().alloc_slice_copy(&kept),
            priority,
        })
    }

    /// Whether nothing wraps a definition: most options have one such definition,
    /// and there is nothing to do for them.
    fn is_plain(&self, evaluator: &mut Evaluator<'h>, definition: &Definition<'h>) -> Result<bool> {
        let value = evaluator
            .force(definition.value, Span::NONE)
            .map_err(|error| self.while_evaluating(evaluator, error, definition))?;
        Ok(match value {
            Value::Attrs(attrs) => attrs.get(self.names.type_tag).is_none(),
            _ => true,
        })
    }

    /// All definitions with their priorities, conditions discharged: those that
    /// lose too.
    pub fn prioritised(
        &self,
        evaluator: &mut Evaluator<'h>,
        definitions: &[Definition<'h>],
    ) -> Result<Vec<(i64, Definition<'h>)>> {
        let mut discharged = Vec::with_capacity(definitions.len());
        for definition in definitions {
            self.discharge(evaluator, *definition, &mut discharged)?;
        }
        discharged
            .into_iter()
            .map(|definition| self.strip_override(evaluator, definition))
            .collect()
    }

    /// A value with its properties pushed down to its attributes.
    pub fn pushed_down(
        &'h self,
        evaluator: &mut Evaluator<'h>,
        value: Lazy<'h>,
    ) -> Result<Vec<Value<'h>>> {
        let mut pushed = Vec::new();
        self.push_down(evaluator, value, &mut pushed)?;
        Ok(pushed)
    }

    fn while_evaluating(
        &self,
        evaluator: &mut Evaluator<'h>,
        error: Box<EvalError>,
        definition: &Definition<'h>,
    ) -> Box<EvalError> {
        let file = self.text_for_message(evaluator, definition.file);
        error.traced(Span::at(definition.pos), || {
            format!("while evaluating definitions from `{file}':")
        })
    }

    /// Keeps the definitions of the winning priority and strips `mkOverride`
    /// (`filterOverrides'`).
    pub(crate) fn filter_overrides(
        &self,
        evaluator: &mut Evaluator<'h>,
        definitions: &[Definition<'h>],
    ) -> Result<(Vec<Definition<'h>>, i64)> {
        let mut prioritised = Vec::with_capacity(definitions.len());
        for definition in definitions {
            let (priority, definition) = self.strip_override(evaluator, *definition)?;
            prioritised.push((priority, definition));
        }
        let lowest = if let [(only, _)] = prioritised[..] {
            only
        } else {
            prioritised
                .iter()
                .fold(LOWEST_PRIORITY, |lowest, (priority, _)| {
                    lowest.min(*priority)
                })
        };
        let kept = prioritised
            .into_iter()
            .filter(|(priority, _)| *priority == lowest)
            .map(|(_, definition)| definition)
            .collect();
        Ok((kept, lowest))
    }

    /// The priority of a discharged definition, and the definition without
    /// `mkOverride`.
    pub fn strip_override(
        &self,
        evaluator: &mut Evaluator<'h>,
        definition: Definition<'h>,
    ) -> Result<(i64, Definition<'h>)> {
        let value = evaluator.force(definition.value, Span::NONE)?;
        match self.property(evaluator, value)? {
            Some(Property::Override { priority, content }) => {
                let span = Span::at(definition.pos);
                let what = "while evaluating the priority of mkOverride";
                let priority = match evaluator.force(priority, span)? {
                    Value::Int(priority) => priority,
                    other => {
                        // What is no number fails as it does where priorities are compared.
                        evaluator.less(other, Value::Int(DEFAULT_PRIORITY), span)?;
                        evaluator.expect_int(other.into(), span, what)?
                    }
                };
                Ok((priority, definition.with_value(content)))
            }
            _ => Ok((DEFAULT_PRIORITY, definition)),
        }
    }

    /// Stable sort by `mkOrder`, which is taken off (`sortProperties`).
    pub(crate) fn sort_by_order(
        &self,
        evaluator: &mut Evaluator<'h>,
        definitions: &mut [Definition<'h>],
    ) -> Result<()> {
        let mut any = false;
        for definition in &mut *definitions {
            let value = evaluator.force(definition.value, Span::NONE)?;
            if let Some(Property::Order { priority, content }) = self.property(evaluator, value)? {
                let span = Span::at(definition.pos);
                definition.order = Some(evaluator.expect_int(
                    priority,
                    span,
                    "while evaluating the priority of mkOrder",
                )?);
                definition.value = content;
                any = true;
            }
        }
        if any {
            definitions.sort_by_key(|definition| definition.order.unwrap_or(DEFAULT_ORDER));
        }
        Ok(())
    }

    /// Reads definitions from the Nix form, a list of `{ file, value }`.
    pub(crate) fn definitions_from_list(
        &self,
        evaluator: &mut Evaluator<'h>,
        list: Lazy<'h>,
    ) -> Result<Vec<Definition<'h>>> {
        let items = evaluator
            .expect_list(list, Span::NONE, "while reading a list of definitions")?
            .items;
        let mut definitions = Vec::with_capacity(items.len());
        for &item in items {
            let attrs = evaluator.expect_attrs(item, Span::NONE, "while reading a definition")?;
            let value = attrs.get(self.names.value);
            definitions.push(Definition {
                file: match attrs.get(self.names.file) {
                    Some(file) => file.value,
                    None => Value::Null.into(),
                },
                value: required(evaluator, attrs, self.names.value)?,
                pos: value.map_or(Pos::NONE, |attr| attr.pos),
                order: None,
                form: Some(attrs),
            });
        }
        Ok(definitions)
    }

    /// Definitions in their Nix form.
    pub(crate) fn definitions_to_list(
        &self,
        evaluator: &mut Evaluator<'h>,
        definitions: &[Definition<'h>],
    ) -> Value<'h> {
        let items: Vec<Lazy<'h>> = definitions
            .iter()
            .map(|definition| self.definition_to_set(evaluator, definition).into())
            .collect();
        evaluator.list(&items)
    }

    pub(crate) fn definition_to_set(
        &self,
        evaluator: &mut Evaluator<'h>,
        definition: &Definition<'h>,
    ) -> Value<'h> {
        // The position travels with the value, so that it survives a round trip
        // through a merge function written in Nix.
        let mut entries = vec![Attr {
            name: self.names.value,
            pos: definition.pos,
            value: definition.value,
        }];
        if !matches!(definition.file, Lazy::Ready(Value::Null)) {
            entries.push(Attr {
                name: self.names.file,
                pos: Pos::NONE,
                value: definition.file,
            });
        }
        if let Some(order) = definition.order {
            entries.push(Attr {
                name: self.names.priority,
                pos: Pos::NONE,
                value: Value::Int(order).into(),
            });
        }
        let entries = evaluator.attrs(entries);
        Value::Attrs(match definition.form {
            Some(form) => evaluator.update(form, entries),
            None => entries,
        })
    }
}

/// The attribute `name`, or the error that Nix would give for its absence.
pub(crate) fn required<'h>(
    evaluator: &Evaluator<'h>,
    attrs: &'h Attrs<'h>,
    name: Symbol,
) -> Result<Lazy<'h>> {
    attrs.get(name).map(|attr| attr.value).ok_or_else(|| {
        EvalError::new(
            ErrorKind::MissingAttribute,
            Span::NONE,
            format!("attribute '{}' missing", evaluator.symbol_display(name)),
        )
    })
}
