//! Servers without a postmaster in this data directory: they are judged by their files.

use super::*;

/// A server without a postmaster, which is therefore not asked.
fn dead_with(files: DataDirectory) -> ServerState {
    judge(&ServerEvidence {
        files,
        postmaster: PostmasterEvidence::Gone,
        answer: ServerAnswer::NotAsked,
        replay: ReplayProgress::Unproven,
    })
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
