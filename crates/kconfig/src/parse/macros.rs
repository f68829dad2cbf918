//! The macro language: variables, built-in functions, `$(…)` (preprocess.c).

use crate::diagnostics::{Diagnostic, Place, Reporter, Severity, Style};
use crate::environment::Environment;
use crate::probe::Prober;
use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;
use std::collections::BTreeSet;

/// How `=`, `:=` and `+=` differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Assignment {
    /// `=`: expanded on use.
    Recursive,
    /// `:=`: expanded at once.
    Simple,
    /// `+=`: appended, in the flavour that the variable has.
    Append,
}

/// The file and line at which an expansion happens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Location<'a> {
    pub(crate) file: &'a str,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// Expansion failed; the message has been reported, and nothing more can be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fatal;

#[derive(Debug)]
struct Variable {
    value: Vec<u8>,
    is_recursive: bool,
    /// How many expansions of it are under way.
    active: u32,
}

const MAX_ARGUMENTS: usize = 16;
const MAX_RECURSION: u32 = 1000;
/// A limit of our own: an expansion may not grow beyond it. The reference program would run
/// out of memory.
const MAX_EXPANSION: usize = 1 << 26;
/// A limit of our own: references expanded in one tree. A kernel needs some thousands.
const MAX_REFERENCES: u32 = 1_000_000;

/// Variables, and what expansions reach: the environment, the shell, the reader's messages.
pub(crate) struct Macros<'a> {
    variables: HashMap<Vec<u8>, Variable, FxBuildHasher>,
    environment: &'a Environment,
    prober: &'a mut dyn Prober,
    pub(crate) reporter: &'a mut dyn Reporter,
    used_environment: Vec<(String, String)>,
    absent_environment: BTreeSet<String>,
    references: u32,
}

impl<'a> Macros<'a> {
    pub(crate) fn new(
        environment: &'a Environment,
        prober: &'a mut dyn Prober,
        reporter: &'a mut dyn Reporter,
    ) -> Self {
        Self {
            variables: HashMap::default(),
            environment,
            prober,
            reporter,
            used_environment: Vec::new(),
            absent_environment: BTreeSet::new(),
            references: 0,
        }
    }

    /// Environment variables that were used so far, in order of first use.
    pub(crate) fn take_used_environment(&mut self) -> Vec<(String, String)> {
        std::mem::take(&mut self.used_environment)
    }

    /// Environment variables that were asked for and are not set.
    pub(crate) fn take_absent_environment(&mut self) -> BTreeSet<String> {
        std::mem::take(&mut self.absent_environment)
    }

    fn fail(&mut self, at: Location<'_>, message: &[u8]) -> Fatal {
        let place = Place {
            file: at.file.to_owned(),
            line: at.line,
            column: at.column,
        };
        self.reporter.diagnostic(Diagnostic::at(
            Style::Plain,
            Severity::Error,
            place,
            message,
        ));
        Fatal
    }

    /// `NAME = value` and its kin (`variable_add`).
    pub(crate) fn assign(
        &mut self,
        name: &[u8],
        value: &[u8],
        assignment: Assignment,
        at: Location<'_>,
    ) -> Result<(), Fatal> {
        // Any variable could be the one that is meant.
        if self.prober.is_unknown(name) {
            return Err(Fatal);
        }
        let existing = self.variables.get(name).map(|v| v.is_recursive);
        let is_recursive = match assignment {
            Assignment::Recursive => true,
            Assignment::Simple => false,
            Assignment::Append => existing.unwrap_or(true),
        };
        let value = if is_recursive {
            value.to_vec()
        } else {
            self.expand_string(value, &[], at)?
        };
        match self.variables.get_mut(name) {
            Some(variable) => {
                variable.is_recursive = is_recursive;
                if assignment == Assignment::Append {
                    variable.value.push(b' ');
                    variable.value.extend_from_slice(&value);
                } else {
                    variable.value = value;
                }
            }
            None => {
                self.variables.insert(
                    name.to_vec(),
                    Variable {
                        value,
                        is_recursive,
                        active: 0,
                    },
                );
            }
        }
        Ok(())
    }

