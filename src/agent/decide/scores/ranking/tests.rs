use proptest::prelude::*;

use super::super::sender::SenderState;
use super::*;

const END: u64 = 10 << 30;

fn node(name: &str) -> Node {
    name.parse().unwrap()
}

fn nodes(names: &[&str]) -> BTreeSet<Node> {
    names.iter().map(|name| node(name)).collect()
}

/// A standby that streams and lacks this many bytes.
fn streaming(name: &str, lag: u64) -> ReplicationRow {
    ReplicationRow {
        application_name: name.into(),
        state: SenderState::Streaming,
        written: Some(Lsn(END - lag)),
        sync: Some(SyncState::Async),
    }
}

fn ranking(
    cluster: &BTreeSet<Node>,
    senders: &[ReplicationRow],
    scores: &BTreeMap<Node, Score>,
    maxlag: Option<u64>,
) -> Ranking {
    rank(RankingFacts {
        local: &node("srv1"),
        nodes: cluster,
        end: Lsn(END),
        senders,
        scores,
        maxlag: maxlag.map(Bytes),
    })
}

/// The scores of three nodes without earlier ones.
fn scores(senders: &[ReplicationRow], maxlag: Option<u64>) -> [i32; 3] {
    let cluster = nodes(&["srv1", "srv2", "srv3"]);
    let ranking = ranking(&cluster, senders, &BTreeMap::new(), maxlag);
    ["srv1", "srv2", "srv3"].map(|name| ranking.scores[&node(name)].score().0)
}

#[test]
fn the_nearest_standby_has_the_greatest_score() {
    let far = [streaming("srv2", 100 << 20), streaming("srv3", 0)];
    assert_eq!(scores(&far, None), [1001, 990, 1000]);
    let equal = [streaming("srv3", 0), streaming("srv2", 0)];
    assert_eq!(scores(&equal, None), [1001, 1000, 990]);
}

#[test]
fn a_standby_that_is_too_far_behind_has_a_negative_score() {
    let senders = [streaming("srv2", 101), streaming("srv3", 100)];
    assert_eq!(scores(&senders, Some(100)), [1001, -990, 1000]);
    assert_eq!(scores(&senders, None), [1001, 990, 1000]);
}

#[test]
fn a_standby_that_the_primary_waits_for_comes_first() {
    let mut waited_for = streaming("srv3", 50 << 20);
    for (sync, expected) in [
        (SyncState::Sync, [1001, 990, 1000]),
        (SyncState::Quorum, [1001, 990, 1000]),
        (SyncState::Potential, [1001, 1000, 990]),
    ] {
        waited_for.sync = Some(sync);
        let senders = [streaming("srv2", 0), waited_for.clone()];
        assert_eq!(scores(&senders, None), expected);
    }
}

#[test]
fn a_standby_that_gets_no_wal_cannot_be_promoted() {
    for (state, expected) in [
        (SenderState::Startup, -1),
        (SenderState::Backup, -1),
        (SenderState::Catchup, 1000),
        (SenderState::Stopping, 1000),
    ] {
        let mut sender = streaming("srv2", 0);
        sender.state = state;
        assert_eq!(scores(&[sender], None), [1001, expected, -1000]);
        assert_eq!(SenderState::parse(state.word()), Some(state));
    }
    assert_eq!(SenderState::parse("dancing"), None);
}

#[test]
fn a_standby_that_has_not_said_what_it_has_is_behind_everything() {
    let mut silent = streaming("srv2", 0);
    silent.written = None;
    let senders = [silent, streaming("srv3", 1 << 30)];
    assert_eq!(scores(&senders, None), [1001, 990, 1000]);
    assert_eq!(scores(&senders, Some(2 << 30)), [1001, -990, 1000]);
}

#[test]
fn a_row_of_a_lost_connection_does_not_hide_the_new_one() {
    let mut old = streaming("srv2", 9 << 30);
    old.state = SenderState::Startup;
    for senders in [
        [streaming("srv2", 5), old.clone()],
        [old.clone(), streaming("srv2", 5)],
    ] {
        assert_eq!(scores(&senders, Some(5)), [1001, 1000, -1000]);
    }
}

#[test]
fn names_are_compared_as_a_whole() {
    let cluster = nodes(&["srv1", "srv2"]);
    let senders = ["srv", "", "srv2 ", "SRV2", "barman", "srv1"].map(|name| streaming(name, 0));
    let ranking = ranking(&cluster, &senders, &BTreeMap::new(), None);
    assert_eq!(ranking.scores.len(), 2);
    assert_eq!(ranking.scores[&node("srv2")], Scored::NotConnected);
    let unknown = ["srv", "", "srv2 ", "SRV2", "barman"];
    let unknown = unknown.map(|name| Oddity::Unknown(name.into()));
    assert_eq!(ranking.oddities[..5], unknown);
    assert_eq!(ranking.oddities[5], Oddity::Itself);
}

