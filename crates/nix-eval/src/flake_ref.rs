//! Flake references: as URLs and as attributes. Nix manual, `nix flake`, "Flake
//! references".

use std::collections::BTreeMap;

use crate::hash::{Hash, HashAlgorithm, HashFormat};
use crate::json;
use crate::url::{Url, application, parse_query, percent_decode, transport};

/// An attribute of a flake reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum RefValue {
    /// A string.
    Text(String),
    /// A number.
    Number(u64),
    /// `true` or `false`
    Flag(bool),
}

/// A flake reference, taken apart.
pub(crate) type RefAttrs = BTreeMap<String, RefValue>;

/// Why a text is not a flake reference.
enum Problem {
    /// It is not a URL after all; it may be a path.
    NotUrl(String),
    /// It is a URL, but a wrong one.
    Wrong(String),
}

impl Problem {
    fn message(self) -> String {
        match self {
            Problem::NotUrl(message) | Problem::Wrong(message) => message,
        }
    }
}

/// The hosts of repositories that have schemes of their own.
const FORGES: [&str; 3] = ["github", "gitlab", "sourcehut"];

/// The schemes behind which files can be downloaded.
const DOWNLOADS: [&str; 3] = ["file", "http", "https"];

fn text(value: impl Into<String>) -> RefValue {
    RefValue::Text(value.into())
}

/// Takes a flake reference apart.
pub(crate) fn parse(reference: &str) -> Result<RefAttrs, String> {
    let (attrs, fragment) = match parse_id(reference) {
        Some(url) => from_url(url).map_err(Problem::message)?,
        None => match Url::parse(reference).map(from_url) {
            Some(Ok(parsed)) => parsed,
            Some(Err(Problem::Wrong(message))) => return Err(message),
            Some(Err(Problem::NotUrl(_))) | None => parse_path(reference)?,
        },
    };
    if !fragment.is_empty() {
        return Err(format!(
            "unexpected fragment '{fragment}' in flake reference '{reference}'"
        ));
    }
    Ok(attrs)
}

fn is_flake_id(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_alphabetic())
        && id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
}

