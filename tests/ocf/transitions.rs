//! A cluster's life as Pacemaker leads it, from the first start: who is the primary then, and that nothing
//! that was written is gone.

use crate::call::End;
use crate::cluster::NODES;
use crate::judge::{Judged, Paf, case, ensure};
use crate::program::Program;
use crate::rows::{caught_up, has_scores, is, leads, monitored, scores, write};
use crate::transition::{Pacemaker, Plan};
use crate::world::World;
use crate::world::server::Seen;

#[test]
fn at_the_first_start_the_former_primary_is_promoted() -> Judged {
    case(Paf::Right, |program| {
        let world = World::stopped(program)?;
        let mut pacemaker = Pacemaker::of_stopped(&world);
        for node in NODES {
            let probe = world.ask(node, "monitor").meta("interval", "0").call()?;
            ensure(probe.end == End::Status(7), || format!("probe: {probe}"))?;
        }
        pacemaker.play(&Plan::new().start(&NODES))?.done()?;
        let candidate = pacemaker.candidate();
        ensure(candidate == Some("srv1"), || {
            format!("the scores are {:?}", scores(&world))
        })?;
        pacemaker.play(&Plan::new().promote("srv1"))?.done()?;
        leads(&world, "srv1", "1", &["srv2", "srv3"])?;
        monitored(&world, "srv1")?;
        has_scores(&world, ["1001", "1000", "990"])
    })
}

#[test]
fn before_a_switchover_the_primary_writes_a_checkpoint() -> Judged {
    let world = World::running(Program::Ours)?;
    let pacemaker = Pacemaker::of_running(&world);
    write(&world, "srv1", 2)?;
    let last = || {
        let sql = "SELECT checkpoint_lsn FROM pg_control_checkpoint()";
        world.server("srv1").query(sql)
    };
    let before = last()?;
    pacemaker.announce(&Plan::new().demote("srv1").promote("srv2"))?;
    let after = last()?;
    ensure(before != after, || {
        format!("its last checkpoint is still at {after}")
    })?;
    is(&world, "srv1", Seen::Primary)
}

#[test]
fn a_switchover_and_the_way_back_lose_nothing() -> Judged {
    case(Paf::Right, |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        write(&world, "srv1", 2)?;
        let plan = Plan::new().demote("srv1").promote("srv2");
        pacemaker.play(&plan)?.done()?;
        leads(&world, "srv2", "1 2", &["srv1", "srv3"])?;
        monitored(&world, "srv2")?;
        write(&world, "srv2", 3)?;
        let plan = Plan::new().demote("srv2").promote("srv1");
        pacemaker.play(&plan)?.done()?;
        leads(&world, "srv1", "1 2 3", &["srv2", "srv3"])?;
        monitored(&world, "srv1")
    })
}

#[test]
fn after_the_loss_of_a_primary_the_best_standby_is_promoted() -> Judged {
    case(Paf::Right, |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        write(&world, "srv1", 2)?;
        world.streaming("srv1", &["srv2", "srv3"])?;
        caught_up(&world, "srv1", "1 2")?;
        world.server("srv1").crash()?;
        world.cluster.set_partition(&["srv2", "srv3"])?;
        pacemaker.lose("srv1");
        let plan = Plan::new().demote("srv1").stop(&["srv1"]).promote("srv2");
        pacemaker.play(&plan)?.done()?;
        leads(&world, "srv2", "1 2", &["srv3"])?;
        monitored(&world, "srv2")
    })
}

#[test]
fn a_crashed_primary_is_recovered_where_it_was() -> Judged {
    case(Paf::Right, |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        write(&world, "srv1", 2)?;
        world.server("srv1").crash()?;
        let monitor = world.ask("srv1", "monitor").call()?;
        ensure(monitor.end == End::Status(9), || {
            format!("monitor: {monitor}")
        })?;
        let plan = Plan::new()
            .demote("srv1")
            .stop(&["srv1"])
            .start(&["srv1"])
            .promote("srv1");
        pacemaker.play(&plan)?.done()?;
        leads(&world, "srv1", "1 2", &["srv2", "srv3"])?;
        monitored(&world, "srv1")
    })
}

#[test]
fn a_crashed_standby_is_recovered_where_it_was() -> Judged {
    case(Paf::Right, |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        world.server("srv2").crash()?;
        let monitor = world.ask("srv2", "monitor").call()?;
        ensure(monitor.end == End::Status(1), || {
            format!("monitor: {monitor}")
        })?;
        let plan = Plan::new().stop(&["srv2"]).start(&["srv2"]);
        pacemaker.play(&plan)?.done()?;
        leads(&world, "srv1", "1", &["srv2", "srv3"])
    })
}

#[test]
fn a_primary_whose_node_goes_into_standby_gives_its_role_away_and_stops() -> Judged {
    case(Paf::Right, |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        write(&world, "srv1", 2)?;
        let plan = Plan::new().demote("srv1").stop(&["srv1"]).promote("srv2");
        pacemaker.play(&plan)?.done()?;
        is(&world, "srv1", Seen::Stopped)?;
        leads(&world, "srv2", "1 2", &["srv3"])
    })
}

#[test]
fn a_whole_cluster_is_stopped_and_started() -> Judged {
    case(Paf::Right, |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        write(&world, "srv1", 2)?;
        pacemaker
            .play(&Plan::new().demote("srv1").stop(&NODES))?
            .done()?;
        for node in NODES {
            is(&world, node, Seen::Stopped)?;
        }
        pacemaker.play(&Plan::new().start(&NODES))?.done()?;
        let candidate = pacemaker.candidate();
        ensure(candidate == Some("srv1"), || {
            format!("the scores are {:?}", scores(&world))
        })?;
        pacemaker.play(&Plan::new().promote("srv1"))?.done()?;
        leads(&world, "srv1", "1 2", &["srv2", "srv3"])
    })
}

