//! What answers come to.

use kconfig::{Diagnostic, Session, Tree};

use crate::answers::Answers;
use crate::base::Base;
use crate::loss::{Inquest, Loss};
use crate::nixpkgs::{self, DriverReport};
use crate::olddefconfig;

/// How answers become a configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answering {
    /// The base with the answers on top, completed by `conf --olddefconfig`.
    Olddefconfig,
    /// The driver of nixpkgs answers the kernel's questions.
    Nixpkgs(nixpkgs::Options),
}

/// A final configuration.
pub struct Resolution<'t> {
    /// The `.config`.
    pub config: Vec<u8>,
    /// What became of each answer, in the order of their names; not of those that stopped the
    /// driver.
    pub fates: Vec<Fate>,
    /// What `conf` said of the base configuration.
    pub warnings: Vec<Diagnostic>,
    /// What nixpkgs' driver did, where it was its way.
    pub driver: Option<DriverReport>,
    /// The values, for further questions. Where nixpkgs' driver stopped, those that it would
    /// have come to without the answers that it stopped at.
    pub session: Session<'t>,
}

impl Resolution<'_> {
    /// The answers that were not reached.
    pub fn lost(&self) -> impl Iterator<Item = &Fate> {
        self.fates
            .iter()
            .filter(|fate| fate.outcome != Outcome::Reached)
    }

    /// Whether every answer that must be reached was.
    pub fn is_complete(&self) -> bool {
        let stopped = self
            .driver
            .as_ref()
            .is_some_and(|driver| !driver.stops.is_empty());
        !stopped && self.lost().all(|fate| self.may_be_lost(fate))
    }

    /// Why an option does not have a value that nobody may have asked for.
    pub fn loss(&mut self, answers: &Answers, name: &str, wanted: &str) -> Loss {
        let mut inquest = Inquest {
            session: &mut self.session,
            answers,
            asked: None,
        };
        inquest.loss(name, wanted)
    }

    /// Whether an answer may go unused, by itself or since errors are ignored.
    pub fn may_be_lost(&self, fate: &Fate) -> bool {
        let ignored = self.driver.as_ref();
        fate.optional || ignored.is_some_and(|driver| driver.options.ignore_config_errors)
    }
}

/// What became of an answer.
#[derive(Clone, Debug)]
pub struct Fate {
    /// The option, without `CONFIG_`.
    pub name: String,
    /// The answer.
    pub wanted: String,
    /// Whether it may go unused.
    pub optional: bool,
    /// What it came to.
    pub outcome: Outcome,
    /// Why it was not reached.
    pub loss: Option<Loss>,
}

/// What an answer came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The option has the value.
    Reached,
    /// The option has no value.
    Unused,
    /// The option has another value.
    Changed {
        /// The value, as `.config` shows it, without quotes.
        got: String,
    },
}

impl Fate {
    /// What is wrong, in the words of nixpkgs' driver; nothing where the answer was reached.
    pub fn complaint(&self) -> Option<String> {
        let Self { name, wanted, .. } = self;
        match &self.outcome {
            Outcome::Reached => None,
            Outcome::Unused => Some(format!("unused option: {name}")),
            Outcome::Changed { got } => Some(format!(
                "option not set correctly: {name} (wanted '{wanted}', got '{got}')"
            )),
        }
    }
}

/// Finds out why answers were lost.
pub(crate) fn inquire(fates: &mut [Fate], inquest: &mut Inquest<'_, '_>) {
    for fate in fates {
        if fate.outcome != Outcome::Reached {
            fate.loss = Some(inquest.loss(&fate.name, &fate.wanted));
        }
    }
}

/// Takes answers to a final configuration.
pub fn resolve<'t>(
    tree: &'t Tree,
    base: &Base,
    answers: &Answers,
    answering: Answering,
) -> Resolution<'t> {
    match answering {
        Answering::Olddefconfig => olddefconfig::resolve(tree, base, answers),
        Answering::Nixpkgs(options) => nixpkgs::resolve(tree, base, answers, options),
    }
}
