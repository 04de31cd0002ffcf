//! What a node's history says of the instance there: its role, and what follows from actions that have failed
//! (`unpack_rsc_op` in `lib/pengine/unpack.c`). Knows nothing of other nodes.
//!
//! - `meaning`: what an entry's result means, and how long; `watches`: which monitors are active

mod meaning;
mod watches;

use super::super::cib::NodeState;
use super::super::config::{Config, Node};
use super::super::history::{ByWatch, Ended, Task};
use super::super::time::SimTime;
use super::status::Nodes;
use meaning::{Meaning, expired, is_masked, remap};

/// What an instance is. The order is that of `enum rsc_role_e`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Role {
    Unknown,
    Stopped,
    Unpromoted,
    Promoted,
}

/// What follows from a failure (`enum action_fail_response`), the gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OnFail {
    Ignore,
    Recover,
    Block,
    Fence,
}

/// What a history says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "Pacemaker has as many flags")]
pub(super) struct Found {
    pub(super) role: Role,
    /// What it may be at most, after a promotion that has failed.
    pub(super) next: Role,
    pub(super) on_fail: OnFail,
    /// The failure is one that no restart on this node cures.
    pub(super) banned: bool,
    /// Or on any node.
    pub(super) fatal: bool,
    pub(super) unmanaged: bool,
    pub(super) stop_failed: bool,
    pub(super) pending: bool,
    pub(super) starting: bool,
    pub(super) expired: bool,
    pub(super) recheck: Option<SimTime>,
    pub(super) watches: ByWatch<bool>,
    pub(super) reschedule: bool,
}

pub(super) fn evaluate(
    config: &Config,
    state: &NodeState,
    nodes: &Nodes,
    node: Node,
    managed: bool,
    can_fence: bool,
    now: SimTime,
) -> Found {
    let mut found = Found {
        role: Role::Unknown,
        next: Role::Unknown,
        on_fail: OnFail::Ignore,
        banned: false,
        fatal: false,
        unmanaged: false,
        stop_failed: false,
        pending: false,
        starting: false,
        expired: false,
        recheck: None,
        watches: ByWatch::default(),
        reschedule: false,
    };
    let (sorted, len) = state.history.sorted();
    let records = sorted.get(..len).unwrap_or_default();
    let mut failed: Option<Task> = None;
    for record in records.iter().flatten() {
        let expired = expired(config, state, record, now, &mut found);
        let mut unmanaged = !managed || found.unmanaged;
        let (code, meaning) = remap(record, can_fence, &mut unmanaged, &mut found);
        found.unmanaged |= managed && unmanaged;
        let masked = is_masked(record);
        if expired && masked {
            if found.role <= Role::Stopped {
                found.role = Role::Unknown;
            }
        } else if expired
            && record.ended != Ended::Pending
            && (code != record.task.target() || record.ended == Ended::Timeout)
        {
            let recurs = matches!(record.task, Task::Watch(_));
            found.reschedule |=
                recurs && nodes.online.contains(node) && !nodes.unclean.contains(node);
        } else if masked {
            found.role = Role::Stopped;
            found.banned = true;
        } else if record.ended == Ended::Pending {
            pending(record.task, &mut found);
        } else if meaning == Meaning::Done {
            done(config, record.task, code, failed, &mut found);
        } else {
            failed = Some(record.task);
            fail(config, record.task, code, &mut found);
            found.banned |= meaning == Meaning::Hard;
            found.fatal |= meaning == Meaning::Fatal;
        }
    }
    if nodes.online.contains(node) {
        found.watches = watches::active(records);
    }
    found
}

/// An action that has not ended: `record-pending` is true by default.
fn pending(task: Task, found: &mut Found) {
    match task {
        Task::Start => {
            found.starting = true;
            found.role = found.role.max(Role::Unpromoted);
        }
        Task::Promote => found.role = Role::Promoted,
        Task::Stop | Task::Demote | Task::Watch(_) => {}
        Task::Probe | Task::Reported => return,
    }
    found.pending = true;
}

/// `update_resource_state`.
fn done(_config: &Config, task: Task, code: u8, failed: Option<Task>, found: &mut Found) {
    let clears = match task {
        _ if code == 7 => true,
        Task::Probe | Task::Watch(_) => {
            found.role = found.role.max(Role::Unpromoted);
            failed == Some(task)
        }
        Task::Start => {
            found.role = Role::Unpromoted;
            true
        }
        Task::Stop => {
            found.role = Role::Stopped;
            true
        }
        Task::Promote => {
            found.role = Role::Promoted;
            true
        }
        Task::Demote => {
            found.role = Role::Unpromoted;
            false
        }
        Task::Reported => false,
    };
    // "fence" is not cleared by a stop that is done.
    if clears && found.on_fail != OnFail::Fence {
        found.on_fail = OnFail::Ignore;
        found.next = Role::Unknown;
    }
}

/// `unpack_rsc_op_failure`.
fn fail(config: &Config, task: Task, code: u8, found: &mut Found) {
    // The default of `on-fail` (`unpack_operation` in `lib/pengine/pe_actions.c`).
    let on_fail = match task {
        Task::Stop if config.fencing => OnFail::Fence,
        Task::Stop => OnFail::Block,
        Task::Start
        | Task::Promote
        | Task::Demote
        | Task::Probe
        | Task::Watch(_)
        | Task::Reported => OnFail::Recover,
    };
    found.on_fail = found.on_fail.max(on_fail);
    match task {
        Task::Stop => found.stop_failed = true,
        Task::Promote => {
            found.role = Role::Promoted;
            found.next = Role::Unpromoted;
        }
        Task::Demote if code == 7 => found.role = Role::Stopped,
        Task::Demote => found.role = Role::Unpromoted,
        Task::Start | Task::Probe | Task::Watch(_) | Task::Reported => {}
    }
    found.role = found.role.max(Role::Unpromoted);
}
