//! Releases of nixpkgs: what it does with a kernel's configuration changed over time.

use std::fmt;
use std::str::FromStr;

/// A release of nixpkgs, such as `25.05`. The order is that of time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Release {
    year: u8,
    month: u8,
}

/// A name that is no release of nixpkgs.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}' is no release of nixpkgs: they are 18.09, 19.03 … 26.11, and unstable")]
pub struct ReleaseError(String);

impl Release {
    /// What comes after every release.
    pub const UNSTABLE: Self = Self {
        year: u8::MAX,
        month: 0,
    };
    /// The first release whose kernels are configured by merged structured settings, bar one.
    pub const OLDEST: Self = Self::new(18, 9);
    /// The newest release known here.
    pub const NEWEST: Self = Self::new(26, 11);

    /// The release `year.month`.
    pub const fn new(year: u8, month: u8) -> Self {
        Self { year, month }
    }
}

impl Default for Release {
    fn default() -> Self {
        Self::UNSTABLE
    }
}

impl FromStr for Release {
    type Err = ReleaseError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if name == "unstable" {
            return Ok(Self::UNSTABLE);
        }
        let known = name.split_once('.').and_then(|(year, month)| {
            let is_number =
                |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
            let (true, true) = (is_number(year), is_number(month)) else {
                return None;
            };
            Some(Self::new(year.parse().ok()?, month.parse().ok()?))
        });
        // Spring releases came in March until 2020 and in May since 2021.
        known
            .filter(|&release| {
                let spring = if release.year < 21 { 3 } else { 5 };
                let autumn = if release.year < 21 { 9 } else { 11 };
                (Self::OLDEST..=Self::NEWEST).contains(&release)
                    && (release.month == spring || release.month == autumn)
            })
            .ok_or_else(|| ReleaseError(name.to_owned()))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::UNSTABLE {
            formatter.write_str("unstable")
        } else {
            write!(formatter, "{}.{:02}", self.year, self.month)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Release;

    #[test]
    fn releases_are_read_ordered_and_shown() {
        let release = |name: &str| name.parse::<Release>().unwrap();
        for name in [
            "18.09", "19.03", "20.09", "21.05", "25.11", "26.11", "unstable",
        ] {
            assert_eq!(release(name).to_string(), name);
        }
        assert!(release("25.05") < release("25.11"));
        assert!(release("26.11") < Release::UNSTABLE);
        for name in [
            "18.03", "21.03", "24.04", "25.5", "27.05", "", "stable", "+5.05",
        ] {
            assert!(name.parse::<Release>().is_err(), "{name}");
        }
    }
}
