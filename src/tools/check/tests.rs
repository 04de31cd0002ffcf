//! The judgements on one server after another.

use std::time::Duration;

use super::*;
use crate::base::units::Bytes;
use crate::health::words::{PRIMARY_WORDS, STANDBY_WORDS};
use crate::health::{
    Conditions, DownReason, Failure, LagReason, Lsn, Receiver, Replay, Replication, Room, Share,
    Standby, State, Verdict, Words,
};

const END: u64 = 1 << 30;

/// How far behind the standby of these tests is.
const LAG: u64 = 8192;

fn primary() -> Facts {
    Facts {
        verdict: Verdict::Production,
        state: State::Primary(Room::Free),
        delay: None,
        senders: Some(Senders {
            streaming: 2,
            otherwise: 1,
            hidden: 0,
        }),
    }
}

fn standby(verdict: Verdict, receiver: Receiver) -> Facts {
    let replication = Some(Replication {
        receiver,
        received: Some(Lsn(END)),
        replayed: Some(Lsn(END - LAG)),
        replay: Replay::Running,
        last_commit_age: None,
    });
    Facts {
        verdict,
        state: State::Standby(Room::Free, Standby { replication }),
        delay: Some(Duration::from_millis(500)),
        senders: Some(Senders::default()),
    }
}

const STREAMING: Receiver = Receiver::Streaming {
    primary_end: Some(Lsn(END)),
};

fn down(reason: DownReason) -> Facts {
    Facts {
        verdict: Verdict::Down(reason),
        state: State::Down(reason),
        delay: None,
        senders: None,
    }
}

fn conditions() -> Conditions {
    Conditions {
        max_lag: Some(Bytes(2 * LAG)),
        ..Conditions::default()
    }
}

fn role_of(expected: Option<Expected>, facts: &Facts) -> Finding {
    role::judge(expected, facts, &conditions(), &Words::default())
}

fn lag_of(limits: &lag::Limits, facts: &Facts) -> Finding {
    lag::judge(limits, facts, &conditions())
}

fn bytes(warning: u64, critical: u64) -> lag::Limits {
    lag::Limits {
        lag: Bounds {
            warning: Some(Bytes(warning)),
            critical: Some(Bytes(critical)),
        },
        delay: Bounds::default(),
    }
}

#[test]
fn a_role_is_fine_if_it_is_known_and_expected() {
    let lagging = standby(Verdict::Lagging(LagReason::Behind), STREAMING);
    let standby = standby(Verdict::Standby, STREAMING);
    let absent = down(DownReason::NoSocket);
    let refused = down(DownReason::Auth);
    let (writing, reading) = (Some(Expected::Production), Some(Expected::Standby));
    for (expected, facts, status, text) in [
        (None, &primary(), Status::Ok, "production"),
        (writing, &primary(), Status::Ok, "production"),
        (reading, &primary(), Status::Critical, "production"),
        (None, &standby, Status::Ok, "standby"),
        (reading, &standby, Status::Ok, "standby"),
        (writing, &standby, Status::Critical, "standby"),
        (None, &lagging, Status::Warning, "lagging behind"),
        (reading, &lagging, Status::Critical, "lagging behind"),
        (writing, &lagging, Status::Critical, "lagging behind"),
        (None, &absent, Status::Critical, "down no-socket"),
        (None, &refused, Status::Unknown, "down auth"),
    ] {
        let finding = role_of(expected, facts);
        assert_eq!((finding.status, finding.text.as_str()), (status, text));
    }
}

