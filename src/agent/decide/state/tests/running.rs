//! Servers with a postmaster: what they answer, or why they refuse, decides.

use super::*;

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