    /// Expands a word that begins at the start of `input`; returns it and how many bytes of
    /// `input` it took (`expand_one_token`).
    pub(crate) fn expand_word(
        &mut self,
        input: &[u8],
        has_paths: bool,
        at: Location<'_>,
    ) -> Result<(Vec<u8>, usize), Fatal> {
        let is_end = if has_paths {
            |byte| is_end_of_word(byte) && !matches!(byte, b'/' | b'.')
        } else {
            is_end_of_word
        };
        self.expand(input, is_end, &[], at)
    }

    /// Expands what follows a `$`; returns it and how many bytes of `input` it took
    /// (`expand_dollar`).
    pub(crate) fn expand_dollar(
        &mut self,
        input: &[u8],
        at: Location<'_>,
    ) -> Result<(Vec<u8>, usize), Fatal> {
        self.expand_reference(input, &[], at)
    }

    fn expand_string(
        &mut self,
        input: &[u8],
        arguments: &[Vec<u8>],
        at: Location<'_>,
    ) -> Result<Vec<u8>, Fatal> {
        self.expand(input, |_| false, arguments, at)
            .map(|(text, _)| text)
    }

    fn expand(
        &mut self,
        input: &[u8],
        is_end: fn(u8) -> bool,
        arguments: &[Vec<u8>],
        at: Location<'_>,
    ) -> Result<(Vec<u8>, usize), Fatal> {
        let mut out = Vec::new();
        let mut position = 0;
        while let Some(&byte) = input.get(position) {
            if byte == b'$' {
                let (text, taken) = self.expand_reference(&input[position + 1..], arguments, at)?;
                out.extend_from_slice(&text);
                position += 1 + taken;
                if out.len() > MAX_EXPANSION {
                    return Err(self.fail(at, b"expansion is too long"));
                }
            } else if is_end(byte) {
                break;
            } else {
                out.push(byte);
                position += 1;
            }
        }
        Ok((out, position))
    }

    fn expand_reference(
        &mut self,
        input: &[u8],
        arguments: &[Vec<u8>],
        at: Location<'_>,
    ) -> Result<(Vec<u8>, usize), Fatal> {
        // References are always `$(…)`; any other `$` stands for itself.
        if input.first() != Some(&b'(') {
            return Ok((b"$".to_vec(), 0));
        }
        let body = &input[1..];
        let mut nesting = 0_usize;
        for (index, &byte) in body.iter().enumerate() {
            match byte {
                b'(' => nesting += 1,
                b')' if nesting == 0 => {
                    let text = stacker::maybe_grow(64 << 10, 1 << 20, || {
                        self.evaluate(&body[..index], arguments, at)
                    })?;
                    return Ok((text, index + 2));
                }
                b')' => nesting -= 1,
                _ => {}
            }
        }
        let mut message = b"unterminated reference to '".to_vec();
        message.extend_from_slice(body);
        message.extend_from_slice(b"': missing ')'");
        Err(self.fail(at, &message))
    }

    /// The value of `name` or `name,argument,…` (`eval_clause`).
    fn evaluate(
        &mut self,
        clause: &[u8],
        outer: &[Vec<u8>],
        at: Location<'_>,
    ) -> Result<Vec<u8>, Fatal> {
        self.references += 1;
        if self.references > MAX_REFERENCES {
            return Err(self.fail(at, b"too many macro references"));
        }
        if let Some(argument) = numbered_argument(clause, outer) {
            return Ok(argument.clone());
        }
        let parts = split_arguments(clause);
        if parts.len() > MAX_ARGUMENTS {
            return Err(self.fail(at, b"too many function arguments"));
        }
        let name = self.expand_string(parts[0], outer, at)?;
        if self.prober.is_unknown(&name) {
            return Err(Fatal);
        }
        let mut arguments = Vec::with_capacity(parts.len() - 1);
        for part in &parts[1..] {
            arguments.push(self.expand_string(part, outer, at)?);
        }
        if let Some(text) = self.expand_variable(&name, &arguments, at)? {
            return Ok(text);
        }
        if let Some(text) = self.call_function(&name, &arguments, at)? {
            return Ok(text);
        }
        if arguments.is_empty() {
            return Ok(self.expand_environment(&name));
        }
        Ok(Vec::new())
    }

