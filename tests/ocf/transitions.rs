//! A cluster's life as Pacemaker leads it, from the first start: who is the primary then, and that nothing
//! that was written is gone.

use crate::call::End;
use crate::cluster::NODES;
use crate::judge::{Failure, Judged, Paf, case, ensure};
use crate::transition::{Pacemaker, Plan};
use crate::world::World;
use crate::world::server::Seen;

/// Writes a row on the primary.
fn write(world: &World, primary: &str, row: u32) -> Judged {
    let sql = format!("INSERT INTO kept VALUES ({row})");
    world.server(primary).query(&sql)?;
    Ok(())
}

/// Fails unless a node is a primary with these rows, and the others stream from it.
fn leads(world: &World, primary: &str, rows: &str, standbys: &[&str]) -> Judged {
    let seen = world.server(primary).seen();
    ensure(seen == Seen::Primary, || {
        format!("{primary} is {seen:?}, not a primary")
    })?;
    let sql = "SELECT string_agg(id::text, ' ' ORDER BY id) FROM kept";
    let kept = world.server(primary).query(sql)?;
    ensure(kept == rows, || {
        format!("{primary} has the rows {kept}, not {rows}")
    })?;
    let streaming = world.streaming(primary, standbys);
    streaming.map_err(|trouble| Failure::Agent(format!("{trouble:?}")))
}

/// Fails unless the primary's monitor succeeds; after it, all scores are set.
fn monitored(world: &World, primary: &str) -> Judged {
    let ended = world.ask(primary, "monitor").call()?;
    ensure(ended.end == End::Status(8), || {
        format!("monitor of the primary {primary}: {ended}")
    })
}

fn scores(world: &World) -> [Option<String>; 3] {
    NODES.map(|node| world.cluster.score(node))
}

fn some(scores: [&str; 3]) -> [Option<String>; 3] {
    scores.map(|score| Some(score.to_owned()))
}

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
        ensure(scores(&world) == some(["1001", "1000", "990"]), || {
            format!("the scores are {:?}", scores(&world))
        })
    })
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
        caught_up(&world, "srv1", 2)?;
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
        let seen = world.server("srv1").seen();
        ensure(seen == Seen::Stopped, || format!("srv1 is {seen:?}"))?;
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
            let seen = world.server(node).seen();
            ensure(seen == Seen::Stopped, || format!("{node} is {seen:?}"))?;
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

/// Waits until the standbys have so many rows.
fn caught_up(world: &World, primary: &str, rows: u32) -> Judged {
    for node in NODES.into_iter().filter(|node| *node != primary) {
        support::until(crate::call::PATIENCE, "the rows", || {
            let count = world.server(node).query("SELECT count(*) FROM kept");
            count.is_ok_and(|count| count == rows.to_string())
        })?;
    }
    Ok(())
}
