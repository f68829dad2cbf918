//! nixpkgs' own way: the kernel's questions are answered one by one, twice over, and then the
//! result is compared with the answers (`generate-config.pl`). No process is run.

mod check;
mod driver;
mod patterns;

use kconfig::conf::{self, Unanswered};
use kconfig::{Session, Tree};
use kernel_config::Release;

use driver::Driver;
pub use driver::{Asked, Reply, Stop};

use crate::answers::Answers;
use crate::base::Base;
use crate::resolution::Resolution;

/// What nixpkgs' driver is told besides the answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Whose driver it is.
    pub release: Release,
    /// `autoModules`: what can be a module is one, unless it is answered.
    pub auto_modules: bool,
    /// `preferBuiltin`: but not what is built in by default.
    pub prefer_builtin: bool,
    /// `ignoreConfigErrors`: answers that were not reached are warnings.
    pub ignore_config_errors: bool,
}

/// What nixpkgs' driver did.
#[derive(Clone, Debug)]
pub struct DriverReport {
    /// What it was told.
    pub options: Options,
    /// What it says on standard error, line by line.
    pub messages: Vec<String>,
    /// Why it stopped before its end.
    pub stop: Option<Stop>,
    /// Choices with several members answered `y`, of which it takes one by chance; here, the
    /// last.
    pub by_chance: Vec<Vec<String>>,
    /// Every question, in order.
    pub asked: Vec<Asked>,
}

/// The driver runs `make config` this often.
const RUNS: usize = 2;

pub(crate) fn resolve<'t>(
    tree: &'t Tree,
    base: &Base,
    answers: &Answers,
    options: Options,
) -> Resolution<'t> {
    let (mut config, warnings) = base.made(tree);
    let table = driver::table(answers);
    let mut report = DriverReport {
        options,
        messages: Vec::new(),
        stop: None,
        by_chance: Vec::new(),
        asked: Vec::new(),
    };
    let mut session = Session::new(tree);
    for run in 0..RUNS {
        if run > 0 {
            session = Session::new(tree);
        }
        session.load_config(".config", &config);
        let mut driver = Driver::new(run, &table, options);
        let finished = conf::ask_all(&mut session, &mut driver);
        session.take_warnings();
        if finished != Err(Unanswered) {
            config = session.write_config();
        }
        report.messages.append(&mut driver.warnings);
        report.asked.append(&mut driver.asked);
        for members in driver.by_chance {
            if !report.by_chance.contains(&members) {
                report.by_chance.push(members);
            }
        }
        if driver.stop.is_some() {
            report.stop = driver.stop;
            break;
        }
    }
    let mut fates = Vec::new();
    if let Some(stop) = &report.stop {
        report.messages.push(stop.text());
    } else {
        config = check::put_empty_strings(config, answers);
        fates = check::fates(&config, answers);
        let ignores = options.ignore_config_errors;
        report
            .messages
            .extend(check::complaints(&fates, ignores, options.release));
    }
    Resolution {
        config,
        fates,
        warnings,
        session,
        driver: Some(report),
    }
}

/// How the driver changed from release to release.
trait DriverOf {
    /// A question whose brackets hold `/m` anywhere counts as offering a module, be it in the
    /// default of a string (`/sbin/modprobe`).
    fn looks_for_module_anywhere(self) -> bool;
    /// Two members of a choice that are answered `y` stop the driver; before, chance decides.
    fn stops_at_conflicting_members(self) -> bool;
    /// The check ends with the first mandatory answer that was not reached.
    fn stops_at_first_error(self) -> bool;
}

impl DriverOf for Release {
    fn looks_for_module_anywhere(self) -> bool {
        self < Self::new(22, 5)
    }

    fn stops_at_conflicting_members(self) -> bool {
        self >= Self::new(26, 11)
    }

    fn stops_at_first_error(self) -> bool {
        self < Self::new(20, 3)
    }
}
