//! Changes that explaining offers, over a sample of a real kernel's symbols: each is resolved
//! anew, a few by the kernel's own `conf`, and how many questions have an answer is told.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use kconfig::{HostShell, Messages, Session, SymbolId, SymbolType, Tree, Tristate};
use kernel_config::Platform;
use kernel_explain::{Assignment, Outcome as Found, Search, Wish};
use kernel_resolve::{Source, environment};

use super::Reference;
use super::kernel::{Arch, KernelTree};
use crate::report::{Check, Outcome};

/// How many symbols are asked for.
const SAMPLE: usize = 300;
/// How many of the changes are put to the kernel's own `conf`.
const BY_CONF: usize = 8;
/// What the sample is drawn with.
const SEED: u64 = 0x006b_636f_6e66_6967;
/// The share of questions, in percent, that must come to a change or to why there is none.
const SHARE: usize = 95;
/// The longest that a question may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Asks for the sample on Linux 6.12 for `x86_64`.
pub(crate) fn compare(reference: &Reference) -> Vec<Check> {
    match run(reference) {
        Ok(checks) => checks,
        Err(error) => vec![Check::new("explain", Err(error))],
    }
}

fn run(reference: &Reference) -> Result<Vec<Check>> {
    let kernel = KernelTree::acquire(&reference.cache, &reference.kernel_sources, "6.12")?;
    let arch = Arch::of_system("x86_64-linux")?;
    let platform = Platform::of("x86_64-linux").context("a system that kernels can be for")?;
    let source = Source::open(&kernel.source)?;
    let environment = environment::of(&source, platform, source.version());
    let scratch = tempfile::tempdir()?;
    let mut shell = HostShell::new(environment.clone(), scratch.path());
    let tree = source.parse(&environment, &mut shell, &mut Messages::default())?;
    let base = fs::read(kernel.default_configuration(arch, "defconfig")?)?;

    let mut everything = everything(&tree);
    let mut checks = Vec::new();
    let mut tally = Tally::default();
    let mut offered = Vec::new();
    for wish in sample(&tree, &mut resolve(&tree, &base, &[])) {
        let name = format!("explain/{}={}", tree.name(wish.symbol), wish.value);
        let start = Instant::now();
        let outcome = ask(
            &tree,
            &base,
            &wish,
            &mut everything,
            &mut tally,
            &mut offered,
        );
        tally.slowest = tally.slowest.max(start.elapsed());
        tally.total += start.elapsed();
        if !matches!(outcome, Ok(Outcome::Passed)) {
            checks.push(Check::new(name, outcome));
        }
    }
    println!("   {tally}");
    checks.push(Check::new("explain/share", Ok(tally.judge())));
    let step = (offered.len() / BY_CONF).max(1);
    for (wish, changes) in offered.iter().step_by(step) {
        let name = format!("explain/{}={} by conf", tree.name(wish.symbol), wish.value);
        let outcome = by_conf(&kernel, arch, &tree, &base, wish, changes);
        checks.push(Check::new(name, outcome));
    }
    Ok(checks)
}

/// Configurations with everything switched on, as built-in and as modules.
fn everything(tree: &Tree) -> Vec<Session<'_>> {
    ["y", "m"]
        .into_iter()
        .map(|value| {
            let mut content = String::new();
            for symbol in tree.symbols() {
                let value = match tree.kind(symbol) {
                    SymbolType::Bool => "y".to_owned(),
                    SymbolType::Tristate => value.to_owned(),
                    _ => continue,
                };
                content += &Assignment { symbol, value }.line(tree);
            }
            let mut session = Session::new(tree);
            session.load_config("everything", content.as_bytes());
            session
        })
        .collect()
}

/// What came of the questions.
#[derive(Default)]
struct Tally {
    fixed: usize,
    changes: usize,
    most_changes: usize,
    impossible: usize,
    not_found: usize,
    slowest: Duration,
    total: Duration,
}

impl Tally {
    fn asked(&self) -> usize {
        self.fixed + self.impossible + self.not_found
    }

    fn judge(&self) -> Outcome {
        if (self.fixed + self.impossible) * 100 >= self.asked() * SHARE {
            Outcome::Passed
        } else {
            Outcome::Failed(format!("fewer than {SHARE} % have an answer: {self}"))
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} questions: {} with a change (on average {:.1} assignments, at most {}), {} \
             impossible for a reason, {} without answer; {:.0} ms each, {:.0} ms at most",
            self.asked(),
            self.fixed,
            self.changes as f64 / self.fixed.max(1) as f64,
            self.most_changes,
            self.impossible,
            self.not_found,
            self.total.as_secs_f64() * 1000.0 / self.asked().max(1) as f64,
            self.slowest.as_secs_f64() * 1000.0,
        )
    }
}