fn is_rev(rev: &str) -> bool {
    rev.len() == 40 && rev.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The abbreviated form `id`, `id/ref`, `id/rev`, `id/ref/rev`.
fn parse_id(reference: &str) -> Option<Url> {
    let (path, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let (id, rest) = match path.split_once('/') {
        Some((id, rest)) => (id, Some(rest)),
        None => (path, None),
    };
    let in_ref = |c: char| c.is_ascii_alphanumeric() || "_./@+-".contains(c);
    let is_ref = |rest: &str| {
        rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@')
            && rest.chars().all(in_ref)
    };
    if !is_flake_id(id) || !rest.is_none_or(is_ref) {
        return None;
    }
    Some(Url {
        scheme: "flake".to_owned(),
        path: path.split('/').map(str::to_owned).collect(),
        fragment: percent_decode(fragment)?,
        ..Url::default()
    })
}

/// A path without a scheme.
fn parse_path(reference: &str) -> Result<(RefAttrs, String), String> {
    let (rest, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    if !path.starts_with('/') {
        return Err(format!(
            "flake reference '{reference}' is not an absolute path"
        ));
    }
    let invalid = || format!("invalid flakeref '{reference}'");
    let url = Url {
        scheme: "path".to_owned(),
        authority: Some(String::new()),
        path: path.split('/').map(str::to_owned).collect(),
        query: parse_query(query).ok_or_else(invalid)?,
        fragment: percent_decode(fragment).ok_or_else(invalid)?,
    };
    from_url(url).map_err(Problem::message)
}

fn from_url(mut url: Url) -> Result<(RefAttrs, String), Problem> {
    let fragment = std::mem::take(&mut url.fragment);
    let directory = url.query.remove("dir");
    let mut attrs = attrs_of_url(&url)?;
    if let Some(directory) = directory.filter(|directory| !directory.is_empty()) {
        attrs.insert("dir".to_owned(), text(directory));
    }
    Ok((attrs, fragment))
}

fn attrs_of_url(url: &Url) -> Result<RefAttrs, Problem> {
    let scheme = url.scheme.as_str();
    if scheme == "flake" {
        return indirect(url);
    }
    if scheme == "path" {
        return path(url);
    }
    if FORGES.contains(&scheme) {
        return forge(url);
    }
    if scheme == "git" || application(scheme) == Some("git") {
        return git(url);
    }
    if application(scheme) == Some("hg") {
        return Ok(mercurial(url));
    }
    if DOWNLOADS.contains(&transport(scheme)) {
        match application(scheme) {
            Some("file") => return Ok(download(url, "file")),
            Some("tarball") | None => return Ok(download(url, "tarball")),
            Some(_) => {}
        }
    }
    let hint = if scheme == "file+git" {
        "; did you mean 'git+file' instead of 'file+git'?"
    } else {
        ""
    };
    Err(Problem::Wrong(format!(
        "input '{url}' is unsupported{hint}"
    )))
}

fn indirect(url: &Url) -> Result<RefAttrs, Problem> {
    let segments = url.segments();
    let mut attrs = RefAttrs::from([("type".to_owned(), text("indirect"))]);
    let wrong = |message: String| Err(Problem::NotUrl(message));
    let Some(&id) = segments.first() else {
        return wrong(format!("GitHub URL '{url}' is invalid"));
    };
    match segments[1..] {
        [] => {}
        [rev] if is_rev(rev) => {
            attrs.insert("rev".to_owned(), text(rev));
        }
        [name] if is_legal_ref(name) => {
            attrs.insert("ref".to_owned(), text(name));
        }
        [other] => {
            return wrong(format!(
                "in flake URL '{url}', '{other}' is not a commit hash or branch/tag name"
            ));
        }
        [name, _] if !is_legal_ref(name) => {
            return wrong(format!(
                "in flake URL '{url}', '{name}' is not a branch/tag name"
            ));
        }
        [name, rev] if is_rev(rev) => {
            attrs.insert("ref".to_owned(), text(name));
            attrs.insert("rev".to_owned(), text(rev));
        }
        [_, rev] => {
            return wrong(format!(
                "in flake URL '{url}', '{rev}' is not a commit hash"
            ));
        }
        _ => return wrong(format!("GitHub URL '{url}' is invalid")),
    }
    if !is_flake_id(id) {
        return wrong(format!("'{id}' is not a valid flake ID"));
    }
    attrs.insert("id".to_owned(), text(id));
    Ok(attrs)
}

fn path(url: &Url) -> Result<RefAttrs, Problem> {
    if let Some(authority) = url.authority.as_deref().filter(|host| !host.is_empty()) {
        return Err(Problem::Wrong(format!(
            "path URL '{url}' should not have an authority ('{authority}')"
        )));
    }
    let mut attrs = RefAttrs::from([
        ("type".to_owned(), text("path")),
        ("path".to_owned(), text(url.plain_path())),
    ]);
    for (name, value) in &url.query {
        let value = match name.as_str() {
            "rev" | "narHash" => text(value),
            "revCount" | "lastModified" => match value.parse() {
                Ok(number) => RefValue::Number(number),
                Err(_) => {
                    return Err(Problem::Wrong(format!(
                        "path URL '{url}' has invalid parameter '{name}'"
                    )));
                }
            },
            _ => {
                return Err(Problem::Wrong(format!(
                    "path URL '{url}' has unsupported parameter '{name}'"
                )));
            }
        };
        attrs.insert(name.clone(), value);
    }
    Ok(attrs)
}

fn forge(url: &Url) -> Result<RefAttrs, Problem> {
    let segments = url.segments();
    let [owner, repo, rest @ ..] = segments.as_slice() else {
        return Err(Problem::NotUrl(format!("URL '{url}' is invalid")));
    };
    let mut attrs = RefAttrs::from([
        ("type".to_owned(), text(&url.scheme)),
        ("owner".to_owned(), text(*owner)),
        ("repo".to_owned(), text(*repo)),
    ]);
    match rest {
        [] => {}
        [rev] if is_rev(rev) => {
            attrs.insert("rev".to_owned(), text(*rev));
        }
        parts => {
            attrs.insert("ref".to_owned(), text(parts.join("/")));
        }
    }
    for (name, value) in &url.query {
        match name.as_str() {
            "rev" | "ref" if attrs.contains_key(name) => {
                return Err(Problem::NotUrl(format!(
                    "URL '{url}' names more than one commit or branch"
                )));
            }
            "rev" | "ref" | "host" | "narHash" => {
                attrs.insert(name.clone(), text(value));
            }
            _ => {}
        }
    }
    check_forge(&attrs).map_err(Problem::NotUrl)?;
    Ok(attrs)
}

fn git(url: &Url) -> Result<RefAttrs, Problem> {
    let mut attrs = RefAttrs::from([("type".to_owned(), text("git"))]);
    let mut inner = Url {
        query: BTreeMap::new(),
        ..url.clone()
    };
    for (name, value) in &url.query {
        match name.as_str() {
            "rev" | "ref" | "narHash" | "keytype" | "publicKey" | "publicKeys" => {
                attrs.insert(name.clone(), text(value));
            }
            "shallow" | "submodules" | "lfs" | "exportIgnore" | "allRefs" | "verifyCommit" => {
                attrs.insert(name.clone(), RefValue::Flag(value == "1"));
            }
            _ => {
                inner.query.insert(name.clone(), value.clone());
            }
        }
    }
    transport(&url.scheme).clone_into(&mut inner.scheme);
    check_git(&attrs).map_err(Problem::NotUrl)?;
    attrs.insert("url".to_owned(), text(inner.to_string()));
    Ok(attrs)
}

fn mercurial(url: &Url) -> RefAttrs {
    let mut attrs = RefAttrs::from([("type".to_owned(), text("hg"))]);
    let mut inner = Url {
        scheme: transport(&url.scheme).to_owned(),
        query: BTreeMap::new(),
        ..url.clone()
    };
    for (name, value) in &url.query {
        if name == "rev" || name == "ref" {
            attrs.insert(name.clone(), text(value));
        } else {
            inner.query.insert(name.clone(), value.clone());
        }
    }
    attrs.insert("url".to_owned(), text(inner.to_string()));
    attrs
}

fn download(url: &Url, kind: &str) -> RefAttrs {
    let mut attrs = RefAttrs::from([("type".to_owned(), text(kind))]);
    let mut inner = url.clone();
    transport(&url.scheme).clone_into(&mut inner.scheme);
    for name in ["narHash", "rev"] {
        if let Some(value) = url.query.get(name) {
            attrs.insert(name.to_owned(), text(value));
        }
    }
    for name in ["revCount", "lastModified"] {
        if let Some(number) = url.query.get(name).and_then(|value| value.parse().ok()) {
            attrs.insert(name.to_owned(), RefValue::Number(number));
        }
    }
    for name in allowed_attributes(kind).unwrap_or_default() {
        inner.query.remove(*name);
    }
    attrs.insert("url".to_owned(), text(inner.to_string()));
    attrs
}

/// Whether Git would take a name for a branch or tag.
fn is_legal_ref(name: &str) -> bool {
    let forbidden = |c: char| c.is_ascii_control() || " ~^:?*[\\".contains(c);
    !name.is_empty()
        && name != "@"
        && !name.contains("..")
        && !name.contains("//")
        && !name.contains("@{")
        && !name.contains(forbidden)
        && !name.starts_with(['/', '-'])
        && !name.ends_with(['/', '.'])
        && name
            .split('/')
            .all(|part| !part.starts_with('.') && part.strip_suffix(".lock").is_none())
}

/// The attributes that a type of flake reference can have, beside `type`.
fn allowed_attributes(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "indirect" => &["id", "ref", "rev", "narHash"],
        "path" => &["path", "rev", "revCount", "lastModified", "narHash"],
        "github" | "gitlab" | "sourcehut" => &[
            "owner",
            "repo",
            "ref",
            "rev",
            "narHash",
            "lastModified",
            "host",
            "treeHash",
        ],
        "git" => &[
            "url",
            "ref",
            "rev",
            "shallow",
            "submodules",
            "lfs",
            "exportIgnore",
            "lastModified",
            "revCount",
            "narHash",
            "allRefs",
            "name",
            "dirtyRev",
            "dirtyShortRev",
            "verifyCommit",
            "keytype",
            "publicKey",
            "publicKeys",
        ],
        "hg" => &["url", "ref", "rev", "revCount", "narHash", "name"],
        "tarball" | "file" => &[
            "url",
            "narHash",
            "name",
            "unpack",
            "rev",
            "revCount",
            "lastModified",
        ],
        _ => return None,
    })
}

/// The attributes as JSON, as messages show them.
fn shown(attrs: &RefAttrs) -> String {
    let mut out = b"{".to_vec();
    for (index, (name, value)) in attrs.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        // Both are UTF-8, so that this cannot fail.
        let _ = json::write_string(&mut out, name.as_bytes());
        out.push(b':');
        match value {
            RefValue::Text(text) => {
                let _ = json::write_string(&mut out, text.as_bytes());
            }
            RefValue::Number(number) => out.extend_from_slice(number.to_string().as_bytes()),
            RefValue::Flag(flag) => out.extend_from_slice(flag.to_string().as_bytes()),
        }
    }
    out.push(b'}');
    String::from_utf8_lossy(&out).into_owned()
}

