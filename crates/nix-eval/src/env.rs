//! The scopes of an evaluation and their variables.

use std::cell::Cell;

use bumpalo::Bump;
use smallvec::SmallVec;

use crate::expr::ExprId;
use crate::value::{Lazy, Value};

/// The variables of one scope. Variables are resolved to a number of scopes
/// outwards and a slot when an expression is lowered.
pub struct Env<'h> {
    slots: Cell<&'h [Slot<'h>]>,
    up: Cell<Option<&'h Env<'h>>>,
    /// Whether something that outlives the evaluation in this scope holds it: a thunk
    /// or a function. The scopes around it are then captured, too, and those in which its
    /// variables are evaluated.
    captured: Cell<bool>,
    id: EnvId,
}

/// A scope as a number: half of a reference, so that a thunk takes two words.
#[derive(Clone, Copy)]
pub(crate) struct EnvId(u32);

/// A variable of a scope.
pub(crate) struct Slot<'h>(Cell<SlotState<'h>>);

/// What a variable is. An expression that nothing but the variable stands for needs no
/// thunk.
#[derive(Clone, Copy)]
pub(crate) enum SlotState<'h> {
    /// A value, or a thunk that others may hold, too.
    Bound(Lazy<'h>),
    /// An expression and the scope to evaluate it in. Where the scope of the variable is
    /// captured, that scope is.
    Suspended(ExprId, EnvId),
    /// Being computed: to need it now is infinite recursion.
    Busy,
}

impl<'h> Slot<'h> {
    /// A variable with a value or thunk.
    #[inline]
    pub(crate) fn bound(value: Lazy<'h>) -> Self {
        Self(Cell::new(SlotState::Bound(value)))
    }

    #[inline]
    pub(crate) fn get(&self) -> SlotState<'h> {
        self.0.get()
    }

    #[inline]
    pub(crate) fn set(&self, state: SlotState<'h>) {
        self.0.set(state);
    }

    /// Binds the variable to a value or thunk.
    #[inline]
    pub(crate) fn bind(&self, value: Lazy<'h>) {
        self.0.set(SlotState::Bound(value));
    }
}

impl<'h> Env<'h> {
    #[inline]
    pub(crate) fn slots(&self) -> &'h [Slot<'h>] {
        self.slots.get()
    }

    #[inline]
    pub(crate) fn id(&self) -> EnvId {
        self.id
    }

    /// The scope `depth` outwards.
    #[inline]
    pub(crate) fn outwards(&'h self, depth: u16) -> &'h Env<'h> {
        let mut env = self;
        for _ in 0..depth {
            match env.up.get() {
                Some(up) => env = up,
                None => unreachable!("a variable was resolved to a scope that is not there"),
            }
        }
        env
    }

    /// Whether nothing holds the scope, so that it can be used again once what is
    /// evaluated in it is done.
    #[inline]
    pub(crate) fn is_free(&self) -> bool {
        !self.captured.get()
    }

    /// Makes it the scope of another call.
    #[inline]
    pub(crate) fn renew(&self, up: &'h Env<'h>) {
        self.up.set(Some(up));
        self.captured.set(false);
    }
}

/// Scopes are made so many at a time.
const BLOCK: usize = 128;

/// All scopes of an evaluation.
pub(crate) struct Envs<'h> {
    heap: &'h Bump,
    blocks: Vec<&'h [Env<'h>]>,
    /// How many scopes of the last block are taken.
    taken: usize,
}

impl<'h> Envs<'h> {
    pub(crate) fn new(heap: &'h Bump) -> Self {
        Self {
            heap,
            blocks: Vec::new(),
            taken: BLOCK,
        }
    }

    /// A scope without variables that is in no other.
    pub(crate) fn outermost(&mut self) -> &'h Env<'h> {
        self.take()
    }

    /// A scope whose variables are not bound yet.
    pub(crate) fn add(&mut self, slots: usize, up: &'h Env<'h>) -> &'h Env<'h> {
        let unbound = || Slot::bound(Lazy::Ready(Value::Null));
        let slots = self.heap.alloc_slice_fill_with(slots, |_| unbound());
        self.add_bound(slots, up)
    }

    /// A scope with these variables.
    pub(crate) fn add_bound(&mut self, slots: &'h [Slot<'h>], up: &'h Env<'h>) -> &'h Env<'h> {
        let env = self.take();
        env.slots.set(slots);
        env.up.set(Some(up));
        env
    }

    fn take(&mut self) -> &'h Env<'h> {
        if self.taken == BLOCK {
            let first = self.blocks.len() * BLOCK;
            let block = self.heap.alloc_slice_fill_with(BLOCK, |index| Env {
                slots: Cell::new(&[]),
                up: Cell::new(None),
                captured: Cell::new(false),
                id: EnvId((first + index) as u32),
            });
            self.blocks.push(block);
            self.taken = 0;
        }
        let env = &self.blocks[self.blocks.len() - 1][self.taken];
        self.taken += 1;
        env
    }

    /// Whether the numbers of scopes are nearly used up: it takes more than 128 GiB.
    pub(crate) fn are_too_many(&self) -> bool {
        self.blocks.len() >= (u32::MAX as usize) / BLOCK / 2
    }

    /// The scope with this number.
    #[inline]
    pub(crate) fn get(&self, id: EnvId) -> &'h Env<'h> {
        let index = id.0 as usize;
        &self.blocks[index / BLOCK][index % BLOCK]
    }

    /// Says that something holds the scope.
    #[inline]
    pub(crate) fn capture(&self, env: &'h Env<'h>) -> &'h Env<'h> {
        if env.is_free() {
            self.capture_all(env);
        }
        env
    }

    fn capture_all(&self, env: &'h Env<'h>) {
        let mut work: SmallVec<[&'h Env<'h>; 8]> = SmallVec::new();
        let mut env = env;
        loop {
            let captured = env.captured.replace(true);
            if !captured {
                for slot in env.slots() {
                    if let SlotState::Suspended(_, id) = slot.get() {
                        let other = self.get(id);
                        if other.is_free() {
                            work.push(other);
                        }
                    }
                }
            }
            env = match env.up.get() {
                Some(up) if !captured => up,
                _ => match work.pop() {
                    Some(other) => other,
                    None => return,
                },
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The evaluator's memory use rests on this size.
    #[test]
    fn variables_are_two_words() {
        assert_eq!(size_of::<Slot<'_>>(), 16);
    }
}