/// Symbols drawn at random, each with a value that it does not have.
fn sample(tree: &Tree, now: &mut Session<'_>) -> Vec<Wish> {
    let symbols: Vec<SymbolId> = tree
        .symbols()
        .filter(|&symbol| tree.kind(symbol).is_logical())
        .collect();
    let mut state = SEED;
    let mut draw = move |below: usize| {
        // Knuth's linear congruential generator (MMIX); the high bits are the good ones.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut wishes: Vec<Wish> = Vec::new();
    while wishes.len() < SAMPLE.min(symbols.len()) {
        let symbol = symbols[draw(symbols.len())];
        let is_tristate = tree.kind(symbol) == SymbolType::Tristate;
        let value = match now.tristate(symbol) {
            Tristate::No if is_tristate && draw(2) == 0 => "m",
            Tristate::No => "y",
            Tristate::Mod | Tristate::Yes => "n",
        };
        let wish = Wish {
            symbol,
            value: value.to_owned(),
        };
        if wishes.iter().all(|other| other.symbol != symbol) {
            wishes.push(wish);
        }
    }
    wishes
}

fn configuration(tree: &Tree, base: &[u8], changes: &[Assignment]) -> Vec<u8> {
    let mut content = base.to_vec();
    for change in changes {
        content.extend_from_slice(change.line(tree).as_bytes());
    }
    content
}

fn resolve<'t>(tree: &'t Tree, base: &[u8], changes: &[Assignment]) -> Session<'t> {
    let mut session = Session::new(tree);
    session.load_config("base", &configuration(tree, base, changes));
    session
}

fn ask(
    tree: &Tree,
    base: &[u8],
    wish: &Wish,
    everything: &mut [Session<'_>],
    tally: &mut Tally,
    offered: &mut Vec<(Wish, Vec<Assignment>)>,
) -> Result<Outcome> {
    let search = Search {
        wish,
        now: &mut resolve(tree, base, &[]),
        answered: &|_| false,
        resolve: &mut |changes| resolve(tree, base, changes),
        deadline: Some(Instant::now() + LIMIT),
    };
    match search.run()? {
        Found::Already => bail!("the sample holds only values that are not there"),
        Found::Fix(fix) => {
            let got = resolve(tree, base, &fix.changes).value(wish.symbol);
            if got != wish.value {
                bail!("the change that is offered gives {got}: {:?}", fix.changes);
            }
            tally.fixed += 1;
            tally.changes += fix.changes.len();
            tally.most_changes = tally.most_changes.max(fix.changes.len());
            offered.push((wish.clone(), fix.changes));
        }
        Found::Impossible(obstacles) => {
            if let Some(session) = everything
                .iter_mut()
                .find_map(|session| wish.is_met(session).then_some(session))
            {
                bail!(
                    "called impossible ({obstacles:?}), but there is a configuration with it: {:?}",
                    session.why(wish.symbol).reason
                );
            }
            if obstacles.is_empty() {
                bail!("impossible without a reason");
            }
            tally.impossible += 1;
        }
        Found::NotFound { .. } => tally.not_found += 1,
    }
    Ok(Outcome::Passed)
}

/// The kernel's own `conf` must agree that the change gives the value.
fn by_conf(
    kernel: &KernelTree,
    arch: &Arch,
    tree: &Tree,
    base: &[u8],
    wish: &Wish,
    changes: &[Assignment],
) -> Result<Outcome> {
    let content = configuration(tree, base, changes);
    let config = kernel.olddefconfig(arch, &String::from_utf8(content)?)?;
    let wanted = Assignment {
        symbol: wish.symbol,
        value: wish.value.clone(),
    };
    let line = wanted.line(tree);
    // What is `n` may also be left out.
    let name = format!("CONFIG_{}=", tree.name(wish.symbol));
    let agrees = match wish.value.as_str() {
        "n" => !config.lines().any(|line| line.starts_with(&name)),
        _ => config.lines().any(|other| other == line.trim_end()),
    };
    Ok(if agrees {
        Outcome::Passed
    } else {
        Outcome::Failed(format!("conf does not come to {line}"))
    })
}
