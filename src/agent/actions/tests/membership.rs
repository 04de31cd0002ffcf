//! Promotions while nodes are absent.

use super::played::{Fails, OUTDATED};
use super::upstream::{promoted, reason, voted};
use super::*;

#[test]
fn a_promotion_makes_the_configuration_of_absent_nodes_obsolete() {
    for (members, outdated) in [(&["srv1", "srv2", "srv3"][..], 0), (&["srv2", "srv3"], 1)] {
        let mut world = voted("stopped");
        world.cluster.members = members.iter().map(|name| node(name)).collect();
        assert_eq!(promoted(&mut world, switchover()), ActionOutcome::SUCCESS);
        assert_eq!(world.cluster.outdated, outdated, "{members:?}");
    }
}

#[test]
fn no_node_is_promoted_while_that_fails() {
    let mut world = voted("stopped");
    world.cluster.members = ["srv2", "srv3"].map(node).into();
    world.cluster.fails = Fails::ToKeep(OUTDATED);
    let why = reason(promoted(&mut world, switchover()));
    assert!(
        why.contains("could not make the configuration of absent"),
        "{why}"
    );
    assert!(world.server.done.is_empty());
}

#[test]
fn no_node_is_promoted_in_a_partition_that_has_lost_quorum() {
    let mut without_srv1 = switchover();
    without_srv1.stop.clone_from(&without_srv1.demote);
    let left = Some("srv1 and srv3 took part and left");
    let lost = Some("this node's partition has no quorum any more");
    for (plan, members, lacks_quorum, goes_on, refused) in [
        (
            switchover(),
            &["srv1", "srv2", "srv3"][..],
            false,
            false,
            None,
        ),
        (switchover(), &["srv2", "srv3"], false, false, None),
        (switchover(), &["srv2"], true, false, left),
        (switchover(), &["srv2"], true, true, left),
        // The primary was stopped, and then its node's cluster software: it took no part.
        (without_srv1.clone(), &["srv2", "srv3"], true, false, lost),
        // Operators may have the cluster go on without quorum.
        (without_srv1, &["srv2", "srv3"], true, true, None),
    ] {
        let mut world = voted("stopped");
        if !plan.stop.is_empty() {
            world.tell("srv2", "nodes-pgsqld", "srv2 srv3");
        }
        world.cluster.members = members.iter().map(|name| node(name)).collect();
        world.cluster.lacks_quorum = lacks_quorum;
        world.cluster.goes_on_without_quorum = goes_on;
        let outcome = promoted(&mut world, plan);
        match refused {
            None => assert_eq!(outcome, ActionOutcome::SUCCESS, "{members:?}"),
            Some(sentence) => {
                let why = reason(outcome);
                assert!(why.contains(sentence), "{why}");
                assert!(world.server.done.is_empty());
                assert_eq!((world.cluster.outdated, world.score("srv2")), (0, None));
            }
        }
    }
}

#[test]
fn no_node_is_promoted_whose_partition_has_lost_quorum_while_the_rule_was_recorded() {
    let mut world = voted("stopped");
    world.cluster.is_alone_after = Some((node("srv2"), "sync_rule-pgsqld"));
    let why = reason(promoted(&mut world, switchover()));
    assert!(why.contains("took part and left"), "{why}");
    assert!(world.kept("srv2", "sync_rule-pgsqld").is_some());
    assert!(world.server.done.is_empty());
    // The partition that goes on must not have its configuration made obsolete.
    assert_eq!(world.cluster.outdated, 0);
}

#[test]
fn no_node_is_promoted_whose_partition_has_lost_quorum_while_a_configuration_was_made_obsolete() {
    let mut world = voted("stopped");
    world.cluster.members = ["srv2", "srv3"].map(node).into();
    world.cluster.is_alone_after = Some((node("srv2"), OUTDATED));
    let why = reason(promoted(&mut world, switchover()));
    assert!(why.contains("took part and left"), "{why}");
    assert_eq!(world.cluster.outdated, 1);
    assert!(world.server.done.is_empty());
}
