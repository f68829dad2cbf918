//! The configuration file, `nix-kconfig.toml`.

use kernel_config::Release;
use serde::Deserialize;

use crate::levels::{Levels, UnknownRule};
use crate::rule::Level;

/// The name of configuration files.
pub const FILE_NAME: &str = "nix-kconfig.toml";

/// What a configuration file says.
#[derive(Clone, Default, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How to lint.
    #[serde(default)]
    pub lint: LintConfig,
}

/// The table `[lint]`.
#[derive(Clone, Default, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct LintConfig {
    /// The only rules to look for.
    select: Vec<String>,
    /// Rules that are off.
    ignore: Vec<String>,
    /// Rules whose findings are notes.
    note: Vec<String>,
    /// Rules whose findings are warnings.
    warn: Vec<String>,
    /// Rules whose findings are errors.
    deny: Vec<String>,
    /// Files and folders to leave out, as patterns of `.gitignore`, relative to the file.
    pub exclude: Vec<String>,
    /// The release of nixpkgs at hand.
    nixpkgs_release: Option<String>,
    /// The versions of the kernels at hand.
    pub kernel_versions: Vec<String>,
}

/// Why a configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is no TOML, or has something else in it.
    #[error("{}", .0.message())]
    Toml(#[from] toml::de::Error),
    /// A rule that there is not.
    #[error(transparent)]
    Rule(#[from] UnknownRule),
    /// A release that there is not.
    #[error(transparent)]
    Release(#[from] kernel_config::release::ReleaseError),
    /// A pattern of files that is none.
    #[error("`{0}' is no pattern of files")]
    Pattern(String),
}

impl ConfigError {
    /// Which bytes of the file are wrong, if it is some.
    pub fn span(&self, text: &str) -> Option<std::ops::Range<usize>> {
        let quoted = |name: &str| {
            let start = text.find(&format!("\"{name}\""))?;
            Some(start..start + name.len() + 2)
        };
        match self {
            Self::Toml(error) => error.span(),
            Self::Rule(error) => quoted(&error.name),
            Self::Pattern(pattern) => quoted(pattern),
            Self::Release(_) => None,
        }
    }
}

impl Config {
    /// Reads a configuration file's text.
    ///
    /// # Errors
    ///
    /// It is no TOML, or says what means nothing.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text)?;
        config.lint.levels()?;
        config.lint.release()?;
        Ok(config)
    }
}

impl LintConfig {
    /// How much rules count.
    pub fn levels(&self) -> Result<Levels, UnknownRule> {
        let mut levels = Levels::default();
        levels.select(&self.select)?;
        levels.set(&self.note, Level::Note)?;
        levels.set(&self.warn, Level::Warn)?;
        levels.set(&self.deny, Level::Deny)?;
        levels.set(&self.ignore, Level::Allow)?;
        Ok(levels)
    }

    /// The release of nixpkgs at hand.
    pub fn release(&self) -> Result<Option<Release>, ConfigError> {
        let release = self.nixpkgs_release.as_deref().map(str::parse);
        Ok(release.transpose()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_an_error_with_its_place() {
        let text = "[lint]\ndeny = [\"config-prefx\"]\n";
        let error = Config::parse(text).unwrap_err();
        assert_eq!(error.span(text), Some(15..29));
        assert!(Config::parse("[lint]\nselct = []").is_err());
        assert!(Config::parse("[lint]\nnixpkgs-release = \"25.06\"").is_err());
        let config = Config::parse("[lint]\nwarn = [\"answer-is-default\"]").unwrap();
        assert_eq!(
            config.lint.levels().unwrap().of("answer-is-default"),
            Level::Warn
        );
    }
}
