//! From the automaton to a graph of decisions.
//!
//! The automaton has states that consume nothing, and loops through them where
//! a repetition's body can be empty. libstdc++ breaks such loops by counting:
//! at one place in the text a repetition is entered at most twice. Here that is
//! worked out once for the pattern, so that the search sees a graph in which
//! every cycle consumes a byte.

use rustc_hash::FxHashMap;

use super::RegexError;
use super::syntax::{Action, Automaton, ByteSet, StateId};

/// A node's index.
pub(super) type NodeId = u32;

/// A bound on the graph of a pattern with nested repetitions of what can be
/// empty, whose graph can be exponentially larger than the pattern.
const MAX_NODES: usize = 1 << 20;

/// How often a repetition is entered at one place in the text: once more than
/// once, so that groups in its body are set.
const MAX_ENTRIES: u8 = 2;

/// A decision, or a step.
#[derive(Clone, Copy, Debug)]
pub(super) enum Node {
    /// Consumes a byte of a set (an index into [`Program::sets`]).
    Byte { set: u32, next: NodeId },
    /// Tries both; the longer match wins, the first if they are equally long.
    Longer { first: NodeId, second: NodeId },
    /// Tries the second only if the first does not match.
    Prefer { first: NodeId, second: NodeId },
    /// A group begins here.
    Open { group: u32, next: NodeId },
    /// A group ends here.
    Close { group: u32, next: NodeId },
    /// Goes on only at the start of the text.
    AtStart { next: NodeId },
    /// Goes on only at the end of the text.
    AtEnd { next: NodeId },
    /// A match.
    Accept,
}

/// The graph of a pattern.
pub(super) struct Program {
    pub(super) nodes: Vec<Node>,
    pub(super) sets: Vec<ByteSet>,
    pub(super) start: NodeId,
    /// How many groups there are.
    pub(super) groups: usize,
    /// The bytes that a match can begin with; `None` if it can be empty.
    pub(super) first_bytes: Option<ByteSet>,
}

impl Program {
    /// The graph of `automaton`.
    pub(super) fn new(automaton: Automaton) -> Result<Self, RegexError> {
        let mut builder = Builder {
            automaton: &automaton,
            nodes: Vec::new(),
            known: FxHashMap::default(),
            histories: vec![History::default()],
            history_ids: FxHashMap::default(),
        };
        builder.history_ids.insert(History::default(), NO_HISTORY);
        let start = builder.node(automaton.start, NO_HISTORY)?;
        let nodes = builder.close_cycles()?;
        let first_bytes = first_bytes(&nodes, &automaton.sets, start);
        Ok(Self {
            nodes,
            sets: automaton.sets,
            start,
            groups: automaton.groups as usize,
            first_bytes,
        })
    }
}

/// Which repetitions with a body that can be empty were entered since the last
/// byte was consumed, and how often. Sorted by state.
type History = Vec<(StateId, u8)>;

/// The index of the empty history.
const NO_HISTORY: u32 = 0;

struct Builder<'a> {
    automaton: &'a Automaton,
    /// While the graph is built, `next` of a byte node is a state.
    nodes: Vec<Node>,
    known: FxHashMap<(StateId, u32), NodeId>,
    histories: Vec<History>,
    history_ids: FxHashMap<History, u32>,
}

impl Builder<'_> {
    fn add(&mut self, node: Node) -> Result<NodeId, RegexError> {
        if self.nodes.len() >= MAX_NODES {
            return Err(RegexError::TooBig);
        }
        self.nodes.push(node);
        Ok(self.nodes.len() as NodeId - 1)
    }

    /// The node of a state that is reached with a history.
    fn node(&mut self, state: StateId, history: u32) -> Result<NodeId, RegexError> {
        if let Some(&node) = self.known.get(&(state, history)) {
            return Ok(node);
        }
        // As many states can follow each other without consuming a byte as the
        // pattern is long.
        let node = stacker::maybe_grow(32 * 1024, 1024 * 1024, || self.new_node(state, history))?;
        self.known.insert((state, history), node);
        Ok(node)
    }

    fn new_node(&mut self, id: StateId, history: u32) -> Result<NodeId, RegexError> {
        let state = &self.automaton.states[id as usize];
        let next = state.next;
        match state.action {
            Action::Pass => self.node(next, history),
            Action::Byte(set) => self.add(Node::Byte { set, next }),
            Action::Either { first } => {
                let first = self.node(first, history)?;
                let second = self.node(next, history)?;
                self.add(Node::Longer { first, second })
            }
            Action::Repeat { body, nullable } => {
                let inside = if nullable {
                    self.enter(id, history)
                } else {
                    Some(history)
                };
                let second = self.node(next, history)?;
                match inside {
                    None => Ok(second),
                    Some(inside) => {
                        let first = self.node(body, inside)?;
                        self.add(Node::Prefer { first, second })
                    }
                }
            }
            Action::Open(group) => {
                let next = self.node(next, history)?;
                self.add(Node::Open { group, next })
            }
            Action::Close(group) => {
                let next = self.node(next, history)?;
                self.add(Node::Close { group, next })
            }
            Action::AtStart => {
                let next = self.node(next, history)?;
                self.add(Node::AtStart { next })
            }
            Action::AtEnd => {
                let next = self.node(next, history)?;
                self.add(Node::AtEnd { next })
            }
            Action::Accept => self.add(Node::Accept),
        }
    }

    /// The history after `repetition` is entered once more, if it may be.
    fn enter(&mut self, repetition: StateId, history: u32) -> Option<u32> {
        let mut entered = self.histories[history as usize].clone();
        match entered.binary_search_by_key(&repetition, |&(state, _)| state) {
            Ok(index) if entered[index].1 >= MAX_ENTRIES => return None,
            Ok(index) => entered[index].1 += 1,
            Err(index) => entered.insert(index, (repetition, 1)),
        }
        if let Some(&known) = self.history_ids.get(&entered) {
            return Some(known);
        }
        let id = self.histories.len() as u32;
        self.histories.push(entered.clone());
        self.history_ids.insert(entered, id);
        Some(id)
    }

    /// Replaces the states behind byte nodes by their nodes.
    fn close_cycles(mut self) -> Result<Vec<Node>, RegexError> {
        let mut done = 0;
        while let Some(&node) = self.nodes.get(done) {
            if let Node::Byte { set, next } = node {
                let next = self.node(next, NO_HISTORY)?;
                self.nodes[done] = Node::Byte { set, next };
            }
            done += 1;
        }
        Ok(self.nodes)
    }
}

fn first_bytes(nodes: &[Node], sets: &[ByteSet], start: NodeId) -> Option<ByteSet> {
    let mut bytes = ByteSet::EMPTY;
    let mut seen = vec![false; nodes.len()];
    let mut pending = vec![start];
    while let Some(node) = pending.pop() {
        if std::mem::replace(&mut seen[node as usize], true) {
            continue;
        }
        match nodes[node as usize] {
            Node::Byte { set, .. } => bytes.extend(&sets[set as usize]),
            Node::Longer { first, second } | Node::Prefer { first, second } => {
                pending.extend([first, second]);
            }
            Node::Open { next, .. }
            | Node::Close { next, .. }
            | Node::AtStart { next }
            | Node::AtEnd { next } => pending.push(next),
            Node::Accept => return None,
        }
    }
    Some(bytes)
}
