//! Promotions: which node is promoted, and which one fails or gives way.

mod notifications;
mod records;
mod scores;
mod switchover;

use super::played::{dead, primary, standby};
use super::*;
use crate::postgres::control::example::SYSTEM;

/// `srv2` is designated, at `1#1000`; the others have published these positions.
fn voted(srv1: &str, srv3: &str) -> World {
    let mut world = World::with(standby());
    world.tell("srv2", "nodes-pgsqld", "srv1 srv2 srv3");
    world.tell("srv1", "lsn_location-pgsqld", srv1);
    world.tell("srv3", "lsn_location-pgsqld", srv3);
    world
}

fn promoted(world: &mut World) -> ActionOutcome {
    act(world, "srv2", switchover(), promote::promote)
}

#[test]
fn a_node_gives_way_to_one_that_is_ahead() {
    let mut world = voted("1#1001", "1#900");
    let outcome = promoted(&mut world);
    assert_eq!(outcome.code, Code::Generic);
    assert_eq!(
        outcome.reason.unwrap(),
        "srv1 is ahead of srv2, and is to be promoted: it is at 1#1000 and another at 1#1001"
    );
    assert!(world.server.done.is_empty());
    assert_eq!(world.score("srv1"), Some("1000"));
    assert_eq!(world.score("srv2"), Some("2"));
}

#[test]
fn a_node_that_lacks_the_end_of_a_stopped_primary_is_never_promoted() {
    let mut world = voted("1#900", "1#900");
    world.keep(
        "srv1",
        "primary_end-pgsqld",
        "1#1001#7388123456789012345#stopped",
    );
    for _ in 0..3 {
        let outcome = promoted(&mut world);
        assert_eq!(outcome.code, Code::Generic);
        assert!(outcome.reason.unwrap().starts_with(
            "srv2 must not be promoted: it is at 1#1000 and there was a primary at 1#1001. Start"
        ));
        assert!(world.server.done.is_empty());
        assert_eq!(world.score("srv2"), Some("-1000001"));
    }
    // The administrator accepts the loss.
    world.cluster.kept.values_mut().for_each(|kept| {
        kept.remove("primary_end-pgsqld");
    });
    assert_eq!(promoted(&mut world), ActionOutcome::SUCCESS);
}

#[test]
fn the_record_of_another_database_cluster_makes_no_demand() {
    let mut world = voted("1#900", "1#900");
    world.keep("srv1", "primary_end-pgsqld", "9#1001#1#stopped");
    assert_eq!(promoted(&mut world), ActionOutcome::SUCCESS);
}

#[test]
fn a_promotion_without_a_notification_fails() {
    let mut world = World::with(standby());
    let outcome = act(
        &mut world,
        "srv2",
        TransitionPlan::default(),
        promote::promote,
    );
    assert_eq!(outcome.code, Code::Generic);
    assert!(world.server.done.is_empty());
}

#[test]
fn the_only_instance_of_a_clone_is_promoted_also_by_hand() {
    let mut world = World::with(standby());
    let outcome = act(
        &mut world,
        "srv2",
        TransitionPlan::default(),
        |context, seams| {
            let alone = Context {
                size: Size::One,
                ..context.clone()
            };
            promote::promote(&alone, seams)
        },
    );
    assert_eq!(outcome, ActionOutcome::SUCCESS);
    assert_eq!(world.server.done, ["promote"]);
}

#[test]
fn a_primary_is_promoted_already_and_a_dead_standby_starts_first() {
    let mut world = World::with(primary());
    assert_eq!(promoted(&mut world), ActionOutcome::SUCCESS);
    assert!(world.server.done.is_empty());
    let mut world = voted("1#900", "1#900");
    world.server.evidence = dead(ClusterState::ArchiveRecovery);
    assert_eq!(promoted(&mut world), ActionOutcome::SUCCESS);
    assert_eq!(world.server.done, ["start", "promote"]);
}

#[test]
fn a_server_that_has_left_the_history_gets_no_score_by_a_promotion() {
    let mut world = voted("1#1000", "2#1200");
    let report = |said: &str| format!("{SYSTEM}#{said}#srv2");
    world.tell("srv1", "lineage-pgsqld", &report("1@0#1#1000"));
    world.tell("srv3", "lineage-pgsqld", &report("1@0,2@800#2#1200"));
    let end = format!("1#1000#{SYSTEM}#stopped#0#0");
    world.keep("srv1", "primary_end-pgsqld", &end);
    assert_eq!(promoted(&mut world), ActionOutcome::SUCCESS);
    let scores = ["srv1", "srv2", "srv3"].map(|name| world.score(name).unwrap());
    assert_eq!(scores, ["1000", "1001", "-1000"]);
}

#[test]
fn the_position_of_another_database_clusters_primary_is_ignored() {
    for (system, code) in [("7388123456789012345", Code::Generic), ("1", Code::Success)] {
        let mut world = voted("1#900", "1#900");
        let seen = format!("1#99000#{system}");
        world.tell("srv3", "primary_seen-pgsqld", &seen);
        let outcome = act(&mut world, "srv2", switchover(), |context, seams| {
            let strict = Context {
                maxlag: Some(Bytes(100)),
                ..context.clone()
            };
            promote::promote(&strict, seams)
        });
        assert_eq!(outcome.code, code);
    }
}
