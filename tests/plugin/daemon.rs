//! Which of the daemon and PostgreSQL is asked, and that both are reported alike.

use std::fs;
use std::net::SocketAddrV4;

use support::postgres::MONITOR;
use support::scratch::Scratch;
use support::{Daemon, Postgres, Trouble, ports, until_ok};

use crate::{PROGRAM, Plugin, SECONDS, line, pair, serving};

#[test]
fn a_server_and_its_daemon_are_told_alike() -> Result<(), Trouble> {
    let (primary, standby) = pair()?;
    let ((_first, of_first), (_second, of_second)) =
        (serving(&primary, "")?, serving(&standby, "")?);
    for (first, second) in [
        (Plugin::through(of_first)?, Plugin::through(of_second)?),
        (
            Plugin::asking(&primary.conninfo(MONITOR))?,
            Plugin::asking(&standby.conninfo(MONITOR))?,
        ),
    ] {
        assert_eq!(first.said("role"), line("ROLE OK - production", 0));
        assert_eq!(second.said("role"), line("ROLE OK - standby", 0));
        assert_eq!(
            first.said("role --expect standby"),
            line("ROLE CRITICAL - production", 2)
        );
        assert_eq!(
            second.said("role --expect production --consul"),
            line("ROLE CRITICAL - standby", 2)
        );
        assert_eq!(
            first.said("replication --warning 1"),
            line("REPLICATION OK - WAL streams to 1", 0)
        );
        assert_eq!(first.status("replication --warning 2 --critical 1"), 1);
        assert_eq!(first.status("replication --critical 2"), 2);
        assert_eq!(
            second.said("replication"),
            line("REPLICATION OK - WAL streams to it", 0)
        );
        assert_eq!(first.status("lag --critical 16MB"), 0);
        until_ok(SECONDS, "the standby to be level", || {
            match second.said("lag --critical 16MB,10s") {
                (said, 0) if said.starts_with("LAG OK - 0B behind") => Ok(()),
                other => Err(format!("{other:?}")),
            }
        })?;
        assert_eq!(first.status("role --misc-dynamic"), 102);
        assert_eq!(second.status("role --misc-dynamic"), 102);
        assert_eq!(second.status("role --expect production --misc-dynamic"), 2);
    }
    Ok(())
}

#[test]
fn another_hosts_daemon_is_asked_and_nobody_instead() -> Result<(), Trouble> {
    let server = Postgres::primary().start()?;
    let (daemon, http) = serving(&server, "")?;
    // Whatever this host has.
    let plugin = Plugin::asking(&server.conninfo(MONITOR))?;
    let at = |rest: &str| format!("{rest} --at {http}");
    assert_eq!(plugin.said(&at("role")), line("ROLE OK - production", 0));
    assert_eq!(
        plugin.status(&at("role --expect production --keepalived")),
        0
    );
    assert_eq!(
        plugin.status(&at("role --expect standby --misc-dynamic")),
        2
    );
    assert_eq!(plugin.status(&at("connect")), 64);
    drop(daemon);
    assert_eq!(
        plugin.said(&at("role")),
        line("ROLE UNKNOWN - the daemon does not answer", 3)
    );
    assert_eq!(
        plugin.status(&at("role --expect production --keepalived")),
        1
    );
    assert_eq!(plugin.status(&at("role --misc-dynamic")), 1);
    assert_eq!(plugin.status("role"), 0);
    Ok(())
}

#[test]
fn without_a_daemon_postgresql_is_asked_and_only_a_broken_one_is_spoken_of() -> Result<(), Trouble>
{
    let primary = Postgres::primary().start()?;
    let text = |http: SocketAddrV4| {
        let conninfo = primary.conninfo(MONITOR);
        format!("[postgres]\nconninfo = \"{conninfo}\"\n[listen]\nhttp = [\"{http}\"]\n")
    };
    let nobody = Plugin::with(&text(ports::free()?))?.run("role");
    assert_eq!(nobody.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&nobody.stderr), "");
    // A daemon that refuses whoever is not on its list.
    let (_daemon, closed) = refusing(&primary)?;
    let refused = Plugin::with(&text(closed))?.run("role");
    assert_eq!(refused.status.code(), Some(0));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("asking PostgreSQL instead"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    Ok(())
}

fn refusing(server: &Postgres) -> Result<(Daemon, SocketAddrV4), Trouble> {
    let (state, http) = (ports::free()?, ports::free()?);
    let daemon = Daemon::binding(PROGRAM, state)
        .config(&format!("http = [\"{http}\"]\n"))
        .asking(&server.conninfo(MONITOR))
        .admission("deny = [\"127.0.0.0/8\"]\n")
        .start()?;
    Ok((daemon, http))
}

#[test]
fn what_the_daemon_was_ordered_and_remembers_counts() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let scratch = Scratch::new()?;
    let file = scratch.path().join("maintenance");
    let guard = format!("[guard]\nmaintenance_file = \"{}\"\n", file.display());
    let (daemon, http) = serving(&primary, &guard)?;
    daemon.wait_for(SECONDS, "production")?;
    fs::write(&file, "").map_err(Trouble::io("order maintenance"))?;
    daemon.wait_for(SECONDS, "down maintenance")?;
    let plugin = Plugin::through(http)?;
    assert_eq!(
        plugin.said("role"),
        line("ROLE CRITICAL - down maintenance", 2)
    );
    assert_eq!(plugin.status("role --misc-dynamic"), 1);
    assert_eq!(plugin.status("replication"), 0);
    Ok(())
}
