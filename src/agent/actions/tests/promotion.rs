//! Promotions, and what comes before and after them.

use super::played::{Fails, dead, primary, standby};
use super::*;
use crate::agent::actions::server::CommitProof;
use crate::postgres::branch::PromotionTime;
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
fn the_node_that_is_furthest_is_promoted_and_publishes_it_at_once() {
    let mut world = voted("1#1000", "1#900");
    world.keep("srv1", "master-pgsqld", "1001");
    assert_eq!(promoted(&mut world), ActionOutcome::SUCCESS);
    assert_eq!(world.server.done, ["promote"]);
    let scores = ["srv1", "srv2", "srv3"].map(|name| world.score(name).unwrap());
    assert_eq!(scores, ["1000", "1001", "990"]);
    let started = "2#1000#7388123456789012345#started#1@0#1000";
    assert_eq!(world.kept("srv2", "primary_end-pgsqld"), Some(started));
}

#[test]
fn a_promotion_deletes_the_records_of_its_timelines_twin_that_no_node_followed() {
    let mut world = voted("1#1000", "1#900");
    let promoted_at = [(Timeline(2), PromotionTime(88))];
    world.server.promoted_at = promoted_at.into();
    let rule = format!("{SYSTEM}#2@1000@77#ANY 1 (srv2,srv3)");
    world.keep("srv1", "sync_rule-pgsqld", &rule);
    let end = |lsn, promoted| format!("2#{lsn}#{SYSTEM}#started#1#{lsn}#{promoted}");
    world.keep("srv1", "primary_end-pgsqld", &end(1000, 77));
    // One that began elsewhere, or at an unknown time, is not touched.
    world.keep("srv3", "primary_end-pgsqld", &end(900, 66));
    assert_eq!(promoted(&mut world), ActionOutcome::SUCCESS);
    assert_eq!(
        world.kept("srv2", "primary_end-pgsqld"),
        Some(&*format!("2#1000#{SYSTEM}#started#1@0#1000#88"))
    );
    assert_eq!(world.kept("srv1", "primary_end-pgsqld"), None);
    assert_eq!(world.kept("srv1", "sync_rule-pgsqld"), None);
    assert_eq!(
        world.kept("srv3", "primary_end-pgsqld"),
        Some(&*end(900, 66))
    );
}

#[test]
fn a_promotion_deletes_the_plans_of_others_from_the_same_timeline() {
    for (since, is_replaced) in [("1@0+900", true), ("1+900", true), ("2@800+900", false)] {
        let mut world = voted("1#1000", "1#900");
        let rule = format!("{SYSTEM}#{since}#ANY 1 (srv2,srv3)");
        world.keep("srv1", "sync_rule-pgsqld", &rule);
        assert_eq!(promoted(&mut world), ActionOutcome::SUCCESS);
        let kept = world.kept("srv1", "sync_rule-pgsqld");
        assert_eq!(kept.is_none(), is_replaced, "{since}");
    }
}

#[test]
fn a_server_promoted_by_hand_before_the_action_is_not_recorded() {
    let mut world = World::with(primary());
    world.server.begin(at(1, 900));
    world.server.synchronous_standby_names = "ANY 1 (srv1,srv3)".into();
    let end = format!("1#0#{SYSTEM}#started#0#0");
    world.keep("srv1", "primary_end-pgsqld", &end);
    let monitored = |world: &mut World| {
        act(world, "srv2", calm(), |context, seams| {
            let context = Context {
                taken_for: TakenFor::Promoted,
                ..context.clone()
            };
            monitor::monitor(&context, seams)
        })
    };
    world.cluster.fails = Fails::ToKeep("primary_end-pgsqld");
    monitored(&mut world);
    assert_eq!(world.kept("srv2", "sync_rule-pgsqld"), None);
    world.cluster.fails = Fails::Never;
    monitored(&mut world);
    let found = format!("2#900#{SYSTEM}#found-started#1@0#900");
    assert_eq!(world.kept("srv2", "primary_end-pgsqld"), Some(&*found));
    assert!(world.kept("srv2", "sync_rule-pgsqld").is_some());
}

