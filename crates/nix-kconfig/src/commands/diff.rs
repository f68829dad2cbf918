//! `nix-kconfig diff`: two kernels or configurations, option by option.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use findings::Finding;

use kconfig::Tree;
use kernel_resolve::Source;
use serde::Serialize;

use super::explain;
use crate::config_file;
use crate::output;
use crate::paint::Paint;
use crate::subject::{Resolved, Subject, SubjectArgs};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What was: a kernel's file, or a .config (compressed or not)
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// What is
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// The kernel's source tree, a folder or an archive: for kernels, and for reasons
    #[arg(short, long, value_name = "TREE")]
    source: Option<PathBuf>,
    /// The source tree of OLD, if it is another one
    #[arg(long, value_name = "TREE", requires = "source")]
    old_source: Option<PathBuf>,
    /// Leave out what follows from the toolchain, or options by name (HZ*); may be
    /// repeated
    #[arg(long, value_name = "WHAT")]
    ignore: Vec<String>,
    /// How it is told
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Where the result goes; - is standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    subject: SubjectArgs,
}

/// How a difference is told.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people: option, old, new, reason
    Text,
    /// For programs
    Json,
    /// As the kernel's `merge_config.sh` reports it
    MergeConfig,
    /// As the kernel's diffconfig does
    Diffconfig,
}

/// Compares; the exit status says whether both are the same.
pub(crate) fn main(args: &Args) -> ExitCode {
    super::exit(run(args))
}

/// An option that differs.
#[derive(Serialize)]
struct Difference {
    symbol: String,
    /// As `.config` has it; `null` where it does not stand there.
    old: Option<String>,
    new: Option<String>,
    /// Why it is what it is now.
    reason: Option<String>,
}

#[derive(Serialize)]
struct Report {
    differences: Vec<Difference>,
    /// How many by kind: `n → y`, `new`, …
    counts: BTreeMap<String, usize>,
    ignored: usize,
}

/// One side: its options, and what is needed to tell reasons.
struct Side<'t> {
    values: BTreeMap<String, String>,
    resolved: Option<(Subject, Resolved<'t>)>,
}

fn run(args: &Args) -> Result<bool, Box<Finding>> {
    let open = |path: &Option<PathBuf>| {
        let opened = path.as_deref().map(|path| args.subject.open(path));
        opened.transpose()
    };
    let new_source = open(&args.source)?;
    let old_source = open(&args.old_source)?;
    let of_new = new_source.as_ref();
    let of_old = old_source.as_ref().or(of_new);
    let old_subject = args.subject(&args.old, of_old)?;
    let new_subject = args.subject(&args.new, of_new)?;
    let parse = |source: Option<&Source>, subject: &Subject| {
        let parsed = source.map(|source| args.subject.parse(source, subject));
        parsed.transpose()
    };
    let new_tree = parse(of_new, &new_subject)?;
    let own_tree = parse(old_source.as_ref(), &old_subject)?;
    let old_tree = own_tree.as_ref().or(new_tree.as_ref());
    let old = Side::of(old_subject, old_tree);
    let mut new = Side::of(new_subject, new_tree.as_ref());
    let report = args.compare(&old, &mut new, new_tree.as_ref());
    let text = match args.format {
        Format::Text => as_text(&report, Paint::of_output(&args.output)),
        Format::Json => output::json(&report)?,
        Format::MergeConfig => as_merge_config(&report, &args.new),
        Format::Diffconfig => as_diffconfig(&report),
    };
    output::write(&args.output, text.as_bytes())?;
    Ok(report.differences.is_empty())
}

impl Args {
    fn subject(&self, path: &Path, source: Option<&Source>) -> Result<Subject, Box<Finding>> {
        if config_file::is_config(path) {
            return Subject::of_config(path);
        }
        let Some(source) = source else {
            return Err(Box::new(
                Finding::failure(format!(
                    "{} is a kernel's file, and there is no source tree to resolve it on",
                    path.display()
                ))
                .with_help("--source TREE names the folder of an unpacked kernel, or its archive"),
            ));
        };
        let kernel = path.display().to_string();
        self.subject.kernel(Some(&kernel), source)
    }

