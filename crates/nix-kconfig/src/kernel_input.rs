//! Reading a kernel for a command: what names it, by which rules it is read, and what
//! it comes to.

use std::path::{Path, PathBuf};

use findings::{Finding, Severity};
use kernel_config::evaluate;
use kernel_config::flake::{self, InputSource};
use kernel_config::{
    Argument, FlakeInput, Input, IntermediateError, Item, Note, OptionValue, Platform, Release,
    Request, Rules, Settings, TristateStrategy, WholeConfig,
};
use kernel_resolve::Answers;
use nix_eval::{Bump, Evaluator, LookupPathEntry};

use crate::evaluation::EvaluationArgs;
use crate::patch_files::{self, PatchText};
use crate::report;
use crate::settings_format::{nix_attribute, nix_item};

/// Options of every command that reads a kernel.
#[derive(clap::Args, Clone)]
pub(crate) struct KernelArgs {
    /// An attribute of what the kernel's file gives
    #[arg(short = 'A', long = "attr", value_name = "PATH")]
    pub(crate) attribute: Option<String>,
    /// Patches: a list of kernelPatches entries, a function giving one, or a
    /// NixOS module that sets boot.kernelPatches; may be repeated
    #[arg(short, long, value_name = "FILE", num_args = 1..)]
    pub(crate) patches: Vec<PathBuf>,
    /// A folder with the files of patches that are fetched, by their names
    #[arg(long, value_name = "DIR")]
    patch_files: Option<PathBuf>,
    /// The Nix system that the kernel is for (default: this machine's)
    #[arg(long, value_name = "SYSTEM")]
    pub(crate) system: Option<String>,
    /// The kernel's version, where neither its file nor the tree says it
    #[arg(long, value_name = "VERSION")]
    pub(crate) kernel_version: Option<String>,
    /// How tristate answers merge: the answers from best to worst, or `equal`, where
    /// different answers conflict (default: y,m,n; with a release of nixpkgs, its way)
    #[arg(long, value_name = "ORDER")]
    pub(crate) tristate: Option<TristateStrategy>,
    /// The release of nixpkgs by whose rules the kernel is read: 18.09 … 26.11,
    /// unstable (default: that of the nixpkgs in use)
    #[arg(long, value_name = "RELEASE")]
    pub(crate) nixpkgs_release: Option<Release>,
    /// The folder of a nixpkgs, or `embedded` for the stand-in of this program
    /// (default: what the look-up path of Nix says, else embedded)
    #[arg(long, value_name = "DIR")]
    nixpkgs: Option<PathBuf>,
    /// An argument for the function at the top of the kernel's file
    #[arg(long, value_names = ["NAME", "EXPR"], num_args = 2, action = clap::ArgAction::Append)]
    arg: Vec<String>,
    /// The same, a string
    #[arg(long, value_names = ["NAME", "STRING"], num_args = 2, action = clap::ArgAction::Append)]
    argstr: Vec<String>,
    /// A value for an option of NixOS that a module refers to; may be repeated
    #[arg(long, value_name = "OPTION=EXPR")]
    pub(crate) set: Vec<String>,
    /// The specialisation of a NixOS system to take
    #[arg(long, value_name = "NAME")]
    pub(crate) specialisation: Option<String>,
    /// Reads an input of a flake from a folder, or from the stand-in for nixpkgs
    /// (`embedded`)
    #[arg(long, value_names = ["NAME", "DIR"], num_args = 2, action = clap::ArgAction::Append)]
    override_input: Vec<String>,
    #[command(flatten)]
    pub(crate) evaluation: EvaluationArgs,
}

