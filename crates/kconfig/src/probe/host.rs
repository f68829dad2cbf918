//! Commands answered by this machine: each once, several at a time, and kept for the next run.

use super::cache::{Kept, ProbeCache};
use super::direct;
use super::forms::{Known, known};
use super::lookahead::{Foresight, Scout, fill, hole};
use super::plan::Planner;
use super::running::TIME_LIMIT;
use super::search::Search;
use super::tree_path::TreePath;
use super::{ProbeError, ProbeOutput, Prober, shell};
use crate::environment::Environment;
use crate::files::FileSource;
use crate::generation::Generation;
use crate::parse::{ParseOptions, read_ahead};
use rustc_hash::FxBuildHasher;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::{io, thread};

type Map<V> = hashbrown::HashMap<String, V, FxBuildHasher>;

/// Answers commands as the shell would, with this machine's tools.
///
/// Each distinct command is run once. Commands of known forms, which do nothing but ask, run
/// without a shell where that makes no difference, and several at a time: the tree is read ahead
/// for them. With a cache their answers are kept. All other commands are given to the
/// shell, when and where the tree asks for them.
pub struct Host {
    shared: Arc<Shared>,
    cache: Option<ProbeCache>,
    /// The tree to read ahead, until that has begun.
    tree: Option<Tree>,
    threads: Vec<thread::JoinHandle<()>>,
}

/// What reading ahead reads.
struct Tree {
    root: String,
    generation: Generation,
    files: Arc<dyn FileSource + Send + Sync>,
}

/// How many commands are foreseen in one tree. A kernel has two hundred.
const MAX_FORESEEN: usize = 4096;
/// How many commands run at a time, at most.
const MAX_WORKERS: usize = 8;

impl Host {
    /// Runs commands in `folder` with exactly the variables of `environment`.
    pub fn new(environment: Environment, folder: impl Into<PathBuf>) -> Self {
        Self::of(environment, folder.into(), None)
    }

    /// The same, with answers from the cache in a folder; new ones are kept there.
    pub fn with_cache(environment: Environment, folder: impl Into<PathBuf>, cache: &Path) -> Self {
        let folder = folder.into();
        let cache = ProbeCache::open(cache, &environment, &folder);
        Self::of(environment, folder, Some(cache))
    }

    fn of(environment: Environment, folder: PathBuf, cache: Option<ProbeCache>) -> Self {
        let kept = cache.as_ref().map(|cache| Arc::clone(cache.kept()));
        Self {
            shared: Arc::new(Shared {
                search: Search::new(&environment, &folder),
                tree: TreePath::of(&environment, &folder),
                may_plan: shell_is_plain(&environment),
                kept: kept.unwrap_or_default(),
                environment,
                folder,
                state: Mutex::default(),
                changed: Condvar::new(),
            }),
            cache,
            tree: None,
            threads: Vec::new(),
        }
    }

    /// Why the cache that is there cannot be used, if so.
    pub fn cache_warning(&self) -> Option<&str> {
        self.cache.as_ref()?.warning()
    }

