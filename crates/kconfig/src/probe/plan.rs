//! What a command does, known before anything of it is run.
//!
//! A plan exists only where running it gives what the shell would: every word is expanded, and
//! every program is either found or one of the shell's own that is understood here.

use super::ProbeOutput;
use super::search::{Search, Sought};
use super::words::{AndOr, Body, Joint, List, Part, Redirection, Stage, Word};
use crate::environment::Environment;
use std::path::PathBuf;

/// Steps one after the other; the last one's status counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan(pub(crate) Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) first: Action,
    pub(crate) rest: Vec<(Joint, Action)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// Text on standard output, and success.
    Print { text: String, sinks: Sinks },
    /// A status, and no output.
    Status(bool),
    /// Whether a path leads to something (`test -e`).
    Exists(String),
    /// A folder for temporary files, removed when the command ends: `trap "rm -rf .tmp_$$" EXIT;
    /// mkdir .tmp_$$`
    Temporary,
    /// Programs, each reading what the one before wrote.
    Run {
        /// What the first reads, where that is not this program's own input.
        input: Option<String>,
        programs: Vec<Program>,
        sinks: Sinks,
    },
    /// `{ …; }`
    Group(Plan, Sinks),
}

impl Plan {
    /// What it writes, where it asks nothing outside.
    pub(crate) fn compute(&self) -> Option<ProbeOutput> {
        let mut output = ProbeOutput::default();
        self.compute_into(&mut output)?;
        Some(output)
    }

    fn compute_into(&self, output: &mut ProbeOutput) -> Option<bool> {
        let mut status = true;
        for step in &self.0 {
            status = step.first.compute(output)?;
            for (joint, action) in &step.rest {
                if status == (*joint == Joint::And) {
                    status = action.compute(output)?;
                }
            }
        }
        Some(status)
    }
}

impl Action {
    fn compute(&self, output: &mut ProbeOutput) -> Option<bool> {
        match self {
            Self::Print { text, sinks } => {
                if !sinks.discards_output {
                    output.stdout.extend_from_slice(text.as_bytes());
                }
                Some(true)
            }
            Self::Status(status) => Some(*status),
            Self::Group(plan, _) => plan.compute_into(output),
            Self::Exists(_) | Self::Temporary | Self::Run { .. } => None,
        }
    }
}

/// A program with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    /// The first is the name it was called by.
    pub(crate) arguments: Vec<String>,
    pub(crate) discards_errors: bool,
}

/// What becomes of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Sinks {
    pub(crate) discards_output: bool,
    pub(crate) discards_errors: bool,
}

impl Sinks {
    fn of(redirections: &[Redirection]) -> Option<Self> {
        let mut sinks = Self::default();
        for redirection in redirections {
            match redirection {
                Redirection::DiscardOutput => sinks.discards_output = true,
                Redirection::DiscardErrors => sinks.discards_errors = true,
                Redirection::ErrorsToOutput if sinks.discards_output => {
                    sinks.discards_errors = true;
                }
                // Both streams in one, in the order of writing.
                Redirection::ErrorsToOutput => return None,
            }
        }
        Some(sinks)
    }

    /// These, inside a group with others.
    pub(crate) fn within(self, outer: Self) -> Self {
        Self {
            discards_output: self.discards_output || outer.discards_output,
            discards_errors: self.discards_errors || outer.discards_errors,
        }
    }
}

/// Stands for `$$` in a plan; [`Action::Temporary`] makes a name of its own for each run.
pub(crate) const PROCESS_ID: char = '\u{1}';

/// What a program reads at once from a pipe nobody reads yet.
const PIPE_CAPACITY: usize = 4096;

/// Makes plans.
pub(crate) struct Planner<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) search: &'a Search,
}

/// What a list has done so far.
#[derive(Default)]
struct State {
    /// `$1`, `$2`, …, once `set` said what they are.
    arguments: Option<Vec<String>>,
    /// Whether `trap "rm -rf .tmp_$$" EXIT` has been said.
    cleans: bool,
    /// Whether `.tmp_$$` has been made.
    has_temporary: bool,
}

