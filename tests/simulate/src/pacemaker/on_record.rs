//! The role in which Pacemaker runs the resource on a node, as `src/keeper/history.rs` reads it from the history of
//! operations. Knows nothing of what follows from it.

use super::Pacemaker;
use super::config::Node;
use super::history::{Ended, Record, Task};

/// A role, as the history of a node has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleOnRecord {
    /// As the primary.
    Promoted,
    /// As a standby.
    Unpromoted,
    /// It does not run it.
    Stopped,
    /// An action that changes this is under way.
    Changing,
    /// Such an action has failed.
    Unknown,
}

impl Pacemaker {
    /// The role of a node, as another one has the CIB.
    pub fn role_on_record(&self, asking: Node, node: Node) -> RoleOnRecord {
        let state = self
            .partition(asking)
            .and_then(|partition| partition.cib.node(node));
        let Some(state) = state.filter(|state| !state.history.is_empty()) else {
            return RoleOnRecord::Stopped;
        };
        let mut last: Option<(u32, RoleOnRecord)> = None;
        for record in state.history.records() {
            match role(&record) {
                Some(RoleOnRecord::Changing) => return RoleOnRecord::Changing,
                Some(role) if last.is_none_or(|(call, _)| record.call >= call) => {
                    last = Some((record.call, role));
                }
                None | Some(_) => {}
            }
        }
        last.map_or(RoleOnRecord::Unknown, |(_, role)| role)
    }
}

/// What an entry says of the role; none where it says nothing.
fn role(record: &Record) -> Option<RoleOnRecord> {
    let changed = |role| match record.ended {
        Ended::Pending => RoleOnRecord::Changing,
        Ended::Code(0) => role,
        Ended::Code(_) | Ended::Timeout => RoleOnRecord::Unknown,
    };
    match (record.task, record.ended) {
        (Task::Start | Task::Demote, _) => Some(changed(RoleOnRecord::Unpromoted)),
        (Task::Promote, _) => Some(changed(RoleOnRecord::Promoted)),
        (Task::Stop, _) => Some(changed(RoleOnRecord::Stopped)),
        (Task::Probe | Task::Watch(_), Ended::Code(0)) => Some(RoleOnRecord::Unpromoted),
        (Task::Probe | Task::Watch(_), Ended::Code(8)) => Some(RoleOnRecord::Promoted),
        (Task::Probe, Ended::Code(7)) => Some(RoleOnRecord::Stopped),
        (Task::Probe | Task::Watch(_), Ended::Pending | Ended::Code(_) | Ended::Timeout)
        | (Task::Reported, _) => None,
    }
}
