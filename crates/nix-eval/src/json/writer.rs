//! Writing JSON.

use std::collections::BTreeMap;

use super::number;
use super::parser::Build;

/// Writes a string.
///
/// # Errors
///
/// The text is not UTF-8.
pub(crate) fn write_string(out: &mut Vec<u8>, text: &[u8]) -> Result<(), String> {
    if let Err(error) = std::str::from_utf8(text) {
        return Err(match error.error_len() {
            Some(_) => {
                let (index, byte) = first_bad_byte(text, error.valid_up_to());
                format!(
                    "[json.exception.type_error.316] invalid UTF-8 byte at index {index}: 0x{byte:02X}"
                )
            }
            None => format!(
                "[json.exception.type_error.316] incomplete UTF-8 string; last byte: 0x{:02X}",
                text[text.len() - 1]
            ),
        });
    }
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = rest
        .iter()
        .position(|&byte| byte < 0x20 || byte == b'"' || byte == b'\\')
    {
        out.extend_from_slice(&rest[..at]);
        match rest[at] {
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte @ (b'"' | b'\\') => out.extend_from_slice(&[b'\\', byte]),
            control => out.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
    Ok(())
}

/// The first byte that cannot stand where it stands, in a text that is valid up
/// to an index: the byte there, or one that should continue it.
fn first_bad_byte(text: &[u8], valid_up_to: usize) -> (usize, u8) {
    let bad = &text[valid_up_to..];
    let length = (1..=bad.len())
        .find(|&length| {
            std::str::from_utf8(&bad[..length]).is_err_and(|error| error.error_len().is_some())
        })
        .unwrap_or(bad.len());
    (valid_up_to + length - 1, bad[length - 1])
}

/// Writes a number that is not an integer; what JSON cannot say becomes `null`.
pub(crate) fn write_float(out: &mut Vec<u8>, value: f64) {
    if value.is_finite() {
        out.extend_from_slice(number::format(value).as_bytes());
    } else {
        out.extend_from_slice(b"null");
    }
}

/// Builds the text of a value that is read.
pub(super) struct Rewrite;

impl Rewrite {
    fn quoted(text: &[u8]) -> Result<Vec<u8>, String> {
        let mut out = Vec::with_capacity(text.len() + 2);
        write_string(&mut out, text)?;
        Ok(out)
    }
}

impl Build for Rewrite {
    type Value = Vec<u8>;
    /// Raw, since it is the raw text that keys are sorted by.
    type Key = Vec<u8>;

    fn null(&mut self) -> Vec<u8> {
        b"null".to_vec()
    }

    fn bool(&mut self, value: bool) -> Vec<u8> {
        value.to_string().into_bytes()
    }

    fn int(&mut self, value: i64) -> Vec<u8> {
        value.to_string().into_bytes()
    }

    fn unsigned(&mut self, value: u64) -> Result<Vec<u8>, String> {
        Ok(value.to_string().into_bytes())
    }

    fn float(&mut self, value: f64) -> Vec<u8> {
        let mut out = Vec::new();
        write_float(&mut out, value);
        out
    }

    fn string(&mut self, text: &[u8]) -> Result<Vec<u8>, String> {
        Self::quoted(text)
    }

    fn key(&mut self, text: &[u8]) -> Result<Vec<u8>, String> {
        Ok(text.to_vec())
    }

    fn list(&mut self, items: Vec<Vec<u8>>) -> Vec<u8> {
        let mut out = b"[".to_vec();
        out.extend_from_slice(&items.join(&b','));
        out.push(b']');
        out
    }

    fn object(&mut self, entries: Vec<(Vec<u8>, Vec<u8>)>) -> Vec<u8> {
        let sorted: BTreeMap<_, _> = entries.into_iter().collect();
        let mut out = b"{".to_vec();
        for (index, (key, value)) in sorted.into_iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            // Keys were read as UTF-8.
            if let Ok(key) = Self::quoted(&key) {
                out.extend_from_slice(&key);
            }
            out.push(b':');
            out.extend_from_slice(&value);
        }
        out.push(b'}');
        out
    }
}
