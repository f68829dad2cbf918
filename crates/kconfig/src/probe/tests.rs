//! Commands run here are compared with the same commands run by the shell.

use super::{
    Host, HostShell, ProbeOutput, Prober, Profile, ProfileReplay, Recorder, direct, plan, running,
    search, words,
};
use crate::diagnostics::Messages;
use crate::environment::Environment;
use crate::files::MemoryFiles;
use crate::generation::Generation;
use crate::parse::ParseOptions;
use crate::tree::Tree;
use proptest::prelude::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// What a command gives without a shell, where that is known.
fn without_shell(command: &str, environment: &Environment, folder: &Path) -> Option<ProbeOutput> {
    let planner = plan::Planner {
        environment,
        search: &search::Search::new(environment, folder),
    };
    let plan = planner.plan(&words::read(command)?)?;
    Some(direct::run(&plan, environment, folder, running::TIME_LIMIT).unwrap())
}

fn by_shell(command: &str, environment: &Environment, folder: &Path) -> ProbeOutput {
    HostShell::new(environment.clone(), folder)
        .run(command)
        .unwrap()
}

fn host_environment() -> Environment {
    let path = std::env::var("PATH").unwrap();
    [("PATH", path.as_str()), ("CC", "grep"), ("WORDS", "a b")]
        .into_iter()
        .collect()
}

