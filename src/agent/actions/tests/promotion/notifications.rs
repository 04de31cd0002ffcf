//! What nodes publish when they are notified before a promotion, and withdraw after it.

use super::*;

#[test]
fn every_node_publishes_its_position_and_the_designated_one_the_participants() {
    let mut world = World::with(standby());
    before_promotion(&mut world, "srv3", switchover());
    assert_eq!(world.told("srv3", "lsn_location-pgsqld"), Some("1#1000"));
    assert_eq!(world.told("srv3", "nodes-pgsqld"), None);
    let stopped = TransitionPlan {
        stop: list("srv1"),
        ..switchover()
    };
    before_promotion(&mut world, "srv2", stopped);
    assert_eq!(world.told("srv2", "nodes-pgsqld"), Some("srv2 srv3"));
    after_promotion(&mut world, "srv2", switchover());
    assert_eq!(world.told("srv2", "nodes-pgsqld"), None);
    assert_eq!(world.told("srv2", "lsn_location-pgsqld"), None);
}

/// If a node joins or leaves during a transition, Pacemaker computes another one, with another designated node.
#[test]
fn a_designated_node_that_is_not_promoted_withdraws_the_participants() {
    let mut world = World::with(standby());
    before_promotion(&mut world, "srv2", switchover());
    assert!(world.told("srv2", "nodes-pgsqld").is_some());
    let another = TransitionPlan {
        promote: list("srv3"),
        ..switchover()
    };
    after_promotion(&mut world, "srv2", another);
    assert_eq!(world.told("srv2", "nodes-pgsqld"), None);
    assert_eq!(world.told("srv2", "lsn_location-pgsqld"), None);
}

#[test]
fn the_round_trip_is_withdrawn_after_the_promotion() {
    let mut world = voted("1#1000", "1#900");
    assert_eq!(promoted(&mut world), ActionOutcome::SUCCESS);
    assert!(world.told("srv2", "round_trip-pgsqld").is_some());
    after_promotion(&mut world, "srv2", switchover());
    assert_eq!(world.told("srv2", "round_trip-pgsqld"), None);
}

/// Otherwise the next election would take it for a current one, if this node could not publish another either.
#[test]
fn the_position_of_a_node_that_could_not_withdraw_it_is_withdrawn_by_the_others() {
    for (local, elsewhere) in [("srv1", "srv2"), ("srv3", "srv2"), ("srv2", "srv3")] {
        let mut world = World::with(standby());
        world.tell(elsewhere, "lsn_location-pgsqld", "1#1000");
        after_promotion(&mut world, local, switchover());
        assert_eq!(world.told(elsewhere, "lsn_location-pgsqld"), None);
    }
}
