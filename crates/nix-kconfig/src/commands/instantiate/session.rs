//! Doing what the command line asks for, expression by expression.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use nix_eval::{Attrs, Coercion, EvalError, Evaluator, Origin, Span, Value, XmlDetail};

use super::arguments::{AutoArg, Format, Mode, Request, WARNINGS};

pub(super) enum Failure {
    Evaluation(Box<EvalError>),
    Other(String),
}

impl From<Box<EvalError>> for Failure {
    fn from(error: Box<EvalError>) -> Self {
        Failure::Evaluation(error)
    }
}

/// Standard output is full, or the like.
pub(super) struct CannotWrite(std::io::Error);

impl CannotWrite {
    pub(super) fn message(&self) -> String {
        format!("cannot write the result: {}", self.0)
    }
}

impl From<CannotWrite> for Failure {
    fn from(failure: CannotWrite) -> Self {
        Failure::Other(failure.message())
    }
}

pub(super) struct Session<'h, 'r> {
    pub(super) evaluator: Evaluator<'h>,
    pub(super) request: &'r Request,
    pub(super) current_dir: PathBuf,
    /// Whether it was told that the result may go away.
    pub(super) has_warned_of_root: bool,
}

/// A text to work on.
pub(super) struct Input {
    text: Vec<u8>,
    base_dir: PathBuf,
    origin: Origin,
}