/// Commands that need no shell, of every form that kernels have.
#[test]
fn commands_of_kernels_give_what_the_shell_gives() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("here"), "text").unwrap();
    let probe =
        |condition: &str| format!("{{ {condition}; }} >/dev/null 2>&1 && echo \"y\" || echo \"n\"");
    let mut commands: Vec<String> = [
        "true",
        "false",
        "test -z \"\"",
        "test -z \"GCC 120200\"",
        "test -n GCC",
        "[ GCC = GCC ]",
        "test \"GCC\" = Clang",
        "test GCC != Clang",
        "test 120200 -ge 90000",
        "test 9 -lt 10",
        "test -e here",
        "test -e there",
        "test -e /dev/null/none",
        "command -v grep",
        "command -v no-such-program",
        "no-such-program --version",
        "no-such-program || true",
        "echo 'int foo(int *x) { return \"m\"(*x); }' | grep -q foo",
        "echo text | grep -q other",
        "printf \"%b\\n\" \"a\\tb\\n\\$0x10\" | grep -q '^.0x10$'",
        "printf \"%b\\n\" \"a\" | $CC -q a",
        "echo a | head -n 1 | grep -q a",
        "trap \"rm -rf .tmp_$$\" EXIT; mkdir .tmp_$$; cp here .tmp_$$/copy",
        "trap \"rm -rf .tmp_$$\" EXIT; mkdir .tmp_$$; cp none .tmp_$$/copy",
        "env \"CC=cc\" \"LD=ld\" grep text here",
        "grep -c text here && false",
    ]
    .into_iter()
    .map(probe)
    .collect();
    commands.extend(
        [
            "set -- GCC 120200 && echo $1",
            "set -- GCC 120200 && echo $2",
            "set -- && echo $1",
            "grep -c text here",
            "grep --no-such-option here 2>/dev/null",
            "grep none here 2>/dev/null && echo y || echo n",
            "echo  a   'b  c'  \"d  e\"",
            "{ grep text here; } >/dev/null 2>&1 && echo \"-m32\" || echo \"\"",
            "echo \"$WORDS\"",
        ]
        .map(str::to_owned),
    );
    let environment = host_environment();
    for command in &commands {
        let direct = without_shell(command, &environment, folder.path());
        let direct = direct.unwrap_or_else(|| panic!("{command} is left to the shell"));
        let expected = by_shell(command, &environment, folder.path());
        assert_eq!(direct, expected, "{command}");
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn what_only_a_shell_knows_is_left_to_it() {
    let folder = tempfile::tempdir().unwrap();
    for command in [
        "echo -n a",
        "echo 'a\\tb'",
        "printf '%s' a",
        "printf \"%b\\n\" \"\\0101\"",
        "test",
        "test ! = !",
        "test -f here",
        "test a -eq 1",
        "command -v test",
        "command -v grep",
        "no-such-program",
        "cd /",
        "exit 1",
        "echo $WORDS",
        "echo $NOT_SET",
        "echo $IFS",
        "set -- a && set -- b && echo $1",
        "mkdir .tmp_$$",
        "echo $$",
        "true 2>&1 | grep a",
    ] {
        let planned = words::read(command).and_then(|list| {
            plan::Planner {
                environment: &host_environment(),
                search: &search::Search::new(&host_environment(), folder.path()),
            }
            .plan(&list)
        });
        let is_mkdir = command.starts_with("mkdir");
        // `mkdir` is a program like any other, but its operand is not known.
        assert!(planned.is_none() || is_mkdir, "{command}: {planned:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// Whatever is run without a shell gives what the shell gives.
    #[test]
    fn commands_are_the_shells(command in arbitrary_command()) {
        let folder = tempfile::tempdir().unwrap();
        let environment = host_environment();
        if let Some(output) = without_shell(&command, &environment, folder.path()) {
            prop_assert_eq!(output, by_shell(&command, &environment, folder.path()));
        }
    }
}

fn arbitrary_command() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z0-9=+%@:,./_-]{0,3}",
        2 => "'[ -&(-~]{0,4}'",
        3 => "\"([ #%-\\[\\]^_a-~]|\\\\[\\\\$\"ntx]){0,4}\"",
        1 => prop::sample::select(vec![
            "$CC", "$WORDS", "\"$WORDS\"", "$1", "\"$2\"", "*", "~", "#", "\\a", "$(true)", "{", "}", "[", "]", "!",
        ]).prop_map(str::to_owned),
    ];
    let word = prop::collection::vec(piece, 1..3).prop_map(|pieces| pieces.concat());
    let name = prop::sample::select(vec![
        "echo",
        "test",
        "[",
        "true",
        "false",
        "set --",
        "printf \"%b\\n\"",
        "printf",
        "test -z",
        ":",
        "test -e",
        "grep -c",
        "env echo",
        "command -v",
        "no-such-program",
    ]);
    let words = prop::collection::vec(word, 0..4).prop_map(|words| words.join(" "));
    let redirection =
        prop::sample::select(vec!["", "", " 2>/dev/null", " >/dev/null 2>&1", " 2>&1"]);
    let simple = (name, words, redirection).prop_map(|(name, words, redirection)| {
        let end = if name == "[" { " ]" } else { "" };
        format!("{name} {words}{end}{redirection}")
    });
    let joint = prop::sample::select(vec!["; ", " && ", " || ", " | "]);
    let list = prop::collection::vec((simple, joint), 1..4).prop_map(|items| {
        let last = items.len() - 1;
        items
            .into_iter()
            .enumerate()
            .map(|(index, (simple, joint))| {
                if index == last {
                    simple
                } else {
                    simple + joint
                }
            })
            .collect::<String>()
    });
    (list, 0..3).prop_map(|(list, form)| match form {
        0 => list,
        1 => format!("{{ {list}; }} >/dev/null 2>&1 && echo \"y\" || echo \"n\""),
        _ => format!("{{ {list}; }} 2>/dev/null; echo end"),
    })
}

/// A folder with a tool in it that notes each of its runs.
struct Workshop {
    folder: TempDir,
}

