//! `nix-kconfig modules`: what any set of NixOS-style modules comes to, with where
//! every value was defined.

mod definitions;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use findings::Finding;
use kernel_config::{Platform, Rules, evaluate};
use nix_eval::{
    Attrs, Bump, Evaluator, Lazy, LookupPathEntry, Origin, Result as Evaluation, Span, Value,
};

use crate::evaluation::EvaluationArgs;
use crate::kernel_input::{absolute, option_value, pairs};
use crate::{output, report};

/// The Nix side of the command.
const EVALUATE: &str = include_str!("modules/evaluate.nix");

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Modules: files or folders, as imports take them
    #[arg(required = true, value_name = "FILE")]
    modules: Vec<PathBuf>,
    /// The part of the configuration that is wanted, such as services.web.port
    #[arg(short = 'A', long = "attr", value_name = "PATH")]
    attribute: Option<String>,
    /// How the result is written
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: Format,
    /// In place of values: every option with its definitions and where they are
    #[arg(long)]
    definitions: bool,
    /// Where the result goes; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// A value for an option, above all others; may be repeated
    #[arg(long, value_name = "OPTION=EXPR")]
    set: Vec<String>,
    /// An argument for all modules (specialArgs)
    #[arg(long, value_names = ["NAME", "EXPR"], num_args = 2, action = clap::ArgAction::Append)]
    arg: Vec<String>,
    /// The same, a string
    #[arg(long, value_names = ["NAME", "STRING"], num_args = 2, action = clap::ArgAction::Append)]
    argstr: Vec<String>,
    /// A folder with lib, and perhaps with packages, in place of what is part of this
    /// program: a nixpkgs
    #[arg(long, value_name = "DIR")]
    nixpkgs: Option<PathBuf>,
    /// The Nix system of pkgs (default: this machine's)
    #[arg(long, value_name = "SYSTEM")]
    system: Option<String>,
    #[command(flatten)]
    evaluation: EvaluationArgs,
}

/// How results are written.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For programs; a derivation is its path
    Json,
    /// As Nix writes values
    Nix,
}

/// What an evaluation has to tell and to show.
struct Found {
    warnings: Vec<String>,
    failed: Vec<String>,
    text: Vec<u8>,
}

/// Evaluates; the exit status says how it went.
pub(crate) fn main(args: &Args) -> ExitCode {
    super::exit(run(args))
}

/// Whether all assertions hold.
fn run(args: &Args) -> Result<bool, Box<Finding>> {
    let system = args.system.clone().unwrap_or_else(Platform::host_system);
    let nixpkgs = match &args.nixpkgs {
        Some(folder) => Some(absolute(folder)?),
        None => None,
    };
    let lookup = nixpkgs.iter().map(|folder| LookupPathEntry {
        prefix: "nixpkgs".to_owned(),
        path: folder.display().to_string(),
    });
    let options = args.evaluation.options(&system, lookup.collect())?;
    let heap = Bump::new();
    let mut evaluator = Evaluator::new(&heap, options);
    kernel_config::install(&mut evaluator, Rules::default(), None);
    let found = evaluate_modules(&mut evaluator, args, &system)?;
    for warning in &found.warnings {
        report::print(&Finding::warning("module-warning", warning.clone()));
    }
    for message in &found.failed {
        report::print(&Finding::error("failed-assertion", message.trim_end()));
    }
    if !found.failed.is_empty() {
        return Ok(false);
    }
    let text = if args.definitions {
        let people = args.output.as_os_str() == "-" && std::io::stdout().is_terminal();
        definitions::write(&found.text, args.format == Format::Json && !people)?
    } else if args.format == Format::Json {
        pretty(&found.text)?
    } else {
        found.text
    };
    output::write(&args.output, &text)?;
    Ok(true)
}

fn evaluate_modules(
    evaluator: &mut Evaluator<'_>,
    args: &Args,
    system: &str,
) -> Result<Found, Box<Finding>> {
    let mut files = Vec::with_capacity(args.modules.len());
    for file in &args.modules {
        files.push(absolute(file)?);
    }
    let sets = args
        .set
        .iter()
        .map(|text| option_value(text))
        .collect::<Result<Vec<_>, _>>()?;
    let found = prepare(evaluator, args, &files, &sets, system)
        .and_then(|evaluation| find(evaluator, args, evaluation));
    found.map_err(|error| {
        let trace = args.evaluation.show_trace;
        Box::new(report::of_evaluation(&error, evaluator.sources(), trace))
    })
}

