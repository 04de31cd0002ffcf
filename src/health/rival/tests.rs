use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::health::details::Archive;
use crate::health::evidence::Standby;
use crate::health::peer::{Heard, OLDEST, PeerServer, ServerIdentity};
use crate::health::state::ConnectionSlots;

const PRIMARY: State = State::Primary(ConnectionSlots::Free);
const STANDBY: State = State::Standby(ConnectionSlots::Free, Standby { replication: None });
const DOWN: State = State::Down(DownReason::NoSocket);

/// One more than [`OLDEST`].
const STALE: Duration = Duration::from_secs(4);

/// What this server reports about itself.
fn own(timeline: i64) -> Details {
    Details {
        server_version: 150_014,
        started: "mine".into(),
        system_identifier: "7".into(),
        timeline: Some(timeline),
        flushed: None,
        replayed_commit: None,
        archive: Archive::None,
        receiver_name: None,
        senders: None,
        slots: None,
    }
}

fn peer(at: Instant, claim: Claim, timeline: i64) -> Peer {
    let instance = ServerIdentity {
        system: "7".into(),
        started: "another's".into(),
    };
    Peer {
        node: "srv2".into(),
        heard: Some(Heard {
            at,
            server: PeerServer {
                instance,
                claim,
                timeline,
                senders: Vec::new(),
                end: None,
                slots: Vec::new(),
            },
        }),
        reach: crate::health::Reachability::Answers,
    }
}

fn silent() -> Peer {
    Peer {
        node: "srv2".into(),
        heard: None,
        reach: crate::health::Reachability::Silent,
    }
}

/// The verdict on a primary of timeline 3.
fn verdict(rivalry: &mut Rivalry, moment: Instant, peers: &[Peer]) -> Verdict {
    let rival = rivalry.judge(moment, &PRIMARY, Some(&own(3)), peers);
    yield_to(Verdict::Production, rival.as_ref(), TwoPrimaries::Yield)
}

const YIELDED: Verdict = Verdict::Down(DownReason::TwoPrimaries);

/// A rivalry in which a newer primary was heard at this moment.
fn yielded(now: Instant) -> Rivalry {
    let mut rivalry = Rivalry::default();
    let newer = [peer(now, Claim::Primary, 4)];
    assert_eq!(verdict(&mut rivalry, now, &newer), YIELDED);
    rivalry
}

#[test]
fn another_primary_is_reported_with_its_timeline_compared() {
    let now = Instant::now();
    for (timeline, standing) in [
        (2, TimelineStanding::Older),
        (3, TimelineStanding::Same),
        (4, TimelineStanding::Newer),
    ] {
        let peers = [silent(), peer(now, Claim::Primary, timeline)];
        let rival = Rivalry::default().judge(now, &PRIMARY, Some(&own(3)), &peers);
        let rival = rival.unwrap();
        assert_eq!(
            (rival.node.as_str(), rival.timeline, rival.standing),
            ("srv2", timeline, standing)
        );
    }
}

#[test]
fn of_several_the_newest_counts() {
    let now = Instant::now();
    let named = |node: &str, timeline| Peer {
        node: node.into(),
        ..peer(now, Claim::Primary, timeline)
    };
    let peers = [named("srv2", 5), named("srv3", 9), named("srv4", 2)];
    let rival = Rivalry::default().judge(now, &PRIMARY, Some(&own(3)), &peers);
    assert_eq!(rival.unwrap().node, "srv3");
}

#[test]
fn a_report_changes_no_answer_and_yielding_only_that_of_a_primary() {
    let now = Instant::now();
    let peers = [peer(now, Claim::Primary, 4)];
    let rival = Rivalry::default().judge(now, &PRIMARY, Some(&own(3)), &peers);
    let judged = |verdict, guard| yield_to(verdict, rival.as_ref(), guard);
    assert_eq!(judged(Verdict::Production, TwoPrimaries::Yield), YIELDED);
    let reported = judged(Verdict::Production, TwoPrimaries::Report);
    assert_eq!(reported, Verdict::Production);
    for other in [Verdict::Standby, Verdict::Down(DownReason::NoQuorum)] {
        assert_eq!(judged(other, TwoPrimaries::Yield), other);
    }
}

#[test]
fn a_primary_that_yielded_still_yields_while_the_other_is_silent() {
    let now = Instant::now();
    let mut rivalry = yielded(now);
    let hours = Duration::from_secs(7200);
    for (moment, word) in [
        (now + STALE, peer(now, Claim::Primary, 4)),
        (now + hours, peer(now, Claim::Primary, 4)),
        (now + hours, silent()),
        // A report that has become too old changes nothing either.
        (now + hours, peer(now + STALE, Claim::Standby, 4)),
    ] {
        assert_eq!(verdict(&mut rivalry, moment, &[word]), YIELDED);
    }
    // Nor does it change anything that this server could not be asked for a while.
    for (state, own) in [(&DOWN, None), (&PRIMARY, None)] {
        assert!(
            rivalry
                .judge(now + hours, state, own, &[silent()])
                .is_some()
        );
    }
    assert_eq!(verdict(&mut rivalry, now + hours, &[silent()]), YIELDED);
}

