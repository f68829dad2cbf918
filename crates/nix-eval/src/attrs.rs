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

    /// The attribute at a place in the order of [`iter`](Self::iter).
    pub(crate) fn at(&self, index: usize) -> &'h Attr<'h> {
        &self.entries[index]
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

    /// The attributes of this set and of another, in the order of their symbols; those of
    /// the other where both have one.
    pub(crate) fn union(&self, other: &Self) -> impl Iterator<Item = &'h Attr<'h>> + use<'h> {
        let (mut ours, mut theirs) = (self.entries, other.entries);
        std::iter::from_fn(move || {
            let (left, right) = match (ours.split_first(), theirs.split_first()) {
                (Some(left), Some(right)) => (left, right),
                (Some((attr, rest)), None) => {
                    ours = rest;
                    return Some(attr);
                }
                (None, right) => {
                    let (attr, rest) = right?;
                    theirs = rest;
                    return Some(attr);
                }
            };
            let order = left.0.name.cmp(&right.0.name);
            if order.is_le() {
                ours = left.1;
            }
            if order.is_lt() {
                return Some(left.0);
            }
            theirs = right.1;
            Some(right.0)
        })
    }
}
