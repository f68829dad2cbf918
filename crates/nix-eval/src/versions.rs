//! Versions. Nix manual, `builtins.compareVersions`, `builtins.splitVersion` and
//! `builtins.parseDrvName`.

use std::cmp::Ordering;

/// The components of a version: runs of digits, and runs of anything else
/// between digits, dots and dashes.
pub(crate) fn components(version: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = version;
    std::iter::from_fn(move || {
        let start = rest.iter().position(|byte| !matches!(byte, b'.' | b'-'))?;
        let from_start = &rest[start..];
        let in_component: fn(&u8) -> bool = if from_start[0].is_ascii_digit() {
            u8::is_ascii_digit
        } else {
            |byte| !byte.is_ascii_digit() && !matches!(byte, b'.' | b'-')
        };
        let length = from_start
            .iter()
            .take_while(|byte| in_component(byte))
            .count();
        let (component, after) = from_start.split_at(length);
        rest = after;
        Some(component)
    })
}

/// The number that a component is, if it is one that fits a C `int`.
fn number(component: &[u8]) -> Option<i32> {
    if component
        .first()
        .is_none_or(|first| !first.is_ascii_digit())
    {
        return None;
    }
    std::str::from_utf8(component).ok()?.parse().ok()
}

/// Whether a component, empty after the last one, is older than another.
fn is_older(left: &[u8], right: &[u8]) -> bool {
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left < right,
        (_, Some(_)) if left.is_empty() => true,
        _ if left == b"pre" => right != b"pre",
        _ if right == b"pre" => false,
        // So that `2.3a` is older than `2.3.1`.
        (None, Some(_)) => true,
        (Some(_), None) => false,
        (None, None) => left < right,
    }
}

/// Which of two versions is newer, as `builtins.compareVersions` says.
pub fn compare_versions(left: &str, right: &str) -> Ordering {
    compare(left.as_bytes(), right.as_bytes())
}

/// Which of two versions is newer.
pub(crate) fn compare(left: &[u8], right: &[u8]) -> Ordering {
    let (mut lefts, mut rights) = (components(left), components(right));
    loop {
        let (left, right) = (lefts.next(), rights.next());
        if left.is_none() && right.is_none() {
            return Ordering::Equal;
        }
        let (left, right) = (left.unwrap_or_default(), right.unwrap_or_default());
        if is_older(left, right) {
            return Ordering::Less;
        }
        if is_older(right, left) {
            return Ordering::Greater;
        }
    }
}

/// A package's name and version: the version begins after the first dash that
/// something other than a letter follows.
pub(crate) fn parse_derivation_name(full: &[u8]) -> (&[u8], &[u8]) {
    let dash = memchr::memchr_iter(b'-', full).find(|&at| {
        full.get(at + 1)
            .is_some_and(|next| !next.is_ascii_alphabetic())
    });
    match dash {
        None => (full, b""),
        Some(at) => (&full[..at], &full[at + 1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_versions_compare_greater() {
        let ascending = [
            "", "2.3pre1", "2.3", "2.3a", "2.3.1", "2.3.2", "2.30", "3-1",
        ];
        for (i, left) in ascending.iter().enumerate() {
            for (j, right) in ascending.iter().enumerate() {
                let order = compare(left.as_bytes(), right.as_bytes());
                assert_eq!(order, i.cmp(&j), "{left} and {right}");
            }
        }
        assert_eq!(compare(b"1.02", b"1-2"), Ordering::Equal);
    }

    #[test]
    fn components_end_where_digits_begin() {
        let parts: Vec<&[u8]> = components(b"--1.20pre-x86_64.").collect();
        let expected: [&[u8]; 6] = [b"1", b"20", b"pre", b"x", b"86", b"_"];
        assert_eq!(parts[..6], expected);
        assert_eq!(parts[6], b"64");
    }

    #[test]
    fn the_version_follows_the_first_dash_before_no_letter() {
        let split = |name: &'static str| parse_derivation_name(name.as_bytes());
        assert_eq!(split("nix-0.12pre1-x"), (&b"nix"[..], &b"0.12pre1-x"[..]));
        assert_eq!(split("a-b-"), (&b"a-b-"[..], &b""[..]));
        assert_eq!(split("a--1"), (&b"a"[..], &b"-1"[..]));
    }
}
