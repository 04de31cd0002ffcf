use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::health::Lsn;
use crate::postgres::control::{Checkpoint, Control, WalLevel};
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;
use crate::postgres::wal::Geometry;

/// Every failure. A new failure has to be judged here, too.
const FAILURES: [Failure; 21] = [
    Failure::NoSocket,
    Failure::Refused,
    Failure::Unreachable,
    Failure::NoHost,
    Failure::Denied,
    Failure::OtherServer,
    Failure::TimedOut,
    Failure::Full,
    Failure::Auth,
    Failure::NoDatabase,
    Failure::DatabaseClosed,
    Failure::MissingFile,
    Failure::CannotConnectNow(Detail::Given),
    Failure::CannotConnectNow(Detail::Missing),
    Failure::AdminShutdown,
    Failure::CrashShutdown,
    Failure::Lost,
    Failure::Tls,
    Failure::Setup,
    Failure::Rejected,
    Failure::Unexpected,
];

/// Failures in which a backend has refused; it would serve others.
const ANSWERED: [Failure; 5] = [
    Failure::Full,
    Failure::Auth,
    Failure::NoDatabase,
    Failure::DatabaseClosed,
    Failure::Rejected,
];

/// Failures in which the agent's own connection to the server is broken.
const OUR_OWN: [Failure; 6] = [
    Failure::Unreachable,
    Failure::NoHost,
    Failure::Denied,
    Failure::OtherServer,
    Failure::Tls,
    Failure::Setup,
];

const STATUSES: [Option<PostmasterStatus>; 5] = [
    None,
    Some(PostmasterStatus::Starting),
    Some(PostmasterStatus::Stopping),
    Some(PostmasterStatus::Ready),
    Some(PostmasterStatus::Standby),
];

const READY: Option<PostmasterStatus> = Some(PostmasterStatus::Ready);

fn control(state: ClusterState) -> Control {
    Control {
        system_identifier: 7,
        control_version: 1300,
        catalog_version: 202_209_061,
        state,
        checkpoint: Checkpoint {
            at: Lsn(0x0200_0060),
            redo: Lsn(0x0200_0028),
            timeline: Timeline(1),
            previous_timeline: Timeline(1),
        },
        minimum_recovery: None,
        backup_start: None,
        backup_end: None,
        backup_end_required: false,
        wal_level: WalLevel::Replica,
        geometry: Geometry::new(16 << 20, 8192).unwrap(),
    }
}

fn files(state: ClusterState) -> DataDirectory {
    DataDirectory::Present {
        control: Ok(control(state)),
        backup: BackupLabel::Absent,
    }
}

fn unreadable() -> DataDirectory {
    DataDirectory::Present {
        control: Err("it has 0 bytes".into()),
        backup: BackupLabel::Absent,
    }
}

/// A server without a postmaster, which is therefore not asked.
fn dead_with(files: DataDirectory) -> ServerState {
    judge(&ServerEvidence {
        files,
        postmaster: PostmasterEvidence::Gone,
        answer: ServerAnswer::NotAsked,
        replay: ReplayProgress::Unproven,
    })
}

/// A server with a postmaster.
fn alive_with(
    files: DataDirectory,
    status: Option<PostmasterStatus>,
    answer: ServerAnswer,
) -> ServerState {
    judge(&ServerEvidence {
        files,
        postmaster: PostmasterEvidence::Runs(status),
        answer,
        replay: ReplayProgress::Unproven,
    })
}

fn refusing(failure: Failure, status: Option<PostmasterStatus>) -> ServerState {
    let files = files(ClusterState::Production);
    alive_with(files, status, ServerAnswer::Refused(failure))
}

