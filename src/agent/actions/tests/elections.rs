//! Elections that might promote a server that lacks what was acknowledged, or none although one server has
//! it all. One server is simulated at a time, and the cluster keeps its attributes.

use super::played::{Fails, primary, standby};
use super::*;

const SYSTEM: &str = "7388123456789012345";

/// What nodes have published before a promotion: their positions and timelines.
fn voted(told: &[(&str, &str, &str)]) -> World {
    let mut world = World::with(standby());
    world.tell("srv2", "nodes-pgsqld", "srv1 srv2 srv3");
    for (name, position, lineage) in told {
        world.tell(name, "lsn_location-pgsqld", position);
        let report = format!("{SYSTEM}#{lineage}#{position}#srv2");
        world.tell(name, "lineage-pgsqld", &report);
    }
    world
}

/// The plan of a failover from `srv1` or from `srv3`, which is absent.
fn lost(name: &str) -> TransitionPlan {
    let stays: Vec<&str> = ["srv1", "srv2", "srv3"]
        .into_iter()
        .filter(|one| *one != name)
        .collect();
    TransitionPlan {
        promote: list("srv2"),
        active: list(&stays.join(" ")),
        unpromoted: list(&stays.join(" ")),
        ..TransitionPlan::default()
    }
}

fn promoted(world: &mut World, plan: &TransitionPlan) -> ActionOutcome {
    act(world, "srv2", plan.clone(), promote::promote)
}

fn reason(outcome: ActionOutcome) -> String {
    assert_eq!(outcome.code, Code::Generic, "{outcome:?}");
    outcome.reason.unwrap()
}

/// `srv2` was promoted by hand at 500, in parallel to the primary on `srv1`.
fn stray() -> World {
    let mut world = World::with(primary());
    world.server.begin(at(1, 500));
    world.server.position = at(2, 564);
    world.keep(
        "srv1",
        "primary_end-pgsqld",
        &format!("1#0#{SYSTEM}#started#0#0"),
    );
    world.keep("srv1", "master-pgsqld", "1001");
    world.keep("srv2", "master-pgsqld", "1000");
    world.keep("srv3", "master-pgsqld", "990");
    world
}

#[test]
fn a_primary_promoted_by_hand_beside_the_primary_sets_no_scores() {
    let mut world = stray();
    let outcome = act(
        &mut world,
        "srv2",
        TransitionPlan::default(),
        |context, seams| {
            let context = Context {
                taken_for: TakenFor::Unpromoted,
                ..context.clone()
            };
            monitor::monitor(&context, seams)
        },
    );
    assert_eq!(outcome.code, Code::RunningPromoted);
    let scores = ["srv1", "srv2", "srv3"].map(|name| world.score(name).unwrap());
    assert_eq!(scores, ["1001", "1000", "990"]);
    assert_eq!(world.kept("srv2", "primary_end-pgsqld"), None);
    assert_eq!(world.kept("srv2", "sync_rule-pgsqld"), None);
}

#[test]
fn the_end_of_a_primary_promoted_by_hand_beside_the_primary_makes_no_demand() {
    let both = TransitionPlan {
        promoted: list("srv1 srv2"),
        unpromoted: list("srv3"),
        demote: list("srv2"),
        ..calm()
    };
    let stopped = TransitionPlan {
        stop: list("srv2"),
        ..calm()
    };
    for (is_stop, plan) in [(false, both), (true, stopped)] {
        let mut world = stray();
        let outcome = if is_stop {
            act(&mut world, "srv2", plan, stop::stop)
        } else {
            act(&mut world, "srv2", plan, demote::demote)
        };
        assert_eq!(outcome, ActionOutcome::SUCCESS);
        assert_eq!(world.kept("srv2", "primary_end-pgsqld"), None);
    }
}

#[test]
fn a_switchover_between_healthy_servers_ignores_one_promoted_by_hand() {
    let mut world = voted(&[("srv1", "1#1000", "1@0"), ("srv3", "2#564", "1@0,2@500")]);
    world.keep(
        "srv1",
        "primary_end-pgsqld",
        &format!("1#1000#{SYSTEM}#stopped#0#0"),
    );
    world.keep("srv1", "sync_rule-pgsqld", &format!("{SYSTEM}#1@0#none"));
    assert_eq!(promoted(&mut world, &switchover()), ActionOutcome::SUCCESS);
}

