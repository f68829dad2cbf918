//! Walking the decision graph, in the order of libstdc++'s depth-first executor.

use super::RegexError;
use super::program::{Node, NodeId, Program};

/// How many decisions to come back to a search may have open (24 bytes each).
const MAX_PENDING: usize = 1 << 24;

/// How many pairs of a decision and a place in the text can be remembered (two
/// bits each).
const MAX_REMEMBERED: usize = 1 << 30;

/// Steps for each byte of the text after which a search begins to remember.
const STEPS_PER_BYTE: usize = 16;

/// A group that took part in a match, as offsets into the text.
pub(crate) type Group = Option<(usize, usize)>;

/// A match.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Captures {
    /// Where the match starts.
    pub(crate) start: usize,
    /// Where the match ends.
    pub(crate) end: usize,
    /// The groups in the order of their opening parentheses.
    pub(crate) groups: Vec<Group>,
}

/// What a search may call a match.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// One that reaches the end of the text.
    Whole,
    /// Any.
    Any,
    /// One that is not empty.
    NotEmpty,
}

/// The groups if `text` as a whole matches.
pub(super) fn match_whole(program: &Program, text: &[u8]) -> Result<Option<Captures>, RegexError> {
    Search::new(program, text).run(0, Mode::Whole, true)
}

/// The matches in a text, from left to right, without overlap.
pub(crate) struct Matches<'r, 't> {
    search: Search<'r, 't>,
    /// Where to go on; `None` when there can be no further match.
    at: Option<usize>,
    /// Whether the last match was empty: at its place only a match that is not
    /// empty may follow.
    after_empty: bool,
    /// Whether `^` matches at `at`.
    at_start: bool,
}

impl<'r, 't> Matches<'r, 't> {
    pub(super) fn new(program: &'r Program, text: &'t [u8]) -> Self {
        Self {
            search: Search::new(program, text),
            at: Some(0),
            after_empty: false,
            at_start: true,
        }
    }

    fn find(&mut self) -> Result<Option<Captures>, RegexError> {
        let Some(mut at) = self.at else {
            return Ok(None);
        };
        if self.after_empty {
            if at == self.search.text.len() {
                return Ok(None);
            }
            if let Some(found) = self.search.run(at, Mode::NotEmpty, self.at_start)? {
                return Ok(Some(found));
            }
            at += 1;
        }
        self.at_start &= at == 0;
        loop {
            if let Some(first_bytes) = &self.search.program.first_bytes {
                let rest = &self.search.text[at..];
                match rest.iter().position(|&byte| first_bytes.contains(byte)) {
                    None => return Ok(None),
                    Some(skipped) => {
                        at += skipped;
                        self.at_start &= skipped == 0;
                    }
                }
            }
            if let Some(found) = self.search.run(at, Mode::Any, self.at_start)? {
                return Ok(Some(found));
            }
            if at == self.search.text.len() {
                return Ok(None);
            }
            at += 1;
            self.at_start = false;
        }
    }
}

impl Iterator for Matches<'_, '_> {
    type Item = Result<Captures, RegexError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.find() {
            Err(error) => {
                self.at = None;
                Some(Err(error))
            }
            Ok(None) => {
                self.at = None;
                None
            }
            Ok(Some(found)) => {
                self.at = Some(found.end);
                self.after_empty = found.start == found.end;
                self.at_start &= found.end == 0;
                Some(Ok(found))
            }
        }
    }
}

/// What is to be done when what was begun after it is over.
#[derive(Clone, Copy)]
enum Pending {
    /// Try the second of two alternatives as well.
    Second { node: NodeId, at: usize },
    /// Both alternatives were tried: there is a match if there was one before.
    Join { matched_before: bool },
    /// Try this if there is no match.
    Otherwise { node: NodeId, at: usize },
    /// The same for a repetition of one byte that was taken as often as
    /// possible: give back one byte after the other, down to `low`.
    GiveBack { node: NodeId, at: usize, low: usize },
    /// Forget where a group began or ended.
    Restore { slot: u32, value: usize },
    /// Remember whether there is a match from a place on.
    Remember { index: usize },
}