#[test]
fn a_role_weighs_what_an_agent_would_say() {
    let half = Load::Share(Share::of(Some(Bytes(LAG)), None, &conditions()));
    let lagging = standby(Verdict::Lagging(LagReason::Behind), STREAMING);
    let standby = standby(Verdict::Standby, STREAMING);
    let (writing, reading) = (Some(Expected::Production), Some(Expected::Standby));
    for (expected, facts, load) in [
        (writing, &primary(), Load::Share(Share::FULL)),
        (reading, &primary(), Load::Drain),
        (reading, &standby, half),
        (writing, &standby, Load::Drain),
        (None, &lagging, Load::Drain),
        (reading, &lagging, Load::Drain),
        (reading, &down(DownReason::Hung), Load::AsConfigured),
    ] {
        assert_eq!(
            role_of(expected, facts).load,
            load,
            "{expected:?} {facts:?}"
        );
    }
}

#[test]
fn a_lag_is_held_against_its_limits() {
    let facts = standby(Verdict::Standby, STREAMING);
    for (limits, status) in [
        (lag::Limits::default(), Status::Ok),
        (bytes(LAG, 2 * LAG), Status::Ok),
        (bytes(LAG - 1, 2 * LAG), Status::Warning),
        (bytes(1, LAG - 1), Status::Critical),
    ] {
        let finding = lag_of(&limits, &facts);
        assert_eq!(finding.status, status, "{limits:?}");
        assert_eq!(finding.text, "8kB behind, for 0.500 s");
    }
    let delay = Bounds {
        warning: Some(Duration::from_millis(100)),
        critical: Some(Duration::from_secs(1)),
    };
    let limits = lag::Limits {
        delay,
        ..lag::Limits::default()
    };
    assert_eq!(lag_of(&limits, &facts).status, Status::Warning);
    let untold = Facts {
        delay: None,
        ..facts
    };
    assert_eq!(lag_of(&limits, &untold).status, Status::Unknown);
    assert_eq!(lag_of(&lag::Limits::default(), &untold).status, Status::Ok);
}

#[test]
fn a_lag_that_nobody_can_know_is_not_zero() {
    for receiver in [Receiver::Gone, Receiver::Hidden] {
        for verdict in [Verdict::Standby, Verdict::Lagging(LagReason::NotStreaming)] {
            let finding = lag_of(&lag::Limits::default(), &standby(verdict, receiver));
            assert_eq!(finding.status, Status::Unknown, "{finding:?}");
            assert_eq!(finding.figures, []);
            let finding = role_of(None, &standby(verdict, receiver));
            assert_eq!(finding.figures, []);
        }
    }
    let absent = down(DownReason::NoSocket);
    assert_eq!(lag_of(&bytes(1, 2), &absent).status, Status::Critical);
    assert_eq!(lag_of(&bytes(1, 2), &primary()).status, Status::Ok);
}

#[test]
fn a_standby_that_lags_or_does_not_replay_is_worth_a_look() {
    let facts = standby(Verdict::Lagging(LagReason::Settling), STREAMING);
    let finding = lag_of(&lag::Limits::default(), &facts);
    assert_eq!(
        (finding.status, finding.load),
        (Status::Warning, Load::Drain)
    );
    assert!(finding.text.starts_with("lagging settling: "));
    assert_eq!(lag_of(&bytes(1, 2), &facts).status, Status::Critical);
    let mut facts = standby(Verdict::Standby, STREAMING);
    if let State::Standby(_, standby) = &mut facts.state
        && let Some(replication) = &mut standby.replication
    {
        replication.replay = Replay::Paused;
    }
    let finding = lag_of(&lag::Limits::default(), &facts);
    assert_eq!(finding.status, Status::Warning);
    assert!(finding.text.ends_with("replay is paused"));
}

#[test]
fn the_weight_falls_towards_the_critical_limit_where_there_is_one() {
    let facts = standby(Verdict::Standby, STREAMING);
    let share = |limit| Load::Share(Share::of(Some(Bytes(LAG)), None, &limit));
    let limit = |lag| Conditions {
        max_lag: Some(Bytes(lag)),
        ..Conditions::default()
    };
    let finding = lag_of(&lag::Limits::default(), &facts);
    assert_eq!(finding.load, share(conditions()));
    assert_eq!(
        lag_of(&bytes(1, 8 * LAG), &facts).load,
        share(limit(8 * LAG))
    );
}