#[test]
fn a_complete_standby_takes_the_place_of_a_primary_that_is_lost_at_once_after_its_promotion() {
    // srv3 replaces srv1 at 1000, and is lost.
    let mut world = World::with(standby());
    world.tell("srv3", "nodes-pgsqld", "srv1 srv2 srv3");
    world.tell("srv1", "lsn_location-pgsqld", "1#1000");
    world.tell(
        "srv1",
        "lineage-pgsqld",
        &format!("{SYSTEM}#1@0#1#1000#srv3"),
    );
    world.tell("srv2", "lsn_location-pgsqld", "1#1000");
    world.tell(
        "srv2",
        "lineage-pgsqld",
        &format!("{SYSTEM}#1@0#1#1000#srv3"),
    );
    let to_srv3 = TransitionPlan {
        promote: list("srv3"),
        demote: list("srv1"),
        ..calm()
    };
    let outcome = act(&mut world, "srv3", to_srv3, promote::promote);
    assert_eq!(outcome, ActionOutcome::SUCCESS);
    let started = format!("2#1000#{SYSTEM}#started#1@0#1000");
    assert_eq!(world.kept("srv3", "primary_end-pgsqld"), Some(&*started));
    for (position, is_promoted) in [(1000, true), (999, false)] {
        let mut next = voted(&[("srv1", "1#999", "1@0")]);
        next.tell("srv2", "nodes-pgsqld", "srv1 srv2");
        next.cluster.kept.clone_from(&world.cluster.kept);
        next.server.position = at(1, position);
        let outcome = promoted(&mut next, &lost("srv3"));
        assert_eq!(
            outcome == ActionOutcome::SUCCESS,
            is_promoted,
            "{outcome:?}"
        );
    }
}

/// `srv2` is at 1000 and designated after `srv3` was lost, and `srv1` is 104 bytes ahead of it.
fn ahead(rule: &str) -> World {
    let mut world = voted(&[("srv1", "1#1104", "1@0")]);
    world.tell("srv2", "nodes-pgsqld", "srv1 srv2");
    world.keep(
        "srv3",
        "primary_end-pgsqld",
        &format!("1#0#{SYSTEM}#started#0#0"),
    );
    world.keep("srv3", "sync_rule-pgsqld", &format!("{SYSTEM}#1@0#{rule}"));
    world.keep("srv1", "master-pgsqld", "1000");
    world.keep("srv2", "master-pgsqld", "990");
    world.keep("srv3", "master-pgsqld", "1001");
    world
}

#[test]
fn a_node_designated_again_after_giving_way_is_promoted_if_nothing_acknowledged_is_lost() {
    for rule in ["none", "ANY 2 (srv1,srv2)"] {
        let mut world = ahead(rule);
        let given_way = reason(promoted(&mut world, &lost("srv3")));
        assert!(
            given_way.starts_with("srv1 is ahead of srv2"),
            "{given_way}"
        );
        let scores = ["srv1", "srv2"].map(|name| world.score(name).unwrap());
        assert_eq!(scores, ["1000", "2"]);
        // A constraint or failures keep the cluster from promoting srv1.
        assert_eq!(promoted(&mut world, &lost("srv3")), ActionOutcome::SUCCESS);
        assert_eq!(world.server.done, ["promote"]);
    }
}

#[test]
fn a_node_designated_again_is_refused_if_only_the_other_may_have_what_was_acknowledged() {
    let mut world = ahead("ANY 1 (srv1,srv2)");
    reason(promoted(&mut world, &lost("srv3")));
    let refused = reason(promoted(&mut world, &lost("srv3")));
    assert!(
        refused.starts_with(
            "srv2 must not be promoted: it is at 1#1000 and srv1, which the cluster does not promote, at 1#1104"
        ),
        "{refused}"
    );
    let accept = "crm_attribute --node srv3 --name sync_rule-pgsqld --lifetime forever --delete";
    assert!(refused.contains(accept), "{refused}");
    // The promotion is not attempted again and again.
    assert_eq!(world.score("srv2"), Some("-1000001"));
    assert!(world.server.done.is_empty());
}

#[test]
fn a_score_of_one_that_offered_itself_or_that_a_lost_primary_gave_is_no_sign_of_a_constraint() {
    for own in ["1", "990"] {
        let mut world = ahead("none");
        world.keep("srv2", "master-pgsqld", own);
        reason(promoted(&mut world, &lost("srv3")));
        assert_eq!(world.score("srv2"), Some("2"));
        assert!(world.server.done.is_empty());
    }
}

#[test]
fn no_node_gives_way_to_one_that_was_passed_over_once() {
    let mut world = ahead("none");
    world.keep("srv1", "master-pgsqld", "3");
    world.keep("srv2", "master-pgsqld", "1000");
    assert_eq!(promoted(&mut world, &lost("srv3")), ActionOutcome::SUCCESS);
}

