//! The notifications that Pacemaker sends to the instances of a clone before and after each change: parses and judges
//! them. Knows neither the environment that they come from nor a server.
//!
//! - [`variables`]: the names of the variables, and the format of lists.
//! - [`parse`](mod@parse): parses variables into a notification.
//! - [`transition`](mod@transition): what is happening to the cluster.

pub mod parse;
pub mod transition;
pub mod variables;

use std::collections::BTreeSet;

use super::node::Node;

pub use parse::NotificationError;
pub use transition::{RoleChange, Transition, transition};

/// A notification, which all instances get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Whether the change is about to happen or has happened.
    pub moment: NotificationType,
    /// Which of the planned changes the notification is about.
    pub operation: NotifiedOperation,
    /// All planned changes.
    pub plan: TransitionPlan,
}

/// The planned changes, and the state before them. Pacemaker passes both to `start`, `stop`, `promote` and `demote`
/// too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransitionPlan {
    /// Where instances are to be started.
    pub start: Vec<CloneInstance>,
    /// Where instances are to be stopped, including nodes on which that is no longer possible.
    pub stop: Vec<CloneInstance>,
    /// Where instances are to be promoted.
    pub promote: Vec<CloneInstance>,
    /// Where instances are to be demoted.
    pub demote: Vec<CloneInstance>,
    /// Where instances ran before all these changes, in whatever role.
    pub active: Vec<CloneInstance>,
    /// Where instances were primaries.
    pub promoted: Vec<CloneInstance>,
    /// Where instances were standbys.
    pub unpromoted: Vec<CloneInstance>,
}

/// Whether a change is about to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotificationType {
    /// The change is about to happen.
    Before,
    /// The change has happened.
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
    /// The instance's name, `pgsqld:0` or `pgsqld`.
    pub resource: String,
    /// The node on which the instance runs, or is to run.
    pub node: Node,
}

/// Returns whether an instance of a list is on a node.
#[must_use]
pub fn includes(list: &[CloneInstance], node: &Node) -> bool {
    list.iter().any(|instance| instance.node == *node)
}

/// Returns the nodes of a list.
pub(in crate::agent) fn nodes(list: &[CloneInstance]) -> BTreeSet<&Node> {
    list.iter().map(|instance| &instance.node).collect()
}
