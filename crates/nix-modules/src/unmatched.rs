//! Definitions of options that nobody declared.

use nix_eval::{EvalError, Evaluator, Lazy, Result, Span, Symbol, Value};

use crate::ModuleSystem;
use crate::definition::Definition;
use crate::level::{Child, Level};
use crate::show::thrown;

/// A definition without a declaration, and the path to it below the root.
#[derive(Clone)]
pub(crate) struct Unmatched<'h> {
    pub(crate) path: Vec<Symbol>,
    pub(crate) definition: Definition<'h>,
}

/// How far a name may be from another to be offered in its place, where there
/// are many to choose from.
const MAX_DISTANCE: usize = 2;
/// From how many names on only close ones are offered.
const MANY_NAMES: usize = 100;
/// How many names are offered.
const OFFERED: usize = 3;

impl<'h> Level<'h> {
    /// All definitions at or below this level that have no declaration.
    pub(crate) fn unmatched(&'h self, evaluator: &mut Evaluator<'h>) -> Result<Vec<Unmatched<'h>>> {
        let mut found = Vec::new();
        if self.is_undefined() {
            return Ok(found);
        }
        for (name, declared) in self.defined_names(evaluator)? {
            if !declared {
                for definition in self.definitions(evaluator, name)? {
                    found.push(Unmatched {
                        path: vec![name],
                        definition: *definition,
                    });
                }
                continue;
            }
            if let Child::Level(level) = self.child(evaluator, name)? {
                let below =
                    evaluator.with_stack(Span::NONE, |evaluator| level.unmatched(evaluator))?;
                found.extend(below.into_iter().map(|mut unmatched| {
                    unmatched.path.insert(0, name);
                    unmatched
                }));
            }
        }
        Ok(found)
    }
}

impl<'h> ModuleSystem<'h> {
    /// The message that an option does not exist, with what was perhaps meant.
    pub(crate) fn undeclared(
        &self,
        evaluator: &mut Evaluator<'h>,
        root: &'h Level<'h>,
        first: &Unmatched<'h>,
    ) -> Result<Box<EvalError>> {
        let prefix = root.loc;
        let path: Vec<Lazy<'h>> = first
            .path
            .iter()
            .map(|&name| evaluator.symbol_string(name).into())
            .collect();
        let full: Vec<Lazy<'h>> = prefix.iter().copied().chain(path.iter().copied()).collect();
        let option = self.show_option(evaluator, &full);
        let shown = self.show_defs(evaluator, &[first.definition])?;
        let suggestion = self.suggestion(evaluator, root, first, &full)?;
        let base =
            format!("The option `{option}' does not exist. Definition values:{shown}{suggestion}");
        let span = Span::at(first.definition.pos);
        if root.has_declarations_besides(evaluator, self.names.module_tag)? {
            return Ok(thrown(span, base));
        }
        let prefix = self.show_option(evaluator, prefix);
        Ok(if prefix.is_empty() {
            thrown(
                span,
                format!(
                    "{base}\n\nIt seems as if you're trying to declare an option by placing it \
                     into `config' rather than `options'!\n"
                ),
            )
        } else {
            thrown(
                span,
                format!(
                    "{base}\n\nHowever there are no options defined in `{prefix}'. Are you sure \
                     you've\ndeclared your options properly? This can happen if you e.g. declared \
                     your options in `types.submodule'\nunder `config' rather than `options'.\n"
                ),
            )
        })
    }

    fn suggestion(
        &self,
        evaluator: &mut Evaluator<'h>,
        root: &'h Level<'h>,
        first: &Unmatched<'h>,
        full: &[Lazy<'h>],
    ) -> Result<String> {
        let Some((&wrong, parents)) = first.path.split_last() else {
            return Ok(String::new());
        };
        let mut level = root;
        for &name in parents {
            match level.child(evaluator, name)? {
                Child::Level(below) => level = below,
                Child::Option(_) => return Ok(String::new()),
            }
        }
        let wrong = evaluator.symbol_display(wrong).into_owned();
        let mut names = level.declared_names(evaluator)?;
        if parents.is_empty() {
            names.retain(|name| *name != self.names.module_tag);
        }
        let many = names.len() >= MANY_NAMES;
        let mut candidates: Vec<(usize, Symbol)> = names
            .into_iter()
            .map(|name| {
                let text = evaluator.symbol_display(name);
                (strsim::levenshtein(&wrong, &text), name)
            })
            .filter(|(distance, _)| !many || *distance <= MAX_DISTANCE)
            .collect();
        candidates.sort_by_key(|(distance, _)| *distance);
        candidates.truncate(OFFERED);
        let parent = &full[..full.len() - 1];
        let shown: Vec<String> = candidates
            .into_iter()
            .map(|(_, name)| {
                let name: Value<'h> = evaluator.symbol_string(name);
                let path: Vec<Lazy<'h>> = parent.iter().copied().chain([name.into()]).collect();
                format!("`{}'", self.show_option(evaluator, &path))
            })
            .collect();
        Ok(match &shown[..] {
            [] => String::new(),
            [only] => format!("\n\nDid you mean {only}?"),
            [others @ .., last] => {
                format!("\n\nDid you mean {} or {last}?", others.join(", "))
            }
        })
    }
}
