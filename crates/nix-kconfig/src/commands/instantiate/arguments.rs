//! The command line, as `nix-instantiate` reads it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use nix_eval::ExperimentalFeature;

use super::settings::{self, BadValue, Flag, Settings};

/// What is to be done with each expression.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Eval,
    Parse,
    FindFile,
    /// Names the derivations.
    Instantiate,
}

/// How a value is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Nix,
    Json,
    Xml,
    Raw,
}

/// An argument for functions at the top.
pub(super) enum AutoArg {
    Expression(String),
    Text(String),
    File(PathBuf),
    Stdin,
}

/// What the command line asks for.
pub(super) struct Request {
    pub(super) eval: bool,
    pub(super) parse: bool,
    pub(super) find_file: bool,
    pub(super) format: Format,
    pub(super) strict: bool,
    pub(super) location: bool,
    pub(super) expressions: bool,
    pub(super) stdin: bool,
    pub(super) inputs: Vec<String>,
    pub(super) attributes: Vec<String>,
    pub(super) args: BTreeMap<String, AutoArg>,
    pub(super) include: Vec<String>,
    pub(super) restrict: Vec<PathBuf>,
    pub(super) max_memory: Option<usize>,
    pub(super) gc_warning: bool,
    pub(super) has_root: bool,
    /// How much is told: Nix's `lvlInfo` is 3.
    pub(super) verbosity: u32,
}

impl Request {
    pub(super) fn mode(&self) -> Mode {
        match () {
            () if self.find_file => Mode::FindFile,
            () if self.parse => Mode::Parse,
            () if self.eval => Mode::Eval,
            () => Mode::Instantiate,
        }
    }
}

/// How Nix numbers what it tells.
pub(super) const WARNINGS: u32 = 1;
const INFO: u32 = 3;
pub(super) const TALKATIVE: u32 = 4;
const DEBUG: u32 = 6;
const VOMIT: u32 = 7;

/// A command line that is not followed.
pub(super) enum Stop {
    Help,
    Version,
    /// It makes no sense.
    Usage(String),
    /// It asks for what is not enabled, or not there.
    Failure(String),
}

impl From<BadValue> for Stop {
    fn from(BadValue(message): BadValue) -> Self {
        Stop::Usage(message)
    }
}

type Parsed<T> = Result<T, Stop>;

/// Reads a command line. Settings on it go into `settings`.
pub(super) fn parse(args: Vec<String>, settings: &mut Settings) -> Parsed<Request> {
    let mut parser = Parser {
        request: Request {
            eval: false,
            parse: false,
            find_file: false,
            format: Format::Nix,
            strict: false,
            location: true,
            expressions: false,
            stdin: false,
            inputs: Vec::new(),
            attributes: Vec::new(),
            args: BTreeMap::new(),
            include: Vec::new(),
            restrict: Vec::new(),
            max_memory: None,
            gc_warning: true,
            has_root: false,
            verbosity: INFO,
        },
        settings,
        rest: args.into_iter().rev().collect(),
        needed: Vec::new(),
    };
    let mut only_inputs = false;
    while let Some(arg) = parser.rest.pop() {
        if only_inputs {
            let shown = arg.clone();
            parser.own(arg).map_err(|stop| match stop {
                Stop::Usage(_) => Stop::Usage(format!("unexpected argument '{shown}'")),
                other => other,
            })?;
        } else if arg == "--" {
            only_inputs = true;
        } else {
            let arg = parser.split_short_flags(arg);
            parser.argument(arg)?;
        }
    }
    let Parser {
        request,
        settings,
        needed,
        ..
    } = parser;
    match needed
        .into_iter()
        .find(|feature| !settings.features.has(*feature))
    {
        Some(feature) => Err(Stop::Failure(feature.disabled_message())),
        None => Ok(request),
    }
}

struct Parser<'s> {
    request: Request,
    settings: &'s mut Settings,
    /// What is left, the last first.
    rest: Vec<String>,
    /// The features that flags need.
    needed: Vec<ExperimentalFeature>,
}

