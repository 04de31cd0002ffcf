//! The promotion scores that notifications set after a primary was lost or recovered.

use super::*;

#[test]
fn a_veto_ends_when_no_primary_is_left() {
    let lost = TransitionPlan {
        stop: list("srv1"),
        demote: list("srv1"),
        ..calm()
    };
    let goes_on = TransitionPlan {
        promote: list("srv3"),
        ..lost.clone()
    };
    for (plan, operation, score) in [
        (lost.clone(), NotifiedOperation::Demote, "1"),
        (lost, NotifiedOperation::Stop, "1"),
        (goes_on, NotifiedOperation::Stop, "-INFINITY"),
        (calm(), NotifiedOperation::Stop, "-INFINITY"),
    ] {
        let mut world = World::with(standby());
        world.keep("srv2", "master-pgsqld", "-INFINITY");
        world.keep("srv3", "master-pgsqld", "-1000");
        notified(&mut world, "srv2", plan, NotificationType::After, operation);
        assert_eq!(world.score("srv2"), Some(score));
        assert_eq!(world.score("srv3"), Some("-1000"));
    }
}

#[test]
fn nodes_that_were_given_way_to_are_passed_over_once_no_node_is_promoted() {
    let recovered = TransitionPlan {
        start: list("srv2"),
        stop: list("srv2"),
        demote: list("srv2"),
        promoted: list("srv2"),
        ..calm()
    };
    let goes_on = TransitionPlan {
        promote: list("srv3"),
        ..recovered.clone()
    };
    let other = TransitionPlan {
        start: list("srv1"),
        ..recovered.clone()
    };
    for (plan, operation, own, score) in [
        (recovered.clone(), NotifiedOperation::Start, "2", "3"),
        // The score of an absent primary.
        (recovered.clone(), NotifiedOperation::Start, "1", "1000"),
        (recovered, NotifiedOperation::Stop, "2", "1000"),
        (goes_on, NotifiedOperation::Start, "2", "1000"),
        (other, NotifiedOperation::Start, "2", "1000"),
    ] {
        let mut world = World::with(standby());
        world.keep("srv1", "master-pgsqld", "1001");
        world.keep("srv2", "master-pgsqld", own);
        world.keep("srv3", "master-pgsqld", "1000");
        notified(&mut world, "srv2", plan, NotificationType::After, operation);
        assert_eq!(world.score("srv3"), Some(score), "{operation:?}");
        assert_eq!(world.score("srv1"), Some("1001"));
        assert_eq!(world.score("srv2"), Some(own));
    }
}

#[test]
fn an_unjudged_standby_may_be_promoted_if_commits_waited_for_standbys() {
    let lost = TransitionPlan {
        stop: list("srv1"),
        demote: list("srv1"),
        ..calm()
    };
    for (rule, own, score) in [
        ("ANY 1 (srv2,srv3)", Some("-1000"), Some("1")),
        ("ANY 1 (srv2,srv3)", Some("-1"), Some("1")),
        ("ANY 1 (srv2,srv3)", None, Some("1")),
        // It was found too far behind.
        ("ANY 1 (srv2,srv3)", Some("-990"), Some("-990")),
        ("none", Some("-1000"), Some("-1000")),
    ] {
        let mut world = World::with(standby());
        let end = format!("1#0#{SYSTEM}#started#0#0");
        world.keep("srv1", "primary_end-pgsqld", &end);
        let rules = format!("{SYSTEM}#1@0#{rule}");
        world.keep("srv1", "sync_rule-pgsqld", &rules);
        if let Some(own) = own {
            world.keep("srv2", "master-pgsqld", own);
        }
        let plan = lost.clone();
        notified(
            &mut world,
            "srv2",
            plan,
            NotificationType::After,
            NotifiedOperation::Stop,
        );
        assert_eq!(world.score("srv2"), score, "{rule} {own:?}");
    }
}

#[test]
fn a_refusal_ends_when_a_server_starts_that_had_not_reported() {
    let starts = |names: &str| TransitionPlan {
        promoted: Vec::new(),
        start: list(names),
        ..calm()
    };
    for (starting, score) in [
        ("srv1", "1"),
        // Such a server has failed, usually because it could not be promoted.
        ("srv3", "-1000001"),
        ("srv2", "-1000001"),
    ] {
        let mut world = voted("1#900", "1#900");
        world.tell("srv2", "nodes-pgsqld", "srv2 srv3");
        let end = format!("1#2000#{SYSTEM}#stopped#0#0");
        world.keep("srv3", "primary_end-pgsqld", &end);
        assert_eq!(promoted(&mut world).code, Code::Generic);
        assert_eq!(world.score("srv2"), Some("-1000001"));
        let among = world.told("srv2", "refused_among-pgsqld");
        assert_eq!(among, Some("srv2 srv3"));
        let plan = starts(starting);
        notified(
            &mut world,
            "srv2",
            plan,
            NotificationType::After,
            NotifiedOperation::Start,
        );
        assert_eq!(world.score("srv2"), Some(score), "{starting}");
    }
}
