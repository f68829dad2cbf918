//! Store paths. Nix manual, "Complete Store Path Calculation".
//!
//! A store path is `/nix/store/` with 32 digits of Nix's base 32, a dash and a
//! name. The digits are a hash of what the store object is made from.

use crate::hash::{Hash, HashAlgorithm, encode_nix32, is_nix32_digit};

/// How many digits stand before the dash.
const DIGITS: usize = 32;

/// How long a name may be.
const MAX_NAME: usize = 211;

/// How file system objects become the bytes that a content address is the hash
/// of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ingestion {
    /// The contents of a single file.
    Flat,
    /// The NAR serialisation.
    Nar,
}

impl Ingestion {
    /// What stands before the algorithm in a derivation's outputs.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Flat => "",
            Self::Nar => "r:",
        }
    }
}

/// Checks the name of a store object.
pub(crate) fn check_name(name: &[u8]) -> Result<(), String> {
    let shown = String::from_utf8_lossy(name);
    match name {
        [] => return Err("name must not be empty".to_owned()),
        _ if name.len() > MAX_NAME => {
            return Err(format!(
                "name '{shown}' must be no longer than {MAX_NAME} characters"
            ));
        }
        b"." | b".." => return Err(format!("name '{shown}' is not valid")),
        _ => {}
    }
    for dots in [".", ".."] {
        if let Some(b"-") = name
            .strip_prefix(dots.as_bytes())
            .and_then(|rest| rest.get(..1))
        {
            return Err(format!(
                "name '{shown}' is not valid: first dash-separated component must not be '{dots}'"
            ));
        }
    }
    let illegal = name
        .iter()
        .find(|byte| !byte.is_ascii_alphanumeric() && !b"+-._?=".contains(byte));
    match illegal {
        None => Ok(()),
        Some(&byte) => Err(format!(
            "name '{shown}' contains illegal character '{}'",
            String::from_utf8_lossy(&[byte])
        )),
    }
}

/// Checks what follows the store directory in a store path.
pub(crate) fn check_base_name(base: &[u8]) -> Result<(), String> {
    let shown = String::from_utf8_lossy(base);
    if base.len() < DIGITS + 1 {
        return Err(format!("'{shown}' is too short to be a valid store path"));
    }
    let (digits, rest) = base.split_at(DIGITS);
    if rest[0] != b'-' {
        return Err(format!(
            "'{shown}' can't name a store path because the hash part is not followed by a '-'"
        ));
    }
    if let Some(&byte) = digits.iter().find(|&&byte| !is_nix32_digit(byte)) {
        return Err(format!(
            "store path '{shown}' contains illegal base-32 character '{}'",
            String::from_utf8_lossy(&[byte])
        ));
    }
    check_name(&rest[1..])
        .map_err(|problem| format!("path '{shown}' is not a valid store path: {problem}"))
}

/// A store directory, which store paths are relative to and depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoreDir<'a>(pub(crate) &'a str);

