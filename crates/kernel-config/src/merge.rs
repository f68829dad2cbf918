//! Merging structured configurations by the three documented strategies
//! (nixpkgs, `nixos/modules/system/boot/kernel_config.nix`).
//!
//! Priorities are compared first, as for every option of the module system; the
//! strategies see only definitions of the winning priority.

use std::collections::BTreeMap;

use nix_eval::{Coercion, ErrorKind, EvalError, Evaluator, Result, Span, Value};
use nix_modules::{Definition, ModuleSystem};

use crate::settings::{Conflict, Item, ItemDefinition, Part, Place, Settings, Standing};

/// How tristate answers merge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TristateStrategy {
    /// The best one wins: the order, best first (`mergeAnswer`).
    Best([char; 3]),
    /// They must be equal, as in nixpkgs since 2021.
    Equal,
}

impl Default for TristateStrategy {
    fn default() -> Self {
        Self::Best(['y', 'm', 'n'])
    }
}

impl std::str::FromStr for TristateStrategy {
    type Err = String;

    /// `equal`, or the three answers from best to worst: `y,m,n`.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if text == "equal" {
            return Ok(Self::Equal);
        }
        let order: Vec<&str> = text.split(',').map(str::trim).collect();
        let letters: Vec<char> = order
            .iter()
            .filter_map(|part| match *part {
                "y" => Some('y'),
                "m" => Some('m'),
                "n" => Some('n'),
                _ => None,
            })
            .collect();
        match letters[..] {
            [best, middle, worst]
                if order.len() == 3 && best != middle && middle != worst && best != worst =>
            {
                Ok(Self::Best([best, middle, worst]))
            }
            _ => Err(
                "expected `equal`, or `y`, `m` and `n` from best to worst with commas between, \
                 such as `y,m,n`"
                    .to_owned(),
            ),
        }
    }
}

/// How the flags merge that say whether an answer may go unused.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum OptionalStrategy {
    /// One mandatory definition makes the option mandatory.
    #[default]
    MandatoryWins,
    /// Whoever says anything makes it optional: what nixpkgs did until 20.03, where
    /// it compared a definition with `false`, not its value.
    Always,
}

/// The strategies that a user can set.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Strategies {
    /// For tristate answers.
    pub tristate: TristateStrategy,
    /// For `optional`.
    pub optional: OptionalStrategy,
}

/// Merges definitions of structured configurations: sets from option to item.
///
/// # Errors
///
/// What cannot be evaluated, and values of a wrong type. Conflicts are not
/// errors: they are part of the result.
pub fn merge<'h>(
    evaluator: &mut Evaluator<'h>,
    system: &'h ModuleSystem<'h>,
    definitions: &[Definition<'h>],
    strategies: Strategies,
) -> Result<Settings> {
    let mut merging = Merging {
        system,
        strategies,
        settings: Settings {
            tristate: strategies.tristate,
            ..Settings::default()
        },
    };
    let whole = system.final_definitions(evaluator, definitions)?;
    let mut by_name: BTreeMap<&'h [u8], Vec<Definition<'h>>> = BTreeMap::new();
    for definition in whole.definitions {
        let Value::Attrs(attrs) = evaluator.force(definition.value, Span::at(definition.pos))?
        else {
            return Err(merging.wrong_type(
                evaluator,
                "settings",
                "attribute set of (submodule)",
                definition,
            ));
        };
        for attr in attrs.iter() {
            let pos = if attr.pos.is_some() {
                attr.pos
            } else {
                definition.pos
            };
            by_name
                .entry(evaluator.symbol_text(attr.name))
                .or_default()
                .push(Definition {
                    value: attr.value,
                    pos,
                    ..*definition
                });
        }
    }
    for (name, definitions) in by_name {
        let name = String::from_utf8_lossy(name).into_owned();
        merging.item(evaluator, &name, &definitions)?;
    }
    Ok(merging.settings)
}

struct Merging<'h> {
    system: &'h ModuleSystem<'h>,
    strategies: Strategies,
    settings: Settings,
}

/// The definitions of one part of an item.
type PartDefinitions<'h> = Vec<Definition<'h>>;