#[test]
fn senders_are_held_against_the_least_and_a_receiver_streams_or_not() {
    let least = |warning, critical| Bounds {
        warning: Some(warning),
        critical: Some(critical),
    };
    for (bounds, status) in [
        (Bounds::default(), Status::Ok),
        (least(2, 1), Status::Ok),
        (least(3, 2), Status::Warning),
        (least(4, 3), Status::Critical),
    ] {
        let finding = replication::judge(bounds, &primary());
        assert_eq!(finding.status, status, "{bounds:?}");
        assert_eq!(
            finding.text,
            "WAL streams to 2, beside 1 that do not stream"
        );
    }
    for (receiver, status) in [
        (STREAMING, Status::Ok),
        (Receiver::Gone, Status::Critical),
        (Receiver::Hidden, Status::Unknown),
    ] {
        let facts = standby(Verdict::Standby, receiver);
        let finding = replication::judge(least(9, 9), &facts);
        assert_eq!(finding.status, status, "{receiver:?}");
    }
    let hidden = Facts {
        senders: Some(Senders {
            hidden: 1,
            ..Senders::default()
        }),
        ..primary()
    };
    let untold = Facts {
        senders: None,
        ..primary()
    };
    for facts in [hidden, untold, down(DownReason::Tls)] {
        let finding = replication::judge(Bounds::default(), &facts);
        assert_eq!(finding.status, Status::Unknown, "{facts:?}");
    }
}

#[test]
fn a_fresh_connection_is_judged_by_its_end_and_its_time() {
    let most = Bounds {
        warning: Some(Duration::from_millis(10)),
        critical: Some(Duration::from_millis(100)),
    };
    for (met, millis, status) in [
        (Ok(Room::Free), 1, Status::Ok),
        (Ok(Room::Free), 11, Status::Warning),
        (Ok(Room::Free), 101, Status::Critical),
        (Ok(Room::Full), 1, Status::Critical),
        (Err(Failure::TimedOut), 1, Status::Critical),
        (Err(Failure::NoSocket), 1, Status::Critical),
        (Err(Failure::Auth), 1, Status::Unknown),
        (Err(Failure::Tls), 1, Status::Unknown),
    ] {
        let finding = connect::judge(most, met, Duration::from_millis(millis));
        assert_eq!(finding.status, status, "{met:?} {millis}");
    }
}

/// Somebody may look for a word in what a plugin prints, too.
#[test]
fn no_finding_names_a_role_that_is_not_the_answer() {
    let mut servers = vec![primary(), standby(Verdict::Standby, STREAMING)];
    for receiver in [STREAMING, Receiver::Gone, Receiver::Hidden] {
        let reasons = LagReason::ALL.iter();
        servers.extend(reasons.map(|reason| standby(Verdict::Lagging(*reason), receiver)));
    }
    servers.extend(DownReason::ALL.iter().map(|reason| down(*reason)));
    for facts in &servers {
        let true_word = match facts.verdict {
            Verdict::Production => "production",
            Verdict::Standby => "standby",
            Verdict::Lagging(_) | Verdict::Down(_) => "",
        };
        for finding in [
            role_of(None, facts),
            role_of(Some(Expected::Standby), facts),
            role_of(Some(Expected::Production), facts),
            lag_of(&bytes(1, 2), facts),
            replication::judge(Bounds::default(), facts),
        ] {
            for form in Form::ALL {
                // Which is no role.
                let text = form.text(&finding).to_lowercase();
                let text = text.replace("replication", "");
                for word in PRIMARY_WORDS.iter().chain(&STANDBY_WORDS) {
                    let said = text.contains(word);
                    assert!(!said || *word == true_word, "{word} in {text}");
                }
                assert!(!finding.text.contains(['|', '\n']), "{text}");
            }
        }
    }
}
