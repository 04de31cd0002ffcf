//! Stops and demotions.

use super::played::{Stops, alive, dead, primary, standby};
use super::*;
use crate::agent::decide::state::ServerAnswer;
use crate::health::Failure;

const STOPPED: &str = "1#1000#7388123456789012345#stopped#0#0";

#[test]
fn a_primary_that_is_stopped_records_where_its_wal_ends() {
    for (stops, kept) in [(Stops::Cleanly, Some(STOPPED)), (Stops::ByForce, None)] {
        let mut world = World::with(primary());
        world.server.stops = stops;
        assert_eq!(
            act(&mut world, "srv1", calm(), stop::stop),
            ActionOutcome::SUCCESS
        );
        assert_eq!(world.server.done, ["stop"]);
        assert_eq!(world.kept("srv1", "primary_end-pgsqld"), kept);
    }
}

#[test]
fn a_stop_records_what_a_killed_demotion_has_not() {
    for (plan, kept) in [
        (calm(), Some(STOPPED)),
        // It is not the cluster's primary.
        (
            TransitionPlan {
                promoted: list("srv2"),
                unpromoted: list("srv1 srv3"),
                ..calm()
            },
            None,
        ),
    ] {
        for action in [stop::stop, demote::demote] {
            let mut world = World::with(dead(ClusterState::ShutDown));
            let outcome = act(&mut world, "srv1", plan.clone(), action);
            assert_eq!(outcome, ActionOutcome::SUCCESS);
            assert_eq!(world.kept("srv1", "primary_end-pgsqld"), kept);
        }
    }
}

#[test]
fn the_wal_of_a_frozen_or_crashed_primary_is_not_demanded() {
    let frozen = alive(ServerAnswer::Refused(Failure::TimedOut));
    for (before, done) in [
        (frozen, "stop at once"),
        (dead(ClusterState::Production), "sweep"),
        (dead(ClusterState::ShuttingDown), "sweep"),
        (dead(ClusterState::ArchiveRecovery), "sweep"),
    ] {
        let mut world = World::with(before);
        assert_eq!(
            act(&mut world, "srv1", calm(), stop::stop),
            ActionOutcome::SUCCESS
        );
        assert_eq!(world.server.done, [done]);
        assert_eq!(world.kept("srv1", "primary_end-pgsqld"), None);
    }
}

#[test]
fn a_server_is_stopped_even_if_the_cluster_does_not_respond() {
    let mut world = World::with(primary());
    world.cluster.fails = played::Fails::Always;
    assert_eq!(
        act(&mut world, "srv1", calm(), stop::stop),
        ActionOutcome::SUCCESS
    );
}

#[test]
fn a_demoted_primary_starts_again_as_a_standby() {
    let mut world = World::with(primary());
    let demoted = act(&mut world, "srv1", switchover(), demote::demote);
    assert_eq!(demoted, ActionOutcome::SUCCESS);
    assert_eq!(world.server.done, ["stop", "start"]);
    assert_eq!(world.kept("srv1", "primary_end-pgsqld"), Some(STOPPED));
}

#[test]
fn a_primary_that_is_stopped_next_is_not_started_by_its_demotion() {
    let plan = TransitionPlan {
        stop: list("srv1"),
        ..switchover()
    };
    let mut world = World::with(primary());
    let demoted = act(&mut world, "srv1", plan, demote::demote);
    assert_eq!(demoted, ActionOutcome::SUCCESS);
    assert_eq!(world.server.done, ["stop"]);
}

#[test]
fn a_frozen_primary_is_waited_for_once() {
    let plan = TransitionPlan {
        stop: list("srv1"),
        ..switchover()
    };
    let mut world = World::with(alive(ServerAnswer::Refused(Failure::TimedOut)));
    let demoted = act(&mut world, "srv1", plan, demote::demote);
    assert_eq!(demoted, ActionOutcome::SUCCESS);
    assert_eq!(world.server.done, ["stop at once"]);
    assert_eq!(world.server.looks, 1);
}

#[test]
fn a_crashed_primary_is_demoted_by_a_start_as_a_standby() {
    let mut world = World::with(dead(ClusterState::Production));
    let demoted = act(&mut world, "srv1", calm(), demote::demote);
    assert_eq!(demoted, ActionOutcome::SUCCESS);
    assert_eq!(world.server.done, ["sweep", "start"]);
    assert_eq!(world.kept("srv1", "primary_end-pgsqld"), None);
}

#[test]
fn a_standby_is_demoted_already() {
    let mut world = World::with(standby());
    let demoted = act(&mut world, "srv1", calm(), demote::demote);
    assert_eq!(demoted, ActionOutcome::SUCCESS);
    assert!(world.server.done.is_empty());
}
