//! Hashes as Nix writes and reads them: base 16, Nix's own base 32, base 64 and
//! SRI. Nix manual, `builtins.convertHash`; "Store path specification".

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use md5::Digest;

/// A hash algorithm.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum HashAlgorithm {
    /// MD5, 16 bytes.
    Md5,
    /// SHA-1, 20 bytes.
    Sha1,
    /// SHA-256, 32 bytes.
    Sha256,
    /// SHA-512, 64 bytes.
    Sha512,
}

impl HashAlgorithm {
    /// The algorithm of a name.
    ///
    /// # Errors
    ///
    /// There is none of this name, or it is one that Nix has only as an
    /// experimental feature.
    pub(crate) fn parse(name: &[u8]) -> Result<Self, String> {
        Ok(match name {
            b"md5" => Self::Md5,
            b"sha1" => Self::Sha1,
            b"sha256" => Self::Sha256,
            b"sha512" => Self::Sha512,
            b"blake3" => {
                return Err("experimental Nix feature 'blake3-hashes' is disabled; add \
                            '--extra-experimental-features blake3-hashes' to enable it"
                    .to_owned());
            }
            _ => {
                return Err(format!(
                    "unknown hash algorithm '{}', expect 'blake3', 'md5', 'sha1', 'sha256', or 'sha512'",
                    name.escape_ascii()
                ));
            }
        })
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// The size of its hashes in bytes.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// A way to write a hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HashFormat {
    /// Hexadecimal.
    Base16,
    /// Nix's base 32.
    Nix32,
    /// Base 64.
    Base64,
    /// `algorithm-base64`
    Sri,
}

impl HashFormat {
    /// The format of a name.
    pub(crate) fn parse(name: &[u8]) -> Result<Self, String> {
        Ok(match name {
            b"base16" => Self::Base16,
            b"nix32" | b"base32" => Self::Nix32,
            b"base64" => Self::Base64,
            b"sri" => Self::Sri,
            _ => {
                return Err(format!(
                    "unknown hash format '{}', expect 'base16', 'base32', 'base64', or 'sri'",
                    String::from_utf8_lossy(name)
                ));
            }
        })
    }
}

/// Whether an error is that there is no hash algorithm, or format, of a name: to Nix that is a
/// wrong use of its command line.
pub(crate) fn names_no_hash(message: &str) -> bool {
    message.starts_with("unknown hash algorithm") || message.starts_with("unknown hash format")
}

/// A hash with its algorithm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Hash {
    /// What made it.
    pub(crate) algorithm: HashAlgorithm,
    /// As many bytes as the algorithm gives.
    pub(crate) bytes: Vec<u8>,
}

impl Hash {
    /// The hash of `data`.
    pub(crate) fn of(algorithm: HashAlgorithm, data: &[u8]) -> Self {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(data);
        hasher.finish()
    }

    /// Reads a hash in any format. `algorithm` is what the context asks for; the
    /// text may name it too, but no other.
    pub(crate) fn parse(text: &[u8], algorithm: Option<HashAlgorithm>) -> Result<Self, String> {
        let shown = || String::from_utf8_lossy(text);
        let separator = memchr::memchr(b':', text).or_else(|| memchr::memchr(b'-', text));
        let (named, digits, is_sri) = match separator {
            Some(at) => (
                Some(HashAlgorithm::parse(&text[..at])?),
                &text[at + 1..],
                text[at] == b'-',
            ),
            None => (None, text, false),
        };
        let algorithm = match (named, algorithm) {
            (None, None) => {
                return Err(format!(
                    "hash '{}' does not include a type, nor is the type otherwise known from \
                     context",
                    shown()
                ));
            }
            (Some(named), Some(wanted)) if named != wanted => {
                return Err(format!(
                    "hash '{}' should have type '{}'",
                    shown(),
                    wanted.name()
                ));
            }
            (Some(algorithm), _) | (None, Some(algorithm)) => algorithm,
        };
        let size = algorithm.size();
        let (bytes, format) = if is_sri {
            (decode_base64(digits), "SRI")
        } else if digits.len() == size * 2 {
            (HEXLOWER_PERMISSIVE.decode(digits).ok(), "base16")
        } else if digits.len() == nix32_length(size) {
            (decode_nix32(digits), "nix32")
        } else if digits.len() == size.div_ceil(3) * 4 {
            (decode_base64(digits), "Base64")
        } else {
            return Err(format!(
                "hash '{}' has wrong length for hash algorithm '{}'",
                String::from_utf8_lossy(digits),
                algorithm.name()
            ));
        };
        let bytes = bytes.unwrap_or_default();
        if bytes.len() != size {
            return Err(format!(
                "invalid {format} hash '{}', length {} != expected length {size}",
                String::from_utf8_lossy(digits),
                bytes.len()
            ));
        }
        Ok(Self { algorithm, bytes })
    }