impl Planner<'_> {
    /// The plan for a command; `None` where only the shell knows.
    pub(crate) fn plan(&self, list: &List) -> Option<Plan> {
        self.list(list, &mut State::default(), Sinks::default())
    }

    fn list(&self, list: &List, state: &mut State, outer: Sinks) -> Option<Plan> {
        let steps = list.0.iter().map(|item| self.and_or(item, state, outer));
        Some(Plan(steps.collect::<Option<Vec<_>>>()?))
    }

    fn and_or(&self, item: &AndOr, state: &mut State, outer: Sinks) -> Option<Step> {
        let first = self.pipeline(&item.first, state, outer)?;
        let mut rest = Vec::new();
        for (joint, pipeline) in &item.rest {
            // What is done on a condition must not change what follows.
            let (had_arguments, cleaned) = (state.arguments.clone(), state.cleans);
            rest.push((*joint, self.pipeline(pipeline, state, outer)?));
            if state.arguments != had_arguments || state.cleans != cleaned {
                return None;
            }
        }
        Some(Step { first, rest })
    }

    fn pipeline(&self, stages: &[Stage], state: &mut State, outer: Sinks) -> Option<Action> {
        if let [stage] = stages {
            return self.stage(stage, state, outer);
        }
        let (last, _) = stages.split_last()?;
        let mut input = None;
        let mut programs = Vec::new();
        for (index, stage) in stages.iter().enumerate() {
            let sinks = Sinks::of(&stage.redirections)?;
            let is_last = index + 1 == stages.len();
            if sinks.discards_output && !is_last {
                return None;
            }
            let Body::Simple(words) = &stage.body else {
                return None;
            };
            let words = self.expand(words, state)?;
            if index == 0
                && let Some(text) = printed(&words)?
            {
                input = Some(text);
            } else {
                programs.push(self.program(words, sinks.within(outer))?);
            }
        }
        if programs.is_empty()
            || input
                .as_ref()
                .is_some_and(|text| text.len() > PIPE_CAPACITY)
        {
            return None;
        }
        Some(Action::Run {
            input,
            programs,
            sinks: Sinks::of(&last.redirections)?.within(outer),
        })
    }

    fn stage(&self, stage: &Stage, state: &mut State, outer: Sinks) -> Option<Action> {
        let sinks = Sinks::of(&stage.redirections)?.within(outer);
        let words = match &stage.body {
            Body::Group(list) => {
                let plan = self.list(list, state, sinks)?;
                return Some(Action::Group(plan, sinks));
            }
            Body::Simple(words) => self.expand(words, state)?,
        };
        if let Some(text) = printed(&words)? {
            return Some(Action::Print { text, sinks });
        }
        let arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        let temporary = format!(".tmp_{PROCESS_ID}");
        match arguments.as_slice() {
            ["test", operands @ ..] | ["[", operands @ .., "]"] => test(operands),
            ["true" | ":"] => Some(Action::Status(true)),
            ["false"] => Some(Action::Status(false)),
            // The path that it says is of no use to anyone who discards it.
            ["command", "-v", name] if sinks.discards_output => {
                if is_shells_own(name) {
                    return None;
                }
                match self.search.seek(name) {
                    Sought::Program(_) => Some(Action::Status(true)),
                    Sought::Nothing => Some(Action::Status(false)),
                    Sought::Unsure => None,
                }
            }
            ["set", "--", values @ ..] => {
                state.arguments = Some(values.iter().map(|&value| value.to_owned()).collect());
                Some(Action::Status(true))
            }
            ["trap", action, "EXIT"] if *action == format!("rm -rf {temporary}") => {
                // The shell would look for both programs.
                let found = |name| matches!(self.search.seek(name), Sought::Program(_));
                if !(found("rm") && found("mkdir")) {
                    return None;
                }
                state.cleans = true;
                Some(Action::Status(true))
            }
            ["mkdir", folder] if state.cleans && *folder == temporary => {
                // A second one would find the first.
                if std::mem::replace(&mut state.has_temporary, true) {
                    return None;
                }
                Some(Action::Temporary)
            }
            _ => {
                if self.search.seek(words.first()?) == Sought::Nothing
                    && !is_shells_own(words.first()?)
                    && sinks.discards_errors
                {
                    return Some(Action::Status(false));
                }
                let program = self.program(words, sinks)?;
                Some(Action::Run {
                    input: None,
                    programs: vec![program],
                    sinks,
                })
            }
        }
    }

    fn program(&self, arguments: Vec<String>, sinks: Sinks) -> Option<Program> {
        let name = arguments.first()?;
        if is_shells_own(name) {
            return None;
        }
        match self.search.seek(name) {
            Sought::Program(path) => Some(Program {
                path,
                arguments,
                discards_errors: sinks.discards_errors,
            }),
            Sought::Nothing | Sought::Unsure => None,
        }
    }

    /// Expands words; `None` where the shell would do more than put values in their places.
    fn expand(&self, words: &[Word], state: &State) -> Option<Vec<String>> {
        let mut expanded = Vec::with_capacity(words.len());
        for word in words {
            let mut text = String::new();
            for part in &word.parts {
                match part {
                    Part::Text(part) => text.push_str(part),
                    Part::ProcessId => text.push(PROCESS_ID),
                    Part::Variable { name, is_quoted } => {
                        let value = self.environment.get(name).filter(|_| is_inherited(name))?;
                        add_value(&mut text, value, *is_quoted)?;
                    }
                    Part::Argument { number, is_quoted } => {
                        let arguments = state.arguments.as_ref()?;
                        let value = arguments.get(number - 1).map_or("", String::as_str);
                        add_value(&mut text, value, *is_quoted)?;
                    }
                }
            }
            // An unquoted word of which nothing is left is none.
            if !text.is_empty() || word.is_quoted {
                expanded.push(text);
            }
        }
        (!expanded.is_empty()).then_some(expanded)
    }
}

