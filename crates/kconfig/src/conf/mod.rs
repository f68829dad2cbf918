//! A drop-in for the kernel's `scripts/kconfig/conf`.
//!
//! [`main`] takes everything that a process would have (arguments, environment, working folder,
//! standard streams) as values, so that it can be driven from tests and from other programs.

mod autoconf;
mod dialogue;
mod folder;
mod fresh;
mod help;
mod options;
mod random;
mod stream;

pub use dialogue::{Dialogue, Offer, Question, QuestionKind, Unanswered};
pub use options::Mode;

use crate::diagnostics::{Diagnostic, Reporter};
use crate::environment::Environment;
use crate::files::{FileSource, Folder};
use crate::generation::Generation;
use crate::parse::ParseOptions;
use crate::probe::{HostShell, Prober};
use crate::session::{ReadOptions, Session};
use crate::tree::Tree;
use crate::tree_cache::TreeCache;
use crate::tristate::Tristate;
use dialogue::{Asked, Console};
use folder::WorkFolder;
use fresh::{Answer, Probability};
use options::{Opt, parse, usage};
use random::Random;
use std::io::{BufRead, Write};
use std::path::Path;

/// Everything that a run of `conf` gets from outside.
pub struct Invocation<'a> {
    /// The command line; the first is the program's name.
    pub arguments: &'a [String],
    /// The environment, of which nothing else is seen.
    pub environment: &'a Environment,
    /// The folder that relative paths start from.
    pub folder: &'a Path,
    /// Where answers come from.
    pub stdin: &'a mut dyn BufRead,
    /// Questions and messages.
    pub stdout: &'a mut dyn Write,
    /// Warnings and errors.
    pub stderr: &'a mut dyn Write,
    /// Whether a person types the answers: then they are not repeated on standard output.
    pub is_terminal: bool,
    /// Who answers `$(shell …)`; the host's shell where this is `None`.
    pub prober: Option<&'a mut dyn Prober>,
    /// Whose behaviour to follow where neither `KERNELVERSION` nor the tree's Makefile tells.
    pub generation: Option<Generation>,
    /// Where parsed trees are kept from run to run.
    pub cache: Option<&'a TreeCache>,
}

/// Ends the program with a status.
struct Exit(u8);

type Run<T> = Result<T, Exit>;

/// Runs `conf`; returns its exit status.
pub fn main(invocation: Invocation<'_>) -> u8 {
    let Invocation {
        arguments,
        environment,
        folder,
        stdin,
        stdout,
        stderr,
        is_terminal,
        prober,
        generation,
        cache,
    } = invocation;
    let mut program = Program {
        environment,
        folder: WorkFolder::new(folder, environment),
        streams: Streams { stdout, stderr },
        silent: false,
        mode: Mode::OldAsk,
        syncs: false,
        file: String::new(),
        random: None,
        generation: tell_generation(environment, &Folder::new(folder))
            .or(generation)
            .unwrap_or(Generation::NEWEST),
        cache,
    };
    let result = program.run(arguments, stdin, is_terminal, prober);
    let status = match result {
        Ok(()) => 0,
        Err(Exit(status)) => status,
    };
    let _ = program.streams.stdout.flush();
    let _ = program.streams.stderr.flush();
    status
}

/// Asks for everything that can be changed, as `conf --oldaskconfig` does once it has read
/// `.config`.
///
/// # Errors
/// When a question has no answer and there will be none: `conf` ends without writing then.
pub fn ask_all(session: &mut Session<'_>, dialogue: &mut dyn Dialogue) -> Result<(), Unanswered> {
    dialogue::ask(session, Asked::All, dialogue)
}

/// Gives every symbol without assignment a value, as `conf --allnoconfig` and its kin do;
/// without a value its default, as `conf --alldefconfig` and `conf --defconfig` do.
pub fn answer_rest(session: &mut Session<'_>, value: Option<Tristate>) {
    let mut answer = value.map_or(Answer::Default, Answer::Fixed);
    session.answer_all(&mut answer);
}

/// How many folders above a tree are looked at for a kernel's Makefile.
const FOLDERS_ABOVE: usize = 8;

