//! Promotions while a primary may run that the cluster does not know of.

use super::played::{Upstream, standby};
use super::*;
use crate::agent::actions::server::{NodeAnswer, Whom};

const SYSTEM: &str = "7388123456789012345";

/// All nodes have the same WAL, and the last primary was on `srv1`.
pub(super) fn voted(moment: &str) -> World {
    let mut world = World::with(standby());
    world.tell("srv2", "nodes-pgsqld", "srv1 srv2 srv3");
    for name in ["srv1", "srv3"] {
        world.tell(name, "lsn_location-pgsqld", "1#1000");
        world.tell(name, "lineage-pgsqld", &format!("{SYSTEM}#1@0#1#1000#srv2"));
    }
    let end = format!("1#1000#{SYSTEM}#{moment}#0#0");
    world.keep("srv1", "primary_end-pgsqld", &end);
    world
}

/// The cluster has forgotten where the primary was.
fn forgotten() -> TransitionPlan {
    TransitionPlan {
        promote: list("srv2"),
        promoted: Vec::new(),
        unpromoted: list("srv1 srv2 srv3"),
        ..calm()
    }
}

/// A promotion of `srv3` has just failed, which to Pacemaker looks like a primary that is to be demoted.
fn after_a_failure() -> TransitionPlan {
    TransitionPlan {
        promoted: list("srv3"),
        demote: list("srv3"),
        stop: list("srv3"),
        start: list("srv3"),
        ..forgotten()
    }
}

pub(super) fn promoted(world: &mut World, plan: TransitionPlan) -> ActionOutcome {
    act(world, "srv2", plan, promote::promote)
}

pub(super) fn reason(outcome: ActionOutcome) -> String {
    assert_eq!(outcome.code, Code::Generic, "{outcome:?}");
    outcome.reason.unwrap()
}

#[test]
fn no_standby_is_promoted_while_its_upstream_answers_as_a_primary() {
    for plan in [switchover(), forgotten(), after_a_failure()] {
        let mut world = voted("started");
        world.server.upstream = Upstream::Primary;
        let why = reason(promoted(&mut world, plan));
        assert!(why.contains("does not know of answers"), "{why}");
        assert!(world.server.done.is_empty());
        // The cluster may try again: nothing is wrong with this node.
        assert_eq!(world.score("srv2"), None);
        let seen = format!("1#1000#{SYSTEM}");
        assert_eq!(world.kept("srv2", "unknown_primary-pgsqld"), Some(&*seen));
    }
}

#[test]
fn a_primary_that_was_seen_may_still_run_until_its_end_is_known() {
    let all = &["srv1", "srv2", "srv3"][..];
    let seen = format!("1#1000#{SYSTEM}");
    for (plan, members, has_the_end, seen, is_promoted) in [
        (forgotten(), &["srv2", "srv3"][..], false, &*seen, false),
        // It was stopped in order, and this standby has its last record; or the cluster has looked where it ran.
        (forgotten(), &["srv2", "srv3"], true, &*seen, true),
        (forgotten(), all, false, &*seen, true),
        (switchover(), &["srv2", "srv3"], false, &*seen, true),
        (forgotten(), &["srv2", "srv3"], false, "1#1000#8", true),
    ] {
        let mut world = voted("started");
        world.keep("srv3", "unknown_primary-pgsqld", seen);
        world.cluster.members = members.iter().map(|name| node(name)).collect();
        world.server.has_the_end = has_the_end;
        let outcome = promoted(&mut world, plan.clone());
        assert_eq!(
            outcome == ActionOutcome::SUCCESS,
            is_promoted,
            "{plan:?} {members:?}"
        );
        if is_promoted {
            assert_eq!(world.kept("srv3", "unknown_primary-pgsqld"), None);
        } else {
            let why = reason(outcome);
            assert!(why.starts_with("srv2 must not be promoted: "), "{why}");
            assert!(why.contains("Start the cluster on srv1;"), "{why}");
            assert!(why.contains("unknown_primary-pgsqld of srv3"), "{why}");
            assert!(world.server.done.is_empty());
            assert_eq!(world.score("srv2"), Some("-1000001"));
        }
    }
}

