//! A standby that has replayed all its WAL and accepts no connections yet.

use super::*;

/// A standby that accepts no connections, and has replayed all its WAL.
fn pending() -> ServerEvidence {
    ServerEvidence {
        files: DataDirectory::Present {
            control: Ok(Control {
                minimum_recovery: Some(NEEDED),
                ..control(ClusterState::ArchiveRecovery)
            }),
            backup: BackupLabel::Absent,
        },
        postmaster: PostmasterEvidence::Runs(Some(PostmasterStatus::Starting)),
        answer: ServerAnswer::Refused(Failure::CannotConnectNow(Detail::Given)),
        replay: ReplayProgress::Waiting {
            on_disk: Some(MORE),
        },
    }
}

#[test]
fn a_standby_that_has_replayed_everything_and_waits_for_a_primary_has_started() {
    for detail in [Detail::Given, Detail::Missing] {
        let evidence = ServerEvidence {
            answer: ServerAnswer::Refused(Failure::CannotConnectNow(detail)),
            ..pending()
        };
        let state = judge(&evidence);
        assert_eq!((state, state.code()), (ServerState::Pending, Code::Success));
        assert!(asks_for_replay(&evidence));
    }
    let just_enough = ServerEvidence {
        replay: ReplayProgress::Waiting {
            on_disk: Some(NEEDED),
        },
        ..pending()
    };
    assert_eq!(judge(&just_enough), ServerState::Pending);
}

#[test]
fn what_is_not_proven_of_a_replay_is_not_claimed() {
    let less = Position {
        lsn: Lsn(NEEDED.lsn.0 - 8),
        ..NEEDED
    };
    for replay in [
        ReplayProgress::Unproven,
        ReplayProgress::Waiting { on_disk: None },
        ReplayProgress::Waiting {
            on_disk: Some(less),
        },
    ] {
        let evidence = ServerEvidence {
            replay,
            ..pending()
        };
        assert_eq!(judge(&evidence), ServerState::Starting, "{replay:?}");
    }
}

#[test]
fn a_server_that_is_no_standby_on_its_way_is_not_pending_however_it_waits() {
    let with_control = |change: fn(&mut Control)| {
        let mut changed = control(ClusterState::ArchiveRecovery);
        changed.minimum_recovery = Some(NEEDED);
        change(&mut changed);
        ServerEvidence {
            files: DataDirectory::Present {
                control: Ok(changed),
                backup: BackupLabel::Absent,
            },
            ..pending()
        }
    };
    let with_files = |files| ServerEvidence { files, ..pending() };
    let label = DataDirectory::Present {
        control: Ok(Control {
            minimum_recovery: Some(NEEDED),
            ..control(ClusterState::ArchiveRecovery)
        }),
        backup: BackupLabel::Present,
    };
    let with_status = |status| ServerEvidence {
        postmaster: PostmasterEvidence::Runs(status),
        ..pending()
    };
    for other in [
        with_control(|control| control.state = ClusterState::CrashRecovery),
        with_control(|control| control.state = ClusterState::Production),
        with_control(|control| control.backup_start = Some(Lsn(8))),
        with_control(|control| control.minimum_recovery = None),
        with_files(label),
        with_files(unreadable()),
        with_files(DataDirectory::Missing),
        with_status(None),
        with_status(READY),
        with_status(Some(PostmasterStatus::Stopping)),
        with_status(Some(PostmasterStatus::Standby)),
        ServerEvidence {
            answer: ServerAnswer::Refused(Failure::TimedOut),
            ..pending()
        },
        ServerEvidence {
            postmaster: PostmasterEvidence::Gone,
            ..pending()
        },
    ] {
        assert!(!asks_for_replay(&other), "{other:?}");
        assert_ne!(judge(&other), ServerState::Pending, "{other:?}");
    }
}
