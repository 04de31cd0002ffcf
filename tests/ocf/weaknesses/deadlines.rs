//! What never answers: the action ends before its time is over, by itself, and has done what it could.

use std::time::Duration;

use crate::call::{End, Ended};
use crate::cluster::Fault;
use crate::judge::{Failure, Judged, Paf, case, ensure};
use crate::program::Program;
use crate::rows::is;
use crate::transition::{Pacemaker, Plan};
use crate::world::World;
use crate::world::server::Seen;

/// How long an action may take here.
const TIMEOUT: Duration = Duration::from_secs(8);

/// A world that has lost its primary, and in which the promotion of srv2 has been announced.
fn announced(program: Program) -> Result<World, Failure> {
    let world = World::running(program)?;
    world.server("srv1").crash()?;
    let mut pacemaker = Pacemaker::of_running(&world);
    pacemaker.lose("srv1");
    let plan = Plan::new().demote("srv1").stop(&["srv1"]);
    pacemaker.play(&plan)?;
    pacemaker.announce(&Plan::new().promote("srv2"))?;
    Ok(world)
}

fn ends_by_itself(ended: &Ended) -> Judged {
    ensure(matches!(ended.end, End::Status(_)), || ended.to_string())
}

#[test]
fn a_promotion_ends_where_the_daemon_of_attributes_does_not_answer() -> Judged {
    case(Paf::Wrong(6), |program| {
        let world = announced(program)?;
        world
            .cluster
            .break_tool("srv2", "attrd_updater", Fault::Hangs)?;
        let ended = world.ask("srv2", "promote").timeout(TIMEOUT).call()?;
        ends_by_itself(&ended)?;
        ensure(ended.exit_reason().contains("attrd_updater"), || {
            format!("the reason is {:?}", ended.exit_reason())
        })
    })
}

#[test]
fn a_peer_that_says_nothing_counts_as_absent() -> Judged {
    case(Paf::Wrong(6), |program| {
        let world = announced(program)?;
        world.cluster.set_private("srv3", "lsn_location", "")?;
        let ended = world
            .ask("srv2", "promote")
            .timeout(Duration::from_secs(20))
            .call()?;
        ensure(ended.end == End::Status(0), || ended.to_string())?;
        is(&world, "srv2", Seen::Primary)
    })
}

#[test]
fn a_monitor_tells_the_truth_where_the_cluster_does_not_answer() -> Judged {
    case(Paf::Wrong(6), |program| {
        let world = World::running(program)?;
        world.cluster.forget_attributes()?;
        for tools in [
            &["crm_attribute", "crm_master"][..],
            &["cibadmin", "attrd_updater"],
        ] {
            for tool in tools {
                world.cluster.break_tool("srv1", tool, Fault::Hangs)?;
            }
            let ended = world
                .ask("srv1", "monitor")
                .timeout(Duration::from_secs(4))
                .call()?;
            ensure(ended.end == End::Status(8), || {
                format!("{tools:?}: {ended}")
            })?;
        }
        Ok(())
    })
}

/// Of ten seconds, less what is left for the way back; and a third of the rest where it is asked twice.
#[test]
fn a_monitor_gives_a_silent_cluster_a_third_of_its_time() -> Judged {
    case(Paf::Wrong(6), |program| {
        let world = World::running(program)?;
        for tool in ["cibadmin", "attrd_updater", "crm_attribute", "crm_master"] {
            for node in ["srv1", "srv2"] {
                world.cluster.break_tool(node, tool, Fault::Hangs)?;
            }
        }
        world.cluster.forget_attributes()?;
        // A standby tells the cluster something where `maxlag` is set, and asks it where another resource's agent
        // has started the server.
        for (node, resource, status, most) in [
            ("srv1", None, 8, 4500),
            ("srv2", None, 0, 4500),
            ("srv2", Some("another"), 0, 6500),
        ] {
            if let Some(resource) = resource {
                world.server(node).end()?;
                let start = world.ask(node, "start");
                let resource = format!("{}-{resource}", world.cluster.resource());
                let start = start.variable("OCF_RESOURCE_INSTANCE", &resource);
                let started = start.call()?;
                ensure(started.end == End::Status(0), || started.to_string())?;
            }
            let ask = world.ask(node, "monitor").parameter("maxlag", "1000000");
            let ended = ask.timeout(Duration::from_secs(10)).call()?;
            ensure(ended.end == End::Status(status), || ended.to_string())?;
            ensure(ended.took < Duration::from_millis(most), || {
                format!("{node}, {resource:?}: {ended}")
            })?;
        }
        Ok(())
    })
}

/// Plays a failover to srv2 while something is wrong on srv3. Everybody waits for what the slowest node has to say
/// before a promotion, and writers do.
fn does_not_wait_for_srv3(world: &World) -> Judged {
    let mut pacemaker = Pacemaker::of_running(world);
    world.server("srv1").crash()?;
    pacemaker.lose("srv1");
    let plan = Plan::new().demote("srv1").stop(&["srv1"]).promote("srv2");
    let played = pacemaker.play(&plan)?;
    played.done()?;
    is(world, "srv2", Seen::Primary)?;
    for step in played.notified.iter().filter(|step| step.node == "srv3") {
        ensure(step.ended.took < 2 * TIMEOUT, || step.ended.to_string())?;
    }
    Ok(())
}

#[test]
fn a_frozen_standby_does_not_hold_up_a_failover() -> Judged {
    case(Paf::Wrong(6), |program| {
        let world = World::running(program)?;
        world.server("srv3").freeze()?;
        does_not_wait_for_srv3(&world)
    })
}

#[test]
fn a_standby_whose_daemon_of_attributes_hangs_does_not_hold_up_a_failover() -> Judged {
    case(Paf::Wrong(6), |program| {
        let world = World::running(program)?;
        world
            .cluster
            .break_tool("srv3", "attrd_updater", Fault::Hangs)?;
        does_not_wait_for_srv3(&world)
    })
}

#[test]
fn a_stop_and_a_demotion_succeed_where_the_cluster_does_not_answer() -> Judged {
    case(Paf::Wrong(6), |program| {
        let world = World::running(program)?;
        for tool in ["crm_attribute", "crm_master", "cibadmin", "attrd_updater"] {
            world.cluster.break_tool("srv1", tool, Fault::Hangs)?;
        }
        for (action, seen) in [("demote", Seen::Standby), ("stop", Seen::Stopped)] {
            let ended = world
                .ask("srv1", action)
                .timeout(Duration::from_secs(20))
                .call()?;
            ensure(ended.end == End::Status(0), || format!("{action}: {ended}"))?;
            is(&world, "srv1", seen)?;
        }
        Ok(())
    })
}
