//! Properties of every state, over any evidence.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

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
