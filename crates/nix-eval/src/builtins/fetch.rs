//! What Nix fetches, as far as it is on this machine already: in the store, under
//! the hash that the expression gives, or in a file that a URL names. Nothing is
//! downloaded; otherwise an error says which command would bring it.

use std::path::{Path, PathBuf};

use super::Builtin;
use super::flakes::reference_attrs;
use super::paths::expected_hash;
use crate::coerce::Coercion;
use crate::error::{ErrorKind, EvalError, Result};
use crate::evaluator::Evaluator;
use crate::features::ExperimentalFeature;
use crate::flake_ref::{self, RefAttrs, RefValue};
use crate::hash::{Hash, HashAlgorithm, HashFormat};
use crate::io::resolve_links;
use crate::path::canonical;
use crate::source::Span;
use crate::store::{os_path, store_error};
use crate::store_path::{Ingestion, check_name};
use crate::string::NixString;
use crate::url::Url;
use crate::value::{Lazy, Value};

pub(crate) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "fetchGit",
        arity: 1,
        code: fetch_git,
    },
    Builtin {
        name: "fetchMercurial",
        arity: 1,
        code: fetch_mercurial,
    },
    Builtin {
        name: "fetchTarball",
        arity: 1,
        code: fetch_tarball,
    },
    Builtin {
        name: "fetchTree",
        arity: 1,
        code: fetch_tree,
    },
    Builtin {
        name: "fetchurl",
        arity: 1,
        code: fetch_url,
    },
];

/// A file or archive to fetch, as `fetchurl` and `fetchTarball` name it.
struct Download {
    url: String,
    name: Vec<u8>,
    expected: Option<Hash>,
}

fn download_argument<'h>(
    evaluator: &mut Evaluator<'h>,
    arg: Lazy<'h>,
    who: &str,
    default_name: &str,
) -> Result<Download> {
    let mut url = None;
    let mut name: Option<&'h [u8]> = None;
    let mut expected = None;
    let is_set = if let Value::Attrs(attrs) = evaluator.force(arg, Span::NONE)? {
        for attr in attrs.iter() {
            let span = Span {
                start: attr.pos,
                end: attr.pos,
            };
            let text = |evaluator: &mut Evaluator<'h>, what: &str| {
                evaluator.expect_plain_string(attr.value, span, what)
            };
            match evaluator.symbol_text(attr.name) {
                b"url" => {
                    url = Some(text(evaluator, "while evaluating the url we should fetch")?);
                }
                b"sha256" => {
                    let hash = text(
                        evaluator,
                        "while evaluating the sha256 of the content we should fetch",
                    )?;
                    expected = Some(expected_hash(evaluator, hash, Some(HashAlgorithm::Sha256))?);
                }
                b"name" => {
                    name = Some(text(
                        evaluator,
                        "while evaluating the name of the content we should fetch",
                    )?);
                }
                other => {
                    return Err(store_error(format!(
                        "unsupported argument '{}' to '{who}'",
                        String::from_utf8_lossy(other)
                    )));
                }
            }
        }
        true
    } else {
        let what = "while evaluating the url we should fetch";
        url = Some(evaluator.expect_plain_string(arg, Span::NONE, what)?);
        false
    };
    let url = url.ok_or_else(|| store_error("'url' argument required"))?;
    let url = String::from_utf8_lossy(url).into_owned();
    evaluator.check_url(&url)?;
    let name_given = name.is_some();
    let name = match name.filter(|name| !name.is_empty()) {
        Some(name) => name.to_vec(),
        None if default_name.is_empty() => {
            let base = url.rsplit('/').find(|part| !part.is_empty());
            base.unwrap_or_default().as_bytes().to_vec()
        }
        None => default_name.as_bytes().to_vec(),
    };
    check_name(&name).map_err(|problem| {
        let advice = if name_given {
            format!(
                "Please change the value for the 'name' attribute passed to '{who}', so that \
                 it can create a valid store path."
            )
        } else if is_set {
            format!(
                "Please add a valid 'name' attribute to the argument for '{who}', so that it \
                 can create a valid store path."
            )
        } else {
            format!(
                "Please pass an attribute set with 'url' and 'name' attributes to '{who}',  so \
                 that it can create a valid store path."
            )
        };
        store_error(format!(
            "invalid store path name when fetching URL '{url}': {problem}. {advice}"
        ))
    })?;
    evaluator.check_fixed(expected.is_some(), who)?;
    Ok(Download {
        url,
        name,
        expected,
    })
}

