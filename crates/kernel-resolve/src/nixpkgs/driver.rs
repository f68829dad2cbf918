//! The program that answers `make config` for nixpkgs (`generate-config.pl`), one run of it: it
//! reads what `conf` shows, and sends a line where a question waits.
//!
//! It knows text only. `conf` is patched to print `###` where it waits for an answer; whatever
//! else shows these three characters is taken for a question, too.

use std::collections::HashMap;

use kconfig::Diagnostic;
use kconfig::conf::{Dialogue, Question};
use memchr::{memchr, memmem};

use super::{DriverOf, Options, patterns};
use crate::answers::Answers;

/// What the driver answered to a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reply {
    /// The answer that was given for the option, or the number of a member.
    Given,
    /// `m`, since the question offered it (`autoModules`).
    Module,
    /// An empty line: what the value is stays.
    Empty,
    /// Nothing: the driver has stopped, and input has ended.
    Nothing,
}

/// A question that was asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// In which run, from 0.
    pub run: usize,
    /// The question as `conf` has it.
    pub question: Question,
    /// How it was answered.
    pub reply: Reply,
}

/// Why the driver stopped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// The same question was asked twice in a row: the answer was not taken.
    Repeated {
        /// The question, with the blanks before it.
        question: String,
        /// The option's name.
        name: String,
        /// What was answered.
        answer: String,
        /// What the question offers: `N/m/?`, or the text that it holds.
        offered: String,
    },
    /// Several members of one choice are answered `y`.
    Conflicting {
        /// The members, in the order of their numbers.
        members: Vec<String>,
    },
}

impl Stop {
    /// What the driver says when it stops.
    pub fn text(&self) -> String {
        match self {
            Self::Repeated { question, .. } => format!("repeated question: {question}"),
            Self::Conflicting { .. } => "conflicting answers!".to_owned(),
        }
    }
}

/// How much of a line `conf` reads at once (`PATH_MAX`, without the final NUL).
const LINE_LIMIT: usize = 4095;
/// What `conf` is patched to print where it waits.
const WAITS: &[u8] = b"###";

/// One run.
pub(crate) struct Driver<'a> {
    run: usize,
    answers: &'a HashMap<&'a [u8], &'a [u8]>,
    options: Options,
    /// What has been shown since the last line's end or question.
    line: Vec<u8>,
    /// The members of a choice that were shown last, by number.
    members: Vec<(Vec<u8>, Vec<u8>)>,
    previous: Option<(Vec<u8>, Vec<u8>)>,
    /// What was sent and not read yet.
    sent: Vec<u8>,
    at_end: bool,
    reply: Reply,
    pub(crate) stop: Option<Stop>,
    pub(crate) warnings: Vec<String>,
    /// Choices for which the driver takes one of several answers by chance.
    pub(crate) by_chance: Vec<Vec<String>>,
    pub(crate) asked: Vec<Asked>,
}

/// Answers as the driver holds them.
pub(crate) fn table(answers: &Answers) -> HashMap<&[u8], &[u8]> {
    answers
        .lines()
        .iter()
        .map(|line| (line.name.as_bytes(), line.value.as_bytes()))
        .collect()
}

impl<'a> Driver<'a> {
    pub(crate) fn new(
        run: usize,
        answers: &'a HashMap<&'a [u8], &'a [u8]>,
        options: Options,
    ) -> Self {
        Self {
            run,
            answers,
            options,
            line: Vec::new(),
            members: Vec::new(),
            previous: None,
            sent: Vec::new(),
            at_end: false,
            reply: Reply::Nothing,
            stop: None,
            warnings: Vec::new(),
            by_chance: Vec::new(),
            asked: Vec::new(),
        }
    }

    fn send(&mut self, answer: &[u8]) {
        self.sent.extend_from_slice(answer);
        self.sent.push(b'\n');
    }

    /// A line has ended.
    fn line_ended(&mut self) {
        match patterns::member(&self.line) {
            Some((number, name)) => self.members.push((number.to_vec(), name.to_vec())),
            None => self.members.clear(),
        }
        self.line.clear();
    }

    /// The line ends in `###`.
    fn question(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        line.truncate(line.len() - WAITS.len());
        if let Some(found) = patterns::named_question(&line) {
            self.named(&found);
        } else if let Some(inside) = patterns::choice(&line) {
            self.choice(inside);
        } else {
            if !patterns::is_nameless_question(&line) {
                let shown = String::from_utf8_lossy(&line);
                self.warnings.push(format!(
                    "don't know how to answer this question: {shown}###"
                ));
            }
            self.reply = Reply::Empty;
            self.send(b"");
        }
        line.clear();
        self.line = line;
        self.members.clear();
    }

