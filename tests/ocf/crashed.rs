//! A primary has crashed, and the keeper of its node has it kept stopped so that another server is promoted.

use support::Trouble;

use crate::cluster::NODES;
use crate::judge::{Judged, ensure};
use crate::program::Program;
use crate::rows::{caught_up, is, leads, monitored, received, write};
use crate::transition::{Pacemaker, Plan, Played};
use crate::world::World;
use crate::world::server::Seen;

/// The primary crashes on srv1, and Pacemaker sees that and the mark.
fn crash(world: &World, pacemaker: &mut Pacemaker<'_>) -> Result<Played, Trouble> {
    world.server("srv1").crash()?;
    world.cluster.set_private("srv1", "died", "1")?;
    pacemaker.tell_plan();
    let plan = Plan::new().demote("srv1").stop(&["srv1"]).promote("srv2");
    pacemaker.play(&plan)
}

/// Fails unless srv2 has given way to the server on srv1, which may be started again.
fn gave_way(world: &World, played: &Played) -> Judged {
    let why = played.failure().map(|step| step.ended.to_string());
    let why = why.unwrap_or_default();
    ensure(why.contains("srv1 is ahead of srv2"), || {
        format!("the promotion: {why}")
    })?;
    let mark = world.cluster.private("srv1", "died");
    ensure(mark.is_none(), || format!("srv1 is marked: {mark:?}"))?;
    is(world, "srv2", Seen::Standby)
}

/// Pacemaker recovers srv2, and promotes srv1 after it has started.
fn recover(pacemaker: &mut Pacemaker<'_>) -> Judged {
    let candidate = Plan::new()
        .stop(&["srv2"])
        .start(&["srv1", "srv2"])
        .promote("srv1");
    pacemaker.play(&candidate)?.done()
}

#[test]
fn rows_that_only_it_has_are_kept_where_commits_wait_for_nobody() -> Judged {
    let world = World::running(Program::Ours)?;
    let mut pacemaker = Pacemaker::of_running(&world);
    monitored(&world, "srv1")?;
    caught_up(&world, "srv1", "1")?;
    for node in ["srv2", "srv3"] {
        world.server(node).cut()?;
    }
    write(&world, "srv1", 2)?;
    let played = crash(&world, &mut pacemaker)?;
    gave_way(&world, &played)?;
    for node in ["srv2", "srv3"] {
        world.server(node).mend()?;
    }
    recover(&mut pacemaker)?;
    leads(&world, "srv1", "1 2", &["srv2", "srv3"])
}

#[test]
fn a_standby_that_has_everything_takes_its_place_where_commits_wait_for_nobody() -> Judged {
    let world = World::running(Program::Ours)?;
    let mut pacemaker = Pacemaker::of_running(&world);
    monitored(&world, "srv1")?;
    write(&world, "srv1", 2)?;
    caught_up(&world, "srv1", "1 2")?;
    crash(&world, &mut pacemaker)?.done()?;
    leads(&world, "srv2", "1 2", &["srv3"])?;
    let position = world.cluster.private("srv1", "lsn_location");
    ensure(position.is_none(), || {
        format!("srv1 still tells {position:?}")
    })
}

/// Commits wait for one of the others.
fn wait_for_one(world: &World) -> Judged {
    for node in NODES {
        let names = "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (srv1, srv2, srv3)'";
        world.server(node).query(names)?;
        world.server(node).query("SELECT pg_reload_conf()")?;
    }
    Ok(())
}

#[test]
fn it_is_not_waited_for_where_commits_wait_for_standbys() -> Judged {
    let world = World::running(Program::Ours)?;
    let mut pacemaker = Pacemaker::of_running(&world);
    wait_for_one(&world)?;
    monitored(&world, "srv1")?;
    write(&world, "srv1", 2)?;
    caught_up(&world, "srv1", "1 2")?;
    for node in ["srv2", "srv3"] {
        world.server(node).cut()?;
    }
    // WAL that nobody has acknowledged.
    world.server("srv1").query("SELECT pg_switch_wal()")?;
    crash(&world, &mut pacemaker)?.done()?;
    is(&world, "srv2", Seen::Primary)?;
    received(&world, "srv2", "1 2")
}

#[test]
fn it_is_recovered_at_once_where_the_standby_that_acknowledged_is_away() -> Judged {
    let world = World::running(Program::Ours)?;
    let mut pacemaker = Pacemaker::of_running(&world);
    wait_for_one(&world)?;
    monitored(&world, "srv1")?;
    caught_up(&world, "srv1", "1")?;
    world.server("srv2").cut()?;
    write(&world, "srv1", 2)?;
    received(&world, "srv3", "1 2")?;
    world.server("srv3").crash()?;
    pacemaker.lose("srv3");
    pacemaker.play(&Plan::new().stop(&["srv3"]))?.done()?;
    let played = crash(&world, &mut pacemaker)?;
    gave_way(&world, &played)?;
    world.server("srv2").mend()?;
    recover(&mut pacemaker)?;
    leads(&world, "srv1", "1 2", &["srv2"])
}
