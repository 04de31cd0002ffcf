//! Whether a server that accepts no connections has replayed all the WAL that it has, and waits for more. Knows neither
//! how it was observed nor what an action concludes from it.
//!
//! A standby may wait like this for as long as there is no primary. A recovery begins with a snapshot of the running
//! transactions, which is incomplete if one of them had more than 64 subtransactions (`PGPROC_MAX_CACHED_SUBXIDS`), and
//! a standby accepts connections only after that transaction has ended (`STANDBY_SNAPSHOT_PENDING` in
//! `src/include/access/xlogutils.h`).

use crate::postgres::control::{ClusterState, Control};
use crate::postgres::position::Position;

/// What is known of the replay of a server that accepts no connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayProgress {
    /// It was not observed, or it may be at work.
    Unproven,
    /// It waits for WAL that the server does not have.
    Waiting {
        /// The end of the WAL on its disk; `None` if that is in doubt.
        on_disk: Option<Position>,
    },
}

/// What the startup process, which replays WAL, is doing at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Startup {
    /// It was not found at rest.
    Busy,
    /// It sleeps, has no segment of WAL open and no child process that fetches one. The work is what it has done so
    /// far.
    Resting(Work),
}

/// What a process has done since it started (proc(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// The CPU time that it has used, in clock ticks.
    pub ticks: u64,
    /// How often it was switched out, by going to sleep or by preemption.
    pub switches: u64,
}

/// Returns whether the startup process waits for WAL that the server does not have, from two observations some time
/// apart. It keeps a segment open while it reads and replays its records, and closes it if no further one can be read
/// (`ReadRecord` and `XLogPageRead` in `src/backend/access/transam/xlogrecovery.c`); then it sleeps until it tries
/// again. A single observation could fall between two segments. With `recovery_min_apply_delay` it may sleep between
/// two segments, too: such a standby is treated as one that has replayed everything, and its promotion takes longer.
#[must_use]
pub fn has_rested(before: Startup, after: Startup) -> bool {
    match before {
        Startup::Resting(_) => before == after,
        Startup::Busy => false,
    }
}

/// Returns what a standby must have replayed before its data is consistent, if a recovery may have reached that; `None`
/// if the control file does not say, or the server still replays what was written during a backup, or may become a
/// primary by itself.
#[must_use]
pub fn may_be_complete(control: &Control) -> Option<Position> {
    match control.state {
        ClusterState::ArchiveRecovery => {}
        ClusterState::StartingUp
        | ClusterState::ShutDown
        | ClusterState::ShutDownInRecovery
        | ClusterState::ShuttingDown
        | ClusterState::CrashRecovery
        | ClusterState::Production => return None,
    }
    let is_backup = control.backup_start.is_some()
        || control.backup_end.is_some()
        || control.backup_end_required;
    control.minimum_recovery.filter(|_| !is_backup)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::Lsn;
    use crate::postgres::control::example;
    use crate::postgres::timeline::Timeline;

    fn resting(ticks: u64, switches: u64) -> Startup {
        Startup::Resting(Work { ticks, switches })
    }

    #[test]
    fn a_startup_process_that_did_anything_meanwhile_has_not_rested() {
        assert!(has_rested(resting(5, 7), resting(5, 7)));
        for after in [resting(6, 7), resting(5, 8), Startup::Busy] {
            assert!(!has_rested(resting(5, 7), after), "{after:?}");
        }
        assert!(!has_rested(Startup::Busy, Startup::Busy));
        assert!(!has_rested(Startup::Busy, resting(5, 7)));
    }

    #[test]
    fn a_recovery_of_a_backup_cannot_be_complete() {
        let needed = Position {
            timeline: Timeline(2),
            lsn: Lsn(0x0400_00D8),
        };
        let standby = Control {
            minimum_recovery: Some(needed),
            ..example::control(ClusterState::ArchiveRecovery)
        };
        assert_eq!(may_be_complete(&standby), Some(needed));
        for other in [
            Control {
                minimum_recovery: None,
                ..standby
            },
            Control {
                backup_start: Some(Lsn(8)),
                ..standby
            },
            Control {
                backup_end: Some(Lsn(8)),
                ..standby
            },
            Control {
                backup_end_required: true,
                ..standby
            },
        ] {
            assert_eq!(may_be_complete(&other), None, "{other:?}");
        }
        for state in ClusterState::ALL {
            let of_state = Control { state, ..standby };
            let is_standby = state == ClusterState::ArchiveRecovery;
            assert_eq!(may_be_complete(&of_state).is_some(), is_standby, "{state}");
        }
    }
}