/// What it sends after the positions were published, only some nodes may get before it is out of reach.
#[test]
fn a_primary_that_sends_wal_when_a_promotion_begins_is_recorded_if_the_cluster_does_not_know_of_it()
{
    let seen = format!("1#1000#{SYSTEM}");
    let starting = TransitionPlan {
        start: list("srv2 srv3"),
        active: Vec::new(),
        unpromoted: Vec::new(),
        ..forgotten()
    };
    for (plan, moment, upstream, received, is_recorded) in [
        (forgotten(), "started", Upstream::Primary, 0, true),
        (forgotten(), "started", Upstream::Nobody, 0, false),
        // What it has received may be of the time before the cluster forgot its primary.
        (forgotten(), "started", Upstream::Nobody, 900, false),
        (forgotten(), "stopped", Upstream::Primary, 0, false),
        (switchover(), "started", Upstream::Primary, 0, false),
        // Its primary is cut off again, but has sent WAL since this server was started in the same transition.
        (starting.clone(), "started", Upstream::Nobody, 900, true),
        (starting.clone(), "stopped", Upstream::Nobody, 900, false),
        // The beginning of a segment is where it began to ask.
        (starting, "started", Upstream::Nobody, 1 << 20, false),
    ] {
        let mut world = voted(moment);
        world.server.upstream = upstream;
        world.server.received = received;
        before_promotion(&mut world, "srv3", plan.clone());
        assert_eq!(
            world.kept("srv3", "unknown_primary-pgsqld"),
            is_recorded.then_some(&*seen),
            "{plan:?} {moment} {upstream:?} {received}"
        );
    }
}

#[test]
fn a_cluster_that_never_had_a_primary_may_follow_one_elsewhere() {
    let mut world = World::with(standby());
    world.server.upstream = Upstream::Primary;
    before_promotion(&mut world, "srv3", forgotten());
    assert_eq!(world.kept("srv3", "unknown_primary-pgsqld"), None);
}

/// A partition that has lost quorum stops its servers, and may promote one when it has quorum again.
#[test]
fn a_primary_that_sends_wal_to_a_standby_that_is_stopped_is_recorded_if_the_cluster_does_not_know_of_it()
 {
    let seen = format!("1#1000#{SYSTEM}");
    let without_primary = TransitionPlan {
        stop: list("srv2"),
        promote: Vec::new(),
        ..forgotten()
    };
    let with_primary = TransitionPlan {
        stop: list("srv2"),
        ..calm()
    };
    for (plan, moment, upstream, is_recorded) in [
        (&without_primary, "started", Upstream::Primary, true),
        (&without_primary, "started", Upstream::Nobody, false),
        (&without_primary, "started", Upstream::Unknown, false),
        (&without_primary, "stopped", Upstream::Primary, false),
        (&with_primary, "started", Upstream::Primary, false),
    ] {
        let mut world = voted(moment);
        world.server.upstream = upstream;
        let stopped = act(&mut world, "srv2", plan.clone(), stop::stop);
        assert_eq!(stopped, ActionOutcome::SUCCESS);
        assert_eq!(world.server.done, ["stop"]);
        assert_eq!(
            world.kept("srv2", "unknown_primary-pgsqld"),
            is_recorded.then_some(&*seen),
            "{plan:?} {moment} {upstream:?}"
        );
    }
}

#[test]
fn no_node_gives_way_to_another_that_would_be_refused_for_a_primary_that_was_seen() {
    for (members, score) in [
        (&["srv2", "srv3"][..], "-1000001"),
        (&["srv1", "srv2", "srv3"], "2"),
    ] {
        let mut world = voted("started");
        world.tell("srv3", "lsn_location-pgsqld", "1#1100");
        world.tell(
            "srv3",
            "lineage-pgsqld",
            &format!("{SYSTEM}#1@0#1#1100#srv2"),
        );
        world.keep(
            "srv3",
            "unknown_primary-pgsqld",
            &format!("1#1000#{SYSTEM}"),
        );
        world.cluster.members = members.iter().map(|name| node(name)).collect();
        reason(promoted(&mut world, forgotten()));
        assert_eq!(world.score("srv2"), Some(score), "{members:?}");
    }
}

