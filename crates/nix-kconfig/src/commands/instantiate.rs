//! `nix-kconfig instantiate`: what `nix-instantiate --eval` and `--parse` do,
//! with the same options, output, messages and exit status, so that a test suite
//! written for Nix runs against this evaluator unchanged.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kernel_config::{Rules, with_embedded_nixpkgs};
use nix_eval::{
    Attrs, Bump, Coercion, EvalError, Evaluator, HostIo, LookupPathEntry, Options, Origin,
    RestrictedIo, Span, Value, XmlDetail, render_plain,
};

use crate::terminal::for_standard_error;

const HELP: &str = "\
Evaluates Nix expressions as nix-instantiate --eval does. Nothing is built and
nothing is written to a store.

Usage: nix-kconfig instantiate (--eval | --parse | --find-file) [OPTIONS] [FILE…]

What is evaluated:
  FILE…                 files, or - for standard input (default: ./default.nix)
  -E, --expr            take the arguments as expressions
  -A, --attr PATH       select an attribute of what is evaluated; may be repeated
      --arg NAME EXPR   pass an argument to a function at the top
      --argstr NAME S   pass a string
  -I, --include PATH    add [PREFIX=]PATH to the look-up path, before NIX_PATH

What is printed:
      --eval            the value
      --parse           the expression as parsed
      --find-file       the files that look-up paths lead to
      --strict          evaluate lists and attribute sets completely
      --json, --xml     print the value in another format
      --no-location     without positions, in XML
      --raw             print a string as it is
      --show-trace      on an error, the whole way to it

Bounds:
      --max-memory MIB  fail when values need more memory
      --timeout SECONDS fail when the evaluation takes longer
      --max-call-depth N
      --restrict DIR    read nothing outside of DIR; may be repeated
      --pure-eval       know nothing of this machine: no environment, no time

Settings of Nix (--option NAME VALUE, --extra-experimental-features …) are
accepted; those that do not concern evaluation change nothing.
";

/// What is to be done with each expression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Eval,
    Parse,
    FindFile,
}

/// How a value is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Nix,
    Json,
    Xml,
    Raw,
}

/// An argument for functions at the top.
enum AutoArg {
    Expression(String),
    Text(String),
}

/// The command line.
struct Request {
    mode: Option<Mode>,
    format: Format,
    strict: bool,
    location: bool,
    expressions: bool,
    stdin: bool,
    inputs: Vec<String>,
    attributes: Vec<String>,
    args: Vec<(String, AutoArg)>,
    include: Vec<LookupPathEntry>,
    show_trace: bool,
    pure: bool,
    restrict: Vec<PathBuf>,
    max_memory: Option<usize>,
    timeout: Option<Duration>,
    max_call_depth: Option<u32>,
    system: Option<String>,
    trace_verbose: bool,
}

/// What the command line asks for.
enum Asked {
    Request(Box<Request>),
    Help,
    Version,
}

/// A command line that makes no sense.
struct Usage(String);

type Parsed<T> = Result<T, Usage>;

/// Runs the command. The exit status is 0, or 1 if anything failed.
pub(crate) fn main(args: Vec<OsString>) -> ExitCode {
    let args = args
        .into_iter()
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    let request = match parse_args(args) {
        Ok(Asked::Request(request)) => request,
        Ok(Asked::Help) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Ok(Asked::Version) => {
            println!("nix-kconfig {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        Err(Usage(message)) => {
            eprintln!("error: {message}");
            eprintln!("Try 'nix-kconfig instantiate --help' for more information.");
            return ExitCode::FAILURE;
        }
    };
    match run(&request) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprint!("{}", for_standard_error(&message));
            ExitCode::FAILURE
        }
    }
}

