//! URLs as flake references use them: RFC 3986, with spaces and quotes allowed in
//! the query.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A URL in its parts, all percent-decoded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Url {
    pub(crate) scheme: String,
    /// User, host and port as written.
    pub(crate) authority: Option<String>,
    /// What stands between slashes; an absolute path begins with an empty one.
    pub(crate) path: Vec<String>,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) fragment: String,
}

impl Url {
    /// Reads a URL. `None` if it is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        let mut letters = scheme.chars();
        if !letters.next()?.is_ascii_alphabetic()
            || !letters.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        {
            return None;
        }
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = match rest.strip_prefix("//") {
            None => (None, rest),
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                (Some(rest[..end].to_owned()), &rest[end..])
            }
        };
        let allowed = |text: &str, extra: &str| {
            text.chars().all(|c| {
                c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@%".contains(c) || extra.contains(c)
            })
        };
        if !authority.as_deref().is_none_or(|text| allowed(text, "[]"))
            || !allowed(path, "/")
            || !allowed(query, "/? \"[]^`{|}")
            || !allowed(fragment, "/? \"^")
        {
            return None;
        }
        let path = if path.is_empty() && transport(scheme) == "file" {
            "/"
        } else {
            path
        };
        Some(Self {
            scheme: scheme.to_owned(),
            authority,
            path: path.split('/').map(percent_decode).collect::<Option<_>>()?,
            query: parse_query(query)?,
            fragment: percent_decode(fragment)?,
        })
    }

    /// The path's parts that are not empty.
    pub(crate) fn segments(&self) -> Vec<&str> {
        let parts = self.path.iter().map(String::as_str);
        parts.filter(|part| !part.is_empty()).collect()
    }

    /// The path as one text, not encoded.
    pub(crate) fn plain_path(&self) -> String {
        self.path.join("/")
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:", self.scheme)?;
        if let Some(authority) = &self.authority {
            write!(formatter, "//{authority}")?;
        }
        let path: Vec<String> = self
            .path
            .iter()
            .map(|part| percent_encode(part, ":@"))
            .collect();
        formatter.write_str(&path.join("/"))?;
        for (index, (name, value)) in self.query.iter().enumerate() {
            let separator = if index == 0 { '?' } else { '&' };
            let name = percent_encode(name, ":@/?");
            let value = percent_encode(value, ":@/?");
            write!(formatter, "{separator}{name}={value}")?;
        }
        if !self.fragment.is_empty() {
            write!(formatter, "#{}", percent_encode(&self.fragment, ""))?;
        }
        Ok(())
    }
}

/// What a scheme like `git+https` says about how to get there.
pub(crate) fn transport(scheme: &str) -> &str {
    scheme
        .split_once('+')
        .map_or(scheme, |(_, transport)| transport)
}

/// What a scheme like `git+https` says about what is there.
pub(crate) fn application(scheme: &str) -> Option<&str> {
    scheme.split_once('+').map(|(application, _)| application)
}

/// The parameters of a query. Those without a value are dropped.
pub(crate) fn parse_query(query: &str) -> Option<BTreeMap<String, String>> {
    let mut parameters = BTreeMap::new();
    for parameter in query.split('&') {
        if let Some((name, value)) = parameter.split_once('=') {
            let value = percent_decode(value)?;
            parameters.entry(percent_decode(name)?).or_insert(value);
        }
    }
    Some(parameters)
}

/// A text without its `%xx`. `None` if one is malformed, or not UTF-8.
pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
        bytes.push((digit(0)? << 4 | digit(1)?) as u8);
        rest = &after[2..];
    }
    String::from_utf8(bytes).ok()
}

fn percent_encode(text: &str, keep: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let character = char::from(byte);
        if byte.is_ascii_alphanumeric() || "-._~".contains(character) || keep.contains(character) {
            encoded.push(character);
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
