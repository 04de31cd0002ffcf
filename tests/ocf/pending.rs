//! Standbys whose recovery has begun within a transaction of more than 64 subtransactions. They let nobody in until
//! they have a complete snapshot of the running transactions, which only a primary can send.

use std::time::Duration;

use support::postgres::Overflow;
use support::{Postgres, Trouble};

use crate::call::{End, Ended, PATIENCE};
use crate::cluster::NODES;
use crate::judge::{Failure, Judged, Paf, case, ensure};
use crate::program::Program;
use crate::rows::{caught_up, is, leads, received, write};
use crate::transition::{Pacemaker, Plan};
use crate::world::World;
use crate::world::server::Seen;

/// Begins the transaction on srv1, and has the next recovery of it and of these standbys begin within it.
fn within_a_transaction(world: &World, standbys: &[&str]) -> Result<Overflow, Trouble> {
    let primary = world.server("srv1").postgres();
    let open = primary.overflow()?;
    let servers = standbys.iter().map(|node| world.server(node).postgres());
    let servers: Vec<&Postgres> = servers.collect();
    primary.checkpoint_with(&servers)?;
    Ok(open)
}

/// Fails unless a server lets nobody in, and its monitor is content.
fn is_pending(world: &World, node: &str) -> Judged {
    is(world, node, Seen::Deaf)?;
    let ended = world.ask(node, "monitor").call()?;
    ensure(ended.end == End::Status(0), || {
        format!("monitor of the standby {node}: {ended}")
    })
}

/// When srv3 crashes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Third {
    /// With the others.
    WithOthers,
    /// Before the last row is written, which it lacks.
    Before,
}

/// A world in which all servers have crashed within such a transaction.
fn all_crashed(program: Program, third: Third) -> Result<World, Failure> {
    let world = World::running(program)?;
    let open = within_a_transaction(&world, &["srv2", "srv3"])?;
    if third == Third::Before {
        world.server("srv3").crash()?;
    }
    write(&world, "srv1", 2)?;
    match third {
        Third::Before => received(&world, "srv2", "1 2")?,
        Third::WithOthers => caught_up(&world, "srv1", "1 2")?,
    }
    for node in NODES {
        world.server(node).crash()?;
    }
    drop(open);
    Ok(world)
}

#[test]
fn after_a_crash_of_all_servers_within_a_transaction_of_many_subtransactions_one_is_promoted()
-> Judged {
    case(Paf::Wrong(25), |program| {
        let world = all_crashed(program, Third::WithOthers)?;
        let mut pacemaker = Pacemaker::of_stopped(&world);
        pacemaker.play(&Plan::new().start(&NODES))?.done()?;
        for node in NODES {
            is_pending(&world, node)?;
        }
        // The same again changes nothing.
        pacemaker.play(&Plan::new().start(&["srv2"]))?.done()?;
        is_pending(&world, "srv2")?;
        pacemaker.play(&Plan::new().promote("srv1"))?.done()?;
        leads(&world, "srv1", "1 2", &["srv2", "srv3"])?;
        caught_up(&world, "srv1", "1 2")
    })
}

#[test]
fn of_such_standbys_none_is_promoted_that_lacks_a_row() -> Judged {
    case(Paf::Wrong(25), |program| {
        let world = all_crashed(program, Third::Before)?;
        let mut pacemaker = Pacemaker::of_stopped(&world);
        pacemaker.lose("srv1");
        let both = Plan::new().start(&["srv2", "srv3"]);
        pacemaker.play(&both)?.done()?;
        world.cluster.set_score("srv1", None)?;
        let played = pacemaker.play(&Plan::new().promote("srv3"))?;
        ensure(played.failure().is_some(), || "srv3 was promoted".into())?;
        is_pending(&world, "srv3")?;
        let candidate = pacemaker.candidate();
        ensure(candidate == Some("srv2"), || {
            format!("the next one is {candidate:?}")
        })?;
        pacemaker.play(&Plan::new().promote("srv2"))?.done()?;
        leads(&world, "srv2", "1 2", &["srv3"])
    })
}

#[test]
fn a_standby_that_starts_within_such_a_transaction_of_its_primary_has_started() -> Judged {
    case(Paf::Wrong(25), |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        let open = within_a_transaction(&world, &["srv2"])?;
        let restart = Plan::new().stop(&["srv2"]).start(&["srv2"]);
        pacemaker.play(&restart)?.done()?;
        is_pending(&world, "srv2")?;
        leads(&world, "srv1", "1", &["srv2", "srv3"])?;
        write(&world, "srv1", 2)?;
        open.end()?;
        // It logs a snapshot of the transactions that still run.
        world.server("srv1").query("CHECKPOINT")?;
        received(&world, "srv2", "1 2")
    })
}

/// Starts srv2 in a time in which a standby could have started.
fn started_in_vain(world: &World) -> Result<Ended, Trouble> {
    let start = world.ask("srv2", "start").timeout(Duration::from_secs(20));
    start.call()
}

/// A world in which srv2 has crashed within such a transaction, and its primary is away.
fn crashed_alone(program: Program) -> Result<World, Trouble> {
    let world = World::running(program)?;
    let open = within_a_transaction(&world, &["srv2"])?;
    world.server("srv1").crash()?;
    world.server("srv2").crash()?;
    drop(open);
    Ok(world)
}

#[test]
fn a_standby_that_has_not_begun_to_replay_its_wal_has_not_started() -> Judged {
    case(Paf::Right, |program| {
        let world = crashed_alone(program)?;
        let held = world.server("srv2").postgres().hold_next_start()?;
        let ended = started_in_vain(&world)?;
        ensure(ended.end == End::Status(1), || format!("start: {ended}"))?;
        held.release(PATIENCE)?;
        Ok(())
    })
}

#[test]
fn a_standby_that_waits_for_its_archive_has_not_started() -> Judged {
    case(Paf::Right, |program| {
        let world = crashed_alone(program)?;
        let server = world.server("srv2");
        server.configure("restore_command = 'exec sleep 60'\n")?;
        let ended = started_in_vain(&world)?;
        ensure(ended.end == End::Status(1), || format!("start: {ended}"))
    })
}
