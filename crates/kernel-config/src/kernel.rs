//! A kernel as its Nix files describe it.

use std::path::PathBuf;
use std::sync::Arc;

use nix_eval::{Attr, Attrs, ErrorKind, EvalError, Evaluator, Lazy, Pos, Result, Span, Value};
use nix_modules::{Definition, EMBEDDED_NIXPKGS, ModuleSystem};

use crate::common;
use crate::fields;
use crate::merge::{TristateStrategy, merge};
use crate::native::settings_from_nix;
use crate::note::Note;
use crate::rules::{Rules, Spelling};
use crate::settings::{Item, Place, Settings};
use crate::whole::WholeConfig;

/// A kernel as its Nix files describe it.
pub struct Kernel<'h> {
    /// `version`, where a file or the user says it.
    pub version: Option<String>,
    /// `defconfig`, where the kernel or its platform names one.
    pub defconfig: Option<String>,
    /// The structured configurations, in order: the common one of a real nixpkgs, the
    /// kernel's, then each patch's. Of a kernel with a whole configuration file: what
    /// the file says.
    pub definitions: Vec<Definition<'h>>,
    /// Legacy text (`extraConfig`), in nixpkgs' order, with where it came from.
    pub extra_config: Vec<(String, String)>,
    /// `autoModules`: what nobody answers becomes a module where it can.
    pub auto_modules: Option<bool>,
    /// `preferBuiltin`: answers of `m` become `y` where defaults say so.
    pub prefer_builtin: Option<bool>,
    /// `ignoreConfigErrors`: answers that are not reached do not fail the build.
    pub ignore_config_errors: Option<bool>,
    /// `kernelArch`, where it is said.
    pub arch: Option<String>,
    /// The compiler of its `stdenv`: `gcc`, `clang-18`.
    pub compiler: Option<String>,
    /// The Nix system that it is for, where it is said.
    pub system: Option<String>,
    /// The configuration file of `linuxManualConfig`, which is all there is.
    pub whole: Option<WholeConfig>,
    /// What nixpkgs would add and is not known here.
    pub lacks: Vec<String>,
    /// What is worth telling, and no error.
    pub notes: Vec<Note>,
    /// The patches: entries of `kernelPatches`, in order.
    pub patches: Vec<&'h Attrs<'h>>,
    /// `src` of the kernel.
    pub src: Option<Lazy<'h>>,
    /// What a real nixpkgs merges the settings to.
    real_settings: Option<Lazy<'h>>,
    /// Whether the first definition is the common configuration of a real nixpkgs.
    has_common: bool,
}

impl<'h> Kernel<'h> {
    /// Reads a description (`nixKconfigKernel` of a kernel package, `nix/read.nix`).
    ///
    /// # Errors
    ///
    /// What cannot be evaluated, and what the release refuses.
    pub(crate) fn from_description(
        evaluator: &mut Evaluator<'h>,
        description: &'h Attrs<'h>,
        rules: &Rules,
    ) -> Result<Self> {
        let what = "while evaluating the arguments of a kernel";
        let arguments = match fields::get(evaluator, description, "arguments") {
            Some(attr) => evaluator.expect_attrs(attr.value, Span::at(attr.pos), what)?,
            None => evaluator.attrs(Vec::new()),
        };
        let text =
            |evaluator: &mut Evaluator<'h>, name: &str| fields::text(evaluator, description, name);
        let flag =
            |evaluator: &mut Evaluator<'h>, name: &str| fields::flag(evaluator, description, name);
        let mut kernel = Self {
            version: version(evaluator, arguments)?,
            defconfig: text(evaluator, "defconfig")?,
            definitions: Vec::new(),
            extra_config: Vec::new(),
            auto_modules: flag(evaluator, "autoModules")?,
            prefer_builtin: flag(evaluator, "preferBuiltin")?,
            ignore_config_errors: flag(evaluator, "ignoreConfigErrors")?,
            arch: text(evaluator, "kernelArch")?,
            compiler: text(evaluator, "compiler")?,
            system: text(evaluator, "system")?,
            whole: None,
            lacks: lacks(evaluator, description)?,
            notes: Vec::new(),
            patches: Vec::new(),
            src: fields::get(evaluator, arguments, "src").map(|attr| attr.value),
            real_settings: fields::get(evaluator, description, "realSettings")
                .map(|attr| attr.value),
            has_common: false,
        };
        for &entry in fields::list(evaluator, description, "kernelPatches")? {
            let what = "while evaluating an entry of kernelPatches";
            let entry = evaluator.expect_attrs(entry, Span::NONE, what)?;
            kernel.patches.push(entry);
        }
        if text(evaluator, "kind")?.as_deref() == Some("linuxManualConfig") {
            kernel.take_whole(evaluator, description, arguments)?;
        } else {
            kernel.take_structured(evaluator, description, arguments, rules)?;
            kernel.take_text(evaluator, description, arguments)?;
        }
        if flag(evaluator, "dropsPatches")? == Some(true) {
            kernel.notes.push(Note::drops_patches());
        }
        Ok(kernel)
    }