#[test]
fn a_promotion_that_is_killed_at_its_end_and_repeated_tells_the_cluster_what_it_has_to_know()
-> Judged {
    case(Paf::Wrong(2), |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        let plan = Plan::new().demote("srv1").promote("srv2");
        pacemaker.play(&plan)?.done()?;
        // As if it had been killed as soon as the server was promoted.
        let begun = world.cluster.permanent("srv2", "primary_end");
        world.cluster.set_permanent("srv2", "primary_end", None)?;
        world.cluster.set_score("srv2", Some("1000"))?;
        let repeated = world.ask("srv2", "promote").call()?;
        ensure(repeated.end == End::Status(0), || format!("{repeated}"))?;
        let told = world.cluster.permanent("srv2", "primary_end");
        ensure(told.is_some() && told == begun, || {
            format!("primary_end was {begun:?} and is {told:?}")
        })?;
        let score = world.cluster.score("srv2");
        ensure(score.as_deref() == Some("1001"), || {
            format!("its score is {score:?}")
        })
    })
}

/// The server of srv3 stands for one that a second resource has on srv1.
#[test]
fn two_resources_on_a_node_have_nothing_to_do_with_each_other() -> Judged {
    case(Paf::Right, |program| {
        let world = World::stopped(program)?;
        let other = world.server("srv3");
        other.configure("primary_conninfo = 'host=/nowhere application_name=srv1'\n")?;
        let parameters = other.parameters()?;
        let second = |action| {
            let ask = world.ask("srv1", action);
            parameters
                .iter()
                .fold(ask, |ask, (name, value)| ask.parameter(name, value))
                .variable("OCF_RESOURCE_INSTANCE", "second")
                .call()
        };
        let first = |action| world.ask("srv1", action).call();
        for started in [first("start")?, second("start")?] {
            ensure(started.end == End::Status(0), || format!("{started}"))?;
        }
        is(&world, "srv1", Seen::Standby)?;
        is(&world, "srv3", Seen::Standby)?;
        has_first_score_alone(&world)?;
        let stopped = first("stop")?;
        ensure(stopped.end == End::Status(0), || format!("{stopped}"))?;
        is(&world, "srv1", Seen::Stopped)?;
        is(&world, "srv3", Seen::Standby)?;
        let monitored = second("monitor")?;
        ensure(monitored.end == End::Status(0), || format!("{monitored}"))?;
        has_first_score_alone(&world)
    })
}

/// Fails unless the first resource, and no other node or resource, has a promotion score.
fn has_first_score_alone(world: &World) -> Judged {
    let scores = scores(world);
    ensure(scores == [Some("1".into()), None, None], || {
        format!("the scores are {scores:?}")
    })?;
    let calls = world.cluster.calls();
    let of_second = calls
        .iter()
        .find(|call| call.arguments.contains("master-second"));
    ensure(of_second.is_none(), || format!("{of_second:?}"))
}

/// Plays a switchover whose every action is killed when so many things have changed, and done again.
fn switchover_killed_at(changes: u32) -> Judged {
    case(Paf::Right, |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        pacemaker.kill_at(changes);
        write(&world, "srv1", 2)?;
        let plan = Plan::new().demote("srv1").promote("srv2");
        pacemaker.play(&plan)?.done()?;
        leads(&world, "srv2", "1 2", &["srv1", "srv3"])?;
        monitored(&world, "srv2")?;
        has_scores(&world, ["990", "1001", "1000"])
            .or_else(|_| has_scores(&world, ["1000", "1001", "990"]))
    })
}

#[test]
fn a_switchover_whose_actions_are_killed_at_once_and_repeated_loses_nothing() -> Judged {
    switchover_killed_at(1)
}

#[test]
fn a_switchover_whose_actions_are_killed_later_and_repeated_loses_nothing() -> Judged {
    switchover_killed_at(2)
}

#[test]
fn a_switchover_whose_actions_are_killed_near_their_end_and_repeated_loses_nothing() -> Judged {
    switchover_killed_at(4)
}

#[test]
fn a_failover_whose_actions_are_killed_and_repeated_loses_nothing() -> Judged {
    case(Paf::Wrong(4), |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        write(&world, "srv1", 2)?;
        caught_up(&world, "srv1", "1 2")?;
        world.server("srv1").crash()?;
        pacemaker.kill_at(2);
        let plan = Plan::new()
            .demote("srv1")
            .stop(&["srv1"])
            .start(&["srv1"])
            .promote("srv2");
        pacemaker.play(&plan)?.done()?;
        leads(&world, "srv2", "1 2", &["srv1", "srv3"])?;
        monitored(&world, "srv2")
    })
}

/// PAF sets the first score last, and never again.
#[test]
fn a_first_start_whose_actions_are_killed_and_repeated_comes_up() -> Judged {
    case(Paf::Wrong(2), |program| {
        let world = World::stopped(program)?;
        let mut pacemaker = Pacemaker::of_stopped(&world);
        pacemaker.kill_at(2);
        pacemaker.play(&Plan::new().start(&NODES))?.done()?;
        let candidate = pacemaker.candidate();
        ensure(candidate == Some("srv1"), || {
            format!("the scores are {:?}", scores(&world))
        })?;
        pacemaker.play(&Plan::new().promote("srv1"))?.done()?;
        leads(&world, "srv1", "1", &["srv2", "srv3"])
    })
}