impl StoreDir<'_> {
    /// What follows the store directory in a path: the store path's base name
    /// and what follows that, with its slash. `None` if the path is not in the
    /// store.
    pub(crate) fn split(self, path: &[u8]) -> Option<(&[u8], &[u8])> {
        let below = path.strip_prefix(self.0.as_bytes())?.strip_prefix(b"/")?;
        if below.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'/', below).unwrap_or(below.len());
        Some(below.split_at(end))
    }

    /// Whether a path is a store path, not something below one.
    pub(crate) fn is_store_path(self, path: &[u8]) -> bool {
        self.split(path)
            .is_some_and(|(base, rest)| rest.is_empty() && check_base_name(base).is_ok())
    }

    /// The path whose digits are a hash of `kind`, `hash` and `name`.
    fn make(self, kind: &str, hash: &Hash, name: &[u8]) -> Result<String, String> {
        let mut fingerprint = format!("{kind}:{}:{}:", hash.prefixed_base16(), self.0).into_bytes();
        fingerprint.extend_from_slice(name);
        let digest = Hash::of(HashAlgorithm::Sha256, &fingerprint);
        let digits = encode_nix32(&compress(&digest.bytes));
        let mut base = format!("{digits}-").into_bytes();
        base.extend_from_slice(name);
        check_name(name).map_err(|problem| {
            let base = String::from_utf8_lossy(&base);
            format!("path '{base}' is not a valid store path: {problem}")
        })?;
        // A valid name is ASCII.
        Ok(format!("{}/{}", self.0, String::from_utf8_lossy(&base)))
    }

    /// The path of a text file that refers to other store paths: of a derivation,
    /// and of what `builtins.toFile` makes. `references` are sorted.
    pub(crate) fn text_path<'r>(
        self,
        name: &[u8],
        contents: &[u8],
        references: impl IntoIterator<Item = &'r [u8]>,
    ) -> Result<String, String> {
        let mut kind = "text".to_owned();
        for reference in references {
            kind.push(':');
            kind.push_str(&String::from_utf8_lossy(reference));
        }
        self.make(&kind, &Hash::of(HashAlgorithm::Sha256, contents), name)
    }

    /// The path of an object that is known by the hash of its contents and
    /// refers to no other.
    pub(crate) fn fixed_output_path(
        self,
        name: &[u8],
        ingestion: Ingestion,
        hash: &Hash,
    ) -> Result<String, String> {
        if ingestion == Ingestion::Nar && hash.algorithm == HashAlgorithm::Sha256 {
            return self.make("source", hash, name);
        }
        let inner = format!(
            "fixed:out:{}{}:",
            ingestion.prefix(),
            hash.prefixed_base16()
        );
        let digest = Hash::of(HashAlgorithm::Sha256, inner.as_bytes());
        self.make("output:out", &digest, name)
    }

    /// The path of a derivation's output. `hash` is the derivation's hash modulo
    /// its outputs.
    pub(crate) fn output_path(
        self,
        derivation_name: &[u8],
        output: &[u8],
        hash: &Hash,
    ) -> Result<String, String> {
        let mut name = derivation_name.to_vec();
        if output != b"out" {
            name.push(b'-');
            name.extend_from_slice(output);
        }
        let kind = format!("output:{}", String::from_utf8_lossy(output));
        self.make(&kind, hash, &name)
    }
}

/// The 20 bytes of a store path's digits: a longer hash folded onto itself.
fn compress(bytes: &[u8]) -> [u8; 20] {
    let mut folded = [0; 20];
    for (index, byte) in bytes.iter().enumerate() {
        folded[index % 20] ^= byte;
    }
    folded
}

/// What stands for an output's path in a derivation that does not know it yet.
pub(crate) fn placeholder(output: &[u8]) -> String {
    let mut text = b"nix-output:".to_vec();
    text.extend_from_slice(output);
    format!(
        "/{}",
        encode_nix32(&Hash::of(HashAlgorithm::Sha256, &text).bytes)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORE: StoreDir<'_> = StoreDir("/nix/store");

    /// Paths computed by Nix 2.34.
    #[test]
    fn paths_are_those_of_nix() {
        let empty = Hash::of(HashAlgorithm::Sha256, b"");
        assert_eq!(
            STORE
                .fixed_output_path(b"a", Ingestion::Nar, &empty)
                .unwrap(),
            "/nix/store/vvg4vb767vrnsqhb7ih58v4a5gq4iyy4-a"
        );
        assert_eq!(
            STORE
                .fixed_output_path(b"a", Ingestion::Flat, &empty)
                .unwrap(),
            "/nix/store/fv16lcs3lf0l78jdd486kp1p9rp2nniz-a"
        );
        assert_eq!(
            STORE.text_path(b"a b", b"x", []).unwrap_err(),
            "path 'dm85kbl5cy82j2dzvy1874s14y3salv3-a b' is not a valid store path: \
             name 'a b' contains illegal character ' '"
        );
        assert_eq!(
            placeholder(b"out"),
            "/1rz4g4znpzjwh1xymhjpm42vipw92pr73vdgl6xs1hycac8kf2n9"
        );
    }

    #[test]
    fn names_that_could_be_mistaken_are_refused() {
        let problem = |name: &str| check_name(name.as_bytes()).unwrap_err();
        assert_eq!(problem(""), "name must not be empty");
        assert_eq!(problem(".."), "name '..' is not valid");
        assert_eq!(
            problem("..-a"),
            "name '..-a' is not valid: first dash-separated component must not be '..'"
        );
        assert!(check_name(b".a").is_ok());
        assert!(check_name(&[b'a'; MAX_NAME]).is_ok());
        assert!(check_name(&[b'a'; MAX_NAME + 1]).is_err());
    }

    #[test]
    fn only_whole_store_paths_are_store_paths() {
        let path = "/nix/store/vvg4vb767vrnsqhb7ih58v4a5gq4iyy4-a";
        assert!(STORE.is_store_path(path.as_bytes()));
        assert!(!STORE.is_store_path(format!("{path}/b").as_bytes()));
        assert!(!STORE.is_store_path(b"/nix/store/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-a"));
        assert!(!STORE.is_store_path(b"/nix/store"));
    }
}