#[test]
fn a_server_that_answers_is_what_it_says_whatever_its_files_say() {
    let standby = Standby::default();
    for state in ClusterState::ALL {
        for status in STATUSES {
            let primary = alive_with(files(state), status, ServerAnswer::Primary);
            assert_eq!(primary, ServerState::Primary(RoleSource::Said(None)));
            assert_eq!(primary.code(), Code::RunningPromoted);
            let hot = alive_with(files(state), status, ServerAnswer::Standby(standby));
            assert_eq!(hot, ServerState::Standby(RoleSource::Said(Some(standby))));
            assert_eq!(hot.code(), Code::Success);
        }
    }
}

#[test]
fn a_dead_server_is_judged_by_what_it_was_doing_and_none_is_waited_for() {
    for (state, expected, code) in [
        (
            ClusterState::ShutDown,
            ServerState::Stopped(Was::Primary),
            Code::NotRunning,
        ),
        (
            ClusterState::ShutDownInRecovery,
            ServerState::Stopped(Was::Standby),
            Code::NotRunning,
        ),
        (
            ClusterState::ArchiveRecovery,
            ServerState::Crashed(Was::Standby),
            Code::Generic,
        ),
        (
            ClusterState::Production,
            ServerState::Crashed(Was::Primary),
            Code::FailedPromoted,
        ),
        // PAF waits for the end of these three, which does not come.
        (
            ClusterState::ShuttingDown,
            ServerState::Crashed(Was::Primary),
            Code::FailedPromoted,
        ),
        (
            ClusterState::StartingUp,
            ServerState::Crashed(Was::Primary),
            Code::FailedPromoted,
        ),
        (
            ClusterState::CrashRecovery,
            ServerState::Crashed(Was::Primary),
            Code::FailedPromoted,
        ),
    ] {
        let judged = dead_with(files(state));
        assert_eq!((judged, judged.code()), (expected, code), "{state}");
        assert!(!judged.runs());
    }
}

#[test]
fn a_backup_that_was_never_started_is_stopped_whatever_its_control_file_says() {
    for control in [
        Ok(control(ClusterState::Production)),
        Ok(control(ClusterState::ArchiveRecovery)),
        Err("its checksum is another one".into()),
    ] {
        let backup = dead_with(DataDirectory::Present {
            control,
            backup: BackupLabel::Present,
        });
        assert_eq!(backup, ServerState::Stopped(Was::Backup));
        assert_eq!(backup.code(), Code::NotRunning);
    }
}

#[test]
fn an_unreadable_control_file_claims_no_role() {
    assert_eq!(dead_with(unreadable()), ServerState::Unreadable);
    assert_eq!(ServerState::Unreadable.code(), Code::Generic);
    assert_eq!(dead_with(DataDirectory::Missing), ServerState::Missing);
    assert_eq!(ServerState::Missing.code(), Code::Installed);
}

#[test]
fn a_server_that_runs_in_another_directory_is_not_stopped() {
    let here = ClusterState::ALL.map(files).into_iter();
    for files in here.chain([DataDirectory::Missing, unreadable()]) {
        let state = judge(&ServerEvidence {
            files,
            postmaster: PostmasterEvidence::Elsewhere,
            answer: ServerAnswer::NotAsked,
            replay: ReplayProgress::Unproven,
        });
        assert_eq!(
            (state, state.code()),
            (ServerState::Elsewhere, Code::Generic)
        );
        assert!(state.runs());
    }
}

#[test]
fn a_server_that_takes_no_connections_yet_is_told_by_its_postmaster() {
    for detail in [Detail::Given, Detail::Missing] {
        let judged = |status| refusing(Failure::CannotConnectNow(detail), status);
        assert_eq!(judged(None), ServerState::Starting);
        assert_eq!(
            judged(Some(PostmasterStatus::Starting)),
            ServerState::Starting
        );
        // After the crash of a backend.
        assert_eq!(judged(READY), ServerState::Starting);
        assert_eq!(
            judged(Some(PostmasterStatus::Stopping)),
            ServerState::Stopping
        );
        // hot_standby is off.
        assert_eq!(judged(Some(PostmasterStatus::Standby)), ServerState::Closed);
    }
    for status in STATUSES {
        assert_eq!(
            refusing(Failure::CrashShutdown, status),
            ServerState::Starting
        );
        assert_eq!(refusing(Failure::Lost, status), ServerState::Starting);
        assert_eq!(
            refusing(Failure::AdminShutdown, status),
            ServerState::Stopping
        );
    }
}

