//! The text of a double in JSON.

use super::grisu;

/// From this power of ten on, and below the next, a number is written with an
/// exponent.
const MAX_EXPONENT: i32 = 15;
const MIN_EXPONENT: i32 = -4;

/// A text that reads as `value` again, laid out as nlohmann's library does:
/// `1.0`, `0.0001`, `1e-05`, `1.5e+300`.
pub(super) fn format(value: f64) -> String {
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value == 0.0 {
        return format!("{sign}0.0");
    }
    let (digits, last_exponent) = grisu::digits(value.abs());
    let count = digits.len() as i32;
    // Where the decimal point stands, counted from the first digit.
    let point = count + last_exponent;
    let exponent = point - 1;
    let text = if count <= point && point <= MAX_EXPONENT {
        let zeros = "0".repeat((point - count) as usize);
        format!("{digits}{zeros}.0")
    } else if 0 < point && point <= MAX_EXPONENT {
        let (whole, fraction) = digits.split_at(point as usize);
        format!("{whole}.{fraction}")
    } else if MIN_EXPONENT < point && point <= 0 {
        let zeros = "0".repeat(-point as usize);
        format!("0.{zeros}{digits}")
    } else {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        let exponent = exponent.unsigned_abs();
        format!("{first}{dot}{rest}e{exponent_sign}{exponent:02}")
    };
    format!("{sign}{text}")
}

#[cfg(test)]
mod tests {
    use super::format;

    /// What Nix 2.34 writes.
    #[test]
    fn numbers_are_laid_out_as_nlohmann_does() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (100.0, "100.0"),
            (1e14, "100000000000000.0"),
            (1e15, "1e+15"),
            (0.001, "0.001"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.5e300, "1.5e+300"),
            (123_456.789e3, "123456789.0"),
            (f64::MAX, "1.7976931348623157e+308"),
        ] {
            assert_eq!(format(value), text);
        }
    }
}
