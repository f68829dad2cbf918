//! Numbers as the C library reads them, and which texts are values of which type.

use crate::tree::SymbolType;

/// What `strtoll` or `strtoull` made of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parsed {
    /// Whether there was a minus sign.
    negative: bool,
    magnitude: u64,
    /// More than 64 bits.
    overflow: bool,
    /// How many bytes were read; 0 where there was no number.
    pub(crate) length: usize,
}

impl Parsed {
    /// The value as `strtoll` returns it, and whether it fitted.
    pub(crate) fn signed(self) -> (i64, bool) {
        let limit = if self.negative {
            1_u64 << 63
        } else {
            i64::MAX as u64
        };
        if self.overflow || self.magnitude > limit {
            let clamped = if self.negative { i64::MIN } else { i64::MAX };
            return (clamped, false);
        }
        let value = if self.negative {
            (self.magnitude as i64).wrapping_neg()
        } else {
            self.magnitude as i64
        };
        (value, true)
    }

    /// The value as `strtoull` returns it, and whether it fitted.
    pub(crate) fn unsigned(self) -> (u64, bool) {
        if self.overflow {
            return (u64::MAX, false);
        }
        let value = if self.negative {
            self.magnitude.wrapping_neg()
        } else {
            self.magnitude
        };
        (value, true)
    }
}

/// Reads a number as `strtoll(text, &tail, base)` does; `base` 0 tells the base by the prefix.
pub(crate) fn parse(text: &[u8], base: u32) -> Parsed {
    let mut position = 0;
    while text
        .get(position)
        .is_some_and(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\x0b' | b'\x0c' | b'\r'))
    {
        position += 1;
    }
    let negative = text.get(position) == Some(&b'-');
    if matches!(text.get(position), Some(b'-' | b'+')) {
        position += 1;
    }
    let digit = |at: usize, base: u32| {
        text.get(at)
            .and_then(|&byte| char::from(byte).to_digit(base))
    };
    let mut base = base;
    if (base == 0 || base == 16)
        && text.get(position) == Some(&b'0')
        && matches!(text.get(position + 1), Some(b'x' | b'X'))
        && digit(position + 2, 16).is_some()
    {
        position += 2;
        base = 16;
    } else if base == 0 {
        base = if text.get(position) == Some(&b'0') {
            8
        } else {
            10
        };
    }
    let start = position;
    let mut magnitude = 0_u64;
    let mut overflow = false;
    while let Some(value) = digit(position, base) {
        match magnitude
            .checked_mul(u64::from(base))
            .and_then(|shifted| shifted.checked_add(u64::from(value)))
        {
            Some(next) => magnitude = next,
            None => overflow = true,
        }
        position += 1;
    }
    Parsed {
        negative,
        magnitude,
        overflow,
        length: if position == start { 0 } else { position },
    }
}

/// `strtoll(text, NULL, base)`
pub(crate) fn to_signed(text: &[u8], base: u32) -> i64 {
    let parsed = parse(text, base);
    if parsed.length == 0 {
        0
    } else {
        parsed.signed().0
    }
}

/// Whether a text can be a value of a type (`sym_string_valid`).
pub(crate) fn is_valid_value(kind: SymbolType, text: &[u8]) -> bool {
    match kind {
        SymbolType::String => true,
        SymbolType::Int => {
            let digits = text.strip_prefix(b"-").unwrap_or(text);
            match digits {
                [] => false,
                [b'0'] => true,
                [b'0', ..] => false,
                _ => digits.iter().all(u8::is_ascii_digit),
            }
        }
        SymbolType::Hex => {
            let digits = match text {
                [b'0', b'x' | b'X', rest @ ..] => rest,
                _ => text,
            };
            !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit)
        }
        SymbolType::Bool | SymbolType::Tristate => {
            matches!(text.first(), Some(b'y' | b'Y' | b'm' | b'M' | b'n' | b'N'))
        }
        SymbolType::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_c_library_reads_them() {
        for (text, base, value, length) in [
            ("010", 0, 8, 3),
            ("0x1F", 0, 31, 4),
            ("0x", 0, 0, 1),
            ("0x", 16, 0, 1),
            ("-12", 10, -12, 3),
            ("  7", 10, 7, 3),
            ("", 10, 0, 0),
            ("x", 10, 0, 0),
            ("9223372036854775808", 10, i64::MAX, 19),
            ("-9223372036854775808", 10, i64::MIN, 20),
        ] {
            assert_eq!(to_signed(text.as_bytes(), base), value, "{text}");
            assert_eq!(parse(text.as_bytes(), base).length, length, "{text}");
        }
    }

    #[test]
    fn a_number_has_no_leading_zero() {
        assert!(is_valid_value(SymbolType::Int, b"0"));
        assert!(is_valid_value(SymbolType::Int, b"-0"));
        assert!(!is_valid_value(SymbolType::Int, b"01"));
        assert!(!is_valid_value(SymbolType::Int, b"-"));
        assert!(is_valid_value(SymbolType::Hex, b"0xfF"));
        assert!(!is_valid_value(SymbolType::Hex, b"0x"));
    }
}