    fn take_structured(
        &mut self,
        evaluator: &mut Evaluator<'h>,
        description: &'h Attrs<'h>,
        arguments: &'h Attrs<'h>,
        rules: &Rules,
    ) -> Result<()> {
        if let Some(common) = fields::get(evaluator, description, "common")
            && let Value::Attrs(attrs) = evaluator.force(common.value, Span::NONE)?
        {
            self.definitions.push(common::definition(evaluator, attrs));
            self.has_common = true;
        }
        let current = fields::get(evaluator, arguments, "structuredExtraConfig");
        if let Some(attr) = current {
            self.add(evaluator, attr, "structuredExtraConfig of the kernel");
        }
        if let Some(older) = fields::get(evaluator, arguments, "extraStructuredConfig") {
            let place = Place::new(evaluator, older.pos, "extraStructuredConfig".len());
            if current.is_some() {
                return Err(both_spellings(older, "the kernel"));
            }
            // nixpkgs never had this argument: `buildLinux` takes and forgets it.
            let counts = rules.release.is_none();
            self.notes.push(Note::no_such_argument(place, counts));
            if counts {
                self.add(evaluator, older, "extraStructuredConfig of the kernel");
            }
        }
        for index in 0..self.patches.len() {
            let entry = self.patches[index];
            Self::refuse_property(evaluator, entry)?;
            let source = patch_name(evaluator, entry)?;
            self.take_patch(evaluator, entry, &source, rules)?;
        }
        Ok(())
    }

    fn take_patch(
        &mut self,
        evaluator: &mut Evaluator<'h>,
        entry: &'h Attrs<'h>,
        source: &str,
        rules: &Rules,
    ) -> Result<()> {
        let current = fields::get(evaluator, entry, "structuredExtraConfig");
        let older = fields::get(evaluator, entry, "extraStructuredConfig");
        if let (Some(current), Some(older), None) = (current, older, rules.release) {
            let later = if current.pos > older.pos {
                current
            } else {
                older
            };
            return Err(both_spellings(later, source));
        }
        for (attr, spelling, fate) in [
            (current, "structuredExtraConfig", rules.current_spelling()),
            (older, "extraStructuredConfig", rules.older_spelling()),
        ] {
            let Some(attr) = attr else { continue };
            let place = Place::new(evaluator, attr.pos, spelling.len());
            match fate {
                Spelling::Accepted => {}
                Spelling::Deprecated => self.notes.push(Note::older_spelling(place, source)),
                Spelling::Ignored => {
                    let release = rules.effective_release();
                    self.notes
                        .push(Note::ignored_spelling(place, spelling, source, release));
                    continue;
                }
                Spelling::Refused => return Err(refused(attr, rules)),
            }
            self.add(evaluator, attr, &format!("{spelling} of {source}"));
        }
        Ok(())
    }

    /// Outside of `boot.kernelPatches` nobody looks at conditions of entries.
    fn refuse_property(evaluator: &mut Evaluator<'h>, entry: &'h Attrs<'h>) -> Result<()> {
        let Some(kind) = fields::text(evaluator, entry, "_type")? else {
            return Ok(());
        };
        // The property is made by a function of `lib`; its content is the user's.
        let content = match fields::get(evaluator, entry, "content") {
            Some(attr) => evaluator.force(attr.value, Span::NONE)?,
            None => Value::Null,
        };
        let (pos, name) = match content {
            Value::Attrs(content) => (
                content.iter().map(|attr| attr.pos).min(),
                patch_name(evaluator, content)?,
            ),
            _ => (None, "an entry".to_owned()),
        };
        let mut error = EvalError::new(
            ErrorKind::Type,
            Span::at(pos.unwrap_or(Pos::NONE)),
            format!(
                "{name} stands under a property of the module system ({kind}) among the \
                 `kernelPatches' of a kernel, where nobody looks at it"
            ),
        );
        error.help = Some(
            "`mkIf' and its like work in `boot.kernelPatches' of a module; among the arguments of \
             a kernel write `lib.optional condition { … }'"
                .to_owned(),
        );
        Err(error)
    }