#[test]
fn a_lost_primary_loses_its_score() {
    let cluster = nodes(&["srv1", "srv2"]);
    let before = [(node("srv2"), Score::PRIMARY)].into();
    let ranking = ranking(&cluster, &[], &before, None);
    assert_eq!(ranking.scores[&node("srv2")].score(), Score::NOT_CONNECTED);
}

#[test]
fn however_many_standbys_there_are_the_last_may_be_promoted() {
    let names: Vec<String> = (100..300).map(|number| format!("srv{number}")).collect();
    let senders: Vec<ReplicationRow> = names.iter().map(|name| streaming(name, 0)).collect();
    let cluster = names.iter().map(|name| node(name)).collect();
    let ranking = ranking(&cluster, &senders, &BTreeMap::new(), None);
    let least = ranking.scores.values().map(|scored| scored.score()).min();
    assert_eq!(least, Some(Score(10)));
}

#[test]
fn a_node_that_was_found_unfit_stays_so_until_its_standby_is_fit() {
    let cluster = nodes(&["srv1", "srv2", "srv3"]);
    let vetoed: BTreeMap<Node, Score> = [(node("srv2"), Score::VETO)].into();
    let score = |senders: &[ReplicationRow], maxlag| {
        ranking(&cluster, senders, &vetoed, maxlag).scores[&node("srv2")].score()
    };
    assert_eq!(score(&[], None), Score::VETO);
    assert_eq!(score(&[streaming("srv2", 101)], Some(100)), Score::VETO);
    assert_eq!(score(&[streaming("srv2", 100)], Some(100)), Score::BEST);
}

fn any_senders() -> impl Strategy<Value = Vec<ReplicationRow>> {
    let sender = (
        "srv[0-5]",
        0_usize..5,
        proptest::option::of(0..END),
        0_usize..5,
    );
    let sender = sender.prop_map(|(application_name, state, written, sync)| ReplicationRow {
        application_name,
        state: SenderState::ALL[state],
        written: written.map(Lsn),
        sync: SyncState::ALL.get(sync).copied(),
    });
    proptest::collection::vec(sender, 0..12)
}

proptest! {
    #[test]
    fn every_node_of_the_cluster_and_no_other_has_a_score(
        senders in any_senders(),
        others in proptest::collection::btree_set("srv[0-9]", 0..6),
        maxlag: Option<u64>,
    ) {
        let mut cluster: BTreeSet<Node> = others.iter().map(|name| node(name)).collect();
        let ranking = ranking(&cluster, &senders, &BTreeMap::new(), maxlag);
        cluster.insert(node("srv1"));
        prop_assert_eq!(ranking.scores.keys().cloned().collect::<BTreeSet<_>>(), cluster);
        let primaries = ranking.scores.values().filter(|scored| **scored == Scored::Primary);
        prop_assert_eq!(primaries.count(), 1);
        for scored in ranking.scores.values() {
            if let Scored::TooFarBehind { lag, .. } = scored {
                prop_assert!(scored.score().0 < 0 && maxlag.is_some_and(|most| lag.0 > most));
            }
        }
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter(senders in any_senders()) {
        let cluster = nodes(&["srv1", "srv2", "srv3", "srv4"]);
        let scores = |senders: &[ReplicationRow]| {
            ranking(&cluster, senders, &BTreeMap::new(), Some(1 << 30)).scores
        };
        let turned: Vec<ReplicationRow> = senders.iter().rev().cloned().collect();
        prop_assert_eq!(scores(&senders), scores(&turned));
    }

    #[test]
    fn standbys_that_take_turns_in_being_ahead_keep_their_scores(
        lags in proptest::collection::vec([0..ABOUT, 0..ABOUT, 0..ABOUT], 2..8),
    ) {
        let cluster = nodes(&["srv1", "srv2", "srv3", "srv4"]);
        let mut known: BTreeMap<Node, Score> = BTreeMap::new();
        let mut first = None;
        for [one, two, three] in lags {
            let senders = [("srv2", one), ("srv3", two), ("srv4", three)];
            let senders = senders.map(|(name, lag)| streaming(name, lag));
            let ranked = ranking(&cluster, &senders, &known, None).scores;
            known = ranked.into_iter().map(|(node, scored)| (node, scored.score())).collect();
            prop_assert_eq!(&known, first.get_or_insert_with(|| known.clone()));
        }
    }
}