/// What the Nix files of a kernel come to.
pub(crate) struct Evaluated {
    /// The platform that the kernel is for, where a kernel was read.
    pub(crate) platform: Option<&'static Platform>,
    pub(crate) version: Option<String>,
    pub(crate) defconfig: Option<String>,
    /// The compiler of its `stdenv`: `gcc`, `clang-18`.
    pub(crate) compiler: Option<String>,
    pub(crate) auto_modules: Option<bool>,
    pub(crate) prefer_builtin: Option<bool>,
    pub(crate) ignore_config_errors: Option<bool>,
    /// The merged structured configuration.
    pub(crate) settings: Settings,
    /// Legacy text, in order, with where it came from.
    pub(crate) extra_config: Vec<(String, String)>,
    /// A whole configuration file: then there are no other answers.
    pub(crate) whole: Option<WholeConfig>,
    /// What nixpkgs would add and is not known.
    pub(crate) lacks: Vec<String>,
    /// The release for all that a release decides.
    pub(crate) release: Release,
    /// The patches' files.
    pub(crate) patches: Vec<PatchText>,
    notes: Vec<Note>,
}

type Outcome<T> = Result<T, Box<Finding>>;

fn fail<T>(finding: Finding) -> Outcome<T> {
    Err(Box::new(finding))
}

impl KernelArgs {
    /// The system that is asked for, else this machine's.
    pub(crate) fn system_name(&self) -> String {
        self.system.clone().unwrap_or_else(Platform::host_system)
    }

