//! Interned names. Attribute names, variables and formals are compared as
//! integers; their text is looked up only to print or to sort.

use bumpalo::Bump;
use hashbrown::HashTable;
use rustc_hash::FxHasher;
use std::hash::Hasher;

use crate::string::NixString;

/// An interned name. Two symbols of one evaluator are equal exactly when their
/// texts are. The order of symbols is the order in which they were first seen,
/// not the alphabetical one: sort by text where the language shows an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Symbol(u32);

impl Symbol {
    /// A small dense number, for tables indexed by symbol.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// The table of all names of one evaluation.
pub struct Symbols<'h> {
    heap: &'h Bump,
    /// Each name is kept as a string value, so that `attrNames` and `mapAttrs`
    /// hand it out without a copy.
    names: Vec<&'h NixString<'h>>,
    /// The hash of each name, which tells most names apart without looking at them,
    /// and its number.
    table: HashTable<(u32, u32)>,
}

impl<'h> Symbols<'h> {
    /// An empty table whose texts live in `heap`.
    pub fn new(heap: &'h Bump) -> Self {
        Self {
            heap,
            names: Vec::new(),
            table: HashTable::new(),
        }
    }

    /// The symbol of `text`, made on first sight.
    pub fn intern(&mut self, text: &[u8]) -> Symbol {
        let heap = self.heap;
        self.intern_as(text, || {
            heap.alloc(NixString {
                text: heap.alloc_slice_copy(text),
                context: &[],
            })
        })
    }

    /// The symbol of a string without context, which is kept rather than copied.
    pub(crate) fn intern_string(&mut self, string: &'h NixString<'h>) -> Symbol {
        debug_assert!(string.context.is_empty());
        self.intern_as(string.text, || string)
    }

    fn intern_as(&mut self, text: &[u8], name: impl FnOnce() -> &'h NixString<'h>) -> Symbol {
        let names = &mut self.names;
        let hash = hash_of(text);
        let entry = self.table.entry(
            spread(hash),
            |&(other, index)| other == hash && names[index as usize].text == text,
            |&(other, _)| spread(other),
        );
        match entry {
            hashbrown::hash_table::Entry::Occupied(found) => Symbol(found.get().1),
            hashbrown::hash_table::Entry::Vacant(vacant) => {
                let index = names.len() as u32;
                vacant.insert((hash, index));
                names.push(name());
                Symbol(index)
            }
        }
    }

    /// The symbol of `text` if it was ever interned: a look-up that cannot
    /// succeed anywhere needs no new entry.
    pub fn get(&self, text: &[u8]) -> Option<Symbol> {
        let hash = hash_of(text);
        self.table
            .find(spread(hash), |&(other, index)| {
                other == hash && self.names[index as usize].text == text
            })
            .map(|&(_, index)| Symbol(index))
    }

    /// The text of a symbol.
    pub fn text(&self, symbol: Symbol) -> &'h [u8] {
        self.names[symbol.index()].text
    }

    /// A symbol as a string value.
    pub fn string(&self, symbol: Symbol) -> &'h NixString<'h> {
        self.names[symbol.index()]
    }
}

fn hash_of(text: &[u8]) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    let hash = hasher.finish();
    (hash ^ (hash >> 32)) as u32
}

/// The table looks at both ends of a hash.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
