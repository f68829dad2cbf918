//! `cargo xtask drive`: answers the questions of a real `conf` as nixpkgs does, by the published
//! rules of its driver, which this was written after and shares nothing with the program.
//!
//! `conf` must print `###` where it waits (`Conf::marked`). The variables of this process are
//! handed on to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};

use anyhow::{Context, Result, bail};
use clap::Args;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;

/// Options of the command.
#[derive(Args)]
pub(crate) struct DriveArgs {
    /// The `conf` that marks its questions
    conf: PathBuf,
    /// nixpkgs' intermediate text
    answers: PathBuf,
    /// As the driver does since 26.11: bare names are empty strings, and two members of a choice
    /// conflict
    #[arg(long)]
    late: bool,
    #[arg(long)]
    auto_modules: bool,
    #[arg(long)]
    prefer_builtin: bool,
    #[arg(long)]
    ignore_config_errors: bool,
}

/// Drives `conf` in the working folder. True if every mandatory answer was reached.
///
/// # Errors
///
/// `conf` cannot be run, or the answers cannot be read.
pub(crate) fn run(args: &DriveArgs) -> Result<bool> {
    let answers = Answers::read(args)?;
    for _ in 0..2 {
        if let Err(stop) = configure(args, &answers)? {
            eprintln!("{stop}");
            return Ok(false);
        }
    }
    let dot_config = Path::new(".config");
    let mut text = fs::read_to_string(dot_config)?;
    if !answers.empty.is_empty() {
        text = with_empty_strings(&text, &answers.empty);
        fs::write(dot_config, &text)?;
    }
    Ok(answers.check(&text, args.ignore_config_errors))
}

#[derive(Default)]
struct Answers {
    values: BTreeMap<String, String>,
    optional: BTreeSet<String>,
    empty: BTreeSet<String>,
}

impl Answers {
    fn read(args: &DriveArgs) -> Result<Self> {
        let text = fs::read_to_string(&args.answers)?;
        let valued = expression(r"^\s*([A-Za-z0-9_]+)(\?)?\s+(.*\S)\s*$")?;
        let bare = expression(r"^\s*([A-Za-z0-9_]+)(\?)?\s*$")?;
        let mut answers = Self::default();
        for line in text.lines() {
            let code = line.split('#').next().unwrap_or_default();
            let (found, is_bare) = match captures(&valued, code) {
                Some(found) => (found, false),
                None if code.trim().is_empty() => continue,
                None if args.late => match captures(&bare, code) {
                    Some(found) => (found, true),
                    None => bail!("invalid config line: {code}"),
                },
                None => bail!("invalid config line: {code}"),
            };
            let name = found[0].clone();
            if found[1].is_empty() {
                answers.optional.remove(&name);
            } else {
                answers.optional.insert(name.clone());
            }
            if is_bare {
                answers.empty.insert(name.clone());
            }
            let value = found.get(2).cloned().unwrap_or_default();
            answers.values.insert(name, value);
        }
        Ok(answers)
    }

    fn check(&self, config: &str, ignore_errors: bool) -> bool {
        let mut got = BTreeMap::new();
        for line in config.lines() {
            if let Some(name) = line
                .strip_prefix("# CONFIG_")
                .and_then(|rest| rest.strip_suffix(" is not set"))
            {
                got.insert(name, "n".to_owned());
            } else if let Some((name, value)) = line
                .strip_prefix("CONFIG_")
                .and_then(|rest| rest.split_once('='))
            {
                let inside = value
                    .strip_prefix('"')
                    .and_then(|rest| rest.strip_suffix('"'));
                let plain = inside.map_or(value.to_owned(), |inside| {
                    inside.replace("\\\"", "\"").replace("\\\\", "\\")
                });
                got.insert(name, plain);
            }
        }
        let mut is_complete = true;
        for (name, wanted) in &self.values {
            let complaint = match got.get(name.as_str()) {
                None => format!("unused option: {name}"),
                Some(value) if value.is_empty() || value == "0" || value == wanted => continue,
                Some(value) => {
                    format!("option not set correctly: {name} (wanted '{wanted}', got '{value}')")
                }
            };
            if self.optional.contains(name) || ignore_errors {
                eprintln!("warning: {complaint}");
            } else {
                eprintln!("error: {complaint}");
                is_complete = false;
            }
        }
        is_complete
    }
}

fn with_empty_strings(config: &str, names: &BTreeSet<String>) -> String {
    let mut written = String::with_capacity(config.len());
    for line in config.lines() {
        let name = line
            .strip_prefix("CONFIG_")
            .and_then(|rest| rest.split_once('='))
            .map(|(name, _)| name)
            .filter(|name| names.contains(*name));
        if let Some(name) = name {
            written.push_str(&format!("CONFIG_{name}=\"\"\n"));
        } else {
            written.push_str(line);
            written.push('\n');
        }
    }
    written
}

