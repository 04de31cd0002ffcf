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
    pub moment: NotificationType,
    /// Which of the changes, where several are to come.
    pub operation: NotifiedOperation,
    /// All of them.
    pub plan: TransitionPlan,
}

/// What is to come, and what was before; also the actions that change an instance are told of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransitionPlan {
    /// Where instances are to be started.
    pub start: Vec<CloneInstance>,
    /// Where instances are to be stopped, also where that can no longer be done.
    pub stop: Vec<CloneInstance>,
    /// Where instances are to be promoted.
    pub promote: Vec<CloneInstance>,
    /// Where instances are to be demoted.
    pub demote: Vec<CloneInstance>,
    /// Where instances ran before all these changes, in whatever role.
    pub active: Vec<CloneInstance>,
    /// Where they were primaries.
    pub promoted: Vec<CloneInstance>,
    /// Where they were standbys.
    pub unpromoted: Vec<CloneInstance>,
}

/// Whether a change is about to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotificationType {
    /// It is.
    Before,
    /// It has happened.
    After,
}

/// A change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotifiedOperation {
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
pub struct CloneInstance {
    /// Its name, `pgsqld:0` or `pgsqld`.
    pub resource: String,
    /// Where it runs, or is to run.
    pub node: Node,
}

/// Whether an instance of a list is on a node.
#[must_use]
pub fn includes(list: &[CloneInstance], node: &Node) -> bool {
    list.iter().any(|instance| instance.node == *node)
}

/// The nodes of a list.
pub(in crate::agent) fn nodes(list: &[CloneInstance]) -> BTreeSet<&Node> {
    list.iter().map(|instance| &instance.node).collect()
}
