//! The interface to the cluster, whatever implements it: attributes of nodes. Knows no action.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use thiserror::Error;

use crate::agent::ocf::node::Node;
use crate::base::deadline::Deadline;

/// The attributes of a node that survive a restart of the cluster, by their names.
pub type PermanentAttributes = BTreeMap<String, String>;

/// The cluster. Every call ends at its deadline, and names its node.
pub trait Cluster {
    /// Returns the data directory of a resource of this agent's type, or PAF's; `None` if there is no such resource,
    /// or its parameters do not tell the directory.
    fn directory_of(
        &mut self,
        resource: &str,
        deadline: Deadline,
    ) -> Result<Option<PathBuf>, ClusterError>;

    /// Starts to query the nodes, so that what comes next is done in parallel. If the query fails, or its result is not
    /// requested afterwards, nothing has happened.
    fn foresee_nodes(&mut self);

    /// Returns every node that the cluster knows, including absent ones, with its permanent attributes.
    fn nodes(
        &mut self,
        deadline: Deadline,
    ) -> Result<BTreeMap<Node, PermanentAttributes>, ClusterError>;

    /// Returns the nodes that are online: the members of this node's partition.
    fn members(&mut self, deadline: Deadline) -> Result<BTreeSet<Node>, ClusterError>;

    /// Returns whether this node's partition has quorum.
    fn has_quorum(&mut self, deadline: Deadline) -> Result<bool, ClusterError>;

    /// Returns whether the cluster promotes servers in a partition without quorum, too (`no-quorum-policy`).
    fn goes_on_without_quorum(&mut self, deadline: Deadline) -> Result<bool, ClusterError>;

    /// Makes the configuration that absent nodes have obsolete: when partitions merge, one of their configurations is
    /// kept, and it is to be that of this one. Of two configurations that have changed apart, the cluster takes the one
    /// that was changed more often, with the attributes of all nodes.
    fn outdate_absent(&mut self, deadline: Deadline) -> Result<(), ClusterError>;

    /// Sets or deletes a permanent attribute of a node, and returns when that is done.
    fn set_permanent(
        &mut self,
        node: &Node,
        name: &str,
        value: Option<&str>,
        deadline: Deadline,
    ) -> Result<(), ClusterError>;

    /// Publishes an attribute of a node to all nodes, or withdraws it; it lasts as long as the node is online.
    /// Returns when the change is on its way: all nodes see all such changes in one order, this one
    /// too, so that a node that sees its own change has seen all changes that were made before.
    fn set_transient(
        &mut self,
        node: &Node,
        name: &str,
        value: Option<&str>,
        deadline: Deadline,
    ) -> Result<(), ClusterError>;

    /// Deletes an attribute of a node that the cluster's location rules see, which lasts as long as the node is online.
    fn delete_visible(
        &mut self,
        node: &Node,
        name: &str,
        deadline: Deadline,
    ) -> Result<(), ClusterError>;

    /// Returns what has been published of a node; `None` if nothing has.
    fn transient(
        &mut self,
        node: &Node,
        name: &str,
        deadline: Deadline,
    ) -> Result<Option<String>, ClusterError>;
}

/// An operation on the cluster that failed.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// One of its programs has failed, or has not ended in time.
    #[error("{program} failed: {said}")]
    Program {
        /// The program.
        program: String,
        /// Its output, or how it ended.
        said: String,
    },
    /// One of its programs printed what cannot be parsed.
    #[error("cannot read the output of {program}: {cause}")]
    Answer {
        /// The program.
        program: String,
        /// Why its output cannot be parsed.
        cause: String,
    },
}
