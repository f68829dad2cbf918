//! Parsed trees, kept from run to run.
//!
//! What a tree comes to depends on its files, on the environment variables that it names, and on
//! what commands answer. All of it is watched while a tree is parsed, and kept with the result.
//! The result is taken again where every file is as it was ([`FileState`]), the variables have the
//! same values, and each command, asked anew, has the same answer.

mod layout;
mod pack;
mod texts;
mod watch;

pub(crate) use texts::KeptTexts;

use crate::diagnostics::Reporter;
use crate::files::{FileSource, FileState};
use crate::keep::{self, Parts};
use crate::parse::{ParseError, ParseOptions};
use crate::probe::Prober;
use crate::tree::{SourceText, Tree};
use pack::{Reader, Unpacked, Writer};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use watch::{Answered, Command, Message, Recording, WatchedFiles, WatchedProber};

/// Parsed trees in the files of a folder.
///
/// Two processes may use one folder: a file is replaced as a whole. Of many trees those that were
/// used last are kept.
#[derive(Debug, Clone)]
pub struct TreeCache {
    folder: PathBuf,
}

/// Begins the first line. What is kept is told apart by the version that wrote it.
const MAGIC: &str = concat!("nix-kconfig parsed tree 1 ", env!("CARGO_PKG_VERSION"), " ");
/// How many trees are kept. A kernel's takes 10 MB.
const MAX_FILES: usize = 12;
/// What changed this shortly before it was looked at may change again without a trace.
const TICK: Duration = Duration::from_millis(10);
/// Variables that tell apart trees which are used in turn, so that each is kept.
const TELLING: &[&str] = &[
    "ARCH",
    "CC_VERSION_TEXT",
    "KERNELVERSION",
    "LD",
    "PAHOLE",
    "RUSTC",
    "RUSTC_VERSION_TEXT",
    "SRCARCH",
    "srctree",
];

impl TreeCache {
    /// The trees in a folder, which is made when there is one to keep.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Parses a tree, or takes it from an earlier run: as [`Tree::parse`], with the same result,
    /// messages and errors. A tree that cannot be kept is parsed again the next time.
    ///
    /// # Errors
    /// As [`Tree::parse`].
    pub fn parse(
        &self,
        options: &ParseOptions<'_>,
        files: &dyn FileSource,
        prober: &mut dyn Prober,
        reporter: &mut dyn Reporter,
    ) -> Result<Tree, ParseError> {
        let began = SystemTime::now();
        let Ok(file) = self.file_of(options, files) else {
            return Tree::parse(options, files, prober, reporter);
        };
        prober.begin(options, files);
        let mut answered = Answered::default();
        // What is damaged, or of another version, is written anew.
        if let Ok(kept) = Kept::open(&file)
            && kept.is_current(options, files, prober, &mut answered)
            && let Some(tree) = kept.tree()
        {
            kept.repeat_messages(reporter);
            return Ok(tree);
        }
        let watched = WatchedFiles::new(files);
        let mut prober = WatchedProber::new(prober, answered);
        let mut recording = Recording::new(reporter);
        let tree = Tree::parse(options, &watched, &mut prober, &mut recording)?;
        let seen = watched.into_seen();
        if seen.iter().all(|(_, state)| is_settled(state, began)) {
            // Where there is nowhere to keep it, it is parsed again the next time.
            let _ = keep(&file, &tree, &seen, &prober.commands, &recording.messages);
        }
        Ok(tree)
    }

    /// The file that a tree is kept in.
    fn file_of(&self, options: &ParseOptions<'_>, files: &dyn FileSource) -> io::Result<PathBuf> {
        let mut hasher = blake3::Hasher::new();
        let mut add = |text: &[u8]| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text);
        };
        add(options.root.as_bytes());
        add(options.generation.to_string().as_bytes());
        for variable in TELLING {
            add(options.environment.get(variable).unwrap_or("\0").as_bytes());
        }
        add(&files.identity());
        files.state(options.root)?.feed(&mut add);
        if let Some(folder) = options.environment.get("srctree") {
            let name = format!("{folder}/{}", options.root);
            files.state(&name)?.feed(&mut add);
        }
        let name = hasher.finalize().to_hex();
        Ok(self.folder.join(format!("{}.parsed", &name.as_str()[..32])))
    }
}

/// Whether a file changed so long ago that a further change would show.
fn is_settled(state: &FileState, began: SystemTime) -> bool {
    let Some(changed) = state.changed() else {
        return true;
    };
    began
        .checked_sub(TICK)
        .is_some_and(|before| changed < before)
}

/// One number for the states of many files.
fn digest<'s>(states: impl Iterator<Item = &'s FileState>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    let mut bytes = Vec::new();
    for state in states {
        state.feed(&mut |part| bytes.extend_from_slice(part));
    }
    hasher.update(&bytes);
    *hasher.finalize().as_bytes()
}