fn optional<'a>(attrs: &'a RefAttrs, name: &str) -> Result<Option<&'a str>, String> {
    match attrs.get(name) {
        None => Ok(None),
        Some(RefValue::Text(text)) => Ok(Some(text)),
        Some(_) => Err(format!(
            "input attribute '{name}' is not a string {}",
            shown(attrs)
        )),
    }
}

fn required<'a>(attrs: &'a RefAttrs, name: &str) -> Result<&'a str, String> {
    optional(attrs, name)?.ok_or_else(|| format!("input attribute '{name}' is missing"))
}

fn flag(attrs: &RefAttrs, name: &str) -> Result<bool, String> {
    match attrs.get(name) {
        None => Ok(false),
        Some(RefValue::Flag(flag)) => Ok(*flag),
        Some(_) => Err(format!("input attribute '{name}' is not a Boolean")),
    }
}

fn check_forge(attrs: &RefAttrs) -> Result<(), String> {
    required(attrs, "owner")?;
    required(attrs, "repo")?;
    let (name, rev) = (optional(attrs, "ref")?, optional(attrs, "rev")?);
    if let (Some(name), Some(rev)) = (name, rev) {
        return Err(format!(
            "input {} contains both a commit hash ('{rev}') and a branch/tag name ('{name}')",
            shown(attrs)
        ));
    }
    if let Some(rev) = rev {
        Hash::parse(rev.as_bytes(), Some(HashAlgorithm::Sha1))?;
    }
    if name.is_some_and(|name| !is_legal_ref(name)) {
        return Err(format!(
            "input {} contains an invalid branch/tag name",
            shown(attrs)
        ));
    }
    let in_host = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
    if optional(attrs, "host")?.is_some_and(|host| host.is_empty() || !host.chars().all(in_host)) {
        return Err(format!(
            "input {} contains an invalid instance host",
            shown(attrs)
        ));
    }
    Ok(())
}

