//! What a final configuration must have, as `--require` names it.

use std::path::Path;

use findings::{Finding, Label, Source};
use kernel_resolve::requirement::{self, Requirement};
use kernel_resolve::{Answers, Loss, Resolution};

/// A file of requirements.
pub(super) struct RequirementList {
    source: Source,
    requirements: Vec<Requirement>,
}

impl RequirementList {
    pub(super) fn read(path: &Path) -> Result<Self, Box<Finding>> {
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

    /// A finding for each requirement that a configuration does not meet.
    pub(super) fn check(
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