#[test]
fn no_standby_is_promoted_while_a_primary_still_sends_wal() {
    let mut world = voted("started");
    world.server.receives = 8;
    let why = reason(promoted(&mut world, switchover()));
    assert!(why.contains("still sends WAL to this standby"), "{why}");
    assert!(world.server.done.is_empty());
}

#[test]
fn where_the_primary_has_ended_only_the_sender_is_asked_and_no_time_is_lost() {
    let unseen = TransitionPlan {
        active: list("srv2 srv3"),
        unpromoted: list("srv2 srv3"),
        ..forgotten()
    };
    for (moment, plan, asked) in [
        ("started", switchover(), vec![Whom::Sender]),
        ("stopped", forgotten(), vec![Whom::Sender]),
        // Every 200 ms for two seconds.
        ("started", forgotten(), vec![Whom::Configured; 11]),
        ("started", after_a_failure(), vec![Whom::Configured; 11]),
        // The cluster may not have looked yet on the node of the last primary: for as long as a load balancer takes to
        // lead there again.
        ("started", unseen, vec![Whom::Configured; 26]),
    ] {
        let mut world = voted(moment);
        assert_eq!(promoted(&mut world, plan.clone()), ActionOutcome::SUCCESS);
        assert_eq!(world.server.done, ["promote"]);
        assert_eq!(world.server.asked, asked, "{moment} {plan:?}");
    }
}

#[test]
fn an_unknown_upstream_prevents_a_promotion_only_if_the_primary_is_forgotten() {
    let mut world = voted("started");
    world.server.upstream = Upstream::Unknown;
    let why = reason(promoted(&mut world, forgotten()));
    assert!(why.contains("cannot determine"), "{why}");
    assert!(world.server.done.is_empty());
    assert_eq!(promoted(&mut world, switchover()), ActionOutcome::SUCCESS);
}

#[test]
fn a_server_that_runs_where_the_cluster_knows_of_none_prevents_a_promotion() {
    use NodeAnswer::{NoPrimary, Primary, Undetermined};
    let answers = Some("a primary that the cluster does not know of answers on srv1");
    let silent = Some("a server accepts connections on srv1");
    for (answer, on, members, active, refused) in [
        (Primary, "srv1", "srv2 srv3", "srv1 srv2 srv3", answers),
        (Undetermined, "srv1", "srv2 srv3", "srv1 srv2 srv3", silent),
        (NoPrimary, "srv1", "srv2 srv3", "srv1 srv2 srv3", None),
        // A member that the cluster has not looked at yet.
        (Undetermined, "srv1", "srv1 srv2 srv3", "srv2 srv3", silent),
        (Primary, "srv1", "srv1 srv2 srv3", "srv2 srv3", answers),
        // It knows what runs there.
        (Primary, "srv1", "srv1 srv2 srv3", "srv1 srv2 srv3", None),
        // The last primary was not there.
        (Primary, "srv3", "srv1 srv2", "srv1 srv2", None),
    ] {
        let mut world = voted("started");
        world.server.servers_on = [(node(on), answer)].into();
        world.cluster.members = members.split(' ').map(node).collect();
        let plan = TransitionPlan {
            active: list(active),
            ..forgotten()
        };
        let outcome = promoted(&mut world, plan);
        match refused {
            Some(expected) => {
                let why = reason(outcome);
                assert!(why.contains(expected), "{why}");
                assert!(world.server.done.is_empty());
            }
            None => assert_eq!(outcome, ActionOutcome::SUCCESS, "{answer:?} {on} {members}"),
        }
        let seen = world.kept("srv2", "unknown_primary-pgsqld").is_some();
        assert_eq!(seen, refused == answers);
    }
}

#[test]
fn a_server_that_no_longer_answers_is_not_promoted() {
    for plan in [switchover(), forgotten()] {
        let mut world = voted("started");
        world.server.freezes_after = Some(1);
        let why = reason(promoted(&mut world, plan));
        assert!(why.contains("does not answer"), "{why}");
        assert!(world.server.done.is_empty());
        assert_eq!(world.kept("srv2", "sync_rule-pgsqld"), None);
    }
}
