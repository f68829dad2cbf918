//! What a line means, and the variables that earlier lines left.

use std::io::Write;
use std::path::{Path, PathBuf};

use kernel_config::Rules;
use nix_eval::{
    Attr, Attrs, Bump, EvalError, Evaluator, Lazy, Options, Origin, Span, Value, render_plain,
    write_attr_name,
};

const HELP: &str = "\
  EXPRESSION        Evaluate and print it; sets and lists one level deep
  NAME = EXPRESSION Bind a variable
  :p EXPRESSION     Evaluate and print all of it
  :t EXPRESSION     Say of what type it is
  :a EXPRESSION     Make the attributes of a set variables
  :l FILE           Make the attributes of a file variables
  :r                Load all files again
  :te               Show whole traces, or no longer
  :q                Quit
  :?                Show this
";

/// What comes after a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Line,
    Quit,
}

type Done = Result<(), Failure>;

enum Failure {
    Evaluation(Box<EvalError>),
    Other(String),
}

impl From<Box<EvalError>> for Failure {
    fn from(error: Box<EvalError>) -> Self {
        Failure::Evaluation(error)
    }
}

pub(super) struct Session<'h> {
    evaluator: Evaluator<'h>,
    current_dir: PathBuf,
    /// The variables, each once.
    scope: Vec<Attr<'h>>,
    /// The files that were loaded, for `:r`.
    loaded: Vec<String>,
    show_trace: bool,
}

impl<'h> Session<'h> {
    pub(super) fn new(
        heap: &'h Bump,
        options: Options,
        current_dir: PathBuf,
        show_trace: bool,
    ) -> Self {
        let mut evaluator = Evaluator::new(heap, options);
        kernel_config::install(&mut evaluator, Rules::default(), None);
        Self {
            evaluator,
            current_dir,
            scope: Vec::new(),
            loaded: Vec::new(),
            show_trace,
        }
    }

    /// Loads a file, and says so.
    pub(super) fn load(&mut self, file: &str) {
        let done = self.load_file(file);
        self.tell(done);
    }

    /// Does what a line says.
    pub(super) fn line(&mut self, line: &str) -> Next {
        self.evaluator.restart_timeout();
        let line = line.trim();
        let (command, rest) = match line.split_once(char::is_whitespace) {
            Some((command, rest)) => (command, rest.trim()),
            None => (line, ""),
        };
        let done = match command {
            "" => Ok(()),
            ":q" | ":quit" => return Next::Quit,
            ":?" | ":help" => {
                print!("{HELP}");
                Ok(())
            }
            ":a" | ":add" => self.add(rest),
            ":l" | ":load" => self.load_file(rest),
            ":r" | ":reload" => self.reload(),
            ":p" | ":print" => self.print_whole(rest),
            ":t" => self.tell_type(rest),
            ":te" | ":trace-enable" => {
                self.show_trace = !self.show_trace;
                let now = if self.show_trace {
                    "shown"
                } else {
                    "cut short"
                };
                println!("traces are {now} from now on");
                Ok(())
            }
            _ if command.starts_with(':') => Err(Failure::Other(format!(
                "there is no command '{command}'; ':?' shows all"
            ))),
            _ => match binding(line) {
                Some((name, expression)) => self.bind(name, expression),
                None => self.print_one_level(line),
            },
        };
        self.tell(done);
        Next::Line
    }

    fn tell(&mut self, done: Done) {
        match done {
            Ok(()) => {}
            Err(Failure::Evaluation(error)) => {
                let sources = self.evaluator.sources();
                eprint!("{}", render_plain(&error, sources, self.show_trace));
            }
            Err(Failure::Other(message)) => eprintln!("error: {message}"),
        }
    }

