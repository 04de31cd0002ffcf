//! Promotions while a primary may run that the cluster does not know of.

use super::played::{Upstream, standby};
use super::*;
use crate::agent::actions::server::Whom;

const SYSTEM: &str = "7388123456789012345";

/// All have the same, and the primary before was on `srv1`.
fn voted(moment: &str) -> World {
    let mut world = World::with(standby());
    world.tell("srv2", "nodes-pgsqld", "srv1 srv2 srv3");
    for name in ["srv1", "srv3"] {
        world.tell(name, "lsn_location-pgsqld", "1#1000");
        world.tell(name, "lineage-pgsqld", &format!("{SYSTEM}#1@0"));
    }
    let end = format!("1#1000#{SYSTEM}#{moment}#0#0");
    world.keep("srv1", "primary_end-pgsqld", &end);
    world
}

/// The cluster has forgotten where the primary was.
fn forgotten() -> Plan {
    Plan {
        promote: list("srv2"),
        promoted: Vec::new(),
        unpromoted: list("srv1 srv2 srv3"),
        ..calm()
    }
}

/// A promotion of `srv3` has just failed, which Pacemaker takes for a primary that is to be demoted.
fn after_a_failure() -> Plan {
    Plan {
        promoted: list("srv3"),
        demote: list("srv3"),
        stop: list("srv3"),
        start: list("srv3"),
        ..forgotten()
    }
}

fn promoted(world: &mut World, plan: Plan) -> Ending {
    act(world, "srv2", plan, promote::promote)
}

fn reason(ending: Ending) -> String {
    assert_eq!(ending.code, Code::Generic, "{ending:?}");
    ending.reason.unwrap()
}

#[test]
fn nobody_is_promoted_while_a_primary_answers_where_the_standby_has_its_wal_from() {
    for plan in [switchover(), forgotten(), after_a_failure()] {
        let mut world = voted("started");
        world.server.upstream = Upstream::Primary;
        let why = reason(promoted(&mut world, plan));
        assert!(why.contains("does not know of answers"), "{why}");
        assert!(world.server.done.is_empty());
        // The cluster may try again: nothing is wrong with this node.
        assert_eq!(world.score("srv2"), None);
    }
}

#[test]
fn nobody_is_promoted_while_a_primary_still_sends_wal() {
    let mut world = voted("started");
    world.server.receives = 8;
    let why = reason(promoted(&mut world, switchover()));
    assert!(why.contains("still sends WAL to this standby"), "{why}");
    assert!(world.server.done.is_empty());
}

#[test]
fn where_the_primary_has_ended_only_the_sender_is_asked_and_no_time_is_lost() {
    for (moment, plan, asked) in [
        ("started", switchover(), vec![Whom::Sender]),
        ("stopped", forgotten(), vec![Whom::Sender]),
        // Every 200 ms for two seconds.
        ("started", forgotten(), vec![Whom::Configured; 11]),
        ("started", after_a_failure(), vec![Whom::Configured; 11]),
    ] {
        let mut world = voted(moment);
        assert_eq!(promoted(&mut world, plan.clone()), Ending::SUCCESS);
        assert_eq!(world.server.done, ["promote"]);
        assert_eq!(world.server.asked, asked, "{moment} {plan:?}");
    }
}

#[test]
fn whom_to_ask_has_to_be_known_only_where_the_primary_is_forgotten() {
    let mut world = voted("started");
    world.server.upstream = Upstream::Unknown;
    let why = reason(promoted(&mut world, forgotten()));
    assert!(why.contains("cannot be found out"), "{why}");
    assert!(world.server.done.is_empty());
    assert_eq!(promoted(&mut world, switchover()), Ending::SUCCESS);
}

#[test]
fn nodes_that_are_away_lose_to_the_configuration_of_those_that_promote() {
    for (members, outdated) in [(&["srv1", "srv2", "srv3"][..], 0), (&["srv2", "srv3"], 1)] {
        let mut world = voted("stopped");
        world.cluster.members = members.iter().map(|name| node(name)).collect();
        assert_eq!(promoted(&mut world, switchover()), Ending::SUCCESS);
        assert_eq!(world.cluster.outdated, outdated, "{members:?}");
    }
}
