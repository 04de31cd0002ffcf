use proptest::prelude::*;

use super::super::Lsn;
use super::super::evidence::{Receiver, Replay, Replication, Standby};
use super::super::reason::DownReason;
use super::super::state::ConnectionSlots;
use super::super::verdict::{Conditions, Enter};
use super::*;
use crate::base::units::Bytes;

const LIMIT: u64 = 16 << 20;
const ENTER: u64 = 4 << 20;

/// Lags above 16 MB or 30 s; enters below 4 MB or 5 s when that has lasted for 10 s.
fn policy() -> Policy {
    Policy {
        conditions: Conditions {
            max_lag: Some(Bytes(LIMIT)),
            max_delay: Some(Duration::from_secs(30)),
            enter: Enter {
                max_lag: Some(Bytes(ENTER)),
                max_delay: Some(Duration::from_secs(5)),
            },
            hold: Duration::from_secs(10),
            ..Conditions::default()
        },
        ..Policy::default()
    }
}

fn behind(bytes: u64) -> State {
    let replication = Replication {
        receiver: Receiver::Streaming {
            primary_end: Some(Lsn(bytes)),
        },
        received: Some(Lsn(bytes)),
        replayed: Some(Lsn(0)),
        replay: Replay::Running,
        last_commit_age: None,
    };
    let replication = Some(replication);
    State::Standby(ConnectionSlots::Free, Standby { replication })
}

/// Answers about one server, second by second.
struct Watched {
    hysteresis: LagHysteresis,
    policy: Policy,
    start: Instant,
}

impl Watched {
    fn under(policy: Policy) -> Self {
        Self {
            hysteresis: LagHysteresis::default(),
            policy,
            start: Instant::now(),
        }
    }

    fn judge(&mut self, second: u64, state: &State, delay: Duration) -> Verdict {
        let asked_at = self.start + Duration::from_secs(second);
        self.hysteresis
            .judge(asked_at, state, Some(delay), &self.policy)
    }

    fn at(&mut self, second: u64, bytes: u64) -> Verdict {
        self.judge(second, &behind(bytes), Duration::ZERO)
    }
}

#[test]
fn a_limit_that_is_passed_counts_at_once() {
    let mut watched = Watched::under(policy());
    assert_eq!(watched.at(0, LIMIT), Verdict::Standby);
    assert_eq!(
        watched.at(1, LIMIT + 1),
        Verdict::Lagging(LagReason::Behind)
    );
}

#[test]
fn between_the_limits_the_answer_does_not_change() {
    let mut watched = Watched::under(policy());
    assert_eq!(watched.at(0, ENTER + 1), Verdict::Standby);
    assert_eq!(
        watched.at(1, LIMIT + 1),
        Verdict::Lagging(LagReason::Behind)
    );
    assert_eq!(
        watched.at(60, ENTER + 1),
        Verdict::Lagging(LagReason::Behind)
    );
    let late = watched.judge(70, &behind(0), Duration::from_secs(6));
    assert_eq!(late, Verdict::Lagging(LagReason::Delayed));
}

#[test]
fn a_standby_enters_when_it_was_good_for_as_long_as_asked() {
    let mut watched = Watched::under(policy());
    watched.at(0, LIMIT + 1);
    assert_eq!(watched.at(1, ENTER), Verdict::Lagging(LagReason::Settling));
    assert_eq!(watched.at(10, 0), Verdict::Lagging(LagReason::Settling));
    assert_eq!(watched.at(11, 0), Verdict::Standby);
    assert_eq!(watched.at(12, LIMIT), Verdict::Standby);
}

#[test]
fn a_relapse_begins_the_wait_anew() {
    let mut watched = Watched::under(policy());
    watched.at(0, LIMIT + 1);
    watched.at(1, 0);
    assert_eq!(
        watched.at(9, ENTER + 1),
        Verdict::Lagging(LagReason::Behind)
    );
    assert_eq!(watched.at(12, 0), Verdict::Lagging(LagReason::Settling));
    assert_eq!(watched.at(22, 0), Verdict::Standby);
}

#[test]
fn a_server_that_was_down_for_a_moment_still_has_to_settle() {
    let mut watched = Watched::under(policy());
    watched.at(0, LIMIT + 1);
    watched.at(1, 0);
    let down = State::Down(DownReason::Timeout);
    let gone = watched.judge(5, &down, Duration::ZERO);
    assert_eq!(gone, Verdict::Down(DownReason::Timeout));
    assert_eq!(watched.at(11, 0), Verdict::Lagging(LagReason::Settling));
    assert_eq!(watched.at(21, 0), Verdict::Standby);
}

#[test]
fn a_server_that_was_never_seen_to_lag_need_not_settle() {
    let mut watched = Watched::under(policy());
    let down = State::Down(DownReason::Starting);
    watched.judge(0, &down, Duration::ZERO);
    assert_eq!(watched.at(1, LIMIT), Verdict::Standby);
}

#[test]
fn a_server_that_was_a_primary_meanwhile_has_no_lag_to_settle() {
    let mut watched = Watched::under(policy());
    watched.at(0, LIMIT + 1);
    let primary = State::Primary(ConnectionSlots::Free);
    assert_eq!(
        watched.judge(1, &primary, Duration::ZERO),
        Verdict::Production
    );
    assert_eq!(watched.at(2, ENTER + 1), Verdict::Standby);
}

proptest! {
    /// However the lag jumps above the limit for entering, and whatever the checks' rhythm.
    #[test]
    fn a_minute_of_swings_around_the_limit_is_one_change(
        lags in prop::collection::vec(ENTER + 1..4 * LIMIT, 60)
    ) {
        let mut watched = Watched::under(policy());
        let said: Vec<bool> = (0..)
            .zip(lags)
            .map(|(second, lag)| watched.at(second, lag) == Verdict::Standby)
            .collect();
        let changes = said.windows(2).filter(|pair| pair[0] != pair[1]).count();
        prop_assert!(changes <= 1, "{said:?}");
    }

    /// Even down to zero, if no dip lasts as long as the hold.
    #[test]
    fn short_dips_change_nothing(
        dips in prop::collection::vec((1_u64..10, LIMIT + 1..4 * LIMIT), 10)
    ) {
        let mut watched = Watched::under(policy());
        let mut second = 0;
        watched.at(second, LIMIT + 1);
        for (length, peak) in dips {
            for _ in 0..length {
                second += 1;
                prop_assert_ne!(watched.at(second, 0), Verdict::Standby);
            }
            second += 1;
            watched.at(second, peak);
        }
    }

    #[test]
    fn without_a_hold_every_answer_is_that_of_the_moment(
        lags in prop::collection::vec(0..2 * LIMIT, 30)
    ) {
        let mut plain = policy();
        plain.conditions.enter = Enter::default();
        plain.conditions.hold = Duration::ZERO;
        let mut watched = Watched::under(plain);
        for (second, lag) in (0..).zip(lags) {
            let now = judge(&behind(lag), Some(Duration::ZERO), &plain);
            prop_assert_eq!(watched.at(second, lag), now);
        }
    }
}
