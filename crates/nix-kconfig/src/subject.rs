//! What a question is about: a kernel of Nix files, or a finished configuration; and resolving
//! it, as it is and with changes.

use std::path::{Path, PathBuf};

use findings::Finding;

use kconfig::{Session, Tree};
use kernel_explain::Assignment;
use kernel_resolve::nixpkgs::DriverReport;
use kernel_resolve::{Answering, Answers, Base, Resolution, Source, resolve};

use crate::answering::AnsweringArgs;
use crate::config_file;
use crate::kernel_input::{Evaluated, KernelArgs};
use crate::patch_files::{self, Removals};
use crate::report;
use crate::toolchain::{KernelNeeds, Told, ToolchainArgs};
use crate::tree_input::{self, BaseArgs};

/// Options of every command that asks about a resolved kernel.
#[derive(clap::Args, Clone)]
pub(crate) struct SubjectArgs {
    #[command(flatten)]
    pub(crate) base: BaseArgs,
    #[command(flatten)]
    pub(crate) answering: AnsweringArgs,
    #[command(flatten)]
    pub(crate) toolchain: ToolchainArgs,
    #[command(flatten)]
    pub(crate) input: KernelArgs,
}

type Outcome<T> = Result<T, Box<Finding>>;

impl SubjectArgs {
    /// Opens a source tree, a folder or an archive.
    pub(crate) fn open(&self, path: &Path) -> Outcome<Source> {
        self.toolchain.open(path)
    }

    /// What a question is about: a finished configuration, or what [`kernel`](Self::kernel) gives.
    pub(crate) fn of(
        &self,
        config: Option<&Path>,
        kernel: Option<&str>,
        source: &Source,
    ) -> Outcome<Subject> {
        match config {
            Some(config) => Subject::of_config(config),
            None => self.kernel(kernel, source),
        }
    }

    /// A kernel of Nix files; or the answers that were given in its place; or nothing but the
    /// base configuration. Conflicts are told, and left out of the answers.
    pub(crate) fn kernel(&self, kernel: Option<&str>, source: &Source) -> Outcome<Subject> {
        Ok(told(self.untold_kernel(kernel, source)?, source))
    }

    /// The same, with nothing told yet.
    pub(crate) fn untold_kernel(&self, kernel: Option<&str>, source: &Source) -> Outcome<Kernel> {
        match (kernel, &self.answering.answers) {
            (Some(kernel), _) => self.evaluate(kernel, source, &self.input.patches),
            (None, Some(file)) => {
                let evaluated = Evaluated::of_answers(file, self.input.release())?;
                self.ready(evaluated, source)
            }
            (None, None) => self.ready(Evaluated::of_nothing(self.input.release()), source),
        }
    }

    /// A kernel with one more patch than the user names, a file of this program's own that may
    /// be read wherever else reading is restricted to.
    pub(crate) fn kernel_with(
        &self,
        kernel: &str,
        source: &Source,
        patch: &Path,
    ) -> Outcome<Subject> {
        let mut args = self.clone();
        args.input.patches.push(patch.to_owned());
        if let Some(folder) = patch.parent() {
            args.input.evaluation = args.input.evaluation.with_folder(folder);
        }
        let kernel = args.evaluate(kernel, source, &args.input.patches)?;
        Ok(told(kernel, source))
    }

    /// A kernel without the patches that the user names, which are for another one.
    pub(crate) fn kernel_alone(&self, kernel: &str, source: &Source) -> Outcome<Subject> {
        Ok(told(self.evaluate(kernel, source, &[])?, source))
    }

    /// The base configuration of the architecture, and no answers.
    pub(crate) fn kernel_of_nothing(&self, source: &Source) -> Outcome<Subject> {
        let nothing = Evaluated::of_nothing(self.input.release());
        Ok(told(self.ready(nothing, source)?, source))
    }

    fn evaluate(&self, kernel: &str, source: &Source, patches: &[PathBuf]) -> Outcome<Kernel> {
        let platform = self.input.platform()?;
        let version = source.version();
        let evaluated = self
            .input
            .evaluate_with(kernel, platform, version, patches)?;
        self.ready(evaluated, source)
    }

    fn ready(&self, evaluated: Evaluated, source: &Source) -> Outcome<Kernel> {
        let platform = self.input.platform()?;
        let platform = evaluated.platform.unwrap_or(platform);
        let patched = patch_files::apply(source, &evaluated.patches)?;
        let source = patched.source;
        Ok(Kernel {
            answers: evaluated.answers()?,
            base: self.base.base(&source, platform, &evaluated)?,
            source,
            unapplied: patched.findings,
            removals: patched.removals,
            way: self.answering.way(platform, &evaluated),
            evaluated,
        })
    }

    /// Parses a tree as a subject needs it.
    pub(crate) fn parse(&self, source: &Source, subject: &Subject) -> Outcome<Tree> {
        match subject.kernel() {
            Some(kernel) => self.parse_for(&kernel.source, Some(&kernel.evaluated)),
            None => self.parse_for(source, None),
        }
    }