#[test]
fn without_a_record_of_its_rule_a_server_is_not_promoted() {
    let told = [("srv1", "1#1000", "1@0"), ("srv3", "1#900", "1@0")];
    let mut world = voted(&told);
    world.server.synchronous_standby_names = "ANY 1 (*)".into();
    world.cluster.fails = Fails::ToKeep("sync_rule-pgsqld");
    let why = reason(promoted(&mut world, &switchover()));
    assert!(
        why.starts_with("the server is not promoted, since the cluster"),
        "{why}"
    );
    assert!(world.server.done.is_empty());
    world.cluster.fails = Fails::Never;
    world.server.synchronous_standby_names = "ANY 1 (".into();
    let why = reason(promoted(&mut world, &switchover()));
    assert!(why.contains("ANY 1 ("), "{why}");
    assert!(world.server.done.is_empty());
    world.server.synchronous_standby_names = "ANY 1 (*)".into();
    assert_eq!(promoted(&mut world, &switchover()), ActionOutcome::SUCCESS);
    let rule = format!("{SYSTEM}#1@0+1000#ANY 1 (srv1,srv3)");
    assert_eq!(world.kept("srv2", "sync_rule-pgsqld"), Some(&*rule));
}

#[test]
fn a_planned_promotion_keeps_the_rule_of_the_timeline_before() {
    for (old, kept) in [
        ("1@0#ANY 1 (srv1,srv3)", "#1000=ANY 1 (srv1,srv3)"),
        ("1@0+990#none#900=ANY 1 (srv1)", "#900=ANY 1 (srv1)"),
        // It was the primary of a timeline that is not this one.
        ("1@77#ANY 1 (srv1,srv3)", ""),
    ] {
        let mut world = voted(&[("srv1", "1#1000", "1@0"), ("srv3", "1#900", "1@0")]);
        world.keep("srv2", "sync_rule-pgsqld", &format!("{SYSTEM}#{old}"));
        assert_eq!(promoted(&mut world, &switchover()), ActionOutcome::SUCCESS);
        let none = format!("{SYSTEM}#1@0+1000#none{kept}");
        assert_eq!(world.kept("srv2", "sync_rule-pgsqld"), Some(&*none));
    }
}

#[test]
fn the_rule_of_the_timeline_before_is_given_up_only_for_the_beginning_of_the_next() {
    let mut world = World::with(primary());
    world.server.begin(at(1, 1000));
    let before = format!("{SYSTEM}#1@0+1000#ANY 1 (srv3)#1000=ANY 1 (srv2)");
    world.keep("srv1", "sync_rule-pgsqld", &before);
    world.cluster.fails = Fails::ToKeep("primary_end-pgsqld");
    act(&mut world, "srv1", calm(), monitor::monitor);
    assert_eq!(world.kept("srv1", "sync_rule-pgsqld"), Some(&*before));
    world.cluster.fails = Fails::Never;
    act(&mut world, "srv1", calm(), monitor::monitor);
    let kept = format!("{SYSTEM}#2@1000#none#1000=ANY 1 (srv3)");
    assert_eq!(world.kept("srv1", "sync_rule-pgsqld"), Some(&*kept));
}

#[test]
fn a_primary_records_every_change_of_its_rule() {
    let mut world = World::with(primary());
    for (position, setting, kept) in [
        (1000, "ANY 1 (*)", "ANY 1 (srv2,srv3)"),
        (1100, "", "none#1100=ANY 1 (srv2,srv3)"),
        (1200, "", "none#1100=ANY 1 (srv2,srv3)"),
        (1300, "srv2", "FIRST 1 (srv2)#1100=ANY 1 (srv2,srv3)"),
        (1400, "ANY 1 (*)", "ANY 1 (srv2,srv3)#1400=FIRST 1 (srv2)"),
    ] {
        world.server.position = at(1, position);
        world.server.synchronous_standby_names = setting.into();
        let outcome = act(&mut world, "srv1", calm(), monitor::monitor);
        assert_eq!(outcome.code, Code::RunningPromoted);
        let kept = format!("{SYSTEM}#1@0#{kept}");
        assert_eq!(world.kept("srv1", "sync_rule-pgsqld"), Some(&*kept));
    }
}

