//! Elections: who is promoted when a node is ahead, equal or silent.

use proptest::prelude::*;

use super::*;
use crate::agent::decide::lineage::{Descent, Lineage};
use crate::agent::decide::primary_end::PrimaryEnd;
use crate::agent::decide::sync_rule::SyncRules;
use crate::base::units::Bytes;
use crate::health::Lsn;
use crate::postgres::position::Position;
use crate::postgres::timeline::Timeline;

mod crashed;
mod mixed;
mod primary_ends;
mod properties;
mod rules;
mod timelines;

fn node(name: &str) -> Node {
    name.parse().unwrap()
}

fn at(timeline: u32, lsn: u64) -> Position {
    Position {
        timeline: Timeline(timeline),
        lsn: Lsn(lsn),
    }
}

/// Parses what a node has reported: with PAF `1#5`, with this agent `1#5 7#1@0`; an empty text is silence.
fn report(text: &str) -> NodeReport {
    if text.is_empty() {
        return NodeReport::Silent;
    }
    let (position, descent) = match text.split_once(' ') {
        Some((position, descent)) => (position, Some(descent.parse().unwrap())),
        None => (text, None),
    };
    NodeReport::At(NodePosition::new(position.parse().unwrap(), descent))
}

/// An election among `srv1`, which is designated, `srv2` and so on.
fn facts(reports: &[&str]) -> ElectionFacts {
    let names = (1..).map(|number| node(&format!("srv{number}")));
    ElectionFacts {
        designated: node("srv1"),
        nodes: names.zip(reports.iter().map(|text| report(text))).collect(),
        crashed: BTreeMap::new(),
        ends: BTreeMap::new(),
        rules: BTreeMap::new(),
        copies: BTreeMap::new(),
        passed_over: BTreeSet::new(),
        seen: Vec::new(),
        maxlag: None,
    }
}

/// The same, with a node that remembers its time as a primary.
fn after(reports: &[&str], name: &str, end: &str) -> ElectionFacts {
    after_all(reports, &[(name, end)])
}

/// The same, with several such nodes.
fn after_all(reports: &[&str], ends: &[(&str, &str)]) -> ElectionFacts {
    let ends = ends
        .iter()
        .map(|(name, end)| (node(name), end.parse().unwrap()));
    ElectionFacts {
        ends: ends.collect(),
        ..facts(reports)
    }
}

fn others(names: &[&str]) -> Choice {
    Choice::Others(names.iter().map(|name| node(name)).collect())
}

fn chosen(facts: &ElectionFacts) -> Choice {
    elect(facts).choice
}

fn why_not(facts: &ElectionFacts, name: &str) -> String {
    elect(facts).why_not[&node(name)].to_string()
}

#[test]
fn a_node_that_lacks_wal_another_node_has_is_not_promoted() {
    for descent in ["", " 7#1@0"] {
        let reports = ["1#5", "1#6", "1#4"].map(|report| format!("{report}{descent}"));
        let facts = facts(&reports.each_ref().map(String::as_str));
        assert_eq!(chosen(&facts), others(&["srv2"]));
        assert_eq!(why_not(&facts, "srv1"), "it is at 1#5 and another at 1#6");
        assert_eq!(
            elect(&facts).scores(&facts),
            [(node("srv1"), Score::GAVE_WAY), (node("srv2"), Score::BEST)].into()
        );
    }
}

#[test]
fn numbers_decide_and_not_texts() {
    assert_eq!(chosen(&facts(&["9#9", "10#1"])), others(&["srv2"]));
    assert_eq!(chosen(&facts(&["1#99", "1#100"])), others(&["srv2"]));
}

#[test]
fn among_equals_the_designated_one_is_promoted() {
    let equal = facts(&["1#5 7#1@0", "1#5 7#1@0"]);
    let outcome = elect(&equal);
    assert_eq!(outcome.choice, Choice::Designated);
    assert_eq!(outcome.why_not, [(node("srv2"), WhyNot::Equal)].into());
    assert!(outcome.scores(&equal).is_empty());
}

#[test]
fn the_designated_one_gives_way_to_all_that_are_furthest() {
    let facts = facts(&["1#5", "1#6", "1#6"]);
    assert_eq!(chosen(&facts), others(&["srv2", "srv3"]));
}

#[test]
fn a_silent_node_does_not_prevent_a_promotion() {
    assert_eq!(chosen(&facts(&["1#5", ""])), Choice::Designated);
    assert_eq!(chosen(&facts(&["", "1#5"])), others(&["srv2"]));
    let none = elect(&facts(&["", ""]));
    assert_eq!(none.choice, Choice::Nobody);
    assert_eq!(none.why_not.len(), 2);
}
