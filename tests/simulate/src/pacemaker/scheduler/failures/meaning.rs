//! What an entry's result means (`remap_operation`, `check_operation_expiry`). Knows nothing of what follows from it.

use super::super::super::cib::NodeState;
use super::super::super::config::Config;
use super::super::super::history::{Ended, Record, Task};
use super::super::super::time::SimTime;
use super::{Found, OnFail, Role};

/// How an entry's result is understood (`remap_operation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Done,
    Failed,
    /// Not here any more.
    Hard,
    /// Not anywhere any more.
    Fatal,
}

/// A probe whose result says that the agent cannot run here counts as one that found nothing
/// (`pcmk_xe_mask_probe_failure` in `lib/common/operations.c`): exit statuses 2, invalid parameter, and 5, not
/// installed.
pub(super) fn is_masked(record: &Record) -> bool {
    record.task == Task::Probe && matches!(record.ended, Ended::Code(2 | 5))
}

/// `check_operation_expiry`.
pub(super) fn expired(
    config: &Config,
    state: &NodeState,
    record: &Record,
    now: SimTime,
    found: &mut Found,
) -> bool {
    let Some(timeout) = config.failure_timeout else {
        return false;
    };
    let (count, last) = state.failcount();
    let unexpired = if count > 0 && now > last + timeout {
        0
    } else {
        count
    };
    if unexpired > 0 {
        let end = last + timeout + std::time::Duration::from_secs(1);
        found.recheck = Some(found.recheck.map_or(end, |known| known.min(end)));
    }
    let mut expired = now >= record.changed + timeout;
    if expired && count > 0 {
        if unexpired == 0 {
            found.expired = true;
        } else {
            expired = false;
        }
    }
    let kept =
        record.task == Task::Probe && matches!(record.ended, Ended::Code(0 | 7 | 8 | 190 | 191));
    expired && !kept
}

pub(super) fn remap(
    record: &Record,
    can_fence: bool,
    unmanaged: &mut bool,
    found: &mut Found,
) -> (u8, Meaning) {
    let target = record.task.target();
    let probe = record.task == Task::Probe;
    let monitor = probe || matches!(record.task, Task::Watch(_));
    // `pcmk__effective_rc`.
    let code = match record.code() {
        190 if monitor => 0,
        191 if monitor => 8,
        code => code,
    };
    if record.ended == Ended::Timeout {
        return (code, Meaning::Failed);
    }
    let unexpected = if code == target {
        Meaning::Done
    } else {
        Meaning::Failed
    };
    let hard = |unmanaged: &mut bool| {
        // `check_recoverable`
        if record.task == Task::Stop && !can_fence {
            *unmanaged = true;
        }
        Meaning::Hard
    };
    let meaning = match code {
        0 if probe => Meaning::Done,
        7 if probe || code == target || *unmanaged => {
            found.role = Role::Stopped;
            found.on_fail = OnFail::Ignore;
            Meaning::Done
        }
        8 => {
            found.role = Role::Promoted;
            if probe { Meaning::Done } else { unexpected }
        }
        9 => {
            found.role = Role::Promoted;
            Meaning::Failed
        }
        6 => Meaning::Fatal,
        3 if matches!(record.task, Task::Watch(_)) => Meaning::Failed,
        2..=5 => hard(unmanaged),
        _ => unexpected,
    };
    (code, meaning)
}