#[test]
fn a_rule_recorded_before_a_promotion_applies_to_the_timeline_that_began_then() {
    let mut world = World::with(primary());
    world.server.begin(at(1, 1000));
    world.server.synchronous_standby_names = "srv2".into();
    let before = format!("{SYSTEM}#1+1000#ANY 1 (srv2,srv3)");
    world.keep("srv1", "sync_rule-pgsqld", &before);
    act(&mut world, "srv1", calm(), monitor::monitor);
    let kept = format!("{SYSTEM}#2@1000#FIRST 1 (srv2)#1000=ANY 1 (srv2,srv3)");
    assert_eq!(world.kept("srv1", "sync_rule-pgsqld"), Some(&*kept));
}

#[test]
fn without_enough_members_no_node_is_promoted_until_a_loss_is_accepted() {
    let mut world = voted(&[]);
    world.tell("srv2", "nodes-pgsqld", "srv2");
    world.keep(
        "srv1",
        "primary_end-pgsqld",
        &format!("1#0#{SYSTEM}#started#0#0"),
    );
    world.keep(
        "srv1",
        "sync_rule-pgsqld",
        &format!("{SYSTEM}#1@0#ANY 1 (srv2,srv3)"),
    );
    let alone = TransitionPlan {
        promote: list("srv2"),
        active: list("srv2"),
        unpromoted: list("srv2"),
        ..TransitionPlan::default()
    };
    let why = reason(promoted(&mut world, &alone));
    assert!(
        why.starts_with(
            "srv2 must not be promoted: commits on srv1 waited for ANY 1 (srv2,srv3), and 1 more of srv3 must take \
             part. Start the servers of srv3"
        ),
        "{why}"
    );
    let accept = "crm_attribute --node srv1 --name sync_rule-pgsqld --lifetime forever --delete";
    assert!(why.contains(accept), "{why}");
    assert!(world.server.done.is_empty());
    // As the command in the reason does.
    let srv1 = world.cluster.kept.get_mut(&node("srv1")).unwrap();
    srv1.remove("sync_rule-pgsqld");
    assert_eq!(promoted(&mut world, &alone), ActionOutcome::SUCCESS);
}

#[test]
fn only_a_complete_standby_replaces_a_primary_that_was_stopped_in_order() {
    for (position, is_promoted) in [(1000, true), (999, false)] {
        let mut world = World::with(primary());
        world.server.synchronous_standby_names = "ANY 1 (*)".into();
        act(&mut world, "srv1", calm(), monitor::monitor);
        let stopped = TransitionPlan {
            stop: list("srv1"),
            active: list("srv1 srv2"),
            unpromoted: list("srv2"),
            ..switchover()
        };
        act(&mut world, "srv1", stopped.clone(), demote::demote);
        let mut next = voted(&[]);
        next.tell("srv2", "nodes-pgsqld", "srv2");
        next.cluster.kept.clone_from(&world.cluster.kept);
        next.server.position = at(1, position);
        let outcome = promoted(&mut next, &stopped);
        assert_eq!(
            outcome == ActionOutcome::SUCCESS,
            is_promoted,
            "{outcome:?}"
        );
    }
}

#[test]
fn a_notification_before_a_promotion_publishes_one_attribute_more_than_the_position() {
    let mut world = World::with(standby());
    before_promotion(&mut world, "srv3", switchover());
    assert_eq!(world.cluster.tells, 2);
    let report = format!("{SYSTEM}#1@0#1#1000#srv2");
    assert_eq!(world.told("srv3", "lineage-pgsqld"), Some(&*report));
    after_promotion(&mut world, "srv3", switchover());
    assert_eq!(world.told("srv3", "lineage-pgsqld"), None);
}

/// The coordinator may be lost during a promotion, so that nobody has the positions of that one withdrawn.
#[test]
fn what_a_node_has_published_for_another_promotion_counts_as_nothing() {
    let rule = format!("{SYSTEM}#1@0#ANY 1 (srv2,srv3)");
    let end = format!("1#0#{SYSTEM}#started#0#0");
    for (beside, is_promoted) in [
        ("#1@0#1#1000#srv2", true),
        // Without what is published beside it, as with PAF, it is not known.
        ("", true),
        ("#1@0#1#1000#srv3", false),
        ("#1@0#1#900#srv2", false),
    ] {
        let mut world = voted(&[]);
        world.tell("srv3", "lsn_location-pgsqld", "1#1000");
        if !beside.is_empty() {
            world.tell("srv3", "lineage-pgsqld", &format!("{SYSTEM}{beside}"));
        }
        world.keep("srv1", "primary_end-pgsqld", &end);
        world.keep("srv1", "sync_rule-pgsqld", &rule);
        let outcome = promoted(&mut world, &lost("srv1"));
        assert_eq!(
            outcome == ActionOutcome::SUCCESS,
            is_promoted,
            "{beside:?} {outcome:?}"
        );
    }
}