    /// The same for a place where an empty text stands for a hash that is not
    /// known yet, which becomes zeros.
    pub(crate) fn parse_allow_empty(
        text: &[u8],
        algorithm: Option<HashAlgorithm>,
    ) -> Result<Self, String> {
        if !text.is_empty() {
            return Self::parse(text, algorithm);
        }
        match algorithm {
            None => Err("empty hash requires explicit hash algorithm".to_owned()),
            Some(algorithm) => Ok(Self {
                algorithm,
                bytes: vec![0; algorithm.size()],
            }),
        }
    }

    /// The hash without its algorithm, except in SRI.
    pub(crate) fn format(&self, format: HashFormat) -> String {
        match format {
            HashFormat::Base16 => HEXLOWER.encode(&self.bytes),
            HashFormat::Nix32 => encode_nix32(&self.bytes),
            HashFormat::Base64 => BASE64.encode(&self.bytes),
            HashFormat::Sri => format!("{}-{}", self.algorithm.name(), BASE64.encode(&self.bytes)),
        }
    }

    /// `algorithm:base16`
    pub(crate) fn prefixed_base16(&self) -> String {
        format!("{}:{}", self.algorithm.name(), HEXLOWER.encode(&self.bytes))
    }
}

/// Computes a hash piece by piece.
pub(crate) enum Hasher {
    /// MD5
    Md5(md5::Md5),
    /// SHA-1
    Sha1(sha1::Sha1),
    /// SHA-256
    Sha256(sha2::Sha256),
    /// SHA-512
    Sha512(sha2::Sha512),
}

impl Hasher {
    /// The hasher of an algorithm.
    pub(crate) fn new(algorithm: HashAlgorithm) -> Self {
        match algorithm {
            HashAlgorithm::Md5 => Self::Md5(md5::Md5::new()),
            HashAlgorithm::Sha1 => Self::Sha1(sha1::Sha1::new()),
            HashAlgorithm::Sha256 => Self::Sha256(sha2::Sha256::new()),
            HashAlgorithm::Sha512 => Self::Sha512(sha2::Sha512::new()),
        }
    }

    /// Takes more data.
    pub(crate) fn update(&mut self, data: &[u8]) {
        match self {
            Self::Md5(hasher) => hasher.update(data),
            Self::Sha1(hasher) => hasher.update(data),
            Self::Sha256(hasher) => hasher.update(data),
            Self::Sha512(hasher) => hasher.update(data),
        }
    }

    /// The hash of all data.
    pub(crate) fn finish(self) -> Hash {
        let (algorithm, bytes) = match self {
            Self::Md5(hasher) => (HashAlgorithm::Md5, hasher.finalize().to_vec()),
            Self::Sha1(hasher) => (HashAlgorithm::Sha1, hasher.finalize().to_vec()),
            Self::Sha256(hasher) => (HashAlgorithm::Sha256, hasher.finalize().to_vec()),
            Self::Sha512(hasher) => (HashAlgorithm::Sha512, hasher.finalize().to_vec()),
        };
        Hash { algorithm, bytes }
    }
}

