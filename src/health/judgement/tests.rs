use super::*;
use crate::health::details::Archive;
use crate::health::evidence::{FreshConnection, Past, Role, SessionEvidence, Standby};
use crate::health::peer::{Claim, Heard, PeerServer, Reachability, ServerIdentity};
use crate::health::reason::{DownReason, LagReason};
use crate::health::rival::TimelineStanding;
use crate::health::verdict::{Conditions, WhenReadOnly};

const YIELD: TwoPrimaries = TwoPrimaries::Yield;
const DOWN_READ_ONLY: Policy = Policy {
    when_read_only: WhenReadOnly::Down,
    ..DEFAULT
};
const DEFAULT: Policy = Policy {
    conditions: Conditions {
        max_lag: None,
        max_delay: None,
        streaming: crate::health::Streaming::Optional,
        enter: crate::health::Enter {
            max_lag: None,
            max_delay: None,
        },
        hold: Duration::ZERO,
    },
    when_full: crate::health::WhenFull::Keep,
    when_read_only: WhenReadOnly::Keep,
};

fn answered(role: Role) -> Evidence {
    Evidence {
        session: SessionEvidence::Answered(role),
        fresh: FreshConnection::Succeeded,
        past: Past::Unknown,
        postmaster: None,
    }
}

fn own(at_timeline: i64) -> Details {
    Details {
        server_version: 150_014,
        started: "mine".into(),
        system_identifier: "7".into(),
        timeline: Some(at_timeline),
        flushed: None,
        replayed_commit: None,
        archive: Archive::None,
        receiver_name: None,
        senders: None,
        slots: None,
    }
}

fn primary_elsewhere(at: Instant, timeline: i64) -> Peer {
    Peer {
        node: "srv2".into(),
        heard: Some(Heard {
            at,
            server: PeerServer {
                instance: ServerIdentity {
                    system: "7".into(),
                    started: "another's".into(),
                },
                claim: Claim::Primary,
                timeline,
                senders: Vec::new(),
                end: None,
                slots: Vec::new(),
            },
        }),
        reach: Reachability::Answers,
    }
}

fn judged(evidence: &Evidence, facts: &RoundFacts<'_>, policy: &Policy) -> Judgement {
    let state = JudgedState::of(Instant::now(), evidence);
    PastRounds::default().judge(state, facts, policy, YIELD)
}

#[test]
fn a_primary_that_nothing_speaks_against_is_answered() {
    let facts = RoundFacts {
        transactions: Some(Transactions::ReadWrite),
        quorum: Some(Quorum::Held),
        ..RoundFacts::default()
    };
    let judged = judged(&answered(Role::Primary), &facts, &DOWN_READ_ONLY);
    assert_eq!(judged.verdict, Verdict::Production);
    assert_eq!(judged.transactions, Some(Transactions::ReadWrite));
}

#[test]
fn each_fact_by_itself_takes_the_role_of_a_primary_away() {
    let (own, peers) = (own(3), [primary_elsewhere(Instant::now(), 4)]);
    let nothing = RoundFacts::default();
    for (facts, reason) in [
        (
            RoundFacts {
                transactions: Some(Transactions::ReadOnly),
                ..nothing
            },
            DownReason::ReadOnly,
        ),
        (
            RoundFacts {
                ordered: Some(Maintenance::Drain),
                ..nothing
            },
            DownReason::Maintenance,
        ),
        (
            RoundFacts {
                quorum: Some(Quorum::Unknown),
                ..nothing
            },
            DownReason::NoQuorum,
        ),
        (
            RoundFacts {
                own: Some(&own),
                peers: Some(&peers),
                ..nothing
            },
            DownReason::TwoPrimaries,
        ),
    ] {
        let judged = judged(&answered(Role::Primary), &facts, &DOWN_READ_ONLY);
        assert_eq!(judged.verdict, Verdict::Down(reason), "{facts:?}");
    }
}

#[test]
fn a_standby_under_maintenance_lags_whatever_its_limits_say() {
    let facts = RoundFacts {
        ordered: Some(Maintenance::Drain),
        ..RoundFacts::default()
    };
    let standby = answered(Role::Standby(Standby::default()));
    let judged = judged(&standby, &facts, &DEFAULT);
    assert_eq!(judged.verdict, Verdict::Lagging(LagReason::Maintenance));
}

#[test]
fn without_an_answer_there_is_no_role_and_the_read_only_default_is_unknown() {
    let facts = RoundFacts {
        transactions: Some(Transactions::ReadWrite),
        quorum: Some(Quorum::Held),
        ..RoundFacts::default()
    };
    let evidence = Evidence {
        session: SessionEvidence::None,
        ..answered(Role::Primary)
    };
    let judged = judged(&evidence, &facts, &DEFAULT);
    assert!(matches!(judged.verdict, Verdict::Down(_)), "{judged:?}");
    assert_eq!(judged.transactions, None);
}

#[test]
fn a_newer_primary_is_remembered_from_round_to_round() {
    let (own, start) = (own(3), Instant::now());
    let heard = [primary_elsewhere(start, 4)];
    let silent = [Peer {
        heard: None,
        reach: Reachability::Silent,
        ..primary_elsewhere(start, 4)
    }];
    let mut past = PastRounds::default();
    for peers in [&heard, &silent] {
        let facts = RoundFacts {
            own: Some(&own),
            peers: Some(peers),
            ..RoundFacts::default()
        };
        let state = JudgedState::of(start, &answered(Role::Primary));
        let judged = past.judge(state, &facts, &DEFAULT, YIELD);
        assert_eq!(judged.verdict, Verdict::Down(DownReason::TwoPrimaries));
        let standing = judged.rival.map(|rival| rival.standing);
        assert_eq!(standing, Some(TimelineStanding::Newer));
    }
}