    fn compare(&self, old: &Side<'_>, new: &mut Side<'_>, tree: Option<&Tree>) -> Report {
        let names: BTreeSet<&String> = old.values.keys().chain(new.values.keys()).collect();
        let mut report = Report {
            differences: Vec::new(),
            counts: BTreeMap::new(),
            ignored: 0,
        };
        let mut found = Vec::new();
        for name in names {
            let (was, is) = (old.values.get(name), new.values.get(name));
            if was == is {
                continue;
            }
            if self.ignore.iter().any(|what| is_ignored(what, name, tree)) {
                report.ignored += 1;
                continue;
            }
            *report.counts.entry(kind_of(was, is)).or_default() += 1;
            found.push((name.clone(), was.cloned(), is.cloned()));
        }
        for (symbol, old, is) in found {
            report.differences.push(Difference {
                reason: new.reason(&symbol),
                symbol,
                old,
                new: is,
            });
        }
        report
    }
}

impl<'t> Side<'t> {
    fn of(subject: Subject, tree: Option<&'t Tree>) -> Self {
        let Some(tree) = tree else {
            let values = match &subject {
                Subject::Config { content, .. } => values_of(content),
                Subject::Kernel(_) => BTreeMap::new(),
            };
            return Self {
                values,
                resolved: None,
            };
        };
        let resolved = subject.resolve(tree);
        // A finished configuration is taken as it stands.
        let values = match &subject {
            Subject::Config { content, .. } => values_of(content),
            Subject::Kernel(_) => values_of(&resolved.config),
        };
        Self {
            values,
            resolved: Some((subject, resolved)),
        }
    }

    fn reason(&mut self, name: &str) -> Option<String> {
        let (subject, resolved) = self.resolved.as_mut()?;
        let tree = resolved.session.tree();
        let symbol = tree.find(name).filter(|&symbol| tree.is_defined(symbol));
        Some(match symbol {
            Some(symbol) => explain::in_short(subject, resolved, symbol),
            None => "no Kconfig file defines it".to_owned(),
        })
    }
}

/// The options of a `.config`. One that is not set is `n`.
fn values_of(content: &[u8]) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for line in String::from_utf8_lossy(content).lines() {
        if let Some(rest) = line.strip_prefix("CONFIG_") {
            if let Some((name, value)) = rest.split_once('=') {
                values.insert(name.to_owned(), value.to_owned());
            }
        } else if let Some(name) = line
            .strip_prefix("# CONFIG_")
            .and_then(|rest| rest.strip_suffix(" is not set"))
        {
            values.insert(name.to_owned(), "n".to_owned());
        }
    }
    values
}

/// What sort of change it is.
fn kind_of(old: Option<&String>, new: Option<&String>) -> String {
    let is_tristate = |value: &String| matches!(value.as_str(), "y" | "m" | "n");
    match (old, new) {
        (None, _) => "new".to_owned(),
        (_, None) => "gone".to_owned(),
        (Some(old), Some(new)) if is_tristate(old) && is_tristate(new) => format!("{old} → {new}"),
        _ => "value".to_owned(),
    }
}

/// How the names of options begin that follow from the toolchain, where no tree tells.
const TOOLCHAIN: [&str; 13] = [
    "CC_",
    "GCC",
    "CLANG_",
    "AS_",
    "LD_",
    "LLD_",
    "RUSTC_",
    "RUST_IS_",
    "BINDGEN_",
    "PAHOLE_",
    "TOOLCHAIN_",
    "TOOLS_SUPPORT_",
    "HAVE_KCSAN_COMPILER",
];

/// Whether `--ignore WHAT` is about the option.
fn is_ignored(what: &str, name: &str, tree: Option<&Tree>) -> bool {
    if what != "toolchain" {
        return match what.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == what,
        };
    }
    // With a tree it is known which options a probe decides.
    let asks = tree.and_then(|tree| Some((tree, tree.find(name)?)));
    let is_probed = asks.is_some_and(|(tree, symbol)| {
        tree.statements(symbol)
            .filter(|statement| statement.kind() == kconfig::PropertyKind::Default)
            .any(|statement| tree.source_line(statement.position()).contains("$("))
    });
    is_probed || TOOLCHAIN.iter().any(|prefix| name.starts_with(prefix))
}

fn shown(value: Option<&str>) -> &str {
    value.unwrap_or("-")
}

/// How many columns a reason needs beside a change, lest it be a column of single words.
const REASON_WIDTH: usize = 32;

