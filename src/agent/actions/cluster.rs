//! What is wanted of the cluster, whoever talks to it: attributes of nodes. Knows no action.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use thiserror::Error;

use crate::agent::ocf::node::Node;
use crate::base::deadline::Deadline;

/// The attributes of a node that outlive everything, by their names.
pub type PermanentAttributes = BTreeMap<String, String>;

/// The cluster. Everything ends at the deadline that it is given, and a node is always named.
pub trait Cluster {
    /// The data directory of a resource of this agent's type, or PAF's; none where there is no such resource,
    /// or none can be found out from its parameters.
    fn directory_of(
        &mut self,
        resource: &str,
        deadline: Deadline,
    ) -> Result<Option<PathBuf>, ClusterError>;

    /// Begins to ask for the nodes, so that what comes next is done beside it. Where that fails, or nobody asks
    /// for them afterwards, nothing has happened.
    fn foresee_nodes(&mut self);

    /// Every node that the cluster knows, also those that are away, with what is kept of it.
    fn nodes(
        &mut self,
        deadline: Deadline,
    ) -> Result<BTreeMap<Node, PermanentAttributes>, ClusterError>;

    /// The nodes that are there now: the members of this node's partition.
    fn members(&mut self, deadline: Deadline) -> Result<BTreeSet<Node>, ClusterError>;

    /// Whether this node's partition has the quorum.
    fn has_quorum(&mut self, deadline: Deadline) -> Result<bool, ClusterError>;

    /// Makes what nodes that are away have of the configuration obsolete: when partitions come together, one of their
    /// configurations holds, and it is that of this one. Of two that have changed apart, the cluster takes the one that
    /// was changed more often, with the attributes of all nodes.
    fn outdate_absent(&mut self, deadline: Deadline) -> Result<(), ClusterError>;

    /// Keeps an attribute of a node, or forgets it, and returns when it is so.
    fn keep(
        &mut self,
        node: &Node,
        name: &str,
        value: Option<&str>,
        deadline: Deadline,
    ) -> Result<(), ClusterError>;

    /// Tells an attribute of a node to all nodes, or takes it back; it lasts as long as the node is there.
    /// Returns when that is on its way: all nodes come to know of all such changes in one order, this one
    /// too, so that whoever finds its own told has been told what others had told before.
    fn tell(
        &mut self,
        node: &Node,
        name: &str,
        value: Option<&str>,
        deadline: Deadline,
    ) -> Result<(), ClusterError>;

    /// What has been told of a node; none where nothing has.
    fn told(
        &mut self,
        node: &Node,
        name: &str,
        deadline: Deadline,
    ) -> Result<Option<String>, ClusterError>;
}

/// Something that could not be done with the cluster.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// One of its programs has failed, or has not ended in time.
    #[error("{program} failed: {said}")]
    Program {
        /// Which.
        program: String,
        /// What it said, or how it ended.
        said: String,
    },
    /// One of them has said what nobody understands.
    #[error("{program} said what cannot be read: {cause}")]
    Answer {
        /// Which.
        program: String,
        /// Why not.
        cause: String,
    },
}
