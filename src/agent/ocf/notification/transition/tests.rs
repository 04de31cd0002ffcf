use proptest::prelude::*;

use super::super::CloneInstance;
use super::*;

fn node(name: &str) -> Node {
    name.parse().unwrap()
}

fn list(names: &str) -> Vec<CloneInstance> {
    let instance = |name| CloneInstance {
        resource: "pgsqld".into(),
        node: node(name),
    };
    names.split_whitespace().map(instance).collect()
}

/// Three nodes, the first of which is the primary, and nothing planned.
fn calm() -> TransitionPlan {
    TransitionPlan {
        start: vec![],
        stop: vec![],
        promote: vec![],
        demote: vec![],
        active: list("srv1 srv2 srv3"),
        promoted: list("srv1"),
        unpromoted: list("srv2 srv3"),
    }
}

fn role(notification: &TransitionPlan) -> RoleChange {
    transition(notification).role
}

#[test]
fn a_demoted_primary_whose_standby_is_promoted_is_a_switchover() {
    let moved = TransitionPlan {
        promote: list("srv2"),
        demote: list("srv1"),
        ..calm()
    };
    let expected = RoleChange::Switchover {
        from: node("srv1"),
        to: node("srv2"),
    };
    assert_eq!(role(&moved), expected);
}

#[test]
fn a_primary_that_is_stopped_or_lost_is_a_failover() {
    let expected = RoleChange::Failover {
        from: Some(node("srv1")),
        to: node("srv2"),
    };
    let stopped = TransitionPlan {
        promote: list("srv2"),
        demote: list("srv1"),
        stop: list("srv1"),
        ..calm()
    };
    assert_eq!(role(&stopped), expected);
    let lost = TransitionPlan {
        demote: vec![],
        ..stopped
    };
    assert_eq!(role(&lost), expected);
    let replaced_by_a_new_one = TransitionPlan {
        promote: list("srv2"),
        demote: list("srv1"),
        start: list("srv2"),
        unpromoted: list("srv3"),
        ..calm()
    };
    assert_eq!(role(&replaced_by_a_new_one), expected);
}

#[test]
fn a_promotion_without_a_primary_is_a_failover() {
    let away = TransitionPlan {
        promote: list("srv2"),
        active: list("srv2 srv3"),
        promoted: vec![],
        ..calm()
    };
    let expected = RoleChange::Failover {
        from: None,
        to: node("srv2"),
    };
    assert_eq!(role(&away), expected);
}

#[test]
fn a_primary_that_comes_back_where_it_was_is_recovered() {
    let recovered = TransitionPlan {
        promote: list("srv1"),
        demote: list("srv1"),
        stop: list("srv1"),
        start: list("srv1"),
        ..calm()
    };
    let expected = RoleChange::PrimaryRecovery { node: node("srv1") };
    assert_eq!(role(&recovered), expected);
    assert!(transition(&recovered).recovering_standbys.is_empty());
}

#[test]
fn a_standby_that_comes_back_where_it_was_is_recovered() {
    let recovered = TransitionPlan {
        stop: list("srv2 srv3"),
        start: list("srv3"),
        ..calm()
    };
    let expected = Transition {
        role: RoleChange::None,
        recovering_standbys: [node("srv3")].into(),
    };
    assert_eq!(transition(&recovered), expected);
}

#[test]
fn a_cluster_that_comes_up_and_promotes_at_once_starts_first() {
    let first = TransitionPlan {
        start: list("srv1 srv2 srv3"),
        promote: list("srv3"),
        active: vec![],
        promoted: vec![],
        unpromoted: vec![],
        ..calm()
    };
    assert_eq!(role(&first), RoleChange::FirstStart { to: node("srv3") });
}

#[test]
fn a_primary_without_a_successor_is_demoted() {
    let expected = RoleChange::Demotion {
        from: [node("srv1")].into(),
    };
    let demoted = TransitionPlan {
        demote: list("srv1"),
        ..calm()
    };
    assert_eq!(role(&demoted), expected);
    let stopped = TransitionPlan {
        stop: list("srv1 srv2 srv3"),
        ..calm()
    };
    assert_eq!(role(&stopped), expected);
    assert_eq!(role(&calm()), RoleChange::None);
}

#[test]
fn a_plan_with_two_primaries_is_reported_as_such() {
    let two_after = TransitionPlan {
        promote: list("srv2 srv3"),
        demote: list("srv1"),
        ..calm()
    };
    let two_before = TransitionPlan {
        promote: list("srv3"),
        promoted: list("srv1 srv2"),
        ..calm()
    };
    let two_at_once = TransitionPlan {
        promote: list("srv2"),
        ..calm()
    };
    for other in [two_after, two_before, two_at_once] {
        assert_eq!(role(&other), RoleChange::Other);
    }
}

fn any_list() -> impl Strategy<Value = Vec<CloneInstance>> {
    proptest::collection::vec("srv[1-3]", 0..4).prop_map(|names| list(&names.join(" ")))
}

fn any_notification() -> impl Strategy<Value = TransitionPlan> {
    let planned = [any_list(), any_list(), any_list(), any_list()];
    let before = [any_list(), any_list(), any_list()];
    (planned, before).prop_map(|(planned, before)| {
        let [start, stop, promote, demote] = planned;
        let [active, promoted, unpromoted] = before;
        TransitionPlan {
            start,
            stop,
            promote,
            demote,
            active,
            promoted,
            unpromoted,
        }
    })
}

proptest! {
    #[test]
    fn every_notification_is_judged_and_only_by_what_is_planned(planned in any_notification()) {
        let has = |list: &[CloneInstance], node: &Node| list.iter().any(|one| one.node == *node);
        match role(&planned) {
            RoleChange::Switchover { from, to } => {
                prop_assert!(has(&planned.promoted, &from) && has(&planned.demote, &from));
                prop_assert!(!has(&planned.stop, &from) && has(&planned.unpromoted, &to));
                prop_assert!(from != to && has(&planned.promote, &to));
            }
            RoleChange::PrimaryRecovery { node } => {
                prop_assert!(has(&planned.promoted, &node) && has(&planned.promote, &node));
            }
            RoleChange::Failover { from, to } => {
                prop_assert!(has(&planned.promote, &to) && from.as_ref() != Some(&to));
                prop_assert!(from.is_none_or(|from| has(&planned.promoted, &from)));
            }
            RoleChange::FirstStart { to } => {
                prop_assert!(has(&planned.promote, &to) && planned.active.is_empty());
            }
            RoleChange::Demotion { from } => {
                prop_assert!(planned.promote.is_empty() && !from.is_empty());
            }
            RoleChange::None => prop_assert!(planned.promote.is_empty()),
            RoleChange::Other => prop_assert!(!planned.promote.is_empty()),
        }
    }

    #[test]
    fn the_order_of_the_lists_does_not_matter(planned in any_notification()) {
        let mut turned = planned.clone();
        for list in [
            &mut turned.start,
            &mut turned.stop,
            &mut turned.promote,
            &mut turned.demote,
            &mut turned.active,
            &mut turned.promoted,
            &mut turned.unpromoted,
        ] {
            list.reverse();
        }
        prop_assert_eq!(transition(&turned), transition(&planned));
    }
}
