//! What a primary says of its standbys, and of those that are none.

use std::process::Command;

use support::running::Running;
use support::{Postgres, Trouble};

use crate::call::PATIENCE;
use crate::judge::{Judged, Paf, case, ensure};
use crate::rows::{caught_up, has_scores, leads, monitored, scores, write};
use crate::transition::{Pacemaker, Plan};
use crate::world::World;

#[test]
fn a_primary_that_is_lost_does_not_keep_its_score() -> Judged {
    case(Paf::Wrong(2), |program| {
        let world = World::running(program)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        write(&world, "srv1", 2)?;
        caught_up(&world, "srv1", "1 2")?;
        world.server("srv1").crash()?;
        world.cluster.set_partition(&["srv2", "srv3"])?;
        pacemaker.lose("srv1");
        let plan = Plan::new().demote("srv1").stop(&["srv1"]).promote("srv2");
        pacemaker.play(&plan)?.done()?;
        // At once: the new primary may be lost before its first monitor.
        has_scores(&world, ["-1000", "1001", "1000"])?;
        leads(&world, "srv2", "1 2", &["srv3"])?;
        world.cluster.set_score("srv1", Some("1001"))?;
        monitored(&world, "srv2")?;
        has_scores(&world, ["-1000", "1001", "1000"])
    })
}

/// Every change of a score has Pacemaker think the whole cluster over.
#[test]
fn standbys_that_take_turns_keep_their_scores() -> Judged {
    case(Paf::Wrong(10), |program| {
        let world = World::running(program)?;
        for (row, slower) in (2..).zip(["srv2", "srv3", "srv2"]) {
            let held = world.server(slower).hold_receiver()?;
            write(&world, "srv1", row)?;
            let faster = if slower == "srv2" { "srv3" } else { "srv2" };
            let ahead = format!(
                "SELECT count(*) FROM pg_stat_replication \
                 WHERE application_name = '{faster}' AND flush_lsn >= pg_current_wal_flush_lsn()"
            );
            support::until(PATIENCE, "a standby to be ahead", || {
                world
                    .server("srv1")
                    .query(&ahead)
                    .is_ok_and(|count| count == "1")
            })?;
            monitored(&world, "srv1")?;
            has_scores(&world, ["1001", "1000", "990"])?;
            drop(held);
        }
        Ok(())
    })
}

#[test]
fn who_is_called_nearly_as_a_node_is_none() -> Judged {
    case(Paf::Wrong(11), |program| {
        let world = World::running(program)?;
        let _tool = receiver(&world, "srv")?;
        world.cluster.set_score("srv3", Some("1"))?;
        monitored(&world, "srv1")?;
        has_scores(&world, ["1001", "1000", "990"])?;
        let strange = world.cluster.calls();
        let strange = strange.iter().find(|call| {
            let mut words = call.arguments.split([' ', '=']);
            words.any(|word| word == "srv")
        });
        ensure(strange.is_none(), || {
            format!("{strange:?}, scores {:?}", scores(&world))
        })
    })
}

/// Somebody who receives the WAL of srv1 under a name.
fn receiver(world: &World, name: &str) -> Result<Running, Trouble> {
    let server = world.server("srv1");
    let folder = world.scratch().path().join("received");
    std::fs::create_dir(&folder).map_err(Trouble::io("make a folder"))?;
    let mut command: Command = world.scratch().command(Postgres::program("pg_receivewal")?);
    let conninfo = server.postgres().conninfo(support::postgres::SUPERUSER);
    command
        .args(["--no-loop", "--dbname"])
        .arg(format!("{conninfo} application_name={name}"))
        .arg("--directory")
        .arg(&folder);
    let running = Running::start(world.scratch(), "pg_receivewal", command)?;
    let connected =
        format!("SELECT count(*) FROM pg_stat_replication WHERE application_name = '{name}'");
    support::until(PATIENCE, "somebody to receive", || {
        server.query(&connected).is_ok_and(|count| count == "1")
    })?;
    Ok(running)
}
