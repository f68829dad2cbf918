//! The files of a kernel's patches: read, and applied in memory to the tree that they are for.

use std::io::{self, Read};

use findings::{Finding, Severity};
use kernel_config::PatchFile;
use kernel_resolve::{Source, patch};

use crate::evaluation::EvaluationArgs;
use crate::report;

/// A patch, read.
pub(crate) struct PatchText {
    name: String,
    /// Where it is, for messages; none where it would have to be fetched or built.
    path: Option<String>,
    /// What it says, or why that is not known.
    text: Result<Vec<u8>, String>,
}

/// How much a patch may be, once it is no longer compressed.
const SIZE_LIMIT: u64 = 64 << 20;

/// Reads the files of patches, within what may be read.
pub(crate) fn read(files: Vec<PatchFile>, evaluation: &EvaluationArgs) -> Vec<PatchText> {
    files
        .into_iter()
        .map(|PatchFile { name, path }| {
            let text = match &path {
                None => Err("it is fetched or built, and not at hand".to_owned()),
                Some(path) => evaluation
                    .read_file(path)
                    .and_then(|content| plain(&path.to_string_lossy(), content))
                    .map_err(|error| error.to_string()),
            };
            PatchText {
                name,
                path: path.map(|path| path.display().to_string()),
                text,
            }
        })
        .collect()
}

/// A patch without its compression.
fn plain(path: &str, content: Vec<u8>) -> io::Result<Vec<u8>> {
    let unpacked = |reader: &mut dyn Read| {
        let mut plain = Vec::new();
        reader.take(SIZE_LIMIT).read_to_end(&mut plain)?;
        Ok(plain)
    };
    match path.rsplit('.').next() {
        Some("gz") => unpacked(&mut flate2::read::MultiGzDecoder::new(content.as_slice())),
        Some("zst") => unpacked(&mut zstd::stream::read::Decoder::new(content.as_slice())?),
        Some(kind @ ("xz" | "bz2" | "lzma")) => Err(io::Error::other(format!(
            "what is compressed with {kind} is not read"
        ))),
        _ => Ok(content),
    }
}

/// The tree with the patches applied, and what of them could not be.
///
/// # Errors
///
/// The tree cannot be read.
pub(crate) fn apply(
    source: &Source,
    patches: &[PatchText],
) -> Result<(Source, Vec<Finding>), Box<Finding>> {
    let mut source = source.clone();
    let mut findings = Vec::new();
    for PatchText { name, path, text } in patches {
        let shown = match path {
            Some(path) => format!("{name} ({path})"),
            None => name.clone(),
        };
        match text {
            Ok(text) => {
                let (patched, rejected) =
                    patch::apply(&source, text).map_err(report::of_resolution)?;
                source = patched;
                findings.extend(rejected.iter().map(|part| {
                    Finding::error(
                        "patch-does-not-apply",
                        format!("{shown} does not apply: {}", part.text()),
                    )
                }));
            }
            Err(reason) => {
                let severity = if path.is_some() {
                    Severity::Error
                } else {
                    Severity::Note
                };
                findings.push(Finding::new(
                    "patch-not-read",
                    severity,
                    format!("{shown} is not read: {reason}"),
                ));
            }
        }
    }
    Ok((source, findings))
}