/// What reads the lines of `conf`.
struct Patterns {
    member: Regex,
    named: Regex,
    choice: Regex,
    module: Regex,
}

/// One run of `conf`; what it was stopped for is in the inner result.
fn configure(args: &DriveArgs, answers: &Answers) -> Result<std::result::Result<(), String>> {
    let patterns = Patterns {
        member: expression(r"^\s*>?\s*(\d+)\.\s+.*?\(([A-Za-z0-9_]+)\)(?:\s+\(NEW\))?\s*$")?,
        named: expression(r"(.*) \(([A-Za-z0-9_]+)\) \[(.*)\].*###$")?,
        choice: expression(r"choice\[(.*)\]: ###$")?,
        module: expression(r"\A(\w/)+m/(\w/)*\?\z")?,
    };
    let mut child = Command::new(&args.conf)
        .args(["--oldaskconfig", "Kconfig"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start conf")?;
    let mut input = child.stdin.take();
    let output = child.stdout.take().context("conf has no output")?;
    let mut stopped = None;
    let mut driver = Driver {
        args,
        answers,
        patterns,
        line: Vec::new(),
        members: BTreeMap::new(),
        previous: (String::new(), String::new()),
    };
    for byte in BufReader::new(output).bytes() {
        let byte = byte?;
        if let Some(pipe) = &mut input
            && let Err(stop) = driver.take(byte, pipe)
        {
            stopped = Some(stop);
            // The end of input; what is still shown is read and not looked at.
            input = None;
        }
    }
    child.wait()?;
    Ok(stopped.map_or(Ok(()), Err))
}

struct Driver<'a> {
    args: &'a DriveArgs,
    answers: &'a Answers,
    patterns: Patterns,
    line: Vec<u8>,
    members: BTreeMap<String, String>,
    previous: (String, String),
}

impl Driver<'_> {
    /// Takes a byte of what `conf` shows, and answers where it waits.
    fn take(&mut self, byte: u8, pipe: &mut ChildStdin) -> std::result::Result<(), String> {
        self.line.push(byte);
        if byte == b'\n' {
            let line = String::from_utf8_lossy(&self.line).into_owned();
            match captures(&self.patterns.member, &line) {
                Some(found) => {
                    self.members.insert(found[1].clone(), found[0].clone());
                }
                None => self.members.clear(),
            }
            self.line.clear();
        } else if self.line.ends_with(b"###") {
            let line = String::from_utf8_lossy(&self.line).into_owned();
            self.line.clear();
            let answered = self.question(&line, pipe);
            self.members.clear();
            return answered;
        }
        Ok(())
    }

    fn question(&mut self, line: &str, pipe: &mut ChildStdin) -> std::result::Result<(), String> {
        let mut send = |answer: &str| {
            // Nobody listens any more: the end comes by itself.
            let _ = writeln!(pipe, "{answer}");
        };
        if let Some(found) = captures(&self.patterns.named, line) {
            let (question, name, offered) = (&found[0], &found[1], &found[2]);
            let keeps = self.args.prefer_builtin && offered.contains('Y');
            let module = captures(&self.patterns.module, offered).is_some();
            let answer = match self.answers.values.get(name) {
                Some(answer) => answer.as_str(),
                None if self.args.auto_modules && module && !keeps => "m",
                None => "",
            };
            send(answer);
            let asked = (question.clone(), name.clone());
            let is_question = !question.is_empty() && question != "0";
            if is_question && self.previous == asked {
                return Err(format!("repeated question: {question}"));
            }
            self.previous = asked;
        } else if captures(&self.patterns.choice, line).is_some() {
            let mut wanted: Vec<&String> = Vec::new();
            for (name, number) in &self.members {
                if self
                    .answers
                    .values
                    .get(name)
                    .is_some_and(|answer| answer == "y")
                {
                    wanted.push(number);
                }
            }
            if wanted.len() > 1 && self.args.late {
                return Err("conflicting answers!".to_owned());
            }
            send(wanted.last().map_or("", |number| number.as_str()));
        } else {
            send("");
        }
        Ok(())
    }
}

/// An expression over bytes, as Perl reads it.
fn expression(pattern: &str) -> Result<Regex> {
    let bytes = syntax::Config::new().unicode(false).utf8(false);
    Ok(Regex::builder().syntax(bytes).build(pattern)?)
}

fn captures(regex: &Regex, text: &str) -> Option<Vec<String>> {
    let mut found = regex.create_captures();
    regex.captures(text, &mut found);
    let groups = found.is_match().then(|| found.iter().skip(1))?;
    let texts = groups.map(|group| group.and_then(|span| text.get(span.range())).unwrap_or(""));
    Some(texts.map(str::to_owned).collect())
}
