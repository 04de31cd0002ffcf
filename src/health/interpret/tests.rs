use proptest::prelude::*;

use super::super::evidence::Standby;
use super::*;

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

fn seen(session: SessionEvidence, fresh: FreshConnection) -> Evidence {
    Evidence {
        session,
        fresh,
        past: Past::Unknown,
        postmaster: None,
    }
}

fn refused(detail: Detail) -> Evidence {
    seen(
        SessionEvidence::None,
        FreshConnection::Failed(Failure::CannotConnectNow(detail)),
    )
}

fn down(evidence: Evidence) -> DownReason {
    match interpret(&evidence) {
        State::Down(reason) => reason,
        other @ (State::Primary(_) | State::Standby(..)) => {
            panic!("{evidence:?} was judged {other:?}")
        }
    }
}

fn any_fresh_connection() -> impl Strategy<Value = FreshConnection> {
    prop_oneof![
        Just(FreshConnection::Succeeded),
        Just(FreshConnection::ReservedOnly),
        prop::sample::select(&FAILURES[..]).prop_map(FreshConnection::Failed),
    ]
}

fn any_silent_session() -> impl Strategy<Value = SessionEvidence> {
    prop_oneof![
        Just(SessionEvidence::None),
        prop::sample::select(&FAILURES[..]).prop_map(SessionEvidence::Failed),
    ]
}

fn any_past() -> impl Strategy<Value = Past> {
    prop_oneof![
        Just(Past::Unknown),
        Just(Past::Absent),
        prop::sample::select(&FAILURES[..]).prop_map(Past::Up),
    ]
}

fn any_status() -> impl Strategy<Value = Option<PostmasterStatus>> {
    prop_oneof![
        Just(None),
        Just(Some(PostmasterStatus::Starting)),
        Just(Some(PostmasterStatus::Stopping)),
        Just(Some(PostmasterStatus::Ready)),
        Just(Some(PostmasterStatus::Standby)),
    ]
}

proptest! {
    #[test]
    fn without_the_answer_of_a_session_the_state_is_never_a_role(
        session in any_silent_session(),
        fresh in any_fresh_connection(),
        past in any_past(),
        postmaster in any_status(),
    ) {
        let state = interpret(&Evidence { session, fresh, past, postmaster });
        prop_assert!(matches!(state, State::Down(_)), "{state:?}");
    }

    #[test]
    fn a_role_is_the_one_the_session_stated(fresh in any_fresh_connection(), past in any_past()) {
        for role in [Role::Primary, Role::Standby(Standby::default())] {
            let session = SessionEvidence::Answered(role);
            match interpret(&Evidence { session, fresh, past, postmaster: None }) {
                State::Primary(_) => prop_assert_eq!(role, Role::Primary),
                State::Standby(_, standby) => prop_assert_eq!(role, Role::Standby(standby)),
                State::Down(_) => {}
            }
        }
    }
}

#[test]
fn a_session_that_answers_does_not_hide_that_fresh_connections_fail() {
    let with = |failure| {
        seen(
            SessionEvidence::Answered(Role::Primary),
            FreshConnection::Failed(failure),
        )
    };
    assert_eq!(down(with(Failure::TimedOut)), DownReason::Hung);
    let refused = Failure::CannotConnectNow(Detail::Missing);
    assert_eq!(down(with(refused)), DownReason::ShuttingDown);
    assert_eq!(down(with(Failure::NoSocket)), DownReason::NoSocket);
}

#[test]
fn a_full_server_keeps_its_role_and_says_that_it_is_full() {
    for fresh in [
        FreshConnection::Failed(Failure::Full),
        FreshConnection::ReservedOnly,
    ] {
        let state = interpret(&seen(SessionEvidence::Answered(Role::Primary), fresh));
        assert_eq!(state, State::Primary(ConnectionSlots::Full));
    }
}

#[test]
fn a_refused_probing_role_does_not_take_the_primary_away() {
    for failure in [Failure::Auth, Failure::NoDatabase, Failure::DatabaseClosed] {
        let state = interpret(&seen(
            SessionEvidence::Answered(Role::Primary),
            FreshConnection::Failed(failure),
        ));
        assert_eq!(state, State::Primary(ConnectionSlots::Free));
    }
}

#[test]
fn the_status_in_postmaster_pid_tells_the_causes_of_57p03_apart() {
    let judged = |status, detail| {
        down(Evidence {
            postmaster: Some(status),
            ..refused(detail)
        })
    };
    assert_eq!(
        judged(PostmasterStatus::Stopping, Detail::Missing),
        DownReason::ShuttingDown
    );
    assert_eq!(
        judged(PostmasterStatus::Standby, Detail::Given),
        DownReason::NotHot
    );
    assert_eq!(
        judged(PostmasterStatus::Starting, Detail::Missing),
        DownReason::Starting
    );
    assert_eq!(
        judged(PostmasterStatus::Starting, Detail::Given),
        DownReason::Recovering
    );
    assert_eq!(
        judged(PostmasterStatus::Ready, Detail::Missing),
        DownReason::Recovering
    );
}

#[test]
fn without_the_postmasters_status_the_last_failure_decides() {
    let after = |past| {
        down(Evidence {
            past,
            ..refused(Detail::Missing)
        })
    };
    assert_eq!(
        after(Past::Up(Failure::AdminShutdown)),
        DownReason::ShuttingDown
    );
    assert_eq!(
        after(Past::Up(Failure::CrashShutdown)),
        DownReason::Recovering
    );
    assert_eq!(after(Past::Up(Failure::Lost)), DownReason::Recovering);
    assert_eq!(after(Past::Absent), DownReason::Starting);
}

#[test]
fn what_57p03_cannot_prove_is_not_claimed() {
    assert_eq!(down(refused(Detail::Missing)), DownReason::NotAccepting);
    assert_eq!(down(refused(Detail::Given)), DownReason::Recovering);
}