/// The generation that a tree belongs to: `KERNELVERSION`, else the tree's Makefile, else that
/// of the kernel whose source the tree lies in.
pub fn tell_generation(environment: &Environment, files: &dyn FileSource) -> Option<Generation> {
    let told = environment
        .get("KERNELVERSION")
        .and_then(Generation::from_version);
    told.or_else(|| {
        let mut folder = environment.get("srctree").unwrap_or(".").to_owned();
        for _ in 0..=FOLDERS_ABOVE {
            let makefile = files.read(&format!("{folder}/Makefile")).ok().flatten();
            let generation = makefile.and_then(|makefile| Generation::from_makefile(&makefile));
            if generation.is_some() {
                return generation;
            }
            folder.push_str("/..");
        }
        None
    })
}

/// Standard output and standard error. Like the reference program, `conf` does not mind when
/// nobody reads them.
struct Streams<'a> {
    stdout: &'a mut dyn Write,
    stderr: &'a mut dyn Write,
}

impl Streams<'_> {
    fn out(&mut self, text: &[u8]) {
        let _ = self.stdout.write_all(text);
    }

    fn err(&mut self, text: &[u8]) {
        let _ = self.stderr.write_all(text);
    }
}

impl Reporter for Streams<'_> {
    fn diagnostic(&mut self, diagnostic: Diagnostic) {
        self.err(&diagnostic.printed);
    }

    fn output(&mut self, text: &[u8]) {
        self.out(text);
    }
}

struct Program<'a> {
    environment: &'a Environment,
    folder: WorkFolder<'a>,
    streams: Streams<'a>,
    /// No "configuration written to".
    silent: bool,
    mode: Mode,
    syncs: bool,
    /// The file that `--defconfig` or `--savedefconfig` names.
    file: String,
    random: Option<Random>,
    generation: Generation,
    cache: Option<&'a TreeCache>,
}