/// The file that a `file:` URL names.
fn local_file(url: &str) -> Option<PathBuf> {
    let url = Url::parse(url).filter(|url| url.scheme == "file")?;
    Some(os_path(&canonical(b"/", url.plain_path().as_bytes())))
}

/// The store path of an expected hash, if there is one and it exists.
fn in_store<'h>(
    evaluator: &Evaluator<'h>,
    name: &[u8],
    ingestion: Ingestion,
    expected: Option<&Hash>,
) -> Result<Option<&'h NixString<'h>>> {
    let Some(hash) = expected else {
        return Ok(None);
    };
    let path = evaluator
        .store_dir()
        .fixed_output_path(name, ingestion, hash)?;
    match evaluator.options.io.file_type(Path::new(&path)) {
        Ok(Some(_)) => Ok(Some(evaluator.store_path_string(&path))),
        Ok(None) => Ok(None),
        Err(error) => Err(Evaluator::io_error(Path::new(&path), &error, Span::NONE)),
    }
}

/// The error of what is not on this machine.
fn not_here(url: &str, has_hash: bool, command: &str) -> Box<EvalError> {
    let missing = if has_hash {
        "the store has nothing with the hash given"
    } else {
        "no hash is given by which it could be found in the store"
    };
    let mut error = EvalError::new(
        ErrorKind::Io,
        Span::NONE,
        format!("cannot fetch '{url}': nothing is downloaded during evaluation, and {missing}"),
    );
    error.help = Some(if has_hash {
        format!("bring it into the store with '{command}'")
    } else {
        format!("bring it into the store with '{command}', and give the hash that this prints")
    });
    error
}

fn fetch_url<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let download = download_argument(evaluator, args[0], "fetchurl", "")?;
    let expected = download.expected.as_ref();
    if let Some(path) = in_store(evaluator, &download.name, Ingestion::Flat, expected)? {
        return Ok(Value::String(path));
    }
    let Some(file) = local_file(&download.url) else {
        let name = String::from_utf8_lossy(&download.name);
        let command = format!("nix-prefetch-url --name {name} {}", download.url);
        return Err(not_here(&download.url, expected.is_some(), &command));
    };
    let contents = evaluator.read_file(&file)?;
    let hash = Hash::of(HashAlgorithm::Sha256, &contents);
    if let Some(expected) = expected.filter(|expected| **expected != hash) {
        return Err(store_error(format!(
            "hash mismatch in file downloaded from '{}':\n  specified: sha256:{}\n  got:       \
             sha256:{}",
            download.url,
            expected.format(HashFormat::Nix32),
            hash.format(HashFormat::Nix32)
        )));
    }
    let path = evaluator
        .store_dir()
        .fixed_output_path(&download.name, Ingestion::Flat, &hash)?;
    Ok(Value::String(evaluator.added_copy(path, file)))
}

fn fetch_tarball<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let download = download_argument(evaluator, args[0], "fetchTarball", "source")?;
    let expected = download.expected.as_ref();
    if let Some(path) = in_store(evaluator, &download.name, Ingestion::Nar, expected)? {
        return Ok(Value::String(path));
    }
    let name = String::from_utf8_lossy(&download.name);
    let command = format!("nix-prefetch-url --unpack --name {name} {}", download.url);
    Err(not_here(&download.url, expected.is_some(), &command))
}

fn fetch_tree<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let is_set = matches!(evaluator.force(args[0], Span::NONE)?, Value::Attrs(_));
    let attrs = if is_set {
        let what = "while evaluating the argument passed to 'fetchTree'";
        let attrs = reference_attrs(evaluator, args[0], what)?;
        if !attrs.contains_key("type") {
            return Err(store_error(
                "argument 'type' is missing in call to 'fetchTree'",
            ));
        }
        attrs
    } else {
        let url = url_argument(evaluator, args[0], "fetchTree")?;
        if !evaluator.options.features.has(ExperimentalFeature::Flakes) {
            return Err(store_error(
                "passing a string argument to 'fetchTree' requires the 'flakes' experimental \
                 feature",
            ));
        }
        flake_ref::parse(&url)?
    };
    let tree = Tree {
        attrs,
        name: b"source".to_vec(),
        is_fetch_git: false,
    };
    tree.fetch(evaluator)
}