impl Parser<'_> {
    /// `-vE1` is `-v -E 1`.
    fn split_short_flags(&mut self, arg: String) -> String {
        let bytes = arg.as_bytes();
        if bytes.len() <= 2 || bytes[0] != b'-' || !bytes[1].is_ascii_alphabetic() {
            return arg;
        }
        let letters = bytes[1..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let mut flags: Vec<String> = arg[1..=letters]
            .chars()
            .map(|letter| format!("-{letter}"))
            .collect();
        if letters + 1 < arg.len() {
            flags.push(arg[letters + 1..].to_owned());
        }
        let first = flags.remove(0);
        self.rest.extend(flags.into_iter().rev());
        first
    }

    fn argument(&mut self, arg: String) -> Parsed<()> {
        match arg.as_str() {
            "--verbose" | "-v" => {
                self.request.verbosity = (self.request.verbosity + 1).min(VOMIT);
            }
            "--quiet" => self.request.verbosity = self.request.verbosity.saturating_sub(1),
            "--debug" => self.request.verbosity = DEBUG,
            "--option" => {
                let [name, value] = self.values(&arg)?;
                if let Err(BadValue(message)) = self.settings.set(&name, &value) {
                    self.settings.warnings.push(message);
                }
            }
            "--log-format" => {
                let [format] = self.values(&arg)?;
                let known = [
                    "raw",
                    "raw-with-logs",
                    "internal-json",
                    "bar",
                    "bar-with-logs",
                ];
                if !known.contains(&format.as_str()) {
                    return Err(Stop::Failure(format!(
                        "option 'log-format' has an invalid value '{format}'"
                    )));
                }
            }
            "-j" => {
                let [jobs] = self.values(&arg)?;
                self.settings.set("max-jobs", &jobs)?;
            }
            "--no-build-output" | "-Q" | "--keep-failed" | "-K" | "--keep-going" | "-k"
            | "--fallback" | "--readonly-mode" | "--repair" => {}
            "--cores" | "--max-silent-time" | "--timeout" => {
                let [value] = self.values(&arg)?;
                let number = settings::number(&value).ok_or_else(|| bad_number(&value))?;
                self.settings.set(&arg[2..], &number.to_string())?;
            }
            "--no-gc-warning" => self.request.gc_warning = false,
            "--store" => {
                let [store] = self.values(&arg)?;
                self.settings.store = Some(store);
            }
            "--eval-store" => {
                let [_] = self.values(&arg)?;
            }
            "--override-flake" => {
                let [_, _] = self.values(&arg)?;
            }
            "--arg" => self.auto_arg(&arg, AutoArg::Expression)?,
            "--argstr" => self.auto_arg(&arg, AutoArg::Text)?,
            "--arg-from-file" => self.auto_arg(&arg, |path| AutoArg::File(path.into()))?,
            "--arg-from-stdin" => {
                let [name] = self.values(&arg)?;
                self.request.args.insert(name, AutoArg::Stdin);
            }
            "--include" | "-I" => {
                let [entry] = self.values(&arg)?;
                self.request.include.push(entry);
            }
            "--impure" => self.settings.pure_eval = false,
            "--restrict" => {
                let [folder] = self.values(&arg)?;
                self.request.restrict.push(PathBuf::from(folder));
            }
            "--max-memory" => {
                let [size] = self.values(&arg)?;
                let mebibytes: usize = size.parse().map_err(|_| {
                    Stop::Usage(format!("'{size}' is not a number that '{arg}' can take"))
                })?;
                self.request.max_memory = Some(mebibytes.saturating_mul(1 << 20));
            }
            _ => match arg.strip_prefix("--").and_then(settings::flag) {
                Some((setting, how)) => self.setting(&arg, &setting, &how)?,
                None => self.own(arg)?,
            },
        }
        Ok(())
    }

    fn setting(&mut self, arg: &str, setting: &str, how: &Flag) -> Parsed<()> {
        let value = match how {
            Flag::Value => {
                let [value] = self.values(arg)?;
                value
            }
            Flag::Fixed(value) => (*value).to_owned(),
        };
        if let Some(feature) = settings::feature_of(setting) {
            self.needed.push(feature);
            if !self.settings.features.has(feature) {
                return Ok(());
            }
        }
        Ok(self.settings.set(setting, &value)?)
    }

    fn auto_arg(&mut self, flag: &str, make: impl FnOnce(String) -> AutoArg) -> Parsed<()> {
        let [name, value] = self.values(flag)?;
        self.request.args.insert(name, make(value));
        Ok(())
    }

    /// What only `nix-instantiate` knows.
    fn own(&mut self, arg: String) -> Parsed<()> {
        let request = &mut self.request;
        match arg.as_str() {
            "--help" | "-h" => return Err(Stop::Help),
            "--version" => return Err(Stop::Version),
            "-" => request.stdin = true,
            "--expr" | "-E" => request.expressions = true,
            "--eval" | "--eval-only" => request.eval = true,
            "--parse" | "--parse-only" => request.parse = true,
            "--find-file" => request.find_file = true,
            "--json" => request.format = Format::Json,
            "--xml" => request.format = Format::Xml,
            "--raw" => request.format = Format::Raw,
            "--strict" => request.strict = true,
            "--no-location" => request.location = false,
            "--read-write-mode" | "--indirect" | "--dry-run" => {}
            "--attr" | "-A" => {
                let path = self.own_value(&arg)?;
                self.request.attributes.push(path);
            }
            "--add-root" => {
                self.own_value(&arg)?;
                self.request.has_root = true;
            }
            _ if arg.starts_with('-') => {
                return Err(Stop::Usage(format!("unrecognised flag '{arg}'")));
            }
            _ => request.inputs.push(arg),
        }
        Ok(())
    }

    fn own_value(&mut self, flag: &str) -> Parsed<String> {
        let missing = || Stop::Usage(format!("'{flag}' requires an argument"));
        self.rest.pop().ok_or_else(missing)
    }

    /// The values that follow a flag.
    fn values<const N: usize>(&mut self, flag: &str) -> Parsed<[String; N]> {
        let found: Vec<String> = std::iter::from_fn(|| self.rest.pop()).take(N).collect();
        let count = found.len();
        found.try_into().map_err(|_| {
            Stop::Usage(format!(
                "flag '{flag}' requires {N} argument(s), but only {count} were given"
            ))
        })
    }
}

/// What Nix says of a number that it cannot read, maybe with a unit behind it.
fn bad_number(value: &str) -> Stop {
    Stop::Usage(match value.chars().last() {
        Some(unit) if "KMGT".contains(unit.to_ascii_uppercase()) => {
            format!("'{}' is not an integer", &value[..value.len() - 1])
        }
        Some(unit) if unit.is_ascii_alphabetic() => {
            format!("invalid unit specifier '{}'", unit.to_ascii_uppercase())
        }
        _ => format!("'{value}' is not an integer"),
    })
}