    fn named(&mut self, found: &patterns::Named<'_>) {
        let &patterns::Named {
            question,
            name,
            alternatives,
        } = found;
        let offers_module = if self.options.release.looks_for_module_anywhere() {
            memmem::find(alternatives, b"/m").is_some()
        } else {
            patterns::offers_module(alternatives)
        };
        let stays = self.options.prefer_builtin && memchr(b'Y', alternatives).is_some();
        let (answer, reply): (&[u8], _) = match self.answers.get(name) {
            Some(&answer) => (answer, Reply::Given),
            None if self.options.auto_modules && offers_module && !stays => (b"m", Reply::Module),
            None => (b"", Reply::Empty),
        };
        self.reply = reply;
        self.send(answer);
        let is_repeated = self.previous.as_ref().is_some_and(|(before, its_name)| {
            // What Perl takes for false is no question.
            !matches!(before.as_slice(), b"" | b"0") && before == question && its_name == name
        });
        if is_repeated {
            self.stop = Some(Stop::Repeated {
                question: String::from_utf8_lossy(question).into_owned(),
                name: String::from_utf8_lossy(name).into_owned(),
                answer: String::from_utf8_lossy(answer).into_owned(),
                offered: String::from_utf8_lossy(alternatives).into_owned(),
            });
        }
        let (before, its_name) = self.previous.get_or_insert_default();
        before.clear();
        before.extend_from_slice(question);
        its_name.clear();
        its_name.extend_from_slice(name);
    }

    fn choice(&mut self, inside: &[u8]) {
        let mut wanted: Vec<&(Vec<u8>, Vec<u8>)> = Vec::new();
        for member in &self.members {
            if self.answers.get(member.1.as_slice()) == Some(&b"y".as_slice()) {
                // Of several lines for one name the last counts.
                wanted.retain(|other| other.1 != member.1);
                wanted.push(member);
            }
        }
        let names = || {
            let names = wanted.iter().map(|(_, name)| String::from_utf8_lossy(name));
            names.map(std::borrow::Cow::into_owned).collect()
        };
        if wanted.len() > 1 {
            if self.options.release.stops_at_conflicting_members() {
                self.stop = Some(Stop::Conflicting { members: names() });
                self.reply = Reply::Nothing;
                return;
            }
            self.by_chance.push(names());
        }
        let (number, reply) = match wanted.last() {
            Some((number, _)) => (number.clone(), Reply::Given),
            None => (Vec::new(), Reply::Empty),
        };
        self.reply = reply;
        if memchr(b'-', inside).is_some() {
            self.send(&number);
        }
    }
}

impl Dialogue for Driver<'_> {
    fn show(&mut self, text: &[u8]) {
        let mut rest = text;
        // Only where the mark is somewhere, each line has to be looked at for it. Its first part
        // may have been shown before.
        let may_be_marked = self.line.last() == Some(&WAITS[0])
            || rest.first() == Some(&WAITS[0])
            || memmem::find(rest, WAITS).is_some();
        while self.stop.is_none() && !rest.is_empty() {
            let end = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            let (shown, after) = rest.split_at(end);
            let known = self.line.len().saturating_sub(WAITS.len() - 1);
            self.line.extend_from_slice(shown);
            if may_be_marked && let Some(mark) = memmem::find(&self.line[known..], WAITS) {
                let behind = self.line.len() - (known + mark + WAITS.len());
                self.line.truncate(self.line.len() - behind);
                self.question();
                rest = &rest[end - behind..];
            } else {
                if shown.ends_with(b"\n") {
                    self.line_ended();
                }
                rest = after;
            }
        }
    }

    fn answer(&mut self, question: &Question) -> Option<Vec<u8>> {
        self.reply = Reply::Nothing;
        self.show(WAITS);
        let end = memchr(b'\n', &self.sent).map_or(self.sent.len(), |end| end + 1);
        let line: Vec<u8> = self.sent.drain(..end.min(LINE_LIMIT)).collect();
        self.asked.push(Asked {
            run: self.run,
            question: *question,
            reply: self.reply,
        });
        self.at_end |= line.is_empty();
        (!line.is_empty()).then_some(line)
    }

    fn is_at_end(&self) -> bool {
        self.at_end
    }

    fn complain(&mut self, _: Diagnostic) {
        // `conf` says it on standard error, which the driver does not read.
    }

    fn complain_text(&mut self, _: &str) {}
}
