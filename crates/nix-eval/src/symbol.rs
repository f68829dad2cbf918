//! Interned names. Attribute names, variables and formals are compared as
//! integers; their text is looked up only to print or to sort.

use bumpalo::Bump;
use hashbrown::HashTable;
use rustc_hash::FxHasher;
use std::hash::{Hash, Hasher};

/// An interned name. Two symbols of one evaluator are equal exactly when their
/// texts are. The order of symbols is the order in which they were first seen,
/// not the alphabetical one: sort by text where the language shows an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Symbol(u32);

/// The table of all names of one evaluation.
pub struct Symbols<'h> {
    heap: &'h Bump,
    texts: Vec<&'h [u8]>,
    table: HashTable<u32>,
}

impl<'h> Symbols<'h> {
    /// An empty table whose texts live in `heap`.
    pub fn new(heap: &'h Bump) -> Self {
        Self {
            heap,
            texts: Vec::new(),
            table: HashTable::new(),
        }
    }

    /// The symbol of `text`, made on first sight.
    pub fn intern(&mut self, text: &[u8]) -> Symbol {
        let hash = hash_of(text);
        let texts = &mut self.texts;
        let heap = self.heap;
        let entry = self.table.entry(
            hash,
            |&index| texts[index as usize] == text,
            |&index| hash_of(texts[index as usize]),
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(found) => Symbol(*found.get()),
            hashbrown::hash_table::Entry::Vacant(vacant) => {
                let index = texts.len() as u32;
                vacant.insert(index);
                texts.push(heap.alloc_slice_copy(text));
                Symbol(index)
            }
        }
    }

    /// The symbol of `text` if it was ever interned: a look-up that cannot
    /// succeed anywhere needs no new entry.
    pub fn get(&self, text: &[u8]) -> Option<Symbol> {
        self.table
            .find(hash_of(text), |&index| self.texts[index as usize] == text)
            .map(|&index| Symbol(index))
    }

    /// The text of a symbol.
    pub fn text(&self, symbol: Symbol) -> &'h [u8] {
        self.texts[symbol.0 as usize]
    }
}

fn hash_of(text: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    text.hash(&mut hasher);
    hasher.finish()
}
