//! A tree from the cache is the tree that parsing would give, and a stale one is never given.

use kconfig::{
    Environment, FileSource, FileState, Folder, Generation, MemoryFiles, Messages, ParseOptions,
    ProbeError, ProbeOutput, Prober, Session, Tree, TreeCache,
};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use std::{fs, io, thread};

/// Answers by command, and how often one was asked for.
#[derive(Default)]
struct Answers {
    answers: BTreeMap<&'static str, &'static str>,
    asked: usize,
}

impl Prober for Answers {
    fn run(&mut self, command: &str) -> Result<ProbeOutput, ProbeError> {
        self.asked += 1;
        let answer = self.answers.get(command).copied().unwrap_or_default();
        Ok(ProbeOutput {
            stdout: answer.as_bytes().to_vec(),
            stderr: Vec::new(),
        })
    }
}

/// Files, and how many of them were read.
struct Counted<F> {
    files: F,
    reads: Cell<usize>,
}

impl<F: FileSource> FileSource for Counted<F> {
    fn read(&self, name: &str) -> io::Result<Option<Arc<[u8]>>> {
        self.reads.set(self.reads.get() + 1);
        self.files.read(name)
    }

    fn state(&self, name: &str) -> io::Result<FileState> {
        self.files.state(name)
    }
}

const TOP: &str = "mainmenu \"M\"\n\
    cc := $(shell,cc --version)\n\
    $(info,compiler $(cc))\n\
    source \"$(shell,which part)\"\n\
    config NAME\n\tstring \"a name\"\n\tdefault \"$(NAME)$(UNSET) $(cc)\"\n\thelp\n\t  What it is called.\n\
    config ODD\n\tbool  \"odd\"\n\tprompt \"twice\"\n\
    choice\n\tprompt \"one of\"\nconfig P\n\tbool \"p\"\nconfig Q\n\tbool \"q\"\nendchoice\n\
    config MODULES\n\tbool \"modules\"\n\tmodules\n\
    config N\n\tint \"n\" if A != B && !P\n\trange 1 9 if A\n\tdefault 3\n\
    config T\n\tbool \"t\"\n\tselect C if Q\n\timply D\n\
    config C\n\tbool\n\
    config D\n\tbool \"d\"\n";

struct Fixture {
    _folder: tempfile::TempDir,
    tree: PathBuf,
    cache: PathBuf,
    environment: Environment,
    answers: BTreeMap<&'static str, &'static str>,
    generation: Generation,
}

/// What came of parsing, and what it took.
#[derive(Debug, PartialEq)]
struct Outcome {
    config: String,
    messages: Vec<String>,
    output: String,
    lines: Vec<String>,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tree = folder.path().join("tree");
        fs::create_dir(&tree).unwrap();
        let fixture = Self {
            cache: folder.path().join("cache"),
            _folder: folder,
            environment: [("NAME", "one")].into_iter().collect(),
            answers: [("cc --version", "cc 12"), ("which part", "first")].into(),
            generation: Generation::new(6, 12),
            tree,
        };
        fixture.put("Kconfig", TOP);
        fixture.put("first", "config A\n\ttristate \"a\"\n");
        fixture.put("second", "config B\n\tbool \"b\"\n\tdefault y\n");
        fixture
    }

    /// Writes a file that seems to be there for a while: what just changed is not kept.
    fn put(&self, name: &str, text: &str) {
        fs::write(self.tree.join(name), text).unwrap();
        thread::sleep(Duration::from_millis(30));
    }

    fn options(&self) -> ParseOptions<'_> {
        ParseOptions {
            root: "Kconfig",
            environment: &self.environment,
            generation: self.generation,
        }
    }

    /// Parses with the cache: what comes of it, and how many files were read. Without the cache the
    /// same comes of it.
    fn run(&self) -> (Outcome, usize) {
        let files = Counted {
            files: Folder::new(&self.tree),
            reads: Cell::new(0),
        };
        let cached = self.parse(&files, Some(&TreeCache::new(&self.cache)));
        let reads = files.reads.get();
        assert_eq!(cached, self.parse(&files, None));
        (cached, reads)
    }

    fn parse(&self, files: &dyn FileSource, cache: Option<&TreeCache>) -> Outcome {
        let mut prober = Answers {
            answers: self.answers.clone(),
            asked: 0,
        };
        let mut messages = Messages::default();
        let options = self.options();
        let tree = match cache {
            Some(cache) => cache.parse(&options, files, &mut prober, &mut messages),
            None => Tree::parse(&options, files, &mut prober, &mut messages),
        };
        let (config, lines) = tree.as_ref().map(describe).unwrap_or_default();
        assert!(prober.asked <= 2, "a command was asked for twice");
        Outcome {
            config,
            lines,
            messages: messages
                .diagnostics
                .iter()
                .map(ToString::to_string)
                .collect(),
            output: String::from_utf8(messages.output).unwrap(),
        }
    }

    fn kept(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.cache) else {
            return Vec::new();
        };
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