    /// The platform that the kernel is for.
    pub(crate) fn platform(&self) -> Outcome<&'static Platform> {
        let system = self.system_name();
        Platform::of(&system).ok_or_else(|| {
            let known: Vec<&str> = Platform::systems().collect();
            Box::new(
                Finding::failure(format!(
                    "the system `{system}' is not one a kernel can be for"
                ))
                .with_help(format!("the systems are {}", known.join(", "))),
            )
        })
    }

    /// The release for what a release decides, where no nixpkgs is read.
    pub(crate) fn release(&self) -> Release {
        self.nixpkgs_release.unwrap_or_default()
    }

    /// Evaluates a kernel and merges its settings. `version` is the kernel's, where its
    /// files do not say it.
    pub(crate) fn evaluate(
        &self,
        kernel: &str,
        platform: &'static Platform,
        version: Option<&str>,
    ) -> Outcome<Evaluated> {
        self.evaluate_with(kernel, platform, version, &self.patches)
    }

    /// The same with these patches, rather than those that the user names.
    pub(crate) fn evaluate_with(
        &self,
        kernel: &str,
        platform: &'static Platform,
        version: Option<&str>,
        patches: &[PathBuf],
    ) -> Outcome<Evaluated> {
        let nixpkgs = self.nixpkgs()?;
        let rules = Rules {
            release: self
                .nixpkgs_release
                .or_else(|| nixpkgs.as_deref().and_then(release_of)),
            tristate: self.tristate,
        };
        let mut request = self.request(kernel, platform, nixpkgs)?;
        request.patches = patches
            .iter()
            .map(|patch| absolute(patch))
            .collect::<Outcome<_>>()?;
        let lookup = request.nixpkgs.iter().map(|folder| LookupPathEntry {
            prefix: "nixpkgs".to_owned(),
            path: folder.display().to_string(),
        });
        let options = self.evaluation.options(platform.system, lookup.collect())?;
        let heap = Bump::new();
        let mut evaluator = Evaluator::new(&heap, options);
        let version = version.or(self.kernel_version.as_deref());
        kernel_config::install(&mut evaluator, rules, version);
        let result = evaluate::read(&mut evaluator, &request, &rules).and_then(|kernel| {
            let settings = kernel.settings(&mut evaluator, &rules)?;
            let patches = kernel.patch_files(&mut evaluator)?;
            Ok((kernel, settings, patches))
        });
        match result {
            Ok((mut kernel, settings, patches)) => Ok(Evaluated {
                patches: patch_files::read(patches, &self.evaluation, self.patch_files.as_deref()),
                platform: Some(self.platform_of(&mut kernel, platform)),
                version: kernel.version.or_else(|| version.map(str::to_owned)),
                defconfig: kernel.defconfig,
                compiler: kernel.compiler,
                auto_modules: kernel.auto_modules,
                prefer_builtin: kernel.prefer_builtin,
                ignore_config_errors: kernel.ignore_config_errors,
                settings,
                extra_config: kernel.extra_config,
                whole: kernel.whole,
                lacks: kernel.lacks,
                release: rules.effective_release(),
                notes: kernel.notes,
            }),
            Err(error) => fail(report::of_evaluation(
                &error,
                evaluator.sources(),
                self.evaluation.show_trace,
            )),
        }
    }

    /// The platform to go on with: what the user says, else the kernel. A difference is
    /// told.
    fn platform_of(
        &self,
        kernel: &mut kernel_config::Kernel<'_>,
        asked: &'static Platform,
    ) -> &'static Platform {
        match kernel.system.as_deref().and_then(Platform::of) {
            Some(own) if self.system.is_none() => own,
            Some(own) if own != asked => {
                let note = Note::other_system(own.system, asked.system);
                kernel.notes.push(note);
                asked
            }
            _ => asked,
        }
    }

    /// The folder of the nixpkgs to use, if it is not the embedded one.
    fn nixpkgs(&self) -> Outcome<Option<PathBuf>> {
        match &self.nixpkgs {
            Some(name) if name == Path::new("embedded") => Ok(None),
            Some(folder) => {
                let folder = absolute(folder)?;
                if folder.join("default.nix").is_file() {
                    return Ok(Some(folder));
                }
                fail(
                    Finding::failure(format!("{} is no nixpkgs", folder.display())).with_help(
                        "--nixpkgs takes a folder with the `default.nix' of a package set, or \
                         `embedded'",
                    ),
                )
            }
            None if self.evaluation.is_restricted() => Ok(None),
            None => Ok(std::env::var("NIX_PATH").ok().and_then(|path| {
                path.split(':')
                    .filter_map(|entry| entry.strip_prefix("nixpkgs="))
                    .map(PathBuf::from)
                    .find(|folder| folder.join("default.nix").is_file())
            })),
        }
    }

    fn request(
        &self,
        kernel: &str,
        platform: &Platform,
        nixpkgs: Option<PathBuf>,
    ) -> Outcome<Request> {
        let mut attribute = self.attribute.clone();
        let kernel = match flake::parse(kernel, Path::exists) {
            Some((folder, output)) => Input::Flake(FlakeInput {
                folder: resolved(&folder)?,
                // An attribute of a flake is an output.
                output: match attribute.take_if(|_| output.is_empty()) {
                    Some(attribute) => attribute,
                    None => output,
                },
                overrides: self.overrides()?,
            }),
            None => Input::File(absolute(Path::new(kernel))?),
        };
        let mut arguments = Vec::new();
        for (name, expression) in pairs(&self.arg) {
            arguments.push((name, Argument::Expression(expression)));
        }
        for (name, text) in pairs(&self.argstr) {
            arguments.push((name, Argument::Text(text)));
        }
        Ok(Request {
            kernel,
            attribute,
            patches: Vec::new(),
            system: platform.system.to_owned(),
            nixpkgs,
            arguments,
            options: self.option_values()?,
            specialisation: self.specialisation.clone(),
        })
    }

    fn overrides(&self) -> Outcome<Vec<(String, InputSource)>> {
        pairs(&self.override_input)
            .map(|(name, folder)| {
                let source = if folder == "embedded" {
                    InputSource::Embedded
                } else {
                    InputSource::Folder(resolved(Path::new(&folder))?)
                };
                Ok((name, source))
            })
            .collect()
    }

    fn option_values(&self) -> Outcome<Vec<OptionValue>> {
        self.set.iter().map(|text| option_value(text)).collect()
    }
}

impl Evaluated {
    /// Answers in nixpkgs' intermediate text, in place of Nix files.
    pub(crate) fn of_answers(file: &Path, release: Release) -> Outcome<Self> {
        let name = file.display().to_string();
        match std::fs::read_to_string(file) {
            Ok(text) => Ok(Self {
                extra_config: vec![(name, text)],
                ..Self::of_nothing(release)
            }),
            Err(error) => fail(Finding::failure(format!(
                "the answers {name} cannot be read: {error}"
            ))),
        }
    }

