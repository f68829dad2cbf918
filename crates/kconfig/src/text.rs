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
