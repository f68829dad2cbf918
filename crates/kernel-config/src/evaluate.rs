//! From files to a kernel's arguments and patches.

use std::path::{Path, PathBuf};

use nix_eval::{Attrs, ErrorKind, EvalError, Evaluator, Io, Lazy, OverlayIo, Result, Span, Value};
use nix_modules::{Definition, EMBEDDED_NIXPKGS, EmbeddedFile, ModuleSystem};

use crate::fields;

/// What to evaluate.
pub struct Request<'a> {
    /// The kernel's file.
    pub kernel: &'a Path,
    /// An attribute path below what the file gives.
    pub attribute: Option<&'a str>,
    /// Patch files, in order.
    pub patches: &'a [PathBuf],
    /// The Nix system that the kernel is for.
    pub system: &'a str,
    /// The version, for files that do not say.
    pub version: Option<&'a str>,
}

/// A kernel as its Nix files describe it.
pub struct Kernel<'h> {
    /// `version`, where a file or the user says it.
    pub version: Option<String>,
    /// `defconfig`, where the kernel names one.
    pub defconfig: Option<String>,
    /// `autoModules`, where the kernel says it.
    pub auto_modules: Option<bool>,
    /// `preferBuiltin`, where the kernel says it.
    pub prefer_builtin: Option<bool>,
    /// `ignoreConfigErrors`, where the kernel says it.
    pub ignore_config_errors: Option<bool>,
    /// The structured configurations, in order: the kernel's, then each patch's.
    pub definitions: Vec<Definition<'h>>,
    /// Legacy text (`extraConfig`), in order, with where it came from.
    pub extra_config: Vec<(String, String)>,
}

/// The files that stand in for nixpkgs: a package set as far as kernels need one.
fn stand_ins() -> Vec<EmbeddedFile> {
    macro_rules! file {
        ($name:literal) => {
            (
                PathBuf::from($name),
                include_bytes!(concat!("../nix/", $name)).as_slice(),
            )
        };
    }
    vec![
        file!("default.nix"),
        file!("call-package.nix"),
        file!("build-linux.nix"),
        file!("kernel.nix"),
        file!("patches.nix"),
    ]
}

/// Puts the embedded package set and `lib` in front of `inner`, as `<nixpkgs>`
/// finds them.
pub fn with_embedded_nixpkgs<I: Io>(inner: I) -> OverlayIo<I> {
    let files = nix_modules::lib_files().into_iter().chain(stand_ins());
    OverlayIo::new(inner, EMBEDDED_NIXPKGS, files)
}

/// Evaluates a kernel and patches. `evaluator` reads through
/// [`with_embedded_nixpkgs`] and has [`nix_modules::install`]ed.
pub fn read<'h>(evaluator: &mut Evaluator<'h>, request: &Request<'_>) -> Result<Kernel<'h>> {
    let pkgs = package_set(evaluator, request.system)?;
    let written = evaluator.eval_file(request.kernel)?;
    let written = match request.attribute {
        None => written,
        Some(path) => {
            let empty = evaluator.attrs(Vec::new());
            evaluator.select_path(written, path, empty)?
        }
    };
    let version = match request.version {
        Some(version) => evaluator.string(version),
        None => Value::Null,
    };
    let args = call_stand_in(
        evaluator,
        "kernel.nix",
        &[("pkgs", pkgs), ("version", version.into())],
        &[written.into()],
    )?;
    let what = "while evaluating the arguments of a kernel";
    let args = evaluator.expect_attrs(args.into(), Span::NONE, what)?;
    let mut kernel = Kernel {
        version: fields::text(evaluator, args, "version")?,
        defconfig: fields::text(evaluator, args, "defconfig")?,
        auto_modules: fields::flag(evaluator, args, "autoModules")?,
        prefer_builtin: fields::flag(evaluator, args, "preferBuiltin")?,
        ignore_config_errors: fields::flag(evaluator, args, "ignoreConfigErrors")?,
        definitions: Vec::new(),
        extra_config: Vec::new(),
    };
    kernel.add(evaluator, args, "the kernel")?;
    if let Some(patches) = fields::get(evaluator, args, "kernelPatches") {
        let what = "while evaluating kernelPatches";
        let patches = evaluator.expect_list(patches.value, Span::at(patches.pos), what)?;
        kernel.add_entries(evaluator, patches.items)?;
    }
    let package = version_only(evaluator, kernel.version.as_deref());
    for file in request.patches {
        let written = evaluator.eval_file(file)?;
        let name = evaluator.string(file.display().to_string());
        let entries = call_stand_in(
            evaluator,
            "patches.nix",
            &[("pkgs", pkgs), ("kernel", package)],
            &[name.into(), written.into()],
        )?;
        let what = "while evaluating the entries of a patch file";
        let entries = evaluator.expect_list(entries.into(), Span::NONE, what)?;
        kernel.add_entries(evaluator, entries.items)?;
    }
    Ok(kernel)
}