/// Adds a parameter's value. Outside quotes the shell would split it and take it for a pattern:
/// then it has to be plain.
fn add_value(text: &mut String, value: &str, is_quoted: bool) -> Option<()> {
    let is_simple = value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-./=,:+@%".contains(&byte));
    if !is_quoted && !is_simple {
        return None;
    }
    text.push_str(value);
    Some(())
}

/// Variables that a shell takes from its environment as they are.
fn is_inherited(name: &str) -> bool {
    let is_shells = matches!(
        name,
        "IFS"
            | "PWD"
            | "OLDPWD"
            | "PPID"
            | "OPTIND"
            | "LINENO"
            | "PS1"
            | "PS2"
            | "PS4"
            | "RANDOM"
            | "SECONDS"
            | "UID"
            | "EUID"
            | "SHLVL"
            | "_"
            | "HOSTNAME"
            | "HOSTTYPE"
            | "OSTYPE"
            | "MACHTYPE"
            | "SHELLOPTS"
            | "BASHOPTS"
            | "GROUPS"
            | "DIRSTACK"
            | "EPOCHSECONDS"
            | "EPOCHREALTIME"
            | "SRANDOM"
            | "FUNCNAME"
            | "PIPESTATUS"
    );
    !is_shells && !name.starts_with("BASH")
}

/// What `echo` and `printf` write; `None` inside where words are neither, outside where only the
/// shell knows.
#[allow(clippy::option_option)]
fn printed(words: &[String]) -> Option<Option<String>> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.iter().any(|word| word.contains(PROCESS_ID)) {
        return match words.first() {
            Some(&("echo" | "printf")) => None,
            _ => Some(None),
        };
    }
    match words.as_slice() {
        ["echo", operands @ ..] => {
            // Shells differ in options, and in what a backslash means.
            let is_option = |word: &str| {
                let letters = word.strip_prefix('-');
                letters.is_some_and(|letters| letters.chars().all(|char| "neE".contains(char)))
            };
            let is_plain = !operands.first().is_some_and(|first| is_option(first))
                && !operands.iter().any(|operand| operand.contains('\\'));
            is_plain.then(|| Some(operands.join(" ") + "\n"))
        }
        ["printf", "%b\\n", operand] => unescape(operand).map(|text| Some(text + "\n")),
        ["printf", ..] => None,
        _ => Some(None),
    }
}

/// The escapes of `printf %b` that mean the same everywhere.
fn unescape(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            out.push(char);
            continue;
        }
        out.push(match chars.next()? {
            'n' => '\n',
            't' => '\t',
            '\\' => '\\',
            _ => return None,
        });
    }
    Some(out)
}

/// The conditions of `test` with one or two operands.
fn test(operands: &[&str]) -> Option<Action> {
    // Words that are operators, where an operand is expected, are read in many ways.
    let is_operand = |text: &str| !text.starts_with(['-', '!', '(', ')', '=']);
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten()
    };
    match operands {
        ["-z", text] => Some(Action::Status(text.is_empty())),
        ["-n", text] => Some(Action::Status(!text.is_empty())),
        ["-e", path] if !path.is_empty() && !path.contains(PROCESS_ID) => {
            Some(Action::Exists((*path).to_owned()))
        }
        [left, "=", right] if is_operand(left) && is_operand(right) => {
            Some(Action::Status(left == right))
        }
        [left, "!=", right] if is_operand(left) && is_operand(right) => {
            Some(Action::Status(left != right))
        }
        [left, operator, right] => {
            let (left, right) = (number(left)?, number(right)?);
            let holds = match *operator {
                "-eq" => left == right,
                "-ne" => left != right,
                "-lt" => left < right,
                "-le" => left <= right,
                "-gt" => left > right,
                "-ge" => left >= right,
                _ => return None,
            };
            Some(Action::Status(holds))
        }
        _ => None,
    }
}

/// Whether a shell has a command of this name of its own.
fn is_shells_own(name: &str) -> bool {
    const NAMES: &[&str] = &[
        ".",
        ":",
        "[",
        "alias",
        "bg",
        "bind",
        "break",
        "builtin",
        "caller",
        "cd",
        "chdir",
        "command",
        "compgen",
        "complete",
        "compopt",
        "continue",
        "declare",
        "dirs",
        "disown",
        "echo",
        "enable",
        "eval",
        "exec",
        "exit",
        "export",
        "false",
        "fc",
        "fg",
        "getopts",
        "hash",
        "help",
        "history",
        "jobs",
        "kill",
        "let",
        "local",
        "logout",
        "mapfile",
        "popd",
        "printf",
        "pushd",
        "pwd",
        "read",
        "readarray",
        "readonly",
        "return",
        "set",
        "shift",
        "shopt",
        "source",
        "suspend",
        "test",
        "times",
        "trap",
        "true",
        "type",
        "typeset",
        "ulimit",
        "umask",
        "unalias",
        "unset",
        "wait",
    ];
    NAMES.contains(&name)
}