/// The configuration of a tree, and what its entries say.
fn describe(tree: &Tree) -> (String, Vec<String>) {
    let mut session = Session::new(tree);
    session.load_config(".config", b"CONFIG_A=y\nCONFIG_Q=y\nCONFIG_N=12\n");
    let config = String::from_utf8(session.write_config()).unwrap();
    let mut lines = Vec::new();
    for definition in tree.menu_order() {
        lines.push(format!(
            "{:?} {:?} {} {:?} {:?} {:?}",
            definition.kind(),
            definition.symbol().map(|symbol| tree.name(symbol)),
            definition.place().file,
            definition.dependency(),
            definition.written_dependencies(),
            definition.path(),
        ));
        lines.push(tree.source_line(definition.position()).into_owned());
    }
    for statement in tree.all_statements() {
        lines.push(format!(
            "{:?} {:?} {:?} {:?} {:?}",
            statement.kind(),
            statement.text(),
            statement.condition(),
            statement.value(),
            statement.position(),
        ));
    }
    (config, lines)
}

#[test]
fn the_second_run_reads_no_file() {
    let fixture = Fixture::new();
    let (first, reads) = fixture.run();
    assert!(reads >= 2);
    assert!(
        first.config.contains("CONFIG_NAME=\"one cc 12\""),
        "{}",
        first.config
    );
    assert!(first.output.contains("compiler cc 12"));
    assert!(
        first
            .messages
            .iter()
            .any(|text| text.contains("prompt redefined"))
    );
    assert_eq!(fixture.run(), (first, 0));
}

#[test]
fn what_a_tree_comes_from_is_looked_at() {
    type Change = (&'static str, fn(&mut Fixture));
    let changes: [Change; 8] = [
        ("a file", |it| {
            it.put("first", "config A\n\tbool \"other\"\n");
        }),
        ("a file of the same length and time", |it| {
            let path = it.tree.join("first");
            let modified = fs::metadata(&path).unwrap().modified().unwrap();
            it.put("first", "config Z\n\ttristate \"z\"\n");
            let times = fs::FileTimes::new().set_modified(modified);
            let file = fs::File::options().write(true).open(path).unwrap();
            file.set_times(times).unwrap();
            thread::sleep(Duration::from_millis(30));
        }),
        ("a file in its place", |it| {
            it.put("new", "config NEW\n\tbool \"new\"\n");
            fs::rename(it.tree.join("new"), it.tree.join("first")).unwrap();
            thread::sleep(Duration::from_millis(30));
        }),
        ("no file any more", |it| {
            fs::remove_file(it.tree.join("first")).unwrap();
        }),
        ("a variable", |it| it.environment.set("NAME", "two")),
        ("a variable that was not there", |it| {
            it.environment.set("UNSET", "set");
        }),
        ("an answer", |it| {
            it.answers.insert("cc --version", "cc 13");
        }),
        ("an answer that names a file", |it| {
            it.answers.insert("which part", "second");
        }),
    ];
    for (what, change) in changes {
        let mut fixture = Fixture::new();
        let (before, _) = fixture.run();
        change(&mut fixture);
        let (after, reads) = fixture.run();
        assert!(reads > 0, "{what}");
        assert_ne!(before, after, "{what}");
    }
}

#[test]
fn a_file_that_appears_where_none_was_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let mut fixture = Fixture::new();
    // As below an output folder: files are sought there first.
    fixture
        .environment
        .set("srctree", fixture.tree.to_str().unwrap());
    let files = Folder::new(folder.path());
    let cache = TreeCache::new(&fixture.cache);
    let before = fixture.parse(&files, Some(&cache));
    assert_eq!(before, fixture.parse(&files, Some(&cache)));
    fs::write(
        folder.path().join("first"),
        "config NEAR\n\tbool \"near\"\n",
    )
    .unwrap();
    let after = fixture.parse(&files, Some(&cache));
    assert!(after.config.contains("NEAR"));
}

