//! `pgsql-state check` on real servers, through the daemon and without one.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, which fail by panicking"
)]

use std::fs;
use std::net::SocketAddrV4;
use std::path::PathBuf;
use std::process::Output;
use std::time::Duration;

use serde_json::Value;
use support::postgres::{MONITOR, ORDINARY};
use support::scratch::Scratch;
use support::{Daemon, Mode, Postgres, Trouble, Whom, ports, until, until_ok};

/// The built program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");

/// Longest wait for what has no deadline of its own.
const SECONDS: Duration = Duration::from_secs(20);

/// Where no server ever is.
const NOWHERE: &str = "host=/nonexistent user=monitor dbname=postgres";

/// A plugin with its configuration.
struct Plugin {
    scratch: Scratch,
    config: PathBuf,
}

impl Plugin {
    fn with(text: &str) -> Result<Self, Trouble> {
        let scratch = Scratch::new()?;
        let config = scratch.path().join("plugin.toml");
        fs::write(&config, text).map_err(Trouble::io("write the configuration"))?;
        Ok(Self { scratch, config })
    }

    /// One that asks this server itself.
    fn asking(conninfo: &str) -> Result<Self, Trouble> {
        let table = format!("[postgres]\nconninfo = \"{conninfo}\"\ntimeout = \"10s\"\n");
        Self::with(&table)
    }

    /// One that can ask a daemon alone.
    fn through(http: SocketAddrV4) -> Result<Self, Trouble> {
        let text = format!("[postgres]\nconninfo = \"{NOWHERE}\"\n[listen]\nhttp = [\"{http}\"]\n");
        Self::with(&text)
    }

    fn run(&self, args: &str) -> Output {
        let mut command = self.scratch.command(PROGRAM);
        command.arg("check").args(args.split(' '));
        command.arg("--config").arg(&self.config).output().unwrap()
    }

    /// What it prints before its figures, and how it ends.
    fn said(&self, args: &str) -> (String, i32) {
        let output = self.run(args);
        let text = String::from_utf8(output.stdout).unwrap();
        let line = text.split(" | ").next().unwrap().trim_end().to_owned();
        (line, output.status.code().unwrap())
    }

    fn status(&self, args: &str) -> i32 {
        self.run(args).status.code().unwrap()
    }
}

fn serving(server: &Postgres, config: &str) -> Result<(Daemon, SocketAddrV4), Trouble> {
    let (state, http) = (ports::free()?, ports::free()?);
    let daemon = Daemon::binding(PROGRAM, state)
        .config(&format!("http = [\"{http}\"]\n"))
        .asking(&server.conninfo(MONITOR))
        .config("timeout = \"2s\"\n")
        .config(config)
        .start()?;
    Ok((daemon, http))
}

/// A primary, and a standby that streams from it and has replayed everything.
fn pair() -> Result<(Postgres, Postgres), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    until(SECONDS, "the standby to stream", || {
        let level = "SELECT replay_lsn = pg_current_wal_lsn() FROM pg_stat_replication";
        primary.query(level).is_ok_and(|level| level == "t")
    })?;
    Ok((primary, standby))
}

fn line(text: &str, status: i32) -> (String, i32) {
    (text.to_owned(), status)
}

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
fn a_lag_above_its_limit_shows_in_line_status_and_weight() -> Result<(), Trouble> {
    let (primary, mut standby) = pair()?;
    let plugin = Plugin::asking(&standby.conninfo(MONITOR))?;
    standby.freeze(Whom::Child("startup"))?;
    primary.query("CREATE TABLE written AS SELECT generate_series(1, 60000)")?;
    until_ok(SECONDS, "the lag to show", || {
        match plugin.status("lag --warning 1MB --critical 1GB") {
            1 => Ok(()),
            other => Err(format!("it ends with {other}")),
        }
    })?;
    let output = plugin.run("lag --warning 1MB --critical 1GB");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("LAG WARNING - "), "{said}");
    assert!(said.contains("B;1048576;1073741824;0"), "{said}");
    assert_eq!(plugin.status("lag --critical 1MB"), 2);
    assert_eq!(plugin.status("lag --critical 1MB --keepalived"), 1);
    assert_eq!(plugin.status("lag --critical 1MB --misc-dynamic"), 1);
    let weight = plugin.status("lag --critical 16MB --misc-dynamic");
    assert!((3..102).contains(&weight), "{weight}");
    standby.thaw()
}

