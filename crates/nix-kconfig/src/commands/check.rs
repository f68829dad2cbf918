//! `nix-kconfig check`: whether a kernel and its patches compose, and what of their configuration
//! the kernel does not take.

use std::path::PathBuf;
use std::process::ExitCode;

use findings::{Finding, Format, Label, Report, Severity, Source, Style};
use kernel_resolve::requirement::{self, Requirement};
use kernel_resolve::{Answers, Loss, Resolution};

use crate::subject::SubjectArgs;
use crate::{output, resolution_findings};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The kernel: a file, a folder, or FLAKE#OUTPUT
    #[arg(required_unless_present = "answers", conflicts_with = "answers")]
    kernel: Option<String>,
    /// The kernel's source tree
    #[arg(short, long, value_name = "DIR")]
    source: PathBuf,
    /// What the final configuration must have: lines such as `CONFIG_X=y`,
    /// `CONFIG_X=y|m`, `CONFIG_X`, `# CONFIG_X is not set`, or such with `||` between;
    /// may be repeated
    #[arg(long, value_name = "FILE")]
    require: Vec<PathBuf>,
    /// How findings are told
    #[arg(long, value_name = "FORMAT", default_value = "people")]
    format: Format,
    #[command(flatten)]
    subject: SubjectArgs,
}

/// Checks; the exit status says whether there are errors.
pub(crate) fn main(args: &Args) -> ExitCode {
    super::exit(run(args))
}

type Outcome<T> = Result<T, Box<Finding>>;

/// Whether there are no errors.
fn run(args: &Args) -> Outcome<bool> {
    let lists = args
        .require
        .iter()
        .map(RequirementList::read)
        .collect::<Outcome<Vec<_>>>()?;
    let source = SubjectArgs::open(&args.source)?;
    let kernel = args
        .subject
        .untold_kernel(args.kernel.as_deref(), &source)?;
    let tree = args
        .subject
        .parse_for(&kernel.source, Some(&kernel.evaluated))?;
    let mut resolution = kernel.resolution(&tree);
    let mut findings = kernel.evaluated.findings();
    findings.extend(kernel.unapplied.iter().cloned());
    findings.extend(kernel.removals.findings(&tree));
    let warnings = resolution.warnings.iter();
    findings.extend(warnings.map(|warning| Finding::warning("configuration", warning.to_string())));
    findings.extend(resolution_findings::all(&resolution, &kernel.answers));
    for list in &lists {
        list.check(&mut resolution, &kernel.answers, &mut findings);
    }
    tell(args, &findings)?;
    Ok(findings
        .iter()
        .all(|finding| finding.severity != Severity::Error))
}

fn tell(args: &Args, findings: &[Finding]) -> Outcome<()> {
    let inputs: Vec<String> = args.kernel.iter().cloned().collect();
    let report = Report {
        command: "check",
        version: env!("CARGO_PKG_VERSION"),
        inputs: &inputs,
        rules: &[],
        findings,
    };
    let mut text = args.format.render(&report, Style::of_stdout());
    if args.format == Format::People {
        let count = |severity| {
            findings
                .iter()
                .filter(|found| found.severity == severity)
                .count()
        };
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&match (errors, warnings) {
            (0, 0) => "everything composes, and every answer is reached\n".to_owned(),
            _ => format!(
                "{}, {}\n",
                counted(errors, "error"),
                counted(warnings, "warning")
            ),
        });
    }
    output::write(std::path::Path::new("-"), text.as_bytes())
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// A file of requirements.
struct RequirementList {
    source: Source,
    requirements: Vec<Requirement>,
}

impl RequirementList {
    fn read(path: &PathBuf) -> Outcome<Self> {
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                return Err(Box::new(Finding::failure(format!(
                    "the requirements {name} cannot be read: {error}"
                ))));
            }
        };
        match requirement::read(&text) {
            Ok(requirements) => Ok(Self {
                source: Source::new(name, text),
                requirements,
            }),
            Err(error) => Err(Box::new(
                Finding::failure(format!("{name}: {error}")).with_help(
                    "a line is CONFIG_X=y, CONFIG_X=y|m, CONFIG_X, `# CONFIG_X is not set', or \
                     such with || between them",
                ),
            )),
        }
    }

    fn check(
        &self,
        resolution: &mut Resolution<'_>,
        answers: &Answers,
        findings: &mut Vec<Finding>,
    ) {
        let config = std::mem::take(&mut resolution.config);
        for (requirement, got) in requirement::unmet(&self.requirements, &config) {
            let mut reasons = Vec::new();
            for (condition, got) in requirement.alternatives.iter().zip(got) {
                let name = &condition.name;
                let got = got.map_or("is not there".to_owned(), |got| format!("is {got}"));
                let loss = resolution.loss(answers, name, condition.first_value());
                let reason = match loss {
                    Loss::Unexplained | Loss::AskedTooEarly { .. } => answers
                        .get(name)
                        .map_or("nobody asks for it".to_owned(), |answer| {
                            format!("it is answered {}", answer.value)
                        }),
                    loss => loss.text(),
                };
                reasons.push(format!("{name} {got}: {reason}"));
            }
            let finding = Finding::error(
                "requirement",
                format!(
                    "required and not so: {}; {}",
                    requirement.text,
                    reasons.join("; ")
                ),
            );
            findings.push(match self.span(requirement) {
                Some(span) => {
                    finding.with_label(Label::primary(&self.source, span, "required here"))
                }
                None => finding,
            });
        }
        resolution.config = config;
    }

    /// The bytes of a requirement's line.
    fn span(&self, requirement: &Requirement) -> Option<std::ops::Range<usize>> {
        let mut lines = self.source.text().split_inclusive('\n');
        let above = lines.by_ref().take(requirement.line.checked_sub(1)?);
        let start = above.map(str::len).sum();
        let length = lines.next()?.trim_end().len();
        Some(start..start + length)
    }
}
