//! Judges what is happening to the cluster, from the planned changes and from the state before them; knows nothing
//! of this node, of a server or of the time.

use std::collections::BTreeSet;

use super::{TransitionPlan, nodes};
use crate::agent::ocf::node::Node;

/// What is happening to the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// What is happening to the primary.
    pub role: RoleChange,
    /// The standbys that are stopped and started again where they are, because something was wrong with
    /// them, or with their parameters.
    pub recovering_standbys: BTreeSet<Node>,
}

/// What is happening to the primary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoleChange {
    /// Nothing.
    None,
    /// It becomes a standby, cleanly, and a standby takes its place: that standby must have its last WAL record.
    Switchover {
        /// The primary so far.
        from: Node,
        /// The next one.
        to: Node,
    },
    /// It is demoted, stopped, started and promoted again on the same node.
    PrimaryRecovery {
        /// The node.
        node: Node,
    },
    /// A standby takes its place. The primary was lost, is being stopped, or was absent already. The plan does not tell
    /// whether it was shut down cleanly: the plans for a node that is being fenced and for one that an administrator
    /// has put on standby are alike.
    Failover {
        /// The primary so far; `None` if it was absent already. A cluster that was started in an earlier
        /// transition looks the same.
        from: Option<Node>,
        /// The next one.
        to: Node,
    },
    /// Everything starts, and one instance is promoted at once.
    FirstStart {
        /// The node that is promoted.
        to: Node,
    },
    /// It becomes a standby or is stopped, and no node takes its place.
    Demotion {
        /// The primary so far.
        from: BTreeSet<Node>,
    },
    /// A plan that a cluster with one primary cannot have: two primaries before or after, or one that
    /// stays where it is while another one is promoted.
    Other,
}

/// Judges a plan.
#[must_use]
pub fn transition(plan: &TransitionPlan) -> Transition {
    let [start, stop] = [nodes(&plan.start), nodes(&plan.stop)];
    let unpromoted = nodes(&plan.unpromoted);
    let recovering = unpromoted
        .iter()
        .filter(|node| start.contains(*node) && stop.contains(*node));
    Transition {
        role: role_change(plan),
        recovering_standbys: recovering.map(|node| (*node).clone()).collect(),
    }
}

fn role_change(plan: &TransitionPlan) -> RoleChange {
    let [promote, demote, promoted] = [
        nodes(&plan.promote),
        nodes(&plan.demote),
        nodes(&plan.promoted),
    ];
    let stop = nodes(&plan.stop);
    let to = match two(&promote) {
        (Some(to), None) => to,
        (None, _) => {
            let leaving = promoted.iter().filter(|node| {
                let is_stopped = stop.contains(*node);
                is_stopped || demote.contains(*node)
            });
            let from: BTreeSet<Node> = leaving.map(|node| (*node).clone()).collect();
            return if from.is_empty() {
                RoleChange::None
            } else {
                RoleChange::Demotion { from }
            };
        }
        (Some(_), Some(_)) => return RoleChange::Other,
    };
    let from = match two(&promoted) {
        (Some(from), None) => from,
        (None, _) if plan.active.is_empty() => {
            return RoleChange::FirstStart { to: to.clone() };
        }
        (None, _) => {
            return RoleChange::Failover {
                from: None,
                to: to.clone(),
            };
        }
        (Some(_), Some(_)) => return RoleChange::Other,
    };
    if from == to {
        return RoleChange::PrimaryRecovery { node: to.clone() };
    }
    let was_standby = nodes(&plan.unpromoted).contains(to);
    let (from, to) = (from.clone(), to.clone());
    match (stop.contains(&from), demote.contains(&from), was_standby) {
        (false, true, true) => RoleChange::Switchover { from, to },
        // An instance that is only being started cannot have received the primary's last WAL record.
        (true, _, _) | (false, true, false) => RoleChange::Failover {
            from: Some(from),
            to,
        },
        (false, false, _) => RoleChange::Other,
    }
}

/// Returns the first two nodes.
fn two<'a>(nodes: &BTreeSet<&'a Node>) -> (Option<&'a Node>, Option<&'a Node>) {
    let mut nodes = nodes.iter().copied();
    (nodes.next(), nodes.next())
}

#[cfg(test)]
mod tests;