#[test]
fn a_standby_without_its_primary_has_a_lag_that_is_not_known() -> Result<(), Trouble> {
    let (mut primary, standby) = pair()?;
    primary.stop(Mode::Fast)?;
    let plugin = Plugin::asking(&standby.conninfo(MONITOR))?;
    until_ok(SECONDS, "the receiver to go", || {
        match plugin.status("replication") {
            2 => Ok(()),
            other => Err(format!("it ends with {other}")),
        }
    })?;
    assert_eq!(plugin.status("lag --critical 1GB"), 3);
    assert_eq!(plugin.status("lag --critical 1GB --consul"), 2);
    assert_eq!(plugin.status("lag --critical 1GB --keepalived"), 1);
    assert_eq!(plugin.status("lag --critical 1GB --misc-dynamic"), 1);
    Ok(())
}

#[test]
fn a_role_without_pg_monitor_cannot_judge_replication() -> Result<(), Trouble> {
    let (primary, standby) = pair()?;
    for server in [&primary, &standby] {
        let plugin = Plugin::asking(&server.conninfo(ORDINARY))?;
        let (said, status) = plugin.said("replication");
        assert!(
            said.starts_with("REPLICATION UNKNOWN - no-grant: "),
            "{said}"
        );
        assert_eq!(status, 3);
        assert_eq!(plugin.status("role"), 0);
    }
    Ok(())
}

#[test]
fn a_client_gets_in_or_does_not() -> Result<(), Trouble> {
    let mut primary = Postgres::primary().start()?;
    // The daemon is never asked whether a client gets in.
    let (_daemon, http) = serving(&primary, "")?;
    let through = Plugin::through(http)?;
    assert_eq!(
        through.said("connect"),
        line("CONNECT CRITICAL - no-socket", 2)
    );
    let plugin = Plugin::asking(&primary.conninfo(MONITOR))?;
    let (said, status) = plugin.said("connect --critical 10s");
    assert!(said.starts_with("CONNECT OK - connected in 0."), "{said}");
    assert_eq!(status, 0);
    assert_eq!(plugin.status("connect --warning 1ns"), 1);
    let stranger = primary.conninfo("nobody-knows-me");
    assert_eq!(Plugin::asking(&stranger)?.status("connect"), 3);
    primary.stop(Mode::Fast)?;
    let output = plugin.run("connect");
    assert_eq!(output.status.code(), Some(2));
    assert!(!output.stderr.is_empty());
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

#[test]
fn programs_read_json() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let plugin = Plugin::asking(&primary.conninfo(MONITOR))?;
    let output = plugin.run("replication --json --critical 1");
    assert_eq!(output.status.code(), Some(2));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["check"], "replication");
    assert_eq!(document["status"], "critical");
    assert_eq!(document["figures"]["streaming"]["value"], 0);
    assert_eq!(document["figures"]["streaming"]["critical"], 1);
    Ok(())
}

#[test]
fn what_cannot_be_asked_is_unknown_and_never_a_weight() -> Result<(), Trouble> {
    let plugin = Plugin::with("[postgres]\ntimeout = \"5\"\n")?;
    for (form, status) in [
        ("--nagios", 3),
        ("--json", 3),
        ("--consul", 2),
        ("--keepalived", 1),
        ("--misc-dynamic", 1),
    ] {
        for subject in ["role", "lag", "replication", "connect"] {
            let output = plugin.run(&format!("{subject} {form}"));
            assert_eq!(output.status.code(), Some(status), "{subject} {form}");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains("postgres.timeout"), "{said}");
        }
    }
    let plugin = Plugin::asking(NOWHERE)?;
    for (wrong, status) in [
        ("role --warning 1", 64),
        ("lag --warning 2", 64),
        ("lag --warning 2MB --critical 1MB", 64),
        ("lag --warning 1s,2s", 64),
        ("replication --critical 1s", 64),
        ("connect --expect standby", 64),
        ("rule", 64),
        ("rule --keepalived", 1),
        ("rule --misc-dynamic", 1),
        ("role --warning 1 --keepalived", 1),
        ("role --warning 1 --misc-dynamic", 1),
        ("role --misc-dynamc", 1),
    ] {
        let output = plugin.run(wrong);
        assert_eq!(output.status.code(), Some(status), "{wrong}");
        assert_eq!(output.stdout, b"", "{wrong}");
        assert!(!output.stderr.is_empty(), "{wrong}");
    }
    Ok(())
}
