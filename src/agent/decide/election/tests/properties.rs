//! Properties of every election.

use super::*;
use crate::postgres::timeline::Beginning;

/// Histories of one database cluster, and where the newest timeline of each began.
const LINEAGES: [(&str, u64); 6] = [
    ("1@0", 0),
    ("1@0,2@2", 2),
    ("1@0,2@3", 3),
    ("1@0,2@2,3@4", 4),
    ("1@0,3@3", 3),
    ("1@0,2@3,3@4", 4),
];

/// The same, with the times of promotions: some of them happened apart at one position.
const TIMED: [(&str, u64); 6] = [
    ("1@0", 0),
    ("1@0,2@2@71", 2),
    ("1@0,2@2@72", 2),
    ("1@0,2@3@73", 3),
    ("1@0,3@3@74", 3),
    ("1@0,3@3@75", 3),
];

fn any_said() -> impl Strategy<Value = NodePosition> {
    said_of(&LINEAGES)
}

fn said_of(lineages: &'static [(&'static str, u64)]) -> impl Strategy<Value = NodePosition> {
    let kind = proptest::sample::select(lineages);
    // A small range, so that many are equal.
    let descent = (kind, 0_u64..4, prop_oneof![8 => Just(7), 1 => Just(8)]);
    descent.prop_map(|((lineage, begin), more, system)| {
        let lineage: Lineage = lineage.parse().unwrap();
        let position = Position {
            timeline: lineage.newest().timeline,
            lsn: Lsn(begin + more),
        };
        let descent = Descent {
            system_identifier: system,
            lineage: Some(lineage),
        };
        NodePosition::new(position, Some(descent))
    })
}

fn any_word() -> impl Strategy<Value = NodeReport> {
    let paf = (1_u32..4, 0_u64..6)
        .prop_map(|(timeline, lsn)| NodeReport::At(NodePosition::new(at(timeline, lsn), None)));
    prop_oneof![
        8 => any_said().prop_map(NodeReport::At),
        1 => paf,
        1 => Just(NodeReport::Silent),
    ]
}

fn any_end() -> impl Strategy<Value = PrimaryEnd> {
    proptest::sample::select(
        &[
            "1#0#7#started#0#0",
            "1#3#7#stopped#0#0",
            "2#2#7#started#1#2",
            "2#4#7#stopped#1#2",
            "2#3#7#stopped",
            "3#4#7#started#2#4",
            "9#9#8#stopped",
        ][..],
    )
    .prop_map(|end| end.parse().unwrap())
}

fn any_rules() -> impl Strategy<Value = SyncRules> {
    proptest::sample::select(
        &[
            "7#1@0#ANY 1 (srv1,srv2,srv3)",
            "7#2@2#FIRST 2 (srv2,srv3,srv4)",
            "7#3@4#none#5=ANY 1 (srv1,srv2)",
            "7#1+2#ANY 1 (srv1,srv2)",
            "7#1@0+2#none#2=ANY 1 (srv1,srv2)",
            "8#9@9#ANY 1 (srv1,srv2)",
        ][..],
    )
    .prop_map(|rules| rules.parse().unwrap())
}

fn any_facts() -> impl Strategy<Value = ElectionFacts> {
    (
        proptest::collection::vec(any_word(), 1..6),
        proptest::collection::btree_map(any_name(), any_end(), 0..3),
        proptest::collection::btree_map(any_name(), any_rules(), 0..2),
        proptest::option::of(0_u64..4),
        proptest::option::of(0_u64..6),
    )
        .prop_map(|(reports, ends, rules, maxlag, seen)| {
            let names = (1..).map(|number| node(&format!("srv{number}")));
            ElectionFacts {
                nodes: names.zip(reports).collect(),
                ends,
                rules,
                maxlag: maxlag.map(Bytes),
                seen: seen
                    .map(|lsn| format!("1#{lsn}#7").parse().unwrap())
                    .into_iter()
                    .collect(),
                ..facts(&[])
            }
        })
}

fn any_name() -> impl Strategy<Value = Node> {
    (1..7).prop_map(|number| node(&format!("srv{number}")))
}

fn promoted(facts: &ElectionFacts, outcome: &Outcome) -> BTreeSet<Node> {
    match &outcome.choice {
        Choice::Designated => [facts.designated.clone()].into(),
        Choice::Others(others) => others.clone(),
        Choice::Nobody => BTreeSet::new(),
    }
}

