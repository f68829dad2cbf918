//! What an architecture's Makefile says of default configurations.

use kernel_config::Platform;

use crate::error::Result;
use crate::source::Source;

/// `arch/SRCARCH/Makefile`, as lines with continuations joined.
pub(crate) struct ArchMakefile {
    lines: Vec<String>,
}

/// A rule that makes a configuration.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    /// `$(call merge_into_defconfig,BASE,FRAGMENTS)`
    pub(crate) merged: Option<(String, Vec<String>)>,
    /// Other goals that it stands for.
    pub(crate) goals: Vec<String>,
}

impl ArchMakefile {
    /// The Makefile of a platform's architecture; empty where there is none.
    pub(crate) fn read(source: &Source, platform: &Platform) -> Result<Self> {
        let content = source.read(&format!("arch/{}/Makefile", platform.srcarch))?;
        let text = content.as_deref().map(String::from_utf8_lossy);
        Ok(Self::of_text(&text.unwrap_or_default()))
    }

    fn of_text(text: &str) -> Self {
        let text = text.replace("\\\n", " ");
        Self {
            lines: text.lines().map(str::to_owned).collect(),
        }
    }

    /// The default configuration of `make defconfig` (`KBUILD_DEFCONFIG`).
    pub(crate) fn default(&self, platform: &Platform) -> String {
        if self.lines.is_empty() {
            return platform.defconfig.to_owned();
        }
        let mut name = None;
        // Which branches of conditionals are taken: those that ask for `ARCH`.
        let mut taken = Vec::new();
        for line in &self.lines {
            let mut words = line.split_whitespace();
            match words.next() {
                Some(word @ ("ifeq" | "ifneq")) => {
                    let condition: String = words.collect();
                    let wanted = condition
                        .strip_prefix("($(ARCH),")
                        .and_then(|rest| rest.strip_suffix(')'));
                    taken.push(wanted.map(|arch| (arch == platform.arch) == (word == "ifeq")));
                }
                Some("ifdef" | "ifndef") => taken.push(None),
                Some("else") => {
                    if let Some(branch) = taken.last_mut() {
                        *branch = branch.map(|taken| !taken);
                    }
                }
                Some("endif") => {
                    taken.pop();
                }
                Some("KBUILD_DEFCONFIG") if !taken.contains(&Some(false)) => {
                    if let Some((_, value)) = line.split_once('=') {
                        name = Some(value.trim().replace("$(ARCH)", platform.arch));
                    }
                }
                _ => {}
            }
        }
        match name {
            // What depends on the machine that builds; there, the kernel is built natively.
            Some(name) if name.contains('$') => platform.defconfig.to_owned(),
            Some(name) => name,
            None => "defconfig".to_owned(),
        }
    }

    /// The rule for a goal, if the architecture has its own.
    pub(crate) fn rule(&self, goal: &str) -> Option<Rule> {
        let at = self.lines.iter().position(|line| {
            line.split_once(':').is_some_and(|(targets, rest)| {
                !rest.starts_with('=')
                    && !line.starts_with('\t')
                    && targets.split_whitespace().any(|target| target == goal)
                    && targets != "PHONY"
                    && !targets.starts_with('.')
            })
        })?;
        let mut rule = Rule::default();
        let (_, prerequisites) = self.lines[at].split_once(':')?;
        let is_configuration = |name: &&str| name.ends_with("config");
        rule.goals.extend(
            prerequisites
                .split_whitespace()
                .filter(is_configuration)
                .map(str::to_owned),
        );
        for command in self.lines[at + 1..]
            .iter()
            .take_while(|line| line.starts_with('\t'))
        {
            let called = command
                .split_once("$(call merge_into_defconfig")
                .and_then(|(_, rest)| rest.split_once(','))
                .and_then(|(_, arguments)| arguments.trim_end().strip_suffix(')'));
            if let Some(arguments) = called {
                let (base, fragments) = arguments.split_once(',').unwrap_or((arguments, ""));
                let fragments = fragments.split_whitespace().map(str::to_owned);
                rule.merged = Some((base.trim().to_owned(), fragments.collect()));
            } else if let Some((_, goals)) = command.split_once("$(MAKE) -f $(srctree)/Makefile ") {
                rule.goals
                    .extend(goals.split_whitespace().map(str::to_owned));
            }
        }
        (rule != Rule::default()).then_some(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default(text: &str, system: &str) -> String {
        ArchMakefile::of_text(text).default(Platform::of(system).unwrap())
    }

    #[test]
    fn the_default_depends_on_the_architecture() {
        let x86 = "ifeq ($(ARCH),x86)\n  ifeq ($(shell uname -m),x86_64)\n        \
                   KBUILD_DEFCONFIG := x86_64_defconfig\n  endif\nelse\n        \
                   KBUILD_DEFCONFIG := $(ARCH)_defconfig\nendif\n";
        assert_eq!(default(x86, "x86_64-linux"), "x86_64_defconfig");
        assert_eq!(default(x86, "i686-linux"), "i386_defconfig");
        assert_eq!(default("# none\n", "aarch64-linux"), "defconfig");
        let arm = "KBUILD_DEFCONFIG := multi_v7_defconfig\n";
        assert_eq!(default(arm, "armv7l-linux"), "multi_v7_defconfig");
    }

    #[test]
    fn rules_merge_fragments_or_stand_for_other_goals() {
        let makefile = ArchMakefile::of_text(
            "PHONY += le_defconfig\nle_defconfig:\n\t$(call merge_into_defconfig,be_defconfig,\\\n\
             \t\tle guest)\n\nother_defconfig: le_defconfig\n\
             rv32_defconfig:\n\t$(Q)$(MAKE) -f $(srctree)/Makefile defconfig 32-bit.config\n\
             image:\n\techo\n",
        );
        assert_eq!(
            makefile.rule("le_defconfig").unwrap().merged,
            Some((
                "be_defconfig".to_owned(),
                vec!["le".to_owned(), "guest".to_owned()]
            ))
        );
        assert_eq!(
            makefile.rule("other_defconfig").unwrap().goals,
            ["le_defconfig"]
        );
        assert_eq!(
            makefile.rule("rv32_defconfig").unwrap().goals,
            ["defconfig", "32-bit.config"]
        );
        assert_eq!(makefile.rule("image"), None);
        assert_eq!(makefile.rule("third_defconfig"), None);
    }
}