fn fetch_git<'h>(evaluator: &mut Evaluator<'h>, args: &[Lazy<'h>], _: Span) -> Result<Value<'h>> {
    let mut name = b"source".to_vec();
    let mut attrs = if let Value::Attrs(given) = evaluator.force(args[0], Span::NONE)? {
        // The repository may be given as a path.
        let url_name = evaluator.intern("url");
        let mut others = Vec::with_capacity(given.len());
        for attr in given.iter() {
            let mut attr = *attr;
            if attr.name == url_name {
                let url = url_argument(evaluator, attr.value, "fetchGit")?;
                attr.value = evaluator.string(url).into();
            }
            others.push(attr);
        }
        let given = Value::Attrs(evaluator.attrs(others));
        let what = "while evaluating the argument passed to 'fetchGit'";
        reference_attrs(evaluator, given.into(), what)?
    } else {
        let url = url_argument(evaluator, args[0], "fetchGit")?;
        RefAttrs::from([("url".to_owned(), RefValue::Text(url))])
    };
    if attrs.contains_key("type") {
        return Err(store_error("unexpected argument 'type'"));
    }
    if let Some(RefValue::Text(given)) = attrs.remove("name") {
        name = given.into_bytes();
    }
    attrs.insert("type".to_owned(), RefValue::Text("git".to_owned()));
    // What Git's attributes leave out is left out, unless there are submodules.
    if !attrs.contains_key("exportIgnore") && attrs.get("submodules") != Some(&RefValue::Flag(true))
    {
        attrs.insert("exportIgnore".to_owned(), RefValue::Flag(true));
    }
    let tree = Tree {
        attrs,
        name,
        is_fetch_git: true,
    };
    tree.fetch(evaluator)
}

fn url_argument<'h>(evaluator: &mut Evaluator<'h>, arg: Lazy<'h>, who: &str) -> Result<String> {
    let what = format!("while evaluating the first argument passed to '{who}'");
    let url = evaluator.coerce_to_string(arg, Span::NONE, &what, Coercion::PLAIN)?;
    Ok(String::from_utf8_lossy(url.text).into_owned())
}

fn fetch_mercurial<'h>(
    evaluator: &mut Evaluator<'h>,
    args: &[Lazy<'h>],
    _: Span,
) -> Result<Value<'h>> {
    let arg = match evaluator.force(args[0], Span::NONE)? {
        Value::Attrs(attrs) => {
            let url = evaluator.intern("url");
            let url = attrs.get(url);
            url.ok_or_else(|| store_error("'url' argument required"))?
                .value
        }
        other => other.into(),
    };
    let url = url_argument(evaluator, arg, "fetchMercurial")?;
    evaluator.check_url(&url)?;
    let command = format!("hg archive of {url}, followed by nix-store --add");
    Err(not_here(&url, false, &command))
}

/// A source tree to fetch, as `fetchTree` and `fetchGit` name it.
struct Tree {
    attrs: RefAttrs,
    name: Vec<u8>,
    is_fetch_git: bool,
}