    /// Ends what still runs, and writes new answers to the cache.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        self.stop();
        match self.cache.take() {
            Some(cache) => cache.save(&self.shared.environment, &self.shared.folder),
            None => Ok(()),
        }
    }

    fn stop(&mut self) {
        self.shared.lock().stops = true;
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked has answered nothing.
            let _ = thread.join();
        }
    }

    /// Starts reading ahead, once.
    fn look_ahead(&mut self) {
        let Some(tree) = self.tree.take() else {
            return;
        };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores.min(MAX_WORKERS) {
            let shared = Arc::clone(&self.shared);
            self.threads.push(thread::spawn(move || shared.work()));
        }
        let shared = Arc::clone(&self.shared);
        self.threads.push(thread::spawn(move || {
            let environment = shared.environment.clone();
            let options = ParseOptions {
                root: &tree.root,
                environment: &environment,
                generation: tree.generation,
            };
            read_ahead(&options, &*tree.files, &mut Scout(shared));
        }));
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Prober for Host {
    fn begin(&mut self, options: &ParseOptions<'_>, files: &dyn FileSource) {
        self.tree = files.share().map(|files| Tree {
            root: options.root.to_owned(),
            generation: options.generation,
            files,
        });
    }

    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError> {
        if let Some(output) = self.shared.kept(command) {
            return Ok(output);
        }
        let known = self.shared.known(command);
        if known.is_some() {
            self.look_ahead();
        }
        let output = self.shared.answer(command)?;
        if let (Some(cache), Some(known)) = (&mut self.cache, &known) {
            cache.insert(command, known, &output);
        }
        Ok(output)
    }
}

/// Whether nothing in the environment makes a shell behave in its own way.
fn shell_is_plain(environment: &Environment) -> bool {
    let changes = |name: &str| {
        matches!(
            name,
            "SHELLOPTS" | "BASHOPTS" | "ENV" | "BASH_ENV" | "POSIXLY_CORRECT"
        ) || name.starts_with("BASH_FUNC_")
    };
    !environment.iter().any(|(name, _)| changes(name))
}

/// What the threads of one run share.
struct Shared {
    environment: Environment,
    folder: PathBuf,
    search: Search,
    tree: TreePath,
    /// Whether the shell does what is expected of one.
    may_plan: bool,
    /// Answers from earlier runs.
    kept: Arc<Kept>,
    state: Mutex<State>,
    /// Told whenever there is a new command or a new answer.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: Map<Job>,
    queue: VecDeque<String>,
    /// The commands that answers are foreseen of, by the number of the hole.
    holes: Vec<Foreseen>,
    stops: bool,
}

enum Job {
    Queued,
    Running,
    Done(Result<ProbeOutput, ProbeError>),
}

enum Foreseen {
    /// Its text is known.
    Command(String),
    /// Its text has holes.
    Incomplete(String),
    /// It will be what nobody foresaw.
    Unforeseen,
}

impl State {
    /// The value that fills a hole.
    fn value(&self, number: usize) -> Option<String> {
        let Foreseen::Command(command) = self.holes.get(number)? else {
            return None;
        };
        let Job::Done(Ok(output)) = self.jobs.get(command.as_str())? else {
            return None;
        };
        String::from_utf8(output.value()).ok()
    }

    /// Has a command run, unless its answer is there.
    fn enqueue(&mut self, command: &str, kept: Option<ProbeOutput>) {
        if self.jobs.contains_key(command) {
            return;
        }
        let job = if let Some(output) = kept {
            Job::Done(Ok(output))
        } else {
            self.queue.push_back(command.to_owned());
            Job::Queued
        };
        self.jobs.insert(command.to_owned(), job);
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing is left half-done under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self, command: &str) -> Option<ProbeOutput> {
        if self.kept.is_empty() {
            return None;
        }
        let answer = self.kept.get(&self.tree.normalise(command))?;
        Some(answer.output.clone())
    }

    fn known(&self, command: &str) -> Option<Known> {
        known(command, &self.environment, &self.tree)
    }

    /// Runs what is foreseen, until the end.
    fn work(&self) {
        let mut state = self.lock();
        while !state.stops {
            let Some(command) = state.queue.pop_front() else {
                state = self.wait(state);
                continue;
            };
            // Whoever asked for it in the meantime runs it.
            if !matches!(state.jobs.get(command.as_str()), Some(Job::Queued)) {
                continue;
            }
            state.jobs.insert(command.clone(), Job::Running);
            drop(state);
            let result = self.execute(&command);
            self.done(&command, result);
            state = self.lock();
        }
    }

    /// The answer to a command: one that is there, or comes, or is got now.
    fn answer(&self, command: &str) -> Result<ProbeOutput, ProbeError> {
        let mut state = self.lock();
        loop {
            match state.jobs.get(command) {
                Some(Job::Done(result)) => return result.clone(),
                Some(Job::Running) => state = self.wait(state),
                Some(Job::Queued) | None => break,
            }
        }
        state.jobs.insert(command.to_owned(), Job::Running);
        drop(state);
        let result = self.execute(command);
        self.done(command, result.clone());
        result
    }

    /// Keeps an answer, and puts it where it was missing.
    fn done(&self, command: &str, result: Result<ProbeOutput, ProbeError>) {
        let mut state = self.lock();
        state.jobs.insert(command.to_owned(), Job::Done(result));
        for number in 0..state.holes.len() {
            let Foreseen::Incomplete(text) = &state.holes[number] else {
                continue;
            };
            let Some(command) = fill(text, |hole| state.value(hole)) else {
                continue;
            };
            state.holes[number] = if self.known(&command).is_some() {
                state.enqueue(&command, self.kept(&command));
                Foreseen::Command(command)
            } else {
                Foreseen::Unforeseen
            };
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Runs a command: directly where that is the same, else by the shell.
    fn execute(&self, command: &str) -> Result<ProbeOutput, ProbeError> {
        let planner = Planner {
            environment: &self.environment,
            search: &self.search,
        };
        let plan = self
            .known(command)
            .filter(|_| self.may_plan)
            .and_then(|known| planner.plan(&known.list));
        let (environment, folder) = (&self.environment, self.folder.as_path());
        let done = plan.map(|plan| direct::run(&plan, environment, folder, TIME_LIMIT));
        let done = match done {
            Some(Ok(output)) => Ok(output),
            Some(Err(error)) if error.kind() == io::ErrorKind::TimedOut => Err(error),
            Some(Err(_)) | None => shell::run(command, environment, folder, TIME_LIMIT),
        };
        done.map_err(|error| ProbeError::failed(command, &error))
    }
}

impl Foresight for Arc<Shared> {
    fn foresee(&self, command: &str) -> Option<String> {
        // A hole may be anything; a word without blanks stands for it here.
        let sample = fill(command, |_| Some("0".to_owned()))?;
        self.known(&sample)?;
        let mut state = self.lock();
        if state.stops || state.holes.len() >= MAX_FORESEEN {
            return None;
        }
        let number = state.holes.len();
        let foreseen = match fill(command, |hole| state.value(hole)) {
            Some(text) if self.known(&text).is_some() => {
                state.enqueue(&text, self.kept(&text));
                Foreseen::Command(text)
            }
            Some(_) => Foreseen::Unforeseen,
            None => Foreseen::Incomplete(command.to_owned()),
        };
        state.holes.push(foreseen);
        let value = state.value(number);
        drop(state);
        self.changed.notify_all();
        Some(value.unwrap_or_else(|| hole(number)))
    }
}