fn parse_args(args: Vec<String>) -> Parsed<Asked> {
    let mut request = Request {
        mode: None,
        format: Format::Nix,
        strict: false,
        location: true,
        expressions: false,
        stdin: false,
        inputs: Vec::new(),
        attributes: Vec::new(),
        args: Vec::new(),
        include: Vec::new(),
        show_trace: false,
        pure: false,
        restrict: Vec::new(),
        max_memory: None,
        timeout: None,
        max_call_depth: None,
        system: None,
        trace_verbose: false,
    };
    let mut args = args.into_iter();
    while let Some(flag) = args.next() {
        match flag.as_str() {
            "--help" | "-h" => return Ok(Asked::Help),
            "--version" => return Ok(Asked::Version),
            "--eval" | "--eval-only" => request.mode = Some(Mode::Eval),
            "--parse" | "--parse-only" => request.mode = Some(Mode::Parse),
            "--find-file" => request.mode = Some(Mode::FindFile),
            "--json" => request.format = Format::Json,
            "--xml" => request.format = Format::Xml,
            "--raw" => request.format = Format::Raw,
            "--strict" => request.strict = true,
            "--no-location" => request.location = false,
            "--expr" | "-E" => request.expressions = true,
            "-" => request.stdin = true,
            "--attr" | "-A" => {
                let [path] = values(&mut args, &flag)?;
                request.attributes.push(path);
            }
            "--arg" => {
                let [name, expression] = values(&mut args, &flag)?;
                request.args.push((name, AutoArg::Expression(expression)));
            }
            "--argstr" => {
                let [name, text] = values(&mut args, &flag)?;
                request.args.push((name, AutoArg::Text(text)));
            }
            "--include" | "-I" => {
                let [entry] = values(&mut args, &flag)?;
                request.include.push(lookup_entry(&entry));
            }
            "--option" => {
                let [name, value] = values(&mut args, &flag)?;
                set_option(&mut request, &name, &value)?;
            }
            "--show-trace" => request.show_trace = true,
            "--pure-eval" => request.pure = true,
            "--impure" | "--no-pure-eval" => request.pure = false,
            "--restrict" => {
                let [folder] = values(&mut args, &flag)?;
                request.restrict.push(PathBuf::from(folder));
            }
            "--max-memory" => {
                let [size] = values(&mut args, &flag)?;
                let mebibytes: usize = number(&flag, &size)?;
                request.max_memory = Some(mebibytes.saturating_mul(1 << 20));
            }
            _ if is_ignored(&flag) => {}
            _ if flag.starts_with("--") && takes_value(&flag[2..]) => {
                let [value] = values(&mut args, &flag)?;
                set_option(&mut request, &flag[2..], &value)?;
            }
            _ if flag.starts_with("--") && is_boolean_setting(&flag[2..]) => {
                set_option(&mut request, &flag[2..], "true")?;
            }
            _ if flag.starts_with('-') => {
                return Err(Usage(format!("unrecognised flag '{flag}'")));
            }
            _ => request.inputs.push(flag),
        }
    }
    Ok(Asked::Request(Box::new(request)))
}

/// The values that follow a flag.
fn values<const N: usize>(
    args: &mut impl Iterator<Item = String>,
    flag: &str,
) -> Parsed<[String; N]> {
    let found: Vec<String> = args.take(N).collect();
    let count = found.len();
    found.try_into().map_err(|_| {
        Usage(format!(
            "flag '{flag}' requires {N} argument(s), but only {count} were given"
        ))
    })
}

fn number<T: std::str::FromStr>(flag: &str, text: &str) -> Parsed<T> {
    text.parse()
        .map_err(|_| Usage(format!("'{text}' is not a number that '{flag}' can take")))
}

/// Flags of Nix that change nothing here: there is nothing to build, and no
/// store that is written to.
fn is_ignored(flag: &str) -> bool {
    matches!(
        flag,
        "--read-write-mode"
            | "--dry-run"
            | "--indirect"
            | "--quiet"
            | "--verbose"
            | "--debug"
            | "--no-build-output"
            | "-Q"
            | "--keep-going"
            | "-k"
            | "--keep-failed"
            | "-K"
            | "--fallback"
            | "--print-build-logs"
            | "-L"
            | "--readonly-mode"
    ) || (flag.starts_with("-v") && flag[1..].chars().all(|letter| letter == 'v'))
}