fn check_git(attrs: &RefAttrs) -> Result<(), String> {
    match optional(attrs, "ref")? {
        Some(name) if !is_legal_ref(name) => Err(format!("invalid Git branch/tag name '{name}'")),
        _ => Ok(()),
    }
}

/// A flake reference as a URL.
pub(crate) fn to_url(mut attrs: RefAttrs) -> Result<String, String> {
    let directory = optional(&attrs, "dir")?.map(str::to_owned);
    attrs.remove("dir");
    if !attrs.contains_key("type") {
        return Err(
            "'type' attribute to specify input scheme is required but not provided".to_owned(),
        );
    }
    let kind = required(&attrs, "type")?.to_owned();
    let Some(allowed) = allowed_attributes(&kind) else {
        return Err(format!("cannot show unsupported input '{}'", shown(&attrs)));
    };
    let unknown = attrs
        .keys()
        .find(|name| *name != "type" && !allowed.contains(&name.as_str()));
    if let Some(name) = unknown {
        return Err(format!(
            "input attribute '{name}' not supported by scheme '{kind}'"
        ));
    }
    let mut url = match kind.as_str() {
        "indirect" => indirect_url(&attrs)?,
        "path" => path_url(&attrs)?,
        "git" => git_url(&attrs)?,
        "hg" => mercurial_url(&attrs)?,
        "tarball" | "file" => download_url(&attrs)?,
        _ => forge_url(&kind, &attrs)?,
    };
    if let Some(directory) = directory.filter(|directory| !directory.is_empty()) {
        url.query.insert("dir".to_owned(), directory);
    }
    Ok(url.to_string())
}

