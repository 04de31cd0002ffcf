//! What an election is held on: what nodes have reported, and what the cluster has recorded. Judges nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::agent::decide::lineage::{Descent, Lineage};
use crate::agent::decide::primary_end::PrimaryEnd;
use crate::agent::decide::primary_seen::PrimarySeen;
use crate::agent::decide::sync_rule::SyncRules;
use crate::agent::ocf::node::Node;
use crate::base::units::Bytes;
use crate::postgres::position::Position;

/// The nodes of one database cluster that have reported their positions.
pub(super) type Reported<'a> = BTreeMap<&'a Node, &'a NodePosition>;

/// What is known when a node is to be promoted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectionFacts {
    /// The node that Pacemaker has designated.
    pub designated: Node,
    /// The nodes that take part, the designated one among them.
    pub nodes: BTreeMap<Node, NodeReport>,
    /// Where the WAL of servers ends that have crashed and do not take part, since the cluster keeps them stopped for this
    /// promotion. Each of them can be started instead.
    pub crashed: BTreeMap<Node, NodePosition>,
    /// Where WAL ended on nodes that were primaries. A node that lacks what the last primary had is not promoted, even
    /// if no other available node has more: the node that has it is away, and comes back.
    pub ends: BTreeMap<Node, PrimaryEnd>,
    /// Which standbys the commits of primaries waited for.
    pub rules: BTreeMap<Node, SyncRules>,
    /// What rebuilt nodes were copied from. Such a node has acknowledged what it had before, and no longer has that if
    /// its copy came from a server that lacked it.
    pub copies: BTreeMap<Node, Descent>,
    /// Nodes that others have given way to and that the cluster has not promoted: a constraint or failures prevent it.
    pub passed_over: BTreeSet<Node>,
    /// How far standbys have seen the WAL of the last primary reach.
    pub seen: Vec<PrimarySeen>,
    /// How far behind that a node may be; `None` means any distance.
    pub maxlag: Option<Bytes>,
}

/// What a node has reported of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeReport {
    /// Its position.
    At(NodePosition),
    /// Nothing, within the time that the election could wait.
    Silent,
}

/// The position of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodePosition {
    /// The end of the node's WAL.
    pub position: Position,
    /// The system identifier of its database cluster; a node with PAF does not report it.
    pub system: Option<u64>,
    /// The timelines that led to that of the position, if the node knows and has reported them.
    pub lineage: Option<Lineage>,
}

impl NodePosition {
    /// Creates the position that a node has reported. Timelines that do not end with that of the position were reported
    /// with another position, and are ignored.
    #[must_use]
    pub fn new(position: Position, descent: Option<Descent>) -> Self {
        let system = descent.as_ref().map(|descent| descent.system_identifier);
        let lineage = descent.and_then(|descent| descent.lineage);
        Self {
            position,
            system,
            lineage: lineage.filter(|lineage| lineage.newest().timeline == position.timeline),
        }
    }
}

impl NodeReport {
    /// Returns the node's position, if it has reported one.
    #[must_use]
    pub fn said(&self) -> Option<&NodePosition> {
        match self {
            Self::At(said) => Some(said),
            Self::Silent => None,
        }
    }
}