impl Workshop {
    fn new() -> Self {
        let workshop = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        workshop.write_script("bin/cc", "echo \"$*\" >>log; test \"$1\" = -good");
        workshop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write_script(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // A program that is being run cannot be written to: it is replaced.
        let new = self.path("new");
        fs::write(&new, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&new, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(new, path).unwrap();
        self.settle();
    }

    /// What was written a moment ago is not yet kept.
    fn settle(&self) {
        std::thread::sleep(Duration::from_millis(40));
    }

    fn environment(&self) -> Environment {
        let path = std::env::var("PATH").unwrap();
        let path = format!("{}:{path}", self.path("bin").display());
        let tree = self.path("tree");
        [
            ("PATH", path.as_str()),
            ("CC", "cc"),
            ("srctree", tree.to_str().unwrap()),
        ]
        .into_iter()
        .collect()
    }

    fn host(&self) -> Host {
        self.host_with(self.environment())
    }

    fn host_with(&self, environment: Environment) -> Host {
        Host::with_cache(environment, self.folder.path(), &self.path("cache"))
    }

    /// The runs so far, which are then forgotten.
    fn runs(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        let _ = fs::remove_file(self.path("log"));
        let runs = log.lines().map(str::to_owned);
        // What is asked for the cache's own sake.
        runs.filter(|run| !run.starts_with("-print-prog-name"))
            .collect()
    }
}

const GOOD: &str = "{ cc -good; } >/dev/null 2>&1 && echo \"y\" || echo \"n\"";
const BAD: &str = "{ cc -bad; } >/dev/null 2>&1 && echo \"y\" || echo \"n\"";

fn ask(mut host: Host, commands: &[&str]) -> Vec<String> {
    let answers = commands
        .iter()
        .map(|command| String::from_utf8(host.run(command).unwrap().value()).unwrap())
        .collect();
    host.finish().unwrap();
    answers
}

#[test]
fn kept_answers_are_not_asked_for_again() {
    let workshop = Workshop::new();
    assert_eq!(ask(workshop.host(), &[GOOD, BAD, GOOD]), ["y", "n", "y"]);
    assert_eq!(workshop.runs(), ["-good", "-bad"]);
    assert_eq!(ask(workshop.host(), &[GOOD, BAD]), ["y", "n"]);
    assert_eq!(workshop.runs(), [""; 0]);
}

#[test]
fn a_changed_tool_is_asked_again() {
    let workshop = Workshop::new();
    ask(workshop.host(), &[GOOD]);
    workshop.write_script("bin/cc", "echo \"$*\" >>log; false");
    workshop.runs();
    assert_eq!(ask(workshop.host(), &[GOOD]), ["n"]);
    assert_eq!(workshop.runs(), ["-good"]);
}

#[test]
fn a_tool_that_comes_first_now_is_asked() {
    let workshop = Workshop::new();
    fs::create_dir(workshop.path("first")).unwrap();
    let mut environment = workshop.environment();
    let path = environment.get("PATH").unwrap().to_owned();
    environment.set(
        "PATH",
        format!("{}:{path}", workshop.path("first").display()),
    );
    assert_eq!(ask(workshop.host_with(environment.clone()), &[GOOD]), ["y"]);
    workshop.write_script("first/cc", "false");
    assert_eq!(ask(workshop.host_with(environment), &[GOOD]), ["n"]);
}

#[test]
fn a_wrapper_is_asked_again_when_what_it_wraps_changed() {
    let workshop = Workshop::new();
    workshop.write_script("bin/real-cc", "true");
    workshop.write_script("bin/cc", "exec real-cc \"$@\"");
    assert_eq!(ask(workshop.host(), &[GOOD]), ["y"]);
    workshop.write_script("bin/real-cc", "false");
    assert_eq!(ask(workshop.host(), &[GOOD]), ["n"]);
}

#[test]
fn another_environment_is_another_question() {
    let workshop = Workshop::new();
    ask(workshop.host(), &[GOOD]);
    for (name, asks_again) in [("TERM", false), ("MAKEFLAGS", false), ("CPATH", true)] {
        workshop.runs();
        let mut environment = workshop.environment();
        environment.set(name, "value");
        ask(workshop.host_with(environment), &[GOOD]);
        assert_eq!(!workshop.runs().is_empty(), asks_again, "{name}");
    }
}

#[test]
fn answers_of_helper_scripts_depend_on_what_they_say() {
    let workshop = Workshop::new();
    workshop.write_script(
        "tree/scripts/cc-version.sh",
        "$(dirname $0)/min-tool-version.sh",
    );
    workshop.write_script("tree/scripts/min-tool-version.sh", "echo 5");
    let command = format!(
        "{}/scripts/cc-version.sh cc",
        workshop.path("tree").display()
    );
    assert_eq!(ask(workshop.host(), &[&command]), ["5"]);
    workshop.write_script("tree/scripts/min-tool-version.sh", "echo 6");
    assert_eq!(ask(workshop.host(), &[&command]), ["6"]);

    // The same scripts elsewhere answer alike.
    fs::rename(workshop.path("tree"), workshop.path("moved")).unwrap();
    let mut environment = workshop.environment();
    let moved = workshop.path("moved").display().to_string();
    environment.set("srctree", moved.as_str());
    let command = format!("{moved}/scripts/cc-version.sh cc");
    assert_eq!(ask(workshop.host_with(environment), &[&command]), ["6"]);
}

#[test]
fn what_is_not_known_to_depend_on_tools_alone_is_not_kept() {
    let workshop = Workshop::new();
    workshop.write_script("tree/scripts/date.sh", "echo asked >>log");
    let script = format!("{}/scripts/date.sh", workshop.path("tree").display());
    for command in [
        script.as_str(),
        "cat log >/dev/null; echo asked >>log",
        "cc /proc/version",
    ] {
        for _ in 0..2 {
            workshop.runs();
            ask(workshop.host(), &[command]);
            assert_eq!(workshop.runs().len(), 1, "{command}");
        }
    }
}

#[test]
fn a_damaged_cache_is_told_and_written_anew() {
    let workshop = Workshop::new();
    ask(workshop.host(), &[GOOD]);
    let file = fs::read_dir(workshop.path("cache")).unwrap().next();
    let file = file.unwrap().unwrap().path();
    let text = fs::read_to_string(&file).unwrap();
    for damaged in [
        text.replace("\"y", "\"n"),
        text[..text.len() / 2].to_owned(),
        String::new(),
    ] {
        fs::write(&file, damaged).unwrap();
        let host = workshop.host();
        assert!(host.cache_warning().unwrap().ends_with("it is damaged"));
        assert_eq!(ask(host, &[GOOD]), ["y"]);
        assert_eq!(workshop.host().cache_warning(), None);
    }
}

#[test]
fn two_at_once_leave_a_whole_cache() {
    let workshop = Workshop::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(ask(workshop.host(), &[GOOD, BAD]), ["y", "n"]));
        }
    });
    workshop.runs();
    assert_eq!(ask(workshop.host(), &[GOOD, BAD]), ["y", "n"]);
    assert_eq!(workshop.runs(), [""; 0]);
    assert_eq!(fs::read_dir(workshop.path("cache")).unwrap().count(), 1);
}