#[test]
fn a_repeated_promotion_records_what_an_interrupted_one_has_not() {
    let mut world = World::with(primary());
    world.server.begin(at(1, 1000));
    world.server.position = at(2, 1064);
    world.server.promoted_for = Some(Duration::from_secs(1));
    world.keep("srv1", "master-pgsqld", "1001");
    world.keep("srv2", "master-pgsqld", "1000");
    world.keep("srv3", "master-pgsqld", "990");
    let announced = "7388123456789012345#1@0+1000#none";
    world.keep("srv2", "sync_rule-pgsqld", announced);
    assert_eq!(promoted(&mut world), ActionOutcome::SUCCESS);
    assert!(world.server.done.is_empty());
    let scores = ["srv1", "srv2", "srv3"].map(|name| world.score(name).unwrap());
    assert_eq!(scores, ["-1000", "1001", "990"]);
    let started = "2#1000#7388123456789012345#started#1@0#1000";
    assert_eq!(world.kept("srv2", "primary_end-pgsqld"), Some(started));
}

#[test]
fn a_primary_promoted_by_hand_is_not_taken_over_without_an_election() {
    let mut world = World::with(primary());
    world.server.begin(at(1, 900));
    world.keep(
        "srv1",
        "primary_end-pgsqld",
        "1#1000#7388123456789012345#stopped#0#0",
    );
    let outcome = promoted(&mut world);
    assert_eq!(outcome.code, Code::Generic);
    let reason = outcome.reason.unwrap();
    assert!(
        reason.contains("was not promoted by an election"),
        "{reason}"
    );
    assert_eq!(world.kept("srv2", "primary_end-pgsqld"), None);
    assert_eq!(world.score("srv2"), None);
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
fn a_cancelled_switchover_promotes_no_server() {
    let mut world = voted("1#900", "1#900");
    world.tell("srv2", "cancel_switchover-pgsqld", "1");
    assert_eq!(promoted(&mut world).code, Code::Generic);
    assert_eq!(world.told("srv2", "cancel_switchover-pgsqld"), None);
    assert_eq!(world.score("srv2"), Some("-INFINITY"));
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
fn a_primary_does_not_stop_for_a_standby_that_is_not_fit() {
    let mut world = World::with(primary());
    let before = (NotificationType::Before, NotifiedOperation::Demote);
    notified(&mut world, "srv1", switchover(), before.0, before.1);
    assert_eq!(world.server.done, ["prove"]);
    assert_eq!(world.score("srv2"), None);
    world.server.proof = Ok(CommitProof::Missing("it lacks 10kB".into()));
    notified(&mut world, "srv1", switchover(), before.0, before.1);
    assert_eq!(world.score("srv2"), Some("-INFINITY"));
}

#[test]
fn a_primary_that_stops_anyway_or_cannot_be_asked_finds_no_standby_unfit() {
    let stopped = TransitionPlan {
        stop: list("srv1"),
        ..switchover()
    };
    for (plan, proof, done) in [
        (
            stopped,
            Ok(CommitProof::Missing("it lacks 10kB".into())),
            &[][..],
        ),
        (switchover(), Err("too many clients"), &["prove"]),
    ] {
        let mut world = World::with(primary());
        world.server.proof = proof.map_err(Into::into);
        notified(
            &mut world,
            "srv1",
            plan,
            NotificationType::Before,
            NotifiedOperation::Demote,
        );
        assert_eq!(world.server.done, done);
        assert_eq!(world.score("srv2"), None);
    }
}

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

#[test]
fn a_server_that_has_left_the_history_gets_no_score_by_a_promotion() {
    let mut world = voted("1#1000", "2#1200");
    let descent = |lineage: &str| format!("{SYSTEM}#{lineage}");
    world.tell("srv1", "lineage-pgsqld", &descent("1@0"));
    world.tell("srv3", "lineage-pgsqld", &descent("1@0,2@800"));
    let end = format!("1#1000#{SYSTEM}#stopped#0#0");
    world.keep("srv1", "primary_end-pgsqld", &end);
    assert_eq!(promoted(&mut world), ActionOutcome::SUCCESS);
    let scores = ["srv1", "srv2", "srv3"].map(|name| world.score(name).unwrap());
    assert_eq!(scores, ["1000", "1001", "-1000"]);
}

#[test]
fn a_cancelled_switchover_does_not_prevent_a_later_failover() {
    let mut world = World::with(standby());
    world.tell("srv2", "cancel_switchover-pgsqld", "1");
    let lost = TransitionPlan {
        stop: list("srv1"),
        ..switchover()
    };
    notified(
        &mut world,
        "srv2",
        lost,
        NotificationType::Before,
        NotifiedOperation::Promote,
    );
    assert_eq!(world.told("srv2", "cancel_switchover-pgsqld"), None);
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

#[test]
fn only_the_primary_that_is_replaced_requests_a_proof() {
    let recovery = TransitionPlan {
        promote: list("srv1"),
        demote: list("srv1"),
        ..calm()
    };
    for (local, plan) in [("srv2", switchover()), ("srv1", recovery), ("srv1", calm())] {
        let mut world = World::with(primary());
        notified(
            &mut world,
            local,
            plan,
            NotificationType::Before,
            NotifiedOperation::Demote,
        );
        assert!(world.server.done.is_empty());
    }
}

#[test]
fn every_node_publishes_its_position_and_the_designated_one_the_participants() {
    let mut world = World::with(standby());
    notified(
        &mut world,
        "srv3",
        switchover(),
        NotificationType::Before,
        NotifiedOperation::Promote,
    );
    assert_eq!(world.told("srv3", "lsn_location-pgsqld"), Some("1#1000"));
    assert_eq!(world.told("srv3", "nodes-pgsqld"), None);
    let stopped = TransitionPlan {
        stop: list("srv1"),
        ..switchover()
    };
    notified(
        &mut world,
        "srv2",
        stopped,
        NotificationType::Before,
        NotifiedOperation::Promote,
    );
    assert_eq!(world.told("srv2", "nodes-pgsqld"), Some("srv2 srv3"));
    notified(
        &mut world,
        "srv2",
        switchover(),
        NotificationType::After,
        NotifiedOperation::Promote,
    );
    assert_eq!(world.told("srv2", "nodes-pgsqld"), None);
    assert_eq!(world.told("srv2", "lsn_location-pgsqld"), None);
}

/// If a node joins or leaves during a transition, Pacemaker computes another one, with another designated node.
#[test]
fn a_designated_node_that_is_not_promoted_withdraws_the_participants() {
    let mut world = World::with(standby());
    notified(
        &mut world,
        "srv2",
        switchover(),
        NotificationType::Before,
        NotifiedOperation::Promote,
    );
    assert!(world.told("srv2", "nodes-pgsqld").is_some());
    let another = TransitionPlan {
        promote: list("srv3"),
        ..switchover()
    };
    notified(
        &mut world,
        "srv2",
        another,
        NotificationType::After,
        NotifiedOperation::Promote,
    );
    assert_eq!(world.told("srv2", "nodes-pgsqld"), None);
    assert_eq!(world.told("srv2", "lsn_location-pgsqld"), None);
}

#[test]
fn the_round_trip_is_withdrawn_after_the_promotion() {
    let mut world = voted("1#1000", "1#900");
    assert_eq!(promoted(&mut world), ActionOutcome::SUCCESS);
    assert!(world.told("srv2", "round_trip-pgsqld").is_some());
    notified(
        &mut world,
        "srv2",
        switchover(),
        NotificationType::After,
        NotifiedOperation::Promote,
    );
    assert_eq!(world.told("srv2", "round_trip-pgsqld"), None);
}

#[test]
fn after_a_primary_without_a_record_its_shutdown_checkpoint_is_required() {
    let mut world = World::with(standby());
    notified(
        &mut world,
        "srv2",
        switchover(),
        NotificationType::Before,
        NotifiedOperation::Promote,
    );
    assert_eq!(world.told("srv2", "cancel_switchover-pgsqld"), Some("1"));
    let mut world = World::with(standby());
    world.keep(
        "srv1",
        "primary_end-pgsqld",
        "1#1000#7388123456789012345#stopped",
    );
    notified(
        &mut world,
        "srv2",
        switchover(),
        NotificationType::Before,
        NotifiedOperation::Promote,
    );
    assert_eq!(world.told("srv2", "cancel_switchover-pgsqld"), None);
}
