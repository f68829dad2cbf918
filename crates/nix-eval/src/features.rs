//! What of the language depends on settings: experimental features, and how parts of
//! the syntax that are discouraged are taken.

use crate::error::{ErrorKind, EvalError};
use crate::source::Span;

macro_rules! features {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// The experimental features of Nix 2.34.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum ExperimentalFeature {
            $($(#[$doc])* $name,)*
        }

        impl ExperimentalFeature {
            const ALL: &[ExperimentalFeature] = &[$(ExperimentalFeature::$name,)*];

            /// What the setting `experimental-features` calls it.
            pub fn name(self) -> &'static str {
                match self {
                    $(ExperimentalFeature::$name => $text,)*
                }
            }
        }
    };
}

features! {
    /// Content-addressed derivations.
    CaDerivations = "ca-derivations",
    /// Derivations whose outputs are not fixed.
    ImpureDerivations = "impure-derivations",
    /// Flakes and references to them.
    Flakes = "flakes",
    /// `builtins.fetchTree`
    FetchTree = "fetch-tree",
    /// The subcommands of `nix`.
    NixCommand = "nix-command",
    /// Store objects hashed as Git does.
    GitHashing = "git-hashing",
    /// Builders that call Nix.
    RecursiveNix = "recursive-nix",
    /// `builtins.fetchClosure`
    FetchClosure = "fetch-closure",
    /// User ids that are chosen for builds.
    AutoAllocateUids = "auto-allocate-uids",
    /// Builds in control groups.
    Cgroups = "cgroups",
    /// Whom the daemon trusts.
    DaemonTrustOverride = "daemon-trust-override",
    /// Derivations that derivations make.
    DynamicDerivations = "dynamic-derivations",
    /// Dates in `builtins.fromTOML`.
    ParseTomlTimestamps = "parse-toml-timestamps",
    /// A store that is not written to.
    ReadOnlyLocalStore = "read-only-local-store",
    /// Stores on top of others.
    LocalOverlayStore = "local-overlay-store",
    /// The setting `impure-env`.
    ConfigurableImpureEnv = "configurable-impure-env",
    /// Stores that are mounted over SSH.
    MountedSshStore = "mounted-ssh-store",
    /// Signatures of Git commits.
    VerifiedFetches = "verified-fetches",
    /// `|>` and `<|`
    PipeOperators = "pipe-operators",
    /// Builders outside of Nix.
    ExternalBuilders = "external-builders",
    /// The hash algorithm `blake3`.
    Blake3Hashes = "blake3-hashes",
}

impl ExperimentalFeature {
    /// The feature that a setting names.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| known.name() == name)
    }

    /// What is said where it is needed and not enabled.
    pub fn disabled_message(self) -> String {
        let name = self.name();
        format!(
            "experimental Nix feature '{name}' is disabled; add \
             '--extra-experimental-features {name}' to enable it"
        )
    }
}

/// A set of experimental features.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Features(u32);

impl Features {
    /// What changes nothing for an expression that does not use it: pipe operators, flake
    /// references, `fetchTree`.
    pub fn of_the_language() -> Self {
        let mut features = Self::default();
        features.enable(ExperimentalFeature::PipeOperators);
        features.enable(ExperimentalFeature::Flakes);
        features
    }

    /// Adds a feature, and what it brings with it.
    pub fn enable(&mut self, feature: ExperimentalFeature) {
        self.0 |= 1 << feature as u32;
        if feature == ExperimentalFeature::Flakes {
            self.enable(ExperimentalFeature::FetchTree);
        }
    }

    /// Whether a feature is among them.
    pub fn has(self, feature: ExperimentalFeature) -> bool {
        self.0 & (1 << feature as u32) != 0
    }

    /// Insists on a feature.
    pub(crate) fn require(self, feature: ExperimentalFeature) -> crate::error::Result<()> {
        if self.has(feature) {
            return Ok(());
        }
        let message = feature.disabled_message();
        Err(EvalError::new(ErrorKind::Other, Span::NONE, message))
    }
}

/// How a part of the syntax that is discouraged is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Diagnose {
    /// As if nothing were wrong with it.
    #[default]
    Ignore,
    /// With a warning.
    Warn,
    /// As an error.
    Fatal,
}

/// How the discouraged parts of the syntax are taken: settings of the same names in Nix.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lints {
    /// `lint-url-literals`
    pub url_literals: Diagnose,
    /// `lint-short-path-literals`: `a/b` for `./a/b`.
    pub short_path_literals: Diagnose,
    /// `lint-absolute-path-literals`: `/a` and `~/a`.
    pub absolute_path_literals: Diagnose,
}