#[test]
fn other_generations_are_other_trees() {
    let mut fixture = Fixture::new();
    let (newer, _) = fixture.run();
    fixture.generation = Generation::new(6, 1);
    let (older, reads) = fixture.run();
    assert!(reads > 0);
    assert_ne!(older, newer);
    fixture.generation = Generation::new(6, 12);
    assert_eq!(fixture.run(), (newer, 0));
}

#[test]
fn what_just_changed_is_not_kept() {
    let fixture = Fixture::new();
    let path = fixture.tree.join("first");
    // Until the file has the very time of the run, or nearly so.
    for _ in 0..3 {
        fs::write(&path, "config A\n\tbool \"a\"\n").unwrap();
        let age = |path: &Path| {
            let modified = fs::metadata(path).unwrap().modified().unwrap();
            SystemTime::now()
                .duration_since(modified)
                .unwrap_or_default()
        };
        fixture.run();
        if age(&path) < Duration::from_millis(10) {
            assert_eq!(fixture.kept(), Vec::<PathBuf>::new());
        }
        for file in fixture.kept() {
            fs::remove_file(file).unwrap();
        }
    }
}

#[test]
fn a_tree_with_errors_is_not_kept() {
    let fixture = Fixture::new();
    fixture.put("first", "config A\n\tnonsense\n");
    let (outcome, _) = fixture.run();
    assert!(!outcome.messages.is_empty());
    assert_eq!(fixture.kept(), Vec::<PathBuf>::new());
}

#[test]
fn what_is_damaged_is_not_used() {
    let fixture = Fixture::new();
    let (right, _) = fixture.run();
    let [file] = fixture.kept().try_into().unwrap();
    let whole = fs::read(&file).unwrap();
    let files = Folder::new(&fixture.tree);
    let cache = TreeCache::new(&fixture.cache);
    for position in (0..whole.len()).step_by(whole.len() / 40) {
        let mut damaged = whole.clone();
        damaged[position] ^= 0x55;
        for wrong in [&damaged[..], &whole[..position]] {
            fs::write(&file, wrong).unwrap();
            // Texts of files are looked at late: then they are lost for once.
            let once = fixture.parse(&files, Some(&cache));
            assert_eq!(once.config, right.config, "byte {position}");
            assert_eq!(fixture.run().0, right, "byte {position}");
        }
    }
}

#[test]
fn two_at_once_leave_a_whole_tree() {
    let fixture = Fixture::new();
    let right = fixture.parse(&Folder::new(&fixture.tree), None);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..8 {
                    assert_eq!(fixture.run().0, right);
                }
            });
        }
    });
    assert_eq!(fixture.kept().len(), 1);
}

#[test]
fn there_are_only_so_many_trees() {
    let folder = tempfile::tempdir().unwrap();
    let cache = TreeCache::new(folder.path());
    let environment = Environment::new();
    let options = ParseOptions {
        root: "Kconfig",
        environment: &environment,
        generation: Generation::NEWEST,
    };
    for number in 0..40 {
        let text = format!("config A{number}\n\tbool \"a\"\n");
        let files: MemoryFiles = [("Kconfig", text)].into_iter().collect();
        let mut prober = Answers::default();
        let tree = cache.parse(&options, &files, &mut prober, &mut Messages::default());
        assert!(tree.unwrap().find(&format!("A{number}")).is_some());
    }
    assert!(fs::read_dir(folder.path()).unwrap().count() <= 12);
}