    /// Legacy text: the kernel's, the platform's, then each patch's.
    fn take_text(
        &mut self,
        evaluator: &mut Evaluator<'h>,
        description: &'h Attrs<'h>,
        arguments: &'h Attrs<'h>,
    ) -> Result<()> {
        // Of a real nixpkgs only the whole is known.
        if let Some(text) = fields::text(evaluator, description, "extraText")? {
            self.add_text("extraConfig", text);
            return Ok(());
        }
        if let Some(text) = fields::text(evaluator, arguments, "extraConfig")? {
            self.add_text("extraConfig of the kernel", text);
        }
        if let Some(text) = fields::text(evaluator, description, "platformExtraConfig")? {
            self.add_text("extraConfig of the platform", text);
        }
        for index in 0..self.patches.len() {
            let entry = self.patches[index];
            let source = patch_name(evaluator, entry)?;
            if let Some(text) = fields::text(evaluator, entry, "extraConfig")? {
                self.add_text(&format!("extraConfig of {source}"), text);
            }
        }
        Ok(())
    }

    fn add_text(&mut self, source: &str, text: String) {
        if !text.trim().is_empty() {
            self.extra_config.push((source.to_owned(), text));
        }
    }

    fn add(&mut self, evaluator: &Evaluator<'h>, attr: &'h Attr<'h>, source: &str) {
        self.definitions.push(Definition {
            file: evaluator.string(source).into(),
            value: attr.value,
            pos: attr.pos,
            order: None,
            form: None,
        });
    }

    /// Takes the configuration file of `linuxManualConfig`.
    fn take_whole(
        &mut self,
        evaluator: &mut Evaluator<'h>,
        description: &'h Attrs<'h>,
        arguments: &'h Attrs<'h>,
    ) -> Result<()> {
        for index in 0..self.patches.len() {
            let entry = self.patches[index];
            for spelling in [
                "structuredExtraConfig",
                "extraStructuredConfig",
                "extraConfig",
            ] {
                let Some(attr) = fields::get(evaluator, entry, spelling) else {
                    continue;
                };
                let place = Place::new(evaluator, attr.pos, spelling.len());
                let source = patch_name(evaluator, entry)?;
                self.notes
                    .push(Note::without_effect(place, spelling, &source));
            }
        }
        if let Some(attr) = fields::get(evaluator, arguments, "structuredExtraConfig") {
            let place = Place::new(evaluator, attr.pos, "structuredExtraConfig".len());
            self.notes.push(Note::without_effect(
                place,
                "structuredExtraConfig",
                "the kernel",
            ));
        }
        let Some(attr) = fields::get(evaluator, description, "configfile") else {
            return Ok(());
        };
        let span = Span::at(attr.pos);
        if matches!(evaluator.force(attr.value, span)?, Value::Null) {
            return Ok(());
        }
        let what = "while evaluating the configfile of a kernel";
        let path = evaluator.coerce_to_path(attr.value, span, what)?;
        let name = PathBuf::from(String::from_utf8_lossy(path.text).into_owned());
        let text = match fields::text(evaluator, description, "configText")? {
            Some(text) => text,
            None => read_file(evaluator, attr.value)?,
        };
        let whole = WholeConfig::new(name, Arc::from(text));
        self.definitions.push(whole.definition(evaluator)?);
        self.whole = Some(whole);
        Ok(())
    }

    /// Merges the definitions.
    ///
    /// Where a real nixpkgs made the kernel and the user does not say how to merge, it
    /// is done as nixpkgs does, and what comes of it is compared with what nixpkgs says.
    ///
    /// # Errors
    ///
    /// What cannot be evaluated, values of a wrong type, and settings that a real
    /// nixpkgs merges to something else.
    pub fn settings(&self, evaluator: &mut Evaluator<'h>, rules: &Rules) -> Result<Settings> {
        let system = Self::module_system(evaluator)?;
        let Some(real) = self.real_settings.filter(|_| rules.tristate.is_none()) else {
            return merge(evaluator, system, &self.definitions, rules.strategies());
        };
        let mut strategies = rules.strategies();
        if rules.release.is_none() {
            strategies.tristate = TristateStrategy::Equal;
        }
        let mut merged = merge(evaluator, system, &self.definitions, strategies)?;
        if !merged.conflicts.is_empty() {
            return Ok(merged);
        }
        let real = settings_from_nix(evaluator, real, Span::NONE)?;
        // A kernel does not say whether it takes the common configuration.
        let is_apart = self.has_common
            && merged
                .items
                .keys()
                .any(|name| !real.items.contains_key(name));
        if is_apart {
            let own = self.definitions.get(1..).unwrap_or_default();
            merged = merge(evaluator, system, own, strategies)?;
        }
        match difference(&merged, &real) {
            Some(difference) => Err(disagreement(&difference)),
            None => Ok(merged),
        }
    }