    fn expand_variable(
        &mut self,
        name: &[u8],
        arguments: &[Vec<u8>],
        at: Location<'_>,
    ) -> Result<Option<Vec<u8>>, Fatal> {
        let Some(variable) = self.variables.get_mut(name) else {
            return Ok(None);
        };
        if arguments.is_empty() && variable.active > 0 {
            let mut message = b"Recursive variable '".to_vec();
            message.extend_from_slice(name);
            message.extend_from_slice(b"' references itself (eventually)");
            return Err(self.fail(at, &message));
        }
        if variable.active > MAX_RECURSION {
            return Err(self.fail(at, b"Too deep recursive expansion"));
        }
        let value = variable.value.clone();
        if !variable.is_recursive {
            return Ok(Some(value));
        }
        variable.active += 1;
        let result = self.expand_string(&value, arguments, at);
        if let Some(variable) = self.variables.get_mut(name) {
            variable.active -= 1;
        }
        result.map(Some)
    }

    fn expand_environment(&mut self, name: &[u8]) -> Vec<u8> {
        let Ok(name) = std::str::from_utf8(name) else {
            return Vec::new();
        };
        if name.is_empty() {
            return Vec::new();
        }
        let Some(value) = self.environment.get(name) else {
            if !self.absent_environment.contains(name) {
                self.absent_environment.insert(name.to_owned());
            }
            return Vec::new();
        };
        if !self.used_environment.iter().any(|(used, _)| used == name) {
            self.used_environment
                .push((name.to_owned(), value.to_owned()));
        }
        value.as_bytes().to_vec()
    }

    fn call_function(
        &mut self,
        name: &[u8],
        arguments: &[Vec<u8>],
        at: Location<'_>,
    ) -> Result<Option<Vec<u8>>, Fatal> {
        let expected = match name {
            b"error-if" | b"warning-if" => 2,
            b"info" | b"shell" => 1,
            b"filename" | b"lineno" => 0,
            _ => return Ok(None),
        };
        if arguments.len() != expected {
            let amount = if arguments.len() < expected {
                "few"
            } else {
                "many"
            };
            let mut message = format!("too {amount} function arguments passed to '").into_bytes();
            message.extend_from_slice(name);
            message.push(b'\'');
            return Err(self.fail(at, &message));
        }
        let text = match name {
            b"error-if" => {
                if arguments[0] == b"y" {
                    return Err(self.fail(at, &arguments[1]));
                }
                Vec::new()
            }
            b"warning-if" => {
                if arguments[0] == b"y" {
                    let place = Place {
                        file: at.file.to_owned(),
                        line: at.line,
                        column: at.column,
                    };
                    self.reporter.diagnostic(Diagnostic::at(
                        Style::Plain,
                        Severity::Warning,
                        place,
                        &arguments[1],
                    ));
                }
                Vec::new()
            }
            b"info" => {
                let mut line = arguments[0].clone();
                line.push(b'\n');
                self.reporter.output(&line);
                Vec::new()
            }
            b"shell" => self.shell(&arguments[0], at)?,
            b"filename" => at.file.as_bytes().to_vec(),
            _ => at.line.to_string().into_bytes(),
        };
        Ok(Some(text))
    }

    /// `$(shell …)`
    fn shell(&mut self, command: &[u8], at: Location<'_>) -> Result<Vec<u8>, Fatal> {
        let command = String::from_utf8_lossy(command);
        let mut output = match self.prober.run(&command) {
            Ok(output) => output,
            Err(error) => return Err(self.fail(at, error.to_string().as_bytes())),
        };
        if !output.stderr.is_empty() {
            let messages = std::mem::take(&mut output.stderr);
            self.reporter
                .diagnostic(Diagnostic::bare(Severity::Warning, None, messages));
        }
        Ok(output.value())
    }
}

fn is_end_of_word(byte: u8) -> bool {
    !(byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// `$(1)`, `$(2)` … inside a user-defined function.
fn numbered_argument<'a>(clause: &[u8], arguments: &'a [Vec<u8>]) -> Option<&'a Vec<u8>> {
    // `strtoul` skips blanks and a sign before the digits.
    let text = std::str::from_utf8(clause).ok()?;
    let text = text.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: usize = digits.parse().ok()?;
    arguments.get(number.checked_sub(1)?)
}

/// Splits at the commas that are not inside parentheses.
fn split_arguments(clause: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut nesting = 0_i32;
    let mut start = 0;
    for (index, &byte) in clause.iter().enumerate() {
        match byte {
            b',' if nesting == 0 => {
                parts.push(&clause[start..index]);
                start = index + 1;
            }
            b'(' => nesting += 1,
            b')' => nesting -= 1,
            _ => {}
        }
    }
    parts.push(&clause[start..]);
    parts
}