/// A tree whose commands depend on each other.
const KCONFIG: &str = r#"
success = $(shell,{ $(1); } >/dev/null 2>&1 && echo "y" || echo "n")
name := $(shell,set -- GOOD 1 && echo $1)
flag := $(shell,{ cc -good first; } >/dev/null 2>&1 && echo "-good" || echo "")
config A
	def_bool $(success,cc -good)
config B
	def_bool $(success,cc -bad)
config C
	def_bool $(success,cc $(flag) last)
config D
	string
	default "$(shell,test "$(name)" = GOOD && echo yes)"
source "more"
"#;

fn parse(files: &MemoryFiles, prober: &mut dyn Prober) -> Tree {
    let options = ParseOptions {
        root: "Kconfig",
        environment: &Environment::new(),
        generation: Generation::NEWEST,
    };
    Tree::parse(&options, files, prober, &mut Messages::default()).unwrap()
}

#[test]
fn a_tree_that_is_read_ahead_gets_the_same_answers_each_asked_for_once() {
    let workshop = Workshop::new();
    let more = "config E\n\tdef_bool $(success,cc -good last of all)\n";
    let files: MemoryFiles = [("Kconfig", KCONFIG), ("more", more)].into_iter().collect();
    let shell = HostShell::new(workshop.environment(), workshop.folder.path());
    let mut one_by_one = Recorder::new(shell);
    parse(&files, &mut one_by_one);
    let mut expected = workshop.runs();
    let mut ahead = Recorder::new(Host::new(workshop.environment(), workshop.folder.path()));
    parse(&files, &mut ahead);
    let mut runs = workshop.runs();
    assert_eq!(ahead.into_recorded(), one_by_one.into_recorded());
    expected.sort();
    runs.sort();
    assert_eq!(runs, expected);
}

