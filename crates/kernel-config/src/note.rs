//! What reading a kernel has to tell that is no error: configuration that somebody
//! wrote and that has no effect, or soon none.

use crate::release::Release;
use crate::settings::Place;

/// Something worth telling.
#[derive(Clone, Debug)]
pub struct Note {
    /// What there is to tell.
    pub text: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where it was written.
    pub place: Option<Place>,
}

impl Note {
    fn new(place: Option<Place>, text: String, help: impl Into<String>) -> Self {
        Self {
            text,
            help: Some(help.into()),
            place,
        }
    }

    pub(crate) fn older_spelling(place: Option<Place>, source: &str) -> Self {
        Self::new(
            place,
            format!("{source} says `extraStructuredConfig'"),
            "write `structuredExtraConfig': nixpkgs refuses the older spelling since 25.11",
        )
    }

    pub(crate) fn ignored_spelling(
        place: Option<Place>,
        spelling: &str,
        source: &str,
        release: Release,
    ) -> Self {
        let help = match spelling {
            _ if release < Release::new(19, 3) => {
                "patches have structured configuration since 19.03; write `extraConfig'"
            }
            "structuredExtraConfig" => {
                "write `extraStructuredConfig': the newer spelling is known since 25.05"
            }
            _ => "write `structuredExtraConfig'",
        };
        Self::new(
            place,
            format!(
                "`{spelling}' of {source} has no effect: nixpkgs {release} does not look at it"
            ),
            help,
        )
    }

    pub(crate) fn no_such_argument(place: Option<Place>, counts: bool) -> Self {
        let effect = if counts {
            "`buildLinux' of nixpkgs takes it and does not look at it"
        } else {
            "it has no effect"
        };
        Self::new(
            place,
            format!("`extraStructuredConfig' is no argument of kernels: {effect}"),
            "write `structuredExtraConfig'",
        )
    }

    pub(crate) fn without_effect(place: Option<Place>, spelling: &str, source: &str) -> Self {
        Self::new(
            place,
            format!(
                "`{spelling}' of {source} has no effect: `linuxManualConfig' takes its whole \
                 configuration from a file"
            ),
            "add it to the file, or build the kernel with `buildLinux'",
        )
    }

    /// A kernel is asked for a platform that it is not for.
    pub fn other_system(kernel: &str, asked: &str) -> Self {
        Self::new(
            None,
            format!("the kernel is for {kernel}, and --system says {asked}"),
            "its conditions on the platform were evaluated for the first; the rest is done for \
             the second",
        )
    }

    pub(crate) fn drops_patches() -> Self {
        Self::new(
            None,
            "the kernel's file drops the `kernelPatches' that are passed to it: in NixOS, \
             `boot.kernelPatches' would have no effect on this kernel"
                .to_owned(),
            "take its arguments as `{ … }@args', and pass them on: `buildLinux (args // { … })'",
        )
    }
}