/// The evaluation as `evaluate.nix` gives it.
fn prepare<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &Args,
    files: &[PathBuf],
    sets: &[kernel_config::OptionValue],
    system: &str,
) -> Evaluation<&'h Attrs<'h>> {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    let root = Path::new("/");
    let modules: Vec<Lazy<'h>> = files
        .iter()
        .map(|file| evaluator.path(file.as_os_str().as_encoded_bytes()).into())
        .collect();
    let modules = evaluator.list(&modules);
    let sets = evaluate::option_modules(evaluator, sets)?;
    let mut special = Vec::new();
    for (name, expression) in pairs(&args.arg) {
        let value = evaluator.lazy_str(&expression, &here, Origin::String)?;
        special.push(evaluator.attr(&name, value));
    }
    for (name, text) in pairs(&args.argstr) {
        let value = evaluator.string(text);
        special.push(evaluator.attr(&name, value));
    }
    let special = Value::Attrs(evaluator.attrs(special));
    let lib = evaluator.eval_str("import <nixpkgs/lib>", root, Origin::String)?;
    let folder = evaluator.eval_str("toString <nixpkgs/lib>", root, Origin::String)?;
    let system = evaluator.string(system);
    let make = evaluator.lazy_str(
        "system: import <nixpkgs> { inherit system; }",
        root,
        Origin::String,
    )?;
    let pkgs = evaluator.lazy_apply(make, system.into());
    let named = vec![
        evaluator.attr("lib", lib),
        evaluator.attr("libFolder", folder),
        evaluator.attr("modules", modules),
        evaluator.attr("sets", sets),
        evaluator.attr("specialArgs", special),
        evaluator.attr("pkgs", pkgs),
    ];
    let named = Value::Attrs(evaluator.attrs(named));
    let function = evaluator.eval_str(EVALUATE, root, Origin::String)?;
    let result = evaluator.apply(function, &[named.into()], Span::NONE)?;
    evaluator.expect_attrs(result.into(), Span::NONE, "while evaluating modules")
}

/// What was asked for of it.
fn find<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &Args,
    evaluation: &'h Attrs<'h>,
) -> Evaluation<Found> {
    let part = |evaluator: &mut Evaluator<'h>, name: &str| {
        let empty = evaluator.attrs(Vec::new());
        evaluator.select_path(Value::Attrs(evaluation), name, empty)
    };
    let warnings = part(evaluator, "warnings")?;
    let warnings = texts(evaluator, warnings)?;
    let failed = part(evaluator, "failed")?;
    let failed = texts(evaluator, failed)?;
    let mut found = Found {
        warnings,
        failed,
        text: Vec::new(),
    };
    if !found.failed.is_empty() {
        return Ok(found);
    }
    let path = args.attribute.as_deref().unwrap_or_default();
    let value = if args.definitions {
        let function = part(evaluator, "definitions")?;
        let names: Vec<Lazy<'h>> = Evaluator::attribute_path(path)?
            .iter()
            .map(|name| evaluator.string(name).into())
            .collect();
        let names = evaluator.list(&names);
        evaluator.apply(function, &[names.into()], Span::NONE)?
    } else {
        let config = part(evaluator, "config")?;
        let empty = evaluator.attrs(Vec::new());
        evaluator.select_path(config, path, empty)?
    };
    found.text = if args.definitions || args.format == Format::Json {
        evaluator.to_json(value.into(), &mut Vec::new())?
    } else {
        let mut text = evaluator.show_deep(value)?;
        text.push(b'\n');
        text
    };
    Ok(found)
}

fn texts<'h>(evaluator: &mut Evaluator<'h>, list: Value<'h>) -> Evaluation<Vec<String>> {
    let what = "while reading messages of modules";
    let list = evaluator.expect_list(list.into(), Span::NONE, what)?;
    let mut texts = Vec::with_capacity(list.items.len());
    for &item in list.items {
        let text = evaluator.expect_string(item, Span::NONE, what)?;
        texts.push(String::from_utf8_lossy(text.text).into_owned());
    }
    Ok(texts)
}

/// JSON laid out for people, too.
fn pretty(json: &[u8]) -> Result<Vec<u8>, Box<Finding>> {
    let text = serde_json::from_slice::<serde_json::Value>(json)
        .and_then(|value| serde_json::to_vec_pretty(&value));
    match text {
        Ok(mut text) => {
            text.push(b'\n');
            Ok(text)
        }
        Err(error) => Err(Box::new(Finding::failure(format!(
            "the result cannot be written as JSON: {error}"
        )))),
    }
}