#[test]
fn nothing_is_run_ahead_of_a_command_with_unknown_effects() {
    let workshop = Workshop::new();
    let text = "X := $(shell,cp bin/cc bin/cd2; echo later >log; sleep 0.2; cat log)\n\
                Y := $(shell,{ cc -good; } >/dev/null 2>&1 && echo y)\n\
                Z := $(shell,cat log | tr '\\n' ' ')\n\
                $(info,$(X)$(Y)$(Z))\n";
    let files: MemoryFiles = [("Kconfig", text)].into_iter().collect();
    let mut messages = Messages::default();
    let options = ParseOptions {
        root: "Kconfig",
        environment: &Environment::new(),
        generation: Generation::NEWEST,
    };
    let mut host = Host::new(workshop.environment(), workshop.folder.path());
    Tree::parse(&options, &files, &mut host, &mut messages).unwrap();
    assert_eq!(
        String::from_utf8(messages.output).unwrap(),
        "laterylater -good \n"
    );
}

/// A tree whose helper script says this.
fn tree_with_script(text: &str) -> MemoryFiles {
    [
        ("Kconfig", "X := $(shell,$(srctree)/scripts/cc-version.sh cc)\nconfig X\n\tstring\n\tdefault \"$(X)\"\n"),
        ("scripts/cc-version.sh", text),
    ]
    .into_iter()
    .collect()
}

fn environment_of(version: &str) -> Environment {
    [("srctree", "/tree"), ("KERNELVERSION", version)]
        .into_iter()
        .collect()
}

const SCRIPT: &str = "/tree/scripts/cc-version.sh cc";

/// A profile of kernels that answer differently.
fn profile() -> Profile {
    let mut profile = Profile::new("cc-1-x86_64", "x86_64-linux");
    for (version, script) in [("6.1", "old"), ("6.12", "new"), ("6.13", "new")] {
        let output = ProbeOutput {
            stdout: format!("{script} answer\n").into_bytes(),
            stderr: Vec::new(),
        };
        let good = ProbeOutput {
            stdout: b"y\n".to_vec(),
            stderr: Vec::new(),
        };
        profile
            .add(
                version,
                &environment_of(version),
                &tree_with_script(script),
                [(SCRIPT, &output), (GOOD, &good)],
            )
            .unwrap();
    }
    profile
}

fn replay(version: &str, script: &str) -> ProfileReplay {
    let files = Arc::new(tree_with_script(script));
    ProfileReplay::new(&profile(), &environment_of(version), files)
}

fn answer(prober: &mut dyn Prober, command: &str) -> String {
    String::from_utf8(prober.run(command).unwrap().stdout).unwrap()
}

#[test]
fn a_script_is_answered_as_in_the_kernel_that_has_it() {
    assert_eq!(profile().kernels, ["6.1", "6.12", "6.13"]);
    for (version, script, expected, is_told) in [
        ("6.12", "old", "old answer\n", false),
        ("6.1", "new", "new answer\n", false),
        // Nobody recorded these scripts: the next older kernel's answer, or the oldest.
        ("6.12", "changed", "old answer\n", true),
        ("6.18", "changed", "new answer\n", true),
        ("5.4", "changed", "old answer\n", true),
    ] {
        let mut replay = replay(version, script);
        assert_eq!(answer(&mut replay, SCRIPT), expected, "{version} {script}");
        assert_eq!(
            replay.differing().count(),
            usize::from(is_told),
            "{version} {script}"
        );
        assert_eq!(replay.unanswered().count(), 0);
    }
}

