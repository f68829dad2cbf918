//! From files to a kernel with its patches.

use std::path::{Path, PathBuf};

use nix_eval::{Attrs, ErrorKind, EvalError, Evaluator, Lazy, Origin, Result, Span, Value};
use nix_modules::EMBEDDED_NIXPKGS;

use crate::flake::{self, FlakeInput};
use crate::kernel::Kernel;
use crate::rules::Rules;

/// Where a kernel comes from.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file, or a folder with a `default.nix`.
    File(PathBuf),
    /// An output of a flake.
    Flake(FlakeInput),
}

/// An argument for functions at the top of a file.
#[derive(Clone, Debug)]
pub enum Argument {
    /// A Nix expression (`--arg`).
    Expression(String),
    /// A string (`--argstr`).
    Text(String),
}

/// A value for an option of NixOS (`--set path=EXPR`).
#[derive(Clone, Debug)]
pub struct OptionValue {
    /// The option: `networking.hostName`.
    pub path: String,
    /// A Nix expression, in which `lib`, `pkgs` and `config` are known.
    pub expression: String,
}

/// What to evaluate.
#[derive(Clone, Debug)]
pub struct Request {
    /// The kernel, or the system that has it.
    pub kernel: Input,
    /// An attribute path below what the file gives.
    pub attribute: Option<String>,
    /// Patch files, in order.
    pub patches: Vec<PathBuf>,
    /// The Nix system that the kernel is for.
    pub system: String,
    /// The folder of a nixpkgs; without one the embedded stand-in is used.
    pub nixpkgs: Option<PathBuf>,
    /// Arguments for functions at the top of the kernel's file.
    pub arguments: Vec<(String, Argument)>,
    /// Values for options of NixOS.
    pub options: Vec<OptionValue>,
    /// The specialisation of a NixOS system to take.
    pub specialisation: Option<String>,
}

impl Request {
    /// A kernel's file for a system, and nothing else.
    pub fn of_file(kernel: impl Into<PathBuf>, system: impl Into<String>) -> Self {
        Self {
            kernel: Input::File(kernel.into()),
            attribute: None,
            patches: Vec::new(),
            system: system.into(),
            nixpkgs: None,
            arguments: Vec::new(),
            options: Vec::new(),
            specialisation: None,
        }
    }
}

/// Evaluates a kernel and patches. `evaluator` reads through
/// [`with_embedded_nixpkgs`](crate::stand_ins::with_embedded_nixpkgs) and has what
/// [`install`](crate::native::install) gives, with the same `rules`.
///
/// # Errors
///
/// What cannot be read or evaluated, and what is no kernel.
pub fn read<'h>(
    evaluator: &mut Evaluator<'h>,
    request: &Request,
    rules: &Rules,
) -> Result<Kernel<'h>> {
    let reading = Reading::new(evaluator, request)?;
    reading
        .kernel(evaluator, request, rules)
        .map_err(|error| explained(evaluator, error, request))
}

/// The functions of `nix/read.nix` for one package set.
struct Reading<'h> {
    functions: &'h Attrs<'h>,
}

impl<'h> Reading<'h> {
    fn new(evaluator: &mut Evaluator<'h>, request: &Request) -> Result<Self> {
        let pkgs = package_set(evaluator, request)?;
        let given = arguments(evaluator, &request.arguments)?;
        let sets = option_modules(evaluator, &request.options)?;
        let specialisation = match &request.specialisation {
            Some(name) => evaluator.string(name),
            None => Value::Null,
        };
        let mut named = vec![
            evaluator.attr("pkgs", pkgs),
            evaluator.attr("given", given),
            evaluator.attr("sets", sets),
            evaluator.attr("specialisation", specialisation),
        ];
        if let Some(nixpkgs) = &request.nixpkgs
            && let Some(nixos) = real_nixos(evaluator, nixpkgs, &request.system)?
        {
            named.push(evaluator.attr("nixos", nixos));
        }
        let read = evaluator.eval_file(&embedded("read.nix"))?;
        let named = Value::Attrs(evaluator.attrs(named));
        let functions = evaluator.apply(read, &[named.into()], Span::NONE)?;
        let what = "while evaluating how kernels are read";
        Ok(Self {
            functions: evaluator.expect_attrs(functions.into(), Span::NONE, what)?,
        })
    }