/// What a server has, byte by byte: the timeline, its beginning, and the byte's position. The beginning of a timeline
/// counts as something as well.
fn content(said: &NodePosition) -> BTreeSet<(Timeline, Beginning, u64)> {
    let mut content = BTreeSet::new();
    let lineage = said.lineage.as_ref().unwrap();
    for timeline in (1..=said.position.timeline.0).map(Timeline) {
        let Some(begin) = lineage.begin_of(timeline) else {
            continue;
        };
        let end = lineage.left(timeline).unwrap_or(said.position.lsn);
        content.insert((timeline, begin, u64::MAX));
        content.extend((begin.at.0..end.0).map(|byte| (timeline, begin, byte)));
    }
    content
}

proptest! {
    #[test]
    fn what_servers_have_is_a_partial_order_that_positions_extend(
        one in any_said(),
        other in any_said(),
        third in any_said(),
    ) {
        let has = content::has;
        prop_assert!(has(&one, &one));
        prop_assert_eq!(has(&one, &other), content(&other).is_subset(&content(&one)));
        prop_assert!(!has(&one, &other) || one.position >= other.position);
        prop_assert!(!(has(&one, &other) && has(&other, &third)) || has(&one, &third));
    }

    #[test]
    fn what_servers_promoted_apart_at_one_position_have_is_a_partial_order(
        one in said_of(&TIMED),
        other in said_of(&TIMED),
        third in said_of(&TIMED),
    ) {
        let has = content::has;
        prop_assert_eq!(has(&one, &other), content(&other).is_subset(&content(&one)));
        prop_assert!(!(has(&one, &other) && has(&other, &third)) || has(&one, &third));
    }

    #[test]
    fn a_node_that_does_not_tell_its_timelines_makes_no_difference_among_the_others(
        reports in proptest::collection::vec(any_said(), 1..5),
        timeline in 1_u32..4,
        lsn in 0_u64..8,
    ) {
        let reports = reports.into_iter().map(|said| NodeReport::At(NodePosition { system: Some(7), ..said }));
        let names = (1..).map(|number| node(&format!("srv{number}")));
        let told = ElectionFacts { nodes: names.zip(reports).collect(), ..facts(&[]) };
        let mut mixed = told.clone();
        mixed.nodes.insert(node("srv9"), NodeReport::At(NodePosition::new(at(timeline, lsn), None)));
        let most = told.nodes.values().filter_map(NodeReport::said).map(|said| said.position).max();
        let without = chosen(&told);
        let expected = if without == Choice::Nobody || Some(at(timeline, lsn)) < most {
            without
        } else {
            let mut furthest = promoted(&told, &elect(&told));
            if Some(at(timeline, lsn)) > most {
                furthest.clear();
            }
            furthest.insert(node("srv9"));
            if furthest.contains(&told.designated) {
                Choice::Designated
            } else {
                Choice::Others(furthest)
            }
        };
        prop_assert_eq!(chosen(&mixed), expected);
    }

    #[test]
    fn a_node_that_has_less_than_another_is_never_promoted(facts in any_facts()) {
        let outcome = elect(&facts);
        for chosen in promoted(&facts, &outcome) {
            let own = facts.nodes[&chosen].said().unwrap();
            for other in facts.nodes.values().filter_map(NodeReport::said) {
                if own.lineage.is_none() || other.lineage.is_none() || own.system != other.system {
                    continue;
                }
                let (own, other) = (content(own), content(other));
                prop_assert!(own == other || !own.is_subset(&other), "{outcome:?}");
            }
        }
    }

    #[test]
    fn the_promoted_node_has_all_that_the_last_primary_had(
        reports in proptest::collection::vec(any_said(), 1..6),
        end in any_end(),
    ) {
        let names = (1..).map(|number| node(&format!("srv{number}")));
        let facts = ElectionFacts {
            nodes: names.zip(reports.into_iter().map(NodeReport::At)).collect(),
            ends: [(node("srv9"), end)].into(),
            ..facts(&[])
        };
        let outcome = elect(&facts);
        for chosen in promoted(&facts, &outcome) {
            let said = facts.nodes[&chosen].said().unwrap();
            if said.system != Some(end.system_identifier) {
                continue;
            }
            let own = content(said);
            let (timeline, lsn) = (end.position.timeline, end.position.lsn);
            let begin = end.begin();
            let is_last = |one: &(Timeline, Beginning, u64)| {
                one.0 == timeline && end.origin.is_none_or(|origin| origin.begin == one.1)
            };
            if end.moment == crate::agent::decide::primary_end::Moment::Stopped {
                for byte in begin.map_or(lsn, |begin| begin.at).0..lsn.0 {
                    prop_assert!(own.iter().any(|one| is_last(one) && one.2 == byte));
                }
            }
            for other in facts.nodes.values().filter_map(NodeReport::said) {
                if other.system == said.system {
                    let held = content(other);
                    prop_assert!(held.iter().filter(|one| is_last(one)).all(|one| own.contains(one)));
                }
            }
        }
    }

    #[test]
    fn the_promoted_node_has_what_enough_members_acknowledged(
        ends in proptest::collection::vec((0_u64..6, any::<bool>()), 2..6),
        number in 1_usize..4,
        passed_over in proptest::option::of(2_usize..6),
    ) {
        let names = (1..=ends.len()).map(|number| format!("srv{number}"));
        let names: Vec<String> = names.collect();
        let mut reports = Vec::new();
        for (end, speaks) in &ends {
            reports.push(if *speaks { format!("1#{end} 7#1@0") } else { String::new() });
        }
        let reports: Vec<&str> = reports.iter().map(String::as_str).collect();
        let rules = format!("7#1@0#ANY {number} ({})", names.join(","));
        let facts = ElectionFacts {
            rules: [(node("srv9"), rules.parse().unwrap())].into(),
            passed_over: passed_over
                .map(|number| node(&format!("srv{number}")))
                .into_iter()
                .collect(),
            ..after(&reports, "srv9", "1#0#7#started#0#0")
        };
        // The furthest position that this many of them have.
        let mut furthest: Vec<u64> = ends.iter().map(|(end, _)| *end).collect();
        furthest.sort_unstable_by(|one, other| other.cmp(one));
        let acknowledged = furthest.get(number - 1).copied().unwrap_or(0);
        let outcome = elect(&facts);
        for chosen in promoted(&facts, &outcome) {
            let own = facts.nodes[&chosen].said().unwrap().position.lsn;
            prop_assert!(own >= Lsn(acknowledged), "{outcome:?}");
        }
    }

    #[test]
    fn every_node_is_promoted_or_has_a_reason(facts in any_facts()) {
        let outcome = elect(&facts);
        let promoted = promoted(&facts, &outcome);
        for node in facts.nodes.keys() {
            prop_assert_ne!(promoted.contains(node), outcome.why_not.contains_key(node));
        }
        if let Choice::Others(others) = &outcome.choice {
            prop_assert!(!others.is_empty() && !others.contains(&facts.designated));
        }
    }

    #[test]
    fn the_choice_does_not_depend_on_the_names_of_nodes(
        facts in any_facts(),
        turn in 0_usize..6,
    ) {
        // Another order of the same names.
        let called = |name: &Node| {
            let place = facts.nodes.keys().position(|node| node == name);
            let place = place.map(|place| (place + turn) % facts.nodes.len() + 1);
            place.map_or_else(|| name.clone(), |place| node(&format!("srv{place}")))
        };
        // Rules contain names of nodes, too.
        let facts = ElectionFacts { rules: BTreeMap::new(), ..facts.clone() };
        let renamed = ElectionFacts {
            designated: called(&facts.designated),
            nodes: facts.nodes.iter().map(|(name, report)| (called(name), report.clone())).collect(),
            ends: facts.ends.iter().map(|(name, end)| (called(name), *end)).collect(),
            ..facts.clone()
        };
        let expected: BTreeSet<Node> = promoted(&facts, &elect(&facts)).iter().map(called).collect();
        prop_assert_eq!(promoted(&renamed, &elect(&renamed)), expected);
    }

    #[test]
    fn the_node_that_is_designated_next_is_promoted(facts in any_facts()) {
        if let Choice::Others(others) = elect(&facts).choice {
            for designated in others {
                let next = ElectionFacts { designated, ..facts.clone() };
                prop_assert_eq!(elect(&next).choice, Choice::Designated);
            }
        }
    }
}