#[test]
fn what_is_not_recorded_is_worked_out_or_counts_as_failed() {
    let mut replay = replay("6.12", "new");
    let probe = |condition: &str, yes: &str, no: &str| {
        format!("{{ {condition}; }} >/dev/null 2>&1 && echo \"{yes}\" || echo \"{no}\"")
    };
    for (command, expected) in [
        (GOOD.to_owned(), "y\n"),
        (probe("test -z \"GCC 140200\"", "y", "n"), "n\n"),
        ("set -- GCC 140200 && echo $2".to_owned(), "140200\n"),
    ] {
        assert_eq!(answer(&mut replay, &command), expected, "{command}");
    }
    assert_eq!(replay.unanswered().count(), 0);
    for (command, expected) in [
        (probe("cc -new", "y", "n"), "n\n"),
        (probe("cc -m64", "-m64", ""), "\n"),
        (probe("test -e /", "y", "n"), "n\n"),
        ("cc -print-file-name=plugin".to_owned(), ""),
        ("touch /nowhere/file".to_owned(), ""),
    ] {
        assert_eq!(answer(&mut replay, &command), expected, "{command}");
    }
    assert_eq!(replay.unanswered().count(), 5);
}

#[test]
fn a_profile_is_read_as_it_was_written() {
    let profile = profile();
    for text in [
        profile.to_json().unwrap(),
        profile.to_pretty_json().unwrap(),
    ] {
        assert_eq!(Profile::from_json(text.as_bytes()).unwrap(), profile);
    }
    let later = profile
        .to_json()
        .unwrap()
        .replace("\"format\":1", "\"format\":2");
    let error = Profile::from_json(later.as_bytes())
        .unwrap_err()
        .to_string();
    assert_eq!(error, "its format is 2, and this program knows format 1");
    for text in ["", "{}", "[]", "{\"format\":1,\"further\":1}"] {
        let error = Profile::from_json(text.as_bytes()).unwrap_err().to_string();
        assert!(
            error.starts_with("it is no recorded toolchain: "),
            "{error}"
        );
    }
}

/// What a tree that runs a command comes to, with little time for it: the error.
fn refused(command: &str) -> (String, Duration) {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("config A\n\tstring \"a\"\n\tdefault \"$(shell,{command})\"\n");
    let files: MemoryFiles = [("Kconfig", text)].into_iter().collect();
    let environment = host_environment();
    let options = ParseOptions {
        root: "Kconfig",
        environment: &environment,
        generation: Generation::NEWEST,
    };
    let mut messages = Messages::default();
    let mut shell = HostShell::new(environment.clone(), folder.path())
        .with_time_limit(Duration::from_millis(300));
    let began = std::time::Instant::now();
    let parsed = Tree::parse(&options, &files, &mut shell, &mut messages);
    assert!(parsed.is_err(), "{command}");
    let told: Vec<String> = messages
        .diagnostics
        .iter()
        .map(ToString::to_string)
        .collect();
    (told.join("\n"), began.elapsed())
}

#[test]
fn a_command_that_hangs_is_killed_with_all_it_started() {
    let mark = format!("{}.25", 100_000 + std::process::id());
    for command in [
        format!("sleep {mark}"),
        format!("sleep {mark} | cat"),
        format!("(sleep {mark}; true) & wait"),
        format!("trap '' TERM PIPE; while :; do sleep {mark}; done"),
        format!("exec >&- 2>&-; sleep {mark}"),
    ] {
        let (told, took) = refused(&command);
        assert!(told.starts_with("Kconfig:3: cannot run `"), "{told}");
        assert!(
            told.ends_with("it did not end within 0.3 seconds"),
            "{told}"
        );
        assert!(took < Duration::from_secs(20), "{command}");
    }
    let processes = std::process::Command::new("ps")
        .args(["-eo", "args"])
        .output();
    let processes = String::from_utf8_lossy(&processes.unwrap().stdout).into_owned();
    assert!(!processes.contains(&format!("sleep {mark}")), "{processes}");
}

#[test]
fn a_command_that_writes_without_end_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut shell = HostShell::new(host_environment(), folder.path());
    for command in ["yes", "yes >&2; echo", "yes >&2 & yes"] {
        let output = shell.run(command).unwrap();
        assert!(output.stdout.len() <= 4096 && output.stderr.len() <= 1 << 16);
    }
}
