//! What a release of nixpkgs does with a kernel's configuration.

use crate::merge::{OptionalStrategy, Strategies, TristateStrategy};
use crate::release::Release;

/// By which rules a kernel is read and merged.
#[derive(Clone, Copy, Default, Debug)]
pub struct Rules {
    /// The release that was asked for, or that the nixpkgs in use is of. Without one
    /// both spellings of a patch's configuration are understood, and the best
    /// tristate answer wins; what else differs is as in the newest release.
    pub release: Option<Release>,
    /// How tristate answers merge, where the user says so.
    pub tristate: Option<TristateStrategy>,
}

/// What becomes of a spelling of a patch's structured configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Spelling {
    /// It counts.
    Accepted,
    /// It counts, with a warning.
    Deprecated,
    /// It is not looked at, and nobody says so.
    Ignored,
    /// Evaluation fails.
    Refused,
}

/// Patches have structured configuration (19.03).
const PATCHES_MERGE: Release = Release::new(19, 3);
/// Different tristate answers conflict.
const TRISTATES_CONFLICT: Release = Release::new(21, 5);
/// Mandatory wins over optional, as documented.
const MANDATORY_WINS: Release = Release::new(20, 3);
/// Errors of configuration are fatal on `aarch64-multiplatform`, too.
const STRICT_ON_AARCH64: Release = Release::new(25, 5);
/// Patches say `structuredExtraConfig`; in this release the older spelling works still.
const NEW_SPELLING: Release = Release::new(25, 5);
/// `enableCommonConfig = false` drops the platform's lines, too.
const PLATFORM_IS_COMMON: Release = Release::new(25, 11);
/// The platform's `linux-kernel` attributes are gone.
const NO_LINUX_KERNEL: Release = Release::new(26, 11);

impl Rules {
    /// The release for all that a release decides and the user does not.
    pub fn effective_release(&self) -> Release {
        self.release.unwrap_or_default()
    }

    /// How definitions merge.
    pub fn strategies(&self) -> Strategies {
        let of_release = |release: Release| {
            if release >= TRISTATES_CONFLICT {
                TristateStrategy::Equal
            } else {
                TristateStrategy::default()
            }
        };
        let optional = match self.release {
            Some(release) if release < MANDATORY_WINS => OptionalStrategy::Always,
            _ => OptionalStrategy::MandatoryWins,
        };
        Strategies {
            tristate: self
                .tristate
                .or_else(|| self.release.map(of_release))
                .unwrap_or_default(),
            optional,
        }
    }

    /// What becomes of a patch's `structuredExtraConfig`.
    pub(crate) fn current_spelling(&self) -> Spelling {
        match self.release {
            Some(release) if release < NEW_SPELLING => Spelling::Ignored,
            _ => Spelling::Accepted,
        }
    }

    /// What becomes of a patch's `extraStructuredConfig`.
    pub(crate) fn older_spelling(&self) -> Spelling {
        match self.release {
            None => Spelling::Deprecated,
            Some(release) if release < PATCHES_MERGE => Spelling::Ignored,
            Some(release) if release < NEW_SPELLING => Spelling::Accepted,
            Some(release) if release == NEW_SPELLING => Spelling::Deprecated,
            Some(_) => Spelling::Refused,
        }
    }

    /// Whether platforms have `linux-kernel`: `autoModules`, `extraConfig`, ….
    pub(crate) fn has_linux_kernel(&self) -> bool {
        self.effective_release() < NO_LINUX_KERNEL
    }

    /// Whether the platform's lines stay where the common configuration goes.
    pub(crate) fn platform_lines_always(&self) -> bool {
        self.effective_release() < PLATFORM_IS_COMMON
    }

    /// Whether a kernel for 64-bit ARM fails over errors of configuration.
    pub(crate) fn is_strict_on_aarch64(&self) -> bool {
        self.effective_release() >= STRICT_ON_AARCH64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(release: &str) -> Rules {
        Rules {
            release: Some(release.parse().unwrap()),
            tristate: None,
        }
    }

    #[test]
    fn spellings_change_with_releases() {
        use Spelling::{Accepted, Deprecated, Ignored, Refused};
        for (release, current, older) in [
            ("18.09", Ignored, Ignored),
            ("19.03", Ignored, Accepted),
            ("24.11", Ignored, Accepted),
            ("25.05", Accepted, Deprecated),
            ("25.11", Accepted, Refused),
            ("unstable", Accepted, Refused),
        ] {
            let rules = rules(release);
            assert_eq!(rules.current_spelling(), current, "{release}");
            assert_eq!(rules.older_spelling(), older, "{release}");
        }
        assert_eq!(Rules::default().current_spelling(), Accepted);
        assert_eq!(Rules::default().older_spelling(), Deprecated);
    }

    #[test]
    fn the_strategy_is_the_documented_one_until_somebody_says_otherwise() {
        let best = TristateStrategy::default();
        assert_eq!(Rules::default().strategies().tristate, best);
        assert_eq!(rules("20.09").strategies().tristate, best);
        assert_eq!(
            rules("21.05").strategies().tristate,
            TristateStrategy::Equal
        );
        let asked = Rules {
            tristate: Some(best),
            ..rules("26.11")
        };
        assert_eq!(asked.strategies().tristate, best);
    }
}
