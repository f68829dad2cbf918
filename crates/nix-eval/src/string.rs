//! Strings with context, and paths.

/// A string: bytes (Nix strings need not be UTF-8) and the store paths that the
/// text refers to. Nix manual, "String context".
pub struct NixString<'h> {
    /// The text.
    pub text: &'h [u8],
    /// What the text refers to; sorted, without duplicates.
    pub context: &'h [ContextElement<'h>],
}

/// One element of a string context. The paths are full store paths. The order
/// is that of their texts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ContextElement<'h> {
    /// A store path as such.
    Opaque(&'h [u8]),
    /// A derivation with all it needs: `=path` in Nix's own encoding.
    DrvDeep(&'h [u8]),
    /// An output of a derivation: `!output!path`.
    Built {
        /// The derivation's store path.
        drv: &'h [u8],
        /// The output's name.
        output: &'h [u8],
    },
}

/// An absolute path in canonical form: no `.` or `..`, no doubled or trailing
/// slash.
pub struct NixPath<'h> {
    /// The path's text.
    pub text: &'h [u8],
}

impl std::fmt::Display for ContextElement<'_> {
    /// As messages and `builtins.getContext` encode it.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ContextElement::Opaque(path) => {
                write!(formatter, "{}", String::from_utf8_lossy(path))
            }
            ContextElement::DrvDeep(path) => {
                write!(formatter, "={}", String::from_utf8_lossy(path))
            }
            ContextElement::Built { drv, output } => write!(
                formatter,
                "!{}!{}",
                String::from_utf8_lossy(output),
                String::from_utf8_lossy(drv)
            ),
        }
    }
}
