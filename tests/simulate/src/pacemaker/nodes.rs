//! Sets of nodes, small enough to copy. Knows nothing of what the nodes are.

use super::config::{Config, Node};

/// Some of at most 16 nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NodeSet(u16);

impl NodeSet {
    pub(super) fn contains(self, node: Node) -> bool {
        self.0 & bit(node) != 0
    }

    pub(super) fn insert(&mut self, node: Node) {
        self.0 |= bit(node);
    }

    pub(super) fn remove(&mut self, node: Node) {
        self.0 &= !bit(node);
    }

    pub(super) fn set(&mut self, node: Node, on: bool) {
        if on {
            self.insert(node);
        } else {
            self.remove(node);
        }
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn len(self) -> usize {
        usize::try_from(self.0.count_ones()).unwrap_or(0)
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// In the order of their places.
    pub(super) fn iter(self) -> impl Iterator<Item = Node> {
        (0..16).map(Node).filter(move |node| self.contains(*node))
    }
}

impl FromIterator<Node> for NodeSet {
    fn from_iter<T: IntoIterator<Item = Node>>(nodes: T) -> Self {
        let mut set = Self::default();
        for node in nodes {
            set.insert(node);
        }
        set
    }
}

fn bit(node: Node) -> u16 {
    1_u16.checked_shl(u32::from(node.0)).unwrap_or(0)
}

/// The nodes in the order in which `GLib`'s hash table of their IDs hands out its values: from the last slot to the
/// first. Nodes that become known at once stand in this order too, as recordings show.
pub(super) fn in_hash_order(config: &Config) -> impl Iterator<Item = Node> + use<> {
    let mut slots: [Option<Node>; 32] = [None; 32];
    // A table has 8 slots up to 7 entries, and a prime next below that to hash with.
    let (size, prime) = match config.nodes.len() {
        0..=7 => (8, 7),
        _ => (32, 31),
    };
    for (node, known) in (0..).map(Node).zip(&config.nodes) {
        let id = known.id.to_string();
        let hash = id.bytes().fold(0_u32, |hash, byte| {
            hash.wrapping_mul(31).wrapping_add(u32::from(byte))
        });
        let mut slot = usize::try_from(hash.wrapping_mul(11) % prime).unwrap_or(0);
        let mut step = 0;
        while slots.get(slot).is_some_and(Option::is_some) && step < size {
            step += 1;
            slot = (slot + step) % size;
        }
        if let Some(slot) = slots.get_mut(slot) {
            *slot = Some(node);
        }
    }
    slots.into_iter().rev().flatten()
}
