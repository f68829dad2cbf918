//! The texts of a kept tree's files, which are read when somebody wants to see one.

use crate::keep::Parts;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// The texts, one behind the other, in a part of the file that the tree comes from.
#[derive(Debug)]
pub(crate) struct KeptTexts {
    parts: Arc<Parts>,
    part: usize,
    bytes: OnceLock<Option<Vec<u8>>>,
}

/// Stands in place of a text that is lost.
const LOST: &[u8] =
    b"(the cache that holds this text is damaged; it is there again in the next run)\n";

impl KeptTexts {
    pub(super) fn new(parts: Arc<Parts>, part: usize) -> Self {
        Self {
            parts,
            part,
            bytes: OnceLock::new(),
        }
    }

    /// A part of the texts.
    pub(crate) fn get(&self, span: Range<usize>) -> &[u8] {
        let bytes = self.bytes.get_or_init(|| {
            let bytes = self.parts.read(self.part).ok();
            if bytes.is_none() {
                self.parts.forget();
            }
            bytes
        });
        bytes
            .as_deref()
            .and_then(|bytes| bytes.get(span))
            .unwrap_or(LOST)
    }
}