fn as_text(report: &Report, paint: Paint) -> String {
    let mut text = String::new();
    let width = |of: fn(&Difference) -> usize, most: usize| {
        let widths = report.differences.iter().map(of);
        widths.filter(|&width| width <= most).max().unwrap_or(0)
    };
    let name_width = width(|d| d.symbol.len(), 36);
    let old_width = width(|d| shown(d.old.as_deref()).len(), 16);
    let new_width = width(|d| shown(d.new.as_deref()).len(), 16);
    for difference in &report.differences {
        let change = format!(
            "{:name_width$}  {:old_width$} → {:new_width$}",
            difference.symbol,
            shown(difference.old.as_deref()),
            shown(difference.new.as_deref()),
        );
        text.push_str(change.trim_end());
        if let Some(reason) = &difference.reason {
            let used = change.chars().count() + 2;
            let has_room = |width: usize| {
                used + reason.chars().count() <= width || used + REASON_WIDTH <= width
            };
            if paint.width().is_none_or(has_room) {
                text.push_str(&change[change.trim_end().len()..]);
                let _ = write!(text, "  {}", paint.faint(&paint.fitted(reason, used)));
            } else {
                let _ = write!(text, "\n    {}", paint.faint(&paint.wrapped(reason, 4)));
            }
        }
        text.push('\n');
    }
    let counts: Vec<String> = report
        .counts
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let total = report.differences.len();
    let options = if total == 1 {
        "option differs"
    } else {
        "options differ"
    };
    let _ = write!(text, "{total} {options}");
    if !counts.is_empty() {
        let _ = write!(text, ": {}", counts.join(", "));
    }
    if report.ignored > 0 {
        let _ = write!(text, "; {} ignored", report.ignored);
    }
    text.push('\n');
    text
}

/// A line of a `.config`.
fn line(symbol: &str, value: Option<&str>) -> String {
    match value {
        None => String::new(),
        Some("n") => format!("# CONFIG_{symbol} is not set"),
        Some(value) => format!("CONFIG_{symbol}={value}"),
    }
}

/// As `scripts/kconfig/merge_config.sh` tells of values that a fragment redefines.
fn as_merge_config(report: &Report, new: &Path) -> String {
    let mut text = String::new();
    for difference in &report.differences {
        let (Some(old), Some(is)) = (&difference.old, &difference.new) else {
            continue;
        };
        let symbol = &difference.symbol;
        let _ = writeln!(
            text,
            "Value of CONFIG_{symbol} is redefined by fragment {}:\nPrevious value: {}\nNew \
             value:       {}\n",
            new.display(),
            line(symbol, Some(old)),
            line(symbol, Some(is)),
        );
    }
    text
}

/// As `scripts/diffconfig`: what is gone, what changed, what is new.
fn as_diffconfig(report: &Report) -> String {
    let mut text = String::new();
    let of = |is: fn(&Difference) -> bool| report.differences.iter().filter(move |d| is(d));
    for Difference { symbol, old, .. } in of(|d| d.new.is_none()) {
        let _ = writeln!(text, "-{symbol} {}", shown(old.as_deref()));
    }
    for Difference {
        symbol, old, new, ..
    } in of(|d| d.old.is_some() && d.new.is_some())
    {
        let (old, new) = (shown(old.as_deref()), shown(new.as_deref()));
        let _ = writeln!(text, " {symbol} {old} -> {new}");
    }
    for Difference { symbol, new, .. } in of(|d| d.old.is_none()) {
        let _ = writeln!(text, "+{symbol} {}", shown(new.as_deref()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_is_n() {
        let values =
            values_of(b"CONFIG_A=y\n# CONFIG_B is not set\n# a comment\nCONFIG_C=\"x y\"\n");
        let got: Vec<_> = values
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(got, [("A", "y"), ("B", "n"), ("C", "\"x y\"")]);
    }

    #[test]
    fn options_are_ignored_by_name_and_as_the_toolchains() {
        assert!(is_ignored("HZ*", "HZ_100", None));
        assert!(!is_ignored("HZ", "HZ_100", None));
        assert!(is_ignored("toolchain", "CC_HAS_ASM_GOTO", None));
        assert!(!is_ignored("toolchain", "NET", None));
    }
}