    fn kernel(
        &self,
        evaluator: &mut Evaluator<'h>,
        request: &Request,
        rules: &Rules,
    ) -> Result<Kernel<'h>> {
        let (file, mut written) = match &request.kernel {
            Input::File(file) => (file.clone(), evaluator.eval_file(file)?),
            Input::Flake(flake) => {
                let output = flake::output(evaluator, flake, &request.system)?;
                (flake.folder.join("flake.nix"), output)
            }
        };
        let file = evaluator.string(file.display().to_string());
        if let Some(path) = &request.attribute {
            let root = self.call(evaluator, "root", &[file.into(), written.into()])?;
            let empty = evaluator.attrs(Vec::new());
            written = evaluator.select_path(root, path, empty)?;
        }
        let mut patches = Vec::with_capacity(request.patches.len());
        for path in &request.patches {
            let value = evaluator.eval_file(path)?;
            let name = evaluator.string(path.display().to_string());
            let entries = vec![evaluator.attr("file", name), evaluator.attr("value", value)];
            patches.push(Lazy::Ready(Value::Attrs(evaluator.attrs(entries))));
        }
        let patches = evaluator.list(&patches);
        let args = [file.into(), written.into(), patches.into()];
        let description = self.call(evaluator, "kernel", &args)?;
        let what = "while evaluating a kernel";
        let description = evaluator.expect_attrs(description.into(), Span::NONE, what)?;
        Kernel::from_description(evaluator, description, rules)
    }

    fn call(
        &self,
        evaluator: &mut Evaluator<'h>,
        name: &str,
        args: &[Lazy<'h>],
    ) -> Result<Value<'h>> {
        let function = crate::fields::get(evaluator, self.functions, name)
            .map_or(Value::Null.into(), |attr| attr.value);
        let function = evaluator.force(function, Span::NONE)?;
        evaluator.apply(function, args, Span::NONE)
    }
}

fn embedded(file: &str) -> PathBuf {
    Path::new(EMBEDDED_NIXPKGS).join(file)
}

/// The package set: of a real nixpkgs, or the one that stands in for it.
fn package_set<'h>(evaluator: &mut Evaluator<'h>, request: &Request) -> Result<Lazy<'h>> {
    let file = match &request.nixpkgs {
        Some(folder) => folder.clone(),
        None => PathBuf::from(EMBEDDED_NIXPKGS),
    };
    let function = evaluator.eval_file(&file)?;
    let system = evaluator.string(&request.system);
    let mut named = vec![evaluator.attr("system", system)];
    if request.nixpkgs.is_some() {
        // Nothing of the machine's own configuration, and nothing refused that is
        // only looked at.
        let permissions = ["allowUnfree", "allowBroken", "allowUnsupportedSystem"];
        let config = permissions
            .into_iter()
            .map(|name| evaluator.attr(name, Value::Bool(true)))
            .collect();
        let config = Value::Attrs(evaluator.attrs(config));
        let none = evaluator.list(&[]);
        named.push(evaluator.attr("config", config));
        named.push(evaluator.attr("overlays", none));
    }
    let named = Value::Attrs(evaluator.attrs(named));
    Ok(evaluator
        .apply(function, &[named.into()], Span::NONE)?
        .into())
}

/// From `eval-config.nix` of a real nixpkgs to what `nix/nixos.nix` is. Modules alone
/// often do not say what the system runs on.
const OF_EVAL_CONFIG: &str = "evalConfig: platform: { modules, specialArgs ? { } }: evalConfig {
  inherit specialArgs;
  system = null;
  modules = modules ++ [
    ({ lib, ... }: { nixpkgs.hostPlatform = lib.mkOptionDefault platform; })
  ];
}";

