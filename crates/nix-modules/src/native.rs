//! What the embedded `lib` finds in `builtins.nixKconfig`: the parts of
//! `lib.modules` that are native. They are functions of the `lib` that they
//! belong to, so that `lib.extend` works.

use nix_eval::{Attr, Evaluator, Lazy, Result, Span, Value};

use std::path::Path;

use crate::ModuleSystem;
use crate::embedded::EMBEDDED_NIXPKGS;
use crate::merge::{Merge, Source};

/// Makes the native functions known to `evaluator`. To be called before anything
/// is evaluated.
pub fn install(evaluator: &mut Evaluator<'_>) {
    install_with(evaluator, Vec::new());
}

/// The same with further families of native functions, as attributes of
/// `builtins.nixKconfig`.
pub fn install_with<'h>(evaluator: &mut Evaluator<'h>, mut families: Vec<Attr<'h>>) {
    let modules = evaluator.primop("modules", 1, |evaluator, args, _| {
        let system = ModuleSystem::new(evaluator, args[0]);
        Ok(system.functions(evaluator))
    });
    families.push(evaluator.attr("modules", modules));
    let native = Value::Attrs(evaluator.attrs(families));
    evaluator.set_private_builtin(Path::new(EMBEDDED_NIXPKGS), "nixKconfig", native);
}

impl<'h> ModuleSystem<'h> {
    /// The native functions of `lib.modules`.
    fn functions(&'h self, evaluator: &mut Evaluator<'h>) -> Value<'h> {
        let mut entries = Vec::new();
        let mut add = |evaluator: &mut Evaluator<'h>, name: &str, value: Value<'h>| {
            entries.push(evaluator.attr(name, value));
        };
        let function = evaluator.primop("evalModules", 1, |evaluator, args, span| {
            let what = "while evaluating the argument of evalModules";
            let args = evaluator.expect_attrs(args[0], span, what)?;
            self.eval_modules(evaluator, args)
        });
        add(evaluator, "evalModules", function);
        let function = evaluator.primop("mergeDefinitions", 3, |evaluator, args, _| {
            let loc = self.loc(evaluator, args[0])?;
            let definitions = self.definitions_from_list(evaluator, args[2])?;
            let given = Source::Given(evaluator.heap().alloc_slice_copy(&definitions));
            Ok(Merge::new(self, evaluator, loc, args[1], given).to_set(evaluator))
        });
        add(evaluator, "mergeDefinitions", function);
        let function = evaluator.primop("evalOptionValue", 3, |evaluator, args, span| {
            let loc = self.loc(evaluator, args[0])?;
            let what = "while evaluating the argument of evalOptionValue";
            let option = evaluator.expect_attrs(args[1], span, what)?;
            let definitions = self.definitions_from_list(evaluator, args[2])?;
            let given = Source::Given(evaluator.heap().alloc_slice_copy(&definitions));
            let option = self.eval_option(evaluator, loc, option, given)?;
            Ok(Value::Attrs(option))
        });
        add(evaluator, "evalOptionValue", function);
        let function = evaluator.primop("mergeOptionDecls", 2, |evaluator, args, _| {
            let loc = self.loc(evaluator, args[0])?;
            let declarations = self.declarations_from_list(evaluator, args[1])?;
            let option = self.merge_declarations(evaluator, loc, &declarations)?;
            Ok(Value::Attrs(option))
        });
        add(evaluator, "mergeOptionDecls", function);
        let function = evaluator.primop("fixupOptionType", 2, |evaluator, args, span| {
            let what = "while evaluating the argument of fixupOptionType";
            let option = evaluator.expect_attrs(args[1], span, what)?;
            Ok(Value::Attrs(self.fix_up_type(evaluator, option)?))
        });
        add(evaluator, "fixupOptionType", function);
        let function = evaluator.primop("filterOverrides'", 1, |evaluator, args, _| {
            let definitions = self.definitions_from_list(evaluator, args[0])?;
            let (kept, priority) = self.filter_overrides(evaluator, &definitions)?;
            let values = self.definitions_to_list(evaluator, &kept);
            Ok(self.set(
                evaluator,
                &[
                    (self.names.values, values.into()),
                    (self.names.highest_prio, Value::Int(priority).into()),
                ],
            ))
        });
        add(evaluator, "filterOverrides'", function);
        let function = evaluator.primop("filterOverrides", 1, |evaluator, args, _| {
            let definitions = self.definitions_from_list(evaluator, args[0])?;
            let (kept, _) = self.filter_overrides(evaluator, &definitions)?;
            Ok(self.definitions_to_list(evaluator, &kept))
        });
        add(evaluator, "filterOverrides", function);
        let function = evaluator.primop("sortProperties", 1, |evaluator, args, _| {
            let mut definitions = self.definitions_from_list(evaluator, args[0])?;
            self.sort_by_order(evaluator, &mut definitions)?;
            Ok(self.definitions_to_list(evaluator, &definitions))
        });
        add(evaluator, "sortProperties", function);
        for (name, function) in self.low_level_functions(evaluator) {
            let value =
                evaluator.thunk(move |evaluator| self.deprecated(evaluator, name, function));
            entries.push(evaluator.attr(name, value));
        }
        Value::Attrs(evaluator.attrs(entries))
    }

    pub(crate) fn loc(
        &self,
        evaluator: &mut Evaluator<'h>,
        loc: Lazy<'h>,
    ) -> Result<&'h [Lazy<'h>]> {
        let what = "while evaluating the path of an option";
        Ok(evaluator.expect_list(loc, Span::NONE, what)?.items)
    }
}