impl Tree {
    fn text(&self, name: &str) -> Option<&str> {
        match self.attrs.get(name) {
            Some(RefValue::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn number(&self, name: &str) -> Option<u64> {
        match self.attrs.get(name) {
            Some(RefValue::Number(number)) => Some(*number),
            _ => None,
        }
    }

    fn fetch<'h>(&self, evaluator: &mut Evaluator<'h>) -> Result<Value<'h>> {
        let url = flake_ref::to_url(self.attrs.clone())?;
        let is_locked = ["narHash", "rev"]
            .iter()
            .any(|name| self.text(name).is_some());
        if evaluator.is_pure() && !is_locked {
            let who = if self.is_fetch_git {
                "fetchGit"
            } else {
                "fetchTree"
            };
            return Err(store_error(format!(
                "in pure evaluation mode, '{who}' doesn't fetch unlocked input '{url}'"
            )));
        }
        evaluator.check_url(&url)?;
        let expected = match self.text("narHash") {
            Some(text) => Some(Hash::parse(text.as_bytes(), None)?),
            None => None,
        };
        if let Some(path) = in_store(evaluator, &self.name, Ingestion::Nar, expected.as_ref())? {
            return Ok(self.result(evaluator, path, expected.as_ref()));
        }
        let (Some("path"), Some(path)) = (self.text("type"), self.text("path")) else {
            let command = format!("nix flake prefetch '{url}'");
            return Err(not_here(&url, expected.is_some(), &command));
        };
        if !path.starts_with('/') {
            return Err(store_error(format!(
                "cannot fetch input '{url}' because it uses a relative path"
            )));
        }
        let path = os_path(&canonical(b"/", path.as_bytes()));
        let files = resolve_links(&*evaluator.options.io, &path)
            .map_err(|error| Evaluator::io_error(&path, &error, Span::NONE))?;
        let hash = evaluator.hash_files(&files, Ingestion::Nar, HashAlgorithm::Sha256, None)?;
        if let Some(expected) = expected.filter(|expected| *expected != hash) {
            return Err(store_error(format!(
                "NAR hash mismatch in input '{url}', expected '{}' but got '{}'",
                expected.format(HashFormat::Sri),
                hash.format(HashFormat::Sri)
            )));
        }
        let store_path =
            evaluator
                .store_dir()
                .fixed_output_path(&self.name, Ingestion::Nar, &hash)?;
        let path = evaluator.added_copy(store_path, files);
        Ok(self.result(evaluator, path, Some(&hash)))
    }

    /// What is known of the tree.
    fn result<'h>(
        &self,
        evaluator: &mut Evaluator<'h>,
        path: &'h NixString<'h>,
        hash: Option<&Hash>,
    ) -> Value<'h> {
        let mut entries = vec![evaluator.attr("outPath", Value::String(path))];
        let mut add = |evaluator: &mut Evaluator<'h>, name: &str, value: Value<'h>| {
            entries.push(evaluator.attr(name, value));
        };
        if let Some(hash) = hash {
            let hash = evaluator.string(hash.format(HashFormat::Sri));
            add(evaluator, "narHash", hash);
        }
        if self.is_fetch_git || self.text("type") == Some("git") {
            let submodules = self.attrs.get("submodules") == Some(&RefValue::Flag(true));
            add(evaluator, "submodules", Value::Bool(submodules));
        }
        if let Some(rev) = self.text("rev") {
            let short = evaluator.string(rev.get(..7).unwrap_or(rev));
            let rev = evaluator.string(rev);
            add(evaluator, "rev", rev);
            add(evaluator, "shortRev", short);
        }
        if let Some(count) = self.number("revCount") {
            add(evaluator, "revCount", Value::Int(count as i64));
        }
        if let Some(time) = self.number("lastModified") {
            let date = evaluator.string(compact_date(time));
            add(evaluator, "lastModified", Value::Int(time as i64));
            add(evaluator, "lastModifiedDate", date);
        }
        Value::Attrs(evaluator.attrs(entries))
    }
}

/// A time in seconds since 1970 as `YYYYMMDDhhmmss` in UTC.
fn compact_date(time: u64) -> String {
    const SECONDS_PER_DAY: u64 = 86_400;
    /// Days from 0000-03-01 to 1970-01-01.
    const DAYS_BEFORE: u64 = 719_468;
    const DAYS_PER_ERA: u64 = 146_097;
    let (days, second) = (time / SECONDS_PER_DAY + DAYS_BEFORE, time % SECONDS_PER_DAY);
    // Years that begin in March have their leap day at the end; they repeat every
    // 400 years.
    let (era, day_of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    let second = second % 60;
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

#[cfg(test)]
mod tests {
    use super::compact_date;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(compact_date(0), "19700101000000");
        assert_eq!(compact_date(951_782_400), "20000229000000");
        assert_eq!(compact_date(1_700_000_000), "20231114221320");
        assert_eq!(compact_date(4_107_542_399), "21000228235959");
    }
}