impl<'h> Session<'h, '_> {
    pub(super) fn run(&mut self) -> Result<(), Failure> {
        let args = self.auto_args()?;
        if self.request.find_file {
            return self.find_files();
        }
        if self.request.stdin {
            let input = Input {
                text: read_stdin()?,
                base_dir: self.current_dir.clone(),
                origin: Origin::Stdin,
            };
            self.process(&input, args)?;
        }
        let default = ["./default.nix".to_owned()];
        let inputs =
            if self.request.inputs.is_empty() && !self.request.expressions && !self.request.stdin {
                &default[..]
            } else {
                &self.request.inputs
            };
        for input in inputs {
            let input = if self.request.expressions {
                Input {
                    text: input.clone().into_bytes(),
                    base_dir: self.current_dir.clone(),
                    origin: Origin::String,
                }
            } else {
                self.read(input)?
            };
            self.process(&input, args)?;
        }
        Ok(())
    }

    /// Reads a file: a path, or a look-up path such as `<nixpkgs/lib>`.
    pub(super) fn read(&mut self, name: &str) -> Result<Input, Failure> {
        let path = match name
            .strip_prefix('<')
            .and_then(|name| name.strip_suffix('>'))
        {
            Some(name) => self.find_file(name)?,
            None => self.current_dir.join(name),
        };
        let (path, text) = self.evaluator.read_source(&path)?;
        Ok(Input {
            text,
            base_dir: path.parent().unwrap_or(Path::new("/")).to_owned(),
            origin: Origin::File(path),
        })
    }

    /// The file that a look-up path leads to.
    fn find_file(&mut self, name: &str) -> Result<PathBuf, Failure> {
        let found = self.evaluator.find_file(name)?;
        let path = self
            .evaluator
            .coerce_to_path(found.into(), Span::NONE, "")?;
        Ok(PathBuf::from(String::from_utf8_lossy(path.text).as_ref()))
    }

    fn find_files(&mut self) -> Result<(), Failure> {
        for name in &self.request.inputs {
            let path = self.find_file(name)?;
            write_out(path.as_os_str().as_encoded_bytes(), true)?;
        }
        Ok(())
    }

    /// The arguments for functions at the top.
    fn auto_args(&mut self) -> Result<&'h Attrs<'h>, Failure> {
        let mut entries = Vec::new();
        for (name, arg) in &self.request.args {
            let value = match arg {
                AutoArg::Text(text) => self.evaluator.string(text).into(),
                AutoArg::File(path) => {
                    let text = std::fs::read(path).map_err(|error| {
                        Failure::Other(format!(
                            "opening file \"{}\": {}",
                            path.display(),
                            without_code(&error)
                        ))
                    })?;
                    self.evaluator.string(text).into()
                }
                AutoArg::Stdin => self.evaluator.string(read_stdin()?).into(),
                AutoArg::Expression(text) => {
                    self.evaluator
                        .lazy_str(text, &self.current_dir, Origin::String)?
                }
            };
            entries.push(self.evaluator.attr(name, value));
        }
        Ok(self.evaluator.attrs(entries))
    }

    /// The expression of a text as Nix's parser understands it.
    pub(super) fn parse(&mut self, input: &Input) -> Result<Vec<u8>, Failure> {
        let Input {
            text,
            base_dir,
            origin,
        } = input;
        Ok(self.evaluator.show_parsed(text, base_dir, origin.clone())?)
    }

    fn process(&mut self, input: &Input, args: &'h Attrs<'h>) -> Result<(), Failure> {
        let Input {
            text,
            base_dir,
            origin,
        } = input;
        if self.request.mode() == Mode::Parse {
            return Ok(write_out(&self.parse(input)?, true)?);
        }
        let root = self.evaluator.eval_str(text, base_dir, origin.clone())?;
        let whole = [String::new()];
        let attributes = if self.request.attributes.is_empty() {
            &whole[..]
        } else {
            &self.request.attributes
        };
        for path in attributes {
            let mut value = self.evaluator.select_path(root, path, args)?;
            if self.request.mode() == Mode::Instantiate {
                self.print_derivations(value, args)?;
                continue;
            }
            // Without arguments a function is shown as what it is.
            if !args.is_empty() {
                value = self.evaluator.auto_call(value, args)?;
            }
            self.print(value)?;
        }
        Ok(())
    }

    /// The store paths that the derivations in a value would have.
    fn print_derivations(&mut self, value: Value<'h>, args: &'h Attrs<'h>) -> Result<(), Failure> {
        for derivation in self.evaluator.derivations(value, args)? {
            let line = self.evaluator.derivation_line(derivation)?;
            self.warn_of_root();
            write_out(&line, true)?;
        }
        Ok(())
    }

    fn warn_of_root(&mut self) {
        let request = self.request;
        let is_told = request.gc_warning && !request.has_root && request.verbosity >= WARNINGS;
        if is_told && !std::mem::replace(&mut self.has_warned_of_root, true) {
            eprintln!(
                "warning: you did not specify '--add-root'; the result might be removed by the \
                 garbage collector"
            );
        }
    }

    fn print(&mut self, value: Value<'h>) -> Result<(), Failure> {
        let strict = self.request.strict;
        let evaluator = &mut self.evaluator;
        match self.request.format {
            Format::Raw => {
                let string = evaluator.coerce_to_string(
                    value.into(),
                    Span::NONE,
                    "while generating the nix-instantiate output",
                    Coercion::PLAIN,
                )?;
                Ok(write_out(string.text, false)?)
            }
            Format::Json => {
                let value = evaluator.evaluated(value);
                let json = evaluator.to_json_at(value, Span::NONE, strict, &mut Vec::new())?;
                Ok(write_out(&json, true)?)
            }
            Format::Xml => {
                let detail = XmlDetail {
                    strict,
                    locations: self.request.location,
                };
                let value = evaluator.evaluated(value);
                let mut xml = Vec::new();
                let written = evaluator.to_xml(value, detail, &mut Vec::new(), &mut xml);
                write_out(&xml, false)?;
                Ok(written?)
            }
            Format::Nix => {
                let shown = if strict {
                    evaluator.show_deep(value)?
                } else {
                    evaluator.show(value)?
                };
                Ok(write_out(&shown, true)?)
            }
        }
    }
}

fn read_stdin() -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    match std::io::stdin().read_to_end(&mut text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Failure::Other(format!(
            "cannot read standard input: {error}"
        ))),
    }
}

/// What the system says of an error, without its number.
fn without_code(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}

/// Writes to standard output. A reader that has gone away is no error.
pub(super) fn write_out(text: &[u8], newline: bool) -> Result<(), CannotWrite> {
    let mut out = std::io::stdout().lock();
    let end: &[u8] = if newline { b"\n" } else { b"" };
    let written = out
        .write_all(text)
        .and_then(|()| out.write_all(end))
        .and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CannotWrite(error)),
        _ => Ok(()),
    }
}