fn package_set<'h>(evaluator: &mut Evaluator<'h>, system: &str) -> Result<Lazy<'h>> {
    let function = evaluator.eval_file(Path::new(EMBEDDED_NIXPKGS))?;
    let system = evaluator.string(system);
    let system = evaluator.attr("system", system);
    let args = Value::Attrs(evaluator.attrs(vec![system]));
    Ok(evaluator
        .apply(function, &[args.into()], Span::NONE)?
        .into())
}

/// What a module sees of the kernel that it patches: its version, which must not
/// depend on the patches.
fn version_only<'h>(evaluator: &mut Evaluator<'h>, version: Option<&str>) -> Lazy<'h> {
    let version = match version {
        Some(version) => evaluator.string(version),
        None => Value::Null,
    };
    let version = evaluator.attr("version", version);
    Value::Attrs(evaluator.attrs(vec![version])).into()
}

/// Calls an embedded file: a function of a set, then of `args`.
fn call_stand_in<'h>(
    evaluator: &mut Evaluator<'h>,
    file: &str,
    named: &[(&str, Lazy<'h>)],
    args: &[Lazy<'h>],
) -> Result<Value<'h>> {
    let function = evaluator.eval_file(&Path::new(EMBEDDED_NIXPKGS).join(file))?;
    let named: Vec<_> = named
        .iter()
        .map(|&(name, value)| evaluator.attr(name, value))
        .collect();
    let named = Value::Attrs(evaluator.attrs(named));
    let all: Vec<Lazy<'h>> = std::iter::once(named.into())
        .chain(args.iter().copied())
        .collect();
    evaluator.apply(function, &all, Span::NONE)
}

impl<'h> Kernel<'h> {
    /// Takes the entries of `kernelPatches`.
    fn add_entries(&mut self, evaluator: &mut Evaluator<'h>, entries: &[Lazy<'h>]) -> Result<()> {
        for &entry in entries {
            let what = "while evaluating an entry of kernelPatches";
            let attrs = evaluator.expect_attrs(entry, Span::NONE, what)?;
            let name = fields::text(evaluator, attrs, "name")?;
            let source = match name {
                Some(name) => format!("the patch `{name}'"),
                None => "a patch without a name".to_owned(),
            };
            self.add(evaluator, attrs, &source)?;
        }
        Ok(())
    }

    /// Takes the configuration of the kernel or of one patch.
    fn add(
        &mut self,
        evaluator: &mut Evaluator<'h>,
        attrs: &'h Attrs<'h>,
        source: &str,
    ) -> Result<()> {
        let current = fields::get(evaluator, attrs, "structuredExtraConfig");
        let older = fields::get(evaluator, attrs, "extraStructuredConfig");
        if let (Some(current), Some(older)) = (current, older) {
            let span = if current.pos > older.pos {
                current
            } else {
                older
            };
            return Err(EvalError::new(
                ErrorKind::Other,
                Span::at(span.pos),
                format!(
                    "{source} has both `structuredExtraConfig' and its older spelling \
                     `extraStructuredConfig': put everything into the first"
                ),
            ));
        }
        for (attr, spelling) in [
            (current, "structuredExtraConfig"),
            (older, "extraStructuredConfig"),
        ] {
            let Some(attr) = attr else { continue };
            let file = evaluator.string(format!("{spelling} of {source}"));
            self.definitions.push(Definition {
                file: file.into(),
                value: attr.value,
                pos: attr.pos,
                order: None,
                tagged: false,
            });
        }
        if let Some(text) = fields::text(evaluator, attrs, "extraConfig")?
            && !text.trim().is_empty()
        {
            self.extra_config
                .push((format!("extraConfig of {source}"), text));
        }
        Ok(())
    }
}

impl<'h> Kernel<'h> {
    /// The module system that merges this kernel's definitions.
    pub fn module_system(evaluator: &mut Evaluator<'h>) -> Result<&'h ModuleSystem<'h>> {
        let lib = evaluator.eval_file(&Path::new(EMBEDDED_NIXPKGS).join("lib"))?;
        Ok(ModuleSystem::new(evaluator, lib.into()))
    }
}
