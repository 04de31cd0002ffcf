//! Whether a server that lets nobody in has replayed all the WAL that it has, and waits for more. Knows neither how it
//! was looked at nor what is made of it.
//!
//! A standby may wait so for as long as there is no primary. A recovery begins with a snapshot of the running
//! transactions, which is incomplete if one of them had more than 64 subtransactions (`PGPROC_MAX_CACHED_SUBXIDS`), and
//! a standby lets readers in only after that transaction has ended (`STANDBY_SNAPSHOT_PENDING` in
//! `src/include/access/xlogutils.h`).

use crate::postgres::control::{ClusterState, Control};
use crate::postgres::position::Position;

/// What the replay of a server that lets nobody in was seen to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayProgress {
    /// It was not looked at, or it may be at work.
    Unproven,
    /// It waits for WAL that the server does not have.
    Waiting {
        /// The end of what lies on its disk; none if that is in doubt.
        on_disk: Option<Position>,
    },
}

/// What the startup process, which replays WAL, does at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Startup {
    /// It is not seen to rest.
    Busy,
    /// It sleeps, has no segment of WAL open and no process that fetches one, and has done so much since it began.
    Resting(Work),
}

/// What a process has done since it began (proc(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// How long it has run, in ticks of the clock.
    pub ticks: u64,
    /// How often it has gone to sleep or was interrupted.
    pub switches: u64,
}

/// Whether the startup process waits for WAL that the server does not have, by what it did before a while and after
/// it. It keeps a segment open while it reads and replays its records, and closes it where no further one can be read
/// (`ReadRecord` and `XLogPageRead` in `src/backend/access/transam/xlogrecovery.c`); then it sleeps until it tries
/// again. A look alone could fall between two segments. Where `recovery_min_apply_delay` is set it may sleep between two
/// segments, too: such a standby is taken for one that has replayed everything, and its promotion takes longer.
#[must_use]
pub fn has_rested(before: Startup, after: Startup) -> bool {
    match before {
        Startup::Resting(_) => before == after,
        Startup::Busy => false,
    }
}

/// What a standby must have replayed before its data fits together, where a recovery may have done that: none where it
/// does not say so, still replays what was written during a backup, or may become a primary by itself.
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
    fn one_that_has_done_anything_meanwhile_has_not_rested() {
        assert!(has_rested(resting(5, 7), resting(5, 7)));
        for after in [resting(6, 7), resting(5, 8), Startup::Busy] {
            assert!(!has_rested(resting(5, 7), after), "{after:?}");
        }
        assert!(!has_rested(Startup::Busy, Startup::Busy));
        assert!(!has_rested(Startup::Busy, resting(5, 7)));
    }

    #[test]
    fn a_recovery_can_be_complete_only_where_no_backup_is_made_a_standby() {
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
