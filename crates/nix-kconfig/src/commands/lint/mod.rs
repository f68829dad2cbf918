//! `nix-kconfig lint`: mistakes in Nix files of kernels, and mending them.

mod fixes;
mod inputs;
mod kernels;

use std::path::PathBuf;
use std::process::ExitCode;

use findings::{Applicability, Finding, Format, Report, Rule, Severity, Style};
use kernel_lint::levels::find;
use kernel_lint::{Context, Level, Levels, Linter, RULES, STACK};
use rayon::prelude::*;

use crate::commands::lint::inputs::Input;
use crate::kernel_input::KernelArgs;
use crate::output;
use crate::report;
use crate::toolchain::ToolchainArgs;
use crate::tree_input::BaseArgs;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Files, and folders to look for .nix files in
    #[arg(default_value = ".")]
    files: Vec<PathBuf>,
    /// A kernel's source tree, for the rules that need one
    #[arg(short, long, value_name = "TREE")]
    source: Option<PathBuf>,
    /// How findings are told
    #[arg(long, value_name = "FORMAT", default_value = "people", value_parser = report::format_parser())]
    format: Format,
    /// List the rules
    #[arg(long)]
    list: bool,
    /// Tell all about a rule
    #[arg(long, value_name = "RULE")]
    explain: Option<String>,
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    fixes: FixArgs,
    #[command(flatten)]
    base: BaseArgs,
    #[command(flatten)]
    toolchain: ToolchainArgs,
    #[command(flatten)]
    input: KernelArgs,
}