/// What the standby of these tests must have replayed, and a later position.
const NEEDED: Position = Position {
    timeline: Timeline(1),
    lsn: Lsn(0x0200_00D8),
};
const MORE: Position = Position {
    timeline: Timeline(1),
    lsn: Lsn(0x0200_0100),
};

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

#[test]
fn a_postmaster_without_a_socket_starts_stops_or_listens_elsewhere() {
    for failure in [Failure::NoSocket, Failure::Refused] {
        let judged = |status| refusing(failure, status);
        assert_eq!(judged(None), ServerState::Starting);
        assert_eq!(
            judged(Some(PostmasterStatus::Starting)),
            ServerState::Starting
        );
        assert_eq!(
            judged(Some(PostmasterStatus::Stopping)),
            ServerState::Stopping
        );
        for up in [READY, Some(PostmasterStatus::Standby)] {
            assert_eq!(judged(up), ServerState::Refusing(failure));
        }
    }
}

#[test]
fn a_running_server_that_does_not_answer_has_the_role_of_its_control_file() {
    for failure in ANSWERED.into_iter().chain(OUR_OWN) {
        for (state, expected, code) in [
            (
                ClusterState::Production,
                ServerState::Primary(RoleSource::ControlFile(failure)),
                Code::RunningPromoted,
            ),
            (
                ClusterState::ArchiveRecovery,
                ServerState::Standby(RoleSource::ControlFile(failure)),
                Code::Success,
            ),
            (
                ClusterState::ShuttingDown,
                ServerState::Stopping,
                Code::Generic,
            ),
            (
                ClusterState::StartingUp,
                ServerState::Starting,
                Code::Generic,
            ),
            (
                ClusterState::CrashRecovery,
                ServerState::Starting,
                Code::Generic,
            ),
            (ClusterState::ShutDown, ServerState::Starting, Code::Generic),
            (
                ClusterState::ShutDownInRecovery,
                ServerState::Starting,
                Code::Generic,
            ),
        ] {
            let judged = alive_with(files(state), READY, ServerAnswer::Refused(failure));
            assert_eq!((judged, judged.code()), (expected, code), "{state}");
            let is_told = judged.sentence().contains(failure.word());
            assert_eq!(is_told, code != Code::Generic, "{failure:?}");
        }
        for nothing in [DataDirectory::Missing, unreadable()] {
            let judged = alive_with(nothing, READY, ServerAnswer::Refused(failure));
            assert_eq!(judged, ServerState::Refusing(failure));
        }
    }
}

#[test]
fn a_broken_connection_says_nothing_of_a_server_that_is_not_ready() {
    for failure in OUR_OWN {
        let judged = |status| refusing(failure, status);
        assert_eq!(judged(None), ServerState::Starting);
        assert_eq!(
            judged(Some(PostmasterStatus::Starting)),
            ServerState::Starting
        );
        assert_eq!(
            judged(Some(PostmasterStatus::Stopping)),
            ServerState::Stopping
        );
        assert_eq!(judged(Some(PostmasterStatus::Standby)), ServerState::Closed);
    }
}

#[test]
fn a_silent_server_is_neither_healthy_nor_stopped() {
    for status in STATUSES {
        let stopped = refusing(Failure::TimedOut, status);
        assert_eq!(
            (stopped, stopped.code()),
            (ServerState::Silent, Code::Generic)
        );
        let unasked = alive_with(
            files(ClusterState::Production),
            status,
            ServerAnswer::NotAsked,
        );
        assert_eq!(unasked, ServerState::Silent);
    }
}

