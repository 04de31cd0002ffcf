use std::time::Duration;

use super::*;
use crate::health::details::Archive;
use crate::health::evidence::{Replay, Replication};
use crate::health::peer::{Claim, Heard, PeerServer, Sender, ServerIdentity};
use crate::health::state::ConnectionSlots;

fn standby(receiver: Receiver) -> State {
    let replication = Some(Replication {
        receiver,
        received: None,
        replayed: None,
        replay: Replay::Running,
        last_commit_age: None,
    });
    State::Standby(ConnectionSlots::Free, Standby { replication })
}

fn streaming() -> State {
    standby(Receiver::Streaming { primary_end: None })
}

/// What this standby reports about itself.
fn own(receiver_name: Option<&str>) -> Details {
    Details {
        server_version: 150_014,
        started: "mine".into(),
        system_identifier: "7".into(),
        timeline: Some(1),
        flushed: None,
        replayed_commit: None,
        archive: Archive::None,
        receiver_name: receiver_name.map(str::to_owned),
        senders: None,
        slots: None,
    }
}

/// A primary whose senders have these names and states.
fn primary(at: Instant, rows: &[(&str, Option<SyncState>)]) -> Peer {
    let sender = |(name, sync): &(&str, _)| Sender {
        name: (*name).into(),
        sync: *sync,
    };
    Peer {
        node: "srv1".into(),
        heard: Some(Heard {
            at,
            server: PeerServer {
                instance: ServerIdentity {
                    system: "7".into(),
                    started: "another's".into(),
                },
                claim: Claim::Primary,
                timeline: 1,
                senders: rows.iter().map(sender).collect(),
                end: None,
                slots: Vec::new(),
            },
        }),
        reach: crate::health::Reachability::Answers,
    }
}

/// What is known of a standby whose receiver is called `srv2`, beside one called `srv3`.
fn known(peers: &[Peer], moment: Instant) -> Option<SyncState> {
    sync_state(moment, &streaming(), Some(&own(Some("srv2"))), peers)
}

#[test]
fn each_word_is_read_as_it_is_written() {
    for state in SyncState::ALL {
        assert_eq!(SyncState::parse(state.word()), Some(state));
    }
    assert_eq!(SyncState::parse("SYNC"), None);
}

#[test]
fn the_row_with_the_name_of_the_receiver_gives_the_state() {
    let now = Instant::now();
    for state in SyncState::ALL {
        let rows = [("srv3", Some(SyncState::Async)), ("srv2", Some(state))];
        assert_eq!(known(&[primary(now, &rows)], now), Some(state));
    }
}

#[test]
fn what_is_missing_hidden_or_ambiguous_is_not_known() {
    let now = Instant::now();
    let sync = Some(SyncState::Sync);
    for rows in [
        &[][..],
        &[("srv3", sync)],
        &[("SRV2", sync)],
        &[("srv2", None)],
        &[("srv2", sync), ("srv2", Some(SyncState::Async))],
    ] {
        assert_eq!(known(&[primary(now, rows)], now), None, "{rows:?}");
    }
    let row = [("srv2", sync)];
    // Two servers have such a row: which of them the standby streams from is not known.
    assert_eq!(known(&[primary(now, &row), primary(now, &row)], now), None);
    let mut another_system = primary(now, &row);
    if let Some(heard) = &mut another_system.heard {
        heard.server.instance.system = "8".into();
    }
    assert_eq!(known(&[another_system], now), None);
    let later = now + Duration::from_secs(4);
    assert_eq!(known(&[primary(now, &row)], later), None);
}

#[test]
fn a_standby_that_does_not_stream_or_has_the_default_name_has_no_state() {
    let now = Instant::now();
    let rows = [
        ("srv2", Some(SyncState::Sync)),
        ("walreceiver", Some(SyncState::Sync)),
    ];
    let peers = [primary(now, &rows)];
    let state_of = |state: &State, own: Option<&Details>| sync_state(now, state, own, &peers);
    let named = own(Some("srv2"));
    assert_eq!(state_of(&streaming(), Some(&named)), Some(SyncState::Sync));
    for receiver in [Receiver::Gone, Receiver::Hidden] {
        assert_eq!(state_of(&standby(receiver), Some(&named)), None);
    }
    assert_eq!(
        state_of(&State::Primary(ConnectionSlots::Free), Some(&named)),
        None
    );
    assert_eq!(state_of(&streaming(), None), None);
    for nobody in [None, Some("walreceiver")] {
        assert_eq!(state_of(&streaming(), Some(&own(nobody))), None);
    }
}