/// A commit hash, checked.
fn rev(attrs: &RefAttrs) -> Result<Option<String>, String> {
    let Some(rev) = optional(attrs, "rev")? else {
        return Ok(None);
    };
    let algorithm = if rev.len() == 64 {
        HashAlgorithm::Sha256
    } else {
        HashAlgorithm::Sha1
    };
    let hash = Hash::parse(rev.as_bytes(), Some(algorithm))?;
    Ok(Some(hash.format(HashFormat::Base16)))
}

/// The hash of the contents, checked.
fn nar_hash(attrs: &RefAttrs) -> Result<Option<String>, String> {
    let Some(text) = optional(attrs, "narHash")? else {
        return Ok(None);
    };
    if !text.contains('-') {
        return Err(format!("hash '{text}' is not SRI"));
    }
    let hash = Hash::parse(text.as_bytes(), None)?;
    Ok(Some(hash.format(HashFormat::Sri)))
}

fn indirect_url(attrs: &RefAttrs) -> Result<Url, String> {
    let id = required(attrs, "id")?;
    if !is_flake_id(id) {
        return Err(format!("'{id}' is not a valid flake ID"));
    }
    let mut path = vec![id.to_owned()];
    path.extend(optional(attrs, "ref")?.map(str::to_owned));
    path.extend(rev(attrs)?);
    Ok(Url {
        scheme: "flake".to_owned(),
        path,
        ..Url::default()
    })
}

fn path_url(attrs: &RefAttrs) -> Result<Url, String> {
    let path = required(attrs, "path")?;
    let mut query = BTreeMap::new();
    for (name, value) in attrs {
        if name != "path" && name != "type" {
            let value = match value {
                RefValue::Text(text) => text.clone(),
                RefValue::Number(number) => number.to_string(),
                RefValue::Flag(flag) => if *flag { "1" } else { "0" }.to_owned(),
            };
            query.insert(name.clone(), value);
        }
    }
    Ok(Url {
        scheme: "path".to_owned(),
        path: path.split('/').map(str::to_owned).collect(),
        query,
        ..Url::default()
    })
}

fn forge_url(kind: &str, attrs: &RefAttrs) -> Result<Url, String> {
    check_forge(attrs)?;
    let mut path = vec![
        required(attrs, "owner")?.to_owned(),
        required(attrs, "repo")?.to_owned(),
    ];
    path.extend(optional(attrs, "ref")?.map(str::to_owned));
    path.extend(rev(attrs)?);
    let mut query = BTreeMap::new();
    if let Some(hash) = nar_hash(attrs)? {
        query.insert("narHash".to_owned(), hash);
    }
    if let Some(host) = optional(attrs, "host")? {
        query.insert("host".to_owned(), host.to_owned());
    }
    Ok(Url {
        scheme: kind.to_owned(),
        path,
        query,
        ..Url::default()
    })
}

/// What Git takes for a URL: also a path, and `user@host:path`.
fn git_location(location: &str) -> Result<Url, String> {
    let invalid = || format!("'{location}' is not a valid URL");
    if location.starts_with('/') {
        return Ok(Url {
            scheme: "file".to_owned(),
            authority: Some(String::new()),
            path: location.split('/').map(str::to_owned).collect(),
            ..Url::default()
        });
    }
    if !location.contains("://")
        && let Some((host, path)) = location.split_once(':')
        && !host.contains('/')
        && !host.starts_with("file")
    {
        return Url::parse(&format!("ssh://{host}/{}", path.trim_start_matches('/')))
            .ok_or_else(invalid);
    }
    Url::parse(location).ok_or_else(invalid)
}

