//! Judges one server after another in each check.

use std::time::Duration;

use super::*;
use crate::base::units::Bytes;
use crate::health::role_words::{PRIMARY_WORDS, STANDBY_WORDS};
use crate::health::{
    Conditions, ConnectionSlots, DownReason, Failure, LagReason, Lsn, Receiver, Replay,
    Replication, RoleWords, Share, Standby, State, Verdict,
};

const END: u64 = 1 << 30;

/// The lag in bytes of the standby in these tests.
const LAG: u64 = 8192;

fn primary() -> CheckFacts {
    CheckFacts {
        verdict: Verdict::Production,
        state: State::Primary(ConnectionSlots::Free),
        delay: None,
        senders: Some(Senders {
            streaming: 2,
            otherwise: 1,
            hidden: 0,
        }),
        slots: None,
    }
}

fn standby(verdict: Verdict, receiver: Receiver) -> CheckFacts {
    let replication = Some(Replication {
        receiver,
        received: Some(Lsn(END)),
        replayed: Some(Lsn(END - LAG)),
        replay: Replay::Running,
        last_commit_age: None,
    });
    CheckFacts {
        verdict,
        state: State::Standby(ConnectionSlots::Free, Standby { replication }),
        delay: Some(Duration::from_millis(500)),
        senders: Some(Senders::default()),
        slots: None,
    }
}

const STREAMING: Receiver = Receiver::Streaming {
    primary_end: Some(Lsn(END)),
};

fn down(reason: DownReason) -> CheckFacts {
    CheckFacts {
        verdict: Verdict::Down(reason),
        state: State::Down(reason),
        delay: None,
        senders: None,
        slots: None,
    }
}

fn conditions() -> Conditions {
    Conditions {
        max_lag: Some(Bytes(2 * LAG)),
        ..Conditions::default()
    }
}

fn role_of(expected: Option<CheckExpected>, facts: &CheckFacts) -> CheckFinding {
    role::judge(expected, facts, &conditions(), &RoleWords::default())
}

fn lag_of(limits: &LagLimits, facts: &CheckFacts) -> CheckFinding {
    lag::judge(limits, facts, &conditions())
}

