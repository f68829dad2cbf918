//! Where the files of a kernel's patches are.

use std::path::PathBuf;

use nix_eval::{Attrs, ErrorKind, Evaluator, Lazy, Result, Span, Value};

use crate::fields;
use crate::kernel::{Kernel, patch_name};
use crate::settings::Place;

/// The file of a patch.
#[derive(Clone, Debug)]
pub struct PatchFile {
    /// How messages name the patch.
    pub name: String,
    /// Where its entry says which file it is.
    pub said: Option<Place>,
    /// Where the file is.
    pub place: PatchPlace,
}

/// Where the file of a patch is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PatchPlace {
    /// A file.
    File(PathBuf),
    /// A file that is fetched or built.
    Fetched {
        /// From where.
        url: Option<String>,
        /// The name that it is kept under.
        file_name: String,
        /// Where in the store it is, once it was fetched.
        store_path: Option<PathBuf>,
    },
    /// Not known, and why.
    Unknown {
        /// What evaluation ended with.
        reason: String,
        /// Whether a real nixpkgs would know it.
        needs_nixpkgs: bool,
    },
}

impl<'h> Kernel<'h> {
    /// The files of the patches, in order; entries without one (`patch = null`) are left out.
    ///
    /// # Errors
    ///
    /// A limit of the evaluation is reached, or an entry is none.
    pub fn patch_files(&self, evaluator: &mut Evaluator<'h>) -> Result<Vec<PatchFile>> {
        let mut files = Vec::new();
        for entry in &self.patches {
            let Some(attr) = fields::get(evaluator, entry, "patch") else {
                continue;
            };
            let place = match place(evaluator, attr.value, Span::at(attr.pos)) {
                Ok(Some(place)) => place,
                Ok(None) => continue,
                Err(error) if error.kind == ErrorKind::Limit => return Err(error),
                // What the configuration is does not hang on it.
                Err(error) => PatchPlace::Unknown {
                    // What `nix/opaque.nix` says of a package.
                    needs_nixpkgs: error.message.contains("is not known without nixpkgs"),
                    reason: error.message.clone(),
                },
            };
            files.push(PatchFile {
                name: patch_name(evaluator, entry)?,
                said: Place::new(evaluator, attr.pos, "patch".len()),
                place,
            });
        }
        Ok(files)
    }
}

/// Where a patch's file is; nothing for `null`.
fn place<'h>(
    evaluator: &mut Evaluator<'h>,
    value: Lazy<'h>,
    span: Span,
) -> Result<Option<PatchPlace>> {
    let what = "while evaluating the file of a patch";
    let path = match evaluator.force(value, span)? {
        Value::Null => return Ok(None),
        Value::Attrs(attrs) => return fetched(evaluator, attrs).map(Some),
        Value::Path(path) => path.text,
        value => {
            evaluator
                .expect_string(Lazy::Ready(value), span, what)?
                .text
        }
    };
    Ok(Some(PatchPlace::File(evaluator.readable_path(path))))
}

/// A derivation: what fetches or builds the file.
fn fetched<'h>(evaluator: &mut Evaluator<'h>, attrs: &'h Attrs<'h>) -> Result<PatchPlace> {
    let text = |evaluator: &mut Evaluator<'h>, name| fields::text(evaluator, attrs, name);
    let url = match text(evaluator, "url") {
        Ok(Some(url)) => Some(url),
        _ => first_url(evaluator, attrs)?,
    };
    let store_path = match fields::get(evaluator, attrs, "fetchedPath") {
        Some(_) => text(evaluator, "fetchedPath")?,
        None => text(evaluator, "outPath")?,
    };
    let of_url = || Some(url.as_deref()?.rsplit('/').next()?.to_owned());
    let file_name = match text(evaluator, "name")? {
        Some(name) => name,
        None => of_url().unwrap_or_default(),
    };
    Ok(PatchPlace::Fetched {
        url,
        file_name,
        store_path: store_path.map(PathBuf::from),
    })
}

fn first_url<'h>(evaluator: &mut Evaluator<'h>, attrs: &'h Attrs<'h>) -> Result<Option<String>> {
    let what = "while evaluating where a patch is fetched from";
    let urls = fields::list(evaluator, attrs, "urls").unwrap_or_default();
    let Some(&first) = urls.first() else {
        return Ok(None);
    };
    let url = evaluator.expect_string(first, Span::NONE, what)?;
    Ok(Some(String::from_utf8_lossy(url.text).into_owned()))
}