/// A place that no group begins or ends at.
const UNSET: usize = usize::MAX;

struct Search<'r, 't> {
    program: &'r Program,
    text: &'t [u8],
    /// Two for each group: its start and its end. Kept from one repetition to
    /// the next.
    slots: Vec<usize>,
    pending: Vec<Pending>,
    steps: usize,
    memory: Option<Memory>,
}

impl<'r, 't> Search<'r, 't> {
    fn new(program: &'r Program, text: &'t [u8]) -> Self {
        Self {
            program,
            text,
            slots: vec![UNSET; 2 * program.groups],
            pending: Vec::new(),
            steps: 0,
            memory: None,
        }
    }

    /// The match that starts at `start`. `at_start` says whether `^` holds
    /// there.
    fn run(
        &mut self,
        start: usize,
        mode: Mode,
        at_start: bool,
    ) -> Result<Option<Captures>, RegexError> {
        let enough_steps = (self.text.len() + 256).saturating_mul(STEPS_PER_BYTE);
        let text = self.text;
        let mut best: Option<Captures> = None;
        let mut matched = false;
        let mut current = Some((self.program.start, start));
        loop {
            let Some((id, at)) = current else {
                let Some(pending) = self.pending.pop() else {
                    break;
                };
                current = self.resume(pending, &mut matched);
                continue;
            };
            current = match self.program.nodes[id as usize] {
                Node::Byte { set, next } => text
                    .get(at)
                    .is_some_and(|&byte| self.program.sets[set as usize].contains(byte))
                    .then_some((next, at + 1)),
                Node::Open { group, next } => {
                    self.set_slot(2 * group, at);
                    Some((next, at))
                }
                Node::Close { group, next } => {
                    self.set_slot(2 * group + 1, at);
                    Some((next, at))
                }
                Node::AtStart { next } => (at_start && at == start).then_some((next, at)),
                Node::AtEnd { next } => (at == text.len()).then_some((next, at)),
                Node::Accept => {
                    let accepted = match mode {
                        Mode::Whole => at == text.len(),
                        Mode::Any => true,
                        Mode::NotEmpty => at != start,
                    };
                    if accepted {
                        matched = true;
                        if best.as_ref().is_none_or(|best| best.end < at) {
                            best = Some(self.captures(start, at));
                        }
                    }
                    None
                }
                Node::Longer { first, second } => {
                    if let Some(known) = self.recall(id, at) {
                        matched |= known;
                        None
                    } else {
                        self.pending.push(Pending::Second { node: second, at });
                        Some((first, at))
                    }
                }
                Node::Prefer { first, second } => {
                    if let Some(known) = self.recall(id, at) {
                        matched |= known;
                        None
                    } else if let Some(end) = self.end_of_run(id, first, at) {
                        if end > at {
                            self.pending.push(Pending::GiveBack {
                                node: second,
                                at: end,
                                low: at,
                            });
                        }
                        self.steps += end - at;
                        Some((second, end))
                    } else {
                        self.pending.push(Pending::Otherwise { node: second, at });
                        Some((first, at))
                    }
                }
            };
            self.steps += 1;
            if self.pending.len() > MAX_PENDING {
                return Err(RegexError::TooBig);
            }
            if self.memory.is_none() && self.steps > enough_steps {
                self.memory = Some(Memory::new(self.program.nodes.len(), text.len())?);
            }
        }
        if let Some(memory) = &mut self.memory {
            memory.end_search(start, best.as_ref().map(|best| best.end));
        }
        Ok(best)
    }