    /// An expression that may refer to the variables.
    fn delayed(&mut self, expression: &str) -> Result<Lazy<'h>, Failure> {
        if expression.is_empty() {
            return Err(Failure::Other("an expression is missing".to_owned()));
        }
        let scope = self.evaluator.attrs(self.scope.clone());
        let origin = Origin::String;
        Ok(self
            .evaluator
            .lazy_in_scope(scope, expression, &self.current_dir, origin)?)
    }

    fn value(&mut self, expression: &str) -> Result<Value<'h>, Failure> {
        let value = self.delayed(expression)?;
        Ok(self.evaluator.force(value, Span::NONE)?)
    }

    fn bind(&mut self, name: &str, expression: &str) -> Done {
        let value = self.delayed(expression)?;
        let attr = self.evaluator.attr(name, value);
        self.scope.retain(|known| known.name != attr.name);
        self.scope.push(attr);
        Ok(())
    }

    fn add(&mut self, expression: &str) -> Done {
        let value = self.value(expression)?;
        self.add_attrs(value)
    }

    fn add_attrs(&mut self, value: Value<'h>) -> Done {
        let Value::Attrs(attrs) = value else {
            return Err(Failure::Other(format!(
                "a set is wanted, but this is {}",
                value.type_with_article()
            )));
        };
        for attr in attrs.iter() {
            self.scope.retain(|known| known.name != attr.name);
            self.scope.push(*attr);
        }
        println!("Added {} variables.", attrs.len());
        Ok(())
    }

    fn load_file(&mut self, file: &str) -> Done {
        if file.is_empty() {
            return Err(Failure::Other("a file is missing".to_owned()));
        }
        let path = self.current_dir.join(file);
        let (path, text) = self.evaluator.read_source(&path)?;
        let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
        let value = self
            .evaluator
            .eval_str(&text, &folder, Origin::File(path))?;
        // What a kernel's file or a package set wants is given to it as far as that
        // has defaults.
        let no_arguments = self.evaluator.attrs(Vec::new());
        let value = self.evaluator.auto_call(value, no_arguments)?;
        self.add_attrs(value)?;
        if !self.loaded.iter().any(|loaded| loaded == file) {
            self.loaded.push(file.to_owned());
        }
        Ok(())
    }

    fn reload(&mut self) -> Done {
        self.evaluator.forget_imports();
        self.scope.clear();
        for file in self.loaded.clone() {
            self.load_file(&file)?;
        }
        Ok(())
    }

    fn print_whole(&mut self, expression: &str) -> Done {
        let value = self.value(expression)?;
        let shown = self.evaluator.show_deep(value)?;
        write_line(&shown)
    }

    fn tell_type(&mut self, expression: &str) -> Done {
        let value = self.value(expression)?;
        println!("{}", value.type_with_article());
        Ok(())
    }

    fn print_one_level(&mut self, expression: &str) -> Done {
        let value = self.value(expression)?;
        let mut out = Vec::new();
        match value {
            Value::Attrs(attrs) if !attrs.is_empty() => {
                out.extend_from_slice(b"{\n");
                for attr in self.evaluator.attrs_by_name(attrs) {
                    out.extend_from_slice(b"  ");
                    write_attr_name(&mut out, self.evaluator.symbol_text(attr.name));
                    out.extend_from_slice(b" = ");
                    self.element(&mut out, attr.value);
                    out.extend_from_slice(b";\n");
                }
                out.push(b'}');
            }
            Value::List(list) if !list.items.is_empty() => {
                out.extend_from_slice(b"[\n");
                for &item in list.items {
                    out.extend_from_slice(b"  ");
                    self.element(&mut out, item);
                    out.push(b'\n');
                }
                out.push(b']');
            }
            other => out.extend_from_slice(self.evaluator.show_in_message(other).as_bytes()),
        }
        write_line(&out)
    }

    /// An element of what is printed: what is in it is left out. That it cannot be
    /// evaluated is no failure of the rest.
    fn element(&mut self, out: &mut Vec<u8>, element: Lazy<'h>) {
        match self.evaluator.force(element, Span::NONE) {
            Ok(Value::Attrs(attrs)) if !attrs.is_empty() => {
                out.extend_from_slice("{ … }".as_bytes());
            }
            Ok(Value::List(list)) if !list.items.is_empty() => {
                out.extend_from_slice("[ … ]".as_bytes());
            }
            Ok(value) => out.extend_from_slice(self.evaluator.show_in_message(value).as_bytes()),
            Err(error) => {
                let first = error.message.lines().next().unwrap_or_default();
                out.extend_from_slice(format!("«error: {first}»").as_bytes());
            }
        }
    }

    /// The names of all variables, those that Nix has everywhere among them.
    pub(super) fn variables(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .scope
            .iter()
            .map(|attr| self.evaluator.symbol_display(attr.name).into_owned())
            .chain(self.evaluator.global_names())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The names of the attributes of what an expression is, none if it is no set.
    pub(super) fn attributes(&mut self, expression: &str) -> Vec<String> {
        self.evaluator.restart_timeout();
        match self.value(expression) {
            Ok(Value::Attrs(attrs)) => self.names(attrs),
            _ => Vec::new(),
        }
    }

    fn names(&self, attrs: &'h Attrs<'h>) -> Vec<String> {
        let names = self.evaluator.attrs_by_name(attrs).into_iter();
        names
            .map(|attr| {
                let mut name = Vec::new();
                write_attr_name(&mut name, self.evaluator.symbol_text(attr.name));
                String::from_utf8_lossy(&name).into_owned()
            })
            .collect()
    }
}

fn write_line(text: &[u8]) -> Done {
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text).and_then(|()| out.write_all(b"\n"));
    written.map_err(|error| Failure::Other(format!("the result cannot be written: {error}")))
}

/// `NAME = EXPRESSION`
fn binding(line: &str) -> Option<(&str, &str)> {
    let (name, expression) = line.split_once('=')?;
    let name = name.trim_end();
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let all = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\''));
    let is_equality = expression.starts_with('=');
    (starts && all && !is_equality).then(|| (name, expression.trim_end_matches(';').trim()))
}

#[cfg(test)]
mod tests {
    use super::binding;

    #[test]
    fn what_binds_a_variable() {
        assert_eq!(binding("x = 1 + 1;"), Some(("x", "1 + 1")));
        assert_eq!(binding("x == 1"), None);
        assert_eq!(binding("{ x = 1; }"), None);
        assert_eq!(binding("f x = 1"), None);
    }
}