#[test]
fn this_servers_own_document_from_the_others_node_does_not_end_the_yielding() {
    let now = Instant::now();
    let mut rivalry = yielded(now);
    let mut passed_on = peer(now + STALE, Claim::Primary, 3);
    if let Some(heard) = &mut passed_on.heard {
        heard.server.instance.started = own(3).started;
    }
    assert_eq!(verdict(&mut rivalry, now + STALE, &[passed_on]), YIELDED);
}

#[test]
fn a_fresh_report_that_the_other_is_no_newer_primary_ends_the_yielding() {
    let now = Instant::now();
    let later = now + STALE;
    let another_system = |mut peer: Peer| {
        let heard = peer.heard.as_mut().unwrap();
        heard.server.instance.system = "8".into();
        peer
    };
    for word in [
        peer(later, Claim::Standby, 4),
        peer(later, Claim::Primary, 3),
        another_system(peer(later, Claim::Primary, 4)),
    ] {
        let answered = verdict(&mut yielded(now), later, std::slice::from_ref(&word));
        assert_eq!(answered, Verdict::Production, "{word:?}");
    }
}

#[test]
fn a_change_of_this_server_or_of_the_configuration_ends_the_yielding() {
    let now = Instant::now();
    // It has been a standby since.
    let mut rivalry = yielded(now);
    assert_eq!(rivalry.judge(now, &STANDBY, None, &[silent()]), None);
    assert_eq!(verdict(&mut rivalry, now, &[silent()]), Verdict::Production);
    // It was promoted beyond the other.
    let promoted = yielded(now).judge(now, &PRIMARY, Some(&own(5)), &[silent()]);
    assert_eq!(promoted, None);
    // It is the server of another system now.
    let other = Details {
        system_identifier: "8".into(),
        ..own(3)
    };
    assert_eq!(
        yielded(now).judge(now, &PRIMARY, Some(&other), &[silent()]),
        None
    );
    // The other is no node of the cluster any more.
    assert_eq!(verdict(&mut yielded(now), now, &[]), Verdict::Production);
}

fn any_peer(now: Instant) -> impl Strategy<Value = Peer> {
    let claim = prop_oneof![Just(Claim::Primary), Just(Claim::Standby)];
    let age = (0_u64..8).prop_map(Duration::from_secs);
    let node = prop::sample::select(vec!["srv1", "srv2", "srv3"]);
    let system = prop::sample::select(vec!["7", "8"]);
    let started = prop::sample::select(vec!["mine", "another's"]);
    let heard = prop::option::of((age, claim, 0_i64..6, system, started));
    (node, heard).prop_map(move |(node, heard)| Peer {
        node: node.into(),
        heard: heard.map(|(age, claim, timeline, system, started)| Heard {
            at: now.checked_sub(age).unwrap_or(now),
            server: PeerServer {
                instance: ServerIdentity {
                    system: system.into(),
                    started: started.into(),
                },
                claim,
                timeline,
                senders: Vec::new(),
                end: None,
                slots: Vec::new(),
            },
        }),
        reach: crate::health::Reachability::Answers,
    })
}

/// Whether this report alone obliges a primary on timeline 3 to yield.
fn obliges(peer: &Peer, now: Instant) -> bool {
    peer.heard.as_ref().is_some_and(|heard| {
        let server = &heard.server;
        now.saturating_duration_since(heard.at) <= OLDEST
            && server.claim == Claim::Primary
            && server.timeline > 3
            && server.instance.system == "7"
            && server.instance.started != "mine"
    })
}

proptest! {
    /// Never to a lower or equal timeline, another system, itself, silence, or a stale report.
    #[test]
    fn a_primary_begins_to_yield_only_to_a_fresh_report_of_a_newer_one(
        (now, peers) in Just(Instant::now()).prop_flat_map(|now| {
            (Just(now), prop::collection::vec(any_peer(now), 0..5))
        }),
    ) {
        let obliged = peers.iter().any(|peer| obliges(peer, now));
        let answered = verdict(&mut Rivalry::default(), now, &peers);
        prop_assert_eq!(answered == YIELDED, obliged);
        prop_assert!(answered == YIELDED || answered == Verdict::Production);
    }

    /// Whatever was reported before, a fresh report decides alone, unless it is this server's own, which says nothing of the
    /// node.
    #[test]
    fn a_fresh_report_replaces_what_is_remembered_of_a_node(
        (now, before, word) in Just(Instant::now()).prop_flat_map(|now| {
            (Just(now), prop::collection::vec(any_peer(now), 0..5), any_peer(now))
        }),
    ) {
        let mut rivalry = Rivalry::default();
        verdict(&mut rivalry, now, &before);
        let of_another = |heard: &Heard| {
            heard.server.instance.system != "7" || heard.server.instance.started != "mine"
        };
        if word.fresh(now).is_some_and(of_another) {
            let answered = verdict(&mut rivalry, now, std::slice::from_ref(&word));
            prop_assert_eq!(answered == YIELDED, obliges(&word, now));
        }
    }
}
