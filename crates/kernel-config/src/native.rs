//! What the package set that stands in for nixpkgs finds in `builtins.nixKconfig.kernel`:
//! merged settings as a Nix value, and what the rules of a release decide.

use nix_eval::{Attr, Attrs, ErrorKind, EvalError, Evaluator, Lazy, Pos, Result, Span, Value};

use crate::intermediate;
use crate::kernel::Kernel;
use crate::rules::Rules;
use crate::settings::{Conflict, Item, Settings};

/// Makes the native functions of the module system and of kernels known to
/// `evaluator`. To be called before anything is evaluated. `version` is the kernel's,
/// where its files do not say it.
pub fn install(evaluator: &mut Evaluator<'_>, rules: Rules, version: Option<&str>) {
    let version = match version {
        Some(version) => evaluator.string(version),
        None => Value::Null,
    };
    let settings = evaluator.primop("settings", 1, move |evaluator, args, span| {
        let kernel = described(evaluator, args[0], span, &rules)?;
        let settings = kernel.settings(evaluator, &rules)?;
        Ok(Value::Attrs(settings_to_nix(evaluator, &settings)))
    });
    let text = evaluator.primop("intermediate", 1, move |evaluator, args, span| {
        let settings = settings_from_nix(evaluator, args[0], span)?;
        Ok(evaluator.string(intermediate_text(&settings, &rules)))
    });
    let kernel_config = evaluator.primop("kernelConfig", 1, move |evaluator, args, span| {
        let kernel = described(evaluator, args[0], span, &rules)?;
        let settings = kernel.settings(evaluator, &rules)?;
        if let Some(conflict) = settings.conflicts.first() {
            return Err(conflict_error(conflict));
        }
        let mut text = intermediate_text(&settings, &rules);
        for (_, lines) in &kernel.extra_config {
            text.push_str(lines);
            if !lines.ends_with('\n') {
                text.push('\n');
            }
        }
        Ok(evaluator.string(text))
    });
    let attempt = evaluator.primop("attempt", 1, |evaluator, args, span| {
        let (success, value) = match evaluator.force(args[0], span) {
            Ok(value) => (true, value),
            Err(error) if is_of_the_value(error.kind) => (false, Value::Bool(false)),
            Err(error) => return Err(error),
        };
        let entries = vec![
            evaluator.attr("success", Value::Bool(success)),
            evaluator.attr("value", value),
        ];
        Ok(Value::Attrs(evaluator.attrs(entries)))
    });
    let entries = [
        ("attempt", attempt),
        ("settings", settings),
        ("intermediate", text),
        ("kernelConfig", kernel_config),
        ("version", version),
        ("hasLinuxKernel", Value::Bool(rules.has_linux_kernel())),
        (
            "platformLinesAlways",
            Value::Bool(rules.platform_lines_always()),
        ),
        (
            "isStrictOnAarch64",
            Value::Bool(rules.is_strict_on_aarch64()),
        ),
    ];
    let entries = entries
        .into_iter()
        .map(|(name, value)| evaluator.attr(name, value))
        .collect();
    let kernel = Value::Attrs(evaluator.attrs(entries));
    let kernel = evaluator.attr("kernel", kernel);
    nix_modules::install_with(evaluator, vec![kernel]);
}

/// Whether an error is about the value that was asked for, and not about the evaluation
/// as a whole.
fn is_of_the_value(kind: ErrorKind) -> bool {
    kind.is_catchable() || matches!(kind, ErrorKind::MissingAttribute | ErrorKind::Type)
}

fn described<'h>(
    evaluator: &mut Evaluator<'h>,
    description: Lazy<'h>,
    span: Span,
    rules: &Rules,
) -> Result<Kernel<'h>> {
    let what = "while evaluating the description of a kernel";
    let description = evaluator.expect_attrs(description, span, what)?;
    Kernel::from_description(evaluator, description, rules)
}

