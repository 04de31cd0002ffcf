//! Every action in every state: its result must be that of the decision table.

use super::played::{alive, dead, pending, primary, standby};
use super::*;
use crate::agent::decide::decision::{ACTIONS, STATES, ToPromote, cell, promote as to_promote};
use crate::agent::decide::state::{
    BackupLabel, DataDirectory, PostmasterEvidence, ServerAnswer, ServerEvidence, ServerState, Was,
    judge,
};
use crate::agent::ocf::actions::Action;
use crate::health::{Detail, Failure, PostmasterStatus};
use crate::postgres::control::example::SYSTEM;

/// The evidence of a server in a state.
fn evidence(state: ServerState) -> ServerEvidence {
    let closed = |status| ServerEvidence {
        postmaster: PostmasterEvidence::Runs(Some(status)),
        ..alive(ServerAnswer::Refused(Failure::CannotConnectNow(
            Detail::Given,
        )))
    };
    match state {
        ServerState::Primary(_) => primary(),
        ServerState::Standby(_) => standby(),
        ServerState::Pending => pending(),
        ServerState::Starting => closed(PostmasterStatus::Starting),
        ServerState::Stopping => closed(PostmasterStatus::Stopping),
        ServerState::Closed => closed(PostmasterStatus::Standby),
        ServerState::Silent => alive(ServerAnswer::Refused(Failure::TimedOut)),
        ServerState::Refusing(failure) => alive(ServerAnswer::Refused(failure)),
        ServerState::Stopped(Was::Primary) => dead(ClusterState::ShutDown),
        ServerState::Stopped(Was::Standby) => dead(ClusterState::ShutDownInRecovery),
        ServerState::Stopped(Was::Backup) => with_files(|control| DataDirectory::Present {
            control,
            backup: BackupLabel::Present,
        }),
        ServerState::Crashed(Was::Primary) => dead(ClusterState::Production),
        ServerState::Crashed(Was::Standby | Was::Backup) => dead(ClusterState::ArchiveRecovery),
        ServerState::Unreadable => with_files(|_| DataDirectory::Present {
            control: Err("its checksum is another one".into()),
            backup: BackupLabel::Absent,
        }),
        ServerState::Missing => with_files(|_| DataDirectory::Missing),
        ServerState::Elsewhere => ServerEvidence {
            postmaster: PostmasterEvidence::Elsewhere,
            ..with_files(|_| DataDirectory::Missing)
        },
    }
}

/// A dead server with other files.
fn with_files(
    change: impl FnOnce(Result<crate::postgres::control::Control, String>) -> DataDirectory,
) -> ServerEvidence {
    let crashed = dead(ClusterState::Production);
    let control = match &crashed.files {
        DataDirectory::Present { control, .. } => control.clone(),
        DataDirectory::Missing => Err(String::new()),
    };
    ServerEvidence {
        files: change(control),
        ..crashed
    }
}

/// Runs an action in a state that does not change by itself.
fn play(world: &mut World, action: Action) -> ActionOutcome {
    let context = Context {
        local: node("srv1"),
        attributes: "pgsqld".parse().unwrap(),
        maxlag: None,
        size: Size::Several,
        taken_for: TakenFor::Unknown,
        plan: TransitionPlan {
            promote: list("srv1"),
            active: list("srv1"),
            ..TransitionPlan::default()
        },
    };
    let mut clock = PlayedClock(Instant::now());
    let mut seams = Seams {
        server: &mut world.server,
        cluster: &mut world.cluster,
        deadline: Deadline::at(clock.now() + Duration::from_millis(200)),
        clock: &mut clock,
    };
    match action {
        Action::Monitor => monitor::monitor(&context, &mut seams),
        Action::Start => start::start(&context, &mut seams),
        Action::Stop => stop::stop(&context, &mut seams),
        Action::Promote => promote::promote(&context, &mut seams),
        Action::Demote => demote::demote(&context, &mut seams),
        other @ (Action::Status
        | Action::Notify
        | Action::Reload
        | Action::ReloadAgent
        | Action::ValidateAll
        | Action::MetaData
        | Action::Methods) => panic!("{other:?} does not depend on the state"),
    }
}

/// The evidence of each state is judged as that state.
#[test]
fn the_evidence_of_each_state_is_judged_as_that_state() {
    let judged = STATES.map(|state| judge(&evidence(state)).sentence());
    assert_eq!(judged, STATES.map(ServerState::sentence));
    let mut different = judged.to_vec();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), judged.len());
}

#[test]
fn every_action_ends_in_every_state_as_the_table_says() {
    for action in ACTIONS {
        for state in STATES {
            let (_, code) = cell(action, state);
            let outcome = play(&mut World::with(evidence(state)), action);
            assert_eq!(outcome.code, code, "{action:?} {state:?}: {outcome:?}");
        }
    }
}

/// Another possible result of an election: here, another node had more as a primary.
#[test]
fn an_election_may_fail() {
    for state in STATES {
        let elects = [ToPromote::Elect, ToPromote::StartAndElect].contains(&to_promote(state));
        let mut world = World::with(evidence(state));
        let end = format!("1#2000#{SYSTEM}#stopped");
        world.keep("srv2", "primary_end-pgsqld", &end);
        let outcome = play(&mut world, Action::Promote);
        let (_, code) = cell(Action::Promote, state);
        // The server that is a primary already was not promoted by an election.
        let fails = elects || matches!(state, ServerState::Primary(_));
        let expected = if fails { Code::Generic } else { code };
        assert_eq!(outcome.code, expected, "{state:?}");
        let is_vetoed = world.score("srv1") == Some("-1000001");
        assert_eq!(is_vetoed, elects, "{state:?}");
    }
}

#[test]
fn an_action_that_succeeds_has_done_what_it_is_for() {
    for state in STATES {
        for action in ACTIONS {
            let mut world = World::with(evidence(state));
            if play(&mut world, action) != ActionOutcome::SUCCESS {
                continue;
            }
            let then = judge(&world.server.evidence);
            let is_so = match action {
                Action::Start => matches!(then, ServerState::Standby(_) | ServerState::Pending),
                Action::Stop => !then.runs(),
                Action::Promote => matches!(then, ServerState::Primary(_)),
                Action::Demote => {
                    matches!(
                        then,
                        ServerState::Standby(_) | ServerState::Pending | ServerState::Closed
                    )
                }
                Action::Monitor
                | Action::Status
                | Action::Notify
                | Action::Reload
                | Action::ReloadAgent
                | Action::ValidateAll
                | Action::MetaData
                | Action::Methods => then == judge(&evidence(state)),
            };
            assert!(is_so, "{action:?} {state:?}: {then:?}");
            // Repeating it changes nothing.
            let done = world.server.done.clone();
            assert_eq!(
                play(&mut world, action),
                ActionOutcome::SUCCESS,
                "{action:?}"
            );
            let swept = |done: &[&'static str]| -> Vec<&'static str> {
                let others = done.iter().filter(|what| **what != "sweep");
                others.copied().collect()
            };
            assert_eq!(
                swept(&world.server.done),
                swept(&done),
                "{action:?} {state:?}"
            );
        }
    }
}
