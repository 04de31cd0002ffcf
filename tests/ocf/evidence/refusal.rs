//! A server that refuses the agent and serves everybody else. It is what its control file says.

use std::fs;

use pgsql_state::agent::decide::primary_end::{Moment, PrimaryEnd};
use postgres::{Config, NoTls};
use support::postgres::SUPERUSER;
use support::{Trouble, until};

use super::ends_with;
use crate::call::{Ended, PATIENCE};
use crate::cluster::NODES;
use crate::judge::{Judged, ensure};
use crate::program::Program;
use crate::rows::{has_scores, scores, write};
use crate::transition::{Pacemaker, Plan};
use crate::world::World;

/// Why the agent does not get in.
#[derive(Clone, Copy, Debug)]
enum Why {
    /// No rule in `pg_hba.conf` is for its role.
    Rule,
    /// The database that it asks is not there any more.
    Dropped,
    /// That database lets nobody in.
    Closed,
}

const EVERY: [Why; 3] = [Why::Rule, Why::Dropped, Why::Closed];

/// Runs statements over TCP, where the rules let the suite in, in a database that is always there.
fn query(world: &World, node: &str, sql: &str) -> Result<String, Trouble> {
    let Some(address) = world.server(node).postgres().tcp() else {
        return Err(Trouble::Unfit(format!("{node} listens nowhere")));
    };
    let mut config = Config::new();
    let connected = config
        .host(&address.ip().to_string())
        .port(address.port())
        .user(SUPERUSER)
        .dbname("template1")
        .connect_timeout(PATIENCE)
        .connect(NoTls);
    let doing = format!("run {sql:?} on {node}");
    let mut session = connected.map_err(Trouble::sql(&*doing))?;
    support::postgres::rows(&mut session, sql).map_err(Trouble::sql(doing))
}

impl Why {
    /// Has every node's server refuse its agent, srv1 being the primary.
    fn come_true(self, world: &World) -> Judged {
        match self {
            Self::Rule => {
                for node in NODES {
                    let path = world.server(node).data().join("pg_hba.conf");
                    let doing = format!("change {}", path.display());
                    let rules = fs::read_to_string(&path).map_err(Trouble::io(&*doing))?;
                    let rules = rules.replace("local all         all ", "local all nobody ");
                    fs::write(path, rules).map_err(Trouble::io(&*doing))?;
                    query(world, node, "SELECT pg_reload_conf()")?;
                    until(PATIENCE, "the new rules", || {
                        world.server(node).query("SELECT 1").is_err()
                    })?;
                }
            }
            Self::Dropped => {
                // `WITH (FORCE)` is known from PostgreSQL 13 on.
                let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                              WHERE datname = 'postgres' AND pid <> pg_backend_pid()";
                query(world, "srv1", others)?;
                query(world, "srv1", "DROP DATABASE postgres")?;
            }
            Self::Closed => {
                let sql = "ALTER DATABASE postgres ALLOW_CONNECTIONS false";
                query(world, "srv1", sql)?;
            }
        }
        for node in NODES {
            until(PATIENCE, "the standbys to refuse", || {
                world.server(node).query("SELECT 1").is_err()
            })?;
        }
        Ok(())
    }

    /// How the log calls it.
    fn word(self) -> &'static str {
        match self {
            Self::Rule => "(auth)",
            Self::Dropped => "(no-database)",
            Self::Closed => "(database-closed)",
        }
    }
}

fn refusing(why: Why) -> Result<World, crate::judge::Failure> {
    let world = World::running(Program::Ours)?;
    write(&world, "srv1", 2)?;
    why.come_true(&world)?;
    Ok(world)
}

/// Fails unless a node's server is in recovery, or is not.
fn is_in_recovery(world: &World, node: &str, expected: &str) -> Judged {
    let seen = query(world, node, "SELECT pg_is_in_recovery()")?;
    ensure(seen == expected, || {
        format!("{node}: pg_is_in_recovery is {seen}, not {expected}")
    })
}

#[test]
fn a_server_that_refuses_only_the_agent_is_what_it_is_and_the_scores_stay() -> Judged {
    for why in EVERY {
        let world = refusing(why)?;
        let before = scores(&world);
        for (node, status) in [("srv1", 8), ("srv2", 0), ("srv3", 0)] {
            let ended = world.ask(node, "monitor").call()?;
            ends_with(&ended, status, &format!("monitor of {node}, {why:?}"))?;
            let warnings = |ended: &Ended| ended.said.matches(why.word()).count();
            ensure(warnings(&ended) == 1, || {
                format!("{} is not told once: {ended}", why.word())
            })?;
        }
        ensure(scores(&world) == before, || {
            format!("the scores are {:?}, not {before:?}", scores(&world))
        })?;
    }
    Ok(())
}

#[test]
fn a_server_that_refuses_the_agent_is_stopped_started_and_demoted() -> Judged {
    for why in EVERY {
        let world = refusing(why)?;
        for action in ["stop", "start", "start"] {
            let ended = world.ask("srv2", action).call()?;
            ends_with(&ended, 0, &format!("{action}, {why:?}"))?;
            let runs = world.server("srv2").postmaster().is_some();
            ensure(runs == (action == "start"), || format!("{action}, {why:?}"))?;
        }
        is_in_recovery(&world, "srv2", "t")?;
        let refused = world.ask("srv1", "start").call()?;
        ends_with(&refused, 1, &format!("start of the primary, {why:?}"))?;
        for _ in 0..2 {
            let ended = world.ask("srv1", "demote").call()?;
            ends_with(&ended, 0, &format!("demote, {why:?}"))?;
        }
        is_in_recovery(&world, "srv1", "t")?;
        let kept = world.cluster.permanent("srv1", "primary_end");
        let end = kept.as_deref().map(str::parse::<PrimaryEnd>);
        let is_end = matches!(&end, Some(Ok(end)) if end.moment == Moment::Stopped);
        ensure(is_end, || {
            format!("the end of the primary is not kept, {why:?}")
        })?;
    }
    Ok(())
}

#[test]
fn a_standby_that_refuses_the_agent_takes_a_lost_primarys_place() -> Judged {
    for why in EVERY {
        let world = refusing(why)?;
        let mut pacemaker = Pacemaker::of_running(&world);
        world.server("srv1").crash()?;
        world.cluster.set_partition(&["srv2", "srv3"])?;
        pacemaker.lose("srv1");
        let plan = Plan::new().demote("srv1").stop(&["srv1"]).promote("srv2");
        pacemaker.play(&plan)?.done()?;
        is_in_recovery(&world, "srv2", "f")?;
        has_scores(&world, ["-1000", "1001", "1000"])?;
        let again = world.ask("srv2", "promote").call()?;
        ends_with(&again, 0, &format!("promote, {why:?}"))?;
    }
    Ok(())
}

#[test]
fn a_primary_that_refuses_the_agent_gives_its_role_to_a_standby() -> Judged {
    for why in EVERY {
        let world = refusing(why)?;
        query(&world, "srv1", "CREATE TABLE written AS SELECT 7 AS id")?;
        let mut pacemaker = Pacemaker::of_running(&world);
        let plan = Plan::new().demote("srv1").promote("srv2");
        pacemaker.play(&plan)?.done()?;
        is_in_recovery(&world, "srv1", "t")?;
        is_in_recovery(&world, "srv2", "f")?;
        let written = query(&world, "srv2", "SELECT id FROM written")?;
        ensure(written == "7", || format!("{why:?}: srv2 has {written}"))?;
    }
    Ok(())
}