    /// Parses a tree as a kernel needs it.
    pub(crate) fn parse_for(&self, source: &Source, kernel: Option<&Evaluated>) -> Outcome<Tree> {
        let (parsed, told) = self.parse_untold(source, kernel);
        told.tell(None);
        parsed
    }

    /// The same, with what there is to say of it.
    pub(crate) fn parse_untold(
        &self,
        source: &Source,
        kernel: Option<&Evaluated>,
    ) -> (Outcome<Tree>, Told) {
        let mut told = Told::default();
        let version = kernel.and_then(|kernel| kernel.version.as_deref());
        let needs = kernel.map(KernelNeeds::of).unwrap_or_default();
        let platform = match kernel.and_then(|kernel| kernel.platform) {
            Some(platform) => platform,
            None => match self.input.platform() {
                Ok(platform) => platform,
                Err(error) => return (Err(error), told),
            },
        };
        let parsed = self
            .toolchain
            .parse_untold(source, platform, version, needs, &mut told);
        (parsed, told)
    }
}

/// The kernel, when what there is to tell of it was told.
fn told(kernel: Kernel, source: &Source) -> Subject {
    kernel.evaluated.tell();
    for finding in &kernel.unapplied {
        report::print(finding);
    }
    tree_input::compare_versions(&kernel.evaluated, source);
    Subject::Kernel(Box::new(kernel))
}

/// A kernel or a configuration, before it is resolved.
pub(crate) enum Subject {
    /// A kernel of Nix files.
    Kernel(Box<Kernel>),
    /// A finished configuration.
    Config {
        /// How messages name it.
        name: String,
        /// Its text.
        content: Vec<u8>,
    },
}

/// A kernel of Nix files, ready to be resolved.
pub(crate) struct Kernel {
    pub(crate) evaluated: Evaluated,
    pub(crate) answers: Answers,
    /// The tree, with the kernel's patches.
    pub(crate) source: Source,
    /// What of the patches does not apply to it.
    pub(crate) unapplied: Vec<Finding>,
    /// What patches take out of it.
    pub(crate) removals: Removals,
    base: Base,
    way: Answering,
}

/// A resolved configuration.
pub(crate) struct Resolved<'t> {
    pub(crate) session: Session<'t>,
    /// The `.config`.
    pub(crate) config: Vec<u8>,
    /// What nixpkgs' driver did, where it was its way.
    pub(crate) driver: Option<DriverReport>,
}

impl Subject {
    /// Reads a finished configuration.
    pub(crate) fn of_config(path: &Path) -> Result<Self, Box<Finding>> {
        Ok(Self::Config {
            name: path.display().to_string(),
            content: config_file::read(path)?,
        })
    }

    /// The kernel, if it is one.
    pub(crate) fn kernel(&self) -> Option<&Kernel> {
        match self {
            Self::Kernel(kernel) => Some(kernel),
            Self::Config { .. } => None,
        }
    }

    /// Resolves as it is.
    pub(crate) fn resolve<'t>(&self, tree: &'t Tree) -> Resolved<'t> {
        self.resolve_with(tree, &[])
    }

    /// Resolves with assignments on top.
    pub(crate) fn resolve_with<'t>(&self, tree: &'t Tree, changes: &[Assignment]) -> Resolved<'t> {
        match self {
            Self::Kernel(kernel) => {
                let mut answers = kernel.answers.clone();
                for change in changes {
                    answers.set("a change", tree.name(change.symbol), &change.value);
                }
                kernel.resolve(tree, &answers, kernel.way)
            }
            Self::Config { name, content } => {
                let mut content = content.clone();
                if !content.ends_with(b"\n") {
                    content.push(b'\n');
                }
                for change in changes {
                    content.extend_from_slice(change.line(tree).as_bytes());
                }
                let mut session = Session::new(tree);
                session.load_config(name, &content);
                Resolved {
                    config: session.write_config(),
                    session,
                    driver: None,
                }
            }
        }
    }
}

impl Kernel {
    /// Resolves as it is, with what became of every answer.
    pub(crate) fn resolution<'t>(&self, tree: &'t Tree) -> Resolution<'t> {
        self.resolution_of(tree, &self.answers)
    }

    /// Resolves with other answers than its own.
    pub(crate) fn resolution_of<'t>(&self, tree: &'t Tree, answers: &Answers) -> Resolution<'t> {
        resolve(tree, &self.base, answers, self.way)
    }

    fn resolve<'t>(&self, tree: &'t Tree, answers: &Answers, way: Answering) -> Resolved<'t> {
        let resolution = resolve(tree, &self.base, answers, way);
        Resolved {
            session: resolution.session,
            config: resolution.config,
            driver: resolution.driver,
        }
    }

    /// As it would be if nothing were asked: answers on top of the base, and defaults.
    pub(crate) fn unasked<'t>(&self, tree: &'t Tree) -> Session<'t> {
        self.resolve(tree, &self.answers, Answering::Olddefconfig)
            .session
    }
}
