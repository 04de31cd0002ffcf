//! What systemd is told of the daemon: that it is ready, how it is, that it lives.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use support::postgres::MONITOR;
use support::{Daemon, Postgres, Trouble, Whom, ask_flat_out, ports, until_ok};

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgsql-state");
const SECONDS: Duration = Duration::from_secs(20);

/// Where no server ever is.
const NOWHERE: &str = "host=/nonexistent user=monitor dbname=postgres";

/// Waits until the newest status fits, while checks come as a load balancer's would.
fn wait_for_status(
    daemon: &Daemon,
    what: &str,
    fits: impl Fn(&str) -> bool,
) -> Result<(), Trouble> {
    until_ok(SECONDS, &format!("the status {what}"), || {
        daemon.ask().map_err(|error| error.to_string())?;
        match daemon.notifications().status() {
            Some(status) if fits(&status) => Ok(()),
            other => Err(format!("it is {other:?}")),
        }
    })
}

#[test]
fn it_is_ready_without_a_server() -> Result<(), Trouble> {
    // `start` waits for READY=1.
    let daemon = Daemon::binding(PROGRAM, ports::free()?)
        .asking(NOWHERE)
        .start()?;
    // Nobody asks: the status is there before the first check.
    until_ok(SECONDS, "the first status", || {
        match daemon.notifications().status().as_deref() {
            Some("down no-socket") => Ok(()),
            other => Err(format!("it is {other:?}")),
        }
    })
}

#[test]
fn it_is_ready_before_a_server_that_hangs_has_answered() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    server.freeze(Whom::Everyone)?;
    let daemon = Daemon::binding(PROGRAM, ports::free()?)
        .asking(&server.conninfo(MONITOR))
        .config("timeout = \"10s\"\n")
        .start()?;
    assert_eq!(daemon.notifications().lines(), ["READY=1"]);
    server.thaw()?;
    wait_for_status(&daemon, "production", |status| status == "production")
}

#[test]
fn the_status_tells_the_role_and_a_standbys_lag() -> Result<(), Trouble> {
    let primary = Postgres::primary().start()?;
    let standby = primary.standby().start()?;
    let watch = |server: &Postgres| {
        Daemon::binding(PROGRAM, ports::free()?)
            .asking(&server.conninfo(MONITOR))
            .start()
    };
    let (first, second) = (watch(&primary)?, watch(&standby)?);
    wait_for_status(&first, "production", |status| status == "production")?;
    wait_for_status(&second, "of a level standby", |status| {
        status.starts_with("standby, 0B behind")
    })?;
    standby.query("SELECT pg_wal_replay_pause()")?;
    primary.query("CREATE TABLE much AS SELECT generate_series(1, 100000)")?;
    wait_for_status(&second, "of a standby some megabytes behind", |status| {
        status.starts_with("standby, ") && status.contains("MB behind, for ")
    })
}

#[test]
fn the_watchdog_is_fed_also_while_postgresql_hangs() -> Result<(), Trouble> {
    let mut server = Postgres::primary().start()?;
    let daemon = Daemon::binding(PROGRAM, ports::free()?)
        .asking(&server.conninfo(MONITOR))
        .config("timeout = \"200ms\"\n")
        .env("WATCHDOG_USEC", "1500000")
        .start()?;
    let fed = |times: usize| {
        until_ok(SECONDS, "the watchdog to be fed", || {
            match daemon.notifications().count("WATCHDOG=1") {
                count if count >= times => Ok(count),
                count => Err(format!("it was fed {count} times")),
            }
        })
    };
    fed(2)?;
    // A restart would not help against this, and take the answer away.
    server.freeze(Whom::Everyone)?;
    let (fed, exchanges) = ask_flat_out(daemon.state(), 2, || {
        let start = Instant::now();
        fed(fed(0)? + 4).map(|_| start.elapsed())
    });
    // Three times in the time allowed, so four take no more than twice that.
    assert!(fed? < Duration::from_secs(3));
    assert!(
        exchanges.iter().all(|exchange| exchange
            .answer
            .as_ref()
            .is_ok_and(|line| line != "production")),
        "{exchanges:?}"
    );
    Ok(())
}

#[test]
fn without_a_watchdog_nothing_is_fed() -> Result<(), Trouble> {
    let mut daemon = Daemon::binding(PROGRAM, ports::free()?)
        .asking(NOWHERE)
        .start()?;
    daemon.wait_for(SECONDS, "down no-socket")?;
    daemon.stop()?;
    assert_eq!(daemon.notifications().count("WATCHDOG=1"), 0);
    Ok(())
}

#[test]
fn a_bad_configuration_is_told_at_once_and_binds_nothing() -> Result<(), Trouble> {
    let taken = ports::free()?;
    // Were it bound before the file is judged, this would be the error.
    let _listener = TcpListener::bind(taken).map_err(Trouble::io("listen"))?;
    let mut daemon = Daemon::binding(PROGRAM, taken)
        .config("stat = []\n[answer]\nproduction = \"down\"\nmax_age = 3\n[guards]\n")
        .launch()?;
    assert_eq!(daemon.end_within(SECONDS)?.code(), Some(78));
    let log = daemon.log();
    let path = daemon.config_file();
    for (place, mistake) in [
        ("3:1", "listen.stat: "),
        ("5:14", "answer.production: "),
        ("6:11", "answer.max_age: "),
        ("7:", "guards: "),
    ] {
        let place = format!("{}:{place}", path.display());
        let told = log
            .lines()
            .any(|line| line.starts_with(&place) && line.contains(mistake));
        assert!(told, "{place} {mistake}: {log}");
    }
    let carets = log.lines().filter(|line| line.contains('^')).count();
    assert_eq!(carets, 4, "{log}");
    assert_eq!(daemon.notifications().lines(), [""; 0]);
    Ok(())
}