impl Program<'_> {
    fn run(
        &mut self,
        arguments: &[String],
        stdin: &mut dyn BufRead,
        is_terminal: bool,
        prober: Option<&mut dyn Prober>,
    ) -> Run<()> {
        let root = self.read_arguments(arguments)?;
        let files = Folder::new(self.folder.path());
        let options = ParseOptions {
            root: &root,
            environment: self.environment,
            generation: self.generation,
        };
        let mut host;
        let prober = if let Some(prober) = prober {
            prober
        } else {
            host = HostShell::new(self.environment.clone(), self.folder.path());
            &mut host
        };
        let parsed = match self.cache {
            Some(cache) => cache.parse(&options, &files, prober, &mut self.streams),
            None => Tree::parse(&options, &files, prober, &mut self.streams),
        };
        let tree = parsed.map_err(|_| Exit(1))?;
        let options = ReadOptions::from_environment(self.environment);
        let mut session = Session::with_options(&tree, options);
        session.forget_everything();
        let warnings = self.read_values(&mut session)?;
        self.flush(&mut session);
        if warnings > 0 && self.warnings_are_errors() {
            return Err(Exit(1));
        }
        let mut writes_config = true;
        if self.syncs
            && self
                .environment
                .get("KCONFIG_NOSILENTUPDATE")
                .is_some_and(|value| !value.is_empty())
        {
            if session.is_changed() {
                self.streams
                    .err(b"\n*** The configuration requires explicit update.\n\n");
                return Err(Exit(1));
            }
            writes_config = false;
        }
        self.answer(&mut session, stdin, is_terminal)?;
        self.flush(&mut session);
        if session.unmet_dependencies() > 0 && self.warnings_are_errors() {
            return Err(Exit(1));
        }
        self.write(&mut session, writes_config)
    }

    fn warnings_are_errors(&self) -> bool {
        self.generation.warns_on_demand() && self.environment.get("KCONFIG_WERROR").is_some()
    }

    /// Lists the assignments that came to nothing or to something else, where that is asked for.
    fn warn_of_changed_input(&mut self, session: &mut Session<'_>) {
        let is_asked = self
            .environment
            .get("KCONFIG_WARN_CHANGED_INPUT")
            .is_some_and(|value| !value.is_empty());
        if is_asked && self.generation.warns_of_changed_input() {
            let text = session.changed_input();
            self.streams.err(&text);
        }
    }

    fn flush(&mut self, session: &mut Session<'_>) {
        for warning in session.take_warnings() {
            self.streams.diagnostic(warning);
        }
    }

    /// Reads the command line; returns the top Kconfig file.
    fn read_arguments(&mut self, arguments: &[String]) -> Run<String> {
        let program = arguments.first().map_or("conf", String::as_str);
        let arguments = arguments.get(1..).unwrap_or_default();
        let parsed = parse(program, arguments, self.generation);
        for option in parsed.options {
            match option {
                Opt::Help => {
                    self.streams.out(usage(program, self.generation).as_bytes());
                    return Err(Exit(1));
                }
                Opt::Silent => self.silent = true,
                Opt::Bad(text) => {
                    self.streams.err(text.as_bytes());
                    if self.generation.stops_at_unknown_options() {
                        let usage = usage(program, self.generation);
                        self.streams.out(usage.as_bytes());
                        return Err(Exit(1));
                    }
                }
                Opt::Mode(mode, value) => {
                    self.mode = mode;
                    match mode {
                        Mode::Sync => {
                            self.silent = true;
                            self.syncs = true;
                        }
                        Mode::Def | Mode::SaveDef => self.file = value.unwrap_or_default(),
                        Mode::Random => self.seed(),
                        _ => {}
                    }
                }
            }
        }
        let Some(root) = parsed.operands.into_iter().next() else {
            self.streams
                .err(format!("{program}: Kconfig file missing\n").as_bytes());
            self.streams.out(usage(program, self.generation).as_bytes());
            return Err(Exit(1));
        };
        Ok(root)
    }

    /// Seeds the generator from `KCONFIG_SEED`, else from the clock.
    fn seed(&mut self) {
        let given = self
            .environment
            .get("KCONFIG_SEED")
            .filter(|value| !value.is_empty())
            .and_then(|value| {
                let parsed = crate::numbers::parse(value.as_bytes(), 0);
                (parsed.length == value.len()).then(|| parsed.signed().0 as u32)
            });
        let seed = given.unwrap_or_else(|| {
            let now = std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap_or_default();
            (now.as_secs() as u32)
                .wrapping_add(1)
                .wrapping_mul(now.subsec_micros().wrapping_add(1))
        });
        let told = format!("KCONFIG_SEED=0x{seed:X}\n");
        if self.generation.tells_seed_as_error() {
            self.streams.err(told.as_bytes());
        } else {
            self.streams.out(told.as_bytes());
        }
        self.random = Some(Random::new(seed));
    }

    /// `printf("#\n# %s\n#\n", …)`
    fn message(&mut self, text: &str) {
        if !self.silent {
            self.streams.out(format!("#\n# {text}\n#\n").as_bytes());
        }
    }

    fn config_name(&self) -> String {
        self.environment
            .get("KCONFIG_CONFIG")
            .unwrap_or(".config")
            .to_owned()
    }

    /// Reads what the mode starts from; returns the number of warnings.
    fn read_values(&mut self, session: &mut Session<'_>) -> Run<u32> {
        match self.mode {
            Mode::Def => {
                let name = self.file.clone();
                if let Some(content) = self.folder.open(&name) {
                    Ok(session.load_config(&name, &content))
                } else {
                    session.load_nothing();
                    self.flush(session);
                    let text =
                        format!("***\n*** Can't find default configuration \"{name}\"!\n***\n");
                    self.streams.err(text.as_bytes());
                    Err(Exit(1))
                }
            }
            Mode::AllNo | Mode::AllYes | Mode::AllMod | Mode::AllDef | Mode::Random => {
                self.read_seed_values(session)
            }
            _ => Ok(self.read_config(session)),
        }
    }

    /// Reads `.config`, or where there is none the first of `KCONFIG_DEFCONFIG_LIST`.
    fn read_config(&mut self, session: &mut Session<'_>) -> u32 {
        let name = self.config_name();
        if let Some(content) = self.folder.open(&name) {
            return session.load_config(&name, &content);
        }
        let names = if self.generation.has_option_keyword() {
            session.defconfig_list()
        } else {
            let list = self.environment.get("KCONFIG_DEFCONFIG_LIST");
            list.unwrap_or_default()
                .split([' ', '\t', '\n', '\x0b', '\x0c', '\r'])
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let found = names
            .into_iter()
            .find_map(|name| self.folder.open(&name).map(|content| (name, content)));
        if let Some((name, content)) = found {
            self.message(&format!("using defaults found in {name}"));
            let warnings = session.load_config(&name, &content);
            session.mark_changed();
            warnings
        } else {
            session.load_nothing();
            0
        }
    }

    /// Reads the file that `KCONFIG_ALLCONFIG` names.
    fn read_seed_values(&mut self, session: &mut Session<'_>) -> Run<u32> {
        let Some(name) = self.environment.get("KCONFIG_ALLCONFIG") else {
            return Ok(0);
        };
        if !name.is_empty() && name != "1" {
            return if let Some(content) = self.folder.open(name) {
                Ok(session.load_assignments(name, &content))
            } else {
                let text = format!("*** Can't read seed configuration \"{name}\"!\n");
                self.streams.err(text.as_bytes());
                Err(Exit(1))
            };
        }
        let own = match self.mode {
            Mode::AllNo => "allno.config",
            Mode::AllYes => "allyes.config",
            Mode::AllMod => "allmod.config",
            Mode::AllDef => "alldef.config",
            _ => "allrandom.config",
        };
        for name in [own, "all.config"] {
            if let Some(content) = self.folder.open(name) {
                return Ok(session.load_assignments(name, &content));
            }
        }
        let text =
            format!("*** KCONFIG_ALLCONFIG set, but no \"{own}\" or \"all.config\" file found\n");
        self.streams.err(text.as_bytes());
        Err(Exit(1))
    }

    /// Does what the mode is for.
    fn answer(
        &mut self,
        session: &mut Session<'_>,
        stdin: &mut dyn BufRead,
        is_terminal: bool,
    ) -> Run<()> {
        match self.mode {
            Mode::AllNo => session.answer_all(&mut Answer::Fixed(Tristate::No)),
            Mode::AllYes => session.answer_all(&mut Answer::Fixed(Tristate::Yes)),
            Mode::AllMod => session.answer_all(&mut Answer::Fixed(Tristate::Mod)),
            Mode::AllDef | Mode::Def => session.answer_all(&mut Answer::Default),
            Mode::Random => self.answer_randomly(session)?,
            Mode::YesToMod => session.rewrite_tristates(Tristate::Yes, Tristate::Mod),
            Mode::ModToYes => session.rewrite_tristates(Tristate::Mod, Tristate::Yes),
            Mode::ModToNo => session.rewrite_tristates(Tristate::Mod, Tristate::No),
            Mode::OldAsk | Mode::Old | Mode::ListNew | Mode::HelpNew | Mode::Sync => {
                let mut console = Console::new(stdin, &mut self.streams, is_terminal);
                let asked = match self.mode {
                    Mode::OldAsk => Asked::All,
                    Mode::ListNew => Asked::List,
                    Mode::HelpNew => Asked::Help,
                    _ => Asked::New,
                };
                dialogue::ask(session, asked, &mut console).map_err(|_| Exit(1))?;
            }
            Mode::SaveDef | Mode::OldDef => {}
        }
        Ok(())
    }

    fn answer_randomly(&mut self, session: &mut Session<'_>) -> Run<()> {
        let variable = self.environment.get("KCONFIG_PROBABILITY");
        let Some(probability) = Probability::from_variable(variable) else {
            self.streams
                .err(b"KCONFIG_PROBABILITY: Numerical result out of range\n");
            return Err(Exit(1));
        };
        if let Some(random) = &mut self.random {
            session.answer_all(&mut Answer::Random(random, probability));
        }
        Ok(())
    }

    fn write(&mut self, session: &mut Session<'_>, writes_config: bool) -> Run<()> {
        match self.mode {
            Mode::SaveDef => {
                let content = session.write_defconfig();
                self.flush(session);
                self.warn_of_changed_input(session);
                let name = self.file.clone();
                if self.folder.write(&name, &content).is_err() {
                    let text = format!("n*** Error while saving defconfig to: {name}\n\n");
                    self.streams.err(text.as_bytes());
                    return Err(Exit(1));
                }
            }
            Mode::ListNew | Mode::HelpNew => {}
            _ => {
                if writes_config && self.write_config(session).is_err() {
                    self.flush(session);
                    self.streams
                        .err(b"\n*** Error during writing of the configuration.\n\n");
                    return Err(Exit(1));
                }
                let written = self.write_autoconf(session);
                self.flush(session);
                if written.is_err() && self.syncs {
                    self.streams
                        .err(b"\n*** Error during sync of the configuration.\n\n");
                    return Err(Exit(1));
                }
            }
        }
        Ok(())
    }
}