    /// A kernel that asks for nothing.
    pub(crate) fn of_nothing(release: Release) -> Self {
        Self {
            platform: None,
            version: None,
            defconfig: None,
            compiler: None,
            auto_modules: None,
            prefer_builtin: None,
            ignore_config_errors: None,
            settings: Settings::default(),
            extra_config: Vec::new(),
            whole: None,
            lacks: Vec::new(),
            release,
            patches: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Tells what there is to tell, and all conflicts. Whether there are none.
    pub(crate) fn tell(&self) -> bool {
        for finding in self.findings() {
            report::print(&finding);
        }
        self.settings.conflicts.is_empty()
    }

    /// What there is to tell, and all conflicts.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let notes = self.notes.iter().map(report::of_note);
        let conflicts = self.settings.conflicts.iter().map(report::of_conflict);
        notes.chain(conflicts).collect()
    }

    /// What of nixpkgs' own configuration is not part of the result, for people.
    pub(crate) fn what_it_lacks(&self) -> Option<Finding> {
        (!self.lacks.is_empty()).then(|| {
            Finding::new(
                "incomplete",
                Severity::Note,
                format!("{} is not part of this", self.lacks.join(" and ")),
            )
            .with_help("--nixpkgs DIR takes it from a nixpkgs")
        })
    }

    /// The answers: merged settings, then legacy text in order. A kernel with a whole
    /// configuration file has none.
    pub(crate) fn answers(&self) -> Outcome<Answers> {
        let mut answers = Answers::new(self.release);
        if self.whole.is_some() {
            return Ok(answers);
        }
        answers
            .add_settings(&self.settings)
            .map_err(|error| unreadable(&error, "the structured configuration"))?;
        for (source, text) in &self.extra_config {
            answers
                .add_text(source, text)
                .map_err(|error| unreadable(&error, source))?;
        }
        Ok(answers)
    }
}

/// What `--set OPTION=EXPR` asks for.
pub(crate) fn option_value(text: &str) -> Outcome<OptionValue> {
    match text.split_once('=') {
        Some((path, expression)) if !path.trim().is_empty() => Ok(OptionValue {
            path: path.trim().to_owned(),
            expression: expression.to_owned(),
        }),
        _ => fail(
            Finding::failure(format!("`{text}' gives no option a value"))
                .with_help("--set takes option.path=EXPR: --set services.foo.enable=true"),
        ),
    }
}

/// A line of answers that cannot be read.
fn unreadable(error: &IntermediateError, source: &str) -> Box<Finding> {
    let mut help = format!(
        "in line {} of {source}: a line is `NAME value' or `NAME? value'",
        error.line
    );
    // As a line of a `.config`.
    let text = error.text.trim();
    let assignment = text.strip_prefix("CONFIG_").unwrap_or(text).split_once('=');
    if let Some((name, value)) = assignment {
        let value = value.trim_matches('"');
        help.push_str(&format!(
            "\nwrite `{name} {value}', or better `structuredExtraConfig.{} = {};' with `lib.kernel'",
            nix_attribute(name),
            nix_item(&Item::of_answer(value, false))
        ));
    }
    Box::new(Finding::failure(error.to_string()).with_help(help))
}

/// The release that a nixpkgs says it is of.
fn release_of(nixpkgs: &Path) -> Option<Release> {
    let names = [".version", "lib/.version"];
    let text = names
        .iter()
        .find_map(|name| std::fs::read_to_string(nixpkgs.join(name)).ok())?;
    // One that is newer than any known here is as the newest.
    Some(text.trim().parse().unwrap_or_default())
}

pub(crate) fn pairs(values: &[String]) -> impl Iterator<Item = (String, String)> {
    values.chunks_exact(2).filter_map(|pair| match pair {
        [name, value] => Some((name.clone(), value.clone())),
        _ => None,
    })
}

pub(crate) fn absolute(path: &Path) -> Outcome<PathBuf> {
    match std::path::absolute(path) {
        Ok(path) => Ok(path),
        Err(error) => fail(Finding::failure(format!("{}: {error}", path.display()))),
    }
}

/// A folder without symbolic links and dots: paths in it are shown as they are.
fn resolved(folder: &Path) -> Outcome<PathBuf> {
    match folder.canonicalize() {
        Ok(folder) => Ok(folder),
        Err(error) => fail(Finding::failure(format!(
            "the folder {} cannot be read: {error}",
            folder.display()
        ))),
    }
}