/// Settings that are also flags with a value.
fn takes_value(setting: &str) -> bool {
    matches!(
        setting,
        "timeout"
            | "max-call-depth"
            | "system"
            | "eval-system"
            | "extra-experimental-features"
            | "experimental-features"
            | "nix-path"
            | "extra-nix-path"
            | "store"
            | "eval-store"
            | "log-format"
            | "max-jobs"
            | "cores"
            | "max-silent-time"
            | "allowed-uris"
            | "extra-deprecated-features"
            | "add-root"
    )
}

/// Settings that are also flags without one.
fn is_boolean_setting(setting: &str) -> bool {
    matches!(
        setting.strip_prefix("no-").unwrap_or(setting),
        "trace-verbose"
            | "restrict-eval"
            | "allow-import-from-derivation"
            | "eval-cache"
            | "abort-on-warn"
            | "trace-import-from-derivation"
            | "accept-flake-config"
    )
}

fn set_option(request: &mut Request, name: &str, value: &str) -> Parsed<()> {
    match name {
        "timeout" => {
            let seconds: u64 = number("timeout", value)?;
            request.timeout = (seconds > 0).then(|| Duration::from_secs(seconds));
        }
        "max-call-depth" => request.max_call_depth = Some(number("max-call-depth", value)?),
        "system" | "eval-system" => request.system = Some(value.to_owned()),
        "show-trace" => request.show_trace = value == "true",
        "pure-eval" => request.pure = value == "true",
        "trace-verbose" => request.trace_verbose = value == "true",
        "nix-path" | "extra-nix-path" => request
            .include
            .extend(value.split_whitespace().map(lookup_entry)),
        "restrict-eval" if value == "true" => {
            return Err(Usage(
                "to confine reading, name the folders with '--restrict DIR'".to_owned(),
            ));
        }
        _ => {}
    }
    Ok(())
}

/// An entry of the look-up path: `PATH` or `PREFIX=PATH`.
pub(super) fn lookup_entry(entry: &str) -> LookupPathEntry {
    let (prefix, path) = entry.split_once('=').unwrap_or(("", entry));
    LookupPathEntry {
        prefix: prefix.to_owned(),
        path: path.to_owned(),
    }
}

/// The entries of `NIX_PATH`: separated by colons, but `://` belongs to a URL.
fn nix_path_entries(nix_path: &str) -> Vec<LookupPathEntry> {
    let mut entries: Vec<String> = Vec::new();
    for part in nix_path.split(':') {
        match entries.last_mut() {
            Some(last) if part.starts_with("//") => {
                last.push(':');
                last.push_str(part);
            }
            _ => entries.push(part.to_owned()),
        }
    }
    entries
        .iter()
        .filter(|entry| !entry.is_empty())
        .map(|entry| lookup_entry(entry))
        .collect()
}

fn run(request: &Request) -> Result<(), String> {
    let plain = |message: String| format!("error: {message}\n");
    let Some(mode) = request.mode else {
        return Err(plain(
            "nothing can be instantiated into a store here; use '--eval' or '--parse'".to_owned(),
        ));
    };
    let current_dir = std::env::current_dir()
        .map_err(|error| plain(format!("cannot tell the current directory: {error}")))?;
    let heap = Bump::new();
    let options = options(request).map_err(plain)?;
    let mut evaluator = Evaluator::new(&heap, options);
    kernel_config::install(&mut evaluator, Rules::default(), None);
    let mut session = Session {
        evaluator,
        request,
        mode,
        current_dir,
    };
    session.run().map_err(|failure| match failure {
        Failure::Evaluation(error) => {
            render_plain(&error, session.evaluator.sources(), request.show_trace)
        }
        Failure::Other(message) => plain(message),
    })
}

