//! A table of distinct byte strings: names, prompts and values, each held once.

use hashbrown::HashTable;
use rustc_hash::FxHasher;
use std::hash::Hasher;

/// A byte string in a [`TextTable`]. Two are equal exactly if their bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Text(pub(crate) u32);

impl Text {
    /// The empty string.
    pub(crate) const EMPTY: Self = Self(0);
    /// `y`
    pub(crate) const Y: Self = Self(1);
    /// `m`
    pub(crate) const M: Self = Self(2);
    /// `n`
    pub(crate) const N: Self = Self(3);
    /// `0`
    pub(crate) const ZERO: Self = Self(4);
    /// `0x0`
    pub(crate) const HEX_ZERO: Self = Self(5);
}

/// Distinct byte strings, in one buffer.
#[derive(Debug, Clone)]
pub(crate) struct TextTable {
    bytes: Vec<u8>,
    /// Where each string ends; it begins where the one before it ends.
    ends: Vec<u32>,
    index: HashTable<u32>,
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(bytes);
    hasher.finish()
}

fn slice<'a>(bytes: &'a [u8], ends: &[u32], id: u32) -> &'a [u8] {
    let id = id as usize;
    let start = if id == 0 { 0 } else { ends[id - 1] as usize };
    &bytes[start..ends[id] as usize]
}

impl TextTable {
    pub(crate) fn new() -> Self {
        let mut table = Self {
            bytes: Vec::new(),
            ends: Vec::new(),
            index: HashTable::new(),
        };
        for (text, expected) in [
            ("", Text::EMPTY),
            ("y", Text::Y),
            ("m", Text::M),
            ("n", Text::N),
            ("0", Text::ZERO),
            ("0x0", Text::HEX_ZERO),
        ] {
            let id = table.intern(text.as_bytes());
            debug_assert_eq!(id, expected);
        }
        table
    }

    /// The strings one behind the other, and where each ends.
    pub(crate) fn parts(&self) -> (&[u8], &[u32]) {
        (&self.bytes, &self.ends)
    }

    /// The table of such parts; `None` where they do not fit together.
    pub(crate) fn of_parts(bytes: Vec<u8>, ends: Vec<u32>) -> Option<Self> {
        let is_whole = ends.last().map_or(0, |&end| end as usize) == bytes.len();
        if !is_whole || !ends.is_sorted() {
            return None;
        }
        let mut index = HashTable::with_capacity(ends.len());
        for id in 0..ends.len() as u32 {
            index.insert_unique(hash(slice(&bytes, &ends, id)), id, |&other| {
                hash(slice(&bytes, &ends, other))
            });
        }
        Some(Self { bytes, ends, index })
    }

    pub(crate) fn get(&self, text: Text) -> &[u8] {
        slice(&self.bytes, &self.ends, text.0)
    }

    pub(crate) fn len(&self) -> u32 {
        self.ends.len() as u32
    }

    pub(crate) fn find(&self, bytes: &[u8]) -> Option<Text> {
        self.index
            .find(hash(bytes), |&id| {
                slice(&self.bytes, &self.ends, id) == bytes
            })
            .map(|&id| Text(id))
    }

    pub(crate) fn intern(&mut self, bytes: &[u8]) -> Text {
        let hashed = hash(bytes);
        let Self {
            bytes: buffer,
            ends,
            index,
        } = self;
        if let Some(&id) = index.find(hashed, |&id| slice(buffer, ends, id) == bytes) {
            return Text(id);
        }
        let id = ends.len() as u32;
        buffer.extend_from_slice(bytes);
        ends.push(buffer.len() as u32);
        index.insert_unique(hashed, id, |&other| hash(slice(buffer, ends, other)));
        Text(id)
    }
}
