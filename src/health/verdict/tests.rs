use super::super::Lsn;
use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn standby(replication: Replication) -> State {
    State::Standby(
        ConnectionSlots::Free,
        Standby {
            replication: Some(replication),
        },
    )
}

fn streaming(end: u64, replayed: u64) -> Replication {
    Replication {
        receiver: Receiver::Streaming {
            primary_end: Some(Lsn(end)),
        },
        received: Some(Lsn(replayed)),
        replayed: Some(Lsn(replayed)),
        replay: Replay::Running,
        last_commit_age: None,
    }
}

fn under(conditions: Conditions) -> Policy {
    Policy {
        conditions,
        ..Policy::default()
    }
}

fn max_lag(limit: u64) -> Conditions {
    Conditions {
        max_lag: Some(Bytes(limit)),
        ..Conditions::default()
    }
}

const MAX_DELAY: Conditions = Conditions {
    max_lag: None,
    max_delay: Some(SECOND),
    streaming: Streaming::Optional,
    enter: Enter {
        max_lag: None,
        max_delay: None,
    },
    hold: Duration::ZERO,
};
const REQUIRED: Conditions = Conditions {
    max_delay: None,
    streaming: Streaming::Required,
    ..MAX_DELAY
};

#[test]
fn without_conditions_any_hot_standby_is_one() {
    let gone = Replication {
        receiver: Receiver::Gone,
        replay: Replay::Paused,
        ..streaming(9, 0)
    };
    assert_eq!(
        judge(&standby(gone), None, &Policy::default()),
        Verdict::Standby
    );
    let unasked = State::Standby(ConnectionSlots::Free, Standby::default());
    assert_eq!(judge(&unasked, None, &Policy::default()), Verdict::Standby);
}

#[test]
fn a_dead_receiver_is_never_taken_for_no_lag() {
    let level = Replication {
        receiver: Receiver::Gone,
        ..streaming(100, 100)
    };
    for conditions in [max_lag(1 << 40), MAX_DELAY, REQUIRED] {
        let verdict = judge(&standby(level), Some(Duration::ZERO), &under(conditions));
        assert_eq!(verdict, Verdict::Lagging(LagReason::NotStreaming));
    }
}

#[test]
fn figures_that_may_not_be_read_meet_no_condition() {
    let hidden = Replication {
        receiver: Receiver::Hidden,
        ..streaming(100, 100)
    };
    let verdict = judge(&standby(hidden), Some(Duration::ZERO), &under(max_lag(1)));
    assert_eq!(verdict, Verdict::Lagging(LagReason::NoGrant));
    let unasked = State::Standby(ConnectionSlots::Free, Standby::default());
    let verdict = judge(&unasked, None, &under(REQUIRED));
    assert_eq!(verdict, Verdict::Lagging(LagReason::NotStreaming));
}

#[test]
fn paused_replay_breaks_the_limits_but_not_the_streaming() {
    let paused = standby(Replication {
        replay: Replay::Paused,
        ..streaming(100, 100)
    });
    for conditions in [max_lag(1000), MAX_DELAY] {
        let verdict = judge(&paused, Some(Duration::ZERO), &under(conditions));
        assert_eq!(verdict, Verdict::Lagging(LagReason::Paused));
    }
    assert_eq!(judge(&paused, None, &under(REQUIRED)), Verdict::Standby);
}

#[test]
fn the_limits_are_inclusive() {
    let state = standby(streaming(110, 100));
    assert_eq!(judge(&state, None, &under(max_lag(10))), Verdict::Standby);
    assert_eq!(
        judge(&state, None, &under(max_lag(9))),
        Verdict::Lagging(LagReason::Behind)
    );
    assert_eq!(
        judge(&state, Some(SECOND), &under(MAX_DELAY)),
        Verdict::Standby
    );
    let late = Some(SECOND + Duration::from_nanos(1));
    assert_eq!(
        judge(&state, late, &under(MAX_DELAY)),
        Verdict::Lagging(LagReason::Delayed)
    );
    assert_eq!(
        judge(&state, None, &under(MAX_DELAY)),
        Verdict::Lagging(LagReason::Delayed)
    );
}

#[test]
fn a_position_that_is_not_known_is_not_level() {
    let unknown = Replication {
        replayed: None,
        ..streaming(100, 100)
    };
    let verdict = judge(&standby(unknown), None, &under(max_lag(1 << 40)));
    assert_eq!(verdict, Verdict::Lagging(LagReason::Behind));
}

#[test]
fn a_primary_is_not_judged_by_the_conditions_of_a_standby() {
    let verdict = judge(
        &State::Primary(ConnectionSlots::Free),
        None,
        &under(max_lag(0)),
    );
    assert_eq!(verdict, Verdict::Production);
}

#[test]
fn the_operator_decides_what_a_full_server_is() {
    let down = Policy {
        when_full: WhenFull::Down,
        ..Policy::default()
    };
    let full = Verdict::Down(DownReason::Full);
    let primary = State::Primary(ConnectionSlots::Full);
    let standby = State::Standby(ConnectionSlots::Full, Standby::default());
    assert_eq!(
        judge(&primary, None, &Policy::default()),
        Verdict::Production
    );
    assert_eq!(judge(&standby, None, &Policy::default()), Verdict::Standby);
    assert_eq!(judge(&primary, None, &down), full);
    assert_eq!(judge(&standby, None, &down), full);
}
