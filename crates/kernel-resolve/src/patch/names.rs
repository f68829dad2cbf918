//! The names of files in a patch's headers, and the times behind them.

/// What stands behind `---`, `+++` or `Index:`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Named {
    /// `/dev/null`: there is no file on this side.
    Nothing,
    /// A name.
    File {
        /// The name without its first part.
        name: String,
        /// What is written behind it, usually a time.
        rest: Vec<u8>,
        /// Whether that time is the beginning of time, which stands for a file that is not there.
        is_epoch: bool,
    },
}

/// Reads the name in a header line, from behind the keyword. Nothing where there is no name, or
/// none with a first part to take off. `has_time` says whether a time may follow.
pub(super) fn read(text: &[u8], has_time: bool) -> Option<Named> {
    let (name, rest) = split_name(text, |text| unquoted_length(text, has_time))?;
    if name == b"/dev/null" {
        return Some(Named::Nothing);
    }
    let name = strip(&String::from_utf8_lossy(&name))?;
    if !has_time && rest != b"\n" {
        return None;
    }
    let shown = rest.strip_suffix(b"\n").unwrap_or(rest);
    let shown = shown.strip_suffix(b"\r").unwrap_or(shown);
    Some(Named::File {
        name,
        is_epoch: is_epoch(&String::from_utf8_lossy(shown)),
        rest: shown.to_vec(),
    })
}

/// The name in a header line with its first part.
pub(super) fn unstripped(text: &[u8]) -> Option<String> {
    let text = text.trim_ascii_start();
    let name = text.get(..unquoted_length(text, true))?;
    Some(String::from_utf8_lossy(name).into_owned())
}

/// The two names of `diff --git`.
pub(super) fn read_pair(text: &[u8]) -> Option<(String, String)> {
    let (first, rest) = read_word(text)?;
    if !rest.first().is_some_and(u8::is_ascii_whitespace) {
        return None;
    }
    let (second, rest) = read_word(rest)?;
    rest.trim_ascii().is_empty().then_some((first, second))
}

fn read_word(text: &[u8]) -> Option<(String, &[u8])> {
    let to_blank = |text: &[u8]| {
        let blank = text.iter().position(u8::is_ascii_whitespace);
        blank.unwrap_or(text.len())
    };
    let (name, rest) = split_name(text, to_blank)?;
    Some((strip(&String::from_utf8_lossy(&name))?, rest))
}

/// A name, in quotes or as long as `length` says, and what stands behind it.
fn split_name(text: &[u8], length: impl FnOnce(&[u8]) -> usize) -> Option<(Vec<u8>, &[u8])> {
    let text = text.trim_ascii_start();
    if text.starts_with(b"\"") {
        return quoted(text);
    }
    let (name, rest) = text.split_at_checked(length(text))?;
    Some((name.to_vec(), rest))
}

/// A name may have blanks in it where a tab stands between it and the time.
fn unquoted_length(text: &[u8], has_time: bool) -> usize {
    let end_mark = if has_time { b'\t' } else { b'\n' };
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if byte.is_ascii_whitespace() {
            let mut last = at;
            while text.get(last) != Some(&b'\t')
                && text.get(last + 1).is_some_and(u8::is_ascii_whitespace)
            {
                last += 1;
            }
            let is_tab = text.get(last) == Some(&b'\t');
            let goes_on = text
                .get(last + 1..)
                .is_some_and(|rest| rest.contains(&end_mark));
            if is_tab || !goes_on {
                return at;
            }
        }
        at += 1;
    }
    at
}

/// A name in quotes, as Git writes those with unusual characters.
fn quoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut name = Vec::new();
    let mut rest = text.strip_prefix(b"\"")?;
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => return Some((name, rest)),
            b'\n' => return None,
            b'\\' => {
                let (&escaped, after) = rest.split_first()?;
                rest = after;
                name.push(match escaped {
                    b'a' => 7,
                    b'b' => 8,
                    b'f' => 12,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'v' => 11,
                    b'\\' | b'"' => escaped,
                    b'0'..=b'3' => {
                        let digits = [escaped, *rest.first()?, *rest.get(1)?];
                        rest = rest.get(2..)?;
                        let digits = std::str::from_utf8(&digits).ok()?;
                        u8::from_str_radix(digits, 8).ok()?
                    }
                    _ => return None,
                });
            }
            byte => name.push(byte),
        }
    }
}

/// A name without its first part (`-p1`).
fn strip(name: &str) -> Option<String> {
    let (_, rest) = name.split_once('/')?;
    let rest = rest.trim_start_matches('/');
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// Whether a time is within what local times make of the beginning of time: more than 25 hours
/// before it to less than 26 hours after it are not told apart from it.
fn is_epoch(text: &str) -> bool {
    seconds(text).is_some_and(|seconds| (-25 * 3600 < seconds) && (seconds < 26 * 3600))
}

/// Seconds since the beginning of 1970, for the days around it: of `1970-01-01 00:00:00.0 +0000`, or
/// of `Thu Jan  1 00:00:00 1970`.
fn seconds(text: &str) -> Option<i64> {
    let mut words = text.split_ascii_whitespace();
    let first = words.next()?;
    let (day, time, zone) = if first.starts_with(|first: char| first.is_ascii_digit()) {
        let day = match first {
            "1969-12-30" => -2,
            "1969-12-31" => -1,
            "1970-01-01" => 0,
            "1970-01-02" => 1,
            "1970-01-03" => 2,
            _ => return None,
        };
        (day, words.next()?, words.next())
    } else {
        let date = (words.next()?, words.next()?);
        let time = words.next()?;
        let day = match (date, words.next()?) {
            (("Dec", "30"), "1969") => -2,
            (("Dec", "31"), "1969") => -1,
            (("Jan", "1"), "1970") => 0,
            (("Jan", "2"), "1970") => 1,
            (("Jan", "3"), "1970") => 2,
            _ => return None,
        };
        (day, time, words.next())
    };
    let mut parts = time.split(':');
    let hour: i64 = parts.next()?.parse().ok()?;
    let minute: i64 = parts.next()?.parse().ok()?;
    let second: i64 = match parts.next() {
        Some(second) => second.split('.').next()?.parse().ok()?,
        None => 0,
    };
    let in_range =
        (0..24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second);
    let zone = zone.map_or(Some(0), offset)?;
    in_range.then_some(day * 86_400 + hour * 3600 + minute * 60 + second - zone)
}

/// The seconds of `+0130`.
fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let number: i64 = digits.parse().ok().filter(|it| (0..=2400).contains(it))?;
    Some(sign * (number / 100 * 3600 + number % 100 * 60))
}
