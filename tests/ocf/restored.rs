//! A cluster all of whose servers were restored from a backup, as the page about Pacemaker tells an administrator to go
//! on: what the nodes remember of their servers as primaries is more than the backup has.

use crate::cluster::NODES;
use crate::judge::{Failure, Judged, Paf, case, ensure};
use crate::rows::{caught_up, leads, write};
use crate::transition::{Pacemaker, Plan};
use crate::world::World;

/// Plays a promotion of srv1 that is refused, and returns the reason.
fn refused(world: &World, pacemaker: &mut Pacemaker<'_>) -> Result<String, Failure> {
    let played = pacemaker.play(&Plan::new().promote("srv1"))?;
    let reason = played.failure().map(|step| step.ended.exit_reason());
    let score = world.cluster.score("srv1");
    ensure(
        reason.is_some() && score.as_deref() == Some("-1000001"),
        || format!("srv1 is refused because of {reason:?}, and has the score {score:?}"),
    )?;
    world.cluster.set_score("srv1", Some("1"))?;
    Ok(reason.unwrap_or_default())
}

#[test]
fn after_a_restore_of_all_servers_each_former_primarys_end_refuses_until_it_is_deleted() -> Judged {
    case(Paf::Wrong(9), |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        pacemaker.set("maxlag", "1048576");
        // Each server is the primary once, and is stopped as one.
        write(&world, "srv1", 2)?;
        caught_up(&world, "srv1", "1 2")?;
        for [from, to] in [["srv1", "srv2"], ["srv2", "srv3"]] {
            let plan = Plan::new().demote(from).promote(to);
            pacemaker.play(&plan)?.done()?;
            let others = NODES.into_iter().filter(|node| *node != to);
            leads(&world, to, "1 2", &others.collect::<Vec<_>>())?;
        }
        let plan = Plan::new().demote("srv3").stop(&NODES);
        pacemaker.play(&plan)?.done()?;
        for node in NODES {
            world.restore(node)?;
            world.cluster.set_score(node, None)?;
        }
        let ahead = format!("1#1073741824#{}", system(&world));
        world.cluster.set_private("srv2", "primary_seen", &ahead)?;
        pacemaker.play(&Plan::new().start(&NODES))?.done()?;
        // It was stopped as a primary in the backup.
        ensure(pacemaker.candidate() == Some("srv1"), || {
            format!("the candidate is {:?}", pacemaker.candidate())
        })?;
        for holder in ["srv3", "srv2", "srv1"] {
            let end = world.cluster.permanent(holder, "primary_end");
            let end = end.unwrap_or_default();
            let position = end.splitn(3, '#').take(2).collect::<Vec<_>>().join("#");
            let reason = refused(&world, &mut pacemaker)?;
            ensure(
                reason.contains(&format!("there was a primary at {position}")),
                || format!("{holder} was a primary at {end}, and the reason is {reason:?}"),
            )?;
            world.cluster.set_permanent(holder, "primary_end", None)?;
        }
        let reason = refused(&world, &mut pacemaker)?;
        ensure(reason.contains("maxlag"), || {
            format!("the reason is {reason:?}")
        })?;
        world.cluster.set_private("srv2", "primary_seen", "")?;
        pacemaker.play(&Plan::new().promote("srv1"))?.done()?;
        leads(&world, "srv1", "1", &["srv2", "srv3"])
    })
}

/// The system identifier of the servers.
fn system(world: &World) -> u64 {
    let control = world.server("srv1").control();
    control
        .map(|control| control.system_identifier)
        .unwrap_or_default()
}