fn bytes(warning: u64, critical: u64) -> LagLimits {
    LagLimits {
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
    let (writing, reading) = (
        Some(CheckExpected::Production),
        Some(CheckExpected::Standby),
    );
    for (expected, facts, status, text) in [
        (None, &primary(), PluginStatus::Ok, "production"),
        (writing, &primary(), PluginStatus::Ok, "production"),
        (reading, &primary(), PluginStatus::Critical, "production"),
        (None, &standby, PluginStatus::Ok, "standby"),
        (reading, &standby, PluginStatus::Ok, "standby"),
        (writing, &standby, PluginStatus::Critical, "standby"),
        (None, &lagging, PluginStatus::Warning, "lagging behind"),
        (reading, &lagging, PluginStatus::Critical, "lagging behind"),
        (writing, &lagging, PluginStatus::Critical, "lagging behind"),
        (None, &absent, PluginStatus::Critical, "down no-socket"),
        (None, &refused, PluginStatus::Unknown, "down auth"),
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
    let (writing, reading) = (
        Some(CheckExpected::Production),
        Some(CheckExpected::Standby),
    );
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
fn a_lag_is_compared_with_its_limits() {
    let facts = standby(Verdict::Standby, STREAMING);
    for (limits, status) in [
        (LagLimits::default(), PluginStatus::Ok),
        (bytes(LAG, 2 * LAG), PluginStatus::Ok),
        (bytes(LAG - 1, 2 * LAG), PluginStatus::Warning),
        (bytes(1, LAG - 1), PluginStatus::Critical),
    ] {
        let finding = lag_of(&limits, &facts);
        assert_eq!(finding.status, status, "{limits:?}");
        assert_eq!(finding.text, "8kB behind, for 0.500 s");
    }
    let delay = Bounds {
        warning: Some(Duration::from_millis(100)),
        critical: Some(Duration::from_secs(1)),
    };
    let limits = LagLimits {
        delay,
        ..LagLimits::default()
    };
    assert_eq!(lag_of(&limits, &facts).status, PluginStatus::Warning);
    let untold = CheckFacts {
        delay: None,
        ..facts
    };
    assert_eq!(lag_of(&limits, &untold).status, PluginStatus::Unknown);
    assert_eq!(
        lag_of(&LagLimits::default(), &untold).status,
        PluginStatus::Ok
    );
}

#[test]
fn a_lag_that_cannot_be_known_is_not_zero() {
    for receiver in [Receiver::Gone, Receiver::Hidden] {
        for verdict in [Verdict::Standby, Verdict::Lagging(LagReason::NotStreaming)] {
            let finding = lag_of(&LagLimits::default(), &standby(verdict, receiver));
            assert_eq!(finding.status, PluginStatus::Unknown, "{finding:?}");
            assert_eq!(finding.figures, []);
            let finding = role_of(None, &standby(verdict, receiver));
            assert_eq!(finding.figures, []);
        }
    }
    let absent = down(DownReason::NoSocket);
    assert_eq!(lag_of(&bytes(1, 2), &absent).status, PluginStatus::Critical);
    assert_eq!(lag_of(&bytes(1, 2), &primary()).status, PluginStatus::Ok);
}

#[test]
fn a_standby_that_lags_or_does_not_replay_is_a_warning() {
    let facts = standby(Verdict::Lagging(LagReason::Settling), STREAMING);
    let finding = lag_of(&LagLimits::default(), &facts);
    assert_eq!(
        (finding.status, finding.load),
        (PluginStatus::Warning, Load::Drain)
    );
    assert!(finding.text.starts_with("lagging settling: "));
    assert_eq!(lag_of(&bytes(1, 2), &facts).status, PluginStatus::Critical);
    let mut facts = standby(Verdict::Standby, STREAMING);
    if let State::Standby(_, standby) = &mut facts.state
        && let Some(replication) = &mut standby.replication
    {
        replication.replay = Replay::Paused;
    }
    let finding = lag_of(&LagLimits::default(), &facts);
    assert_eq!(finding.status, PluginStatus::Warning);
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
    let finding = lag_of(&LagLimits::default(), &facts);
    assert_eq!(finding.load, share(conditions()));
    assert_eq!(
        lag_of(&bytes(1, 8 * LAG), &facts).load,
        share(limit(8 * LAG))
    );
}

#[test]
fn senders_are_compared_with_a_minimum_and_a_receiver_streams_or_not() {
    let least = |warning, critical| Bounds {
        warning: Some(warning),
        critical: Some(critical),
    };
    for (bounds, status) in [
        (Bounds::default(), PluginStatus::Ok),
        (least(2, 1), PluginStatus::Ok),
        (least(3, 2), PluginStatus::Warning),
        (least(4, 3), PluginStatus::Critical),
    ] {
        let finding = replication::judge(bounds, &primary());
        assert_eq!(finding.status, status, "{bounds:?}");
        assert_eq!(
            finding.text,
            "WAL streams to 2; senders that do not stream: 1"
        );
    }
    for (receiver, status) in [
        (STREAMING, PluginStatus::Ok),
        (Receiver::Gone, PluginStatus::Critical),
        (Receiver::Hidden, PluginStatus::Unknown),
    ] {
        let facts = standby(Verdict::Standby, receiver);
        let finding = replication::judge(least(9, 9), &facts);
        assert_eq!(finding.status, status, "{receiver:?}");
    }
    let hidden = CheckFacts {
        senders: Some(Senders {
            hidden: 1,
            ..Senders::default()
        }),
        ..primary()
    };
    let untold = CheckFacts {
        senders: None,
        ..primary()
    };
    for facts in [hidden, untold, down(DownReason::Tls)] {
        let finding = replication::judge(Bounds::default(), &facts);
        assert_eq!(finding.status, PluginStatus::Unknown, "{facts:?}");
    }
}

#[test]
fn a_fresh_connection_is_judged_by_its_end_and_its_time() {
    let most = Bounds {
        warning: Some(Duration::from_millis(10)),
        critical: Some(Duration::from_millis(100)),
    };
    for (met, millis, status) in [
        (Ok(ConnectionSlots::Free), 1, PluginStatus::Ok),
        (Ok(ConnectionSlots::Free), 11, PluginStatus::Warning),
        (Ok(ConnectionSlots::Free), 101, PluginStatus::Critical),
        (Ok(ConnectionSlots::Full), 1, PluginStatus::Critical),
        (Err(Failure::TimedOut), 1, PluginStatus::Critical),
        (Err(Failure::NoSocket), 1, PluginStatus::Critical),
        (Err(Failure::Auth), 1, PluginStatus::Unknown),
        (Err(Failure::Tls), 1, PluginStatus::Unknown),
    ] {
        let finding = connect::judge(most, met, Duration::from_millis(millis));
        assert_eq!(finding.status, status, "{met:?} {millis}");
    }
}

/// A load balancer may look for a role word in a plugin's output too.
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
            role_of(Some(CheckExpected::Standby), facts),
            role_of(Some(CheckExpected::Production), facts),
            lag_of(&bytes(1, 2), facts),
            replication::judge(Bounds::default(), facts),
        ] {
            for form in OutputFormat::ALL {
                // "replication" contains "replica" and is not a role.
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