/// Which rules count.
#[derive(clap::Args)]
#[command(next_help_heading = "Rules")]
struct RuleArgs {
    /// Look only for these rules; `all` stands for every one
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,
    /// Leave a rule out
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Make a rule's findings warnings
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    warn: Vec<String>,
    /// Make a rule's findings errors
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    deny: Vec<String>,
    /// The configuration (default: nix-kconfig.toml in this folder or one above)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What is mended.
#[derive(clap::Args)]
#[command(next_help_heading = "Fixes")]
struct FixArgs {
    /// Mend what can be mended without changing what is meant
    #[arg(long)]
    fix: bool,
    /// Mend what may change what is evaluated, too
    #[arg(long)]
    unsafe_fixes: bool,
    /// Show what would be mended, and change nothing
    #[arg(long)]
    diff: bool,
}

impl FixArgs {
    /// Which fixes are applied, if any are.
    fn allowed(&self) -> Option<Applicability> {
        if self.unsafe_fixes {
            Some(Applicability::Unsafe)
        } else {
            (self.fix || self.diff).then_some(Applicability::Safe)
        }
    }
}

/// What is mended in a kernel can make way for more: so often it is evaluated again.
const ROUNDS: usize = 5;

type Outcome<T> = Result<T, Box<Finding>>;

/// Lints; the exit status says how it went.
pub(crate) fn main(args: Args) -> ExitCode {
    super::exit(run(args))
}

/// Whether there is nothing to complain of.
fn run(mut args: Args) -> Outcome<bool> {
    if args.list {
        return tell(&list()).map(|()| true);
    }
    if let Some(name) = &args.explain {
        let rule = find(name).map_err(|error| unknown(&error))?;
        return tell(&kernel_lint::page(rule)).map(|()| true);
    }
    let config = inputs::configuration(args.rules.config.as_deref())?;
    let linter = linter(&mut args, &config)?;
    // Trees of syntax are walked recursively.
    let pool = rayon::ThreadPoolBuilder::new()
        .stack_size(STACK)
        .build()
        .map_err(|error| Box::new(Finding::failure(format!("no threads: {error}"))))?;
    pool.install(|| lint(&args, &config, &linter))
}

fn lint(args: &Args, config: &inputs::Configuration, linter: &Linter) -> Outcome<bool> {
    let (mut inputs, unreadable) = inputs::read(&args.files, config);
    for finding in &unreadable {
        report::print(finding);
    }
    let mut findings = look(args, linter, &inputs)?;
    if let Some(allowed) = args.fixes.allowed() {
        for _ in 0..ROUNDS {
            let changed = fixes::mend(linter, &inputs, &findings, allowed);
            if args.fixes.diff {
                tell(&fixes::difference(&inputs, &changed))?;
                return Ok(changed.is_empty() && unreadable.is_empty());
            }
            if changed.is_empty() {
                break;
            }
            fixes::write(&mut inputs, changed)?;
            findings = look(args, linter, &inputs)?;
        }
    }
    report_all(args.format, &inputs, &findings)?;
    // What could not be read was told of already.
    if let Some(first) = unreadable.into_iter().next() {
        return Err(Box::new(Finding::failure(format!(
            "not everything was looked at: {}",
            first.message
        ))));
    }
    Ok(findings
        .iter()
        .all(|finding| finding.severity == Severity::Note))
}

/// Looks at files, and at the kernels in them.
fn look(args: &Args, linter: &Linter, inputs: &[Input]) -> Outcome<Vec<Finding>> {
    let looked: Vec<_> = inputs
        .par_iter()
        .map(|input| linter.file(&input.source, input.folder()))
        .collect();
    let kernels: Vec<&Input> = inputs
        .iter()
        .zip(&looked)
        .filter_map(|(input, looked)| looked.is_kernel.then_some(input))
        .collect();
    let mut findings: Vec<Finding> = looked.into_iter().flat_map(|it| it.findings).collect();
    if linter.wants_kernels() && !kernels.is_empty() {
        findings.extend(kernels::look(args, linter, inputs, &kernels)?);
    }
    let sources: Vec<_> = inputs.iter().map(|input| input.source.clone()).collect();
    Ok(linter.finish(&sources, findings))
}

/// The rules with their levels: by the configuration, then by the command line.
fn linter(args: &mut Args, config: &inputs::Configuration) -> Outcome<Linter> {
    let mut levels = config.levels.clone();
    let set = |levels: &mut Levels| {
        let rules = &args.rules;
        levels.select(&rules.select)?;
        levels.set(&rules.warn, Level::Warn)?;
        levels.set(&rules.deny, Level::Deny)?;
        levels.set(&rules.ignore, Level::Allow)
    };
    set(&mut levels).map_err(|error| unknown(&error))?;
    if args.input.nixpkgs_release.is_none() {
        args.input.nixpkgs_release = config.release;
    }
    let versions = match &args.input.kernel_version {
        Some(version) => vec![version.clone()],
        None => config.kernel_versions.clone(),
    };
    Ok(Linter {
        levels,
        context: Context {
            release: args.input.nixpkgs_release,
            versions,
        },
    })
}

fn unknown(error: &kernel_lint::UnknownRule) -> Box<Finding> {
    let finding = Finding::failure(error.to_string());
    Box::new(finding.with_help("`nix-kconfig lint --list' lists the rules"))
}

/// The rules, one a line.
fn list() -> String {
    let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    let lines: Vec<String> = RULES
        .iter()
        .map(|rule| {
            let level = rule.level.name();
            format!("{:width$}  {level:5}  {}\n", rule.name, rule.summary)
        })
        .collect();
    lines.concat()
}

fn tell(text: &str) -> Outcome<()> {
    output::write("-".as_ref(), text.as_bytes())
}

fn report_all(format: Format, inputs: &[Input], findings: &[Finding]) -> Outcome<()> {
    let pages: Vec<String> = RULES.iter().map(|rule| kernel_lint::page(rule)).collect();
    let rules: Vec<Rule<'_>> = RULES
        .iter()
        .zip(&pages)
        .map(|(rule, documentation)| Rule {
            code: rule.name,
            summary: rule.summary,
            documentation,
            severity: rule.level.severity().unwrap_or(Severity::Note),
        })
        .collect();
    let names: Vec<String> = inputs
        .iter()
        .map(|input| input.source.name().to_owned())
        .collect();
    let report = Report {
        command: "lint",
        version: env!("CARGO_PKG_VERSION"),
        inputs: &names,
        rules: &rules,
        findings,
        cells: &[],
    };
    tell(&format.render(&report, Style::of_stdout()))?;
    if format == Format::People {
        eprintln!("{}", summary(inputs.len(), findings));
    }
    Ok(())
}

/// How much was found, in one line.
fn summary(files: usize, findings: &[Finding]) -> String {
    let counted = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{count} {what}s")),
    };
    let of = |severity| findings.iter().filter(|it| it.severity == severity).count();
    let parts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .filter_map(|severity| counted(of(severity), severity.name()))
        .collect();
    let files = counted(files, "file").unwrap_or_else(|| "no files".to_owned());
    if parts.is_empty() {
        return format!("{files}: nothing found");
    }
    let safe = |finding: &&Finding| {
        finding
            .fix
            .as_ref()
            .is_some_and(|fix| fix.applicability == Applicability::Safe)
    };
    let fixable = match findings.iter().filter(safe).count() {
        0 => String::new(),
        count => format!("; --fix mends {count}"),
    };
    format!("{files}: {}{fixable}", parts.join(", "))
}
