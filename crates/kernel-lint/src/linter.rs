//! Putting it together: files and kernels in, findings out.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use findings::{Finding, Label, Source};
use nix_eval::{Bump, Evaluator, Options, Origin};

use crate::allow::Allowances;
use crate::file::{Context, File};
use crate::kernel::{EvaluatedKernel, ResolvedKernel};
use crate::levels::Levels;
use crate::rule::Check;
use crate::rules::{NOT_EVALUATED, RULES, SYNTAX_ERROR};
use crate::syntax::guard;

/// How much native stack a thread needs to look at a file.
pub const STACK: usize = guard::STACK;

/// So much of another message is taken over, in characters.
const MESSAGE_LENGTH: usize = 160;

/// Rules with their levels, and what is known of the world.
#[derive(Clone, Default, Debug)]
pub struct Linter {
    /// How much rules count.
    pub levels: Levels,
    /// What else is known.
    pub context: Context,
}

/// What a file's text tells.
pub struct FileFindings {
    /// What was found, before comments and levels.
    pub findings: Vec<Finding>,
    /// Whether the file describes a kernel, so that it can be evaluated as one.
    pub is_kernel: bool,
}

impl Linter {
    /// Looks at a file's text. Wants [`STACK`].
    pub fn file(&self, source: &Source, folder: &Path) -> FileFindings {
        let mut findings = Vec::new();
        let mut is_kernel = false;
        if let Some(reason) = guard::refusal(source.text()) {
            let message = format!("the file is not looked at: {reason}");
            let finding = SYNTAX_ERROR.finding(message);
            findings.push(finding.with_label(Label::primary(source, 0..0, "")));
        } else if let Some(error) = syntax_error(source, folder) {
            findings.push(error);
        } else if let Some(file) = File::new(source, &self.context) {
            is_kernel = file.facts.makes_kernel;
            for rule in RULES {
                if let Check::Syntax(check) = rule.check
                    && self.levels.is_on(rule)
                {
                    check(&file, &mut findings);
                }
            }
        }
        FileFindings {
            findings,
            is_kernel,
        }
    }

    /// Whether any rule wants kernels to be evaluated.
    pub fn wants_kernels(&self) -> bool {
        RULES
            .iter()
            .any(|rule| !rule.is_syntactic() && self.levels.is_on(rule))
    }

    /// Looks at a kernel that was evaluated.
    pub fn kernel(&self, kernel: &EvaluatedKernel<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for rule in RULES {
            if let Check::Kernel(check) = rule.check
                && self.levels.is_on(rule)
            {
                check(kernel, &mut findings);
            }
        }
        findings
    }

    /// Looks at a kernel that was resolved.
    pub fn resolved(&self, kernel: &ResolvedKernel<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for rule in RULES {
            if let Check::Tree(check) = rule.check
                && self.levels.is_on(rule)
            {
                check(kernel, &mut findings);
            }
        }
        findings
    }

    /// That a kernel could not be evaluated.
    pub fn not_evaluated(&self, source: &Source, why: &Finding) -> Finding {
        // Values in messages of Nix can be long.
        let mut message: String = why.message.chars().take(MESSAGE_LENGTH).collect();
        if message.len() < why.message.len() {
            message.push('…');
        }
        let finding = NOT_EVALUATED
            .finding(format!("this kernel could not be evaluated: {message}"))
            .with_label(Label::primary(source, 0..0, ""));
        match why.place() {
            Some(label) => finding.with_note("it fails here", Some(label.clone())),
            None => finding,
        }
    }

    /// The findings to tell: those that no comment silences, each at its level, in the order
    /// of files and lines. `files` are those that were looked at.
    pub fn finish(&self, files: &[Source], findings: Vec<Finding>) -> Vec<Finding> {
        let mut allowances: BTreeMap<String, Allowances> = files
            .iter()
            .map(|file| (file.name().to_owned(), Allowances::of(file)))
            .collect();
        let mut told = Vec::new();
        let mut known = HashSet::new();
        for finding in findings {
            let place = finding.place().map(|label| {
                let name = label.source.name().to_owned();
                allowances
                    .entry(name.clone())
                    .or_insert_with(|| Allowances::of(&label.source));
                (name, label.span.clone())
            });
            // Several kernels may share a file.
            if !known.insert((finding.code, place.clone(), finding.message.clone())) {
                continue;
            }
            let silenced = place
                .and_then(|(name, _)| allowances.get_mut(&name))
                .is_some_and(|allowances| allowances.silence(&finding));
            if !silenced {
                told.push(finding);
            }
        }
        let was_looked_for = |name: &str| {
            RULES
                .iter()
                .any(|rule| rule.name == name && rule.is_syntactic() && self.levels.is_on(rule))
        };
        for file in files {
            if let Some(allowances) = allowances.get(file.name()) {
                let unused = allowances.unused(was_looked_for);
                told.extend(unused);
            }
        }
        told.retain_mut(|finding| match self.levels.of(finding.code).severity() {
            Some(severity) => {
                finding.severity = severity;
                true
            }
            None => false,
        });
        told.sort_by_cached_key(|finding| {
            let place = finding.place();
            place.map(|label| (label.source.name().to_owned(), label.span.start))
        });
        told
    }
}

/// Why Nix's parser refuses a file, if it does.
pub fn syntax_error(source: &Source, folder: &Path) -> Option<Finding> {
    let heap = Bump::new();
    let mut evaluator = Evaluator::new(&heap, Options::default());
    let error = evaluator
        .lazy_str(&**source.text(), folder, Origin::String)
        .err()?;
    let locate = |pos| evaluator.sources().locate(pos).map(|(_, offset)| offset);
    let start = locate(error.span.start).unwrap_or(0);
    let end = locate(error.span.end).unwrap_or(start).max(start);
    Some(
        SYNTAX_ERROR
            .finding(error.message.clone())
            .with_label(Label::primary(source, start..end, "")),
    )
}
