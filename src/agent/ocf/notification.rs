//! What Pacemaker tells the instances of a clone before and after each change: read, and judged. Knows
//! neither the environment that it comes from nor a server.
//!
//! - [`variables`]: the names, and how lists are written.
//! - [`parse`](mod@parse): from variables to a notification.
//! - [`transition`](mod@transition): what is happening to the cluster.

pub mod parse;
pub mod transition;
pub mod variables;

use std::collections::BTreeSet;

use super::node::Node;

pub use parse::NotificationError;
pub use transition::{RoleChange, Transition, transition};

/// What all instances are told of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Whether it is about to happen.
    pub moment: Moment,
    /// Which of the changes, where several are to come.
    pub operation: Operation,
    /// All of them.
    pub plan: Plan,
}

/// What is to come, and what was before; also the actions that change an instance are told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Where instances are to be started.
    pub start: Vec<Instance>,
    /// Where instances are to be stopped, also where that can no longer be done.
    pub stop: Vec<Instance>,
    /// Where instances are to be promoted.
    pub promote: Vec<Instance>,
    /// Where instances are to be demoted.
    pub demote: Vec<Instance>,
    /// Where instances ran before all these changes, in whatever role.
    pub active: Vec<Instance>,
    /// Where they were primaries.
    pub promoted: Vec<Instance>,
    /// Where they were standbys.
    pub unpromoted: Vec<Instance>,
}

/// Whether a change is about to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It is.
    Before,
    /// It has happened.
    After,
}

/// A change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Instances start.
    Start,
    /// Instances stop.
    Stop,
    /// An instance becomes a primary.
    Promote,
    /// An instance becomes a standby.
    Demote,
}

/// An instance of the clone on a node.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instance {
    /// Its name, `pgsqld:0` or `pgsqld`.
    pub resource: String,
    /// Where it runs, or is to run.
    pub node: Node,
}

/// Whether an instance of a list is on a node.
#[must_use]
pub fn includes(list: &[Instance], node: &Node) -> bool {
    list.iter().any(|instance| instance.node == *node)
}

/// The nodes of a list.
pub(in crate::agent) fn nodes(list: &[Instance]) -> BTreeSet<&Node> {
    list.iter().map(|instance| &instance.node).collect()
}
