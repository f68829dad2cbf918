//! Attribute sets.

use crate::source::Pos;
use crate::symbol::Symbol;
use crate::value::Lazy;

/// One attribute.
#[derive(Clone, Copy)]
pub struct Attr<'h> {
    /// Its name.
    pub name: Symbol,
    /// Where it was written.
    pub pos: Pos,
    /// Its value.
    pub value: Lazy<'h>,
}

/// An immutable attribute set. How it is stored is private, so that a cheap
/// `//` can come without touching its users: use [`get`](Attrs::get) and
/// [`iter`](Attrs::iter).
pub struct Attrs<'h> {
    /// Sorted by symbol, without duplicates.
    entries: &'h [Attr<'h>],
}

impl<'h> Attrs<'h> {
    /// The set of `entries`, which must be sorted by symbol, without duplicates.
    pub(crate) fn from_sorted(entries: &'h [Attr<'h>]) -> Self {
        debug_assert!(entries.is_sorted_by(|a, b| a.name < b.name));
        Self { entries }
    }

    /// The attribute called `name`.
    pub fn get(&self, name: Symbol) -> Option<&'h Attr<'h>> {
        let index = self
            .entries
            .binary_search_by_key(&name, |attr| attr.name)
            .ok()?;
        Some(&self.entries[index])
    }

    /// How many attributes there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All attributes in the order of their symbols, which is *not* the order of
    /// their texts (see [`Evaluator::attrs_by_name`](crate::Evaluator::attrs_by_name)).
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'h Attr<'h>> + use<'h> {
        self.entries.iter()
    }
}