    /// The module system that merges this kernel's definitions.
    pub fn module_system(evaluator: &mut Evaluator<'h>) -> Result<&'h ModuleSystem<'h>> {
        let lib = evaluator.eval_file(&std::path::Path::new(EMBEDDED_NIXPKGS).join("lib"))?;
        Ok(ModuleSystem::new(evaluator, lib.into()))
    }
}

/// The version, which not every kernel needs that does not know its own.
fn version<'h>(evaluator: &mut Evaluator<'h>, arguments: &'h Attrs<'h>) -> Result<Option<String>> {
    match fields::text(evaluator, arguments, "version") {
        // What `nix/kernel-package.nix` says of one.
        Err(error) if error.message.starts_with("The version of the kernel `") => Ok(None),
        version => version,
    }
}

fn lacks<'h>(evaluator: &mut Evaluator<'h>, description: &'h Attrs<'h>) -> Result<Vec<String>> {
    let mut lacks = Vec::new();
    for &item in fields::list(evaluator, description, "lacks")? {
        let what = "while evaluating what is not known of a kernel";
        let text = evaluator.expect_string(item, Span::NONE, what)?;
        lacks.push(String::from_utf8_lossy(text.text).into_owned());
    }
    Ok(lacks)
}

/// The text of a file, as `builtins.readFile` gives it.
fn read_file<'h>(evaluator: &mut Evaluator<'h>, path: Lazy<'h>) -> Result<String> {
    let read = evaluator.eval_str(
        "builtins.readFile",
        std::path::Path::new("/"),
        nix_eval::Origin::String,
    )?;
    let text = evaluator.apply(read, &[path], Span::NONE)?;
    let what = "while reading the configfile of a kernel";
    let text = evaluator.expect_string(text.into(), Span::NONE, what)?;
    Ok(String::from_utf8_lossy(text.text).into_owned())
}

/// What messages call a patch.
pub(crate) fn patch_name<'h>(
    evaluator: &mut Evaluator<'h>,
    entry: &'h Attrs<'h>,
) -> Result<String> {
    Ok(match fields::text(evaluator, entry, "name")? {
        Some(name) => format!("the patch `{name}'"),
        None => "a patch without a name".to_owned(),
    })
}

fn both_spellings(at: &Attr<'_>, source: &str) -> Box<EvalError> {
    EvalError::new(
        ErrorKind::Other,
        Span::at(at.pos),
        format!(
            "{source} has both `structuredExtraConfig' and its older spelling \
             `extraStructuredConfig': put everything into the first"
        ),
    )
}

fn refused(at: &Attr<'_>, rules: &Rules) -> Box<EvalError> {
    let mut error = EvalError::new(
        ErrorKind::Throw,
        Span::at(at.pos),
        "Passing `extraStructuredConfig` to the Linux kernel (e.g.\nvia `boot.kernelPatches` in \
         NixOS) is not supported anymore. Use\n`structuredExtraConfig` instead.",
    );
    error.help = Some(format!(
        "so says nixpkgs {}: in 25.05 both spellings work, before it only the older one",
        rules.effective_release()
    ));
    error
}

/// The first option that two merges give different values, with both.
fn difference(ours: &Settings, theirs: &Settings) -> Option<String> {
    let value = |item: Option<&Item>| match item {
        Some(item) => {
            let answer = item.answer().unwrap_or_else(|| "no answer".to_owned());
            let optional = if item.optional { " (optional)" } else { "" };
            format!("{answer}{optional}")
        }
        None => "nothing".to_owned(),
    };
    let names = ours.items.keys().chain(theirs.items.keys());
    names
        .map(|name| {
            (
                name,
                value(ours.items.get(name)),
                value(theirs.items.get(name)),
            )
        })
        .find(|(_, ours, theirs)| ours != theirs)
        .map(|(name, ours, theirs)| {
            format!("settings.{name} is {theirs} to nixpkgs, and {ours} to nix-kconfig")
        })
}

fn disagreement(difference: &str) -> Box<EvalError> {
    let mut error = EvalError::new(
        ErrorKind::Other,
        Span::NONE,
        format!("nixpkgs merges this kernel's configuration to something else: {difference}"),
    );
    error.help = Some(
        "one of the two has a fault: please report it with this kernel. With --tristate ORDER \
         the comparison is left out"
            .to_owned(),
    );
    error
}