impl<'h> Merging<'h> {
    fn item(
        &mut self,
        evaluator: &mut Evaluator<'h>,
        name: &str,
        definitions: &[Definition<'h>],
    ) -> Result<()> {
        let found = self.system.final_definitions(evaluator, definitions)?;
        if found.definitions.is_empty() {
            return Ok(());
        }
        let mut tristate = PartDefinitions::new();
        let mut freeform = PartDefinitions::new();
        let mut optional = PartDefinitions::new();
        for definition in found.definitions {
            for attrs in self.parts_of(evaluator, name, definition)? {
                for attr in attrs.iter() {
                    let into = match evaluator.symbol_text(attr.name) {
                        b"tristate" => &mut tristate,
                        b"freeform" => &mut freeform,
                        b"optional" => &mut optional,
                        _ => return Err(self.no_such_part(evaluator, name, attr, definition)),
                    };
                    into.push(Definition {
                        value: attr.value,
                        ..*definition
                    });
                }
            }
        }
        let conflicts_before = self.settings.conflicts.len();
        let tristate = self.tristate(evaluator, name, &tristate)?;
        let freeform = self.freeform(evaluator, name, &freeform)?;
        let optional = self.optional(evaluator, name, &optional)?;
        if self.settings.conflicts.len() == conflicts_before {
            let mut item = Item {
                tristate,
                freeform,
                optional,
                definitions: Vec::new(),
            };
            item.definitions =
                self.provenance(evaluator, name, definitions, found.priority, &item)?;
            self.settings.items.insert(name.to_owned(), item);
        }
        Ok(())
    }

    /// The sets that a definition of an item consists of, properties pushed down.
    fn parts_of(
        &self,
        evaluator: &mut Evaluator<'h>,
        name: &str,
        definition: &Definition<'h>,
    ) -> Result<Vec<&'h nix_eval::Attrs<'h>>> {
        let mut sets = Vec::new();
        for value in self.system.pushed_down(evaluator, definition.value)? {
            let Value::Attrs(attrs) = value else {
                let option = format!("settings.{name}");
                return Err(self.wrong_type(evaluator, &option, "submodule", definition));
            };
            sets.push(attrs);
        }
        Ok(sets)
    }

    fn no_such_part(
        &self,
        evaluator: &mut Evaluator<'h>,
        name: &str,
        attr: &nix_eval::Attr<'h>,
        definition: &Definition<'h>,
    ) -> Box<EvalError> {
        let part = evaluator.symbol_display(attr.name).into_owned();
        let source = source_of(evaluator, definition);
        let mut error = EvalError::new(
            ErrorKind::Throw,
            Span::at(if attr.pos.is_some() {
                attr.pos
            } else {
                definition.pos
            }),
            format!(
                "The option `settings.{name}.{part}' does not exist. Definition values:\n- In \
                 `{source}'"
            ),
        );
        error.help = Some(
            "an option's answer has the attributes `tristate', `freeform' and `optional': \
             `lib.kernel.yes', `lib.kernel.freeform \"…\"' and the like make one"
                .to_owned(),
        );
        error
    }

    fn tristate(
        &mut self,
        evaluator: &mut Evaluator<'h>,
        name: &str,
        definitions: &[Definition<'h>],
    ) -> Result<Option<char>> {
        let found = self.system.final_definitions(evaluator, definitions)?;
        let mut given = Vec::new();
        for definition in found.definitions {
            let answer = match evaluator.force(definition.value, Span::at(definition.pos))? {
                Value::Null => None,
                Value::String(text) if matches!(text.text, b"y" | b"m" | b"n") => {
                    Some(char::from(text.text[0]))
                }
                _ => {
                    let option = format!("settings.{name}.tristate");
                    let kind = "one of \"y\", \"m\", \"n\", <null>";
                    return Err(self.wrong_type(evaluator, &option, kind, definition));
                }
            };
            given.push(answer);
        }
        let Some(first) = given.first().copied() else {
            return Ok(None);
        };
        match self.strategies.tristate {
            // No answer (`unset`) is worse than any.
            TristateStrategy::Best(order) => Ok(order
                .into_iter()
                .find(|&letter| given.contains(&Some(letter)))),
            TristateStrategy::Equal => {
                if given.iter().any(|answer| *answer != first) {
                    self.conflict(evaluator, name, Part::Tristate, found.definitions)?;
                }
                Ok(first)
            }
        }
    }

    fn freeform(
        &mut self,
        evaluator: &mut Evaluator<'h>,
        name: &str,
        definitions: &[Definition<'h>],
    ) -> Result<Option<String>> {
        let found = self.system.final_definitions(evaluator, definitions)?;
        let mut given: Vec<Option<String>> = Vec::new();
        for definition in found.definitions {
            given.push(
                match evaluator.force(definition.value, Span::at(definition.pos))? {
                    Value::Null => None,
                    Value::String(text) => Some(String::from_utf8_lossy(text.text).into_owned()),
                    _ => {
                        let option = format!("settings.{name}.freeform");
                        let kind = "null or string";
                        return Err(self.wrong_type(evaluator, &option, kind, definition));
                    }
                },
            );
        }
        let Some(first) = given.first() else {
            return Ok(None);
        };
        if given.iter().any(|answer| answer != first) {
            self.conflict(evaluator, name, Part::Freeform, found.definitions)?;
        }
        Ok(first.clone())
    }

    fn optional(
        &mut self,
        evaluator: &mut Evaluator<'h>,
        name: &str,
        definitions: &[Definition<'h>],
    ) -> Result<bool> {
        let found = self.system.final_definitions(evaluator, definitions)?;
        let mut optional = !found.definitions.is_empty();
        for definition in found.definitions {
            let value = evaluator.force(definition.value, Span::at(definition.pos))?;
            let Value::Bool(value) = value else {
                let option = format!("settings.{name}.optional");
                return Err(self.wrong_type(evaluator, &option, "boolean", definition));
            };
            optional &= value || self.strategies.optional == OptionalStrategy::Always;
        }
        Ok(optional)
    }

    fn conflict(
        &mut self,
        evaluator: &mut Evaluator<'h>,
        name: &str,
        part: Part,
        definitions: &[Definition<'h>],
    ) -> Result<()> {
        let mut listed = Vec::with_capacity(definitions.len());
        for definition in definitions {
            let value = evaluator.force(definition.value, Span::at(definition.pos))?;
            listed.push(ItemDefinition {
                source: source_of(evaluator, definition),
                place: Place::new(evaluator, definition.pos, name.len()),
                priority: nix_modules::DEFAULT_PRIORITY,
                shown: show_plain(evaluator, value),
                counts: true,
                standing: Standing::Conflicts,
            });
        }
        self.settings.conflicts.push(Conflict {
            name: name.to_owned(),
            part,
            definitions: listed,
        });
        Ok(())
    }

    /// Every definition of an option, with its priority.
    fn provenance(
        &self,
        evaluator: &mut Evaluator<'h>,
        name: &str,
        definitions: &[Definition<'h>],
        winning: i64,
        merged: &Item,
    ) -> Result<Vec<ItemDefinition>> {
        let mut listed = Vec::with_capacity(definitions.len());
        for (priority, definition) in self.system.prioritised(evaluator, definitions)? {
            let value = evaluator.force(definition.value, Span::at(definition.pos))?;
            listed.push(ItemDefinition {
                source: source_of(evaluator, &definition),
                place: Place::new(evaluator, definition.pos, name.len()),
                priority,
                shown: show_answer(evaluator, value),
                counts: priority == winning,
                standing: if priority != winning {
                    Standing::Outranked
                } else if agrees(evaluator, value, merged) {
                    Standing::Decides
                } else {
                    Standing::Outvoted
                },
            });
        }
        Ok(listed)
    }

    fn wrong_type(
        &self,
        evaluator: &mut Evaluator<'h>,
        option: &str,
        kind: &str,
        definition: &Definition<'h>,
    ) -> Box<EvalError> {
        let source = source_of(evaluator, definition);
        let shown = match evaluator.force(definition.value, Span::NONE) {
            Ok(value) => show_plain(evaluator, value),
            Err(error) => return error,
        };
        let mut error = EvalError::new(
            ErrorKind::Throw,
            Span::at(definition.pos),
            format!(
                "A definition for option `{option}' is not of type `{kind}'. Definition \
                 values:\n- In `{source}': {shown}"
            ),
        );
        error.help = match (kind, option.rsplit('.').next(), shown.as_str()) {
            ("submodule", ..) | (_, Some("tristate"), _) => Some(match shown.trim_matches('"') {
                "y" | "yes" | "true" => "write `lib.kernel.yes'".to_owned(),
                "m" | "module" => "write `lib.kernel.module'".to_owned(),
                "n" | "no" | "false" => "write `lib.kernel.no'".to_owned(),
                _ => "write `lib.kernel.freeform \"…\"' for text and numbers, and \
                      `lib.kernel.yes', `module' or `no' for tristate answers"
                    .to_owned(),
            }),
            (_, Some("freeform"), number) if number.parse::<f64>().is_ok() => Some(format!(
                "numbers are text, too: write `lib.kernel.freeform \"{number}\"'"
            )),
            _ => None,
        };
        error
    }
}

fn source_of<'h>(evaluator: &mut Evaluator<'h>, definition: &Definition<'h>) -> String {
    match evaluator.coerce_to_string(definition.file, Span::NONE, "", Coercion::TO_STRING) {
        Ok(text) => String::from_utf8_lossy(text.text).into_owned(),
        Err(_) => "<unknown>".to_owned(),
    }
}

/// Whether a definition's answer is the merged one.
fn agrees<'h>(evaluator: &mut Evaluator<'h>, value: Value<'h>, merged: &Item) -> bool {
    let Value::Attrs(attrs) = value else {
        return true;
    };
    let mut text = |name: &str| match part(evaluator, attrs, name) {
        Some(Value::String(text)) => Some(String::from_utf8_lossy(text.text).into_owned()),
        _ => None,
    };
    let (tristate, freeform) = (text("tristate"), text("freeform"));
    let merged_tristate = merged.tristate.map(String::from);
    let differs = |said: &Option<String>, merged: &Option<String>| said.is_some() && said != merged;
    // A freeform answer counts before a tristate one.
    let is_overridden = merged.freeform.is_some() && freeform.is_none() && tristate.is_some();
    !is_overridden && !differs(&tristate, &merged_tristate) && !differs(&freeform, &merged.freeform)
}

/// A part of an item, without conditions and priorities of its own.
fn part<'h>(
    evaluator: &mut Evaluator<'h>,
    attrs: &'h nix_eval::Attrs<'h>,
    name: &str,
) -> Option<Value<'h>> {
    /// More properties than anybody writes; a value may contain itself.
    const DEEPEST: usize = 64;
    let mut value = crate::fields::get(evaluator, attrs, name)?.value;
    for _ in 0..DEEPEST {
        let settled = evaluator.force(value, Span::NONE).ok()?;
        let Value::Attrs(property) = settled else {
            return Some(settled);
        };
        if let Some(condition) = crate::fields::get(evaluator, property, "condition") {
            let condition = evaluator.force(condition.value, Span::NONE).ok()?;
            if !matches!(condition, Value::Bool(true)) {
                return None;
            }
        }
        value = crate::fields::get(evaluator, property, "content")?.value;
    }
    None
}

/// A value in a message.
fn show_plain<'h>(evaluator: &mut Evaluator<'h>, value: Value<'h>) -> String {
    match evaluator.show(value) {
        Ok(shown) => String::from_utf8_lossy(&shown).into_owned(),
        Err(_) => value.type_with_article().into_owned(),
    }
}

/// An item's value as somebody would have written it: `option yes`.
fn show_answer<'h>(evaluator: &mut Evaluator<'h>, value: Value<'h>) -> String {
    let Value::Attrs(attrs) = value else {
        return show_plain(evaluator, value);
    };
    let tristate = part(evaluator, attrs, "tristate");
    let freeform = part(evaluator, attrs, "freeform");
    let optional = matches!(part(evaluator, attrs, "optional"), Some(Value::Bool(true)));
    let answer = match (freeform, tristate) {
        (Some(Value::String(text)), _) => {
            format!("freeform {:?}", String::from_utf8_lossy(text.text))
        }
        (_, Some(Value::String(letter))) => match letter.text {
            b"y" => "yes".to_owned(),
            b"m" => "module".to_owned(),
            b"n" => "no".to_owned(),
            _ => show_plain(evaluator, value),
        },
        (_, Some(Value::Null) | None) => "unset".to_owned(),
        _ => show_plain(evaluator, value),
    };
    match optional {
        true if answer.contains(' ') => format!("option ({answer})"),
        true => format!("option {answer}"),
        false => answer,
    }
}