/// Merged settings as nixpkgs has them in `configfile.structuredConfig`. An option
/// stands where the first definition does that counts: where it goes into another
/// kernel, messages lead there. One in conflict is an error once somebody looks.
fn settings_to_nix<'h>(evaluator: &mut Evaluator<'h>, settings: &Settings) -> &'h Attrs<'h> {
    let mut entries = Vec::with_capacity(settings.items.len() + settings.conflicts.len());
    for (name, item) in &settings.items {
        let place = item
            .definitions
            .iter()
            .filter(|definition| definition.counts)
            .find_map(|definition| definition.place.as_ref());
        entries.push(Attr {
            name: evaluator.intern(name),
            pos: place.map_or(Pos::NONE, crate::settings::Place::pos),
            value: item_to_nix(evaluator, item).into(),
        });
    }
    for conflict in &settings.conflicts {
        let error = conflict_error(conflict);
        // What a thunk captures is not dropped: the text goes to the arena.
        let message: &'h str = evaluator.heap().alloc_str(&error.message);
        let span = error.span;
        let value = evaluator.thunk(move |_| Err(EvalError::new(ErrorKind::Throw, span, message)));
        entries.push(evaluator.attr(&conflict.name, value));
    }
    evaluator.attrs(entries)
}

fn item_to_nix<'h>(evaluator: &mut Evaluator<'h>, item: &Item) -> Value<'h> {
    let tristate = match item.tristate {
        Some(letter) => evaluator.string(letter.to_string()),
        None => Value::Null,
    };
    let freeform = match &item.freeform {
        Some(text) => evaluator.string(text),
        None => Value::Null,
    };
    let parts = vec![
        evaluator.attr("tristate", tristate),
        evaluator.attr("freeform", freeform),
        evaluator.attr("optional", Value::Bool(item.optional)),
    ];
    Value::Attrs(evaluator.attrs(parts))
}

/// Reads settings from their Nix form: a set from option to its merged item.
pub(crate) fn settings_from_nix<'h>(
    evaluator: &mut Evaluator<'h>,
    value: Lazy<'h>,
    span: Span,
) -> Result<Settings> {
    let what = "while evaluating the settings of a kernel";
    let attrs = evaluator.expect_attrs(value, span, what)?;
    let mut settings = Settings::default();
    for attr in attrs.iter() {
        let name = evaluator.symbol_display(attr.name).into_owned();
        let parts = evaluator.expect_attrs(attr.value, Span::at(attr.pos), what)?;
        let tristate = crate::fields::text(evaluator, parts, "tristate")?;
        let item = Item {
            tristate: tristate.and_then(|text| text.chars().next()),
            freeform: crate::fields::text(evaluator, parts, "freeform")?,
            optional: crate::fields::flag(evaluator, parts, "optional")?.unwrap_or(false),
            definitions: Vec::new(),
        };
        settings.items.insert(name, item);
    }
    Ok(settings)
}

fn intermediate_text(settings: &Settings, rules: &Rules) -> String {
    intermediate::lines_of(settings, rules.effective_release())
        .map(|(_, line)| line)
        .collect()
}

/// A conflict as an error of evaluation, in the words of the module system.
pub(crate) fn conflict_error(conflict: &Conflict) -> Box<EvalError> {
    use std::fmt::Write;
    let Conflict { name, part, .. } = conflict;
    let mut message = format!(
        "The option `settings.{name}.{}' has conflicting definition values:",
        part.name()
    );
    for definition in &conflict.definitions {
        let _ = write!(message, "\n- In `{}", definition.source);
        if let Some(place) = &definition.place {
            let _ = write!(message, "', at {place}: {}", definition.shown);
        } else {
            let _ = write!(message, "': {}", definition.shown);
        }
    }
    message.push_str(
        "\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these \
         definitions.",
    );
    let place = conflict
        .definitions
        .iter()
        .find_map(|definition| definition.place.as_ref());
    let pos = place.map_or(Pos::NONE, crate::settings::Place::pos);
    EvalError::new(ErrorKind::Throw, Span::at(pos), message)
}
