//! nixpkgs' own way: the kernel's questions are answered one by one, twice over, and then the
//! result is compared with the answers (`generate-config.pl`). No process is run.

mod check;
mod driver;
mod patterns;

use std::collections::HashMap;

use kconfig::conf::{self, Unanswered};
use kconfig::{Session, Tree};
use kernel_config::Release;

pub(crate) use check::options;
use driver::Driver;
pub use driver::{Asked, Reply, Stop};

use crate::answers::Answers;
use crate::base::Base;
use crate::loss::{Inquest, Loss};
use crate::resolution::{Resolution, inquire};

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

/// Where nixpkgs' driver stopped.
#[derive(Clone, Debug)]
pub struct Stopped {
    /// Why.
    pub stop: Stop,
    /// Why an answer that it stopped at was not taken.
    pub loss: Option<Loss>,
}

/// What nixpkgs' driver did.
#[derive(Clone, Debug)]
pub struct DriverReport {
    /// What it was told.
    pub options: Options,
    /// What it says on standard error, line by line.
    pub messages: Vec<String>,
    /// Why it stopped before its end; then, what it would stop at next if it were not for the
    /// answers that it stopped at before.
    pub stops: Vec<Stopped>,
    /// Choices with several members answered `y`, of which it takes one by chance; here, the
    /// last.
    pub by_chance: Vec<Vec<String>>,
    /// Every question, in order.
    pub asked: Vec<Asked>,
}

/// The driver runs `make config` this often.
const RUNS: usize = 2;
/// How many answers at which the driver stops are left out to see what else is the matter.
const STOPS_LIMIT: usize = 64;

/// What the driver comes to with certain answers.
struct Attempt<'t> {
    session: Session<'t>,
    config: Vec<u8>,
    warnings: Vec<String>,
    by_chance: Vec<Vec<String>>,
    asked: Vec<Asked>,
    stop: Option<Stop>,
}

/// Answers by option, as the driver holds them.
type Table<'a> = HashMap<&'a [u8], &'a [u8]>;

pub(crate) fn resolve<'t>(
    tree: &'t Tree,
    base: &Base,
    answers: &Answers,
    options: Options,
) -> Resolution<'t> {
    let (start, warnings) = base.made(tree);
    let mut table = driver::table(answers);
    let mut attempt = answer(tree, &start, &table, options);
    let mut config = attempt.config.clone();
    let mut messages = std::mem::take(&mut attempt.warnings);
    messages.extend(attempt.stop.as_ref().map(Stop::text));
    let is_stopped = attempt.stop.is_some();
    let mut stops = Vec::new();
    while let Some(stop) = attempt.stop.take() {
        let is_left_out = stops.len() < STOPS_LIMIT && leave_out(&stop, &mut table);
        stops.push(stop);
        if !is_left_out {
            break;
        }
        attempt = answer(tree, &start, &table, options);
    }
    let checked = if is_stopped {
        &attempt.config
    } else {
        config = check::put_empty_strings(config, answers);
        &config
    };
    let mut fates = check::fates(checked, answers);
    fates.retain(|fate| table.contains_key(fate.name.as_bytes()));
    if !is_stopped {
        let ignores = options.ignore_config_errors;
        messages.extend(check::complaints(&fates, ignores, options.release));
    }
    let asked_in = |run: Option<usize>| {
        let questions = attempt.asked.iter();
        questions
            .filter(|asked| run.is_none_or(|run| asked.run == run))
            .map(|asked| asked.question.symbol)
            .collect()
    };
    let mut inquest = Inquest {
        answers,
        asked: Some((asked_in(Some(RUNS - 1)), asked_in(None))),
        session: &mut attempt.session,
    };
    inquire(&mut fates, &mut inquest);
    let stops = stops.into_iter().map(|stop| Stopped {
        loss: match &stop {
            Stop::Repeated { name, answer, .. } => Some(inquest.loss(name, answer)),
            Stop::Conflicting { .. } => None,
        },
        stop,
    });
    let stops = stops.collect();
    Resolution {
        config,
        fates,
        warnings,
        session: attempt.session,
        driver: Some(DriverReport {
            options,
            messages,
            stops,
            by_chance: attempt.by_chance,
            asked: attempt.asked,
        }),
    }
}

/// Both runs, from a `.config`.
fn answer<'t>(tree: &'t Tree, start: &[u8], table: &Table<'_>, options: Options) -> Attempt<'t> {
    let mut attempt = Attempt {
        session: Session::new(tree),
        config: start.to_vec(),
        warnings: Vec::new(),
        by_chance: Vec::new(),
        asked: Vec::new(),
        stop: None,
    };
    for run in 0..RUNS {
        if run > 0 {
            attempt.session = Session::new(tree);
        }
        attempt.session.load_config(".config", &attempt.config);
        let mut driver = Driver::new(run, table, options);
        let finished = conf::ask_all(&mut attempt.session, &mut driver);
        attempt.session.take_warnings();
        if finished != Err(Unanswered) {
            attempt.config = attempt.session.write_config();
        }
        attempt.warnings.append(&mut driver.warnings);
        attempt.asked.append(&mut driver.asked);
        for members in driver.by_chance {
            if !attempt.by_chance.contains(&members) {
                attempt.by_chance.push(members);
            }
        }
        attempt.stop = driver.stop;
        if attempt.stop.is_some() {
            break;
        }
    }
    attempt
}

/// Takes the answers away that the driver stopped at; whether there were any.
fn leave_out(stop: &Stop, table: &mut Table<'_>) -> bool {
    let names = match stop {
        Stop::Repeated { name, .. } => std::slice::from_ref(name),
        // One of them may stay.
        Stop::Conflicting { members } => members.get(1..).unwrap_or_default(),
    };
    let before = table.len();
    table.retain(|name, _| names.iter().all(|other| other.as_bytes() != *name));
    table.len() < before
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