#[test]
fn a_server_that_tells_of_its_own_failure_has_failed() {
    for status in STATUSES {
        let judged = refusing(Failure::Unexpected, status);
        assert_eq!(judged, ServerState::Refusing(Failure::Unexpected));
        assert_eq!(judged.code(), Code::Generic);
        assert!(judged.sentence().contains(Failure::Unexpected.word()));
    }
}

fn any_files() -> impl Strategy<Value = DataDirectory> {
    let backup = select(vec![BackupLabel::Present, BackupLabel::Absent]);
    let control = prop_oneof![
        (select(ClusterState::ALL.to_vec()), any::<bool>()).prop_map(|(state, is_recovered)| {
            let minimum_recovery = is_recovered.then_some(NEEDED);
            Ok(Control {
                minimum_recovery,
                ..control(state)
            })
        }),
        Just(Err("it has 0 bytes".to_owned())),
    ];
    let present =
        (control, backup).prop_map(|(control, backup)| DataDirectory::Present { control, backup });
    prop_oneof![Just(DataDirectory::Missing), present]
}

fn any_evidence() -> impl Strategy<Value = ServerEvidence> {
    let postmaster = prop_oneof![
        Just(PostmasterEvidence::Gone),
        Just(PostmasterEvidence::Elsewhere),
        select(STATUSES.to_vec()).prop_map(PostmasterEvidence::Runs),
    ];
    let answer = prop_oneof![
        Just(ServerAnswer::NotAsked),
        Just(ServerAnswer::Primary),
        Just(ServerAnswer::Standby(Standby::default())),
        select(FAILURES.to_vec()).prop_map(ServerAnswer::Refused),
    ];
    let replay = prop_oneof![
        Just(ReplayProgress::Unproven),
        select(vec![None, Some(NEEDED), Some(MORE)])
            .prop_map(|on_disk| ReplayProgress::Waiting { on_disk }),
    ];
    let parts = (any_files(), postmaster, answer, replay);
    parts.prop_map(|(files, postmaster, answer, replay)| ServerEvidence {
        files,
        postmaster,
        answer,
        replay,
    })
}

fn says(files: &DataDirectory, state: ClusterState) -> bool {
    match files {
        DataDirectory::Missing => false,
        DataDirectory::Present { control, .. } => {
            control.as_ref().is_ok_and(|control| control.state == state)
        }
    }
}

proptest! {
    #[test]
    fn a_primary_has_said_so_or_lives_with_a_control_file_that_does(evidence in any_evidence()) {
        let lives = evidence.postmaster != PostmasterEvidence::Gone;
        let state = judge(&evidence);
        if let ServerState::Primary(_) = state {
            let refused = ANSWERED
                .into_iter()
                .chain(OUR_OWN)
                .any(|failure| evidence.answer == ServerAnswer::Refused(failure));
            let lives = lives && evidence.postmaster != PostmasterEvidence::Elsewhere;
            let production = says(&evidence.files, ClusterState::Production);
            prop_assert!(lives && (evidence.answer == ServerAnswer::Primary || refused && production));
        }
        prop_assert_eq!(state.code() == Code::RunningPromoted, matches!(state, ServerState::Primary(_)));
    }

    #[test]
    fn a_healthy_standby_has_said_so_or_its_files_do(evidence in any_evidence()) {
        let said = matches!(evidence.answer, ServerAnswer::Standby(_));
        let written = says(&evidence.files, ClusterState::ArchiveRecovery);
        prop_assert!(judge(&evidence).code() != Code::Success || said || written);
    }

    #[test]
    fn a_server_runs_exactly_while_its_postmaster_does(evidence in any_evidence()) {
        let lives = evidence.postmaster != PostmasterEvidence::Gone;
        let state = judge(&evidence);
        prop_assert_eq!(state.runs(), lives);
        // A running server is never called stopped: its host would start another one.
        prop_assert!(!lives || state.code() != Code::NotRunning);
        prop_assert!(!state.sentence().is_empty());
    }
}
