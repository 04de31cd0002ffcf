use proptest::prelude::*;

use super::*;
use crate::agent::timeline::Timeline;
use crate::role::Lsn;

fn node(name: &str) -> Node {
    name.parse().unwrap()
}

fn at(timeline: u32, lsn: u64) -> Position {
    Position {
        timeline: Timeline(timeline),
        lsn: Lsn(lsn),
    }
}

/// An election among `srv1`, which is designated, `srv2` and so on.
fn ballot(words: &[Word]) -> Ballot {
    let names = (1..).map(|number| node(&format!("srv{number}")));
    Ballot {
        designated: node("srv1"),
        nodes: names.zip(words.iter().copied()).collect(),
        required: None,
        primary: None,
        maxlag: None,
    }
}

fn others(names: &[&str]) -> Choice {
    Choice::Others(names.iter().map(|name| node(name)).collect())
}

#[test]
fn nobody_is_promoted_who_lacks_what_another_has() {
    let ballot = ballot(&[Word::At(at(1, 5)), Word::At(at(1, 6)), Word::At(at(1, 4))]);
    let outcome = elect(&ballot);
    assert_eq!(outcome.choice, others(&["srv2"]));
    assert_eq!(
        outcome.why_not[&node("srv1")].to_string(),
        "it is at 1#5 and another at 1#6"
    );
    assert_eq!(
        outcome.scores(&ballot),
        [(node("srv1"), Score::FIRST), (node("srv2"), Score::BEST)].into()
    );
}

#[test]
fn numbers_decide_and_not_texts() {
    let timelines = ballot(&[Word::At(at(9, 9)), Word::At(at(10, 1))]);
    assert_eq!(elect(&timelines).choice, others(&["srv2"]));
    let positions = ballot(&[Word::At(at(1, 99)), Word::At(at(1, 100))]);
    assert_eq!(elect(&positions).choice, others(&["srv2"]));
}

#[test]
fn among_equals_the_designated_one_is_promoted() {
    let equal = ballot(&[Word::At(at(1, 5)), Word::At(at(1, 5))]);
    let outcome = elect(&equal);
    assert_eq!(outcome.choice, Choice::Designated);
    assert_eq!(outcome.why_not, [(node("srv2"), WhyNot::Equal)].into());
    assert!(outcome.scores(&equal).is_empty());
}

#[test]
fn the_designated_one_gives_way_to_all_that_are_furthest() {
    let words = [at(1, 5), at(1, 6), at(1, 6)].map(Word::At);
    assert_eq!(elect(&ballot(&words)).choice, others(&["srv2", "srv3"]));
}

#[test]
fn whoever_is_silent_is_not_waited_for() {
    let alone = ballot(&[Word::At(at(1, 5)), Word::Silent]);
    assert_eq!(elect(&alone).choice, Choice::Designated);
    let other = ballot(&[Word::Silent, Word::At(at(1, 5))]);
    assert_eq!(elect(&other).choice, others(&["srv2"]));
    let none = elect(&ballot(&[Word::Silent, Word::Silent]));
    assert_eq!(none.choice, Choice::Nobody);
    assert_eq!(none.why_not.len(), 2);
}

#[test]
fn maxlag_counts() {
    let mut late = ballot(&[Word::At(at(2, 900)), Word::At(at(1, 5000))]);
    late.primary = Some(at(2, 1000));
    assert_eq!(elect(&late).choice, Choice::Designated);
    late.maxlag = Some(Bytes(100));
    assert_eq!(elect(&late).choice, Choice::Designated);
    late.maxlag = Some(Bytes(99));
    let outcome = elect(&late);
    assert_eq!(outcome.choice, Choice::Nobody);
    assert_eq!(
        outcome.why_not[&node("srv1")].to_string(),
        "it is 100B behind the last primary and maxlag is 99B"
    );
    // What a newer timeline has is not behind.
    late.primary = Some(at(1, 1_000_000));
    assert_eq!(elect(&late).choice, Choice::Designated);
}

#[test]
fn a_stale_node_is_not_promoted_while_the_others_are_away() {
    let mut stale = ballot(&[Word::At(at(1, 5000)), Word::Silent]);
    stale.required = Some(at(2, 1000));
    let outcome = elect(&stale);
    assert_eq!(outcome.choice, Choice::Nobody);
    assert_eq!(
        outcome.why_not[&node("srv1")].to_string(),
        "it is at 1#5000 and there was a primary at 2#1000"
    );
    // Nor with maxlag, by what was merely seen of the primary.
    stale.required = None;
    stale.primary = Some(at(2, 1000));
    assert_eq!(elect(&stale).choice, Choice::Designated);
    stale.maxlag = Some(Bytes(u64::MAX));
    assert_eq!(elect(&stale).choice, Choice::Nobody);
}