fn options(request: &Request) -> Result<Options, String> {
    let mut nix_path = request.include.clone();
    if !request.pure
        && let Ok(variable) = std::env::var("NIX_PATH")
    {
        nix_path.extend(nix_path_entries(&variable));
    }
    let system = request.system.clone().or_else(|| {
        let os = match std::env::consts::OS {
            "macos" => "darwin",
            os => os,
        };
        (!request.pure).then(|| format!("{}-{os}", std::env::consts::ARCH))
    });
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    let mut options = Options {
        max_memory: request.max_memory,
        timeout: request.timeout,
        io: Box::new(with_embedded_nixpkgs(HostIo)),
        // `<nixpkgs>` is the embedded one where the look-up path knows none.
        nix_path: nix_modules::look_up_path(nix_path),
        current_system: system,
        trace: Box::new(|text| eprintln!("{}", for_standard_error(text))),
        ..Options::default()
    };
    if let Some(depth) = request.max_call_depth {
        options.max_call_depth = depth;
    }
    if !request.pure {
        options.current_time = now.map(|now| now.as_secs().cast_signed());
        options.home = std::env::var_os("HOME").map(PathBuf::from);
        options.environment = Box::new(|name| std::env::var(name).ok());
    }
    if !request.restrict.is_empty() {
        let io = RestrictedIo::new(HostIo, &absolute(&request.restrict)?)
            .map_err(|error| format!("cannot restrict reading: {error}"))?;
        options.io = Box::new(with_embedded_nixpkgs(io));
    }
    Ok(options)
}

fn absolute(folders: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    folders
        .iter()
        .map(|folder| {
            std::path::absolute(folder)
                .map_err(|error| format!("cannot use '{}': {error}", folder.display()))
        })
        .collect()
}

enum Failure {
    Evaluation(Box<EvalError>),
    Other(String),
}

impl From<Box<EvalError>> for Failure {
    fn from(error: Box<EvalError>) -> Self {
        Failure::Evaluation(error)
    }
}

struct Session<'h, 'r> {
    evaluator: Evaluator<'h>,
    request: &'r Request,
    mode: Mode,
    current_dir: PathBuf,
}

/// A text to work on.
struct Input {
    text: String,
    base_dir: PathBuf,
    origin: Origin,
}

impl<'h> Session<'h, '_> {
    fn run(&mut self) -> Result<(), Failure> {
        if self.mode == Mode::FindFile {
            return self.find_files();
        }
        let args = self.auto_args()?;
        if self.request.stdin {
            let mut text = Vec::new();
            std::io::stdin()
                .read_to_end(&mut text)
                .map_err(|error| Failure::Other(format!("cannot read standard input: {error}")))?;
            let input = Input {
                text: String::from_utf8(text)
                    .map_err(|_| Failure::Other("standard input is not valid UTF-8".to_owned()))?,
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
                    text: input.clone(),
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
    fn read(&mut self, name: &str) -> Result<Input, Failure> {
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
        let find = self.evaluator.eval_str(
            "builtins.findFile builtins.nixPath",
            &self.current_dir,
            Origin::String,
        )?;
        let name = self.evaluator.string(name);
        let found = self.evaluator.apply(find, &[name.into()], Span::NONE)?;
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
                AutoArg::Expression(text) => {
                    self.evaluator
                        .lazy_str(text, &self.current_dir, Origin::String)?
                }
            };
            entries.push(self.evaluator.attr(name, value));
        }
        Ok(self.evaluator.attrs(entries))
    }

    fn process(&mut self, input: &Input, args: &'h Attrs<'h>) -> Result<(), Failure> {
        let Input {
            text,
            base_dir,
            origin,
        } = input;
        if self.mode == Mode::Parse {
            let shown = self.evaluator.show_parsed(text, base_dir, origin.clone())?;
            return write_out(&shown, true);
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
            // Without arguments a function is shown as what it is.
            if !args.is_empty() {
                value = self.evaluator.auto_call(value, args)?;
            }
            self.print(value)?;
        }
        Ok(())
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
                write_out(string.text, false)
            }
            Format::Json => {
                let value = evaluator.evaluated(value);
                let json = evaluator.to_json_at(value, Span::NONE, strict, &mut Vec::new())?;
                write_out(&json, true)
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
                write_out(&shown, true)
            }
        }
    }
}

/// Writes to standard output. A reader that has gone away is no error.
fn write_out(text: &[u8], newline: bool) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let end: &[u8] = if newline { b"\n" } else { b"" };
    let written = out
        .write_all(text)
        .and_then(|()| out.write_all(end))
        .and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Other(format!("cannot write the result: {error}")))
        }
        _ => Ok(()),
    }
}