    /// Goes on with what was put off.
    fn resume(&mut self, pending: Pending, matched: &mut bool) -> Option<(NodeId, usize)> {
        match pending {
            Pending::Second { node, at } => {
                self.pending.push(Pending::Join {
                    matched_before: *matched,
                });
                *matched = false;
                Some((node, at))
            }
            Pending::Join { matched_before } => {
                *matched |= matched_before;
                None
            }
            Pending::Otherwise { node, at } => (!*matched).then_some((node, at)),
            Pending::GiveBack { node, at, low } => {
                if *matched {
                    return None;
                }
                let at = at - 1;
                if at > low {
                    self.pending.push(Pending::GiveBack { node, at, low });
                }
                Some((node, at))
            }
            Pending::Restore { slot, value } => {
                self.slots[slot as usize] = value;
                None
            }
            Pending::Remember { index } => {
                if let Some(memory) = &mut self.memory {
                    memory.store(index, *matched);
                }
                None
            }
        }
    }

    fn set_slot(&mut self, slot: u32, at: usize) {
        let value = std::mem::replace(&mut self.slots[slot as usize], at);
        self.pending.push(Pending::Restore { slot, value });
    }

    /// Where a repetition of a single byte that starts at `at` ends at the
    /// latest, if `repetition` is one and places need not be remembered.
    fn end_of_run(&self, repetition: NodeId, body: NodeId, at: usize) -> Option<usize> {
        let Node::Byte { set, next } = self.program.nodes[body as usize] else {
            return None;
        };
        if next != repetition || self.memory.is_some() {
            return None;
        }
        let set = &self.program.sets[set as usize];
        let run = self.text[at..]
            .iter()
            .take_while(|&&byte| set.contains(byte));
        Some(at + run.count())
    }

    /// Whether there is a match from a decision and a place on, if that is known;
    /// if not, it will be remembered.
    fn recall(&mut self, node: NodeId, at: usize) -> Option<bool> {
        let memory = self.memory.as_mut()?;
        let index = memory.index(node, at);
        let known = memory.get(index);
        if known.is_none() {
            self.pending.push(Pending::Remember { index });
        }
        known
    }

    fn captures(&self, start: usize, end: usize) -> Captures {
        let group = |slots: &[usize]| match *slots {
            [start, end] if end != UNSET => Some((start, end)),
            _ => None,
        };
        Captures {
            start,
            end,
            groups: self.slots.chunks(2).map(group).collect(),
        }
    }
}

/// What is known about pairs of a decision and a place in the text. That nothing
/// matches there stays true for later searches in the same text; that something
/// does is forgotten with the search, since its groups are wanted again.
struct Memory {
    nodes: usize,
    seen: Vec<u64>,
    matched: Vec<u64>,
}

impl Memory {
    fn new(nodes: usize, text_length: usize) -> Result<Self, RegexError> {
        let pairs = nodes
            .checked_mul(text_length + 1)
            .filter(|&pairs| pairs <= MAX_REMEMBERED)
            .ok_or(RegexError::TooBig)?;
        let words = pairs.div_ceil(64);
        Ok(Self {
            nodes,
            seen: vec![0; words],
            matched: vec![0; words],
        })
    }

    fn index(&self, node: NodeId, at: usize) -> usize {
        at * self.nodes + node as usize
    }

    fn get(&self, index: usize) -> Option<bool> {
        let bit = 1 << (index % 64);
        (self.seen[index / 64] & bit != 0).then(|| self.matched[index / 64] & bit != 0)
    }

    fn store(&mut self, index: usize, matched: bool) {
        let bit = 1 << (index % 64);
        self.seen[index / 64] |= bit;
        if matched {
            self.matched[index / 64] |= bit;
        }
    }

    /// Forgets what is not true of a search that starts elsewhere.
    fn end_search(&mut self, start: usize, end: Option<usize>) {
        // At its start, `^` and the refusal of empty matches may have decided.
        let last = end.unwrap_or(start);
        let first_word = self.index(0, start) / 64;
        let last_word = (self.index(0, last + 1) / 64).min(self.seen.len() - 1);
        self.seen[first_word..=last_word].fill(0);
        self.matched[first_word..=last_word].fill(0);
    }
}