/// NixOS of a real nixpkgs, if that has one: a function from modules to a system.
fn real_nixos<'h>(
    evaluator: &mut Evaluator<'h>,
    nixpkgs: &Path,
    system: &str,
) -> Result<Option<Lazy<'h>>> {
    let file = nixpkgs.join("nixos/lib/eval-config.nix");
    let is_there = evaluator.options().io.file_type(&file);
    if !matches!(is_there, Ok(Some(_))) {
        return Ok(None);
    }
    let eval_config = evaluator.eval_file(&file)?;
    let wrap = evaluator.eval_str(OF_EVAL_CONFIG, Path::new("/"), Origin::String)?;
    let system = evaluator.string(system);
    let nixos = evaluator.apply(wrap, &[eval_config.into(), system.into()], Span::NONE)?;
    Ok(Some(nixos.into()))
}

fn here() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"))
}

/// Arguments for functions at the top, as a set.
fn arguments<'h>(
    evaluator: &mut Evaluator<'h>,
    arguments: &[(String, Argument)],
) -> Result<Value<'h>> {
    let mut entries = Vec::with_capacity(arguments.len());
    for (name, argument) in arguments {
        let value = match argument {
            Argument::Text(text) => evaluator.string(text).into(),
            Argument::Expression(text) => evaluator.lazy_str(text, &here(), Origin::String)?,
        };
        entries.push(evaluator.attr(name, value));
    }
    Ok(Value::Attrs(evaluator.attrs(entries)))
}

/// Values for options as modules. Whoever gives one on the command line has the last
/// word.
///
/// # Errors
///
/// A path or an expression cannot be parsed.
pub fn option_modules<'h>(
    evaluator: &mut Evaluator<'h>,
    options: &[OptionValue],
) -> Result<Value<'h>> {
    let mut modules = Vec::with_capacity(options.len());
    for option in options {
        let text = format!(
            "path: {{ lib, pkgs, config, options, ... }}: {{ _file = \"--set\"; config = \
             lib.setAttrByPath path (lib.mkForce (\n{}\n)); }}",
            option.expression
        );
        let module = evaluator.eval_str(&text, &here(), Origin::String)?;
        let path: Vec<Lazy<'h>> = Evaluator::attribute_path(&option.path)?
            .iter()
            .map(|name| evaluator.string(name).into())
            .collect();
        let path = evaluator.list(&path);
        let module = evaluator.apply(module, &[path.into()], Span::NONE)?;
        modules.push(module.into());
    }
    Ok(evaluator.list(&modules))
}

/// An error with what the user can do about it, where it is about something that the
/// stand-in for nixpkgs does not know.
fn explained(
    evaluator: &Evaluator<'_>,
    mut error: Box<EvalError>,
    request: &Request,
) -> Box<EvalError> {
    if request.nixpkgs.is_some() || error.help.is_some() {
        return error;
    }
    let written = written_at(evaluator, error.span);
    let is_of = |names: &[&str]| {
        names.iter().any(|name| {
            written
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('.'))
        })
    };
    error.help = match error.kind {
        ErrorKind::MissingAttribute if is_of(&["config", "options"]) => Some(
            "options of NixOS that have nothing to do with kernels have no value here: give it one \
             with --set option.path=EXPR, or a nixpkgs with --nixpkgs DIR"
                .to_owned(),
        ),
        ErrorKind::MissingAttribute
            if is_of(&["pkgs", "final", "prev", "self", "super", "pkgs.linuxKernel"]) =>
        {
            Some(
                "without nixpkgs only packages are known that a kernel's configuration depends \
                 on: give a nixpkgs with --nixpkgs DIR"
                    .to_owned(),
            )
        }
        ErrorKind::Io if error.message.contains(EMBEDDED_NIXPKGS) => Some(
            "this file of nixpkgs has no stand-in here: give a nixpkgs with --nixpkgs DIR"
                .to_owned(),
        ),
        _ => None,
    };
    error
}

/// The line of source text from a place on.
fn written_at<'e>(evaluator: &'e Evaluator<'_>, span: Span) -> &'e str {
    let Some((file, offset)) = evaluator.sources().locate(span.start) else {
        return "";
    };
    let text = file.text().get(offset..).unwrap_or_default();
    text.lines().next().unwrap_or_default()
}
