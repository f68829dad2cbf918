//! The environment a configuration run sees: an explicit map, never the process's own.

use crate::probe::{Search, Sought};
use std::collections::BTreeMap;
use std::path::Path;

/// Environment variables by name.
///
/// `$(NAME)` in a Kconfig file, the search for sourced files (`srctree`) and the front ends
/// (`KCONFIG_*`) read variables from here and from nowhere else.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// An environment without variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of a variable, or `None` where it is not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Sets a variable.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.variables.insert(name.into(), value.into());
    }

    /// Removes a variable.
    pub fn remove(&mut self, name: &str) {
        self.variables.remove(name);
    }

    /// All variables in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a shell that runs in `folder` finds a program of this name.
    pub fn has_program(&self, name: &str, folder: &Path) -> bool {
        matches!(Search::new(self, folder).seek(name), Sought::Program(_))
    }

    /// The prefix of symbols in `.config`: `$CONFIG_`, or `CONFIG_` where that is not set
    /// (`CONFIG_prefix` in lkc.h).
    pub fn config_prefix(&self) -> &str {
        self.get("CONFIG_").unwrap_or("CONFIG_")
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(iter: I) -> Self {
        let mut environment = Self::new();
        for (name, value) in iter {
            environment.set(name, value);
        }
        environment
    }
}