/// The digits of Nix's base 32: no `e`, `o`, `u` and `t`, so that no word of
/// four letters comes out.
const NIX32_DIGITS: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";

fn nix32_length(size: usize) -> usize {
    (size * 8).div_ceil(5)
}

/// Whether a byte is a digit of Nix's base 32.
pub(crate) fn is_nix32_digit(byte: u8) -> bool {
    NIX32_DIGITS.contains(&byte)
}

/// Nix's base 32: the bytes are one little-endian number, its highest digit
/// comes first.
pub(crate) fn encode_nix32(bytes: &[u8]) -> String {
    let digit = |index: usize| {
        let (byte, bit) = (index * 5 / 8, index * 5 % 8);
        let low = u16::from(bytes[byte]);
        let high = bytes.get(byte + 1).copied().map_or(0, u16::from);
        let value = (high << 8 | low) >> bit & 0x1f;
        char::from(NIX32_DIGITS[usize::from(value)])
    };
    (0..nix32_length(bytes.len())).rev().map(digit).collect()
}

/// The bytes of a number in Nix's base 32; one more than expected if the highest
/// digit is too large for them. `None` if a byte is not a digit.
fn decode_nix32(digits: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for (index, digit) in digits.iter().rev().enumerate() {
        let value = NIX32_DIGITS.iter().position(|known| known == digit)? as u16;
        let (byte, bit) = (index * 5 / 8, index * 5 % 8);
        let shifted = value << bit;
        let needed = byte + if shifted > 0xff { 2 } else { 1 };
        if bytes.len() < needed {
            bytes.resize(needed, 0);
        }
        bytes[byte] |= (shifted & 0xff) as u8;
        if shifted > 0xff {
            bytes[byte + 1] |= (shifted >> 8) as u8;
        }
    }
    Some(bytes)
}

/// Base 64 as leniently as Nix reads it: newlines are skipped, the first `=`
/// ends it, and bits that are left over are dropped. `None` if a byte is not a
/// digit.
fn decode_base64(digits: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for &digit in digits.iter().take_while(|&&digit| digit != b'=') {
        let value = match digit {
            b'\n' => continue,
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Nix 2.34 makes of the SHA-256 of the empty text.
    #[test]
    fn formats_convert_into_each_other() {
        let hash = Hash::of(HashAlgorithm::Sha256, b"");
        let written = [
            (
                HashFormat::Base16,
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                HashFormat::Nix32,
                "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
            ),
            (
                HashFormat::Base64,
                "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            ),
            (
                HashFormat::Sri,
                "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            ),
        ];
        for (format, text) in written {
            assert_eq!(hash.format(format), text);
            let read = Hash::parse(text.as_bytes(), Some(HashAlgorithm::Sha256));
            assert_eq!(read.as_ref(), Ok(&hash));
        }
    }

    #[test]
    fn a_highest_digit_that_is_too_large_gives_a_byte_too_many() {
        let digits = "z".repeat(52);
        assert_eq!(
            Hash::parse(digits.as_bytes(), Some(HashAlgorithm::Sha256)),
            Err(format!(
                "invalid nix32 hash '{digits}', length 33 != expected length 32"
            ))
        );
    }

    #[test]
    fn a_hash_says_what_it_is_or_the_context_does() {
        let parse = |text: &str, algorithm| Hash::parse(text.as_bytes(), algorithm).unwrap_err();
        assert_eq!(
            parse("zz", None),
            "hash 'zz' does not include a type, nor is the type otherwise known from context"
        );
        assert_eq!(
            parse("zz", Some(HashAlgorithm::Sha256)),
            "hash 'zz' has wrong length for hash algorithm 'sha256'"
        );
        assert_eq!(
            parse("sha1:zz", Some(HashAlgorithm::Sha256)),
            "hash 'sha1:zz' should have type 'sha256'"
        );
        assert_eq!(
            parse("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF", None),
            "invalid SRI hash '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF', length 31 != \
             expected length 32"
        );
    }
}
