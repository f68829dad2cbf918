//! What an evaluation may fetch and know when the settings `restrict-eval` and
//! `pure-eval` confine it.

use crate::error::{ErrorKind, EvalError, Result};
use crate::evaluator::Evaluator;
use crate::options::Purity;
use crate::path::canonical;
use crate::source::Span;
use crate::store::{os_path, store_error};
use crate::url::Url;

/// Whether a prefix is a scheme with its colon: `github:`.
fn is_scheme(prefix: &str) -> bool {
    prefix.strip_suffix(':').is_some_and(|scheme| {
        let mut bytes = scheme.bytes();
        bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic())
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    })
}

/// Whether one of the prefixes is the URL, or a folder or scheme that it is in.
fn is_allowed(url: &str, prefixes: &[String]) -> bool {
    prefixes.iter().any(|prefix| {
        let Some(rest) = url.strip_prefix(prefix.as_str()) else {
            return false;
        };
        rest.is_empty()
            || !prefix.is_empty()
                && (prefix.ends_with('/') || rest.starts_with('/') || is_scheme(prefix))
    })
}

impl Evaluator<'_> {
    /// Whether evaluation is pure.
    pub(crate) fn is_pure(&self) -> bool {
        self.options.purity == Purity::Pure
    }

    /// Insists on it that a URL, or a path in place of one, may be fetched.
    pub(crate) fn check_url(&self, url: &str) -> Result<()> {
        if self.options.purity != Purity::Restricted || is_allowed(url, &self.options.allowed_uris)
        {
            return Ok(());
        }
        let file = match Url::parse(url) {
            _ if url.starts_with('/') => Some(url.to_owned()),
            Some(parsed) if parsed.scheme == "file" => Some(parsed.plain_path()),
            _ => None,
        };
        match file {
            Some(file) => {
                let file = os_path(&canonical(b"/", file.as_bytes()));
                match self.options.io.file_type(&file) {
                    Ok(_) => Ok(()),
                    Err(error) => Err(Self::io_error(&file, &error, Span::NONE)),
                }
            }
            None => Err(EvalError::new(
                ErrorKind::Restricted,
                Span::NONE,
                format!("access to URI '{url}' is forbidden in restricted mode"),
            )),
        }
    }

    /// Insists on it that something is fixed by a hash where evaluation is pure.
    pub(crate) fn check_fixed(&self, is_fixed: bool, who: &str) -> Result<()> {
        if is_fixed || !self.is_pure() {
            return Ok(());
        }
        Err(store_error(format!(
            "in pure evaluation mode, '{who}' requires a 'sha256' argument"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn prefixes_end_where_names_end() {
        let allowed = |url: &str, prefix: &str| is_allowed(url, &[prefix.to_owned()]);
        assert!(allowed("https://a.b/c", "https://a.b"));
        assert!(allowed("https://a.b/c", "https://a.b/"));
        assert!(allowed("https://a.b", "https://a.b"));
        assert!(allowed("github:a/b", "github:"));
        assert!(!allowed("https://a.bc", "https://a.b"));
        assert!(!allowed("https://a.b", ""));
    }
}
