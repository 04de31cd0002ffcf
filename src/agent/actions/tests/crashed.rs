//! A crashed primary on `srv1` that is kept stopped for a promotion of `srv2`.

use super::played::{dead, primary, standby};
use super::*;
use crate::agent::actions::server::Whom;

const SYSTEM: &str = "7388123456789012345";

fn failover() -> TransitionPlan {
    TransitionPlan {
        stop: list("srv1"),
        ..switchover()
    }
}

#[test]
fn its_stop_publishes_where_its_wal_ends() {
    let crashed = || dead(ClusterState::Production);
    let restarted = TransitionPlan {
        start: list("srv1"),
        ..failover()
    };
    let recovered = TransitionPlan {
        promote: list("srv1"),
        ..restarted.clone()
    };
    let without_a_promotion = TransitionPlan {
        promote: Vec::new(),
        ..failover()
    };
    for (evidence, plan, told) in [
        (crashed(), failover(), Some("1#1000")),
        (crashed(), restarted, None),
        (crashed(), recovered, None),
        (crashed(), without_a_promotion, None),
        // Its end is on record.
        (primary(), failover(), None),
        (dead(ClusterState::ShutDown), failover(), None),
    ] {
        let mut world = World::with(evidence);
        let outcome = act(&mut world, "srv1", plan.clone(), stop::stop);
        assert_eq!(outcome, ActionOutcome::SUCCESS);
        assert_eq!(world.told("srv1", "lsn_location-pgsqld"), told, "{plan:?}");
        let report = format!("{SYSTEM}#1@0#1#1000#srv2");
        let report = told.map(|_| report);
        assert_eq!(
            world.told("srv1", "lineage-pgsqld").map(str::to_owned),
            report
        );
    }
}

#[test]
fn a_primary_that_had_to_be_killed_publishes_it_too() {
    let mut world = World::with(primary());
    world.server.stops = played::Stops::ByForce;
    let outcome = act(&mut world, "srv1", failover(), stop::stop);
    assert_eq!(outcome, ActionOutcome::SUCCESS);
    assert_eq!(world.told("srv1", "lsn_location-pgsqld"), Some("1#1000"));
}

#[test]
fn a_stop_succeeds_where_that_cannot_be_published() {
    let mut world = World::with(dead(ClusterState::Production));
    world.cluster.fails = played::Fails::Always;
    let outcome = act(&mut world, "srv1", failover(), stop::stop);
    assert_eq!(outcome, ActionOutcome::SUCCESS);
}

/// `srv2` and `srv3` are at 1000, and the crashed server is at a position.
fn crashed_at(position: &str, rule: &str) -> World {
    let mut world = World::with(standby());
    world.tell("srv2", "nodes-pgsqld", "srv2 srv3");
    for (name, position) in [("srv1", position), ("srv3", "1#1000")] {
        world.tell(name, "lsn_location-pgsqld", position);
        let report = format!("{SYSTEM}#1@0#{position}#srv2");
        world.tell(name, "lineage-pgsqld", &report);
    }
    world.tell("srv1", "died-pgsqld", "1");
    let end = format!("1#0#{SYSTEM}#started#0#0");
    world.keep("srv1", "primary_end-pgsqld", &end);
    let rule = format!("{SYSTEM}#1@0#{rule}");
    world.keep("srv1", "sync_rule-pgsqld", &rule);
    world.keep("srv1", "master-pgsqld", "1001");
    world
}

fn promoted(world: &mut World) -> ActionOutcome {
    act(world, "srv2", failover(), promote::promote)
}

#[test]
fn a_standby_that_has_less_gives_way_and_the_mark_is_deleted() {
    let mut world = crashed_at("1#1001", "none");
    let outcome = promoted(&mut world);
    let why = outcome.reason.unwrap_or_default();
    assert!(why.starts_with("srv1 is ahead of srv2"), "{why}");
    assert_eq!(world.server.done, [""; 0]);
    assert_eq!(world.told("srv1", "died-pgsqld"), None);
    let scores = ["srv1", "srv2", "srv3"].map(|name| world.score(name));
    assert_eq!(scores, [Some("1000"), Some("2"), Some("2")]);
}

#[test]
fn a_standby_that_has_as_much_is_promoted_and_the_mark_stays() {
    for (position, rule) in [
        ("1#1000", "none"),
        ("1#999", "none"),
        ("1#2000", "ANY 1 (srv2,srv3)"),
    ] {
        let mut world = crashed_at(position, rule);
        assert_eq!(promoted(&mut world), ActionOutcome::SUCCESS, "{position}");
        assert_eq!(world.server.done, ["promote"]);
        assert_eq!(world.told("srv1", "died-pgsqld"), Some("1"));
    }
}

#[test]
fn a_position_without_the_mark_or_for_another_promotion_does_not_count() {
    let mut unmarked = crashed_at("1#1001", "none");
    unmarked.tell("srv1", "died-pgsqld", "");
    let mut old = crashed_at("1#1001", "none");
    let report = format!("{SYSTEM}#1@0#1#1001#srv3");
    old.tell("srv1", "lineage-pgsqld", &report);
    let mut silent = crashed_at("1#1001", "none");
    silent.tell("srv1", "lsn_location-pgsqld", "");
    for world in [&mut unmarked, &mut old, &mut silent] {
        assert_eq!(promoted(world), ActionOutcome::SUCCESS);
    }
}

#[test]
fn its_position_ends_with_the_promotion_and_with_its_start() {
    let mut world = crashed_at("1#1000", "none");
    after_promotion(&mut world, "srv2", failover());
    assert_eq!(world.told("srv1", "lsn_location-pgsqld"), None);
    let mut world = crashed_at("1#1000", "none");
    world.server.evidence = dead(ClusterState::Production);
    let outcome = act(&mut world, "srv1", calm(), start::start);
    assert_eq!(outcome, ActionOutcome::SUCCESS);
    assert_eq!(world.told("srv1", "lsn_location-pgsqld"), None);
}

/// A transition that was broken off has demoted it.
#[test]
fn a_last_primary_that_is_stopped_in_this_transition_is_not_looked_for() {
    let demoted = TransitionPlan {
        demote: Vec::new(),
        promoted: Vec::new(),
        unpromoted: list("srv1 srv2 srv3"),
        ..failover()
    };
    let restarted = TransitionPlan {
        start: list("srv1"),
        ..demoted.clone()
    };
    for (plan, asked) in [
        (demoted, vec![Whom::Sender]),
        (restarted, vec![Whom::Configured; 11]),
    ] {
        let mut world = crashed_at("1#1000", "none");
        let outcome = act(&mut world, "srv2", plan, promote::promote);
        assert_eq!(outcome, ActionOutcome::SUCCESS);
        assert_eq!(world.server.asked, asked);
    }
}