fn git_url(attrs: &RefAttrs) -> Result<Url, String> {
    check_git(attrs)?;
    let mut url = git_location(required(attrs, "url")?)?;
    if url.scheme != "git" {
        url.scheme = format!("git+{}", url.scheme);
    }
    if let Some(rev) = rev(attrs)? {
        url.query.insert("rev".to_owned(), rev);
    }
    for name in ["ref", "keytype", "publicKey", "publicKeys"] {
        if let Some(value) = optional(attrs, name)? {
            url.query.insert(name.to_owned(), value.to_owned());
        }
    }
    for name in [
        "shallow",
        "lfs",
        "submodules",
        "exportIgnore",
        "verifyCommit",
    ] {
        if flag(attrs, name)? {
            url.query.insert(name.to_owned(), "1".to_owned());
        }
    }
    Ok(url)
}

fn mercurial_url(attrs: &RefAttrs) -> Result<Url, String> {
    let location = required(attrs, "url")?;
    let mut url = Url::parse(location).ok_or_else(|| format!("'{location}' is not a valid URL"))?;
    url.scheme = format!("hg+{}", url.scheme);
    if let Some(rev) = rev(attrs)? {
        url.query.insert("rev".to_owned(), rev);
    }
    if let Some(name) = optional(attrs, "ref")? {
        url.query.insert("ref".to_owned(), name.to_owned());
    }
    Ok(url)
}

fn download_url(attrs: &RefAttrs) -> Result<Url, String> {
    let location = required(attrs, "url")?;
    let mut url = Url::parse(location).ok_or_else(|| format!("'{location}' is not a valid URL"))?;
    if let Some(hash) = nar_hash(attrs)? {
        url.query.insert("narHash".to_owned(), hash);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Nix 2.34 makes of each, taken apart and put together again.
    #[test]
    fn references_survive_being_taken_apart() {
        for (reference, again) in [
            ("nixpkgs", "flake:nixpkgs"),
            ("nixpkgs/nixos-23.05", "flake:nixpkgs/nixos-23.05"),
            ("flake:nixpkgs/23.05?dir=x", "flake:nixpkgs/23.05?dir=x"),
            (
                "github:NixOS/nixpkgs/foo/bar",
                "github:NixOS/nixpkgs/foo%2Fbar",
            ),
            ("github:a/b?ref=x&host=h.x", "github:a/b/x?host=h.x"),
            ("gitlab:a%2Fb/c", "gitlab:a%2Fb/c"),
            ("sourcehut:~a/b", "sourcehut:~a/b"),
            ("path:./a", "path:./a"),
            ("/a b?dir=x", "path:/a%20b?dir=x"),
            (
                "git+https://x.org/y?submodules=1&shallow=0&foo=bar&ref=z",
                "git+https://x.org/y?foo=bar&ref=z&submodules=1",
            ),
            ("git+ssh://git@x.org/a", "git+ssh://git@x.org/a"),
            ("tarball+https://x.org/y", "https://x.org/y"),
            (
                "https://x.org/y.tar.gz?b=2&a=1",
                "https://x.org/y.tar.gz?a=1&b=2",
            ),
        ] {
            assert_eq!(to_url(parse(reference).unwrap()).as_deref(), Ok(again));
        }
    }

    #[test]
    fn what_is_not_a_reference_says_why() {
        for (reference, message) in [
            ("./a", "flake reference './a' is not an absolute path"),
            (
                "github:a",
                "flake reference 'github:a' is not an absolute path",
            ),
            ("foo:bar", "input 'foo:bar' is unsupported"),
            (
                "nixpkgs#foo",
                "unexpected fragment 'foo' in flake reference 'nixpkgs#foo'",
            ),
            (
                "path:/a?revCount=x",
                "path URL 'path:/a?revCount=x' has invalid parameter 'revCount'",
            ),
        ] {
            assert_eq!(parse(reference), Err(message.to_owned()));
        }
    }
}
