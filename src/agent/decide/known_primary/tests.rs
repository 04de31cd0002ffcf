use super::*;
use crate::agent::ocf::notification::CloneInstance;
use crate::health::Lsn;
use crate::postgres::timeline::Timeline;

fn node(name: &str) -> Node {
    name.parse().unwrap()
}

fn judged(
    taken_for: TakenFor,
    ends: &[(&str, &str)],
    rules: Option<&str>,
    scores: &[(&str, Score)],
) -> Standing {
    found(taken_for, ends, rules, scores).0
}

/// Judges a primary on srv2 of timeline 2, which began at 900.
fn found(
    taken_for: TakenFor,
    ends: &[(&str, &str)],
    rules: Option<&str>,
    scores: &[(&str, Score)],
) -> (Standing, Promotion) {
    let ends = ends
        .iter()
        .map(|(name, end)| (node(name), end.parse().unwrap()));
    let rules: Option<SyncRules> = rules.map(|rules| rules.parse().unwrap());
    let primary = Primary {
        local: &node("srv2"),
        system_identifier: 7,
        branch: Branch {
            timeline: Timeline(2),
            begin: Lsn(900).into(),
        },
        parent: Some(Timeline(1)),
        taken_for,
        ends: &ends.collect(),
        rules: rules.as_ref(),
        scores: &scores
            .iter()
            .map(|(name, score)| (node(name), *score))
            .collect(),
    };
    (primary.standing(), primary.promotion())
}

const KNOWN: [(&str, &str); 2] = [
    ("srv2", "2#900#7#started#1#900"),
    ("srv1", "1#0#7#started#0#0"),
];
const FIRST: [(&str, &str); 1] = [("srv1", "1#0#7#started#0#0")];

#[test]
fn a_primary_that_the_agent_promoted_is_known() {
    for taken_for in [TakenFor::Promoted, TakenFor::Unknown, TakenFor::Unpromoted] {
        assert_eq!(judged(taken_for, &KNOWN, None, &[]), Standing::Known);
        let rules = Some("7#2@900#ANY 1 (srv1)");
        assert_eq!(judged(taken_for, &FIRST, rules, &[]), Standing::Known);
    }
}

#[test]
fn a_planned_promotion_does_not_outweigh_pacemakers_belief_in_a_standby() {
    let scores = [("srv1", Score::PRIMARY)];
    let rules = Some("7#1+850#ANY 1 (srv1)");
    for (taken_for, standing) in [
        (TakenFor::Promoted, Standing::Known),
        (TakenFor::Unknown, Standing::Known),
        (TakenFor::Unpromoted, Standing::Unexpected),
    ] {
        assert_eq!(judged(taken_for, &FIRST, rules, &scores), standing);
    }
    let other = Some("7#1+950#ANY 1 (srv1)");
    let standing = judged(TakenFor::Unknown, &FIRST, other, &scores);
    assert_eq!(standing, Standing::Unexpected);
}

#[test]
fn a_primary_promoted_by_hand_beside_the_primary_is_unexpected() {
    let scores = [("srv1", Score::PRIMARY), ("srv2", Score::BEST)];
    for taken_for in [TakenFor::Unknown, TakenFor::Unpromoted] {
        for ends in [
            &FIRST[..],
            &[],
            // Of another timeline, or of another database cluster.
            &[FIRST[0], ("srv2", "2#800#7#started#1#800")],
            &[FIRST[0], ("srv2", "2#900#8#started#1#900")],
        ] {
            let standing = judged(taken_for, ends, None, &scores);
            assert_eq!(standing, Standing::Unexpected, "{taken_for:?} {ends:?}");
        }
    }
}

#[test]
fn a_primary_from_before_this_agent_is_known_by_pacemakers_belief_or_its_score() {
    let own = [("srv2", Score::PRIMARY)];
    for (taken_for, scores) in [
        (TakenFor::Promoted, &[("srv1", Score::PRIMARY)][..]),
        (TakenFor::Unknown, &own),
        (TakenFor::Unknown, &[]),
    ] {
        assert_eq!(judged(taken_for, &[], None, scores), Standing::Known);
    }
    assert_eq!(
        judged(TakenFor::Unpromoted, &[], None, &own),
        Standing::Unexpected
    );
}

#[test]
fn a_former_primary_is_not_the_primary_unless_pacemaker_says_so() {
    let own = [("srv2", Score::PRIMARY)];
    // Also one of the same number that began later: its election verified that it has the first one's beginning.
    for later in ["3#950#7#started#2#950", "2#950#7#started#1#950"] {
        let ends = [KNOWN[0], ("srv1", later)];
        for (taken_for, standing) in [
            (TakenFor::Promoted, Standing::Known),
            (TakenFor::Unknown, Standing::Unexpected),
            (TakenFor::Unpromoted, Standing::Unexpected),
        ] {
            assert_eq!(judged(taken_for, &ends, None, &own), standing);
        }
    }
}

#[test]
fn a_primary_promoted_by_hand_does_not_outdate_another() {
    let found = ("srv1", "3#950#7#found-started#2#950");
    let ends = [KNOWN[0], found];
    for taken_for in [TakenFor::Unknown, TakenFor::Unpromoted] {
        assert_eq!(judged(taken_for, &ends, None, &[]), Standing::Known);
    }
}

#[test]
fn the_record_of_its_own_node_says_how_a_primary_was_promoted() {
    let rule = Some("7#1+850#ANY 1 (srv1)");
    for (ends, rules, promotion) in [
        (&KNOWN[..], None, Promotion::Elected),
        (&FIRST, rule, Promotion::Elected),
        (&FIRST, None, Promotion::Found),
        (&[], None, Promotion::Elected),
        (
            &[("srv2", "2#900#7#found-started#1#900"), KNOWN[1]],
            Some("7#2@900#ANY 1 (srv1)"),
            Promotion::Found,
        ),
    ] {
        let (_, found) = found(TakenFor::Promoted, ends, rules, &[]);
        assert_eq!(found, promotion, "{ends:?}");
    }
}

#[test]
fn the_role_of_one_of_two_primaries_is_unknown() {
    let list = |names: &[&str]| -> Vec<CloneInstance> {
        let instances = names.iter().map(|name| CloneInstance {
            resource: "pgsqld".into(),
            node: node(name),
        });
        instances.collect()
    };
    for (promoted, active, taken_for) in [
        (&["srv2"][..], &["srv1", "srv2"][..], TakenFor::Promoted),
        (&["srv1", "srv2"], &["srv1", "srv2"], TakenFor::Unknown),
        (&["srv1"], &["srv1", "srv2"], TakenFor::Unpromoted),
        (&[], &[], TakenFor::Unknown),
    ] {
        let plan = TransitionPlan {
            promoted: list(promoted),
            active: list(active),
            ..TransitionPlan::default()
        };
        assert_eq!(super::taken_for(&plan, &node("srv2")), taken_for);
    }
}
