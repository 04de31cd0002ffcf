//! What a promotion records of itself, and which records of other nodes it deletes.

use super::*;
use crate::agent::actions::tests::played::Fails;
use crate::postgres::timeline::PromotionTime;

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
fn the_rules_of_the_timeline_before_survive_a_plan_that_is_replaced_by_one_that_fails() {
    let mut world = voted("1#1000", "1#900");
    let rule = format!("{SYSTEM}#1@0+900#none#900=ANY 1 (srv2,srv3)");
    world.keep("srv1", "sync_rule-pgsqld", &rule);
    world.cluster.is_alone_after = Some((node("srv2"), "sync_rule-pgsqld"));
    assert_eq!(promoted(&mut world).code, Code::Generic);
    let left = format!("{SYSTEM}#1@0#none#900=ANY 1 (srv2,srv3)");
    assert_eq!(world.kept("srv1", "sync_rule-pgsqld"), Some(&*left));
}

#[test]
fn without_the_deletion_of_such_a_plan_the_server_is_not_promoted() {
    for since in ["1@0+900", "2@1000@77"] {
        let mut world = voted("1#1000", "1#900");
        let rule = format!("{SYSTEM}#{since}#ANY 1 (srv2,srv3)");
        world.keep("srv1", "sync_rule-pgsqld", &rule);
        world.cluster.fails = Fails::ToDelete("sync_rule-pgsqld");
        let outcome = promoted(&mut world);
        assert_eq!(outcome.code, Code::Generic);
        assert_eq!(
            outcome.reason.unwrap(),
            "the server is not promoted, since the cluster could not delete the record of a promotion that this one \
             replaces: crm_attribute failed: no cluster"
        );
        assert!(world.server.done.is_empty());
        assert_eq!(world.kept("srv1", "sync_rule-pgsqld"), Some(&*rule));
    }
}

#[test]
fn what_a_timelines_twin_had_stays_on_record_until_the_beginning_of_the_new_one_is() {
    let mut world = voted("1#1000", "1#900");
    world.server.promoted_at = [(Timeline(2), PromotionTime(88))].into();
    let end = format!("2#1000#{SYSTEM}#started#1@0#1000#77");
    world.keep("srv1", "primary_end-pgsqld", &end);
    world.cluster.fails = Fails::ToKeep("primary_end-pgsqld");
    assert_eq!(promoted(&mut world), ActionOutcome::SUCCESS);
    assert_eq!(world.kept("srv2", "primary_end-pgsqld"), None);
    assert_eq!(world.kept("srv1", "primary_end-pgsqld"), Some(&*end));
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
