//! Which rules count, and how much.

use std::collections::BTreeMap;

use crate::rule::{Level, Rule};
use crate::rules::RULES;

/// What stands for every rule.
const ALL: &str = "all";

/// A name that is none of a rule.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no rule `{name}'{}", did_you_mean(.near.as_deref()))]
pub struct UnknownRule {
    /// The name.
    pub name: String,
    /// The rule that is perhaps meant.
    pub near: Option<&'static str>,
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}'?"))
}

/// The rule of this name.
///
/// # Errors
///
/// There is none.
pub fn find(name: &str) -> Result<&'static Rule, UnknownRule> {
    RULES
        .iter()
        .copied()
        .find(|rule| rule.name == name)
        .ok_or_else(|| UnknownRule {
            name: name.to_owned(),
            near: RULES
                .iter()
                .map(|rule| (strsim::damerau_levenshtein(rule.name, name), rule.name))
                .min()
                .filter(|(distance, near)| *distance <= near.len() / 3)
                .map(|(_, near)| near),
        })
}

fn named(name: &str) -> Result<Vec<&'static Rule>, UnknownRule> {
    if name == ALL {
        return Ok(RULES.to_vec());
    }
    Ok(vec![find(name)?])
}

/// How much each rule counts.
#[derive(Clone, Debug)]
pub struct Levels(BTreeMap<&'static str, Level>);

impl Default for Levels {
    fn default() -> Self {
        Self(RULES.iter().map(|rule| (rule.name, rule.level)).collect())
    }
}

impl Levels {
    /// Leaves only these rules on. One that is off by itself becomes a warning.
    ///
    /// # Errors
    ///
    /// There is no rule of a name; so do the others.
    pub fn select(&mut self, names: &[String]) -> Result<(), UnknownRule> {
        if names.is_empty() {
            return Ok(());
        }
        let mut selected = BTreeMap::new();
        for name in names {
            for rule in named(name)? {
                let level = self.of(rule.name);
                let level = if level == Level::Allow {
                    Level::Warn
                } else {
                    level
                };
                selected.insert(rule.name, level);
            }
        }
        for (name, level) in &mut self.0 {
            *level = selected.get(name).copied().unwrap_or(Level::Allow);
        }
        Ok(())
    }

    /// Gives rules a level.
    pub fn set(&mut self, names: &[String], level: Level) -> Result<(), UnknownRule> {
        for name in names {
            for rule in named(name)? {
                self.0.insert(rule.name, level);
            }
        }
        Ok(())
    }

    /// The level of a rule.
    pub fn of(&self, rule: &str) -> Level {
        self.0.get(rule).copied().unwrap_or(Level::Allow)
    }

    /// Whether a rule is looked for.
    pub fn is_on(&self, rule: &Rule) -> bool {
        self.of(rule.name) != Level::Allow
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn selected_rules_are_the_only_ones_and_later_settings_count() {
        let mut levels = Levels::default();
        levels
            .select(&names(&["config-prefix", "answer-is-default"]))
            .unwrap();
        assert_eq!(levels.of("config-prefix"), Level::Deny);
        assert_eq!(levels.of("answer-is-default"), Level::Warn);
        assert_eq!(levels.of("symbol-case"), Level::Allow);
        levels.set(&names(&["all"]), Level::Note).unwrap();
        assert_eq!(levels.of("symbol-case"), Level::Note);
    }

    #[test]
    fn unknown_rules_are_errors_with_a_suggestion() {
        let error = Levels::default()
            .set(&names(&["config-prefx"]), Level::Warn)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no rule `config-prefx'; did you mean `config-prefix'?"
        );
    }
}