/// What a tree came from.
struct Origin {
    /// The files that were asked for, whether there or not.
    files: Vec<String>,
    digest: Vec<u8>,
    used_environment: Vec<(String, String)>,
    absent_environment: Vec<String>,
    commands: Vec<Command>,
    messages: Vec<Message>,
}

impl Origin {
    fn read(pack: &mut Reader<'_>) -> Unpacked<Self> {
        Ok(Self {
            files: pack.list(Reader::string)?,
            digest: pack.text()?.to_vec(),
            used_environment: pack.list(|pack| Ok((pack.string()?, pack.string()?)))?,
            absent_environment: pack.list(Reader::string)?,
            commands: pack.list(Command::read)?,
            messages: pack.list(Message::read)?,
        })
    }
}

/// Writes a tree and what it came from.
fn keep(
    file: &Path,
    tree: &Tree,
    seen: &[(String, FileState)],
    commands: &[Command],
    messages: &[Message],
) -> io::Result<()> {
    let mut origin = Writer::default();
    origin.list(seen.iter(), |out, (name, _)| out.text(name.as_bytes()));
    origin.text(&digest(seen.iter().map(|(_, state)| state)));
    origin.list(tree.used_environment.iter(), |out, (name, value)| {
        out.text(name.as_bytes());
        out.text(value.as_bytes());
    });
    let absent: Vec<&String> = tree.absent_environment.iter().collect();
    origin.list(absent.into_iter(), |out, name| out.text(name.as_bytes()));
    origin.list(commands.iter(), |out, command| command.write(out));
    origin.list(messages.iter(), |out, message| message.write(out));
    let mut body = Writer::default();
    layout::write(tree, &mut body);
    let texts = layout::texts(tree);
    let parts = [&origin.bytes, &body.bytes, &texts].map(Vec::as_slice);
    keep::write_parts(file, MAGIC, &parts, MAX_FILES)
}

/// The parts of a file.
const ORIGIN: usize = 0;
const BODY: usize = 1;
const TEXTS: usize = 2;

/// A tree that was kept, and what it came from.
struct Kept {
    parts: Arc<Parts>,
    origin: Origin,
}

impl Kept {
    fn open(file: &Path) -> io::Result<Self> {
        let parts = Parts::open(file, MAGIC)?;
        let origin = parts.read(ORIGIN)?;
        let mut pack = Reader::new(&origin);
        let origin = Origin::read(&mut pack).ok().filter(|_| pack.is_at_end());
        Ok(Self {
            parts: Arc::new(parts),
            origin: origin.ok_or(io::ErrorKind::InvalidData)?,
        })
    }

    /// Whether parsing would come to the same. Commands are asked for last; what they answer goes to
    /// `answered`, so that nobody need ask again.
    fn is_current(
        &self,
        options: &ParseOptions<'_>,
        files: &dyn FileSource,
        prober: &mut dyn Prober,
        answered: &mut Answered,
    ) -> bool {
        let Origin {
            used_environment,
            absent_environment,
            ..
        } = &self.origin;
        let value = |name: &str| options.environment.get(name);
        used_environment
            .iter()
            .all(|(name, known)| value(name) == Some(known))
            && absent_environment.iter().all(|name| value(name).is_none())
            && self.has_current_files(files)
            && self.has_current_answers(prober, answered)
    }

    fn has_current_files(&self, files: &dyn FileSource) -> bool {
        let names = self.origin.files.iter();
        let states: io::Result<Vec<FileState>> = names.map(|name| files.state(name)).collect();
        states.is_ok_and(|states| digest(states.iter()) == *self.origin.digest)
    }

    fn has_current_answers(&self, prober: &mut dyn Prober, answered: &mut Answered) -> bool {
        for command in &self.origin.commands {
            // An error is told when the tree is parsed.
            let Ok(output) = prober.run(&command.text) else {
                return false;
            };
            let is_same = output == command.output;
            answered.push(&command.text, output);
            if !is_same {
                return false;
            }
        }
        true
    }

    fn tree(&self) -> Option<Tree> {
        let body = self.parts.read(BODY).ok()?;
        let mut pack = Reader::new(&body);
        let texts = Arc::new(KeptTexts::new(Arc::clone(&self.parts), TEXTS));
        let text_of = |span| SourceText::Kept(Arc::clone(&texts), span);
        let mut tree = layout::read(&mut pack, text_of).ok()?;
        tree.used_environment
            .clone_from(&self.origin.used_environment);
        tree.absent_environment = self.origin.absent_environment.iter().cloned().collect();
        self.parts.touch();
        pack.is_at_end().then_some(tree)
    }

    fn repeat_messages(&self, reporter: &mut dyn Reporter) {
        for message in &self.origin.messages {
            message.repeat(reporter);
        }
    }
}