#[test]
fn nobody_is_promoted_who_lacks_the_end_of_a_primary_that_was_stopped_in_order() {
    let mut stopped = ballot(&[Word::At(at(1, 999)), Word::At(at(1, 998))]);
    stopped.required = Some(at(1, 1000));
    assert_eq!(elect(&stopped).choice, Choice::Nobody);
    // Not even within maxlag: nothing need be lost.
    stopped.primary = stopped.required;
    stopped.maxlag = Some(Bytes(100));
    assert_eq!(elect(&stopped).choice, Choice::Nobody);
    stopped.required = Some(at(1, 999));
    assert_eq!(elect(&stopped).choice, Choice::Designated);
}

fn any_position() -> impl Strategy<Value = Position> {
    // Few, so that many are equal.
    (1_u32..4, 0_u64..4).prop_map(|(timeline, lsn)| at(timeline, lsn))
}

fn any_ballot() -> impl Strategy<Value = Ballot> {
    let word = proptest::option::weighted(0.8, any_position())
        .prop_map(|position| position.map_or(Word::Silent, Word::At));
    let known = [(); 2].map(|()| proptest::option::of(any_position()));
    let maxlag = proptest::option::of(0_u64..4);
    (proptest::collection::vec(word, 1..6), known, maxlag).prop_map(|(words, known, maxlag)| {
        let [required, primary] = known;
        Ballot {
            required,
            primary,
            maxlag: maxlag.map(Bytes),
            ..ballot(&words)
        }
    })
}

proptest! {
    #[test]
    fn no_older_timeline_and_no_lower_position_is_preferred(ballot in any_ballot()) {
        let outcome = elect(&ballot);
        let promoted = match &outcome.choice {
            Choice::Designated => [ballot.designated.clone()].into(),
            Choice::Others(others) => others.clone(),
            Choice::Nobody => BTreeSet::new(),
        };
        for node in &promoted {
            let Word::At(own) = ballot.nodes[node] else {
                panic!("{node} is silent");
            };
            for word in ballot.nodes.values() {
                let is_no_further = match word {
                    Word::At(position) => *position <= own,
                    Word::Silent => true,
                };
                prop_assert!(is_no_further);
            }
            prop_assert!(ballot.required.is_none_or(|required| own >= required));
            if let (Some(primary), Some(most)) = (ballot.primary, ballot.maxlag) {
                prop_assert!(own.timeline >= primary.timeline);
                let lag = own.lsn.behind(primary.lsn);
                prop_assert!(own.timeline > primary.timeline || lag <= most);
            }
        }
    }

    #[test]
    fn every_node_is_promoted_or_told_why_not(ballot in any_ballot()) {
        let outcome = elect(&ballot);
        for node in ballot.nodes.keys() {
            let is_chosen = match &outcome.choice {
                Choice::Designated => *node == ballot.designated,
                Choice::Others(others) => others.contains(node),
                Choice::Nobody => false,
            };
            prop_assert_ne!(is_chosen, outcome.why_not.contains_key(node));
        }
        if let Choice::Others(others) = &outcome.choice {
            prop_assert!(!others.is_empty() && !others.contains(&ballot.designated));
        }
    }

    #[test]
    fn whatever_the_nodes_are_called_the_same_ones_are_chosen(
        ballot in any_ballot(),
        turn in 0_usize..6,
    ) {
        // Another order of the same names.
        let called = |name: &Node| {
            let place = ballot.nodes.keys().position(|node| node == name).unwrap();
            node(&format!("srv{}", (place + turn) % ballot.nodes.len() + 1))
        };
        let renamed = Ballot {
            designated: called(&ballot.designated),
            nodes: ballot.nodes.iter().map(|(name, word)| (called(name), *word)).collect(),
            ..ballot
        };
        let outcome = elect(&ballot);
        let expected = Outcome {
            choice: match outcome.choice {
                Choice::Others(others) => Choice::Others(others.iter().map(called).collect()),
                Choice::Designated => Choice::Designated,
                Choice::Nobody => Choice::Nobody,
            },
            why_not: outcome.why_not.iter().map(|(name, why)| (called(name), *why)).collect(),
        };
        prop_assert_eq!(elect(&renamed), expected);
    }

    #[test]
    fn whoever_is_designated_next_is_promoted(ballot in any_ballot()) {
        if let Choice::Others(others) = elect(&ballot).choice {
            for designated in others {
                let next = Ballot { designated, ..ballot.clone() };
                prop_assert_eq!(elect(&next).choice, Choice::Designated);
            }
        }
    }
}
